// SPDX-License-Identifier: MIT
/* Which line's path counts, and the shapes and the unit in that path. Needs no memory. */
#include "identity_find.h"

#include <string.h>

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
