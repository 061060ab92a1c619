// SPDX-License-Identifier: MIT
/*
 * What the kernel counts against a limit, compared with what nsls says is used: in a user namespace
 * of the test's own, where a limit is lowered, namespaces are made until ENOSPC. Then the user has
 * as many as the limit says, whatever nsls prints.
 */
#include "hold.h"

#include <linux/capability.h>
#include <linux/sched.h>
#include <pwd.h>
#include <sys/prctl.h>

/* Users without a name, so that they are called by number. */
#define ONE 43210
#define OTHER 43211

#define LIMIT 7

static void write_map(const char *of, const char *file, const char *text)
{
	live_write(strf("/proc/%s/%s", of, file), text);
}

/* Of the user namespace that we are in. */
static void set_limit(const char *type)
{
	live_write(strf("/proc/sys/user/max_%s_namespaces", type), strf("%d", LIMIT));
}

/* Each has a process that is a member. */
static void make_until_full(const char *type)
{
	struct clone_args args = { .flags = live_flag(type), .exit_signal = SIGCHLD };
	long pid;

	while ((pid = syscall(SYS_clone3, &args, sizeof(args))) > 0)
		;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		live_wait();
	}
	MUST(errno == ENOSPC);
}

/* nsls may read this process again, although its user or privileges have changed. */
static void be_readable(void)
{
	MUST(prctl(PR_SET_DUMPABLE, 1) == 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Enters a user namespace in which our user is root. Returns false where there may be none. */
static bool enter_user_namespace(uid_t uid)
{
	const char *map = strf("0 %u 1", uid);

	if (unshare(CLONE_NEWUSER) < 0)
		return false;
	be_readable();
	write_map("self", "setgroups", "deny");
	write_map("self", "uid_map", map);
	write_map("self", "gid_map", map);
	return true;
}

static void map_users(pid_t pid, const char *map)
{
	const char *of = strf("%d", pid);

	write_map(of, "uid_map", map);
	write_map(of, "gid_map", map);
}

/* Writes what nsls printed to our standard output, and ends. */
static void pass_on(const struct answer *answer)
{
	size_t len = strlen(answer->out);

	MUST(answer->status == 0);
	MUST(write(STDOUT_FILENO, answer->out, len) == (ssize_t)len);
	_exit(0);
}

static void answer(const char *by)
{
	struct answer answer = by ? nsls("-s", "-J", "--by", by, NULL) : nsls("-s", "-J", NULL);

	pass_on(&answer);
}

/* Returns the output of a child that is root in a user namespace of its own. */
static char *run_in_user_namespace(void (*report_usage)(void), uint64_t flags)
{
	struct ready mapped;
	char *output;
	int report[2];
	pid_t child;

	mapped = ready_new();
	MUST(pipe2(report, O_CLOEXEC) == 0);
	fflush(NULL);
	child = live_fork(flags | CLONE_NEWUSER);
	if (child == 0) {
		dup2(report[1], STDOUT_FILENO);
		ready_await(&mapped);
		be_readable();
		report_usage();
	}
	close(report[1]);
	map_users(child, "0 0 1\n43210 43210 2\n");
	ready_signal(&mapped);
	output = live_read(report[0]);
	assert_int_equal(live_status(child), 0);
	return output;
}

static void assert_usage(
	void (*report_usage)(void), uint64_t flags, const char *program, const char *expected)
{
	assert_jq(run_in_user_namespace(report_usage, flags), program, expected);
}

/* One of each without a member, and as many with a process as there may be. */
static void fill_all_types(void)
{
	for (int i = 0; i < LIVE_TYPES; i++) {
		set_limit(live_types[i].name);
		live_namespace(live_types[i].name);
		make_until_full(live_types[i].name);
	}
	answer(NULL);
}

#define ALL_FULL                                                                                   \
	"cgroup 7 of 7 by root: 100%\nipc 7 of 7 by root: 100%\nmnt 7 of 7 by root: 100%\n"        \
	"net 7 of 7 by root: 100%\npid 7 of 7 by root: 100%\ntime 7 of 7 by root: 100%\n"          \
	"user 7 of 7 by root: 100%\nuts 7 of 7 by root: 100%\n"

/* jq 1.7 prints 100.0 as it was read, and 1.6 prints 100: it is made an integer. */
#define USAGE                                                                                      \
	".types[] | \"\\(.type) \\(.used) of \\(.limit) by \\(.user): \\(.\"use%\" | floor)%\""

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(the_use_is_the_limit_when_no_more_can_be_made)
{
	assert_usage(fill_all_types, 0, USAGE, ALL_FULL);
}

static void fill_all_types_behind_own_proc(void)
{
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mount("proc", "/proc", "proc", 0, NULL) == 0);
	fill_all_types();
}

/* As in a container: it has all types of its own, and they count. */
TEST(the_use_is_the_limit_where_all_of_proc_is_ours)
{
	uint64_t flags = 0;

	for (int i = 0; i < LIVE_TYPES; i++)
		flags |= live_types[i].flag;
	assert_usage(
		fill_all_types_behind_own_proc, flags & ~(uint64_t)CLONE_NEWTIME, USAGE, ALL_FULL);
}

static const char *const nested_types[] = { "net", "user", "uts" };

/*
 * Two user namespaces in that of the first user, the outer one made there by the second user: what
 * is made in there until it is full counts for the first all the same.
 */
static void nest_deeper(struct ready *ready)
{
	live_become(1);
	be_readable();
	MUST(enter_user_namespace(1));
	live_clone(CLONE_NEWNET);
	MUST(enter_user_namespace(0));
	for (int i = 0; i < 3; i++)
		make_until_full(nested_types[i]);
	ready_and_wait(ready);
}

static void nest(void)
{
	struct ready made = ready_new(), mapped = ready_new(), full = ready_new();
	pid_t pid = live_fork(0);

	if (pid == 0) {
		live_become(ONE);
		MUST(unshare(CLONE_NEWUSER) == 0);
		be_readable();
		ready_signal(&made);
		ready_await(&mapped);
		live_clone(CLONE_NEWNET | CLONE_NEWUTS);
		if (live_fork(0) == 0) /* which may not end what was made before by another user */
			nest_deeper(&full);
		live_wait();
	}
	ready_await(&made);
	map_users(pid, "0 43210 2\n");
	ready_signal(&mapped);
	ready_await(&full);
}

static void nest_beside_others(void)
{
	struct ready ready = ready_new();

	for (int i = 0; i < 3; i++)
		set_limit(nested_types[i]);
	live_clone(CLONE_NEWNET);
	live_clone(CLONE_NEWNET);
	if (live_fork(0) == 0) {
		live_become(OTHER);
		MUST(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
		be_readable();
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	nest();
}

static void report_by_user(void)
{
	nest_beside_others();
	answer("user");
}

static void report_heaviest(void)
{
	nest_beside_others();
	answer(NULL);
}

TEST(what_is_nested_counts_for_the_owner_of_the_outermost)
{
	const struct passwd *root = getpwuid(0);

	assert_usage(report_by_user, 0,
		".types[] | select(.type == (\"net\", \"user\", \"uts\")) "
		"| \"\\(.type) \\(.user) \\(.used)\"",
		strf("net 43210 7\nnet %s 2\nnet 43211 1\nuser 43210 7\nuser 43211 1\nuts 43210 "
		     "7\n",
			root ? root->pw_name : "0"));
}

static void report_number(void)
{
	struct answer answer;

	nest_beside_others();
	answer = nsls("-s", "--by", "user", "-c", "-t", "net", NULL);
	pass_on(&answer);
}

TEST(all_that_users_are_charged_with_is_counted)
{
	assert_usage(report_number, 0, ".", "10\n");
}

TEST(summary_has_the_heaviest_user)
{
	assert_usage(report_heaviest, 0,
		".types[] | select(.type == (\"net\", \"user\", \"uts\")) "
		"| \"\\(.type) \\(.user) \\(.used) \\(.\"use%\" | floor)\"",
		"net 43210 7 100\nuser 43210 7 100\nuts 43210 7 100\n");
}

/* PID namespaces inside each other, down to the one in which the kernel refuses another. */
static void nest_pid_namespaces(struct ready *full, unsigned depth)
{
	pid_t pid;

	while ((pid = (pid_t)syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0)) == 0)
		depth++;
	if (pid < 0) {
		MUST(errno == ENOSPC && depth == 32);
		ready_signal(full);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	live_wait();
}

TEST(the_summary_notes_where_pid_namespaces_are_nested_too_deep_for_another)
{
	struct ready full;
	struct answer answer;
	pid_t pid;

	live_need_initial_pid_namespace();
	full = ready_new();
	pid = live_fork(0);
	if (pid == 0)
		nest_pid_namespaces(&full, 0);
	ready_await(&full);
	answer = nsls("-s", "-J", "-t", "pid", NULL);
	live_end(pid);
	assert_jq(answer.out,
		".notes[] | select(contains(\"nest\")) | sub(\"[0-9]+\\\\]\"; \"X]\")",
		"PID namespaces can't nest deeper than 32 levels: none can be "
		"created in pid:[X]\n");
}

/* As for a service with User= and AmbientCapabilities= in its unit. */
static void become_with_cap_sys_admin(uid_t uid)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	MUST(prctl(PR_SET_KEEPCAPS, 1) == 0);
	live_become(uid);
	data[0].effective = data[0].permitted = 1u << CAP_SYS_ADMIN;
	MUST(syscall(SYS_capset, &header, data) == 0);
	be_readable();
}

static void fill_as_user_with_cap_sys_admin(void)
{
	struct ready full = ready_new();

	set_limit("net");
	live_clone(CLONE_NEWUTS);
	if (live_fork(0) == 0) {
		become_with_cap_sys_admin(ONE);
		make_until_full("net");
		ready_and_wait(&full);
	}
	ready_await(&full);
	answer(NULL);
}

TEST(what_a_user_with_cap_sys_admin_may_have_made_is_not_counted_for_root)
{
	assert_usage(fill_as_user_with_cap_sys_admin, 0,
		".types[] | select(.type == (\"net\", \"uts\")) | .used, "
		"(.atleast or .type == \"uts\")",
		"null\ntrue\n1\ntrue\n");
}

static void open_root(void)
{
	MUST(open("/", O_PATH | O_CLOEXEC) >= 0);
	answer(NULL);
}

static void open_detached_tree(void)
{
	unsigned flags = OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE;

	MUST(syscall(SYS_open_tree, AT_FDCWD, "/", flags) >= 0);
	answer(NULL);
}

/*
 * The kernel counts it as a mount namespace, of the user that made it. Where a process can't be
 * read, the figure is a lower bound already: then only the unit tests show what this one does.
 */
TEST(a_detached_tree_of_mounts_makes_a_lower_bound)
{
	const char *program = ".complete, (.types[] | select(.type == \"mnt\") | .used, .atleast)";
	char *quiet = run_in_user_namespace(open_root, CLONE_NEWNS);
	bool exact = !strcmp(jq(quiet, ".complete"), "true\n");

	assert_usage(
		open_root, CLONE_NEWNS, program, exact ? "true\n1\nfalse\n" : "false\n1\ntrue\n");
	assert_usage(open_detached_tree, CLONE_NEWNS, program,
		exact ? "true\n1\ntrue\n" : "false\n1\ntrue\n");
}

/* Makes user namespaces inside each other until ENOSPC, and reports how many. */
static void nest_to_the_bottom(struct ready *ready, uid_t uid)
{
	int n = 0;

	live_become(uid);
	while (enter_user_namespace(n ? 0 : uid))
		n++;
	MUST(errno == ENOSPC);
	MUST(write(ready->fds[1], &n, sizeof(n)) == sizeof(n));
	live_wait();
}

TEST(user_namespaces_count_as_deep_as_they_nest)
{
	struct ready ready;
	struct answer answer;
	uid_t uid = 1000000000 + (uid_t)getpid(); /* tests of other build trees have others */
	pid_t pid;
	int n;

	ready = ready_new();
	pid = live_fork(0);
	if (pid == 0)
		nest_to_the_bottom(&ready, uid);
	MUST(read(ready.fds[0], &n, sizeof(n)) == sizeof(n));
	answer = nsls("-s", "-J", "--by", "user", "-t", "user", "-o", "UID,USED", NULL);
	assert_true(n > 1);
	assert_jq(answer.out, strf(".types[] | select(.uid == %u).used", uid), strf("%d\n", n));
	live_end(pid);
}

int main(void)
{
	return live_run_tests("limits", NULL, NULL);
}
