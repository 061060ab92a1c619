// SPDX-License-Identifier: MIT
/* Texts that grow, cells, and numbers in text: the small things that everything is made of. */
#include "nsls/view.h"
#include "nsls/base.h"

#include "small_world.h"

TEST(an_unused_buffer_is_an_empty_text)
{
	struct strbuf buf = { 0 };

	assert_string_equal(strbuf_text(&buf), "");
	strbuf_reset(&buf);
	strbuf_adds(&buf, "");
	assert_string_equal(strbuf_text(&buf), "");
	strbuf_done(&buf);
	strbuf_done(&buf); /* also one that is done */
}

TEST(a_buffer_grows_over_every_size)
{
	struct strbuf buf = { 0 };

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
	strbuf_done(&buf);
}

TEST(bytes_may_be_nul)
{
	struct strbuf buf = { 0 };

	strbuf_add(&buf, "a\0b", 3);
	strbuf_adds(&buf, "c");
	assert_int_equal(buf.len, 4);
	assert_memory_equal(buf.text, "a\0bc", 5);
	strbuf_done(&buf);
}

TEST(a_cell_is_absent_until_something_is_set)
{
	struct cell cell = { 0 };

	assert_false(cell.present);
	strbuf_adds(&cell.label, "unassigned");
	assert_false(cell.present);
	cell_set_number(&cell, UINT64_MAX);
	assert_true(cell.present);
	assert_string_equal(strbuf_text(&cell.bytes), "18446744073709551615");
	cell_reset(&cell);
	assert_false(cell.present);
	assert_string_equal(strbuf_text(&cell.label), "");
	cell_set_text(&cell, "false");
	assert_string_equal(strbuf_text(&cell.bytes), "false");
	cell_done(&cell);
}

TEST(an_empty_list_is_present_and_items_end_with_nul)
{
	struct cell cell = { 0 };

	cell.present = true;
	assert_true(cell.present);
	assert_int_equal(cell.nitems, 0);
	cell_add_item(&cell, "a,b");
	cell_add_item(&cell, "");
	cell_add_item(&cell, "0");
	assert_int_equal(cell.nitems, 3);
	assert_int_equal(cell.bytes.len, 7);
	assert_memory_equal(cell.bytes.text,
		"a,b\0\0"
		"0",
		7);
	cell_done(&cell);
}

TEST(a_type_is_its_whole_name_and_nothing_else)
{
	static const char *const wrong[] = { "", "n", "ne", "nets", "NET", "mount", " net" };
	enum nstype type = NS_UTS;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(nstype_by_name(wrong[i], strlen(wrong[i]), &type), -ENOENT);
	assert_int_equal(nstype_by_name("network", 3, &type), 0);
	assert_int_equal(type, NS_NET);
	assert_int_equal(nstype_by_clone_flag(0, &type), -ENOENT);
	assert_int_equal(
		nstype_by_clone_flag(
			nstype_info(NS_NET)->clone_flag | nstype_info(NS_PID)->clone_flag, &type),
		-ENOENT);
	assert_int_equal(type, NS_NET);
}

TEST(every_type_is_written_and_read_back)
{
	static const uint32_t inodes[] = { 1, 9, 4026531840u, UINT32_MAX };

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		for (size_t i = 0; i < sizeof(inodes) / sizeof(*inodes); i++) {
			char text[NSTYPE_TEXT_MAX];
			struct ns_ref ref;

			nstype_format((struct ns_ref){ t, inodes[i] }, text);
			assert_int_equal(nstype_parse(text, &ref), 0);
			assert_int_equal(ref.type, t);
			assert_int_equal(ref.ino, inodes[i]);
		}
}
