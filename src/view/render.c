// SPDX-License-Identifier: MIT
/* One format or another. */
#include "nsls/view/render.h"

#include "format.h"

int render_rows(
	struct view *view, const struct rows *rows, const struct render_options *options, FILE *out)
{
	switch (options->format) {
	case FORMAT_JSON:
		return render_json(view, rows, options, out);
	case FORMAT_RAW:
		return render_raw(view, rows, options, out);
	case FORMAT_TABLE:
		break;
	}
	return render_table(view, rows, options, out);
}
