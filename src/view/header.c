// SPDX-License-Identifier: MIT
/* Prints text without columns: the header of one namespace, and the lines of the monitor. */
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The header has one line per fact. */

/* Appends the text of a cell as in a table, or nothing. */
static void header_add_cell(
	struct view *view, const struct row *row, cell_function *set_cell, struct strbuf *out)
{
	CLEANUP(cell_done) struct cell cell = { 0 };

	set_cell(view, row, 0, &cell);
	if (cell.present)
		strbuf_adds(out, strbuf_text(cell.label.len ? &cell.label : &cell.bytes));
}

static void header_add_ns(const struct ns *ns, struct strbuf *out)
{
	char text[NSTYPE_TEXT_MAX];

	if (ns)
		strbuf_adds(out, nstype_format(ns->ref, text));
}

static void header_add_user(struct view *view, const struct ns *user, struct strbuf *out)
{
	if (user && user->has_owner_uid)
		strbuf_addf(
			out, "%suser %s", out->len ? ", " : "", view_user(view, user->owner_uid));
}

/* A user namespace is owned by a user, any other by a user namespace, user_namespaces(7). */
static void header_add_owner(struct view *view, const struct row *row, struct strbuf *out)
{
	const struct ns *ns = row->ns;

	if (ns->ref.type != NS_USER)
		header_add_ns(ns->owner, out);
	header_add_user(view, ns->ref.type == NS_USER ? ns : ns->owner, out);
}

static void header_add_parent(struct view *view, const struct row *row, struct strbuf *out)
{
	header_add_ns(row->ns->parent, out);
}

static void header_add_initial(struct view *view, const struct row *row, struct strbuf *out)
{
	CLEANUP(strbuf_done) struct strbuf value = { 0 };

	header_add_cell(view, row, initial_cell, &value);
	if (value.len)
		strbuf_adds(out, !strcmp(value.text, "true") ? "yes" : "no");
}

static void header_add_members(struct view *view, const struct row *row, struct strbuf *out)
{
	size_t n = row->ns->nprocs;

	if (!n) {
		strbuf_adds(out, report_proves_absence(view->report) ? "none" : "unknown");
		return;
	}
	strbuf_addf(out, "%zu process%s", n, n == 1 ? "" : "es");
}

static void header_add_since(struct view *view, const struct row *row, struct strbuf *out)
{
	header_add_cell(view, row, start_cell, out);
	if (out->len && row->ns->nprocs > 1)
		strbuf_adds(out, " (oldest member)");
}

/* Each has the text of a cell, or a function that appends another one. */
static const struct {
	const char *label;
	cell_function *cell;
	void (*add)(struct view *view, const struct row *row, struct strbuf *out);
} lines[] = {
	{ "name", .cell = name_cell },
	{ "ID", .cell = id_cell },
	{ "owner", .add = header_add_owner },
	{ "parent", .add = header_add_parent },
	{ "initial", .add = header_add_initial },
	{ "members", .add = header_add_members },
	{ "since", .add = header_add_since },
};

void header_print(struct view *view, const struct ns *ns, FILE *out)
{
	struct row row = { .kind = ROW_NS, .type = ns->ref.type, .ns = ns };
	enum text_target target = text_terminal();
	CLEANUP(strbuf_done) struct strbuf text = { 0 }, value = { 0 };

	header_add_ns(ns, &text);
	strbuf_adds(&text, "\n");
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		strbuf_reset(&value);
		if (lines[i].cell)
			header_add_cell(view, &row, lines[i].cell, &value);
		else
			lines[i].add(view, &row, &value);
		if (!value.len)
			continue;
		strbuf_addf(&text, "  %-7s  ", lines[i].label);
		text_escape(&text, value.text, value.len, target);
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

/* The number is unknown if no member was seen this time, but there may be members. */
static void change_add_nprocs(const struct snapshot_ns *seen, struct strbuf *out)
{
	bool known = seen && (seen->nprocs || seen->members == MEMBERS_NONE);

	change_add_number("nprocs", known, known ? seen->nprocs : 0, out);
}

static void change_add_holder(struct view *view, const struct snapshot_ns *seen, struct strbuf *out)
{
	struct row row = { .kind = ROW_HOLDER };

	strbuf_adds(out, ",\"holder\":");
	if (!seen) {
		strbuf_adds(out, "null");
		return;
	}
	row.type = seen->ref.type;
	row.holder = seen->holder;
	view_holder_object(view, &row, out);
}

/* seen: NULL if the line is about no namespace. All lines have the same keys. */
static void change_add_object(struct view *view, const char *event, const struct snapshot_ns *seen,
	time_t time, struct strbuf *out)
{
	const struct process *process = seen ? seen->holder->process : NULL;

	strbuf_adds(out, "{\"time\":\"");
	view_utc_time(time, out);
	strbuf_adds(out, "\"");
	change_add_text("event", event, out);
	change_add_text("type", seen ? nstype_info(seen->ref.type)->name : NULL, out);
	change_add_number("ns", seen, seen ? seen->ref.ino : 0, out);
	change_add_number("id", seen && seen->id, seen ? seen->id : 0, out);
	change_add_nprocs(seen, out);
	change_add_text("name", seen ? seen->name : NULL, out);
	change_add_holder(view, seen, out);
	change_add_text("comm", process ? process->comm : NULL, out);
	strbuf_addf(
		out, ",\"complete\":%s}\n", report_is_complete(view->report) ? "true" : "false");
}

void change_line_json(
	struct view *view, const struct change *change, time_t time, struct strbuf *out)
{
	change_add_object(view, change_event_name(change->event), change->ns, time, out);
}

void change_line_started(struct view *view, time_t time, struct strbuf *out)
{
	change_add_object(view, "started", NULL, time, out);
}
