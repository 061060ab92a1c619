// SPDX-License-Identifier: MIT
#include "test.h"

#include <dirent.h>
#include <stdatomic.h>

/* Weak, for a program without TEST(). */
extern const struct test *const __start_tests[] __attribute__((weak));
extern const struct test *const __stop_tests[] __attribute__((weak));

size_t test_count(void)
{
	return (size_t)(__stop_tests - __start_tests);
}

void test_skip(const char *why)
{
	printf("skip: %s\n", why);
	skip();
	abort(); /* cmocka does not declare that skip() does not return */
}

/* What test_keep() got since the last test. Threads of a test may add to it. */
static struct kept {
	struct kept *next;
	void *memory;
} * _Atomic kept;

void *test_keep(void *memory)
{
	struct kept *one = malloc(sizeof(*one));

	if (!one || !memory)
		abort();
	*one = (struct kept){ kept, memory };
	while (!atomic_compare_exchange_weak(&kept, &one->next, one))
		continue;
	return memory;
}

char *strf(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return test_keep(len < 0 ? NULL : text);
}

static char *stream_text;
static size_t stream_len;

FILE *test_stream(void)
{
	FILE *stream = open_memstream(&stream_text, &stream_len);

	if (!stream)
		abort();
	return stream;
}

char *test_stream_close(FILE *stream)
{
	if (fclose(stream))
		abort();
	return test_keep(stream_text);
}

/* As strsep(3), with a whole text between two words. */
char *test_split(char **rest, const char *separator)
{
	char *word = *rest, *end = word ? strstr(word, separator) : NULL;

	*rest = end ? end + strlen(separator) : NULL;
	if (end)
		*end = '\0';
	return word;
}

size_t test_count_entries(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	size_t n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return n;
}

void test_each(void (*take)(const char *text), const char *const *texts)
{
	for (; *texts; texts++)
		take(*texts);
}

void test_parts(const char *text, bool wanted, const char *const *parts, const char *file, int line)
{
	for (; *parts; parts++)
		if (!!strstr(text, *parts) != wanted) {
			print_error("'%s' is %s:\n%s\n", *parts, wanted ? "not in" : "in", text);
			_fail(file, line);
		}
}

void keep_json(const char *answer)
{
	const char *dir = getenv("NSLS_KEEP_JSON");
	size_t len = strlen(answer);
	char *path;
	int fd;

	if (!dir || *answer != '{')
		return;
	path = strf("%s/answer.XXXXXX", dir);
	fd = mkstemp(path);
	if (fd < 0 && errno == EACCES)
		return; /* the test has become another user */
	if (fd < 0 || write(fd, answer, len) != (ssize_t)len) {
		perror(path);
		abort();
	}
	close(fd);
}

static int compare_tests(const void *a, const void *b)
{
	const struct test *x = *(const struct test *const *)a, *y = *(const struct test *const *)b;
	int files = strcmp(x->file, y->file);

	return files ? files : (x->line > y->line) - (x->line < y->line);
}

static int set_up(void **state)
{
	const struct test *test = *state;

	return test->fixture->set_up ? test->fixture->set_up(state) : 0;
}

/* In the place of the test: only a test may be skipped. */
static void run(void **state)
{
	const struct test *test = *state;

	if (test->fixture->need)
		test->fixture->need();
	test->function(state);
}

static int tear_down(void **state)
{
	const struct test *test = *state;
	int r = test->fixture->tear_down ? test->fixture->tear_down(state) : 0;

	for (struct kept *one = kept, *next; one; one = next) {
		next = one->next;
		free(one->memory);
		free(one);
	}
	kept = NULL;
	return r;
}

int test_run(const char *group, CMFixtureFunction group_up, CMFixtureFunction group_down)
{
	size_t n = test_count();
	const struct test **tests = calloc(n, sizeof(struct test *));
	struct CMUnitTest *units = calloc(n, sizeof(*units));
	int failed;

	if (!tests || !units)
		abort();
	memcpy(tests, __start_tests, n * sizeof(struct test *));
	qsort(tests, n, sizeof(struct test *), compare_tests);
	for (size_t i = 0; i < n; i++)
		units[i] = (struct CMUnitTest){
			.name = tests[i]->name,
			.test_func = run,
			.setup_func = set_up,
			.teardown_func = tear_down,
			.initial_state = (void *)(uintptr_t)tests[i],
		};
	if (getenv("NSLS_TEST"))
		cmocka_set_test_filter(getenv("NSLS_TEST"));
	failed = _cmocka_run_group_tests(group, units, n, group_up, group_down);
	free(units);
	free(tests);
	return failed;
}
