// SPDX-License-Identifier: MIT
/* Options to view, shape and columns. */
#include "nsls/plan.h"

#include "complain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is shown without --output. The list's names and order are lsns(8)'s, so scripts port. */
static const enum column_id list[] = { COL_NS, COL_TYPE, COL_NPROCS, COL_PID, COL_USER, COL_COMMAND,
	COLUMN_COUNT },
			    list_json[] = { COL_NS, COL_TYPE, COL_NPROCS, COL_PID, COL_USER,
				    COL_COMMAND, COL_PIDS, COLUMN_COUNT },
			    net[] = { COL_NS, COL_TYPE, COL_NPROCS, COL_PID, COL_USER, COL_NETNSID,
				    COL_NSFS, COL_COMMAND, COLUMN_COUNT },
			    net_json[] = { COL_NS, COL_TYPE, COL_NPROCS, COL_PID, COL_USER,
				    COL_NETNSID, COL_NSFS, COL_COMMAND, COL_PIDS, COLUMN_COUNT },
			    overview[] = { COL_NS, COL_NPROCS, COL_PID, COL_USER, COL_COMMAND,
				    COLUMN_COUNT },
			    overview_json[] = { COL_NS, COL_TYPE, COL_COUNT, COL_NPROCS, COL_PID,
				    COL_USER, COL_COMMAND, COL_PIDS, COLUMN_COUNT },
			    holders[] = { COL_HOLDER, COL_PID, COL_PPID, COL_USER, COL_COMMAND,
				    COLUMN_COUNT },
			    holders_of_many[] = { COL_NS, COL_TYPE, COL_HOLDER, COL_PID, COL_PPID,
				    COL_USER, COL_COMMAND, COLUMN_COUNT },
			    holders_json[] = { COL_NS, COL_TYPE, COL_KIND, COL_PID, COL_PPID,
				    COL_TID, COL_FD, COL_MOUNT, COL_MNTNS, COL_HNS, COL_USER,
				    COL_COMMAND, COLUMN_COUNT },
			    summary[] = { COL_TYPE, COL_COUNT, COL_NPROCS, COL_PERSISTENT,
				    COL_LIMIT, COL_USE, COLUMN_COUNT };

static const enum column_id *usual_columns(const struct options *o, const struct plan *plan)
{
	switch (plan->view) {
	case VIEW_SUMMARY:
		return summary;
	case VIEW_HOLDERS:
		return o->json ? holders_json : o->nnamespaces > 1 ? holders_of_many : holders;
	case VIEW_LIST:
	case VIEW_TYPES:
		break;
	}
	if (plan->tree == TREE_TYPE)
		return o->json ? overview_json : overview;
	if (o->types == 1u << NS_NET)
		return o->json ? net_json : net;
	return o->json ? list_json : list;
}

/* A column that is asked for twice is shown once: JSON can't have a key twice. */
static void add_column(struct plan *plan, enum column_id id)
{
	for (size_t i = 0; i < plan->ncolumns; i++)
		if (plan->columns[i] == id)
			return;
	plan->columns[plan->ncolumns++] = id;
	plan->needs |= column_info(id)->needs;
}

/* COUNT is of rows for a type, and a tree by type has such rows, too. */
static unsigned views_of(const struct plan *plan)
{
	return plan->view | (plan->tree == TREE_TYPE ? VIEW_TYPES : 0);
}

static int add_named(struct plan *plan, const char *name, size_t len, FILE *err)
{
	enum column_id id;

	if (column_by_name(name, len, &id) < 0) {
		complain(err, "unknown column '%.*s'; 'nsls --list-columns' lists them", (int)len,
			name);
		return -EINVAL;
	}
	if (!(column_info(id)->views & views_of(plan))) {
		complain(err, "column %s is not available in this view; see 'nsls --list-columns'",
			column_info(id)->name);
		return -EINVAL;
	}
	add_column(plan, id);
	return 0;
}

static int choose_columns(const struct options *o, FILE *err, struct plan *plan)
{
	const char *names = o->output;
	bool more = names && *names == '+';

	if (!names || more)
		for (const enum column_id *id = usual_columns(o, plan); *id < COLUMN_COUNT; id++)
			add_column(plan, *id);
	if (o->output_all)
		for (enum column_id id = 0; id < COLUMN_COUNT; id++)
			if (column_info(id)->views & views_of(plan))
				add_column(plan, id);
	if (more)
		names++;
	while (names) {
		size_t len = strcspn(names, ",");
		int r = add_named(plan, names, len, err);

		if (r < 0)
			return r;
		names = names[len] ? names + len + 1 : NULL;
	}
	return 0;
}

static enum tree choose_tree(const struct options *o, enum column_view view, bool terminal)
{
	bool flat = o->list || o->json || o->raw || o->output || o->output_all;

	if (view == VIEW_SUMMARY)
		return TREE_NONE;
	if (o->tree != TREE_NONE)
		return o->tree;
	if (flat)
		return TREE_NONE;
	if (view == VIEW_HOLDERS)
		return TREE_PROCESS;
	return terminal ? TREE_TYPE : TREE_NONE;
}

static bool choose_colors(const struct options *o, bool terminal)
{
	const char *no_color = getenv("NO_COLOR");

	if (o->json || o->raw || o->color == COLOR_NEVER)
		return false;
	if (o->color == COLOR_ALWAYS)
		return true;
	return terminal && !(no_color && *no_color);
}

static const char *json_name(enum column_view view)
{
	switch (view) {
	case VIEW_SUMMARY:
		return "types";
	case VIEW_HOLDERS:
		return "holders";
	case VIEW_LIST:
	case VIEW_TYPES:
		break;
	}
	return "namespaces";
}

int plan_make(const struct options *o, bool terminal, FILE *err, struct plan *plan)
{
	int r;

	*plan = (struct plan){ .view = o->summary       ? VIEW_SUMMARY
				       : o->nnamespaces ? VIEW_HOLDERS
							: VIEW_LIST };
	plan->tree = choose_tree(o, plan->view, terminal);
	r = choose_columns(o, err, plan);
	if (r < 0)
		return r;
	if (plan->view == VIEW_HOLDERS && plan->tree != TREE_NONE)
		plan->needs |= NEED_STAT;
	if (plan->view == VIEW_LIST && plan->tree == TREE_PROCESS)
		plan->needs |= NEED_ANCESTRY;
	plan->labels = plan->view == VIEW_LIST && plan->tree != TREE_NONE;
	plan->render = (struct render_options){
		.format = o->json  ? FORMAT_JSON
			  : o->raw ? FORMAT_RAW
				   : FORMAT_TABLE,
		.name = json_name(plan->view),
		.columns = plan->columns,
		.ncolumns = plan->ncolumns,
		.tree = plan->tree != TREE_NONE,
		.noheadings = o->noheadings,
		.notruncate = o->notruncate,
		.multiline = terminal && !o->nowrap && !o->raw && !o->json,
		.colors = choose_colors(o, terminal),
	};
	return 0;
}
