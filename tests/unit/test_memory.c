// SPDX-License-Identifier: MIT
/*
 * Missing memory: allocations of a run fail, one at a time, also those of the libraries. The
 * program then ends with a message and its status for errors; where a library makes do without, the
 * answer is the very same or reports that it is incomplete, never a shorter one without a warning.
 */
#include "hand_model.h"
#include "run_words.h"

#include "nsls/base.h"
#include "nsls/timeout.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* main() of src/cli/main.c. */
int nsls_main(int argc, char **argv);

/*
 * A program's own malloc(3) takes the place of the C library's for all code that is linked with it
 * ("Replacing malloc", glibc manual); its names with __libc_ remain. musl has no such names, and a
 * sanitizer an allocator of its own: there, only calls of our own code and of static libraries can
 * fail (--wrap, ld(1)).
 */
#ifdef WRAP_OWN_CALLS
#define REAL(name) __real_##name
#define OURS(name) __wrap_##name
#else
#define REAL(name) __libc_##name
#define OURS(name) name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t size);
void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t n, size_t size);
void *OURS(realloc)(void *p, size_t size);

static atomic_long left = LONG_MAX; /* allocations up to and with the one that fails */
static int failed_fd = -1;          /* gets a byte when one has failed */

static bool fails(void)
{
	if (atomic_fetch_sub(&left, 1) != 1)
		return false;
	errno = write(failed_fd, "x", 1) == 1 ? ENOMEM : EIO;
	return true;
}

void *OURS(malloc)(size_t size)
{
	return fails() ? NULL : REAL(malloc)(size);
}

void *OURS(calloc)(size_t n, size_t size)
{
	return fails() ? NULL : REAL(calloc)(n, size);
}

void *OURS(realloc)(void *p, size_t size)
{
	return fails() ? NULL : REAL(realloc)(p, size);
}

#ifdef WRAP_OWN_CALLS
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
	return fails() ? NULL : __real_reallocarray(p, n, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}
#else
void __libc_free(void *p);

void free(void *p)
{
	__libc_free(p);
}
#endif

#define OUT_OF_MEMORY "nsls: out of memory\n"
#define PLUGIN_OUT_OF_MEMORY "NSLS UNKNOWN - out of memory\n"

static int set_up(void **state)
{
	setenv("LC_ALL", "C", 1); /* else libsmartcols draws other lines where memory is missing */
	world_set_up(state);
	for (int pid = 1; pid <= 4; pid++) {
		world_process(pid, pid / 2);
		STEPS(strf("%d/ns/uts uts:[%d]", pid, 5000 + pid), strf("=%d/comm child\n", pid));
	}
	STEPS("3/fd/3 net:[70]", "3/task/3/ns/net net:[4026531803]", "3/task/300/ns/net net:[71]",
		"+1/mountinfo net:[72] /x", "=1/cmdline init", "=1/status Uid:\t0\t0\t0\t0\n",
		"=3/cgroup 0::/system.slice/docker-" ID_A ".scope\n", "=stat btime 1700000000\n",
		"=sys/user/max_net_namespaces 100\n");
	return 0;
}

struct ending {
	int status;
	char out[256 * 1024], err[4096];
	char failed[2]; /* not empty if an allocation did */
};

static struct ending ending, whole; /* of the last run, and of one with all memory */

static void read_text(int fd, char *text, size_t size)
{
	ssize_t len = pread(fd, text, size - 1, 0);

	assert_true(len >= 0);
	text[len] = '\0';
	close(fd);
}

/* Runs work in a process of its own, in which allocation n fails, LONG_MAX: none. */
static void run_short(int (*work)(void *data), void *data, long n)
{
	int out = memfd_create("out", MFD_CLOEXEC), err = memfd_create("err", MFD_CLOEXEC), status;
	pid_t pid;

	failed_fd = memfd_create("failed", MFD_CLOEXEC);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		atomic_store(&left, n);
		_exit(work(data));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	ending.status = WEXITSTATUS(status);
	read_text(failed_fd, ending.failed, sizeof(ending.failed));
	read_text(out, ending.out, sizeof(ending.out));
	read_text(err, ending.err, sizeof(ending.err));
}

/* Runs work like run_short(), and expects how it ends. */
static void assert_ending(
	int (*work)(void *data), void *data, long n, int status, const char *out, const char *err)
{
	run_short(work, data, n);
	assert_int_equal(ending.status, status);
	assert_string_equal(ending.out, out);
	assert_string_equal(ending.err, err);
}

static int allocate(void *data)
{
	struct arena arena = { 0 };
	struct strbuf text = { 0 };

	free(memory_alloc(1, 10));
	free(memory_resize(NULL, 1, 10));
	free(memory_copy("text"));
	arena_strdup(&arena, "text");
	strbuf_adds(&text, "text");
	arena_done(&arena);
	strbuf_done(&text);
	return 77;
}

TEST_FIXTURE(set_up, world_tear_down);

TEST_WITH(each_failed_allocation_ends_the_program, NULL, NULL)
{
	for (long n = 1; n <= 5; n++)
		assert_ending(allocate, NULL, n, 2, "", OUT_OF_MEMORY);
	assert_ending(allocate, NULL, 6, 77, "", "");
}

static int check_nothing(void *data)
{
	memory_set_failure(STDOUT_FILENO, PLUGIN_OUT_OF_MEMORY, 3);
	memory_check(data);
	return 0;
}

TEST_WITH(a_null_of_a_library_ends_the_program_with_the_chosen_line, NULL, NULL)
{
	assert_ending(check_nothing, NULL, LONG_MAX, 3, PLUGIN_OUT_OF_MEMORY, "");
	assert_ending(check_nothing, &world, LONG_MAX, 0, "", "");
}

static int allocate_in_worker(struct worker *worker, size_t i, void **ret_found)
{
	if (gettid() == getpid())
		return -EINVAL; /* the list was not given to a thread */
	atomic_store(&left, 1);
	*ret_found = arena_alloc(&worker->arena, 10);
	return 0;
}

static int run_workers(void *data)
{
	struct work work = { .n = 8, .grain = 1, .run_item = allocate_in_worker };
	struct pool pool;

	pool_init(&pool, 4, 1000);
	return pool_run(&pool, &work) < 0 ? 77 : 78;
}

TEST_WITH(a_failed_allocation_of_a_worker_ends_the_program_with_one_line, NULL, NULL)
{
	assert_ending(run_workers, NULL, LONG_MAX, 2, "", OUT_OF_MEMORY);
}

static int write_stream(void *data)
{
	char *text = NULL;
	size_t len;
	FILE *stream = memory_check(open_memstream(&text, &len));

	fputs("text", stream);
	memory_close(stream, &text);
	return strcmp(text, "text") != 0 ? 79 : 78;
}

TEST_WITH(a_stream_is_whole_or_the_program_ends, NULL, NULL)
{
	long n = 1;

	do {
		run_short(write_stream, NULL, n++);
		assert_int_equal(ending.status, ending.err[0] ? 2 : 78);
	} while (ending.failed[0]);
#ifndef WRAP_OWN_CALLS /* the C library allocates the stream */
	assert_true(n > 2);
#endif
}

#define WORDS 7 /* of a command line */

static int run_line(void *data)
{
	return nsls_main(WORDS, data);
}

static void assert_not_silent(bool plugin, long n)
{
	const char *message = plugin ? ending.out : ending.err;
	const char *begin = plugin ? "NSLS UNKNOWN - " : "nsls: ";

	if (ending.status == (plugin ? 3 : STATUS_ERROR) && message[0]) {
		if (strncmp(message, begin, strlen(begin)) != 0 ||
			strchr(message, '\n') != message + strlen(message) - 1)
			fail_msg("allocation %ld: error '%s'", n, message);
		return;
	}
	if (strstr(ending.err, "nsls: incomplete: ") || strstr(ending.out, "; incomplete: "))
		return;
	if (ending.status != whole.status || strcmp(ending.out, whole.out) != 0)
		fail_msg("allocation %ld: status %d and another answer: %.200s", n, ending.status,
			ending.out);
}

/* Lets each step-th allocation fail; expects that most end the program. */
static void sweep(bool plugin, long step, const char *first, const char *second, const char *third)
{
	char *line[WORDS + 1] = { strf("nsls"), strf("--procfs"), world.dir, strf("--jobs=1"),
		strf("%s", first), strf("%s", second), strf("%s", third) };
	const char *message = plugin ? PLUGIN_OUT_OF_MEMORY : OUT_OF_MEMORY;
	int ended = 0;
	long n = 1;

	run_short(run_line, line, LONG_MAX);
	whole = ending;
	assert_int_not_equal(whole.status, plugin ? 3 : STATUS_ERROR);
	do {
		run_short(run_line, line, n);
		assert_not_silent(plugin, n);
		ended += !strcmp(plugin ? ending.out : ending.err, message);
		n += step;
	} while (ending.failed[0]);
	assert_true(ended * step > 20);
}

TEST_CALL(a_list_is_whole_or_an_error, sweep(false, 1, "-l", "-r", "--output-all"));

TEST_CALL(a_tree_is_whole_or_an_error, sweep(false, 5, "-Tprocess", "-n", "-o+HOLDERS"));

TEST_CALL(
	containers_are_whole_or_an_error, sweep(false, 5, "-C", "-J", "--of=docker 84b8394540fb"));

TEST_CALL(a_plugin_is_right_or_unknown,
	sweep(true, 5, "--warning=persistent<=0", "--critical=net<=1", "-tnet"));
