/* SPDX-License-Identifier: MIT */
/* The one way in which arrays grow. Who owns an array keeps its start, n and size, and frees it. */
#ifndef NSLS_BASE_ARRAY_H
#define NSLS_BASE_ARRAY_H

#include <stddef.h>

/*
 * The array with room for at least one item more than n, moved if need be; *size counts items and
 * is 0 for an array that is NULL. Returns NULL when memory is short: the old array stays as it was.
 */
void *array_reserve(void *at, size_t n, size_t *size, size_t item_size);

#endif
