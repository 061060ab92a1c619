// SPDX-License-Identifier: MIT
/*
 * Identifies the container, machine, pod or unit of a process by the text of /proc/PID/cgroup.
 * Users choose parts of that text, so no byte of it is trusted.
 */
#include "nsls/enrich.h"

#include <stdlib.h>
#include <string.h>

/* The classes of ctype.h depend on the locale. Engines and systemd write hex in lower case. */
#define DIGITS "0123456789"
#define HEX DIGITS "abcdef"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Moves the start of text behind a word. Returns false if text does not start with it. */
static bool text_skip(char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len) != 0)
		return false;
	*text += len;
	return true;
}

/* Returns false also for a text that is nothing but the end. */
static bool text_ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcmp(text + len - end_len, end);
}

static bool text_has_only(const char *text, const char *bytes)
{
	return !text[strspn(text, bytes)];
}

/*
 * Texts that the shapes leave open. Each function gets a copy, which it cuts to the part that is of
 * use.
 */

#define ID_LEN ((size_t)64)
#define UUID_LEN ((size_t)36)

static bool is_id(char **text)
{
	return strlen(*text) == ID_LEN && text_has_only(*text, HEX);
}

static bool is_container_name(char **text)
{
	return strcmp(*text, ".") != 0 && strcmp(*text, "..") != 0;
}

/* Groups of 8, 4, 4, 4 and 12 digits with a separator between them, RFC 9562. */
static bool is_uuid(const char *text, char separator)
{
	size_t len = 0;

	for (; text[len]; len++) {
		bool between = len == 8 || len == 13 || len == 18 || len == 23;

		if (between ? text[len] != separator : !strchr(HEX, text[len]))
			return false;
	}
	return len == UUID_LEN;
}

/*
 * The kubelet writes '_' for '-', which separates levels in names of slices, systemd.slice(5). A
 * pod that it starts from a file has a hash of 32 digits as its UID.
 */
static bool is_pod(char **text)
{
	if (is_uuid(*text, '_'))
		for (char *c = *text; *c; c++)
			if (*c == '_')
				*c = '-';
	return is_uuid(*text, '-') || (strlen(*text) == 32 && text_has_only(*text, HEX));
}

/* A slice's name begins with those of the slices above it. Leaves the pod. */
static bool is_kubernetes_slice(char **text)
{
	text_skip(text, "kubelet-");
	if (!text_skip(text, "kubepods"))
		return false;
	if (!text_skip(text, "-burstable"))
		text_skip(text, "-besteffort");
	return text_skip(text, "-pod") && is_pod(text);
}

/* "SLICE-libpod_pod_ID": leaves the id. */
static bool is_podman_slice(char **text)
{
	static const char infix[] = "-libpod_pod_";
	size_t len = strlen(*text), end = strlen(infix) + ID_LEN;

	*text += len > end ? len - end : 0;
	return len > end && text_skip(text, infix) && is_id(text);
}

/* Names of hosts and applications, with the escape of '-' if they are part of a unit. */
static bool is_host(char **text)
{
	return text_has_only(*text, DIGITS LOWER UPPER "-_.\\");
}

/* libvirt names a machine by driver, number and domain, escaped: "qemu\\x2d1\\x2dvm1". */
static bool is_libvirt(char **text)
{
	char *number = *text;

	return is_host(text) &&
	       (text_skip(&number, "qemu\\x2d") || text_skip(&number, "lxc\\x2d")) &&
	       *number >= '0' && *number <= '9';
}

/* "SNAP.APPLICATION": leaves the snap. */
static bool is_snap(char **text)
{
	char *application = *text;

	*text = strsep(&application, ".");
	return **text && application && *application && text_has_only(*text, DIGITS LOWER "-_");
}

/* "SNAP.APPLICATION-UUID": leaves the snap. */
static bool is_snap_with_uuid(char **text)
{
	size_t len = strlen(*text);
	char *dash = len > UUID_LEN ? *text + len - UUID_LEN - 1 : NULL;

	if (!dash || *dash != '-' || !is_uuid(dash + 1, '-'))
		return false;
	*dash = '\0';
	return is_snap(text);
}

static bool is_number(char **text)
{
	return **text && strlen(*text) <= strlen("4294967295") && text_has_only(*text, DIGITS);
}

/* "APPLICATION-NUMBER": leaves the application. */
static bool is_flatpak(char **text)
{
	char *number = strrchr(*text, '-');

	if (!number)
		return false;
	*number++ = '\0';
	return **text && is_host(text) && is_number(&number);
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
	bool (*accepts)(char **text); /* NULL: any text */
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
	{ "libpod-conmon-", NULL, ".scope", FIELD_OUTSIDE, RUNTIME_UNKNOWN },
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
	{ "crio-conmon-", NULL, ".scope", FIELD_OUTSIDE, RUNTIME_UNKNOWN },

	{ "lxc.payload.", is_container_name, "", FIELD_CONTAINER, RUNTIME_LXC },
	{ "lxc.monitor.", NULL, "", FIELD_OUTSIDE, RUNTIME_UNKNOWN },
	{ "/lxc/", is_container_name, "", FIELD_CONTAINER, RUNTIME_LXC },

	/* machines, machinectl(1) */
	{ "machine-", is_host, ".scope/payload", FIELD_MACHINE, RUNTIME_NSPAWN },
	{ "systemd-nspawn@", is_host, ".service/payload", FIELD_MACHINE, RUNTIME_NSPAWN },
	{ "systemd-nspawn@", NULL, ".service/supervisor", FIELD_OUTSIDE, RUNTIME_UNKNOWN },
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
static size_t component_length(const char *path)
{
	static const char colon[] = ":cri-containerd:";
	size_t len = strcspn(path, "/");
	const char *end = len ? memmem(path + 1, len - 1, colon, strlen(colon)) : NULL;

	return end ? (size_t)(end - path) : len;
}

/*
 * Returns the length of the components that the shape matches, and its text, owned by the arena; 0
 * for no match.
 */
static size_t shape_match(
	const struct shape *shape, char *path, bool at_root, struct arena *arena, char **ret_text)
{
	bool anchored = *shape->prefix == '/';
	size_t end = strcspn(shape->suffix, "/"); /* how much of it is in the same component */
	char *text = path, *rest;
	size_t len;

	if ((anchored && !at_root) || !text_skip(&text, shape->prefix + anchored))
		return 0;
	len = component_length(text);
	if (len <= end)
		return 0;
	len -= end;
	rest = text + len;
	if (!text_skip(&rest, shape->suffix) || (shape->suffix[end] && component_length(rest)))
		return 0;
	*ret_text = memcpy(arena_alloc(arena, len + 1), text, len);
	return !shape->accepts || shape->accepts(ret_text) ? (size_t)(rest - path) : 0;
}

static int hex_value(char c)
{
	static const char digits[] = HEX;
	const char *digit = c ? strchr(digits, c) : NULL;

	return digit ? (int)(digit - digits) : -1;
}

/* Decodes each escape \xNN, systemd.unit(5), but that of a NUL. */
static char *unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		int high = from[0] == '\\' && from[1] == 'x' ? hex_value(from[2]) : -1;
		int low = high < 0 ? -1 : hex_value(from[3]);

		*to = *from;
		if (low >= 0 && (high || low)) {
			*to = (char)(high << 4 | low);
			from += strlen("xNN");
		}
		to++;
	}
	*to = '\0';
	return text;
}

/* Sets what the text of a shape is. The first text of a kind counts. */
static void identity_take(struct identity *identity, const struct shape *shape, char *text)
{
	const char **const texts[] = {
		[FIELD_CONTAINER] = &identity->container,
		[FIELD_MACHINE] = &identity->machine,
		[FIELD_APP] = &identity->app,
		[FIELD_POD] = &identity->pod,
	};
	uint64_t user;

	if (shape->runtime != RUNTIME_UNKNOWN)
		identity->runtime = shape->runtime;
	if (shape->field != FIELD_USER) {
		if (!*texts[shape->field])
			*texts[shape->field] =
				shape->field == FIELD_CONTAINER ? text : unescape(text);
	} else if (!identity->has_user && number_take(text, UINT32_MAX, &user)) {
		identity->has_user = true;
		identity->user = (uid_t)user;
	}
}

/* The bytes that names of units may have, and types of units with processes: systemd.unit(5). */
static bool is_unit(const char *part)
{
	static const char *const types[] = { ".service", ".scope", ".mount", ".socket", ".swap" };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (text_ends_with(part, types[i]))
			return strlen(part) <= 255 &&
			       text_has_only(part, DIGITS LOWER UPPER ":-_.\\@");
	return false;
}

/*
 * Matches shapes from the root on, up to the first container: processes in the container make the
 * control groups below it, and could imitate those of another container.
 */
static struct identity path_match(const char *path, struct arena *arena)
{
	const struct shape *end = shapes + sizeof(shapes) / sizeof(*shapes);
	struct identity identity = { .cgroup = path };
	char *rest = arena_strdup(arena, path), *at = rest, *part;
	bool at_root = true;

	/* The control group of a zombie may be removed, Documentation/admin-guide/cgroup-v2.rst. */
	if (text_ends_with(rest, " (deleted)"))
		rest[strlen(rest) - strlen(" (deleted)")] = '\0';
	while (*at && !identity_container(&identity)) {
		const struct shape *shape = shapes;
		size_t len = 0;
		char *text;

		at++; /* a slash or colon */
		while (shape < end && !(len = shape_match(shape, at, at_root, arena, &text)))
			shape++;
		if (len && shape->field == FIELD_OUTSIDE)
			break;
		if (len)
			identity_take(&identity, shape, text);
		/* Above our cgroup namespace: "/../k8s.io/ctr1", cgroup_namespaces(7). */
		at_root = at_root && !strncmp(at, "../", strlen("../"));
		at += len ? len : component_length(at);
	}
	while ((part = strsep(&rest, "/"))) {
		/* systemd puts '_' before a name like that of a kernel file: "memory.service". */
		text_skip(&part, "_");
		if (is_unit(part)) {
			identity.unit = unescape(part);
			identity.unit_inside = identity_container(&identity) && part > at;
		}
	}
	return identity;
}

const char *identity_make_name(struct arena *arena, const struct identity *identity)
{
	const char *runtime = runtime_names[identity->runtime];
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	/* Users of pods know the tools of the cluster rather than those of the engine. */
	if (identity->pod && identity->runtime != RUNTIME_PODMAN)
		runtime = runtime_names[RUNTIME_KUBERNETES];
	if (identity->pod_name)
		strbuf_addf(&text, "%s %s%s%s", runtime_names[RUNTIME_KUBERNETES],
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

/*
 * A line is "hierarchy-ID:controllers:path", cgroups(7); the path may have any byte but NUL and
 * newline. The paths are tried in this order: the unified hierarchy, which is 0; that of units of
 * systemd, in version 1; the longest of all others.
 *
 * Uses the first path with a container, else the first path below the root, else the root. On a
 * system with both versions of control groups, the unified path may lack the container: Docker has
 * "1:name=systemd:/docker/ID" and "0::/system.slice/containerd.service".
 */
void identity_parse(const char *text, struct arena *arena, struct identity *ret_identity)
{
	char *copy = memory_copy(text), *rest = copy, *line;
	struct identity identity, chosen = { 0 };
	const char *paths[3] = { NULL };

	/* A line without a newline was cut off, possibly within a name. */
	while ((line = strsep(&rest, "\n")) && rest) {
		const char *id = strsep(&line, ":"), *controllers = strsep(&line, ":");
		size_t order = 2;

		if (!line || *line != '/')
			continue;
		if (!strcmp(id, "0"))
			order = 0;
		else if (!strcmp(controllers, "name=systemd"))
			order = 1;
		if (!paths[order] || strlen(line) > strlen(paths[order]))
			paths[order] = line;
	}
	for (size_t i = 0; i < 3 && !identity_container(&chosen); i++) {
		if (!paths[i])
			continue;
		identity = path_match(paths[i], arena);
		if (!chosen.cgroup || !chosen.cgroup[1] || identity_container(&identity))
			chosen = identity;
	}
	chosen.cgroup = arena_strdup(arena, chosen.cgroup);
	chosen.name = chosen.id_name = identity_make_name(arena, &chosen);
	*ret_identity = chosen;
	free(copy);
}
