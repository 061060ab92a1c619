// SPDX-License-Identifier: MIT
/*
 * Feeds bytes as the files and links of a process to a whole run: scan, query, enrich, render. The
 * input is cut at NUL bytes into mountinfo, stat, status, cmdline, comm, cgroup, fdinfo of a ring
 * and link texts.
 */
#include "fuzz.h"

#include "../../src/cli/internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);

static char world[] = "/tmp/nsls-fuzz-XXXXXX";
static int world_fd;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	check(mkdtemp(world));
	world_fd = open(world, O_PATH | O_DIRECTORY | O_CLOEXEC);
	check(world_fd >= 0 && !mkdirat(world_fd, "1", 0700) && !mkdirat(world_fd, "1/ns", 0700) &&
		!mkdirat(world_fd, "1/fd", 0700) && !mkdirat(world_fd, "1/fdinfo", 0700));
	return 0;
}

static void put_file(const char *path, const char *bytes, size_t len)
{
	int fd = openat(world_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	check(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
	close(fd);
}

static void put_link(const char *path, const char *bytes, size_t len)
{
	char text[256];

	unlinkat(world_fd, path, 0);
	if (!len || len >= sizeof(text))
		return;
	memcpy(text, bytes, len);
	text[len] = '\0';
	check(symlinkat(text, world_fd, path) == 0);
}

/* Makes each of these of the next piece of the input, up to a NUL or its end. Returns the rest. */
static const char *put_pieces(void (*put)(const char *path, const char *bytes, size_t len),
	const char *const *paths, const char *at, const char *end)
{
	for (; *paths; paths++) {
		const char *nul = memchr(at, '\0', (size_t)(end - at));

		put(*paths, at, (size_t)((nul ? nul : end) - at));
		at = nul ? nul + 1 : end;
	}
	return at;
}

static void make_world(const char *at, const char *end)
{
	static const char *const files[] = { "1/mountinfo", "1/stat", "1/status", "1/cmdline",
		"1/comm", "1/cgroup", "1/fdinfo/4", NULL };
	static const char *const links[] = { "1/ns/net", "1/ns/pid_for_children", "1/fd/3", NULL };

	put_link("1/ns/mnt", "mnt:[4026531841]", 16);
	put_link("1/ns/user", "user:[4026531837]", 17);
	put_link("1/fd/4", "anon_inode:[io_uring]", 21);
	at = put_pieces(put_file, files, at, end);
	put_pieces(put_link, links, at, end);
}

/* The views, by the first byte. Returns the text, which the caller frees. */
static char *answer(uint8_t which)
{
	static const char *const words[] = { "--output-all", "-J", "-Tprocess",
		"mnt:[4026531841]" };
	char program[] = "nsls", procfs[] = "--procfs", word[32];
	char *args[] = { program, procfs, world, word, NULL }, *text = NULL;
	size_t len = 0;
	bool busy;
	FILE *out = open_memstream(&text, &len);

	snprintf(word, sizeof(word), "%s", words[which % 4]);
	check(out && run(4, args, false, false, out, out, &busy) != STATUS_NO);
	fclose(out);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	make_world((const char *)data + 1, (const char *)data + size);
	free(answer(data[0]));
	return 0;
}
