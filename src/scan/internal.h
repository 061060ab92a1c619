/* SPDX-License-Identifier: MIT */
/* What the files of the layer scan share. */
#ifndef NSLS_SCAN_INTERNAL_H
#define NSLS_SCAN_INTERNAL_H

#include "nsls/base.h"
#include "nsls/kernel.h"
#include "nsls/model.h"
#include "nsls/pool.h"
#include "nsls/procfs.h"
#include "nsls/report.h"

struct emitter;
struct ctx;

/*
 * Facts: all that a phase may say. A worker writes them to its own memory, a chain for each item of
 * the work list; merge.c alone puts them into the model.
 */

enum fact_kind {
	FACT_PROCESS,     /* a process, its namespaces, its threads */
	FACT_HOLD,        /* something of a process, or the kernel, holds ref */
	FACT_NEW_PIDNS,   /* a process of user namespace ref holds a PID namespace of unknown number
			   */
	FACT_MOUNT,       /* a mount holds ref */
	FACT_MOUNTS_ALL,  /* all mounts in ref were said */
	FACT_MOUNTS_PART, /* some mounts in ref may not have been said */
	FACT_DETACHED,    /* a process has a tree of mounts open that no mount namespace shows */
	FACT_TABLE,       /* a process has a big table of descriptors, which is to be read */
	FACT_SOCKET, /* a process has a socket or tun device open, whose namespace is to be asked */
	FACT_RING,   /* a process has a ring of io_uring(7) open, whose files are to be read */
	FACT_RING_FILE,  /* ref, or a socket, is registered with the item of the list of rings */
	FACT_NETNS,      /* the item of the list of sockets is of ref */
	FACT_RELATIONS,  /* whose ref is, whose child, its ids */
	FACT_LISTED,     /* the kernel lists ref, which nothing else has shown */
	FACT_LIST_END,   /* the kernel's list was read to its end */
	FACT_GONE,       /* what held ref leads elsewhere by now */
	FACT_UNOPENED,   /* a thread was listed and could not be opened */
	FACT_ERROR,      /* a source could not read all of a process */
	FACT_LIMITATION, /* something can't be told here */
};

struct fact {
	struct fact *next;
	enum fact_kind kind;
	pid_t pid, tid;    /* of the process, or the one that sees a mount; 0: none */
	struct ns_ref ref; /* the namespace that it is about */
	union {
		struct {
			uint32_t ino[NS_TYPE_COUNT]; /* 0: not read, or none */
			bool zombie;
			pid_t tid; /* thread by which it was read: its PID, or one that is left */
			const int *tids; /* all threads, where there are several */
			size_t ntids;
		} process;
		struct {
			enum holder_kind kind;
			int fd;
		} hold;
		struct {
			const char *path; /* below the root of the process */
			uint32_t mntns;   /* that it is in */
			uint32_t id;      /* as in mountinfo; 0: unknown */
		} mount;
		struct {
			int fd;
			uint64_t inode; /* 0: a tun device */
		} socket;
		struct {
			int fd;
			uint64_t inode; /* 0: unknown */
		} ring;
		struct {
			size_t item;
			uint64_t socket; /* inode; 0: a namespace */
		} ring_file;
		struct {
			size_t item;
		} netns;
		struct {
			uint32_t owner, parent; /* 0: none, or beyond what we may know */
			uint64_t id;            /* 0: unknown */
			uid_t owner_uid;
			int netnsid;
			bool has_owner_uid, has_netnsid;
		} relations;
		struct {
			uint64_t id;
		} listed;
		struct {
			enum source source;
			int error;
		} failure;
		enum report_limitation limitation;
	};
};

/* A door is a path by which a namespace can be opened. Work lists take doors from the model. */

struct ns_path {
	const char *root; /* directory below the procfs in which path starts; NULL: the procfs */
	const char *path;
	pid_t pid, tid; /* 0, or a process for whose future children the PID namespace is */
};

/* More than one, because whoever holds it may let go before we come. */
#define NS_PATHS_MAX 8

struct ns_paths {
	struct ns_path at[NS_PATHS_MAX];
	size_t n;
};

/* The doors that the holders of a namespace offer, in the arena. */
void ns_paths_of(const struct ns *ns, struct arena *arena, struct ns_paths *ret_paths);

/* The door of a process that is in it, by its thread tid. */
void ns_paths_add_process(
	struct ns_paths *ns_paths, pid_t pid, pid_t tid, enum nstype type, struct arena *arena);

/*
 * Opens the namespace by the first door that leads there: a descriptor of the kernel's. -ENOENT
 * where none does any more; another error is that of a door that may still do.
 */
int ns_paths_open(const struct ctx *ctx, const struct ns_paths *ns_paths, struct ns_ref ref);

/* Says what an error of ns_paths_open tells of this kernel, if anything. */
void ns_paths_report_error(struct emitter *emitter, int error);

/* What all phases share: the scene that they look at, and how they say what they found. */

/* The same for a whole scan; only read. */
struct ctx {
	struct procfs procfs;
	const struct kernel *kernel;
	unsigned sources;     /* bits 1 << enum source, that are wanted */
	unsigned types;       /* bits 1 << enum nstype, that are wanted */
	unsigned links;       /* those that are read of each process */
	unsigned unsupported; /* those that this kernel lacks */
	bool relations;       /* owners and parents are asked for */
	bool ids;             /* and ids, and who created a user namespace */
	bool netnsid;
	bool paths;                 /* of mounts are to be checked */
	uint32_t our_mnt, our_user; /* namespaces that we are in; 0: unknown */
};

static inline bool ctx_wants(const struct ctx *ctx, enum source source)
{
	return ctx->sources & 1u << source;
}

/* An item while a worker looks at it. */
struct emitter {
	struct worker *worker;
	const struct ctx *ctx;
	pid_t pid;       /* of the process that it is about, or 0 */
	unsigned failed; /* bits of sources that said so already */
	bool vanished;   /* something of it ended before it could be read */
	struct fact *first, **end;
};

void emitter_init(struct emitter *emitter, struct worker *worker, const struct ctx *ctx, pid_t pid);

/* Adds a fact about the look's process, to be filled. */
struct fact *emit_fact(struct emitter *emitter, enum fact_kind kind);

/* A process (tid 0: none) holds ref. */
void emit_holder(
	struct emitter *emitter, struct ns_ref ref, enum holder_kind kind, pid_t tid, int fd);

void emit_limitation(struct emitter *emitter, enum report_limitation limitation);

/*
 * The one place where errors are judged. Returns the error where it ends the scan, else says that
 * the source could not read all of the process, once, and returns 0. dirfd is the directory of the
 * process that the error is about, or -1: one that has ended meanwhile explains any error, such as
 * the EINVAL of its mountinfo.
 */
int emit_error(struct emitter *emitter, enum source source, int dirfd, int error);

/* What our own place in the system hides from us. */

/* Learns which types this kernel has and which mount namespace is ours. Returns 0 or -errno. */
int visibility_detect(struct ctx *ctx);

/* Gaps (enum report_limitation) that come of where we are and what we may do. Returns 0 or -errno.
 */
int visibility_limitations(const struct ctx *ctx, unsigned *ret_limitations);

/*
 * The one door to the model: puts facts into it, in the order of the work lists, and keeps what
 * they leave to be asked by the phases that follow.
 */

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

/* A process that has a big table of descriptors. */
struct table_item {
	pid_t pid, tid;
};

struct table_list {
	struct table_item *at;
	size_t n, size;
};

/* Those who have a socket or ring open: the first of them are asked. */
#define FD_HOLDERS_TRIED 4

struct fd_holder {
	pid_t pid, tid;
	int fd;
};

/* A socket, or a tun device, however many have it open. */
struct socket_item {
	uint64_t inode; /* 0: a tun device */
	struct fd_holder at[FD_HOLDERS_TRIED];
	size_t n;
	struct ns_ref netns; /* the answer; inode 0: none */
};

struct socket_list {
	struct socket_item **at;
	size_t n, size;
};

/* One who has a socket open, until its namespace is known. */
struct socket_holder {
	struct fd_holder holder;
	struct socket_item *item;
};

struct socket_holders {
	struct socket_holder *at;
	size_t n, size;
};

/*
 * A ring of io_uring(7), however many have it open. Only the first of them are listed as holders:
 * all, times all that is registered with the ring, would be a product that costs its owner only the
 * sum.
 */
struct ring_item {
	uint64_t inode; /* 0: unknown */
	struct fd_holder at[FD_HOLDERS_TRIED];
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
	struct u64map failed;    /* each process counts once for a source */
	struct u64map timed_out; /* processes whose reading timed out */

	struct arena arena; /* what is kept until the scan ends */
	struct thread_list threads;
	struct table_list tables;
	struct socket_list sockets;
	struct socket_holders usages;
	struct u64map by_inode; /* sockets */
	struct ring_list rings;
	struct ring_sockets ring_sockets;
	struct u64map ring_by_inode;
	struct u64map mounts_read;   /* mount namespaces whose tables were asked for */
	struct u64map mounts_partly; /* those of which not all mounts were listed */
	struct u64map unopened;      /* threads that were listed and could not be opened */
	struct u64map mount_ids;     /* mounts that are known, by mount namespace and id */

	struct listed_list listed;
	struct u64map unheld;     /* by ref: while looking again, what wants an explanation */
	struct u64map unheld_ids; /* the same by id: inode numbers are used again, ids never */
	bool again;
	size_t new_facts; /* that looking again has brought */
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
 * While looking again, what was known of a process before is not told twice. A namespace that
 * nothing was seen to hold before is new, whatever holds it.
 */
bool merge_is_new(const struct merge *merge, const struct process *process, struct ns_ref ref);

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
bool merge_has_unheld(const struct merge *merge);

/* Whether looking again brought nothing, and the kernel still lists what it listed before. */
bool merge_is_stable(const struct merge *merge);

/* Drops from the list what was not on the one before: nobody has looked for its holders. */
void merge_keep_seen_before(struct merge *merge);

/* Whatever is left on the list of the kernel is held by something that can't be seen. */
void merge_unheld(struct merge *merge);

/*
 * The phases, in the order in which they run. Each makes a work list of what the model and the
 * facts before it say, and ends when all its facts are in the model. All return 0, or -errno that
 * ends the scan.
 */

struct scan {
	struct ctx ctx;
	struct pool *pool;
	struct merge merge;
	size_t descriptors_most; /* as in scan_options */
	size_t related;          /* namespaces of the model, from the first on, that were asked */
};

/* Processes: links, threads, descriptors. */
int phase_processes(struct scan *scan, const struct numbers *pids);

/* Big tables of descriptors, each once, however many processes share it. */
int phase_tables(struct scan *scan);

/* The threads of the processes that have several; phase_started() takes their list over. */
int phase_threads(struct scan *scan);

/* Processes and threads that are not in the list, which was made before: they started since. */
int phase_started(struct scan *scan, const struct numbers *listed);

/* Each ring of io_uring(7) once: which files are registered with it? Before sockets are asked. */
int phase_rings(struct scan *scan);

/* Each socket once: which network namespace is it of? */
int phase_sockets(struct scan *scan);

/* The mounts in each mount namespace that was not read yet. */
int phase_mounts(struct scan *scan);

/* Owner, parent and ids of each namespace that was not asked yet. */
int phase_relations(struct scan *scan);

/*
 * Inode numbers are used again at once, for any type. Of two namespaces that were found with the
 * same number, one has ended: it is found out which.
 */
int phase_reused(struct scan *scan);

/* What the kernel lists and nothing else has shown: as facts that say no more than that... */
int phase_list(struct scan *scan);

/* ...and for those that are left when all others have been explained, what they are. */
int phase_unheld(struct scan *scan);

/* The process that item i of the work list is about. */
typedef pid_t (*phase_pid)(const void *shared, size_t i);

/*
 * Runs a phase: merges the facts, which are what the items came to, in the order of the list.
 * Of items that timed out the processes are counted instead; whose may be NULL.
 */
int phase_run(struct scan *scan, const struct work *work, phase_pid representative);

/* The work list of a phase that opens namespaces, by the doors that the model knows. */

struct path_item {
	struct ns_ref ref;
	struct ns_paths ns_paths;
};

struct path_list {
	struct ctx ctx;
	struct arena arena; /* the doors' paths */
	struct path_item *at;
	size_t n, size;
};

struct path_list *path_list_new(const struct ctx *ctx);

/* Adds a namespace, if any door leads there. */
void path_list_add(struct path_list *list, const struct ns *ns);

/*
 * Runs a phase on the list, which it takes over. Of work only look, grain and what each worker has
 * to itself are to be filled.
 */
int path_list_run(struct scan *scan, struct path_list *list, struct work work);

/* How one process, or one thread of it, is read: by the phases that go through all of them. */

/* What a worker keeps from process to process: room for numbers, and what it learnt. */
struct process_scratch {
	struct numbers tids, fds;
	struct numbers tables; /* for fd_tables_insert() */
	uint64_t socket_dev;   /* of the kernel's socket file system; 0: not met yet */
	uint64_t anonymous;    /* inode that anonymous files share; 0: not met yet */
	bool detached;         /* FACT_DETACHED was said: once is enough */
};

struct process_scan {
	struct emitter emitter;
	struct process_scratch *scratch;
	struct fact *process; /* FACT_PROCESS */
	int fd;               /* its directory, O_PATH, or why it could not be opened */
	int thread_fd; /* that of the thread in fact process, where it is not the first; else -1 */
};

/* The directory of the thread by which the process is read. */
static inline int process_dirfd(const struct process_scan *process)
{
	return process->thread_fd >= 0 ? process->thread_fd : process->fd;
}

/*
 * Reads all that there is to see of a process; its threads are only listed. Returns 0, or -errno
 * that ends the scan.
 */
int scan_process(struct process_scan *process);

/*
 * Reads a thread of the process whose directory is process_fd. Returns as scan_process(), or 1
 * where it can't be opened: it has ended, or is too new.
 */
int scan_thread(struct emitter *emitter, const struct thread_item *item, int process_fd, pid_t tid);

/*
 * Reads the namespaces of the process. Returns 0, 1 where it is gone or may not be read, or -errno
 * that ends the scan.
 */
int read_process_links(struct process_scan *process);

/* The namespaces that a process or thread, whose directory is dirfd, has made for its children. */
int read_child_namespaces(
	struct emitter *emitter, int dirfd, pid_t tid, const uint32_t *own, enum source source);

/*
 * A table of at least so many descriptors may be one that many processes share, which costs its
 * owner nothing: it is compared with the others before it is read. Whoever makes as many processes
 * with smaller ones could as well let each have a copy, of a few KiB.
 */
#define BIG_TABLE 512

/*
 * Finds the descriptors of the process and its threads that namespaces or sockets are behind. Of a
 * big table only says that it is there: FACT_TABLE.
 */
int scan_process_fds(struct process_scan *process);

/* Reads all of the table of thread tid, whose directory is dirfd. */
int scan_fd_table(struct process_scan *process, int dirfd, pid_t tid);

void process_scratch_done(void *own);

/*
 * Tables of descriptors, each known by one thread that has it, in the order of kcmp(2). Processes
 * share one after clone(2) with CLONE_FILES: the threads of a process as well as whole processes.
 */

/*
 * Returns 0 where tid is now in tables, 1 where a thread in there, *ret_sharer, has the same table,
 * or -errno of kcmp(2): -ESRCH where tid has ended.
 */
int fd_tables_insert(
	const struct kernel *kernel, struct numbers *tables, pid_t tid, pid_t *ret_sharer);

/* The mounts of namespace files that a process's mountinfo shows, proc_pid_mountinfo(5). */

struct mount_table {
	struct kernel_mount *at; /* n mounts, freed by kernel_free_mounts() */
	size_t n, size;
	bool has_root; /* something is mounted on "/": the process's root is in that namespace */
	size_t bad;    /* lines that are not what proc(5) says */
	size_t mounts; /* of any kind, but for the first of a mount namespace, its own parent */
};

/* Reads the table of the process whose directory is dirfd. Returns 0 or -errno. */
int mount_table_read(int dirfd, struct mount_table *ret_table);

/* Says which namespace files are mounted in one mount namespace. */

/* Members that are asked, of one mount namespace. */
#define VIEWERS_MOST 8

/* A process that is in a mount namespace and shows what is below its own root. */
struct viewer {
	pid_t pid, tid;
};

/* A mount namespace, and who may tell of it. */
struct mounts_item {
	uint32_t mntns;
	struct ns_paths ns_paths;
	struct viewer viewers[VIEWERS_MOST];
	size_t nviewers;
};

/* Both return 0, or -errno that ends the scan. */
int scan_mounts(struct emitter *emitter, const struct mounts_item *item);

/*
 * The same for a namespace that no path leads to, by a descriptor; nothing where it is of another
 * type.
 */
int scan_mounts_by_fd(struct emitter *emitter, struct ns_ref ref, int fd);

/* Asks the kernel, through a descriptor, whose a namespace is, whose child, and what its ids are.
 */

/* What one worker has asked already; zeroed is empty. */
struct relate {
	struct u64map refs; /* by type and inode */
};

void relate_done(struct relate *asked);

/*
 * Says the relations of ref, which fd is a descriptor on, and of all owners and parents above it,
 * which may be namespaces that nothing else shows. Nothing is asked twice. Returns 0 or -errno
 * that ends the scan.
 */
int relate(struct emitter *emitter, struct relate *asked, struct ns_ref ref, int fd);

#endif
