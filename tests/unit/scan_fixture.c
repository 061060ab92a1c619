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

const char *reasons(void)
{
	struct strbuf text = { 0 };

	report_reasons(&scanned.report, &text);
	for (size_t i = 0; i < text.len; i++)
		text.text[i] = text.text[i] ? text.text[i] : '\n';
	return strbuf_keep(&text);
}
