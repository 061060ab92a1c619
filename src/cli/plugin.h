/* SPDX-License-Identifier: MIT */
/* A monitoring plugin that fails: that is one line on standard output, too. */
#ifndef NSLS_PLUGIN_H
#define NSLS_PLUGIN_H

#include <stdio.h>

/* Prints "NSLS UNKNOWN - " and what was said of the mistake, lines of complain(). */
void plugin_fail(const char *said, FILE *out);

#endif
