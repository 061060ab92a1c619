// SPDX-License-Identifier: MIT
/*
 * What other users can do to a scan: mount points with names that break parsers, files that would
 * make an open wait, and rings of io_uring(7) that can't be read, or are misread. A run that waits
 * is killed after some minutes and fails.
 */
#include "hold.h"

#include <linux/io_uring.h>
#include <linux/userfaultfd.h>

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(a_hostile_mount_point_breaks_no_output)
{
	static const char name[] = "a b\nc\\d\x1b[31m\xff\"e,f";
	const char *ns = live_mount_new("net", strf("%s/%s", live_work, name));
	const char *out;

	assert_contains(
		nsls_jq(".namespaces[] | \"\\(.type):[\\(.ns)] \\([.mounts[].path] | tojson)\"",
			"-o", "NS,TYPE,MOUNTS"),
		strf("%s [\"%s/a b\\nc\\\\d\\u001b[31m\\\\xff\\\"e,f\"]\n", ns, live_work));
	out = nsls("-P", "-o", "NS,MOUNTS,HOLDERS").out;
	assert_contains(out, "/a b\\x0ac\\d\\x1b[31m\\xff\"e\\x2cf");
	assert_lacks(out, "\x1b");
	assert_contains(nsls("-r", "-P", "-o", "NS,MOUNTS").out,
		"/a\\x20b\\x0ac\\x5cd\\x1b[31m\\xff\"e\\x2cf\n");
}

TEST(a_fifo_over_a_mount_point_is_never_opened)
{
	const char *fifo = strf("%s/fifo", live_work), *path = strf("%s/covered", live_work);
	const char *ns = live_mount_new("net", path);

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(mount(fifo, path, NULL, MS_BIND, NULL), 0);
	assert_string_equal(nsls_jq("[.holders[].kind] | join(\",\")", ns), "mount\n");
	assert_contains(error_of(nsls(path)), "not a namespace");
}

TEST(descriptors_on_anything_make_no_run_wait)
{
	const char *fifo = strf("%s/other-fifo", live_work);
	int fd, path_fd;
	pid_t pid;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	fd = live_open_file(fifo, O_RDWR);
	path_fd = live_open_file(fifo, O_PATH);
	pid = live_clone(0); /* has them, too */
	assert_int_equal(nsls("-l").status, 0);
	live_end(pid);
	close(fd);
	close(path_fd);
}

#define MANY 1000 /* descriptors */

/* A process that has a namespace open MANY times more, and children that share its descriptors. */
static void share_table(void *ns)
{
	for (int i = 0; i < MANY; i++)
		MUST(dup(*(int *)ns) >= 0);
	for (int i = 0; i < 20; i++)
		live_clone(CLONE_FILES);
}

TEST(big_table_of_descriptors_is_listed_once_however_many_processes_share_it)
{
	int ns = live_namespace("uts");
	const char *text = live_fd_text(ns, "uts");
	pid_t pid = live_start(0, share_table, &ns);

	close(ns);
	for (EACH_TEXT(jobs, "1", "2", "7"))
		assert_string_equal(nsls_jq("[.holders[].pid] | \"\\(unique | length) \\(length)\"",
					    "--jobs", jobs, text),
			strf("1 %d\n", MANY + 1));
	live_end(pid);
}

static void need_rings(void)
{
	if (lacks_rings())
		live_skip(lacks_rings());
}

/* A page on which a thread that reads it blocks for ever. */
static void *endless_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	void *page = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (fd < 0)
		return NULL;
	MUST(page != MAP_FAILED && ioctl(fd, UFFDIO_API, &api) == 0);
	range.range.start = (uintptr_t)page;
	range.range.len = size;
	MUST(ioctl(fd, UFFDIO_REGISTER, &range) == 0);
	return page;
}

static int busy_ring;

/* The kernel reads the numbers of the files while it has the ring locked. */
static void *keep_busy(void *page)
{
	struct io_uring_files_update update = { .fds = (uintptr_t)page };

	syscall(SYS_io_uring_register, busy_ring, IORING_REGISTER_FILES_UPDATE, &update, 1);
	return NULL;
}

static bool shows_files(int ring)
{
	char *text = live_read(live_open_file(strf("/proc/self/fdinfo/%d", ring), O_RDONLY));

	MUST(*text);
	return strstr(text, "UserFiles");
}

static void be_busy(void *ret_busy)
{
	void *page = endless_page();
	pthread_t thread;

	if (!page)
		return;
	busy_ring = take_into_ring(live_namespace("uts"));
	MUST(pthread_create(&thread, NULL, keep_busy, page) == 0);
	while (shows_files(busy_ring))
		usleep(1000);
	*(bool *)ret_busy = true;
}

TEST(a_ring_that_is_kept_busy_makes_the_answer_incomplete)
{
	bool *busy = live_share(sizeof(*busy));
	struct answer answer;
	pid_t pid;

	need_rings();
	pid = live_start(0, be_busy, busy);
	if (!*busy) {
		live_end(pid);
		live_skip("this kernel has no userfaultfd(2)");
	}
	assert_int_equal(nsls("--strict", "-q", "-t", "uts").status, 3);
	answer = nsls("-t", "uts");
	assert_int_equal(answer.status, 0);
	assert_contains(answer.err, "some io_uring was too busy");
	live_end(pid);
}

/* Registers a file that no longer has this path. */
static void keep_file(void *path)
{
	int fd = MUST_OPEN(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644));

	MUST(unlink(path) == 0);
	take_into_ring(fd);
}

TEST(a_file_that_is_called_like_a_namespace_is_none)
{
	need_rings();
	for (EACH_TEXT(name, "uts:[7]", "x\n    1: uts:[7]", "UserFiles:\t9\n    1: uts:[7]\nx")) {
		pid_t pid = live_start(0, keep_file, strf("%s/%s", live_work, name));

		error_of(nsls("uts:[7]"));
		live_end(pid);
	}
}

int main(void)
{
	return live_run_tests("hostile", false, live_make_work, live_remove_work);
}
