// SPDX-License-Identifier: MIT
/* Lines of mountinfo of mounts that are looked for: by device, mount point or source. */
#include "internal.h"

#include "nsls/procfs.h"

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
