// SPDX-License-Identifier: MIT
/*
 * What the kernel itself lists, listns(2) of Linux 6.19, compared with what nsls lists. The system
 * call is made here by number, not by nsls's code.
 */
#include "live.h"

#include <inttypes.h>
#include <sys/socket.h>

#define NR_listns 470

struct ns_id_req {
	uint32_t size, spare;
	uint64_t ns_id;
	uint32_t ns_type, spare2;
	uint64_t user_ns_id;
};

static long list(uint64_t after, uint64_t *ids, size_t n)
{
	struct ns_id_req req = { .size = sizeof(req), .ns_id = after };

	return syscall(NR_listns, &req, ids, n, 0);
}

static void need_listns(void)
{
	uint64_t id;

	live_need_root();
	if (list(0, &id, 1) >= 0 || errno != ENOSYS)
		return;
	live_skip("this kernel has no listns(2), Linux 6.19");
}

/* All ids as " 1 2 3 ". */
static char *list_all(void)
{
	char *text = test_keep(calloc(1, 1 << 20)), *end = text;
	uint64_t ids[64], after = 0;
	long n;

	end += sprintf(end, " ");
	while ((n = list(after, ids, 64)) > 0)
		for (long i = 0; i < n; i++, after = ids[n - 1])
			end += sprintf(end, "%" PRIu64 " ", ids[i]);
	return text;
}

TEST_FIXTURE_NEEDS(need_listns, NULL, NULL);

TEST(what_listns_lists_is_listed_and_the_other_way_round)
{
	char *ids = list_all(), *listed, *id, *rest = NULL;
	struct answer answer;

	answer = nsls("-J", "-o", "ID,SOCKETS");
	/* A socket alone keeps a namespace that listns does not list: the union is more. */
	listed = jq(answer.out, ".namespaces[] | select(.sockets == []) | \" \\(.id) \"");
	for (char *line = strtok_r(listed, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strstr(ids, line))
			fail_msg("listed by nsls, not by listns:%s", line);
	listed = jq(answer.out, "[.namespaces[].id | tostring] | \" \" + join(\" \") + \" \"");
	for (id = strtok_r(ids, " ", &rest); id; id = strtok_r(NULL, " ", &rest))
		if (!strstr(listed, strf(" %s ", id)))
			fail_msg("listed by listns, not by nsls: %s", id);
}

TEST(a_descriptor_in_flight_keeps_a_namespace_visible)
{
	for (int i = 0; i < LIVE_TYPES; i++) {
		int pair[2], fd = live_namespace(live_types[i].name);
		const char *ns = live_fd_text(fd, live_types[i].name);

		assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
		live_send_fd(pair[0], fd); /* which no file of /proc shows then */
		close(fd);
		assert_string_equal(nsls_jq("[.holders[].kind] | join(\",\")", ns), "kernel\n");
		close(pair[0]);
		close(pair[1]);
	}
}

int main(void)
{
	return live_run_tests("kernel", false, live_start_children, live_end_children);
}
