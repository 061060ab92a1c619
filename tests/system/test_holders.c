// SPDX-License-Identifier: MIT
/*
 * One namespace for each way of being held and each type that can be held so, kept by that alone.
 * nsls must list each, with exactly the holders that its keeper says.
 *
 * A keeper is a process that makes its namespaces, says of each what holds it and how it relates
 * to others (keepers.h), and then waits. All of it happens in a mount namespace of the test's own.
 */
#include "keepers.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static char work[] = "/tmp/nsls-holders-XXXXXX";

struct keeper {
	const char *name;
	keep *work;
	const char *types;
};

/* Mounts of the test's own mount namespace come last: a mount namespace made later copies them. */
static const struct keeper keepers[] = {
	{ "process", keep_by_process, "cgroup ipc mnt net pid time user uts" },
	{ "process without its first thread", keep_by_process_of_survivor, "pid user" },
	{ "zombie", keep_by_zombie, "pid user" },
	{ "thread", keep_by_thread, "cgroup ipc mnt net uts" },
	{ "surviving thread", keep_by_survivor, "cgroup ipc mnt net uts" },
	{ "children", keep_by_children, "pid time" },
	{ "children of a thread", keep_by_children_of_thread, "pid time" },
	{ "children of a surviving thread", keep_by_children_of_survivor, "pid time" },
	{ "mount elsewhere", keep_by_mount_of_others, "net uts" },
	{ "mount of a thread", keep_by_mount_of_thread, "net" },
	{ "mount of a surviving thread", keep_by_mount_of_survivor, "net" },
	{ "mount outside a root", keep_by_mount_outside_root, "net" },
	{ "mount where no process is", keep_by_mount_of_fd, "net" },
	{ "mount two namespaces deep", keep_by_mount_two_deep, "net" },
	{ "fd", keep_by_fd, "cgroup ipc mnt net pid time user uts" },
	{ "fd by path only", keep_by_path_fd, "net uts" },
	{ "shared fd", keep_by_shared_fd, "net" },
	{ "fd of a thread", keep_by_fd_of_thread, "net" },
	{ "fd of a surviving thread", keep_by_fd_of_survivor, "net" },
	{ "socket", keep_by_socket, "net" },
	{ "unix socket", keep_by_unix_socket, "net" },
	{ "netlink socket", keep_by_netlink_socket, "net" },
	{ "shared socket", keep_by_shared_socket, "net" },
	{ "received socket", keep_by_received_socket, "net" },
	{ "socket of a thread", keep_by_socket_of_thread, "net" },
	{ "socket of a surviving thread", keep_by_socket_of_survivor, "net" },
	{ "tun", keep_by_tun, "net" },
	{ "owned", keep_by_owned, "cgroup ipc mnt net pid time uts" },
	{ "owned, of another user", keep_by_owned_of_nobody, "uts" },
	{ "owned, of a socket", keep_by_owned_of_socket, "net" },
	{ "child", keep_by_child, "pid user" },
	{ "fd of a gone mount", keep_by_fd_of_gone_mount, "net uts" },
	{ "detached mount", keep_by_detached_mount, "net uts" },
	{ "mount of a mount", keep_by_mount_of_mount, "net" },
	{ "mount", keep_by_mount, "mnt cgroup ipc net pid time user uts" },
	{ "two mounts", keep_by_two_mounts, "uts" },
	{ "owned, of a mount", keep_by_owned_of_mount, "uts" },
	{ "child of a mount", keep_by_child_of_mount, "pid user" },
};

#define KEEPERS_MAX 128

static struct {
	pid_t pids[KEEPERS_MAX];
	int n;
	char *said; /* lines of keepers: "TYPE:[INODE]\tRELATIONS\tHOLDERS" */
} matrix;

static _Noreturn void be_keeper(const struct keeper *keeper, const char *type, const char *path)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	keeper->work(type, path);
	expect_end();
	keeper_wait();
}

/* Takes down what a keeper says, up to the line that ends it. */
static void take_down(const struct keeper *keeper, const char *type, int report)
{
	char buf[16384];
	size_t len = 0;

	while (len < 2 || strcmp(buf + len - 2, ".\n") != 0) {
		ssize_t n = read(report, buf + len, sizeof(buf) - len - 1);

		if (n <= 0)
			fail_msg("keeper '%s' of %s did not start", keeper->name, type);
		len += (size_t)n;
		buf[len] = '\0';
	}
	buf[len - 2] = '\0';
	MUST((matrix.said = realloc(matrix.said, strlen(matrix.said) + len)));
	strcat(matrix.said, buf);
}

static void start_keeper(const struct keeper *keeper, const char *type)
{
	char path[128];
	int report[2];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s-%d", work, type, matrix.n);
	MUST(matrix.n < KEEPERS_MAX && pipe2(report, O_CLOEXEC) == 0);
	fflush(NULL);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		close(report[0]);
		keeper_report = report[1];
		be_keeper(keeper, type, path);
	}
	close(report[1]);
	matrix.pids[matrix.n++] = pid;
	take_down(keeper, type, report[0]);
	close(report[0]);
}

static bool is_possible(const struct keeper *keeper)
{
	if (keeper->work != keep_by_tun || access("/dev/net/tun", F_OK) == 0)
		return true;
	puts("skip: this kernel has no tun device");
	return false;
}

/*
 * A mount namespace can be mounted only where it is younger than the one to mount it in, and the
 * kernel tells their ages by ids that it hands out in blocks, a block a CPU.
 */
static void stay_on_one_cpu(void)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	MUST(cpu >= 0);
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set) == 0);
}

static int start_keepers(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	stay_on_one_cpu();
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mkdtemp(work));
	MUST(mount("work", work, "tmpfs", 0, NULL) == 0);
	MUST((matrix.said = calloc(1, 1)));
	for (size_t i = 0; i < sizeof(keepers) / sizeof(*keepers); i++) {
		char types[64], *rest = NULL;

		snprintf(types, sizeof(types), "%s", keepers[i].types);
		for (char *type = strtok_r(types, " ", &rest); type;
			type = strtok_r(NULL, " ", &rest))
			if (is_possible(&keepers[i]))
				start_keeper(&keepers[i], type);
	}
	return 0;
}

static int end_keepers(void **state)
{
	(void)state;
	for (int i = 0; i < matrix.n; i++)
		live_end(matrix.pids[i]);
	if (matrix.n) {
		umount2(work, MNT_DETACH);
		rmdir(work);
	}
	free(matrix.said);
	return 0;
}

/* One line of a keeper, cut up. */
struct truth {
	char *ns, *relations, *holders;
};

/* The next line of *rest, which it moves on and cuts up; false after the last one. */
static bool next_truth(char **rest, struct truth *truth)
{
	char *line = strsep(rest, "\n");

	if (!line || !*line)
		return false;
	truth->ns = strsep(&line, "\t");
	truth->relations = strsep(&line, "\t");
	truth->holders = line;
	MUST(truth->holders);
	return true;
}

/* The rest of the line of text that begins with ns and a tab; NULL where there is none. */
static const char *find_line(const char *text, const char *ns, int *ret_len)
{
	size_t len = strlen(ns);

	for (const char *line = text; line && *line;
		line = strchr(line, '\n'), line += line != NULL)
		if (!strncmp(line, ns, len) && line[len] == '\t') {
			*ret_len = (int)strcspn(line + len + 1, "\n");
			return line + len + 1;
		}
	*ret_len = (int)strlen("(absent)");
	return NULL;
}

/* Whether the list says that of the namespace; tells where it does not. */
static bool says(const char *list, const char *ns, const char *expected)
{
	int len;
	const char *seen = find_line(list, ns, &len);

	if (seen && (int)strlen(expected) == len && !strncmp(seen, expected, (size_t)len))
		return true;
	print_error(
		"%s: expected '%s', listed '%.*s'\n", ns, expected, len, seen ? seen : "(absent)");
	return false;
}

/* What a run with these columns lists, a line each: "TYPE:[INODE]\t" and what jq makes of it. */
static char *list(const char *columns, const char *program)
{
	struct answer answer = nsls("-J", "-o", columns, NULL);
	char *text, *whole;

	assert_int_equal(answer.status, 0);
	MUST(asprintf(&whole,
		     "(.namespaces | map({\"\\(.ns)\": .type}) | add) as $type |"
		     ".namespaces[] | \"\\(.type):[\\(.ns)]\\t\\(%s)\"",
		     program) > 0);
	text = jq(answer.out, whole);
	free(whole);
	answer_done(&answer);
	return text;
}

/* The objects of JSON as the texts of tables, where a mount is in our mount namespace or not. */
static char *list_holders(void)
{
	char ours[64], *program, *text;

	live_link(getpid(), "mnt", ours);
	MUST(asprintf(&program,
		     ".holders | map(.kind"
		     " + (.pid | if . then \" \\(.)\" else \"\" end)"
		     " + (.tid | if . then \"/\\(.)\" else \"\" end)"
		     " + (.fd | if . then \":\\(.)\" else \"\" end)"
		     " + (if .mount then \" \" else \"\" end)"
		     " + (.mntns | if . and \"mnt:[\\(.)]\" != \"%s\" then \"\\(.):\" else \"\" "
		     "end)"
		     " + (.mount // \"\")"
		     " + (.hns | if . then \" \\($type[tostring]):[\\(.)]\" else \"\" end)"
		     ") | join(\", \")",
		     ours) > 0);
	text = list("NS,TYPE,HOLDERS", program);
	free(program);
	return text;
}

static void each_is_listed_with_its_holders_and_no_other(void **state)
{
	char *listed, *said, *rest;
	struct truth truth;
	int n = 0, right = 0;

	(void)state;
	live_need_root();
	listed = list_holders();
	rest = said = strdup(matrix.said);
	for (; next_truth(&rest, &truth); n++)
		right += says(listed, truth.ns, truth.holders);
	print_message("%d of %d namespaces listed with exactly their holders\n", right, n);
	assert_true(n >= 90);
	assert_int_equal(right, n);
	free(said);
	free(listed);
}

/*
 * Before listns(2), one that is mounted only where no process looks can be seen by its number, but
 * not opened: nothing is said of it, rather than guessed.
 */
static bool is_out_of_reach(const char *listed, const struct truth *truth)
{
	const char *nothing = "null null null null";
	unsigned long mntns;
	char path[8];
	int len;
	const char *seen = find_line(listed, truth->ns, &len);

	return sscanf(truth->holders, "mount %lu:/%1s", &mntns, path) == 2 && seen &&
	       !strncmp(seen, nothing, strlen(nothing));
}

static void each_is_related_as_the_kernel_says(void **state)
{
	char *listed, *said, *rest;
	struct truth truth;

	(void)state;
	live_need_root();
	listed = list("NS,TYPE,PNS,ONS,ONSUID,ID", "\"\\(.pns) \\(.ons) \\(.onsuid) \\(.id)\"");
	rest = said = strdup(matrix.said);
	while (next_truth(&rest, &truth))
		assert_true(
			is_out_of_reach(listed, &truth) || says(listed, truth.ns, truth.relations));
	free(said);
	free(listed);
}

/* "fd 1:2, fd 3:4" to "fd,fd". */
static void kinds_of(const char *holders, char kinds[128])
{
	kinds[0] = '\0';
	for (const char *at = holders; at; at = strstr(at, ", "), at = at ? at + 2 : NULL)
		snprintf(kinds + strlen(kinds), 128 - strlen(kinds), "%s%.*s", *kinds ? "," : "",
			(int)strcspn(at, " "), at);
}

static void each_says_why_it_exists(void **state)
{
	char *said, *rest, kinds[128], *seen;
	struct truth truth;

	(void)state;
	live_need_root();
	rest = said = strdup(matrix.said);
	while (next_truth(&rest, &truth)) {
		struct answer answer = nsls("-J", truth.ns, NULL);

		assert_int_equal(answer.status, 0);
		kinds_of(truth.holders, kinds);
		seen = jq(answer.out, "[.holders[].kind] | join(\",\")");
		seen[strcspn(seen, "\n")] = '\0';
		assert_string_equal(seen, kinds);
		free(seen);
		answer_done(&answer);
	}
	free(said);
}

/* The overview and the flat list have the same namespaces in them as the JSON. */
static void each_is_in_the_default_view(void **state)
{
	struct answer overview = nsls("-T=type", "-n", NULL), flat = nsls("-n", NULL);
	char *said, *rest;
	struct truth truth;

	(void)state;
	live_need_root();
	rest = said = strdup(matrix.said);
	while (next_truth(&rest, &truth)) {
		char inode[32];

		snprintf(inode, sizeof(inode), "%.*s", (int)strcspn(strchr(truth.ns, '[') + 1, "]"),
			strchr(truth.ns, '[') + 1);
		assert_non_null(strstr(overview.out, inode));
		assert_non_null(strstr(flat.out, inode));
	}
	free(said);
	answer_done(&overview);
	answer_done(&flat);
}

static bool is_member(const char *holders)
{
	return !strncmp(holders, "process", 7) || !strncmp(holders, "zombie", 6);
}

static void those_without_process_are_the_persistent_ones(void **state)
{
	char *listed, *said, *rest;
	struct answer answer;
	struct truth truth;
	int len;

	(void)state;
	live_need_root();
	answer = nsls("-P", "-J", NULL);
	assert_int_equal(answer.status, 0);
	/* Where even root may not read some process, nobody knows that none is in there. */
	listed = jq(answer.out, "(if .complete then 0 else null end) as $none | .namespaces[] | "
				"\"\\(.type):[\\(.ns)]\\t\\(.nprocs == $none) \\(.pid)\"");
	rest = said = strdup(matrix.said);
	while (next_truth(&rest, &truth)) {
		if (is_member(truth.holders))
			assert_null(find_line(listed, truth.ns, &len));
		else
			assert_true(says(listed, truth.ns, "true null"));
	}
	free(said);
	free(listed);
	answer_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_listed_with_its_holders_and_no_other),
		cmocka_unit_test(each_is_related_as_the_kernel_says),
		cmocka_unit_test(each_says_why_it_exists),
		cmocka_unit_test(each_is_in_the_default_view),
		cmocka_unit_test(those_without_process_are_the_persistent_ones),
	};

	return cmocka_run_group_tests_name("holders", tests, start_keepers, end_keepers);
}
