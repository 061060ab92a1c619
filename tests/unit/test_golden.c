// SPDX-License-Identifier: MIT
/*
 * One world, many questions about its namespaces, each with its whole answer: what scripts and
 * people rely on. The relations are missing because a plain directory has none to tell.
 */
#include "golden_fixture.h"

#include "identity_fixture.h"
#include "json_check.h"

#include <stdlib.h>
#include <string.h>

TEST_FIXTURE(golden_set_up, golden_tear_down);

TEST(the_list)
{
	assert_table(false, "-t mnt,uts,ipc",
		"NS TYPE NPROCS PID USER COMMAND\n"
		"4026531801 ipc 4 1 root /sbin/init\n"
		"4026532004 ipc 0\n"
		"4026531802 mnt 2 1 root /sbin/init\n"
		"4026532002 mnt 2 100 4294967294 nginx: master\n"
		"4026531807 uts 4 1 root /sbin/init\n"
		"4026532003 uts 0\n");
}

TEST(network_namespaces_have_their_own_columns)
{
	assert_answer("-t net -r",
		"NS TYPE NPROCS PID USER NETNSID NSFS COMMAND\n"
		"4026531803 net 2 1 root unassigned  /sbin/init\n"
		"4026532001 net 2 100 4294967294 unassigned  nginx:\\x20master\n"
		"4026532005 net 0   unassigned /run/netns/blue,/run/netns/b\\x20two \n");
}

TEST(network_namespaces_bring_their_columns_to_others)
{
	assert_table(false, "-t net,ipc",
		"NS TYPE NPROCS PID USER NETNSID NSFS COMMAND\n"
		"4026531801 ipc 4 1 root /sbin/init\n"
		"4026532004 ipc 0\n"
		"4026531803 net 2 1 root unassigned /sbin/init\n"
		"4026532001 net 2 100 4294967294 unassigned nginx: master\n"
		"4026532005 net 0 unassigned /run/netns/blue\n"
		"/run/netns/b two\n");
}

TEST(the_overview)
{
	assert_table(true, "-t net,uts --color=never",
		"NS NPROCS PID USER NAME COMMAND\n"
		"net (3) 4\n"
		"├─4026531803 2 1 root /sbin/init\n"
		"├─4026532001 2 100 4294967294 docker 84b8394540fb nginx: master\n"
		"└─4026532005 0 netns blue 3 holders: mount /run/netns/blue\n"
		"uts (2) 4\n"
		"├─4026531807 4 1 root /sbin/init\n"
		"└─4026532003 0 thread 1/7 (systemd)\n");
}

/* A process names itself. */
TEST(who_holds_what_has_no_member_is_named_safely)
{
	world_file(&world, "99/comm", "a\x1b[2J\n(b) (+9)\n");
	assert_table(true, "-t ipc --color=never",
		"NS NPROCS PID USER NAME COMMAND\n"
		"ipc (2) 4\n"
		"├─4026531801 4 1 root /sbin/init\n"
		"└─4026532004 0 containerd.service fd 99:12 (a\\x1b[2J\\x0a(b) (+9))\n");
}

TEST(names_take_no_room_where_there_are_none)
{
	assert_table(true, "-t uts --color=never",
		"NS NPROCS PID USER COMMAND\n"
		"uts (2) 4\n"
		"├─4026531807 4 1 root /sbin/init\n"
		"└─4026532003 0 thread 1/7 (systemd)\n");
}

TEST(whose_each_namespace_is)
{
	assert_table(false, "-t net,ipc -o NS,NAME,UNIT,CONTAINER,RUNTIME,POD,CGROUP",
		"NS NAME UNIT CONTAINER RUNTIME POD CGROUP\n"
		"4026531801 init.scope /init.scope\n"
		"4026532004 containerd.service containerd.service "
		"/system.slice/containerd.service\n"
		"4026531803 init.scope /init.scope\n"
		"4026532001 docker 84b8394540fb docker-" ID_A ".scope 84b8394540fb docker "
		"/system.slice/docker-" ID_A ".scope\n"
		"4026532005 netns blue docker-" ID_A ".scope 84b8394540fb docker "
		"/system.slice/docker-" ID_A ".scope\n");
}

TEST(ids_are_whole_where_asked_for_and_for_programs)
{
	assert_table(false, "-t net -n -o CONTAINER,NS",
		"4026531803\n84b8394540fb 4026532001\n84b8394540fb 4026532005\n");
	assert_table(false, "-t net -n -o CONTAINER,NS -u",
		"4026531803\n" ID_A " 4026532001\n" ID_A " 4026532005\n");
	assert_answer("-t net -n -r -o NS,CONTAINER",
		"4026531803 \n4026532001 " ID_A "\n4026532005 " ID_A "\n");
	nsls("-t net -J -o NS,CONTAINER,POD");
	assert_non_null(strstr(answer.out, "\"container\": \"" ID_A "\""));
	assert_non_null(strstr(answer.out, "\"pod\": null"));
	assert_json(answer.out);
}

TEST(the_summary)
{
	assert_table(false, "-s",
		"TYPE COUNT NPROCS PERSISTENT USED USER LIMIT USE%\n"
		"cgroup 1 4 0 ?\n"
		"ipc 2 4 1 ?\n"
		"mnt 2 4 0 ?\n"
		"net 3 4 1 ? 30 ?\n"
		"pid 1 4 0 ?\n"
		"time 1 4 0 ?\n"
		"user 1 4 0 ?\n"
		"uts 2 4 1 ?\n");
}

TEST(what_has_no_process)
{
	assert_answer("-P -r -o NS,TYPE,HOLDERS",
		"NS TYPE HOLDERS\n"
		"4026532004 ipc fd\\x2099:12\n"
		"4026532005 net mount\\x20/run/netns/blue,mount\\x20/run/netns/b\\x20two,"
		"mount\\x204026532002:/in/there\n"
		"4026532003 uts thread\\x201/7\n");
	assert_table(false, "-P",
		"NS TYPE NPROCS PID USER COMMAND HOLDERS\n"
		"4026532004 ipc 0 fd 99:12\n"
		"4026532005 net 0 mount /run/netns/blue,mount /run/netns/b two,"
		"mount 4026532002:/in/there\n"
		"4026532003 uts 0 thread 1/7\n");
	assert_answer("-P -c", "3\n");
}

TEST(lists_of_a_namespace)
{
	assert_answer("-t net -r -n -o NS,PIDS,FDS,MOUNTS,NHOLDERS",
		"4026531803 1,99   2\n"
		"4026532001 100,101 99:3  3\n"
		"4026532005   /run/netns/blue,/run/netns/b\\x20two,4026532002:/in/there 3\n");
	assert_answer("-t uts -r -n -o NS,TIDS,NTHREADS", "4026531807  3\n"
							  "4026532003 7 1\n");
}

TEST(what_a_process_is_in)
{
	assert_answer("-p 101 -t net,mnt,uts -o NS,NPROCS -r",
		"NS NPROCS\n4026532002 2\n4026532001 2\n4026531807 4\n");
	nsls("-p 55");
	assert_int_equal(answer.status, STATUS_ERROR);
	assert_string_equal(answer.out, "");
	assert_non_null(strstr(answer.err, "nsls: no process 55 in /"));
}

TEST(details_of_processes)
{
	assert_answer("-t mnt -r -n -o PID,PPID,UID,NSPID,START",
		"1 0 0 1 2023-11-14T22:13:21+00:00\n"
		"100 99 4294967294 2 2023-11-14T22:15:00+00:00\n");
}

TEST(the_tree_of_processes)
{
	assert_table(false, "-t net -T process -o NS,PID,COMMAND",
		"NS PID COMMAND\n"
		"4026531803 1 /sbin/init\n"
		"4026532001 100 └─nginx: master\n"
		"4026532005 3 holders: mount /run/netns/blue\n");
	assert_table(false, "-t net,mnt,uts -T process -o NS,COMMAND",
		"NS COMMAND\n"
		"4026531802 /sbin/init\n"
		"4026531803 /sbin/init\n"
		"4026532005 3 holders: mount /run/netns/blue\n"
		"4026531807 /sbin/init\n"
		"4026532002 ├─nginx: master\n"
		"4026532001 └─nginx: master\n"
		"4026532003 thread 1/7 (systemd)\n");
}

TEST(a_source_off_leaves_no_trace)
{
	assert_answer("-c", "13\n");
	assert_answer("-c --scan processes", "10\n");
	assert_answer("-c --scan processes,threads", "11\n");
	assert_answer("-c --scan processes,fds", "11\n");
	assert_answer("-c --scan processes,mounts", "11\n");
	assert_answer("-c --scan mounts", "1\n");
	assert_answer("-c --scan sockets,kernel", "0\n");
	assert_answer("-r -n -o NS,PID --scan fds", "4026532004 \n4026532001 \n");
}

TEST(questions_are_answered_by_the_status)
{
	nsls("-q -t ipc -P");
	assert_int_equal(answer.status, STATUS_DONE);
	nsls("-q -t pid -P");
	assert_int_equal(answer.status, STATUS_NO);
	nsls("-q net:[4026532005]");
	assert_int_equal(answer.status, STATUS_DONE);
	nsls("-q net:[4026532005] --scan processes");
	assert_int_equal(answer.status, STATUS_ERROR);
	nsls("--strict -c");
	assert_int_equal(answer.status, STATUS_DONE);
}

/* Everything of a control group is chosen by somebody. Process 101 is shown by nothing here. */
TEST(a_hostile_control_group_changes_no_other_row)
{
	static const char path[] = "100/cgroup";
	char *usual = NULL, text[8192] = "0::/";

	nsls("-t net -r -o NS,NPROCS,PID,NAME,UNIT,CGROUP");
	usual = strdup(answer.out);
	assert_non_null(usual);
	*strstr(usual, "4026532001") = '\0';
	memset(text + 4, 'a', 4096);
	for (int i = 0; i < 3; i++) {
		static const char *const hostile[] = {
			"0::/a\n0::/system.slice/sshd.service\n4026532001 net\n",
			"0::/\x1b]0;x\a\x1b[2J\xff\xfe \\x5c.service\n"
		};

		world_file(&world, path, i < 2 ? hostile[i] : text);
		nsls("-t net -r -o NS,NPROCS,PID,NAME,UNIT,CGROUP");
		assert_memory_equal(answer.out, usual, strlen(usual));
		assert_non_null(strstr(answer.out, "\n4026532001 2 100 "));
		assert_non_null(strstr(answer.out, "\n4026532005 0  netns\\x20blue "));
		assert_null(strchr(answer.out, '\x1b'));
		assert_int_equal(count_lines(answer.out), 4);
		nsls("-t net -J --output-all");
		assert_json(answer.out);
	}
	free(usual);
}

/* Whatever is asked, JSON is JSON, also of hostile names. */
TEST(json_is_json_in_every_view)
{
	static const char *const lines[] = { "-J", "-J --output-all", "-J -T",
		"-J -T type --output-all", "-J -T parent", "-J -T process --output-all", "-J -s",
		"-J -s --output-all", "-J 4026532001", "-J 4026532001 --output-all",
		"-J 4026532005 --output-all", "-J -T 4026532005 4026532001", "-J -P",
		"-J -t time -P", "-J -t net", "-J --scan kernel", "-J -n -u -W --color" };

	world_bytes(&world, "100/cmdline", "a\0\xff\"\\\n\x1b\xe2\x80\xae\0\xed\xa0\x80", 14);
	world_file(&world, "1/mountinfo",
		"30 1 0:4 net:[4026532005] /\\134\\042\\012\\377\377 rw - nsfs nsfs rw\n");
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		nsls(lines[i]);
		assert_int_equal(answer.status, STATUS_DONE);
		assert_string_equal(answer.err, "");
		assert_json(answer.out);
	}
}

TEST(a_question_of_no_procfs_is_an_error_in_one_line)
{
	static const char *const dirs[] = { "--procfs /nonexistent", "--procfs /dev/null",
		"--procfs /etc" };

	for (size_t i = 0; i < 3; i++) {
		nsls(dirs[i]);
		assert_int_equal(answer.status, STATUS_ERROR);
		assert_string_equal(answer.out, "");
		assert_ptr_equal(strchr(answer.err, '\n'), answer.err + strlen(answer.err) - 1);
		assert_non_null(strstr(answer.err, dirs[i] + strlen("--procfs ")));
	}
}
