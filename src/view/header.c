// SPDX-License-Identifier: MIT
/* Prints text without columns: the header of one namespace, and the lines of the monitor. */
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The header has one line per fact. */

static void add_ns(const struct ns *ns, struct strbuf *out)
{
	char text[NSTYPE_TEXT_MAX];

	if (ns)
		strbuf_adds(out, nstype_format(ns->ref, text));
}

/* A user namespace is owned by a user, any other by a user namespace, user_namespaces(7). */
static void owner_line(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	const struct ns *ns = row->ns, *user = ns->ref.type == NS_USER ? ns : ns->owner;
	struct strbuf *out = &cell->bytes;

	if (user != ns)
		add_ns(user, out);
	if (user && user->has_owner_uid)
		strbuf_addf(
			out, "%suser %s", out->len ? ", " : "", view_user(view, user->owner_uid));
}

static void parent_line(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	add_ns(row->ns->parent, &cell->bytes);
}

static void initial_line(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	initial_cell(view, row, arg, cell);
	if (cell->present)
		strbuf_adds(&cell->label, !strcmp(cell->bytes.text, "true") ? "yes" : "no");
}

static void members_line(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	size_t n = row->ns->nprocs;

	if (n)
		strbuf_addf(&cell->bytes, "%zu process%s", n, n == 1 ? "" : "es");
	else
		strbuf_adds(&cell->bytes, report_proves_absence(view->report) ? "none" : "unknown");
}

static void since_line(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	start_cell(view, row, arg, cell);
	if (cell->label.len && row->ns->nprocs > 1)
		strbuf_adds(&cell->label, " (oldest member)");
}

static const struct {
	const char *label;
	cell_function *cell;
} lines[] = {
	{ "name", name_cell },
	{ "ID", id_cell },
	{ "owner", owner_line },
	{ "parent", parent_line },
	{ "initial", initial_line },
	{ "members", members_line },
	{ "since", since_line },
};

void header_print(struct view *view, const struct ns *ns, FILE *out)
{
	struct row row = { .kind = ROW_NS, .type = ns->ref.type, .ns = ns };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(cell_done) struct cell cell = { 0 };

	add_ns(ns, &text);
	strbuf_adds(&text, "\n");
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		cell_reset(&cell);
		lines[i].cell(view, &row, 0, &cell);
		if (!cell.bytes.len)
			continue;
		strbuf_addf(&text, "  %-7s  ", lines[i].label);
		cell_show(&cell, ',', text_terminal(), &text);
		strbuf_adds(&text, "\n");
	}
	fputs(strbuf_text(&text), out);
}

void initial_print(unsigned types, FILE *out)
{
	CLEANUP(strbuf_done) struct strbuf names = { 0 };

	group_add_types(types, &names);
	if (types)
		fprintf(out, "Only the initial namespace found: %s\n", names.text);
}

#define COMMANDS_MAX 10 /* of which more are cut, like a long list on a terminal */

/* They are printable ASCII, so that what is pasted is what is seen. */
void commands_print(struct view *view, const struct ns *ns, FILE *out)
{
	CLEANUP(strbuf_done) struct strbuf commands = { 0 };
	const char *command;
	size_t n, shown;

	n = release_ns(view->model, ns, &commands);
	shown = view->whole || n <= COMMANDS_MAX ? n : COMMANDS_MAX - 1;
	command = strbuf_text(&commands);
	fputs(n ? "\nTo release it:\n" : "", out);
	for (size_t i = 0; i < shown; i++, command = cell_next_item(command))
		fprintf(out, "  %s\n", command);
	if (shown < n)
		fprintf(out, "  and %zu more: see 'nsls -u %u'\n", n - shown, ns->ref.ino);
}

/* "TIME EVENT NS NAME, HOLDER". Events and namespaces are padded, so that names are aligned. */
void change_line_text(
	struct view *view, const struct change *change, time_t time, struct strbuf *out)
{
	const struct snapshot_ns *seen = change->ns;
	char ns[NSTYPE_TEXT_MAX];
	CLEANUP(strbuf_done) struct strbuf rest = { 0 };

	strbuf_addf(&rest, "%s%s", seen->name, *seen->name ? ", " : "");
	holder_explain(seen->holder, view->model->our_mnt, &rest);
	view_local_time(time, out);
	strbuf_addf(out, " %-7s %-19s ", change_event_name(change->event),
		nstype_format(seen->ref, ns));
	text_escape(out, strbuf_text(&rest), rest.len, text_terminal());
	strbuf_adds(out, "\n");
}

static void change_add_text(const char *key, const char *text, struct strbuf *out)
{
	strbuf_addf(out, ",\"%s\":", key);
	if (text && *text)
		text_quote_json(out, text);
	else
		strbuf_adds(out, "null");
}

static void change_add_number(const char *key, bool known, uint64_t number, struct strbuf *out)
{
	if (known)
		strbuf_addf(out, ",\"%s\":%" PRIu64, key, number);
	else
		strbuf_addf(out, ",\"%s\":null", key);
}

/* Without a change, and so a namespace, the line has the same keys. */
void change_line_json(
	struct view *view, const struct change *change, time_t time, struct strbuf *out)
{
	static const struct snapshot_ns none = { 0 };
	const struct snapshot_ns *seen = change ? change->ns : &none;
	struct row row = { .kind = ROW_HOLDER, .type = seen->ref.type, .holder = seen->holder };
	const struct process *process = seen->holder ? seen->holder->process : NULL;

	strbuf_adds(out, "{\"time\":\"");
	view_utc_time(time, out);
	strbuf_adds(out, "\"");
	change_add_text("event", change ? change_event_name(change->event) : "started", out);
	change_add_text("type", change ? nstype_info(seen->ref.type)->name : NULL, out);
	change_add_number("ns", change, seen->ref.ino, out);
	change_add_number("id", seen->id, seen->id, out);
	/* Unknown if no member was seen this time, but there may be members. */
	change_add_number(
		"nprocs", seen->nprocs || seen->members == MEMBERS_NONE, seen->nprocs, out);
	change_add_text("name", seen->name, out);
	strbuf_adds(out, ",\"holder\":");
	if (change)
		view_holder_object(view, &row, out);
	else
		strbuf_adds(out, "null");
	change_add_text("comm", process ? process->comm : NULL, out);
	strbuf_addf(
		out, ",\"complete\":%s}\n", report_is_complete(view->report) ? "true" : "false");
}
