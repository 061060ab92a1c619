// SPDX-License-Identifier: MIT
/* The types' texts, numbers, and the containers. */
#include "nsls/base.h"

#include "small_world.h"

TEST(every_type_is_found_by_name_and_by_flag)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		const struct ns_type_info *info = &nstype_info[t];
		enum nstype found;

		assert_int_equal(nstype_by_name(info->name, strlen(info->name), &found), 0);
		assert_int_equal(found, t);
		assert_int_equal(nstype_by_clone_flag(info->clone_flag, &found), 0);
		assert_int_equal(found, t);
		assert_non_null(info->isolates);
		assert_contains(info->manual, "_namespaces(7)");
	}
}

TEST(a_type_is_its_whole_name_and_nothing_else)
{
	enum nstype type = NS_UTS;

	for (EACH_TEXT(name, "", "n", "ne", "nets", "NET", "mount", " net"))
		assert_int_equal(nstype_by_name(name, strlen(name), &type), -ENOENT);
	assert_int_equal(nstype_by_name("network", 3, &type), 0);
	assert_int_equal(type, NS_NET);
	assert_int_equal(nstype_by_clone_flag(0, &type), -ENOENT);
	assert_int_equal(
		nstype_by_clone_flag(
			nstype_info[NS_NET].clone_flag | nstype_info[NS_PID].clone_flag, &type),
		-ENOENT);
	assert_int_equal(type, NS_NET);
}

TEST(every_type_is_written_and_read_back)
{
	static const uint32_t inodes[] = { 1, 9, 4026531840u, UINT32_MAX };

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		for (size_t i = 0; i < COUNT(inodes); i++) {
			char text[NSTYPE_TEXT_MAX];
			struct ns_ref ref;

			nstype_format((struct ns_ref){ t, inodes[i] }, text);
			assert_string_equal(text, ref_text(t, inodes[i]));
			assert_int_equal(nstype_parse(text, &ref), 0);
			assert_int_equal(ref.type, t);
			assert_int_equal(ref.ino, inodes[i]);
		}
}

TEST(a_reference_is_parsed_strictly)
{
	struct ns_ref ref;

	for (EACH_TEXT(text, "", ":", "net", "net:", "net:[", "net:[]", "net:]", "net:[1", "net:1]",
		     "net:[0]", "net:[01]", "net:[+1]", "net:[-1]", "net:[ 1]", "net:[1 ]",
		     "net:[1]]", "net:[1]\n", " net:[1]", "Net:[1]", "nett:[1]", "foo:[1]",
		     "net:[1x]", "net:[4294967296]", "net:[99999999999999999999999]",
		     "pid_for_children:[1]"))
		if (nstype_parse(text, &ref) == 0)
			fail_msg("'%s' is taken", text);
}

TEST(a_reference_of_a_newer_kernel_has_an_unknown_type)
{
	assert_true(nstype_is_newer("wlan:[4026531840]"));
	for (EACH_TEXT(text, "net:[4026531840]", "net:[0]", "wlan:[]", "wlan:[1]x", ":[1]",
		     "/wlan:[1]"))
		assert_false(nstype_is_newer(text));
}

/* A value of 0: it is no number, and nothing is written. */
static void assert_number(const char *text, uint64_t max, uint64_t value)
{
	uint64_t number = 77;
	int r = number_parse(text, strlen(text), max, &number);

	if (r != (value ? 0 : -EINVAL) || number != (value ? value : 77))
		fail_msg("'%s' up to %ju: %d, %ju", text, max, r, number);
}

TEST(numbers_are_decimal_and_in_range)
{
	for (EACH_TEXT(text, "", "0", "00", "01", "+1", "-1", " 1", "1 ", "1\n", "0x1", "1e3",
		     "1_0", "\xd9\xa1", "18446744073709551616", "184467440737095516150"))
		assert_number(text, UINT64_MAX, 0);
	for (uint64_t max = 1; max < 9; max++) {
		char digit[2] = { (char)('0' + max), '\0' }, next[2] = { (char)('1' + max), '\0' };

		assert_number(digit, max, max);
		assert_number(next, max, 0);
		assert_number("10", max, 0);
	}
	assert_number("9", 10, 9);
	assert_number("10", 10, 10);
	assert_number("11", 10, 0);
	assert_number("20", 10, 0);
	assert_number("4294967295", UINT32_MAX, UINT32_MAX);
	assert_number("4294967296", UINT32_MAX, 0);
	assert_number("18446744073709551615", UINT64_MAX, UINT64_MAX);
}

TEST(number_ends_at_the_given_length)
{
	uint64_t number;

	assert_int_equal(number_parse("123]", 3, 1000, &number), 0);
	assert_int_equal(number, 123);
	assert_int_equal(number_parse("1\0002", 3, 1000, &number), -EINVAL);
}

TEST(numbers_in_range_are_taken_one_after_the_other)
{
	const char *rest = " \t7\t0  18446744073709551615\n8";
	uint64_t number = 77;

	for (EACH_TEXT(text, "", " ", "x", "-1", "+1", "4", "99999999999999999999", "\n1"))
		assert_null(number_take(text, 3, &number));
	assert_int_equal(number, 77);
	rest = number_take(rest, 7, &number);
	assert_int_equal(number, 7);
	rest = number_take(rest, 7, &number);
	assert_int_equal(number, 0);
	rest = number_take(rest, UINT64_MAX, &number);
	assert_true(number == UINT64_MAX);
	assert_string_equal(rest, "\n8"); /* a line is not left */
	assert_null(number_take(rest, 9, &number));
}

TEST(a_map_keeps_what_it_was_given)
{
	static int values[5000];
	struct u64map map = { 0 };

	assert_null(u64map_get(&map, 1));
	for (uint64_t i = 0; i < 5000; i++)
		u64map_put(&map, i * i << 20, &values[i]);
	for (uint64_t i = 0; i < 5000; i++)
		assert_ptr_equal(u64map_get(&map, i * i << 20), &values[i]);
	u64map_put(&map, 0, &values[9]);
	assert_ptr_equal(u64map_get(&map, 0), &values[9]);
	assert_null(u64map_get(&map, 3));
	u64map_done(&map);
}

TEST(an_arena_gives_zeroed_memory_of_any_size)
{
	struct arena arena = { 0 };

	for (size_t size = 1; size < 200000; size = size * 3 + 1) {
		unsigned char *p = arena_alloc(&arena, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 8, 0);
		assert_int_equal(p[0] | p[size - 1], 0);
		memset(p, 0xff, size);
	}
	assert_string_equal(arena_strdup(&arena, "text"), "text");
	arena_done(&arena);
}

TEST(a_buffer_grows_over_every_size_and_may_have_any_byte)
{
	struct strbuf buf = { 0 };

	assert_string_equal(strbuf_text(&buf), "");
	strbuf_reset(&buf);
	strbuf_adds(&buf, "");
	assert_string_equal(strbuf_text(&buf), "");
	for (size_t i = 0; i < 1000; i++) {
		strbuf_addf(&buf, "%c", 'a' + (int)(i % 26));
		assert_int_equal(buf.len, i + 1);
		assert_int_equal(strlen(buf.text), i + 1);
		assert_true(buf.size > buf.len);
	}
	strbuf_reset(&buf);
	strbuf_addf(&buf, "%5000d|", 7);
	assert_int_equal(buf.len, 5001);
	assert_string_equal(buf.text + 4999, "7|");
	strbuf_reset(&buf);
	strbuf_add(&buf, "a\0b", 3);
	strbuf_adds(&buf, "c");
	assert_int_equal(buf.len, 4);
	assert_memory_equal(buf.text, "a\0bc", 5);
	strbuf_done(&buf);
	strbuf_done(&buf); /* also one that is done */
}
