// SPDX-License-Identifier: MIT
#include "options_fixture.h"

#include "run_words.h"

struct options options;
static char *words; /* options point into it */
static char *argv[WORDS_MAX];
char *message;

int options_set_up(void **state)
{
	words = message = NULL;
	return 0;
}

int options_tear_down(void **state)
{
	free(words);
	free(message);
	options_done(&options);
	return 0;
}

int parse(const char *line)
{
	size_t len;
	FILE *err;
	int r;

	free(words);
	free(message);
	assert_true(asprintf(&words, "nsls %s", line) > 0);
	err = open_memstream(&message, &len);
	r = options_parse(split_words(words, argv), argv, err, &options);
	fclose(err);
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
