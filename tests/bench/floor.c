// SPDX-License-Identifier: MIT
/*
 * The floor below which no walk over /proc by path can go: for each process an open, eight
 * readlinks and a close, and nothing made of what they say. With --fds also the listing of each
 * process's descriptors and a readlink each, the floor of a scan that looks for holders.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct counts {
	size_t processes, links, fds;
};

static void read_links(int fd, struct counts *counts)
{
	static const char *const links[] = { "ns/cgroup", "ns/ipc", "ns/mnt", "ns/net", "ns/pid",
		"ns/time", "ns/user", "ns/uts" };
	char text[64];

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		counts->links += readlinkat(fd, links[i], text, sizeof(text)) > 0;
}

/* Calls look for each entry of a directory that is a number. */
static void each_number(int dir, void (*look)(int dir, const char *name, struct counts *counts),
	struct counts *counts)
{
	_Alignas(struct dirent64) char buf[32 * 1024];
	ssize_t len;

	while ((len = getdents64(dir, buf, sizeof(buf))) > 0)
		for (ssize_t at = 0; at < len;) {
			const struct dirent64 *entry = (const struct dirent64 *)(buf + at);

			if (*entry->d_name >= '0' && *entry->d_name <= '9')
				look(dir, entry->d_name, counts);
			at += entry->d_reclen;
		}
}

static void look_at_fd(int dir, const char *name, struct counts *counts)
{
	char text[64];

	counts->fds += readlinkat(dir, name, text, sizeof(text)) > 0;
}

static void look_at_process(int proc, const char *name, struct counts *counts)
{
	int fd = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	counts->processes++;
	read_links(fd, counts);
	close(fd);
}

static void look_at_process_and_fds(int proc, const char *name, struct counts *counts)
{
	int fd = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int dir;

	if (fd < 0)
		return;
	counts->processes++;
	read_links(fd, counts);
	dir = openat(fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0) {
		each_number(dir, look_at_fd, counts);
		close(dir);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	bool fds = argc > 1 && !strcmp(argv[1], "--fds");
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct counts counts = { 0 };

	if (proc < 0) {
		perror("floor: /proc");
		return EXIT_FAILURE;
	}
	each_number(proc, fds ? look_at_process_and_fds : look_at_process, &counts);
	close(proc);
	printf("%zu processes, %zu links, %zu descriptors\n", counts.processes, counts.links,
		counts.fds);
	return EXIT_SUCCESS;
}
