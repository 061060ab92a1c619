// SPDX-License-Identifier: MIT
/*
 * Health checks of a real system: what leaks turns a check red and is named with what holds it, and
 * at each place fine, broken, an error and what nobody can tell are told apart.
 */
#include "hold.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* More than there are processes that even root can't read: then some are proven to be leaks. */
#define LEAKS 8

static char work[] = "/tmp/nsls-verdicts-XXXXXX";
static char proc[64]; /* where a procfs can be mounted */

static int set_up(void **state)
{
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mkdtemp(work) && mount("work", work, "tmpfs", 0, "mode=755") == 0);
	snprintf(proc, sizeof(proc), "%s/proc", work);
	MUST(mkdir(proc, 0755) == 0);
	return 0;
}

static int tear_down(void **state)
{
	umount2(work, MNT_DETACH);
	return rmdir(work);
}

static void leak_by_fd(int i)
{
	live_namespace("net");
}

static void leak_by_mount(int i)
{
	char path[64], link[64];
	int fd = live_namespace("net"), file;

	snprintf(path, sizeof(path), "%s/leak%d", work, i);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	MUST(file >= 0);
	close(file);
	MUST(mount(link, path, NULL, MS_BIND, NULL) == 0);
	close(fd);
}

static void leak_by_socket(int i)
{
	int ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	MUST(ours >= 0 && unshare(CLONE_NEWNET) == 0);
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
		ready_say(&ready);
		holder_wait();
	}
	ready_await(&ready);
	return pid;
}

static void end_leak(pid_t pid)
{
	live_end(pid);
	for (int i = 0; i < LEAKS; i++)
		umount2(strf("%s/leak%d", work, i), MNT_DETACH);
}

/* Nobody else leaks by the kind, or that would be named. */
static void assert_red(const char *kind, void (*leak)(int i))
{
	char kept[64], *said;
	struct answer answer;
	pid_t pid;

	live_need_initial_pid_namespace();
	pid = start_leak(leak);
	snprintf(kept, sizeof(kept), ", held by %s ", kind);
	answer = nsls("--kind", kind, "--check", "net.persistent<=0", NULL);
	assert_int_equal(answer.status, 1);
	assert_contains(answer.out, "net.persistent<=0: ", kept);
	answer_done(&answer);

	/* Where somebody could not be read, that one may hold each of them, too. */
	answer = nsls(
		"--check", "net.persistent<=0", "--check", strf("net.%s<=0", kind), "-J", NULL);
	end_leak(pid);
	assert_int_equal(answer.status, 1);
	said = jq(answer.out, "[.checks[0].verdict, .checks[0].holders[0] != null, "
			      ".checks[1].verdict == if .complete then \"broken\" else \"unknown\" "
			      "end] | map(tostring) | join(\" \")");
	assert_string_equal(said, "broken true true\n");
	free(said);
	answer_done(&answer);
}

TEST_FIXTURE(NULL, NULL);

TEST(what_a_descriptor_leaks_turns_a_check_red)
{
	assert_red("fd", leak_by_fd);
}

TEST(what_a_mount_leaks_turns_a_check_red)
{
	assert_red("mount", leak_by_mount);
}

TEST(what_a_socket_leaks_turns_a_check_red)
{
	assert_red("socket", leak_by_socket);
}

TEST(a_name_narrows_a_check_to_its_namespace)
{
	struct answer answer;
	char name[64];

	live_need_initial_pid_namespace();
	MUST(mount("run", "/run", "tmpfs", 0, NULL) == 0 && mkdir("/run/netns", 0755) == 0);
	for (int i = 0; i < 2; i++) {
		int fd = live_namespace("net"), file;
		char link[64];

		snprintf(name, sizeof(name), "/run/netns/nsls-check%d", i);
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		MUST(file >= 0 && mount(link, name, NULL, MS_BIND, NULL) == 0);
		close(file);
		close(fd);
	}
	answer = nsls("--of", "nsls-check0", "--of", "nsls-check1", "--check", "net.persistent<=0",
		"--check", "net<=2", NULL);
	umount2("/run", MNT_DETACH);
	assert_int_equal(answer.status, 1);
	assert_contains(answer.out, " (netns nsls-check", ", held by mount /run/netns/nsls-check");
	assert_lacks(answer.out, "net<=2:");
	answer_done(&answer);
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
	answer_done(&answer);
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
	int status;
	pid_t pid;

	live_need_root();
	fflush(NULL);
	pid = live_fork(flags);
	if (pid == 0) {
		MUST(!(flags & CLONE_NEWNS) ||
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
		go();
		expect_verdicts(procfs);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
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
	live_need_root();
	expect_status(2, proc, "--check", "net>=0");
	expect_status(3, proc, "--warning", "net>=0");
}

int main(void)
{
	return live_run_tests("verdicts", set_up, tear_down);
}
