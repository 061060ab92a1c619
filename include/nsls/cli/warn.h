/* SPDX-License-Identifier: MIT */
/* The line on standard error that says what an answer lacks, and what would help. */
#ifndef NSLS_CLI_WARN_H
#define NSLS_CLI_WARN_H

#include "nsls/model/report.h"

#include <stdio.h>

/* Prints one line if the answer is incomplete; with gaps one more for each thing that this kernel
 * can't tell. */
void warn_incomplete(const struct report *report, bool gaps, FILE *err);

#endif
