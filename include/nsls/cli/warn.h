/* SPDX-License-Identifier: MIT */
/* The line on standard error about what is missing from the output, and what would help. */
#ifndef NSLS_CLI_WARN_H
#define NSLS_CLI_WARN_H

#include "nsls/model/report.h"

#include <stdio.h>

/* Appends what keeps the answer from being complete, and whether more privilege would help. */
void warn_add_reasons(const struct report *report, struct strbuf *out);

/* Prints one line if the answer is incomplete; with gaps one more for each thing that this kernel
 * can't tell. */
void warn_incomplete(const struct report *report, bool gaps, FILE *err);

#endif
