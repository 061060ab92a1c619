// SPDX-License-Identifier: MIT
#include "nsls/base/strbuf.h"

#include "nsls/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void strbuf_init(struct strbuf *buf)
{
	*buf = (struct strbuf){ 0 };
}

void strbuf_done(struct strbuf *buf)
{
	free(buf->text);
	*buf = (struct strbuf){ 0 };
}

void strbuf_reset(struct strbuf *buf)
{
	buf->len = 0;
	if (buf->text)
		buf->text[0] = '\0';
}

void strbuf_cut(struct strbuf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->text[len] = '\0';
}

static void reserve(struct strbuf *buf, size_t more)
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
	reserve(buf, len);
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
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0)
		return;
	reserve(buf, (size_t)len);
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
