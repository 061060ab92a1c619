// SPDX-License-Identifier: MIT
/*
 * What can't be read: which errors end a scan, which are counted and for which source, and that
 * one process's errors takes nothing from the others.
 */
#include "small_world.h"

WORLD_FIXTURE("1", "2", "1/task/1/", "2/task/2/", "=1/mountinfo ", "=2/mountinfo ");

STEPS_TEST(a_process_that_may_not_be_read_counts_once, "shut 2/ns", "=> errors processes 0 1 0",
	"=> net:[4026531803] process 1");

STEPS_TEST(a_process_in_the_middle_of_its_end_is_no_refusal,
	"=2/stat 2 (x) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n", "shut 2/ns",
	"=> errors processes 1 0 0");

STEPS_TEST(process_whose_remaining_threads_may_not_be_read_counts_once, "2 ended", "2/3",
	"shut 2/task/3/ns", "=> errors processes 0 1 0", "=> user:[4026531806] process 1");

STEPS_TEST(descriptors_that_may_not_be_listed_hide_no_member, "shut 2/fd", "=> errors fds 0 1 0",
	"=> net:[4026531803] process 1, process 2");

STEPS_TEST(a_thread_that_may_not_be_read_hides_no_process, "2/task/3/ns/net net:[70]",
	"shut 2/task/3", "=> errors threads 0 1 0", "=> net:[4026531803] process 1, process 2");

STEPS_TEST(unreadable_mount_table_is_read_from_the_next_process, "+2/mountinfo net:[70] /b",
	"shut 1/mountinfo", "=> errors mounts 0 1 0", "=> net:[70].nholders 1");

STEPS_TEST(a_fifo_in_place_of_a_file_is_not_waited_for, "!2/stat", "|2/stat", "!1/mountinfo",
	"|1/mountinfo", "!2/ns/net", /* so that stat is read */
	"=> mounts 0 0 1", "=> uts:[4026531807] process 1, process 2");

STEPS_TEST(files_in_place_of_directories_are_counted, "=3/ns ", "=4 ", "=> processes 0 0 2",
	"=> uts:[4026531807] process 1, process 2");

STEPS_TEST(a_process_counts_once_however_much_of_it_is_odd, "2/ns/uts uts:[x]", "2/ns/net uts:[5]",
	"=> errors processes 0 0 1");

STEPS_TEST(an_entry_of_fd_that_is_no_link_is_counted, "=2/fd/4 ", "2/fd/5 uts:[70]",
	"=> errors fds 0 0 1", "=> uts:[70] fd 2:5");

TEST(descriptor_with_a_long_path_is_scanned)
{
	kernel.path_link = strf("/%0298d", 0);
	world_link("2/fd/4", kernel.path_link);
	STEPS("@uts:[4026531807]", "=> errors none",
		"=> uts:[4026531807] process 1, process 2, fd 2:4");
}

TEST(only_three_errors_end_a_scan)
{
	for (int error = 1; error < 134; error++) {
		bool ends = error == ENOMEM || error == EMFILE || error == ENFILE;

		kernel.failing = "open";
		kernel.failure = -error;
		assert_int_equal(try_scan(0), ends ? -error : 0);
		assert_int_equal(kernel.open, 0);
		if (!ends)
			FOUND("=> net:[4026531803] process 1, process 2");
	}
}

static const struct call {
	const char *name;
	enum source source; /* that counts its failure */
} calls[] = { { "owner", SOURCE_KERNEL }, { "parent", SOURCE_KERNEL }, { "fd_target", SOURCE_FDS },
	{ "pidfd", SOURCE_SOCKETS }, { "copy_socket", SOURCE_SOCKETS },
	{ "socket_netns", SOURCE_SOCKETS }, { "list", SOURCE_KERNEL }, { "open_id", SOURCE_KERNEL },
	{ "step_mnt", SOURCE_KERNEL } };

/* A world in which each of the calls is made once or more. */
static int scan_broken(const struct call *call, int error)
{
	kernel_init();
	STEPS("has_listns=1", "walks=1", "@mnt:[4026531802]", "@pid:[4026531804]",
		"@net:[90] id=5 listed", "@net:[91] id=6 listed", "@socket:[900] 90 7",
		"1/fd/3 socket:[900]", "1/fd/4 /some/path");
	kernel.failing = call->name;
	kernel.failure = error;
	return try_scan(0);
}

TEST(failure_of_each_kernel_call_is_counted_by_its_source_or_ends_the_scan)
{
	static const int errors[] = { ENOMEM, EMFILE, ENFILE, EIO, EACCES };

	for (size_t i = 0; i < COUNT(errors) * COUNT(calls); i++) {
		const struct call *call = &calls[i / COUNT(errors)];
		int error = errors[i % COUNT(errors)], r = scan_broken(call, -error);
		bool fatal = error != EIO && error != EACCES;

		if (r != (fatal ? -error : 0) || kernel.open)
			fail_msg("%s: %d, %u still open", call->name, r, kernel.open);
		for (enum source s = 0; !fatal && s < SOURCE_COUNT; s++) {
			const struct source_errors *e = &scanned.report.errors[s];
			bool counts = s == call->source; /* of one or more namespaces */

			if ((e->denied > 0) != (counts && error == EACCES) ||
				(e->odd > 0) != (counts && error == EIO))
				fail_msg("%s %d: %s", call->name, error, source_info[s].name);
		}
		if (!fatal)
			FOUND("=> uts:[4026531807] process 1, process 2");
	}
}

/* As by a kernel without kcmp(2): descriptors of such threads are unknown, which is counted. */
STEPS_TEST(threads_that_can_not_be_compared_are_counted, "2/task/8/ns/", "2/task/8/fd/3 net:[70]",
	"fail order_files ENOSYS", "without threads", "=> errors fds 0 0 1",
	"without threads,fds", /* left out; sockets are scanned */
	"=> errors sockets 0 0 1", "fail order_files ESRCH", "without threads",
	"=> errors fds 1 0 0");

/* The first of the threads with tables of their own ends when that has been read. */
STEPS_TEST(a_thread_that_ends_hides_no_table_of_another, "2/task/100008/fd/3 net:[70]",
	"2/task/100009/fd/3 net:[70]", "2/task/100010/fd/3 net:[71]",
	"fail order_files ESRCH 100008", "without threads",
	"=> net:[70] fd 2/100008:3, fd 2/100009:3", "=> net:[71] fd 2/100010:3", "=> errors none");

STEPS_TEST(process_without_a_pidfd_counts_once, "2/fd/3 socket:[901]", "2/fd/4 socket:[902]",
	"2/fd/5 /dev/net/tun", "fail pidfd EPERM", "=> errors sockets 0 1 0");

/* Before Linux 6.9, a thread has no pidfd of its own. */
STEPS_TEST(descriptors_that_this_kernel_can_not_copy_are_a_limitation, "2/fd/3 socket:[901]",
	"fail pidfd ENOSYS", "=> errors none", "=> limited PIDFD", "fail pidfd EINVAL 100008",
	"=> unlimited PIDFD", "2/task/100008/fd/3 socket:[902]", "without threads",
	"=> errors none", "=> limited PIDFD");
