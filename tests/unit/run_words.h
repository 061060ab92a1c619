/* SPDX-License-Identifier: MIT */
/* Runs nsls in this process on a world, as if its words had been typed. */
#ifndef RUN_WORDS_H
#define RUN_WORDS_H

#include "../../src/cli/internal.h"
#include "small_world.h"

struct answer {
	char *out, *err;
	int status; /* the exit status */
};

/* Room for the words of a command line, its program and the NULL behind them. */
#define WORDS_MAX 32

/*
 * Splits a command line at its spaces. In single quotes a word may be empty or have spaces. Changes
 * line, which argv then points into; NULL follows the last word. Returns how many there are.
 */
int split_words(char *line, char *argv[WORDS_MAX]);

/* The texts are freed when the test has ended. */
struct answer run_words(bool terminal, const char *line);

/*
 * Takes the differences between versions of libsmartcols from a table: how wide its columns are.
 * One blank stays of several, and none at the ends of a line. JSON becomes one line.
 */
char *squeeze(char *text);

#endif
