/* SPDX-License-Identifier: MIT */
/* Says in one line what a scan could not read, and what would help. */
#ifndef NSLS_REPORT_H
#define NSLS_REPORT_H

#include "nsls/scan.h"

#include <stdio.h>

/* Whether anything could not be read that a more privileged caller, or a sound procfs, would see.
 */
bool report_is_incomplete(const struct scan_report *report);

/* One line if the answer is incomplete; with gaps also one for each thing this kernel can't tell.
 */
void report_print(const struct scan_report *report, bool gaps, FILE *err);

#endif
