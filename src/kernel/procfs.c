// SPDX-License-Identifier: MIT
/* Directories, links and files of a proc tree. Their formats are read in proctext.c. */
#include "nsls/kernel/procfs.h"

#include "nsls/base/array.h"
#include "nsls/base/cleanup.h"
#include "nsls/base/error.h"
#include "nsls/base/number.h"
#include "nsls/kernel/procfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/*
 * The NSpid line counts PID namespaces from that of the procfs inwards (proc(5)): one number
 * means that the procfs and this process share one, so its PIDs may be given to system calls.
 */
static int ask_whose_pids(int fd, pid_t self, bool *ret_ours)
{
	const char *line, *end;
	struct strbuf status;
	char path[32];
	int r;

	*ret_ours = false;
	snprintf(path, sizeof(path), "%d/status", self);
	strbuf_init(&status);
	r = procfile_read(fd, path, &status);
	if (r == 0) {
		line = strstr(strbuf_text(&status), "\nNSpid:\t");
		end = line ? strchr(line + 1, '\n') : NULL;
		*ret_ours = end && !memchr(line + 8, '\t', (size_t)(end - line - 8));
	}
	strbuf_done(&status);
	return error_is_fatal(r) ? r : 0;
}

static pid_t read_self(int fd)
{
	uint64_t pid;
	char buf[16];

	if (procfs_read_link(fd, "self", buf, sizeof(buf)) < 0)
		return 0;
	if (number_parse(buf, strlen(buf), INT_MAX, &pid) < 0)
		return 0;
	return (pid_t)pid;
}

static int size_of(int dirfd, const char *path, size_t *ret_size)
{
	struct stat st;

	if (fstatat(dirfd, path, &st, 0) < 0)
		return -errno;
	*ret_size = (size_t)st.st_size;
	return 0;
}

int procfs_count_fds(const struct procfs *procfs, int task_fd, size_t *ret_count)
{
	return procfs->counts_fds ? size_of(task_fd, "fd", ret_count) : -EOPNOTSUPP;
}

int procfs_open(const char *dir, struct procfs *ret_procfs)
{
	struct procfs procfs = { 0 };
	struct statfs sfs;
	size_t fds = 0;
	int r;

	procfs.fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (procfs.fd < 0)
		return -errno;
	procfs.kernel = fstatfs(procfs.fd, &sfs) == 0 && sfs.f_type == PROC_SUPER_MAGIC;
	procfs.self = read_self(procfs.fd);
	if (procfs.kernel && procfs.self) {
		r = ask_whose_pids(procfs.fd, procfs.self, &procfs.ours);
		if (r < 0) {
			procfs_close(&procfs);
			return r;
		}
	}
	/* One is open for sure: procfs.fd. */
	procfs.counts_fds = procfs.kernel && size_of(procfs.fd, "self/fd", &fds) == 0 && fds;
	*ret_procfs = procfs;
	return 0;
}

void procfs_close(struct procfs *procfs)
{
	if (procfs->fd >= 0)
		close(procfs->fd);
	procfs->fd = -1;
}

void numbers_init(struct numbers *numbers)
{
	*numbers = (struct numbers){ 0 };
}

void numbers_done(struct numbers *numbers)
{
	free(numbers->at);
	*numbers = (struct numbers){ 0 };
}

static void add_number(struct numbers *numbers, const char *name)
{
	uint64_t n = 0;

	if (!strcmp(name, "0") || number_parse(name, strlen(name), INT_MAX, &n) == 0)
		*array_push(numbers->at, numbers->n, numbers->size) = (int)n;
}

/* In a procfs, what is mounted over it is not the kernel's word. */
static int open_directory(const struct procfs *procfs, int dirfd, const char *path, int flags)
{
	int fd = procfs->kernel ? procfile_open_within(dirfd, path, flags | O_DIRECTORY) : -ENOSYS;

	if (fd != -ENOSYS)
		return fd;
	fd = openat(dirfd, path, flags | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int by_value(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* procfs lists in ascending order already; a plain directory does not. */
static void sort_numbers(struct numbers *numbers)
{
	for (size_t i = 1; i < numbers->n; i++)
		if (numbers->at[i - 1] > numbers->at[i]) {
			qsort(numbers->at, numbers->n, sizeof(*numbers->at), by_value);
			return;
		}
}

static void add_entries(const char *buf, ssize_t len, struct numbers *numbers)
{
	for (ssize_t at = 0; at < len;) {
		const struct dirent64 *entry = (const struct dirent64 *)(buf + at);

		add_number(numbers, entry->d_name);
		at += entry->d_reclen;
	}
}

/* A short answer is no end: a signal, which may be a stop or a freeze of all of us, cuts it short.
 */
static int read_numbers(int fd, size_t known, struct numbers *numbers)
{
	/* getdents64(2) itself: opendir would allocate 32 KiB for each of thousands of directories.
	 */
	_Alignas(struct dirent64) char buf[32 * 1024];
	ssize_t len;

	numbers->n = 0;
	while ((len = getdents64(fd, buf, sizeof(buf))) > 0) {
		add_entries(buf, len, numbers);
		if (known && numbers->n >= known)
			break;
	}
	if (len < 0)
		return -errno;
	sort_numbers(numbers);
	return 0;
}

int procfs_list_next(int fd, struct numbers *numbers)
{
	_Alignas(struct dirent64) char buf[1024];
	ssize_t len = getdents64(fd, buf, sizeof(buf));

	if (len < 0)
		return -errno;
	add_entries(buf, len, numbers);
	if (len == 0)
		sort_numbers(numbers);
	return len > 0;
}

int procfs_open_processes(const struct procfs *procfs)
{
	return open_directory(procfs, procfs->fd, ".", O_RDONLY | O_NONBLOCK);
}

int procfs_open_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct numbers *numbers)
{
	int fd = open_directory(procfs, dirfd, path, O_RDONLY | O_NONBLOCK), r;

	if (fd < 0)
		return fd;
	r = read_numbers(fd, procfs->kernel ? known : 0, numbers);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int procfs_list(const struct procfs *procfs, int dirfd, const char *path, size_t known,
	struct numbers *numbers)
{
	CLEANUP_FD int fd = procfs_open_list(procfs, dirfd, path, known, numbers);

	return fd < 0 ? fd : 0;
}

int procfs_open_task(const struct procfs *procfs, pid_t pid)
{
	char name[16];

	snprintf(name, sizeof(name), "%d", pid);
	return open_directory(procfs, procfs->fd, name, O_PATH);
}

int procfs_open_thread(int task_fd, pid_t tid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "task/%d", tid);
	fd = openat(task_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int procfs_open_thread_of(const struct procfs *procfs, pid_t pid, pid_t tid)
{
	int task = procfs_open_task(procfs, pid), thread;

	if (task < 0 || tid == pid)
		return task;
	thread = procfs_open_thread(task, tid);
	close(task);
	return thread;
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

int procfs_read_ns(int dirfd, const char *path, enum nstype type, uint32_t *ret_ino)
{
	char text[64];
	struct ns_ref ref;
	int r = procfs_read_link(dirfd, path, text, sizeof(text));

	if (r < 0)
		return r;
	if (nstype_parse(text, &ref) < 0 || ref.type != type)
		return -EINVAL;
	*ret_ino = ref.ino;
	return 0;
}

/* -ENOENT where it has ended. What else keeps its namespaces from being read, the caller finds. */
static int open_living_thread(int task_fd, pid_t tid)
{
	int fd = procfs_open_thread(task_fd, tid);
	uint32_t ino;

	if (fd < 0 || procfs_read_ns(fd, nstype_info(NS_MNT)->link, NS_MNT, &ino) != -ENOENT)
		return fd;
	close(fd);
	return -ENOENT;
}

int procfs_open_remaining_thread(
	const struct procfs *procfs, int task_fd, pid_t pid, pid_t *ret_tid)
{
	struct numbers tids;
	int fd = -ESRCH, r;

	numbers_init(&tids);
	r = procfs_list(procfs, task_fd, "task", 0, &tids);
	for (size_t i = 0; r == 0 && fd < 0 && !error_is_fatal(fd) && i < tids.n; i++) {
		if (tids.at[i] == pid)
			continue;
		fd = open_living_thread(task_fd, tids.at[i]);
		*ret_tid = tids.at[i];
	}
	numbers_done(&tids);
	if (r == 0)
		r = fd;
	return error_class(r) == ERROR_VANISHED ? -ESRCH : r;
}

int procfs_count_threads(int task_fd, unsigned *ret_count)
{
	struct stat st;

	if (fstatat(task_fd, "task", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	/* "." and ".." count, as in any directory; btrfs and overlayfs always say 1. */
	*ret_count = st.st_nlink > 2 ? (unsigned)st.st_nlink - 2 : 0;
	return 0;
}
