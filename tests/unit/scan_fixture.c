// SPDX-License-Identifier: MIT
#include "scan_fixture.h"

struct world world;
struct fake_kernel kernel;
struct scanned scanned;

int fixture_set_up(void **state)
{
	world_new(&world);
	fake_kernel_init(&kernel);
	return 0;
}

int fixture_with_process_1(void **state)
{
	fixture_set_up(state);
	world_process(&world, 1, 0);
	return 0;
}

int fixture_tear_down(void **state)
{
	scanned_done(&scanned);
	world_done(&world);
	return 0;
}

void scan(unsigned without)
{
	scan_world(&world, &kernel, without, &scanned);
}

static void world_add_item(const char *item)
{
	const char *path = strf("%.*s", (int)strcspn(item, " "), item);
	const char *text = item[strlen(path)] ? item + strlen(path) + 1 : "";

	if (path[0] == '=')
		world_file(&world, path + 1, text);
	else if (path[strlen(path) - 1] == '/')
		world_dir(&world, path);
	else if (strchr(path, '/') || !atoi(path))
		world_link(&world, path, text);
	else if (*text)
		world_process_in(&world, atoi(path), 1, text);
	else
		world_process(&world, atoi(path), 1);
}

void world_add(const char *const *items)
{
	for (; *items; items++)
		world_add_item(*items);
}

/* What the scan has found of expected, in the same words. */
static const char *found(const char *expected)
{
	bool absent = *expected == '!';
	const char *text = strf("%.*s", (int)strcspn(expected, " "), expected);
	struct ns_ref ref;

	if (!strcmp(expected, "complete") || !strcmp(expected, "incomplete"))
		return report_is_complete(&scanned.report) ? "complete" : "incomplete";
	assert_int_equal(nstype_parse(text + absent, &ref), 0);
	if (absent && !find_ns(&scanned, ref.type, ref.ino))
		return expected;
	return strf("%s %s", text + absent, holders_of(&scanned, ref.type, ref.ino));
}

void check_found(const char *const *expected, const char *file, int line)
{
	for (; *expected; expected++)
		_assert_string_equal(found(*expected), *expected, file, line);
}

const char *reasons(void)
{
	struct strbuf text = { 0 };

	report_reasons(&scanned.report, &text);
	for (size_t i = 0; i < text.len; i++)
		text.text[i] = text.text[i] ? text.text[i] : '\n';
	return strbuf_keep(&text);
}
