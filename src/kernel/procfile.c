// SPDX-License-Identifier: MIT
#include "nsls/kernel/procfile.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define MOST_BYTES ((size_t)128 * 1024)
#define MOST_LINE ((size_t)64 * 1024)
#define MOST_LINES ((size_t)1024 * 1024 * 1024)

int procfile_open_within(int dirfd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, dirfd, path, &how, sizeof(how));

	if (fd >= 0)
		return (int)fd;
	/* Filters of system calls that are older than this one refuse it by EPERM. */
	return errno == EPERM ? -ENOSYS : -errno;
}

static bool is_on_same_device(int fd, int other)
{
	struct statx a, b;
	const int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC; /* a dead server is not asked */

	return statx(fd, "", flags, STATX_TYPE, &a) == 0 &&
	       statx(other, "", flags, STATX_TYPE, &b) == 0 && a.stx_dev_major == b.stx_dev_major &&
	       a.stx_dev_minor == b.stx_dev_minor;
}

/*
 * The files of a procfs are the kernel's own, unless something is mounted over one: anything, a
 * file of a dead server or one that takes what it shows from others (/proc/kmsg). Containers have
 * "sys" mounted over itself, read-only, and that alone is followed.
 */
static int open_in_procfs(int dirfd, const char *path)
{
	int fd = procfile_open_within(dirfd, path, O_RDONLY);
	CLEANUP_FD int sys = -1;

	if (fd != -EXDEV || strncmp(path, "sys/", 4) != 0)
		return fd;
	sys = openat(dirfd, "sys", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sys < 0 || !is_on_same_device(sys, dirfd))
		return fd;
	return procfile_open_within(sys, path + 4, O_RDONLY);
}

/* O_PATH opens nothing, so a device notices nothing; what it leads to can't change any more. */
static int open_checked(int dirfd, const char *path)
{
	CLEANUP_FD int found = openat(dirfd, path, O_PATH | O_CLOEXEC);
	char link[40];
	struct stat st;
	int fd;

	if (found < 0 || fstat(found, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", found);
	fd = open(link, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	/* Without a /proc of ours: what was a file a moment ago, and no wait if it is one no more.
	 */
	if (fd < 0 && errno == ENOENT)
		fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

static int open_file(int dirfd, const char *path)
{
	struct statfs sfs;
	int fd;

	if (fstatfs(dirfd, &sfs) < 0)
		return -errno;
	if (sfs.f_type == PROC_SUPER_MAGIC) {
		fd = open_in_procfs(dirfd, path);
		if (fd != -ENOSYS)
			return fd;
	}
	return open_checked(dirfd, path);
}

/* Reads at most most bytes. Returns 0, 1 where there is more, or -errno. */
static int read_most(int dirfd, const char *path, size_t most, struct strbuf *out)
{
	CLEANUP_FD int fd = open_file(dirfd, path);
	char buf[4096];
	ssize_t len;

	strbuf_reset(out);
	if (fd < 0)
		return fd;
	while ((len = read(fd, buf, sizeof(buf))) > 0) {
		if ((size_t)len > most - out->len) {
			strbuf_add(out, buf, most - out->len);
			return 1;
		}
		strbuf_add(out, buf, (size_t)len);
	}
	return len < 0 ? -errno : 0;
}

int procfile_read(int dirfd, const char *path, struct strbuf *out)
{
	int r = read_most(dirfd, path, MOST_BYTES, out);

	return r > 0 ? -EFBIG : r;
}

int procfile_read_start(int dirfd, const char *path, size_t most, struct strbuf *out)
{
	return read_most(dirfd, path, most, out);
}

/* What was read and not handed on yet: the start of a line. */
struct lines {
	char *at;
	size_t len, seen;
	bool cuts;    /* lines that are too long */
	bool is_rest; /* what is read belongs to a line that was cut and handed on */
	int (*each)(void *data, char *line, size_t len);
	void *data;
};

static int hand_on_line(struct lines *lines, char *line, size_t len)
{
	bool is_rest = lines->is_rest;

	lines->is_rest = false;
	line[len] = '\0';
	return is_rest ? 0 : lines->each(lines->data, line, len);
}

/* Hands on all lines that are whole; what is left of the last moves to the front. */
static int hand_on(struct lines *lines)
{
	char *start = lines->at, *end;
	int r = 0;

	while (r == 0 && (end = memchr(start, '\n', lines->len))) {
		r = hand_on_line(lines, start, (size_t)(end - start));
		lines->len -= (size_t)(end + 1 - start);
		start = end + 1;
	}
	memmove(lines->at, start, lines->len);
	return r;
}

static int cut(struct lines *lines)
{
	int r = lines->cuts ? hand_on_line(lines, lines->at, lines->len) : -EFBIG;

	lines->is_rest = true;
	lines->len = 0;
	return r;
}

/* Some texts the kernel makes in one piece: one that it has no memory for says nothing of ours. */
static int read_error(const struct lines *lines)
{
	return lines->cuts && errno == ENOMEM ? -EFBIG : -errno;
}

static int read_lines(int fd, struct lines *lines)
{
	ssize_t len;
	int r = 0;

	while (r == 0 && (len = read(fd, lines->at + lines->len, MOST_LINE - lines->len)) != 0) {
		if (len < 0)
			return read_error(lines);
		lines->len += (size_t)len;
		lines->seen += (size_t)len;
		r = hand_on(lines);
		if (r == 0 && lines->len >= MOST_LINE)
			r = cut(lines);
		if (lines->seen > MOST_LINES)
			return -EFBIG;
	}
	return r == 0 && lines->len ? hand_on_line(lines, lines->at, lines->len) : r;
}

static int each_line(int dirfd, const char *path, struct lines *lines)
{
	CLEANUP_FD int fd = open_file(dirfd, path);
	int r;

	if (fd < 0)
		return fd;
	lines->at = memory_resize(NULL, MOST_LINE + 1, 1);
	r = read_lines(fd, lines);
	free(lines->at);
	return r;
}

int procfile_each_line(
	int dirfd, const char *path, int (*each)(void *data, char *line, size_t len), void *data)
{
	struct lines lines = { .each = each, .data = data };

	return each_line(dirfd, path, &lines);
}

int procfile_each_line_start(int dirfd, const char *path,
	int (*each)(void *data, char *line, size_t len), void *data, size_t *seen)
{
	struct lines lines = { .cuts = true, .each = each, .data = data };
	int r = each_line(dirfd, path, &lines);

	*seen += lines.seen;
	return r;
}
