// SPDX-License-Identifier: MIT
/*
 * --monitor while real namespaces come and go. The test waits for lines: each is made or ended once
 * the line about the one before is there.
 */
#include "live.h"

#include "../json/keep_json.h"

#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#define MANY 100

/* What a line is about. */
struct event {
	char name[16], type[16];
	uint64_t ino;
	char id[24]; /* as in the line: "null" where the kernel has none */
};

/* The program while it runs. */
static struct {
	pid_t pid;
	FILE *out;
	char *line; /* the last that was read */
	size_t line_size;
	struct event *at; /* of all lines so far */
	size_t n, size;
} run;

/* Starts it with a scan every ten milliseconds, and at most two more options. */
static void start(const char *option, const char *other, int err)
{
	const char *const args[] = { "--monitor=0.01", "--no-warnings", "--timeout", live_timeout,
		option, other, NULL };

	run.out = nsls_start(&run.pid, err, args);
	run.n = 0;
}

static void note(const char *line)
{
	struct event event = { .id = "null" };
	const char *at = strstr(line, "\"event\":");

	MUST(at && sscanf(at, "\"event\":\"%15[a-z]\"", event.name) == 1);
	sscanf(at, "%*[^,],\"type\":\"%15[a-z]\",\"ns\":%" SCNu64 ",\"id\":%23[0-9]", event.type,
		&event.ino, event.id);
	if (run.n == run.size) {
		run.size = run.size * 2 + 256;
		MUST((run.at = realloc(run.at, run.size * sizeof(*run.at))));
	}
	run.at[run.n++] = event;
}

/* Reads the next line, of whatever happens on this system. False at the end. */
static bool read_line(void)
{
	if (getline(&run.line, &run.line_size, run.out) < 0)
		return false;
	note(run.line);
	keep_json(run.line);
	return true;
}

static bool is_about(const struct event *event, const char *name, const struct live_relations *mine)
{
	return !strcmp(event->name, name) && !strcmp(event->type, mine->type) &&
	       event->ino == mine->ino && !strcmp(event->id, mine->id);
}

/* How many such lines are about the namespace. */
static size_t count(const char *name, const struct live_relations *mine)
{
	size_t n = 0;

	for (size_t i = 0; i < run.n; i++)
		n += is_about(&run.at[i], name, mine);
	return n;
}

/* Waits for such a line about the namespace, which must have the text. */
static void wait_for(const char *name, const struct live_relations *mine, const char *text)
{
	do {
		if (!read_line())
			fail_msg("it ends before %s %s:[%lu]", name, mine->type,
				(unsigned long)mine->ino);
	} while (!is_about(&run.at[run.n - 1], name, mine));
	/* An nsls beside us may have it open, and is named then. */
	if (!strstr(run.line, text) && !strstr(run.line, "\"comm\":\"nsls\""))
		fail_msg("not with %s: %s", text, run.line);
}

static void start_json(void)
{
	start("-J", NULL, STDERR_FILENO);
	assert_true(read_line());
	assert_string_equal(run.at[0].name, "started");
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

static struct live_relations relations_of(pid_t pid, const char *type)
{
	int fd = live_open_ns(pid, type);
	struct live_relations relations = live_relations(fd);

	close(fd);
	return relations;
}

/* Before Linux 6.18 there is no id, and a number is used again: how many of the first n have it. */
static size_t count_same(const struct live_relations *mine, int n, int i)
{
	size_t same = 0;

	for (int k = 0; k < n; k++)
		same += !strcmp(mine[k].type, mine[i].type) && mine[k].ino == mine[i].ino &&
			!strcmp(mine[k].id, mine[i].id);
	return same;
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(each_of_a_hundred_is_created_and_gone_once)
{
	static struct live_relations mine[MANY];

	start_json();
	for (int i = 0; i < MANY; i++) {
		const struct live_type *type = &live_types[i % LIVE_TYPES];
		pid_t pid = live_clone(type->flag);

		mine[i] = relations_of(pid, type->name);
		wait_for("created", &mine[i], "\"nprocs\":1,");
		live_end(pid);
		wait_for("gone", &mine[i], "");
		assert_int_equal(count("created", &mine[i]), count_same(mine, i + 1, i));
		assert_int_equal(count("gone", &mine[i]), count_same(mine, i + 1, i));
	}
	end_with(SIGTERM, 0);
}

static void wait_for_all(const char *name, const struct live_relations *mine)
{
	for (int i = 0; i < MANY; i++)
		if (!count(name, &mine[i]))
			wait_for(name, &mine[i], "");
}

TEST(hundred_changes_at_once_are_printed_once_each)
{
	static struct live_relations mine[MANY];
	static pid_t pids[MANY];

	start_json();
	for (int i = 0; i < MANY; i++) {
		pids[i] = live_clone(live_types[i % LIVE_TYPES].flag);
		mine[i] = relations_of(pids[i], live_types[i % LIVE_TYPES].name);
	}
	wait_for_all("created", mine);
	for (int i = 0; i < MANY; i++)
		live_end(pids[i]);
	wait_for_all("gone", mine);
	end_with(SIGTERM, 0);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(count("created", &mine[i]), 1);
		assert_int_equal(count("gone", &mine[i]), 1);
	}
}

/* A namespace that ends between two scans is not seen; during one, its id may be read too late. */
TEST(what_is_made_and_ended_at_once_does_not_stay)
{
	static struct live_relations mine[MANY], last;
	pid_t pid;

	start_json();
	for (int i = 0; i < MANY; i++) {
		pid = live_clone(live_flag("uts"));
		mine[i] = relations_of(pid, "uts");
		live_end(pid);
	}
	pid = live_clone(live_flag("ipc"));
	last = relations_of(pid, "ipc");
	wait_for("created", &last, "");
	live_end(pid);
	end_with(SIGTERM, 0);
	for (int i = 0; i < MANY; i++) {
		assert_true(count("created", &mine[i]) <= count("gone", &mine[i]));
		assert_true(count("gone", &mine[i]) <= count_same(mine, MANY, i));
	}
}

static void join(void *path)
{
	MUST(setns(live_open_file(path, O_RDONLY), 0) == 0);
}

TEST(a_bind_mount_keeps_what_is_emptied_and_entered_again)
{
	char *path = strf("%s/uts", live_work);
	struct live_relations mine;
	pid_t pid;
	int fd;

	start_json();
	pid = live_clone(live_flag("uts"));
	mine = relations_of(pid, "uts");
	wait_for("created", &mine, "");
	fd = live_open_ns(pid, "uts");
	live_bind(fd, path);
	close(fd);
	live_end(pid);
	wait_for("emptied", &mine, "\"nprocs\":0,\"name\":null,\"holder\":{\"kind\":\"mount\"");
	pid = live_start(0, join, path);
	wait_for("entered", &mine, "\"nprocs\":1,\"name\":null,\"holder\":{\"kind\":\"process\"");
	live_end(pid);
	wait_for("emptied", &mine, "");
	MUST(umount(path) == 0);
	wait_for("gone", &mine, ""); /* other programs may have it open until then */
	end_with(SIGTERM, 0);
	assert_int_equal(count("created", &mine), 1);
	assert_int_equal(count("emptied", &mine), 2);
	assert_int_equal(count("entered", &mine), 1);
	assert_int_equal(count("gone", &mine), 1);
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
static _Noreturn void adopt_orphans(pid_t *ret_first, struct ready *made)
{
	pid_t pid;

	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	pid = live_fork(CLONE_NEWUTS);
	if (pid == 0) {
		MUST(prctl(PR_SET_PDEATHSIG, 0) == 0);
		hand_down();
	}
	*ret_first = pid; /* shared memory, in which the child must not store its 0 */
	ready_signal(made);
	while (wait(NULL) > 0)
		;
	_exit(0);
}

TEST(a_namespace_that_is_handed_down_is_never_out_of_sight)
{
	pid_t *first = live_share(sizeof(*first)), carer;
	struct ready made = ready_new();
	struct live_relations mine;

	handed_down = ready_new();
	start_json();
	carer = live_fork(0);
	if (carer == 0)
		adopt_orphans(first, &made);
	ready_await(&made);
	mine = relations_of(*first, "uts");
	wait_for("created", &mine, "");
	ready_signal(&handed_down);
	wait_for("gone", &mine, "");
	MUST(waitpid(carer, NULL, 0) == carer);
	end_with(SIGTERM, 0);
	assert_int_equal(count("created", &mine), 1);
	assert_int_equal(count("gone", &mine), 1);
	assert_int_equal(count("emptied", &mine), 0);
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
	FILE *file;
	long call;
	bool asleep;

	file = fopen(strf("/proc/%d/syscall", run.pid), "re");
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

static struct live_relations full[MANY];
static pid_t full_pids[MANY];
static FILE *full_err;

/* One scan finds more than its pipe takes, and it waits for a reader. */
static void fill_pipe(void)
{
	int left = 0;

	full_err = tmpfile();
	MUST(full_err);
	start("-J", "--monitor=3", fileno(full_err));
	MUST(fcntl(fileno(run.out), F_SETPIPE_SZ, 4096) >= 0);
	setvbuf(run.out, NULL, _IONBF, 0); /* what is not read stays in the pipe */
	assert_true(read_line());
	stop_between_scans();
	for (int i = 0; i < MANY; i++) {
		full_pids[i] = live_clone(live_flag("uts"));
		full[i] = relations_of(full_pids[i], "uts");
	}
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
		n += count("created", &full[i]);
		live_end(full_pids[i]);
	}
	return n;
}

static void assert_loss_is_reported(void)
{
	char line[128] = "";
	size_t lost;

	rewind(full_err);
	MUST(fgets(line, sizeof(line), full_err));
	if (sscanf(line,
		    "nsls: standard output: not read in time; %zu events could not be written\n",
		    &lost) != 1)
		fail_msg("message: %s", line);
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
	start("-J", "--strict", STDERR_FILENO);
	assert_true(read_line());
	end_with(SIGTERM, strstr(run.line, "\"complete\":true") ? 0 : 3);
}

TEST_WITH(an_output_that_can_not_be_written_is_an_error, NULL, NULL)
{
	struct answer answer;

	if (access("/dev/full", W_OK) < 0)
		live_skip("this kernel has no /dev/full");
	live_program = "/bin/sh";
	live_timeout = NULL;
	answer =
		nsls("-c", "exec \"$0\" --monitor -J --no-warnings >/dev/full", NSLS_PROGRAM, NULL);
	live_program = NSLS_PROGRAM;
	assert_int_equal(answer.status, 2);
	assert_string_equal(answer.err,
		"nsls: standard output: No space left on device; 1 event could not be written\n");
}

int main(void)
{
	return live_run_tests_alone("monitor", live_make_work, live_remove_work);
}
