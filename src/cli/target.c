// SPDX-License-Identifier: MIT
/* Resolves operands before the scan, so that a wrong one costs nothing. */
#include "nsls/cli/target.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/error.h"
#include "nsls/base/number.h"
#include "nsls/model/name.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define NETNS_DIR "/run/netns/" /* ip-netns(8) */

/*
 * A name is never looked up in the working directory, where others may create files: the caller
 * may be about to kill the members of what is found.
 */
static int parse_name(
	const struct kernel *kernel, const char *text, bool ours, struct target *target)
{
	char path[NAME_MAX + sizeof(NETNS_DIR)];

	target->file_here = access(text, F_OK) == 0;
	if (!*text || strlen(text) > NAME_MAX)
		return TARGET_NO_NAME;
	if (!ours) {
		target->ref.type = NS_NET;
		target->name = text;
		return 0;
	}
	snprintf(path, sizeof(path), NETNS_DIR "%s", text);
	return kernel_identify(kernel, AT_FDCWD, path, &target->ref) == 0 ? 0 : TARGET_NO_NAME;
}

bool target_is_path(const char *text)
{
	return strchr(text, '/');
}

static bool parse_number(const char *text, struct target *target)
{
	uint64_t ino;

	if (number_parse(text, strlen(text), UINT32_MAX, &ino) < 0)
		return nstype_parse(text, &target->ref) == 0;
	target->ref.ino = (uint32_t)ino;
	target->any_type = true;
	return true;
}

bool target_is_number(const char *text)
{
	struct target target;

	return parse_number(text, &target);
}

int target_parse(
	const struct kernel *kernel, const char *text, bool ours, struct target *ret_target)
{
	struct target target = { 0 };
	int r = 0;

	if (!parse_number(text, &target))
		r = target_is_path(text) ? kernel_identify(kernel, AT_FDCWD, text, &target.ref)
					 : parse_name(kernel, text, ours, &target);
	if (r >= 0)
		*ret_target = target;
	return r;
}

int target_find(const struct model *model, const struct target *target, uint32_t names_mnt,
	struct ns_ref *ret_ref)
{
	const struct ns *ns = target->name       ? ns_by_name(model, names_mnt, target->name)
			      : target->any_type ? model_find_inode(model, target->ref.ino)
						 : model_find(model, target->ref);

	if (!ns || !ns->first)
		return -ENOENT;
	*ret_ref = ns->ref;
	return 0;
}

static int read_links(int dirfd, struct ns_ref *ret_refs)
{
	int n = 0, error = -ESRCH;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r = procfs_read_ns(dirfd, nstype_info(t)->link, t, &ino);

		if (r == 0)
			ret_refs[n++] = (struct ns_ref){ t, ino };
		else if (r != -ENOENT)
			error = r;
	}
	return n ? n : error;
}

int target_of_task(const struct procfs *procfs, pid_t pid, struct ns_ref *ret_refs)
{
	CLEANUP_FD int fd = procfs_open_task(procfs, pid);
	CLEANUP_FD int thread_fd = -1;
	uint32_t ino;
	pid_t tid;

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	/* Where it has ended, or only its first thread has. */
	if (procfs_read_ns(fd, nstype_info(NS_MNT)->link, NS_MNT, &ino) == -ENOENT)
		thread_fd = procfs_open_remaining_thread(procfs, fd, pid, &tid);
	if (error_is_fatal(thread_fd))
		return thread_fd;
	return read_links(thread_fd < 0 ? fd : thread_fd, ret_refs);
}
