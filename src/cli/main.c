// SPDX-License-Identifier: MIT
/*
 * nsls: which namespaces exist, their members, and what holds them.
 *
 * From command line to output, and which file does what:
 *   src/cli     options_table.c, args.c, options.c (argv) -> plan.c (view, columns) -> gather.c
 *               (scan, select) -> run.c (steps of a run) -> show.c, check.c (whether rules
 *               hold) or monitor.c (scans repeatedly); operands.c, target.c, of.c (what is
 *               named); exclude.c (options that don't go together); help.c, list_columns.c,
 *               complete.c (names for a shell's completion); complain.c, warn.c and plugin.c say
 *               what is wrong and what is missing
 *   src/scan    scan.c (the phases in order) -> phase_*.c (a work list each, whose workers emit
 *               facts) -> merge.c (facts into the model)
 *   src/select  query.c and tree.c: which rows are shown, in which order; owner.c (whom a name
 *               means), group*.c (containers), use.c (whom the kernel charges with what); rule.c,
 *               verdict.c and blame.c (health checks); change.c, snapshot.c (what has changed)
 *   src/enrich  enrich.c reads what only shown rows need
 *   src/model   namespaces by inode number, what holds each (model.c, holder.c), what they are
 *               called (name.c, identity.c), what is missing from the answer (report.c)
 *   src/view    column.c (the table of columns), fill_*.c (cells), render*.c, change_line.c
 *               (text); metrics.c; check*.c and plugin*.c (verdicts)
 *   src/kernel  procfs.c, procfile.c, proctext.c (a proc tree); live*.c (system calls, behind the
 *               table of kernel.h)
 *   src/base    workers.c (threads, and their timeout), error.c (classes of errors),
 *               nstype.c (the eight types), text.c (escaping), number.c, memory.c (allocates, or
 *               ends the program), and small containers
 */
#include "complain.h"
#include "plugin.h"
#include "run.h"
#include "standard.h"

#include "nsls/base/memory.h"

#include <locale.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

static enum status act(const struct options *options, FILE *err, bool *ret_busy)
{
	switch (options->action) {
	case ACTION_HELP:
		options_print_help(stdout);
		break;
	case ACTION_VERSION:
		puts("nsls " NSLS_VERSION);
		break;
	case ACTION_COLUMNS:
		options_print_columns(options, stdout);
		break;
	case ACTION_SHOW:
		return run(options, isatty(STDOUT_FILENO), stdout, err, ret_busy);
	}
	/* The guidelines: --help and --version are UNKNOWN. No rule was judged. */
	return options->plugin ? STATUS_INCOMPLETE : STATUS_DONE;
}

static enum status start(int argc, char **argv, FILE *err, bool *ret_busy)
{
	struct options options;
	enum status status = STATUS_ERROR;

	*ret_busy = false;
	if (options_parse(argc, argv, err, &options) < 0)
		return STATUS_ERROR;
	if (!getauxval(AT_SECURE) || options_check_privileged(&options, err) == 0)
		status = act(&options, err, ret_busy);
	if (!*ret_busy)
		options_done(&options);
	return status;
}

/* Prints the error on standard output, where a monitoring system reads it. */
static enum status start_plugin(int argc, char **argv, bool *ret_busy)
{
	char *said = NULL;
	size_t len;
	FILE *err = memory_check(open_memstream(&said, &len));
	enum status status = start(argc, argv, err, ret_busy);

	if (fclose(err) != 0)
		memory_fail();
	if (status == STATUS_ERROR)
		plugin_fail(said, stdout);
	free(said);
	return status;
}

int main(int argc, char **argv)
{
	bool heard = standard_open(), plugin, busy;
	enum status status;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C"); /* a filter's numbers have a point, as those that we print */
	plugin = options_are_plugin(argc, argv);
	if (plugin)
		memory_set_failure(STDOUT_FILENO, "NSLS UNKNOWN - out of memory\n",
			run_exit_status(plugin, STATUS_ERROR));
	if (!heard) {
		complain(stderr, "standard output is closed");
		return run_exit_status(plugin, STATUS_ERROR);
	}
	status = plugin ? start_plugin(argc, argv, &busy) : start(argc, argv, stderr, &busy);
	if (!standard_written())
		status = STATUS_ERROR;
	if (busy)
		_exit(run_exit_status(plugin, status));
	return run_exit_status(plugin, status);
}
