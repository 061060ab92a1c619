// SPDX-License-Identifier: MIT
/* One charge per namespace, sorted and added up. */
#include "nsls/select/use.h"

#include "nsls/base/array.h"

#include <errno.h>
#include <stdlib.h>

/* User namespaces below the initial one, user_namespaces(7). */
#define NESTING_MAX 32

#define ROOT 0

/* Where charges are told from each other. */
struct level {
	uint32_t user;                   /* inode of the user namespace */
	uint32_t initial[NS_TYPE_COUNT]; /* namespaces that nobody is charged with; 0: unknown */
	unsigned guessed;                /* types of which one is still to be taken for that */
};

void uses_init(struct uses *uses)
{
	*uses = (struct uses){ 0 };
}

void uses_done(struct uses *uses)
{
	free(uses->at);
	uses_init(uses);
}

/*
 * Before Linux 6.17 some have any number; then PID 1 is in them, but may not be readable. All are
 * owned by the initial user namespace, so a level below has none of them.
 */
static void learn_level(const struct model *model, struct level *level)
{
	const uint32_t initial = nstype_info(NS_USER)->initial_ino;
	const struct task *first = model_find_task(model, 1);

	*level = (struct level){ .user = model->our_user ? model->our_user : initial };
	level->initial[NS_USER] = level->user;
	for (enum nstype t = 0; level->user == initial && t < NS_TYPE_COUNT; t++) {
		if (nstype_info(t)->initial_counts)
			continue;
		if (model_knows_initial(model, t))
			level->initial[t] = nstype_info(t)->initial_ino;
		else if (first)
			level->initial[t] = first->ino[t];
		if (!level->initial[t])
			level->guessed |= 1u << t;
	}
}

/*
 * The user namespace made in that of the level which ns, one itself, is or is below. NULL: ns is
 * not below the level's, or it is not known (*ret_known).
 */
static const struct ns *find_top(const struct level *level, const struct ns *ns, bool *ret_known)
{
	for (int depth = 0; depth < NESTING_MAX; depth++) {
		*ret_known = ns->related;
		if (!ns->parent || ns->parent->ref.ino == level->user)
			return ns->parent ? ns : NULL;
		ns = ns->parent;
	}
	*ret_known = false;
	return NULL;
}

/* Whether ns is charged to a user of the level, as far as that is known. */
static bool find_user(
	const struct level *level, const struct ns *ns, uid_t *ret_uid, bool *ret_known)
{
	const struct ns *made = ns->ref.type == NS_USER ? ns : ns->owner, *top;

	*ret_known = ns->related;
	if (!made)
		return false; /* beyond our scope, or nobody could ask */
	if (made != ns && made->ref.ino == level->user) {
		*ret_uid = ROOT;
		return true;
	}
	top = find_top(level, made, ret_known);
	if (!top)
		return false;
	*ret_uid = top->owner_uid;
	*ret_known = top->has_owner_uid;
	return *ret_known;
}

static int charge(struct uses *uses, enum nstype type, uid_t uid)
{
	struct use *at = array_reserve(uses->at, uses->n, &uses->size, sizeof(*at));

	if (!at)
		return -ENOMEM;
	uses->at = at;
	at[uses->n++] = (struct use){ .type = type, .uid = uid, .count = 1 };
	return 0;
}

/* Whether it is taken for the initial one where no number tells: the first that may be it. */
static bool is_guess(struct level *level, const struct ns *ns)
{
	unsigned bit = 1u << ns->ref.type;
	bool guess = level->guessed & bit && ns->owner && ns->owner->ref.ino == level->user;

	level->guessed &= guess ? ~bit : ~0u;
	return guess;
}

static int add(struct uses *uses, struct level *level, const struct ns *ns)
{
	bool known, charged;
	uid_t uid = ROOT;

	if (ns->ref.ino == level->initial[ns->ref.type])
		return 0;
	charged = find_user(level, ns, &uid, &known);
	if (!known || is_guess(level, ns)) {
		uses->bounds |= 1u << ns->ref.type;
		return 0;
	}
	return charged ? charge(uses, ns->ref.type, uid) : 0;
}

static int by_uid(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_weight(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	if (x->type == y->type && x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return by_uid(a, b);
}

static void add_up(struct uses *uses)
{
	size_t n = 0;

	if (!uses->n)
		return;
	qsort(uses->at, uses->n, sizeof(*uses->at), by_uid);
	for (size_t i = 1; i < uses->n; i++)
		if (by_uid(&uses->at[n], &uses->at[i]) == 0)
			uses->at[n].count++;
		else
			uses->at[++n] = uses->at[i];
	uses->n = n + 1;
	qsort(uses->at, uses->n, sizeof(*uses->at), by_weight);
}

int uses_find(struct uses *uses, const struct model *model, unsigned types)
{
	struct level level;
	int r = 0;

	learn_level(model, &level);
	for (size_t i = 0; r == 0 && i < model->n; i++) {
		const struct ns *ns = model->at[i];

		if (types & 1u << ns->ref.type && ns->first)
			r = add(uses, &level, ns);
	}
	add_up(uses);
	return r;
}

const struct use *uses_heaviest(const struct uses *uses, enum nstype type)
{
	for (size_t i = 0; i < uses->n; i++)
		if (uses->at[i].type == type)
			return &uses->at[i];
	return NULL;
}

void uses_put(const struct uses *uses, bool sees_all, struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];

		row->use = uses_heaviest(uses, row->type);
		row->use_is_bound = !sees_all || uses->bounds & 1u << row->type;
	}
}
