// SPDX-License-Identifier: MIT
/* Each function takes the place where its part starts and returns the one behind it, or NULL. */
#include "json_check.h"

#include "nsls/base.h"

#include <ctype.h>
#include <string.h>

#define DEPTH_MAX 500
#define KEYS_MAX 128

struct check {
	const char *furthest;
	int depth;
};

static const char *value(struct check *c, const char *at);

static const char *space(struct check *c, const char *at)
{
	at += strspn(at, " \t\r\n");
	if (at > c->furthest)
		c->furthest = at;
	return at;
}

static const char *escape(const char *at)
{
	if (*at != 'u')
		return *at && strchr("\"\\/bfnrt", *at) ? at + 1 : NULL;
	for (int i = 1; i <= 4; i++)
		if (!isxdigit((unsigned char)at[i]))
			return NULL;
	return at + 5;
}

static const char *string(const char *at)
{
	if (*at++ != '"')
		return NULL;
	while (at && *at != '"') {
		unsigned code = 0;
		size_t n = text_decode_utf8(at, strlen(at), &code);

		if (!n || code < 0x20)
			return NULL;
		at = *at == '\\' ? escape(at + 1) : at + n;
	}
	return at ? at + 1 : NULL;
}

static const char *digits(const char *at)
{
	size_t n = strspn(at, "0123456789");

	return n ? at + n : NULL;
}

static const char *number(const char *at)
{
	const char *start;

	at += *at == '-';
	start = at;
	at = digits(at);
	if (!at || (*start == '0' && at > start + 1))
		return NULL;
	if (*at == '.')
		at = digits(at + 1);
	if (at && (*at == 'e' || *at == 'E')) {
		at++;
		at = digits(at + (*at == '-' || *at == '+'));
	}
	return at;
}

static const char *word(const char *at)
{
	static const char *const words[] = { "true", "false", "null" };

	for (int i = 0; i < 3; i++)
		if (!strncmp(at, words[i], strlen(words[i])))
			return at + strlen(words[i]);
	return NULL;
}

static const char *array(struct check *c, const char *at)
{
	at = space(c, at + 1);
	if (*at == ']')
		return at + 1;
	while ((at = value(c, at)) && *(at = space(c, at)) == ',')
		at++;
	return at && *at == ']' ? at + 1 : NULL;
}

static const char *object(struct check *c, const char *at)
{
	struct {
		const char *at;
		size_t len;
	} keys[KEYS_MAX];
	size_t n = 0;

	at = space(c, at + 1);
	if (*at == '}')
		return at + 1;
	for (;; at++) {
		const char *key = space(c, at), *end = string(key);

		if (!end || n == KEYS_MAX)
			return NULL;
		keys[n].at = key;
		keys[n].len = (size_t)(end - key);
		for (size_t i = 0; i < n; i++)
			if (keys[i].len == keys[n].len && !memcmp(keys[i].at, key, keys[n].len))
				return NULL;
		n++;
		at = space(c, end);
		if (*at != ':' || !(at = value(c, at + 1)))
			return NULL;
		at = space(c, at);
		if (*at != ',')
			return *at == '}' ? at + 1 : NULL;
	}
}

static const char *value(struct check *c, const char *at)
{
	if (++c->depth > DEPTH_MAX)
		return NULL;
	at = space(c, at);
	at = *at == '{'                   ? object(c, at)
	     : *at == '['                 ? array(c, at)
	     : *at == '"'                 ? string(at)
	     : strchr("-0123456789", *at) ? number(at)
					  : word(at);
	c->depth--;
	return at;
}

const char *json_error(const char *text)
{
	struct check check = { .furthest = text };
	const char *end = value(&check, text);

	if (!end)
		return check.furthest;
	end = space(&check, end);
	return *end ? end : NULL;
}
