/* SPDX-License-Identifier: MIT */
/* Runs nsls in this process on a world, as if its words had been typed. */
#ifndef RUN_WORDS_H
#define RUN_WORDS_H

#include "../../src/cli/internal.h"
#include "small_world.h"

struct answer {
	char *out, *err;
	enum status status;
	int exit_status;
};

/* Words are what spaces separate. Frees what *answer had; it starts as zero. */
void run_words(const struct world *world, bool terminal, const char *line, struct answer *answer);
void answer_done(struct answer *answer);

#endif
