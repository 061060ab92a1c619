/* SPDX-License-Identifier: MIT */
/* What the files of layer cli share. */
#ifndef NSLS_CLI_INTERNAL_H
#define NSLS_CLI_INTERNAL_H

#include "nsls/base.h"
#include "nsls/bpf.h"
#include "nsls/diff.h"
#include "nsls/cli.h"
#include "nsls/model.h"
#include "nsls/pool.h"
#include "nsls/query.h"
#include "nsls/report.h"
#include "nsls/view.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Names of network namespaces, ip-netns(8). */
#define NETNS_DIR "/run/netns"

/*
 * Messages to the user, one line each: the word that is wrong, and the words that would be right.
 * Text is escaped, so that no byte of the command line reaches the terminal as it is.
 */

#define MESSAGE_PREFIX "nsls: "

/* Prints "nsls: ", the message and a newline. */
void message_print(FILE *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints an error message, and returns error. */
int message_fail(FILE *err, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Returns the word of a list "a,b,c" that follows the one at word, or NULL after the last. */
static inline const char *next_in_list(const char *word)
{
	word += strcspn(word, ",");
	return *word ? word + 1 : NULL;
}

/* Names of the views in messages, and of their arrays in JSON; the last row is empty. */
extern const struct view_name {
	unsigned views; /* of enum column_view */
	const char *name, *array;
} view_names[];

/* One run, from options to output. */

enum status {
	STATUS_DONE = 0,
	STATUS_NO = 1,
	STATUS_ERROR = 2,
	STATUS_INCOMPLETE = 3,
	STATUS_PLUGIN, /* plus enum plugin_state */
};

/*
 * Prints output to out, and messages to err. The caller checks out for errors. terminal: out is a
 * terminal. *ret_busy: abandoned threads may still use what was opened, so the process has to end
 * by _exit(2).
 */
enum status run(const struct options *options, bool terminal, FILE *out, FILE *err, bool *ret_busy);

/* Returns the exit status, which is another one for a monitoring plugin. */
int run_exit_status(bool plugin, enum status status);

/* The operands, among the names of options that exclude each other. */
#define NAMESPACE "NAMESPACE"

/* Options that select namespaces. */
#define NARROWING "task of persistent kind filter "

/* Returns the type that a word of --type is: its name, or "mount" or "network"; or -1. */
int args_find_type(const char *word, size_t len);

/*
 * Resolves the words on the command line to namespaces: operands, processes (--task) and workloads
 * (--of). Operands are parsed before the scan, so that a wrong one costs nothing, and found in the
 * model after it. Functions return 0, or -errno after an error message.
 */

struct session;

struct ns_refs {
	struct ns_ref *at;
	size_t n, size;
};

struct resolver {
	struct operand *operands; /* one per operand */
	bool found;               /* the namespaces of operands; later scans keep them */
	struct ns_refs named;     /* namespaces of processes and operands */
	struct ns_refs refs;      /* these and those of workloads, sorted for a query */
	struct u64map chosen;     /* PIDs of the processes that a group has to have one of */
};

void resolver_done(struct resolver *resolver);

/* Parses the operands. Must be called before there are threads. */
int resolver_parse(struct session *session);

/* Returns the types that operands may have: bits 1 << enum nstype. */
unsigned resolver_types(const struct session *session);

/* Adds the namespaces that the processes of --task are members of. */
int resolver_find_processes(struct session *session);

/* Returns whether some operand could be the 64-bit id of a namespace. */
bool resolver_needs_ids(const struct session *session);

/*
 * Finds all namespaces, and chooses processes, after each scan. The name of an operand may stand
 * for several namespaces, of which those of other types than --type are left out. That of a
 * workload has to match one. With --monitor it may match any number, because workloads may start
 * later.
 */
int resolver_find(struct session *session);

/* For the functions that resolve. */

static inline void ns_refs_add(struct ns_refs *refs, struct ns_ref ref)
{
	*array_push(refs->at, refs->n, refs->size) = ref;
}

/* The argument of --mounted. */

/*
 * Returns true if text is MAJ:MIN, as in mountinfo. Sets *ret_device to it without leading zeros,
 * which the caller frees, unless ret_device is NULL.
 */
bool mounted_parse_number(const char *text, char **ret_device);

/* Finds out what to look for. Must be called before there are threads. */
int mounted_resolve(struct session *session);

/* It is an error if no mount was found, unless --count or --quiet report that. */
int mounted_check(const struct session *session);

/*
 * A session: everything that one run owns, from the command line to rows. Prints only messages.
 * Functions return 0, or -errno after an error message.
 */

struct session {
	const struct options *options;
	FILE *err;
	struct plan plan;
	struct kernel_live kernel;
	struct bpf_live bpf;
	struct pool pool;
	struct procfs procfs;
	struct resolver resolver;
	struct filter *filter;
	struct mount_filter mounted; /* of --mounted */

	/* of one scan */
	struct model model;
	uint64_t scan_us; /* duration of the scan in microseconds */
	struct report report;
	struct groups groups;
	struct usages usages; /* if needed; rows of types point to them */
	struct rows rows;
	struct view view;
};

/* It points to itself, so it must not be moved. */
void session_init(struct session *session, const struct options *options, FILE *err);
void session_done(struct session *session);

/* Makes the plan, opens the procfs and parses the words on the command line. */
int session_prepare(struct session *session, bool terminal);

/*
 * Drops the results of a scan before the next one. Abandoned threads use only memory of their own
 * and what stays open for the whole run.
 */
void session_reset(struct session *session);

/* Scans the system: fills the model and the report. */
int session_scan(struct session *session);

/* Identifies all processes, and reads the names of their containers. */
int session_read_identities(struct session *session);

/* Resolves the words on the command line, and fills the rows in the order of the model. */
int session_rows(struct session *session);

/* Reads what a view needs of the rows (enum need). Prints no message: see session_fail(). */
int session_enrich(struct session *session, unsigned needs, struct rows *rows);

/*
 * Counts the namespaces of these types that each user is charged with. Needs a scan with relations.
 * Prints no message.
 */
int session_usages(struct session *session, unsigned types);

/* Returns the query for the options and the namespaces on the command line. */
struct query session_query(const struct session *session);

/* Prints an error that no argument has caused, such as too few descriptors; returns error. */
int session_fail(const struct session *session, int error);

/* Output of --check, --warning and --critical. */

/* Checks the rules and prints the result. Returns 0, or -errno after an error message. */
int check_run(struct session *session, FILE *out, enum status *ret_status);

/* Prints "NSLS UNKNOWN - " and the messages as one line, as a monitoring plugin that failed. */
void plugin_print_error(const char *messages, FILE *out);

/* Prints metrics, or replaces their file. Returns 0, or -errno after an error message. */
int run_metrics(struct session *session, FILE *out);

/* --monitor: scans repeatedly, and prints what has changed, or replaces the file of metrics. */

struct monitor {
	struct session *session;
	size_t scans;
	struct snapshot last; /* of the last scan */
	struct strbuf lines;  /* not written yet */
	unsigned reported;    /* kinds of missing things with a warning (report_reason_mask()) */
	bool incomplete;      /* some scan was */
};

/* The session is prepared, and has no scan yet. */
void monitor_init(struct monitor *monitor, struct session *session);
void monitor_done(struct monitor *monitor);

/* Scans once. Returns 0, or -errno after an error message. */
int monitor_scan(struct monitor *monitor);

/*
 * Scans and writes the changes or metrics of each scan at once, until SIGINT or SIGTERM, or until
 * the reader of out closes it. Returns 0, or -errno after an error message.
 */
int monitor_run(struct monitor *monitor, FILE *out);

/*
 * Replaces a file as a whole, in a directory that may belong to a user with bad intentions. That
 * user can delete, rename or replace what is in the directory at any time. So no existing file is
 * opened: the text goes to a new file in the directory, which is then renamed.
 */

/*
 * Gives the file this text and mode 0644. Readers see the old file or the new one, never a part of
 * one. Both file and directory are on disk when the call returns. On an error, the old file is
 * kept.
 *
 * A symbolic link is replaced, not followed. FIFOs, devices, sockets and directories are refused.
 * Links in the path of the directory are followed if root or our effective user owns them: a link
 * of another user could lead to any directory.
 *
 * Returns 0, or -errno after an error message.
 */
int replace_file(const char *path, const char *text, size_t len, FILE *err);

#endif
