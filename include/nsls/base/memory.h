/* SPDX-License-Identifier: MIT */
/*
 * The one allocator: it never returns NULL. Where memory is missing it ends the program, from any
 * thread, with one line and without flushing streams; nothing else below the command line exits.
 */
#ifndef NSLS_BASE_MEMORY_H
#define NSLS_BASE_MEMORY_H

#include <stddef.h>

/*
 * Chooses the line that is written to a descriptor where memory is missing, and the exit status:
 * "nsls: out of memory" to standard error and 2 unless called. The text must stay valid. To be
 * called before there are other threads.
 */
void memory_set_failure(int fd, const char *line, int status);

/* Ends the program. For a library that reports missing memory. */
_Noreturn void memory_fail(void);

/* Returns p, which a library has allocated, or ends the program if it is NULL. */
void *memory_check(void *p);

/* The following are freed with free(3). */

/* Zeroed memory for n items. */
void *memory_alloc(size_t n, size_t item_size);

/* As realloc(3), for n items: what is added is not zeroed. */
void *memory_resize(void *at, size_t n, size_t item_size);

/* A copy of the text. */
char *memory_copy(const char *text);

#endif
