// SPDX-License-Identifier: MIT
/*
 * Memory that runs out, at each allocation of a run once, also at those of the libraries: the
 * answer is an error in one line or the very same answer, or one that says that it is incomplete;
 * never a shorter one without a word.
 */
#include "identity_fixture.h"
#include "run_words.h"
#include "short_memory.h"

#include "nsls/enrich/identity.h"

#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct world world;

static void add_processes(int from, int to)
{
	char path[32], text[64];

	for (int pid = from; pid <= to; pid++) {
		world_process(&world, pid, pid / 2);
		snprintf(path, sizeof(path), "%d/ns/uts", pid);
		snprintf(text, sizeof(text), "uts:[%d]", 5000 + pid);
		world_link(&world, path, text);
		snprintf(path, sizeof(path), "%d/comm", pid);
		world_file(&world, path, "child\n");
	}
}

static int set_up(void **state)
{
	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	world_new(&world);
	add_processes(1, 4);
	world_link(&world, "3/fd/3", "net:[70]");
	world_link(&world, "3/task/3/ns/net", "net:[4026531803]");
	world_link(&world, "3/task/300/ns/net", "net:[71]");
	world_file(&world, "1/mountinfo", "30 1 0:4 net:[72] /x rw - nsfs nsfs rw\n");
	world_file(&world, "1/cmdline", "init");
	world_file(&world, "3/cgroup", "0::/system.slice/docker-" ID_A ".scope\n");
	world_file(&world, "stat", "btime 1700000000\n");
	world_file(&world, "sys/user/max_net_namespaces", "100\n");
	world_file(&world, "1/status", "Uid:\t0\t0\t0\t0\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_done(&world);
	return 0;
}

/* A stream into a file in memory. It has a buffer, so that writing asks for no memory. */
static FILE *open_stream(char *buf, size_t size)
{
	int fd = memfd_create("stream", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	assert_non_null(file);
	assert_int_equal(setvbuf(file, buf, _IOFBF, size), 0);
	return file;
}

static char *close_stream(FILE *file)
{
	long size;
	char *text;

	assert_int_equal(fflush(file), 0);
	size = ftell(file);
	text = calloc(1, (size_t)size + 1);
	assert_non_null(text);
	rewind(file);
	assert_int_equal(fread(text, 1, (size_t)size, file), size);
	fclose(file);
	return text;
}

/* libsmartcols makes do with these lines of a tree where it has no memory for the others. */
static void draw_in_ascii(char *text)
{
	static const char *const lines[][2] = { { "├─", "|-" }, { "└─", "`-" }, { "│", "|" } };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		size_t from = strlen(lines[i][0]), to = strlen(lines[i][1]);

		for (char *at = text; (at = strstr(at, lines[i][0])); at += to) {
			memcpy(at, lines[i][1], to);
			memmove(at + to, at + from, strlen(at + from) + 1);
		}
	}
}

/* Runs with allocation n refused, LONG_MAX: none. Returns whether that many were asked for. */
static bool run_short(const struct options *options, bool terminal, long n, struct answer *answer)
{
	static char out_buf[65536], err_buf[4096];
	FILE *out = open_stream(out_buf, sizeof(out_buf));
	FILE *err = open_stream(err_buf, sizeof(err_buf));
	bool refused, busy;

	answer_done(answer);
	short_memory_begin(n);
	answer->status = run(options, terminal, out, err, &busy);
	refused = short_memory_end();
	if (ferror(out))
		answer->status = STATUS_ERROR; /* main() looks, and says so */
	answer->out = close_stream(out);
	answer->err = close_stream(err);
	draw_in_ascii(answer->out);
	return refused;
}

static void assert_honest(const struct answer *whole, const struct answer *got, long n)
{
	const char *line = got->err;

	if (got->status == STATUS_ERROR) {
		if (strncmp(line, "nsls: ", 6) != 0 ||
			strchr(line, '\n') != line + strlen(line) - 1)
			fail_msg("allocation %ld: error '%s'", n, line);
		return;
	}
	if (strstr(line, "nsls: incomplete: ") || strstr(got->out, "; incomplete: "))
		return;
	if (got->status != whole->status || strcmp(got->out, whole->out) != 0)
		fail_msg("allocation %ld: status %d and another answer: %.200s", n,
			(int)got->status, got->out);
}

/* How many allocations there are to refuse. */
static long sweep_shown(bool terminal, const char *first, const char *second, const char *third)
{
	char program[] = "nsls", procfs[] = "--procfs", words[3][64];
	char *argv[] = { program, procfs, world.dir, words[0], words[1], words[2], NULL };
	struct answer whole = { 0 }, got = { 0 };
	struct options options;
	long n = 0;
	bool refused;

	snprintf(words[0], sizeof(words[0]), "%s", first);
	snprintf(words[1], sizeof(words[1]), "%s", second);
	snprintf(words[2], sizeof(words[2]), "%s", third);
	assert_int_equal(options_parse(6, argv, stderr, &options), 0);
	run_short(&options, terminal, LONG_MAX, &whole);
	assert_int_not_equal(whole.status, STATUS_ERROR);
	do {
		refused = run_short(&options, terminal, ++n, &got);
		assert_honest(&whole, &got, n);
	} while (refused);
	answer_done(&got);
	answer_done(&whole);
	options_done(&options);
	return n - 1;
}

static long sweep(const char *first, const char *second, const char *third)
{
	return sweep_shown(false, first, second, third);
}

static void the_list_is_whole_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("-l", "-r", "--output-all") > 20);
}

static void json_is_whole_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("-J", "-n", "--output-all") > 20);
}

static void trees_are_whole_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("-Tprocess", "-n", "-oNS,PID,PPID") > 20);
	assert_true(sweep("-Ttype", "-n", "-o+HOLDERS") > 20);
}

static void holders_are_whole_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("net:[4026531803]", "net:[72]", "--output-all") > 20);
	assert_true(sweep("net:[4026531803]", "-T", "-oPID,COMMAND") > 20);
}

static void what_people_see_is_whole_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep_shown(true, "-n", "-W", "--color=never") > 20);
	assert_true(sweep_shown(true, "net:[72]", "uts:[5003]", "-u") > 20);
}

static void the_summary_is_whole_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("-s", "--output-all", "-J") > 15);
}

static void containers_are_whole_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("-C", "-n", "--output-all") > 20);
	assert_true(sweep("-C", "-J", "-oNAME,OWN,PIDS") > 20);
	assert_true(sweep_shown(true, "-C", "-p", "3") > 20);
}

static void owners_are_found_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("--of", "84b8", "-oNS,TYPE") > 20);
	assert_true(sweep("-C", "--of=docker 84b8394540fb", "-c") > 20);
	assert_true(sweep("--complete", "of", "-l") > 10);
}

static void a_count_is_right_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("-c", "-p", "3") > 10);
}

static void a_verdict_is_right_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("--check=net.persistent<=0", "--check=net<=1", "--check=any<=80%") > 20);
	assert_true(sweep("--check=net.persistent<=0", "--check=net<=1", "-J") > 20);
}

static void a_plugin_is_right_or_an_error(void **state)
{
	(void)state;
	assert_true(sweep("--warning=persistent<=0", "--critical=net<=1", "-tnet") > 20);
}

/* Tables and lists start with room for some sixty. */
static void what_grows_is_whole_or_an_error(void **state)
{
	(void)state;
	add_processes(5, 70);
	assert_true(sweep("-l", "-n", "-oNS,PID") > 20);
	assert_true(sweep("-Tprocess", "-n", "-oNS") > 20);
}

/* The path fills the first chunk of the arena, so that the other texts need a second. */
static void an_identity_is_whole_or_an_error(void **state)
{
	static const char part[] = "/user.slice/user-1000.slice/x.service";
	static char text[64 * 1024] = "0::";
	size_t len = strlen(text);
	bool refused;
	long n = 0;

	(void)state;
	while (len + sizeof(part) < sizeof(text)) {
		memcpy(text + len, part, sizeof(part) - 1);
		len += sizeof(part) - 1;
	}
	text[len++] = '\n';
	do {
		struct identity identity = { 0 };
		struct arena arena;
		int r;

		arena_init(&arena);
		short_memory_begin(++n);
		r = identity_parse(text, len, &arena, &identity);
		refused = short_memory_end();
		assert_int_equal(r, refused ? -ENOMEM : 0);
		assert_int_equal(identity.cgroup == NULL, refused);
		arena_done(&arena);
	} while (refused);
	assert_true(n > 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_list_is_whole_or_an_error),
		TEST(json_is_whole_or_an_error),
		TEST(trees_are_whole_or_an_error),
		TEST(holders_are_whole_or_an_error),
		TEST(what_people_see_is_whole_or_an_error),
		TEST(the_summary_is_whole_or_an_error),
		TEST(containers_are_whole_or_an_error),
		TEST(owners_are_found_or_an_error),
		TEST(a_count_is_right_or_an_error),
		TEST(a_verdict_is_right_or_an_error),
		TEST(a_plugin_is_right_or_an_error),
		TEST(what_grows_is_whole_or_an_error),
		TEST(an_identity_is_whole_or_an_error),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
