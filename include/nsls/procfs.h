/* SPDX-License-Identifier: MIT */
/*
 * A proc tree: its directories, its files, and their text formats. proc(5) describes every file
 * named here. All functions return a descriptor or 0, or -errno, unless noted otherwise.
 */
#ifndef NSLS_PROCFS_H
#define NSLS_PROCFS_H

#include "nsls/base.h"
#include "nsls/kernel.h"

#include <fcntl.h>
#include <sys/types.h>

struct worker;

/* The live /proc, another system's procfs, or a plain directory with the same layout. */
struct procfs {
	int fd;          /* O_PATH of the top directory */
	bool kernel;     /* a procfs, not a plain directory (statfs(2), PROC_SUPER_MAGIC) */
	bool ours;       /* its PIDs are those of this process's PID namespace */
	pid_t self;      /* the PID of this process in it; 0: none */
	bool counts_fds; /* the size of PID/fd is the number of descriptors, Linux 6.2 */
};

/* Opens dir. -ENOTDIR or -ENOENT if it is no directory. */
int procfs_open(const char *dir, struct procfs *ret_procfs);
void procfs_close(struct procfs *procfs);

/* Reads whether the procfs is mounted with hidepid, proc(5). False also if that is unknown. */
int procfs_has_hidepid(const struct procfs *procfs, bool *ret_has);

/* The numeric names in a directory: PIDs, TIDs, descriptors. Reused from call to call. */
struct numbers {
	int *at;
	size_t n;
	size_t size;
};

void numbers_done(struct numbers *numbers);

/* Returns true if the numbers, which ascend, have n. */
bool numbers_contain(const struct numbers *numbers, int n);

/*
 * List the numeric entries of directory path below dirfd, ascending. known is their number, or 0.
 * In a procfs, reading stops after that many, which saves the call that only finds the end.
 *
 * procfs_open_list() returns the open directory. Reading a part of a large one counts as progress
 * of the worker, which may be NULL; an abandoned worker stops reading.
 */
int procfs_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct numbers *numbers);
int procfs_open_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct worker *worker, struct numbers *numbers);

/*
 * Appends the numbers of the next entries of an open directory, as many as take size bytes or less.
 * size is at most PROCFS_LIST_BYTES_MAX. Returns 1, or 0 at the end of the list after sorting all
 * of numbers, or -errno.
 */
#define PROCFS_LIST_BYTES_MAX ((size_t)32 * 1024)
int procfs_list_next(int fd, size_t size, struct numbers *numbers);

/* The flags of open(2) for a directory that procfs_list_next() reads. */
#define PROCFS_LIST (O_RDONLY | O_NONBLOCK)

/*
 * Opens a directory of the tree, with O_PATH or PROCFS_LIST. -EXDEV in a procfs if anything is
 * mounted over it: the kernel did not make its content, and a read of it would wait for a dead file
 * server.
 */
int procfs_open_directory(const struct procfs *procfs, int dirfd, const char *path, int flags);

/*
 * Open the directory of a process or thread, O_PATH. Reads through it return data of this one or
 * fail (ENOENT, ESRCH), even after its PID was reused. procfs_open_thread_of() opens that of the
 * process if tid is pid.
 */
int procfs_open_process(const struct procfs *procfs, pid_t pid);
int procfs_open_thread(const struct procfs *procfs, int process_fd, pid_t tid);
int procfs_open_thread_of(const struct procfs *procfs, pid_t pid, pid_t tid);

/*
 * Opens the directory of the lowest thread, other than the main one, with readable namespaces;
 * *ret_tid is its TID. If the main thread of a process has ended (pthread_exit(3) in main), its
 * namespaces can be read only there. -ESRCH if there is no such thread.
 */
int procfs_open_remaining_thread(
	const struct procfs *procfs, int process_fd, pid_t pid, pid_t *ret_tid);

/* Reads the target of a link. -ENAMETOOLONG if it does not fit: buf holds its start. */
int procfs_read_link(int dirfd, const char *path, char *buf, size_t size);

/*
 * Reads a link in the directory ns of a process or thread, such as net. Returns ns_fd if that is
 * negative, and -EINVAL if the text of the link is not "type:[inode]" of that type.
 * procfs_read_own_ns() opens ns in dirfd, too.
 */
int procfs_read_ns(int ns_fd, const char *link, enum nstype type, uint32_t *ret_ino);
int procfs_read_own_ns(const struct procfs *procfs, int dirfd, enum nstype type, uint32_t *ret_ino);

/*
 * Count the open descriptors of a process, which is faster than listing them, and its threads by
 * the link count of its directory task. Descriptors: 0 for a kernel thread, -EOPNOTSUPP if
 * procfs.counts_fds is false. Threads: 0 if unknown, as on some file systems of a plain directory.
 */
int procfs_count_fds(const struct procfs *procfs, int process_fd, size_t *ret_count);
int procfs_count_threads(int process_fd, unsigned *ret_count);

/*
 * Files of a proc tree. The tree may be that of a container, or a directory made by anybody: only
 * regular files are opened, else -EINVAL, and the number of bytes read is bounded.
 *
 * Reads a whole file, -EFBIG if it is longer than 128 KiB, or its first max bytes: returns 1 if
 * there are more.
 */
int procfile_read(int dirfd, const char *path, struct strbuf *out);
int procfile_read_start(int dirfd, const char *path, size_t max, struct strbuf *out);

/*
 * Calls each for every line, without its newline; each may change the line, and returns 0 to
 * continue. -EFBIG for a line longer than 64 KiB or a file longer than 1 GiB.
 *
 * Unless total is NULL, cuts longer lines, and adds the number of bytes read to *total; -EFBIG also
 * if the kernel cannot make the text in one piece.
 */
typedef int line_function(void *data, char *line, size_t len);
int procfile_each_line(int dirfd, const char *path, line_function *each, void *data, size_t *total);

/*
 * Text formats of proc files: proc_pid_stat(5), proc_pid_status(5), proc_pid_cmdline(5). Parsers
 * take text, so that tests and fuzzers can call them; readers take the directory of a process.
 * -EINVAL: not that format. All write results on success only.
 */

struct proc_stat {
	char state;           /* field 3; Z is a zombie, X dead */
	bool ending;          /* field 9, PF_EXITING: exiting or ended */
	bool kthread;         /* field 9, PF_KTHREAD: a kernel thread */
	pid_t ppid;           /* field 4; 0 where the parent is outside this procfs */
	unsigned num_threads; /* field 20 */
	uint64_t start_ticks; /* field 22, clock ticks (sysconf _SC_CLK_TCK) since boot */
};

struct proc_status {
	uid_t uid;      /* effective, in the user namespace of the reader */
	bool admin;     /* CAP_SYS_ADMIN is permitted, in its own user namespace */
	pid_t nspid;    /* NSpid, Linux 4.1: the PID in its innermost PID namespace; 0: unknown */
	unsigned npids; /* of NSpid: one per PID namespace, from that of the procfs inwards */
};

/* Parses from the last ')' on: a process name may contain any byte, also a ')'. */
int proctext_parse_stat(const char *text, struct proc_stat *ret_stat);
int proctext_parse_status(const char *text, struct proc_status *ret_status);

/* Joins NUL-separated arguments to one line. Appends nothing for an empty cmdline. */
void proctext_join_cmdline(const char *bytes, size_t len, struct strbuf *out);

/* Returns the current time in the units of proc_stat.start_ticks, in our time namespace like it. */
uint64_t proctext_now_ticks(void);

int proctext_read_stat(int process_fd, struct proc_stat *ret_stat);
int proctext_read_status(int process_fd, struct proc_status *ret_status);

/* Reads the name of the process, proc_pid_comm(5). */
int proctext_read_comm(int process_fd, struct strbuf *out);

/*
 * Maximum bytes of a command line, as in the kernel before Linux 4.2. Any user can start tens of
 * thousands of processes with command lines of megabytes.
 */
#define PROCTEXT_COMMAND_MAX ((size_t)4 * 1024)

/* Reads the command line, with "..." if it was cut, or for a process without one its name. */
int proctext_read_command(int process_fd, struct strbuf *out);

/* Reads the last allocated PID or TID of our own PID namespace: /proc/loadavg. */
int proctext_read_last_pid(const struct procfs *procfs, pid_t *ret_pid);

/* Reads the number behind key, at the start of a line: "btime" in stat, "" in a file of sys. */
int proctext_read_number(const struct procfs *procfs, const char *path, const char *key,
	uint64_t max, uint64_t *ret_number);

/* Reads sys/user/max_TYPE_namespaces, namespaces(7), at most INT_MAX. */
int proctext_read_limit(const struct procfs *procfs, enum nstype type, uint64_t *ret_limit);

/*
 * Counts the network interfaces in net/dev, proc_pid_net(5). -EFBIG if there are more than
 * PROCTEXT_LINKS_MAX: any user can create them in a user namespace.
 */
#define PROCTEXT_LINKS_MAX 65536u
int proctext_count_links(int process_fd, unsigned *ret_count);

/*
 * Appends uid_map, gid_map or (clocks) timens_offsets: lines of three numbers, separated by one
 * blank; in the latter, the first is the name of a clock.
 */
int proctext_read_triples(int process_fd, const char *file, bool clocks, struct strbuf *out);

/*
 * Reads a link of /proc/PID/fd, proc_pid_fd(5), and recognises what its text shows: the tun device
 * by its usual path. Sets ino of a namespace or socket, but no device.
 */
int fd_link_read(int dirfd, const char *link, struct fd_target *ret_target);

/*
 * The fdinfo of a ring, io_uring(7): after the line "UserFiles:", one line per registered file,
 * with the text that a link of /proc/PID/fd would have.
 *
 * That text may be a path of any length that another user chose. Linux 6.15 and newer escape
 * newlines in it. A path starts with '/', and so differs from the text of a namespace.
 */

/* The text of a link of /proc/PID/fd that leads to a ring. */
#define RING_LINK "anon_inode:[io_uring]"

/* A registered file that is a namespace or a socket. */
struct ring_file {
	uint64_t socket; /* inode; 0: a namespace */
	struct ns_ref ns;
};

/* State of parsing one fdinfo line by line; zeroed at its start. */
struct ring_text {
	uint64_t inode; /* of the ring's file, Linux 5.14; 0: unknown */
	uint64_t next;  /* lowest number of the next file */
	uint64_t end;   /* one more than the highest number of a file */
	enum {
		RING_BEFORE, /* the fdinfo of a busy ring ends here: it lists all files or none */
		RING_FILES,
		RING_BEHIND,
	} part;
};

/*
 * Parses the next line, without its newline. Returns 1 if it names a namespace or socket, else 0;
 * -EINVAL if a line among the files has another format.
 */
int ring_take_line(struct ring_text *text, const char *line, struct ring_file *ret_file);

#endif
