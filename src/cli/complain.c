// SPDX-License-Identifier: MIT
#include "complain.h"

#include "nsls/base/text.h"

#include <stdarg.h>
#include <string.h>

static void print_line(FILE *err, const struct strbuf *message)
{
	const char *text = strbuf_text(message);
	struct strbuf line;

	strbuf_init(&line);
	strbuf_adds(&line, COMPLAIN_NAME);
	text_escape(&line, text, strlen(text), text_terminal());
	strbuf_adds(&line, "\n");
	fputs(strbuf_text(&line), err);
	strbuf_done(&line);
}

void complain(FILE *err, const char *format, ...)
{
	struct strbuf message;
	va_list args;

	strbuf_init(&message);
	va_start(args, format);
	strbuf_vaddf(&message, format, args);
	va_end(args);
	print_line(err, &message);
	strbuf_done(&message);
}

void complain_choice(
	FILE *err, const char *what, const char *word, size_t len, const char *rule, nth_word *nth)
{
	struct strbuf message;
	const char *right;

	strbuf_init(&message);
	strbuf_addf(&message, "unknown %s '%.*s'", what, (int)len, word);
	if (rule)
		strbuf_addf(&message, " in rule '%s'", rule);
	strbuf_addf(&message, "; the %ss are", what);
	for (size_t i = 0; (right = nth(i)); i++)
		strbuf_addf(&message, "%s %s", i ? "," : "", right);
	print_line(err, &message);
	strbuf_done(&message);
}
