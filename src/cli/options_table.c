// SPDX-License-Identifier: MIT
/* The table of options. */
#include "nsls/cli/options.h"

#include "args.h"

/* clang-format off: an option reads best with its help on a line of its own */
const struct option_info options_table[] = {
	{ .letter = 'l',
		.name = "list",
		.flag = FLAG_LIST,
		.help = "flat list, one namespace per line" },
	{ .letter = 'T',
		.name = "tree",
		.arg = "TREE",
		.arg_optional = true,
		.parse = args_tree,
		.is_word = args_is_tree,
		.help = "tree by type, owner (default), parent or process" },
	{ .letter = 's',
		.name = "summary",
		.flag = FLAG_SUMMARY,
		.help = "one line per type: counts, usage and limits" },
	{ .name = "by",
		.arg = "user",
		.parse = args_by,
		.help = "with --summary: one line per type and user" },
	{ .letter = 'C',
		.name = "containers",
		.flag = FLAG_CONTAINERS,
		.help = "one line per container: processes that share all\n"
			"namespaces, and not all with the host" },
	{ .letter = 'J', .name = "json", .flag = FLAG_JSON, .help = "print JSON" },
	{ .letter = 'r', .name = "raw", .flag = FLAG_RAW, .help = "print raw lines for scripts" },
	{ .letter = 'n',
		.name = "noheadings",
		.flag = FLAG_NOHEADINGS,
		.help = "don't print the column names" },
	{ .letter = 'u',
		.name = "notruncate",
		.flag = FLAG_NOTRUNCATE,
		.help = "don't cut off text at the width of the terminal" },
	{ .letter = 'W',
		.name = "nowrap",
		.flag = FLAG_NOWRAP,
		.help = "print each row on one line" },
	{ .letter = 'o',
		.name = "output",
		.arg = "[+]LIST",
		.parse = args_output,
		.help = "columns to show; +LIST adds to the default ones" },
	{ .name = "output-all", .flag = FLAG_OUTPUT_ALL, .help = "show all columns" },
	{ .letter = 'H',
		.name = "list-columns",
		.action = ACTION_COLUMNS,
		.help = "list the columns and exit" },
	{ .letter = 't',
		.name = "type",
		.arg = "LIST",
		.parse = args_types,
		.help = "only these types" },
	{ .letter = 'p',
		.name = "task",
		.arg = "PID",
		.parse = args_task,
		.help = "only namespaces that this process is a member of" },
	{ .name = "of",
		.arg = "NAME",
		.parse = args_of,
		.help = "only namespaces of this container, pod, machine,\n"
			"unit or network namespace" },
	{ .letter = 'P',
		.name = "persistent",
		.flag = FLAG_PERSISTENT,
		.help = "only namespaces without a member process" },
	{ .name = "kind",
		.arg = "LIST",
		.parse = args_kinds,
		.help = "only holders of these kinds, and what they hold" },
	{ .letter = 'Q',
		.name = "filter",
		.arg = "EXPR",
		.parse = args_filter,
		.help = "only rows for which EXPR is true, scols-filter(5)" },
	{ .letter = 'c',
		.name = "count",
		.flag = FLAG_COUNT,
		.help = "print only how many namespaces match" },
	{ .letter = 'q',
		.name = "quiet",
		.flag = FLAG_QUIET,
		.help = "print nothing; exit 0 if anything matches, else 1" },
	{ .name = "check",
		.arg = "RULE",
		.parse = args_check,
		.help = "exit 1 and print why if RULE is broken, such as\n"
			"'net<=500', 'net<=80%', 'persistent<=0',\n"
			"'net.persistent<=0', 'any.mount<=3'" },
	{ .name = "warning",
		.arg = "RULE",
		.parse = args_warning,
		.plugin = true,
		.help = "WARNING if RULE is broken, as a monitoring plugin" },
	{ .name = "critical",
		.arg = "RULE",
		.parse = args_critical,
		.plugin = true,
		.help = "CRITICAL if RULE is broken, as a monitoring plugin" },
	{ .name = "metrics",
		.arg = "FILE",
		.arg_optional = true,
		.parse = args_metrics,
		.help = "print counts and limits as metrics (OpenMetrics),\n"
			"or replace FILE with them" },
	{ .name = "monitor",
		.arg = "SECONDS",
		.arg_optional = true,
		.parse = args_monitor,
		.help = "print changes; scan every SECONDS (default: 2)" },
	{ .name = "scan",
		.arg = "LIST",
		.parse = args_sources,
		.help = "what to scan (default: everything): processes,\n"
			"threads, fds, sockets, mounts, kernel" },
	{ .name = "procfs",
		.arg = "DIR",
		.parse = args_procfs,
		.help = "read this procfs instead of /proc" },
	{ .name = "strict", .flag = FLAG_STRICT, .help = "exit 3 if the answer is incomplete" },
	{ .name = "no-warnings",
		.flag = FLAG_NO_WARNINGS,
		.help = "don't report what could not be read" },
	{ .name = "jobs",
		.arg = "N",
		.parse = args_jobs,
		.help = "number of threads to use (default: one per CPU)" },
	{ .name = "timeout",
		.arg = "SECONDS",
		.parse = args_timeout,
		.help = "how long one process may take to read (default: 2)" },
	{ .name = "color",
		.arg = "WHEN",
		.arg_optional = true,
		.parse = args_color,
		.is_word = args_is_color,
		.help = "colors: auto, always or never" },
	{ .name = "complete", .arg = "WHAT", .parse = args_complete },
	{ .letter = 'h',
		.name = "help",
		.action = ACTION_HELP,
		.help = "print this help and exit" },
	{ .letter = 'V',
		.name = "version",
		.action = ACTION_VERSION,
		.help = "print the version and exit" },
};
/* clang-format on */

const size_t options_count = sizeof(options_table) / sizeof(*options_table);
_Static_assert(sizeof(options_table) / sizeof(*options_table) <= OPTIONS_MAX, "OPTIONS_MAX");

bool *options_flag(struct options *o, enum option_flag flag)
{
	switch (flag) {
	case FLAG_NONE:
		break;
	case FLAG_LIST:
		return &o->list;
	case FLAG_SUMMARY:
		return &o->summary;
	case FLAG_CONTAINERS:
		return &o->containers;
	case FLAG_JSON:
		return &o->json;
	case FLAG_RAW:
		return &o->raw;
	case FLAG_NOHEADINGS:
		return &o->noheadings;
	case FLAG_NOTRUNCATE:
		return &o->notruncate;
	case FLAG_NOWRAP:
		return &o->nowrap;
	case FLAG_OUTPUT_ALL:
		return &o->output_all;
	case FLAG_PERSISTENT:
		return &o->persistent;
	case FLAG_COUNT:
		return &o->count;
	case FLAG_QUIET:
		return &o->quiet;
	case FLAG_STRICT:
		return &o->strict;
	case FLAG_NO_WARNINGS:
		return &o->no_warnings;
	}
	return NULL;
}
