/* SPDX-License-Identifier: MIT */
/*
 * A plain directory that looks like /proc, one call a fact, and a kernel of the test's own that
 * has the namespaces that the test gives it. Fixture and assertion stand on one screen.
 */
#ifndef SMALL_WORLD_H
#define SMALL_WORLD_H

#include "../test.h"

#include "nsls/scan.h"

/* What getpwuid(3) and getpwnam(3) fail with for every user, or 0. */
extern int users_error;

/* The text of the buffer, which is empty then. It is freed when the test has ended. */
const char *strbuf_keep(struct strbuf *buf);

struct world {
	char dir[64];
	int fd;
};

/* "net:[70]" */
const char *ref_text(enum nstype type, uint32_t ino);

/* The inode that world_process() gives every process for a type. */
#define USUAL(type) (4026531800u + (uint32_t)(type))

void world_new(struct world *world);
void world_done(struct world *world);

void world_dir(struct world *world, const char *path);
void world_file(struct world *world, const char *path, const char *text);
void world_bytes(struct world *world, const char *path, const void *bytes, size_t len);

/* A link with that text; replaces an earlier one. */
void world_link(struct world *world, const char *path, const char *text);
void world_unlink(struct world *world, const char *path);

/* A process with all eight usual namespaces, an empty fd directory and a stat file. */
void world_process(struct world *world, pid_t pid, pid_t ppid);

/* The same in another namespace, such as "net:[70]". */
void world_process_in(struct world *world, pid_t pid, pid_t ppid, const char *ns);

/* A thread of a process, with all eight usual namespaces and a stat file. */
void world_thread(struct world *world, pid_t pid, pid_t tid);

/* Process pid of world_process() has threads, the first of which has ended. */
void world_end_main_thread(struct world *world, pid_t pid);

/* A process with unreadable namespaces. */
void world_hidden_process(struct world *world, pid_t pid, pid_t ppid);

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

/* The test's kernel. Descriptors are indices into ns plus 1000, of sockets plus 2000. */
struct fake_kernel {
	struct kernel kernel;
	struct fake_ns ns[16];
	struct fake_socket sockets[8];
	uint64_t ring_inode;   /* of every ring */
	const char *path_link; /* text of a link that leads to the namespace path_ino */
	uint32_t path_ino;
	uint64_t slash_mount;   /* of descriptors on "/"; that of each process's root is 1 */
	int open_error;         /* what opening a namespace fails with, or 0 */
	pid_t new_pidns_tid;    /* its children will be in a PID namespace without a process yet */
	uint32_t new_pidns_ino; /* of that; 0: this kernel can't open it */
	const struct bpf *bpf;  /* the programs of the scan, or NULL */
	bool has_listns;
	bool unprivileged;
	bool foreign;            /* the PIDs of the world are not ours */
	size_t descriptors_max;  /* of the scan */
	size_t mount_points_max; /* of the scan */
	bool points;             /* of the scan */
	bool no_netnsid;         /* of the scan */
	unsigned timeout_ms;     /* of the scan's workers */
	uint32_t own_pid;        /* PID namespace that we are in */
	unsigned open;           /* descriptors not closed yet */
	size_t counted_mounts;   /* in each mount namespace; 0: this kernel does not count them */
	const char *names_dir;   /* of the scan */
	unsigned netns_opened, sockets_copied, listed;
};

void fake_kernel_init(struct fake_kernel *kernel);

/* A scan of the world with all sources but those in without. It starts as zero. */
struct scanned {
	bool used;
	struct procfs procfs;
	struct pool pool;
	struct model model;
	struct report report;
};

/* Frees what an earlier scan left. */
int try_scan(struct world *world, struct fake_kernel *kernel, unsigned without,
	struct scanned *ret_scanned);
void scan_world(struct world *world, struct fake_kernel *kernel, unsigned without,
	struct scanned *ret_scanned);
void scanned_done(struct scanned *scanned);

/* The namespace, or NULL. */
const struct ns *find_ns(const struct scanned *scanned, enum nstype type, uint32_t ino);

/* All holders as one text, such as "process 1, fd 2:3". */
const char *holders_of(const struct scanned *scanned, enum nstype type, uint32_t ino);

#define assert_holders(scanned, type, ino, text)                                                   \
	assert_string_equal(holders_of(scanned, type, ino), text)

#endif
