// SPDX-License-Identifier: MIT
/*
 * The table of options, and the functions that parse their arguments, each into a field. These
 * return 0, or -EINVAL after an error message. arg is NULL only if the argument is optional; then a
 * function args_is_… may return whether the next word is one.
 */
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define JOBS_MAX 1024
#define TIMEOUT_MAX 3600
#define MONITOR_MAX 86400 /* a day */
#define MONITOR_MS 2000   /* default */

#define DIGITS "0123456789"

/*
 * Prints "unknown type 'foo'; the types are cgroup, ipc …", where what is "type", and with "in rule
 * 'foo<=3'" in the middle, unless rule is NULL. Returns -EINVAL.
 */
static int reject_word(
	FILE *err, const char *what, const char *word, size_t len, const char *rule, nth_word *nth)
{
	CLEANUP(strbuf_done) struct strbuf valid = { 0 };
	const char *name;

	for (size_t i = 0; (name = nth(i)); i++)
		strbuf_addf(&valid, "%s %s", i ? "," : "", name);
	return message_fail(err, -EINVAL, "unknown %s '%.*s'%s%s%s; the %ss are%s", what, (int)len,
		word, rule ? " in rule '" : "", rule ? rule : "", rule ? "'" : "", what,
		strbuf_text(&valid));
}

/* Sets the bit of each word of a comma-separated list. */
static int add_bits(unsigned *bits, const char *list, const char *what, nth_word *nth, FILE *err)
{
	for (const char *word = list; word; word = next_in_list(word)) {
		size_t len = strcspn(word, ",");
		int i = word_find(nth, word, len);

		if (i < 0)
			return reject_word(err, what, word, len, NULL, nth);
		*bits |= 1u << i;
	}
	return 0;
}

static const char *nth_type(size_t i)
{
	return i < NS_TYPE_COUNT ? nstype_info((enum nstype)i)->name : NULL;
}

/* The words of namespaces(7) for mnt and net are as usual as the names. */
int args_type(const char *word, size_t len, enum nstype *ret_type)
{
	static const enum nstype abbreviated[] = { NS_MNT, NS_NET };

	for (size_t i = 0; i < sizeof(abbreviated) / sizeof(*abbreviated); i++) {
		const char *noun = nstype_info(abbreviated[i])->noun;

		if (strlen(noun) == len && !memcmp(noun, word, len)) {
			*ret_type = abbreviated[i];
			return 0;
		}
	}
	return nstype_by_name(word, len, ret_type);
}

static int args_types(struct options *options, const char *arg, FILE *err)
{
	for (const char *word = arg; word; word = next_in_list(word)) {
		size_t len = strcspn(word, ",");
		enum nstype type;

		if (args_type(word, len, &type) < 0)
			return reject_word(err, "type", word, len, NULL, nth_type);
		options->types |= 1u << type;
	}
	return 0;
}

static const char *nth_kind(size_t i)
{
	return i < HOLDER_KIND_COUNT ? holder_kind_name((enum holder_kind)i) : NULL;
}

static int args_kinds(struct options *options, const char *arg, FILE *err)
{
	return add_bits(&options->kinds, arg, "kind", nth_kind, err);
}

static const char *nth_source(size_t i)
{
	return i < SOURCE_COUNT ? source_info((enum source)i)->name : NULL;
}

static int args_sources(struct options *options, const char *arg, FILE *err)
{
	options->sources = 0;
	return add_bits(&options->sources, arg, "source", nth_source, err);
}

static int args_process(struct options *options, const char *arg, FILE *err)
{
	for (const char *word = arg; word; word = next_in_list(word)) {
		size_t len = strcspn(word, ","), n = options->nprocesses;
		uint64_t pid;

		if (number_parse(word, len, INT_MAX, &pid) < 0)
			return message_fail(err, -EINVAL,
				"invalid PID '%.*s'; a PID is a number greater than 0", (int)len,
				word);
		options->processes = memory_resize(options->processes, n + 1, sizeof(pid_t));
		options->processes[options->nprocesses++] = (pid_t)pid;
	}
	return 0;
}

/* A bare word is no path: other users may be able to create files in the working directory. */
static int args_mounted(struct options *options, const char *arg, FILE *err)
{
	if (!mounted_parse_number(arg, NULL) && !operand_is_path(arg))
		return message_fail(
			err, -EINVAL, "'%s' is neither MAJ:MIN nor a path, which has a slash", arg);
	options->mounted = arg;
	return 0;
}

static int args_of(struct options *options, const char *arg, FILE *err)
{
	options->of = memory_resize(options->of, options->nof + 1, sizeof(const char *));
	options->of[options->nof++] = arg;
	return 0;
}

static const char *nth_tree(size_t i)
{
	enum tree tree = TREE_NONE + 1 + (enum tree)i;

	return tree < TREE_COUNT ? tree_name(tree) : NULL;
}

/* Any word that is no option and no namespace, so that a misspelt tree is an error. */
static bool args_is_tree(const char *word)
{
	return *word != '-' && !strpbrk(word, "/:") && (!*word || word[strspn(word, DIGITS)]);
}

static int args_tree(struct options *options, const char *arg, FILE *err)
{
	int i;

	options->tree = TREE_OWNER;
	if (!arg)
		return 0;
	arg += *arg == '='; /* people write -T=type, because of --tree=type */
	i = word_find(nth_tree, arg, strlen(arg));
	if (i < 0)
		return reject_word(err, "tree", arg, strlen(arg), NULL, nth_tree);
	options->tree = TREE_NONE + 1 + (enum tree)i;
	return 0;
}

static int args_by(struct options *options, const char *arg, FILE *err)
{
	if (strcmp(arg, "user") != 0)
		return message_fail(err, -EINVAL, "unknown grouping '%s'; --by takes 'user'", arg);
	options->by_user = true;
	return 0;
}

static const char *nth_color(size_t i)
{
	static const char *const names[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"
	};

	return i < sizeof(names) / sizeof(*names) ? names[i] : NULL;
}

static bool args_is_color(const char *word)
{
	return word_find(nth_color, word, strlen(word)) >= 0;
}

static int args_color(struct options *options, const char *arg, FILE *err)
{
	int i = arg ? word_find(nth_color, arg, strlen(arg)) : COLOR_ALWAYS;

	if (i < 0)
		return reject_word(err, "color mode", arg, strlen(arg), NULL, nth_color);
	options->color = (enum color)i;
	return 0;
}

static int args_output(struct options *options, const char *arg, FILE *err)
{
	options->output = arg;
	return 0;
}

static int args_filter(struct options *options, const char *arg, FILE *err)
{
	struct strbuf all = { 0 };
	char *error;

	if (filter_check(arg, &error) < 0) {
		message_print(err, "%s", error);
		free(error);
		return -EINVAL;
	}
	if (!options->filter) {
		options->filter = memory_copy(arg);
		return 0;
	}
	strbuf_addf(&all, "(%s) && (%s)", options->filter, arg);
	free(options->filter);
	options->filter = all.text;
	return 0;
}

static int args_procfs(struct options *options, const char *arg, FILE *err)
{
	if (!*arg)
		return message_fail(
			err, -EINVAL, "--procfs requires a directory, and '' is not one");
	options->procfs = arg;
	return 0;
}

static int args_metrics(struct options *options, const char *arg, FILE *err)
{
	if (arg && !*arg)
		return message_fail(err, -EINVAL, "--metrics= requires a file, and '' is not one");
	options->metrics = true;
	options->metrics_file = arg;
	return 0;
}

static int args_complete(struct options *options, const char *arg, FILE *err)
{
	if (strcmp(arg, "netns") != 0 && strcmp(arg, "of") != 0)
		return message_fail(err, -EINVAL, "unknown list of names '%s'", arg);
	options->complete = *arg == 'o' ? COMPLETE_OF : COMPLETE_NETNS;
	return 0;
}

static int args_jobs(struct options *options, const char *arg, FILE *err)
{
	uint64_t jobs;

	if (number_parse(arg, strlen(arg), JOBS_MAX, &jobs) < 0)
		return message_fail(err, -EINVAL,
			"invalid number of jobs '%s'; it must be from 1 to %d", arg, JOBS_MAX);
	options->jobs = (unsigned)jobs;
	return 0;
}

/* Converts the digits after a decimal point to thousandths, rounded up. */
static unsigned thousandths(const char *digits)
{
	unsigned n = 0, unit = 100;

	for (; *digits; digits++, unit /= 10)
		if (unit)
			n += unit * (unsigned)(*digits - '0');
		else if (*digits != '0')
			return n + 1;
	return n;
}

/* Not strtod(3), which takes the decimal point of the locale, "inf" and "0x2". */
static bool parse_seconds(const char *text, uint64_t max, unsigned *ret_ms)
{
	size_t whole = strspn(text, DIGITS);
	const char *rest = text + whole;
	uint64_t seconds;

	if (!whole || !number_take(text, max, &seconds))
		return false;
	if (rest[0] == '.' && rest[1])
		rest++;
	if (rest[strspn(rest, DIGITS)])
		return false;
	*ret_ms = (unsigned)seconds * 1000 + thousandths(rest);
	return *ret_ms > 0 && *ret_ms <= max * 1000;
}

static int take_seconds(
	const char *text, const char *what, uint64_t max, unsigned *ret_ms, FILE *err)
{
	if (parse_seconds(text, max, ret_ms))
		return 0;
	return message_fail(err, -EINVAL,
		"invalid %s '%s'; it must be a number of seconds above 0 and at most %d, such as "
		"0.5",
		what, text, (int)max);
}

static int args_timeout(struct options *options, const char *arg, FILE *err)
{
	return take_seconds(arg, "timeout", TIMEOUT_MAX, &options->timeout_ms, err);
}

/* No inode of a namespace is as low: such a number is no operand. */
static bool args_is_seconds(const char *word)
{
	unsigned ms;

	return parse_seconds(word, MONITOR_MAX, &ms);
}

static int args_monitor(struct options *options, const char *arg, FILE *err)
{
	options->monitor_ms = MONITOR_MS;
	return arg ? take_seconds(arg, "interval", MONITOR_MAX, &options->monitor_ms, err) : 0;
}

/* Either what the word is and the valid ones, or what is wrong with the bound or the rule. */
static const struct {
	const char *what;
	nth_word *nth;
	const char *text;
} rule_errors[] = {
	[RULE_BAD_SUBJECT] = { "figure", rule_subject_word, NULL },
	[RULE_BAD_PART] = { "kind", rule_part_word, NULL },
	[RULE_BAD_OPERATOR] = { "operator", rule_operator_word, NULL },
	[RULE_NO_OPERATOR] = { .text = "it has no operator such as <=; quote the rule, because a "
				       "shell takes < and > for redirections" },
	[RULE_BAD_BOUND] = { .text = "the bound must be a whole number up to 4294967295, or a "
				     "percentage up to 1000% such as 80% or 87.5%" },
	[RULE_BAD_PERCENT] = { .text = "only TYPE and any can be compared with a percentage" },
	[RULE_BELOW_ZERO] = { .text = "no count is less than 0" },
};

static int reject_rule(const char *text, const struct invalid_rule *invalid, FILE *err)
{
	const char *error = rule_errors[invalid->error].text;

	if (rule_errors[invalid->error].nth)
		return reject_word(err, rule_errors[invalid->error].what, invalid->word,
			invalid->len, text, rule_errors[invalid->error].nth);
	if (invalid->error == RULE_NO_OPERATOR)
		return message_fail(err, -EINVAL, "invalid rule '%s': %s", text, error);
	return message_fail(err, -EINVAL, "invalid bound '%.*s' in rule '%s': %s",
		(int)invalid->len, invalid->word, text, error);
}

static int add_rule(
	struct options *options, const char *arg, enum rule_severity severity, FILE *err)
{
	struct invalid_rule invalid;
	struct rule rule;

	if (rule_parse(arg, &rule, &invalid) < 0)
		return reject_rule(arg, &invalid, err);
	rule.severity = severity;
	options->plugin |= severity != RULE_CHECK;
	options->rules = memory_resize(options->rules, options->nrules + 1, sizeof(rule));
	options->rules[options->nrules++] = rule;
	return 0;
}

static int args_check(struct options *options, const char *arg, FILE *err)
{
	return add_rule(options, arg, RULE_CHECK, err);
}

static int args_warning(struct options *options, const char *arg, FILE *err)
{
	return add_rule(options, arg, RULE_WARNING, err);
}

static int args_critical(struct options *options, const char *arg, FILE *err)
{
	return add_rule(options, arg, RULE_CRITICAL, err);
}

/* Ways to show namespaces, which options with an output of their own, such as rules, exclude. */
#define VIEWS "list tree summary containers count raw output output-all "
#define SHAPES VIEWS "metrics monitor "

/* clang-format off: an option reads best with its help on a line of its own */
const struct option_info options_table[] = {
	{ .group = "Which view",
		.letter = 'l',
		.name = "list",
		.flag = offsetof(struct options, list),
		.excludes = "tree",
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
		.flag = offsetof(struct options, summary),
		.excludes = "tree " NAMESPACE,
		.help = "one line per type: counts, usage and limits" },
	{ .name = "by",
		.arg = "user",
		.parse = args_by,
		.help = "with --summary: one line per type and user" },
	/* Containers have members, and no owner, parent or holders of their own. */
	{ .letter = 'C',
		.name = "containers",
		.flag = offsetof(struct options, containers),
		.excludes = "summary tree persistent kind",
		.help = "one line per container: processes that share all\n"
			"namespaces, and not all with the host" },
	{ .group = "Columns and format",
		.letter = 'J',
		.name = "json",
		.flag = offsetof(struct options, json),
		.excludes = "raw",
		.help = "print JSON" },
	{ .letter = 'r',
		.name = "raw",
		.flag = offsetof(struct options, raw),
		.excludes = "tree",
		.help = "print raw lines for scripts" },
	{ .letter = 'n',
		.name = "noheadings",
		.flag = offsetof(struct options, noheadings),
		.help = "don't print the column names" },
	{ .letter = 'u',
		.name = "notruncate",
		.flag = offsetof(struct options, notruncate),
		.help = "don't cut off text at the width of the terminal" },
	{ .letter = 'W',
		.name = "nowrap",
		.flag = offsetof(struct options, nowrap),
		.help = "print each row on one line" },
	{ .letter = 'o',
		.name = "output",
		.arg = "[+]LIST",
		.parse = args_output,
		.excludes = "output-all",
		.help = "columns to show; +LIST adds to the default ones" },
	{ .name = "output-all",
		.flag = offsetof(struct options, output_all),
		.help = "show all columns" },
	{ .name = "color",
		.arg = "WHEN",
		.arg_optional = true,
		.parse = args_color,
		.is_word = args_is_color,
		.help = "colors: auto, always or never" },
	{ .letter = 'H',
		.name = "list-columns",
		.action = ACTION_COLUMNS,
		.help = "list the columns and exit" },
	{ .group = "What is shown",
		.letter = 't',
		.name = "type",
		.arg = "LIST",
		.parse = args_types,
		.help = "only these types" },
	{ .letter = 'p',
		.name = "task",
		.arg = "LIST",
		.parse = args_process,
		.excludes = NAMESPACE,
		.help = "only namespaces that these processes are members of" },
	{ .name = "of",
		.arg = "NAME",
		.parse = args_of,
		.excludes = NAMESPACE,
		.help = "only namespaces of this container, pod, machine,\n"
			"unit or network namespace" },
	{ .name = "mounted",
		.arg = "WHAT",
		.parse = args_mounted,
		.excludes = "list tree summary containers type check warning critical metrics "
			    "monitor scan " NAMESPACE,
		.help = "mount namespaces in which this is mounted: a path,\n"
			"a device or MAJ:MIN" },
	{ .letter = 'P',
		.name = "persistent",
		.flag = offsetof(struct options, persistent),
		.help = "only namespaces without a member process" },
	{ .name = "kind",
		.arg = "LIST",
		.parse = args_kinds,
		.help = "only holders of these kinds, and what they hold" },
	{ .letter = 'Q',
		.name = "filter",
		.arg = "EXPR",
		.parse = args_filter,
		.help = "only rows where each EXPR is true, scols-filter(5)" },
	{ .group = "Scripts and monitoring",
		.letter = 'c',
		.name = "count",
		.flag = offsetof(struct options, count),
		.excludes = "quiet",
		.help = "print only how many namespaces match" },
	{ .letter = 'q',
		.name = "quiet",
		.flag = offsetof(struct options, quiet),
		.help = "print nothing; exit 0 if anything matches, else 1" },
	{ .name = "check",
		.arg = "RULE",
		.parse = args_check,
		.excludes = SHAPES "warning critical " NAMESPACE,
		.help = "exit 1 and print why if RULE is broken, such as\n"
			"'net<=500', 'net<=80%', 'persistent<=0',\n"
			"'net.persistent<=0', 'any.mount<=3'" },
	{ .name = "warning",
		.arg = "RULE",
		.parse = args_warning,
		.plugin = true,
		.excludes = SHAPES "json quiet " NAMESPACE,
		.help = "WARNING if RULE is broken, as a monitoring plugin" },
	{ .name = "critical",
		.arg = "RULE",
		.parse = args_critical,
		.plugin = true,
		.excludes = SHAPES "json quiet " NAMESPACE,
		.help = "CRITICAL if RULE is broken, as a monitoring plugin" },
	/*
	 * Metrics of selected namespaces would have the same names as those of all namespaces. Only
	 * types may be selected: each type is a label, so fewer types are fewer samples.
	 */
	{ .name = "metrics",
		.arg = "FILE",
		.arg_optional = true,
		.parse = args_metrics,
		.excludes = VIEWS NARROWING "json quiet scan " NAMESPACE,
		.help = "print counts and limits as metrics (OpenMetrics),\n"
			"or replace FILE with them" },
	/* Lines about changes have no columns, and no other format; metrics replace them. */
	{ .name = "monitor",
		.arg = "SECONDS",
		.arg_optional = true,
		.parse = args_monitor,
		.is_word = args_is_seconds,
		.excludes = VIEWS "quiet",
		.help = "print changes, or replace FILE of --metrics;\n"
			"scan every SECONDS (default: 2)" },
	{ .group = "What is scanned",
		.name = "scan",
		.arg = "LIST",
		.parse = args_sources,
		.help = "what to scan (default: everything): processes,\n"
			"threads, fds, sockets, mounts, kernel" },
	{ .name = "bpf",
		.flag = offsetof(struct options, bpf),
		.excludes = "procfs",
		.help = "read processes and descriptors by BPF programs,\n"
			"not in /proc; they show more holders" },
	{ .name = "procfs",
		.arg = "DIR",
		.parse = args_procfs,
		.help = "read this procfs instead of /proc" },
	{ .name = "strict",
		.flag = offsetof(struct options, strict),
		.help = "exit 3 if the answer is incomplete" },
	{ .name = "no-warnings",
		.flag = offsetof(struct options, no_warnings),
		.help = "don't report what could not be read" },
	{ .name = "jobs",
		.arg = "N",
		.parse = args_jobs,
		.help = "number of threads to use (default: one per CPU)" },
	{ .name = "timeout",
		.arg = "SECONDS",
		.parse = args_timeout,
		.help = "how long one process may take to read (default: 2)" },
	{ .name = "complete", .arg = "WHAT", .parse = args_complete },
	{ .group = "Other",
		.letter = 'h',
		.name = "help",
		.action = ACTION_HELP,
		.help = "print this help and exit" },
	{ .letter = 'V',
		.name = "version",
		.action = ACTION_VERSION,
		.help = "print the version, libraries and build, and exit" },
};
/* clang-format on */

const size_t options_count = sizeof(options_table) / sizeof(*options_table);
_Static_assert(sizeof(options_table) / sizeof(*options_table) <= OPTIONS_MAX, "OPTIONS_MAX");
