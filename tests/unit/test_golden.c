// SPDX-License-Identifier: MIT
/*
 * One world, many questions, each with its whole answer: what scripts and people rely on. The
 * relations are missing because a plain directory has none to tell.
 */
#include "identity_fixture.h"
#include "json_check.h"
#include "run_words.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct world world;
static struct answer answer;

static void add_process(pid_t pid, pid_t ppid, const char *command, unsigned uid)
{
	char path[32], text[64];

	world_process(&world, pid, ppid);
	snprintf(path, sizeof(path), "%d/cmdline", pid);
	world_file(&world, path, command);
	snprintf(path, sizeof(path), "%d/status", pid);
	snprintf(text, sizeof(text), "Uid:\t%u\t%u\t%u\t%u\nNSpid:\t%d\t%d\n", uid, uid, uid, uid,
		pid, pid > 98 ? pid - 98 : pid);
	world_file(&world, path, text);
}

/* Init; a container of two processes; a thread, a descriptor and mounts that hold the rest. */
static int set_up(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	setenv("COLUMNS", "132", 1);
	tzset();
	world_new(&world);
	add_process(1, 0, "/sbin/init", 0);
	add_process(99, 1, "shim", 0);
	add_process(100, 99, "nginx: master", 4294967294u);
	add_process(101, 100, "nginx: worker", 4294967294u);
	for (int pid = 100; pid <= 101; pid++) {
		char path[32];

		snprintf(path, sizeof(path), "%d/ns/net", pid);
		world_link(&world, path, "net:[4026532001]");
		snprintf(path, sizeof(path), "%d/ns/mnt", pid);
		world_link(&world, path, "mnt:[4026532002]");
		snprintf(path, sizeof(path), "%d/cgroup", pid);
		world_file(&world, path, "0::/system.slice/docker-" ID_A ".scope\n");
	}
	world_file(&world, "1/comm", "systemd\n");
	world_file(&world, "1/cgroup", "0::/init.scope\n");
	world_file(&world, "99/cgroup", "0::/system.slice/containerd.service\n");
	world_link(&world, "1/task/1/ns/uts", "uts:[4026531807]");
	world_link(&world, "1/task/7/ns/uts", "uts:[4026532003]");
	world_link(&world, "99/fd/3", "net:[4026532001]");
	world_link(&world, "99/fd/12", "ipc:[4026532004]");
	world_file(&world, "1/mountinfo",
		"30 1 0:4 net:[4026532005] /run/netns/blue rw - nsfs nsfs rw\n"
		"31 1 0:4 net:[4026532005] /run/netns/b\\040two rw - nsfs nsfs rw\n");
	world_file(
		&world, "100/mountinfo", "40 1 0:4 net:[4026532005] /in/there rw - nsfs nsfs rw\n");
	world_link(&world, "self/ns/mnt", "mnt:[4026531802]");
	world_link(&world, "self/ns/net", "net:[4026531803]");
	world_link(&world, "self/ns/uts", "uts:[4026531807]");
	world_file(&world, "sys/user/max_net_namespaces", "30\n");
	world_file(&world, "stat", "btime 1700000000\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	answer_done(&answer);
	world_done(&world);
	return 0;
}

static void nsls(const char *line)
{
	run_words(&world, false, line, &answer);
}

/* How wide a column becomes is libsmartcols', and differs by its version. */
static void squeeze(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != ' ' ||
			(from[1] != ' ' && from[1] != '\n' && to > text && to[-1] != '\n'))
			*to++ = *from;
	*to = '\0';
}

static void assert_table(bool terminal, const char *line, const char *expected)
{
	run_words(&world, terminal, line, &answer);
	squeeze(answer.out);
	assert_string_equal(answer.out, expected);
	assert_string_equal(answer.err, "");
	assert_int_equal(answer.status, STATUS_DONE);
}

static void assert_answer(const char *line, const char *expected)
{
	nsls(line);
	assert_string_equal(answer.out, expected);
	assert_string_equal(answer.err, "");
	assert_int_equal(answer.status, STATUS_DONE);
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

static void the_list(void **state)
{
	(void)state;
	assert_table(false, "-t mnt,uts,ipc",
		"NS TYPE NPROCS PID USER COMMAND\n"
		"4026531801 ipc 4 1 root /sbin/init\n"
		"4026532004 ipc 0\n"
		"4026531802 mnt 2 1 root /sbin/init\n"
		"4026532002 mnt 2 100 4294967294 nginx: master\n"
		"4026531807 uts 4 1 root /sbin/init\n"
		"4026532003 uts 0\n");
}

static void network_namespaces_have_their_own_columns(void **state)
{
	(void)state;
	assert_answer("-t net -r",
		"NS TYPE NPROCS PID USER NETNSID NSFS COMMAND\n"
		"4026531803 net 2 1 root unassigned  /sbin/init\n"
		"4026532001 net 2 100 4294967294 unassigned  nginx:\\x20master\n"
		"4026532005 net 0   unassigned /run/netns/blue,/run/netns/b\\x20two \n");
}

static void network_namespaces_bring_their_columns_to_others(void **state)
{
	(void)state;
	assert_table(false, "-t net,ipc",
		"NS TYPE NPROCS PID USER NETNSID NSFS COMMAND\n"
		"4026531801 ipc 4 1 root /sbin/init\n"
		"4026532004 ipc 0\n"
		"4026531803 net 2 1 root unassigned /sbin/init\n"
		"4026532001 net 2 100 4294967294 unassigned nginx: master\n"
		"4026532005 net 0 unassigned /run/netns/blue\n"
		"/run/netns/b two\n");
}

static void the_overview(void **state)
{
	(void)state;
	assert_table(true, "-t net,uts --color=never",
		"NS NPROCS PID USER NAME COMMAND\n"
		"net (3) 4\n"
		"├─4026531803 2 1 root /sbin/init\n"
		"├─4026532001 2 100 4294967294 docker 84b8394540fb nginx: master\n"
		"└─4026532005 0 netns blue mount /run/netns/blue (+2)\n"
		"uts (2) 4\n"
		"├─4026531807 4 1 root /sbin/init\n"
		"└─4026532003 0 thread 1/7 (systemd)\n");
}

/* A process names itself. */
static void who_holds_what_has_no_member_is_named_safely(void **state)
{
	(void)state;
	world_file(&world, "99/comm", "a\x1b[2J\n(b) (+9)\n");
	assert_table(true, "-t ipc --color=never",
		"NS NPROCS PID USER NAME COMMAND\n"
		"ipc (2) 4\n"
		"├─4026531801 4 1 root /sbin/init\n"
		"└─4026532004 0 containerd.service fd 99:12 (a\\x1b[2J\\x0a(b) (+9))\n");
}

static void names_take_no_room_where_there_are_none(void **state)
{
	(void)state;
	assert_table(true, "-t uts --color=never",
		"NS NPROCS PID USER COMMAND\n"
		"uts (2) 4\n"
		"├─4026531807 4 1 root /sbin/init\n"
		"└─4026532003 0 thread 1/7 (systemd)\n");
}

static void whose_each_namespace_is(void **state)
{
	(void)state;
	assert_table(false, "-t net,ipc -o NS,NAME,UNIT,CONTAINER,RUNTIME,POD,CGROUP",
		"NS NAME UNIT CONTAINER RUNTIME POD CGROUP\n"
		"4026531801 init.scope /init.scope\n"
		"4026532004 containerd.service containerd.service "
		"/system.slice/containerd.service\n"
		"4026531803 init.scope /init.scope\n"
		"4026532001 docker 84b8394540fb docker-" ID_A ".scope 84b8394540fb docker "
		"/system.slice/docker-" ID_A ".scope\n"
		"4026532005 netns blue\n");
}

static void ids_are_whole_where_asked_for_and_for_programs(void **state)
{
	(void)state;
	assert_table(false, "-t net -n -o CONTAINER,NS",
		"4026531803\n84b8394540fb 4026532001\n4026532005\n");
	assert_table(false, "-t net -n -o CONTAINER,NS -u",
		"4026531803\n" ID_A " 4026532001\n4026532005\n");
	assert_answer(
		"-t net -n -r -o NS,CONTAINER", "4026531803 \n4026532001 " ID_A "\n4026532005 \n");
	nsls("-t net -J -o NS,CONTAINER,POD");
	assert_non_null(strstr(answer.out, "\"container\": \"" ID_A "\""));
	assert_non_null(strstr(answer.out, "\"pod\": null"));
	assert_json(answer.out);
}

static void whose_each_holder_is(void **state)
{
	(void)state;
	assert_table(false, "4026532001 -n -o HOLDER,PID,NAME",
		"process 100 docker 84b8394540fb\n"
		"process 101 docker 84b8394540fb\n"
		"fd 3 99 containerd.service\n");
	assert_table(false, "uts:[4026532003] -n -o HOLDER,NAME", "thread 7 init.scope\n");
}

static void everything_that_holds_one(void **state)
{
	(void)state;
	assert_table(false, "4026532001",
		"HOLDER PID PPID USER COMMAND\n"
		"process 100 99 4294967294 nginx: master\n"
		"process 101 100 4294967294 └─nginx: worker\n"
		"fd 3 99 1 root shim\n");
	assert_table(false, "net:[4026532005]",
		"HOLDER PID PPID USER COMMAND\n"
		"mount /run/netns/blue\n"
		"mount /run/netns/b two\n"
		"mount /in/there in 4026532002 (PID 100)\n");
}

static void holders_of_some_kinds(void **state)
{
	(void)state;
	assert_answer("--kind process -n -r -o PID 4026532001", "100\n101\n");
	assert_answer("--kind mount,fd -n -r -o HOLDER 4026532001 4026532005",
		"fd\\x203\n"
		"mount\\x20/run/netns/blue\nmount\\x20/run/netns/b\\x20two\n"
		"mount\\x20/in/there\\x20in\\x204026532002\\x20(PID\\x20100)\n");
	assert_answer("--kind socket 4026532001 -r", "");
}

/* A name is the world's own: that of its first process's mount namespace. */
static void a_name_below_run_netns(void **state)
{
	(void)state;
	assert_answer("-c blue", "1\n");
	assert_answer("--kind mount -n -r -o NS blue", "4026532005\n4026532005\n4026532005\n");
	world_file(&world, "100/mountinfo",
		"40 1 0:4 net:[4026532005] /run/netns/red rw - nsfs nsfs rw\n");
	nsls("red");
	assert_int_equal(answer.status, STATUS_ERROR);
	assert_string_equal(answer.out, "");
	assert_string_equal(answer.err,
		"nsls: no namespace 'red': no such file here, and no such name below /run/netns; "
		"pass an inode number, type:[inode], a path or a name\n");
}

/* What else holds a namespace is said all the same: releasing the kind alone might not do. */
static void namespaces_with_holders_of_some_kinds(void **state)
{
	(void)state;
	assert_answer("--kind fd -r -o NS,NPROCS,HOLDERS",
		"NS NPROCS HOLDERS\n"
		"4026532004 0 fd\\x2099:12\n"
		"4026532001 2 process\\x20100,process\\x20101,fd\\x2099:3\n");
	assert_answer("--kind fd -c", "2\n");
	assert_answer("--kind fd -P -c", "1\n");
	assert_answer("--kind fd --kind mount -c -t net", "2\n");
	assert_answer("--kind fd -s -r -n -t net,uts -o TYPE,COUNT", "net 1\nuts 0\n");
	nsls("--kind socket -q");
	assert_int_equal(answer.status, STATUS_NO);
}

static void a_person_who_asks_for_a_namespace_is_told_about_it_first(void **state)
{
	(void)state;
	assert_table(true, "4026532001 --color=never",
		"net:[4026532001]\n"
		"name docker 84b8394540fb\n"
		"members 2 processes\n"
		"since 2023-11-14T22:15:00+00:00 (oldest member)\n"
		"\n"
		"HOLDER PID PPID USER NAME COMMAND\n"
		"process 100 99 4294967294 docker 84b8394540fb nginx: master\n"
		"process 101 100 4294967294 docker 84b8394540fb └─nginx: worker\n"
		"fd 3 99 1 root containerd.service shim\n");
}

static void each_of_several_has_a_head_and_its_own_holders(void **state)
{
	(void)state;
	assert_table(true, "net:[4026532005] uts:[4026532003] --color=never",
		"net:[4026532005]\n"
		"name netns blue\n"
		"members none\n"
		"\n"
		"HOLDER PID PPID USER COMMAND\n"
		"mount /run/netns/blue\n"
		"mount /run/netns/b two\n"
		"mount /in/there in 4026532002 (PID 100)\n"
		"\n"
		"uts:[4026532003]\n"
		"initial no\n"
		"members none\n"
		"\n"
		"HOLDER PID PPID USER NAME COMMAND\n"
		"thread 7 1 0 root init.scope /sbin/init\n");
}

static void scripts_get_no_head(void **state)
{
	static const char *const lines[] = { "-n 4026532001", "-o HOLDER 4026532001",
		"-l 4026532001", "-r 4026532001", "-J 4026532001", "-J -T 4026532001",
		"-c 4026532001", "-q 4026532001" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		run_words(&world, true, lines[i], &answer);
		assert_int_equal(answer.status, STATUS_DONE);
		assert_null(strstr(answer.out, "members"));
	}
}

static void a_hostile_name_in_a_head_is_escaped(void **state)
{
	(void)state;
	world_file(&world, "1/mountinfo",
		"30 1 0:4 net:[4026532005] /run/netns/\\033[2J\\012x rw - nsfs nsfs rw\n");
	assert_table(true, "net:[4026532005] --color=never --scan mounts",
		"net:[4026532005]\n"
		"name netns \\x1b[2J\\x0ax\n"
		"members unknown\n"
		"\n"
		"HOLDER PID PPID USER COMMAND\n"
		"mount /run/netns/\\x1b[2J\\x0ax\n"
		"mount /in/there in 4026532002 (PID 100)\n");
}

static void everything_that_holds_several(void **state)
{
	(void)state;
	assert_table(false, "4026532004 uts:[4026532003] -n",
		"4026532004 ipc fd 12 99 1 root shim\n"
		"4026532003 uts thread 7 1 0 root /sbin/init\n");
}

static void what_makes_a_holder_let_go(void **state)
{
	(void)state;
	assert_table(false, "4026532001 4026532005 4026532003 -n -o HOLDER,RELEASE",
		"process end the process, or let it join another namespace\n"
		"process end the process, or let it join another namespace\n"
		"fd 3 end the process, or let it close the descriptor\n"
		"mount /run/netns/blue umount -i -n -N PID MOUNT, PID being any process in mount "
		"namespace MNTNS\n"
		"mount /run/netns/b two umount -i -n -N PID MOUNT, PID being any process in mount "
		"namespace MNTNS\n"
		"mount /in/there in 4026532002 (PID 100) umount -i -n -N PID MOUNT, PID being any "
		"process in mount namespace MNTNS\n"
		"thread 7 end the thread or its process\n");
}

static void holders_in_json_are_typed(void **state)
{
	(void)state;
	assert_answer("4026532005 4026532003 -J -o KIND,PID,TID,FD,MOUNT,MNTNS",
		"{\n   \"complete\": true,\n   \"notes\": [],\n   \"holders\": [\n"
		"      {\n"
		"         \"kind\": \"mount\",\n         \"pid\": null,\n"
		"         \"tid\": null,\n         \"fd\": null,\n"
		"         \"mount\": \"/run/netns/blue\",\n         \"mntns\": 4026531802\n"
		"      },{\n"
		"         \"kind\": \"mount\",\n         \"pid\": null,\n"
		"         \"tid\": null,\n         \"fd\": null,\n"
		"         \"mount\": \"/run/netns/b two\",\n         \"mntns\": 4026531802\n"
		"      },{\n"
		"         \"kind\": \"mount\",\n         \"pid\": null,\n"
		"         \"tid\": null,\n         \"fd\": null,\n"
		"         \"mount\": \"/in/there\",\n         \"mntns\": 4026532002\n"
		"      },{\n"
		"         \"kind\": \"thread\",\n         \"pid\": 1,\n"
		"         \"tid\": 7,\n         \"fd\": null,\n"
		"         \"mount\": null,\n         \"mntns\": null\n"
		"      }\n   ]\n}\n");
}

static void the_summary(void **state)
{
	(void)state;
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

static void what_has_no_process(void **state)
{
	(void)state;
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

static void lists_of_a_namespace(void **state)
{
	(void)state;
	assert_answer("-t net -r -n -o NS,PIDS,FDS,MOUNTS,NHOLDERS",
		"4026531803 1,99   2\n"
		"4026532001 100,101 99:3  3\n"
		"4026532005   /run/netns/blue,/run/netns/b\\x20two,4026532002:/in/there 3\n");
	assert_answer("-t uts -r -n -o NS,TIDS,NTHREADS", "4026531807  3\n"
							  "4026532003 7 1\n");
}

static void what_a_process_is_in(void **state)
{
	(void)state;
	assert_answer("-p 101 -t net,mnt,uts -o NS,NPROCS -r",
		"NS NPROCS\n4026532002 2\n4026532001 2\n4026531807 4\n");
	nsls("-p 55");
	assert_int_equal(answer.status, STATUS_ERROR);
	assert_string_equal(answer.out, "");
	assert_non_null(strstr(answer.err, "nsls: no process 55 in /"));
}

static void details_of_processes(void **state)
{
	(void)state;
	assert_answer("-t mnt -r -n -o PID,PPID,UID,NSPID,START",
		"1 0 0 1 2023-11-14T22:13:21+00:00\n"
		"100 99 4294967294 2 2023-11-14T22:15:00+00:00\n");
}

static void the_tree_of_processes(void **state)
{
	(void)state;
	assert_table(false, "-t net -T process -o NS,PID,COMMAND",
		"NS PID COMMAND\n"
		"4026531803 1 /sbin/init\n"
		"4026532001 100 └─nginx: master\n"
		"4026532005 mount /run/netns/blue (+2)\n");
	assert_table(false, "-t net,mnt,uts -T process -o NS,COMMAND",
		"NS COMMAND\n"
		"4026531802 /sbin/init\n"
		"4026531803 /sbin/init\n"
		"4026532005 mount /run/netns/blue (+2)\n"
		"4026531807 /sbin/init\n"
		"4026532002 ├─nginx: master\n"
		"4026532001 └─nginx: master\n"
		"4026532003 thread 1/7 (systemd)\n");
}

static void a_source_off_leaves_no_trace(void **state)
{
	(void)state;
	assert_answer("-c", "13\n");
	assert_answer("-c --scan processes", "10\n");
	assert_answer("-c --scan processes,threads", "11\n");
	assert_answer("-c --scan processes,fds", "11\n");
	assert_answer("-c --scan processes,mounts", "11\n");
	assert_answer("-c --scan mounts", "1\n");
	assert_answer("-c --scan sockets,kernel", "0\n");
	assert_answer("-r -n -o NS,PID --scan fds", "4026532004 \n4026532001 \n");
}

static void questions_are_answered_by_the_status(void **state)
{
	(void)state;
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
static void a_hostile_control_group_changes_no_other_row(void **state)
{
	static const char path[] = "100/cgroup";
	char *usual = NULL, text[8192] = "0::/";

	(void)state;
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
		assert_non_null(strstr(answer.out, "\n4026532005 0  netns\\x20blue  \n"));
		assert_null(strchr(answer.out, '\x1b'));
		assert_int_equal(count_lines(answer.out), 4);
		nsls("-t net -J --output-all");
		assert_json(answer.out);
	}
	free(usual);
}

/* Whatever is asked, JSON is JSON, also of hostile names. */
static void json_is_json_in_every_view(void **state)
{
	static const char *const lines[] = { "-J", "-J --output-all", "-J -T",
		"-J -T type --output-all", "-J -T parent", "-J -T process --output-all", "-J -s",
		"-J -s --output-all", "-J 4026532001", "-J 4026532001 --output-all",
		"-J 4026532005 --output-all", "-J -T 4026532005 4026532001", "-J -P",
		"-J -t time -P", "-J -t net", "-J --scan kernel", "-J -n -u -W --color" };

	(void)state;
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

static void a_question_of_no_procfs_is_an_error_in_one_line(void **state)
{
	static const char *const dirs[] = { "--procfs /nonexistent", "--procfs /dev/null",
		"--procfs /etc" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		nsls(dirs[i]);
		assert_int_equal(answer.status, STATUS_ERROR);
		assert_string_equal(answer.out, "");
		assert_ptr_equal(strchr(answer.err, '\n'), answer.err + strlen(answer.err) - 1);
		assert_non_null(strstr(answer.err, dirs[i] + strlen("--procfs ")));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_list),
		TEST(network_namespaces_have_their_own_columns),
		TEST(network_namespaces_bring_their_columns_to_others),
		TEST(the_overview),
		TEST(who_holds_what_has_no_member_is_named_safely),
		TEST(names_take_no_room_where_there_are_none),
		TEST(whose_each_namespace_is),
		TEST(ids_are_whole_where_asked_for_and_for_programs),
		TEST(whose_each_holder_is),
		TEST(everything_that_holds_one),
		TEST(a_name_below_run_netns),
		TEST(holders_of_some_kinds),
		TEST(namespaces_with_holders_of_some_kinds),
		TEST(a_person_who_asks_for_a_namespace_is_told_about_it_first),
		TEST(each_of_several_has_a_head_and_its_own_holders),
		TEST(scripts_get_no_head),
		TEST(a_hostile_name_in_a_head_is_escaped),
		TEST(everything_that_holds_several),
		TEST(what_makes_a_holder_let_go),
		TEST(holders_in_json_are_typed),
		TEST(the_summary),
		TEST(what_has_no_process),
		TEST(lists_of_a_namespace),
		TEST(what_a_process_is_in),
		TEST(details_of_processes),
		TEST(the_tree_of_processes),
		TEST(a_source_off_leaves_no_trace),
		TEST(questions_are_answered_by_the_status),
		TEST(a_hostile_control_group_changes_no_other_row),
		TEST(json_is_json_in_every_view),
		TEST(a_question_of_no_procfs_is_an_error_in_one_line),
	};

	return cmocka_run_group_tests_name("golden", tests, NULL, NULL);
}
