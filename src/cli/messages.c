// SPDX-License-Identifier: MIT
/* Messages on standard error, and the state of the standard streams. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

static void message_print_line(FILE *err, const struct strbuf *message)
{
	const char *text = strbuf_text(message);
	CLEANUP(strbuf_done) struct strbuf line = { 0 };

	strbuf_adds(&line, MESSAGE_PREFIX);
	text_escape(&line, text, strlen(text), text_terminal());
	strbuf_adds(&line, "\n");
	fputs(strbuf_text(&line), err);
}

void message_print(FILE *err, const char *format, ...)
{
	CLEANUP(strbuf_done) struct strbuf message = { 0 };
	va_list args;

	va_start(args, format);
	strbuf_vaddf(&message, format, args);
	va_end(args);
	message_print_line(err, &message);
}

void message_print_choice(
	FILE *err, const char *what, const char *word, size_t len, const char *rule, nth_word *nth)
{
	CLEANUP(strbuf_done) struct strbuf message = { 0 };
	const char *valid;

	strbuf_addf(&message, "unknown %s '%.*s'", what, (int)len, word);
	if (rule)
		strbuf_addf(&message, " in rule '%s'", rule);
	strbuf_addf(&message, "; the %ss are", what);
	for (size_t i = 0; (valid = nth(i)); i++)
		strbuf_addf(&message, "%s %s", i ? "," : "", valid);
	message_print_line(err, &message);
}

/* Appends the sentences of a list, see report.h. */
static void add_sentences(size_t (*list)(const struct report *report, struct strbuf *out),
	const struct report *report, const char *separator, struct strbuf *out)
{
	const char *sentence;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	size_t n;

	n = list(report, &text);
	sentence = strbuf_text(&text);
	for (size_t i = 0; i < n; i++) {
		strbuf_addf(out, "%s%s", i ? separator : "", sentence);
		sentence += strlen(sentence) + 1;
	}
}

void warn_add_reasons(const struct report *report, struct strbuf *out)
{
	CLEANUP(strbuf_done) struct strbuf missing = { 0 };

	add_sentences(report_reasons, report, "; ", out);
	add_sentences(report_missing_capabilities, report, ", ", &missing);
	if (missing.len)
		strbuf_addf(out, "; missing: %s%s", strbuf_text(&missing),
			report->in_userns
				? " in the initial user namespace (nsls is in another one)"
				: "");
	if (report->limitations & LIMITATION_PIDNS)
		strbuf_adds(out, "; --procfs with a procfs of the host shows more");
}

void warn_incomplete(const struct report *report, bool limitations, FILE *err)
{
	static const char note[] = "\n" MESSAGE_PREFIX "note: ";
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (!report_is_complete(report)) {
		warn_add_reasons(report, &text);
		message_print(err, "incomplete: %s", strbuf_text(&text));
	}
	strbuf_reset(&text);
	if (limitations)
		add_sentences(report_kernel_limitations, report, note, &text);
	if (text.len)
		fprintf(err, "%s%s\n", note + strlen("\n"), text.text);
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
