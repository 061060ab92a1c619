/* SPDX-License-Identifier: MIT */
/* What the files of the layer cli share. */
#ifndef NSLS_CLI_INTERNAL_H
#define NSLS_CLI_INTERNAL_H

#include "nsls/base.h"
#include "nsls/diff.h"
#include "nsls/cli.h"
#include "nsls/model.h"
#include "nsls/pool.h"
#include "nsls/query.h"
#include "nsls/report.h"
#include "nsls/view.h"

#include <stdbool.h>
#include <stdio.h>

struct operands;

/*
 * What a person is told when something is wrong: one line that names it and says what would be
 * right. It quotes what was given, so no byte of it reaches the terminal unescaped.
 */

/* What every line begins with. */
#define MESSAGE_PREFIX "nsls: "

/* Prints "nsls: ", the message and a newline. */
void message_print(FILE *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The i-th of the words that would be right, NULL after the last. */
typedef const char *nth_word(size_t i);

/*
 * "nsls: unknown type 'foo'; the types are cgroup, ipc …", where what is "type"; with "in rule
 * 'foo<=3'" in the middle, unless rule is NULL.
 */
void message_print_choice(
	FILE *err, const char *what, const char *word, size_t len, const char *rule, nth_word *nth);

/* Standard input, output and error of this process. */

/* Makes sure that all three are open. Returns false where there is nobody to answer. */
bool standard_open(void);

/* Closes standard output. Returns false, after a line if anybody is to know, where something that
 * was printed could not be written. */
bool standard_written(void);

/* One answer, from options to output: the phases in order. */

enum status {
	STATUS_DONE = 0,
	STATUS_NO = 1,
	STATUS_ERROR = 2,
	STATUS_INCOMPLETE = 3,
	STATUS_WARNING, /* these two: of a monitoring plugin */
	STATUS_CRITICAL,
};

/* Writes the answer to out and at most a few lines to err; whether out could be written is the
 * caller's to check. terminal says whether out is one. With *ret_busy, abandoned
 * threads may still use what was opened: then the process has to end by _exit(2). */
enum status run(const struct options *options, bool terminal, FILE *out, FILE *err, bool *ret_busy);

/* The exit status: that of a monitoring plugin means something else. */
int run_exit_status(bool plugin, enum status status);

/*
 * What the arguments of options may be. Each function puts one into *options and returns 0, or
 * -EINVAL after a line on err that names it and says what would be right. arg is NULL only where
 * it may be left out.
 */

int args_types(struct options *options, const char *arg, FILE *err);
int args_kinds(struct options *options, const char *arg, FILE *err);
int args_sources(struct options *options, const char *arg, FILE *err);
int args_process(struct options *options, const char *arg, FILE *err);
int args_of(struct options *options, const char *arg, FILE *err);
int args_tree(struct options *options, const char *arg, FILE *err);
int args_by(struct options *options, const char *arg, FILE *err);
int args_color(struct options *options, const char *arg, FILE *err);
int args_output(struct options *options, const char *arg, FILE *err);
int args_filter(struct options *options, const char *arg, FILE *err);
int args_check(struct options *options, const char *arg, FILE *err);
int args_warning(struct options *options, const char *arg, FILE *err);
int args_critical(struct options *options, const char *arg, FILE *err);
int args_complete(struct options *options, const char *arg, FILE *err);
int args_procfs(struct options *options, const char *arg, FILE *err);
int args_jobs(struct options *options, const char *arg, FILE *err);
int args_metrics(struct options *options, const char *arg, FILE *err);
int args_monitor(struct options *options, const char *arg, FILE *err);
int args_timeout(struct options *options, const char *arg, FILE *err);

/* Whether a word that follows the option is meant as its argument, which may be left out. */
bool args_is_tree(const char *word);
bool args_is_color(const char *word);

/* Which options make no sense together. */

/* Returns 0, or -EINVAL after a line on err that names two that exclude each other. */
int exclude_check(const struct options *options, FILE *err);

/*
 * The names that a shell's completion offers, one per line: what the option --complete prints. It
 * is for the completions alone, so neither --help nor the manual page has it.
 */

/*
 * Prints the names of network namespaces and, with COMPLETE_OF, those of all else that --of takes;
 * that needs the identities of all processes. Others choose names, and shells expand what a
 * completion offers: only those are printed that mean nothing to any shell.
 */
void complete_print(const struct model *model, uint32_t names_mnt, enum complete what, FILE *out);

/*
 * Looks at what was named on the command line: a process may not answer, nor may the file system
 * that a path is on.
 */

struct parsed_word {
	int result; /* of target_parse() */
	struct target target;
};

struct process_refs {
	int n; /* of target_of_process() */
	struct ns_ref at[NS_TYPE_COUNT];
};

/*
 * Fills asked, one per word, and returns how many came in time: words that may be paths are looked
 * up in a child process. To be called before there are threads.
 */
size_t parse_words(const struct kernel *kernel, bool ours, char **words, size_t n,
	unsigned timeout_ms, struct parsed_word *asked);

/* Finds a struct process_refs for each PID. Returns 0 or -errno. */
int read_process_refs(struct pool *pool, const struct procfs *procfs, const pid_t *pids, size_t n,
	struct results **ret_results);

/* The argument of --of: a name, or USER/NAME or CONTAINER/NAME, and whose namespaces that means. */

/*
 * Adds the namespaces and chooses the processes that the names of --of mean, once the identities of
 * all processes are known. Returns 0, or -errno after a line for each name that means nobody, or
 * more than one. Who monitors waits for those who are not there yet, and means all of them.
 */
int of_find(struct operands *operands, const struct procfs *procfs, const struct model *model,
	const struct report *report);

/*
 * The namespaces that the command line names, by operands, by processes (--task) or by what these
 * are of (--of). Operands are resolved before the scan, so that a wrong one costs nothing,
 * and looked up in the model after it. Functions return 0, or -errno after a line for each word
 * that is wrong.
 */

struct operands {
	const struct options *options;
	FILE *err;
	struct target *targets; /* one per operand */
	struct ns_ref *refs;    /* what is named; sorted once all are found */
	size_t nrefs, refs_size;
	struct ns_ref *fixed; /* nfixed of them, that further looks need not find; NULL: one look */
	size_t nfixed;
	struct u64map chosen; /* PIDs of the processes that are meant, see operands_choose() */
};

void operands_init(struct operands *operands, const struct options *options, FILE *err);
void operands_done(struct operands *operands);

/* ours says that the procfs shows our own world, in which our paths mean what they say. */
int operands_parse(struct operands *operands, const struct kernel *kernel, bool ours);

/* Adds a namespace that is meant, or a process. */
void operands_add(struct operands *operands, struct ns_ref ref);
void operands_choose(struct operands *operands, const struct process *process);

/* The types that they may be of: bits 1 << enum nstype. */
unsigned operands_types(const struct operands *operands);

/* Adds the namespaces of the processes. */
int operands_find_processes(
	struct operands *operands, const struct procfs *procfs, struct pool *pool);

/* Adds the namespaces of the operands, or those that an earlier look has found. */
int operands_find(struct operands *operands, const struct procfs *procfs, const struct model *model,
	const struct report *report);

/*
 * For another look: processes and operands go on to mean the namespaces that they meant at first,
 * though these may end.
 */
void operands_fix(struct operands *operands);
void operands_forget(struct operands *operands);

/* Puts what was added in order, for a query. */
void operands_sort(struct operands *operands);

/* Chooses the processes that are named, or are in a namespace that is. */
void operands_choose_named(struct operands *operands, const struct model *model);

/*
 * From the command line to rows: what is open for the whole run, and what one look at the system
 * found. Nothing here writes an answer. Functions return 0, or -errno after a line that says what
 * is wrong.
 */

struct session {
	const struct options *options;
	FILE *err;
	struct plan plan;
	struct kernel_live kernel;
	struct pool pool;
	struct procfs procfs;
	struct operands operands;
	struct filter *filter;

	/* of one scan */
	struct model model;
	uint64_t scan_us; /* how long the scan took, in microseconds */
	struct report report;
	struct groups groups;
	struct usages usages; /* where they are wanted; rows of types refer to them */
	struct rows rows;
	struct view view;
};

/* It refers to itself: it is filled where it stays. */
void session_init(struct session *session, const struct options *options, FILE *err);
void session_done(struct session *session);

/* Makes the plan, opens the procfs and looks at the words of the command line. */
int session_prepare(struct session *session, bool terminal);

/*
 * Forgets a look, so that the next can be taken. Abandoned threads may go on: what they use is
 * their own, or is open for the whole run.
 */
void session_forget(struct session *session);

/* Scans the system: fills the model and the report. */
int session_scan(struct session *session);

/* Finds in them what the command line names: fills the rows, in the model's order. */
int session_rows(struct session *session);

/* Reads what a view wants of the rows (enum need). Writes no line itself: see session_fail(). */
int session_enrich(struct session *session, unsigned needs, struct rows *rows);

/*
 * Finds whom the kernel charges with how many namespaces of these types. Needs a scan for
 * relations. Writes no line itself.
 */
int session_usages(struct session *session, unsigned types);

/* Resolves the namespaces on the command line. */
struct query session_query(const struct session *session);

/* Prints an error that no argument caused, such as a lack of descriptors; returns error. */
int session_fail(const struct session *session, int error);

/* Rows on paper, as the plan has them. */

/* Prints the rows as one table. */
void show_rows(struct view *view, const struct rows *rows, const struct plan *plan, FILE *out);

/*
 * Prints a head for each of the namespaces, and below it a table of those rows, which are in the
 * same order, that are about it.
 */
void show_headers(struct view *view, const struct rows *namespaces, const struct rows *rows,
	const struct plan *plan, FILE *out);

/* The answer to --check, --warning and --critical. */

/* Checks the gathered rows and prints broken rules. Returns 0, or -errno after an error message. */
int check_answer(struct session *session, FILE *out, enum status *ret_status);

/* A monitoring plugin that fails: that is one line on standard output, too. */

/* Prints "NSLS UNKNOWN - " and what was said of the mistake, lines of complain(). */
void plugin_fail(const char *said, FILE *out);

/* --monitor: scans repeatedly, and prints what has changed. */

struct monitor {
	struct session *session;
	struct snapshot last; /* of the last scan */
	struct strbuf lines;  /* not written yet */
	unsigned said;        /* kinds of missing things that were reported (report_lacks()) */
	bool incomplete;      /* any scan was */
};

/* What was gathered is prepared, and nothing was scanned yet. */
void monitor_init(struct monitor *monitor, struct session *session);
void monitor_done(struct monitor *monitor);

/* Scans once. Returns 0, or -errno after an error message. */
int monitor_scan(struct monitor *monitor);

/*
 * Looks until it is told to end, by SIGINT or SIGTERM or because nobody reads out any more, and
 * writes what each look has to tell at once. Returns 0, or -errno after a line that says what is
 * wrong.
 */
int monitor_run(struct monitor *monitor, FILE *out);

/*
 * Replaces a file as a whole, in a directory that may belong to a user who wants to misuse us. That
 * user can delete, rename or replace what is in the directory at any time. So nothing that exists
 * is opened: the text goes to a new file beside it, which is then renamed.
 */

/*
 * Makes the file have this text and mode 0644. Readers see the old file or the new one, never a
 * part of one; both are on disk when the call returns. On an error, the old file is kept.
 *
 * A symbolic link is replaced, not followed; FIFOs, devices, sockets and directories are refused.
 * Links in the path of the directory are followed if root or our effective user owns them: a link
 * of anybody else could lead to any directory.
 *
 * Returns 0, or -errno after a line on err.
 */
int replace_file(const char *path, const char *text, size_t len, FILE *err);

#endif
