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

/* Users without a name, so that they are called by number. */
#define ONE 43210
#define OTHER 43211

#define LIMIT 7

static void write_maps(const char *of, const char *map)
{
	live_write(strf("/proc/%s/uid_map", of), map);
	live_write(strf("/proc/%s/gid_map", of), map);
}

/* Of the user namespace that we are in. */
static void set_limit(const char *type)
{
	live_write(strf("/proc/sys/user/max_%s_namespaces", type), strf("%d", LIMIT));
}

/* Each has a process that is a member. */
static void make_until_full(const char *type)
{
	pid_t pid;

	while ((pid = live_try_fork(live_flag(type))) > 0)
		;
	if (pid == 0)
		live_wait();
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
	if (unshare(CLONE_NEWUSER) < 0)
		return false;
	be_readable();
	live_write("/proc/self/setgroups", "deny");
	write_maps("self", strf("0 %u 1", uid));
	return true;
}

/* Enters a user namespace with such a map, which a process outside of it has to write. */
static void enter_mapped(uid_t uid, const char *map)
{
	struct ready made = ready_new();
	pid_t us = getpid(), mapper = live_fork(0);

	if (mapper == 0) {
		ready_await(&made);
		write_maps(strf("%d", us), map);
		_exit(0);
	}
	live_become(uid);
	MUST(unshare(CLONE_NEWUSER) == 0);
	be_readable();
	ready_signal(&made);
	MUST(live_status(mapper) == 0);
}

/* Goes on in a child. The process itself ends as that does. */
static void go_on_in_child(uint64_t flags)
{
	pid_t pid = live_fork(flags);

	if (pid != 0)
		_exit(live_status(pid));
	be_readable();
}

/* What fills a user namespace of the test's own, as its root, in further new namespaces. */
static void (*fill)(void);
static uint64_t fill_flags;

static void fill_user_namespace(void)
{
	enter_mapped(0, "0 0 1\n43210 43210 2\n");
	go_on_in_child(fill_flags);
	fill();
	go_on_in_child(0);
}

/* What jq makes of a summary with two more options in there. */
static char *usage_by_jq(void (*filler)(void), uint64_t flags, const char *option,
	const char *other, const char *program)
{
	fill = filler;
	fill_flags = flags;
	return jq(output_of(nsls_after(0, fill_user_namespace, "-s", option, other)), program);
}

static void assert_usage(
	void (*filler)(void), uint64_t flags, const char *program, const char *expected)
{
	assert_string_equal(usage_by_jq(filler, flags, "-J", NULL, program), expected);
}

/* One of each without a member, and as many with a process as there may be. */
static void fill_all_types(void)
{
	for (int i = 0; i < LIVE_TYPES; i++) {
		set_limit(live_types[i].name);
		live_namespace(live_types[i].name);
		make_until_full(live_types[i].name);
	}
}

/* jq 1.7 prints 100.0 as it was read, and 1.6 prints 100: it is made an integer. */
static void assert_all_full(void (*filler)(void), uint64_t flags)
{
	assert_usage(filler, flags,
		".types | group_by(.used, .limit, .user, .\"use%\")[] | \"\\(map(.type) | join(\" "
		"\")): "
		"\\(.[0] | \"\\(.used) of \\(.limit) by \\(.user), \\(.\"use%\" | floor)%\")\"",
		"cgroup ipc mnt net pid time user uts: 7 of 7 by root, 100%\n");
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST_CALL(the_use_is_the_limit_when_no_more_can_be_made, assert_all_full(fill_all_types, 0));

static void fill_all_types_behind_own_proc(void)
{
	MUST(mount("proc", "/proc", "proc", 0, NULL) == 0);
	fill_all_types();
}

/* As in a container: it has all types of its own, and they count. */
TEST(the_use_is_the_limit_where_all_of_proc_is_ours)
{
	uint64_t flags = 0;

	for (int i = 0; i < LIVE_TYPES; i++)
		flags |= live_types[i].flag;
	flags &= ~(uint64_t)(CLONE_NEWTIME | CLONE_NEWUSER); /* that one it has already */
	assert_all_full(fill_all_types_behind_own_proc, flags);
}

#define EACH_NESTED_TYPE(type) EACH_TEXT(type, "net", "user", "uts")

/*
 * Two user namespaces in that of the first user, the outer one made there by the second user: what
 * is made in there until it is full counts for the first all the same.
 */
static void nest_deeper(void)
{
	live_become(1);
	be_readable();
	MUST(enter_user_namespace(1));
	live_clone(CLONE_NEWNET);
	MUST(enter_user_namespace(0));
	for (EACH_NESTED_TYPE(type))
		make_until_full(type);
	live_started();
}

static void nest(void *unused)
{
	enter_mapped(ONE, "0 43210 2\n");
	live_clone(CLONE_NEWNET | CLONE_NEWUTS);
	if (live_fork(0) == 0) /* which may not end what was made before by another user */
		nest_deeper();
	live_wait();
}

static void be_other(void *unused)
{
	live_become(OTHER);
	MUST(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
	be_readable();
}

static void nest_beside_others(void)
{
	for (EACH_NESTED_TYPE(type))
		set_limit(type);
	live_clone(CLONE_NEWNET);
	live_clone(CLONE_NEWNET);
	live_start(0, be_other, NULL);
	live_start(0, nest, NULL);
}

#define OF_NESTED ".types[] | select(.type == (\"net\", \"user\", \"uts\")) | "

TEST(what_is_nested_counts_for_the_owner_of_the_outermost)
{
	const struct passwd *root = getpwuid(0);
	const char *usage = usage_by_jq(nest_beside_others, 0, "-J", "--by=user",
		OF_NESTED "\"\\(.type) \\(.user) \\(.used)\"");

	assert_string_equal(
		usage, strf("net 43210 7\nnet %s 2\nnet 43211 1\nuser 43210 7\nuser 43211 1\n"
			    "uts 43210 7\n",
			       root ? root->pw_name : "0"));
}

TEST_CALL(all_that_users_are_charged_with_is_counted,
	assert_string_equal(
		usage_by_jq(nest_beside_others, 0, "--by=user", "-ctnet", "."), "10\n"));
TEST_CALL(summary_has_the_heaviest_user,
	assert_usage(nest_beside_others, 0,
		OF_NESTED "\"\\(.type) \\(.user) \\(.used) \\(.\"use%\" | floor)\"",
		"net 43210 7 100\nuser 43210 7 100\nuts 43210 7 100\n"));

/* PID namespaces inside each other, down to the one in which the kernel refuses another. */
static void nest_pid_namespaces(void *unused)
{
	unsigned depth = 0;
	pid_t pid;

	while ((pid = live_try_fork(CLONE_NEWPID)) == 0)
		depth++;
	if (pid > 0)
		live_wait();
	MUST(errno == ENOSPC && depth == 32);
}

TEST(the_summary_notes_where_pid_namespaces_are_nested_too_deep_for_another)
{
	pid_t pid;
	char *note;

	live_need_initial_pid_namespace();
	pid = live_start(0, nest_pid_namespaces, NULL);
	note = nsls_jq(
		".notes[] | select(contains(\"nest\")) | sub(\"[0-9]+\\\\]\"; \"X]\")", "-stpid");
	live_end(pid);
	assert_string_equal(note, "PID namespaces can't nest deeper than 32 levels: none can be "
				  "created in pid:[X]\n");
}

/* As a service with User= and AmbientCapabilities= in its unit. */
static void fill_with_cap_sys_admin(void *unused)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	MUST(prctl(PR_SET_KEEPCAPS, 1) == 0);
	live_become(ONE);
	data[0].effective = data[0].permitted = 1u << CAP_SYS_ADMIN;
	MUST(syscall(SYS_capset, &header, data) == 0);
	be_readable();
	make_until_full("net");
}

static void fill_as_user_with_cap_sys_admin(void)
{
	set_limit("net");
	live_clone(CLONE_NEWUTS);
	live_start(0, fill_with_cap_sys_admin, NULL);
}

TEST_CALL(what_a_user_with_cap_sys_admin_may_have_made_is_not_counted_for_root,
	assert_usage(fill_as_user_with_cap_sys_admin, 0,
		".types[] | select(.type == (\"net\", \"uts\")) | .used, "
		"(.atleast or .type == \"uts\")",
		"null\ntrue\n1\ntrue\n"));

static void open_root(void)
{
	live_open_file("/", O_PATH);
}

static void open_detached_tree(void)
{
	unsigned flags = OPEN_TREE_CLONE | O_CLOEXEC | AT_RECURSIVE;

	MUST(syscall(SYS_open_tree, AT_FDCWD, "/", flags) >= 0);
}

/*
 * The kernel counts it as a mount namespace, of the user that made it. Where a process can't be
 * read, the figure is a lower bound already: then only the unit tests show what this one does.
 */
TEST(a_detached_tree_of_mounts_makes_a_lower_bound)
{
	const char *program = ".complete, (.types[] | select(.type == \"mnt\") | .used, .atleast)";
	char *quiet = usage_by_jq(open_root, CLONE_NEWNS, "-J", NULL, program);
	bool exact = !strncmp(quiet, "true\n", 5);

	assert_string_equal(quiet, exact ? "true\n1\nfalse\n" : "false\n1\ntrue\n");
	assert_usage(open_detached_tree, CLONE_NEWNS, program,
		exact ? "true\n1\ntrue\n" : "false\n1\ntrue\n");
}

static uid_t nesting_uid;

/* Makes user namespaces inside each other until ENOSPC, and reports how many. */
static void nest_to_the_bottom(void *ret_n)
{
	int *n = ret_n;

	live_become(nesting_uid);
	while (enter_user_namespace(*n ? 0 : nesting_uid))
		++*n;
	MUST(errno == ENOSPC);
}

TEST(user_namespaces_count_as_deep_as_they_nest)
{
	int *n = live_share(sizeof(*n));
	char *used;
	pid_t pid;

	nesting_uid = 1000000000 + (uid_t)getpid(); /* tests of other build trees have others */
	pid = live_start(0, nest_to_the_bottom, n);
	used = nsls_jq(strf(".types[] | select(.uid == %u).used", nesting_uid), "-s", "--by",
		"user", "-t", "user", "-o", "UID,USED");
	live_end(pid);
	assert_true(*n > 1);
	assert_string_equal(used, strf("%d\n", *n));
}

int main(void)
{
	return live_run_tests("limits", false, NULL, NULL);
}
