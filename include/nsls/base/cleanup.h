/* SPDX-License-Identifier: MIT */
/* Attributes for what a scope owns: closed or freed on every way out of it. */
#ifndef NSLS_BASE_CLEANUP_H
#define NSLS_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

#define CLEANUP_FD __attribute__((cleanup(cleanup_close)))
#define CLEANUP_FREE __attribute__((cleanup(cleanup_free)))

#endif
