// SPDX-License-Identifier: MIT
/*
 * What nsls prints on small worlds, as transcripts: the files in transcripts/, with these lines.
 *
 *	# A comment.
 *	+ 4/fd/3 net:[70]            Changes the world by a step of small_world.h; above all tests
 *	                             for each of them.
 *	+ process 1 0 /sbin/init     Adds a process with a parent and a command line.
 *	+ in 1 net:[70] uts:[71]     Puts it into these namespaces.
 *	+ hidden 1 0                 Adds one with unreadable namespaces.
 *	== condition_and_outcome     Begins a test, in a world of its own.
 *	$ nsls -c                    Runs nsls in a pipe.
 *	% nsls -c                    Runs nsls on a terminal.
 *	$~ nsls -c                   The same with columns of any width, and JSON on one line.
 *	                             What follows is printed: lines of standard output,
 *	! nsls: error                those of standard error,
 *	? 3                          and the exit status, unless it is 0, or 2 with nothing
 *	                             but an error.
 *	$ nsls -c => 8               If this is one line, and short, it stands behind the command.
 *
 * Backslashes escape bytes as in C, and WORLD is the directory of the world. With NSLS_UPDATE=1 the
 * files are rewritten with what nsls prints now: read the difference before you commit it.
 */
#include "run_words.h"

#include <locale.h>
#include <time.h>

#define TESTS_MAX 400

struct transcript {
	const char *path;
	char *world;        /* what stands above the first test */
	struct strbuf text; /* as it is now, to update the file */
};

/* One test: its text and where that begins. */
struct section {
	struct transcript *transcript;
	char *text;
	int line;
};

static struct transcript transcripts[16];
static struct section sections[TESTS_MAX];
static struct CMUnitTest tests[TESTS_MAX];
static size_t ntranscripts, ntests;

/* Replaces escapes as in C by their bytes. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		char c = *from;

		if (c == '\\' && from[1] == 'x') {
			c = (char)strtoul((const char[]){ from[2], from[3], '\0' }, NULL, 16);
			from += 3;
		} else if (c == '\\') {
			c = *++from;
			c = (char)(c == 'n' ? '\n' : c == 't' ? '\t' : c);
		}
		*to++ = c;
	}
	*to = '\0';
}

/* The number that *text begins with; *text is what follows it and a blank then. */
static pid_t take_pid(char **text)
{
	pid_t pid = (pid_t)strtol(*text, text, 10);

	*text += **text == ' ';
	return pid;
}

/* "PID PPID COMMAND": all files of a process, but with no command only those of world_process(). */
static void add_process(char *words)
{
	pid_t pid = take_pid(&words);

	world_process(pid, take_pid(&words));
	if (!*words)
		return;
	world_file(strf("%d/cmdline", pid), words);
	world_file(strf("%d/status", pid), strf("Uid:\t0\t0\t0\t0\nNSpid:\t%d\n", pid));
}

static void change_world(char *line)
{
	char *step = strf("%s", line), *verb = strsep(&line, " ");
	pid_t pid;

	if (!strcmp(verb, "process")) {
		add_process(line);
	} else if (!strcmp(verb, "hidden")) {
		pid = take_pid(&line);
		world_hidden_process(pid, take_pid(&line));
	} else if (!strcmp(verb, "in")) {
		pid = take_pid(&line);
		for (char *ns; (ns = strsep(&line, " "));)
			world_link(strf("%d/ns/%.*s", pid, (int)strcspn(ns, ":"), ns), ns);
	} else {
		unescape(step);
		STEPS(step);
	}
}

/* Adds text, with start before each line and the world's directory as WORLD. */
static void add_lines(const char *start, char *text, struct strbuf *out)
{
	size_t len = strlen(text);

	assert_true(!len || text[len - 1] == '\n');
	for (char *line; (line = strsep(&text, "\n")) && text;) {
		strbuf_adds(out, start);
		for (char *dir; (dir = strstr(line, world.dir)); line = dir + strlen(world.dir)) {
			strbuf_add(out, line, (size_t)(dir - line));
			strbuf_adds(out, "WORLD");
		}
		strbuf_addf(out, "%s\n", line);
	}
}

/* Runs "$ nsls WORDS", and adds this line and what nsls printed. */
static void run_line(char *line, struct strbuf *out)
{
	struct strbuf result = { 0 };
	struct answer answer;
	bool any_width = line[1] == '~';
	char *words = line + 2 + any_width, *end = strstr(line, " => "), *dir;
	const char *text;
	size_t len;

	if (end)
		*end = '\0';
	len = strlen(line);
	strbuf_adds(out, line);
	assert_memory_equal(words, "nsls", 4);
	words += 4;
	unescape(words);
	dir = strstr(words, "WORLD");
	answer = run_words(*line == '%',
		dir ? strf("%.*s%s%s", (int)(dir - words), words, world.dir, dir + strlen("WORLD"))
		    : words);
	add_lines("", any_width ? squeeze(answer.out) : answer.out, &result);
	add_lines("! ", answer.err, &result);
	if (answer.status != (*answer.err && !*answer.out ? STATUS_ERROR : STATUS_DONE))
		strbuf_addf(&result, "? %d\n", answer.status);
	text = strbuf_keep(&result);
	if (strchr(text, '\n') == text + strlen(text) - 1 && len + strlen(text) < 96)
		strbuf_addf(out, " => %s", text);
	else
		strbuf_addf(out, "\n%s", text);
}

/* Does what the lines say; adds them and what nsls prints to out. */
static void play(const char *text, struct strbuf *out)
{
	char *lines = strdup(text), *rest = lines;

	for (char *line; (line = strsep(&rest, "\n"));) {
		if (!*line || !strchr("#+=$%", *line))
			continue; /* what nsls printed */
		if (*line == '$' || *line == '%') {
			run_line(line, out);
			continue;
		}
		strbuf_addf(out, "%s\n", line);
		if (*line == '+')
			change_world(line + 2);
	}
	free(lines);
}

/* Fails at the first line in which they differ. */
static void compare(const struct section *section, const char *got)
{
	const char *want = section->text;
	int number = section->line;

	while (*want && *got) {
		size_t len = strcspn(want, "\n");

		if (strcspn(got, "\n") != len || memcmp(want, got, len) != 0)
			break;
		number++;
		want += len + (want[len] == '\n');
		got += len + (got[len] == '\n');
	}
	if (*want || *got)
		fail_msg("%s:%d: expected\n%.2000s\nbut got\n%.2000s", section->transcript->path,
			number, want, got);
}

static void run_section(void **state)
{
	struct section *section = *state;
	struct transcript *transcript = section->transcript;
	struct strbuf start = { 0 }, text = { 0 };

	setenv("TZ", "UTC", 1);
	setenv("COLUMNS", "132", 1);
	tzset();
	world_new();
	play(transcript->world, &start);
	play(section->text, &text);
	while (text.len && text.text[text.len - 1] == '\n')
		strbuf_cut(&text, text.len - 1);
	strbuf_adds(&text, "\n");
	world_done();
	strbuf_addf(&transcript->text, "\n%s", strbuf_text(&text));
	if (!getenv("NSLS_UPDATE"))
		compare(section, strbuf_text(&text));
	strbuf_done(&start);
	strbuf_done(&text);
}

static char *read_file(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file || getdelim(&text, &size, '\0', file) < 0)
		abort();
	fclose(file);
	return text;
}

/* Adds the sections of a file as tests. */
static void load(const char *path)
{
	struct transcript *transcript = &transcripts[ntranscripts++];
	char *text = read_file(path);
	int line = 1;

	*transcript = (struct transcript){ .path = path, .world = text };
	for (char *at = text, *next; (next = strstr(at, "\n== ")); at = next) {
		struct section *section = &sections[ntests];

		*next++ = '\0';
		for (; at < next; at++)
			line += !*at || *at == '\n';
		*section = (struct section){ transcript, next, line };
		tests[ntests++] = (struct CMUnitTest){
			.name = strndup(next + 3, strcspn(next + 3, "\n")),
			.test_func = run_section,
			.initial_state = section,
		};
	}
	strbuf_adds(&transcript->text, transcript->world);
}

static void write_files(void)
{
	for (size_t i = 0; i < ntranscripts; i++) {
		FILE *file = fopen(transcripts[i].path, "we");

		if (!file || fputs(strbuf_text(&transcripts[i].text), file) < 0 || fclose(file))
			abort();
	}
}

/* The arguments are files. */
int main(int argc, char *argv[])
{
	int failed;

	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE...\n", argv[0]);
		return 2;
	}
	setlocale(LC_ALL, "C.UTF-8");
	for (int i = 1; i < argc; i++)
		load(argv[i]);
	if (getenv("NSLS_TEST"))
		cmocka_set_test_filter(getenv("NSLS_TEST"));
	failed = _cmocka_run_group_tests("transcripts", tests, ntests, NULL, NULL);
	if (getenv("NSLS_UPDATE") && !getenv("NSLS_TEST"))
		write_files();
	return failed;
}
