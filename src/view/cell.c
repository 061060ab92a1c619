// SPDX-License-Identifier: MIT
/* See the header; a thin layer on strbuf. */
#include "nsls/cell.h"

#include <inttypes.h>
#include <string.h>

void cell_init(struct cell *cell)
{
	*cell = (struct cell){ 0 };
	strbuf_init(&cell->bytes);
	strbuf_init(&cell->label);
}

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

void cell_set_text(struct cell *cell, const char *text)
{
	cell->present = true;
	strbuf_adds(&cell->bytes, text);
}

void cell_set_number(struct cell *cell, uint64_t number)
{
	cell->present = true;
	strbuf_addf(&cell->bytes, "%" PRIu64, number);
}

void cell_set_bool(struct cell *cell, bool value)
{
	cell_set_text(cell, value ? "true" : "false");
}

void cell_set_list(struct cell *cell)
{
	cell->present = true;
}

void cell_add_item(struct cell *cell, const char *text)
{
	cell->present = true;
	cell->nitems++;
	strbuf_add(&cell->bytes, text, strlen(text) + 1);
}

void cell_add_number(struct cell *cell, uint64_t number)
{
	cell->present = true;
	cell->nitems++;
	strbuf_addf(&cell->bytes, "%" PRIu64, number);
	strbuf_add(&cell->bytes, "", 1);
}

void cell_set_label(struct cell *cell, const char *text)
{
	strbuf_adds(&cell->label, text);
}

int cell_status(const struct cell *cell)
{
	int r = strbuf_status(&cell->bytes);

	return r < 0 ? r : strbuf_status(&cell->label);
}
