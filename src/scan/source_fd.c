// SPDX-License-Identifier: MIT
/*
 * Open descriptors on namespaces. One that was opened through a bind mount, or that is a detached
 * mount of a namespace file, reads back as a path: only the file system tells what it is.
 */
#include "source.h"

#include <errno.h>
#include <stdio.h>

/* What a path-like descriptor refers to. -ENOTTY where it is no namespace. */
static int identify(struct scan *scan, int dirfd, const char *link, struct ns_ref *ret_ref)
{
	const struct nsfs *nsfs = scan->nsfs;
	uint32_t ino;
	const struct ns *known;
	int r = nsfs->peek(nsfs, dirfd, link, &ino);
	int fd;

	if (r < 0)
		return r;
	known = model_find_inode(scan->model, ino);
	if (known) {
		*ret_ref = known->ref;
		return 0;
	}
	fd = nsfs->open(nsfs, dirfd, link);
	if (fd < 0)
		return fd;
	r = nsfs->ref(nsfs, fd, ret_ref);
	nsfs->close(nsfs, fd);
	return r;
}

int source_fd(struct scan_task *st, int dirfd, pid_t tid, int fd, const char *text)
{
	struct holder holder = { .kind = HOLDER_FD, .task = st->task, .tid = tid, .fd = fd };
	struct ns_ref ref;
	char link[32];
	int r;

	if (nstype_parse(text, &ref) < 0) {
		if (text[0] != '/')
			return 0;
		snprintf(link, sizeof(link), "fd/%d", fd);
		r = identify(st->scan, dirfd, link, &ref);
		if (r == -ENOTTY)
			return 0;
		if (r < 0)
			return scan_task_trouble(st, SOURCE_FDS, r);
	}
	return scan_hold(st->scan, ref, &holder);
}
