/* SPDX-License-Identifier: MIT */
/* A change as a line: for people, or as a JSON object. */
#ifndef NSLS_VIEW_CHANGE_LINE_H
#define NSLS_VIEW_CHANGE_LINE_H

#include "nsls/select/change.h"
#include "nsls/view/column.h"

#include <time.h>

/*
 * Append the line, with a newline, to out. time is that of the look; view says what that lacked.
 */
void change_line_text(
	struct view *view, const struct change *change, time_t time, struct strbuf *out);
void change_line_json(
	struct view *view, const struct change *change, time_t time, struct strbuf *out);

/* The object in front of all changes, which says that from now on each is told. */
void change_line_started(struct view *view, time_t time, struct strbuf *out);

#endif
