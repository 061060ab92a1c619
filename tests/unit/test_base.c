// SPDX-License-Identifier: MIT
/* The types' texts, escaping, and the containers. */
#include "nsls/base.h"

#include "small_world.h"

#include <locale.h>

TEST(every_type_is_found_by_name_and_by_flag)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		const struct ns_type_info *info = nstype_info(t);
		enum nstype found;

		assert_int_equal(nstype_by_name(info->name, strlen(info->name), &found), 0);
		assert_int_equal(found, t);
		assert_int_equal(nstype_by_clone_flag(info->clone_flag, &found), 0);
		assert_int_equal(found, t);
		assert_non_null(info->isolates);
		assert_contains(info->manual, "_namespaces(7)");
	}
}

TEST(a_reference_is_parsed_strictly)
{
	static const char *const wrong[] = { "", ":", "net", "net:", "net:[", "net:[]", "net:]",
		"net:[1", "net:1]", "net:[0]", "net:[01]", "net:[+1]", "net:[-1]", "net:[ 1]",
		"net:[1 ]", "net:[1]]", "net:[1]\n", " net:[1]", "Net:[1]", "nett:[1]", "foo:[1]",
		"net:[1x]", "net:[4294967296]", "net:[99999999999999999999999]",
		"pid_for_children:[1]" };
	struct ns_ref ref;
	char text[NSTYPE_TEXT_MAX];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_not_equal(nstype_parse(wrong[i], &ref), 0);
	assert_int_equal(nstype_parse("cgroup:[4294967295]", &ref), 0);
	assert_int_equal(ref.type, NS_CGROUP);
	assert_int_equal(ref.ino, 4294967295u);
	assert_string_equal(nstype_format(ref, text), "cgroup:[4294967295]");
}

static void assert_escaped(enum text_target target, const char *from, const char *to)
{
	struct strbuf out = { 0 };

	text_escape(&out, from, strlen(from), target);
	assert_string_equal(strbuf_keep(&out), to);
}

TEST(a_reference_of_a_newer_kernel_has_an_unknown_type)
{
	assert_true(nstype_is_newer("wlan:[4026531840]"));
	assert_false(nstype_is_newer("net:[4026531840]"));
	assert_false(nstype_is_newer("net:[0]"));
	assert_false(nstype_is_newer("wlan:[]"));
	assert_false(nstype_is_newer("wlan:[1]x"));
	assert_false(nstype_is_newer(":[1]"));
	assert_false(nstype_is_newer("/wlan:[1]"));
}

TEST(a_terminal_gets_no_control_and_no_override)
{
	assert_escaped(TEXT_TERMINAL, "a b\x1b[31m\n\x7f", "a b\\x1b[31m\\x0a\\x7f");
	assert_escaped(TEXT_TERMINAL, "\xff\xc3", "\\xff\\xc3"); /* not UTF-8 */
	assert_escaped(TEXT_TERMINAL, "\xc2\x9b", "\\xc2\\x9b"); /* CSI as one character */
	assert_escaped(
		TEXT_TERMINAL, "\xe2\x80\xae", "\\xe2\\x80\\xae"); /* right-to-left override */
	assert_escaped(TEXT_TERMINAL, "\xc0\x80", "\\xc0\\x80");   /* overlong */
	assert_escaped(TEXT_TERMINAL, "\xed\xa0\x80", "\\xed\\xa0\\x80"); /* surrogate */
	assert_escaped(TEXT_TERMINAL, "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	assert_escaped(TEXT_TERMINAL, "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
	assert_escaped(TEXT_ASCII, "gr\xc3\xbc", "gr\\xc3\\xbc");
}

TEST(json_text_is_valid_utf8_without_c1)
{
	struct strbuf out = { 0 };

	assert_escaped(TEXT_JSON, "a\n\xff\xc2\x9b\xc3\xbc", "a\n\\xff\\xc2\\x9b\xc3\xbc");
	text_quote_json(&out, "a\"b\\c\nd\xff");
	assert_string_equal(strbuf_keep(&out), "\"a\\\"b\\\\c\\u000ad\\\\xff\"");
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
