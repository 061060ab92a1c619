// SPDX-License-Identifier: MIT
/* On another procfs, for an unprivileged user, and where the output can't be written. */
#include "live.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

static void mount_proc(void *dir)
{
	MUST(mount("proc", dir, "proc", 0, NULL) == 0);
}

/*
 * A process in a PID namespace of its own sees a procfs that numbers it 1. Its mount is reached
 * through the root of that process, as a container's would be.
 */
TEST(a_foreign_procfs_is_read_in_its_own_numbers)
{
	char dir[] = "/tmp/nsls-procfs-XXXXXX", *listed;
	struct answer answer;
	pid_t pid;

	assert_non_null(mkdtemp(dir));
	pid = live_start(CLONE_NEWPID | CLONE_NEWNS, mount_proc, dir);
	answer = nsls("-J", "--strict", "--procfs", strf("/proc/%d/root%s", pid, dir));
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
	struct answer answer = nsls_after(0, live_become_nobody, "-J");

	assert_int_equal(answer.status, 0);
	assert_contains(answer.out, "\"type\": \"uts\"");
	assert_int_equal(strncmp(answer.err, "nsls: incomplete: ", 18), 0);
	assert_ptr_equal(strchr(answer.err, '\n'), answer.err + strlen(answer.err) - 1);
	answer = nsls_after(0, live_become_nobody, "--strict", "-q");
	assert_int_equal(answer.status, 3);
	assert_string_equal(answer.err, "");
}

static void write_to_full_disk(void)
{
	dup2(live_open_file("/dev/full", O_WRONLY), STDOUT_FILENO);
}

static void write_to_closed_pipe(void)
{
	int closed[2];

	MUST(pipe2(closed, O_CLOEXEC) == 0);
	close(closed[0]);
	dup2(closed[1], STDOUT_FILENO);
}

TEST(output_that_can_not_be_written_is_noticed)
{
	assert_contains(error_of(nsls_after(0, write_to_full_disk, "-J", "-o", "NS,PIDS")),
		"nsls: standard output: No space left on device\n");
	assert_int_equal(
		nsls_after(0, write_to_closed_pipe, "-J", "-o", "NS,PIDS").status, -SIGPIPE);
}

#ifndef NSLS_SANITIZED /* sanitizers need a /proc that shows them */

static void cover_proc(void)
{
	MUST(mount("fake", "/proc", "tmpfs", 0, NULL) == 0);
	MUST(mkdir("/proc/1", 0755) == 0 && mkdir("/proc/1/ns", 0755) == 0);
	MUST(symlink("net:[4026531840]", "/proc/1/ns/net") == 0);
}

TEST(a_proc_that_is_no_procfs_is_an_error)
{
	static const char *const views[] = { "-l", "--strict", "--check=net<1000", "-q" };

	for (size_t i = 0; i < COUNT(views); i++)
		assert_string_equal(error_of(nsls_after(CLONE_NEWNS, cover_proc, views[i])),
			"nsls: /proc: not a procfs\n");
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
	const struct sock_fprog program = { COUNT(code), code };

	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

/* A network namespace that only a mount in another mount namespace holds, and a socket of one. */
static void hold_elsewhere(void *unused)
{
	MUST(mount("work", "/mnt", "tmpfs", 0, NULL) == 0);
	live_mount_new("net", "/mnt/net");
	MUST(socket(AF_UNIX, SOCK_DGRAM, 0) >= 0 && unshare(CLONE_NEWNET) == 0);
}

TEST(new_calls_that_a_filter_denies_are_a_limitation)
{
	pid_t pid = live_start(CLONE_NEWNS, hold_elsewhere, NULL);
	struct answer answer = nsls_after(0, refuse_new_calls, "--strict", "-o", "NS,ONS");

	live_end(pid);
	assert_true(answer.status == 0 || answer.status == 3);
	assert_contains(answer.err, "note: openat2(2) is not permitted",
		"note: this kernel can't copy all descriptors");
	assert_lacks(answer.err, "could not read sockets");
}

int main(void)
{
	return live_run_tests("conditions", false, live_start_children, live_end_children);
}
