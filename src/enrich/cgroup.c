// SPDX-License-Identifier: MIT
/*
 * Identifies the container, machine, pod or unit of a process by the text of /proc/PID/cgroup.
 * Users choose parts of that text, so no byte of it is trusted.
 */
#include "nsls/base.h"
#include "nsls/enrich.h"
#include "nsls/model.h"

#include <string.h>

/* A part of another text, without a NUL at its end. */
struct span {
	const char *at; /* NULL: none */
	size_t len;
};

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static struct span span_after(struct span text, size_t len)
{
	return (struct span){ text.at + len, text.len - len };
}

/* Moves the start of text behind a word. Returns false if text does not start with it. */
static bool span_skip(struct span *text, const char *word)
{
	size_t len = strlen(word);

	if (text->len < len || memcmp(text->at, word, len) != 0)
		return false;
	*text = span_after(*text, len);
	return true;
}

static bool span_ends_with(struct span text, const char *end)
{
	size_t len = strlen(end);

	return text.len > len && !memcmp(text.at + text.len - len, end, len);
}

static bool span_is(struct span text, const char *word)
{
	return text.len == strlen(word) && !memcmp(text.at, word, text.len);
}

/* The classes of ctype.h depend on the locale. */
static bool span_has_only(struct span text, const char *bytes)
{
	for (size_t i = 0; i < text.len; i++)
		if (!text.at[i] || !strchr(bytes, text.at[i]))
			return false;
	return true;
}

/* Returns the text before the first separator, or all of it, and leaves what follows in text. */
static struct span span_take(struct span *text, char separator)
{
	const char *end = text->len ? memchr(text->at, separator, text->len) : NULL;
	size_t len = end ? (size_t)(end - text->at) : text->len;
	struct span taken = { text->at, len };

	*text = span_after(*text, len + (end != NULL));
	return taken;
}

/* Lower case only, as container engines and systemd write it. */
static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Texts that the shapes leave open. Those that are only partly of use are cut to that part. */

#define ID_LEN ((size_t)64)
#define UUID_LEN ((size_t)36)

static bool is_any(struct span *text)
{
	return true;
}

static bool is_id(struct span *text)
{
	return text->len == ID_LEN && span_has_only(*text, DIGITS "abcdef");
}

static bool is_container_name(struct span *text)
{
	return !span_is(*text, ".") && !span_is(*text, "..");
}

/* Groups of 8, 4, 4, 4 and 12 digits with a separator between them, RFC 9562. */
static bool is_uuid(struct span text, char separator)
{
	for (size_t i = 0; i < text.len; i++) {
		bool between = i == 8 || i == 13 || i == 18 || i == 23;

		if (between ? text.at[i] != separator : hex_value(text.at[i]) < 0)
			return false;
	}
	return text.len == UUID_LEN;
}

/* A pod that the kubelet starts from a file has a hash of 32 digits as its UID. */
static bool is_pod(struct span *text)
{
	return is_uuid(*text, '-') || is_uuid(*text, '_') ||
	       (text->len == 32 && span_has_only(*text, DIGITS "abcdef"));
}

/* A slice's name begins with those of the slices above it, systemd.slice(5). Leaves the pod. */
static bool is_kubernetes_slice(struct span *text)
{
	span_skip(text, "kubelet-");
	if (!span_skip(text, "kubepods"))
		return false;
	if (!span_skip(text, "-burstable"))
		span_skip(text, "-besteffort");
	return span_skip(text, "-pod") && is_pod(text);
}

/* "SLICE-libpod_pod_ID": leaves the id. */
static bool is_podman_slice(struct span *text)
{
	static const char infix[] = "-libpod_pod_";
	size_t len = strlen(infix) + ID_LEN;

	if (text->len <= len)
		return false;
	*text = span_after(*text, text->len - len);
	return span_skip(text, infix) && is_id(text);
}

/* Names of hosts and applications, with the escape of '-' if they are part of a unit. */
static bool is_host(struct span *text)
{
	return span_has_only(*text, DIGITS LOWER UPPER "-_.\\");
}

/* libvirt names a machine by driver, number and domain, escaped: "qemu\\x2d1\\x2dvm1". */
static bool is_libvirt(struct span *text)
{
	struct span number = *text;

	return is_host(text) &&
	       (span_skip(&number, "qemu\\x2d") || span_skip(&number, "lxc\\x2d")) && number.len &&
	       strchr(DIGITS, *number.at);
}

/* "SNAP.APPLICATION": leaves the snap. */
static bool is_snap(struct span *text)
{
	struct span application = *text;

	*text = span_take(&application, '.');
	return text->len && application.len && span_has_only(*text, DIGITS LOWER "-_");
}

/* "SNAP.APPLICATION-UUID": leaves the snap. */
static bool is_snap_with_uuid(struct span *text)
{
	if (text->len <= UUID_LEN)
		return false;
	text->len -= UUID_LEN + 1;
	return text->at[text->len] == '-' &&
	       is_uuid((struct span){ text->at + text->len + 1, UUID_LEN }, '-') && is_snap(text);
}

static bool is_number(struct span *text)
{
	return text->len && text->len <= strlen("4294967295") && span_has_only(*text, DIGITS);
}

/* "APPLICATION-NUMBER": leaves the application. */
static bool is_flatpak(struct span *text)
{
	const char *dash = memrchr(text->at, '-', text->len);
	struct span number;

	if (!dash)
		return false;
	number = span_after(*text, (size_t)(dash + 1 - text->at));
	text->len = (size_t)(dash - text->at);
	return text->len && is_host(text) && is_number(&number);
}

/* What the text of a shape is. */
enum field {
	FIELD_CONTAINER,
	FIELD_MACHINE,
	FIELD_APP,
	FIELD_POD,
	FIELD_USER,
	FIELD_OUTSIDE, /* of no use: the shape of what supervises a container from outside */
};

/*
 * Shapes of control group paths: one or more whole components with a text between prefix and
 * suffix. They match anywhere; a slash at the start stands for the root. If two match, the first
 * counts. Units of systemd need no row. The tests have a path and its source per row.
 */
static const struct shape {
	const char *prefix;
	bool (*accepts)(struct span *text);
	const char *suffix;
	enum field field;
	enum runtime runtime;
} shapes[] = {
	/* service manager of a user: identifies only the user, user@.service(5) */
	{ "user-", is_number, ".slice", FIELD_USER, RUNTIME_UNKNOWN },

	{ "docker-", is_id, ".scope", FIELD_CONTAINER, RUNTIME_DOCKER },
	{ "docker/", is_id, "", FIELD_CONTAINER, RUNTIME_DOCKER },

	{ "libpod-", is_id, ".scope", FIELD_CONTAINER, RUNTIME_PODMAN },
	{ "libpod-payload-", is_id, "", FIELD_CONTAINER, RUNTIME_PODMAN },
	{ "libpod-", is_id, "", FIELD_CONTAINER, RUNTIME_PODMAN },
	{ "libpod-conmon-", is_any, ".scope", FIELD_OUTSIDE, RUNTIME_UNKNOWN },
	{ "", is_podman_slice, ".slice", FIELD_POD, RUNTIME_PODMAN },
	{ "libpod_parent/", is_id, "", FIELD_POD, RUNTIME_PODMAN },

	/* The kubelet makes the group of a pod, the engine that of the container below it. */
	{ "", is_kubernetes_slice, ".slice", FIELD_POD, RUNTIME_KUBERNETES },
	{ "kubepods/burstable/pod", is_pod, "", FIELD_POD, RUNTIME_KUBERNETES },
	{ "kubepods/besteffort/pod", is_pod, "", FIELD_POD, RUNTIME_KUBERNETES },
	{ "kubepods/pod", is_pod, "", FIELD_POD, RUNTIME_KUBERNETES },

	{ "cri-containerd-", is_id, ".scope", FIELD_CONTAINER, RUNTIME_CONTAINERD },
	{ "cri-containerd:", is_id, "", FIELD_CONTAINER, RUNTIME_CONTAINERD },
	{ "nerdctl-", is_id, ".scope", FIELD_CONTAINER, RUNTIME_CONTAINERD },
	{ "/k8s.io/", is_container_name, "", FIELD_CONTAINER, RUNTIME_CONTAINERD },

	{ "crio-", is_id, ".scope", FIELD_CONTAINER, RUNTIME_CRIO },
	{ "crio-", is_id, "", FIELD_CONTAINER, RUNTIME_CRIO },
	{ "crio-conmon-", is_any, ".scope", FIELD_OUTSIDE, RUNTIME_UNKNOWN },

	{ "lxc.payload.", is_container_name, "", FIELD_CONTAINER, RUNTIME_LXC },
	{ "lxc.monitor.", is_any, "", FIELD_OUTSIDE, RUNTIME_UNKNOWN },
	{ "/lxc/", is_container_name, "", FIELD_CONTAINER, RUNTIME_LXC },

	/* machines, machinectl(1) */
	{ "machine-", is_host, ".scope/payload", FIELD_MACHINE, RUNTIME_NSPAWN },
	{ "systemd-nspawn@", is_host, ".service/payload", FIELD_MACHINE, RUNTIME_NSPAWN },
	{ "systemd-nspawn@", is_any, ".service/supervisor", FIELD_OUTSIDE, RUNTIME_UNKNOWN },
	{ "machine-", is_libvirt, ".scope", FIELD_MACHINE, RUNTIME_LIBVIRT },
	{ "machine-", is_host, ".scope", FIELD_MACHINE, RUNTIME_UNKNOWN },

	{ "snap.", is_snap_with_uuid, ".scope", FIELD_APP, RUNTIME_SNAP },
	{ "snap.", is_snap, ".service", FIELD_APP, RUNTIME_SNAP },
	{ "app-flatpak-", is_flatpak, ".scope", FIELD_APP, RUNTIME_FLATPAK },

	/* An id alone: any engine, with a parent group that the user chose. */
	{ "", is_id, "", FIELD_CONTAINER, RUNTIME_UNKNOWN },
};

/*
 * Returns the length of the first component. "SLICE:cri-containerd:ID" counts as two: if kubelet
 * and containerd have different drivers, the name that runc(8) takes for systemd becomes a
 * directory.
 */
static size_t component_length(struct span path)
{
	static const char colon[] = ":cri-containerd:";
	const char *slash = path.len ? memchr(path.at, '/', path.len) : NULL;
	size_t len = slash ? (size_t)(slash - path.at) : path.len;
	const char *end = len ? memmem(path.at + 1, len - 1, colon, strlen(colon)) : NULL;

	return end ? (size_t)(end - path.at) : len;
}

/* Returns the length of the components that the shape matches, and its text; 0 for no match. */
static size_t shape_match(
	const struct shape *shape, struct span path, bool at_root, struct span *ret_text)
{
	bool anchored = *shape->prefix == '/';
	size_t end = strcspn(shape->suffix, "/"); /* how much of it is in the same component */
	struct span text = path, rest;

	if ((anchored && !at_root) || !span_skip(&text, shape->prefix + anchored))
		return 0;
	rest = text;
	text.len = component_length(text);
	if (text.len <= end)
		return 0;
	text.len -= end;
	rest = span_after(rest, text.len);
	if (!span_skip(&rest, shape->suffix) || (shape->suffix[end] && component_length(rest)) ||
		!shape->accepts(&text))
		return 0;
	*ret_text = text;
	return path.len - rest.len;
}

/* The control group of a process: parts of the file's text; at is NULL for unknown ones. */
struct cgroup_match {
	struct span path, unit;
	struct span fields[FIELD_OUTSIDE];
	const char *inside; /* start of the name of a container, machine or application */
	enum runtime runtime;
};

static void match_add(struct cgroup_match *match, const struct shape *shape, struct span text)
{
	if (!match->fields[shape->field].at)
		match->fields[shape->field] = text;
	if (shape->field <= FIELD_APP)
		match->inside = text.at;
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

	while (path.len && !match->inside) {
		const struct shape *shape;
		struct span text;
		size_t len = 0;

		path = span_after(path, 1); /* a slash or colon */
		for (size_t i = 0; !len && i < sizeof(shapes) / sizeof(*shapes); i++) {
			shape = &shapes[i];
			len = shape_match(shape, path, at_root, &text);
		}
		if (len && shape->field == FIELD_OUTSIDE)
			return;
		if (len)
			match_add(match, shape, text);
		/* Above our cgroup namespace: "/../k8s.io/ctr1", cgroup_namespaces(7). */
		at_root = at_root && span_skip(&(struct span){ path.at, path.len }, "../");
		path = span_after(path, len ? len : component_length(path));
	}
}

/* The bytes that names of units may have, and types of units with processes: systemd.unit(5). */
static bool is_unit(struct span part)
{
	static const char *const types[] = { ".service", ".scope", ".mount", ".socket", ".swap" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (span_ends_with(part, types[i]))
			return part.len <= 255 && span_has_only(part, DIGITS LOWER UPPER ":-_.\\@");
	return false;
}

/* Returns the innermost unit. */
static struct span path_find_unit(struct span path)
{
	struct span unit = { 0 };

	while (path.len) {
		struct span part = span_take(&path, '/');

		/* systemd puts '_' before a name like that of a kernel file: "memory.service". */
		span_skip(&part, "_");
		if (is_unit(part))
			unit = part;
	}
	return unit;
}

static struct cgroup_match path_match(struct span path)
{
	struct cgroup_match match = { .path = path };

	/* The control group of a zombie may be removed, Documentation/admin-guide/cgroup-v2.rst. */
	if (span_ends_with(path, " (deleted)"))
		path.len -= strlen(" (deleted)");
	match.unit = path_find_unit(path);
	path_match_shapes(path, &match);
	return match;
}

/*
 * Takes "hierarchy-ID:controllers:path", cgroups(7), in the order in which the paths are tried: the
 * unified hierarchy, which is 0; that of units of systemd, in version 1; the longest of all others.
 * A path may have any byte but NUL and newline.
 */
static void cgroup_take_line(struct span line, struct span paths[3])
{
	struct span id = span_take(&line, ':'), controllers = span_take(&line, ':');
	size_t order = span_is(id, "0") ? 0 : span_is(controllers, "name=systemd") ? 1 : 2;

	if (line.len > paths[order].len && *line.at == '/')
		paths[order] = line;
}

/*
 * Uses the first path with a container, else the first path below the root, else the root. On a
 * system with both versions of control groups, the unified path may lack the container: Docker has
 * "1:name=systemd:/docker/ID" and "0::/system.slice/containerd.service".
 */
static struct cgroup_match cgroup_parse(struct span text)
{
	struct cgroup_match match, chosen = { 0 };
	struct span paths[3] = { 0 };

	/* A line without a newline was cut off, possibly within a name. */
	while (text.len && memchr(text.at, '\n', text.len))
		cgroup_take_line(span_take(&text, '\n'), paths);
	for (size_t i = 0; i < 3 && !chosen.inside; i++) {
		if (!paths[i].at)
			continue;
		match = path_match(paths[i]);
		if (chosen.path.len <= 1 || match.inside)
			chosen = match;
	}
	return chosen;
}

static char *span_copy(struct arena *arena, struct span text)
{
	return text.at ? memcpy(arena_alloc(arena, text.len + 1), text.at, text.len) : NULL;
}

/* Decodes each escape \xNN, systemd.unit(5), but that of a NUL. */
static char *span_copy_unescaped(struct arena *arena, struct span text)
{
	char *bytes = span_copy(arena, text), *to = bytes;

	for (const char *from = bytes; from && *from; from++) {
		int high = from[0] == '\\' && from[1] == 'x' ? hex_value(from[2]) : -1;
		int low = high < 0 ? -1 : hex_value(from[3]);

		*to = *from;
		if (low >= 0 && (high || low)) {
			*to = (char)(high << 4 | low);
			from += strlen("xNN");
		}
		to++;
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

const char *identity_make_name(struct arena *arena, const struct identity *identity)
{
	const char *runtime = runtime_name(identity->runtime);
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	/* Users of pods know the tools of the cluster rather than those of the engine. */
	if (identity->pod && identity->runtime != RUNTIME_PODMAN)
		runtime = runtime_name(RUNTIME_KUBERNETES);
	if (identity->pod_name)
		strbuf_addf(&text, "%s %s%s%s", runtime_name(RUNTIME_KUBERNETES),
			identity->pod_name, identity->given ? " " : "",
			identity->given ? identity->given : "");
	else if (identity->given)
		strbuf_addf(&text, "%s %s", runtime ? runtime : "container", identity->given);
	else if (identity->container)
		strbuf_addf(&text, "%s %.*s", runtime ? runtime : "container",
			identity_short(identity->container), identity->container);
	else if (identity->machine)
		strbuf_addf(&text, "machine %s", identity->machine);
	else if (identity->app)
		strbuf_addf(&text, "%s %s", runtime, identity->app);
	else if (identity->pod)
		strbuf_addf(&text, "pod %.*s", identity_short(identity->pod), identity->pod);
	else if (identity->unit)
		strbuf_adds(&text, identity->unit);
	return arena_strdup(arena, text.text);
}

void identity_parse(
	const char *bytes, size_t len, struct arena *arena, struct identity *ret_identity)
{
	struct cgroup_match match = cgroup_parse((struct span){ bytes, strnlen(bytes, len) });
	const char *uid = match.fields[FIELD_USER].at; /* ".slice" follows */
	uint64_t number;

	*ret_identity = (struct identity){
		.cgroup = span_copy(arena, match.path),
		.unit = span_copy_unescaped(arena, match.unit),
		.container = span_copy(arena, match.fields[FIELD_CONTAINER]),
		.pod = span_copy_pod(arena, match.fields[FIELD_POD]),
		.machine = span_copy_unescaped(arena, match.fields[FIELD_MACHINE]),
		.app = span_copy_unescaped(arena, match.fields[FIELD_APP]),
		.runtime = match.runtime,
		/* Processes in the container choose the name of such a unit. */
		.unit_inside = match.inside && match.unit.at > match.inside,
	};
	ret_identity->has_user = uid && number_take(uid, UINT32_MAX, &number);
	if (ret_identity->has_user)
		ret_identity->user = (uid_t)number;
	ret_identity->name = ret_identity->id_name = identity_make_name(arena, ret_identity);
}
