// SPDX-License-Identifier: MIT
/* Resolves operands before the scan, so that a wrong one costs nothing. */
#include "nsls/cli/target.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int parse_path(const struct kernel *kernel, const char *path, struct ns_ref *ret_ref)
{
	char text[64];
	int r, fd;

	/* The link of a proc tree says all, also where it is a plain directory's. */
	if (procfs_read_link(AT_FDCWD, path, text, sizeof(text)) == 0 &&
		nstype_parse(text, ret_ref) == 0)
		return 0;
	fd = kernel->open(kernel, AT_FDCWD, path);
	if (fd < 0)
		return fd;
	r = kernel->ref(kernel, fd, ret_ref);
	kernel->close(kernel, fd);
	return r;
}

int target_parse(const struct kernel *kernel, const char *text, struct target *ret_target)
{
	struct target target = { 0 };
	uint64_t ino;
	int r;

	if (number_parse(text, strlen(text), UINT32_MAX, &ino) == 0) {
		target.ref.ino = (uint32_t)ino;
		target.any_type = true;
	} else if (nstype_parse(text, &target.ref) < 0) {
		r = parse_path(kernel, text, &target.ref);
		if (r < 0)
			return r;
	}
	*ret_target = target;
	return 0;
}

int target_find(const struct model *model, const struct target *target, struct ns_ref *ret_ref)
{
	const struct ns *ns = target->any_type ? model_find_inode(model, target->ref.ino)
					       : model_find(model, target->ref);

	if (!ns || !ns->first)
		return -ENOENT;
	*ret_ref = ns->ref;
	return 0;
}

int target_of_task(const struct procfs *procfs, pid_t pid, struct ns_ref *ret_refs)
{
	CLEANUP_FD int fd = procfs_open_task(procfs, pid);
	int n = 0, error = -ESRCH;

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r = procfs_read_ns(fd, nstype_info(t)->link, t, &ino);

		if (r == 0)
			ret_refs[n++] = (struct ns_ref){ t, ino };
		else if (r != -ENOENT)
			error = r;
	}
	return n ? n : error;
}
