// SPDX-License-Identifier: MIT
/*
 * --monitor while real namespaces come and go. The test waits for lines: each is made or ended once
 * the line about the one before is there.
 */
#include "live.h"

#include "../json/keep_json.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MANY 100
#define WAIT_MS 30000 /* for a line: far more than it takes */

/* The program while it runs. */
static struct {
	pid_t pid;
	int out;
	char text[1 << 20]; /* all lines so far */
	size_t len, read;   /* of them, up to which they were looked at */
} run;

static char work[] = "/tmp/nsls-monitor-XXXXXX";

/* Starts it with a look every ten milliseconds. */
static void start(const char *const *more)
{
	const char *argv[16] = { live_program, "--monitor=0.01", "--no-warnings" };
	int out[2];

	for (int i = 0; more[i]; i++)
		argv[3 + i] = more[i];
	MUST(pipe2(out, O_CLOEXEC) == 0);
	run.pid = fork();
	MUST(run.pid >= 0);
	if (run.pid == 0) {
		dup2(out[1], 1);
		alarm(live_limit);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(out[1]);
	run.out = out[0];
	run.len = run.read = 0;
	run.text[0] = '\0';
}

/* Waits for the end of it. Returns what live.h's answers have as status. */
static int wait_for_end(void)
{
	int status;

	MUST(waitpid(run.pid, &status, 0) == run.pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void read_more(void)
{
	struct pollfd fd = { run.out, POLLIN, 0 };
	ssize_t n;

	if (poll(&fd, 1, WAIT_MS) != 1)
		fail_msg("no line for %d ms, after:\n%s", WAIT_MS, run.text);
	n = read(run.out, run.text + run.len, sizeof(run.text) - run.len - 1);
	if (n <= 0)
		fail_msg("it has ended, after:\n%s", run.text);
	run.len += (size_t)n;
	run.text[run.len] = '\0';
}

/* The next line, without its newline. */
static char *next_line(void)
{
	static char line[8192];
	char *end;
	size_t len;

	while (!(end = strchr(run.text + run.read, '\n')))
		read_more();
	len = (size_t)(end - run.text) - run.read;
	MUST(len < sizeof(line));
	memcpy(line, run.text + run.read, len);
	line[len] = '\0';
	run.read += len + 1;
	keep_json(line);
	return line;
}

static bool is_about(const char *line, const char *event, const char *type, uint64_t ino)
{
	char text[96];

	snprintf(text, sizeof(text), "\"event\":\"%s\",\"type\":\"%s\",\"ns\":%lu,", event, type,
		(unsigned long)ino);
	return strstr(line, text);
}

/* Waits until that is told, whatever else the system does meanwhile. */
static char *wait_for(const char *event, const char *type, uint64_t ino)
{
	char *line = next_line();

	while (!is_about(line, event, type, ino))
		line = next_line();
	return line;
}

static size_t count(const char *event, const char *type, uint64_t ino)
{
	char text[96];
	size_t n = 0;

	snprintf(text, sizeof(text), "\"event\":\"%s\",\"type\":\"%s\",\"ns\":%lu,", event, type,
		(unsigned long)ino);
	for (const char *at = run.text; (at = strstr(at, text)); at++)
		n++;
	return n;
}

static void start_json(void)
{
	static const char *const json[] = { "-J", NULL };

	start(json);
	assert_non_null(strstr(next_line(), "\"event\":\"started\""));
}

/* Whatever is still on its way is told by the end, and nothing after it. */
static void end_with(int signal, int status)
{
	MUST(kill(run.pid, signal) == 0);
	assert_int_equal(wait_for_end(), status);
	for (ssize_t n;
		(n = read(run.out, run.text + run.len, sizeof(run.text) - run.len - 1)) > 0;) {
		run.len += (size_t)n;
		run.text[run.len] = '\0';
	}
	close(run.out);
}

static uint64_t inode_of(const char *path)
{
	struct stat st;

	MUST(stat(path, &st) == 0);
	return st.st_ino;
}

static uint64_t inode_of_child(pid_t pid, const char *type)
{
	char path[64];

	return inode_of(live_ns_path(path, pid, type));
}

/* The kernel uses inode numbers again at once: one may have been told of another before. */
static void each_of_a_hundred_is_created_and_gone_once(void **state)
{
	(void)state;
	live_need_root();
	start_json();
	for (int i = 0; i < MANY; i++) {
		const char *type = live_types[i % LIVE_TYPES].name;
		pid_t pid = live_clone(live_types[i % LIVE_TYPES].flag);
		uint64_t ino = inode_of_child(pid, type);
		size_t created = count("created", type, ino), gone = count("gone", type, ino);
		char *line = wait_for("created", type, ino);
		assert_non_null(strstr(line, "\"nprocs\":1,"));
		live_end(pid);
		wait_for("gone", type, ino);
		assert_int_equal(count("created", type, ino), created + 1);
		assert_int_equal(count("gone", type, ino), gone + 1);
	}
	end_with(SIGTERM, 0);
}

static void a_burst_of_a_hundred_is_told_once_each(void **state)
{
	static pid_t pids[MANY];
	static uint64_t inos[MANY];

	(void)state;
	live_need_root();
	start_json();
	for (int i = 0; i < MANY; i++) {
		pids[i] = live_clone(live_types[i % LIVE_TYPES].flag);
		inos[i] = inode_of_child(pids[i], live_types[i % LIVE_TYPES].name);
	}
	for (int i = 0; i < MANY; i++)
		while (count("created", live_types[i % LIVE_TYPES].name, inos[i]) < 1)
			next_line();
	for (int i = 0; i < MANY; i++)
		live_end(pids[i]);
	for (int i = 0; i < MANY; i++)
		while (count("gone", live_types[i % LIVE_TYPES].name, inos[i]) < 1)
			next_line();
	end_with(SIGTERM, 0);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(count("created", live_types[i % LIVE_TYPES].name, inos[i]), 1);
		assert_int_equal(count("gone", live_types[i % LIVE_TYPES].name, inos[i]), 1);
	}
}

/* What ends between two looks is not seen, and nothing is seen by half. */
static void what_is_made_and_ended_at_once_is_told_whole_or_not_at_all(void **state)
{
	static uint64_t inos[MANY];
	pid_t last;

	(void)state;
	live_need_root();
	start_json();
	for (int i = 0; i < MANY; i++) {
		pid_t pid = live_clone(live_flag("uts"));

		inos[i] = inode_of_child(pid, "uts");
		live_end(pid);
	}
	last = live_clone(live_flag("ipc"));
	wait_for("created", "ipc", inode_of_child(last, "ipc"));
	live_end(last);
	end_with(SIGTERM, 0);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(count("created", "uts", inos[i]), count("gone", "uts", inos[i]));
}

static void a_bind_mount_keeps_what_is_emptied_and_entered_again(void **state)
{
	char path[64], place[64];
	uint64_t ino;
	pid_t pid;
	int fd;

	(void)state;
	live_need_root();
	start_json();
	pid = live_clone(live_flag("uts"));
	ino = inode_of(live_ns_path(path, pid, "uts"));
	wait_for("created", "uts", ino);
	snprintf(place, sizeof(place), "%s/uts", work);
	MUST(mknod(place, S_IFREG | 0600, 0) == 0);
	MUST(mount(path, place, NULL, MS_BIND, NULL) == 0);
	live_end(pid);
	assert_non_null(strstr(wait_for("emptied", "uts", ino), "\"kind\":\"mount\""));
	fd = open(place, O_RDONLY | O_CLOEXEC);
	MUST(fd >= 0);
	pid = live_fork(0);
	if (pid == 0) {
		MUST(setns(fd, 0) == 0);
		for (;;)
			pause();
	}
	close(fd);
	assert_non_null(strstr(wait_for("entered", "uts", ino), "\"kind\":\"process\""));
	live_end(pid);
	wait_for("emptied", "uts", ino);
	MUST(umount(place) == 0);
	wait_for("gone", "uts", ino);
	end_with(SIGTERM, 0);
	assert_int_equal(count("created", "uts", ino), 1);
	assert_int_equal(count("emptied", "uts", ino), 2);
	assert_int_equal(count("entered", "uts", ino), 1);
	assert_int_equal(count("gone", "uts", ino), 1);
}

static void it_ends_by_ctrl_c(void **state)
{
	(void)state;
	start_json();
	end_with(SIGINT, 0);
}

static void it_ends_when_nobody_reads_although_nothing_changes(void **state)
{
	(void)state;
	start_json();
	close(run.out);
	assert_int_equal(wait_for_end(), 0);
}

static void it_ends_though_its_reader_does_not_read(void **state)
{
	static const char *const json[] = { "-J", NULL };

	(void)state;
	start(json);
	MUST(fcntl(run.out, F_SETPIPE_SZ, 4096) >= 0);
	assert_non_null(strstr(next_line(), "\"event\":\"started\""));
	for (int i = 0; geteuid() == 0 && i < MANY; i++) {
		pid_t pid = live_clone(live_flag("uts"));

		live_end(pid);
	}
	end_with(SIGTERM, 0);
}

static void strict_ends_with_what_was_missing(void **state)
{
	static const char *const strict[] = { "-J", "--strict", NULL };
	char *line;
	bool complete;

	(void)state;
	start(strict);
	line = next_line();
	complete = strstr(line, "\"complete\":true");
	end_with(SIGTERM, complete ? 0 : 3);
}

static void an_output_that_can_not_be_written_is_an_error(void **state)
{
	struct answer answer;

	(void)state;
	if (access("/dev/full", W_OK) < 0) {
		puts("skip: this kernel has no /dev/full");
		skip();
	}
	live_program = "/bin/sh";
	answer =
		nsls("-c", "exec \"$0\" --monitor -J --no-warnings >/dev/full", NSLS_PROGRAM, NULL);
	live_program = NSLS_PROGRAM;
	assert_int_equal(answer.status, 2);
	assert_string_equal(answer.err, "nsls: standard output: No space left on device\n");
	answer_done(&answer);
}

static int make_work(void **state)
{
	(void)state;
	if (geteuid() == 0)
		MUST(unshare(CLONE_NEWNS) == 0 &&
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	return mkdtemp(work) ? 0 : -1;
}

static int remove_work(void **state)
{
	char place[64];

	(void)state;
	snprintf(place, sizeof(place), "%s/uts", work);
	umount2(place, MNT_DETACH);
	unlink(place);
	return rmdir(work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_a_hundred_is_created_and_gone_once),
		cmocka_unit_test(a_burst_of_a_hundred_is_told_once_each),
		cmocka_unit_test(what_is_made_and_ended_at_once_is_told_whole_or_not_at_all),
		cmocka_unit_test(a_bind_mount_keeps_what_is_emptied_and_entered_again),
		cmocka_unit_test(it_ends_by_ctrl_c),
		cmocka_unit_test(it_ends_when_nobody_reads_although_nothing_changes),
		cmocka_unit_test(it_ends_though_its_reader_does_not_read),
		cmocka_unit_test(strict_ends_with_what_was_missing),
		cmocka_unit_test(an_output_that_can_not_be_written_is_an_error),
	};

	return cmocka_run_group_tests_name("monitor", tests, make_work, remove_work);
}
