// SPDX-License-Identifier: MIT
/*
 * Which user each namespace is charged to, and the sums per type and user: at the limit of
 * namespaces(7), new ones are refused with ENOSPC.
 */
#include "nsls/query.h"

#include <stdlib.h>

/*
 * Bound of a walk up the parents, in case they loop. User namespaces nest 33 deep at most, as
 * tested.
 */
#define USERNS_DEPTH_MAX 64

#define ROOT 0

/* The user namespace that users are counted in. */
struct level {
	uint32_t user;                   /* inode of the user namespace */
	uint32_t initial[NS_TYPE_COUNT]; /* initial namespaces, not charged; 0: unknown */
	unsigned guessed; /* types of which the first candidate is taken for the initial one */
};

void usages_done(struct usages *usages)
{
	free(usages->at);
	*usages = (struct usages){ 0 };
}

/*
 * Before Linux 6.17 some initial namespaces have arbitrary inodes. PID 1 is in them, but may be
 * unreadable. The initial user namespace owns them, so other levels have none.
 */
static void level_init(const struct model *model, struct level *level)
{
	const uint32_t initial = nstype_info[NS_USER].initial_ino;
	const struct process *first = model_find_process(model, 1);

	*level = (struct level){ .user = model->our_user ? model->our_user : initial };
	level->initial[NS_USER] = level->user;
	for (enum nstype t = 0; level->user == initial && t < NS_TYPE_COUNT; t++) {
		if (model_knows_initial(model, t))
			level->initial[t] = nstype_info[t].initial_ino;
		else if (first)
			level->initial[t] = first->ino[t];
		if (!level->initial[t])
			level->guessed |= 1u << t;
	}
}

/*
 * Returns true if the user namespace of the level owns ns. User namespaces are excluded: their
 * creator is known.
 */
static bool level_owns(const struct level *level, const struct ns *ns)
{
	return ns->ref.type != NS_USER && ns->owner && ns->owner->ref.ino == level->user;
}

/*
 * Returns true if ns is charged to a user of the level, and that is known: root, or the creator of
 * the user namespace above ns, or of ns itself, that was created in the user namespace of the
 * level.
 */
static bool level_find_user(
	const struct level *level, const struct ns *ns, uid_t *ret_uid, bool *ret_known)
{
	const struct ns *made = ns->ref.type == NS_USER ? ns : ns->owner;
	int depth = 0;

	*ret_known = ns->related;
	*ret_uid = ROOT;
	if (!made || level_owns(level, ns))
		return made; /* NULL: outside of our user namespace, or its owner was not read */
	for (; made->parent && made->parent->ref.ino != level->user; made = made->parent)
		if (++depth == USERNS_DEPTH_MAX) {
			*ret_known = false;
			return false;
		}
	*ret_known = made->parent ? made->has_owner_uid : made->related;
	*ret_uid = made->owner_uid;
	return made->parent && *ret_known;
}

static void usages_add(
	struct usages *usages, struct level *level, const struct query *query, const struct ns *ns)
{
	bool known, selected = query_matches(query, ns), owned = level_owns(level, ns);
	const struct process *leader = ns->leader;
	unsigned bit = 1u << ns->ref.type;
	uid_t uid;
	bool charged = level_find_user(level, ns, &uid, &known);

	/*
	 * The kernel creates namespaces of its own, such as the one in which kdevtmpfs mounts /dev,
	 * before it begins to count (tested on 6.12). Programs that the kernel starts, such as one
	 * of core_pattern, are not kernel threads.
	 */
	if (ns->ref.ino == level->initial[ns->ref.type] ||
		(leader && leader->has_stat && leader->kthread))
		return;
	/* The first namespace that may be the initial one, if the inode of that is unknown. */
	if (known && owned && level->guessed & bit) {
		level->guessed &= ~bit;
		known = false;
	}
	/*
	 * A user other than root may have created it: a member is a user with CAP_SYS_ADMIN
	 * (ambient or file capabilities). Then either root or that user is charged.
	 */
	if (owned && leader && leader->has_status && leader->admin && leader->uid != ROOT &&
		(!leader->ino[NS_USER] || leader->ino[NS_USER] == level->user))
		known = false;
	if (!known)
		usages->lower_bounds |= bit;
	else if (charged)
		*array_push(usages->at, usages->n, usages->size) = (struct usage){
			.type = ns->ref.type,
			.uid = uid,
			.count = 1,
			.selected = selected,
			.nprocs = selected ? ns->nprocs : 0,
			.persistent = selected && !ns->nprocs,
		};
}

/*
 * Adds PID namespaces of which only the number is known: the user namespace of their process owns
 * them.
 */
static void usages_add_new_pidns(
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
		if (ns.owner && level_find_user(level, &ns, &uid, &known))
			*array_push(usages->at, usages->n, usages->size) = (struct usage){
				.type = NS_PID, .uid = uid, .count = process->new_pidns
			};
		if (!known)
			usages->lower_bounds |= 1u << NS_PID;
	}
}

static int usage_compare_uid(const void *a, const void *b)
{
	const struct usage *x = a, *y = b;

	return x->type != y->type ? compare_numbers(x->type, y->type)
				  : compare_numbers(x->uid, y->uid);
}

static int usage_compare(const void *a, const void *b)
{
	const struct usage *x = a, *y = b;

	return x->type == y->type && x->count != y->count ? compare_numbers(y->count, x->count)
							  : usage_compare_uid(a, b);
}

void usages_ambiguous(const struct model *model, unsigned types, struct rows *rows)
{
	struct level level;

	level_init(model, &level);
	for (size_t i = 0; i < model->n; i++) {
		struct ns *ns = model->at[i];
		const struct row row = { .kind = ROW_NS, .type = ns->ref.type, .ns = ns };

		if (types & 1u << row.type && ns->leader && level_owns(&level, ns) &&
			ns->ref.ino != level.initial[row.type])
			rows_add(rows, &row);
	}
}

void usages_find(struct usages *usages, const struct model *model, const struct query *query)
{
	unsigned types = query->types;
	bool related = false, owned = false;
	struct usage *to;
	struct level level;

	level_init(model, &level);
	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];

		related = related || ns->related;
		owned = owned || ns->owner;
		if (types & 1u << ns->ref.type && ns->first)
			usages_add(usages, &level, query, ns);
	}
	if (model->detached_mounts)
		usages->lower_bounds |= types & 1u << NS_MNT;
	if (types & 1u << NS_PID)
		usages_add_new_pidns(usages, &level, model);
	/* Only kernels before Linux 4.9, which report no owners, have no namespace with one. */
	if (related && !owned)
		usages->lower_bounds = types;
	if (!usages->n)
		return;
	qsort(usages->at, usages->n, sizeof(*to), usage_compare_uid);
	to = usages->at;
	for (const struct usage *from = to + 1; from < usages->at + usages->n; from++) {
		if (usage_compare_uid(to, from) != 0) {
			*++to = *from;
			continue;
		}
		to->count += from->count;
		to->selected += from->selected;
		to->nprocs += from->nprocs;
		to->persistent += from->persistent;
	}
	usages->n = (size_t)(to - usages->at) + 1;
	qsort(usages->at, usages->n, sizeof(*to), usage_compare);
}

const struct usage *usages_heaviest(const struct usages *usages, enum nstype type)
{
	for (size_t i = 0; i < usages->n; i++)
		if (usages->at[i].type == type)
			return &usages->at[i];
	return NULL;
}

void usages_rows(const struct usages *usages, struct rows *rows)
{
	for (size_t i = 0; i < usages->n; i++) {
		const struct usage *usage = &usages->at[i];
		const struct row row = { .kind = ROW_TYPE,
			.type = usage->type,
			.usage = usage,
			.count = usage->selected,
			.nprocs = usage->nprocs,
			.persistent = usage->persistent };

		rows_add(rows, &row);
	}
}

void usages_fill(const struct usages *usages, bool covers_all, struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++) {
		struct row *row = &rows->at[i];

		if (!row->usage)
			row->usage = usages_heaviest(usages, row->type);
		row->usage_is_bound = !covers_all || usages->lower_bounds & 1u << row->type;
	}
}
