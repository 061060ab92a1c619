// SPDX-License-Identifier: MIT
/*
 * nsls: which namespaces exist, who is in them, why they still exist.
 *
 * The way of an answer, and where to look:
 *   src/cli     options_table.c, args.c, options.c (argv) -> plan.c (view, columns) -> gather.c
 *               (scan, select) -> run.c (what is answered) -> show.c; operands.c, target.c, of.c
 *               (what is named); monitor.c (looks again and again); help.c, list_columns.c,
 *               complete.c (names for a shell's completion); complain.c and warn.c say what is
 *               wrong and what is missing
 *   src/scan    scan.c (the phases in order) -> phase_*.c (a work list each, whose workers say
 *               facts) -> merge.c (facts into the model)
 *   src/select  query.c and tree.c: which rows are shown, in which order; owner.c (whom a name
 *               means), group*.c (containers), change.c, snapshot.c (what has changed)
 *   src/enrich  enrich.c reads what only shown rows need
 *   src/model   namespaces by inode number, what holds each (model.c, holder.c), what they are
 *               called (name.c, identity.c), what is missing from the answer (report.c)
 *   src/view    column.c (the table of columns), fill_*.c (cells), render*.c, change_line.c (text);
 *               metrics.c
 *   src/kernel  procfs.c, procfile.c, proctext.c (a proc tree); live*.c (system calls, behind the
 *               table of kernel.h)
 *   src/base    workers.c (threads, and the patience with them), error.c (what an error says),
 *               nstype.c (the eight types), text.c (escaping), number.c, and small containers
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

/*
 * A closed standard descriptor would be given to the first file that is opened, and the answer
 * written into that. Each gets a descriptor that can't be read or written either; unlike /dev/null,
 * a chroot has it for sure. Without standard output there is nobody to answer.
 */
static bool have_standard_descriptors(void)
{
	bool have_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_CLOEXEC) != fd)
			return false;
	return have_output;
}

static enum status act(const struct options *options, bool *ret_busy)
{
	*ret_busy = false;
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
		return run(options, isatty(STDOUT_FILENO), stdout, stderr, ret_busy);
	}
	return STATUS_DONE;
}

/* A full disk shows at the latest when the stream is closed. */
static bool written(void)
{
	if (!ferror(stdout) && fclose(stdout) == 0)
		return true;
	if (errno != EPIPE)
		fprintf(stderr, "nsls: standard output: %s\n", strerror(errno));
	return false;
}

int main(int argc, char **argv)
{
	struct options options;
	enum status status;
	bool busy;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C"); /* a filter's numbers have a point, as those that we print */
	if (!have_standard_descriptors()) {
		fputs("nsls: standard output is closed\n", stderr);
		return STATUS_ERROR;
	}
	if (options_parse(argc, argv, stderr, &options) < 0)
		return STATUS_ERROR;
	if (getauxval(AT_SECURE) && options_check_privileged(&options, stderr) < 0)
		return STATUS_ERROR;
	status = act(&options, &busy);
	if (!written())
		status = STATUS_ERROR;
	if (busy)
		_exit(status);
	options_done(&options);
	return status;
}
