/* SPDX-License-Identifier: MIT */
/* What the files of layer scan share. */
#ifndef NSLS_SCAN_INTERNAL_H
#define NSLS_SCAN_INTERNAL_H

#include "nsls/base.h"
#include "nsls/kernel.h"
#include "nsls/model.h"
#include "nsls/timeout.h"
#include "nsls/procfs.h"
#include "nsls/report.h"
#include "nsls/scan.h"

#include <stdatomic.h>
#include <time.h>

struct emitter;
struct ctx;
struct fact;
struct merge;
struct scan;

/*
 * Facts: the output of a phase. A worker writes them to its own memory, one chain per item of the
 * work list. Each has the function that puts it into the model, in the order of the list.
 */

typedef void merge_function(struct merge *merge, const struct fact *fact);

/* How many of the mounts in a mount namespace were emitted. */
enum coverage { COVERAGE_NONE, COVERAGE_PARTIAL, COVERAGE_FULL };

struct fact {
	struct fact *next;
	merge_function *merge;
	pid_t pid, tid;    /* process that it is about, or that sees a mount; 0: none */
	struct ns_ref ref; /* namespace that it is about; inode 0: unknown */
	union {
		struct {
			enum holder_kind kind;       /* HOLDER_PROCESS, _ZOMBIE or _EXITING */
			uint32_t ino[NS_TYPE_COUNT]; /* 0: not read, or none */
			const int *tids;             /* all threads, if there are several */
			size_t ntids;
		} process; /* tid: thread that was read; not the PID if that thread has ended */
		struct {
			enum holder_kind kind;
			int fd;
			uint64_t inode; /* of a socket or ring; 0: unknown, or a tun device */
		} holder;
		struct {
			const struct holder_mount *at; /* without process, ours and locked_by */
			uint32_t id;                   /* as in mountinfo; 0: unknown */
			const char *device; /* of the file system; NULL: not looked for */
		} mount;
		struct {
			pid_t sharer; /* the first thread with the same table */
			bool alone;   /* kcmp(2) failed: it may be that of another process */
		} table;
		struct {
			uint32_t owner, parent; /* 0: none, or not permitted to be read */
			uint64_t id;            /* 0: unknown */
			uid_t owner_uid;
			int netnsid;
			bool has_owner_uid, has_netnsid;
		} relations;
		struct {
			enum source source;
			int error;
		} failure;
		const struct item *item; /* that was scanned */
		uint64_t id;             /* that the kernel lists */
		uint64_t device;         /* of the file system: superblock_key() */
		enum report_limitation limitation;
		enum coverage coverage;
		bool moved;       /* a process that was found in ref is in another one */
		const char *name; /* NULL: all names were emitted */
	};
};

/* Paths by which namespaces can be opened. Work lists take them from the holders in the model. */

struct ns_path {
	const char *root; /* directory below the procfs in which path starts; NULL: the procfs */
	const char *path;
	enum holder_kind kind;
	pid_t pid, tid; /* of the holder; 0: a mount */
};

/* Several, because a holder may exit before its path is opened. */
#define NS_PATHS_MAX 8

struct ns_paths {
	struct ns_path at[NS_PATHS_MAX];
	size_t n;
};

/* Adds the path through a holder, if it has one and there is room. Its strings are in the arena. */
void ns_paths_add(struct ns_paths *ns_paths, const struct holder *holder, enum nstype type,
	struct arena *arena);

/*
 * Opens the namespace by the first path that leads to it. Returns a descriptor of the kernel table,
 * -ENOENT if no path leads there any more, or the error of a path that may still lead there.
 */
int ns_paths_open(const struct ctx *ctx, const struct ns_paths *ns_paths, struct ns_ref ref);

/* Emits a limitation if an error of ns_paths_open() comes from an old kernel. */
void ns_paths_emit_error(struct emitter *emitter, int error);

/* The context of a scan, and the functions that emit facts. */

/* What the workers of a phase have read together, for limits. */
struct spent {
	atomic_size_t mount_points; /* bytes, with those that are in the model */
	atomic_size_t descriptors;  /* of big tables */
	atomic_size_t ring_bytes;
	atomic_uint ring_waits;
};

/* Handles and settings of one scan; read-only while phases run. */
struct ctx {
	struct procfs procfs;
	const struct kernel *kernel;
	struct scan_options options; /* with what they imply, and the default limits */
	unsigned links;              /* types of the links that are read of each process */
	unsigned unsupported;        /* types that this kernel does not have */
	bool ids;                    /* read ids and the UIDs of owners with the relations */
	bool fixed_initial;          /* initial inodes are fixed, as ids show, Linux 6.18 */
	uint32_t own[NS_TYPE_COUNT]; /* namespaces of nsls itself; 0: unknown */
	struct timespec start;       /* CLOCK_REALTIME */
	struct u64map superblocks;   /* superblock_key() to the struct ns_ref that it holds */
	struct spent *spent;
};

static inline bool ctx_wants(const struct ctx *ctx, enum source source)
{
	return ctx->options.sources & 1u << source;
}

/* Collects the facts of one item of a work list. */
struct emitter {
	struct worker *worker;
	const struct ctx *ctx;
	pid_t pid;       /* process that the facts are about, or 0 */
	unsigned failed; /* bits of sources with an error that was emitted */
	bool vanished;   /* the process or a thread of it ended before it could be read */
	bool cut;        /* a mount point was left out */
	struct fact *first, **end;
	struct fact *process; /* merge_process() of that process, once it was opened; or NULL */
	struct u64map *known; /* threads that this phase has read; NULL: phase_threads reads all */
};

/* Goes on to another process. */
void emitter_next(struct emitter *emitter, pid_t pid);

/* Adds a fact about the emitter's process. The caller fills it. */
struct fact *emit_fact(struct emitter *emitter, merge_function *merge);

/* Adds a fact about a descriptor. inode: of a socket or ring. */
struct fact *emit_descriptor(struct emitter *emitter, merge_function *merge, enum holder_kind kind,
	pid_t tid, int fd, uint64_t inode);

/* Emits that the process, or a thread or descriptor of it, holds ref. */
void emit_holder(
	struct emitter *emitter, struct ns_ref ref, enum holder_kind kind, pid_t tid, int fd);

void emit_limitation(struct emitter *emitter, enum report_limitation limitation);

/*
 * Classifies every error of a scan. Returns the error if it ends the scan. Otherwise emits that the
 * source could not read all of the process, and returns 0. dirfd is the directory of the process,
 * or -1. With it, an error of a process that has ended counts as ESRCH, such as EINVAL for its
 * mountinfo.
 */
int emit_error(struct emitter *emitter, enum source source, int dirfd, int error);

/* Work lists. A list owns its items and what they point to. One that is zeroed is empty. */

enum phase_id {
	PHASE_BPF,
	PHASE_PROCESSES,
	PHASE_THREADS,
	PHASE_STARTED,
	PHASE_COMPARE,
	PHASE_TABLES,
	PHASE_RINGS,
	PHASE_SOCKETS,
	PHASE_MOUNTS,
	PHASE_RELATIONS,
	PHASE_LISTED,
	PHASE_REUSED,
	PHASE_NAMES,
	PHASE_COUNT,
};

/* The start of each item. */
struct item {
	uint64_t key; /* while an item with it blocks, no other with it is tried */
	pid_t pid;    /* process that counts as timed out with it; 0: unknown */
};

struct work_list {
	struct arena arena;
	struct item **at;
	size_t n, size;
	struct u64map by_key; /* items of work_list_get() */
};

/* Adds a zeroed item, of size bytes. */
void *work_list_add(struct work_list *list, size_t size, uint64_t key, pid_t pid);

/* Returns the item with the key. Adds it if it is new. */
void *work_list_get(struct work_list *list, size_t size, uint64_t key, pid_t pid);

/* Adds the only item of a phase. */
void work_list_add_one(struct scan *scan, struct work_list *list);

void work_list_done(struct work_list *list);

#define THREADS_PER_ITEM 32

struct thread_item {
	struct item head;
	pid_t tid;                   /* thread by which the process was read */
	uint32_t ino[NS_TYPE_COUNT]; /* of the process */
	size_t n;
	int tids[THREADS_PER_ITEM];
};

/* Returns an item without threads, to which threads of the process can be added. */
struct thread_item thread_item_of(const struct fact *process);

struct thread_list {
	struct thread_item *at;
	size_t n, size;
};

/* Processes per socket or ring through which nsls tries to read it. */
#define FD_HOLDERS_TRIED 4

struct fd_holder {
	pid_t pid, tid;
	int fd;
};

/* A socket, tun device or ring of io_uring(7), which any number of processes may have open. */
struct file_item {
	struct item head;
	uint64_t inode; /* 0: unknown, or a tun device */
	struct fd_holder at[FD_HOLDERS_TRIED];
	size_t n;
	struct holder *first, **end; /* of a socket, until its network namespace is known */
};

/* Returns a key for an open file: its inode, or a descriptor of a thread on it. */
static inline uint64_t file_key(uint64_t inode, pid_t tid, int fd)
{
	return inode ? inode : (uint64_t)tid << 32 | (uint32_t)fd;
}

/* A namespace on the kernel's list that has no known holder, or could not be opened. */
struct listed {
	struct ns_ref ref;
	uint64_t id;
	bool held; /* it has a holder, but no path by which it could be opened */
};

/* The merge: puts facts into the model, and keeps the work lists of later phases. */
struct merge {
	struct model *model;
	struct report *report;
	const struct ctx *ctx;
	struct u64map failed; /* a process counts once per source, and once as timed out */
	struct arena arena;
	struct thread_list threads;
	struct work_list lists[PHASE_COUNT]; /* what the phases scan next */
	struct u64map rings_unread;    /* by file_key(); kept when everything is scanned again */
	struct u64map mount_tables;    /* what is known of them, by mount namespace */
	struct u64map unopened;        /* threads that were listed and could not be opened */
	struct u64map superblocks;     /* as in the context */
	struct u64map mount_ids;       /* known mounts, by mount namespace and id */
	struct u64map mounted_ids;     /* those that are looked for */
	size_t mount_points;           /* bytes of mount points in the model */
	struct u64map mounted_names;   /* below /run/netns in our mount namespace, by text_hash() */
	struct u64map known_relations; /* facts to be merged later, by type and inode */
	struct listed *listed;
	size_t nlisted, listed_size;
	bool moved; /* a process was found in a namespace that it has left, and that has ended */
};

void merge_done(struct merge *merge);

/* Maps key to a copy of ref in the arena. */
void ns_ref_put(struct u64map *map, uint64_t key, struct ns_ref ref, struct arena *arena);

/* Facts that several scanners emit. */
merge_function merge_process;        /* a process, its namespaces, its threads */
merge_function merge_process_holder; /* see emit_holder() */
merge_function merge_new_pidns;      /* it made a PID namespace of unknown inode, owner ref */
merge_function merge_socket;         /* it has a socket or tun device open, or in a ring */
merge_function merge_ring;           /* it has a ring of io_uring(7) open */
merge_function merge_detached;       /* it has an open tree of mounts that is in no mountinfo */
merge_function merge_relations;      /* owner, parent and ids of ref */

/* Returns whether the process, or with SOURCE_THREADS a thread of it, ended before it was read. */
bool merge_has_vanished(const struct merge *merge, enum source source, pid_t pid);

static inline uint64_t thread_key(pid_t pid, pid_t tid)
{
	return (uint64_t)pid << 32 | (uint32_t)tid;
}

/* Counts a process (0: an unknown one) that timed out. */
void merge_timed_out(struct merge *merge, pid_t pid);

/* Marks a process of which not all could be read. */
void merge_unreadable(struct merge *merge, pid_t pid);

/* Reports the mount namespaces of which some mounts may be missing, at the end of a scan. */
void merge_report_partial_mounts(struct merge *merge);

/*
 * Keeps only those of the listed namespaces without a known holder that had none in the scan before
 * either, and exchanges *before, the ids of these. Returns whether any was dropped.
 */
bool merge_keep_listed_before(struct merge *merge, struct u64map *before);

/* Phases. */

struct scan {
	struct ctx ctx;
	struct pool *pool;
	struct merge merge;
	struct numbers pids;      /* processes that the procfs has listed */
	struct report visibility; /* the report before the first phase */
	size_t related;           /* namespaces at the start of the model with relations read */
};

struct phase {
	enum phase_id id;
	size_t grain, own_size; /* as in struct work */
	void (*own_done)(void *own);

	/* Adds items from the model. NULL: facts of earlier phases have added all. */
	void (*fill)(struct scan *scan, struct work_list *list);
	void (*item_done)(void *item); /* NULL: the list owns all of an item */

	/* Scans an item. Returns a negative errno to end the scan. */
	int (*scan)(struct emitter *emitter, void *item);
	unsigned timeout_limitation; /* if an item times out, and its facts are lost; or 0 */
};

extern const struct phase phase_bpf;       /* all that the next six read, by the BPF programs */
extern const struct phase phase_processes; /* links, lists of threads, and descriptors */
extern const struct phase phase_threads;   /* links of threads */
extern const struct phase phase_started;   /* processes and threads that have started since */
extern const struct phase phase_compare;   /* which processes share a big descriptor table */
extern const struct phase phase_tables;    /* big descriptor tables, each once */
extern const struct phase phase_rings;     /* files registered with rings of io_uring(7) */
extern const struct phase phase_sockets;   /* the network namespace of each socket */
extern const struct phase phase_mounts;    /* of mount namespaces that were not read yet */
extern const struct phase phase_names;     /* of network namespaces, once all have been found */

/*
 * Namespaces on the kernel's lists that are not known by another source. Once there are such, after
 * the last scan: relations and mounts of those that remain on the list.
 */
extern const struct phase phase_listed;

/* Which of two namespaces with the same inode has ended: the kernel uses inodes again at once. */
extern const struct phase phase_reused;

/*
 * Scans the phase's work list, which is empty then, and merges the facts in its order. The workers
 * own the items: an abandoned one may still read them after the scan. An item that timed out counts
 * as its process. Returns 0, or -errno, which ends the scan.
 */
int phase_run(struct scan *scan, const struct phase *phase);

/*
 * Reads owner, parent and ids of each namespace of which that was not done yet. Returns 0, or
 * -errno, which ends the scan.
 */
int phase_relations(struct scan *scan);

/* Items that are namespaces, to be opened by paths that the model knows. */
struct ns_item {
	struct item head;
	struct ns_ref ref;
	struct ns_paths paths;
};

/* Adds a namespace. Returns false if no path leads to it. */
bool work_list_add_ns(struct work_list *list, const struct ns *ns);

/* Reading one process, or one thread of it. */

/* What a worker keeps from process to process: buffers, and inodes that it has learnt. */
struct process_scratch {
	struct numbers tids, fds;
	struct numbers tables; /* for fd_tables_insert() */
	uint64_t socket_dev;   /* device of the socket file system; 0: not seen yet */
	uint64_t anonymous;    /* inode that anonymous files share; 0: not seen yet */
	bool detached;         /* a detached tree was emitted: once is enough */
};

void process_scratch_done(void *own);

/* A descriptor table, in the directory of a thread that has it. */
struct fd_table {
	int fds, dirfd;
	pid_t tid;
};

/* A process is opened once, O_PATH. Everything about it is read through that descriptor. */
struct process_reading {
	struct emitter *emitter;
	struct process_scratch *scratch;
	struct fact *fact;     /* merge_process() */
	int fd;                /* directory of the process, or -errno of open(2) */
	int dirfd;             /* that of the thread by which it is read: fd, or of another one */
	int ns_fd;             /* directory ns in that, or -errno */
	unsigned missing;      /* bits of types: links that do not exist */
	bool denied;           /* the links can't be read */
	struct fd_table table; /* that is being read */
};

/*
 * Reads the emitter's process, lists its threads, and reads them if the emitter has known ones. The
 * item is not used. Returns 0, or -errno, which ends the scan.
 */
int scan_process(struct emitter *emitter, void *item);

/*
 * Reads the n threads tids, except known ones, to which it adds those that it could open.
 * process_fd: the directory of the item's process. Returns 0, or -errno, which ends the scan.
 */
int scan_threads(struct emitter *emitter, const struct thread_item *item, int process_fd,
	const int *tids, size_t n);

/*
 * Finds descriptors on namespaces, sockets and rings in the tables of a process and its threads.
 * Defers a big table to phase_compare. Returns 0, or -errno, which ends the scan.
 */
int scan_process_fds(struct process_reading *reading);

/*
 * Reads the mounts in ref, to which fd refers, if it is a mount namespace. Returns 0, or -errno,
 * which ends the scan.
 */
int scan_mounts_by_fd(struct emitter *emitter, struct ns_ref ref, int fd);

/* The mounts that hold a namespace, and those that are looked for, in one mountinfo. */
struct mount_table {
	const struct u64map *superblocks; /* or NULL */
	const struct mount_filter *filter;
	struct kernel_mount *at; /* n mounts, freed by kernel_free_mounts() */
	size_t n, size;
	bool has_root; /* something is mounted on "/": the process's root is in that namespace */
	size_t bad;    /* lines that do not have the format of proc(5) */
	size_t mounts; /* of any type, without the first of a mount namespace */
	size_t points; /* bytes of mount points */
};

/* Adds the mount of a line, which it changes, to table data if it is one of these. Returns 0. */
int mount_table_take(void *data, char *text, size_t len);

/* Reads the table of the process with directory dirfd. Returns 0 or -errno. */
int mount_table_read(const struct ctx *ctx, int dirfd, struct mount_table *ret_table);

/*
 * Emits the relations of ref, to which fd refers, and of all owners and parents above it, also of
 * those that nothing else shows. *done has the namespaces that this worker has read, by
 * ns_ref_key(). Returns 0, or -errno, which ends the scan.
 */
int read_relations(struct emitter *emitter, struct u64map *done, struct ns_ref ref, int fd);

/* For a worker that has nothing but *done to itself. */
void relations_own_done(void *own);

#endif
