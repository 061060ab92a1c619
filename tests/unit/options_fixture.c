// SPDX-License-Identifier: MIT
#include "options_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 16

struct options options;
static char *words; /* options point into it */
static char *argv[ARGS_MAX];
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
	int argc = 1, r;

	free(words);
	free(message);
	words = strdup(line);
	argv[0] = words + strlen(words); /* "" */
	for (char *at = words; *line; argc++) {
		assert_true(argc < ARGS_MAX - 1);
		argv[argc] = at;
		at = strchr(at, '|');
		if (!at) {
			argc++;
			break;
		}
		*at++ = '\0';
	}
	argv[argc] = NULL;
	err = open_memstream(&message, &len);
	r = options_parse(argc, argv, err, &options);
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
