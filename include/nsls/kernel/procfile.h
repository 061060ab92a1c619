/* SPDX-License-Identifier: MIT */
/*
 * Reading files of a proc tree. The tree may be a container's, or a directory that somebody made:
 * whatever stands where a file is wanted, nothing but a regular file is opened, and no more of it
 * is read than a bound. All return 0 or -errno; -EINVAL: no regular file.
 */
#ifndef NSLS_KERNEL_PROCFILE_H
#define NSLS_KERNEL_PROCFILE_H

#include "nsls/base/strbuf.h"

/*
 * Opens what is below dirfd itself, whatever is mounted over it: then -EXDEV. -ENOSYS where this
 * kernel can't tell (before Linux 5.6).
 */
int procfile_open_within(int dirfd, const char *path, int flags);

/* Reads a whole file. -EFBIG where it is longer than 128 KiB. */
int procfile_read(int dirfd, const char *path, struct strbuf *out);

/* Reads at most most bytes. Returns 1 where there are more: a command line may have any length. */
int procfile_read_start(int dirfd, const char *path, size_t most, struct strbuf *out);

/*
 * Calls each for every line, without its newline, which it may change. It returns 0 to go on. A
 * line of more than 64 KiB, or 1 GiB in all, is -EFBIG.
 */
int procfile_each_line(
	int dirfd, const char *path, int (*each)(void *data, char *line, size_t len), void *data);

/*
 * The same, but cuts a line that is longer, and adds to *seen how many bytes were read. -EFBIG also
 * where the kernel finds the text too long.
 */
int procfile_each_line_start(int dirfd, const char *path,
	int (*each)(void *data, char *line, size_t len), void *data, size_t *seen);

#endif
