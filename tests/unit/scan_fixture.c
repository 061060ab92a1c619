// SPDX-License-Identifier: MIT
#include "scan_fixture.h"

struct world world;
struct fake_kernel kernel;
struct scanned scanned;

void fixture_new(void)
{
	world_new(&world);
	fake_kernel_init(&kernel);
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
