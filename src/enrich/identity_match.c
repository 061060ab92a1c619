// SPDX-License-Identifier: MIT
/* Compares a pattern of the table of shapes with a path. No byte of the path is trusted. */
#include "nsls/enrich/identity_shapes.h"

#include <string.h>

/* NAME_MAX, limits.h: no control group has a longer name, and a bound keeps the search short. */
#define PART_MAX ((size_t)255)

/* Bytes. Not those of ctype.h, which a locale may widen. */

static bool is_any(char c)
{
	(void)c;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Engines write lower case. */
static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_hex_or_separator(char c)
{
	return is_hex(c) || c == '-' || c == '_';
}

static bool is_slice(char c)
{
	return (c >= 'a' && c <= 'z') || c == '-';
}

static bool is_snap(char c)
{
	return is_digit(c) || is_slice(c) || c == '_';
}

/* As in names of hosts and applications, and the escapes of a '-' where those are part of a unit.
 */
static bool is_host(char c)
{
	return is_snap(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '\\';
}

/* Whole texts. */

static bool is_one_of(struct span text, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == text.len && !memcmp(*words, text.at, text.len))
			return true;
	return false;
}

static bool is_name(struct span text)
{
	static const char *const reserved[] = { ".", "..", NULL };

	return !is_one_of(text, reserved);
}

/* Groups of 8, 4, 4, 4 and 12 digits with a separator between them, RFC 9562. */
static bool is_uuid_with(struct span text, char separator)
{
	for (size_t i = 0; i < text.len; i++) {
		bool between = i == 8 || i == 13 || i == 18 || i == 23;

		if (between ? text.at[i] != separator : !is_hex(text.at[i]))
			return false;
	}
	return text.len == 36;
}

static bool is_uuid(struct span text)
{
	return is_uuid_with(text, '-');
}

/* A pod that the kubelet itself starts from a file has a hash of 32 digits for its UID. */
static bool is_pod(struct span text)
{
	return is_uuid(text) || is_uuid_with(text, '_') ||
	       (text.len == 32 && !memchr(text.at, '-', 32) && !memchr(text.at, '_', 32));
}

static bool is_qos(struct span text)
{
	static const char *const classes[] = { "burstable", "besteffort", NULL };

	return is_one_of(text, classes);
}

/* With systemd a slice repeats the names of those above it: systemd.slice(5). */
static bool is_kubepods(struct span text)
{
	static const char *const slices[] = { "kubepods", "kubepods-burstable",
		"kubepods-besteffort", "kubelet-kubepods", "kubelet-kubepods-burstable",
		"kubelet-kubepods-besteffort", NULL };

	return is_one_of(text, slices);
}

/* libvirt names a machine by driver, number and domain, escaped: "qemu\\x2d1\\x2dvm1". */
static bool is_vm(struct span text)
{
	static const char *const drivers[] = { "qemu\\x2d", "lxc\\x2d" };

	for (size_t i = 0; i < sizeof(drivers) / sizeof(*drivers); i++) {
		size_t len = strlen(drivers[i]);

		if (text.len > len && !memcmp(text.at, drivers[i], len))
			return is_digit(text.at[len]);
	}
	return false;
}

/* Bounds keep the search short, however cunning the path: each end of a <text> is tried. */
static const struct placeholder {
	const char *name;
	enum identity_field field;
	size_t least, most;           /* bytes */
	bool (*has)(char c);          /* which bytes */
	bool (*is)(struct span text); /* and what they are, or NULL */
} placeholders[] = {
	{ "<id>", FIELD_CONTAINER, 64, 64, is_hex, NULL },
	{ "<name>", FIELD_CONTAINER, 1, PART_MAX, is_any, is_name },
	{ "<pod>", FIELD_POD, 32, 36, is_hex_or_separator, is_pod },
	{ "<pod-id>", FIELD_POD, 64, 64, is_hex, NULL },
	{ "<machine>", FIELD_MACHINE, 1, PART_MAX, is_host, NULL },
	{ "<vm>", FIELD_MACHINE, 1, PART_MAX, is_host, is_vm },
	{ "<snap>", FIELD_APP, 1, PART_MAX, is_snap, NULL },
	{ "<app>", FIELD_APP, 1, PART_MAX, is_host, NULL },
	{ "<uid>", FIELD_USER, 1, 10, is_digit, NULL },
	{ "<number>", FIELD_NONE, 1, 10, is_digit, NULL },
	{ "<uuid>", FIELD_NONE, 36, 36, is_hex_or_separator, is_uuid },
	{ "<qos>", FIELD_NONE, 9, 10, is_slice, is_qos },
	{ "<kubepods>", FIELD_NONE, 8, 27, is_slice, is_kubepods },
	{ "<text>", FIELD_NONE, 1, PART_MAX, is_any, NULL },
};

static const struct placeholder *find_placeholder(const char *pattern)
{
	size_t len = strcspn(pattern, ">") + 1;

	for (size_t i = 0; i < sizeof(placeholders) / sizeof(*placeholders); i++)
		if (!strncmp(placeholders[i].name, pattern, len) && !placeholders[i].name[len])
			return &placeholders[i];
	return NULL;
}

static size_t part_length(struct span text)
{
	const char *slash = text.len ? memchr(text.at, '/', text.len) : NULL;

	return slash ? (size_t)(slash - text.at) : text.len;
}

static struct span behind(struct span text, size_t len)
{
	return (struct span){ text.at + len, text.len - len };
}

/* Whether the first len bytes, each of which it may have, are such a text. */
static bool is_placed(const struct placeholder *placeholder, struct span text, size_t len)
{
	return len >= placeholder->least &&
	       (!placeholder->is || placeholder->is((struct span){ text.at, len }));
}

/* Returns where the match ends, or NULL. The shortest text for a placeholder is tried first. */
static const char *match(const char *pattern, struct span text, struct span fields[FIELD_COUNT])
{
	const struct placeholder *placeholder;
	const char *end = NULL;
	size_t most;

	for (; *pattern && *pattern != '<'; pattern++, text = behind(text, 1))
		if (!text.len || *text.at != *pattern)
			return NULL;
	most = part_length(text);
	if (!*pattern)
		return most == 0 ? text.at : NULL;
	placeholder = find_placeholder(pattern);
	if (!placeholder)
		return NULL;
	pattern += strlen(placeholder->name);
	if (most > placeholder->most)
		most = placeholder->most;
	for (size_t len = 1; !end && len <= most && placeholder->has(text.at[len - 1]); len++) {
		if (!is_placed(placeholder, text, len))
			continue;
		end = match(pattern, behind(text, len), fields);
		if (end && placeholder->field != FIELD_NONE)
			fields[placeholder->field] = (struct span){ text.at, len };
	}
	return end;
}

size_t identity_match(const char *pattern, struct span text, struct span fields[FIELD_COUNT])
{
	const char *end = match(pattern, text, fields);

	return end ? (size_t)(end - text.at) : 0;
}
