// SPDX-License-Identifier: MIT
/* One line per thing that is known. The values are those of columns, so no fact is told twice. */
#include "nsls/view/head.h"

#include "fill.h"

#include <string.h>

/* Appends what a table says in that column, or nothing. */
static void add_cell(struct view *view, const struct row *row,
	void (*fill)(struct view *view, const struct row *row, struct cell *cell),
	struct strbuf *out)
{
	struct cell cell;

	cell_init(&cell);
	fill(view, row, &cell);
	if (cell.present)
		strbuf_adds(out, strbuf_text(cell.label.len ? &cell.label : &cell.bytes));
	cell_done(&cell);
}

static void add_name(struct view *view, const struct row *row, struct strbuf *out)
{
	add_cell(view, row, fill_name, out);
}

static void add_id(struct view *view, const struct row *row, struct strbuf *out)
{
	add_cell(view, row, fill_id, out);
}

static void add_ns(const struct ns *ns, struct strbuf *out)
{
	char text[NSTYPE_TEXT_MAX];

	if (ns)
		strbuf_adds(out, nstype_format(ns->ref, text));
}

static void add_user(struct view *view, const struct ns *user, struct strbuf *out)
{
	struct cell cell;

	if (!user || !user->has_owner_uid)
		return;
	cell_init(&cell);
	view_user(view, user->owner_uid, &cell);
	strbuf_addf(out, "%suser %s", out->len ? ", " : "", strbuf_text(&cell.bytes));
	cell_done(&cell);
}

/* A user namespace belongs to a user, and any other to a user namespace; user_namespaces(7). */
static void add_owner(struct view *view, const struct row *row, struct strbuf *out)
{
	const struct ns *ns = row->ns;

	if (ns->ref.type != NS_USER)
		add_ns(ns->owner, out);
	add_user(view, ns->ref.type == NS_USER ? ns : ns->owner, out);
}

static void add_parent(struct view *view, const struct row *row, struct strbuf *out)
{
	(void)view;
	add_ns(row->ns->parent, out);
}

static void add_initial(struct view *view, const struct row *row, struct strbuf *out)
{
	struct strbuf value;

	strbuf_init(&value);
	add_cell(view, row, fill_initial, &value);
	if (value.len)
		strbuf_adds(out, !strcmp(value.text, "true") ? "yes" : "no");
	strbuf_done(&value);
}

static void add_members(struct view *view, const struct row *row, struct strbuf *out)
{
	size_t n = row->ns->nprocs;

	if (!n) {
		strbuf_adds(out, report_proves_absence(view->report) ? "none" : "unknown");
		return;
	}
	strbuf_addf(out, "%zu process%s", n, n == 1 ? "" : "es");
}

static void add_since(struct view *view, const struct row *row, struct strbuf *out)
{
	add_cell(view, row, fill_start, out);
	if (out->len && row->ns->nprocs > 1)
		strbuf_adds(out, " (oldest member)");
}

static const struct {
	const char *label;
	void (*add)(struct view *view, const struct row *row, struct strbuf *out);
} lines[] = {
	{ "name", add_name },
	{ "ID", add_id },
	{ "owner", add_owner },
	{ "parent", add_parent },
	{ "initial", add_initial },
	{ "members", add_members },
	{ "since", add_since },
};

void head_print(struct view *view, const struct ns *ns, FILE *out)
{
	struct row row = { .kind = ROW_NS, .type = ns->ref.type, .ns = ns };
	enum text_target target = text_terminal();
	struct strbuf text, value;

	strbuf_init(&text);
	strbuf_init(&value);
	add_ns(ns, &text);
	strbuf_adds(&text, "\n");
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		strbuf_reset(&value);
		lines[i].add(view, &row, &value);
		if (!value.len)
			continue;
		strbuf_addf(&text, "  %-7s  ", lines[i].label);
		text_escape(&text, value.text, value.len, target);
		strbuf_adds(&text, "\n");
	}
	fputs(strbuf_text(&text), out);
	strbuf_done(&value);
	strbuf_done(&text);
}
