// SPDX-License-Identifier: MIT
/* Directories, links and files of a proc tree. parse.c parses their text. */
#include "internal.h"

#include "nsls/timeout.h"
#include "nsls/procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/* Needs no reply of a file server: -EXDEV if anything is mounted over the directory. */
static int stat_directory(int dirfd, const char *path, unsigned mask, struct statx *ret_stx)
{
	if (statx(dirfd, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, mask, ret_stx) < 0)
		return -errno;
	return ret_stx->stx_attributes & ABI_STATX_ATTR_MOUNT_ROOT ? -EXDEV : 0;
}

int procfs_count_fds(const struct procfs *procfs, int process_fd, size_t *ret_count)
{
	struct statx stx;
	int r = -EOPNOTSUPP;

	if (procfs->counts_fds)
		r = stat_directory(process_fd, "fd", STATX_SIZE, &stx);
	if (r == 0)
		*ret_count = (size_t)stx.stx_size;
	return r;
}

int procfs_count_threads(int process_fd, unsigned *ret_count)
{
	struct statx stx;
	int r = stat_directory(process_fd, "task", STATX_NLINK, &stx);

	/* The count includes "." and ".."; on btrfs and overlayfs it is always 1. */
	if (r == 0)
		*ret_count = stx.stx_nlink > 2 ? stx.stx_nlink - 2 : 0;
	return r;
}

int procfs_open(const char *dir, struct procfs *ret_procfs)
{
	struct procfs procfs = { 0 };
	struct statfs sfs;
	struct statx stx;
	uint64_t self;
	char link[16];

	procfs.fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (procfs.fd < 0)
		return -errno;
	procfs.kernel = fstatfs(procfs.fd, &sfs) == 0 && sfs.f_type == PROC_SUPER_MAGIC;
	if (procfs_read_link(procfs.fd, "self", link, sizeof(link)) == 0 &&
		number_parse(link, strlen(link), INT_MAX, &self) == 0)
		procfs.self = (pid_t)self;
	if (procfs.kernel && procfs.self) {
		CLEANUP_FD int fd = procfs_open_process(&procfs, procfs.self);
		struct proc_status status = { 0 };
		int r = fd < 0 ? fd : proctext_read_status(fd, &status);

		if (error_is_fatal(r)) {
			procfs_close(&procfs);
			return r;
		}
		/* If this process has one PID only, the procfs is of our own PID namespace. */
		procfs.ours = status.npids == 1;
	}
	/* procfs.fd is open, so the count is at least 1. */
	procfs.counts_fds = procfs.kernel &&
			    stat_directory(procfs.fd, "self/fd", STATX_SIZE, &stx) == 0 &&
			    stx.stx_size;
	*ret_procfs = procfs;
	return 0;
}

void procfs_close(struct procfs *procfs)
{
	if (procfs->fd >= 0)
		close(procfs->fd);
	procfs->fd = -1;
}

void numbers_done(struct numbers *numbers)
{
	free(numbers->at);
	*numbers = (struct numbers){ 0 };
}

/*
 * Opens path below dirfd. -EXDEV if anything is mounted over it; -ENOSYS before Linux 5.6, which
 * can't detect that.
 */
static int open_within(int dirfd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(ABI_NR_openat2, dirfd, path, &how, sizeof(how));

	if (fd >= 0)
		return (int)fd;
	/* Seccomp filters refuse unknown, newer calls with EPERM. */
	return errno == EPERM ? -ENOSYS : -errno;
}

int procfs_open_directory(const struct procfs *procfs, int dirfd, const char *path, int flags)
{
	int fd = procfs->kernel ? open_within(dirfd, path, flags | O_DIRECTORY) : -ENOSYS;

	if (fd != -ENOSYS)
		return fd;
	fd = openat(dirfd, path, flags | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int numbers_compare(const void *a, const void *b)
{
	return compare_numbers(*(const int *)a, *(const int *)b);
}

bool numbers_contain(const struct numbers *numbers, int n)
{
	return numbers->n &&
	       bsearch(&n, numbers->at, numbers->n, sizeof(*numbers->at), numbers_compare);
}

/* A procfs lists in ascending order, a plain directory does not. */
static void numbers_sort(struct numbers *numbers)
{
	for (size_t i = 1; i < numbers->n; i++)
		if (numbers->at[i - 1] > numbers->at[i]) {
			qsort(numbers->at, numbers->n, sizeof(*numbers->at), numbers_compare);
			return;
		}
}

/* Not readdir(3): it would allocate 32 KiB for each of thousands of directories. */
int procfs_list_next(int fd, size_t size, struct numbers *numbers)
{
	_Alignas(struct dirent) char buf[PROCFS_LIST_BYTES_MAX];
	ssize_t len = syscall(SYS_getdents64, fd, buf, size);

	if (len < 0)
		return -errno;
	for (ssize_t at = 0; at < len;) {
		const struct dirent *entry = (const struct dirent *)(buf + at);
		const char *name = entry->d_name;
		uint64_t n = 0;

		if (!strcmp(name, "0") || number_parse(name, strlen(name), INT_MAX, &n) == 0)
			*array_push(numbers->at, numbers->n, numbers->size) = (int)n;
		at += entry->d_reclen;
	}
	if (len == 0)
		numbers_sort(numbers);
	return len > 0;
}

int procfs_open_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct worker *worker, struct numbers *numbers)
{
	int fd = procfs_open_directory(procfs, dirfd, path, PROCFS_LIST);
	size_t enough = procfs->kernel && known ? known : SIZE_MAX;
	int r;

	if (fd < 0)
		return fd;
	numbers->n = 0;
	/*
	 * A short read is not the end: signals, also those that stop or freeze this process, cause
	 * one.
	 */
	while ((r = procfs_list_next(fd, PROCFS_LIST_BYTES_MAX, numbers)) > 0)
		if (numbers->n >= enough || (worker && !worker_progress(worker)))
			break;
	if (r < 0) {
		close(fd);
		return r;
	}
	numbers_sort(numbers);
	return fd;
}

int procfs_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct numbers *numbers)
{
	CLEANUP_FD int fd = procfs_open_list(procfs, dirfd, path, known, NULL, numbers);

	return fd < 0 ? fd : 0;
}

int procfs_open_process(const struct procfs *procfs, pid_t pid)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", pid);
	return procfs_open_directory(procfs, procfs->fd, name, O_PATH);
}

int procfs_open_thread(const struct procfs *procfs, int process_fd, pid_t tid)
{
	char path[32];

	snprintf(path, sizeof(path), "task/%d", tid);
	return procfs_open_directory(procfs, process_fd, path, O_PATH);
}

int procfs_open_thread_of(const struct procfs *procfs, pid_t pid, pid_t tid)
{
	char path[48];

	if (tid == pid)
		return procfs_open_process(procfs, pid);
	snprintf(path, sizeof(path), "%d/task/%d", pid, tid);
	return procfs_open_directory(procfs, procfs->fd, path, O_PATH);
}

int procfs_read_link(int dirfd, const char *path, char *buf, size_t size)
{
	ssize_t len = readlinkat(dirfd, path, buf, size);

	if (len < 0)
		return -errno;
	if ((size_t)len < size) {
		buf[len] = '\0';
		return 0;
	}
	buf[size - 1] = '\0';
	return -ENAMETOOLONG;
}

int procfs_read_ns(int ns_fd, const char *link, enum nstype type, uint32_t *ret_ino)
{
	char text[64];
	struct ns_ref ref;
	int r = ns_fd < 0 ? ns_fd : procfs_read_link(ns_fd, link, text, sizeof(text));

	if (r < 0)
		return r;
	if (nstype_parse(text, &ref) < 0 || ref.type != type)
		return -EINVAL;
	*ret_ino = ref.ino;
	return 0;
}

int procfs_read_own_ns(const struct procfs *procfs, int dirfd, enum nstype type, uint32_t *ret_ino)
{
	CLEANUP_FD int ns_fd = procfs_open_directory(procfs, dirfd, "ns", O_PATH);

	return procfs_read_ns(ns_fd, nstype_info[type].name, type, ret_ino);
}

int procfs_open_remaining_thread(
	const struct procfs *procfs, int process_fd, pid_t pid, pid_t *ret_tid)
{
	CLEANUP(numbers_done) struct numbers tids = { 0 };
	int fd = -ESRCH, r;
	uint32_t ino;

	r = procfs_list(procfs, process_fd, "task", 0, &tids);
	for (size_t i = 0; r == 0 && fd < 0 && !error_is_fatal(fd) && i < tids.n; i++) {
		if (tids.at[i] == pid)
			continue;
		*ret_tid = tids.at[i];
		fd = procfs_open_thread(procfs, process_fd, tids.at[i]);
		/* Skip one that has ended. Other errors are left to the caller. */
		if (fd >= 0 && procfs_read_own_ns(procfs, fd, NS_MNT, &ino) == -ENOENT) {
			close(fd);
			fd = -ENOENT;
		}
	}
	if (r == 0)
		r = fd;
	return error_class(r) == ERROR_VANISHED ? -ESRCH : r;
}

#define FILE_BYTES_MAX ((size_t)128 * 1024)
#define LINE_BYTES_MAX ((size_t)64 * 1024)
#define LINES_BYTES_MAX ((size_t)1024 * 1024 * 1024)

/* O_PATH does not open a device, and pins the file: a later replacement of path has no effect. */
static int open_regular(int dirfd, const char *path)
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
	/*
	 * Without /proc: path was a regular file just now, and O_NONBLOCK keeps this from waiting.
	 */
	if (fd < 0 && errno == ENOENT)
		fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

/*
 * The kernel makes the files of a procfs, but anything may be mounted over one: a file of a dead
 * server, or one that consumes what it shows (/proc/kmsg). Only "sys" may be a mount, as containers
 * have it mounted over itself, read-only.
 */
static int open_file(int dirfd, const char *path)
{
	const int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC; /* never waits for a file server */
	CLEANUP_FD int sys = -1;
	struct statx mount, top;
	struct statfs sfs;
	int fd;

	if (fstatfs(dirfd, &sfs) < 0)
		return -errno;
	if (sfs.f_type != PROC_SUPER_MAGIC)
		return open_regular(dirfd, path);
	fd = open_within(dirfd, path, O_RDONLY);
	if (fd == -ENOSYS)
		return open_regular(dirfd, path);
	if (fd != -EXDEV || strncmp(path, "sys/", 4) != 0)
		return fd;
	sys = openat(dirfd, "sys", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sys < 0 || statx(sys, "", flags, STATX_TYPE, &mount) < 0 ||
		statx(dirfd, "", flags, STATX_TYPE, &top) < 0 ||
		mount.stx_dev_major != top.stx_dev_major ||
		mount.stx_dev_minor != top.stx_dev_minor)
		return fd;
	return open_within(sys, path + 4, O_RDONLY);
}

int procfile_read_start(int dirfd, const char *path, size_t max, struct strbuf *out)
{
	CLEANUP_FD int fd = open_file(dirfd, path);
	char buf[4096];
	ssize_t len;

	strbuf_reset(out);
	if (fd < 0)
		return fd;
	while ((len = read(fd, buf, sizeof(buf))) > 0) {
		if ((size_t)len > max - out->len) {
			strbuf_add(out, buf, max - out->len);
			return 1;
		}
		strbuf_add(out, buf, (size_t)len);
	}
	return len < 0 ? -errno : 0;
}

int procfile_read(int dirfd, const char *path, struct strbuf *out)
{
	int r = procfile_read_start(dirfd, path, FILE_BYTES_MAX, out);

	return r > 0 ? -EFBIG : r;
}

/* The start of a line is kept at the front of buf until its end was read. */
int procfile_each_line(int dirfd, const char *path, line_function *each, void *data, size_t *total)
{
	CLEANUP_FD int fd = open_file(dirfd, path);
	char buf[LINE_BYTES_MAX + 1];
	bool is_rest = false; /* the next bytes belong to a line that was cut */
	size_t len = 0, bytes = 0;
	ssize_t n = 0;
	int r = 0;

	if (fd < 0)
		return fd;
	while (r == 0 && (n = read(fd, buf + len, LINE_BYTES_MAX - len)) > 0) {
		char *start = buf, *end;

		len += (size_t)n;
		bytes += (size_t)n;
		if (total)
			*total += (size_t)n;
		for (; r == 0 && (end = memchr(start, '\n', len)); start = end + 1) {
			*end = '\0';
			r = is_rest ? 0 : each(data, start, (size_t)(end - start));
			is_rest = false;
			len -= (size_t)(end + 1 - start);
		}
		if (r != 0)
			return r;
		memmove(buf, start, len);
		if (len == LINE_BYTES_MAX) {
			buf[len] = '\0';
			r = !total ? -EFBIG : is_rest ? 0 : each(data, buf, len);
			is_rest = true;
			len = 0;
		}
		if (r == 0 && bytes > LINES_BYTES_MAX)
			r = -EFBIG;
	}
	if (r != 0)
		return r;
	/* The kernel makes some texts in one piece. ENOMEM then concerns that text, not nsls. */
	if (n < 0)
		return total && errno == ENOMEM ? -EFBIG : -errno;
	buf[len] = '\0';
	return len && !is_rest ? each(data, buf, len) : 0;
}
