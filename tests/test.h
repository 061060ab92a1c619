/* SPDX-License-Identifier: MIT */
/*
 * Tests that register themselves, so that none is forgotten:
 *
 *	TEST_FIXTURE(set_up, tear_down); // run around each test of this file; either may be NULL
 *	TEST_FIXTURE_NEEDS(need, set_up, tear_down); // need() skips the tests that can't run here
 *
 *	TEST(condition_and_outcome)
 *	{
 *		assert_int_equal(1, 1);
 *	}
 *
 *	TEST_CALL(condition_and_outcome, assert_outcome_of("condition")); // a test of one call
 */
#ifndef TEST_H
#define TEST_H

/* What nearly every test includes, and what cmocka.h needs in front of it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct test_fixture {
	CMFixtureFunction set_up, tear_down;
	void (*need)(void);
};

struct test {
	const char *name;
	CMUnitTestFunction function;
	const struct test_fixture *fixture;
	const char *file;
	int line;
};

/* Nothing in a file without these. */
static const struct test_fixture test_fixture __attribute__((unused));

#define TEST_FIXTURE(up, down) TEST_FIXTURE_NEEDS(NULL, up, down)
#define TEST_FIXTURE_NEEDS(need, up, down)                                                         \
	static const struct test_fixture test_fixture = { (up), (down), (need) }

#define TEST(name) TEST_REGISTER(name, &test_fixture)

/* With a fixture of its own. */
#define TEST_WITH(name, up, down)                                                                  \
	TEST_REGISTER(name, &((const struct test_fixture){ (up), (down), NULL }))

#define TEST_CALL(name, call)                                                                      \
	static void name(void **state __attribute__((unused)))                                     \
	{                                                                                          \
		call;                                                                              \
	}                                                                                          \
	TEST_ENTRY(name, &test_fixture)

#define TEST_REGISTER(name, test_fixture)                                                          \
	static void name(void **state);                                                            \
	TEST_ENTRY(name, test_fixture);                                                            \
	static void name(void **state __attribute__((unused)))

/* The linker puts these pointers next to each other: __start_tests to __stop_tests. */
#define TEST_ENTRY(name, test_fixture)                                                             \
	static const struct test test_##name = { #name, name, (test_fixture), __FILE__,            \
		__LINE__ };                                                                        \
	static const struct test *const test_at_##name __attribute__((section("tests"), used)) =   \
		&test_##name

/* Skips the test, and prints the reason. */
_Noreturn void test_skip(const char *why);

/* Returns memory of malloc(3), which is freed when the test that runs has ended. */
void *test_keep(void *memory);

/* The text, also freed when the test has ended. */
char *strf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A stream into memory, one at a time. Closing it returns its text, also freed with the test. */
FILE *test_stream(void);
char *test_stream_close(FILE *stream);

/*
 * For a loop over these texts, or over the words of a text between the separators:
 *
 *	for (EACH_TEXT(name, "net", "uts"))
 *	for (EACH_WORD(name, "net, uts", ", "))
 */
#define EACH_TEXT(text, ...)                                                                       \
	const char *const *each_##text = (const char *const[]){ __VA_ARGS__, NULL }, *text;        \
	(text = *each_##text++);
#define EACH_WORD(word, text, separator)                                                           \
	char *each_##word = strf("%s", (text)), *word;                                             \
	(word = test_split(&each_##word, (separator)));
char *test_split(char **rest, const char *separator);

/* Calls take with each of these steps, in order. */
#define EACH_STEP(take, ...) test_each((take), (const char *const[]){ __VA_ARGS__, NULL })
void test_each(void (*take)(const char *text), const char *const *texts);

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The entries of a directory. */
size_t test_count_entries(const char *dir);

/* Fails with the first part that text has not, or has. */
#define assert_contains(text, ...)                                                                 \
	test_parts((text), true, (const char *const[]){ __VA_ARGS__, NULL }, __FILE__, __LINE__)
#define assert_lacks(text, ...)                                                                    \
	test_parts((text), false, (const char *const[]){ __VA_ARGS__, NULL }, __FILE__, __LINE__)
void test_parts(
	const char *text, bool wanted, const char *const *parts, const char *file, int line);

/*
 * Writes an answer, if it is JSON, to a new file in the directory $NSLS_KEEP_JSON, if that is set:
 * for the one test that judges all JSON of the suite by its schemas.
 */
void keep_json(const char *answer);

/* How many tests the program has. */
size_t test_count(void);

/*
 * Runs them, file by file in the order of the source, or those that match the pattern ("*mount*")
 * in the environment variable NSLS_TEST. group_up and group_down, which may be NULL, run around all
 * of them. Returns how many failed.
 */
int test_run(const char *group, CMFixtureFunction group_up, CMFixtureFunction group_down);

#endif
