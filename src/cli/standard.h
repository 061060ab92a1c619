/* SPDX-License-Identifier: MIT */
/* Standard input, output and error of this process. */
#ifndef NSLS_STANDARD_H
#define NSLS_STANDARD_H

#include <stdbool.h>

/* Makes sure that all three are open. Returns false where there is nobody to answer. */
bool standard_open(void);

/* Closes standard output. Returns false, after a line if anybody is to know, where something that
 * was printed could not be written. */
bool standard_written(void);

#endif
