// SPDX-License-Identifier: MIT
/* One format or another. */
#include "nsls/view/render.h"

#include "format.h"

void render_rows(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	switch (options->format) {
	case FORMAT_JSON:
		render_json(view, rows, options, out);
		break;
	case FORMAT_RAW:
		render_raw(view, rows, options, out);
		break;
	case FORMAT_TABLE:
		render_table(view, rows, options, out);
		break;
	}
}
