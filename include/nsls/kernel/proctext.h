/* SPDX-License-Identifier: MIT */
/*
 * The text formats of proc files: proc_pid_stat(5), proc_pid_status(5), proc_pid_cmdline(5).
 * Parsers take text, so that a fuzzer and a test can feed them; readers take a task's directory.
 * All return 0, or -errno (-EINVAL: not that format), and write results on success only.
 */
#ifndef NSLS_KERNEL_PROCTEXT_H
#define NSLS_KERNEL_PROCTEXT_H

#include "nsls/kernel/procfs.h"

struct proc_stat {
	char state;           /* field 3; Z is a zombie, X dead */
	bool ending;          /* field 9, PF_EXITING: in the middle of exit(2), or past it */
	bool kthread;         /* field 9, PF_KTHREAD: a thread of the kernel */
	pid_t ppid;           /* field 4; 0 where the parent is outside this procfs */
	unsigned num_threads; /* field 20 */
	uint64_t start_ticks; /* field 22, clock ticks (sysconf _SC_CLK_TCK) since boot */
};

struct proc_status {
	uid_t uid;   /* effective, as seen from the procfs's reader */
	bool admin;  /* CAP_SYS_ADMIN is permitted to it, in its own user namespace */
	pid_t nspid; /* the PID in the innermost PID namespace of the task (NSpid, Linux 4.1) or 0
		      */
};

/* Reads from the last ')' on, because a process name may hold any byte, a ')' too. */
int proctext_parse_stat(const char *text, struct proc_stat *ret_stat);
int proctext_parse_status(const char *text, struct proc_status *ret_status);

/* Turns NUL-separated arguments into one line; an empty cmdline leaves out empty. */
void proctext_join_cmdline(const char *bytes, size_t len, struct strbuf *out);

/* The time as proc_stat.start_ticks counts it, in our time namespace as that is. */
uint64_t proctext_now_ticks(void);

int proctext_read_stat(int task_fd, struct proc_stat *ret_stat);
int proctext_read_status(int task_fd, struct proc_status *ret_status);

/* The name of the process, proc_pid_comm(5). */
int proctext_read_comm(int task_fd, struct strbuf *out);

/*
 * Bytes of a command line that are kept, as in the kernel's own file before Linux 4.2. Any user can
 * have tens of thousands of processes with command lines of megabytes.
 */
#define PROCTEXT_COMMAND_MOST ((size_t)4 * 1024)

/*
 * The command line, which ends with "..." if it was cut, or the name (comm) of a task that has
 * none: a kernel thread, a zombie.
 */
int proctext_read_command(int task_fd, struct strbuf *out);

/*
 * The PID that was given to a process or thread last, in our own PID namespace: /proc/loadavg.
 */
int proctext_read_last_pid(const struct procfs *procfs, pid_t *ret_pid);

/* Seconds since the epoch at which the system started: "btime" of /proc/stat. */
int proctext_read_boot_time(const struct procfs *procfs, uint64_t *ret_seconds);

/* sys/user/max_TYPE_namespaces, namespaces(7); no kernel lets it be more than INT_MAX. */
int proctext_read_limit(const struct procfs *procfs, enum nstype type, uint64_t *ret_limit);

#endif
