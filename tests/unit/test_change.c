// SPDX-License-Identifier: MIT
/*
 * A system that changes during the scan: what is new, what is gone, which numbers were used again,
 * processes and threads that start, or end unread. Besides those of small_world.h, steps are:
 *
 *	at list 2: 9 uts:[70]; 8    steps at the second call that lists namespaces; also at
 *	                            "fd_target", "order_files", and "open" of a uts namespace
 *	ended 9                     a process or thread that is listed, and can't be opened
 */
#include "small_world.h"

#include <stdatomic.h>

static struct event {
	char call[16];
	unsigned number, calls;
	const char *steps;
} events[8];

static size_t nevents;
static unsigned started; /* calls that started processes */

static bool add_item(const char *item)
{
	struct event *event = &events[nevents];
	int steps = 0;

	assert_true(nevents < COUNT(events));
	if (!strncmp(item, "ended ", 6)) {
		world_link(item + 6, "nowhere");
	} else if (sscanf(item, "at %15s %u: %n", event->call, &event->number, &steps) == 2) {
		event->calls = 0;
		event->steps = item + steps;
		nevents++;
	}
	return steps || !strncmp(item, "ended ", 6);
}

static void take_events(const char *call, const char *what)
{
	if (!strcmp(call, "open") && strcmp(what, "uts") != 0)
		return;
	for (size_t i = 0; i < nevents; i++)
		if (!strcmp(events[i].call, call) && ++events[i].calls == events[i].number)
			for (EACH_WORD(step, events[i].steps, "; "))
				STEPS(step);
}

static int set_up(void **state)
{
	world_set_up(state);
	world_process(1, 0);
	nevents = started = 0;
	kernel.add_item = add_item;
	kernel.before_call = take_events;
	kernel.has_listns = true;
	return 0;
}

/* Nothing in the world shows it. */
#define LISTED "@uts:[70] id=500 listed"

#define CHANGE_TEST(name, ...) TEST_CALL(name, STEPS(__VA_ARGS__));

TEST_FIXTURE(set_up, world_tear_down);

/* The process was not there yet when processes were listed. It counts wherever it is. */
CHANGE_TEST(namespace_as_new_as_its_process_is_no_phantom, LISTED, "at list 1: 9 uts:[70]",
	"=> uts:[70] process 9", "=> uts:[70].nprocs 1",
	"=> net:[4026531803] process 1, process 9") /* where its PID belongs */

/* A process that was scanned already moves on, unshare(2). */
CHANGE_TEST(namespace_that_a_known_process_moved_to_is_no_phantom, LISTED,
	"at list 1: 1/ns/uts uts:[70]", "=> uts:[70] process 1",
	"=> net:[4026531803] process 1") /* not twice */

/* Inode numbers are used again at once, ids never: the second has ended before the fourth list. */
static ssize_t list_of_another(
	const struct kernel *k, unsigned types, uint64_t after, uint64_t *ids, size_t n)
{
	if (after || kernel.listed > 2)
		return 0;
	ids[0] = kernel.ns[0].id = kernel.listed++ ? 502 : 501;
	return 1;
}

TEST(one_that_got_the_number_of_another_is_not_taken_for_it)
{
	kernel.kernel.list = list_of_another;
	STEPS(LISTED, "=> !uts:[70]");
}

CHANGE_TEST(namespace_that_ended_since_it_was_listed_is_left_out, LISTED,
	"at list 2: @uts:[70] id=500", "=> !uts:[70]")

/* Each pass finds a new process, for ever. */
static ssize_t start_another(
	const struct kernel *k, unsigned types, uint64_t after, uint64_t *ids, size_t n)
{
	if (!after)
		world_process(100 + (pid_t)started++, 1);
	return fake_calls.list(k, types, after, ids, n);
}

TEST(a_storm_does_not_keep_the_scan_from_ending)
{
	kernel.kernel.list = start_another;
	STEPS(LISTED, "=> uts:[70] kernel");
	assert_true(started < 20);
}

TEST(unreadable_process_counts_once_in_repeated_scans)
{
	STEPS(LISTED, "2", "1/ns/ipc garbage", "2/ns/ipc garbage", "=> processes 0 0 2");
	assert_true(kernel.listed > 2); /* it was scanned again */
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
	STEPS(LISTED, "2", "2/fd/3 /x");
	kernel.kernel.fd_target = target_and_wait;
	kernel.timeout_ms = 80;
	scan(0);
	close(gate[1]);
	assert_true(kernel.listed > 2); /* all others were scanned again */
	assert_int_equal(scanned.report.timed_out, 1);
	assert_int_equal(waiting, 1);
}

CHANGE_TEST(namespace_that_stays_on_the_list_has_an_unknown_holder, LISTED, "=> uts:[70] kernel",
	"=> uts:[70].id 500")

/* Of two with one number, one has ended: nothing that was found leads there any more. */
CHANGE_TEST(of_two_with_one_number_the_one_that_ended_is_dropped, "@net:[70] id=501", "2",
	"1/ns/uts uts:[70]", /* the kernel knows none of that kind */
	"2/ns/net net:[70]", "=> uts:[70] ", "=> uts:[70].nprocs 0", "=> net:[70] process 2")

/* One descriptor may not be passed; the other has been closed. */
CHANGE_TEST(namespace_that_may_still_exist_is_kept, "@net:[70] id=501", "1/ns/net net:[70]",
	"1/fd/3 uts:[70]", "1/fd/4 uts:[70]", "fail open EACCES 3", "=> uts:[70] fd 1:3, fd 1:4",
	"!1/fd/3", "=> uts:[70] ")

/* Its relations can be read; after that its process has left it. */
CHANGE_TEST(ended_namespace_leaves_no_owner_that_nothing_else_holds, "@uts:[70] owner=72",
	"@net:[70] owner=74", "@user:[72] parent=73", "@user:[73] parent=74",
	"@user:[74] parent=4026531806", "@user:[4026531806]", "2", "1/ns/uts uts:[70]",
	"2/ns/net net:[70]", "at open 2: fail open ENOENT uts", "=> uts:[70] ", "=> user:[72] ",
	"=> user:[73] ", "=> user:[74] owned net:[70]", "=> user:[74].nholders 1",
	"=> user:[4026531806] process 1, process 2, child user:[74]")

/* Once the relations of the namespace were read, its process moves to one that nothing showed. */
CHANGE_TEST(process_that_left_an_ended_namespace_is_found_in_the_next_one, "@uts:[70]", "@net:[70]",
	"@uts:[71]", "2", "1/ns/uts uts:[70]", "2/ns/net net:[70]", "at open 2: 1/ns/uts uts:[71]",
	"=> uts:[71] process 1", "=> !uts:[70]", "=> unlimited TURNOVER")

CHANGE_TEST(type_of_a_descriptor_does_not_depend_on_an_earlier_inode,
	"has_listns=0", /* a plain directory, where both may exist */
	"1/ns/uts uts:[71]", "1/fd/3 net:[71]", "=> uts:[71] process 1", "=> net:[71] fd 1:3")

/* Process 1 has a descriptor. The world changes when it is looked up. No list shows that. */
#define STARTING "has_listns=0", "1/fd/4 /x"

CHANGE_TEST(process_that_started_during_the_scan_is_found, STARTING, "at fd_target 1: 10 net:[70]",
	"=> net:[70] process 10", "=> unlimited TURNOVER")

CHANGE_TEST(process_that_ended_before_the_last_list_does_not_matter, STARTING, "ended 9",
	"at fd_target 1: 10 net:[70]", "=> net:[70] process 10", "=> processes 1 0 0",
	"=> unlimited TURNOVER")

/* Each process that is read has started another one, and one that has ended already. */
static int start_two(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	pid_t pid = 10 + 2 * (pid_t)started++;

	STEPS(strf("%d", pid), strf("%d/fd/4 /x", pid), strf("ended %d", pid + 1));
	return fake_calls.fd_target(k, dirfd, link, ret_target);
}

TEST(processes_that_always_end_unread_make_the_answer_incomplete)
{
	kernel.kernel.fd_target = start_two;
	STEPS(STARTING, "=> incomplete", "=> limited TURNOVER",
		"=> reasons processes or threads started and ended faster than they could be read: "
		"a namespace that one passes on to the next may be missing\n");
	assert_int_equal(report_unreadable_processes(&scanned.report), SIZE_MAX);
}

/* Descriptors of threads are compared after threads were listed, and before they are read. */
CHANGE_TEST(thread_that_got_a_namespace_from_one_that_ended_is_found, "has_listns=0", "1/task/1/",
	"1/task/5/ns/net net:[70]", "1/task/6/ns/net net:[71]",
	"at order_files 1: !1/task/5/ns/net; 1/task/7/ns/net net:[70]", "=> net:[70] thread 1/7",
	"=> net:[71] thread 1/6", /* not twice */
	"=> unlimited TURNOVER")

CHANGE_TEST(threads_of_a_process_that_started_during_the_scan_are_found, STARTING,
	"at fd_target 1: 10 net:[70]; 10/task/10/; 10/task/11/ns/net net:[71]; "
	"10/task/12/ns/net net:[72]",
	"=> net:[71] thread 10/11", "=> net:[72] thread 10/12")

/*
 * A new thread or process is listed a moment before it can be opened. It can be once a process of
 * the second list is read: directories are listed in any order, so only then has it certainly been
 * tried.
 */
#define OPENED_LATE(newborn)                                                                       \
	STARTING, "at fd_target 1: 11; 11/fd/4 /x", "at fd_target 2: 12; 12/fd/4 /x",              \
		"at fd_target 3: !" newborn "; " newborn "/ns/net net:[70]"

CHANGE_TEST(thread_that_was_listed_before_it_could_be_opened_is_found, OPENED_LATE("1/task/5"),
	"1/task/1/", "1/task/4/ns/net net:[71]", "ended 1/task/5", "=> net:[70] thread 1/5",
	"=> unlimited TURNOVER")

CHANGE_TEST(process_that_was_listed_before_it_could_be_opened_is_found, OPENED_LATE("15"),
	"at fd_target 1: ended 15", "=> net:[70] process 15", "=> unlimited TURNOVER")

CHANGE_TEST(thread_of_a_new_process_that_was_listed_before_it_could_be_opened_is_found,
	OPENED_LATE("15/task/17"),
	"at fd_target 1: 15; 15/task/15/; 15/task/16/ns/net net:[71]; ended 15/task/17",
	"=> net:[70] thread 15/17", "=> unlimited TURNOVER")
