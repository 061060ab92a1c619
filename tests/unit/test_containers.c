// SPDX-License-Identifier: MIT
/* Containers, and what --of selects: one world, many questions, each with its whole answer. */
#include "identity_fixture.h"
#include "json_check.h"
#include "run_words.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DOCKER "/system.slice/docker-" ID_A ".scope"
#define PODMAN                                                                                     \
	"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID_B ".scope/container"

static struct world world;
static struct answer answer;

/* A process in new namespaces of these types, whose numbers end in that. */
static void add(pid_t pid, const char *command, const char *cgroup, const char *types, int end)
{
	char path[64], text[256], name[16];
	size_t len;

	world_process(&world, pid, 1);
	snprintf(path, sizeof(path), "%d/cmdline", pid);
	world_file(&world, path, command);
	snprintf(path, sizeof(path), "%d/status", pid);
	snprintf(text, sizeof(text), "Uid:\t0\t0\t0\t0\nNSpid:\t%d\n", pid);
	world_file(&world, path, text);
	snprintf(path, sizeof(path), "%d/cgroup", pid);
	snprintf(text, sizeof(text), "0::%s\n", cgroup);
	world_file(&world, path, text);
	for (; *types; types += len + (types[len] == ' ')) {
		len = strcspn(types, " ");
		snprintf(name, sizeof(name), "%.*s", (int)len, types);
		snprintf(path, sizeof(path), "%d/ns/%s", pid, name);
		snprintf(text, sizeof(text), "%s:[40265320%d%d]", name, (int)name[0] % 10, end);
		world_link(&world, path, text);
	}
}

/*
 * A container of docker with a shell beside it, one of a user's podman, a service with mounts of
 * its own, one with nothing, and one in a network namespace that has a name.
 */
static int set_up(void **state)
{
	setlocale(LC_ALL, "C.UTF-8");
	setenv("TZ", "UTC", 1);
	tzset();
	world_new(&world);
	add(1, "/sbin/init", "/init.scope", "", 0);
	add(20, "nginx", "/system.slice/nginx.service", "mnt", 1);
	add(21, "sshd", "/system.slice/ssh.service", "", 0);
	add(30, "postgres", DOCKER, "mnt net pid", 2);
	add(31, "postgres: writer", DOCKER, "mnt net pid", 2);
	add(40, "redis", PODMAN, "mnt net pid user", 3);
	add(50, "sh", DOCKER, "net pid", 2);
	world_link(&world, "50/ns/mnt", "mnt:[4026532099]");
	add(60, "httpd", "/user.slice/user-1000.slice/session-3.scope", "net", 4);
	world_file(&world, "1/mountinfo",
		"30 1 0:4 net:[4026532004] /run/netns/blue rw - nsfs nsfs rw\n");
	world_link(&world, "self/ns/mnt", "mnt:[4026531802]");
	world_link(&world, "self/ns/net", "net:[4026531803]");
	world_file(&world, "stat", "btime 1700000000\n");
	return 0;
}

static int tear_down(void **state)
{
	answer_done(&answer);
	world_done(&world);
	return 0;
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

static void ask(bool terminal, const char *line)
{
	run_words(&world, terminal, line, &answer);
	squeeze(answer.out);
}

static void assert_answer(bool terminal, const char *line, const char *expected)
{
	ask(terminal, line);
	assert_string_equal(answer.err, "");
	assert_string_equal(answer.out, expected);
	assert_int_equal(answer.status, STATUS_DONE);
}

static void assert_error(const char *line, const char *expected)
{
	ask(false, line);
	assert_string_equal(answer.err, expected);
	assert_string_equal(answer.out, "");
	assert_int_equal(answer.status, STATUS_ERROR);
}

TEST_FIXTURE(set_up, tear_down);

TEST(each_container_has_a_line)
{
	assert_answer(false, "-C",
		"NAME NPROCS PID USER OWN COMMAND\n"
		"nginx.service 1 20 root mnt nginx\n"
		"docker 84b8394540fb 2 30 root mnt net pid postgres\n"
		"docker 84b8394540fb 1 50 root mnt net pid sh\n"
		"podman d1d5e64ac8d9 1 40 root mnt net pid user redis\n"
		"netns blue 1 60 root net httpd\n");
}

TEST(a_user_is_a_number_where_there_is_no_name)
{
	users_error = ENOENT; /* no /etc/passwd */
	assert_answer(false, "-C -n -o USER -p 20", "0\n");
	assert_string_equal(answer.err, "");
	users_error = 0;
}

/* The errors of getpwnam(3) that don't mean "not found". */
TEST(failed_lookup_of_a_user_makes_the_answer_incomplete)
{
	static const int errors[] = { EINTR, EIO, EMFILE, ENFILE, ERANGE, EAGAIN };

	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		users_error = errors[i];
		run_words(&world, false, "-C -n -o USER -p 20 --strict", &answer);
		assert_string_equal(answer.out, "0\n");
		assert_non_null(
			strstr(answer.err, "incomplete: some users could not be looked up"));
		assert_int_equal(answer.status, STATUS_INCOMPLETE);
	}
	users_error = 0;
}

TEST(failed_lookup_of_a_user_is_in_the_notes_of_json)
{
	users_error = EIO;
	run_words(&world, false, "-C -J -o USER -p 20", &answer);
	users_error = 0;
	assert_non_null(strstr(answer.out, "\"complete\": false"));
	assert_non_null(strstr(answer.out, "some users could not be looked up"));
}

TEST(failed_lookup_of_a_user_does_not_hide_that_a_namespace_has_no_member)
{
	users_error = EIO;
	run_words(&world, false, "-n -o USER,NPROCS -t user,net", &answer);
	users_error = 0;
	assert_null(strchr(answer.out, '?'));
}

TEST(failed_lookup_of_the_user_of_a_workload_is_reported)
{
	users_error = EIO;
	run_words(&world, false, "--of root/none", &answer);
	users_error = 0;
	assert_int_equal(answer.status, STATUS_ERROR);
	assert_non_null(strstr(answer.err, "'root/none' found, but not everything could be read"));
}

static void become_kernel_thread(pid_t pid)
{
	char path[32], text[128];

	snprintf(path, sizeof(path), "%d/stat", pid);
	snprintf(text, sizeof(text),
		"%d (kdevtmpfs) S 2 0 0 0 -1 2097216 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0\n", pid);
	world_file(&world, path, text);
}

TEST(a_thread_of_the_kernel_is_no_container)
{
	add(12, "", "/", "mnt", 5);
	become_kernel_thread(12);
	assert_answer(false, "-C -c", "5\n");
	add(70, "sh", "/user.slice/user-1000.slice/session-3.scope", "mnt", 5);
	assert_answer(false, "-C -c", "6\n");
	assert_answer(false, "-C -p 70",
		"NAME NPROCS PID USER OWN COMMAND\nsession-3.scope 1 70 root mnt sh\n");
}

TEST(a_person_sees_which_lines_are_of_one_container)
{
	assert_answer(true, "-C --color=never",
		"NAME NPROCS PID USER OWN COMMAND\n"
		"nginx.service 1 20 root mnt nginx\n"
		"docker 84b8394540fb 2 30 root mnt net pid postgres\n"
		"└─in another mnt 1 50 root mnt net pid sh\n"
		"podman d1d5e64ac8d9 1 40 root mnt net pid user redis\n"
		"netns blue 1 60 root net httpd\n");
}

TEST(whose_it_is_and_what_it_shares)
{
	assert_answer(false, "-C -r -n -o RUNTIME,CONTAINER,UNIT,CGROUP,SHARED,PIDS",
		"nginx.service /system.slice/nginx.service cgroup,ipc,net,pid,time,user,uts 20\n"
		"docker " ID_A " docker-" ID_A ".scope " DOCKER " cgroup,ipc,time,user,uts 30,31\n"
		"docker " ID_A " docker-" ID_A ".scope " DOCKER " cgroup,ipc,time,user,uts 50\n"
		"podman " ID_B " libpod-" ID_B ".scope " PODMAN " cgroup,ipc,time,uts 40\n"
		"session-3.scope /user.slice/user-1000.slice/session-3.scope "
		"cgroup,ipc,mnt,pid,time,user,uts 60\n");
	assert_answer(false,
		"-C -r -n --of 84b8 "
		"-o PID,MNTNS,NETNS,PIDNS,USERNS,UTSNS,IPCNS,CGROUPNS,TIMENS,START",
		"30 4026532092 4026532002 4026532022 4026531806 4026531807 4026531801 4026531800 "
		"4026531805 2023-11-14T22:13:50+00:00\n"
		"50 4026532099 4026532002 4026532022 4026531806 4026531807 4026531801 4026531800 "
		"4026531805 2023-11-14T22:14:10+00:00\n");
}

TEST(containers_in_json)
{
	run_words(&world, true, "-C -J --of 84b8 -o NAME,OWN,PIDS", &answer);
	assert_json(answer.out);
	assert_string_equal(answer.out,
		"{\n   \"complete\": true,\n   \"notes\": [],\n   \"containers\": [\n"
		"      {\n"
		"         \"name\": \"docker 84b8394540fb\",\n"
		"         \"own\": [\"mnt\",\"net\",\"pid\"],\n"
		"         \"pids\": [30,31]\n"
		"      },{\n"
		"         \"name\": \"docker 84b8394540fb\",\n"
		"         \"own\": [\"mnt\",\"net\",\"pid\"],\n"
		"         \"pids\": [50]\n"
		"      }\n   ]\n}\n");
}

TEST(types_processes_and_namespaces_select_containers)
{
	assert_answer(false, "-C -c", "5\n");
	assert_answer(false, "-C -t net -c", "4\n");
	assert_answer(false, "-C -t user,uts -n -o PID", "40\n");
	assert_answer(false, "-C -p 31 -p 60 -n -o PID", "30\n60\n");
	assert_answer(false, "-C -p 1", "");
	assert_answer(false, "-C blue -n -o PID", "60\n");
	assert_answer(false, "-C net:[4026532002] -n -o PID", "30\n50\n");
	assert_answer(false, "-C --of nginx -n -o PID,OWN", "20 mnt\n");
	assert_answer(false, "-C --of blue --of 1000/d1 -n -o PID", "40\n60\n");
	ask(false, "-C -q -t user");
	assert_int_equal(answer.status, STATUS_DONE);
	ask(false, "-C -q -t uts");
	assert_int_equal(answer.status, STATUS_NO);
}

TEST(a_filter_selects_containers)
{
	ask(false, "-C -c -Q NPROCS>1");
	if (!strstr(answer.err, "libsmartcols 2.40"))
		assert_string_equal(answer.out, "1\n");
	ask(false, "-C -n -o PID -Q RUNTIME==\"podman\"");
	if (!strstr(answer.err, "libsmartcols 2.40"))
		assert_string_equal(answer.out, "40\n");
}

TEST(what_a_container_has_to_itself)
{
	assert_answer(false, "--of 84b8 -n -o NS,TYPE,NPROCS",
		"4026532092 mnt 2\n4026532099 mnt 1\n4026532002 net 3\n4026532022 pid 3\n");
	assert_answer(false, "--of nginx.service -n -o NS", "4026532091\n");
}

TEST(what_it_shares_is_shown_where_its_type_is_asked_for)
{
	assert_answer(false, "--of nginx.service -t net,mnt -n -o NS,NPROCS",
		"4026532091 1\n4026531803 3\n");
	ask(false, "--of ssh.service");
	assert_string_equal(answer.out, "");
	assert_string_equal(answer.err,
		"nsls: note: 'ssh.service' shares all its namespaces with the host; pass '--type "
		"TYPE' to see these\n");
	assert_int_equal(answer.status, STATUS_DONE);
	ask(false, "--of ssh.service -q");
	assert_string_equal(answer.err, "");
	assert_int_equal(answer.status, STATUS_NO);
}

TEST(of_combines_with_every_view)
{
	assert_answer(false, "--of 84b8 -c", "4\n");
	assert_answer(false, "--of 84b8 --of d1d5 -c", "8\n");
	assert_answer(false, "--of 84b8 -P -c", "0\n");
	assert_answer(false, "--of 84b8 -p 20 -c -t mnt", "3\n");
	assert_answer(false, "--of 84b8 -s -n -o TYPE,COUNT -t net,mnt", "mnt 2\nnet 1\n");
	assert_answer(false, "--of blue -n -o NS,TYPE,PIDS", "4026532004 net 60\n");
	assert_answer(false, "--of blue -c -t mnt", "0\n");
	assert_answer(false, "--of 84b8 -T process -n -o NS",
		"4026532092\n4026532099\n4026532002\n4026532022\n");
	assert_answer(
		true, "--of nginx --color=never -o NS -T type", "NS\nmnt (1)\n└─4026532091\n");
	run_words(&world, false, "--of 84b8 -J", &answer);
	assert_json(answer.out);
}

TEST(a_name_that_means_nobody_or_several_is_an_error)
{
	assert_error("--of nosuch",
		"nsls: no container ID, pod, machine, application, unit or network namespace "
		"'nosuch'\n");
	assert_error("--of 84b8 --of b -q", "nsls: no container ID, pod, machine, application, "
					    "unit or network namespace 'b'\n");
	add(70, "x", "/docker/84" ID_A, "net", 7);
	add(71, "x", "/docker/848888888888888888888888888888888888888888888888888888888888888a",
		"net", 8);
	assert_error(
		"--of 84", "nsls: '84' is ambiguous: docker 84b8394540fb, docker 848888888888\n");
}

/* Whatever a control group is called, it is text, and of its own row alone. */
TEST(hostile_names_change_no_other_row)
{
	ask(false, "-C -n -o PID,NAME,UNIT,CGROUP --of 84b8");
	add(70, "x", "/a\033[2J\nb/lxc.payload.\033]0;x", "net", 7);
	add(71, "x", "/lxc.payload.a\xff\xe2\x80\xae$(id)", "net", 8);
	assert_answer(false, "-C -n -o PID,NAME --of 84b8",
		"30 docker 84b8394540fb\n50 docker 84b8394540fb\n");
	assert_answer(false, "-C -n -o PID,NAME -p 71", "71 lxc a\\xff\\xe2\\x80\\xae$(id)\n");
	assert_answer(false, "-C -c", "7\n");
	run_words(&world, false, "-C -J --output-all", &answer);
	assert_json(answer.out);
	ask(false, "--of \033[2J");
	assert_string_equal(answer.err,
		"nsls: no container ID, pod, machine, application, unit or network namespace "
		"'\\x1b[2J'\n");
}
