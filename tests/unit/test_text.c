// SPDX-License-Identifier: MIT
/*
 * UTF-8 and escaping against the whole of Unicode and all short byte strings, not against a few
 * examples: what gets through here is written to a user's terminal.
 */
#include "nsls/base.h"

#include "small_world.h"

#include <locale.h>

/* The Unicode Standard, table 3-7: well-formed UTF-8, a row a shape. */
static const struct shape {
	size_t len;
	unsigned char low[4], high[4];
} shapes[] = {
	{ 1, { 0x00 }, { 0x7f } },
	{ 2, { 0xc2, 0x80 }, { 0xdf, 0xbf } },
	{ 3, { 0xe0, 0xa0, 0x80 }, { 0xe0, 0xbf, 0xbf } },
	{ 3, { 0xe1, 0x80, 0x80 }, { 0xec, 0xbf, 0xbf } },
	{ 3, { 0xed, 0x80, 0x80 }, { 0xed, 0x9f, 0xbf } },
	{ 3, { 0xee, 0x80, 0x80 }, { 0xef, 0xbf, 0xbf } },
	{ 4, { 0xf0, 0x90, 0x80, 0x80 }, { 0xf0, 0xbf, 0xbf, 0xbf } },
	{ 4, { 0xf1, 0x80, 0x80, 0x80 }, { 0xf3, 0xbf, 0xbf, 0xbf } },
	{ 4, { 0xf4, 0x80, 0x80, 0x80 }, { 0xf4, 0x8f, 0xbf, 0xbf } },
};

/* Length of the well-formed sequence at the start, by the table. */
static size_t expected_length(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < COUNT(shapes); i++) {
		const struct shape *shape = &shapes[i];
		size_t n = 0;

		while (n < shape->len && n < len && bytes[n] >= shape->low[n] &&
			bytes[n] <= shape->high[n])
			n++;
		if (n == shape->len)
			return n;
	}
	return 0;
}

static size_t encode(unsigned code, char *bytes)
{
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = len; i-- > 1; code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	bytes[0] = (char)(first[len] | code);
	return len;
}

TEST(every_code_point_is_decoded_back_and_no_surrogate)
{
	for (unsigned code = 0; code <= 0x10ffff; code++) {
		unsigned decoded = 0;
		char bytes[4];
		size_t len = encode(code, bytes);
		size_t n = text_decode_utf8(bytes, len, &decoded);
		bool surrogate = code >= 0xd800 && code <= 0xdfff;

		if (n != (surrogate ? 0 : len) || (n && decoded != code))
			fail_msg("U+%04X is read as %zu bytes, U+%04X", code, n, decoded);
	}
}

TEST(every_short_string_is_decoded_as_unicode_defines)
{
	/* Both sides of each border of the table. */
	static const unsigned char tails[] = { 0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
		0xff };
	unsigned char b[4];

	for (unsigned two = 0; two <= 0xffff; two++)
		for (size_t i = 0; i < sizeof(tails); i++)
			for (size_t len = 0; len <= 4; len++) {
				unsigned code;

				b[0] = (unsigned char)(two >> 8);
				b[1] = (unsigned char)two;
				b[2] = tails[i];
				b[3] = tails[(i * 7 + two) % sizeof(tails)];
				if (text_decode_utf8((char *)b, len, &code) !=
					expected_length(b, len))
					fail_msg("%02x %02x %02x %02x, %zu bytes", b[0], b[1], b[2],
						b[3], len);
			}
}

static bool is_valid_utf8(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = expected_length((const unsigned char *)text + i, len - i);
		if (!n)
			return false;
	}
	return true;
}

static void assert_escaped(enum text_target target, const char *from, size_t len, const char *to)
{
	struct strbuf out = { 0 };

	text_escape(&out, from, len, target);
	assert_string_equal(strbuf_keep(&out), to);
}

/* A NUL, a control, what is no UTF-8, CSI as one character, and a letter. */
#define BYTES "a\0b\n\xff\xc2\x9b\xc3\xbc"

TEST(escaped_bytes_are_hexadecimal)
{
	assert_escaped(
		TEXT_TERMINAL, BYTES, sizeof(BYTES) - 1, "a\\x00b\\x0a\\xff\\xc2\\x9b\xc3\xbc");
	assert_escaped(
		TEXT_ASCII, BYTES, sizeof(BYTES) - 1, "a\\x00b\\x0a\\xff\\xc2\\x9b\\xc3\\xbc");
	assert_escaped(TEXT_JSON, &BYTES[2], sizeof(BYTES) - 3, "b\n\\xff\\xc2\\x9b\xc3\xbc");
}

TEST(any_bytes_become_valid_utf8_for_any_target)
{
	struct strbuf out = { 0 };

	for (unsigned two = 0; two <= 0xffff; two++) {
		const char bytes[] = { (char)(two >> 8), (char)two };

		for (enum text_target target = TEXT_TERMINAL; target <= TEXT_JSON; target++) {
			strbuf_reset(&out);
			text_escape(&out, bytes, sizeof(bytes), target);
			if (!is_valid_utf8(strbuf_text(&out), out.len))
				fail_msg("%04x for target %d", two, (int)target);
		}
	}
	strbuf_done(&out);
}

static bool is_shown_as_it_is(unsigned code, enum text_target target)
{
	struct strbuf out = { 0 };
	char bytes[4];
	size_t len = encode(code, bytes);
	bool same;

	text_escape(&out, bytes, len, target);
	same = out.len == len && !memcmp(strbuf_text(&out), bytes, len);
	strbuf_done(&out);
	return same;
}

TEST(controls_reach_no_terminal_and_c1_not_even_json)
{
	for (unsigned code = 0; code <= 0xa0; code++) {
		bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);

		assert_int_equal(is_shown_as_it_is(code, TEXT_TERMINAL), !control);
		assert_int_equal(is_shown_as_it_is(code, TEXT_ASCII), !control && code < 0x7f);
		assert_int_equal(is_shown_as_it_is(code, TEXT_JSON), !control || code < 0x20);
	}
	assert_true(is_shown_as_it_is(0x10ffff, TEXT_JSON));
}

TEST(letters_of_any_script_reach_a_utf8_terminal_and_what_reorders_or_hides_does_not)
{
	static const unsigned letters[] = { 0xe4, 0x3b1, 0x434, 0x5d0, 0x639, 0x4e2d, 0xac00,
		0x1f600 };
	/* The Unicode Bidirectional Algorithm, 2.1 to 2.6, and what takes no room. */
	static const unsigned hidden[] = { 0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d,
		0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x00ad, 0x180e, 0x200b, 0x200c, 0x200d,
		0x2028, 0x2029, 0x2060, 0xfeff, 0xfff9, 0xe0001, 0xe0041, 0xe007f };

	for (size_t i = 0; i < COUNT(letters) + COUNT(hidden); i++) {
		bool letter = i < COUNT(letters);
		unsigned code = letter ? letters[i] : hidden[i - COUNT(letters)];

		if (is_shown_as_it_is(code, TEXT_TERMINAL) != letter ||
			is_shown_as_it_is(code, TEXT_ASCII))
			fail_msg("U+%04X", code);
	}
}

TEST(a_quoted_text_has_no_bare_quote_or_control)
{
	char all[256];
	struct strbuf out = { 0 };

	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	text_quote_json(&out, all);
	assert_true(is_valid_utf8(strbuf_text(&out), out.len));
	assert_int_equal(out.text[0], '"');
	assert_int_equal(out.text[out.len - 1], '"');
	for (size_t i = 1; i < out.len - 1; i++) {
		assert_true((unsigned char)out.text[i] >= 0x20);
		if (out.text[i] == '\\')
			i++;
		else
			assert_int_not_equal(out.text[i], '"');
	}
	strbuf_done(&out);
}

/* JSON can name them, so nothing is lost. */
TEST(what_hides_or_reorders_is_quoted_by_its_number)
{
	struct strbuf out = { 0 };

	text_quote_json(&out, "a\u202eb\u200b\u00e9\U000e0041\U0001f600\033\"\\\xff");
	assert_string_equal(strbuf_keep(&out),
		"\"a\\u202eb\\u200b\u00e9\\udb40\\udc41\U0001f600\\u001b\\\"\\\\\\\\xff\"");
}

TEST(a_text_is_as_wide_as_it_is_shown)
{
	static const char wide[] = "a\u00e9\u4e2d\u0301x"; /* one, one, two, none, one */

	assert_int_equal(text_fit("\xff", 1, 1), 1);
	assert_int_equal(text_fit("\xff", 1, 0), 0);
	assert_int_equal(text_fit(wide, strlen(wide), 5), strlen(wide));
	assert_int_equal(text_fit(wide, strlen(wide), 4), strlen(wide) - 1);
	assert_int_equal(text_fit(wide, strlen(wide), 3), strlen("a\u00e9")); /* no half of one */
	assert_int_equal(text_fit(wide, strlen(wide), 0), 0);
}

TEST(an_items_separator_is_escaped_and_no_other_text)
{
	struct strbuf out = { 0 };

	text_escape_item(&out, "a,b\n", 4, ',', TEXT_TERMINAL);
	assert_string_equal(strbuf_text(&out), "a\\x2cb\\x0a");
	strbuf_reset(&out);
	text_escape_item(&out, "a,b\\ \u00e9", strlen("a,b\\ \u00e9"), '\n', TEXT_RAW);
	assert_string_equal(strbuf_keep(&out), "a,b\\x5c\\x20\\xc3\\xa9");
}

TEST(words_are_the_same_in_any_case_of_ascii_letters_alone)
{
	assert_true(text_equal_ascii("NSPID", "nsPid,x", 5));
	assert_true(text_equal_ascii("USE%", "use%", 4));
	assert_false(text_equal_ascii("PID", "pids", 4));
	assert_false(text_equal_ascii("PIDS", "pid", 3));
	assert_false(text_equal_ascii("PID", "p\0d", 3));
	assert_false(text_equal_ascii("PID", "p\xc4\xb1\x64", 4)); /* the Turkish dotless i */
	assert_false(text_equal_ascii("@[", "`{", 2));             /* beside the letters */
	assert_true(text_equal_ascii("", "x", 0));
}
