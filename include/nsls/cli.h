/* SPDX-License-Identifier: MIT */
/* The command line: options, the plan that they make, operands, messages. */
#ifndef NSLS_CLI_H
#define NSLS_CLI_H

#include "nsls/kernel.h"
#include "nsls/model.h"
#include "nsls/procfs.h"
#include "nsls/query.h"
#include "nsls/report.h"
#include "nsls/rule.h"
#include "nsls/view.h"

#include <stdio.h>

/* The command line as plain data. Nothing here exits or prints but to the FILE it is given. */

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
	pid_t *processes;         /* of each --task */
	size_t nprocesses;
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

/*
 * What the options come to: which view, in which shape, with which columns, and so what has to be
 * read for it.
 */

struct plan {
	enum column_view view;
	enum tree tree; /* of list and holders; TREE_NONE: flat */
	const struct column *columns[COLUMNS_MAX];
	size_t ncolumns;
	const struct column *optional; /* not shown where it is empty in all rows; or NULL */
	unsigned needs;                /* of enum need */
	bool headers; /* a few lines about each namespace in front of its holders */
	bool labels;  /* words where a namespace has no process */
	bool whole;   /* ids in full length */
	struct render_options render;
};

/*
 * Returns 0, or -EINVAL after one line on err. The plan refers to itself: it is filled where it
 * stays. terminal says whether standard output is one.
 */
int plan_make(const struct options *options, bool terminal, FILE *err, struct plan *ret_plan);

/* What a person names on the command line, a namespace or a process, as namespaces. */

struct target {
	struct ns_ref ref;
	bool any_type;    /* only an inode number was given: the model knows its type */
	const char *name; /* of a network namespace, which the model knows; or NULL */
	bool file_here;   /* it is no path, but would be the name of a file here */
};

/* Whether an operand is a path: it has a slash. */
bool target_is_path(const char *text);

#define TARGET_NO_NAME 1 /* a name that no network namespace has */

/*
 * An inode number, "type:[inode]", a path that leads to a namespace file, which is looked at
 * without opening anything else, or the name of a network namespace. A name is looked up below
 * /run/netns at once where ours says that the procfs is of our own world: a path of ours would mean
 * something else in another. Returns 0, TARGET_NO_NAME or -errno; -ENOTTY: the path is no namespace
 * file.
 */
int target_parse(
	const struct kernel *kernel, const char *text, bool ours, struct target *ret_target);

/* Whether a word is a number or "type:[inode]", so that target_parse() looks up no file. */
bool target_is_number(const char *text);

/*
 * The namespace in the model; names_mnt as ns_names_mnt() tells it. Returns 0, or -ENOENT: there
 * is none.
 */
int target_find(const struct model *model, const struct target *target, uint32_t names_mnt,
	struct ns_ref *ret_ref);

/*
 * The namespaces that process pid (or a thread of that id) is in, at most NS_TYPE_COUNT. Returns
 * how many, or -errno; -ESRCH: no such process.
 */
int target_of_process(const struct procfs *procfs, pid_t pid, struct ns_ref *ret_refs);

/* The line on standard error about what is missing from the output, and what would help. */

/* Appends what keeps the answer from being complete, and whether more privilege would help. */
void warn_add_reasons(const struct report *report, struct strbuf *out);

/* Prints one line if the answer is incomplete; with gaps one more for each thing that this kernel
 * can't tell. */
void warn_incomplete(const struct report *report, bool limitations, FILE *err);

#endif
