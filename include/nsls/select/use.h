/* SPDX-License-Identifier: MIT */
/*
 * How many namespaces each user is charged with, which is what the limits in /proc/sys/user are
 * compared with. The kernel charges a namespace to its creator in the user namespace that owns it,
 * and so on up: to whoever created that one in its parent, namespaces(7). Pure.
 *
 * The limits that we read are those of our own user namespace. So the users are those of that one:
 * what is in or below a user namespace made in it counts for its owner, and so does that itself.
 * Who made the others no file tells; it takes CAP_SYS_ADMIN, so they count for root. Those that the
 * system started with count for nobody, and what our user namespace does not reach has no part in
 * its limits.
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

struct uses {
	struct use *at; /* by type, then heaviest first, then by UID */
	size_t n, size;
	unsigned bounds; /* types of which counts are lower bounds, bits 1 << enum nstype */
};

void uses_init(struct uses *uses);
void uses_done(struct uses *uses);

/*
 * Finds them, of these types (bits 1 << enum nstype). Needs the relations of namespaces. The counts
 * are of what the model has: of an incomplete answer all are lower bounds, which is not said in
 * bounds. Returns 0 or -ENOMEM.
 */
int uses_find(struct uses *uses, const struct model *model, unsigned types);

/* Of the user with the highest count; NULL: nobody is known to use any. */
const struct use *uses_heaviest(const struct uses *uses, enum nstype type);

/* Puts that of the heaviest user into each row; sees_all says whether no namespace is unseen. */
void uses_put(const struct uses *uses, bool sees_all, struct rows *rows);

#endif
