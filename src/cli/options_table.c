// SPDX-License-Identifier: MIT
/* The table of options, and what the argument of each may be. */
#include "nsls/options.h"

#include "complain.h"

#include "nsls/number.h"
#include "nsls/scan.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static int refuse_word(FILE *err, const char *what, const char *word, size_t len, nth_word *nth)
{
	complain_choice(err, what, word, len, nth);
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

static const char *nth_type(size_t i)
{
	return i < NS_TYPE_COUNT ? nstype_info((enum nstype)i)->name : NULL;
}

static int add_type(struct options *options, const char *word, size_t len, FILE *err)
{
	enum nstype type;

	if (nstype_by_name(word, len, &type) < 0)
		return refuse_word(err, "type", word, len, nth_type);
	options->types |= 1u << type;
	return 0;
}

static int parse_types(struct options *options, const char *arg, FILE *err)
{
	return each_word(options, arg, err, add_type);
}

static const char *nth_source(size_t i)
{
	return i < SOURCE_COUNT ? source_info((enum source)i)->name : NULL;
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
	return refuse_word(err, "source", word, len, nth_source);
}

static int parse_sources(struct options *options, const char *arg, FILE *err)
{
	options->sources = 0;
	return each_word(options, arg, err, add_source);
}

static int parse_task(struct options *options, const char *arg, FILE *err)
{
	uint64_t pid;

	if (number_parse(arg, strlen(arg), INT_MAX, &pid) < 0) {
		complain(err, "invalid PID '%s'; a PID is a number greater than 0", arg);
		return -EINVAL;
	}
	options->task = (pid_t)pid;
	return 0;
}

static const char *nth_tree(size_t i)
{
	enum tree tree = TREE_NONE + 1 + (enum tree)i;

	return tree < TREE_COUNT ? tree_name(tree) : NULL;
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

static bool is_tree(const char *word)
{
	enum tree tree;

	return find_tree(word, &tree);
}

static int parse_tree(struct options *options, const char *arg, FILE *err)
{
	options->tree = TREE_OWNER;
	if (!arg)
		return 0;
	arg += *arg == '='; /* -T=type is how people write it after --tree=type */
	if (!find_tree(arg, &options->tree))
		return refuse_word(err, "tree", arg, strlen(arg), nth_tree);
	return 0;
}

static const char *nth_color(size_t i)
{
	static const char *const names[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"
	};

	return i < sizeof(names) / sizeof(*names) ? names[i] : NULL;
}

static bool find_color(const char *name, enum color *ret_color)
{
	for (size_t i = 0; nth_color(i); i++)
		if (!strcmp(nth_color(i), name)) {
			*ret_color = (enum color)i;
			return true;
		}
	return false;
}

static bool is_color(const char *word)
{
	enum color color;

	return find_color(word, &color);
}

static int parse_color(struct options *options, const char *arg, FILE *err)
{
	options->color = COLOR_ALWAYS;
	if (arg && !find_color(arg, &options->color))
		return refuse_word(err, "color mode", arg, strlen(arg), nth_color);
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
	if (!*arg) {
		complain(err, "--procfs requires a directory, and '' is not one");
		return -EINVAL;
	}
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
	{ 'l', "list", NULL, false, "flat list, one namespace per line", FLAG(list) },
	{ 'T', "tree", "TREE", true, "tree by type, owner (default), parent or process",
		.parse = parse_tree, .is_word = is_tree },
	{ 's', "summary", NULL, false, "one line per type: counts and limits", FLAG(summary) },
	{ 'J', "json", NULL, false, "print JSON", FLAG(json) },
	{ 'r', "raw", NULL, false, "print raw lines for scripts", FLAG(raw) },
	{ 'n', "noheadings", NULL, false, "don't print the column names", FLAG(noheadings) },
	{ 'u', "notruncate", NULL, false, "don't cut off text at the width of the terminal",
		FLAG(notruncate) },
	{ 'W', "nowrap", NULL, false, "print each row on one line", FLAG(nowrap) },
	{ 'o', "output", "[+]LIST", false, "columns to show; +LIST adds to the default ones",
		.parse = parse_output },
	{ 0, "output-all", NULL, false, "show all columns", FLAG(output_all) },
	{ 'H', "list-columns", NULL, false, "list the columns and exit", .parse = parse_columns },
	{ 't', "type", "LIST", false, "only these types", .parse = parse_types },
	{ 'p', "task", "PID", false, "only namespaces that this process is a member of",
		.parse = parse_task },
	{ 'P', "persistent", NULL, false, "only namespaces without a member process",
		FLAG(persistent) },
	{ 'Q', "filter", "EXPR", false, "only rows for which EXPR is true, scols-filter(5)",
		.parse = parse_filter },
	{ 'c', "count", NULL, false, "print only how many namespaces match", FLAG(count) },
	{ 'q', "quiet", NULL, false, "print nothing; exit 0 if anything matches, else 1",
		FLAG(quiet) },
	{ 0, "scan", "LIST", false,
		"where to look (default: everywhere): processes,\n"
		"threads, fds, sockets, mounts, kernel",
		.parse = parse_sources },
	{ 0, "procfs", "DIR", false, "read this procfs instead of /proc", .parse = parse_procfs },
	{ 0, "strict", NULL, false, "exit 3 if the answer is incomplete", FLAG(strict) },
	{ 0, "color", "WHEN", true, "colors: auto, always or never", .parse = parse_color,
		.is_word = is_color },
	{ 'h', "help", NULL, false, "print this help and exit", .parse = parse_help },
	{ 'V', "version", NULL, false, "print the version and exit", .parse = parse_version },
};

const size_t options_count = sizeof(options_table) / sizeof(*options_table);
_Static_assert(sizeof(options_table) / sizeof(*options_table) <= OPTIONS_MAX, "OPTIONS_MAX");
