// SPDX-License-Identifier: MIT
#include "nsls/base/array.h"

#include "nsls/base/memory.h"

#define FIRST_SIZE 16

void *array_reserve(void *at, size_t n, size_t *size, size_t item_size)
{
	if (n < *size)
		return at;
	*size = *size ? *size * 2 : FIRST_SIZE;
	return memory_resize(at, *size, item_size);
}
