// SPDX-License-Identifier: MIT
/*
 * Commands for a person to paste into a shell, with arguments that other users chose.
 *
 * The text is printable ASCII without backslashes in quotes, commas and exclamation marks, so that
 * sh, bash, zsh and fish read it alike, history expansion does not change it, and it can be an
 * element of a list. $'\x0a' is not for all of them: dash before 0.5.13 takes it literally. A
 * command substitution, "$(printf '\012')", loses newlines at the end. Therefore an argument with
 * any other byte is written as a format of printf(1), and xargs(1) passes on what that prints.
 */
#include "nsls/base.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";

/* Returns true for a byte that no shell interprets, anywhere in a word. */
static bool is_plain(char c)
{
	return c && (strchr(letters, c) || strchr(digits, c) || strchr("/._-+@:", c));
}

/* Returns true for a byte that means itself in single quotes. */
static bool is_quotable(char c)
{
	return c >= 0x20 && c < 0x7f && !strchr("'\\,!", c);
}

static bool consists_of(const char *text, bool (*is)(char c))
{
	while (is(*text))
		text++;
	return !*text;
}

bool shell_is_plain(const char *text)
{
	return *text && *text != '-' && consists_of(text, is_plain);
}

/* A digit behind an escape is escaped, too: printf(1) of some shells takes four octal digits. */
static void add_format(struct strbuf *out, const char *text)
{
	bool escaped = false;

	for (; *text; text++) {
		escaped = !is_plain(*text) || (escaped && strchr(digits, *text));
		if (escaped)
			strbuf_addf(out, "\\%03o", (unsigned char)*text);
		else
			strbuf_add(out, text, 1);
	}
}

void shell_add_word(struct strbuf *out, const char *text)
{
	if (shell_is_plain(text)) {
		strbuf_adds(out, text);
		return;
	}
	strbuf_adds(out, "'");
	if (consists_of(text, is_quotable))
		strbuf_adds(out, text);
	else
		add_format(out, text);
	strbuf_adds(out, "'");
}

void shell_add_command(struct strbuf *out, const char *command, const char *argument)
{
	if (consists_of(argument, is_quotable)) {
		strbuf_addf(out, "%s ", command);
		shell_add_word(out, argument);
		return;
	}
	strbuf_adds(out, "printf '");
	add_format(out, argument);
	strbuf_addf(out, "\\000' | xargs -0 %s", command);
}
