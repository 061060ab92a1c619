// SPDX-License-Identifier: MIT
/* Decimal numbers: whole, in range, and one after the other. */
#include "nsls/base.h"

#include "small_world.h"

#include <inttypes.h>

static void assert_number(const char *text, uint64_t max, bool good, uint64_t value)
{
	uint64_t number = 77;
	int r = number_parse(text, strlen(text), max, &number);

	if (r != (good ? 0 : -EINVAL) || number != (good ? value : 77))
		fail_msg("'%s' up to %ju: %d, %ju", text, (uintmax_t)max, r, (uintmax_t)number);
}

TEST(numbers_are_decimal_and_in_range)
{
	static const char *const wrong[] = { "", "0", "00", "01", "+1", "-1", " 1", "1 ", "1\n",
		"0x1", "1e3", "1_0", "\xd9\xa1" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_number(wrong[i], UINT64_MAX, false, 0);
	for (uint64_t max = 1; max < 9; max++) {
		char digit[2] = { (char)('0' + max), '\0' }, next[2] = { (char)('1' + max), '\0' };

		assert_number(digit, max, true, max);
		assert_number(next, max, false, 0);
		assert_number("10", max, false, 0);
	}
	assert_number("9", 10, true, 9);
	assert_number("10", 10, true, 10);
	assert_number("11", 10, false, 0);
	assert_number("20", 10, false, 0);
	assert_number("4294967295", UINT32_MAX, true, UINT32_MAX);
	assert_number("4294967296", UINT32_MAX, false, 0);
	assert_number("18446744073709551615", UINT64_MAX, true, UINT64_MAX);
	assert_number("18446744073709551616", UINT64_MAX, false, 0);
	assert_number("184467440737095516150", UINT64_MAX, false, 0);
}

TEST(number_ends_at_the_given_length)
{
	uint64_t number;

	assert_int_equal(number_parse("123]", 3, 1000, &number), 0);
	assert_int_equal(number, 123);
	assert_int_equal(number_parse("1\0002", 3, 1000, &number), -EINVAL);
}

TEST(numbers_are_taken_one_after_the_other)
{
	const char *rest = " \t7\t0  18446744073709551615\n8";
	uint64_t number;

	rest = number_take(rest, 7, &number);
	assert_int_equal(number, 7);
	rest = number_take(rest, 7, &number);
	assert_int_equal(number, 0);
	rest = number_take(rest, UINT64_MAX, &number);
	assert_true(number == UINT64_MAX);
	assert_string_equal(rest, "\n8"); /* a line is not left */
	assert_null(number_take(rest, 9, &number));
}

TEST(what_is_no_number_in_range_is_not_taken)
{
	static const char *const wrong[] = { "", " ", "x", "-1", "+1", "4", "99999999999999999999",
		"\n1" };
	uint64_t number = 77;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_null(number_take(wrong[i], 3, &number));
	assert_int_equal(number, 77);
}
