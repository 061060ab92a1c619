// SPDX-License-Identifier: MIT
/* Prints text without columns: the header of one namespace, and the lines of the monitor. */
#include "internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Appends a line with the cell, unless that is empty, and empties it. */
static void header_add(const char *label, struct cell *cell, struct strbuf *out)
{
	if (cell->bytes.len) {
		strbuf_addf(out, "  %-7s  ", label);
		cell_show(cell, ',', text_terminal(), out);
		strbuf_adds(out, "\n");
	}
	cell_reset(cell);
}

void header_print(struct view *view, const struct ns *ns, FILE *out)
{
	/* A user owns a user namespace, which owns those of other types, user_namespaces(7). */
	const struct ns *user = ns->ref.type == NS_USER ? ns : ns->owner;
	struct row row = { .kind = ROW_NS, .type = ns->ref.type, .ns = ns };
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(cell_done) struct cell cell = { 0 };
	char ref[NSTYPE_TEXT_MAX];

	strbuf_addf(&text, "%s\n", nstype_format(ns->ref, ref));
	name_cell(view, &row, &cell);
	header_add("name", &cell, &text);
	id_cell(view, &row, &cell);
	header_add("ID", &cell, &text);
	if (user && user != ns)
		strbuf_adds(&cell.bytes, nstype_format(user->ref, ref));
	if (user && user->has_owner_uid)
		strbuf_addf(&cell.bytes, "%suser %s", cell.bytes.len ? ", " : "",
			view_user(view, user->owner_uid));
	header_add("owner", &cell, &text);
	if (ns->parent)
		strbuf_adds(&cell.bytes, nstype_format(ns->parent->ref, ref));
	header_add("parent", &cell, &text);
	initial_cell(view, &row, &cell);
	if (cell.present)
		strbuf_adds(&cell.label, !strcmp(cell.bytes.text, "true") ? "yes" : "no");
	header_add("initial", &cell, &text);
	if (ns->nprocs)
		strbuf_addf(&cell.bytes, "%zu process%s", ns->nprocs, ns->nprocs == 1 ? "" : "es");
	else
		cell_set_text(&cell, report_proves_absence(view->report) ? "none" : "unknown");
	header_add("members", &cell, &text);
	start_cell(view, &row, &cell);
	if (cell.label.len && ns->nprocs > 1)
		strbuf_adds(&cell.label, " (oldest member)");
	header_add("since", &cell, &text);
	fputs(text.text, out);
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
	holder_explain(seen->holder, &rest);
	view_add_time(time, false, out);
	strbuf_addf(out, " %-7s %-19s ", change_event_names[change->event],
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
	CLEANUP(cell_done) struct cell value = { 0 };

	strbuf_adds(out, "{\"time\":\"");
	view_add_time(time, true, out);
	strbuf_adds(out, "\"");
	change_add_text("event", change ? change_event_names[change->event] : "started", out);
	change_add_text("type", change ? nstype_info[seen->ref.type].name : NULL, out);
	change_add_number("ns", change, seen->ref.ino, out);
	change_add_number("id", seen->id, seen->id, out);
	/* Unknown if no member was seen this time, but there may be members. */
	change_add_number(
		"nprocs", seen->nprocs || seen->members == MEMBERS_NONE, seen->nprocs, out);
	change_add_text("name", seen->name, out);
	strbuf_adds(out, ",\"holder\":");
	if (change)
		view_holder_object(view, &row, LIST_HOLDERS, &value, out);
	else
		strbuf_adds(out, "null");
	change_add_text("comm", process ? process->comm : NULL, out);
	strbuf_addf(
		out, ",\"complete\":%s}\n", report_is_complete(view->report) ? "true" : "false");
}
