// SPDX-License-Identifier: MIT
/*
 * The floor below which no full answer can go: the bare system calls that it needs, and nothing
 * made of what they say. For each process an open, ten readlinks, a stat that counts its threads,
 * and its list of descriptors with a statx each; for each mount namespace one mount table. So many
 * threads as the argument says share the processes.
 */
#include "../system/live.h"

#include <dirent.h>
#include <stdatomic.h>

#define JOBS_MAX 256
#define CHUNK 16                    /* processes taken at a time */
#define MNTNS_MAX ((size_t)1 << 18) /* a power of two */
#define LISTING (32 * 1024)

static struct {
	int proc;
	int pids[1 << 22]; /* PID_MAX_LIMIT of the kernel */
	size_t n;
	atomic_size_t next;
	_Atomic uint32_t mntns[MNTNS_MAX]; /* the mount namespaces whose table is read */
} work;

typedef void (*on_number)(int dir, const char *name, void *data);

/* Calls on each entry of a directory that is a number. */
static void each_number(int dir, on_number on, void *data)
{
	_Alignas(struct dirent) char buf[LISTING];
	ssize_t len;

	while ((len = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0)
		for (ssize_t at = 0; at < len;) {
			const struct dirent *entry = (const struct dirent *)(buf + at);

			if (*entry->d_name >= '0' && *entry->d_name <= '9')
				on(dir, entry->d_name, data);
			at += entry->d_reclen;
		}
}

static void add_pid(int dir, const char *name, void *data)
{
	MUST(work.n < COUNT(work.pids));
	work.pids[work.n++] = atoi(name);
}

static void scan_fd(int dir, const char *name, void *data)
{
	size_t *count = data;
	struct statx stx;

	*count += statx(dir, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_INO,
			  &stx) == 0;
}

/* Whether no other thread has met this mount namespace before. */
static bool is_first(uint32_t ino)
{
	for (size_t i = ino;; i++) {
		uint32_t seen = 0;

		if (atomic_compare_exchange_strong(&work.mntns[i % MNTNS_MAX], &seen, ino))
			return true;
		if (seen == ino)
			return false;
	}
}

static void read_mounts(int fd)
{
	int file = openat(fd, "mountinfo", O_RDONLY | O_CLOEXEC);
	char buf[LISTING];

	if (file < 0)
		return;
	while (read(file, buf, sizeof(buf)) > 0)
		;
	close(file);
}

static void read_links(int fd, size_t *count)
{
	static const char *const links[] = { "ns/mnt", "ns/cgroup", "ns/ipc", "ns/net", "ns/pid",
		"ns/time", "ns/user", "ns/uts", "ns/pid_for_children", "ns/time_for_children" };
	char text[64];

	for (size_t i = 0; i < COUNT(links); i++) {
		ssize_t len = readlinkat(fd, links[i], text, sizeof(text) - 1);

		if (len <= 0)
			continue;
		++*count;
		text[len] = '\0';
		if (i == 0 && is_first((uint32_t)strtoul(text + strlen("mnt:["), NULL, 10)))
			read_mounts(fd);
	}
}

static void read_process(int pid, size_t *count)
{
	struct stat threads;
	char name[16];
	int fd, dir;

	snprintf(name, sizeof(name), "%d", pid);
	fd = openat(work.proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	read_links(fd, count);
	fstatat(fd, "task", &threads, AT_SYMLINK_NOFOLLOW);
	dir = openat(fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		each_number(dir, scan_fd, count);
		close(dir);
	}
	close(fd);
}

static void *read_some(void *data)
{
	size_t at;

	while ((at = atomic_fetch_add(&work.next, CHUNK)) < work.n)
		for (size_t i = at; i < at + CHUNK && i < work.n; i++)
			read_process(work.pids[i], data);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned long jobs = argc == 2 ? strtoul(argv[1], NULL, 10) : 1;
	size_t counts[JOBS_MAX] = { 0 };
	pthread_t threads[JOBS_MAX];

	MUST(jobs >= 1 && jobs <= JOBS_MAX);
	work.proc = live_open_file("/proc", O_RDONLY | O_DIRECTORY);
	each_number(work.proc, add_pid, NULL);
	for (unsigned long i = 1; i < jobs; i++)
		MUST(pthread_create(&threads[i], NULL, read_some, &counts[i]) == 0);
	read_some(&counts[0]);
	for (unsigned long i = 1; i < jobs; i++) {
		pthread_join(threads[i], NULL);
		counts[0] += counts[i];
	}
	printf("%zu processes with %zu links and descriptors\n", work.n, counts[0]);
	return EXIT_SUCCESS;
}
