// SPDX-License-Identifier: MIT
/*
 * Reads the files that mounts of namespace files are on: device and path in the file system of the
 * mount that has the file. Two mounts are on the same file if these are equal, also in different
 * mount namespaces.
 */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/procfs.h"

#include <stdlib.h>
#include <string.h>

/* A mount that has the file of another one. */
struct parent {
	bool found;
	char *device, *root, *target;
	uint32_t peers, master;
};

struct parents {
	struct u64map by_id;
	struct parent *at; /* one per mount, of which only the first with its id is used */
};

/* Ends the field with a NUL, and returns the next one, or NULL. */
static char *end_field(char *field)
{
	char *blank = field ? strchr(field, ' ') : NULL;

	if (!blank)
		return NULL;
	*blank = '\0';
	return blank + 1;
}

/* Returns the number behind a tag such as " shared:", or 0. An option has no blank before it. */
static uint32_t optional_field(const char *fields, const char *tag)
{
	const char *at = strstr(fields, tag), *end = strstr(fields, " - ");
	uint64_t number = 0;

	if (at && (!end || at < end))
		number_take(at + strlen(tag), UINT32_MAX, &number);
	return (uint32_t)number;
}

static void parent_take(struct parent *parent, char *line)
{
	char *device = end_field(end_field(line));
	char *root = end_field(device);
	char *target = end_field(root);
	const char *options = end_field(target);

	if (!options)
		return;
	parent->found = true;
	parent->device = memory_copy(device);
	parent->root = mountinfo_decode(root);
	parent->target = mountinfo_decode(target);
	parent->peers = optional_field(options, " shared:");
	parent->master = optional_field(options, " master:");
}

static int parents_take_line(void *data, char *line, size_t len)
{
	const struct parents *parents = data;
	struct parent *parent;
	uint64_t id;

	if (!number_take(line, UINT32_MAX, &id))
		return 0;
	parent = u64map_get(&parents->by_id, id);
	if (parent && !parent->found)
		parent_take(parent, line);
	return 0;
}

/* Returns the path behind a directory that is above it, or NULL. */
static const char *path_below(const char *path, const char *dir)
{
	size_t len = strcmp(dir, "/") ? strlen(dir) : 0;

	return !strncmp(path, dir, len) && path[len] == '/' ? path + len : NULL;
}

/*
 * Limit of the bytes of files in one mount namespace: each mount has a copy of the path of its
 * parent, which may be long. Mounts beyond have none.
 */
#define FILES_MAX ((size_t)8 * 1024 * 1024)

static void set_point(struct kernel_mount *mount, const struct parent *parent, size_t *files)
{
	const char *below = parent->found ? path_below(mount->path, parent->target) : NULL;
	struct strbuf file;

	if (!below || *files > FILES_MAX)
		return;
	strbuf_init(&file);
	strbuf_addf(&file, "%s %s%s", parent->device, strcmp(parent->root, "/") ? parent->root : "",
		below);
	*files += file.len;
	mount->file = file.text;
	mount->peers = parent->peers;
	mount->master = parent->master;
}

int read_mount_points(int dirfd, struct kernel_mount *mounts, size_t n)
{
	struct parents parents = { .at = memory_alloc(n, sizeof(*parents.at)) };
	size_t files = 0;
	int r;

	u64map_init(&parents.by_id);
	for (size_t i = 0; i < n; i++)
		if (!u64map_get(&parents.by_id, mounts[i].parent))
			u64map_put(&parents.by_id, mounts[i].parent, &parents.at[i]);
	r = procfile_each_line(dirfd, "mountinfo", parents_take_line, &parents);
	for (size_t i = 0; r == 0 && i < n; i++)
		set_point(&mounts[i], u64map_get(&parents.by_id, mounts[i].parent), &files);
	for (size_t i = 0; i < n; i++) {
		free(parents.at[i].device);
		free(parents.at[i].root);
		free(parents.at[i].target);
	}
	free(parents.at);
	u64map_done(&parents.by_id);
	return r;
}
