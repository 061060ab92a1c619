// SPDX-License-Identifier: MIT
/*
 * --monitor while real namespaces come and go. The test waits for lines: each is made or ended once
 * the line about the one before is there.
 */
#include "live.h"

#include <inttypes.h>
#include <limits.h>
#include <poll.h>

#define MANY 100

/* The program while it runs. */
static struct {
	pid_t pid;
	FILE *out;
	char *line; /* the last that was read */
	size_t line_size;
	FILE *log; /* of all lines so far */
	char *text;
	size_t text_len;
} run;

/* Reads the next line, of whatever happens on this system. False at the end. */
static bool read_line(void)
{
	if (getline(&run.line, &run.line_size, run.out) < 0)
		return false;
	MUST(fputs(run.line, run.log) >= 0 && fflush(run.log) == 0);
	keep_json(run.line);
	return true;
}

/* Starts it with a scan every ten milliseconds, and at most one more option. */
static void start(const char *option, int err)
{
	const char *const args[] = { "--monitor=0.01", "-J", "--no-warnings", "--timeout",
		live_timeout, option, NULL };

	if (run.log)
		fclose(run.log);
	free(run.text);
	MUST((run.log = open_memstream(&run.text, &run.text_len)));
	run.out = nsls_start(&run.pid, err, args);
	assert_true(read_line());
	assert_contains(run.line, "\"event\":\"started\"");
}

/* What lines about this namespace of a process have behind the name of the event. */
static const char *key_of(pid_t pid, const char *type)
{
	int fd = live_open_ns(pid, type);
	struct live_relations relations = live_relations(fd);

	close(fd);
	return strf(
		"\"type\":\"%s\",\"ns\":%" PRIu64 ",\"id\":%s,", type, relations.ino, relations.id);
}

/* How many lines of that event are about the namespace. */
static size_t count(const char *name, const char *key)
{
	const char *part = strf("\"event\":\"%s\",%s", name, key);
	size_t n = 0;

	for (const char *at = run.text; (at = strstr(at, part)); at++)
		n++;
	return n;
}

/* Waits for another such line, which must have the text. */
static void wait_for(const char *name, const char *key, const char *text)
{
	size_t before = count(name, key);

	do {
		if (!read_line())
			fail_msg("it ends before %s %s", name, key);
	} while (count(name, key) == before);
	/* An nsls beside us may have it open, and is named then. */
	if (!strstr(run.line, text) && !strstr(run.line, "\"comm\":\"nsls\""))
		fail_msg("not with %s: %s", text, run.line);
}

/* As many lines of each event are about it. */
static void assert_counts(
	const char *key, size_t created, size_t emptied, size_t entered, size_t gone)
{
	assert_int_equal(count("created", key), created);
	assert_int_equal(count("emptied", key), emptied);
	assert_int_equal(count("entered", key), entered);
	assert_int_equal(count("gone", key), gone);
}

static void start_json(void)
{
	start(NULL, STDERR_FILENO);
}

/* Also reads the lines that were not read yet. */
static void end_with(int signal, int status)
{
	MUST(kill(run.pid, signal) == 0);
	while (read_line())
		;
	assert_int_equal(live_status(run.pid), status);
	fclose(run.out);
}

/* A process in a new namespace of the type. */
static pid_t start_in_new(const char *type, const char **ret_key)
{
	pid_t pid = live_clone(live_flag(type));

	*ret_key = key_of(pid, type);
	return pid;
}

/* Before Linux 6.18 there is no id, and a number is used again: how many of the first n have it. */
static size_t count_same(const char *const *mine, int n, int i)
{
	size_t same = 0;

	for (int k = 0; k < n; k++)
		same += !strcmp(mine[k], mine[i]);
	return same;
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(each_of_a_hundred_is_created_and_gone_once)
{
	const char *mine[MANY];

	start_json();
	for (int i = 0; i < MANY; i++) {
		pid_t pid = start_in_new(live_types[i % LIVE_TYPES].name, &mine[i]);

		wait_for("created", mine[i], "\"nprocs\":1,");
		live_end(pid);
		wait_for("gone", mine[i], "");
		assert_counts(
			mine[i], count_same(mine, i + 1, i), 0, 0, count_same(mine, i + 1, i));
	}
	end_with(SIGTERM, 0);
}

static void wait_for_all(const char *name, const char *const *mine)
{
	for (int i = 0; i < MANY; i++)
		if (!count(name, mine[i]))
			wait_for(name, mine[i], "");
}

TEST(hundred_changes_at_once_are_printed_once_each)
{
	const char *mine[MANY];
	pid_t pids[MANY];

	start_json();
	MUST(kill(run.pid, SIGSTOP) == 0); /* a slow scan beside them could prove none to be new */
	for (int i = 0; i < MANY; i++)
		pids[i] = start_in_new(live_types[i % LIVE_TYPES].name, &mine[i]);
	MUST(kill(run.pid, SIGCONT) == 0);
	wait_for_all("created", mine);
	for (int i = 0; i < MANY; i++)
		live_end(pids[i]);
	wait_for_all("gone", mine);
	end_with(SIGTERM, 0);
	for (int i = 0; i < MANY; i++)
		assert_counts(mine[i], 1, 0, 0, 1);
}

/* A namespace that ends between two scans is not seen; during one, its id may be read too late. */
TEST(what_is_made_and_ended_at_once_does_not_stay)
{
	const char *mine[MANY], *last;
	pid_t pid;

	start_json();
	for (int i = 0; i < MANY; i++)
		live_end(start_in_new("uts", &mine[i]));
	pid = start_in_new("ipc", &last);
	wait_for("created", last, "");
	live_end(pid);
	end_with(SIGTERM, 0);
	for (int i = 0; i < MANY; i++) {
		assert_true(count("created", mine[i]) <= count("gone", mine[i]));
		assert_true(count("gone", mine[i]) <= count_same(mine, MANY, i));
	}
}

static void join(void *path)
{
	MUST(setns(live_open_file(path, O_RDONLY), 0) == 0);
}

TEST(a_bind_mount_keeps_what_is_emptied_and_entered_again)
{
	char *path = strf("%s/uts", live_work);
	const char *mine;
	pid_t pid;

	start_json();
	pid = start_in_new("uts", &mine);
	wait_for("created", mine, "");
	live_bind_and_close(live_open_ns(pid, "uts"), path);
	live_end(pid);
	wait_for("emptied", mine, "\"nprocs\":0,\"name\":null,\"holder\":{\"kind\":\"mount\"");
	pid = live_start(0, join, path);
	wait_for("entered", mine, "\"nprocs\":1,\"name\":null,\"holder\":{\"kind\":\"process\"");
	live_end(pid);
	wait_for("emptied", mine, "");
	MUST(umount(path) == 0);
	wait_for("gone", mine, ""); /* other programs may have it open until then */
	end_with(SIGTERM, 0);
	assert_counts(mine, 1, 2, 1, 1);
}

#define GENERATIONS 1000
#define LIFETIME_US 2000 /* less than a scan takes */

static struct ready handed_down;

/* One after the other, each ends once it has a child. */
static _Noreturn void hand_down(void)
{
	ready_await(&handed_down);
	for (int i = 0; i < GENERATIONS; i++) {
		if (fork() != 0)
			_exit(0);
		usleep(LIFETIME_US);
	}
	_exit(0);
}

/* Takes the place of the system's first process, which need not wait for them. */
static void adopt_orphans(void *ret_first)
{
	pid_t pid;

	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	MUST(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
	pid = live_fork(CLONE_NEWUTS);
	if (pid == 0) {
		MUST(prctl(PR_SET_PDEATHSIG, 0) == 0);
		hand_down();
	}
	*(pid_t *)ret_first = pid; /* shared memory, in which the child must not store its 0 */
}

TEST(a_namespace_that_is_handed_down_is_never_out_of_sight)
{
	pid_t *first = live_share(sizeof(*first)), carer;
	const char *mine;

	handed_down = ready_new();
	start_json();
	carer = live_start(0, adopt_orphans, first);
	mine = key_of(*first, "uts");
	wait_for("created", mine, "");
	ready_signal(&handed_down);
	wait_for("gone", mine, "");
	live_end(carer);
	end_with(SIGTERM, 0);
	assert_counts(mine, 1, 0, 0, 1);
}

TEST_WITH(it_ends_by_ctrl_c, NULL, NULL)
{
	start_json();
	end_with(SIGINT, 0);
}

TEST_WITH(it_ends_without_a_reader_although_nothing_changes, NULL, NULL)
{
	start_json();
	fclose(run.out);
	assert_int_equal(live_status(run.pid), 0);
}

/* Whether it waits for its next scan: the number of the call that it is in, proc(5). */
static bool is_asleep(void)
{
	FILE *file = fopen(strf("/proc/%d/syscall", run.pid), "re");
	bool asleep;
	long call;

	MUST(file);
	asleep = fscanf(file, "%ld", &call) == 1 && call == SYS_ppoll;
	fclose(file);
	return asleep;
}

static void stop_between_scans(void)
{
	for (;;) {
		while (!is_asleep())
			sched_yield();
		MUST(kill(run.pid, SIGSTOP) == 0 && waitpid(run.pid, NULL, WUNTRACED) == run.pid);
		if (is_asleep())
			return;
		MUST(kill(run.pid, SIGCONT) == 0);
	}
}

static const char *full[MANY];
static pid_t full_pids[MANY];
static FILE *full_err;

/* One scan finds more than its pipe takes, and it waits for a reader. */
static void fill_pipe(void)
{
	int left = 0;

	full_err = tmpfile();
	MUST(full_err);
	start("--monitor=3", fileno(full_err));
	MUST(fcntl(fileno(run.out), F_SETPIPE_SZ, 4096) >= 0);
	setvbuf(run.out, NULL, _IONBF, 0); /* what is not read stays in the pipe */
	stop_between_scans();
	for (int i = 0; i < MANY; i++)
		full_pids[i] = start_in_new("uts", &full[i]);
	MUST(kill(run.pid, SIGCONT) == 0);
	while (left < PIPE_BUF / 2)
		MUST(ioctl(fileno(run.out), FIONREAD, &left) == 0 && sched_yield() == 0);
}

/* Reads what is left: whole lines. Returns how many of ours are among them. */
static size_t read_rest(void)
{
	size_t n = 0;

	while (read_line())
		assert_int_equal(run.line[strlen(run.line) - 1], '\n');
	fclose(run.out);
	for (int i = 0; i < MANY; i++) {
		n += count("created", full[i]);
		live_end(full_pids[i]);
	}
	return n;
}

static void assert_loss_is_reported(void)
{
	char line[128] = "";
	size_t lost = 0;

	rewind(full_err);
	MUST(fgets(line, sizeof(line), full_err));
	sscanf(line, "nsls: standard output: not read in time; %zu", &lost);
	assert_string_equal(line,
		strf("nsls: standard output: not read in time; %zu events could not be written\n",
			lost));
	assert_true(read_rest() + lost >= MANY);
	fclose(full_err);
}

TEST(a_reader_that_is_slow_gets_whole_lines_and_all_of_them)
{
	fill_pipe();
	MUST(kill(run.pid, SIGTERM) == 0);
	assert_int_equal(read_rest(), MANY);
	assert_int_equal(live_status(run.pid), 0);
	fclose(full_err);
}

TEST(without_a_reader_it_ends_and_reports_the_loss)
{
	fill_pipe();
	MUST(kill(run.pid, SIGTERM) == 0);
	assert_int_equal(live_status(run.pid), 2);
	assert_loss_is_reported();
}

TEST(second_signal_ends_it_and_reports_the_loss)
{
	int status;

	fill_pipe();
	while (waitpid(run.pid, &status, WNOHANG) == 0)
		MUST(kill(run.pid, SIGTERM) == 0 && sched_yield() == 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	assert_loss_is_reported();
}

TEST_WITH(strict_ends_with_what_was_missing, NULL, NULL)
{
	start("--strict", STDERR_FILENO);
	end_with(SIGTERM, strstr(run.line, "\"complete\":true") ? 0 : 3);
}

static void print_to_full(void)
{
	dup2(live_open_file("/dev/full", O_WRONLY), STDOUT_FILENO);
}

TEST_WITH(an_output_that_can_not_be_written_is_an_error, NULL, NULL)
{
	if (access("/dev/full", W_OK) < 0)
		live_skip("this kernel has no /dev/full");
	assert_string_equal(
		error_of(nsls_after(0, print_to_full, "--monitor", "-J", "--no-warnings")),
		"nsls: standard output: No space left on device; 1 event could not be written\n");
}

int main(void)
{
	return live_run_tests("monitor", true, live_make_work, live_remove_work);
}
