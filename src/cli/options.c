// SPDX-License-Identifier: MIT
/* Parses the command line, by getopt_long(3) and the table of options in arguments.c. */
#include "internal.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/auxv.h>

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; at && (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

/* Returns the row of the first given option that is one of the words, or NULL. */
static const struct option_info *find_given(
	const struct options *o, const char *words, const struct option_info *except)
{
	for (size_t i = 0; i < options_count; i++)
		if (o->given[i] && &options_table[i] != except &&
			has_word(words, options_table[i].name))
			return &options_table[i];
	return NULL;
}

static int options_check(const struct options *o)
{
	const struct option_info *narrowing = find_given(o, NARROWING, NULL);

	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *info = &options_table[i];
		const struct option_info *other = find_given(o, info->excludes, info);
		bool operands = o->nnamespaces && has_word(info->excludes, NAMESPACE);

		if (o->given[i] && (other || operands))
			return message_fail(o->err, -EINVAL, "--%s and %s%s are mutually exclusive",
				info->name, other ? "--" : "", other ? other->name : NAMESPACE);
	}
	if (o->by_user && !o->summary)
		return message_fail(o->err, -EINVAL, "--by requires --summary");
	if (o->monitor_ms && o->metrics && !o->metrics_file)
		return message_fail(
			o->err, -EINVAL, "--monitor and --metrics require a file: --metrics=FILE");
	/* Rules that would hold because --type or another option leaves out what they count. */
	for (size_t i = 0; i < o->nrules; i++) {
		const struct rule *rule = &o->rules[i];

		if (rule->scope == RULE_OF_TYPE && o->types && !(o->types & 1u << rule->type))
			return message_fail(o->err, -EINVAL,
				"rule '%s' is about a type that --type leaves out", rule->text);
		if (rule->percent && narrowing)
			return message_fail(o->err, -EINVAL,
				"rule '%s' and --%s are mutually exclusive: a limit applies to all "
				"namespaces of a user",
				rule->text, narrowing->name);
	}
	return 0;
}

/* The value of getopt_long(3) for row i is LONG_BASE + i, which is greater than any letter. */
#define LONG_BASE 1000

/*
 * That of a word which is no option. The words are not reordered: when getopt_long(3) does that
 * differs between C libraries, and the word after "-T" must be the next one.
 */
#define OPERAND 1

#define HINT "; try 'nsls --help'"

/* Default of --timeout. */
#define TIMEOUT_MS 2000

static void start_getopt(char *letters, struct option *longs)
{
	opterr = 0;
	optind = 0;       /* glibc: reset for a second call */
	*letters++ = '-'; /* return OPERAND for a word that is no option */
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

/*
 * word: the one that the option is in. getopt_long(3) leaves a letter or the value of a long option
 * in optopt, 0 if it knows neither.
 */
static int option_error(const struct options *options, int value, const char *word)
{
	const struct option_info *info = optopt ? find_option(optopt) : NULL;
	size_t len = strcspn(word, "="), matches = 0;
	unsigned code;

	if (info && value != ':')
		return message_fail(options->err, -EINVAL,
			"option '--%s' doesn't take an argument" HINT, info->name);
	if (info && optopt >= LONG_BASE)
		return message_fail(options->err, -EINVAL,
			"option '--%s' requires an argument" HINT, info->name);
	if (info)
		return message_fail(options->err, -EINVAL, "option '-%c' requires an argument" HINT,
			info->letter);
	if (optopt) {
		for (word++; find_option(*word);)
			word++;
		len = text_decode_utf8(word, strlen(word), &code);
		return message_fail(options->err, -EINVAL, "unknown option '-%.*s'" HINT,
			len ? (int)len : 1, word);
	}
	for (size_t i = 0; i < options_count && len > 2 && !strncmp(word, "--", 2); i++)
		matches += !strncmp(options_table[i].name, word + 2, len - 2);
	return message_fail(options->err, -EINVAL, "%s option '%s'" HINT,
		matches > 1 ? "ambiguous" : "unknown", word);
}

bool options_are_plugin(int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 1];
	char letters[3 * OPTIONS_MAX + 3];
	bool plugin = false;
	int value;

	start_getopt(letters, longs);
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const struct option_info *info = find_option(value == ':' ? optopt : value);

		plugin |= info && info->flag == offsetof(struct options, plugin);
	}
	return plugin;
}

/*
 * Rejects options by which the caller of a program with more privileges could read, find or write
 * files.
 */
static int options_check_privileged(const struct options *options)
{
	const char *rejected = strcmp(options->procfs, PROCFS) != 0 ? "--procfs"
			       : options->metrics_file              ? "--metrics=FILE"
								    : NULL;

	/* An error message would reveal files in directories that the caller can't search. */
	for (size_t i = 0; !rejected && i < options->nnamespaces; i++)
		if (strchr(options->namespaces[i], '/'))
			rejected = "a path";
	if (options->mounted && !mounted_parse_number(options->mounted, NULL))
		rejected = "a path";
	if (!rejected)
		return 0;
	return message_fail(options->err, -EPERM,
		"%s is not permitted: this program has more privileges than its caller, and would "
		"use them to access files",
		rejected);
}

int options_parse(int argc, char **argv, FILE *err, struct options *ret_options)
{
	struct options options = { .err = err,
		.sources = SOURCES_ALL,
		.procfs = PROCFS,
		.timeout_ms = TIMEOUT_MS,
		.namespaces = argv + 1 };
	struct option longs[OPTIONS_MAX + 1];
	char letters[3 * OPTIONS_MAX + 3];
	int r = 0;

	start_getopt(letters, longs);
	while (r == 0) {
		const char *word = argv[optind ? optind : 1];
		int value = getopt_long(argc, argv, letters, longs, NULL);
		const struct option_info *info = find_option(value);

		if (value == -1)
			break;
		if (value == OPERAND) {
			options.namespaces[options.nnamespaces++] = optarg;
			continue;
		}
		if (!info) {
			r = option_error(&options, value, word);
			break;
		}
		options.given[info - options_table] = true;
		if (info->flag)
			*(bool *)((char *)&options + info->flag) = true;
		if (info->action)
			options.action = info->action;
		/* Accepts "-T type": getopt_long(3) takes only an attached optional argument. */
		if (!optarg && info->is_word && optind < argc && info->is_word(argv[optind]))
			optarg = argv[optind++];
		r = info->parse ? info->parse(&options, info, optarg) : 0;
	}
	while (r == 0 && optind < argc) /* after "--" */
		options.namespaces[options.nnamespaces++] = argv[optind++];
	if (r == 0)
		r = options_check(&options);
	if (r == 0 && getauxval(AT_SECURE))
		r = options_check_privileged(&options);
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
	free(options->filter);
	*options = (struct options){ 0 };
}
