// SPDX-License-Identifier: MIT
/*
 * Reads mountinfo, proc_pid_mountinfo(5): mounts of namespace files and of file systems that hold
 * namespaces, mounts that are looked for, by device, mount point or source, and the mounts that
 * have the files on which namespace files are mounted.
 */
#include "internal.h"

#include <errno.h>
#include <libmount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The fields of a line. Root, target and source may have escapes. */
struct mount_line {
	char *id, *parent, *device, *root, *target, *type, *source;
	char *options; /* mount options and optional fields; NULL: none */
};

/* Any user can mount these, in a user namespace, with any text as source. */
static const char *const free_types[] = { "tmpfs", "ramfs", "overlay", "fuse", "fuse.", "proc",
	"sysfs", "mqueue", "devpts", "cgroup", "cgroup2", "binfmt_misc", "bpf" };

/* Ends the first field with a NUL, and moves *text behind it. Twice as fast as strsep(3). */
static char *field_take(char **text)
{
	char *field = *text, *end = field ? strchr(field, ' ') : NULL;

	if (end)
		*end++ = '\0';
	*text = end;
	return field;
}

/*
 * Ends each field with a NUL. A blank in a field is written \040, so none contains " - ". Returns
 * false if a field is missing.
 */
static bool mount_line_split(char *text, struct mount_line *ret_line)
{
	char *type = strstr(text, " - ");

	if (type) {
		*type = '\0';
		type += 3;
	}
	ret_line->id = field_take(&text);
	ret_line->parent = field_take(&text);
	ret_line->device = field_take(&text);
	ret_line->root = field_take(&text);
	ret_line->target = field_take(&text);
	ret_line->options = text;
	ret_line->type = field_take(&type);
	ret_line->source = field_take(&type);
	return ret_line->target && ret_line->source;
}

/* Returns whether the field, decoded, is that text, which may be NULL. */
static bool field_is(const char *field, const char *text)
{
	char *decoded;
	bool same;

	if (!text || strlen(text) > strlen(field)) /* escapes make it longer */
		return false;
	decoded = memory_check(mnt_unmangle(field));
	same = !strcmp(decoded, text);
	free(decoded);
	return same;
}

static bool type_is(const struct mount_line *line, const char *type)
{
	size_t len = strlen(type);

	return !strncmp(line->type, type, len) && (type[len - 1] == '.' || !line->type[len]);
}

static bool is_wanted(const struct mount_filter *filter, const struct mount_line *line)
{
	if (!filter)
		return false;
	if (filter->device && !strcmp(line->device, filter->device) &&
		(!filter->root || field_is(line->root, filter->root)))
		return true;
	if (field_is(line->target, filter->point))
		return true;
	/* For a block device, only the source of a file system that may be on one counts. */
	for (size_t i = 0; filter->device && i < sizeof(free_types) / sizeof(*free_types); i++)
		if (type_is(line, free_types[i]))
			return false;
	return field_is(line->source, filter->source) || field_is(line->source, filter->typed);
}

/* The first mount of a mount namespace is its own parent. */
int mount_table_take(void *data, char *text, size_t len)
{
	struct mount_table *table = data;
	struct kernel_mount mount = { 0 };
	uint64_t id = 0, parent = 0, major, minor;
	const struct ns_ref *held = NULL;
	const char *colon;
	struct mount_line line;
	bool whole = mount_line_split(text, &line), is_nsfs;
	bool known = number_take(line.id, UINT32_MAX, &id);

	if (line.parent)
		number_take(line.parent, UINT32_MAX, &parent);
	table->mounts += !known || id != parent;
	if (!whole) {
		table->bad++;
		return 0;
	}
	table->has_root = table->has_root || !strcmp(line.target, "/");
	mount.id = (uint32_t)id;
	mount.parent = (uint32_t)parent;
	mount.wanted = is_wanted(table->filter, &line);
	/* The mounted file system may hold a namespace. */
	if (table->superblocks && table->superblocks->used &&
		(colon = number_take(line.device, UINT32_MAX, &major)) && *colon == ':' &&
		number_take(colon + 1, UINT32_MAX, &minor))
		held = u64map_get(table->superblocks, superblock_key(major, minor));
	mount.file_system = held;
	if (held)
		mount.ref = *held;
	is_nsfs = type_is(&line, "nsfs");
	if ((!mount.wanted && !mount.ref.ino && !is_nsfs) ||
		(known && is_nsfs && nstype_is_newer(line.root)))
		return 0;
	if (!known || (is_nsfs && nstype_parse(line.root, &mount.ref) < 0)) {
		table->bad++;
		return 0;
	}
	snprintf(mount.device, sizeof(mount.device), "%s", line.device);
	mount.path = memory_check(mnt_unmangle(line.target));
	table->points += strlen(mount.path);
	if (table->points > KERNEL_MOUNT_PATHS_MAX) {
		free(mount.path);
		mount.path = memory_copy(KERNEL_MOUNT_TOO_LONG);
	}
	*array_push(table->at, table->n, table->size) = mount;
	return 0;
}

/* The last mount at a mount point hides the others. */
static int find_device(void *data, char *text, size_t len)
{
	struct mount_filter *filter = data;
	struct mount_line line;

	if (!mount_line_split(text, &line) || !field_is(line.target, filter->point))
		return 0;
	free(filter->device);
	free(filter->root);
	filter->device = memory_copy(line.device);
	filter->root = type_is(&line, "nsfs") ? memory_copy(line.root) : NULL;
	return 0;
}

int mount_filter_find(const struct procfs *procfs, pid_t pid, struct mount_filter *filter)
{
	CLEANUP_FD int fd = procfs_open_process(procfs, pid);

	return fd < 0 ? fd : procfile_each_line(fd, "mountinfo", find_device, filter, NULL);
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

/* Mounts by the mount that has their file. */
struct points {
	struct kernel_mount *mounts;
	struct u64map first;        /* by id of a mount: the first of mounts that is on it */
	struct kernel_mount **next; /* by index in mounts: the next mount that is on the same */
	struct u64map done;         /* ids that were found */
	size_t bytes;               /* of files */
};

/* Returns the number behind a tag such as " shared:", or 0. An option has no blank before it. */
static uint32_t optional_field(const char *fields, const char *tag)
{
	const char *at = fields ? strstr(fields, tag) : NULL;
	uint64_t number = 0;

	if (at)
		number_take(at + strlen(tag), UINT32_MAX, &number);
	return (uint32_t)number;
}

/*
 * Limit of the bytes of files in one mount namespace: each mount has a copy of the path of its
 * parent, which may be long. Mounts beyond have none.
 */
#define FILES_MAX ((size_t)8 * 1024 * 1024)

static int points_take_line(void *data, char *text, size_t len)
{
	struct points *points = data;
	struct kernel_mount *mount;
	struct mount_line line;
	char *root, *target;
	uint64_t id;
	size_t skip;

	mount = number_take(text, UINT32_MAX, &id) ? u64map_get(&points->first, id) : NULL;
	if (!mount || !mount_line_split(text, &line) || !u64map_add(&points->done, id))
		return 0;
	root = memory_check(mnt_unmangle(line.root));
	target = memory_check(mnt_unmangle(line.target));
	skip = strcmp(target, "/") ? strlen(target) : 0;
	for (; mount; mount = points->next[mount - points->mounts]) {
		const char *path = mount->path;
		struct strbuf file = { 0 };

		if (strncmp(path, target, skip) != 0 || path[skip] != '/' ||
			points->bytes > FILES_MAX || mount->file_system)
			continue;
		strbuf_addf(
			&file, "%s %s%s", line.device, strcmp(root, "/") ? root : "", path + skip);
		points->bytes += file.len;
		mount->file = file.text;
		mount->peers = optional_field(line.options, " shared:");
		mount->master = optional_field(line.options, " master:");
	}
	free(root);
	free(target);
	return 0;
}

/* Reads the table once more for the files that mounts are on, and leaves out changed mounts. */
int mount_table_read(const struct ctx *ctx, int dirfd, struct mount_table *ret_table)
{
	struct mount_table table = { .superblocks = &ctx->superblocks,
		.filter = ctx->options.mounted };
	int r = procfile_each_line(dirfd, "mountinfo", mount_table_take, &table, NULL);

	if (r == 0 && ctx->options.points && table.n) {
		struct points points = { .mounts = table.at,
			.next = memory_alloc(table.n, sizeof(struct kernel_mount *)) };

		for (size_t i = table.n; i-- > 0;) {
			points.next[i] = u64map_get(&points.first, table.at[i].parent);
			u64map_put(&points.first, table.at[i].parent, &table.at[i]);
		}
		r = procfile_each_line(dirfd, "mountinfo", points_take_line, &points, NULL);
		free(points.next);
		u64map_done(&points.first);
		u64map_done(&points.done);
	}
	if (r < 0) {
		kernel_free_mounts(table.at, table.n);
		return r;
	}
	*ret_table = table;
	return 0;
}
