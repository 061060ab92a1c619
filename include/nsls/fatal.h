/* SPDX-License-Identifier: MIT */
/* Which errors end a run: those that say nothing of what is looked at, but that we ran short. */
#ifndef NSLS_FATAL_H
#define NSLS_FATAL_H

#include <errno.h>
#include <stdbool.h>

static inline bool is_fatal(int error)
{
	return error == -ENOMEM || error == -EMFILE || error == -ENFILE;
}

#endif
