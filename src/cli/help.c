// SPDX-License-Identifier: MIT
/* --help and --list-columns, from the tables. */
#include "nsls/options.h"

#include "nsls/column.h"

static void print_option(const struct option_info *info, FILE *out)
{
	char text[48], letter[] = { '-', info->letter, ',', '\0' };
	const char *equals = !info->arg ? "" : info->arg_optional ? "[=" : " ";
	const char *close = info->arg && info->arg_optional ? "]" : "";

	snprintf(text, sizeof(text), "%3s --%s%s%s%s", info->letter ? letter : "", info->name,
		equals, info->arg ? info->arg : "", close);
	fprintf(out, " %-26s  ", text);
	for (const char *c = info->help; *c; c++)
		if (*c == '\n')
			fprintf(out, "\n%29s", "");
		else
			putc(*c, out);
	putc('\n', out);
}

void options_print_help(FILE *out)
{
	fputs("Usage: nsls [OPTION]... [NAMESPACE]...\n"
	      "\n"
	      "List the namespaces of this system: which exist, who is in them, and what keeps\n"
	      "each of them alive. By default, print a tree by type on a terminal, else a list.\n"
	      "Pass a NAMESPACE (an inode number, type:[inode], or a path such as\n"
	      "/proc/1/ns/net) to see everything that holds it.\n"
	      "\n"
	      "Options:\n",
		out);
	for (size_t i = 0; i < options_count; i++)
		print_option(&options_table[i], out);
	fputs("\n"
	      "Exit status: 0 success; 1 nothing matches (with --quiet); 2 error; 3 the answer\n"
	      "is incomplete (with --strict).\n"
	      "\n"
	      "See nsls(8) for details, and 'nsls --list-columns' for the columns.\n",
		out);
}

static void print_columns(const char *title, unsigned views, unsigned but, FILE *out)
{
	fprintf(out, "%s\n", title);
	for (enum column_id id = 0; id < COLUMN_COUNT; id++) {
		const struct column *column = column_info(id);

		if (column->views & views && !(column->views & but))
			fprintf(out, "  %-10s  %s\n", column->name, column->help);
	}
}

void options_print_columns(FILE *out)
{
	print_columns("Columns of namespaces and of their holders:", VIEW_LIST, 0, out);
	print_columns("\nOf holders only (with NAMESPACE):", VIEW_HOLDERS, VIEW_LIST, out);
	print_columns("\nOf the summary (-s):", VIEW_SUMMARY, 0, out);
}
