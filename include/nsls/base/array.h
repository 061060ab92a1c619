/* SPDX-License-Identifier: MIT */
/* The one way in which arrays grow. Who owns an array keeps its start, n and size, and frees it. */
#ifndef NSLS_BASE_ARRAY_H
#define NSLS_BASE_ARRAY_H

#include <stddef.h>

/*
 * The array with room for at least one item more than n, moved if need be; *size counts items and
 * is 0 for an array that is NULL.
 */
void *array_reserve(void *at, size_t n, size_t *size, size_t item_size);

/*
 * A pointer to the next item of the array, which is not zeroed. The arguments are variables: at and
 * size are updated, n is incremented, and each is evaluated more than once.
 */
#define array_push(at, n, size)                                                                    \
	((at) = array_reserve((at), (n), &(size), sizeof(__typeof__(*(at)))), &(at)[(n)++])

#endif
