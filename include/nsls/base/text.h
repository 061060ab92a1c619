/* SPDX-License-Identifier: MIT */
/*
 * Makes attacker-controlled bytes (process names, command lines, paths) safe to show. A byte that
 * may not be shown as it is becomes the four characters \xNN, which is what libsmartcols writes.
 */
#ifndef NSLS_BASE_TEXT_H
#define NSLS_BASE_TEXT_H

#include "nsls/base/strbuf.h"

#include <stdbool.h>

enum text_target {
	TEXT_TERMINAL, /* printable characters of a UTF-8 terminal, all else escaped */
	TEXT_ASCII,  /* the same where the locale is not UTF-8: every byte above 0x7e is escaped */
	TEXT_PLUGIN, /* TEXT_ASCII less what means something to a monitoring system or a shell */
	TEXT_RAW,    /* one word of graphic ASCII: blanks and the backslash are escaped, too */
	TEXT_JSON,   /* valid UTF-8; C0 controls stay (the JSON writer escapes them), C1 do not */
};

/* The one of the first two that the locale asks for. */
enum text_target text_terminal(void);

/* Appends len bytes made safe for the target. */
void text_escape(struct strbuf *out, const char *bytes, size_t len, enum text_target target);

/* The same for an item of a list: a separator inside of the item is escaped, too. */
void text_escape_item(
	struct strbuf *out, const char *item, char separator, enum text_target target);

/* How many columns of a terminal len bytes take that were made safe for one. */
size_t text_width(const char *bytes, size_t len);

/* How many of the bytes take no more than width columns. */
size_t text_fit(const char *bytes, size_t len, size_t width);

/*
 * Appends the text as a quoted JSON string, made safe as for TEXT_JSON. Characters that hide or
 * reorder the text around them are written as \uNNNN.
 */
void text_quote_json(struct strbuf *out, const char *text);

/*
 * Whether the len bytes are this name, in any case of the letters A to Z. The locale has no say: in
 * a Turkish one, strcasecmp(3) takes "pid" for another word than "PID".
 */
bool text_equal_ascii(const char *name, const char *bytes, size_t len);

/*
 * Length of the well-formed UTF-8 sequence (no overlong forms, no surrogates; Unicode 3.9) at the
 * start of len bytes and its code point, or 0 if there is none.
 */
size_t text_decode_utf8(const char *bytes, size_t len, unsigned *ret_code);

#endif
