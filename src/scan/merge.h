/* SPDX-License-Identifier: MIT */
/*
 * The one door to the model: puts facts into it, in the order of the work lists, and keeps what
 * they leave to be asked by the phases that follow.
 */
#ifndef NSLS_MERGE_H
#define NSLS_MERGE_H

#include "fact.h"

#include "nsls/base/u64map.h"
#include "nsls/model/model.h"

/* Threads of one process that are looked at in one go. */
#define THREADS_OF_AN_ITEM 32

struct thread_item {
	pid_t pid;
	pid_t tid;                   /* by which the process was read */
	uint32_t ino[NS_TYPE_COUNT]; /* of the process */
	size_t n;
	int tids[THREADS_OF_AN_ITEM];
};

struct thread_list {
	struct thread_item *at;
	size_t n, size;
};

/* A task that has a big table of descriptors. */
struct table_item {
	pid_t pid, tid;
};

struct table_list {
	struct table_item *at;
	size_t n, size;
};

/* Those who have a socket or ring open: the first of them are asked. */
#define FD_HOLDERS_ASKED 4

struct fd_holder {
	pid_t pid, tid;
	int fd;
};

/* A socket, or a tun device, however many have it open. */
struct socket_item {
	uint64_t inode; /* 0: a tun device */
	struct fd_holder at[FD_HOLDERS_ASKED];
	size_t n;
	struct ns_ref netns; /* the answer; inode 0: none */
};

struct socket_list {
	struct socket_item **at;
	size_t n, size;
};

/* One who has a socket open, until its namespace is known. */
struct socket_use {
	struct fd_holder holder;
	struct socket_item *item;
};

struct socket_uses {
	struct socket_use *at;
	size_t n, size;
};

/*
 * A ring of io_uring(7), however many have it open. Only the first of them are listed as holders:
 * all, times all that is registered with the ring, would be a product that costs its owner only the
 * sum.
 */
struct ring_item {
	uint64_t inode; /* 0: unknown */
	struct fd_holder at[FD_HOLDERS_ASKED];
	size_t n;
};

struct ring_list {
	struct ring_item **at;
	size_t n, size;
};

/* A socket that is registered with a ring, until its namespace is known. */
struct ring_socket {
	const struct ring_item *ring;
	uint64_t inode;
};

struct ring_sockets {
	struct ring_socket *at;
	size_t n, size;
};

struct listed {
	struct ns_ref ref;
	uint64_t id;
	bool held; /* but no way was found to open it */
};

/* What the kernel lists and nobody was seen to hold, or could open. */
struct listed_list {
	struct listed *at;
	size_t n, size;
};

struct merge {
	struct model *model;
	struct report *report;
	unsigned sources;
	bool relations;          /* are asked for */
	struct u64map troubled;  /* each process counts once for a source */
	struct u64map timed_out; /* processes whose reading timed out */

	struct arena arena; /* what is kept until the scan ends */
	struct thread_list threads;
	struct table_list tables;
	struct socket_list sockets;
	struct socket_uses uses;
	struct u64map by_inode; /* sockets */
	struct ring_list rings;
	struct ring_sockets ring_sockets;
	struct u64map ring_by_inode;
	struct u64map mounts_read;   /* mount namespaces whose tables were asked for */
	struct u64map mounts_partly; /* those of which not all mounts were listed */
	struct u64map unopened;      /* threads that were listed and could not be opened */
	struct u64map mount_ids;     /* mounts that are known, by mount namespace and id */

	struct listed_list listed;
	struct u64map unseen;     /* by ref: while looking again, what wants an explanation */
	struct u64map unseen_ids; /* the same by id: inode numbers are used again, ids never */
	bool again;
	size_t news; /* that looking again has brought */
};

void merge_init(struct merge *merge, struct model *model, struct report *report, unsigned sources);
void merge_done(struct merge *merge);

void merge_fact(struct merge *merge, const struct fact *fact);

/* Its parts that have files of their own: FACT_SOCKET, FACT_RING, FACT_RING_FILE, FACT_LISTED. */
void merge_socket(struct merge *merge, const struct fact *fact);
void merge_ring(struct merge *merge, const struct fact *fact);
void merge_ring_file(struct merge *merge, const struct fact *fact);
void merge_listed(struct merge *merge, const struct fact *fact);

/*
 * While looking again, what was known of a task before is not told twice. A namespace that nothing
 * was seen to hold before is new, whatever holds it.
 */
bool merge_is_news(const struct merge *merge, const struct task *task, struct ns_ref ref);

/* Says that a copy of *holder holds ref, if that is news. */
void merge_holder(struct merge *merge, struct ns_ref ref, const struct holder *holder);

/* Whether the process, or a thread of it where that is the source, ended before it could be read.
 */
bool merge_has_vanished(const struct merge *merge, enum source source, pid_t pid);

static inline uint64_t thread_key(pid_t pid, pid_t tid)
{
	return (uint64_t)pid << 32 | (uint32_t)tid;
}

/* Counts a process (0: an unknown one) whose reading timed out. */
void merge_timed_out(struct merge *merge, pid_t pid);
bool merge_timed_out_before(const struct merge *merge, pid_t pid);

/*
 * Once all sockets were asked: says who holds what by them, and by rings that they are registered
 * with. The first does the second, too.
 */
void merge_sockets(struct merge *merge);
void merge_ring_sockets(struct merge *merge);

/* Says that the mounts in a mount namespace need not be asked for again. */
void merge_mounts_read(struct merge *merge, uint32_t ino);

/* Once all is read: reports the mount namespaces that were told partly and never wholly. */
void merge_mounts_partly(struct merge *merge);

/*
 * From here on facts only add processes that are new, and what explains the listed namespaces. Ends
 * with merge_end_again().
 */
void merge_begin_again(struct merge *merge);
void merge_end_again(struct merge *merge);

/* Whether something is on the list that nobody was seen to hold. */
bool merge_has_unseen(const struct merge *merge);

/* Whether looking again brought nothing, and the kernel still lists what it listed before. */
bool merge_is_settled(const struct merge *merge);

/* Drops from the list what was not on the one before: nobody has looked for its holders. */
void merge_keep_seen_before(struct merge *merge);

/* Whatever is left on the list of the kernel is held by something that can't be seen. */
void merge_unseen(struct merge *merge);

#endif
