// SPDX-License-Identifier: MIT
/* Selects what is shown. The order and shape of trees is tree.c's. */
#include "nsls/select/query.h"

#include "nsls/base/array.h"
#include "nsls/model/name.h"
#include "nsls/select/group.h"

#include <stdlib.h>

void rows_init(struct rows *rows)
{
	*rows = (struct rows){ 0 };
}

void rows_done(struct rows *rows)
{
	free(rows->at);
	*rows = (struct rows){ 0 };
}

const struct task *row_task(const struct row *row)
{
	if (row->kind == ROW_HOLDER)
		return row->holder->task;
	if (row->kind == ROW_GROUP)
		return row->group->members[0];
	return row->kind == ROW_NS ? row->ns->leader : NULL;
}

const struct task *row_whose(const struct row *row)
{
	const struct ns *ns = row->kind == ROW_HOLDER ? holder_ns(row->holder) : row->ns;

	if (row->kind == ROW_GROUP)
		return group_whose(row->group);
	if (ns)
		return ns_task(ns);
	return row->kind == ROW_HOLDER ? row->holder->task : NULL;
}

void row_count(struct row *type, const struct ns *ns)
{
	type->count++;
	type->nprocs += ns->nprocs;
	type->memberless += !ns->nprocs;
}

void rows_add(struct rows *rows, const struct row *row)
{
	struct row *at = array_push(rows->at, rows->n, rows->size);

	*at = *row;
	at->parent = ROW_NO_PARENT;
}

static bool is_of_kind(const struct holder *holder, const struct query *query)
{
	return !query->kinds || query->kinds & 1u << holder->kind;
}

static bool has_kind(const struct ns *ns, const struct query *query)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (is_of_kind(h, query))
			return true;
	return false;
}

int query_order(const void *a, const void *b)
{
	const struct ns_ref *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return (x->ino > y->ino) - (x->ino < y->ino);
}

bool query_means(const struct query *query, const struct ns *ns)
{
	if (!(query->types & 1u << ns->ref.type) || (query->persistent && ns->nprocs))
		return false;
	/* A source may have met a namespace that none of the chosen sources finds a holder of. */
	if (!has_kind(ns, query))
		return false;
	return !query->has_only || (query->nonly && bsearch(&ns->ref, query->only, query->nonly,
							    sizeof(ns->ref), query_order));
}

void query_namespaces(const struct model *model, const struct query *query, struct rows *rows)
{
	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];
		struct row row = { .kind = ROW_NS, .type = ns->ref.type, .ns = ns };

		if (query_means(query, ns))
			rows_add(rows, &row);
	}
}

void query_summary(const struct model *model, const struct query *query, struct rows *rows)
{
	struct row types[NS_TYPE_COUNT];

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		types[t] = (struct row){ .kind = ROW_TYPE, .type = t };
	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];

		if (query_means(query, ns))
			row_count(&types[ns->ref.type], ns);
	}
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (query->types & 1u << t)
			rows_add(rows, &types[t]);
}

void query_holders(const struct model *model, const struct query *query, struct rows *rows)
{
	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];

		if (!query_means(query, ns))
			continue;
		for (const struct holder *h = ns->first; h; h = h->next) {
			struct row row = {
				.kind = ROW_HOLDER, .type = ns->ref.type, .ns = ns, .holder = h
			};

			if (is_of_kind(h, query))
				rows_add(rows, &row);
		}
	}
}
