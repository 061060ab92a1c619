/* SPDX-License-Identifier: MIT */
/*
 * Turns the model into rows: which namespaces or holders are shown, in which order, below which
 * other row. Pure: reads nothing but the model.
 */
#ifndef NSLS_SELECT_QUERY_H
#define NSLS_SELECT_QUERY_H

#include "nsls/model/model.h"

struct finding;
struct group;
struct use;

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
	const struct use *use;       /* type: of its heaviest user, or of one; NULL: none known */
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
	NEED_IDENTITY = 1 << 10, /* of the row's process or, where it has none, of row_whose()'s */
	NEED_COMM = 1 << 11, /* of what holds a namespace without member first, if it is a task */
	NEED_MEMBER_COMM = 1 << 12, /* the same of the row's process */
};

/* Counts a namespace in the row of its type. */
void row_count(struct row *type, const struct ns *ns);

/* The process that a row is about: the holder's, or the first member's; or NULL. */
const struct task *row_task(const struct row *row);

/*
 * The process that says whose a row is: the row's own or, where it has none, that after which the
 * namespace is called, or the namespace that holds it; see ns_task(). NULL where there is none.
 */
const struct task *row_whose(const struct row *row);

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
bool query_means(const struct query *query, const struct ns *ns);

/* One row a namespace, in the model's order. */
void query_namespaces(const struct model *model, const struct query *query, struct rows *rows);

/* One row a type of the query, counting the namespaces that the query means. */
void query_summary(const struct model *model, const struct query *query, struct rows *rows);

/*
 * One row per holder of the kinds that the query means, of the namespaces that it means: kind by
 * kind, members first.
 */
void query_holders(const struct model *model, const struct query *query, struct rows *rows);

#endif
