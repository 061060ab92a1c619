// SPDX-License-Identifier: MIT
#include "nsls/base/number.h"

#include <errno.h>
#include <string.h>

/* The value of len digits, of which there is at least one. */
static int value_of(const char *digits, size_t len, uint64_t max, uint64_t *ret_number)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned digit = (unsigned)(digits[i] - '0');

		if (digit > max || n > (max - digit) / 10)
			return -EINVAL;
		n = n * 10 + digit;
	}
	*ret_number = n;
	return 0;
}

/* Not isdigit(3), which a locale may widen; never runs past a NUL. */
static size_t count_digits(const char *text, size_t most)
{
	size_t n = 0;

	while (n < most && text[n] >= '0' && text[n] <= '9')
		n++;
	return n;
}

int number_parse(const char *text, size_t len, uint64_t max, uint64_t *ret_number)
{
	if (!len || text[0] == '0' || count_digits(text, len) != len)
		return -EINVAL;
	return value_of(text, len, max, ret_number);
}

const char *number_take(const char *text, uint64_t max, uint64_t *ret_number)
{
	const char *digits = text + strspn(text, " \t");
	size_t len = count_digits(digits, SIZE_MAX);

	if (!len || value_of(digits, len, max, ret_number) < 0)
		return NULL;
	return digits + len;
}
