/* SPDX-License-Identifier: MIT */
/* What the fuzzers share: libFuzzer's entry, and a check, in builds of all kinds. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void check(bool condition)
{
	if (!condition)
		abort();
}

#endif
