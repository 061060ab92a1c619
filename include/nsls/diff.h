/* SPDX-License-Identifier: MIT */
/*
 * Compares two scans. Of each only a snapshot is kept, so that its model can be freed. Pure.
 *
 * A scan may be less complete than the one before: reading a process times out or is no longer
 * permitted. A namespace that only such a process held may still exist, and is not new when it is
 * found again. No change of it is reported until it is certain. All other changes are reported: an
 * unreadable process hides only what it holds itself.
 */
#ifndef NSLS_DIFF_H
#define NSLS_DIFF_H

#include "nsls/query.h"
#include "nsls/report.h"

enum change_event {
	CHANGE_CREATED,
	CHANGE_GONE,
	CHANGE_EMPTIED, /* its last member has left it, and something still holds it */
	CHANGE_ENTERED, /* its first member has entered it */
	CHANGE_EVENT_COUNT,
};

extern const char *const change_event_names[CHANGE_EVENT_COUNT]; /* "created" … */

enum members {
	MEMBERS_UNKNOWN, /* none was found, but some may exist */
	MEMBERS_NONE,
	MEMBERS_SOME,
};

/* A process that holds a namespace, or a mount namespace in which it is mounted; the other is 0. */
struct snapshot_holder {
	pid_t pid;
	uint32_t mntns;
	bool is_in; /* the process, a thread or its future children are members */
};

/* A namespace in a snapshot. */
struct snapshot_ns {
	struct ns_ref ref;
	uint64_t id;         /* 0: unknown */
	unsigned first_scan; /* number of the scan that found it first */
	bool selected;       /* the query selects it, or did in an earlier scan */
	bool unreported;     /* it is new, and not yet reported, because it was never selected */
	bool listed;         /* a holder is HOLDER_KERNEL */
	bool above;          /* a holder is a namespace, which is below it */
	bool related;        /* its owner and parent are known, or do not exist */
	unsigned marks;      /* bits of enum mark in diff.c, while two scans are compared */
	enum members members;
	size_t nprocs;       /* members found */
	const struct ns *ns; /* valid as long as its model; NULL: not found by this scan */
	const struct snapshot_ns *old; /* in the snapshot before, as long as that is valid */
	struct snapshot_holder *holders;
	size_t nholders;
	struct ns_ref owner, parent; /* which it holds; inode 0: none */

	/* Of selected namespaces. */
	const char *name;            /* "" if it has none */
	const struct holder *holder; /* the first holder */
};

struct change {
	enum change_event event;
	const struct snapshot_ns *ns; /* CHANGE_GONE: of the snapshot before */
};

struct snapshot {
	struct arena arena;
	struct snapshot_ns *at; /* n namespaces, in the order of the model */
	size_t n;
	struct change *changes; /* nchanges since the snapshot before */
	size_t nchanges, changes_size;
	unsigned scan;              /* number of the scan, from 1; 0: no scan yet */
	struct u64map unreadable;   /* by PID: number of the scan since which it is unreadable */
	unsigned newest_unreadable; /* the highest of these numbers, without PID 1 */
	struct u64map whole_mounts; /* mount namespaces of which all mounts were read, by inode */
	bool list_is_whole;         /* everything that the kernel lists was read */
	bool turnover; /* processes that may have held any namespace ended before they were read */
};

void snapshot_done(struct snapshot *snapshot);

/*
 * Takes a snapshot of a model, of which the query selects the namespaces of rows. Its changes are
 * those of namespaces that the query selects or has selected earlier; the first snapshot, which
 * comes after an empty one, has none. *ret_after must be initialised; it has no names and holders
 * until snapshot_keep().
 */
void snapshot_take(const struct snapshot *before, const struct model *model,
	const struct report *report, const struct rows *rows, struct snapshot *ret_after);

/* Adds a row per selected namespace that this scan found: their names must be enriched. */
void snapshot_rows(const struct snapshot *snapshot, struct rows *rows);

/* Copies names and holders. Afterwards neither the model nor the snapshot before is used. */
void snapshot_keep(struct snapshot *snapshot, const struct model *model);

#endif
