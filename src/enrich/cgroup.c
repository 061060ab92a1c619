// SPDX-License-Identifier: MIT
/*
 * Identifies the container, machine, pod or unit of a process by the text of /proc/PID/cgroup.
 * Users choose parts of that text, so no byte of it is trusted.
 */
#include "nsls/enrich.h"

#include "nsls/base.h"
#include "nsls/model.h"

#include <string.h>

/* Patterns of the table of shapes. */

/* NAME_MAX of limits.h: no control group has a longer name. The limit keeps the search short. */
#define PART_MAX ((size_t)255)

/* Classes of bytes. Those of ctype.h depend on the locale. */

static bool is_any(char c)
{
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Container engines write lower case. */
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

/* Names of hosts and applications, with the escape of '-' if they are part of a unit. */
static bool is_host(char c)
{
	return is_snap(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '\\';
}

/* Classes of whole texts. */

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

/* A pod that the kubelet starts from a file has a hash of 32 digits as its UID. */
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

/* The name of a slice begins with the names of the slices above it, systemd.slice(5). */
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

/* Limits keep the search short for any path: each end of a <text> is tried. */
static const struct placeholder {
	const char *name;
	enum identity_field field;
	size_t min, max;                    /* length in bytes */
	bool (*has_byte)(char c);           /* bytes that the text may have */
	bool (*is_valid)(struct span text); /* NULL: any text of such bytes */
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

static const struct placeholder *placeholder_find(const char *pattern)
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

static struct span span_after(struct span text, size_t len)
{
	return (struct span){ text.at + len, text.len - len };
}

/* Returns whether the first len bytes are a text for the placeholder. */
static bool placeholder_accepts(const struct placeholder *placeholder, struct span text, size_t len)
{
	return len >= placeholder->min &&
	       (!placeholder->is_valid || placeholder->is_valid((struct span){ text.at, len }));
}

/* Returns the end of the match, or NULL. Tries the shortest text for a placeholder first. */
static const char *pattern_match(
	const char *pattern, struct span text, struct span fields[FIELD_COUNT])
{
	const struct placeholder *placeholder;
	const char *end = NULL;
	size_t max;

	for (; *pattern && *pattern != '<'; pattern++, text = span_after(text, 1))
		if (!text.len || *text.at != *pattern)
			return NULL;
	max = part_length(text);
	if (!*pattern)
		return max == 0 ? text.at : NULL;
	placeholder = placeholder_find(pattern);
	if (!placeholder)
		return NULL;
	pattern += strlen(placeholder->name);
	if (max > placeholder->max)
		max = placeholder->max;
	for (size_t len = 1; !end && len <= max && placeholder->has_byte(text.at[len - 1]); len++) {
		if (!placeholder_accepts(placeholder, text, len))
			continue;
		end = pattern_match(pattern, span_after(text, len), fields);
		if (end && placeholder->field != FIELD_NONE)
			fields[placeholder->field] = (struct span){ text.at, len };
	}
	return end;
}

size_t identity_match(const char *pattern, struct span text, struct span fields[FIELD_COUNT])
{
	const char *end = pattern_match(pattern, text, fields);

	return end ? (size_t)(end - text.at) : 0;
}

static bool span_ends_with(struct span text, const char *end)
{
	size_t len = strlen(end);

	return text.len > len && !memcmp(text.at + text.len - len, end, len);
}

static bool span_starts_with(struct span text, const char *start)
{
	size_t len = strlen(start);

	return text.len > len && !memcmp(text.at, start, len);
}

/* Returns the text before the first separator, and *rest after it; empty if there is none. */
static struct span span_cut(struct span text, char separator, struct span *rest)
{
	const char *end = text.len ? memchr(text.at, separator, text.len) : NULL;

	if (!end)
		return (struct span){ 0 };
	*rest = (struct span){ end + 1, text.len - (size_t)(end + 1 - text.at) };
	return (struct span){ text.at, (size_t)(end - text.at) };
}

/* The bytes that names of units may have: systemd.unit(5). */
static bool is_unit_name(struct span text)
{
	static const char valid[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789:-_.\\@";

	for (size_t i = 0; i < text.len; i++)
		if (!text.at[i] || !strchr(valid, text.at[i]))
			return false;
	return text.len <= 255;
}

/* Units with processes have one of these types: systemd.kill(5). */
static bool is_unit(struct span part)
{
	static const char *const types[] = { ".service", ".scope", ".mount", ".socket", ".swap" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (span_ends_with(part, types[i]))
			return is_unit_name(part);
	return false;
}

/* systemd puts '_' before a name that may be a file of the kernel, such as "memory.service". */
static struct span without_underscore(struct span part)
{
	size_t skip = span_starts_with(part, "_");

	return (struct span){ part.at + skip, part.len - skip };
}

/* Returns the innermost unit. */
static struct span path_find_unit(struct span path)
{
	struct span unit = { 0 }, part;

	for (size_t start = path.len, end = path.len; !unit.at && start > 0; start--) {
		if (path.at[start - 1] != '/')
			continue;
		part = without_underscore((struct span){ path.at + start, end - start });
		if (is_unit(part))
			unit = part;
		end = start - 1;
	}
	return unit;
}

/* Returns the first shape that matches at the start of rest. *ret_len: bytes that it covers. */
static const struct identity_shape *shape_match(
	struct span rest, bool at_root, struct span fields[FIELD_COUNT], size_t *ret_len)
{
	const struct identity_shape *shape;

	for (size_t i = 0; (shape = identity_shape(i)); i++) {
		const char *pattern = shape->pattern;
		bool anchored = *pattern == '/';

		if (anchored && !at_root)
			continue;
		*ret_len = identity_match(pattern + anchored, rest, fields);
		if (*ret_len)
			return shape;
	}
	return NULL;
}

/* The control group of a process: parts of the file's text; at is NULL for unknown ones. */
struct cgroup_match {
	struct span path, unit;
	struct span fields[FIELD_COUNT];
	enum runtime runtime;
};

static bool has_container(const struct cgroup_match *match)
{
	return match->fields[FIELD_CONTAINER].at || match->fields[FIELD_MACHINE].at ||
	       match->fields[FIELD_APP].at;
}

static void match_take_fields(struct cgroup_match *match, const struct identity_shape *shape,
	const struct span fields[FIELD_COUNT])
{
	for (enum identity_field f = 0; f < FIELD_COUNT; f++)
		if (!match->fields[f].at)
			match->fields[f] = fields[f];
	if (shape->runtime != RUNTIME_UNKNOWN)
		match->runtime = shape->runtime;
}

/*
 * Matches shapes from the root on, up to the first container: processes in the container make the
 * control groups below it, and could imitate those of another container.
 */
static void path_match_shapes(struct span path, struct cgroup_match *match)
{
	bool at_root = true;
	size_t at = 1;

	while (at < path.len && !has_container(match)) {
		struct span rest = { path.at + at, path.len - at };
		struct span fields[FIELD_COUNT] = { 0 };
		const struct identity_shape *shape;
		const char *slash;
		size_t len = 0;

		shape = shape_match(rest, at_root, fields, &len);
		if (shape && shape->outside)
			return;
		if (shape)
			match_take_fields(match, shape, fields);
		/* Paths outside of our cgroup namespace: "/../k8s.io/ctr1", cgroup_namespaces(7).
		 */
		at_root = at_root && span_starts_with(rest, "../");
		slash = memchr(rest.at + len, '/', rest.len - len);
		at = slash ? (size_t)(slash + 1 - path.at) : path.len;
	}
}

static void path_match(struct span path, struct cgroup_match *match)
{
	*match = (struct cgroup_match){ .path = path };
	/* The control group of a zombie may be removed, Documentation/admin-guide/cgroup-v2.rst. */
	if (span_ends_with(path, " (deleted)"))
		path.len -= strlen(" (deleted)");
	match->unit = path_find_unit(path);
	path_match_shapes(path, match);
}

/* Hierarchies of control groups, in the order in which they are tried. */
enum hierarchy {
	HIERARCHY_UNIFIED,
	HIERARCHY_SYSTEMD, /* that of units of systemd, in version 1 */
	HIERARCHY_LONGEST, /* the longest path of all others */
	HIERARCHY_COUNT,
};

static bool span_is(struct span text, const char *word)
{
	return text.at && text.len == strlen(word) && !memcmp(text.at, word, text.len);
}

/*
 * "hierarchy-ID:controllers:path", cgroups(7); 0 is the unified hierarchy. A path may have any byte
 * but NUL and newline.
 */
static void cgroup_take_line(struct span line, struct span paths[HIERARCHY_COUNT])
{
	struct span rest, path;
	struct span id = span_cut(line, ':', &rest);
	struct span controllers = id.at ? span_cut(rest, ':', &path) : id;
	enum hierarchy hierarchy = HIERARCHY_LONGEST;

	if (!controllers.at || !path.len || *path.at != '/')
		return;
	if (span_is(id, "0"))
		hierarchy = HIERARCHY_UNIFIED;
	else if (span_is(controllers, "name=systemd"))
		hierarchy = HIERARCHY_SYSTEMD;
	if (path.len > paths[hierarchy].len)
		paths[hierarchy] = path;
}

/*
 * Uses the first path with a container, else the first path below the root, else the root. On a
 * system with both versions of control groups, the unified path may lack the container: Docker has
 * "1:name=systemd:/docker/ID" and "0::/system.slice/containerd.service".
 */
static void cgroup_choose_path(
	const struct span paths[HIERARCHY_COUNT], struct cgroup_match *ret_match)
{
	*ret_match = (struct cgroup_match){ 0 };
	for (enum hierarchy h = 0; h < HIERARCHY_COUNT; h++) {
		struct cgroup_match match;

		if (!paths[h].at)
			continue;
		path_match(paths[h], &match);
		if (ret_match->path.len <= 1 || has_container(&match))
			*ret_match = match;
		if (has_container(&match))
			return;
	}
}

/* Parses the text of the whole file, which has no NUL. */
static void cgroup_parse(struct span text, struct cgroup_match *ret_match)
{
	struct span paths[HIERARCHY_COUNT] = { 0 }, line;

	/* A line without a newline was cut off, possibly within a name. */
	while ((line = span_cut(text, '\n', &text)).at)
		cgroup_take_line(line, paths);
	cgroup_choose_path(paths, ret_match);
}

static char *span_copy(struct arena *arena, struct span text)
{
	return text.at ? memcpy(arena_alloc(arena, text.len + 1), text.at, text.len) : NULL;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Returns the byte of escape \xNN, systemd.unit(5), or 0 if at is no such escape. */
static char escaped_byte(const char *at)
{
	int high, low;

	if (at[0] != '\\' || at[1] != 'x' || (high = hex_value(at[2])) < 0)
		return 0;
	low = hex_value(at[3]);
	if (low < 0)
		return 0;
	return (char)(high << 4 | low);
}

static char *span_copy_unescaped(struct arena *arena, struct span text)
{
	char *bytes = span_copy(arena, text), *to = bytes;
	const char *from = bytes;

	while (from && *from) {
		char byte = escaped_byte(from);

		if (byte)
			from += strlen("\\xNN") - 1;
		else
			byte = *from;
		*to++ = byte;
		from++;
	}
	if (to)
		*to = '\0';
	return bytes;
}

/* The kubelet writes '_' for '-', which separates levels in names of slices, systemd.slice(5). */
static char *span_copy_pod(struct arena *arena, struct span text)
{
	char *bytes = span_copy(arena, text);

	for (char *c = bytes; c && *c; c++)
		if (*c == '_')
			*c = '-';
	return bytes;
}

static void identity_write_name(const struct identity *identity, struct strbuf *out)
{
	const char *runtime = runtime_name(identity->runtime);

	/* Users of pods know the tools of the cluster rather than those of the engine. */
	if (identity->pod && identity->runtime != RUNTIME_PODMAN)
		runtime = runtime_name(RUNTIME_KUBERNETES);
	if (identity->container)
		strbuf_addf(out, "%s %.*s", runtime ? runtime : "container",
			identity_short(identity->container), identity->container);
	else if (identity->machine)
		strbuf_addf(out, "machine %s", identity->machine);
	else if (identity->app)
		strbuf_addf(out, "%s %s", runtime, identity->app);
	else if (identity->pod)
		strbuf_addf(out, "pod %.*s", identity_short(identity->pod), identity->pod);
	else if (identity->unit)
		strbuf_adds(out, identity->unit);
}

static char *identity_make_name(struct arena *arena, const struct identity *identity)
{
	struct strbuf text;
	char *name = NULL;

	strbuf_init(&text);
	identity_write_name(identity, &text);
	if (text.len)
		name = span_copy(arena, (struct span){ text.text, text.len });
	strbuf_done(&text);
	return name;
}

/* Fails for a UID of more than 32 bits: <uid> has up to ten digits. */
static bool parse_user(struct span digits, uid_t *ret_user)
{
	char text[16] = "";
	uint64_t uid;

	if (!digits.at || digits.len >= sizeof(text))
		return false;
	memcpy(text, digits.at, digits.len);
	if (!number_take(text, UINT32_MAX, &uid))
		return false;
	*ret_user = (uid_t)uid;
	return true;
}

/* Returns whether the unit is inside the container: processes there choose its name. */
static bool unit_is_inside(const struct cgroup_match *match)
{
	static const enum identity_field fields[] = { FIELD_CONTAINER, FIELD_MACHINE, FIELD_APP };

	for (size_t i = 0; match->unit.at && i < sizeof(fields) / sizeof(*fields); i++)
		if (match->fields[fields[i]].at && match->fields[fields[i]].at < match->unit.at)
			return true;
	return false;
}

static void identity_write(
	struct arena *arena, const struct cgroup_match *match, struct identity *identity)
{
	*identity = (struct identity){
		.cgroup = span_copy(arena, match->path),
		.unit = span_copy_unescaped(arena, match->unit),
		.container = span_copy(arena, match->fields[FIELD_CONTAINER]),
		.pod = span_copy_pod(arena, match->fields[FIELD_POD]),
		.machine = span_copy_unescaped(arena, match->fields[FIELD_MACHINE]),
		.app = span_copy_unescaped(arena, match->fields[FIELD_APP]),
		.runtime = match->runtime,
		.unit_inside = unit_is_inside(match),
	};
	identity->has_user = parse_user(match->fields[FIELD_USER], &identity->user);
	identity->name = identity_make_name(arena, identity);
}

void identity_parse(
	const char *bytes, size_t len, struct arena *arena, struct identity *ret_identity)
{
	struct cgroup_match match;

	cgroup_parse((struct span){ bytes, strnlen(bytes, len) }, &match);
	identity_write(arena, &match, ret_identity);
}
