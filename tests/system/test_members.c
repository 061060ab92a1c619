// SPDX-License-Identifier: MIT
/*
 * Namespaces and members against a readlink(2) of every /proc/PID/ns link, relations against
 * ioctl_ns(2), under load, for an unprivileged user, and where the output can't be written.
 */
#include "live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/nsfs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define ABI_NS_GET_ID _IOR(0xb7, 13, uint64_t) /* linux/nsfs.h, 6.18 */

/* One child in a new instance of each type. */
static pid_t children[LIVE_TYPES];

static int set_up(void **state)
{
	(void)state;
	for (int i = 0; geteuid() == 0 && i < LIVE_TYPES; i++)
		children[i] = live_clone(live_types[i].flag);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (int i = 0; geteuid() == 0 && i < LIVE_TYPES; i++)
		live_end(children[i]);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "TYPE:[INODE] PID" of every process but self, sorted, a line each. The caller frees it. */
static char *read_truth(void)
{
	static char *lines[400000];
	size_t n = 0, size = 1;
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	char *text;

	assert_non_null(proc);
	while ((entry = readdir(proc)))
		for (int i = 0; i < LIVE_TYPES; i++) {
			char path[300], link[64];
			ssize_t len;

			if (!strtoul(entry->d_name, NULL, 10))
				continue;
			snprintf(path, sizeof(path), "/proc/%s/ns/%s", entry->d_name,
				live_types[i].name);
			len = readlink(path, link, sizeof(link) - 1);
			if (len > 0 && n < 400000 &&
				asprintf(&lines[n], "%.*s %s\n", (int)len, link, entry->d_name) > 0)
				size += strlen(lines[n++]);
		}
	closedir(proc);
	qsort(lines, n, sizeof(*lines), by_text);
	text = calloc(1, size);
	assert_non_null(text);
	for (size_t i = 0, at = 0; i < n; at += strlen(lines[i]), free(lines[i]), i++)
		strcpy(text + at, lines[i]);
	return text;
}

/* The lines of a that b has not, but for those of PIDs that came or went meanwhile. */
static void assert_lines_in(const char *a, const char *b, const char *what)
{
	for (const char *line = a; *line; line = strchr(line, '\n') + 1) {
		char *copy = strndup(line, (size_t)(strchr(line, '\n') - line + 1));

		if (!strstr(b, copy))
			fail_msg("%s: %s", what, copy);
		free(copy);
	}
}

/* Each namespace that is listed with a process is in one of the texts. */
static void assert_seen(const char *json, const char *before, const char *after)
{
	char *listed = jq(json, ".namespaces[] | select(.nprocs > 1) | \"\\(.type):[\\(.ns)] \"");
	char *line, *rest = NULL;

	for (line = strtok_r(listed, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!strstr(before, line) && !strstr(after, line))
			fail_msg("listed, but not there: %s", line);
	free(listed);
}

/* Lines that stand in both texts. */
static char *common_lines(const char *a, const char *b)
{
	char *both = calloc(1, strlen(a) + 1);

	assert_non_null(both);
	for (const char *line = a; *line; line = strchr(line, '\n') + 1) {
		char *copy = strndup(line, (size_t)(strchr(line, '\n') - line + 1));

		if (strstr(b, copy))
			strcat(both, copy);
		free(copy);
	}
	return both;
}

static void every_namespace_and_member_that_readlink_finds_is_listed(void **state)
{
	char *before, *after, *stable, *listed;
	struct answer answer;

	(void)state;
	live_need_root();
	before = read_truth();
	answer = nsls("-J", NULL);
	after = read_truth();
	assert_int_equal(answer.status, 0);
	listed = jq(answer.out,
		".namespaces[] | \"\\(.type):[\\(.ns)]\" as $n | .pids[] | \"\\($n) \\(.)\"");
	/* What was there before and after must be listed, and no namespace that was in neither. */
	stable = common_lines(before, after);
	assert_lines_in(stable, listed, "not listed");
	assert_seen(answer.out, before, after);
	for (int i = 0; i < LIVE_TYPES; i++) {
		char line[96], link[64];

		live_link(children[i], live_types[i].name, link);
		snprintf(line, sizeof(line), "%s %d\n", link, children[i]);
		assert_non_null(strstr(listed, line));
		assert_non_null(strstr(stable, line));
	}
	free(before);
	free(after);
	free(stable);
	free(listed);
	answer_done(&answer);
}

static void counts_and_lowest_pids_agree_with_the_members(void **state)
{
	struct answer answer;
	char *wrong;

	(void)state;
	live_need_root();
	answer = nsls("-J", NULL);
	wrong = jq(answer.out,
		"[.namespaces[] | select(.nprocs != (.pids | length) or .pid != .pids[0] or "
		".pids != (.pids | sort))] | length");
	assert_string_equal(wrong, "0\n");
	free(wrong);
	answer_done(&answer);
}

static void the_summary_has_all_types_with_the_lists_counts(void **state)
{
	struct answer list, summary;
	char *counts, *summed;

	(void)state;
	live_need_root();
	list = nsls("-J", NULL);
	summary = nsls("-s", "-J", NULL);
	counts = jq(list.out,
		"[.namespaces | group_by(.type)[] | {(.[0].type): length}] | add | tojson");
	summed = jq(summary.out, "[.types[] | {(.type): .count}] | add | tojson");
	assert_string_equal(summed, counts);
	free(counts);
	free(summed);
	counts = jq(summary.out, "[.types[] | select(.limit != null and (.[\"use%\"] | type) == "
				 "\"number\")] | length");
	assert_string_equal(counts, "8\n");
	free(counts);
	answer_done(&list);
	answer_done(&summary);
}

static void a_process_is_in_one_namespace_of_each_type(void **state)
{
	(void)state;
	live_need_root();
	for (int i = 0; i < LIVE_TYPES; i++) {
		char pid[16], link[64], *listed;
		struct answer answer;

		snprintf(pid, sizeof(pid), "%d", children[i]);
		answer = nsls("-J", "-p", pid, NULL);
		listed = jq(answer.out, ".namespaces[] | \"\\(.type):[\\(.ns)]\"");
		for (int t = 0; t < LIVE_TYPES; t++) {
			live_link(children[i], live_types[t].name, link);
			assert_non_null(strstr(listed, link));
		}
		free(listed);
		answer_done(&answer);
	}
}

/* The inode number of what ioctl leads to from pid's namespace; 0 where it refuses. */
static unsigned long related(pid_t pid, const char *type, unsigned long request)
{
	char path[64];
	struct stat st;
	int fd, to;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, type);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	to = ioctl(fd, request);
	close(fd);
	if (to < 0)
		return 0;
	assert_int_equal(fstat(to, &st), 0);
	close(to);
	return st.st_ino;
}

static unsigned long id_of(pid_t pid, const char *type)
{
	char path[64];
	uint64_t id = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, type);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	if (ioctl(fd, ABI_NS_GET_ID, &id) < 0)
		id = 0;
	close(fd);
	return id;
}

static void relations_are_what_the_kernel_answers(void **state)
{
	struct answer answer;

	(void)state;
	live_need_root();
	answer = nsls("-J", "-o", "NS,TYPE,PNS,ONS,ID,ONSUID", NULL);
	for (int i = 0; i < LIVE_TYPES; i++) {
		const char *type = live_types[i].name;
		bool nests = !strcmp(type, "pid") || !strcmp(type, "user");
		char program[256], link[64], expected[128], *listed;

		live_link(children[i], type, link);
		snprintf(program, sizeof(program),
			".namespaces[] | select(.ns == %s) | \"\\(.pns // 0) \\(.ons // 0) "
			"\\(.id // 0) \\(.onsuid)\"",
			strtok(strchr(link, '[') + 1, "]"));
		listed = jq(answer.out, program);
		snprintf(expected, sizeof(expected), "%lu %lu %lu 0\n",
			nests ? related(children[i], type, NS_GET_PARENT) : 0,
			related(children[i], type, NS_GET_USERNS), id_of(children[i], type));
		assert_string_equal(listed, expected);
		free(listed);
	}
	answer_done(&answer);
}

static void a_name_that_breaks_parsers_spoils_nothing(void **state)
{
	int ready[2];
	struct answer answer;
	char pid_text[16], *seen, byte;
	pid_t pid;

	(void)state;
	live_need_root();
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, "a) b\n\xff");
		/* An empty command line: then the name stands for it, as for a kernel thread. */
		prctl(PR_SET_MM, PR_SET_MM_ARG_END, 0, 0, 0);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	snprintf(pid_text, sizeof(pid_text), "%d", pid);
	answer = nsls("-J", "-p", pid_text, "-o", "NS,PIDS,START,NTHREADS", NULL);
	assert_int_equal(answer.status, 0);
	seen = jq(answer.out, ".namespaces | length");
	assert_string_equal(seen, "8\n");
	free(seen);
	answer_done(&answer);
	answer = nsls("--output-all", NULL);
	assert_int_equal(answer.status, 0);
	assert_null(strchr(answer.out, '\xff'));
	answer_done(&answer);
	live_end(pid);
	close(ready[0]);
	close(ready[1]);
}

/* One of the processes of a storm: has children that end at once until it is killed. */
static void blow(volatile bool *go)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Else nsls has to wait for its turn among 300 others, and a run takes seconds. */
	MUST(nice(19) == 19);
	while (!*go)
		usleep(1000);
	for (int i = 0; i < 100000; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			usleep(50000); /* a life, and time on the processor for others */
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	_exit(0);
}

static void short_lived_processes_make_no_run_fail_or_fall_short(void **state)
{
	bool *go = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char link[64];
	pid_t pids[300];

	(void)state;
	live_need_root();
	assert_ptr_not_equal(go, MAP_FAILED);
	for (int i = 0; i < 300; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			blow(go);
	}
	*go = true;
	for (int run = 0; run < 150; run++) {
		struct answer answer = nsls("-l", "-n", "-o", "TYPE,NS,PID", NULL);

		assert_int_equal(answer.status, 0);
		for (int i = 0; i < LIVE_TYPES; i++) {
			live_link(children[i], live_types[i].name, link);
			assert_non_null(strstr(answer.out, strtok(strchr(link, '[') + 1, "]")));
		}
		answer_done(&answer);
	}
	for (int i = 0; i < 300; i++)
		live_end(pids[i]);
	munmap(go, 4096);
}

static void an_unprivileged_user_gets_what_it_may_and_is_told(void **state)
{
	int status, program;
	char path[32];
	pid_t pid;

	(void)state;
	live_need_root();
	/* By descriptor: the directory that it was built in may be closed to others. */
	program = open(NSLS_PROGRAM, O_RDONLY);
	assert_true(program >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", program);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct answer answer;
		bool fine;

		if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
			_exit(9);
		live_program = path;
		answer = nsls("-J", NULL);
		fine = answer.status == 0 && strstr(answer.out, "\"type\": \"uts\"") &&
		       !strncmp(answer.err, "nsls: incomplete: ", 18) &&
		       strchr(answer.err, '\n') == answer.err + strlen(answer.err) - 1;
		answer_done(&answer);
		answer = nsls("--strict", "-q", NULL);
		fine = fine && answer.status == 3 && !*answer.err;
		_exit(fine ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(program);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Runs nsls with this standard output; its status, or minus the signal. */
static int run_onto(int out, char *err, size_t size)
{
	int report[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(report), 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		dup2(out, 1);
		dup2(report[1], 2);
		execl(NSLS_PROGRAM, "nsls", "-J", "-o", "NS,PIDS", (char *)NULL);
		_exit(127);
	}
	close(report[1]);
	n = read(report[0], err, size - 1);
	err[n > 0 ? n : 0] = '\0';
	while (n > 0 && (size_t)n < size - 1) {
		ssize_t more = read(report[0], err + n, size - 1 - (size_t)n);

		if (more <= 0)
			break;
		n += more;
		err[n] = '\0';
	}
	close(report[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void output_that_can_not_be_written_is_noticed(void **state)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), closed[2];
	char err[4096];

	(void)state;
	assert_true(full >= 0);
	assert_int_equal(run_onto(full, err, sizeof(err)), 2);
	assert_non_null(strstr(err, "nsls: standard output: No space left on device\n"));
	assert_int_equal(pipe2(closed, O_CLOEXEC), 0);
	close(closed[0]);
	assert_int_equal(run_onto(closed[1], err, sizeof(err)), -SIGPIPE);
	close(closed[1]);
	close(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_namespace_and_member_that_readlink_finds_is_listed),
		cmocka_unit_test(counts_and_lowest_pids_agree_with_the_members),
		cmocka_unit_test(the_summary_has_all_types_with_the_lists_counts),
		cmocka_unit_test(a_process_is_in_one_namespace_of_each_type),
		cmocka_unit_test(relations_are_what_the_kernel_answers),
		cmocka_unit_test(a_name_that_breaks_parsers_spoils_nothing),
		cmocka_unit_test(short_lived_processes_make_no_run_fail_or_fall_short),
		cmocka_unit_test(an_unprivileged_user_gets_what_it_may_and_is_told),
		cmocka_unit_test(output_that_can_not_be_written_is_noticed),
	};

	return cmocka_run_group_tests_name("members", tests, set_up, tear_down);
}
