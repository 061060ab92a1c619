// SPDX-License-Identifier: MIT
/* Processes and threads that start, or end unread, while the system is scanned. */
#include "small_world.h"

static pid_t next; /* that the next process to start gets */

static int set_up(void **state)
{
	world_with_process_1(state);
	next = 10;
	return 0;
}

/* A link that leads nowhere has the name of a process, and can't be opened: as one that ended. */
static void add_ended(const char *path)
{
	world_link(path, "nowhere");
}

/* Its descriptor makes the scan call fd_target(). */
static void add_process(pid_t pid)
{
	world_process(pid, 1);
	world_link(strf("%d/fd/4", pid), "/x");
}

static void (*change)(void);

static int change_at_target(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	*ret_target = (struct fd_target){ .kind = FD_OTHER };
	change();
	return 0;
}

/* Process 1 has a descriptor. The world changes whenever one is looked up. */
static void scan_changing(void (*change_world)(void))
{
	STEPS("1/fd/4 /x");
	change = change_world;
	kernel.kernel.fd_target = change_at_target;
	scan(0);
}

static void start_process(void)
{
	if (next++ == 10)
		STEPS("10 net:[70]");
}

TEST_FIXTURE(set_up, world_tear_down);

TEST(process_that_started_during_the_scan_is_found)
{
	scan_changing(start_process);
	FOUND("=> net:[70] process 10", "=> unlimited TURNOVER");
}

TEST(process_that_ended_before_the_last_list_does_not_matter)
{
	add_ended("9");
	scan_changing(start_process);
	FOUND("=> vanished processes 1", "=> unlimited TURNOVER");
}

/* Each process that is read has started another one, and one that has ended already. */
static void start_two(void)
{
	add_process(next++);
	add_ended(strf("%d", next++));
}

TEST(processes_that_always_end_unread_make_the_answer_incomplete)
{
	scan_changing(start_two);
	FOUND("=> incomplete", "=> limited TURNOVER");
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
		STEPS("!1/task/5/ns/net", "1/task/7/ns/net net:[70]");
	}
	return 0;
}

TEST(thread_that_got_a_namespace_from_one_that_ended_is_found)
{
	STEPS("1/task/1/", "1/task/5/ns/net net:[70]", "1/task/6/ns/net net:[71]");
	kernel.kernel.order_files = thread_passes_on;
	STEPS("=> net:[70] thread 1/7", "=> net:[71] thread 1/6"); /* not twice */
	FOUND("=> unlimited TURNOVER");
}

static void start_threads(void)
{
	start_process();
	STEPS("10/task/10/", "10/task/11/ns/net net:[71]", "10/task/12/ns/net net:[72]");
}

TEST(threads_of_a_process_that_started_during_the_scan_are_found)
{
	scan_changing(start_threads);
	FOUND("=> net:[71] thread 10/11", "=> net:[72] thread 10/12");
}

/*
 * A new thread or process is listed a moment before it can be opened. The newborn can be once a
 * process of the second list is read: directories are listed in any order, so only then has it
 * certainly been tried.
 */
static const char *newborn;

static void open_newborn(void)
{
	if (next < 12) {
		add_process(++next);
	} else if (next++ == 12) {
		world_unlink(newborn);
		world_link(strf("%s/ns/net", newborn), "net:[70]");
	}
}

TEST(thread_that_was_listed_before_it_could_be_opened_is_found)
{
	STEPS("1/task/1/", "1/task/4/ns/net net:[71]");
	add_ended("1/task/5");
	newborn = "1/task/5";
	scan_changing(open_newborn);
	FOUND("=> net:[70] thread 1/5", "=> unlimited TURNOVER");
}

static void start_newborn(void)
{
	if (next == 10)
		add_ended(newborn);
	open_newborn();
}

TEST(process_that_was_listed_before_it_could_be_opened_is_found)
{
	newborn = "15";
	scan_changing(start_newborn);
	FOUND("=> net:[70] process 15", "=> unlimited TURNOVER");
}

static void start_newborn_thread(void)
{
	if (next == 10)
		STEPS("15", "15/task/15/", "15/task/16/ns/net net:[71]");
	start_newborn();
}

TEST(thread_of_a_new_process_that_was_listed_before_it_could_be_opened_is_found)
{
	newborn = "15/task/17";
	scan_changing(start_newborn_thread);
	FOUND("=> net:[70] thread 15/17", "=> unlimited TURNOVER");
}
