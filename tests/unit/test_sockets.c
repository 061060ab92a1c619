// SPDX-License-Identifier: MIT
/* Sockets and tun devices that keep a network namespace, and descriptors that are similar. */
#include "small_world.h"

#include <sched.h>
#include <stdatomic.h>

WORLD_FIXTURE("3", "@net:[90]", "@net:[4026531803]");

STEPS_TEST(a_socket_of_our_own_namespace_costs_no_descriptor_on_it, "self/ns/net net:[4026531803]",
	"3/ns/net net:[70]", "3/fd/3 socket:[900]", "own_cookie=5", "@socket:[900] 4026531803 5",
	"=> netns_opened 0", "=> net:[4026531803] socket 3:3");

STEPS_TEST(our_own_namespace_is_not_made_up_where_nothing_holds_it, "self/ns/net net:[91]",
	"own_cookie=5", "=> !net:[91]");

STEPS_TEST(a_tun_device_holds_its_network_namespace, "@socket:[0] 90 7", "3/fd/3 /dev/net/tun",
	"3/fd/4 /dev/net/tunnel", "=> net:[90] tun 3:3", "=> sockets_copied 1");

STEPS_TEST(two_tun_devices_are_not_taken_for_one, "@socket:[0] 90 7", "3/fd/3 /dev/net/tun",
	"3/fd/4 /dev/net/tun", "=> net:[90] tun 3:3, tun 3:4", "=> sockets_copied 2",
	"=> netns_opened 1");

/* Each thread has a table of its own, and the same number in it. */
STEPS_TEST(tun_devices_of_two_threads_are_not_taken_for_one, "@socket:[0] 90 7",
	"3/fd/3 /dev/net/tun", "3/task/3/", "3/task/100004/fd/3 /dev/net/tun",
	"=> net:[90] tun 3:3, tun 3/100004:3", "=> sockets_copied 2");

TEST(link_similar_to_that_of_a_socket_is_not_copied)
{
	int fd = 0;

	STEPS("@socket:[900] 90 7", "@socket:[0] 90 7");
	for (EACH_TEXT(text, "socket:[", "socket:[]", "socket:[0]", "socket:[9", "socket:[9x]",
		     "socket:[-9]", "socket:[18446744073709551616]", "socket:9",
		     "/tmp/socket:[900]", "xsocket:[900]", "socket:[900] "))
		world_link(strf("3/fd/%d", fd++), text);
	STEPS("=> sockets_copied 0", "=> !net:[90]");
}

STEPS_TEST(the_largest_inode_of_a_socket_is_a_socket, "@socket:[18446744073709551615] 90 7",
	"3/fd/3 socket:[18446744073709551615]", "=> net:[90] socket 3:3");

STEPS_TEST(sockets_can_be_the_only_source, "@socket:[900] 90 7", "@socket:[901] 4026531803 8",
	"3/fd/3 socket:[900]", "3/fd/4 socket:[901]", /* of the process's own */
	"3/fd/5 net:[77]", "only sockets", "=> net:[90] socket 3:3", "=> net:[4026531803] ",
	"=> !net:[77]", "=> !uts:[4026531807]");

STEPS_TEST(sockets_are_distinguished_by_cookie, "@net:[92]", "@socket:[900] 90 7",
	"@socket:[901] 92 8", "@socket:[902] 90 7", "3/fd/3 socket:[900]", "3/fd/4 socket:[901]",
	"3/fd/5 socket:[902]", "=> net:[90] socket 3:3, socket 3:5", "=> net:[92] socket 3:4",
	"=> netns_opened 2");

TEST(foreign_pids_are_never_given_to_the_kernel)
{
	kernel.kernel.pidfd = NULL; /* a call would crash */
	kernel.kernel.order_files = NULL;
	STEPS("3/fd/3 socket:[900]", "3/task/3/", "3/task/4/", "has_listns=1", "foreign=1",
		"=> limited FOREIGN");
}

STEPS_TEST(our_own_descriptors_are_left_out, "self 3", "3/fd/3 net:[77]", "=> !net:[77]",
	"=> net:[4026531803] process 3");

STEPS_TEST(descriptor_that_closes_during_the_scan_is_no_error,
	"3/fd/3 /some/where",  /* the fake kernel: no namespace */
	"3/fd/4 socket:[900]", /* not there any more */
	"=> complete");

STEPS_TEST(socket_of_a_denied_process_is_copied_from_another, "4", "3/fd/3 socket:[900]",
	"4/fd/4 socket:[900]", "3/fd/5 socket:[901]", /* that process 4 has closed since */
	"4/fd/5 socket:[901]", "@socket:[900] 90 7", "fail pidfd EPERM 3",
	"=> net:[90] socket 3:3, socket 4:4", "=> sockets 0 1 0");

static int gate[2]; /* a pipe: reading it waits until it is closed */
static atomic_uint copies;

/* The first copy blocks until the scan is over, and then fails: it was closed. */
static int copy_after_timeout(const struct kernel *k, int pidfd, int fd, uint64_t inode)
{
	char byte;

	if (copies++ == 0)
		return read(gate[0], &byte, 1) < 0 ? -errno : -EBADF;
	assert_int_equal(pidfd, 100004);
	assert_int_equal(fd, 4);
	return -EBADF;
}

TEST(abandoned_worker_keeps_its_pidfds_after_the_scan)
{
	assert_int_equal(pipe(gate), 0);
	STEPS("4", "3/fd/3 socket:[900]", "4/fd/4 socket:[900]", "timeout_ms=80");
	kernel.kernel.copy_socket = copy_after_timeout;
	copies = 0;
	assert_int_equal(try_scan(0), 0);
	assert_int_equal(scanned.report.timed_out, 1);
	assert_int_equal(kernel.open, 1); /* a pidfd; the next copy needs another one */
	close(gate[1]);
	while (copies < 2 || kernel.open)
		sched_yield();
	assert_int_equal(copies, 2);
	close(gate[0]);
}
