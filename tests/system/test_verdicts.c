// SPDX-License-Identifier: MIT
/*
 * Health checks of a real system: a leak breaks a check and is named with what holds it. For an
 * unprivileged user and in containers, nsls tells the four verdicts apart.
 */
#include "live.h"

#include <sys/socket.h>

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
	int fd = live_namespace("net");

	live_bind(fd, strf("%s/leak%d", live_work, i));
	close(fd);
}

static void leak_by_socket(int i)
{
	int ours = live_open_file("/proc/self/ns/net", O_RDONLY);

	MUST(unshare(CLONE_NEWNET) == 0);
	MUST(socket(AF_INET, SOCK_DGRAM, 0) >= 0);
	MUST(setns(ours, CLONE_NEWNET) == 0);
	close(ours);
}

/* A process that leaks, and what is left of it unmounted. */
static pid_t start_leak(void (*leak)(int i))
{
	struct ready ready = ready_new();
	pid_t pid = live_fork(0);

	if (pid == 0) {
		for (int i = 0; i < LEAKS; i++)
			leak(i);
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	return pid;
}

static void end_leak(pid_t pid)
{
	live_end(pid);
	for (int i = 0; i < LEAKS; i++)
		umount2(strf("%s/leak%d", live_work, i), MNT_DETACH);
}

/* Nothing else may leak by this kind: the check would name that. */
static void assert_leak_breaks_check(const char *kind, void (*leak)(int i))
{
	struct answer answer;
	pid_t pid;

	live_need_initial_pid_namespace();
	pid = start_leak(leak);
	answer = nsls("--kind", kind, "--check", "net.persistent<=0", NULL);
	assert_int_equal(answer.status, 1);
	assert_contains(answer.out, "net.persistent<=0: ", strf(", held by %s ", kind));

	/* A process that could not be read may hold each of them, too. */
	answer = nsls(
		"--check", "net.persistent<=0", "--check", strf("net.%s<=0", kind), "-J", NULL);
	end_leak(pid);
	assert_int_equal(answer.status, 1);
	assert_jq(answer.out,
		"[.checks[0].verdict, .checks[0].holders[0] != null, "
		".checks[1].verdict == if .complete then \"broken\" else \"unknown\" "
		"end] | map(tostring) | join(\" \")",
		"broken true true\n");
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(leak_by_a_descriptor_breaks_a_check)
{
	assert_leak_breaks_check("fd", leak_by_fd);
}

TEST(leak_by_a_mount_breaks_a_check)
{
	assert_leak_breaks_check("mount", leak_by_mount);
}

TEST(leak_by_a_socket_breaks_a_check)
{
	assert_leak_breaks_check("socket", leak_by_socket);
}

TEST(a_name_narrows_a_check_to_its_namespace)
{
	struct answer answer;

	live_need_initial_pid_namespace();
	MUST(mount("run", "/run", "tmpfs", 0, NULL) == 0 && mkdir("/run/netns", 0755) == 0);
	for (int i = 0; i < 2; i++) {
		int fd = live_namespace("net");

		live_bind(fd, strf("/run/netns/nsls-check%d", i));
		close(fd);
	}
	answer = nsls("--of", "nsls-check0", "--of", "nsls-check1", "--check", "net.persistent<=0",
		"--check", "net<=2", NULL);
	umount2("/run", MNT_DETACH);
	assert_int_equal(answer.status, 1);
	assert_contains(answer.out, " (netns nsls-check", ", held by mount /run/netns/nsls-check");
	assert_lacks(answer.out, "net<=2:");
}

static void expect_status(int expected, const char *procfs, const char *option, const char *rule)
{
	struct answer answer = nsls("--procfs", procfs, option, rule, NULL);

	if (answer.status != expected || (option[2] != 'c' && !strstr(answer.out, "NSLS ")))
		fprintf(stderr, "%s %s: status %d, not %d: %s%s", option, rule, answer.status,
			expected, answer.out, answer.err);
	MUST(answer.status == expected);
	MUST(strcmp(option, "--warning") != 0 ||
		strchr(answer.out, '\n') == answer.out + strlen(answer.out) - 1);
}

/* The four verdicts, and those of the plugin, where something is hidden. */
static void expect_verdicts(const char *procfs)
{
	expect_status(0, procfs, "--check", "net>=1");
	expect_status(1, procfs, "--check", "net<=0");
	expect_status(2, procfs, "--check", "net=0");
	expect_status(3, procfs, "--check", "net<=4000000000");
	expect_status(3, procfs, "--check", "net.persistent<=0");
	expect_status(0, procfs, "--warning", "net>=1");
	expect_status(1, procfs, "--warning", "net<=0");
	expect_status(2, procfs, "--critical", "net<=0");
	expect_status(3, procfs, "--warning", "net=0");
	expect_status(3, procfs, "--warning", "persistent<=0");
}

static void assert_verdicts_at(void (*go)(void), uint64_t flags, const char *procfs)
{
	pid_t pid;

	fflush(NULL);
	pid = live_fork(flags);
	if (pid == 0) {
		MUST(!(flags & CLONE_NEWNS) ||
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
		go();
		expect_verdicts(procfs);
		_exit(0);
	}
	assert_int_equal(live_status(pid), 0);
}

TEST(unprivileged_user_gets_each_verdict)
{
	assert_verdicts_at(live_become_nobody, 0, "/proc");
}

static void mount_proc(void)
{
	MUST(mount("proc", "/proc", "proc", 0, NULL) == 0);
}

/* As unshare --pid --fork --mount-proc does. */
TEST(a_pid_namespace_gets_each_verdict)
{
	assert_verdicts_at(mount_proc, CLONE_NEWPID | CLONE_NEWNS, "/proc");
}

TEST(a_container_gets_each_verdict)
{
	assert_verdicts_at(mount_proc,
		CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC |
			CLONE_NEWCGROUP,
		"/proc");
}

TEST(a_dead_procfs_is_an_error)
{
	expect_status(2, proc, "--check", "net>=0");
	expect_status(3, proc, "--warning", "net>=0");
}

int main(void)
{
	return live_run_tests("verdicts", set_up, live_remove_work);
}
