// SPDX-License-Identifier: MIT
/*
 * A system that changes during the scan: what is new, what is gone, which numbers were used again,
 * processes and threads that start, or end unread.
 */
#include "small_world.h"

#include <stdatomic.h>

static unsigned lists; /* calls that list namespaces */
static pid_t next;     /* that the next process to start gets */

static int set_up(void **state)
{
	world_with_process_1(state);
	lists = 0;
	next = 10;
	STEPS("has_listns=1");
	/* Listed, and nothing in the world shows it. */
	kernel.ns[0] = (struct fake_ns){ .ref = { NS_UTS, 70 }, .id = 500, .listed = true };
	return 0;
}

static void (*change)(void);

static ssize_t change_and_list(
	const struct kernel *k, unsigned types, uint64_t after, uint64_t *ids, size_t n)
{
	if (!after) {
		change();
		lists++;
	}
	if (!kernel.ns[0].listed || after >= 500)
		return 0;
	ids[0] = 500;
	return 1;
}

/* The world changes whenever namespaces are listed. */
static void scan_changing(void (*change_world)(void))
{
	change = change_world;
	kernel.kernel.list = change_and_list;
	scan(0);
}

/* The process that made the namespace was not there yet when processes were listed. */
static void start_process(void)
{
	if (!lists)
		STEPS("9 uts:[70]");
}

TEST_FIXTURE(set_up, world_tear_down);

TEST(namespace_as_new_as_its_process_is_no_phantom)
{
	scan_changing(start_process);
	FOUND("=> uts:[70] process 9", "=> uts:[70].nprocs 1");
	/* It counts wherever it is, and where its PID belongs. */
	FOUND("=> net:[4026531803] process 1, process 9");
}

/* A process that was scanned already moves on, unshare(2). */
static void move_process(void)
{
	if (!lists)
		STEPS("1/ns/uts uts:[70]");
}

TEST(namespace_that_a_known_process_moved_to_is_no_phantom)
{
	scan_changing(move_process);
	FOUND("=> uts:[70] process 1", "=> net:[4026531803] process 1"); /* not twice */
}

static void end_namespace(void)
{
	if (lists)
		kernel.ns[0].listed = false;
}

/* Inode numbers are used again at once, ids never: the second has ended before the fourth list. */
static ssize_t list_of_another(
	const struct kernel *k, unsigned types, uint64_t after, uint64_t *ids, size_t n)
{
	if (after || lists > 2)
		return 0;
	ids[0] = kernel.ns[0].id = lists++ ? 502 : 501;
	return 1;
}

TEST(one_that_got_the_number_of_another_is_not_taken_for_it)
{
	const struct ns *ns;

	kernel.kernel.list = list_of_another;
	scan(0);
	ns = find_ns(NS_UTS, 70);
	assert_true(!ns || !ns->first);
}

TEST(namespace_that_ended_since_it_was_listed_is_left_out)
{
	const struct ns *ns;

	scan_changing(end_namespace);
	ns = find_ns(NS_UTS, 70);
	assert_true(!ns || !ns->first);
}

/* Each pass finds a new process, for ever. */
static void start_another(void)
{
	world_process(100 + (pid_t)lists, 1);
}

TEST(a_storm_does_not_keep_the_scan_from_ending)
{
	scan_changing(start_another);
	FOUND("=> uts:[70] kernel");
	assert_true(lists < 20);
}

TEST(unreadable_process_counts_once_in_repeated_scans)
{
	STEPS("2", "1/ns/ipc garbage", "2/ns/ipc garbage");
	scan(0);
	assert_true(kernel.listed > 1); /* it was scanned again */
	FOUND("=> odd processes 2");
}

static int gate[2]; /* a pipe: a read of it blocks until it is closed */
static atomic_uint waiting;

static int target_and_wait(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	char byte;

	*ret_target = (struct fd_target){ .kind = FD_OTHER };
	waiting++;
	return (int)read(gate[0], &byte, 1);
}

TEST(process_that_timed_out_is_not_read_again)
{
	assert_int_equal(pipe(gate), 0);
	waiting = 0;
	STEPS("2", "2/fd/3 /x");
	kernel.kernel.fd_target = target_and_wait;
	kernel.timeout_ms = 80;
	scan(0);
	close(gate[1]);
	assert_true(kernel.listed > 1); /* all others were scanned again */
	assert_int_equal(scanned.report.timed_out, 1);
	assert_int_equal(waiting, 1);
}

TEST_CALL(namespace_that_stays_on_the_list_has_an_unknown_holder,
	STEPS("=> uts:[70] kernel", "=> uts:[70].id 500"));

/* Of two with one number, one has ended: nothing that was found leads there any more. */
TEST(of_two_with_one_number_the_one_that_ended_is_dropped)
{
	const struct ns *ended;

	kernel.ns[0] = (struct fake_ns){ .ref = { NS_NET, 70 }, .id = 501 };
	STEPS("2", "1/ns/uts uts:[70]"); /* the kernel knows none of that kind */
	STEPS("2/ns/net net:[70]");
	scan(0);
	ended = find_ns(NS_UTS, 70);
	assert_true(ended && !ended->first && !ended->nprocs);
	FOUND("=> net:[70] process 2");
}

/* One descriptor may not be passed; the other has been closed. */
static int open_neither(const struct kernel *k, int dirfd, const char *path)
{
	if (!strcmp(path, "3"))
		return -EACCES;
	return strcmp(path, "4") != 0 ? fake_calls.open(k, dirfd, path) : -ESRCH;
}

TEST(namespace_that_may_still_exist_is_kept)
{
	kernel.ns[0] = (struct fake_ns){ .ref = { NS_NET, 70 }, .id = 501 };
	STEPS("1/ns/net net:[70]", "1/fd/3 uts:[70]", "1/fd/4 uts:[70]");
	kernel.kernel.open = open_neither;
	STEPS("=> uts:[70] fd 1:3, fd 1:4", "!1/fd/3", "=> uts:[70] ");
}

/* Its relations can be read; after that its process has left it. */
static int open_uts_once(const struct kernel *k, int dirfd, const char *path)
{
	static bool opened;
	bool uts = !strcmp(path, "uts"), rejected = uts && opened;

	opened |= uts;
	return rejected ? -ENOENT : fake_calls.open(k, dirfd, path);
}

TEST(ended_namespace_leaves_no_owner_that_nothing_else_holds)
{
	STEPS("@uts:[70] owner=72", "@net:[70] owner=74", "@user:[72] parent=73",
		"@user:[73] parent=74", "@user:[74] parent=4026531806", "@user:[4026531806]", "2",
		"1/ns/uts uts:[70]", "2/ns/net net:[70]");
	kernel.kernel.open = open_uts_once;
	STEPS("=> uts:[70] ", "=> user:[72] ", "=> user:[73] ", "=> user:[74] owned net:[70]",
		"=> user:[74].nholders 1",
		"=> user:[4026531806] process 1, process 2, child user:[74]");
}

/* Once the relations of the namespace were read, its process moves to one that nothing showed. */
static int open_after_a_move(const struct kernel *k, int dirfd, const char *path)
{
	static unsigned opens;

	if (!strcmp(path, "uts") && ++opens == 2)
		STEPS("1/ns/uts uts:[71]");
	return fake_calls.open(k, dirfd, path);
}

TEST(process_that_left_an_ended_namespace_is_found_in_the_next_one)
{
	STEPS("@uts:[70]", "@net:[70]", "@uts:[71]", "2", "1/ns/uts uts:[70]", "2/ns/net net:[70]");
	kernel.kernel.open = open_after_a_move;
	STEPS("=> uts:[71] process 1", "=> !uts:[70]", "=> unlimited TURNOVER");
}

TEST_CALL(type_of_a_descriptor_does_not_depend_on_an_earlier_inode,
	STEPS("has_listns=0", /* a plain directory, where both may exist */
		"1/ns/uts uts:[71]", "1/fd/3 net:[71]", "=> uts:[71] process 1",
		"=> net:[71] fd 1:3"));

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

static int change_at_target(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	*ret_target = (struct fd_target){ .kind = FD_OTHER };
	change();
	return 0;
}

/* Process 1 has a descriptor. The world changes whenever one is looked up. No list shows that. */
static void scan_starting(void (*change_world)(void))
{
	STEPS("has_listns=0", "1/fd/4 /x");
	change = change_world;
	kernel.kernel.fd_target = change_at_target;
	scan(0);
}

static void start_process_10(void)
{
	if (next++ == 10)
		STEPS("10 net:[70]");
}

TEST(process_that_started_during_the_scan_is_found)
{
	scan_starting(start_process_10);
	FOUND("=> net:[70] process 10", "=> unlimited TURNOVER");
}

TEST(process_that_ended_before_the_last_list_does_not_matter)
{
	add_ended("9");
	scan_starting(start_process_10);
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
	scan_starting(start_two);
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
	if (next++ == 10)
		STEPS("!1/task/5/ns/net", "1/task/7/ns/net net:[70]");
	return 0;
}

TEST(thread_that_got_a_namespace_from_one_that_ended_is_found)
{
	STEPS("has_listns=0", "1/task/1/", "1/task/5/ns/net net:[70]", "1/task/6/ns/net net:[71]");
	kernel.kernel.order_files = thread_passes_on;
	STEPS("=> net:[70] thread 1/7", "=> net:[71] thread 1/6"); /* not twice */
	FOUND("=> unlimited TURNOVER");
}

static void start_threads(void)
{
	start_process_10();
	STEPS("10/task/10/", "10/task/11/ns/net net:[71]", "10/task/12/ns/net net:[72]");
}

TEST(threads_of_a_process_that_started_during_the_scan_are_found)
{
	scan_starting(start_threads);
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
	scan_starting(open_newborn);
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
	scan_starting(start_newborn);
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
	scan_starting(start_newborn_thread);
	FOUND("=> net:[70] thread 15/17", "=> unlimited TURNOVER");
}
