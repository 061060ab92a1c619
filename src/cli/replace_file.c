// SPDX-License-Identifier: MIT
/* Replaces a file as a whole, in a directory that may belong to another user. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINKS_MAX 40 /* in one path, as in the kernel: path_resolution(7) */

#define PROC "/proc/"

/* One file that is being replaced. */
struct replacement {
	const char *name;     /* in its directory */
	int links;            /* followed so far on the path to the directory */
	const char *obstacle; /* message for an error that no errno describes, or NULL */
};

/*
 * Reads a link to zeroed target. Returns its length, 0 if it is a directory and no link, or -errno.
 */
static ssize_t read_link(struct replacement *replacement, int fd, char *target)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		replacement->obstacle = "its directory is behind another user's symbolic link";
		return -EPERM;
	}
	if (replacement->links++ == LINKS_MAX)
		return -ELOOP;
	n = readlinkat(fd, "", target, PATH_MAX);
	return n < 0 ? -errno : n == PATH_MAX ? -ENAMETOOLONG : n;
}

/*
 * Opens the directory of the path up to end, relative to directory at; "" is at itself. Checks and
 * reads a link through its descriptor, so that it can't be exchanged in between.
 */
static int open_directory(
	struct replacement *replacement, int at, const char *path, const char *end)
{
	int fd = openat(at, *path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	while (fd >= 0 && (path += strspn(path, "/")) < end) {
		CLEANUP_FD int dir = fd;
		size_t len = strcspn(path, "/");
		char name[NAME_MAX + 1] = "", target[PATH_MAX] = "";
		ssize_t n;

		if (len >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, path, len);
		path += len;
		fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		n = read_link(replacement, fd, target);
		if (n == 0)
			continue;
		close(fd);
		if (n < 0)
			return (int)n;
		fd = open_directory(replacement, dir, target, target + n);
	}
	return fd;
}

/* Opens the directory of the file for fsync(2), which O_PATH does not allow. */
static int open_parent(struct replacement *replacement, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	CLEANUP_FD int fd = -1;
	int dir;

	replacement->name = name;
	if (name - path >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EISDIR;
	fd = open_directory(replacement, AT_FDCWD, path, name);
	if (fd < 0)
		return fd;
	dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -errno : dir;
}

/*
 * Refuses what rename(2) would replace, but should not: devices, and links into /proc such as
 * /dev/stdout.
 */
static int check_old_file(struct replacement *replacement, int dir)
{
	char text[sizeof(PROC) - 1];
	struct stat st;

	if (fstatat(dir, replacement->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode))
		return 0;
	if (S_ISLNK(st.st_mode) &&
		(readlinkat(dir, replacement->name, text, sizeof(text)) != sizeof(text) ||
			memcmp(text, PROC, sizeof(text)) != 0))
		return 0;
	replacement->obstacle = "not a regular file";
	return -EINVAL;
}

/* fsync(2) fails with EINVAL in file systems that do not support it. */
static int synchronize(int fd)
{
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

static int replace_contents(
	struct replacement *replacement, const char *path, const char *text, size_t len)
{
	CLEANUP_FD int dir = open_parent(replacement, path);
	CLEANUP_FD int fd = -1;
	int r = dir < 0 ? dir : check_old_file(replacement, dir);
	struct stat ours, found;
	struct timespec now;
	char new_name[48];

	if (r < 0)
		return r;
	/*
	 * Uses a new name for each run: several may write at once, and one that was killed may have
	 * left its file. node_exporter reads only *.prom.
	 */
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(new_name, sizeof(new_name), ".nsls.%d.%" PRIx64, getpid(),
		(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
	fd = openat(dir, new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	r = write_all(fd, text, len);
	if (r == 0 && fchmod(fd, 0644) < 0)
		r = -errno;
	if (r == 0)
		r = synchronize(fd);
	if (r == 0 && renameat(dir, new_name, dir, replacement->name) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(dir, new_name, 0);
		return r;
	}
	/* Another process may have exchanged the new file before rename(2) moved it. */
	if (fstat(fd, &ours) < 0 ||
		fstatat(dir, replacement->name, &found, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISREG(found.st_mode) && found.st_uid == ours.st_uid)
		return synchronize(dir); /* ours, or that of another nsls with the same user */
	replacement->obstacle = "another process has replaced it";
	return -EPERM;
}

int replace_file(const char *path, const char *text, size_t len, FILE *err)
{
	struct replacement replacement = { 0 };
	int r = replace_contents(&replacement, path, text, len);

	if (r < 0)
		message_print(err, "%s: %s", path,
			replacement.obstacle ? replacement.obstacle : strerror(-r));
	return r;
}
