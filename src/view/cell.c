// SPDX-License-Identifier: MIT
/* Values of cells: text, numbers and lists, on top of string buffers. */
#include "nsls/view.h"

#include <inttypes.h>
#include <string.h>

void cell_done(struct cell *cell)
{
	strbuf_done(&cell->bytes);
	strbuf_done(&cell->label);
}

void cell_reset(struct cell *cell)
{
	cell->present = false;
	cell->nitems = 0;
	strbuf_reset(&cell->bytes);
	strbuf_reset(&cell->label);
}

struct strbuf *cell_open_text(struct cell *cell)
{
	cell->present = true;
	return &cell->bytes;
}

void cell_set_text(struct cell *cell, const char *text)
{
	strbuf_adds(cell_open_text(cell), text);
}

void cell_set_number(struct cell *cell, uint64_t number)
{
	strbuf_addf(cell_open_text(cell), "%" PRIu64, number);
}

/* Two whole numbers, because printf(3) uses the decimal point of the locale. */
void cell_set_decimal(struct cell *cell, uint64_t tenths)
{
	strbuf_addf(cell_open_text(cell), "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

void cell_set_bool(struct cell *cell, bool value)
{
	cell_set_text(cell, value ? "true" : "false");
}

void cell_set_list(struct cell *cell)
{
	cell->present = true;
}

struct strbuf *cell_open_item(struct cell *cell)
{
	cell->present = true;
	cell->nitems++;
	return &cell->bytes;
}

void cell_close_item(struct cell *cell)
{
	strbuf_add(&cell->bytes, "", 1);
}

void cell_add_item(struct cell *cell, const char *text)
{
	strbuf_adds(cell_open_item(cell), text);
	cell_close_item(cell);
}

void cell_add_number(struct cell *cell, uint64_t number)
{
	strbuf_addf(cell_open_item(cell), "%" PRIu64, number);
	cell_close_item(cell);
}

struct strbuf *cell_open_label(struct cell *cell)
{
	return &cell->label;
}

void cell_set_label(struct cell *cell, const char *text)
{
	strbuf_adds(&cell->label, text);
}

void cell_add_value(
	const struct cell *cell, char separator, enum text_target target, struct strbuf *out)
{
	const char *item = strbuf_text(&cell->bytes);

	if (!cell->nitems)
		text_escape(out, item, cell->bytes.len, target);
	for (size_t i = 0; i < cell->nitems; i++, item = cell_next_item(item)) {
		strbuf_add(out, &separator, i ? 1 : 0);
		text_escape_item(out, item, separator, target);
	}
}

void cell_show(const struct cell *cell, char separator, enum text_target target, struct strbuf *out)
{
	if (cell->label.len)
		text_escape(out, cell->label.text, cell->label.len, target);
	else
		cell_add_value(cell, separator, target, out);
}

const char *cell_next_item(const char *item)
{
	return item + strlen(item) + 1;
}
