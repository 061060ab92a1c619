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

static const char *nth_type(size_t i)
{
	return i < NS_TYPE_COUNT ? nstype_info[i].name : NULL;
}

/* The words of namespaces(7) for mnt and net are as usual as the names. */
int args_find_type(const char *word, size_t len)
{
	static const enum nstype abbreviated[] = { NS_MNT, NS_NET };

	for (size_t i = 0; i < sizeof(abbreviated) / sizeof(*abbreviated); i++) {
		const char *noun = nstype_info[abbreviated[i]].noun;

		if (strlen(noun) == len && !memcmp(noun, word, len))
			return (int)abbreviated[i];
	}
	return word_find(nth_type, word, len);
}

static const char *nth_kind(size_t i)
{
	return i < HOLDER_KIND_COUNT ? holder_kind_info[i].name : NULL;
}

static const char *nth_source(size_t i)
{
	return i < SOURCE_COUNT ? source_info[i].name : NULL;
}

static const char *nth_tree(size_t i)
{
	return i + 1 < TREE_COUNT ? tree_names[i + 1] : NULL; /* without TREE_NONE */
}

static const char *nth_color(size_t i)
{
	static const char *const names[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"
	};

	return i < sizeof(names) / sizeof(*names) ? names[i] : NULL;
}

/* Returns which of the option's words the len bytes are, or -EINVAL after an error message. */
static int find_word(
	const struct options *options, const struct option_info *info, const char *word, size_t len)
{
	int i = info->words == nth_type ? args_find_type(word, len)
					: word_find(info->words, word, len);

	return i < 0 ? reject_word(options->err, info->what, word, len, NULL, info->words) : i;
}

static void *field_of(struct options *options, const struct option_info *info)
{
	return (char *)options + info->field;
}

/* Sets the bit of each word of a comma-separated list. */
static int args_bits(struct options *options, const struct option_info *info, const char *arg)
{
	unsigned *bits = field_of(options, info);

	for (const char *word = arg; word; word = next_in_list(word)) {
		int i = find_word(options, info, word, strcspn(word, ","));

		if (i < 0)
			return i;
		*bits |= 1u << i;
	}
	return 0;
}

static int args_sources(struct options *options, const struct option_info *info, const char *arg)
{
	options->sources = 0;
	return args_bits(options, info, arg);
}

static int args_text(struct options *options, const struct option_info *info, const char *arg)
{
	const char **text = field_of(options, info);

	if (info->what && arg && !*arg)
		return message_fail(options->err, -EINVAL,
			"--%s%s requires a %s, and '' is not one", info->name,
			info->arg_optional ? "=" : "", info->what);
	*text = arg;
	return 0;
}

static int args_process(struct options *options, const struct option_info *info, const char *arg)
{
	for (const char *word = arg; word; word = next_in_list(word)) {
		size_t len = strcspn(word, ","), n = options->nprocesses;
		uint64_t pid;

		if (number_parse(word, len, INT_MAX, &pid) < 0)
			return message_fail(options->err, -EINVAL,
				"invalid PID '%.*s'; a PID is a number greater than 0", (int)len,
				word);
		options->processes = memory_resize(options->processes, n + 1, sizeof(pid_t));
		options->processes[options->nprocesses++] = (pid_t)pid;
	}
	return 0;
}

/* A bare word is no path: other users may be able to create files in the working directory. */
static int args_mounted(struct options *options, const struct option_info *info, const char *arg)
{
	if (!mounted_parse_number(arg, NULL) && !strchr(arg, '/'))
		return message_fail(options->err, -EINVAL,
			"'%s' is neither MAJ:MIN nor a path, which has a slash", arg);
	options->mounted = arg;
	return 0;
}

static int args_of(struct options *options, const struct option_info *info, const char *arg)
{
	options->of = memory_resize(options->of, options->nof + 1, sizeof(const char *));
	options->of[options->nof++] = arg;
	return 0;
}

/* Any word that is no option and no namespace, so that a misspelt tree is an error. */
static bool args_is_tree(const char *word)
{
	return *word != '-' && !strpbrk(word, "/:") && (!*word || word[strspn(word, DIGITS)]);
}

static int args_tree(struct options *options, const struct option_info *info, const char *arg)
{
	int i;

	options->tree = TREE_OWNER;
	if (!arg)
		return 0;
	arg += *arg == '='; /* people write -T=type, because of --tree=type */
	i = find_word(options, info, arg, strlen(arg));
	if (i < 0)
		return i;
	options->tree = TREE_NONE + 1 + (enum tree)i;
	return 0;
}

static int args_by(struct options *options, const struct option_info *info, const char *arg)
{
	if (strcmp(arg, "user") != 0)
		return message_fail(
			options->err, -EINVAL, "unknown grouping '%s'; --by takes 'user'", arg);
	return 0;
}

static bool args_is_color(const char *word)
{
	return word_find(nth_color, word, strlen(word)) >= 0;
}

static int args_color(struct options *options, const struct option_info *info, const char *arg)
{
	int i = arg ? find_word(options, info, arg, strlen(arg)) : COLOR_ALWAYS;

	if (i < 0)
		return i;
	options->color = (enum color)i;
	return 0;
}

static int args_filter(struct options *options, const struct option_info *info, const char *arg)
{
	struct strbuf all = { 0 };
	char *error;

	if (filter_check(arg, &error) < 0) {
		message_print(options->err, "%s", error);
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

static int args_complete(struct options *options, const struct option_info *info, const char *arg)
{
	if (strcmp(arg, "netns") != 0 && strcmp(arg, "of") != 0)
		return message_fail(options->err, -EINVAL, "unknown list of names '%s'", arg);
	options->complete = true;
	options->complete_of = *arg == 'o';
	return 0;
}

static int args_jobs(struct options *options, const struct option_info *info, const char *arg)
{
	uint64_t jobs;

	if (number_parse(arg, strlen(arg), JOBS_MAX, &jobs) < 0)
		return message_fail(options->err, -EINVAL,
			"invalid number of jobs '%s'; it must be from 1 to %d", arg, JOBS_MAX);
	options->jobs = (unsigned)jobs;
	return 0;
}

/*
 * Rounds up to milliseconds. Not strtod(3), which takes the decimal point of the locale, "inf" and
 * "0x2".
 */
static bool parse_seconds(const char *text, unsigned max, unsigned *ret_ms)
{
	size_t whole = strspn(text, DIGITS);
	const char *rest = text + whole;
	uint64_t seconds;
	unsigned unit = 1000;
	bool more = false;

	if (!whole || !number_take(text, max, &seconds))
		return false;
	*ret_ms = (unsigned)seconds * unit;
	if (rest[0] == '.' && rest[1])
		rest++;
	for (; *rest && strchr(DIGITS, *rest); rest++) {
		unit /= 10;
		*ret_ms += unit * (unsigned)(*rest - '0');
		more |= !unit && *rest != '0';
	}
	*ret_ms += more;
	return !*rest && *ret_ms > 0 && *ret_ms <= max * 1000;
}

/* No inode of a namespace is as low: such a number is no operand. */
static bool args_is_seconds(const char *word)
{
	unsigned ms;

	return parse_seconds(word, MONITOR_MAX, &ms);
}

static int args_seconds(struct options *options, const struct option_info *info, const char *arg)
{
	unsigned *ms = field_of(options, info);

	if (!arg)
		*ms = MONITOR_MS;
	else if (!parse_seconds(arg, info->max, ms))
		return message_fail(options->err, -EINVAL,
			"invalid %s '%s'; it must be a number of seconds above 0 and at most %u, "
			"such as 0.5",
			info->what, arg, info->max);
	return 0;
}

/* Either what the word is and the valid ones, or what is wrong with the bound or the rule. */
static const struct rule_error_info {
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

static int args_rule(struct options *options, const struct option_info *info, const char *arg)
{
	struct invalid_rule invalid;
	struct rule rule;

	if (rule_parse(arg, &rule, &invalid) < 0) {
		const struct rule_error_info *error = &rule_errors[invalid.error];

		if (error->nth)
			return reject_word(options->err, error->what, invalid.word, invalid.len,
				arg, error->nth);
		if (invalid.error == RULE_NO_OPERATOR)
			return message_fail(
				options->err, -EINVAL, "invalid rule '%s': %s", arg, error->text);
		return message_fail(options->err, -EINVAL, "invalid bound '%.*s' in rule '%s': %s",
			(int)invalid.len, invalid.word, arg, error->text);
	}
	rule.severity = info->severity;
	options->rules = memory_resize(options->rules, options->nrules + 1, sizeof(rule));
	options->rules[options->nrules++] = rule;
	return 0;
}

/* Ways to show namespaces, which options with an output of their own, such as rules, exclude. */
#define VIEWS "list tree summary containers count raw output output-all "
#define SHAPES VIEWS "metrics monitor "

#define FIELD(member) offsetof(struct options, member)

/* Not clang-format, which would put the help of an option behind its other fields. */
/* clang-format off */
const struct option_info options_table[] = {
	{ .group = "Which view", .letter = 'l', .name = "list", .flag = FIELD(list),
		.excludes = "tree",
		.help = "flat list, one namespace per line" },
	{ .letter = 'T', .name = "tree", .arg = "TREE", .arg_optional = true, .parse = args_tree,
		.words = nth_tree, .what = "tree", .is_word = args_is_tree,
		.help = "tree by type, owner (default), parent or process" },
	{ .letter = 's', .name = "summary", .flag = FIELD(summary), .excludes = "tree " NAMESPACE,
		.help = "one line per type: counts, usage and limits" },
	{ .name = "by", .arg = "user", .parse = args_by, .flag = FIELD(by_user),
		.help = "with --summary: one line per type and user" },
	/* Containers have members, and no owner, parent or holders of their own. */
	{ .letter = 'C', .name = "containers", .flag = FIELD(containers),
		.excludes = "summary tree persistent kind",
		.help = "one line per container: processes that share all\n"
			"namespaces, and not all with the host" },
	{ .group = "Columns and format", .letter = 'J', .name = "json", .flag = FIELD(json),
		.excludes = "raw",
		.help = "print JSON" },
	{ .letter = 'r', .name = "raw", .flag = FIELD(raw), .excludes = "tree",
		.help = "print raw lines for scripts" },
	{ .letter = 'n', .name = "noheadings", .flag = FIELD(noheadings),
		.help = "don't print the column names" },
	{ .letter = 'u', .name = "notruncate", .flag = FIELD(notruncate),
		.help = "don't cut off text at the width of the terminal" },
	{ .letter = 'W', .name = "nowrap", .flag = FIELD(nowrap),
		.help = "print each row on one line" },
	{ .letter = 'o', .name = "output", .arg = "[+]LIST", .parse = args_text,
		.field = FIELD(output), .excludes = "output-all",
		.help = "columns to show; +LIST adds to the default ones" },
	{ .name = "output-all", .flag = FIELD(output_all),
		.help = "show all columns" },
	{ .name = "color", .arg = "WHEN", .arg_optional = true, .parse = args_color,
		.words = nth_color, .what = "color mode", .is_word = args_is_color,
		.help = "colors: auto, always or never" },
	{ .letter = 'H', .name = "list-columns", .action = options_print_columns,
		.help = "list the columns and exit" },
	{ .group = "What is shown", .letter = 't', .name = "type", .arg = "LIST",
		.parse = args_bits, .words = nth_type, .what = "type", .field = FIELD(types),
		.help = "only these types" },
	{ .letter = 'p', .name = "task", .arg = "LIST", .parse = args_process,
		.excludes = NAMESPACE,
		.help = "only namespaces that these processes are members of" },
	{ .name = "of", .arg = "NAME", .parse = args_of, .excludes = NAMESPACE,
		.help = "only namespaces of this container, pod, machine,\n"
			"unit or network namespace" },
	{ .name = "mounted", .arg = "WHAT", .parse = args_mounted,
		.excludes = "list tree summary containers type check warning critical metrics "
			"monitor scan " NAMESPACE,
		.help = "mount namespaces in which this is mounted: a path,\n"
			"a device or MAJ:MIN" },
	{ .letter = 'P', .name = "persistent", .flag = FIELD(persistent),
		.help = "only namespaces without a member process" },
	{ .name = "kind", .arg = "LIST", .parse = args_bits, .words = nth_kind, .what = "kind",
		.field = FIELD(kinds),
		.help = "only holders of these kinds, and what they hold" },
	{ .letter = 'Q', .name = "filter", .arg = "EXPR", .parse = args_filter,
		.help = "only rows where each EXPR is true, scols-filter(5)" },
	{ .group = "Scripts and monitoring", .letter = 'c', .name = "count", .flag = FIELD(count),
		.excludes = "quiet",
		.help = "print only how many namespaces match" },
	{ .letter = 'q', .name = "quiet", .flag = FIELD(quiet),
		.help = "print nothing; exit 0 if anything matches, else 1" },
	{ .name = "check", .arg = "RULE", .parse = args_rule,
		.excludes = SHAPES "warning critical " NAMESPACE,
		.help = "exit 1 and print why if RULE is broken, such as\n"
			"'net<=500', 'net<=80%', 'persistent<=0',\n"
			"'net.persistent<=0', 'any.mount<=3'" },
	{ .name = "warning", .arg = "RULE", .parse = args_rule, .severity = RULE_WARNING,
		.flag = FIELD(plugin), .excludes = SHAPES "json quiet " NAMESPACE,
		.help = "WARNING if RULE is broken, as a monitoring plugin" },
	{ .name = "critical", .arg = "RULE", .parse = args_rule, .severity = RULE_CRITICAL,
		.flag = FIELD(plugin), .excludes = SHAPES "json quiet " NAMESPACE,
		.help = "CRITICAL if RULE is broken, as a monitoring plugin" },
	/*
	 * Metrics of selected namespaces would have the same names as those of all namespaces. Only
	 * types may be selected: each type is a label, so fewer types are fewer samples.
	 */
	{ .name = "metrics", .arg = "FILE", .arg_optional = true, .parse = args_text,
		.what = "file", .field = FIELD(metrics_file), .flag = FIELD(metrics),
		.excludes = VIEWS NARROWING "json quiet scan " NAMESPACE,
		.help = "print counts and limits as metrics (OpenMetrics),\n"
			"or replace FILE with them" },
	/* Lines about changes have no columns, and no other format; metrics replace them. */
	{ .name = "monitor", .arg = "SECONDS", .arg_optional = true, .parse = args_seconds,
		.what = "interval", .max = MONITOR_MAX, .field = FIELD(monitor_ms),
		.is_word = args_is_seconds, .excludes = VIEWS "quiet",
		.help = "print changes, or replace FILE of --metrics;\n"
			"scan every SECONDS (default: 2)" },
	{ .group = "What is scanned", .name = "scan", .arg = "LIST", .parse = args_sources,
		.words = nth_source, .what = "source", .field = FIELD(sources),
		.help = "what to scan (default: everything): processes,\n"
			"threads, fds, sockets, mounts, kernel" },
	{ .name = "bpf", .flag = FIELD(bpf), .excludes = "procfs",
		.help = "read processes and descriptors by BPF programs,\n"
			"not in /proc; they show more holders" },
	{ .name = "procfs", .arg = "DIR", .parse = args_text, .what = "directory",
		.field = FIELD(procfs),
		.help = "read this procfs instead of /proc" },
	{ .name = "strict", .flag = FIELD(strict),
		.help = "exit 3 if the answer is incomplete" },
	{ .name = "no-warnings", .flag = FIELD(no_warnings),
		.help = "don't report what could not be read" },
	{ .name = "jobs", .arg = "N", .parse = args_jobs,
		.help = "number of threads to use (default: one per CPU)" },
	{ .name = "timeout", .arg = "SECONDS", .parse = args_seconds, .what = "timeout",
		.max = TIMEOUT_MAX, .field = FIELD(timeout_ms),
		.help = "how long one process may take to read (default: 2)" },
	{ .name = "complete", .arg = "WHAT", .parse = args_complete },
	{ .group = "Other", .letter = 'h', .name = "help", .action = options_print_help,
		.help = "print this help and exit" },
	{ .letter = 'V', .name = "version", .action = options_print_version,
		.help = "print the version, libraries and build, and exit" },
};
/* clang-format on */

const size_t options_count = sizeof(options_table) / sizeof(*options_table);
_Static_assert(sizeof(options_table) / sizeof(*options_table) <= OPTIONS_MAX, "OPTIONS_MAX");
