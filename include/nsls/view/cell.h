/* SPDX-License-Identifier: MIT */
/*
 * The value of one column in one row, before it becomes text for a table or for JSON: absent, a
 * text, a number, or a list of them.
 */
#ifndef NSLS_VIEW_CELL_H
#define NSLS_VIEW_CELL_H

#include "nsls/base/strbuf.h"
#include "nsls/base/text.h"

#include <stdint.h>

enum value_type {
	VALUE_TEXT,
	VALUE_NUMBER,
	VALUE_DECIMAL, /* a number with one decimal */
	VALUE_BOOL,
	VALUE_TEXTS,
	VALUE_NUMBERS,
	VALUE_OBJECTS, /* a list of texts; of JSON objects where struct view wants those */
};

struct cell {
	bool present;        /* false: null in JSON */
	struct strbuf bytes; /* the text; a list's items each end with a NUL */
	size_t nitems;
	struct strbuf label; /* what tables say where JSON has null or another type; may be empty */
	size_t end;          /* how many bytes at its end stay where a terminal cuts the label */
};

void cell_init(struct cell *cell);
void cell_done(struct cell *cell);
void cell_reset(struct cell *cell);

void cell_set_text(struct cell *cell, const char *text);
void cell_set_number(struct cell *cell, uint64_t number);
void cell_set_decimal(struct cell *cell, uint64_t tenths);
void cell_set_bool(struct cell *cell, bool value);

/* Adds an item; an empty list is made by cell_set_list alone. */
void cell_set_list(struct cell *cell);
void cell_add_item(struct cell *cell, const char *text);
void cell_add_number(struct cell *cell, uint64_t number);

/* A word for tables only. */
void cell_set_label(struct cell *cell, const char *text);

/*
 * The same for what is put together bit by bit: the buffer to append to. An item has to be closed.
 */
struct strbuf *cell_open_text(struct cell *cell);
struct strbuf *cell_open_label(struct cell *cell);
struct strbuf *cell_open_item(struct cell *cell);
void cell_close_item(struct cell *cell);

/*
 * Append the value, safe for the target: of a list its items with the separator between two, which
 * is escaped inside of an item. What is absent is an empty text. cell_show() prefers the label.
 */
void cell_add_value(
	const struct cell *cell, char separator, enum text_target target, struct strbuf *out);
void cell_show(
	const struct cell *cell, char separator, enum text_target target, struct strbuf *out);

/* The item behind this one. */
const char *cell_next_item(const char *item);

#endif
