// SPDX-License-Identifier: MIT
/* Makes the plan: from options to view, shape and columns. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Returns the columns without --output. The list has those of lsns(8), so that scripts can switch.
 * JSON has all of these, and names, with any --type, so that scripts always find the same keys.
 */
static const char *default_columns(const struct options *o, const struct plan *plan, bool terminal)
{
	bool mounted = plan->view == VIEW_MOUNTED, summary = plan->view == VIEW_SUMMARY;
	bool holders = plan->view == VIEW_HOLDERS, containers = plan->view == VIEW_CONTAINERS;
	bool several = o->nnamespaces > 1 && !plan->headers;
	/* Those of holders in a file or a pipe don't depend on what is found. */
	bool named = terminal && !o->raw, by_type = plan->tree == TREE_TYPE;
	const struct {
		bool when;
		const char *names;
	} defaults[] = {
		{ mounted && o->json, "NS,DEVICE,MOUNT,PID,USER,NAME,UNIT,COMMAND" },
		{ mounted, "NS,DEVICE,MOUNT,PID,USER,NAME,COMMAND" },
		{ summary && o->json, "TYPE,COUNT,NPROCS,PERSISTENT,USED,ATLEAST,USER,LIMIT,USE%" },
		{ summary && o->by_user, "TYPE,USER,COUNT,NPROCS,PERSISTENT,USED,LIMIT,USE%" },
		{ summary, "TYPE,COUNT,NPROCS,PERSISTENT,USED,USER,LIMIT,USE%" },
		{ holders && o->json,
			"NS,TYPE,KIND,PID,PPID,TID,FD,MOUNT,MNTNS,HNS,USER,NAME,COMMAND" },
		{ holders && several && named, "NS,TYPE,HOLDER,PID,PPID,USER,NAME,COMMAND" },
		{ holders && several, "NS,TYPE,HOLDER,PID,PPID,USER,COMMAND" },
		{ holders && named, "HOLDER,PID,PPID,USER,NAME,COMMAND" },
		{ holders, "HOLDER,PID,PPID,USER,COMMAND" },
		{ containers && o->json,
			"NAME,NPROCS,PID,USER,OWN,SHARED,COMMAND,RUNTIME,CONTAINER,UNIT,POD,PIDS" },
		{ containers, "NAME,NPROCS,PID,USER,OWN,COMMAND" },
		{ by_type && o->json,
			"NS,TYPE,COUNT,NPROCS,PID,USER,NETNSID,NSFS,NAME,COMMAND,PIDS" },
		{ by_type, "NS,NPROCS,PID,USER,NAME,COMMAND" },
		{ o->json, "NS,TYPE,NPROCS,PID,USER,NETNSID,NSFS,NAME,COMMAND,PIDS" },
		{ o->types & 1u << NS_NET, "NS,TYPE,NPROCS,PID,USER,NETNSID,NSFS,COMMAND" },
		{ true, "NS,TYPE,NPROCS,PID,USER,COMMAND" },
	};
	size_t i = 0;

	while (!defaults[i].when)
		i++;
	return defaults[i].names;
}

const struct view_name view_names[] = {
	{ VIEW_LIST | VIEW_TYPES, "overview", "namespaces" },
	{ VIEW_LIST, "list", "namespaces" },
	{ VIEW_HOLDERS, "holders", "holders" },
	{ VIEW_CONTAINERS, "containers", "containers" },
	{ VIEW_SUMMARY, "summary", "types" },
	{ VIEW_MOUNTED, "mounts", "mounts" },
	{ 0 },
};

static const struct view_name *plan_view_name(const struct plan *plan)
{
	/* With --tree=type, holders are not an overview. */
	const struct view_name *name = &view_names[plan->views & VIEW_TYPES ? 0 : 1];

	while (!(name->views & plan->view))
		name++;
	return name;
}

static const struct column *plan_find_column(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->render.ncolumns; i++)
		if (!strcmp(plan->render.columns[i]->name, name))
			return plan->render.columns[i];
	return NULL;
}

/* Adds a column only once, because a JSON object must not have a key twice. */
static int plan_add_columns(struct plan *plan, const char *names, FILE *err)
{
	for (const char *name = names; name; name = next_in_list(name)) {
		size_t len = strcspn(name, ",");
		const struct column *column = column_by_name(name, len);

		if (!column)
			return message_fail(err, -EINVAL,
				"unknown column '%.*s'; 'nsls --list-columns' lists them", (int)len,
				name);
		if (!(column->views & plan->views))
			return message_fail(err, -EINVAL,
				"column %s is not available in the %s view; see 'nsls "
				"--list-columns'",
				column->name, plan_view_name(plan)->name);
		if (!plan_find_column(plan, column->name))
			plan->render.columns[plan->render.ncolumns++] = column;
		else if (plan->optional == column)
			plan->optional = NULL;
		plan->needs |= column->needs;
	}
	return 0;
}

static int plan_set_columns(const struct options *o, bool terminal, struct plan *plan)
{
	const char *names = o->output;
	bool adds = names && *names == '+', defaults = !names || adds;
	bool flat = plan->view == VIEW_LIST && plan->tree == TREE_NONE;
	const struct column *column;
	int r = 0;

	/* --output-all has the order of lsns(8) in a list; other views begin with the defaults. */
	if (defaults && !(o->output_all && plan->view == VIEW_LIST))
		r = plan_add_columns(plan, default_columns(o, plan, terminal), o->err);
	/* A table leaves out the default column NAME if no row has a name. */
	if (!o->json && plan->view != VIEW_CONTAINERS)
		plan->optional = plan_find_column(plan, "NAME");
	/* Lists that many rows of one namespace would repeat can be chosen by name. */
	for (size_t i = 0; r == 0 && o->output_all && (column = column_at(i)); i++) {
		bool repeated =
			column_is_list(column) &&
			(plan->view == VIEW_MOUNTED ||
				(plan->view == VIEW_HOLDERS && !(column->style & STYLE_OWN)));

		if (column->views & plan->views && !repeated)
			r = plan_add_columns(plan, column->name, o->err);
	}
	/* --persistent is about what holds namespaces. Trees have it in their labels already. */
	if (r == 0 && defaults && o->persistent && (flat || (o->json && plan->view == VIEW_LIST)))
		r = plan_add_columns(plan, "HOLDERS", o->err);
	if (r == 0 && names)
		r = plan_add_columns(plan, names + adds, o->err);
	/*
	 * The list ends with NAME, so that the numbers of the columns of lsns(8) hold. Raw lines
	 * are for scripts: their number of fields doesn't depend on what is found.
	 */
	if (r == 0 && defaults && flat && !o->json && !o->raw && !plan_find_column(plan, "NAME")) {
		r = plan_add_columns(plan, "NAME", o->err);
		plan->optional = plan_find_column(plan, "NAME");
	}
	return r;
}

static enum tree plan_tree(const struct options *o, enum column_view view, bool terminal)
{
	bool flat = o->list || o->json || o->raw || o->output || o->output_all;

	if (view == VIEW_SUMMARY || view == VIEW_MOUNTED)
		return TREE_NONE;
	if (o->tree != TREE_NONE)
		return o->tree;
	if (flat)
		return TREE_NONE;
	if (view == VIEW_HOLDERS)
		return TREE_PROCESS;
	if (view == VIEW_CONTAINERS)
		return terminal ? TREE_GROUP : TREE_NONE;
	/* A process has one namespace per type. */
	return terminal && !o->nprocesses ? TREE_TYPE : TREE_NONE;
}

/* Adds what the view and its tree need beside the columns. */
static void plan_add_needs(const struct options *o, struct plan *plan)
{
	static const unsigned of_list[] = {
		[TREE_PROCESS] = NEED_ANCESTRY,
		[TREE_OWNER] = NEED_RELATIONS,
		[TREE_PARENT] = NEED_RELATIONS,
		[TREE_GROUP] = 0,
	};

	if (plan->headers) {
		plan->needs |= HEADER_NEEDS;
		plan->needs |= COMMANDS_NEEDS;
	}
	if (o->metrics)
		plan->needs |= METRICS_NEEDS;
	if (plan->view == VIEW_HOLDERS && plan->tree != TREE_NONE)
		plan->needs |= NEED_STAT;
	if (plan->view == VIEW_LIST)
		plan->needs |= of_list[plan->tree];
	if (plan->view == VIEW_CONTAINERS)
		plan->needs |= NEED_IDENTITY;
	if (plan->labels && plan->needs & NEED_COMMAND)
		plan->needs |= NEED_COMM;
}

/* Results of rules have no columns. */
static void plan_rules(const struct options *o, struct plan *plan)
{
	*plan = (struct plan){ .view = VIEW_LIST };
	for (size_t i = 0; i < o->nrules; i++) {
		const struct rule *rule = &o->rules[i];
		unsigned types = o->types ? o->types : NS_TYPES_ALL;

		if (rule->subject == RULE_STALE)
			types = 1u << NS_NET;
		else if (rule->scope == RULE_OF_TYPE)
			types = 1u << rule->type;
		plan->types |= types;
		plan->percent_types |= rule->percent ? types : 0;
	}
	plan->needs = plan->percent_types ? NEED_RELATIONS : 0;
}

int plan_make(const struct options *o, bool terminal, struct plan *plan)
{
	bool plain = !o->json && !o->noheadings && !o->output && !o->output_all;
	bool selects =
		o->types || o->persistent || o->kinds || o->filter || o->nprocesses || o->nof;
	const char *no_color = getenv("NO_COLOR");
	bool colors = o->color == COLOR_ALWAYS ||
		      (o->color == COLOR_AUTO && terminal && !(no_color && *no_color));
	int r;

	if (o->nrules) {
		plan_rules(o, plan);
		return 0;
	}
	*plan = (struct plan){
		.view = o->mounted                 ? VIEW_MOUNTED
			: o->containers            ? VIEW_CONTAINERS
			: o->summary || o->metrics ? VIEW_SUMMARY
			: o->nnamespaces           ? VIEW_HOLDERS
						   : VIEW_LIST,
		.whole = o->notruncate || o->json || o->raw,
		.render.format = o->json  ? format_json
				 : o->raw ? format_raw
					  : format_table,
		.render.terminal = terminal,
		.render.noheadings = o->noheadings,
		.render.notruncate = o->notruncate,
		.render.nowrap = o->nowrap,
		.render.colors = colors && !o->json && !o->raw,
	};
	plan->tree = plan_tree(o, plan->view, terminal);
	/* A tree by type has rows for types, and so columns of the summary, such as COUNT. */
	plan->views = plan->view | (plan->tree == TREE_TYPE ? VIEW_TYPES : 0);
	/* A header per namespace, unless columns were chosen. */
	plan->headers = plain && terminal && plan->view == VIEW_HOLDERS && plan->tree != TREE_NONE;
	/* Namespaces that are selected, and lines for scripts, are not merged. */
	plan->short_overview =
		plain && !selects && plan->view == VIEW_LIST && plan->tree == TREE_TYPE;
	plan->labels = plan->view != VIEW_HOLDERS && plan->tree != TREE_NONE && !o->json;
	if (plan->view == VIEW_MOUNTED) /* what holds a mount namespace without a process */
		plan->labels = terminal && !o->json && !o->raw;
	r = plan_set_columns(o, terminal, plan);
	if (r < 0)
		return r;
	plan_add_needs(o, plan);
	plan->render.name = plan_view_name(plan)->array;
	/* A tree of processes is drawn in the column of commands, as in lsns(8) and ps(1). */
	if (plan->tree != TREE_NONE)
		plan->render.tree = plan_find_column(
			plan, plan->view == VIEW_HOLDERS || plan->tree == TREE_PROCESS ? "COMMAND"
			      : plan->tree == TREE_GROUP                               ? "NAME"
										       : "NS");
	if (plan->tree != TREE_NONE && !plan->render.tree)
		plan->render.tree = plan->render.columns[0];
	return 0;
}
