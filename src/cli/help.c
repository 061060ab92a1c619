// SPDX-License-Identifier: MIT
/*
 * Text for people beside the answer: messages on standard error, --help, --version, --list-columns.
 */
#include "internal.h"

#ifdef HAVE_JSON_C
#include <json-c/json_c_version.h>
#endif
#include <libmount.h>
#include <libsmartcols.h>
#include <stdarg.h>

int message_fail(FILE *err, int error, const char *format, ...)
{
	CLEANUP(strbuf_done) struct strbuf message = { 0 }, line = { 0 };
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&message, format, args);
	va_end(args);
	strbuf_adds(&line, MESSAGE_PREFIX);
	text_escape(&line, message.text, message.len, text_terminal());
	strbuf_adds(&line, "\n");
	fputs(line.text, err);
	return error;
}

/* Appends the sentences of a list, see report.h. */
static void add_sentences(size_t (*list)(const struct report *report, struct strbuf *out),
	const struct report *report, const char *separator, struct strbuf *out)
{
	const char *sentence;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	size_t n;

	n = list(report, &text);
	sentence = strbuf_text(&text);
	for (size_t i = 0; i < n; i++) {
		strbuf_addf(out, "%s%s", i ? separator : "", sentence);
		sentence += strlen(sentence) + 1;
	}
}

void warn_add_reasons(const struct report *report, struct strbuf *out)
{
	CLEANUP(strbuf_done) struct strbuf missing = { 0 };

	add_sentences(report_reasons, report, "; ", out);
	add_sentences(report_missing_capabilities, report, ", ", &missing);
	if (missing.len)
		strbuf_addf(out, "; missing: %s%s", strbuf_text(&missing),
			report->in_userns
				? " in the initial user namespace (nsls is in another one)"
				: "");
	if (report->limitations & LIMITATION_PIDNS)
		strbuf_adds(out, "; --procfs with a procfs of the host shows more");
}

void warn_incomplete(const struct report *report, bool limitations, FILE *err)
{
	static const char note[] = "\n" MESSAGE_PREFIX "note: ";
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (!report_is_complete(report)) {
		warn_add_reasons(report, &text);
		message_print(err, "incomplete: %s", strbuf_text(&text));
	}
	strbuf_reset(&text);
	if (limitations)
		add_sentences(report_kernel_limitations, report, note, &text);
	if (text.len)
		fprintf(err, "%s%s\n", note + strlen("\n"), text.text);
}

/* --help and --version. */

void options_print_help(const struct options *options, FILE *out)
{
	fputs("Usage: nsls [OPTION]... [NAMESPACE]...\n"
	      "\n"
	      "List the namespaces of this system: which exist, which processes are members of\n"
	      "them, and what holds each of them. By default, print a tree by type on a\n"
	      "terminal, else a list.\n"
	      "Pass a NAMESPACE (an inode number, type:[inode], :ID, a path with a slash such\n"
	      "as /proc/1/ns/net, or a name such as those in /run/netns) to see everything that\n"
	      "holds it.\n"
	      "\n"
	      "Examples:\n"
	      "  nsls -C                    Which containers and sandboxes are there?\n"
	      "  nsls -P                    Which namespaces have no process, and why?\n"
	      "  nsls -t net --of web       Which network does container 'web' use?\n",
		out);
	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *info = &options_table[i];
		const char *help = info->help, *arg = info->arg ? info->arg : "";
		char text[48], letter[] = { '-', info->letter, ',', '\0' };

		if (!help)
			continue;
		if (info->group)
			fprintf(out, "\n%s:\n", info->group);
		snprintf(text, sizeof(text), "%3s --%s%s%s%s", info->letter ? letter : "",
			info->name,
			info->arg_optional ? "[="
			: info->arg        ? " "
					   : "",
			arg, info->arg_optional ? "]" : "");
		fprintf(out, " %-26s  ", text);
		for (; *help; help++)
			if (*help == '\n')
				fprintf(out, "\n%29s", "");
			else
				putc(*help, out);
		fputs("\n", out);
	}
	fputs("\n"
	      "Exit status: 0 success; 1 nothing matches (with --quiet), or a rule is broken\n"
	      "(with --check); 2 error; 3 the answer is incomplete (with --strict), or a rule\n"
	      "could not be checked (with --check). With --warning or --critical: 0 OK;\n"
	      "1 WARNING; 2 CRITICAL; 3 UNKNOWN.\n"
	      "\n"
	      "See nsls(8), nsls-checks(7) and nsls-json(5) for details, and\n"
	      "'nsls --list-columns' for the columns.\n",
		out);
}

void options_print_version(const struct options *options, FILE *out)
{
#ifdef HAVE_JSON_C
	static const char json_built[] = ", built with " JSON_C_VERSION;
	const char *json = json_c_version();
#else
	static const char json[] = "is missing: names of Docker and containerd are not read";
	static const char json_built[] = "";
#endif
	static const char features[] = ""
#ifdef HAVE_SCOLS_FILTER
				       " filter"
#endif
#ifdef HAVE_JSON_C
				       " json-c"
#endif
#ifdef NSLS_BPF
				       " bpf"
#endif
#ifdef NSLS_STATIC
				       " static"
#endif
		;
	const char *smartcols = "?", *mount = "?";

	scols_get_library_version(&smartcols);
	mnt_get_library_version(&mount);
	fprintf(out,
		"nsls " NSLS_VERSION "\n"
		"libsmartcols %s, built with " LIBSMARTCOLS_VERSION ", %s --filter\n"
		"libmount %s, built with " LIBMOUNT_VERSION "\n"
		"json-c %s%s\n"
		"features:%s\n"
		"compiled by " NSLS_BUILD "\n",
		smartcols, strstr(features, "filter") ? "with" : "without", mount, json, json_built,
		*features ? features : " none");
}

/* --list-columns, as text, or as data with --json and --raw. */

static void print_columns_of(const char *title, unsigned views, unsigned except, FILE *out)
{
	const struct column *column;

	fprintf(out, "%s\n", title);
	for (size_t i = 0; (column = column_at(i)); i++)
		if (column->views & views && !(column->views & except))
			fprintf(out, "  %-10s  %s\n", column->name, column->help);
}

/* The names of libsmartcols, which has no objects. */
static const char *const value_types[] = {
	[VALUE_TEXT] = "string",
	[VALUE_NUMBER] = "number",
	[VALUE_DECIMAL] = "number",
	[VALUE_BOOL] = "boolean",
	[VALUE_TEXTS] = "array-string",
	[VALUE_NUMBERS] = "array-number",
	[VALUE_OBJECTS] = "array-object",
};

void options_print_columns(const struct options *options, FILE *out)
{
	bool json = options->json;
	const char *quote = json ? "\"" : "";
	const struct column *column;

	if (!json && !options->raw) {
		print_columns_of("Columns of namespaces and of their holders:", VIEW_LIST, 0, out);
		print_columns_of(
			"\nOf holders only (with NAMESPACE):", VIEW_HOLDERS, VIEW_LIST, out);
		print_columns_of("\nOf containers (-C):", VIEW_CONTAINERS, 0, out);
		print_columns_of("\nOf mounts only (--mounted):", VIEW_MOUNTED, VIEW_LIST, out);
		print_columns_of("\nOf the summary (-s):", VIEW_SUMMARY, 0, out);
		return;
	}
	/* No name or description of a column has a character that JSON has to escape. */
	if (json)
		fputs("{\n   \"columns\": [\n      ", out);
	else if (!options->noheadings)
		fputs("NAME TYPE VIEWS DESCRIPTION\n", out);
	for (size_t i = 0; (column = column_at(i)); i++) {
		CLEANUP(strbuf_done) struct strbuf views = { 0 }, help = { 0 };
		const char *type = value_types[column->type];

		for (const struct view_name *view = view_names; view->name; view++)
			if (column->views & view->views)
				strbuf_addf(&views, "%s%s%s%s", views.len ? "," : "", quote,
					view->name, quote);
		text_escape(&help, column->help, strlen(column->help), TEXT_RAW);
		if (json)
			fprintf(out,
				"%s{\n         \"name\": \"%s\",\n         \"type\": \"%s\",\n"
				"         \"description\": \"%s\",\n         \"views\": [%s]\n"
				"      }",
				i ? "," : "", column->name, type, column->help, views.text);
		else
			fprintf(out, "%s %s %s %s\n", column->name, type, views.text, help.text);
	}
	fputs(json ? "\n   ]\n}\n" : "", out);
}
