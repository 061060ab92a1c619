/* SPDX-License-Identifier: MIT */
/*
 * What a view shows, in which order, with which names: rows, trees, containers, workloads, usage,
 * and how to release namespaces. Pure: reads nothing but the model. "types" are bits
 * 1 << enum nstype. What is enriched has to be read before.
 */
#ifndef NSLS_QUERY_H
#define NSLS_QUERY_H

#include "nsls/base.h"
#include "nsls/model.h"

/* Rows. */

#define ROW_NO_PARENT SIZE_MAX

enum row_kind {
	ROW_TYPE,   /* a type: of the summary, or a branch of the overview */
	ROW_NS,     /* a namespace */
	ROW_HOLDER, /* a holder of a namespace */
	ROW_GROUP,  /* processes that share all namespaces */
	ROW_CHECK,  /* a finding of a rule */
};

struct row {
	enum row_kind kind;
	enum nstype type;
	const struct ns *ns;           /* namespace, holder; check: the offender, or NULL */
	const struct mounted *mounted; /* namespace: one of its mounts, or NULL */
	const struct holder *holder;   /* holder */
	size_t count;                  /* type: namespaces; holder: mounts merged into it, or 0 */
	struct group *group;           /* group */
	size_t nprocs;                 /* type: members of all namespaces; group: its members */
	size_t persistent;             /* type: namespaces without a member */
	uint64_t limit;                /* type: valid if has_limit */
	bool has_limit;                /* type: the limit is known; it may be 0 */
	const struct usage *usage; /* type: of its heaviest user, or of one user; NULL: unknown */
	bool usage_is_bound; /* type: usage is a lower bound, or another user may be heavier */
	size_t parent;       /* index of the row above in the tree, or ROW_NO_PARENT */
	const struct finding *finding; /* check */
};

struct rows {
	struct row *at;
	size_t n, size;
};

void rows_done(struct rows *rows);

/* Adds a copy, without a parent. */
void rows_add(struct rows *rows, const struct row *row);

void rows_add_ns(struct rows *rows, const struct ns *ns);

/* Counts a namespace in the row of its type. */
void row_count(struct row *type, const struct ns *ns);

/* Returns the holder, or the first member of the namespace or group; NULL if there is none. */
const struct process *row_process(const struct row *row);

/* The same, for columns USER and COMMAND: a mount elsewhere has the process that has it there. */
const struct process *row_user_process(const struct row *row);

/* Returns the process after which the row is named: its namespace, group, or namespace that holds.
 */
const struct process *row_representative(const struct row *row);

/* Data that a column requires of the rows shown, read before its cells are made. */
enum need {
	NEED_STAT = 1 << 0,          /* of the row's process: parent, threads, start time */
	NEED_STATUS = 1 << 1,        /* of the row's process: user, PID in its own PID namespace */
	NEED_COMMAND = 1 << 2,       /* of the row's process */
	NEED_MEMBERS_STAT = 1 << 3,  /* stat of every member of the row's namespace */
	NEED_ANCESTRY = 1 << 4,      /* stat of the process and of all its ancestors */
	NEED_LIMITS = 1 << 5,        /* of type rows */
	NEED_NETNSID = 1 << 6,       /* of network namespaces, read by the scan */
	NEED_BOOT_TIME = 1 << 7,     /* of the system */
	NEED_RELATIONS = 1 << 8,     /* owners, parents and ids, read by the scan */
	NEED_PATH = 1 << 9,          /* paths of mounts, checked by the scan */
	NEED_IDENTITY = 1 << 10,     /* of row_process() or, without one, row_representative() */
	NEED_COMM = 1 << 11,         /* of the first holder of a namespace without members */
	NEED_MEMBER_COMM = 1 << 12,  /* comm of the row's process */
	NEED_MOUNT_POINTS = 1 << 13, /* files that mounts are on, read by the scan */
	NEED_RELEASE = 1 << 14, /* of all processes that have to end to release the namespace */
	NEED_LINKS = 1 << 15,   /* of ns_first_running(), as are the next three */
	NEED_UIDMAP = 1 << 16,
	NEED_GIDMAP = 1 << 17,
	NEED_OFFSETS = 1 << 18,
	NEED_GIVEN_NAMES = 1 << 19, /* names that people gave, for each identity */
};

struct query {
	unsigned types;
	bool persistent; /* only those without a member */
	unsigned kinds;  /* only those with such a holder, bits 1 << enum holder_kind; 0: any */
	const struct u64map *only; /* only those with these ns_ref_key(); NULL: any */
	bool mounted;              /* a row per mount that is looked for, not per namespace */
};

bool query_matches(const struct query *query, const struct ns *ns);

/*
 * Adds rows for the namespaces that the query selects, in the order of the model. ROW_NS: one per
 * namespace or, with query.mounted, per mount that is looked for. ROW_HOLDER, without
 * query.mounted: one per holder of the kinds of the query.
 */
void query_rows(const struct model *model, const struct query *query, enum row_kind kind,
	struct rows *rows);

/* Adds a row per type of the query, with counts of the namespaces that it selects. */
void query_summary(const struct model *model, const struct query *query, struct rows *rows);

/* Removes rows of types with no other than the initial namespace. Returns these types. */
unsigned query_drop_initial(const struct model *model, struct rows *rows);

/*
 * Merges rows of one namespace: of more than ten mounts on the same mount point in other mount
 * namespaces than ours, or in ours, the first is kept.
 */
void query_merge_mounts(struct rows *rows);

enum tree {
	TREE_NONE,
	TREE_TYPE,    /* below a row of the type */
	TREE_OWNER,   /* below the owning user namespace */
	TREE_PARENT,  /* below the parent PID or user namespace */
	TREE_PROCESS, /* by process ancestry of the first members */
	TREE_COUNT,
	TREE_GROUP = TREE_COUNT, /* groups of a container below its first; not in --tree */
};

extern const char *const tree_names[TREE_COUNT]; /* "type", "owner" …; NULL for TREE_NONE */

/*
 * Sets the parents of namespace rows and, by process ancestry, of member processes among holder
 * rows. Then sorts each row behind its parent. TREE_PROCESS and holder rows require the parents of
 * processes (enriched).
 */
void tree_arrange(const struct model *model, enum tree tree, struct rows *rows);

/*
 * Containers as the kernel knows them: groups of processes that share all their namespaces and are
 * not in all namespaces of the host. The identities of the members (enriched) give a group its
 * name; only the order needs them.
 */

struct group {
	uint32_t ino[NS_TYPE_COUNT]; /* 0: unknown, or not of this kernel */
	unsigned own, shared; /* types in which it differs from the host; in which it does not */
	const struct process **members; /* n members, by ascending PID */
	size_t n;
	const struct group
		*above; /* first group of the same container; NULL: this one, or no container */
};

struct groups {
	struct group *at;
	size_t n;
	const struct process **processes; /* those of all groups */
};

void groups_done(struct groups *groups);

/* Zombies have left most namespaces, and are in no group. */
void groups_find(struct groups *groups, const struct model *model);

/*
 * Kernel threads are no containers. kdevtmpfs has a mount namespace of its own; all others are in
 * the initial namespaces, which process 1 may have left. The first function adds a row per group
 * that may have some, so that their stat is read; the second removes what stat says are kernel
 * threads, and groups that have no other members.
 */
void groups_in_host_pidns(const struct groups *groups, struct rows *rows);
void groups_drop_kthreads(struct groups *groups);

/*
 * Adds a row per group that differs from the host in one of the types and, unless chosen is NULL,
 * has one of the chosen PIDs as a member.
 */
void groups_query(const struct groups *groups, unsigned types, const struct u64map *chosen,
	struct rows *rows);

/*
 * Sorts groups: those of one pod are adjacent, and within it those of one container, each at the
 * place of its lowest PID. nested: the other groups of a container are below its first.
 */
void groups_arrange(struct rows *rows, bool nested);

/* Returns the member with the most specific identity. */
const struct process *group_representative(const struct group *group);

/* Appends the best name, like ns_name(); nothing if there is none. */
void group_name(const struct group *group, const struct model *model, struct strbuf *out);

/* Appends the difference from the group above: "in another mnt". */
void group_difference(const struct group *group, struct strbuf *out);

/* Appends the names of types: "ipc mnt net". */
void group_add_types(unsigned types, struct strbuf *out);

/*
 * How many namespaces each user is charged with, for comparison with the limits in /proc/sys/user.
 * The kernel charges a namespace to its creator in the user namespace that owns it, and in each
 * ancestor of that to the creator of the user namespace one level below, namespaces(7).
 *
 * nsls reads the limits of its own user namespace, so it counts for users of that. A user namespace
 * created there, and all namespaces in or below it, count for its owner. No file shows the creator
 * of any other namespace: it counts for root, because creating it requires CAP_SYS_ADMIN. If its
 * first member is another user who has CAP_SYS_ADMIN, it counts for nobody, and all counts of its
 * type are lower bounds. A detached mount tree is charged as a mount namespace: while one exists,
 * counts of mount namespaces are lower bounds. Initial namespaces and those of the kernel itself
 * count for nobody. Namespaces outside of our user namespace do not count towards its limits.
 */

/* The namespaces of one type that one user is charged with, at least 1. */
struct usage {
	enum nstype type;
	uid_t uid;
	size_t count;
	size_t selected, nprocs, persistent; /* of those that the query selects */
};

struct usages {
	struct usage *at; /* by type, then heaviest first, then by UID */
	size_t n, size;
	unsigned lower_bounds; /* types with counts that are lower bounds */
};

void usages_done(struct usages *usages);

/*
 * Adds a row per namespace of these types for which the first member decides who is charged:
 * usages_find() requires stat and status of that member.
 */
void usages_ambiguous(const struct model *model, unsigned types, struct rows *rows);

/*
 * Counts the namespaces of the types of the query. Requires their relations. If the answer is
 * incomplete, all counts are lower bounds, also of types that are not in lower_bounds.
 */
void usages_find(struct usages *usages, const struct model *model, const struct query *query);

/* Returns the usage of the user with the highest count; NULL: no user is known to have any. */
const struct usage *usages_heaviest(const struct usages *usages, enum nstype type);

/* Adds a row per type and user. It counts what the query selects; its usage is of all. */
void usages_rows(const struct usages *usages, struct rows *rows);

/*
 * Sets the usage of rows that have none to that of the heaviest user of the type. covers_all: every
 * namespace that can be charged is known, so usage is no lower bound.
 */
void usages_fill(const struct usages *usages, bool covers_all, struct rows *rows);

/*
 * Appends the command that releases a namespace from this holder, or words where none does. Both
 * are printable ASCII without commas, and safe to paste into a shell. Requires relations, paths and
 * mount points, and NEED_RELEASE of the processes.
 */
void release_holder(const struct model *model, const struct holder *holder, struct strbuf *out);

/*
 * Appends what releases the namespace from all its holders, each ended by a NUL. A command is left
 * out if another one has the same effect. Returns how many; 0 unless ns_can_be_released().
 */
size_t release_ns(const struct model *model, const struct ns *ns, struct strbuf *out);

/* Returns false for initial namespaces and those of process 1. */
bool ns_can_be_released(const struct model *model, const struct ns *ns);

/* Namespaces that have to be released for others, and what the commands to release them do. */
struct releases {
	const struct model *model;
	const struct ns **at; /* n namespaces */
	size_t n, size;
	struct u64map seen;
	struct u64map files; /* mounts with a command that releases all on the same file */
	size_t holders;      /* of the namespaces that the last one disappears with */
	bool cut;            /* some of these are missing, because they have too many */

	/* Of release_ns(). */
	struct u64map groups; /* mounts in a peer group, by file and group */
	struct u64map ended;  /* processes, by PID */
	struct u64map ending; /* processes that hold and are to be ended, by PID */
	struct u64map inits;  /* holders that are process 1 of a PID namespace, by its inode */
	struct u64map waits;  /* parents that have to wait for a zombie, by PID */
};

void releases_done(struct releases *releases);

/* Adds the namespace, and those that it disappears with, unless they have too many holders. */
void releases_add(struct releases *releases, const struct ns *ns);

/* Where a network namespace has a name, the best place first. */
enum name_place {
	NAME_OURS,      /* in names_mnt, see ns_names_mnt() */
	NAME_OF_HOST,   /* in the mount namespace of PID 1 */
	NAME_ELSEWHERE, /* in another mount namespace, which any user may have made */
	NAME_NOWHERE,
};

/*
 * Finds the network namespaces with this name in the best place where there are any, which it
 * returns: one in ours, but several elsewhere may have the name. *rows is empty before.
 */
enum name_place ns_by_name(
	const struct model *model, uint32_t names_mnt, const char *name, struct rows *rows);

/*
 * Adds the namespaces that a word stands for: those of ns_by_name(), also in the form of column
 * NAME, "netns blue"; otherwise those for which column NAME shows the word, which requires the
 * identities of their representatives: identities is false while these are missing. *rows is empty
 * before.
 */
void namespaces_find(const struct model *model, uint32_t names_mnt, const char *text,
	bool identities, struct rows *rows);

/*
 * Workloads: the container, machine, pod, application, systemd unit or network namespace that a
 * name stands for, and its processes. Requires the identities of all processes (enriched).
 *
 * Most names can be forged: a user, or a process in a container, may give its own control groups
 * any name. Therefore workloads of the system come before those below the service manager of a
 * user, and those of different users are different workloads.
 */

/* The first that an identity has is what it is known by. */
enum workload_kind {
	WORKLOAD_CONTAINER,
	WORKLOAD_MACHINE,
	WORKLOAD_APP,
	WORKLOAD_POD,
	WORKLOAD_UNIT,
	WORKLOAD_NETNS,
	WORKLOAD_KIND_COUNT,
};

struct workload {
	enum workload_kind kind;
	const struct identity *identity; /* of one of its processes; not for a network namespace */
	const struct ns *ns;             /* network namespace */
	const char *netns;               /* the name of that */
};

/* A name as typed. */
struct workload_name {
	/* an id or its start, a whole name, one that people gave, a cell of column NAME */
	const char *text;
	const char *in; /* only within this container or machine, or of this user; or NULL */
	bool has_user;  /* in may be a user */
	uid_t user;
};

#define WORKLOADS_MAX 8

/* The workloads that match a name. */
struct workloads {
	struct workload at[WORKLOADS_MAX];
	size_t n;
	bool more; /* more workloads match */
};

/* Finds those that match best; see above for the order. */
void workloads_find(const struct model *model, uint32_t names_mnt, const struct workload_name *name,
	struct workloads *ret_workloads);

bool workload_has(const struct workload *workload, const struct process *process);

/*
 * Appends the name of the workload for display, in a form that workloads_find() accepts: "docker
 * 84b8394540fb", "1000/ujob.service".
 */
void workload_describe(const struct workload *workload, struct strbuf *out);

/* Returns the full name of that kind in the identity, or NULL. */
const char *workload_text(enum workload_kind kind, const struct identity *identity);

#endif
