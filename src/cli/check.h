/* SPDX-License-Identifier: MIT */
/* The answer to --check, --warning and --critical. */
#ifndef NSLS_CHECK_H
#define NSLS_CHECK_H

#include "gather.h"
#include "run.h"

/* Judges the rows that were gathered and says what is broken. Returns 0, or -errno after a line. */
int check_answer(struct gather *gather, FILE *out, enum status *ret_status);

#endif
