/* SPDX-License-Identifier: MIT */
/* The command line: options, the plan made of them, resolving operands, messages. */
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

/* The command line as data. These functions do not exit, and print only to the FILE given. */

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

/* Which names a shell completion offers. */
enum complete {
	COMPLETE_NONE,
	COMPLETE_NETNS, /* names of network namespaces */
	COMPLETE_OF,    /* all names that --of accepts */
};

/* The default of --procfs. */
#define PROCFS "/proc"

/* Upper bound of the number of options. */
#define OPTIONS_MAX 40

struct options {
	FILE *err; /* for messages */
	enum action action;
	bool list, summary, containers, json, raw;
	bool by_user; /* the summary has a row per user */
	bool noheadings, notruncate, nowrap, output_all;
	bool persistent, count, quiet, metrics, strict, no_warnings, bpf;
	enum tree tree;      /* TREE_NONE: not given */
	unsigned types;      /* bits 1 << enum nstype; 0: not given, all */
	unsigned kinds;      /* bits 1 << enum holder_kind; 0: not given, any */
	unsigned sources;    /* bits 1 << enum source */
	unsigned jobs;       /* threads to scan with; 0: not given */
	unsigned timeout_ms; /* milliseconds that reading one process may take */
	unsigned monitor_ms; /* milliseconds from one scan to the next; 0: scan once */
	enum color color;
	enum complete complete;
	const char *output; /* the LIST of --output, or NULL */
	char *filter;       /* the EXPR of all --filter, or NULL */
	const char *procfs;
	const char *metrics_file; /* the FILE of --metrics; NULL: standard output */
	pid_t *processes;         /* PIDs of each --task */
	size_t nprocesses;
	const char **of;     /* the NAME of each --of */
	const char *mounted; /* the argument of --mounted, or NULL */
	size_t nof;
	struct rule *rules; /* rules of each --check, --warning and --critical */
	size_t nrules;
	bool plugin;       /* --warning or --critical was given */
	char **namespaces; /* operands, pointing into argv */
	size_t nnamespaces;
	bool given[OPTIONS_MAX]; /* by row of options_table */
};

/*
 * One row per option, which the parser, --help and the checks of man page and completions read. A
 * row has a flag, an action or a function that parses its argument.
 */
struct option_info {
	const char *group; /* heading in --help of this option and those below; NULL: as above */
	char letter;       /* 0: none */
	const char *name;
	const char *arg; /* NULL: none */
	bool arg_optional;
	const char *help; /* NULL: undocumented, only for our own scripts */
	size_t flag;      /* offset of a bool in struct options, which is set; 0: none */
	enum action action;
	int (*parse)(struct options *options, const struct option_info *info, const char *arg);
	bool (*is_word)(const char *word); /* returns true if the next word is the argument */

	/* For the function that parses, if it serves several options. */
	size_t field;     /* offset in struct options */
	nth_word *words;  /* valid ones */
	const char *what; /* a word of these, or the text or number, in messages */
	unsigned max;     /* seconds */
	enum rule_severity severity;

	/*
	 * Names of options, separated by blanks, that can't be given together with this one, itself
	 * ignored; "NAMESPACE" are operands. A pair is listed at the one that messages name first.
	 */
	const char *excludes;
};

extern const struct option_info options_table[];
extern const size_t options_count; /* at most OPTIONS_MAX */

/*
 * Parses argv, which may be reordered. *ret_options points into argv. Returns 0, or -EINVAL after
 * one line on err.
 */
int options_parse(int argc, char **argv, FILE *err, struct options *ret_options);
void options_done(struct options *options);

/* Returns true if argv has an option of a monitoring plugin, also an invalid one. */
bool options_are_plugin(int argc, char **argv);

/*
 * For a program with privileges that its caller does not have (AT_SECURE, getauxval(3)): rejects
 * options by which the caller could read, find or write files. Returns 0, or -EPERM after a
 * message.
 */
int options_check_privileged(const struct options *options);

void options_print_help(FILE *out);

/* Prints the version, those of the libraries at run time and at build time, and the build. */
void options_print_version(FILE *out);

/* Prints the columns as text, or in the format of the options. */
void options_print_columns(const struct options *options, FILE *out);

/* The plan made of the options: the view, its format and columns, and the data to read for it. */

struct plan {
	enum column_view view;
	enum tree tree;                /* for list and holders; TREE_NONE: flat */
	const struct column *optional; /* hidden if it is empty in all rows; or NULL */
	unsigned needs;                /* of enum need */
	bool headers;                  /* print a header per namespace before its holders */
	bool labels;                   /* print words for a namespace without a process */
	bool whole;                    /* print ids in full length */
	bool short_overview;           /* one line for all types with one namespace only */
	struct render_options render;
};

/*
 * Makes the plan. terminal: standard output is a terminal. Returns 0, or -EINVAL after one line on
 * err.
 */
int plan_make(const struct options *options, bool terminal, FILE *err, struct plan *ret_plan);

/* Resolves words of the command line, which name a namespace or a process, to namespaces. */

struct operand {
	struct ns_ref ref;
	bool any_type;    /* the model knows the type */
	uint64_t id;      /* 64-bit id, if no namespace has the inode; 0: none */
	const char *name; /* a word that the model knows; or NULL */
	bool file_here;   /* not a path, but a file of this name exists here */
	int error;        /* if it could not be parsed, for the command line only */
};

/* Returns true if an operand is a path: it has a slash. */
bool operand_is_path(const char *text);

/*
 * Parses an inode, "type:[inode]", an id or ":ID", a path of a namespace file (no other file is
 * opened), or a name. ours: the procfs is of this system, and names of our own network namespaces
 * are resolved at once; other names only by the model. Returns 0 or -errno; -ENOTTY: the path is no
 * namespace file.
 */
int operand_parse(
	const struct kernel *kernel, const char *text, bool ours, struct operand *ret_operand);

/* Returns true if text is a number, ":ID" or "type:[inode]", for which operand_parse() opens no
 * file. */
bool operand_is_number(const char *text);

/*
 * Adds the namespaces that the model has for the operand to an empty list. names_mnt is
 * ns_names_mnt(), identities as for namespaces_find().
 */
void operand_find(const struct model *model, const struct operand *operand, uint32_t names_mnt,
	bool identities, struct ns_list *list);

/*
 * Reads the namespaces of process pid (or of a thread with that TID), at most NS_TYPE_COUNT.
 * Returns how many, or -errno; -ESRCH: no such process.
 */
int target_of_process(const struct procfs *procfs, pid_t pid, struct ns_ref *ret_refs);

/* The warning about what is missing from the output, and what would help. */

/* Appends the reasons why the answer is incomplete, and whether more privileges would help. */
void warn_add_reasons(const struct report *report, struct strbuf *out);

/*
 * Prints one line if the answer is incomplete and, if limitations is true, one per limitation of
 * this kernel.
 */
void warn_incomplete(const struct report *report, bool limitations, FILE *err);

#endif
