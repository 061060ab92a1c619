/* SPDX-License-Identifier: MIT */
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
#ifndef NSLS_SELECT_USE_H
#define NSLS_SELECT_USE_H

#include "nsls/select/query.h"

/* Namespaces of one type that one user is charged with; there is one at least. */
struct use {
	enum nstype type;
	uid_t uid;
	size_t count;
};

/* One of them. */
struct charge {
	const struct ns *ns;
	uid_t uid;
};

struct uses {
	struct use *at; /* by type, then heaviest first, then by UID */
	size_t n, size;
	struct charge *charges; /* in the model's order */
	size_t ncharges, charges_size;
	unsigned bounds; /* types of which counts are lower bounds, bits 1 << enum nstype */
};

void uses_init(struct uses *uses);
void uses_done(struct uses *uses);

/*
 * Adds the namespaces of these types (bits 1 << enum nstype) of which the first member decides who
 * is charged: uses_find() needs its stat and status.
 */
void uses_unsure(const struct model *model, unsigned types, struct rows *rows);

/*
 * Finds them, of these types. Needs the relations of namespaces. The counts are of what the model
 * has: of an incomplete answer all are lower bounds, which is not said in bounds.
 */
void uses_find(struct uses *uses, const struct model *model, unsigned types);

/* Of the user with the highest count; NULL: nobody is known to use any. */
const struct use *uses_heaviest(const struct uses *uses, enum nstype type);

/*
 * One row per type of the query and user. Only those namespaces are counted in it that the query
 * means; the use is of all.
 */
void uses_query(const struct uses *uses, const struct query *query, struct rows *rows);

/*
 * Says whose use the rows of types are of: of the heaviest user, where they are of none yet.
 * sees_all says whether no namespace is unseen.
 */
void uses_put(const struct uses *uses, bool sees_all, struct rows *rows);

#endif
