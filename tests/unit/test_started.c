// SPDX-License-Identifier: MIT
/* Processes and threads that start, or end unread, while the system is scanned. */
#include "scan_fixture.h"

static pid_t next; /* that the next process to start gets */

static int set_up(void **state)
{
	fixture_with_process_1(state);
	next = 10;
	return 0;
}

/* A link that leads nowhere has the name of a process, and can't be opened: as one that ended. */
static void add_ended(const char *path)
{
	world_link(&world, path, "nowhere");
}

/* Its descriptor makes the scan call fd_target(). */
static void add_process(pid_t pid)
{
	world_process(&world, pid, 1);
	world_link(&world, strf("%d/fd/4", pid), "/x");
}

static bool is_complete(void)
{
	return !(scanned.report.limitations & LIMITATION_TURNOVER);
}

static int target_starts_process(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	*ret_target = (struct fd_target){ .kind = FD_OTHER };
	if (next++ == 10) {
		world_process_in(&world, 10, 1, "net:[70]");
	}
	return 0;
}

TEST_FIXTURE(set_up, fixture_tear_down);

TEST(process_that_started_during_the_scan_is_found)
{
	world_link(&world, "1/fd/4", "/x");
	kernel.kernel.fd_target = target_starts_process;
	scan(0);
	assert_holders(&scanned, NS_NET, 70, "process 10");
	assert_true(is_complete());
}

TEST(process_that_ended_before_the_last_list_does_not_matter)
{
	add_ended("9");
	world_link(&world, "1/fd/4", "/x");
	kernel.kernel.fd_target = target_starts_process;
	scan(0);
	assert_int_equal(scanned.report.errors[SOURCE_PROCESSES].vanished, 1);
	assert_true(is_complete());
}

/* Each process that is read has started another one, and one that has ended already. */
static int target_starts_two(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	*ret_target = (struct fd_target){ .kind = FD_OTHER };
	add_process(next++);
	add_ended(strf("%d", next++));
	return 0;
}

TEST(processes_that_always_end_unread_make_the_answer_incomplete)
{
	world_link(&world, "1/fd/4", "/x");
	kernel.kernel.fd_target = target_starts_two;
	scan(0);
	assert_false(is_complete());
	assert_false(report_is_complete(&scanned.report));
	assert_int_equal(report_unreadable_processes(&scanned.report), SIZE_MAX);
	assert_string_equal(reasons(),
		"processes or threads started and ended faster than they could be read: a "
		"namespace that one passes on to the next may be missing\n");
}

/* Descriptors of threads are compared after threads were listed, and before they are read. */
static int thread_passes_on(const struct kernel *k, pid_t tid, pid_t other, int *ret_order)
{
	*ret_order = 0;
	if (next++ == 10) {
		world_unlink(&world, "1/task/5/ns/net");
		world_link(&world, "1/task/7/ns/net", "net:[70]");
	}
	return 0;
}

TEST(thread_that_got_a_namespace_from_one_that_ended_is_found)
{
	world_dir(&world, "1/task/1");
	world_link(&world, "1/task/5/ns/net", "net:[70]");
	world_link(&world, "1/task/6/ns/net", "net:[71]");
	kernel.kernel.order_files = thread_passes_on;
	scan(0);
	assert_holders(&scanned, NS_NET, 70, "thread 1/7");
	assert_holders(&scanned, NS_NET, 71, "thread 1/6"); /* not twice */
	assert_true(is_complete());
}

static int target_starts_threads(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	int r = target_starts_process(k, dirfd, link, ret_target);

	world_dir(&world, "10/task/10");
	world_link(&world, "10/task/11/ns/net", "net:[71]");
	world_link(&world, "10/task/12/ns/net", "net:[72]");
	return r;
}

TEST(threads_of_a_process_that_started_during_the_scan_are_found)
{
	world_link(&world, "1/fd/4", "/x");
	kernel.kernel.fd_target = target_starts_threads;
	scan(0);
	assert_holders(&scanned, NS_NET, 71, "thread 10/11");
	assert_holders(&scanned, NS_NET, 72, "thread 10/12");
}

/*
 * A new thread or process is listed a moment before it can be opened. The newborn can be once a
 * process of the second list is read: directories are listed in any order, so only then has it
 * certainly been tried.
 */
static const char *newborn;

static int target_opens_newborn(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	*ret_target = (struct fd_target){ .kind = FD_OTHER };
	if (next < 12) {
		add_process(++next);
	} else if (next++ == 12) {
		world_unlink(&world, newborn);
		world_link(&world, strf("%s/ns/net", newborn), "net:[70]");
	}
	return 0;
}

static void scan_beside_newborn(const char *path,
	int (*fd_target)(const struct kernel *, int dirfd, const char *link, struct fd_target *))
{
	newborn = path;
	world_link(&world, "1/fd/4", "/x");
	kernel.kernel.fd_target = fd_target;
	scan(0);
}

TEST(thread_that_was_listed_before_it_could_be_opened_is_found)
{
	world_dir(&world, "1/task/1");
	world_link(&world, "1/task/4/ns/net", "net:[71]");
	add_ended("1/task/5");
	scan_beside_newborn("1/task/5", target_opens_newborn);
	assert_holders(&scanned, NS_NET, 70, "thread 1/5");
	assert_true(is_complete());
}

static int target_starts_newborn(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	if (next == 10)
		add_ended(newborn);
	return target_opens_newborn(k, dirfd, link, ret_target);
}

TEST(process_that_was_listed_before_it_could_be_opened_is_found)
{
	scan_beside_newborn("15", target_starts_newborn);
	assert_holders(&scanned, NS_NET, 70, "process 15");
	assert_true(is_complete());
}

static int target_starts_newborn_thread(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	if (next == 10) {
		world_process(&world, 15, 1);
		world_dir(&world, "15/task/15");
		world_link(&world, "15/task/16/ns/net", "net:[71]");
	}
	return target_starts_newborn(k, dirfd, link, ret_target);
}

TEST(thread_of_a_new_process_that_was_listed_before_it_could_be_opened_is_found)
{
	scan_beside_newborn("15/task/17", target_starts_newborn_thread);
	assert_holders(&scanned, NS_NET, 70, "thread 15/17");
	assert_true(is_complete());
}
