/* SPDX-License-Identifier: MIT */
/* One world, and what nsls says of it. */
#ifndef GOLDEN_FIXTURE_H
#define GOLDEN_FIXTURE_H

#include "run_words.h"

/* Init; a container of two processes; a thread, a descriptor and mounts that hold the rest. */
extern struct world world;

/* The last answer. */
extern struct answer answer;

int golden_set_up(void **state);
int golden_tear_down(void **state);

void nsls(const char *line);

/* How wide a column becomes is libsmartcols', and differs by its version. */
void squeeze(char *text);

void assert_table(bool terminal, const char *line, const char *expected);
void assert_answer(const char *line, const char *expected);

size_t count_lines(const char *text);

#endif
