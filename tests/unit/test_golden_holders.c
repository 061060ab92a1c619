// SPDX-License-Identifier: MIT
/* The same world asked what holds each namespace: views of one, and kinds of holders. */
#include "golden_fixture.h"

#include <string.h>

TEST_FIXTURE(golden_set_up, golden_tear_down);

TEST(whose_each_holder_is)
{
	assert_table(false, "4026532001 -n -o HOLDER,PID,NAME",
		"process 100 docker 84b8394540fb\n"
		"process 101 docker 84b8394540fb\n"
		"fd 3 99 containerd.service\n");
	assert_table(false, "4026532005 -n -o HOLDER,PID,UID,NAME,COMMAND",
		"mount /run/netns/blue\n"
		"mount /run/netns/b two\n"
		"mount /in/there in 4026532002 (PID 100) 4294967294 docker 84b8394540fb "
		"nginx: master\n");
	assert_table(false, "uts:[4026532003] -n -o HOLDER,NAME", "thread 7 init.scope\n");
}

TEST(everything_that_holds_one)
{
	assert_table(false, "4026532001",
		"HOLDER PID PPID USER COMMAND\n"
		"process 100 99 4294967294 nginx: master\n"
		"process 101 100 4294967294 └─nginx: worker\n"
		"fd 3 99 1 root shim\n");
	assert_table(false, "net:[4026532005]",
		"HOLDER PID PPID USER COMMAND\n"
		"mount /run/netns/blue\n"
		"mount /run/netns/b two\n"
		"mount /in/there in 4026532002 (PID 100) 4294967294 nginx: master\n");
}

TEST(holders_of_some_kinds)
{
	assert_answer("--kind process -n -r -o PID 4026532001", "100\n101\n");
	assert_answer("--kind mount,fd -n -r -o HOLDER 4026532001 4026532005",
		"fd\\x203\n"
		"mount\\x20/run/netns/blue\nmount\\x20/run/netns/b\\x20two\n"
		"mount\\x20/in/there\\x20in\\x204026532002\\x20(PID\\x20100)\n");
	assert_answer("--kind socket 4026532001 -r", "");
}

static void assert_unknown(const char *word, const char *message)
{
	char expected[256];

	nsls(word);
	snprintf(expected, sizeof(expected), "nsls: no namespace is named '%s'; pass %s\n", word,
		message);
	assert_int_equal(answer.status, STATUS_ERROR);
	assert_string_equal(answer.out, "");
	assert_string_equal(answer.err, expected);
}

/* A name is the world's own: that of its first process's mount namespace. */
TEST(a_name_below_run_netns)
{
	assert_answer("-c blue", "1\n");
	assert_answer("--kind mount -n -r -o NS blue", "4026532005\n4026532005\n4026532005\n");
	world_file(&world, "100/mountinfo",
		"40 1 0:4 net:[4026532005] /run/netns/red rw - nsfs nsfs rw\n");
	assert_answer("-c red", "1\n"); /* no other mount namespace has the name */
	assert_answer("-c --of red", "1\n");
	assert_unknown(
		"green", "an inode number, type:[inode], :ID, a path with a slash, or a name");
}

TEST(unknown_name_that_an_option_takes_is_explained)
{
	assert_unknown("net", "'--type net' for all namespaces of that type");
	assert_unknown("mount", "'--type mnt' for all namespaces of that type");
	assert_unknown("84b83945", "'--of 84b83945' for the namespaces of docker 84b8394540fb");
	assert_unknown("containerd", "'--of containerd' for the namespaces of containerd.service");
	assert_unknown("podman", "'--containers' to list containers, and '--of NAME' for one");
}

TEST(number_that_is_a_process_is_explained)
{
	nsls("--of 99");
	assert_string_equal(answer.err,
		"nsls: no container ID, pod, machine, application, unit or network namespace '99'; "
		"pass '--task 99' for the namespaces of process 99\n");
	nsls("100");
	assert_string_equal(
		answer.err, "nsls: no namespace 100; pass '--task 100' for those of process 100\n");
}

TEST(word_in_the_form_of_column_name_matches_its_rows)
{
	assert_answer("-n -r -o TYPE,NS containerd.service", "ipc 4026532004\n");
	nsls("-t net containerd.service");
	assert_string_equal(
		answer.err, "nsls: namespace containerd.service is of type ipc, not net\n");
}

/* What else holds a namespace is said all the same: releasing the kind alone might not do. */
TEST(namespaces_with_holders_of_some_kinds)
{
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

TEST(a_person_who_asks_for_a_namespace_is_told_about_it_first)
{
	assert_table(true, "4026532001 --color=never",
		"net:[4026532001]\n"
		"name docker 84b8394540fb\n"
		"members 2 processes\n"
		"since 2023-11-14T22:15:00+00:00 (oldest member)\n"
		"\n"
		"HOLDER PID PPID USER NAME COMMAND\n"
		"process 100 99 4294967294 docker 84b8394540fb nginx: master\n"
		"process 101 100 4294967294 docker 84b8394540fb └─nginx: worker\n"
		"fd 3 99 1 root containerd.service shim\n"
		"\n"
		"To release it:\n"
		"end process 100\n"
		"end process 101\n"
		"end process 99\n");
}

TEST(each_of_several_has_a_head_and_its_own_holders)
{
	assert_table(true, "net:[4026532005] uts:[4026532003] --color=never",
		"net:[4026532005]\n"
		"name netns blue\n"
		"members none\n"
		"\n"
		"HOLDER PID PPID USER NAME COMMAND\n"
		"mount /run/netns/blue\n"
		"mount /run/netns/b two\n"
		"mount /in/there in 4026532002 (PID 100) 4294967294 docker 84b8394540fb "
		"nginx: master\n"
		"\n"
		"To release it:\n"
		"no command: unmount /run/netns/blue in mnt:[4026531802]\n"
		"no command: unmount '/run/netns/b two' in mnt:[4026531802]\n"
		"no command: unmount /in/there in mnt:[4026532002]\n"
		"\n"
		"uts:[4026532003]\n"
		"initial no\n"
		"members none\n"
		"\n"
		"HOLDER PID PPID USER NAME COMMAND\n"
		"thread 7 1 0 root init.scope /sbin/init\n"
		"\n"
		"To release it:\n"
		"end process 1 (systemd)\n");
}

TEST(scripts_get_no_head)
{
	static const char *const lines[] = { "-n 4026532001", "-o HOLDER 4026532001",
		"-l 4026532001", "-r 4026532001", "-J 4026532001", "-J -T 4026532001",
		"-c 4026532001", "-q 4026532001" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		run_words(&world, true, lines[i], &answer);
		assert_int_equal(answer.status, STATUS_DONE);
		assert_null(strstr(answer.out, "members"));
		assert_null(strstr(answer.out, "To release it"));
	}
}

TEST(a_hostile_name_in_a_head_is_escaped)
{
	world_file(&world, "1/mountinfo",
		"30 1 0:4 net:[4026532005] /run/netns/\\033[2J\\012x rw - nsfs nsfs rw\n");
	assert_table(true, "net:[4026532005] --color=never --scan mounts",
		"net:[4026532005]\n"
		"name netns \\x1b[2J\\x0ax\n"
		"members unknown\n"
		"\n"
		"HOLDER PID PPID USER NAME COMMAND\n"
		"mount /run/netns/\\x1b[2J\\x0ax\n"
		"mount /in/there in 4026532002 (PID 100) 4294967294 docker 84b8394540fb "
		"nginx: master\n"
		"\n"
		"To release it:\n"
		"no command: unmount '/run/netns/\\033\\133\\062J\\012x' in mnt:[4026531802]\n"
		"no command: unmount /in/there in mnt:[4026532002]\n");
}

TEST(everything_that_holds_several)
{
	assert_table(false, "4026532004 uts:[4026532003] -n",
		"4026532004 ipc fd 12 99 1 root shim\n"
		"4026532003 uts thread 7 1 0 root /sbin/init\n");
}

/* PIDs of a plain directory are not those of a shell. */
TEST(what_releases_each_holder)
{
	assert_table(false, "4026532001 4026532005 4026532003 -n -o HOLDER,RELEASE",
		"process end process 100\n"
		"process end process 101\n"
		"fd 3 end process 99\n"
		"mount /run/netns/blue no command: unmount /run/netns/blue in mnt:[4026531802]\n"
		"mount /run/netns/b two no command: unmount '/run/netns/b two' in "
		"mnt:[4026531802]\n"
		"mount /in/there in 4026532002 (PID 100) no command: unmount /in/there in "
		"mnt:[4026532002]\n"
		"thread 7 end process 1 (systemd)\n");
}

TEST(what_releases_a_namespace_is_a_list)
{
	assert_answer("4026532003 -J -o RELEASE",
		"{\n   \"complete\": true,\n   \"notes\": [],\n   \"holders\": [\n      {\n"
		"         \"release\": [\"end process 1 (systemd)\"]\n      }\n   ]\n}\n");
	assert_answer("-P -t uts -n -o RELEASE", "end process 1 (systemd)\n");
}

TEST(holders_in_json_are_typed)
{
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
