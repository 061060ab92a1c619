// SPDX-License-Identifier: MIT
/* Whole answers on small worlds, as text: tables, trees, JSON, statuses and messages. */
#include "nsls/view.h"
#include "run_words.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct world world;
static struct answer answer;
static const char *out, *err;
static enum status status;

static int set_up(void **state)
{
	world_new(&world);
	world_process(&world, 1, 0);
	world_file(&world, "1/cmdline", "init");
	world_file(&world, "1/status", "Uid:\t0\t0\t0\t0\nNSpid:\t1\n");
	world_link(&world, "self/ns/mnt", "mnt:[4026531802]");
	return 0;
}

static int tear_down(void **state)
{
	answer_done(&answer);
	world_done(&world);
	return 0;
}

static void nsls_on(bool terminal, const char *line)
{
	run_words(&world, terminal, line, &answer);
	out = answer.out;
	err = answer.err;
	status = answer.status;
}

static void nsls(const char *line)
{
	nsls_on(false, line);
}

static void assert_refused(const char *line, const char *message)
{
	nsls(line);
	assert_int_equal(status, STATUS_ERROR);
	assert_string_equal(out, "");
	assert_string_equal(err, message);
}

TEST_FIXTURE(set_up, tear_down);

TEST(a_pipe_gets_the_flat_list)
{
	nsls("-t pid,uts");
	assert_int_equal(status, STATUS_DONE);
	assert_string_equal(out, "        NS TYPE NPROCS PID USER COMMAND\n"
				 "4026531804 pid       1   1 root init\n"
				 "4026531807 uts       1   1 root init\n");
	assert_string_equal(err, "");
}

TEST(a_terminal_gets_a_branch_a_type_and_the_reason)
{
	world_link(&world, "1/fd/3", "net:[4026531900]");
	nsls_on(true, "-t net --color=never");
	assert_string_equal(out, "NS           NPROCS PID USER COMMAND\n"
				 "net (2)           1          \n"
				 "├─4026531803      1   1 root init\n"
				 "└─4026531900      0          fd 1:3\n");
}

TEST(json_has_numbers_nulls_and_arrays)
{
	world_link(&world, "1/fd/3", "net:[4026531900]");
	nsls("-J -t net -P");
	assert_string_equal(out,
		"{\n   \"complete\": true,\n   \"notes\": [],\n   \"namespaces\": [\n      {\n"
		"         \"ns\": 4026531900,\n         \"type\": \"net\",\n"
		"         \"nprocs\": 0,\n         \"pid\": null,\n         \"user\": null,\n"
		"         \"netnsid\": null,\n         \"nsfs\": [],\n         \"name\": null,\n"
		"         \"command\": null,\n         \"pids\": [],\n"
		"         \"holders\": [{\"kind\":\"fd\",\"pid\":1,\"tid\":null,\"fd\":3,"
		"\"mount\":null,\"mntns\":null,\"hns\":null}]\n"
		"      }\n   ]\n}\n");
}

TEST(an_empty_json_list_is_a_list)
{
	nsls("-J -P");
	assert_int_equal(status, STATUS_DONE);
	assert_non_null(strstr(out, "\"namespaces\": ["));
	assert_null(strstr(out, "null"));
}

TEST(a_hostile_name_is_escaped_everywhere)
{
	world_file(&world, "1/cmdline", "");
	world_file(&world, "1/comm", "a) b\n\xff\x1b[31m\u202e\n");
	nsls("-t uts -o COMMAND -n");
	assert_string_equal(out, "a) b\\x0a\\xff\\x1b[31m\\xe2\\x80\\xae\n");
	nsls("-t uts -o COMMAND -n -r");
	assert_string_equal(out, "a)\\x20b\\x0a\\xff\\x1b[31m\\xe2\\x80\\xae\n");
	nsls("-t uts -o COMMAND -J");
	assert_non_null(strstr(out, "\"command\": \"a) b\\u000a\\\\xff\\u001b[31m\\u202e\""));
}

TEST(a_hostile_mount_point_stays_one_item)
{
	world_file(&world, "1/mountinfo",
		"2 1 0:4 net:[70] /a\\040b\\012c,\"d rw - nsfs nsfs rw\n"
		"3 1 0:4 net:[70] /e rw - nsfs nsfs rw\n");
	nsls("-P -o MOUNTS -J");
	assert_non_null(
		strstr(out, "\"mounts\": [{\"mntns\":4026531802,\"path\":\"/a b\\u000ac,\\\"d\"},"
			    "{\"mntns\":4026531802,\"path\":\"/e\"}]"));
	nsls("-P -o MOUNTS -n");
	assert_string_equal(out, "/a b\\x0ac\\x2c\"d,/e\n");
	nsls_on(true, "-P -o MOUNTS -n -l --color=never");
	assert_string_equal(out, "/a b\\x0ac,\"d\n/e\n");
	nsls_on(true, "-P -o MOUNTS -n -l -W --color=never");
	assert_string_equal(out, "/a b\\x0ac\\x2c\"d,/e\n");
}

TEST(members_are_a_tree_and_other_holders_follow)
{
	world_process(&world, 5, 1);
	world_process(&world, 7, 5);
	world_process(&world, 8, 6); /* its parent is not a member */
	world_link(&world, "5/fd/3", "uts:[4026531807]");
	for (int pid = 5; pid < 9; pid++) {
		char path[32];

		snprintf(path, sizeof(path), "%d/comm", pid);
		if (pid != 6)
			world_file(&world, path, "child\n");
	}
	nsls("uts:[4026531807] -o HOLDER,PID,PPID,COMMAND -T");
	assert_string_equal(out, "HOLDER  PID PPID COMMAND\n"
				 "process   1    0 init\n"
				 "process   5    1 └─child\n"
				 "process   7    5   └─child\n"
				 "process   8    6 child\n"
				 "fd 3      5    1 child\n");
}

TEST(a_loop_of_parents_ends)
{
	world_process(&world, 5, 7);
	world_process(&world, 7, 5);
	nsls("uts:[4026531807]");
	assert_int_equal(status, STATUS_DONE);
	assert_non_null(strstr(out, "└─"));
}

TEST(a_chain_deeper_than_a_screen_is_shown_whole)
{
	size_t lines = 0;

	for (pid_t pid = 2; pid < 160; pid++)
		world_process(&world, pid, pid - 1);
	nsls("uts:[4026531807] -T");
	for (const char *c = out; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 160);
}

TEST(namespaces_stand_below_that_of_an_ancestor)
{
	world_process(&world, 5, 1);
	world_process(&world, 7, 5);
	world_link(&world, "7/ns/net", "net:[80]");
	world_process(&world, 8, 7);
	world_link(&world, "8/ns/net", "net:[70]");
	nsls("-t net -Tprocess -o NS,PID");
	assert_string_equal(out, "NS         PID\n"
				 "4026531803   1\n"
				 "└─80         7\n"
				 "  └─70       8\n");
}

TEST(the_summary_counts_and_compares_with_the_limit)
{
	world_file(&world, "sys/user/max_net_namespaces", "8\n");
	world_link(&world, "1/fd/3", "net:[4026531900]");
	world_file(&world, "sys/user/max_uts_namespaces", "0\n");
	nsls("-s -t net,uts,ipc");
	assert_string_equal(out, "TYPE COUNT NPROCS PERSISTENT USED USER LIMIT USE%\n"
				 "ipc      1      1          0    ?            \n"
				 "net      2      1          1    ?          8    ?\n"
				 "uts      1      1          0    ?          0 \n");
	nsls("-s -t net -J");
	assert_non_null(strstr(out, "\"types\": ["));
	assert_non_null(strstr(out, "\"used\": null,\n         \"atleast\": true,"));
	assert_non_null(strstr(out, "\"limit\": 8,\n         \"use%\": null"));
}

TEST(counting_and_asking_print_no_table)
{
	nsls("-c");
	assert_string_equal(out, "8\n");
	nsls("-c -t net,uts");
	assert_string_equal(out, "2\n");
	nsls("-q -t net");
	assert_int_equal(status, STATUS_DONE);
	assert_string_equal(out, "");
	nsls("-q -P");
	assert_int_equal(status, STATUS_NO);
	assert_string_equal(out, "");
	assert_string_equal(err, "");
}

TEST(a_process_is_asked_for_by_its_pid)
{
	world_process(&world, 5, 1);
	world_link(&world, "5/ns/net", "net:[70]");
	nsls("-p 5 -o NS -n -t net,uts");
	assert_string_equal(out, "        70\n4026531807\n");
	nsls("-p 5 -p 1 -o NS -n -t net,uts");
	assert_string_equal(out, "        70\n4026531803\n4026531807\n");
	nsls("-c -p 5 -p 1 -p 5");
	assert_string_equal(out, "9\n");
	nsls("-c -p 1 -p 6");
	assert_int_equal(status, STATUS_ERROR);
	assert_non_null(strstr(err, "no process 6 in "));
}

TEST(an_operand_is_a_number_a_text_or_a_path)
{
	char line[128];

	nsls("4026531807 -o PID -n");
	assert_non_null(strstr(out, "1\n"));
	nsls("uts:[4026531807] -o PID -n");
	assert_non_null(strstr(out, "1\n"));
	snprintf(line, sizeof(line), "%s/1/ns/uts -o PID -n", world.dir);
	nsls(line);
	assert_non_null(strstr(out, "1\n"));
}

TEST(an_operand_of_another_type_is_told_its_type)
{
	char line[128], word[192];

	assert_refused("-t uts 4026531803", "nsls: namespace 4026531803 is of type net, not uts\n");
	assert_refused("-c -t uts,ipc 4026531803",
		"nsls: namespace 4026531803 is of type net, not ipc or uts\n");
	assert_refused("-t uts net:[4026531803]",
		"nsls: namespace net:[4026531803] is of type net, not uts\n");
	snprintf(line, sizeof(line), "-t uts %s/1/ns/net", world.dir);
	snprintf(word, sizeof(word), "nsls: namespace %s/1/ns/net is of type net, not uts\n",
		world.dir);
	assert_refused(line, word);
	nsls("-c -t net,uts 4026531803");
	assert_int_equal(status, STATUS_DONE);
}

TEST(what_is_not_found_may_be_out_of_sight)
{
	world_process(&world, 5, 1);
	world_link(&world, "5/ns/net", "garbage");
	assert_refused(
		"77777", "nsls: no namespace 77777 found, but not everything could be read\n");
}

TEST(a_pid_for_an_operand_is_told_the_option)
{
	world_process(&world, 5, 1);
	assert_refused("5", "nsls: no namespace 5; pass '--task 5' for those of process 5\n");
	assert_refused("6", "nsls: no namespace 6\n");
}

TEST(what_is_wrong_is_named_in_one_line)
{
	assert_refused("-t foo", "nsls: unknown type 'foo'; the types are cgroup, ipc, mnt, net, "
				 "pid, time, user, uts\n");
	assert_refused(
		"-o NS,FOO", "nsls: unknown column 'FOO'; 'nsls --list-columns' lists them\n");
	assert_refused("-p 0", "nsls: invalid PID '0'; a PID is a number greater than 0\n");
	assert_refused("--scan fds,foo",
		"nsls: unknown source 'foo'; the sources are processes, threads, fds, sockets, "
		"mounts, kernel\n");
	assert_refused(
		"-T=foo", "nsls: unknown tree 'foo'; the trees are type, owner, parent, process\n");
	assert_refused("--color=foo",
		"nsls: unknown color mode 'foo'; the color modes are auto, always, never\n");
	assert_refused("--foo", "nsls: unknown option '--foo'; try 'nsls --help'\n");
	assert_refused("-Z", "nsls: unknown option '-Z'; try 'nsls --help'\n");
	assert_refused("-o", "nsls: option '-o' requires an argument; try 'nsls --help'\n");
	assert_refused("-l -T", "nsls: --list and --tree are mutually exclusive\n");
	assert_refused("uts:[1]", "nsls: no namespace uts:[1]\n");
	assert_refused("net:[4026531807]", "nsls: no namespace net:[4026531807]\n");
	assert_refused("12345", "nsls: no namespace 12345\n");
	assert_refused("/etc/passwd",
		"nsls: /etc/passwd: not a namespace; pass an inode number, type:[inode] or the "
		"path of a namespace file\n");
	assert_refused("/nonexistent/ns", "nsls: /nonexistent/ns: No such file or directory\n");
	assert_refused("--procfs /nonexistent", "nsls: /nonexistent: No such file or directory\n");
}

TEST(a_detached_tree_name_is_taken)
{
	nsls("-T type -t uts -o NS,PID");
	assert_string_equal(out, "NS           PID\nuts (1)      \n└─4026531807   1\n");
	nsls("-Ttype -t uts -o NS,PID");
	assert_string_equal(out, "NS           PID\nuts (1)      \n└─4026531807   1\n");
}

TEST(what_could_not_be_read_is_said_and_strict_is_3)
{
	world_process(&world, 2, 1);
	world_link(&world, "2/ns/net", "garbage");
	nsls("-c");
	assert_int_equal(status, STATUS_DONE);
	assert_string_equal(err,
		"nsls: incomplete: could not read namespaces of 1 process (not as described in "
		"proc(5))\n");
	nsls("-c --strict");
	assert_int_equal(status, STATUS_INCOMPLETE);
	nsls("-q --strict");
	assert_int_equal(status, STATUS_INCOMPLETE);
	assert_string_equal(err, "");
}

TEST(nothing_found_in_an_incomplete_answer_is_no_proof_under_strict)
{
	world_process(&world, 2, 1);
	world_link(&world, "2/ns/net", "garbage");
	nsls("-q -P");
	assert_int_equal(status, STATUS_NO);
	nsls("-q -P --strict");
	assert_int_equal(status, STATUS_INCOMPLETE);
	nsls("-c -P --strict --no-warnings");
	assert_int_equal(status, STATUS_INCOMPLETE);
	assert_string_equal(out, "0\n");
	assert_string_equal(err, "");
}

TEST(no_warnings_silences_the_line_and_nothing_else)
{
	world_process(&world, 2, 1);
	world_link(&world, "2/ns/net", "garbage");
	nsls("-c --no-warnings");
	assert_int_equal(status, STATUS_DONE);
	assert_string_equal(out, "8\n");
	assert_string_equal(err, "");
	nsls("-c --no-warnings --strict");
	assert_int_equal(status, STATUS_INCOMPLETE);
	assert_string_equal(out, "8\n");
	assert_string_equal(err, "");
	nsls("-c --no-warnings 77777");
	assert_int_equal(status, STATUS_ERROR);
	assert_string_equal(
		err, "nsls: no namespace 77777 found, but not everything could be read\n");
}

TEST(every_column_works_in_every_view_of_its_own)
{
	nsls("--output-all");
	assert_int_equal(status, STATUS_DONE);
	nsls("--output-all -J uts:[4026531807]");
	assert_int_equal(status, STATUS_DONE);
	assert_non_null(strstr(out, "\"holders\": ["));
	nsls("--output-all -C -J");
	assert_int_equal(status, STATUS_DONE);
	assert_non_null(strstr(out, "\"containers\": ["));
	nsls("--output-all -s");
	assert_int_equal(status, STATUS_DONE);
	assert_non_null(strstr(out, "CLONE_NEWNET"));
	for (size_t i = 0; column_at(i); i++) {
		const struct column *column = column_at(i);
		char line[32];

		snprintf(line, sizeof(line), "-o %s%s", column->name,
			column->views & VIEW_LIST         ? ""
			: column->views & VIEW_SUMMARY    ? " -s"
			: column->views & VIEW_CONTAINERS ? " -C"
							  : " uts:[4026531807]");
		nsls(line);
		assert_int_equal(status, STATUS_DONE);
	}
}

TEST(start_is_that_of_the_oldest_member)
{
	setenv("TZ", "UTC", 1);
	tzset();
	world_file(&world, "stat", "cpu 1 2 3\nbtime 1700000000\n");
	world_process(&world, 5, 1);
	nsls("-t uts -o START,NTHREADS -n");
	assert_non_null(strstr(out, "2023-11-14T22:13:21+00:00 "));
	nsls("-t uts -o NTHREADS -n");
	assert_int_equal(atoi(out), 2);
}

TEST(start_is_in_utc_for_programs_and_in_local_time_for_people)
{
	setenv("TZ", "XXX-05:45", 1);
	tzset();
	world_file(&world, "stat", "btime 1700000000\n");
	nsls("-t uts -o START -n");
	assert_string_equal(out, "2023-11-15T03:58:21+05:45\n");
	nsls("-t uts -o START -J");
	assert_non_null(strstr(out, "\"start\": \"2023-11-14T22:13:21Z\""));
}
