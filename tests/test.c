// SPDX-License-Identifier: MIT
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	abort(); /* cmocka does not say that skip() does not return */
}

const char *strf(const char *format, ...)
{
	static char buffers[64][8192];
	static size_t next;
	char *text = buffers[next++ % 64];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(buffers[0]), format, args);
	va_end(args);
	assert_in_range(len, 0, sizeof(buffers[0]) - 1);
	return text;
}

void test_parts(const char *text, bool wanted, const char *const *parts, const char *file, int line)
{
	for (; *parts; parts++)
		if (!!strstr(text, *parts) != wanted) {
			print_error("'%s' is %s:\n%s\n", *parts, wanted ? "not in" : "in", text);
			_fail(file, line);
		}
}

static int compare_tests(const void *a, const void *b)
{
	const struct test *x = *(const struct test *const *)a, *y = *(const struct test *const *)b;
	int files = strcmp(x->file, y->file);

	return files ? files : (x->line > y->line) - (x->line < y->line);
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
			.test_func = tests[i]->function,
			.setup_func = tests[i]->fixture->set_up,
			.teardown_func = tests[i]->fixture->tear_down,
		};
	if (getenv("NSLS_TEST"))
		cmocka_set_test_filter(getenv("NSLS_TEST"));
	failed = _cmocka_run_group_tests(group, units, n, group_up, group_down);
	free(units);
	free(tests);
	return failed;
}
