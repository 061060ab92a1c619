// SPDX-License-Identifier: MIT
/* The command line, by getopt_long(3) and the table of options. */
#include "nsls/cli/options.h"

#include "complain.h"

#include "nsls/base/text.h"
#include "nsls/model/report.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* getopt's value for the option of row i; no letter comes near it. */
#define LONG_BASE 1000

#define PROCFS "/proc"

#define HINT "try 'nsls --help'"

/* How long a task may take to answer, unless --patience says otherwise. */
#define PATIENCE_MS 2000

static void make_getopt_tables(char *letters, struct option *longs)
{
	*letters++ = ':'; /* tell a missing argument from an unknown option */
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

/* "-T type": getopt takes an optional argument only where it is attached. */
static const char *find_argument(const struct option_info *info, int argc, char **argv)
{
	if (optarg || !info->is_word || optind >= argc)
		return optarg;
	return info->is_word(argv[optind]) ? argv[optind++] : NULL;
}

/* Whether a long option may be cut to that, and to no whole name. */
static bool is_ambiguous(const char *word)
{
	size_t len = strcspn(word, "="), n = 0;

	for (size_t i = 0; i < options_count && len > 2; i++)
		n += !strncmp(options_table[i].name, word + 2, len - 2);
	return !strncmp(word, "--", 2) && n > 1;
}

/*
 * The unknown letter as the character that was typed, of which getopt_long(3) tells one byte. It
 * has gone on to the next word only where that byte was the last of its word.
 */
static const char *find_letter(char **argv, size_t *ret_len)
{
	const char byte = (char)optopt, *word = argv[optind - 1], *letter;
	unsigned code;

	if (word[0] != '-' || word[1] == '-' || word[strlen(word) - 1] != byte)
		word = argv[optind];
	letter = strchr(word, byte);
	*ret_len = text_decode_utf8(letter, strlen(letter), &code);
	*ret_len += !*ret_len; /* no character: the byte */
	return letter;
}

static void complain_unknown(FILE *err, char **argv)
{
	const char *word = argv[optind - 1];
	size_t len;

	if (optopt) {
		word = find_letter(argv, &len);
		complain(err, "unknown option '-%.*s'; %s", (int)len, word, HINT);
	} else {
		complain(err, "%s option '%s'; %s", is_ambiguous(word) ? "ambiguous" : "unknown",
			word, HINT);
	}
}

/* getopt_long(3) leaves a letter or the value of a long option in optopt, 0 if it knows neither. */
static int refuse_option(FILE *err, int value, char **argv)
{
	const struct option_info *info = optopt ? find_option(optopt) : NULL;

	if (!info)
		complain_unknown(err, argv);
	else if (value != ':')
		complain(err, "option '--%s' doesn't take an argument; %s", info->name, HINT);
	else if (optopt >= LONG_BASE)
		complain(err, "option '--%s' requires an argument; %s", info->name, HINT);
	else
		complain(err, "option '-%c' requires an argument; %s", info->letter, HINT);
	return -EINVAL;
}

static int take(struct options *options, int value, int argc, char **argv, FILE *err)
{
	const struct option_info *info = find_option(value);

	if (!info)
		return refuse_option(err, value, argv);
	if (info->parse)
		return info->parse(options, find_argument(info, argc, argv), err);
	if (info->flag)
		*options_flag(options, info->flag) = true;
	else
		options->action = info->action;
	return 0;
}

static int exclude(FILE *err, bool a, const char *name_a, bool b, const char *name_b)
{
	if (!a || !b)
		return 0;
	complain(err, "%s and %s are mutually exclusive", name_a, name_b);
	return -EINVAL;
}

/* Who has members has no need to be held by anything else, and no owner or parent. */
static int check_containers(const struct options *o, FILE *err)
{
	if (exclude(err, o->containers, "--containers", o->summary, "--summary") < 0 ||
		exclude(err, o->containers, "--containers", o->tree != TREE_NONE, "--tree") < 0 ||
		exclude(err, o->containers, "--containers", o->persistent, "--persistent") < 0)
		return -EINVAL;
	return exclude(err, o->containers, "--containers", o->kinds != 0, "--kind");
}

/* What an option can't be combined with. */
struct other {
	bool given;
	const char *name;
};

static int check_others(
	FILE *err, bool given, const char *name, const struct other *others, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (exclude(err, given, name, others[i].given, others[i].name) < 0)
			return -EINVAL;
	return 0;
}

/* Its lines are about changes: they have no columns, and no other shape. */
static int check_monitor(const struct options *o, FILE *err)
{
	const struct other others[] = {
		{ o->list, "--list" },
		{ o->tree != TREE_NONE, "--tree" },
		{ o->summary, "--summary" },
		{ o->containers, "--containers" },
		{ o->metrics, "--metrics" },
		{ o->raw, "--raw" },
		{ o->output != NULL, "--output" },
		{ o->output_all, "--output-all" },
		{ o->count, "--count" },
		{ o->quiet, "--quiet" },
	};

	return check_others(
		err, o->monitor_ms > 0, "--monitor", others, sizeof(others) / sizeof(*others));
}

/*
 * Metrics of a part would have the names of those of the whole, and nothing that tells them apart.
 * Types are different: each is a label, so fewer of them are fewer samples.
 */
static int check_metrics(const struct options *o, FILE *err)
{
	const struct other others[] = {
		{ o->list, "--list" },
		{ o->tree != TREE_NONE, "--tree" },
		{ o->summary, "--summary" },
		{ o->containers, "--containers" },
		{ o->json, "--json" },
		{ o->raw, "--raw" },
		{ o->output != NULL, "--output" },
		{ o->output_all, "--output-all" },
		{ o->count, "--count" },
		{ o->quiet, "--quiet" },
		{ o->ntasks > 0, "--task" },
		{ o->nof > 0, "--of" },
		{ o->persistent, "--persistent" },
		{ o->kinds != 0, "--kind" },
		{ o->filter != NULL, "--filter" },
		{ o->sources != SOURCES_ALL, "--scan" },
		{ o->nnamespaces > 0, "NAMESPACE" },
	};

	return check_others(err, o->metrics, "--metrics", others, sizeof(others) / sizeof(*others));
}

static int check(const struct options *o, FILE *err)
{
	bool tree = o->tree != TREE_NONE, operands = o->nnamespaces > 0;

	if (exclude(err, o->list, "--list", tree, "--tree") < 0 ||
		exclude(err, o->summary, "--summary", tree, "--tree") < 0 ||
		exclude(err, o->summary, "--summary", operands, "NAMESPACE") < 0 ||
		exclude(err, o->ntasks > 0, "--task", operands, "NAMESPACE") < 0 ||
		exclude(err, o->nof > 0, "--of", operands, "NAMESPACE") < 0 ||
		check_containers(o, err) < 0 || check_metrics(o, err) < 0 ||
		check_monitor(o, err) < 0 || exclude(err, o->json, "--json", o->raw, "--raw") < 0 ||
		exclude(err, o->raw, "--raw", tree, "--tree") < 0 ||
		exclude(err, o->output != NULL, "--output", o->output_all, "--output-all") < 0)
		return -EINVAL;
	return exclude(err, o->count, "--count", o->quiet, "--quiet");
}

static int parse(int argc, char **argv, FILE *err, struct options *options)
{
	struct option longs[OPTIONS_MAX + 1];
	char letters[3 * OPTIONS_MAX + 2];
	int value, r;

	make_getopt_tables(letters, longs);
	opterr = 0;
	optind = 0; /* glibc: start anew, also for a second call */
	while ((value = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		r = take(options, value, argc, argv, err);
		if (r < 0)
			return r;
	}
	options->namespaces = argv + optind;
	options->nnamespaces = (size_t)(argc - optind);
	return check(options, err);
}

int options_parse(int argc, char **argv, FILE *err, struct options *ret_options)
{
	struct options options = {
		.sources = SOURCES_ALL, .procfs = PROCFS, .patience_ms = PATIENCE_MS
	};
	int r = parse(argc, argv, err, &options);

	if (r < 0)
		options_done(&options);
	else
		*ret_options = options;
	return r;
}

void options_done(struct options *options)
{
	free(options->tasks);
	free(options->of);
	options->tasks = NULL;
	options->of = NULL;
	options->ntasks = options->nof = 0;
}

int options_check_privileged(const struct options *options, FILE *err)
{
	if (!strcmp(options->procfs, PROCFS))
		return 0;
	complain(err,
		"--procfs is refused: this program has privileges that you lack, and would read "
		"files for you");
	return -EPERM;
}
