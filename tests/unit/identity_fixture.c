// SPDX-License-Identifier: MIT
#include "identity_fixture.h"

struct identity parse(const char *text)
{
	struct identity identity;

	identity_parse(text, &model.arena, &identity);
	return identity;
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
