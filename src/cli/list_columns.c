// SPDX-License-Identifier: MIT
/* --list-columns, from the table of columns: for people, or as data with --json and --raw. */
#include "nsls/cli/options.h"

#include "nsls/view/column.h"

static void print_section(const char *title, unsigned views, unsigned but, FILE *out)
{
	const struct column *column;

	fprintf(out, "%s\n", title);
	for (size_t i = 0; (column = column_at(i)); i++)
		if (column->views & views && !(column->views & but))
			fprintf(out, "  %-10s  %s\n", column->name, column->help);
}

static void print_text(FILE *out)
{
	print_section("Columns of namespaces and of their holders:", VIEW_LIST, 0, out);
	print_section("\nOf holders only (with NAMESPACE):", VIEW_HOLDERS, VIEW_LIST, out);
	print_section("\nOf containers (-C):", VIEW_CONTAINERS, 0, out);
	print_section("\nOf the summary (-s):", VIEW_SUMMARY, 0, out);
}

/* As libsmartcols calls them; it has no objects. */
static const char *type_name(enum value_type type)
{
	static const char *const names[] = {
		[VALUE_TEXT] = "string",
		[VALUE_NUMBER] = "number",
		[VALUE_DECIMAL] = "number",
		[VALUE_BOOL] = "boolean",
		[VALUE_TEXTS] = "array-string",
		[VALUE_NUMBERS] = "array-number",
		[VALUE_OBJECTS] = "array-object",
	};

	return names[type];
}

/* The views that have a column, each between quotes or none, with commas. */
static void print_views(const struct column *column, const char *quote, FILE *out)
{
	static const struct {
		unsigned views;
		const char *name;
	} views[] = {
		{ VIEW_LIST | VIEW_TYPES, "overview" },
		{ VIEW_LIST, "list" },
		{ VIEW_HOLDERS, "holders" },
		{ VIEW_CONTAINERS, "containers" },
		{ VIEW_SUMMARY, "summary" },
	};
	const char *comma = "";

	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++)
		if (column->views & views[i].views) {
			fprintf(out, "%s%s%s%s", comma, quote, views[i].name, quote);
			comma = ",";
		}
}

/* Names and descriptions are our own: none has a character that JSON would have to escape. */
static void print_json(FILE *out)
{
	const char *separator = "";
	const struct column *column;

	fputs("{\n   \"columns\": [\n      ", out);
	for (size_t i = 0; (column = column_at(i)); i++) {
		fprintf(out,
			"%s{\n         \"name\": \"%s\",\n         \"type\": \"%s\",\n"
			"         \"description\": \"%s\",\n         \"views\": [",
			separator, column->name, type_name(column->type), column->help);
		print_views(column, "\"", out);
		fputs("]\n      }", out);
		separator = ",";
	}
	fputs("\n   ]\n}\n", out);
}

static void print_raw(bool noheadings, FILE *out)
{
	const struct column *column;

	if (!noheadings)
		fputs("NAME TYPE VIEWS DESCRIPTION\n", out);
	for (size_t i = 0; (column = column_at(i)); i++) {
		fprintf(out, "%s %s ", column->name, type_name(column->type));
		print_views(column, "", out);
		putc(' ', out);
		for (const char *c = column->help; *c; c++)
			if (*c == ' ')
				fputs("\\x20", out);
			else
				putc(*c, out);
		putc('\n', out);
	}
}

void options_print_columns(const struct options *options, FILE *out)
{
	if (options->json)
		print_json(out);
	else if (options->raw)
		print_raw(options->noheadings, out);
	else
		print_text(out);
}
