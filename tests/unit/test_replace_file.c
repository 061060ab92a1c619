// SPDX-License-Identifier: MIT
/*
 * Replacing a file in the directory of a hostile user: whatever is there, nothing
 * outside is written, and what has the file's name is complete.
 */
#include "../../src/cli/internal.h"

#include "small_world.h"

#include <dirent.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define OTHER_USER 65534

static char *message;

WORLD_FIXTURE("theirs/", "=precious precious");

/* The path below the world. */
static int replace(const char *path, const char *text)
{
	FILE *err = test_stream();
	int r = replace_file(strf("%s/%s", world.dir, path), text, strlen(text), err);

	message = test_stream_close(err);
	assert_int_equal(!*message, r == 0);
	return r;
}

static void assert_text(const char *path, const char *text)
{
	int fd = openat(world.fd, path, O_RDONLY | O_NOFOLLOW);
	char found[64] = "";

	assert_true(fd >= 0);
	assert_true(read(fd, found, sizeof(found) - 1) >= 0);
	close(fd);
	assert_string_equal(found, text);
}

static size_t count_files(const char *path)
{
	return test_count_entries(strf("%s/%s", world.dir, path));
}

/* The file is complete, and new. */
static void assert_replaces(const char *path, const char *file)
{
	assert_int_equal(replace(path, "new"), 0);
	assert_text(file, "new");
}

static void assert_refused(const char *path, int error, const char *why)
{
	size_t before = count_files("theirs");

	assert_int_equal(replace(path, "new"), error);
	if (!strstr(message, why))
		fail_msg("%s", message);
	assert_int_equal(count_files("theirs"), before);
	assert_text("precious", "precious");
}

TEST(a_new_file_can_be_read_by_all)
{
	mode_t mask = umask(0077);
	struct stat st;

	assert_int_equal(replace("theirs/a.prom", "new"), 0);
	umask(mask);
	assert_text("theirs/a.prom", "new");
	assert_int_equal(fstatat(world.fd, "theirs/a.prom", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
	assert_int_equal(count_files("theirs"), 1);
}

TEST(readers_and_hard_links_keep_the_old_file)
{
	char text[8] = "";
	int fd;

	STEPS("=theirs/a.prom old");
	fd = openat(world.fd, "theirs/a.prom", O_RDONLY);
	assert_int_equal(linkat(world.fd, "theirs/a.prom", world.fd, "theirs/link", 0), 0);
	assert_replaces("theirs/a.prom", "theirs/a.prom");
	assert_int_equal(read(fd, text, sizeof(text) - 1), 3);
	close(fd);
	assert_string_equal(text, "old");
	assert_text("theirs/link", "old");
}

TEST(a_link_is_replaced_and_not_followed)
{
	for (EACH_TEXT(link, "../precious", "nowhere", "a.prom", "/dev/null")) {
		world_link("theirs/a.prom", link);
		assert_replaces("theirs/a.prom", "theirs/a.prom");
		STEPS("!theirs/a.prom");
	}
	assert_text("precious", "precious");
	assert_int_equal(count_files("theirs"), 0);
}

TEST(path_that_is_no_regular_file_is_rejected)
{
	STEPS("theirs/dir/", "|theirs/fifo", "theirs/stdout /proc/self/fd/1");
	assert_refused("theirs/dir", -EISDIR, "/theirs/dir: Is a directory");
	assert_refused("theirs/fifo", -EINVAL, "/theirs/fifo: not a regular file");
	assert_refused("theirs/stdout", -EINVAL, "/theirs/stdout: not a regular file");
	assert_refused("theirs/", -EISDIR, "Is a directory");
	assert_refused("theirs/..", -EISDIR, "Is a directory");
	assert_refused("nowhere/a.prom", -ENOENT, "No such file");
	assert_refused("precious/a.prom", -ENOTDIR, "Not a directory");
	if (geteuid() == 0 && mknodat(world.fd, "theirs/null", S_IFCHR | 0666, 0x103) == 0)
		assert_refused("theirs/null", -EINVAL, "/theirs/null: not a regular file");
}

TEST(the_directory_may_be_behind_links_of_ours)
{
	world_link("absolute", world.dir);
	STEPS("theirs/up ../theirs");
	assert_replaces("absolute/theirs/up/./a.prom", "theirs/a.prom");
	STEPS("loop loop");
	assert_refused("loop/a.prom", -ELOOP, strerror(ELOOP));
}

TEST(the_directory_may_not_be_behind_a_link_of_another_user)
{
	if (geteuid() != 0)
		test_skip("only root can give links away");
	STEPS("theirs/metrics ..", "ours theirs/metrics");
	assert_int_equal(
		fchownat(world.fd, "theirs/metrics", OTHER_USER, OTHER_USER, AT_SYMLINK_NOFOLLOW),
		0);
	assert_refused("theirs/metrics/precious", -EPERM, "another user's symbolic link");
	assert_refused("ours/precious", -EPERM, "another user's symbolic link");
}

TEST(a_failed_write_keeps_the_old_file_alone)
{
	struct rlimit old, small = { .rlim_cur = 2 };

	STEPS("=theirs/a.prom old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(replace("theirs/a.prom", "new text"), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_text("theirs/a.prom", "old");
	assert_int_equal(count_files("theirs"), 1);
}

/* Puts something else in the place of a file in the directory. */
static int misuse(int dir, const char *name, unsigned how)
{
	unlinkat(dir, name, 0);
	unlinkat(dir, name, AT_REMOVEDIR);
	switch (how % 5) {
	case 0:
		return symlinkat("../precious", dir, name);
	case 1:
		return linkat(dir, "../precious", dir, name, 0);
	case 2:
		return mkfifoat(dir, name, 0600);
	case 3:
		return mkdirat(dir, name, 0700);
	default:
		return 0;
	}
}

/* Every file is misused, and every name that a new file ever had. */
static void attack_forever(int ready)
{
	int fd = openat(world.fd, "theirs", O_RDONLY | O_DIRECTORY);
	DIR *dir = fdopendir(dup(fd));
	char seen[NAME_MAX + 1] = "a.prom";

	for (unsigned how = 0;; how++) {
		struct dirent *entry;

		rewinddir(dir);
		while ((entry = readdir(dir)))
			if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
				misuse(fd, entry->d_name, how);
				if (strcmp(entry->d_name, "a.prom") != 0)
					strcpy(seen, entry->d_name);
			}
		misuse(fd, "a.prom", how);
		misuse(fd, seen, how);
		if (how == 0 && write(ready, "", 1) != 1)
			_exit(1);
	}
}

TEST(changes_by_the_owner_of_the_directory_redirect_no_write)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0)
		attack_forever(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	for (int i = 0; i < 1000; i++)
		replace("theirs/a.prom", "new");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	assert_text("precious", "precious");
}
