// SPDX-License-Identifier: MIT
/*
 * From the text of /proc/PID/cgroup to the container, machine, pod or unit that a process belongs
 * to. No byte of the path is trusted.
 */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/enrich.h"

#include <string.h>

/* Compares a pattern of the table of shapes with a path. */

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

/* Which line of the file counts, and the shapes and the unit in its path. */

static bool ends_with(struct span text, const char *end)
{
	size_t len = strlen(end);

	return text.len > len && !memcmp(text.at + text.len - len, end, len);
}

static bool starts_with(struct span text, const char *start)
{
	size_t len = strlen(start);

	return text.len > len && !memcmp(text.at, start, len);
}

/* What is before the first such byte; *rest is what is behind it. NULL where there is none. */
static struct span cut(struct span text, char separator, struct span *rest)
{
	const char *end = text.len ? memchr(text.at, separator, text.len) : NULL;

	if (!end)
		return (struct span){ 0 };
	*rest = (struct span){ end + 1, text.len - (size_t)(end + 1 - text.at) };
	return (struct span){ text.at, (size_t)(end - text.at) };
}

/* Units */

/* systemd.unit(5): which bytes a unit's name may have. */
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

/* The types of units that have processes: systemd.kill(5). */
static bool is_unit(struct span part)
{
	static const char *const types[] = { ".service", ".scope", ".mount", ".socket", ".swap" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (ends_with(part, types[i]))
			return is_unit_name(part);
	return false;
}

/* Systemd puts a '_' before a name that the kernel has files for, such as "memory.service". */
static struct span without_underscore(struct span part)
{
	size_t skip = starts_with(part, "_");

	return (struct span){ part.at + skip, part.len - skip };
}

/* The innermost unit. */
static struct span find_unit(struct span path)
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

/* Shapes */

/* The first shape that matches at a part of the path, and how much of the path it covers. */
static const struct identity_shape *match_part(
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

static bool is_inside(const struct found *found)
{
	return found->fields[FIELD_CONTAINER].at || found->fields[FIELD_MACHINE].at ||
	       found->fields[FIELD_APP].at;
}

static void take_fields(struct found *found, const struct identity_shape *shape,
	const struct span fields[FIELD_COUNT])
{
	for (enum identity_field f = 0; f < FIELD_COUNT; f++)
		if (!found->fields[f].at)
			found->fields[f] = fields[f];
	if (shape->runtime != RUNTIME_UNKNOWN)
		found->runtime = shape->runtime;
}

/*
 * From the root inwards, and no further than the first container: the groups below it are made by
 * whoever is in it, who could make them look like those of another container.
 */
static void find_shapes(struct span path, struct found *found)
{
	bool at_root = true;
	size_t at = 1;

	while (at < path.len && !is_inside(found)) {
		struct span rest = { path.at + at, path.len - at };
		struct span fields[FIELD_COUNT] = { 0 };
		const struct identity_shape *shape;
		const char *slash;
		size_t len = 0;

		shape = match_part(rest, at_root, fields, &len);
		if (shape && shape->outside)
			return;
		if (shape)
			take_fields(found, shape, fields);
		/* What is outside of a cgroup namespace: "/../k8s.io/ctr1", cgroup_namespaces(7).
		 */
		at_root = at_root && starts_with(rest, "../");
		slash = memchr(rest.at + len, '/', rest.len - len);
		at = slash ? (size_t)(slash + 1 - path.at) : path.len;
	}
}

static void find(struct span path, struct found *found)
{
	*found = (struct found){ .path = path };
	/* A zombie's group may be gone already; Documentation/admin-guide/cgroup-v2.rst. */
	if (ends_with(path, " (deleted)"))
		path.len -= strlen(" (deleted)");
	found->unit = find_unit(path);
	find_shapes(path, found);
}

/* The file */

/* The hierarchies to look at, the one that tells most first. */
enum hierarchy {
	HIERARCHY_UNIFIED,
	HIERARCHY_SYSTEMD, /* the one in which systemd has its units with version 1 */
	HIERARCHY_LONGEST, /* any other: the longest path */
	HIERARCHY_COUNT,
};

static bool is_word(struct span text, const char *word)
{
	return text.at && text.len == strlen(word) && !memcmp(text.at, word, text.len);
}

/*
 * "hierarchy-ID:controllers:path", cgroups(7); 0 is the unified hierarchy. A path may have any byte
 * but NUL and newline.
 */
static void take_line(struct span line, struct span paths[HIERARCHY_COUNT])
{
	struct span rest, path;
	struct span id = cut(line, ':', &rest);
	struct span controllers = id.at ? cut(rest, ':', &path) : id;
	enum hierarchy hierarchy = HIERARCHY_LONGEST;

	if (!controllers.at || !path.len || *path.at != '/')
		return;
	if (is_word(id, "0"))
		hierarchy = HIERARCHY_UNIFIED;
	else if (is_word(controllers, "name=systemd"))
		hierarchy = HIERARCHY_SYSTEMD;
	if (path.len > paths[hierarchy].len)
		paths[hierarchy] = path;
}

/*
 * The first path that tells a container, else the first that leads below the root, else the root.
 * On a system with both versions the unified path alone may leave a container out: Docker's are
 * then "1:name=systemd:/docker/ID" and "0::/system.slice/containerd.service".
 */
static void choose(const struct span paths[HIERARCHY_COUNT], struct found *ret_found)
{
	*ret_found = (struct found){ 0 };
	for (enum hierarchy h = 0; h < HIERARCHY_COUNT; h++) {
		struct found found;

		if (!paths[h].at)
			continue;
		find(paths[h], &found);
		if (ret_found->path.len <= 1 || is_inside(&found))
			*ret_found = found;
		if (is_inside(&found))
			return;
	}
}

void identity_find(struct span text, struct found *ret_found)
{
	struct span paths[HIERARCHY_COUNT] = { 0 }, line;

	/* What has no newline behind it was cut, and would tell the beginning of a name. */
	while ((line = cut(text, '\n', &text)).at)
		take_line(line, paths);
	choose(paths, ret_found);
}

/* Text of what was found, and the best name of it. */

static char *copy(struct arena *arena, struct span text)
{
	return text.at ? memcpy(arena_alloc(arena, text.len + 1), text.at, text.len) : NULL;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that \xNN stands for, or 0 where there is no such escape: systemd.unit(5). */
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

static char *copy_unescaped(struct arena *arena, struct span text)
{
	char *bytes = copy(arena, text), *to = bytes;
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

/* A '-' in a slice's name leads to a slice below it, systemd.slice(5): the kubelet writes '_'. */
static char *copy_pod(struct arena *arena, struct span text)
{
	char *bytes = copy(arena, text);

	for (char *c = bytes; c && *c; c++)
		if (*c == '_')
			*c = '-';
	return bytes;
}

static void write_name(const struct identity *identity, struct strbuf *out)
{
	const char *runtime = runtime_name(identity->runtime);

	/* Who has pods knows the cluster's tools rather than the engine's. */
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

static char *make_name(struct arena *arena, const struct identity *identity)
{
	struct strbuf text;
	char *name = NULL;

	strbuf_init(&text);
	write_name(identity, &text);
	if (text.len)
		name = copy(arena, (struct span){ text.text, text.len });
	strbuf_done(&text);
	return name;
}

/* <uid> is at most ten digits; one beyond 32 bits is nobody's. */
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

/* Whether the unit stands behind the name of what it is in: who is in there has chosen it. */
static bool is_unit_inside(const struct found *found)
{
	static const enum identity_field fields[] = { FIELD_CONTAINER, FIELD_MACHINE, FIELD_APP };

	for (size_t i = 0; found->unit.at && i < sizeof(fields) / sizeof(*fields); i++)
		if (found->fields[fields[i]].at && found->fields[fields[i]].at < found->unit.at)
			return true;
	return false;
}

static void write_identity(
	struct arena *arena, const struct found *found, struct identity *identity)
{
	*identity = (struct identity){
		.cgroup = copy(arena, found->path),
		.unit = copy_unescaped(arena, found->unit),
		.container = copy(arena, found->fields[FIELD_CONTAINER]),
		.pod = copy_pod(arena, found->fields[FIELD_POD]),
		.machine = copy_unescaped(arena, found->fields[FIELD_MACHINE]),
		.app = copy_unescaped(arena, found->fields[FIELD_APP]),
		.runtime = found->runtime,
		.unit_inside = is_unit_inside(found),
	};
	identity->has_user = parse_user(found->fields[FIELD_USER], &identity->user);
	identity->name = make_name(arena, identity);
}

void identity_parse(
	const char *bytes, size_t len, struct arena *arena, struct identity *ret_identity)
{
	struct found found;

	identity_find((struct span){ bytes, strnlen(bytes, len) }, &found);
	write_identity(arena, &found, ret_identity);
}
