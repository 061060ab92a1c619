/* SPDX-License-Identifier: MIT */
/* A text that grows. */
#ifndef NSLS_BASE_STRBUF_H
#define NSLS_BASE_STRBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct strbuf {
	char *text; /* NUL-terminated once anything was added, else NULL */
	size_t len;
	size_t size;
};

void strbuf_init(struct strbuf *buf);
void strbuf_done(struct strbuf *buf);

/* Empties the text and keeps its memory. */
void strbuf_reset(struct strbuf *buf);

/* Cuts the text to its first len bytes. */
void strbuf_cut(struct strbuf *buf, size_t len);

void strbuf_add(struct strbuf *buf, const char *bytes, size_t len);
void strbuf_adds(struct strbuf *buf, const char *text);
void strbuf_addf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* The text, never NULL. */
const char *strbuf_text(const struct strbuf *buf);

#endif
