// SPDX-License-Identifier: MIT
/*
 * Lines of mountinfo besides those of namespace files: of mounts that are looked for, by device,
 * mount point or source, and of mounts that have the files on which namespace files are mounted.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fields of a line, proc_pid_mountinfo(5). All but the device may have escapes. */
struct mount_line {
	const char *device, *root, *target, *type, *source;
};

/* Any user can mount these, in a user namespace, with any text as source. */
static const char *const free_types[] = { "tmpfs", "ramfs", "overlay", "fuse", "fuse.", "proc",
	"sysfs", "mqueue", "devpts", "cgroup", "cgroup2", "binfmt_misc", "bpf" };

static const char *skip_fields(const char *text, int n)
{
	for (; text && n; n--) {
		text = strchr(text, ' ');
		text = text ? text + 1 : NULL;
	}
	return text;
}

/* A blank in a field is written \040, so none contains " - ". */
static bool mount_line_split(const char *line, struct mount_line *ret_line)
{
	const char *type = strstr(line, " - ");

	ret_line->device = skip_fields(line, 2);
	ret_line->root = skip_fields(ret_line->device, 1);
	ret_line->target = skip_fields(ret_line->root, 1);
	ret_line->type = type ? type + 3 : NULL;
	ret_line->source = skip_fields(ret_line->type, 1);
	return ret_line->target && ret_line->source;
}

static char *field_copy(const char *field)
{
	size_t len = strcspn(field, " ");
	char *copy = memory_alloc(len + 1, 1);

	return memcpy(copy, field, len);
}

/* Returns whether the field, decoded, is that text, which may be NULL. */
static bool field_is(const char *field, const char *text)
{
	char *raw, *decoded;
	bool same;

	if (!text || strlen(text) > strcspn(field, " ")) /* escapes make it longer */
		return false;
	raw = field_copy(field);
	decoded = mountinfo_decode(raw);
	same = !strcmp(decoded, text);
	free(decoded);
	free(raw);
	return same;
}

static bool type_is(const struct mount_line *line, const char *type)
{
	size_t len = strlen(type);

	return !strncmp(line->type, type, len) && (type[len - 1] == '.' || line->type[len] == ' ');
}

/* For a block device, only the source of a file system that may be on one counts. */
static bool source_is(
	const struct mount_line *line, const struct mount_filter *filter, const char *text)
{
	for (size_t i = 0; filter->device && i < sizeof(free_types) / sizeof(*free_types); i++)
		if (type_is(line, free_types[i]))
			return false;
	return field_is(line->source, text);
}

static void copy_device(const struct mount_line *line, char ret_device[KERNEL_DEVICE_MAX])
{
	snprintf(ret_device, KERNEL_DEVICE_MAX, "%.*s", (int)strcspn(line->device, " "),
		line->device);
}

bool mountinfo_is_wanted(
	const struct mount_filter *filter, const char *text, char ret_device[KERNEL_DEVICE_MAX])
{
	struct mount_line line;

	if (!filter || !mount_line_split(text, &line))
		return false;
	copy_device(&line, ret_device);
	if (filter->device && !strcmp(ret_device, filter->device) &&
		(!filter->root || field_is(line.root, filter->root)))
		return true;
	return field_is(line.target, filter->point) || source_is(&line, filter, filter->source) ||
	       source_is(&line, filter, filter->typed);
}

/* The last mount at a mount point hides the others. */
static int find_device(void *data, char *text, size_t len)
{
	struct mount_filter *filter = data;
	char device[KERNEL_DEVICE_MAX];
	struct mount_line line;

	if (!mount_line_split(text, &line) || !field_is(line.target, filter->point))
		return 0;
	free(filter->device);
	free(filter->root);
	copy_device(&line, device);
	filter->device = memory_copy(device);
	filter->root = type_is(&line, "nsfs") ? field_copy(line.root) : NULL;
	return 0;
}

int mount_filter_find(const struct procfs *procfs, pid_t pid, struct mount_filter *filter)
{
	CLEANUP_FD int fd = procfs_open_process(procfs, pid);

	return fd < 0 ? fd : procfile_each_line(fd, "mountinfo", find_device, filter);
}

void mount_filter_done(struct mount_filter *filter)
{
	free(filter->device);
	free(filter->root);
	free(filter->point);
	free(filter->source);
	free(filter->typed);
	*filter = (struct mount_filter){ 0 };
}

/*
 * The files that mounts of namespace files are on: device and path in the file system of the mount
 * that has the file. Two mounts are on the same file if these are equal, also in different mount
 * namespaces.
 */

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
	struct strbuf file = { 0 };

	if (!below || *files > FILES_MAX)
		return;
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
