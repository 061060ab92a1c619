/* SPDX-License-Identifier: MIT */
/*
 * What has changed from one look at the system to the next. Of a look only a snapshot is kept, so
 * that its model can be freed. Pure.
 *
 * A look may know less than the one before: a process does not answer, or may no longer be read.
 * What only that hides has not gone, and what comes back in sight is not new. So nothing is said
 * of it until it can be told. Of everything else it is: one process that can't be read hides what
 * it holds itself, and no more.
 */
#ifndef NSLS_DIFF_H
#define NSLS_DIFF_H

#include "nsls/query.h"
#include "nsls/report.h"

enum change_event {
	CHANGE_CREATED,
	CHANGE_GONE,
	CHANGE_EMPTIED, /* its last member process has left it, and something still holds it */
	CHANGE_ENTERED, /* its first member process has entered it */
	CHANGE_EVENT_COUNT,
};

/* "created" … */
const char *change_event_name(enum change_event event);

enum members {
	MEMBERS_UNKNOWN, /* none is seen, but there may be some */
	MEMBERS_NONE,
	MEMBERS_SOME,
};

/* A namespace as it was seen last. */
struct seen {
	struct ns_ref ref;
	uint64_t id;            /* 0: unknown */
	unsigned born;          /* the look that found it first */
	bool watched;           /* is or was one of those that are meant */
	bool untold;            /* is new, and was not meant yet */
	bool listed;            /* only the kernel lists it */
	bool related;           /* its owner and parent are known, or that there are none */
	enum members members;   /* as far as it can be told */
	size_t nprocs;          /* members that were seen */
	const struct ns *ns;    /* while its model is there; NULL: out of sight */
	const struct seen *old; /* the same in the snapshot before, while that is there; or NULL */
	pid_t *pids;            /* npids processes that hold it */
	size_t npids;
	uint32_t *mntns; /* nmntns mount namespaces in which it is mounted */
	size_t nmntns;
	struct ns_ref owner, parent; /* which exist as long as it does; inode 0: none */

	/* of those that are watched */
	const char *name;            /* "" where it has none */
	const struct holder *holder; /* the first */
};

struct snapshot {
	struct arena arena;
	struct seen *at; /* n namespaces, in the model's order */
	size_t n, size;
	unsigned emitter; /* 1: the first; 0: none */
	struct u64map
		unreadable;  /* processes that could not be read: since which look (unsigned) */
	unsigned newest;     /* the youngest of these */
	struct u64map whole; /* inodes of mount namespaces whose mounts were all read */
	bool listed;         /* all that the kernel lists was read */
	bool turnover;       /* processes ended unread, which may have held anything */
};

struct change {
	enum change_event event;
	const struct seen *seen; /* in the later snapshot; of what has gone in the earlier one */
};

struct changes {
	struct change *at;
	size_t n, size;
};

void snapshot_init(struct snapshot *snapshot);
void snapshot_done(struct snapshot *snapshot);
void changes_init(struct changes *changes);
void changes_done(struct changes *changes);

/*
 * Takes a snapshot of a model, and adds what has changed since the one before, of the namespaces
 * that are meant or were meant: rows has those that are, in the model's order. The first, which
 * comes after an empty one, has no changes. *ret_after was initialised; it has no texts yet.
 */
void snapshot_take(const struct snapshot *before, const struct model *model,
	const struct report *report, const struct rows *rows, struct snapshot *ret_after,
	struct changes *changes);

/* Adds a row for each namespace that is watched and in sight, whose name is to be enriched. */
void snapshot_rows(const struct snapshot *snapshot, struct rows *rows);

/* Keeps names and holders. From then on neither the model nor the snapshot before is looked at. */
void snapshot_keep(struct snapshot *snapshot, const struct model *model);

#endif
