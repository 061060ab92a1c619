// SPDX-License-Identifier: MIT
/*
 * Open descriptors on namespaces. One that was opened through a bind mount, or that is a detached
 * mount of a namespace file, reads back as a path: only the file system tells what it is.
 */
#include "source.h"

#include <errno.h>
#include <stdio.h>

/* The namespace with that inode number: known, or named by the link, or asked through it. */
static int identify(
	struct scan *scan, int table, const char *link, uint32_t ino, struct ns_ref *ret_ref)
{
	const struct nsfs *nsfs = scan->nsfs;
	const struct ns *known = model_find_inode(scan->model, ino);
	char text[64];
	int fd, r;

	if (known) {
		*ret_ref = known->ref;
		return 0;
	}
	r = procfs_read_link(table, link, text, sizeof(text));
	if (r < 0 && r != -ENAMETOOLONG)
		return r;
	if (r == 0 && nstype_parse(text, ret_ref) == 0)
		return 0;
	fd = nsfs->open(nsfs, table, link);
	if (fd < 0)
		return fd;
	r = nsfs->ref(nsfs, fd, ret_ref);
	nsfs->close(nsfs, fd);
	return r;
}

int source_fd(struct scan_task *st, int fd, uint32_t ino)
{
	struct holder holder = {
		.kind = HOLDER_FD, .task = st->task, .tid = st->table.tid, .fd = fd
	};
	struct ns_ref ref;
	char link[16];
	int r;

	snprintf(link, sizeof(link), "%d", fd);
	r = identify(st->scan, st->table.fds, link, ino, &ref);
	if (r < 0)
		return r == -ENOTTY || r == -ENOENT ? 0 : scan_task_trouble(st, SOURCE_FDS, r);
	return scan_hold(st->scan, ref, &holder);
}
