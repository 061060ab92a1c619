// SPDX-License-Identifier: MIT
/* Rings of io_uring(7) that are made so that they can't be read, or are misread. */
#include "hold.h"

#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static void need_rings(void)
{
	const char *why = lacks_rings();

	live_need_root();
	if (why)
		live_skip(why);
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

TEST_FIXTURE_NEEDS(need_rings, NULL, NULL);

TEST(a_ring_that_is_kept_busy_makes_the_answer_incomplete)
{
	bool *busy = live_share(sizeof(*busy));
	struct answer answer;
	pid_t pid = live_start(0, be_busy, busy);

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

/* Registers a file of this name in the working directory. */
static void keep_file(void *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	MUST(fd >= 0 && unlink(name) == 0);
	take_into_ring(fd);
}

TEST(a_file_that_is_called_like_a_namespace_is_none)
{
	static char names[][32] = { "uts:[7]", "x\n    1: uts:[7]",
		"UserFiles:\t9\n    1: uts:[7]\nx" };
	char dir[] = "/tmp/nsls-rings-XXXXXX";

	assert_true(mkdtemp(dir) && chdir(dir) == 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		pid_t pid = live_start(0, keep_file, names[i]);

		error_of(nsls("uts:[7]"));
		live_end(pid);
	}
	assert_true(chdir("/") == 0 && rmdir(dir) == 0);
}

int main(void)
{
	return live_run_tests("rings", false, NULL, NULL);
}
