// SPDX-License-Identifier: MIT
/* Under load, on another procfs, for an unprivileged user, and where the output can't be written.
 */
#include "live.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* One of the processes of a storm: has children that end at once until it is killed. */
static void blow(volatile bool *go)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Else nsls has to wait for its turn among 100 others, and a run takes seconds. */
	MUST(nice(19) == 19);
	while (!*go)
		usleep(1000);
	for (int i = 0; i < 100000; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			usleep(50000); /* leaves processor time for others */
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	_exit(0);
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(short_lived_processes_make_no_run_fail_or_fall_short)
{
	bool *go = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pids[100];

	assert_ptr_not_equal(go, MAP_FAILED);
	for (int i = 0; i < 100; i++) {
		pids[i] = fork();
		MUST(pids[i] >= 0);
		if (pids[i] == 0)
			blow(go);
	}
	*go = true;
	for (int run = 0; run < 60; run++) {
		struct answer answer = nsls("-l", "-n", "-o", "TYPE,NS,PID", NULL);

		assert_int_equal(answer.status, 0);
		for (int i = 0; i < LIVE_TYPES; i++) {
			char *link = live_link(live_children[i], live_types[i].name);

			assert_contains(answer.out, strtok(strchr(link, '[') + 1, "]"));
		}
	}
	for (int i = 0; i < 100; i++)
		live_end(pids[i]);
	munmap(go, 4096);
}

/*
 * A process in a PID namespace of its own sees a procfs that numbers it 1. Its mount is reached
 * through the root of that process, as a container's would be.
 */
TEST(a_foreign_procfs_is_read_in_its_own_numbers)
{
	char dir[] = "/tmp/nsls-procfs-XXXXXX", *listed;
	struct ready ready = ready_new();
	struct answer answer;
	pid_t pid;

	assert_non_null(mkdtemp(dir));
	pid = live_fork(CLONE_NEWPID | CLONE_NEWNS);
	if (pid == 0) {
		MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
		MUST(mount("proc", dir, "proc", 0, NULL) == 0);
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	answer = nsls("-J", "--strict", "--procfs", strf("/proc/%d/root%s", pid, dir), NULL);
	assert_int_equal(answer.status, 3);
	listed = jq(answer.out, ".namespaces[] | \"\\(.type):[\\(.ns)] \\(.pid) \\(.pids)\"");
	for (int i = 0; i < LIVE_TYPES; i++)
		assert_contains(listed, strf("%s 1 [1]\n", live_link(pid, live_types[i].name)));
	/* The sockets of processes with other PIDs here are not read, which is a note. */
	assert_contains(answer.err, "this procfs is not of our PID namespace",
		"not of the initial PID namespace");
	live_end(pid);
	assert_int_equal(rmdir(dir), 0);
}

TEST(unprivileged_user_gets_an_incomplete_answer_with_a_warning)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct answer answer;
		bool fine;

		live_become_nobody();
		answer = nsls("-J", NULL);
		fine = answer.status == 0 && strstr(answer.out, "\"type\": \"uts\"") &&
		       !strncmp(answer.err, "nsls: incomplete: ", 18) &&
		       strchr(answer.err, '\n') == answer.err + strlen(answer.err) - 1;
		answer = nsls("--strict", "-q", NULL);
		fine = fine && answer.status == 3 && !*answer.err;
		_exit(fine ? 0 : 1);
	}
	assert_int_equal(live_status(pid), 0);
}

/* Runs nsls with this standard output; its status, or minus the signal. */
static int run_onto(int out, char **ret_err)
{
	int report[2];
	pid_t pid;

	assert_int_equal(pipe(report), 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		dup2(out, 1);
		dup2(report[1], 2);
		execl(NSLS_PROGRAM, "nsls", "-J", "-o", "NS,PIDS", (char *)NULL);
		_exit(127);
	}
	close(report[1]);
	*ret_err = live_read(report[0]);
	return live_status(pid);
}

TEST_WITH(output_that_can_not_be_written_is_noticed, NULL, NULL)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), closed[2];
	char *err;

	assert_true(full >= 0);
	assert_int_equal(run_onto(full, &err), 2);
	assert_contains(err, "nsls: standard output: No space left on device\n");
	assert_int_equal(pipe2(closed, O_CLOEXEC), 0);
	close(closed[0]);
	assert_int_equal(run_onto(closed[1], &err), -SIGPIPE);
	close(closed[1]);
	close(full);
}

/* Runs it in a child; which part failed is on standard error. */
static void assert_in_child(void (*run)(void))
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		run();
		_exit(0);
	}
	assert_int_equal(live_status(pid), 0);
}

#ifndef NSLS_SANITIZED /* sanitizers need a /proc that shows them */

static void run_over_tmpfs(void)
{
	static const char *const views[] = { "-l", "--strict", "--check=net<1000", "-q" };

	live_unshare_mounts();
	MUST(mount("fake", "/proc", "tmpfs", 0, NULL) == 0);
	MUST(mkdir("/proc/1", 0755) == 0 && mkdir("/proc/1/ns", 0755) == 0);
	MUST(symlink("net:[4026531840]", "/proc/1/ns/net") == 0);
	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++) {
		struct answer answer = nsls(views[i], NULL);

		MUST(answer.status == 2 && !*answer.out);
		MUST(!strcmp(answer.err, "nsls: /proc: not a procfs\n"));
	}
}

TEST(a_proc_that_is_no_procfs_is_an_error)
{
	assert_in_child(run_over_tmpfs);
}

#endif

/* What a filter does that is older than these calls, such as those of old container engines. */
static void refuse_new_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_openat2, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

/* A network namespace that only a mount in another mount namespace holds, and a socket of one. */
static void hold_elsewhere(struct ready *ready)
{
	int net = live_namespace("net");

	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mount("work", "/mnt", "tmpfs", 0, NULL) == 0);
	live_bind(net, "/mnt/net");
	close(net);
	MUST(socket(AF_UNIX, SOCK_DGRAM, 0) >= 0 && unshare(CLONE_NEWNET) == 0);
	ready_and_wait(ready);
}

static void run_without_new_calls(void)
{
	struct ready ready = ready_new();
	struct answer answer;
	pid_t pid = live_fork(CLONE_NEWNS);

	if (pid == 0)
		hold_elsewhere(&ready);
	ready_await(&ready);
	refuse_new_calls();
	answer = nsls("--strict", "-o", "NS,ONS", NULL);
	MUST(answer.status == 0 || answer.status == 3);
	fputs(answer.err, stderr);
	MUST(strstr(answer.err, "note: openat2(2) is not permitted"));
	MUST(strstr(answer.err, "note: this kernel can't copy all descriptors"));
	MUST(!strstr(answer.err, "could not read sockets"));
	live_end(pid);
}

TEST(new_calls_that_a_filter_denies_are_a_limitation)
{
	assert_in_child(run_without_new_calls);
}

int main(void)
{
	return live_run_tests("conditions", live_start_children, live_end_children);
}
