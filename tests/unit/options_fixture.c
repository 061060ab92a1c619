// SPDX-License-Identifier: MIT
#include "options_fixture.h"

#include "run_words.h"

struct options options;
static char *argv[WORDS_MAX];
char *message;

int options_tear_down(void **state)
{
	options_done(&options);
	return 0;
}

int parse(const char *line)
{
	FILE *err = test_stream();
	int r = options_parse(split_words(strf("nsls %s", line), argv), argv, err, &options);

	message = test_stream_close(err);
	return r;
}

void assert_parses(const char *line)
{
	options_done(&options);
	if (parse(line) < 0)
		fail_msg("'%s': %s", line, message);
	assert_string_equal(message, "");
}

void assert_refuses(const char *line, const char *word)
{
	const struct options before = options;

	if (parse(line) != -EINVAL)
		fail_msg("'%s' is taken", line);
	if (strncmp(message, "nsls: ", 6) != 0 || !strstr(message, word) ||
		strchr(message, '\n') != message + strlen(message) - 1)
		fail_msg("'%s': %s", line, message);
	assert_memory_equal(&options, &before, sizeof(options)); /* written on success only */
}
