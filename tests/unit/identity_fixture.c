// SPDX-License-Identifier: MIT
#include "identity_fixture.h"

struct identity parse_bytes(const char *bytes, size_t len)
{
	struct identity identity;
	/* Not a byte more than the file has, so that a sanitizer detects a read beyond. */
	char *exact = malloc(len ? len : 1);

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	identity_parse(exact, len, &model.arena, &identity);
	free(exact);
	return identity;
}

struct identity parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

struct identity identify(const char *path)
{
	return parse(strf("0::%s\n", path));
}

struct process *process_in(pid_t pid, const char *path)
{
	struct process *process = hand_process(pid, 1);
	struct identity *identity = arena_alloc(&model.arena, sizeof(*identity));

	*identity = identify(path);
	process->identity = identity;
	return process;
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
