// SPDX-License-Identifier: MIT
/* Messages on standard error, and the state of the standard streams. */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static void message_print_line(FILE *err, const struct strbuf *message)
{
	const char *text = strbuf_text(message);
	struct strbuf line;

	strbuf_init(&line);
	strbuf_adds(&line, MESSAGE_PREFIX);
	text_escape(&line, text, strlen(text), text_terminal());
	strbuf_adds(&line, "\n");
	fputs(strbuf_text(&line), err);
	strbuf_done(&line);
}

void message_print(FILE *err, const char *format, ...)
{
	struct strbuf message;
	va_list args;

	strbuf_init(&message);
	va_start(args, format);
	strbuf_vaddf(&message, format, args);
	va_end(args);
	message_print_line(err, &message);
	strbuf_done(&message);
}

void message_print_choice(
	FILE *err, const char *what, const char *word, size_t len, const char *rule, nth_word *nth)
{
	struct strbuf message;
	const char *valid;

	strbuf_init(&message);
	strbuf_addf(&message, "unknown %s '%.*s'", what, (int)len, word);
	if (rule)
		strbuf_addf(&message, " in rule '%s'", rule);
	strbuf_addf(&message, "; the %ss are", what);
	for (size_t i = 0; (valid = nth(i)); i++)
		strbuf_addf(&message, "%s %s", i ? "," : "", valid);
	message_print_line(err, &message);
	strbuf_done(&message);
}

void warn_add_reasons(const struct report *report, struct strbuf *out)
{
	struct strbuf reasons;
	const char *reason;
	size_t n;

	strbuf_init(&reasons);
	n = report_reasons(report, &reasons);
	reason = strbuf_text(&reasons);
	for (size_t i = 0; i < n; i++) {
		strbuf_addf(out, "%s%s", i ? "; " : "", reason);
		reason += strlen(reason) + 1;
	}
	if (report_wants_privileges(report) && geteuid() != 0)
		strbuf_adds(out, "; root sees more");
	if (report->limitations & LIMITATION_PIDNS)
		strbuf_adds(out, "; --procfs with a procfs of the host shows more");
	strbuf_done(&reasons);
}

static void print_reasons(const struct report *report, FILE *err)
{
	struct strbuf reasons;

	strbuf_init(&reasons);
	warn_add_reasons(report, &reasons);
	message_print(err, "incomplete: %s", strbuf_text(&reasons));
	strbuf_done(&reasons);
}

static void print_kernel_limitations(const struct report *report, FILE *err)
{
	struct strbuf limitations;
	const char *limitation;
	size_t n;

	strbuf_init(&limitations);
	n = report_kernel_limitations(report, &limitations);
	limitation = strbuf_text(&limitations);
	for (size_t i = 0; i < n; i++) {
		message_print(err, "note: %s", limitation);
		limitation += strlen(limitation) + 1;
	}
	strbuf_done(&limitations);
}

void warn_incomplete(const struct report *report, bool limitations, FILE *err)
{
	if (!report_is_complete(report))
		print_reasons(report, err);
	if (limitations)
		print_kernel_limitations(report, err);
}

/* Standard input, output and error of this process. */

/*
 * A closed standard descriptor would be used again for the first file that is opened, and output
 * written to that file. So each is opened on "/" with O_PATH, which can't be read or written, and
 * which unlike /dev/null exists in every chroot.
 */
bool standard_open(void)
{
	bool have_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_CLOEXEC) != fd)
			return false;
	return have_output;
}

/* Closes the stream, because an error such as a full disk may show only then. */
bool standard_written(void)
{
	if (!ferror(stdout) && fclose(stdout) == 0)
		return true;
	if (errno != EPIPE)
		fprintf(stderr, MESSAGE_PREFIX "standard output: %s\n", strerror(errno));
	return false;
}
