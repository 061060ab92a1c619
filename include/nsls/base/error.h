/* SPDX-License-Identifier: MIT */
/*
 * What an error says. There is no list of errors that are tolerated: any may come of one task (a
 * zombie's mountinfo says EINVAL), so only those that say nothing of a task end a run.
 */
#ifndef NSLS_BASE_ERROR_H
#define NSLS_BASE_ERROR_H

#include <stdbool.h>

enum error_class {
	ERROR_FATAL,    /* we ran short: ENOMEM, EMFILE, ENFILE */
	ERROR_VANISHED, /* it ended meanwhile: ENOENT, ESRCH */
	ERROR_DENIED,   /* EACCES, EPERM */
	ERROR_ODD,      /* anything else */
};

/* The class of a -errno. */
enum error_class error_class(int error);

/* Whether it ends the run. False for 0 and above. */
bool error_is_fatal(int error);

#endif
