// SPDX-License-Identifier: MIT
/* The command line, by getopt_long(3) and the table of options. */
#include "nsls/cli/options.h"

#include "complain.h"
#include "exclude.h"

#include "nsls/base/text.h"
#include "nsls/cli/target.h"
#include "nsls/model/report.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* getopt's value for the option of row i; no letter comes near it. */
#define LONG_BASE 1000

#define HINT "try 'nsls --help'"

/* How long one process may take to read, unless --timeout says otherwise. */
#define TIMEOUT_MS 2000

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
	return exclude_check(options, err);
}

bool options_are_plugin(int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 1];
	char letters[3 * OPTIONS_MAX + 3] = "-"; /* in order: a word belongs to what it is behind */
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
	free(options->rules);
	options->tasks = NULL;
	options->of = NULL;
	options->rules = NULL;
	options->ntasks = options->nof = options->nrules = 0;
}

int options_check_privileged(const struct options *options, FILE *err)
{
	const char *refused = strcmp(options->procfs, PROCFS) != 0 ? "--procfs"
			      : options->metrics_file              ? "--metrics=FILE"
								   : NULL;

	/* An error message would say whether a file exists where the caller can't look. */
	for (size_t i = 0; !refused && i < options->nnamespaces; i++)
		if (target_is_path(options->namespaces[i]))
			refused = "a path";
	if (!refused)
		return 0;
	complain(err,
		"%s is not permitted: this program has more privileges than its caller, and would "
		"use them to access files",
		refused);
	return -EPERM;
}
