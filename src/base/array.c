// SPDX-License-Identifier: MIT
#include "nsls/base/array.h"

#include <stdlib.h>

#define FIRST_SIZE 16

void *array_reserve(void *at, size_t n, size_t *size, size_t item_size)
{
	size_t bigger = *size ? *size * 2 : FIRST_SIZE;
	void *moved;

	if (n < *size)
		return at;
	moved = realloc(at, bigger * item_size);
	if (moved)
		*size = bigger;
	return moved;
}
