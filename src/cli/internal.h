/* SPDX-License-Identifier: MIT */
/* The command line: options, the plan made of them, resolving words, one run, messages. */
#ifndef NSLS_CLI_INTERNAL_H
#define NSLS_CLI_INTERNAL_H

#include "nsls/bpf.h"
#include "nsls/kernel.h"
#include "nsls/timeout.h"
#include "nsls/procfs.h"
#include "nsls/scan.h"
#include "nsls/view.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Names of network namespaces, ip-netns(8). */
#define NETNS_DIR "/run/netns"

#define MESSAGE_PREFIX "nsls: "

/* Prints a line with prefix and message, escaped for the terminal. Returns error. */
int message_fail(FILE *err, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
#define message_print(err, ...) message_fail((err), 0, __VA_ARGS__)

/* Appends why the answer is incomplete, and whether more privileges would help. */
void warn_add_reasons(const struct report *report, struct strbuf *out);

/* Prints one line if the answer is incomplete and, if limitations, one per limitation. */
void warn_incomplete(const struct report *report, bool limitations, FILE *err);

/* The command line as data. */

enum color {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

#define PROCFS "/proc" /* the default of --procfs */
#define OPTIONS_MAX 40 /* upper bound of the number of options */

struct options {
	FILE *err; /* for messages */
	/* Prints something else than namespaces, such as the help; or NULL. */
	void (*action)(const struct options *options, FILE *out);
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
	bool complete;      /* print names for a shell: those of network namespaces */
	bool complete_of;   /* and all others that --of accepts */
	const char *output; /* the LIST of --output, or NULL */
	char *filter;       /* the EXPR of all --filter, or NULL */
	const char *procfs;
	const char *metrics_file; /* the FILE of --metrics; NULL: standard output */
	const char *mounted;      /* the argument of --mounted, or NULL */
	pid_t *processes;         /* PIDs of each --task */
	const char **of;          /* the NAME of each --of */
	struct rule *rules;       /* rules of each --check, --warning and --critical */
	char **namespaces;        /* operands, pointing into argv */
	size_t nprocesses, nof, nrules, nnamespaces;
	bool plugin;             /* --warning or --critical was given */
	bool given[OPTIONS_MAX]; /* by row of options_table */
};

/* A row has a flag, an action or a function that parses its argument. */
struct option_info {
	const char *group; /* heading in --help of this option and those below; NULL: as above */
	char letter;       /* 0: none */
	const char *name;
	const char *arg; /* NULL: none */
	bool arg_optional;
	const char *help; /* NULL: undocumented, only for our own scripts */
	size_t flag;      /* offset of a bool in struct options, which is set; 0: none */
	void (*action)(const struct options *options, FILE *out);
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

/* Among the names of options that exclude each other: operands, and what selects namespaces. */
#define NAMESPACE "NAMESPACE"
#define NARROWING "task of persistent kind filter "

/* Returns the type that a word of --type is: its name, or "mount" or "network"; or -1. */
int args_find_type(const char *word, size_t len);

/* Returns the word of a list "a,b,c" that follows the one at word, or NULL after the last. */
static inline const char *next_in_list(const char *word)
{
	word += strcspn(word, ",");
	return *word ? word + 1 : NULL;
}

/*
 * Parses argv, which may be reordered. *ret_options points into argv. Returns 0, or -EINVAL or
 * -EPERM after one line on err.
 */
int options_parse(int argc, char **argv, FILE *err, struct options *ret_options);
void options_done(struct options *options);

/* Returns true if argv has an option of a monitoring plugin, also an invalid one. */
bool options_are_plugin(int argc, char **argv);

/* Actions. */
void options_print_help(const struct options *options, FILE *out);
void options_print_version(const struct options *options, FILE *out);
void options_print_columns(const struct options *options, FILE *out);

/* Names of the views in messages, and of their arrays in JSON; the last row is empty. */
extern const struct view_name {
	unsigned views; /* of enum column_view */
	const char *name, *array;
} view_names[];

/* The view that the options ask for, its format and columns, and the data to read for it. */
struct plan {
	enum column_view view;
	unsigned views;                /* of enum column_view: columns of these are available */
	enum tree tree;                /* for list and holders; TREE_NONE: flat */
	const struct column *optional; /* hidden if it is empty in all rows; or NULL */
	unsigned needs;                /* of enum need */
	unsigned types;                /* that rules are about, 1 << enum nstype; 0: no rules */
	unsigned percent_types;        /* that rules with a percentage are about */
	bool headers;                  /* print a header per namespace before its holders */
	bool labels;                   /* print words for a namespace without a process */
	bool whole;                    /* print ids in full length */
	bool short_overview;           /* one line for all types with one namespace only */
	struct render_options render;
};

/* Returns 0, or -EINVAL after one line. terminal: standard output is a terminal. */
int plan_make(const struct options *options, bool terminal, struct plan *ret_plan);

struct operand {
	struct ns_ref ref;
	bool any_type;    /* the model knows the type */
	uint64_t id;      /* 64-bit id, if no namespace has the inode; 0: none */
	const char *name; /* a word that the model knows; or NULL */
	bool file_here;   /* not a path, but a file of this name exists here */
	int error;        /* of operand_parse(), for the command line only */
};

/*
 * Returns true if text is MAJ:MIN, as in mountinfo. Sets *ret_device to it without leading zeros,
 * which the caller frees, unless ret_device is NULL.
 */
bool mounted_parse_number(const char *text, char **ret_device);

/*
 * Parses an inode, "type:[inode]", an id or ":ID", the path of a namespace file, with a slash (no
 * other file is opened), or a name. ours: the procfs is of this system, and names of our own
 * network namespaces are resolved at once; other names only by the model. Returns 0 or -errno;
 * -ENOTTY: the path is no namespace file.
 */
int operand_parse(
	const struct kernel *kernel, const char *text, bool ours, struct operand *ret_operand);

/*
 * Adds the namespaces that the model has for the operand. *rows is empty before. names_mnt is
 * ns_names_mnt(), identities as for namespaces_find().
 */
void operand_find(const struct model *model, const struct operand *operand, uint32_t names_mnt,
	bool identities, struct rows *rows);

/*
 * Reads the namespaces of process pid (or of a thread with that TID), at most NS_TYPE_COUNT.
 * Returns how many, or -errno; -ESRCH: no such process.
 */
int target_of_process(const struct procfs *procfs, pid_t pid, struct ns_ref *ret_refs);

/* Everything that one run owns. Functions return 0, or -errno after an error message. */
struct session {
	const struct options *options;
	FILE *err; /* that of the options */
	struct plan plan;
	struct kernel_live kernel;
	struct bpf_live bpf;
	struct pool pool;
	struct procfs procfs;
	struct operand *operands; /* as many as the options have */
	struct u64map named;      /* ns_ref_key() of the namespaces of processes and operands */
	struct filter *filter;
	unsigned filter_needs;       /* bits of enum need */
	unsigned needs;              /* bits of enum need of filter, plan and operands */
	struct mount_filter mounted; /* of --mounted */
	struct scan_options scan;
	struct query query; /* for the options and the words on the command line */

	/* of one scan */
	struct model model;
	uint64_t scan_us; /* duration of the scan in microseconds */
	struct report report;
	uint32_t names_mnt;   /* the mount namespace of names; 0: unknown */
	struct u64map only;   /* those in named and of workloads, for the query */
	struct u64map chosen; /* PIDs of the processes that a group has to have one of */
	struct groups groups;
	struct usages usages; /* if needed; rows of types point to them */
	struct rows rows;
	struct view view;
};

/*
 * Makes the plan, opens the procfs and parses the words on the command line. The session points to
 * itself, so it must not be moved. session_done() has to follow an error, too.
 */
int session_init(struct session *session, const struct options *options, bool terminal);
void session_done(struct session *session);

/* Scans the system: fills the model and the report. Drops the results of an earlier scan. */
int session_scan(struct session *session);

/* Resolves the words on the command line, and fills the rows in the order of the model. */
int session_rows(struct session *session);

/*
 * Resolves operands and workloads (--of) to namespaces. Operands are parsed before the scan, so
 * that a wrong one costs nothing, and while there are no threads; and found in the model after each
 * scan. The name of an operand may stand for several, of which those of other types than --type are
 * left out. That of a workload has to match one, except with --monitor: the workload may start
 * later.
 */
int resolve_parse(struct session *session);
int resolve_find(struct session *session);

/* Reads what a view needs (enum need) of the rows; NULL: of all processes. */
int session_enrich(struct session *session, unsigned needs, struct rows *rows);

/* Counts what each user is charged with. Needs a scan with relations. */
int session_usages(struct session *session, unsigned types);

/* Returns what to append to a message that something does not exist, or was not found. */
const char *session_caveat(const struct session *session, bool found);

/* Prints an error that no argument has caused, such as too few descriptors; returns error. */
int session_fail(const struct session *session, int error);

/* Without --warning and --critical, the exit statuses. */
enum status {
	STATUS_DONE = 0,
	STATUS_NO = 1,
	STATUS_ERROR = 2,
	STATUS_INCOMPLETE = 3,
	STATUS_PLUGIN, /* plus enum plugin_state */
};

/*
 * Does what the command line says. Prints output to out, which the caller checks for errors, and
 * messages to err. plugin: of options_are_plugin(). terminal: out is a terminal. Returns the exit
 * status. *ret_busy: abandoned threads may still use what was opened, so the process has to end by
 * _exit(2).
 */
int run(int argc, char **argv, bool plugin, bool terminal, FILE *out, FILE *err, bool *ret_busy);

/* Prints metrics, or replaces their file. Returns like session_scan(). */
int run_metrics(struct session *session, FILE *out);

/* State of --monitor. Starts as zero but for the session, which has no scan yet. */
struct monitor {
	struct session *session;
	bool scanned;         /* at least once */
	struct snapshot last; /* of the last scan */
	struct strbuf lines;  /* not written yet */
	int fd;               /* standard output, or -1 if nothing is printed there */
	sigset_t waiting;     /* signals that are blocked while it waits for time or room */
	unsigned reported;    /* kinds of missing things with a warning (report_reason_mask()) */
	bool incomplete;      /* some scan was */
};

void monitor_done(struct monitor *monitor);

/* Scans once. Returns like session_scan(). */
int monitor_scan(struct monitor *monitor);

/*
 * Scans and writes the changes or metrics of each scan at once, until SIGINT or SIGTERM, or until
 * the reader of out closes it.
 */
enum status monitor_run(struct session *session, FILE *out);

/*
 * Gives the file this text and mode 0644. Readers see the old file or the new one, never a part of
 * one. Both file and directory are on disk when the call returns. On an error, the old file is
 * kept. Returns 0, or -errno after an error message.
 *
 * The directory may belong to a user with bad intentions, who can delete, rename or replace what is
 * in it at any time. So no existing file is opened: the text goes to a new file, which is then
 * renamed. A symbolic link is replaced, not followed. FIFOs, devices, sockets and directories are
 * refused. Links in the path of the directory are followed if root or our effective user owns them:
 * a link of another user could lead to any directory.
 */
int replace_file(const char *path, const char *text, size_t len, FILE *err);

#endif
