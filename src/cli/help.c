// SPDX-License-Identifier: MIT
/* --help, from the table of options. */
#include "nsls/cli/options.h"

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
	      "List the namespaces of this system: which exist, which processes are members of\n"
	      "them, and what holds each of them. By default, print a tree by type on a\n"
	      "terminal, else a list.\n"
	      "Pass a NAMESPACE (an inode number, type:[inode], a path with a slash such as\n"
	      "/proc/1/ns/net, or a name below /run/netns) to see everything that holds it.\n"
	      "\n"
	      "Options:\n",
		out);
	for (size_t i = 0; i < options_count; i++)
		if (options_table[i].help)
			print_option(&options_table[i], out);
	fputs("\n"
	      "Exit status: 0 success; 1 nothing matches (with --quiet), or a rule is broken\n"
	      "(with --check); 2 error; 3 the answer is incomplete (with --strict), or a rule\n"
	      "could not be checked (with --check). With --warning or --critical: 0 OK;\n"
	      "1 WARNING; 2 CRITICAL; 3 UNKNOWN.\n"
	      "\n"
	      "See nsls(8) for details, and 'nsls --list-columns' for the columns.\n",
		out);
}
