/* SPDX-License-Identifier: MIT */
/*
 * What is shown, in which order, and what it is called: rows, trees, containers, workloads, usage.
 */
#ifndef NSLS_QUERY_H
#define NSLS_QUERY_H

#include "nsls/base.h"
#include "nsls/model.h"

struct finding;
struct identity;
struct query;
struct rows;

/*
 * Containers, as the kernel knows them: groups of processes that share all their namespaces and are
 * not in all of the host's. What a group is called is told by the identities of its members
 * (enriched), and is needed for the order alone.
 */

struct group {
	uint32_t ino[NS_TYPE_COUNT];    /* 0: unknown, or not of this kernel */
	unsigned own, shared;           /* types in which it differs from the host, and does not */
	const struct process **members; /* n, by ascending PID */
	size_t n;
	const struct group *above; /* the first group of the same container, or NULL */
};

struct groups {
	struct group *at;
	size_t n;
	const struct process **processes; /* of all groups */
};

void groups_init(struct groups *groups);
void groups_done(struct groups *groups);

/* Finds them. Ended members, which have left most namespaces, are in none. */
void groups_find(struct groups *groups, const struct model *model);

/*
 * A thread of the kernel is no container. It is in the first namespace of each type but mnt, which
 * kdevtmpfs has made anew for itself. So of the groups that the first function adds rows for, stat
 * has to be read of all members; then the second drops such threads, and groups without others.
 */
void groups_with_own_mounts_only(const struct groups *groups, struct rows *rows);
void groups_drop_kthreads(struct groups *groups);

/*
 * One row per group that has one of the types (bits 1 << enum nstype) to itself and, unless chosen
 * is NULL, a member whose PID is a key of it.
 */
void groups_query(const struct groups *groups, unsigned types, const struct u64map *chosen,
	struct rows *rows);

/*
 * Puts those of one pod, and of one container, next to each other, each where its first process
 * stands; below the first one of a container the others, if nested is true.
 */
void groups_arrange(struct rows *rows, bool nested);

/* The member that tells most of whose the group is, and what it tells; NULL: nothing. */
const struct process *group_representative(const struct group *group);
const struct identity *group_identity(const struct group *group);

/* Appends the best name, as ns_name() does; nothing where there is none. */
void group_name(const struct group *group, const struct model *model, struct strbuf *out);

/* Appends what tells it from the group above it: "in another mnt". */
void group_difference(const struct group *group, struct strbuf *out);

/* Appends "ipc mnt net". */
void group_add_types(unsigned types, struct strbuf *out);

/*
 * How many namespaces each user is charged with, which is what the limits in /proc/sys/user are
 * compared with. The kernel charges a namespace to its creator in the user namespace that owns it,
 * and so on up: to whoever created that one in its parent, namespaces(7). Pure.
 *
 * The limits that we read are those of our own user namespace. So the users are those of that one:
 * what is in or below a user namespace made in it counts for its owner, and so does that itself.
 * Who made the others no file tells; it takes CAP_SYS_ADMIN, so they count for root, but for
 * nobody (and all counts are lower bounds) where a member is another user who has that. A detached
 * tree of mounts is charged as a mount namespace: where there is one, those are lower bounds. Those
 * that the system started with and the kernel's own count for nobody, and what our user namespace
 * does not reach has no part in its limits.
 */

/* Namespaces of one type that one user is charged with; there is one at least. */
struct usage {
	enum nstype type;
	uid_t uid;
	size_t count;
};

/* One of them. */
struct charge {
	const struct ns *ns;
	uid_t uid;
};

struct usages {
	struct usage *at; /* by type, then heaviest first, then by UID */
	size_t n, size;
	struct charge *charges; /* in the model's order */
	size_t ncharges, charges_size;
	unsigned bounds; /* types of which counts are lower bounds, bits 1 << enum nstype */
};

void usages_init(struct usages *usages);
void usages_done(struct usages *usages);

/*
 * Adds the namespaces of these types (bits 1 << enum nstype) of which the first member decides who
 * is charged: usages_find() needs its stat and status.
 */
void uses_unsure(const struct model *model, unsigned types, struct rows *rows);

/*
 * Finds them, of these types. Needs the relations of namespaces. The counts are of what the model
 * has: of an incomplete answer all are lower bounds, which is not said in bounds.
 */
void usages_find(struct usages *usages, const struct model *model, unsigned types);

/* Of the user with the highest count; NULL: nobody is known to use any. */
const struct usage *usages_heaviest(const struct usages *usages, enum nstype type);

/*
 * One row per type of the query and user. Only those namespaces are counted in it that the query
 * means; the use is of all.
 */
void usages_query(const struct usages *usages, const struct query *query, struct rows *rows);

/*
 * Says whose use the rows of types are of: of the heaviest user, where they are of none yet.
 * sees_all says whether no namespace is unseen.
 */
void usages_put(const struct usages *usages, bool sees_all, struct rows *rows);

/*
 * Turns the model into rows: which namespaces or holders are shown, in which order, below which
 * other row. Pure: reads nothing but the model.
 */

#define ROW_NO_PARENT SIZE_MAX

enum row_kind {
	ROW_TYPE,   /* a type: of the summary, or a branch of the overview */
	ROW_NS,     /* a namespace */
	ROW_HOLDER, /* a holder of a namespace */
	ROW_GROUP,  /* processes that share all namespaces */
	ROW_CHECK,  /* what was found of a rule */
};

struct row {
	enum row_kind kind;
	enum nstype type;
	const struct ns *ns;         /* namespace, holder; check: the worst one, or NULL */
	const struct holder *holder; /* holder */
	size_t count;                /* type: namespaces */
	struct group *group;         /* group */
	size_t nprocs;               /* type: member processes of all of them; group: of it */
	size_t memberless;           /* type: namespaces in which no process is seen */
	uint64_t limit;              /* type: as enriched, where has_limit */
	bool has_limit;              /* type: it is known; a limit may be 0 */
	const struct usage *usage;   /* type: of its heaviest user, or of one; NULL: none known */
	bool use_is_bound;           /* type: that user's may be more, or another may be heavier */
	size_t parent;               /* index of the row above it in the tree, or ROW_NO_PARENT */

	/* check */
	const struct finding *finding;
};

struct rows {
	struct row *at;
	size_t n, size;
};

void rows_init(struct rows *rows);
void rows_done(struct rows *rows);

/* Adds a copy, below no other. */
void rows_add(struct rows *rows, const struct row *row);

/* What a column wants read for the rows that are shown, before its cells can be filled. */
enum need {
	NEED_STAT = 1 << 0,         /* of the row's process: parent, threads, start */
	NEED_STATUS = 1 << 1,       /* of the row's process: user, PID inside */
	NEED_COMMAND = 1 << 2,      /* of the row's process */
	NEED_MEMBERS_STAT = 1 << 3, /* stat of every member of the row's namespace */
	NEED_ANCESTRY = 1 << 4,     /* stat of the process and all its ancestors */
	NEED_LIMITS = 1 << 5,       /* of type rows */
	NEED_NETNSID = 1 << 6,      /* asked for by the scan */
	NEED_BOOT_TIME = 1 << 7,    /* of the system */
	NEED_RELATIONS = 1 << 8,    /* owners, parents and ids: asked for by the scan */
	NEED_PATH = 1 << 9,         /* mount points checked by the scan */
	NEED_IDENTITY =
		1 << 10, /* of the row's process or, where it has none, of row_representative()'s */
	NEED_COMM =
		1 << 11, /* of what holds a namespace without member first, if it is a process */
	NEED_MEMBER_COMM = 1 << 12, /* the same of the row's process */
};

/* Counts a namespace in the row of its type. */
void row_count(struct row *type, const struct ns *ns);

/* The process that a row is about: the holder's, or the first member's; or NULL. */
const struct process *row_process(const struct row *row);

/*
 * The process that says whose a row is: the row's own or, where it has none, that after which the
 * namespace is called, or the namespace that holds it; see ns_representative(). NULL where there is
 * none.
 */
const struct process *row_representative(const struct row *row);

/* Which namespaces are meant. */
struct query {
	unsigned types;  /* bits 1 << enum nstype */
	bool persistent; /* only those in which no process is seen */
	unsigned kinds;  /* only those that such a holder has, bits 1 << enum holder_kind; 0: any */
	const struct ns_ref *only; /* only these, in the order of query_order(), where has_only */
	size_t nonly;
	bool has_only;
};

/* For qsort(3) and bsearch(3). */
int query_order(const void *a, const void *b);

/* Whether it means that namespace. */
bool query_matches(const struct query *query, const struct ns *ns);

/* One row a namespace, in the model's order. */
void query_namespaces(const struct model *model, const struct query *query, struct rows *rows);

/* One row a type of the query, counting the namespaces that the query means. */
void query_summary(const struct model *model, const struct query *query, struct rows *rows);

/*
 * One row per holder of the kinds that the query means, of the namespaces that it means: kind by
 * kind, members first.
 */
void query_holders(const struct model *model, const struct query *query, struct rows *rows);

/* Puts rows below one another. Pure, like the query. */

enum tree {
	TREE_NONE,
	TREE_TYPE,    /* below a row for the type */
	TREE_OWNER,   /* below the owning user namespace */
	TREE_PARENT,  /* below the parent PID or user namespace */
	TREE_PROCESS, /* below the namespace that an ancestor of its first member is the first of */
	TREE_COUNT,
	TREE_GROUP = TREE_COUNT, /* groups of a container below its first; not by --tree */
};

/* "type", "owner" …; NULL for TREE_NONE. There is none for TREE_GROUP. */
const char *tree_name(enum tree tree);

/*
 * Sets the parents of namespace rows, and those of member processes among holder rows by process
 * ancestry, and puts every row behind its parent. TREE_PROCESS and holder rows need the processes'
 * parents (enriched).
 */
void tree_arrange(const struct model *model, enum tree tree, struct rows *rows);

/*
 * Who is meant by a name: a container, machine, pod, application, systemd unit or network
 * namespace, and which processes are theirs. Pure: needs the identities of all processes
 * (enriched).
 *
 * Most names can be forged: a user may call a control group of his own what he likes, and so may
 * who is in a container. So what is the system's own comes before what is below a user's service
 * manager, and that is told apart by user.
 */

enum workload_kind {
	WORKLOAD_CONTAINER,
	WORKLOAD_MACHINE,
	WORKLOAD_POD,
	WORKLOAD_APP,
	WORKLOAD_UNIT,
	WORKLOAD_NETNS,
	WORKLOAD_KIND_COUNT,
};

struct workload {
	enum workload_kind kind;
	const struct identity *identity; /* of one of its processes; not of a network namespace */
	const struct ns *ns;             /* network namespace */
	const char *netns;               /* and its name */
};

/* A name as it was typed. */
struct workload_name {
	const char *text; /* an id or the start of one, or a whole name; what column NAME shows */
	const char *in;   /* only what is in this container or machine, or of this user; or NULL */
	bool has_user;    /* whether that may be a user */
	uid_t user;
};

#define WORKLOADS_MAX 8

/* Whom a name may mean. */
struct workloads {
	struct workload at[WORKLOADS_MAX];
	size_t n;
	bool more; /* there are others */
};

/* Finds them. Of several that the name fits, those it fits best; see above. */
void workloads_find(const struct model *model, uint32_t names_mnt, const struct workload_name *name,
	struct workloads *ret_workloads);

/* Whether the process is its. */
bool workload_has(const struct workload *workload, const struct process *process);

/*
 * Appends what it is called, for a person, in a form that is a name again: "docker 84b8394540fb",
 * "1000/ujob.service".
 */
void workload_describe(const struct workload *workload, struct strbuf *out);

/* What such a process is called by that kind of name, whole; NULL where it has none. */
const char *workload_text(enum workload_kind kind, const struct identity *identity);

#endif
