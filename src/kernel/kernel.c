// SPDX-License-Identifier: MIT
/* What is the same for every table of calls. */
#include "nsls/kernel/kernel.h"

#include "nsls/kernel/procfs.h"

#include <stdlib.h>

void kernel_free_mounts(struct kernel_mount *mounts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(mounts[i].path);
	free(mounts);
}

int kernel_identify(
	const struct kernel *kernel, int dirfd, const char *path, struct ns_ref *ret_ref)
{
	char text[64];
	int fd, r = procfs_read_link(dirfd, path, text, sizeof(text));

	if (r < 0 && r != -ENAMETOOLONG && r != -EINVAL) /* too long, or no link: it is opened */
		return r;
	if (r == 0 && nstype_parse(text, ret_ref) == 0)
		return 0;
	fd = kernel->open(kernel, dirfd, path);
	if (fd < 0) /* what is no link and yet not there was a link that could not be read */
		return r == -EINVAL && fd == -ENOENT ? r : fd;
	r = kernel->ref(kernel, fd, ret_ref);
	kernel->close(kernel, fd);
	return r;
}
