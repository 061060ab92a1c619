// SPDX-License-Identifier: MIT
#include "identity_fixture.h"

static struct arena arena;

int identity_set_up(void **state)
{
	arena = (struct arena){ 0 };
	return 0;
}

int identity_tear_down(void **state)
{
	arena_done(&arena);
	return 0;
}

struct identity parse_bytes(const char *bytes, size_t len)
{
	struct identity identity;
	/* Not a byte more than the file has, so that a sanitizer detects a read beyond. */
	char *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	identity_parse(exact, len, &arena, &identity);
	free(exact);
	return identity;
}

struct identity parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

struct identity identify(const char *path)
{
	char *text = NULL;
	struct identity identity;

	assert_true(asprintf(&text, "0::%s\n", path) > 0);
	identity = parse(text);
	free(text);
	return identity;
}

void assert_text(const char *what, const char *path, const char *got, const char *expected)
{
	if (got == expected || (got && expected && !strcmp(got, expected)))
		return;
	fail_msg("%s of %s is %s and not %s", what, path, got ? got : "(none)",
		expected ? expected : "(none)");
}

void assert_no_identity(const struct identity *identity)
{
	assert_null(identity->unit);
	assert_null(identity->container);
	assert_null(identity->pod);
	assert_null(identity->machine);
	assert_null(identity->app);
	assert_null(identity->name);
	assert_int_equal(identity->runtime, RUNTIME_UNKNOWN);
	assert_false(identity->has_user);
}
