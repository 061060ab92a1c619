// SPDX-License-Identifier: MIT
/* Selects rows, and resolves names of workloads (--of). Trees are in tree.c. */
#include "nsls/query.h"

#include <stdlib.h>
#include <string.h>

void rows_done(struct rows *rows)
{
	free(rows->at);
	*rows = (struct rows){ 0 };
}

const struct process *row_process(const struct row *row)
{
	if (row->kind == ROW_HOLDER)
		return row->holder->process;
	if (row->kind == ROW_GROUP)
		return row->group->members[0];
	return row->kind == ROW_NS ? row->ns->leader : NULL;
}

const struct process *row_user_process(const struct row *row)
{
	if (row->kind == ROW_HOLDER && row->count)
		return NULL;
	return row->kind == ROW_HOLDER ? holder_process(row->holder) : row_process(row);
}

const struct process *row_representative(const struct row *row)
{
	const struct ns *ns;

	if (row->kind == ROW_GROUP)
		return group_representative(row->group);
	if (row->kind == ROW_NS)
		return ns_representative(row->ns);
	ns = row->kind == ROW_HOLDER ? holder_ns(row->holder) : row->ns;
	return ns ? ns_representative(ns) : row_user_process(row);
}

void row_count(struct row *type, const struct ns *ns)
{
	type->count++;
	type->nprocs += ns->nprocs;
	type->persistent += !ns->nprocs;
}

void rows_add(struct rows *rows, const struct row *row)
{
	struct row *at = array_push(rows->at, rows->n, rows->size);

	*at = *row;
	at->parent = ROW_NO_PARENT;
}

void rows_add_ns(struct rows *rows, const struct ns *ns)
{
	rows_add(rows, &(struct row){ .kind = ROW_NS, .type = ns->ref.type, .ns = ns });
}

bool query_matches(const struct query *query, const struct ns *ns)
{
	const struct holder *holder = ns->first;

	if (!(query->types & 1u << ns->ref.type) || (query->persistent && ns->nprocs))
		return false;
	while (holder && query->kinds && !(query->kinds & 1u << holder->kind))
		holder = holder->next;
	if (!holder) /* with --scan, a namespace may be found without any */
		return false;
	return !query->only || u64map_get(query->only, ns_ref_key(ns->ref));
}

void query_rows(
	const struct model *model, const struct query *query, enum row_kind kind, struct rows *rows)
{
	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];
		struct row row = { .kind = kind, .type = ns->ref.type, .ns = ns };

		if (!query_matches(query, ns))
			continue;
		if (kind == ROW_NS && !query->mounted)
			rows_add(rows, &row);
		row.mounted = query->mounted ? ns->mounted : NULL;
		for (; row.mounted; row.mounted = row.mounted->next)
			rows_add(rows, &row);
		row.holder = kind == ROW_HOLDER ? ns->first : NULL;
		for (; row.holder; row.holder = row.holder->next)
			if (!query->kinds || query->kinds & 1u << row.holder->kind)
				rows_add(rows, &row);
	}
}

unsigned query_drop_initial(const struct model *model, struct rows *rows)
{
	uint32_t initial[NS_TYPE_COUNT];
	size_t count[NS_TYPE_COUNT] = { 0 }, kept = 0;
	unsigned types = 0;
	bool host;

	/* Before Linux 6.17, some are only known as those of process 1 of the system. */
	model_host(model, initial);
	host = initial[NS_PID] == nstype_info[NS_PID].initial_ino;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (model_knows_initial(model, t))
			initial[t] = nstype_info[t].initial_ino;
		else if (!host)
			initial[t] = 0;
	for (size_t i = 0; i < rows->n; i++)
		count[rows->at[i].type]++;
	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->at[i];

		if (count[row->type] == 1 && row->ns->ref.ino == initial[row->type])
			types |= 1u << row->type;
		else
			rows->at[kept++] = *row;
	}
	rows->n = kept;
	return types;
}

void query_summary(const struct model *model, const struct query *query, struct rows *rows)
{
	struct row types[NS_TYPE_COUNT];

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		types[t] = (struct row){ .kind = ROW_TYPE, .type = t };
	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];

		if (query_matches(query, ns))
			row_count(&types[ns->ref.type], ns);
	}
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (query->types & 1u << t)
			rows_add(rows, &types[t]);
}

/* Mounts of one namespace on the same mount point, of which more are merged into one row. */
#define MOUNTS_MAX 10

/* The key of a row, by which identical mounts are adjacent. */
static int merge_compare(const void *a, const void *b)
{
	const struct holder_mount *x = (*(struct row *const *)a)->holder->mount;
	const struct holder_mount *y = (*(struct row *const *)b)->holder->mount;
	int order = strcmp(x->path, y->path);

	if (!order)
		order = (int)x->ours - (int)y->ours;
	return order ? order : (x->locked_by != NULL) - (y->locked_by != NULL);
}

void query_merge_mounts(struct rows *rows)
{
	struct row **mounts = memory_alloc(rows->n, sizeof(struct row *));
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < rows->n; i++)
		if (rows->at[i].holder->kind == HOLDER_MOUNT)
			mounts[n++] = &rows->at[i];
	qsort(mounts, n, sizeof(struct row *), merge_compare);
	for (size_t start = 0, end; start < n; start = end) {
		struct row *first = mounts[start];

		for (end = start + 1; end < n && !merge_compare(&mounts[start], &mounts[end]);
			end++)
			first = mounts[end] < first ? mounts[end] : first;
		if (end - start <= MOUNTS_MAX)
			continue;
		first->count = end - start;
		for (size_t i = start; i < end; i++)
			if (mounts[i] != first)
				mounts[i]->holder = NULL; /* removed below */
	}
	for (size_t i = 0; i < rows->n; i++)
		if (rows->at[i].holder)
			rows->at[kept++] = rows->at[i];
	rows->n = kept;
	free(mounts);
}

/* Workloads: names and the processes that they stand for. */

/* How well a name matches, the best first. */
enum match {
	MATCH_WHOLE,         /* whole name of a workload of the system */
	MATCH_PART,          /* start of an id, or a unit without ".service" */
	MATCH_FOREIGN_WHOLE, /* whole name, of a user or within a container */
	MATCH_FOREIGN_PART,
	MATCH_NONE,
};

const char *workload_text(enum workload_kind kind, const struct identity *identity)
{
	const char *const texts[WORKLOAD_KIND_COUNT] = {
		[WORKLOAD_CONTAINER] = identity->container,
		[WORKLOAD_MACHINE] = identity->machine,
		[WORKLOAD_POD] = identity->pod ? identity->pod : identity->pod_name,
		[WORKLOAD_APP] = identity->app,
		[WORKLOAD_UNIT] = identity->unit,
	};

	return texts[kind];
}

/*
 * Returns which kind of name identity->name is or, without given ones, identity->id_name. The
 * container of a pod itself has the given name of the pod.
 */
static enum workload_kind identity_name_kind(const struct identity *identity, bool given)
{
	enum workload_kind kind = 0;

	if (given && identity->pod_name && !identity->given)
		return WORKLOAD_POD;
	while (kind < WORKLOAD_UNIT && !workload_text(kind, identity))
		kind++;
	return kind;
}

static bool text_is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* Returns true for ids of containers and pods, which engines and clusters abbreviate. */
static bool is_abbreviable_id(enum workload_kind kind, const char *text)
{
	if (kind == WORKLOAD_POD)
		return !strchr(text, '/');
	return kind == WORKLOAD_CONTAINER && (size_t)identity_short(text) < strlen(text);
}

/*
 * Returns the container, machine or application that a unit runs in; NULL for a unit of the system
 * or of a user.
 */
static const char *unit_container(enum workload_kind kind, const struct identity *identity)
{
	return kind == WORKLOAD_UNIT && identity->unit_inside ? identity_container(identity) : NULL;
}

/* Many pods have a container of the same name. */
static bool is_given_name(const struct identity *identity, const char *text)
{
	return !identity->pod_name && text_is_same(identity->given, text);
}

/*
 * Digits that engines print of an id. So many are as good as all: a container that somebody gave
 * them as a name does not hide the one that they are of.
 */
#define SHORT_ID 12

static enum match workload_match(
	enum workload_kind kind, const struct identity *identity, const struct workload_name *name)
{
	const char *text = workload_text(kind, identity), *in = name->in;
	const char *inside = unit_container(kind, identity);
	bool foreign = !in && (identity->has_user || inside), starts, abbreviated, whole;
	size_t len = strlen(name->text);

	if (!text || !len)
		return MATCH_NONE;
	/* It has to be of the user, or in the container, that the name requires. */
	if (in && (inside || !name->has_user || !identity->has_user ||
			  identity->user != name->user)) {
		if (!inside || !*in)
			return MATCH_NONE;
		if (!is_given_name(identity, in) && strcmp(inside, in) != 0 &&
			!(starts_with(inside, in) && is_abbreviable_id(WORKLOAD_CONTAINER, inside)))
			return MATCH_NONE;
	}
	starts = starts_with(text, name->text);
	abbreviated = starts && is_abbreviable_id(kind, text);
	whole = !strcmp(text, name->text) || (abbreviated && len >= SHORT_ID) ||
		(identity_name_kind(identity, true) == kind &&
			text_is_same(identity->name, name->text)) ||
		(identity_name_kind(identity, false) == kind &&
			text_is_same(identity->id_name, name->text)) ||
		(kind == WORKLOAD_CONTAINER && is_given_name(identity, name->text)) ||
		(kind == WORKLOAD_POD && text_is_same(identity->pod_name, name->text));
	if (whole)
		return foreign ? MATCH_FOREIGN_WHOLE : MATCH_WHOLE;
	if (abbreviated || (starts && kind == WORKLOAD_UNIT && !strcmp(text + len, ".service")))
		return foreign ? MATCH_FOREIGN_PART : MATCH_PART;
	return MATCH_NONE;
}

static bool is_same_workload(
	enum workload_kind kind, const struct identity *a, const struct identity *b)
{
	return a->has_user == b->has_user && (!a->has_user || a->user == b->user) &&
	       text_is_same(workload_text(kind, a), workload_text(kind, b)) &&
	       text_is_same(unit_container(kind, a), unit_container(kind, b));
}

bool workload_has(const struct workload *workload, const struct process *process)
{
	if (workload->kind == WORKLOAD_NETNS)
		return process->ino[NS_NET] == workload->ns->ref.ino;
	return process->identity && workload_text(workload->kind, process->identity) &&
	       is_same_workload(workload->kind, workload->identity, process->identity);
}

/* Adds a workload, unless the one of a process is known. */
static void workloads_add(struct workloads *workloads, const struct workload *workload)
{
	for (size_t i = 0; workload->identity && i < workloads->n; i++)
		if (workloads->at[i].kind == workload->kind &&
			is_same_workload(
				workload->kind, workloads->at[i].identity, workload->identity))
			return;
	if (workloads->n < WORKLOADS_MAX)
		workloads->at[workloads->n++] = *workload;
	else
		workloads->more = true;
}

enum name_place ns_by_name(
	const struct model *model, uint32_t names_mnt, const char *name, struct rows *rows)
{
	const uint32_t host = ns_names_mnt(model, false);
	enum name_place best = NAME_NOWHERE;

	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];
		enum name_place place = NAME_NOWHERE;

		if (ns->ref.type != NS_NET)
			continue;
		for (const struct ns_name *n = ns->names; n; n = n->next)
			if (!strcmp(n->text, name))
				place = NAME_OURS;
		for (const struct holder *h = ns->first; h && place != NAME_OURS; h = h->next) {
			const char *at =
				h->kind == HOLDER_MOUNT ? ns_name_at(h->mount->path) : NULL;

			if (!text_is_same(at, name))
				continue;
			if (names_mnt && h->mount->mntns == names_mnt)
				place = NAME_OURS;
			else if (h->mount->mntns == host)
				place = NAME_OF_HOST;
			else if (place == NAME_NOWHERE)
				place = NAME_ELSEWHERE;
		}
		if (place == NAME_NOWHERE || place > best)
			continue;
		if (place < best)
			rows->n = 0;
		best = place;
		rows_add_ns(rows, ns);
	}
	return best;
}

/*
 * Returns the name without the word that column NAME has in front of the names of network
 * namespaces.
 */
static const char *netns_name(const char *text)
{
	return text + (starts_with(text, "netns ") ? strlen("netns ") : 0);
}

void namespaces_find(const struct model *model, uint32_t names_mnt, const char *text,
	bool identities, struct rows *rows)
{
	if (!*text || ns_by_name(model, names_mnt, netns_name(text), rows) != NAME_NOWHERE)
		return;
	/* Users choose the names of their own containers and units: these come last. */
	for (int foreign = 0; identities && !rows->n && foreign < 2; foreign++)
		for (size_t i = 0; i < model->n; i++) {
			const struct ns *ns = model->at[i];
			const struct process *process = ns_representative(ns);
			const struct identity *identity = process ? process->identity : NULL;
			CLEANUP(strbuf_done) struct strbuf name = { 0 };

			if (!ns->first || (identity && identity->has_user) != foreign)
				continue;
			ns_name(ns, model->our_mnt, &name);
			/* A cell of column NAME has an id where no name was given. */
			if (!strcmp(strbuf_text(&name), text) ||
				(identity && text_is_same(identity->name, strbuf_text(&name)) &&
					text_is_same(identity->id_name, text)))
				rows_add_ns(rows, ns);
		}
}

void workloads_find(const struct model *model, uint32_t names_mnt, const struct workload_name *name,
	struct workloads *ret_workloads)
{
	struct workload workload = { .kind = WORKLOAD_NETNS, .netns = netns_name(name->text) };
	CLEANUP(rows_done) struct rows rows = { 0 };
	enum match best = MATCH_NONE, match;

	*ret_workloads = (struct workloads){ 0 };
	for (size_t i = 0; i < model->nprocesses; i++) {
		const struct identity *identity = model->processes[i]->identity;

		for (enum workload_kind k = 0; identity && k < WORKLOAD_NETNS; k++) {
			match = workload_match(k, identity, name);
			if (match == MATCH_NONE || match > best)
				continue;
			if (match < best)
				*ret_workloads = (struct workloads){ 0 };
			best = match;
			workloads_add(ret_workloads,
				&(struct workload){ .kind = k, .identity = identity });
		}
	}
	if (name->in)
		return;
	/*
	 * Network namespaces with the name, unless they are those of a container with that name,
	 * which programs for virtual networks link to in /run/netns. Any user may make a mount
	 * namespace and names in it, so these come after workloads of the system.
	 */
	match = ns_by_name(model, names_mnt, workload.netns, &rows) == NAME_ELSEWHERE
			? MATCH_FOREIGN_WHOLE
			: MATCH_WHOLE;
	if (rows.n && match < best)
		*ret_workloads = (struct workloads){ 0 };
	for (size_t i = 0; match <= best && i < rows.n; i++) {
		bool known = false;

		workload.ns = rows.at[i].ns;
		for (const struct holder *h = workload.ns->first; h; h = h->next)
			for (size_t k = 0; holder_is_member(h) && k < ret_workloads->n; k++)
				known = known ||
					(ret_workloads->at[k].kind == WORKLOAD_CONTAINER &&
						workload_has(&ret_workloads->at[k], h->process));
		if (!known)
			workloads_add(ret_workloads, &workload);
	}
}

void workload_describe(const struct workload *workload, struct strbuf *out)
{
	const struct identity *identity = workload->identity;
	const char *inside;

	if (workload->kind == WORKLOAD_NETNS) {
		strbuf_addf(out, "netns %s", workload->netns);
		return;
	}
	inside = unit_container(workload->kind, identity);
	if (inside)
		strbuf_addf(out, "%.*s/", identity_short(inside), inside);
	else if (identity->has_user)
		strbuf_addf(out, "%u/", identity->user);
	if (workload->kind == WORKLOAD_POD && identity->pod_name)
		strbuf_adds(out, identity->pod_name);
	else if (identity_name_kind(identity, true) == workload->kind && identity->name)
		strbuf_adds(out, identity->name);
	else
		strbuf_adds(out, workload_text(workload->kind, identity));
}
