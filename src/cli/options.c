// SPDX-License-Identifier: MIT
/* Parses the command line, by getopt_long(3) and the table of options. */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/cli.h"
#include "nsls/report.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

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
		.parse = args_process,
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

/* Options that are mutually exclusive. */

enum choice {
	LIST,
	SUMMARY,
	CONTAINERS,
	MONITOR,
	METRICS,
	CHECK,
	WARNING,
	CRITICAL,
	JSON,
	RAW,
	OUTPUT,
	COUNT,
	TREE,
	OUTPUT_ALL,
	QUIET,
	PROCESS,
	OF,
	PERSISTENT,
	KIND,
	FILTER,
	SCAN,
	NAMESPACE,
	CHOICES,
};

#define BIT(choice) (1u << (choice))

/* Ways to show namespaces, which options with an output of their own, such as rules, exclude. */
#define SHAPES                                                                                     \
	(BIT(LIST) | BIT(TREE) | BIT(SUMMARY) | BIT(CONTAINERS) | BIT(COUNT) | BIT(RAW) |          \
		BIT(OUTPUT) | BIT(OUTPUT_ALL) | BIT(METRICS) | BIT(MONITOR) | BIT(NAMESPACE))

/* Options that select namespaces. */
#define NARROWING (BIT(PROCESS) | BIT(OF) | BIT(PERSISTENT) | BIT(KIND) | BIT(FILTER))

/* Each pair is listed at one of the two, which comes first in the message. */
static const struct {
	const char *name;
	unsigned excludes; /* bits of choices; its own bit is ignored */
} choices[CHOICES] = {
	[LIST] = { "--list", BIT(TREE) },
	[SUMMARY] = { "--summary", BIT(TREE) | BIT(NAMESPACE) },
	/* Containers have members, and no owner, parent or holders of their own. */
	[CONTAINERS] = { "--containers", BIT(SUMMARY) | BIT(TREE) | BIT(PERSISTENT) | BIT(KIND) },
	/* Lines about changes have no columns, and no other format. */
	[MONITOR] = { "--monitor", (SHAPES & ~BIT(NAMESPACE)) | BIT(QUIET) },
	/*
	 * Metrics of selected namespaces would have the same names as those of all namespaces. Only
	 * types may be selected: each type is a label, so fewer types are fewer samples.
	 */
	[METRICS] = { "--metrics", SHAPES | NARROWING | BIT(JSON) | BIT(QUIET) | BIT(SCAN) },
	[CHECK] = { "--check", SHAPES | BIT(WARNING) | BIT(CRITICAL) },
	[WARNING] = { "--warning", SHAPES | BIT(JSON) | BIT(QUIET) },
	[CRITICAL] = { "--critical", SHAPES | BIT(JSON) | BIT(QUIET) },
	[JSON] = { "--json", BIT(RAW) },
	[RAW] = { "--raw", BIT(TREE) },
	[OUTPUT] = { "--output", BIT(OUTPUT_ALL) },
	[COUNT] = { "--count", BIT(QUIET) },
	[TREE] = { "--tree", 0 },
	[OUTPUT_ALL] = { "--output-all", 0 },
	[QUIET] = { "--quiet", 0 },
	[PROCESS] = { "--task", BIT(NAMESPACE) },
	[OF] = { "--of", BIT(NAMESPACE) },
	[PERSISTENT] = { "--persistent", 0 },
	[KIND] = { "--kind", 0 },
	[FILTER] = { "--filter", 0 },
	[SCAN] = { "--scan", 0 },
	[NAMESPACE] = { "NAMESPACE", 0 },
};

static unsigned options_given(const struct options *o)
{
	static const enum choice severities[] = {
		[RULE_CHECK] = CHECK, [RULE_WARNING] = WARNING, [RULE_CRITICAL] = CRITICAL
	};
	const bool given[CHOICES] = {
		[LIST] = o->list,
		[SUMMARY] = o->summary,
		[CONTAINERS] = o->containers,
		[MONITOR] = o->monitor_ms,
		[METRICS] = o->metrics,
		[JSON] = o->json,
		[RAW] = o->raw,
		[OUTPUT] = o->output,
		[COUNT] = o->count,
		[TREE] = o->tree != TREE_NONE,
		[OUTPUT_ALL] = o->output_all,
		[QUIET] = o->quiet,
		[PROCESS] = o->nprocesses,
		[OF] = o->nof,
		[PERSISTENT] = o->persistent,
		[KIND] = o->kinds,
		[FILTER] = o->filter,
		[SCAN] = o->sources != SOURCES_ALL,
		[NAMESPACE] = o->nnamespaces,
	};
	unsigned bits = 0;

	for (enum choice c = 0; c < CHOICES; c++)
		bits |= given[c] ? BIT(c) : 0;
	for (size_t i = 0; i < o->nrules; i++)
		bits |= BIT(severities[o->rules[i].severity]);
	return bits;
}

/* Returns the name of the first of some choices, or NULL. */
static const char *choice_first_name(unsigned bits)
{
	for (enum choice c = 0; c < CHOICES; c++)
		if (bits & BIT(c))
			return choices[c].name;
	return NULL;
}

static int check_exclusive_choices(unsigned given, FILE *err)
{
	for (enum choice c = 0; c < CHOICES; c++) {
		const char *other = choice_first_name(given & choices[c].excludes & ~BIT(c));

		if (given & BIT(c) && other) {
			message_print(
				err, "%s and %s are mutually exclusive", choices[c].name, other);
			return -EINVAL;
		}
	}
	return 0;
}

/* Refuses rules that would hold because --type or another option leaves out what they count. */
static int check_rule(
	const struct options *o, const struct rule *rule, const char *narrowed_by, FILE *err)
{
	if (rule->scope == RULE_OF_TYPE && o->types && !(o->types & 1u << rule->type)) {
		message_print(err, "rule '%s' is about a type that --type leaves out", rule->text);
		return -EINVAL;
	}
	if (rule->percent && narrowed_by) {
		message_print(err,
			"rule '%s' and %s are mutually exclusive: a limit applies to all "
			"namespaces of a user",
			rule->text, narrowed_by);
		return -EINVAL;
	}
	return 0;
}

static int options_check_exclusive(const struct options *o, FILE *err)
{
	unsigned given = options_given(o);
	int r = check_exclusive_choices(given, err);

	if (r == 0 && o->by_user && !o->summary) {
		message_print(err, "--by requires --summary");
		return -EINVAL;
	}
	for (size_t i = 0; r == 0 && i < o->nrules; i++)
		r = check_rule(o, &o->rules[i], choice_first_name(given & NARROWING), err);
	return r;
}

/* The value of getopt_long(3) for row i is LONG_BASE + i, which is greater than any letter. */
#define LONG_BASE 1000

#define HINT "try 'nsls --help'"

/* Default of --timeout. */
#define TIMEOUT_MS 2000

static void make_getopt_tables(char *letters, struct option *longs)
{
	*letters++ = ':'; /* return ':' instead of '?' for a missing argument */
	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *info = &options_table[i];
		int arg = !info->arg           ? no_argument
			  : info->arg_optional ? optional_argument
					       : required_argument;

		longs[i] = (struct option){ info->name, arg, NULL, LONG_BASE + (int)i };
		if (!info->letter)
			continue;
		*letters++ = info->letter;
		for (int colons = 0; colons < arg; colons++)
			*letters++ = ':';
	}
	*letters = '\0';
	longs[options_count] = (struct option){ 0 };
}

static const struct option_info *find_option(int value)
{
	for (size_t i = 0; i < options_count; i++)
		if (value == LONG_BASE + (int)i ||
			(options_table[i].letter && value == options_table[i].letter))
			return &options_table[i];
	return NULL;
}

/* Accepts "-T type": getopt_long(3) takes only an optional argument that is attached. */
static const char *find_argument(const struct option_info *info, int argc, char **argv)
{
	if (optarg || !info->is_word || optind >= argc)
		return optarg;
	return info->is_word(argv[optind]) ? argv[optind++] : NULL;
}

/* Returns whether the word is the beginning of more than one long option. */
static bool is_ambiguous(const char *word)
{
	size_t len = strcspn(word, "="), n = 0;

	for (size_t i = 0; i < options_count && len > 2; i++)
		n += !strncmp(options_table[i].name, word + 2, len - 2);
	return !strncmp(word, "--", 2) && n > 1;
}

/*
 * Returns the unknown letter as a whole character: optopt is only one byte of it. optind is at the
 * next word already if that byte was the last of its word.
 */
static const char *unknown_letter(char **argv, size_t *ret_len)
{
	const char byte = (char)optopt, *word = argv[optind - 1], *letter;
	unsigned code;

	if (word[0] != '-' || word[1] == '-' || word[strlen(word) - 1] != byte)
		word = argv[optind];
	letter = strchr(word, byte);
	*ret_len = text_decode_utf8(letter, strlen(letter), &code);
	*ret_len += !*ret_len; /* invalid UTF-8: the byte */
	return letter;
}

static void print_unknown_option(FILE *err, char **argv)
{
	const char *word = argv[optind - 1];
	size_t len;

	if (optopt) {
		word = unknown_letter(argv, &len);
		message_print(err, "unknown option '-%.*s'; %s", (int)len, word, HINT);
	} else {
		message_print(err, "%s option '%s'; %s",
			is_ambiguous(word) ? "ambiguous" : "unknown", word, HINT);
	}
}

/* getopt_long(3) leaves a letter or the value of a long option in optopt, 0 if it knows neither. */
static int print_option_error(FILE *err, int value, char **argv)
{
	const struct option_info *info = optopt ? find_option(optopt) : NULL;

	if (!info)
		print_unknown_option(err, argv);
	else if (value != ':')
		message_print(err, "option '--%s' doesn't take an argument; %s", info->name, HINT);
	else if (optopt >= LONG_BASE)
		message_print(err, "option '--%s' requires an argument; %s", info->name, HINT);
	else
		message_print(err, "option '-%c' requires an argument; %s", info->letter, HINT);
	return -EINVAL;
}

static int options_take(struct options *options, int value, int argc, char **argv, FILE *err)
{
	const struct option_info *info = find_option(value);

	if (!info)
		return print_option_error(err, value, argv);
	if (info->parse)
		return info->parse(options, find_argument(info, argc, argv), err);
	if (info->flag)
		*options_flag(options, info->flag) = true;
	else
		options->action = info->action;
	return 0;
}

static int options_parse_all(int argc, char **argv, FILE *err, struct options *options)
{
	struct option longs[OPTIONS_MAX + 1];
	char letters[3 * OPTIONS_MAX + 2];
	int value, r;

	make_getopt_tables(letters, longs);
	opterr = 0;
	optind = 0; /* glibc: reset for a second call */
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		r = options_take(options, value, argc, argv, err);
		if (r < 0)
			return r;
	}
	options->namespaces = argv + optind;
	options->nnamespaces = (size_t)(argc - optind);
	return options_check_exclusive(options, err);
}

bool options_are_plugin(int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 1];
	char letters[3 * OPTIONS_MAX + 3] = "-"; /* don't reorder words */
	bool plugin = false;
	int value;

	make_getopt_tables(letters + 1, longs);
	opterr = 0;
	optind = 0;
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_info *info = find_option(value == ':' ? optopt : value);

		plugin |= info && info->plugin;
	}
	return plugin;
}

int options_parse(int argc, char **argv, FILE *err, struct options *ret_options)
{
	struct options options = {
		.sources = SOURCES_ALL, .procfs = PROCFS, .timeout_ms = TIMEOUT_MS
	};
	int r = options_parse_all(argc, argv, err, &options);

	if (r < 0)
		options_done(&options);
	else
		*ret_options = options;
	return r;
}

void options_done(struct options *options)
{
	free(options->processes);
	free(options->of);
	free(options->rules);
	options->processes = NULL;
	options->of = NULL;
	options->rules = NULL;
	options->nprocesses = options->nof = options->nrules = 0;
}

int options_check_privileged(const struct options *options, FILE *err)
{
	const char *rejected = strcmp(options->procfs, PROCFS) != 0 ? "--procfs"
			       : options->metrics_file              ? "--metrics=FILE"
								    : NULL;

	/* An error message would reveal files in directories that the caller can't search. */
	for (size_t i = 0; !rejected && i < options->nnamespaces; i++)
		if (target_is_path(options->namespaces[i]))
			rejected = "a path";
	if (!rejected)
		return 0;
	message_print(err,
		"%s is not permitted: this program has more privileges than its caller, and would "
		"use them to access files",
		rejected);
	return -EPERM;
}
