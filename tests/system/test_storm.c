// SPDX-License-Identifier: MIT
/*
 * Runs beside storms. Whatever comes and goes meanwhile: each namespace that was there all the
 * time is listed with exactly its holders (hold.h), nothing is listed that never had a holder,
 * and nothing that merely ended is called unread.
 *
 * NSLS_STORM_RUNS in the environment is how often, 20 if it is not there.
 */
#include "hold.h"

/*
 * A storm: processes, threads and namespaces that come and go all the time, as a function that is
 * called with one number after the other. A failed clone(2) is no failure of the test: there is
 * less wind then.
 *
 * A master that is started first blows it, so that it has no part in what the test makes later (a
 * copy of its mount namespace would hold all that is mounted there). It ends with the test, and all
 * others end with it.
 */
typedef void (*storm_function)(unsigned n);

#define HELPERS 4

static struct {
	pid_t pid;
	int control;
} master;

/* Lives of different length, or all would begin and end at once. */
static void live_a_while(unsigned n)
{
	usleep(3000 + n * 7919 % 11000);
}

/* Children in new namespaces that end after a while. */
static void bear(unsigned children, uint64_t flags, unsigned n, void (*life)(unsigned n))
{
	for (unsigned i = 0; i < children; i++)
		if (live_try_fork(flags) == 0) {
			life(n + i);
			_exit(0);
		}
	while (children--)
		wait(NULL);
}

static void blow_processes(unsigned n)
{
	bear(8, 0, n, live_a_while);
}

static void *be_thread(void *data)
{
	unsigned n = (unsigned)(uintptr_t)data;

	if (n % 3 == 0)
		unshare(CLONE_NEWUTS);
	if (n % 5 == 0)
		unshare(CLONE_FILES);
	live_a_while(n);
	return NULL;
}

static void blow_threads(unsigned n)
{
	pthread_t threads[6];
	int started = 0;

	for (uintptr_t i = 0; i < 6; i++)
		if (!pthread_create(&threads[started], NULL, be_thread, (void *)(n * 6 + i)))
			started++;
	while (started)
		pthread_join(threads[--started], NULL);
}

/* With a short-lived process in each. */
static void blow_namespaces(unsigned n)
{
	bear(1, live_types[n % LIVE_TYPES].flag, n, live_a_while);
}

/* As unshare(1) makes them: starts in the namespaces of others, and moves on while a scan may read
 * it. */
static void move_on(unsigned n)
{
	static const int flags[] = { CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWNS, CLONE_NEWIPC };

	for (unsigned i = 0; i < 4; i++) {
		live_a_while(n + i);
		unshare(flags[i]);
	}
	live_a_while(n);
}

static void blow_unshare(unsigned n)
{
	bear(1, 0, n, move_on);
}

/* Each program but the last executes the next one. */
static void execute(unsigned n)
{
	execlp("env", "env", "env", "env", "env", "sleep", strf("0.%03u", 3 + n * 7919 % 11),
		(char *)NULL);
}

static void blow_execs(unsigned n)
{
	bear(1, 0, n, execute);
}

/* Until the next command, helpers call the function that a command is. */
static _Noreturn void be_master(int control)
{
	pid_t helpers[HELPERS] = { 0 };
	storm_function storm;

	while (read(control, &storm, sizeof(storm)) == sizeof(storm)) {
		for (unsigned i = 0; i < HELPERS; i++) {
			if (helpers[i])
				live_end(helpers[i]);
			helpers[i] = storm ? live_fork(0) : 0;
			for (unsigned n = i; storm && helpers[i] == 0; n += HELPERS)
				storm(n);
		}
		MUST(write(control, "x", 1) == 1);
	}
	_exit(0);
}

static void start_master(void)
{
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	fflush(NULL);
	master.pid = live_fork(0);
	if (master.pid == 0) {
		close(pair[0]);
		be_master(pair[1]);
	}
	close(pair[1]);
	master.control = pair[0];
}

/* Begins a storm, or ends it: NULL. */
static void command_master(storm_function storm)
{
	char byte;

	MUST(write(master.control, &storm, sizeof(storm)) == sizeof(storm));
	MUST(read(master.control, &byte, 1) == 1);
}

static int runs;

static int set_up_group(void **state)
{
	runs = live_number("NSLS_STORM_RUNS", 20);
	start_master();
	matrix_start(NULL);
	return 0;
}

static int tear_down(void **state)
{
	if (master.pid)
		command_master(NULL);
	return 0;
}

static int tear_down_group(void **state)
{
	live_end(master.pid);
	matrix_end(NULL);
	return 0;
}

/* One answer to all that the storms are to leave alone. */
struct view {
	struct answer answer;
	char *rows; /* "TYPE:[INODE]\tHOLDERS", a line each */
};

static struct view view_new(void)
{
	struct view view = { 0 };

	view.answer = nsls("--strict", "-J", "-o", "NS,TYPE,HOLDERS");
	view.rows = matrix_list(view.answer.out);
	return view;
}

/* Returns whether it was there. */
static bool cut(char *text, const char *part)
{
	char *at = strstr(text, part);

	if (at)
		memmove(at, at + strlen(part), strlen(at + strlen(part)) + 1);
	return at;
}

#define TURNOVER                                                                                   \
	"processes or threads started and ended faster than they could be read: a namespace that " \
	"one passes on to the next may be missing"

/*
 * Something may be unreadable in a quiet system, too. In a storm, nothing more may be, but nsls may
 * report that the storm itself was too fast.
 */
static void assert_no_less_complete(const struct answer *quiet, const struct answer *got)
{
	bool turnover =
		cut(got->err, "; " TURNOVER) || cut(got->err, "nsls: incomplete: " TURNOVER "\n");

	assert_string_equal(got->err, quiet->err);
	assert_int_equal(got->status, turnover ? 3 : quiet->status);
}

static void assert_matrix(const char *rows)
{
	bool right = true;

	for (const struct truth *t = truths; *t->ns; t++)
		right &= matrix_matches(rows, t->ns, t->holders);
	assert_true(right);
}

/* A row that only the kernel's own list has is a holder that can't be seen, not a storm's. */
static void assert_no_phantom(const char *quiet, const char *rows)
{
	for (EACH_WORD(line, rows, "\n")) {
		const char *ns = test_split(&line, "\t");

		if (!line) /* the rest of a mount point of another program */
			continue;
		if ((!*line || !strcmp(line, "kernel")) && !matrix_find(quiet, ns))
			fail_msg("phantom: %s '%s'", ns, line);
	}
}

/* No mount namespace of a storm is ever without a process. */
static void assert_none_persistent(const char *quiet)
{
	for (EACH_WORD(ns, output_of(nsls("-P", "-t", "mnt", "-n", "-r", "-o", "NS")), "\n"))
		if (*ns && !matrix_find(quiet, strf("mnt:[%s]", ns)))
			fail_msg("called persistent: %s", ns);
}

static void run_beside(storm_function storm)
{
	struct view quiet = view_new();

	assert_matrix(quiet.rows);
	command_master(storm);
	for (int run = 0; run < runs; run++) {
		struct view view = view_new();

		assert_no_less_complete(&quiet.answer, &view.answer);
		assert_matrix(view.rows);
		assert_no_phantom(quiet.rows, view.rows);
		assert_none_persistent(quiet.rows);
	}
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, tear_down);

TEST_CALL(short_lived_processes_change_nothing_else, run_beside(blow_processes));
TEST_CALL(short_lived_threads_change_nothing_else, run_beside(blow_threads));
TEST_CALL(short_lived_namespaces_change_nothing_else, run_beside(blow_namespaces));
TEST_CALL(processes_that_move_on_change_nothing_else, run_beside(blow_unshare));
TEST_CALL(processes_that_execute_change_nothing_else, run_beside(blow_execs));

#define FADING 100

/*
 * Threads that end one after the other, within 40 ms of their start, in no order of their ids.
 * Some have a mount namespace, which takes longer to scan and to free.
 */
static pthread_barrier_t fade;

static void *fade_away(void *data)
{
	unsigned n = (unsigned)(uintptr_t)data;

	if (n % 2 == 0)
		MUST(unshare(CLONE_FS | CLONE_NEWNS) == 0);
	pthread_barrier_wait(&fade);
	usleep(n * 7919 % FADING * 400);
	return NULL;
}

static void *stay(void *ret_tid)
{
	MUST(unshare(CLONE_NEWUTS) == 0);
	*(pid_t *)ret_tid = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&fade);
	live_wait();
}

/* First those that fade, so that they come before the one that stays. */
static void be_fading(void *ret_tid)
{
	pthread_t thread;

	MUST(pthread_barrier_init(&fade, NULL, FADING + 2) == 0);
	for (uintptr_t i = 0; i < FADING; i++)
		MUST(pthread_create(&thread, NULL, fade_away, (void *)i) == 0);
	MUST(pthread_create(&thread, NULL, stay, ret_tid) == 0);
	pthread_barrier_wait(&fade);
}

TEST(a_thread_that_stays_is_never_missed_among_those_that_end)
{
	struct view quiet = view_new();
	pid_t *ret_tid = live_share(sizeof(*ret_tid));

	for (int run = 0; run < runs; run++) {
		pid_t pid = live_start(0, be_fading, ret_tid), tid = *ret_tid;
		const char *ns = live_link(tid, "uts");
		struct view view = view_new();

		assert_true(matrix_matches(view.rows, ns, strf("thread %d/%d", pid, tid)));
		assert_no_less_complete(&quiet.answer, &view.answer);
		live_end(pid);
	}
}

#define TURNING 40

/* Descriptors that are a socket of one and one of another network namespace by turns. */
struct turning {
	const char *steady_ns, *other_ns;
	int steady[TURNING], other[TURNING], turning[TURNING];
};

/* Sockets of a new network namespace, which nothing else holds. Returns its name. */
static const char *open_sockets(int *sockets)
{
	int home = live_open_ns(getpid(), "net"), away = live_namespace("net");
	const char *ns = live_fd_text(away, "net");

	MUST(setns(away, CLONE_NEWNET) == 0);
	for (int i = 0; i < TURNING; i++)
		MUST((sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) >= 0);
	MUST(setns(home, CLONE_NEWNET) == 0);
	close(home);
	close(away);
	return ns;
}

/* The lowest descriptors turn, so that nothing is known of their sockets before. */
static void turning_new(struct turning *t)
{
	for (int i = 0; i < TURNING; i++)
		t->turning[i] = live_open_file("/dev/null", O_RDONLY);
	t->steady_ns = open_sockets(t->steady);
	t->other_ns = open_sockets(t->other);
}

static void close_all(const int *fds)
{
	for (int i = 0; i < TURNING; i++)
		close(fds[i]);
}

static void turn_to(const struct turning *t, const int *sockets)
{
	for (int i = 0; i < TURNING; i++)
		dup2(sockets[i], t->turning[i]);
}

static _Noreturn void turn(const struct turning *t)
{
	for (;;) {
		turn_to(t, t->steady);
		turn_to(t, t->other);
	}
}

/* How many of the steady sockets the row of a namespace has as the holder's. */
static int count_steady(const char *rows, const char *ns, const struct turning *t, pid_t owner)
{
	const char *row = matrix_find(rows, ns);
	int n = 0;

	for (int i = 0; i < TURNING; i++)
		n += row && strstr(row, strf("socket %d:%d", owner, t->steady[i]));
	return n;
}

/*
 * Between reading a descriptor's inode and copying it, it may have become another socket. The
 * namespace of that one must not be taken for that of the first, which other processes share.
 */
TEST(a_socket_is_not_taken_for_the_one_that_was_there_before)
{
	static struct turning t;
	pid_t turner, owner;

	turning_new(&t);
	turner = live_fork(0); /* first, so that it is scanned first */
	if (turner == 0)
		turn(&t);
	close_all(t.other);
	close_all(t.turning);
	owner = live_clone(0);
	close_all(t.steady);
	for (int run = 0; run < runs; run++) {
		struct view view = view_new();

		assert_int_equal(count_steady(view.rows, t.other_ns, &t, owner), 0);
		assert_int_equal(count_steady(view.rows, t.steady_ns, &t, owner), TURNING);
	}
	live_end(owner);
	live_end(turner);
}

int main(void)
{
	if (getenv("NSLS_STORM_PROGRAM")) /* one with a sanitizer, say */
		live_program = getenv("NSLS_STORM_PROGRAM");
	return live_run_tests("storm", true, set_up_group, tear_down_group);
}
