// SPDX-License-Identifier: MIT
/*
 * Runs nsls, and kills it, or a child process of it, at the first system call that is not in the
 * list below: nsls enters no namespace, starts no program, and without --metrics=FILE opens no file
 * to write to it, but for openat2(2), of which the flags are in memory.
 *
 * Most tests run nsls by this one. Those by other users, with file capabilities or with failing
 * calls do not, and where no filter is permitted, it runs nsls without one.
 *
 * Takes the arguments of nsls. NSLS_PROGRAM in the environment names another program to run.
 * strace -f shows which call was killed.
 */
#include "../src/kernel/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#else
#define NATIVE AUDIT_ARCH_AARCH64
#endif

#define CLONE_NEW                                                                                  \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
		CLONE_NEWPID | CLONE_NEWNET)
#define OPEN_WRITES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

/* clang-format off */
static const int calls[] = {
	/* Memory, threads, time and signals, mostly of the C library. */
	SYS_brk, SYS_mmap, SYS_mprotect, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex,
	SYS_rseq, SYS_set_robust_list, SYS_set_tid_address, SYS_sched_getaffinity,
	SYS_sched_yield, SYS_exit, SYS_exit_group, SYS_rt_sigaction, SYS_rt_sigprocmask,
	SYS_rt_sigreturn, SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep, /* by musl */
	SYS_gettimeofday, SYS_getrandom, SYS_sysinfo, SYS_uname, SYS_prlimit64, SYS_prctl,
#ifdef SYS_arch_prctl
	SYS_arch_prctl,
#endif
#ifdef SYS_alarm
	SYS_alarm,
#endif
	SYS_setitimer,
	/* What nsls is, and processes of its own. */
	SYS_getpid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_capget,
	SYS_kill, SYS_tgkill, SYS_tkill, /* by musl */
#ifdef SYS_fork
	SYS_fork, /* by musl */
#endif
	SYS_wait4, SYS_waitid,
	/* Files that are read. */
	ABI_NR_openat2,
#ifdef SYS_readlink
	SYS_readlink, SYS_access, SYS_stat, SYS_lstat, SYS_poll,
#endif
	SYS_close, ABI_NR_close_range, SYS_read, SYS_readv, SYS_pread64, SYS_lseek, SYS_fcntl,
	SYS_ioctl,
#ifdef SYS_newfstatat
	SYS_newfstatat, SYS_fstat,
#endif
	SYS_statx, SYS_statfs, SYS_fstatfs, SYS_getdents64, SYS_readlinkat, SYS_faccessat,
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
	SYS_getcwd, SYS_ppoll, SYS_pselect6, SYS_pipe2, SYS_dup,
	/* What is printed. */
	SYS_write, SYS_writev,
	/* A procfs that is mounted nowhere, where none that can be reached is ours. */
	SYS_fsopen, SYS_fsconfig, SYS_fsmount,
	/* Namespaces, mounts, and descriptors of other processes. */
	ABI_NR_listns, ABI_NR_listmount, ABI_NR_statmount, SYS_kcmp, SYS_pidfd_open,
	ABI_NR_pidfd_getfd, SYS_getsockopt, SYS_getsockname,
	/* Names of users, nss(5), and numbers of network namespaces, rtnetlink(7). */
	SYS_connect, SYS_sendto, SYS_sendmsg, SYS_recvfrom, SYS_recvmsg,
};
static const int calls_of_bpf[] = { SYS_bpf };
static const int calls_of_metrics[] = {
	SYS_openat, SYS_fsync, SYS_fchmod, SYS_fchown, SYS_renameat, SYS_unlinkat,
};
/* clang-format on */

/* A call is allowed if the bits of the mask in an argument are this value. */
static const struct rule {
	int call, argument;
	unsigned mask, value;
} rules[] = {
	{ SYS_clone, 0, CLONE_NEW, 0 },
	{ SYS_openat, 2, OPEN_WRITES, O_RDONLY },
	{ SYS_open_by_handle_at, 2, OPEN_WRITES, O_RDONLY },
#ifdef SYS_open
	{ SYS_open, 1, OPEN_WRITES, O_RDONLY },
#endif
	{ SYS_socket, 0, ~0u, AF_UNIX },
	{ SYS_socket, 0, ~0u, AF_NETLINK },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct sock_filter code[1024];
static unsigned short ncode;

static void add(struct sock_filter instruction)
{
	code[ncode++] = instruction;
}

static void add_load(size_t offset)
{
	add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offset));
}

/* Returns the result if what was loaded is this value. */
static void add_return_if(unsigned value, unsigned result)
{
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, result));
}

static void add_calls(const int *at, size_t n)
{
	add_load(offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n; i++)
		add_return_if((unsigned)at[i], SECCOMP_RET_ALLOW);
}

/* Of the argument, the lower half is read. */
static void add_rule(struct rule rule)
{
	add_load(offsetof(struct seccomp_data, nr));
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)rule.call, 0, 4));
	add_load(offsetof(struct seccomp_data, args) + 8 * (size_t)rule.argument);
	add((struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, rule.mask));
	add_return_if(rule.value, SECCOMP_RET_ALLOW);
}

static bool has_option(char **argv, const char *option)
{
	for (; *argv; argv++)
		if (!strncmp(*argv, option, strlen(option)))
			return true;
	return false;
}

static void make_filter(const char *path, char **argv)
{
	/* Numbers of another architecture's calls mean other calls. */
	add_load(offsetof(struct seccomp_data, arch));
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0));
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	add_calls(calls, COUNT(calls));
	if (has_option(argv, "--bpf"))
		add_calls(calls_of_bpf, COUNT(calls_of_bpf));
	if (has_option(argv, "--metrics="))
		add_calls(calls_of_metrics, COUNT(calls_of_metrics));
	for (size_t i = 0; i < COUNT(rules); i++)
		add_rule(rules[i]);
	/* The one execve(2) that starts the program: its path is at an address of this one. */
	add_rule((struct rule){ SYS_execve, 0, ~0u, (unsigned)(size_t)path });
	/* Its flags are in memory. The C library falls back to clone(2). */
	add_load(offsetof(struct seccomp_data, nr));
	add_return_if(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
}

/*
 * Without CAP_SYS_ADMIN, that takes a promise that no program gains rights: tests of such programs
 * run nsls itself.
 */
static bool install_filter(void)
{
	const struct sock_fprog program = { ncode, code };

	return !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ||
	       (!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
		       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

int main(int argc, char **argv)
{
	const char *other = getenv("NSLS_PROGRAM");
	const char *path = other ? other : NSLS_PROGRAM;

	make_filter(path, argv);
	/* Where filters are not permitted, the test of this program skips and prints the reason. */
	if (!install_filter() && other) {
		fprintf(stderr, "no filter of system calls is permitted: %s\n", strerror(errno));
		return 77;
	}
	execv(path, argv);
	perror(path);
	return 127;
}
