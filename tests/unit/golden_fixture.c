// SPDX-License-Identifier: MIT
#include "golden_fixture.h"

#include "identity_fixture.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct world world;
struct answer answer;

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

int golden_set_up(void **state)
{
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

int golden_tear_down(void **state)
{
	answer_done(&answer);
	world_done(&world);
	return 0;
}

void nsls(const char *line)
{
	run_words(&world, false, line, &answer);
}

void squeeze(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++)
		if (*from != ' ' ||
			(from[1] != ' ' && from[1] != '\n' && to > text && to[-1] != '\n'))
			*to++ = *from;
	*to = '\0';
}

void assert_table(bool terminal, const char *line, const char *expected)
{
	run_words(&world, terminal, line, &answer);
	squeeze(answer.out);
	assert_string_equal(answer.out, expected);
	assert_string_equal(answer.err, "");
	assert_int_equal(answer.status, STATUS_DONE);
}

void assert_answer(const char *line, const char *expected)
{
	nsls(line);
	assert_string_equal(answer.out, expected);
	assert_string_equal(answer.err, "");
	assert_int_equal(answer.status, STATUS_DONE);
}

size_t count_lines(const char *text)
{
	size_t n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}
