/* SPDX-License-Identifier: MIT */
/* Attributes for what a scope owns: closed on every way out of it. */
#ifndef NSLS_BASE_CLEANUP_H
#define NSLS_BASE_CLEANUP_H

#include <unistd.h>

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define CLEANUP_FD __attribute__((cleanup(cleanup_close)))

#endif
