// SPDX-License-Identifier: MIT
/* One charge per namespace, sorted and added up. */
#include "nsls/base.h"
#include "nsls/query.h"

#include <stdlib.h>

/* Far more than user namespaces are nested: 33, as tried. The graph is the kernel's, not ours. */
#define NESTING_MAX 64

#define ROOT 0

/* Where charges are told from each other. */
struct level {
	uint32_t user;                   /* inode of the user namespace */
	uint32_t initial[NS_TYPE_COUNT]; /* namespaces that nobody is charged with; 0: unknown */
	unsigned guessed;                /* types of which one is still to be taken for that */
};

void usages_init(struct usages *usages)
{
	*usages = (struct usages){ 0 };
}

void usages_done(struct usages *usages)
{
	free(usages->at);
	free(usages->charges);
	usages_init(usages);
}

/*
 * Before Linux 6.17 some have any number; then PID 1 is in them, but may not be readable. All are
 * owned by the initial user namespace, so a level below has none of them.
 */
static void learn_level(const struct model *model, struct level *level)
{
	const uint32_t initial = nstype_info(NS_USER)->initial_ino;
	const struct process *first = model_find_process(model, 1);

	*level = (struct level){ .user = model->our_user ? model->our_user : initial };
	level->initial[NS_USER] = level->user;
	for (enum nstype t = 0; level->user == initial && t < NS_TYPE_COUNT; t++) {
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

static void add_usage(struct usages *usages, enum nstype type, uid_t uid, size_t count)
{
	*array_push(usages->at, usages->n, usages->size) =
		(struct usage){ .type = type, .uid = uid, .count = count };
}

static void charge(struct usages *usages, const struct ns *ns, uid_t uid)
{
	*array_push(usages->charges, usages->ncharges, usages->charges_size) =
		(struct charge){ .ns = ns, .uid = uid };
	add_usage(usages, ns->ref.type, uid, 1);
}

/* Whether it is taken for the initial one where no number tells: the first that may be it. */
static bool is_guess(struct level *level, const struct ns *ns)
{
	unsigned bit = 1u << ns->ref.type;
	bool guess = level->guessed & bit && ns->owner && ns->owner->ref.ino == level->user;

	level->guessed &= guess ? ~bit : ~0u;
	return guess;
}

/* Whether the user namespace of the level owns it; a user namespace tells who made it. */
static bool is_owned(const struct level *level, const struct ns *ns)
{
	return ns->ref.type != NS_USER && ns->owner && ns->owner->ref.ino == level->user;
}

/*
 * The kernel's own, as that in which its thread kdevtmpfs mounts /dev. It is made before the kernel
 * begins to count (tried on 6.12). A program that the kernel starts, such as one of core_pattern,
 * is no thread of the kernel.
 */
static bool is_of_kernel(const struct ns *ns)
{
	return ns->leader && ns->leader->has_stat && ns->leader->kthread;
}

/*
 * Whether a user other than root may have made a namespace that the level's owns: one with
 * CAP_SYS_ADMIN (ambient capabilities, file capabilities) is in it. Then root or that user is
 * charged.
 */
static bool may_be_of_other_user(const struct level *level, const struct ns *ns)
{
	const struct process *process = ns->leader;

	return is_owned(level, ns) && process && process->has_status && process->admin &&
	       process->uid != ROOT &&
	       (!process->ino[NS_USER] || process->ino[NS_USER] == level->user);
}

static void add(struct usages *usages, struct level *level, const struct ns *ns)
{
	bool known, charged;
	uid_t uid = ROOT;

	if (ns->ref.ino == level->initial[ns->ref.type] || is_of_kernel(ns))
		return;
	charged = find_user(level, ns, &uid, &known);
	if (!known || is_guess(level, ns) || may_be_of_other_user(level, ns))
		usages->bounds |= 1u << ns->ref.type;
	else if (charged)
		charge(usages, ns, uid);
}

/* PID namespaces of which only the number is known are owned by the user namespace of their
 * process. */
static void add_new_pidns(
	struct usages *usages, const struct level *level, const struct model *model)
{
	for (size_t i = 0; i < model->nprocesses; i++) {
		const struct process *process = model->processes[i];
		struct ns_ref owner = { NS_USER, process->ino[NS_USER] };
		struct ns ns = { .ref.type = NS_PID, .related = true };
		bool known = false;
		uid_t uid;

		if (!process->new_pidns)
			continue;
		ns.owner = model_find(model, owner);
		if (ns.owner && find_user(level, &ns, &uid, &known))
			add_usage(usages, NS_PID, uid, process->new_pidns);
		if (!known)
			usages->bounds |= 1u << NS_PID;
	}
}

static int by_uid(const void *a, const void *b)
{
	const struct usage *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_weight(const void *a, const void *b)
{
	const struct usage *x = a, *y = b;

	if (x->type == y->type && x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return by_uid(a, b);
}

static void add_up(struct usages *usages)
{
	size_t n = 0;

	if (!usages->n)
		return;
	qsort(usages->at, usages->n, sizeof(*usages->at), by_uid);
	for (size_t i = 1; i < usages->n; i++)
		if (by_uid(&usages->at[n], &usages->at[i]) == 0)
			usages->at[n].count += usages->at[i].count;
		else
			usages->at[++n] = usages->at[i];
	usages->n = n + 1;
	qsort(usages->at, usages->n, sizeof(*usages->at), by_weight);
}

/* At any level at least one has an owner, unless this kernel tells none (Linux 4.9). */
static bool tells_owners(const struct model *model)
{
	bool related = false;

	for (size_t i = 0; i < model->n; i++) {
		if (model->at[i]->owner)
			return true;
		related |= model->at[i]->related;
	}
	return !related;
}

void uses_unsure(const struct model *model, unsigned types, struct rows *rows)
{
	struct level level;

	learn_level(model, &level);
	for (size_t i = 0; i < model->n; i++) {
		struct ns *ns = model->at[i];
		const struct row row = { .kind = ROW_NS, .type = ns->ref.type, .ns = ns };

		if (types & 1u << row.type && ns->leader && is_owned(&level, ns) &&
			ns->ref.ino != level.initial[row.type])
			rows_add(rows, &row);
	}
}

void usages_find(struct usages *usages, const struct model *model, unsigned types)
{
	struct level level;

	learn_level(model, &level);
	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];

		if (types & 1u << ns->ref.type && ns->first)
			add(usages, &level, ns);
	}
	if (model->detached_mounts)
		usages->bounds |= types & 1u << NS_MNT;
	if (types & 1u << NS_PID)
		add_new_pidns(usages, &level, model);
	add_up(usages);
	if (!tells_owners(model))
		usages->bounds = types;
}

const struct usage *usages_heaviest(const struct usages *usages, enum nstype type)
{
	for (size_t i = 0; i < usages->n; i++)
		if (usages->at[i].type == type)
			return &usages->at[i];
	return NULL;
}

static uint64_t key_of(enum nstype type, uid_t uid)
{
	return (uint64_t)type << 32 | uid;
}

static void add_rows(const struct usages *usages, const struct query *query, struct rows *rows)
{
	for (size_t i = 0; i < usages->n; i++) {
		const struct usage *usage = &usages->at[i];
		struct row row = { .kind = ROW_TYPE, .type = usage->type, .usage = usage };

		if (query->types & 1u << usage->type)
			rows_add(rows, &row);
	}
}

void usages_query(const struct usages *usages, const struct query *query, struct rows *rows)
{
	struct u64map of_user;

	add_rows(usages, query, rows);

	u64map_init(&of_user);
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];

		u64map_put(&of_user, key_of(row->type, row->usage->uid), row);
	}
	for (size_t i = 0; i < usages->ncharges; i++) {
		const struct charge *at = &usages->charges[i];

		if (query_matches(query, at->ns))
			row_count(u64map_get(&of_user, key_of(at->ns->ref.type, at->uid)), at->ns);
	}
	u64map_done(&of_user);
}

void usages_put(const struct usages *usages, bool sees_all, struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];

		if (!row->usage)
			row->usage = usages_heaviest(usages, row->type);
		row->use_is_bound = !sees_all || usages->bounds & 1u << row->type;
	}
}
