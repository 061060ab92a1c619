/* SPDX-License-Identifier: MIT */
/* The answer to --check, --warning and --critical. */
#ifndef NSLS_CHECK_H
#define NSLS_CHECK_H

#include "gather.h"
#include "run.h"

/* Checks the gathered rows and prints broken rules. Returns 0, or -errno after an error message. */
int check_answer(struct gather *gather, FILE *out, enum status *ret_status);

#endif
