// SPDX-License-Identifier: MIT
/* --monitor on a world that changes between its scans: its lines, what narrows them, its memory. */
#include "run_words.h"

#include <limits.h>
#include <malloc.h>

static struct options options;
static struct session *session;
static struct monitor monitor;
static char *words, *messages;
static FILE *err;

static int set_up(void **state)
{
	world_with_process_1(state);
	STEPS("=1/mountinfo ");
	return 0;
}

static int tear_down(void **state)
{
	monitor_done(&monitor);
	session_done(session);
	free(session);
	options_done(&options);
	fclose(err);
	free(messages);
	free(words);
	return world_tear_down(state);
}

/* Prepares a run with these words, which spaces separate. Returns what session_init() does. */
static int prepare(const char *line)
{
	static char *argv[WORDS_MAX]; /* options point into it */
	static size_t len;            /* and the stream err to that */

	assert_true(asprintf(&words, "nsls --monitor --procfs %s %s", world.dir, line) > 0);
	err = open_memstream(&messages, &len);
	assert_int_equal(options_parse(split_words(words, argv), argv, err, &options), 0);
	session = malloc(sizeof(*session));
	assert_non_null(session);
	monitor = (struct monitor){ .session = session };
	return session_init(session, &options, false);
}

static void start(const char *line)
{
	assert_int_equal(prepare(line), 0);
	assert_int_equal(monitor_scan(&monitor), 0);
}

/* Scans again: its lines, without their times, must be these. */
static void assert_changes(const char *expected)
{
	struct strbuf lines = { 0 };
	const char *line;

	assert_int_equal(monitor_scan(&monitor), 0);
	line = strbuf_text(&monitor.lines);
	while (*line) {
		size_t len = strcspn(line, "\n");

		assert_true(len > 26 && line[10] == 'T' && line[25] == ' ');
		strbuf_add(&lines, line + 26, len - 25);
		line += len + 1;
	}
	assert_string_equal(strbuf_keep(&lines), expected);
}

static void assert_messages(const char *expected)
{
	fflush(err);
	assert_string_equal(messages, expected);
}

static void end(pid_t pid)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		world_unlink(strf("%d/%s", pid, nstype_info(t)->link));
}

/* "=> " and the lines of another scan, "end 2", or a step of the world. */
static void take_step(const char *step)
{
	if (!strncmp(step, "=> ", 3))
		assert_changes(step + 3);
	else if (!strncmp(step, "end ", 4))
		end(atoi(step + 4));
	else
		STEPS(step);
}

#define MONITOR(...) EACH_STEP(take_step, __VA_ARGS__)
#define BLUE_AT(where) "=1/mountinfo 30 1 0:4 net:[70] " where " rw - nsfs nsfs rw\n"

TEST_FIXTURE(set_up, tear_down);

TEST(each_change_is_a_line)
{
	start("");
	assert_string_equal(strbuf_text(&monitor.lines), "");
	MONITOR("=> ", BLUE_AT("/run/netns/blue"),
		"=> created net:[70]            netns blue, mount /run/netns/blue in 4026531802 "
		"(PID 1)\n",
		"2 net:[70]", "=2/comm vpn\n",
		"=> entered net:[70]            netns blue, process 2 (vpn)\n", "2/ns/net net:[71]",
		"=> emptied net:[70]            netns blue, mount /run/netns/blue in 4026531802 "
		"(PID 1)\n"
		"created net:[71]            process 2 (vpn)\n",
		"end 2", "=1/mountinfo ",
		"=> gone    net:[70]            netns blue, mount /run/netns/blue in 4026531802 "
		"(PID 1)\n"
		"gone    net:[71]            process 2 (vpn)\n",
		"=> ");
	assert_messages("");
}

TEST(hostile_names_stay_on_their_line)
{
	start("");
	MONITOR("2 uts:[70]", "=2/comm a\x1b[2J\xff\n",
		"=> created uts:[70]            process 2 (a\\x1b[2J\\xff)\n");
}

/* Scans again: its one line has that part. */
static void assert_json_line(const char *contains)
{
	assert_int_equal(monitor_scan(&monitor), 0);
	keep_json(strbuf_text(&monitor.lines));
	assert_contains(strbuf_text(&monitor.lines), contains);
	assert_ptr_equal(
		strchr(monitor.lines.text, '\n') + 1, monitor.lines.text + monitor.lines.len);
}

TEST(json_has_an_object_per_line_and_one_in_front)
{
	assert_int_equal(prepare("-J"), 0);
	assert_json_line(
		"\"event\":\"started\",\"type\":null,\"ns\":null,\"id\":null,\"nprocs\":null,"
		"\"name\":null,\"holder\":null,\"comm\":null,\"complete\":true}");
	STEPS("2 uts:[70]");
	world_bytes("2/comm", "\xff\"\n", 3);
	assert_json_line(
		"\"event\":\"created\",\"type\":\"uts\",\"ns\":70,\"id\":null,\"nprocs\":1,"
		"\"name\":null,\"holder\":{\"kind\":\"process\",\"pid\":2,\"tid\":null,"
		"\"fd\":null,\"mount\":null,\"mntns\":null,\"hns\":null},"
		"\"comm\":\"\\\\xff\\\"\",\"complete\":true}");
	end(2);
	assert_json_line("\"event\":\"gone\",\"type\":\"uts\",\"ns\":70,");
	STEPS(BLUE_AT("/x"));
	assert_json_line("\"nprocs\":0,");
	STEPS("=1/mountinfo ");
	assert_json_line("\"event\":\"gone\",\"type\":\"net\",\"ns\":70,");
}

TEST(types_and_operands_narrow_it)
{
	STEPS("2 uts:[70]");
	start("-t uts uts:[70]");
	MONITOR("3 uts:[71]", "3/ns/net net:[72]", "=> ", "end 2",
		"=> gone    uts:[70]            process 2\n", "end 3", "=> ");
	assert_messages("");
}

TEST(pid_selects_the_namespaces_of_the_first_scan)
{
	STEPS("2 uts:[70]");
	start("-p 2");
	MONITOR("2/ns/uts uts:[71]", "=> gone    uts:[70]            process 2\n", "end 2", "=> ");
	assert_messages("");
}

TEST(unknown_operand_is_an_error_of_the_first_scan)
{
	assert_int_equal(prepare("uts:[77]"), 0);
	assert_true(monitor_scan(&monitor) < 0);
	assert_messages("nsls: no namespace uts:[77]\n");
}

TEST(name_that_matches_nothing_yet_is_waited_for)
{
	start("--of web.service");
	MONITOR("=> ", "2 uts:[70]", "=2/cgroup 0::/\n", "=> ",
		"=2/cgroup 0::/system.slice/web.service\n",
		"=> created uts:[70]            web.service, process 2\n", "end 2",
		"=> gone    uts:[70]            web.service, process 2\n");
	assert_messages("");
}

TEST(all_matches_of_a_name_are_watched)
{
	start("--of web.service");
	for (pid_t pid = 2; pid <= 3; pid++) {
		world_process(pid, 1);
		world_link(strf("%d/ns/uts", pid), strf("uts:[7%d]", pid));
		world_file(strf("%d/cgroup", pid),
			strf("0::/user.slice/user-%d.slice/user@%d.service/web.service\n",
				1000 + pid, 1000 + pid));
	}
	assert_changes("created uts:[72]            web.service, process 2\n"
		       "created uts:[73]            web.service, process 3\n");
}

TEST(warning_is_printed_once_and_again_after_a_complete_scan)
{
	const char *line =
		"nsls: incomplete: could not read namespaces of 1 process (not as described "
		"in proc(5)): PID 2\n";

	STEPS("2", "2/ns/ipc garbage");
	start("");
	assert_changes("");
	assert_messages(line);
	STEPS("!2/ns/ipc");
	assert_changes("");
	assert_changes("");
	assert_messages(line);
	STEPS("2/ns/ipc garbage");
	assert_changes("");
	assert_messages(strf("%s%s", line, line));
	assert_true(monitor.incomplete);
}

TEST(no_warnings_prints_no_warning)
{
	STEPS("1/ns/ipc garbage");
	start("--no-warnings");
	assert_changes("");
	assert_messages("");
}

static void assert_metric(const char *path, const char *expected)
{
	static char text[1 << 16];
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	assert_contains(text, strf("\n%s\n", expected));
}

TEST(metrics_replace_their_file_after_each_scan)
{
	const char *path = strf("%s/nsls.prom", world.dir);

	STEPS("=sys/user/max_uts_namespaces 500\n");
	start(strf("--metrics=%s", path));
	assert_metric(path, "nsls_namespaces{type=\"uts\"} 1");
	assert_metric(path, "nsls_namespaces_limit{type=\"uts\"} 500");
	STEPS("2 uts:[70]");
	assert_changes("");
	assert_metric(path, "nsls_namespaces{type=\"uts\"} 2");
	assert_metric(path, "nsls_complete 1");
	STEPS("2/ns/ipc garbage");
	assert_changes("");
	assert_metric(path, "nsls_complete 0");
	assert_true(monitor.incomplete);
}

TEST(metrics_without_a_directory_end_the_monitor)
{
	assert_int_equal(prepare(strf("--metrics=%s/nowhere/nsls.prom", world.dir)), 0);
	assert_true(monitor_scan(&monitor) < 0);
	assert_messages(strf("nsls: %s/nowhere/nsls.prom: No such file or directory\n", world.dir));
}

#define SCANS 10000
#define WARM 100

/* After every second scan there is one namespace more than after the others. */
static void scan_changed_world(unsigned i)
{
	char link[32]; /* strf() would keep memory */

	snprintf(link, sizeof(link), "uts:[%u]", i % 2 ? USUAL(NS_UTS) : 70 + i);
	world_link("2/ns/uts", link);
	assert_int_equal(monitor_scan(&monitor), 0);
	assert_true(monitor.lines.len > 0);
}

/* Returns 0 where the C library has no such figure: then only descriptors are compared. */
static size_t heap_in_use(void)
{
#if defined(__GLIBC_MINOR__) && __GLIBC_MINOR__ >= 33
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
#else
	return 0;
#endif
}

TEST(ten_thousand_scans_take_no_more_memory_than_a_hundred)
{
	size_t fds = 0, most = 0;

	STEPS("2");
	start("");
	for (unsigned i = 0; i < SCANS; i++) {
		size_t bytes;

		scan_changed_world(i);
		bytes = heap_in_use();
		if (i == WARM)
			fds = test_count_entries("/proc/self/fd");
		if (i <= WARM && bytes > most)
			most = bytes;
		if (i > WARM && bytes > most + 4096)
			fail_msg("scan %u: %zu bytes, at most %zu before", i, bytes, most);
	}
	assert_int_equal(test_count_entries("/proc/self/fd"), fds);
}
