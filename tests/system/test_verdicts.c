// SPDX-License-Identifier: MIT
/*
 * Health checks of a real system: a leak breaks a check and is named with what holds it. For an
 * unprivileged user and in containers, nsls tells the four verdicts apart.
 */
#include "hold.h"

/* More than there are processes that even root can't read: then some are proven to be leaks. */
#define LEAKS 8

static char proc[64]; /* where a procfs can be mounted */

static int set_up(void **state)
{
	live_make_work(state);
	snprintf(proc, sizeof(proc), "%s/proc", live_work);
	MUST(mkdir(proc, 0755) == 0);
	return 0;
}

static void leak_by_fd(int i)
{
	live_namespace("net");
}

static void leak_by_mount(int i)
{
	live_mount_new("net", strf("%s/leak%d", live_work, i));
}

static void leak_by_socket(int i)
{
	int ns;

	make_away(AF_INET, &ns);
	close(ns);
}

static const struct leak {
	const char *kind;
	void (*make)(int i);
} leaks[] = { { "fd", leak_by_fd }, { "mount", leak_by_mount }, { "socket", leak_by_socket } };

static void make_leaks(void *data)
{
	const struct leak *leak = data;

	for (int i = 0; i < LEAKS; i++)
		leak->make(i);
}

static void end_leaks(pid_t pid)
{
	live_end(pid);
	for (int i = 0; i < LEAKS; i++)
		umount2(strf("%s/leak%d", live_work, i), MNT_DETACH);
}

/* Nothing else may leak by this kind: the check would name that. */
static void assert_leak_breaks_check(const struct leak *leak)
{
	struct answer by_kind, all;
	pid_t pid;

	live_need_initial_pid_namespace();
	pid = live_start(0, make_leaks, (void *)(uintptr_t)leak);
	by_kind = nsls("--kind", leak->kind, "--check", "net.persistent<=0");
	/* A process that could not be read may hold each of them, too. */
	all = nsls("--check", "net.persistent<=0", "--check", strf("net.%s<=0", leak->kind), "-J");
	end_leaks(pid);
	if (by_kind.status != 1 || all.status != 1)
		fail_msg("%s: status %d and %d", leak->kind, by_kind.status, all.status);
	assert_contains(by_kind.out, "net.persistent<=0: ", strf(", held by %s ", leak->kind));
	assert_jq(all.out,
		"[.checks[0].verdict, .checks[0].holders[0] != null, "
		".checks[1].verdict == if .complete then \"broken\" else \"unknown\" "
		"end] | map(tostring) | join(\" \")",
		"broken true true\n");
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(leak_by_a_descriptor_a_mount_or_a_socket_breaks_a_check)
{
	for (size_t i = 0; i < COUNT(leaks); i++)
		assert_leak_breaks_check(&leaks[i]);
}

TEST(a_name_narrows_a_check_to_its_namespace)
{
	struct answer answer;

	live_need_initial_pid_namespace();
	MUST(mount("run", "/run", "tmpfs", 0, NULL) == 0 && mkdir("/run/netns", 0755) == 0);
	for (int i = 0; i < 2; i++)
		live_mount_new("net", strf("/run/netns/nsls-check%d", i));
	answer = nsls("--of", "nsls-check0", "--of", "nsls-check1", "--check", "net.persistent<=0",
		"--check", "net<=2");
	umount2("/run", MNT_DETACH);
	assert_int_equal(answer.status, 1);
	assert_contains(answer.out, " (netns nsls-check", ", held by mount /run/netns/nsls-check");
	assert_lacks(answer.out, "net<=2:");
}

/* The verdicts, and those of the plugin, where something is hidden. */
static const struct verdict {
	int status;
	const char *option, *rule;
} hidden[] = {
	{ 0, "--check", "net>=1" },
	{ 1, "--check", "net<=0" },
	{ 2, "--check", "net=0" },
	{ 3, "--check", "net<=4000000000" },
	{ 3, "--check", "net.persistent<=0" },
	{ 0, "--warning", "net>=1" },
	{ 1, "--warning", "net<=0" },
	{ 2, "--critical", "net<=0" },
	{ 3, "--warning", "net=0" },
	{ 3, "--warning", "persistent<=0" },
}, dead[] = { { 2, "--check", "net>=0" }, { 3, "--warning", "net>=0" } };

static void assert_verdicts(const struct verdict *verdicts, size_t n, uint64_t flags,
	void (*go)(void), const char *procfs)
{
	for (const struct verdict *v = verdicts; v < verdicts + n; v++) {
		struct answer answer =
			nsls_after(flags, go, "--procfs", procfs, v->option, v->rule);
		bool plugin = strcmp(v->option, "--check") != 0;

		if (answer.status != v->status || (plugin && !strstr(answer.out, "NSLS ")))
			fail_msg("%s %s: status %d, not %d: %s%s", v->option, v->rule,
				answer.status, v->status, answer.out, answer.err);
		if (plugin)
			assert_ptr_equal(
				strchr(answer.out, '\n'), answer.out + strlen(answer.out) - 1);
	}
}

TEST_CALL(unprivileged_user_gets_each_verdict,
	assert_verdicts(hidden, COUNT(hidden), 0, live_become_nobody, "/proc"));

static void mount_proc(void)
{
	MUST(mount("proc", "/proc", "proc", 0, NULL) == 0);
}

/* As unshare --pid --fork --mount-proc does. */
TEST_CALL(a_pid_namespace_gets_each_verdict,
	assert_verdicts(hidden, COUNT(hidden), CLONE_NEWPID | CLONE_NEWNS, mount_proc, "/proc"));
TEST_CALL(a_container_gets_each_verdict,
	assert_verdicts(hidden, COUNT(hidden),
		CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC |
			CLONE_NEWCGROUP,
		mount_proc, "/proc"));
TEST_CALL(a_dead_procfs_is_an_error, assert_verdicts(dead, COUNT(dead), 0, NULL, proc));

int main(void)
{
	return live_run_tests("verdicts", false, set_up, live_remove_work);
}
