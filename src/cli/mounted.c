// SPDX-License-Identifier: MIT
/* The argument of --mounted: from a path, a device or its number to the mounts to look for. */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/cli.h"
#include "nsls/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What a path leads to. */
struct found_path {
	bool found, block_device;
	unsigned major, minor; /* of a block device */
	char path[PATH_MAX];   /* without links; empty: unknown */
};

static char *device_text(unsigned major, unsigned minor)
{
	char text[KERNEL_DEVICE_MAX];

	snprintf(text, sizeof(text), "%u:%u", major, minor);
	return memory_copy(text);
}

/* O_PATH opens neither a device nor a file, and does not ask the server of a mount point. */
static void find_path(const void *data, size_t i, void *item)
{
	CLEANUP_FD int fd = open(data, O_PATH | O_CLOEXEC);
	struct found_path *found = item;
	struct statx stx;
	char link[40];

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &stx) < 0)
		return;
	found->found = true;
	found->block_device = S_ISBLK(stx.stx_mode);
	found->major = stx.stx_rdev_major;
	found->minor = stx.stx_rdev_minor;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (procfs_read_link(AT_FDCWD, link, found->path, sizeof(found->path)) < 0)
		found->path[0] = '\0';
}

/* Returns the path without slashes at its end. */
static char *path_trim(const char *path)
{
	char *copy = memory_copy(path);

	for (size_t len = strlen(copy); len > 1 && copy[len - 1] == '/'; len--)
		copy[len - 1] = '\0';
	return copy;
}

bool mounted_parse_number(const char *text, char **ret_device)
{
	uint64_t major, minor;
	const char *colon = number_take(text, UINT32_MAX, &major);
	const char *end =
		colon && *colon == ':' ? number_take(colon + 1, UINT32_MAX, &minor) : NULL;

	if (!end || *end)
		return false;
	if (ret_device)
		*ret_device = device_text((unsigned)major, (unsigned)minor);
	return true;
}

/*
 * A path of another system is looked up only in the mount table of that. One that does not exist
 * may still be a mount point elsewhere, or the source of a mount.
 */
static int resolve_path(const struct session *session, struct mount_filter *filter)
{
	const char *text = session->options->mounted;
	bool ours = session->procfs.ours;
	struct found_path found = { 0 };
	const struct child_work work = {
		.run = find_path, .data = text, .items = &found, .n = 1, .size = sizeof(found)
	};
	int r;

	if (ours && child_run(&work, session->options->timeout_ms) < 1) {
		message_print(session->err, "timed out reading %s", text);
		return -ETIMEDOUT;
	}
	filter->typed = memory_copy(text);
	filter->source = path_trim(found.path[0] == '/' ? found.path : text);
	if (found.block_device) {
		filter->device = device_text(found.major, found.minor);
		return 0;
	}
	filter->point = memory_copy(filter->source);
	r = mount_filter_find(&session->procfs, ours ? session->procfs.self : 1, filter);
	if (filter->device) { /* which says more than a text that any user may choose */
		free(filter->point);
		free(filter->source);
		free(filter->typed);
		filter->point = filter->source = filter->typed = NULL;
	}
	return error_is_fatal(r) ? session_fail(session, r) : 0;
}

int mounted_resolve(const struct session *session, struct mount_filter *filter)
{
	if (!session->options->mounted ||
		mounted_parse_number(session->options->mounted, &filter->device))
		return 0;
	return resolve_path(session, filter);
}

static bool model_has_mounted(const struct model *model)
{
	for (size_t i = 0; i < model->n; i++)
		if (model->at[i]->mounted)
			return true;
	return false;
}

int mounted_check(const struct session *session)
{
	const char *rest =
		report_is_complete(&session->report) ? "" : ", but not everything could be read";
	const struct mount_filter *filter = &session->mounted;
	const char *text = session->options->mounted;

	if (!text || session->options->quiet || session->options->count ||
		model_has_mounted(&session->model))
		return 0;
	if (!filter->device)
		message_print(session->err,
			"nothing is mounted on %s, or from it, in any mount namespace%s", text,
			rest);
	else if (!strcmp(filter->device, text))
		message_print(
			session->err, "no mount namespace has device %s mounted%s", text, rest);
	else
		message_print(session->err, "no mount namespace has %s (device %s) mounted%s", text,
			filter->device, rest);
	return -ENOENT;
}
