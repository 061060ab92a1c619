/* SPDX-License-Identifier: MIT */
/* One answer, from options to output: the phases in order. */
#ifndef NSLS_RUN_H
#define NSLS_RUN_H

#include "nsls/cli/options.h"

enum status {
	STATUS_DONE = 0,
	STATUS_NO = 1,
	STATUS_ERROR = 2,
	STATUS_INCOMPLETE = 3,
	STATUS_WARNING, /* these two: of a monitoring plugin */
	STATUS_CRITICAL,
};

/* Writes the answer to out and at most a few lines to err; whether out could be written is the
 * caller's to check. terminal says whether out is one. With *ret_busy, threads that did not
 * come back may still look at what was opened: then the process has to end by _exit(2). */
enum status run(const struct options *options, bool terminal, FILE *out, FILE *err, bool *ret_busy);

/* The exit status: that of a monitoring plugin means something else. */
int run_exit_status(bool plugin, enum status status);

#endif
