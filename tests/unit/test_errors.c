// SPDX-License-Identifier: MIT
/*
 * What can't be read: which errors end a scan, which are counted and for which source, and that
 * one process's errors takes nothing from the others.
 */
#include "small_world.h"

#define OTHER_USER 65534

static int set_up(void **state)
{
	world_set_up(state);
	for (pid_t pid = 1; pid <= 2; pid++) {
		world_process(pid, pid - 1);
		world_dir(strf("%d/task/%d", pid, pid));
		world_file(strf("%d/mountinfo", pid), "");
	}
	return 0;
}

/* Scans as a user without access to the path: root may pass any mode, so root steps down. */
static void scan_with_shut(const char *path)
{
	bool root = geteuid() == 0;

	assert_int_equal(fchmodat(world.fd, path, 0, 0), 0);
	assert_int_equal(chmod(world.dir, 0755), 0);
	if (root)
		assert_int_equal(seteuid(OTHER_USER), 0);
	scan(0);
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(fchmodat(world.fd, path, 0755, 0), 0);
}

TEST_FIXTURE(set_up, world_tear_down);

TEST(a_process_that_may_not_be_read_counts_once)
{
	scan_with_shut("2/ns");
	FOUND("=> errors processes 0 1 0", "=> net:[4026531803] process 1");
}

TEST(a_process_in_the_middle_of_its_end_is_no_refusal)
{
	STEPS("=2/stat 2 (x) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n");
	scan_with_shut("2/ns");
	FOUND("=> errors processes 1 0 0");
}

TEST(process_whose_remaining_threads_may_not_be_read_counts_once)
{
	STEPS("2 ended", "2/3");
	scan_with_shut("2/task/3/ns");
	FOUND("=> errors processes 0 1 0", "=> user:[4026531806] process 1");
}

TEST(descriptors_that_may_not_be_listed_hide_no_member)
{
	scan_with_shut("2/fd");
	FOUND("=> errors fds 0 1 0", "=> net:[4026531803] process 1, process 2");
}

TEST(a_thread_that_may_not_be_read_hides_no_process)
{
	STEPS("2/task/3/ns/net net:[70]");
	scan_with_shut("2/task/3");
	FOUND("=> errors threads 0 1 0", "=> net:[4026531803] process 1, process 2");
}

TEST(unreadable_mount_table_is_read_from_the_next_process)
{
	STEPS("=2/mountinfo 21 20 0:4 net:[70] /b rw - nsfs nsfs rw\n");
	scan_with_shut("1/mountinfo");
	FOUND("=> errors mounts 0 1 0", "=> net:[70].nholders 1");
}

TEST_CALL(a_fifo_in_place_of_a_file_is_not_waited_for,
	STEPS("!2/stat", "|2/stat", "!1/mountinfo", "|1/mountinfo",
		"!2/ns/net", /* so that stat is read */
		"=> odd mounts 1", "=> uts:[4026531807] process 1, process 2"));

TEST(files_in_place_of_directories_are_counted)
{
	STEPS("=3/ns ", "=4 ");
	scan(0);
	assert_true(scanned.report.errors[SOURCE_PROCESSES].odd >= 2);
	FOUND("=> uts:[4026531807] process 1, process 2");
}

TEST_CALL(a_process_counts_once_however_much_of_it_is_odd,
	STEPS("2/ns/uts uts:[x]", "2/ns/net uts:[5]", "=> errors processes 0 0 1"));

TEST_CALL(an_entry_of_fd_that_is_no_link_is_counted,
	STEPS("=2/fd/4 ", "2/fd/5 uts:[70]", "=> errors fds 0 0 1", "=> uts:[70] fd 2:5"));

static int any_fd_target(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	assert_string_equal(link, "4");
	*ret_target = (struct fd_target){ .kind = FD_NAMESPACE, .ino = USUAL(NS_UTS) };
	return 0;
}

static int open_any(const struct kernel *k, int dirfd, const char *path)
{
	kernel.open++;
	return 1000;
}

TEST(descriptor_with_a_long_path_is_scanned)
{
	world_link("2/fd/4", strf("/%0298d", 0));
	STEPS("@uts:[4026531807]");
	kernel.kernel.fd_target = any_fd_target;
	kernel.kernel.open = open_any;
	STEPS("=> errors none", "=> uts:[4026531807] process 1, process 2, fd 2:4");
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
	{ "socket_netns", SOURCE_SOCKETS }, { "list", SOURCE_KERNEL },
	{ "open_id", SOURCE_KERNEL } };

/* A world in which each of the calls is made once or more. */
static int scan_broken(const struct call *call, int error)
{
	kernel_init();
	STEPS("has_listns=1", "@pid:[4026531804]", "@net:[90] id=5 listed", "@net:[91] id=6 listed",
		"@socket:[900] 90 7", "1/fd/3 socket:[900]", "1/fd/4 /some/path");
	kernel.failing = call->name;
	kernel.failure = error;
	return try_scan(0);
}

TEST(each_kernel_call_that_runs_out_ends_the_scan_and_leaks_nothing)
{
	static const int fatal[] = { -ENOMEM, -EMFILE, -ENFILE };

	for (size_t i = 0; i < 3 * COUNT(calls); i++) {
		const struct call *call = &calls[i / 3];
		int r = scan_broken(call, fatal[i % 3]);

		if (r != fatal[i % 3] || kernel.open)
			fail_msg("%s: %d, %u still open", call->name, r, kernel.open);
	}
}

TEST(each_kernel_call_that_fails_otherwise_is_counted_by_its_source)
{
	for (size_t i = 0; i < 2 * COUNT(calls); i++) {
		const struct call *call = &calls[i / 2];
		bool denied = i % 2;

		assert_int_equal(scan_broken(call, denied ? -EACCES : -EIO), 0);
		assert_int_equal(kernel.open, 0);
		for (enum source s = 0; s < SOURCE_COUNT; s++) { /* of one or more namespaces */
			const struct source_errors *e = &scanned.report.errors[s];

			assert_int_equal(e->denied > 0, s == call->source && denied);
			assert_int_equal(e->odd > 0, s == call->source && !denied);
		}
		FOUND("=> uts:[4026531807] process 1, process 2");
	}
}

/* As by a kernel without kcmp(2): descriptors of such threads are unknown, which is counted. */
TEST_CALL(threads_that_can_not_be_compared_are_counted,
	STEPS("2/task/8/ns/", "2/task/8/fd/3 net:[70]", "fail order_files ENOSYS",
		"without threads", "=> errors fds 0 0 1",
		"without threads,fds", /* left out; sockets are scanned */
		"=> errors sockets 0 0 1", "fail order_files ESRCH", "without threads",
		"=> errors fds 1 0 0"));

/* The first of the threads with tables of their own ends when that has been read. */
static int end_8(const struct kernel *k, pid_t tid, pid_t other, int *ret_order)
{
	if (other == 8)
		return -ESRCH;
	*ret_order = tid - other;
	return 0;
}

TEST(a_thread_that_ends_hides_no_table_of_another)
{
	for (int tid = 8; tid <= 10; tid++)
		world_link(strf("2/task/%d/fd/3", tid), tid < 10 ? "net:[70]" : "net:[71]");
	kernel.kernel.order_files = end_8;
	STEPS("without threads", "=> net:[70] fd 2/8:3, fd 2/9:3", "=> net:[71] fd 2/10:3",
		"=> errors none");
}

TEST_CALL(process_without_a_pidfd_counts_once,
	STEPS("2/fd/3 socket:[901]", "2/fd/4 socket:[902]", "2/fd/5 /dev/net/tun",
		"fail pidfd EPERM", "=> errors sockets 0 1 0"));

static int pidfd_of_processes(const struct kernel *k, pid_t pid, pid_t tid)
{
	if (pid != tid)
		return -EINVAL; /* before Linux 6.9 */
	kernel.open++;
	return 100000 + tid;
}

TEST(descriptors_that_this_kernel_can_not_copy_are_a_limitation)
{
	STEPS("2/fd/3 socket:[901]", "fail pidfd ENOSYS", "=> errors none", "=> limited PIDFD");
	kernel.kernel.pidfd = pidfd_of_processes;
	STEPS("=> unlimited PIDFD", "2/task/100008/fd/3 socket:[902]", "without threads",
		"=> errors none", "=> limited PIDFD");
}
