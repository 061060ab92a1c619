// SPDX-License-Identifier: MIT
/*
 * --monitor on a world that changes between its scans: its lines, what narrows them, its memory.
 * Besides those of small_world.h, which do not scan here, steps are:
 *
 *	nsls -t net          prepares a run with these words
 *	end 2                process 2
 *	=> LINES             what another scan prints, lines without their times, "! " in front of
 *	                     each message, and "ended" if it ends the monitor
 *	json => PART         a part of its one line
 *	metrics => LINE      a line of the file nsls.prom of the world
 *	incomplete => 1      whether any answer was
 */
#include "hand_model.h"
#include "run_words.h"

#include <malloc.h>

static struct options options;
static struct session *session;
static struct monitor monitor;
static char *words, *messages;
static size_t seen; /* bytes of the messages */
static FILE *err;

static int set_up(void **state)
{
	world_set_up(state);
	world_process(1, 0);
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

/* Prepares a run with these words, which spaces separate. */
static void prepare(const char *line)
{
	static char *argv[WORDS_MAX]; /* options point into it */
	static size_t len;            /* and the stream err to that */

	assert_true(asprintf(&words, "nsls --monitor --procfs %s %s", world.dir, line) > 0);
	err = open_memstream(&messages, &len);
	assert_int_equal(options_parse(split_words(words, argv), argv, err, &options), 0);
	session = malloc(sizeof(*session));
	assert_non_null(session);
	monitor = (struct monitor){ .session = session };
	seen = 0;
	assert_int_equal(session_init(session, &options, false), 0);
}

/* What another scan prints. */
static const char *scan_text(void)
{
	struct strbuf found = { 0 };

	if (monitor_scan(&monitor) < 0)
		strbuf_adds(&found, "ended\n");
	else
		for (EACH_WORD(line, strbuf_text(&monitor.lines), "\n"))
			if (*line) {
				assert_true(
					strlen(line) > 26 && line[10] == 'T' && line[25] == ' ');
				strbuf_addf(&found, "%s\n", line + 26);
			}
	fflush(err);
	for (EACH_WORD(message, messages + seen, "\n"))
		if (*message)
			strbuf_addf(&found, "! %s\n", message);
	seen = strlen(messages);
	return strbuf_keep(&found);
}

static const char *metrics_text(void)
{
	static char text[1 << 16];
	int fd = openat(world.fd, "nsls.prom", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, sizeof(text) - 1);

	assert_true(len > 0);
	close(fd);
	text[len] = '\0';
	return text;
}

static const char *find(char *question, const char *expected)
{
	const char *text;

	if (!*question)
		return scan_text();
	if (!strcmp(question, "incomplete"))
		return monitor.incomplete ? "1" : "0";
	if (!strcmp(question, "metrics")) {
		text = metrics_text();
		return strstr(text, strf("\n%s\n", expected)) ? expected : text;
	}
	assert_int_equal(monitor_scan(&monitor), 0);
	text = strbuf_text(&monitor.lines);
	keep_json(text);
	assert_ptr_equal(strchr(text, '\n') + 1, text + monitor.lines.len);
	return strstr(text, expected) ? expected : text;
}

static void take(const char *step)
{
	if (!strncmp(step, "nsls ", 5))
		prepare(step + 5);
	else if (!strncmp(step, "end ", 4))
		for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
			world_unlink(strf("%s/ns/%s", step + 4, nstype_info[t].name));
	else
		STEPS(step);
}

static const struct hand_steps steps = { .take = take, .find = find };

#define BLUE "net:[70]            netns blue, "
#define BLUE_MOUNT "mount /run/netns/blue in 4026531802 (PID 1)\n"

TEST_FIXTURE(set_up, tear_down);

MODEL_TEST(each_change_is_a_line, "nsls ", "=> ", "=> ", "+1/mountinfo net:[70] /run/netns/blue",
	"=> created " BLUE BLUE_MOUNT, "2 net:[70]", "=2/comm vpn\n",
	"=> entered " BLUE "process 2 (vpn)\n", "2/ns/net net:[71]",
	"=> emptied " BLUE BLUE_MOUNT "created net:[71]            process 2 (vpn)\n", "end 2",
	"=1/mountinfo ",
	"=> gone    " BLUE BLUE_MOUNT "gone    net:[71]            process 2 (vpn)\n", "=> ")

MODEL_TEST(hostile_names_stay_on_their_line, "nsls ", "=> ", "2 uts:[70]", "=2/comm a\x1b[2J\xff\n",
	"=> created uts:[70]            process 2 (a\\x1b[2J\\xff)\n")

MODEL_TEST(json_has_an_object_per_line_and_one_in_front, "nsls -J",
	"json => \"event\":\"started\",\"type\":null,\"ns\":null,\"id\":null,\"nprocs\":null,"
	"\"name\":null,\"holder\":null,\"comm\":null,\"complete\":true}",
	"2 uts:[70]", "=2/comm \xff\"\n",
	"json => \"event\":\"created\",\"type\":\"uts\",\"ns\":70,\"id\":null,\"nprocs\":1,"
	"\"name\":null,\"holder\":{\"kind\":\"process\",\"pid\":2,\"tid\":null,"
	"\"fd\":null,\"mount\":null,\"mntns\":null,\"hns\":null},"
	"\"comm\":\"\\\\xff\\\"\",\"complete\":true}",
	"end 2", "json => \"event\":\"gone\",\"type\":\"uts\",\"ns\":70,",
	"+1/mountinfo net:[70] /x", "json => \"nprocs\":0,", "=1/mountinfo ",
	"json => \"event\":\"gone\",\"type\":\"net\",\"ns\":70,")

MODEL_TEST(types_and_operands_narrow_it, "2 uts:[70]", "nsls -t uts uts:[70]", "=> ", "3 uts:[71]",
	"3/ns/net net:[72]", "=> ", "end 2", "=> gone    uts:[70]            process 2\n", "end 3",
	"=> ")

MODEL_TEST(pid_selects_the_namespaces_of_the_first_scan, "2 uts:[70]", "nsls -p 2", "=> ",
	"2/ns/uts uts:[71]", "=> gone    uts:[70]            process 2\n", "end 2", "=> ")

MODEL_TEST(unknown_operand_is_an_error_of_the_first_scan, "nsls uts:[77]",
	"=> ended\n! nsls: no namespace uts:[77]\n")

MODEL_TEST(name_that_matches_nothing_yet_is_waited_for, "nsls --of web.service", "=> ",
	"2 uts:[70]", "=2/cgroup 0::/\n", "=> ", "=2/cgroup 0::/system.slice/web.service\n",
	"=> created uts:[70]            web.service, process 2\n", "end 2",
	"=> gone    uts:[70]            web.service, process 2\n")

#define WEB(user) "/user.slice/user-" user ".slice/user@" user ".service/web.service\n"

MODEL_TEST(all_matches_of_a_name_are_watched, "nsls --of web.service", "=> ", "2 uts:[72]",
	"=2/cgroup 0::" WEB("1002"), "3 uts:[73]", "=3/cgroup 0::" WEB("1003"),
	"=> created uts:[72]            web.service, process 2\n"
	"created uts:[73]            web.service, process 3\n")

#define WARNING                                                                                    \
	"! nsls: incomplete: could not read namespaces of 1 process (not as described in "         \
	"proc(5)): PID 2\n"

MODEL_TEST(warning_is_printed_once_and_again_after_a_complete_scan, "2", "2/ns/ipc garbage",
	"nsls ", "=> " WARNING, "=> ", "!2/ns/ipc", "=> ", "=> ", "2/ns/ipc garbage", "=> " WARNING,
	"incomplete => 1")

MODEL_TEST(no_warnings_prints_no_warning, "1/ns/ipc garbage", "nsls --no-warnings", "=> ", "=> ")

MODEL_TEST(metrics_replace_their_file_after_each_scan, "=sys/user/max_uts_namespaces 500\n",
	strf("nsls --metrics=%s/nsls.prom", world.dir), "=> ",
	"metrics => nsls_namespaces{type=\"uts\"} 1",
	"metrics => nsls_namespaces_limit{type=\"uts\"} 500", "2 uts:[70]", "=> ",
	"metrics => nsls_namespaces{type=\"uts\"} 2", "metrics => nsls_complete 1",
	"2/ns/ipc garbage", "=> " WARNING, "metrics => nsls_complete 0", "incomplete => 1")

MODEL_TEST(metrics_without_a_directory_end_the_monitor,
	strf("nsls --metrics=%s/nowhere/nsls.prom", world.dir),
	strf("=> ended\n! nsls: %s/nowhere/nsls.prom: No such file or directory\n", world.dir))

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

	MODEL("2", "nsls ", "=> ");
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
