/* SPDX-License-Identifier: MIT */
/*
 * Refuses one allocation: the n-th from when it is told to, whoever asks, in whichever thread. The
 * C library and all others ask here, too, but for builds with a sanitizer, which has an allocator
 * of its own: there, only our own code does (--wrap, ld(1)).
 */
#ifndef SHORT_MEMORY_H
#define SHORT_MEMORY_H

#include <stdbool.h>

void short_memory_begin(long n);

/* Returns whether that many were asked for, so that one was refused. */
bool short_memory_end(void);

#endif
