// SPDX-License-Identifier: MIT
/*
 * Text: escaping, numbers, growing buffers. Tables get escaped text, and libsmartcols' own encoding
 * is switched off: it passes format characters such as a right-to-left override to the terminal.
 */
#include "nsls/base.h"

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <wchar.h>
#include <wctype.h>

size_t text_decode_utf8(const char *bytes, size_t len, unsigned *ret_code)
{
	static const unsigned smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *b = (const unsigned char *)bytes;
	unsigned code;
	size_t n;

	if (!len)
		return 0;
	if (b[0] < 0x80) {
		*ret_code = b[0];
		return 1;
	}
	n = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
	if (b[0] < 0xc2 || b[0] > 0xf4 || n > len)
		return 0;
	code = b[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (b[i] & 0x3f);
	}
	if (code < smallest[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return n;
}

static int upper_ascii(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

bool text_equal_ascii(const char *name, const char *bytes, size_t len)
{
	if (strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (upper_ascii(name[i]) != upper_ascii(bytes[i]))
			return false;
	return true;
}

/* glibc calls these printable, although they reorder or hide the text around them. */
static bool reorders_or_hides(unsigned code)
{
	static const unsigned ranges[][2] = {
		{ 0x00ad, 0x00ad },
		{ 0x061c, 0x061c },
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (code >= ranges[i][0] && code <= ranges[i][1])
			return true;
	return false;
}

static bool text_is_printable(unsigned code, enum text_target target)
{
	switch (target) {
	case TEXT_JSON:
		return code < 0x7f || code >= 0xa0;
	case TEXT_QUOTED:
		return code >= 0x20 && code != '"' && code != '\\' &&
		       text_is_printable(code, TEXT_JSON) && !reorders_or_hides(code);
	case TEXT_RAW:
		return code > 0x20 && code < 0x7f && code != '\\';
	case TEXT_ASCII:
		return code >= 0x20 && code < 0x7f;
	case TEXT_PLUGIN:
		return code >= 0x20 && code < 0x7f && !strchr("|'\"`$&", (int)code);
	case TEXT_TERMINAL:
		break;
	}
	if (code < 0x80)
		return code >= 0x20 && code < 0x7f;
	return code >= 0xa0 && !reorders_or_hides(code) && iswprint((wint_t)code);
}

enum text_target text_terminal(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? TEXT_TERMINAL : TEXT_ASCII;
}

/* Appends each byte in hexadecimal. */
static void text_add_bytes(struct strbuf *out, const char *prefix, const char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		strbuf_adds(out, prefix);
		strbuf_add(out, &digits[(unsigned char)bytes[i] >> 4], 1);
		strbuf_add(out, &digits[bytes[i] & 0xf], 1);
	}
}

static void text_add_utf16(struct strbuf *out, unsigned unit)
{
	const char bytes[] = { (char)(unit >> 8), (char)unit };

	strbuf_adds(out, "\\u");
	text_add_bytes(out, "", bytes, sizeof(bytes));
}

/*
 * Appends the bytes that stay as they are run by run. In JSON, characters that it allows but a
 * terminal should not get become \uNNNN: nothing is lost.
 */
void text_escape_item(struct strbuf *out, const char *bytes, size_t len, unsigned separator,
	enum text_target target)
{
	size_t shown = 0, i = 0;

	while (i < len) {
		unsigned code = 0;
		size_t n = text_decode_utf8(bytes + i, len - i, &code), next = i + (n ? n : 1);

		if (!n || code == separator || !text_is_printable(code, target)) {
			strbuf_add(out, bytes + shown, i - shown);
			shown = next;
			if (target != TEXT_QUOTED) {
				text_add_bytes(out, "\\x", bytes + i, next - i);
			} else if (!n || !text_is_printable(code, TEXT_JSON)) {
				text_add_bytes(out, "\\\\x", bytes + i, next - i);
			} else if (code == '"' || code == '\\') {
				strbuf_adds(out, code == '"' ? "\\\"" : "\\\\");
			} else if (code < 0x10000) {
				text_add_utf16(out, code);
			} else { /* a surrogate pair, RFC 8259 */
				text_add_utf16(out, 0xd800 + ((code - 0x10000) >> 10));
				text_add_utf16(out, 0xdc00 + (code & 0x3ff));
			}
		}
		i = next;
	}
	strbuf_add(out, bytes + shown, len - shown);
}

void text_escape(struct strbuf *out, const char *bytes, size_t len, enum text_target target)
{
	text_escape_item(out, bytes, len, UINT_MAX, target); /* above all code points */
}

size_t text_fit(const char *bytes, size_t len, size_t width)
{
	size_t i = 0;

	while (i < len) {
		unsigned code = 0;
		size_t n = text_decode_utf8(bytes + i, len - i, &code);
		int columns = n ? wcwidth((wchar_t)code) : 1; /* a byte of invalid UTF-8 */

		if (columns > 0 && (size_t)columns > width)
			break;
		width -= columns > 0 ? (size_t)columns : 0;
		i += n ? n : 1;
	}
	return i;
}

void text_quote_json(struct strbuf *out, const char *text)
{
	strbuf_adds(out, "\"");
	text_escape(out, text, strlen(text), TEXT_QUOTED);
	strbuf_adds(out, "\"");
}

int number_parse(const char *text, size_t len, uint64_t max, uint64_t *ret_number)
{
	uint64_t number;

	if (!len || *text < '1' || *text > '9' || number_take(text, max, &number) != text + len)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

/* Without isdigit(3), to which a locale may add other digits. */
const char *number_take(const char *text, uint64_t max, uint64_t *ret_number)
{
	const char *start;
	uint64_t number = 0;

	while (*text == ' ' || *text == '\t')
		text++;
	for (start = text; *text >= '0' && *text <= '9'; text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (digit > max || number > (max - digit) / 10)
			return NULL;
		number = number * 10 + digit;
	}
	if (text == start)
		return NULL;
	*ret_number = number;
	return text;
}

bool kernel_is_since(unsigned major, unsigned minor)
{
	struct utsname name;
	uint64_t first = 0, second = 0;
	const char *rest = uname(&name) < 0 ? NULL : number_take(name.release, INT_MAX, &first);

	return rest && *rest == '.' && number_take(rest + 1, INT_MAX, &second) &&
	       (first > major || (first == major && second >= minor));
}

uint64_t text_hash(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

int word_find(nth_word *nth, const char *bytes, size_t len)
{
	const char *word;

	for (size_t i = 0; (word = nth(i)); i++)
		if (strlen(word) == len && !memcmp(word, bytes, len))
			return (int)i;
	return -1;
}

void strbuf_done(struct strbuf *buf)
{
	free(buf->text);
	*buf = (struct strbuf){ 0 };
}

void strbuf_reset(struct strbuf *buf)
{
	strbuf_cut(buf, 0);
}

void strbuf_cut(struct strbuf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->text[len] = '\0';
}

static void strbuf_reserve(struct strbuf *buf, size_t more)
{
	size_t size = buf->size ? buf->size : 64;

	while (size - buf->len <= more)
		size *= 2;
	if (size != buf->size)
		buf->text = memory_resize(buf->text, size, 1);
	buf->size = size;
}

void strbuf_add(struct strbuf *buf, const char *bytes, size_t len)
{
	strbuf_reserve(buf, len);
	memcpy(buf->text + buf->len, bytes, len);
	buf->len += len;
	buf->text[buf->len] = '\0';
}

void strbuf_adds(struct strbuf *buf, const char *text)
{
	strbuf_add(buf, text, strlen(text));
}

void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
{
	va_list copy;
	int len;

	va_copy(copy, args);
	len = vsnprintf(NULL, 0, format, copy);
	va_end(copy);
	if (len < 0)
		return;
	strbuf_reserve(buf, (size_t)len);
	vsnprintf(buf->text + buf->len, (size_t)len + 1, format, args);
	buf->len += (size_t)len;
}

void strbuf_addf(struct strbuf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	strbuf_vaddf(buf, format, args);
	va_end(args);
}

const char *strbuf_text(const struct strbuf *buf)
{
	return buf->text ? buf->text : "";
}

void strbuf_end_item(struct strbuf *buf, size_t *n)
{
	strbuf_add(buf, "", 1);
	(*n)++;
}

/*
 * Commands for a person to paste into a shell, with arguments that other users chose.
 *
 * The text is printable ASCII without backslashes in quotes, commas and exclamation marks, so that
 * sh, bash, zsh and fish read it alike, history expansion does not change it, and it can be an
 * element of a list. $'\x0a' is not for all of them: dash before 0.5.13 takes it literally. A
 * command substitution, "$(printf '\012')", loses newlines at the end. Therefore an argument with
 * any other byte is written as a format of printf(1), and xargs(1) passes on what that prints.
 */

/* Bytes that no shell interprets, anywhere in a word. */
static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@:";

/* Returns true if all bytes mean themselves in single quotes. */
static bool is_quotable(const char *text)
{
	while (*text >= 0x20 && *text < 0x7f && !strchr("'\\,!", *text))
		text++;
	return !*text;
}

bool shell_is_plain(const char *text)
{
	return *text && *text != '-' && !text[strspn(text, plain)];
}

/* A digit behind an escape is escaped, too: printf(1) of some shells takes four octal digits. */
static void add_format(struct strbuf *out, const char *text)
{
	bool escaped = false;

	for (; *text; text++) {
		escaped = !strchr(plain, *text) || (escaped && *text >= '0' && *text <= '9');
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
	if (is_quotable(text))
		strbuf_adds(out, text);
	else
		add_format(out, text);
	strbuf_adds(out, "'");
}

void shell_add_command(struct strbuf *out, const char *command, const char *argument)
{
	if (is_quotable(argument)) {
		strbuf_addf(out, "%s ", command);
		shell_add_word(out, argument);
		return;
	}
	strbuf_adds(out, "printf '");
	add_format(out, argument);
	strbuf_addf(out, "\\000' | xargs -0 %s", command);
}
