// SPDX-License-Identifier: MIT
#include "nsls/view/change_line.h"

#include "fill.h"

#include <inttypes.h>
#include <stdio.h>

/* "TIME EVENT NS NAME, HOLDER". Events and namespaces are padded, so that names stand in line. */
void change_line_text(
	struct view *view, const struct change *change, time_t time, struct strbuf *out)
{
	const struct seen *seen = change->seen;
	char ns[NSTYPE_TEXT_MAX];
	struct strbuf rest;

	strbuf_init(&rest);
	strbuf_addf(&rest, "%s%s", seen->name, *seen->name ? ", " : "");
	holder_explain(seen->holder, view->model->our_mnt, &rest);
	view_local_time(time, out);
	strbuf_addf(out, " %-7s %-19s ", change_event_name(change->event),
		nstype_format(seen->ref, ns));
	text_escape(out, strbuf_text(&rest), rest.len, text_terminal());
	strbuf_adds(out, "\n");
	strbuf_done(&rest);
}

static void add_text(const char *key, const char *text, struct strbuf *out)
{
	strbuf_addf(out, ",\"%s\":", key);
	if (text && *text)
		text_quote_json(out, text);
	else
		strbuf_adds(out, "null");
}

static void add_number(const char *key, bool known, uint64_t number, struct strbuf *out)
{
	if (known)
		strbuf_addf(out, ",\"%s\":%" PRIu64, key, number);
	else
		strbuf_addf(out, ",\"%s\":null", key);
}

/* Members that were seen and are no longer may be there still. */
static void add_nprocs(const struct seen *seen, struct strbuf *out)
{
	bool known = seen && (seen->nprocs || seen->members == MEMBERS_NONE);

	add_number("nprocs", known, known ? seen->nprocs : 0, out);
}

static void add_holder(struct view *view, const struct seen *seen, struct strbuf *out)
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

/* seen: NULL where the line is about none. All lines have the same keys. */
static void add_object(struct view *view, const char *event, const struct seen *seen, time_t time,
	struct strbuf *out)
{
	const struct task *task = seen ? seen->holder->task : NULL;

	strbuf_adds(out, "{\"time\":\"");
	view_utc_time(time, out);
	strbuf_adds(out, "\"");
	add_text("event", event, out);
	add_text("type", seen ? nstype_info(seen->ref.type)->name : NULL, out);
	add_number("ns", seen, seen ? seen->ref.ino : 0, out);
	add_number("id", seen && seen->id, seen ? seen->id : 0, out);
	add_nprocs(seen, out);
	add_text("name", seen ? seen->name : NULL, out);
	add_holder(view, seen, out);
	add_text("comm", task ? task->comm : NULL, out);
	strbuf_addf(
		out, ",\"complete\":%s}\n", report_is_complete(view->report) ? "true" : "false");
}

void change_line_json(
	struct view *view, const struct change *change, time_t time, struct strbuf *out)
{
	add_object(view, change_event_name(change->event), change->seen, time, out);
}

void change_line_started(struct view *view, time_t time, struct strbuf *out)
{
	add_object(view, "started", NULL, time, out);
}
