// SPDX-License-Identifier: MIT
/* Compares a pattern of the table of shapes with a path. No byte of the path is trusted. */
#include "nsls/enrich/identity_shapes.h"

#include <string.h>

/* NAME_MAX, limits.h: no control group has a longer name, and a bound keeps the search short. */
#define PART_MAX ((size_t)255)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Engines write lower case. Not isxdigit(3), which a locale may widen. */
static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool is_alphanumeric(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_all(struct span text, bool (*is)(char))
{
	for (size_t i = 0; i < text.len; i++)
		if (!is(text.at[i]))
			return false;
	return true;
}

static bool is_one_of(struct span text, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == text.len && !memcmp(*words, text.at, text.len))
			return true;
	return false;
}

static bool is_text(struct span text)
{
	(void)text;
	return true;
}

static bool is_name(struct span text)
{
	static const char *const reserved[] = { ".", "..", NULL };

	return !is_one_of(text, reserved);
}

static bool is_id(struct span text)
{
	return text.len == 64 && is_all(text, is_hex);
}

static bool is_number(struct span text)
{
	return text.len <= 10 && is_all(text, is_digit);
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
	return is_uuid(text) || is_uuid_with(text, '_') || (text.len == 32 && is_all(text, is_hex));
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

/* machinectl(1) takes names of hosts alone; a '-' is escaped where the name is part of a unit. */
static bool is_machine_char(char c)
{
	return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '\\';
}

static bool is_machine(struct span text)
{
	return is_all(text, is_machine_char);
}

/* libvirt names a machine by driver, number and domain, escaped: "qemu\\x2d1\\x2dvm1". */
static bool is_vm(struct span text)
{
	static const char *const drivers[] = { "qemu\\x2d", "lxc\\x2d", NULL };
	size_t len = 0;

	for (size_t i = 0; !len && drivers[i]; i++)
		if (text.len > strlen(drivers[i]) &&
			!memcmp(text.at, drivers[i], strlen(drivers[i])))
			len = strlen(drivers[i]);
	return len && is_digit(text.at[len]) && is_machine(text);
}

static bool is_snap_char(char c)
{
	return is_alphanumeric(c) || c == '-' || c == '_';
}

static bool is_snap(struct span text)
{
	return is_all(text, is_snap_char);
}

static bool is_app(struct span text)
{
	return is_all(text, is_machine_char);
}

static const struct placeholder {
	const char *name;
	enum identity_field field;
	bool (*is)(struct span text); /* of at least one byte */
} placeholders[] = {
	{ "<id>", FIELD_CONTAINER, is_id },     /* 64 digits */
	{ "<name>", FIELD_CONTAINER, is_name }, /* any text */
	{ "<pod>", FIELD_POD, is_pod },         /* a UUID, with - or _, or 32 digits */
	{ "<pod-id>", FIELD_POD, is_id },       /* 64 digits */
	{ "<machine>", FIELD_MACHINE, is_machine },
	{ "<vm>", FIELD_MACHINE, is_vm }, /* the same, with a driver and number before it */
	{ "<snap>", FIELD_APP, is_snap },
	{ "<app>", FIELD_APP, is_app },
	{ "<uid>", FIELD_USER, is_number },
	{ "<number>", FIELD_NONE, is_number },
	{ "<uuid>", FIELD_NONE, is_uuid },
	{ "<qos>", FIELD_NONE, is_qos },
	{ "<kubepods>", FIELD_NONE, is_kubepods },
	{ "<text>", FIELD_NONE, is_text },
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
	if (!placeholder || most > PART_MAX)
		return NULL;
	pattern += strlen(placeholder->name);
	for (size_t len = 1; !end && len <= most; len++) {
		if (!placeholder->is((struct span){ text.at, len }))
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
