// SPDX-License-Identifier: MIT
/*
 * Namespaces and members against a readlink(2) of every /proc/PID/ns link, and against what the
 * kernel itself lists, listns(2) of Linux 6.19, which is called here by number, not by nsls's code.
 */
#include "live.h"

#include <glob.h>
#include <inttypes.h>
#include <net/if.h>

/* "TYPE:[INODE] PID" of every process, a line each. */
static char *read_truth(void)
{
	FILE *lines = test_stream();
	char link[64];
	glob_t found;

	/* Not pid_for_children and time_for_children. */
	assert_int_equal(glob("/proc/[0-9]*/ns/*[!n]", GLOB_NOSORT, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		ssize_t len = readlink(found.gl_pathv[i], link, sizeof(link) - 1);

		if (len > 0)
			fprintf(lines, "%.*s %d\n", (int)len, link,
				atoi(found.gl_pathv[i] + strlen("/proc/")));
	}
	globfree(&found);
	return test_stream_close(lines);
}

/* Fails with the first line that the text has not. */
static void assert_each_in(const char *lines, const char *text, const char *failure)
{
	for (EACH_WORD(line, lines, "\n"))
		if (!strstr(text, line))
			fail_msg("%s: %s", failure, line);
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(every_namespace_and_member_that_readlink_finds_is_listed)
{
	const char *before = read_truth(), *json = output_of(nsls("-J")), *after = read_truth();
	const char *listed = jq(
		json, ".namespaces[] | \"\\(.type):[\\(.ns)]\" as $n | .pids[] | \"\\($n) \\(.)\"");

	for (int i = 0; i < LIVE_TYPES; i++) {
		const char *link = live_link(live_children[i], live_types[i].name);
		const char *line = strf("%s %d\n", link, live_children[i]);

		assert_contains(before, line);
		assert_contains(after, line);
	}
	/* What was there before and after must be listed, and no namespace that was in neither. */
	for (EACH_WORD(line, before, "\n"))
		if (strstr(after, strf("%s\n", line)) && !strstr(listed, strf("%s\n", line)))
			fail_msg("not listed: %s", line);
	assert_each_in(jq(json, ".namespaces[] | select(.nprocs > 1) | \"\\(.type):[\\(.ns)] \""),
		strf("%s%s", before, after), "listed, but not there");
}

TEST(the_summary_has_all_types_with_the_lists_counts)
{
	const char *summary, *summed, *listed;
	int tries = 0;

	/* What ended is released later, and others come and go. */
	do {
		summary = nsls("-s", "-J").out;
		summed = jq(summary, "[.types[] | {(.type): .count}] | add | tojson");
		listed = nsls_jq("[.namespaces | group_by(.type)[] | {(.[0].type): length}] | add |"
				 "tojson",
			NULL);
	} while (strcmp(summed, listed) != 0 && tries++ < 50);
	assert_string_equal(summed, listed);
	assert_jq(summary,
		"[.types[] | select(.limit != null and (.atleast or .used != null) and "
		"(.used == null) == (.[\"use%\"] == null))] | length",
		"8\n");
}

/* What if_nameindex(3) finds in the network namespace of the process. */
static int count_interfaces(pid_t pid)
{
	pid_t child = live_fork(0);
	struct if_nameindex *names;
	int n = 0;

	if (child != 0)
		return live_status(child);
	MUST(setns(live_open_ns(pid, "net"), CLONE_NEWNET) == 0 && (names = if_nameindex()));
	while (names[n].if_index)
		n++;
	_exit(n);
}

TEST(the_inside_of_namespaces_is_what_was_made)
{
	pid_t pid = live_clone(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID);

	live_write(strf("/proc/%d/uid_map", pid), "0 43210 2\n5 1000 1\n");
	assert_string_equal(
		nsls_jq(".namespaces[] | \"\\(.type) \\(.links) \\(.uidmap) \\(.gidmap)\"", "-o",
			"TYPE,LINKS,UIDMAP,GIDMAP", "-t", "net,user", "-p", strf("%d", pid)),
		strf("net %d null null\nuser null [{\"inside\":0,\"outside\":43210,\"length\":2},"
		     "{\"inside\":5,\"outside\":1000,\"length\":1}] []\n",
			count_interfaces(pid)));
	live_end(pid);
}

static void start_nested(void *unused)
{
	live_clone(CLONE_NEWUSER | CLONE_NEWPID);
}

TEST(the_depth_is_that_of_the_parent_and_one)
{
	char *depths;
	pid_t pid;

	live_need_initial_pid_namespace();
	pid = live_start(CLONE_NEWPID, start_nested, NULL);
	/* How many with a parent are not one deeper than that. */
	depths = nsls_jq(
		"([.namespaces[] | {key: \"\\(.ns)\", value: .depth}] | from_entries) as $depth | "
		"([.namespaces[] | select(.pns and .depth != $depth[\"\\(.pns)\"] + 1)] | length), "
		"([$depth[]] | max >= 2)",
		"-t", "pid,user", "-o", "NS,TYPE,DEPTH,PNS");
	live_end(pid);
	assert_string_equal(depths, "0\ntrue\n");
}

static void start_with_offset(void *unused)
{
	MUST(unshare((int)live_flag("time")) == 0);
	live_write("/proc/self/timens_offsets", "monotonic 86400 5\n");
	live_clone(0);
}

TEST(offsets_are_those_of_the_time_namespace)
{
	char *clocks;
	pid_t pid;

	if (access("/proc/self/timens_offsets", F_OK) < 0)
		live_skip("this kernel has no time namespaces");
	pid = live_start(0, start_with_offset, NULL);
	clocks = nsls_jq(
		".namespaces[].offsets[]? | select(.seconds == 86400 and .nanoseconds == 5).clock",
		"-t", "time", "-o", "OFFSETS");
	live_end(pid);
	assert_string_equal(clocks, "monotonic\n");
}

static void take_hostile_name(void *unused)
{
	prctl(PR_SET_NAME, "a) b\n\xff");
	/* An empty command line: then the name stands for it, as for a kernel thread. */
	prctl(PR_SET_MM, PR_SET_MM_ARG_END, 0, 0, 0);
}

TEST(a_name_that_breaks_parsers_spoils_nothing)
{
	pid_t pid = live_start(0, take_hostile_name, NULL);

	assert_string_equal(nsls_jq(".namespaces | length", "-p", strf("%d", pid), "-o",
				    "NS,PIDS,START,NTHREADS"),
		"8\n");
	assert_lacks(output_of(nsls("--output-all")), "\xff");
	live_end(pid);
}

TEST(process_without_its_main_thread_is_a_member_in_every_view)
{
	pid_t pid = live_start(CLONE_NEWNET | CLONE_NEWUTS, live_lose_main_thread, NULL);
	const char *pid_text = strf("%d", pid);
	const char *program =
		strf(".namespaces[] | select(.pids == [%d]) | \"\\(.type) \\(.nprocs) "
		     "\\(.command != null)\"",
			pid);
	assert_string_equal(nsls_jq(program, NULL), "net 1 true\nuts 1 true\n");
	assert_string_equal(nsls_jq(program, "--scan", "processes"), "net 1 true\nuts 1 true\n");
	assert_string_equal(nsls_jq(".namespaces | length", "-p", pid_text), "8\n");
	/* The mount namespace of this test may be another than the system's. */
	assert_string_equal(
		nsls_jq(".containers[] | \"\\(.nprocs) \\(.own - [\"mnt\"] | join(\" \"))\"", "-C",
			"-p", pid_text, "-o", "PID,OWN,NPROCS"),
		"1 net uts\n");
	live_end(pid);
}

#define NR_listns 470

struct ns_id_req {
	uint32_t size, spare;
	uint64_t ns_id;
	uint32_t ns_type, spare2;
	uint64_t user_ns_id;
};

static long list(uint64_t *ids, size_t n)
{
	struct ns_id_req req = { .size = sizeof(req) };

	return syscall(NR_listns, &req, ids, n, 0);
}

static void need_listns(void)
{
	uint64_t id;

	if (list(&id, 1) < 0 && errno == ENOSYS)
		live_skip("this kernel has no listns(2), Linux 6.19");
}

/* All ids, as lines " 1 ". */
static char *list_all(void)
{
	static uint64_t ids[1 << 16];
	long n = list(ids, COUNT(ids));
	FILE *lines = test_stream();

	assert_true(n > 0 && (size_t)n < COUNT(ids));
	for (long i = 0; i < n; i++)
		fprintf(lines, " %" PRIu64 " \n", ids[i]);
	return test_stream_close(lines);
}

TEST(what_listns_lists_is_listed_and_the_other_way_round)
{
	const char *ids, *json;

	need_listns();
	ids = list_all();
	json = nsls("-J", "-o", "ID,SOCKETS").out;
	/* A socket alone keeps a namespace that listns does not list: the union is more. */
	assert_each_in(jq(json, ".namespaces[] | select(.sockets == []) | \" \\(.id) \""), ids,
		"listed by nsls, not by listns");
	assert_each_in(
		ids, jq(json, ".namespaces[] | \" \\(.id) \""), "listed by listns, not by nsls");
}

TEST(a_descriptor_in_flight_keeps_a_namespace_visible)
{
	need_listns();
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

#define AGAIN "--end-first-thread-again"

static void execute_again(void *name)
{
	char *const args[] = { name, (char[]){ AGAIN }, NULL };

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* which is the main thread's alone */
	execv("/proc/thread-self/exe", args);
	abort();
}

TEST(process_that_goes_on_in_another_thread_and_program_is_always_a_member)
{
	const char *program;
	struct stat st;
	pid_t pid = live_fork(CLONE_NEWNET);

	if (pid == 0) {
		execl("/proc/self/exe", "again", AGAIN, NULL);
		abort();
	}
	while (stat(live_ns_path(pid, "net"), &st) != 0)
		sched_yield();
	program = strf(
		".namespaces[] | select(.ns == %lu) | .pids | tojson", (unsigned long)st.st_ino);
	for (int i = 0; i < 10; i++)
		assert_string_equal(
			nsls_jq(program, "-t", "net", "--scan", "processes"), strf("[%d]\n", pid));
	live_end(pid);
}

int main(int argc, char **argv)
{
	/* Another thread calls execve(2), which makes that the main one, for ever. */
	if (argc > 1 && !strcmp(argv[1], AGAIN))
		live_end_main_thread(execute_again, argv[0]);
	return live_run_tests("members", false, live_start_children, live_end_children);
}
