// SPDX-License-Identifier: MIT
/* The table of options and what each one's argument may be. getopt_long(3) does the parsing. */
#include "nsls/options.h"

#include "nsls/number.h"
#include "nsls/scan.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

/* Names the wrong word and what would be right. */
static int complain(FILE *err, const char *what, const char *arg, int len, const char *right)
{
	fprintf(err, "nsls: %s '%.*s'; %s\n", what, len, arg, right);
	return -EINVAL;
}

/* Calls one for each word of a list with commas. */
static int each_word(struct options *options, const char *list, FILE *err,
	int (*one)(struct options *, const char *, size_t, FILE *))
{
	for (;;) {
		size_t len = strcspn(list, ",");
		int r = one(options, list, len, err);

		if (r < 0 || !list[len])
			return r;
		list += len + 1;
	}
}

static int add_type(struct options *options, const char *word, size_t len, FILE *err)
{
	enum nstype type;

	if (nstype_by_name(word, len, &type) < 0)
		return complain(err, "unknown type", word, (int)len,
			"the types are cgroup, ipc, mnt, net, pid, time, user, uts");
	options->types |= 1u << type;
	return 0;
}

static int parse_types(struct options *options, const char *arg, FILE *err)
{
	return each_word(options, arg, err, add_type);
}

static int add_source(struct options *options, const char *word, size_t len, FILE *err)
{
	for (enum source s = 0; s < SOURCE_COUNT; s++) {
		const char *name = source_info(s)->name;

		if (strlen(name) == len && !memcmp(name, word, len)) {
			options->sources |= 1u << s;
			return 0;
		}
	}
	return complain(err, "unknown source", word, (int)len,
		"the sources are processes, threads, fds, sockets, mounts, kernel");
}

static int parse_sources(struct options *options, const char *arg, FILE *err)
{
	options->sources = 0;
	return each_word(options, arg, err, add_source);
}

static int parse_task(struct options *options, const char *arg, FILE *err)
{
	uint64_t pid;

	if (number_parse(arg, strlen(arg), INT_MAX, &pid) < 0)
		return complain(err, "bad PID", arg, (int)strlen(arg), "a PID is a number above 0");
	options->task = (pid_t)pid;
	return 0;
}

static bool find_tree(const char *name, enum tree *ret_tree)
{
	for (enum tree t = TREE_NONE + 1; t < TREE_COUNT; t++)
		if (!strcmp(tree_name(t), name)) {
			*ret_tree = t;
			return true;
		}
	return false;
}

static int parse_tree(struct options *options, const char *arg, FILE *err)
{
	options->tree = TREE_OWNER;
	if (!arg)
		return 0;
	arg += *arg == '='; /* -T=type is how people write it after --tree=type */
	if (!find_tree(arg, &options->tree))
		return complain(err, "unknown tree", arg, (int)strlen(arg),
			"the trees are type, owner, parent, process");
	return 0;
}

static int parse_color(struct options *options, const char *arg, FILE *err)
{
	if (!arg || !strcmp(arg, "always"))
		options->color = COLOR_ALWAYS;
	else if (!strcmp(arg, "auto"))
		options->color = COLOR_AUTO;
	else if (!strcmp(arg, "never"))
		options->color = COLOR_NEVER;
	else
		return complain(err, "unknown color mode", arg, (int)strlen(arg),
			"the modes are auto, always, never");
	return 0;
}

static int parse_output(struct options *options, const char *arg, FILE *err)
{
	(void)err;
	options->output = arg;
	return 0;
}

static int parse_filter(struct options *options, const char *arg, FILE *err)
{
	(void)err;
	options->filter = arg;
	return 0;
}

static int parse_procfs(struct options *options, const char *arg, FILE *err)
{
	(void)err;
	options->procfs = arg;
	return 0;
}

static int parse_action(struct options *options, enum action action)
{
	options->action = action;
	return 0;
}

static int parse_columns(struct options *options, const char *arg, FILE *err)
{
	(void)arg;
	(void)err;
	return parse_action(options, ACTION_COLUMNS);
}

static int parse_help(struct options *options, const char *arg, FILE *err)
{
	(void)arg;
	(void)err;
	return parse_action(options, ACTION_HELP);
}

static int parse_version(struct options *options, const char *arg, FILE *err)
{
	(void)arg;
	(void)err;
	return parse_action(options, ACTION_VERSION);
}

#define FLAG(field) .flag = offsetof(struct options, field) + 1

const struct option_info options_table[] = {
	{ 'l', "list", NULL, false, "flat list, one namespace a line", FLAG(list) },
	{ 'T', "tree", "TREE", true, "tree by type, owner (default), parent or process",
		.parse = parse_tree },
	{ 's', "summary", NULL, false, "one line a type: counts and limits", FLAG(summary) },
	{ 'J', "json", NULL, false, "JSON", FLAG(json) },
	{ 'r', "raw", NULL, false, "raw lines for scripts", FLAG(raw) },
	{ 'n', "noheadings", NULL, false, "no line of column names", FLAG(noheadings) },
	{ 'u', "notruncate", NULL, false, "don't truncate text to the terminal's width",
		FLAG(notruncate) },
	{ 'W', "nowrap", NULL, false, "no cells of several lines", FLAG(nowrap) },
	{ 'o', "output", "[+]LIST", false, "these columns; with + after the usual ones",
		.parse = parse_output },
	{ 0, "output-all", NULL, false, "all columns", FLAG(output_all) },
	{ 'H', "list-columns", NULL, false, "name the columns and end", .parse = parse_columns },
	{ 't', "type", "LIST", false, "only these types", .parse = parse_types },
	{ 'p', "task", "PID", false, "only what this process is a member of", .parse = parse_task },
	{ 'P', "persistent", NULL, false, "only namespaces without a member process",
		FLAG(persistent) },
	{ 'Q', "filter", "EXPR", false, "only rows that match, scols-filter(5)",
		.parse = parse_filter },
	{ 'c', "count", NULL, false, "print only how many namespaces match", FLAG(count) },
	{ 'q', "quiet", NULL, false, "print nothing: status 0 if something matches, else 1",
		FLAG(quiet) },
	{ 0, "scan", "LIST", false,
		"sources: processes, threads, fds, sockets, mounts, kernel (default: all)",
		.parse = parse_sources },
	{ 0, "procfs", "DIR", false, "read another procfs than /proc", .parse = parse_procfs },
	{ 0, "strict", NULL, false, "status 3 if something could not be read", FLAG(strict) },
	{ 0, "color", "WHEN", true, "auto, always or never", .parse = parse_color },
	{ 'h', "help", NULL, false, "print this help and end", .parse = parse_help },
	{ 'V', "version", NULL, false, "print the version and end", .parse = parse_version },
};

const size_t options_count = sizeof(options_table) / sizeof(*options_table);

#define OPTIONS_MAX (sizeof(options_table) / sizeof(*options_table))
/* getopt's value for the option of row i; no letter comes near it. */
#define LONG_BASE 1000

static void make_getopt_tables(char *letters, struct option *longs)
{
	*letters++ = ':'; /* tell a missing argument from an unknown option */
	for (size_t i = 0; i < OPTIONS_MAX; i++) {
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
	longs[OPTIONS_MAX] = (struct option){ 0 };
}

static const struct option_info *find_option(int value)
{
	for (size_t i = 0; i < OPTIONS_MAX; i++)
		if (value == LONG_BASE + (int)i ||
			(options_table[i].letter && value == options_table[i].letter))
			return &options_table[i];
	return NULL;
}

/* "-T type": getopt takes an optional argument only where it is attached. */
static const char *detached_tree(const struct option_info *info, int argc, char **argv)
{
	enum tree tree;

	if (info->parse != parse_tree || optarg || optind >= argc)
		return optarg;
	return find_tree(argv[optind], &tree) ? argv[optind++] : NULL;
}

static int take(struct options *options, int value, int argc, char **argv, FILE *err)
{
	const struct option_info *info = find_option(value);
	const char *arg;

	if (!info) {
		const char *what = value == ':' ? "missing argument of" : "unknown option";
		char letter[] = { '-', (char)optopt, '\0' };
		bool is_letter = optopt > 0 && optopt < LONG_BASE;
		const char *word = is_letter ? letter : argv[optind - 1];

		return complain(err, what, word, (int)strlen(word), "try 'nsls --help'");
	}
	if (info->flag) {
		*(bool *)((char *)options + info->flag - 1) = true;
		return 0;
	}
	arg = detached_tree(info, argc, argv);
	return info->parse(options, arg, err);
}

static int exclude(FILE *err, bool a, const char *name_a, bool b, const char *name_b)
{
	if (!a || !b)
		return 0;
	fprintf(err, "nsls: %s and %s exclude each other\n", name_a, name_b);
	return -EINVAL;
}

static int check(const struct options *o, FILE *err)
{
	bool tree = o->tree != TREE_NONE, operands = o->nnamespaces > 0;

	if (exclude(err, o->list, "--list", tree, "--tree") < 0 ||
		exclude(err, o->summary, "--summary", tree, "--tree") < 0 ||
		exclude(err, o->summary, "--summary", operands, "NAMESPACE") < 0 ||
		exclude(err, o->task != 0, "--task", operands, "NAMESPACE") < 0 ||
		exclude(err, o->json, "--json", o->raw, "--raw") < 0 ||
		exclude(err, o->raw, "--raw", tree, "--tree") < 0 ||
		exclude(err, o->output != NULL, "--output", o->output_all, "--output-all") < 0)
		return -EINVAL;
	return exclude(err, o->count, "--count", o->quiet, "--quiet");
}

int options_parse(int argc, char **argv, FILE *err, struct options *ret_options)
{
	struct options options = { .sources = SOURCES_ALL, .procfs = "/proc" };
	struct option longs[OPTIONS_MAX + 1];
	char letters[3 * OPTIONS_MAX + 2];
	int value, r;

	make_getopt_tables(letters, longs);
	opterr = 0;
	optind = 0; /* glibc: start anew, also for a second call */
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		r = take(&options, value, argc, argv, err);
		if (r < 0)
			return r;
	}
	options.namespaces = argv + optind;
	options.nnamespaces = (size_t)(argc - optind);
	r = check(&options, err);
	if (r == 0)
		*ret_options = options;
	return r;
}
