/* SPDX-License-Identifier: MIT */
/*
 * A plain directory that looks like /proc, a kernel of the test's own that has the namespaces that
 * the test gives it, and what the last scan of them found. An error in building them fails the
 * test. Fixture and assertion stand on one screen.
 */
#ifndef SMALL_WORLD_H
#define SMALL_WORLD_H

#include "../test.h"

#include "nsls/scan.h"

#include <stdatomic.h>

/* What getpwuid(3) and getpwnam(3) fail with for every user, or 0. */
extern int users_error;

/* The text of the buffer, which is empty then. It is freed when the test has ended. */
const char *strbuf_keep(struct strbuf *buf);

/* The items of the buffer, each of which ends with '\0', as the lines of such a text. */
const char *strbuf_keep_items(struct strbuf *buf);

extern struct world {
	char dir[64];
	int fd;
} world;

/* "net:[70]" */
const char *ref_text(enum nstype type, uint32_t ino);

/* The inode that world_process() gives every process for a type. */
#define USUAL(type) (4026531800u + (uint32_t)(type))

void world_new(void);
void world_done(void);

void world_dir(const char *path);
void world_file(const char *path, const char *text);
void world_bytes(const char *path, const void *bytes, size_t len);

/* A link with that text; replaces an earlier one. */
void world_link(const char *path, const char *text);
void world_unlink(const char *path);

/* A process with all eight usual namespaces, an empty fd directory and a stat file. */
void world_process(pid_t pid, pid_t ppid);

/* A thread of a process, with all eight usual namespaces and a stat file. */
void world_thread(pid_t pid, pid_t tid);

/* A process with unreadable namespaces. */
void world_hidden_process(pid_t pid, pid_t ppid);

/* A namespace of the fake kernel. 0 and -1 stand for none. */
struct fake_ns {
	struct ns_ref ref;
	uint32_t owner, parent; /* inodes of user namespaces; of the parent */
	uid_t uid;
	uint64_t id;
	bool listed; /* by listns(2) */
};

struct fake_socket {
	uint64_t inode;
	uint32_t netns;
	uint64_t cookie; /* 0: this kernel has none */
};

/* A mount of a namespace file, as the kernel lists it. */
struct fake_mount {
	uint32_t mntns; /* 0: none */
	struct ns_ref ref;
	const char *path; /* NULL: left out */
};

/* Descriptors are indices into ns plus 1000, of sockets plus 2000. */
extern struct fake_kernel {
	struct kernel kernel;
	struct fake_ns ns[16];
	struct fake_socket sockets[8];
	struct fake_mount mounts[4];
	uint64_t ring_inode;     /* of every ring */
	uint64_t own_cookie;     /* of sockets in our network namespace; 0: this kernel has none */
	const char *path_link;   /* text of a link that leads to the first namespace */
	uint64_t slash_mount;    /* of descriptors on "/"; that of each process's root is 1 */
	const char *failing;     /* name of the call that fails, or NULL */
	const char *failing_for; /* only for that name or thread, or NULL */
	int failure;             /* with that */
	pid_t new_pidns_tid;     /* its children will be in a PID namespace without a process yet */
	uint32_t new_pidns_ino;  /* of that; 0: this kernel can't open it */
	const struct bpf *bpf;   /* the programs of the scan, or NULL */
	bool has_listns;
	bool unprivileged;
	const char *shut;                         /* what scans may not read, or NULL */
	bool foreign;                             /* the PIDs of the world are not ours */
	size_t descriptors_max, mount_points_max; /* of the scan */
	bool points, no_netnsid;                  /* of the scan */
	unsigned timeout_ms;                      /* of the scan's workers */
	uint32_t own_pid;                         /* PID namespace that we are in */
	atomic_uint open;                         /* descriptors not closed yet */
	size_t counted_mounts;  /* in each mount namespace; 0: this kernel does not count them */
	bool lists_some_mounts; /* not all */
	bool walks;             /* from mount namespace to mount namespace, in the order of ns */
	unsigned mount_lines;   /* written */
	bool lists_again;       /* what it has listed by listns(2) */
	bool lists_anew;        /* the first namespace, with a new id each time */
	const char *relations;  /* calls that read them, such as "owner net:[70]" */
	const char *names_dir;  /* of the scan; below the world, unless it has a slash in front */
	unsigned netns_opened, sockets_copied, listed, opened_below;
	void (*before_call)(const char *call, const char *what); /* path, thread or ""; or NULL */
	bool (*add_item)(const char *item); /* a step of the test's own; false if it is none */
} kernel;

/* What its calls do unless a test replaces them. */
extern const struct kernel fake_calls;

/* A kernel without namespaces. */
void kernel_init(void);

/* Takes a step that begins with what, if it is one of those that change the kernel. */
bool kernel_step(const char *what, const char *text);

/* For cmocka: an empty world and a new kernel. */
int world_set_up(void **state);
int world_tear_down(void **state);

extern struct scanned {
	bool used;
	struct procfs procfs;
	struct pool pool;
	struct model model;
	struct report report;
} scanned;

/*
 * Scans the world with all sources but those in without (bits 1 << enum source), and frees what an
 * earlier scan left. scan() expects success, and that no descriptor is left open.
 */
int try_scan(unsigned without);
void scan(unsigned without);

/* What the last scan found: the namespace or process, or NULL. */
const struct ns *find_ns(enum nstype type, uint32_t ino);
const struct process *find_process(pid_t pid);

/* The tests of a file run in a world in which these steps were taken. */
#define WORLD_FIXTURE(...)                                                                         \
	static int world_with_steps(void **state)                                                  \
	{                                                                                          \
		world_set_up(state);                                                               \
		STEPS(__VA_ARGS__);                                                                \
		return 0;                                                                          \
	}                                                                                          \
	TEST_FIXTURE(world_with_steps, world_tear_down)

/*
 * Takes steps, which change the world or the kernel:
 *
 *	4                           a process; "4 net:[70]" in another namespace
 *	4/5                         a thread of it
 *	4 ended                     its main thread has ended
 *	4/task/5/                   a directory
 *	4/fd/3 socket:[900]         a link
 *	=4/mountinfo TEXT           a file
 *	|4/stat                     a FIFO
 *	!4/ns/time                  removes one of these
 *	shut 4/ns                   scans are those of a user without access to it
 *	@net:[70] owner=8 parent=9 uid=0 id=500 listed   the kernel has it
 *	+4/mountinfo net:[70] /x    adds a mount of it on /x to that file; "/ /x": of a directory
 *	@socket:[900] 70 7          the kernel has it in net:[70], with cookie 7; 0 is a tun device
 *	@mount 99 net:[70] /x       the kernel lists this mount in mnt:[99]; the path may be missing
 *	has_listns=1                a field of struct fake_kernel; also "names_dir /x"
 *	fail owner EACCES           that call of the kernel fails from now on
 *	fail pidfd EPERM 3          only for thread 3; so may order_files, and open for a file name
 *
 * and, behind "=>", what a scan finds then: one before the first of such steps in a row, from all
 * sources, or after a step "without threads,fds" or "only mounts" from some:
 *
 *	=> net:[70] process 1, fd 2:3   a namespace and its holders
 *	=> !net:[70]                    one that is not there
 *	=> net:[70].nprocs 1            a number of struct ns; PID or inode of leader, owner, parent
 *	=> namespaces 8                 all of them
 *	=> net:[70].names lab1 lab2     its names in /run/netns
 *	=> net:[70].point 0:25 /x 7 8   the file, peers and master of its first mount
 *	=> stale old ?                  the stale ones; "?" if there may be others
 *	=> unreadable 3                 process 3, of which something could not be read; or readable
 *	=> sockets_copied 1             a field of struct fake_kernel
 *	=> report.new_pidns 1           a number of struct scanned
 *	=> relations owner net:[70]     calls of the kernel that have read relations
 *	=> complete                     the answer; also incomplete
 *	=> reasons nothing was read\n   why the answer is incomplete
 *	=> errors fds 0 1 0             what vanished, was denied and was odd, by source; or "none"
 *	=> kernel 0 0 1                 the same of this source, whatever the others are
 *	=> limitations TURNOVER         all limitations of the report, or "none"
 *	=> limited TURNOVER             this one among others; also unlimited
 */
#define STEPS(...) take_steps((const char *const[]){ __VA_ARGS__, NULL }, false, __FILE__, __LINE__)

/* A test of nothing but these steps. */
#define STEPS_TEST(name, ...) TEST_CALL(name, STEPS(__VA_ARGS__))

/* The same, but results are those of the last scan. */
#define FOUND(...) take_steps((const char *const[]){ __VA_ARGS__, NULL }, true, __FILE__, __LINE__)
void take_steps(const char *const *steps, bool current, const char *file, int line);

#endif
