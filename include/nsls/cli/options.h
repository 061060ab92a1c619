/* SPDX-License-Identifier: MIT */
/* The command line as plain data. Nothing here exits or prints but to the FILE it is given. */
#ifndef NSLS_CLI_OPTIONS_H
#define NSLS_CLI_OPTIONS_H

#include "nsls/select/query.h"
#include "nsls/select/rule.h"
#include "nsls/select/tree.h"

#include <stdio.h>

enum action {
	ACTION_SHOW,
	ACTION_HELP,
	ACTION_VERSION,
	ACTION_COLUMNS,
};

enum color {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* Which names a completion offers. */
enum complete {
	COMPLETE_NONE,
	COMPLETE_NETNS, /* of network namespaces */
	COMPLETE_OF,    /* all that --of takes */
};

/* Unless --procfs names another. */
#define PROCFS "/proc"

struct options {
	enum action action;
	bool list, summary, containers, json, raw;
	bool by_user; /* a row of the summary per user */
	bool noheadings, notruncate, nowrap, output_all;
	bool persistent, count, quiet, metrics, strict, no_warnings;
	enum tree tree;      /* TREE_NONE: not given */
	unsigned types;      /* bits 1 << enum nstype; 0: not given, all */
	unsigned kinds;      /* bits 1 << enum holder_kind; 0: not given, any */
	unsigned sources;    /* bits 1 << enum source */
	unsigned jobs;       /* threads to scan with; 0: not given */
	unsigned timeout_ms; /* milliseconds that one process may take to read */
	unsigned monitor_ms; /* from one scan to the next; 0: scan once */
	enum color color;
	enum complete complete;
	const char *output; /* the LIST of --output, or NULL */
	const char *filter;
	const char *procfs;
	const char *metrics_file; /* the FILE of --metrics; NULL: standard output */
	pid_t *tasks;             /* of each --task */
	size_t ntasks;
	const char **of; /* the NAME of each --of */
	size_t nof;
	struct rule *rules; /* of each --check, --warning and --critical */
	size_t nrules;
	bool plugin;       /* --warning or --critical was given */
	char **namespaces; /* operands, in argv */
	size_t nnamespaces;
};

/* The options that only switch something on. */
enum option_flag {
	FLAG_NONE,
	FLAG_LIST,
	FLAG_SUMMARY,
	FLAG_CONTAINERS,
	FLAG_JSON,
	FLAG_RAW,
	FLAG_NOHEADINGS,
	FLAG_NOTRUNCATE,
	FLAG_NOWRAP,
	FLAG_OUTPUT_ALL,
	FLAG_PERSISTENT,
	FLAG_COUNT,
	FLAG_QUIET,
	FLAG_STRICT,
	FLAG_NO_WARNINGS,
};

/*
 * One row per option: the parser, --help and the checks of man page and completions read it. A row
 * has a flag, an action or a function that takes its argument.
 */
struct option_info {
	char letter; /* 0: none */
	const char *name;
	const char *arg; /* NULL: takes none */
	bool arg_optional;
	const char *help; /* NULL: for our own scripts, documented nowhere */
	enum option_flag flag;
	enum action action;
	int (*parse)(struct options *options, const char *arg, FILE *err);
	bool (*is_word)(const char *word); /* whether a word that follows is the argument */
	bool plugin;                       /* prints as a monitoring plugin */
};

extern const struct option_info options_table[];
extern const size_t options_count; /* at most OPTIONS_MAX */
#define OPTIONS_MAX 40

/* The field of a flag; NULL for FLAG_NONE. */
bool *options_flag(struct options *options, enum option_flag flag);

/*
 * Parses argv, which it may reorder and to which *ret_options points. Returns 0, or -EINVAL after
 * one line on err.
 */
int options_parse(int argc, char **argv, FILE *err, struct options *ret_options);
void options_done(struct options *options);

/* Whether argv has an option of a monitoring plugin, even if it is invalid. */
bool options_are_plugin(int argc, char **argv);

/*
 * For a program with privileges that its caller lacks (AT_SECURE, getauxval(3)): refuses what would
 * let the caller read, find or write files through it. Returns 0, or -EPERM after one line on err.
 */
int options_check_privileged(const struct options *options, FILE *err);

void options_print_help(FILE *out);

/* As text for people, or in the format that the options ask for. */
void options_print_columns(const struct options *options, FILE *out);

#endif
