/* SPDX-License-Identifier: MIT */
/* A proc tree: its layout, its files, and the formats of their text. */
#ifndef NSLS_PROCFS_H
#define NSLS_PROCFS_H

#include "nsls/base.h"
#include "nsls/kernel.h"
#include "nsls/nstype.h"

#include <sys/types.h>

struct worker;

/*
 * The layout of a proc tree, reached through one directory fd: the live /proc, another system's
 * procfs, or a plain directory that looks like one. proc(5) describes every file named here.
 * All functions return 0 or -errno unless they say otherwise.
 */

struct procfs {
	int fd;          /* O_PATH on the top directory */
	bool kernel;     /* a procfs, not a plain directory (statfs(2), PROC_SUPER_MAGIC) */
	bool ours;       /* its PIDs are those of this process's own PID namespace */
	pid_t self;      /* what this process is called there; 0: it is not in there */
	bool counts_fds; /* the size of a directory of descriptors is their number, Linux 6.2 */
};

/* Opens dir. -ENOTDIR or -ENOENT where it is no directory, -EINVAL where it has no ns links. */
int procfs_open(const char *dir, struct procfs *ret_procfs);
void procfs_close(struct procfs *procfs);

/*
 * Whether it was mounted with hidepid, which hides the processes of others, proc(5). False also
 * where that can't be told.
 */
int procfs_has_hidepid(const struct procfs *procfs, bool *ret_has);

/* Numbers that a directory names: PIDs, TIDs, fds. Reused from call to call. */
struct numbers {
	int *at;
	size_t n;
	size_t size;
};

void numbers_init(struct numbers *numbers);
void numbers_done(struct numbers *numbers);

/*
 * The numeric entries of directory path below dirfd, ascending. known says how many there are, as
 * far as that was told before, else 0: with so many of a procfs its end need not be asked for.
 */
int procfs_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct numbers *numbers);

/*
 * The same, and the open directory, in which each entry is one step away. Reading a part of a big
 * directory is progress of the worker, which may be NULL; one that was abandoned reads no more.
 */
int procfs_open_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct worker *worker, struct numbers *numbers);

/*
 * Opens the list of processes to be read in small steps: each process can then be read before the
 * next one is listed.
 */
int procfs_open_processes(const struct procfs *procfs);

/*
 * Appends the PIDs that the next step brings. Returns 1, 0 at the end of the list, where all of
 * numbers is sorted, or -errno.
 */
int procfs_list_next(int fd, struct numbers *numbers);

/*
 * Opens the directory of one process, O_PATH: what is read through it is this process's or fails
 * (ENOENT, ESRCH), also when its PID is used again.
 */
int procfs_open_process(const struct procfs *procfs, pid_t pid);

/*
 * How many open descriptors the process has, of which kernel threads have none: this costs less
 * than to list them. -EOPNOTSUPP where procfs.counts_fds is false.
 */
int procfs_count_fds(const struct procfs *procfs, int process_fd, size_t *ret_count);

/* Opens the directory of one of its threads, O_PATH. */
int procfs_open_thread(int process_fd, pid_t tid);

/*
 * Opens the directory of the lowest thread, other than the first, whose namespaces can be read.
 * Those of a process whose first thread has ended (pthread_exit(3) in main) can be read there
 * alone. -ESRCH where there is none. *ret_tid is its ID.
 */
int procfs_open_remaining_thread(
	const struct procfs *procfs, int process_fd, pid_t pid, pid_t *ret_tid);

/* The same by the PID of its process; that of the process where tid is pid. */
int procfs_open_thread_of(const struct procfs *procfs, pid_t pid, pid_t tid);

/* The target of a link as text. -ENAMETOOLONG where it does not fit: buf has its beginning. */
int procfs_read_link(int dirfd, const char *path, char *buf, size_t size);

/* A link such as ns/net. -EINVAL where its text is not "type:[inode]" of that type. */
int procfs_read_ns(int dirfd, const char *path, enum nstype type, uint32_t *ret_ino);

/*
 * How many threads the process has, by the link count of its process directory, which saves reading
 * stat. 0 where the directory cannot tell (a plain directory on some file systems).
 */
int procfs_count_threads(int process_fd, unsigned *ret_count);

/*
 * Reading files of a proc tree. The tree may be a container's, or a directory that somebody made:
 * whatever stands where a file is wanted, nothing but a regular file is opened, and no more of it
 * is read than a bound. All return 0 or -errno; -EINVAL: no regular file.
 */

/*
 * Opens what is below dirfd itself, whatever is mounted over it: then -EXDEV. -ENOSYS where this
 * kernel can't tell (before Linux 5.6).
 */
int procfile_open_within(int dirfd, const char *path, int flags);

/* Reads a whole file. -EFBIG where it is longer than 128 KiB. */
int procfile_read(int dirfd, const char *path, struct strbuf *out);

/* Reads at most most bytes. Returns 1 where there are more: a command line may have any length. */
int procfile_read_start(int dirfd, const char *path, size_t most, struct strbuf *out);

/*
 * Calls each for every line, without its newline, which it may change. It returns 0 to go on. A
 * line of more than 64 KiB, or 1 GiB in all, is -EFBIG.
 */
int procfile_each_line(
	int dirfd, const char *path, int (*each)(void *data, char *line, size_t len), void *data);

/*
 * The same, but cuts a line that is longer, and adds to *seen how many bytes were read. -EFBIG also
 * where the kernel finds the text too long.
 */
int procfile_each_line_start(int dirfd, const char *path,
	int (*each)(void *data, char *line, size_t len), void *data, size_t *seen);

/*
 * The text formats of proc files: proc_pid_stat(5), proc_pid_status(5), proc_pid_cmdline(5).
 * Parsers take text, so that a fuzzer and a test can feed them; readers take a process's directory.
 * All return 0, or -errno (-EINVAL: not that format), and write results on success only.
 */

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
	pid_t nspid; /* the PID in the innermost PID namespace of the process (NSpid, Linux 4.1) or
		      * 0
		      */
};

/* Reads from the last ')' on, because a process name may hold any byte, a ')' too. */
int proctext_parse_stat(const char *text, struct proc_stat *ret_stat);
int proctext_parse_status(const char *text, struct proc_status *ret_status);

/* Turns NUL-separated arguments into one line; an empty cmdline leaves out empty. */
void proctext_join_cmdline(const char *bytes, size_t len, struct strbuf *out);

/* The time as proc_stat.start_ticks counts it, in our time namespace as that is. */
uint64_t proctext_now_ticks(void);

int proctext_read_stat(int process_fd, struct proc_stat *ret_stat);
int proctext_read_status(int process_fd, struct proc_status *ret_status);

/* The name of the process, proc_pid_comm(5). */
int proctext_read_comm(int process_fd, struct strbuf *out);

/*
 * Bytes of a command line that are kept, as in the kernel's own file before Linux 4.2. Any user can
 * have tens of thousands of processes with command lines of megabytes.
 */
#define PROCTEXT_COMMAND_MOST ((size_t)4 * 1024)

/*
 * The command line, which ends with "..." if it was cut, or the name (comm) of a process that has
 * none: a kernel thread, a zombie.
 */
int proctext_read_command(int process_fd, struct strbuf *out);

/*
 * The PID that was given to a process or thread last, in our own PID namespace: /proc/loadavg.
 */
int proctext_read_last_pid(const struct procfs *procfs, pid_t *ret_pid);

/* Seconds since the epoch at which the system started: "btime" of /proc/stat. */
int proctext_read_boot_time(const struct procfs *procfs, uint64_t *ret_seconds);

/* sys/user/max_TYPE_namespaces, namespaces(7); no kernel lets it be more than INT_MAX. */
int proctext_read_limit(const struct procfs *procfs, enum nstype type, uint64_t *ret_limit);

/* What the text of a link of /proc/PID/fd says, proc_pid_fd(5). */

/*
 * A namespace ("net:[4026531840]"), a socket, a ring, the tun device by its usual path, another
 * path, which may be that of a namespace file, or FD_OTHER. Of a namespace it tells the inode
 * alone, of a ring not even that.
 */
void fd_link_parse(const char *text, struct fd_target *ret_target);

/* The same for the text of a link. Returns 0, or -errno of readlink(2). */
int fd_link_read(int dirfd, const char *link, struct fd_target *ret_target);

/*
 * What fdinfo of a ring, io_uring(7), says of the files that are registered with it: behind the
 * line "UserFiles:" one line for each, with the text that a link of /proc/PID/fd would have.
 *
 * Such a text may be a path of any length that others have chosen. Linux 6.15 and newer escape in
 * it what would end a line; a path starts with '/', so it can't be taken for a namespace.
 */

/* What a link of /proc/PID/fd reads for a ring. */
#define RING_LINK "anon_inode:[io_uring]"

/* A registered file that matters here: a socket, or else a namespace. */
struct ring_file {
	uint64_t socket; /* inode; 0: a namespace */
	struct ns_ref ns;
};

/* What has been learnt of one fdinfo, line by line; zeroed at its start. */
struct ring_text {
	uint64_t inode; /* of the descriptor's file, Linux 5.14; 0: not told */
	uint64_t next;  /* number that the next file has at least */
	uint64_t end;   /* number that no file reaches */
	enum {
		RING_BEFORE, /* a busy ring's fdinfo ends here: it tells all, or nothing */
		RING_FILES,
		RING_BEHIND,
	} part;
};

/*
 * Takes the next line, without its newline. Returns 1 where it names a namespace or socket, 0 where
 * it does not, and -EINVAL where a line among the files is no such line.
 */
int ring_take_line(struct ring_text *text, const char *line, struct ring_file *ret_file);

#endif
