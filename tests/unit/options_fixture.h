/* SPDX-License-Identifier: MIT */
/* Command lines, and what parsing makes of them. */
#ifndef OPTIONS_FIXTURE_H
#define OPTIONS_FIXTURE_H

#include "../../src/cli/internal.h"

#include "small_world.h"

/* The result of the last line, and its messages. */
extern struct options options;
extern char *message;

int options_tear_down(void **state);

/* Parses the words of a command line, see split_words(). */
int parse(const char *line);

void assert_parses(const char *line);

/* An error in exactly one line of ours, which has the word. */
void assert_refuses(const char *line, const char *word);

#endif
