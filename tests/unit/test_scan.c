// SPDX-License-Identifier: MIT
/* What a scan finds on small worlds: members, threads, descriptors, sockets, owners and parents. */
#include "small_world.h"

TEST_FIXTURE(world_set_up, world_tear_down);

STEPS_TEST(every_type_counts_its_members, "10", "9", "10/ns/net net:[77]",
	"=> cgroup:[4026531800].nprocs 2", "=> ipc:[4026531801].nprocs 2",
	"=> mnt:[4026531802].nprocs 2", "=> net:[4026531803].nprocs 1",
	"=> pid:[4026531804].nprocs 2", "=> time:[4026531805].nprocs 2",
	"=> user:[4026531806].nprocs 2", "=> uts:[4026531807].nprocs 2",
	"=> uts:[4026531807] process 9, process 10", "=> net:[77] process 10",
	"=> uts:[4026531807].leader 9", "=> namespaces 9");

STEPS_TEST(a_process_that_vanished_costs_nothing, "1",
	"2/", /* the directory is there still, what is in it no more */
	"=> namespaces 8", "=> processes 1 0 0");

STEPS_TEST(a_type_that_the_kernel_lacks_is_no_error, "1", "!1/ns/time", "=> namespaces 7",
	"=> net:[4026531803] process 1", "=> processes 0 0 0");

STEPS_TEST(thread_in_a_kernel_that_lacks_a_type_has_not_ended, "1", "self 1", "1/1", "1/2",
	"!1/ns/time", "!1/task/2/ns/time", "=> net:[4026531803] process 1", "=> complete",
	"=> threads 0 0 0");

TEST(a_garbage_link_is_counted_and_left_out)
{
	pid_t pid = 0;

	for (EACH_TEXT(garbage, "net:[0]", "net:[]", "net:[12", "uts:[12]", "net:[4294967296]",
		     "net:[ 1]", "net:[1]x", "x")) {
		world_process(++pid, 0);
		world_link(strf("%d/ns/net", pid), garbage);
	}
	STEPS("=> !net:[4026531803]", "=> namespaces 7", "=> processes 0 0 8");
}

STEPS_TEST(a_zombie_keeps_its_user_and_pid_namespace, "1", "5/ns/user user:[55]",
	"5/ns/pid pid:[56]", "=5/stat 5 (a) Z) Z 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n",
	"=> user:[55] zombie 5", "=> pid:[56] zombie 5", "=> pid:[56].nprocs 1");

/* PF_EXITING, 4, and a state other than Z. */
STEPS_TEST(a_process_in_exit_keeps_its_user_and_pid_namespace_and_is_no_zombie, "1",
	"5/ns/user user:[55]", "5/ns/pid pid:[56]",
	"=5/stat 5 (a) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n", "=> user:[55] exiting 5",
	"=> pid:[56] exiting 5", "=> pid:[56].nprocs 1");

/* It ended between two reads, and left all but its user and PID namespace. */
STEPS_TEST(links_that_were_read_before_the_end_of_a_process_are_dropped, "1", "5/ns/user user:[55]",
	"5/ns/pid pid:[56]", "5/ns/mnt mnt:[57]",
	"=5/stat 5 (a) Z 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n", "6/ns/user user:[55]",
	"6/ns/cgroup cgroup:[58]", "=6/stat 6 (a) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n",
	"=> user:[55] zombie 5, exiting 6", "=> pid:[56] zombie 5", "=> !mnt:[57]",
	"=> !cgroup:[58]");

STEPS_TEST(future_children_hold_their_namespace, "1", "1/ns/pid_for_children pid:[60]",
	"1/ns/time_for_children time:[61]", "2",
	"2/ns/pid_for_children pid:[4026531804]", /* its own */
	"=> pid:[60] children 1", "=> time:[61] children 1",
	"=> pid:[4026531804] process 1, process 2", "=> pid:[60].nprocs 0");

/* Then pid_for_children reads as ENOENT, and only a pidfd leads to the namespace. */
STEPS_TEST(pid_namespace_without_first_process_is_held_by_its_maker, "1", "2",
	"@pid:[60] owner=61 parent=62", "@user:[61]", "@pid:[62]", "new_pidns_tid=2",
	"new_pidns_ino=60", "=> pid:[60] children 2", "=> pid:[60].owner 61",
	"=> pid:[60].parent 62", "=> report.new_pidns 0");

STEPS_TEST(pid_namespace_without_first_process_may_be_that_of_a_thread, "7", "7/7", "7/8",
	"@pid:[60]", "new_pidns_tid=8", "new_pidns_ino=60", "=> pid:[60] children 7/8");

TEST(pid_namespace_that_no_pidfd_opens_is_counted)
{
	STEPS("1", "2", "new_pidns_tid=2", "=> report.new_pidns 1", "=> incomplete");
	assert_int_equal(find_process(2)->new_pidns, 1);
	/* Now it is in the middle of exit(2): */
	STEPS("=2/stat 2 (x) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n",
		"=> report.new_pidns 0");
}

STEPS_TEST(pid_namespaces_without_first_process_need_their_link, "2", "new_pidns_tid=2",
	"kernel.shows_children_pidns=0", /* before Linux 4.12 */
	"=> report.new_pidns 0");

STEPS_TEST(a_thread_elsewhere_is_a_holder_there, "7", "7/task/7/ns/net net:[4026531803]",
	"7/task/8/ns/net net:[70]", "7/task/8/ns/uts uts:[4026531807]",
	"7/task/8/ns/pid_for_children pid:[71]", "=> net:[70] thread 7/8",
	"=> uts:[4026531807] process 7", "=> pid:[71] children 7/8",
	"=> net:[4026531803].threads_away 1");

/* setns(2), unshare(2): these five can be left by a thread alone. */
STEPS_TEST(a_thread_may_be_elsewhere_by_five_types, "7", "7/task/7/ns/",
	"7/task/8/ns/cgroup cgroup:[70]", "7/task/8/ns/ipc ipc:[71]", "7/task/8/ns/mnt mnt:[72]",
	"7/task/8/ns/net net:[73]", "7/task/8/ns/uts uts:[74]", "=> cgroup:[70] thread 7/8",
	"=> ipc:[71] thread 7/8", "=> mnt:[72] thread 7/8", "=> net:[73] thread 7/8",
	"=> uts:[74] thread 7/8");

/* pthread_exit(3) in main: then /proc/PID/ns has no more than that of a zombie. */
STEPS_TEST(process_without_its_main_thread_is_where_the_next_one_is, "7", "7 ended",
	"7/task/8/", /* has ended, too */
	"7/9", "7/task/9/ns/net net:[70]", "7/task/9/ns/pid_for_children pid:[75]",
	"7/task/9/fd/3 uts:[76]", "7/10", "7/task/10/ns/net net:[71]", "=> net:[70] process 7/9",
	"=> net:[70].nprocs 1", "=> net:[70].leader 7", "=> net:[70].threads_away 1",
	"=> user:[4026531806] process 7/9", "=> net:[71] thread 7/10", "=> pid:[75] children 7/9",
	"=> uts:[76] fd 7/9:3", "without threads,fds,sockets", "=> net:[70] process 7/9",
	"=> !net:[71]");

/* As process 1 of a PID namespace, another thread of which waits for the rest of that. */
STEPS_TEST(a_process_in_exit_may_have_threads_that_have_not_ended, "7", "7 ended",
	"=7/task/8/stat 8 (a) S 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 2 0 1 0 0\n",
	"=> user:[4026531806] exiting 7", "=> pid:[4026531804] exiting 7", "=> !net:[4026531803]",
	"=> processes 0 0 0");

/* As if each thread started the next and ended, so that none was found. */
STEPS_TEST(a_process_with_a_thread_that_runs_is_not_in_exit, "7", "7 ended", "7/task/8/",
	"=7/task/8/stat 8 (a) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 1 0 0\n",
	"=> !net:[4026531803]", "=> incomplete");

STEPS_TEST(descriptors_are_identified_by_text_or_by_file_system, "3", "3/fd/0 /dev/null",
	"3/fd/4 uts:[80]", "3/fd/5 /run/netns/gone", "3/fd/6 pipe:[81]", "3/fd/7 uts:[8x]",
	"path_link /run/netns/gone", "@net:[82]", "=> uts:[80] fd 3:4", "=> net:[82] fd 3:5",
	"=> namespaces 10");

STEPS_TEST(a_descriptor_on_the_root_of_another_mount_is_a_detached_tree, "3", "3/root /",
	"3/fd/4 /", "slash_mount=1", "=> model.detached_mounts 0", "slash_mount=2",
	"=> model.detached_mounts 1");

STEPS_TEST(a_thread_with_its_own_descriptors_is_walked, "3", "3/task/3/ns/", "3/task/4/ns/",
	"3/task/4/fd/5 net:[83]", /* shares the process's table */
	"3/task/100004/ns/", "3/task/100004/fd/5 net:[84]", "=> !net:[83]",
	"=> net:[84] fd 3/100004:5");

STEPS_TEST(shared_socket_is_copied_once_and_held_by_each_process, "@socket:[900] 90 7",
	"@socket:[901] 90 7", "@net:[90]", "3", "3/fd/3 socket:[900]", "3/fd/4 socket:[901]",
	"3/fd/5 socket:[902]",                                /* closed meanwhile */
	"4", "4/fd/3 socket:[900]", "5", "5/ns/net net:[90]", /* its own: no reason to name it */
	"5/fd/3 socket:[900]", "=> net:[90] process 5, socket 3:3, socket 3:4, socket 4:3",
	"=> sockets_copied 2", "=> netns_opened 1");

STEPS_TEST(without_cookies_each_socket_is_opened, "@socket:[900] 90 0", "@socket:[901] 91 0",
	"@net:[90]", "@net:[91]", "3", "3/fd/3 socket:[900]", "3/fd/4 socket:[901]",
	"=> net:[90] socket 3:3", "=> net:[91] socket 3:4");

STEPS_TEST(owners_and_parents_without_process_are_found, "2", "@net:[4026531803] owner=50 id=1000",
	"@user:[50] owner=51 parent=51 uid=1234", "@user:[51] uid=0",
	"@pid:[4026531804] owner=51 parent=52", "@pid:[52] owner=51",
	"=> user:[50] owned net:[4026531803]",
	"=> user:[51] owned pid:[4026531804], owned pid:[52], child user:[50]",
	"=> pid:[52] child pid:[4026531804]", "=> net:[4026531803].id 1000",
	"=> net:[4026531803].owner 50", "=> user:[50].owner_uid 1234", "=> user:[50].owner 51");

STEPS_TEST(source_that_is_off_makes_no_calls, "1", "1/task/1/ns/net net:[4026531803]",
	"1/task/2/ns/net net:[30]", "1/fd/3 net:[31]", "1/fd/4 socket:[900]", "@socket:[900] 90 7",
	"@net:[90]", "without threads,fds,sockets,kernel", "=> namespaces 8", "=> sockets_copied 0",
	"=> listed 0");

STEPS_TEST(missing_process_1_shows_that_procfs_hides_processes, "7", "has_listns=1",
	"unprivileged=1", "=> limited HIDEPID", "1", "=> unlimited HIDEPID");

STEPS_TEST(descriptors_can_be_the_only_source, "1", "1/fd/3 net:[31]", "only fds",
	"=> namespaces 1", "=> net:[31] fd 1:3");

TEST(a_directory_without_processes_is_no_procfs)
{
	STEPS("=passwd ");
	assert_int_equal(try_scan(0), -ENODATA);
}

TEST(rows_are_sorted_by_type_then_inode)
{
	STEPS("1", "1/fd/3 cgroup:[9]", "1/fd/4 cgroup:[8]", "1/fd/5 uts:[7]");
	scan(0);
	assert_int_equal(scanned.model.at[0]->ref.ino, 8);
	assert_int_equal(scanned.model.at[1]->ref.ino, 9);
	assert_int_equal(scanned.model.at[scanned.model.n - 2]->ref.ino, 7);
	for (size_t i = 1; i < scanned.model.n; i++)
		assert_true(scanned.model.at[i - 1]->ref.type <= scanned.model.at[i]->ref.type);
}
