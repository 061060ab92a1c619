// SPDX-License-Identifier: MIT
#include "render_fixture.h"

struct view view;

int render_set_up(void **state)
{
	hand_set_up(state);
	model.our_mnt = 7;
	view = (struct view){
		.model = &model, .report = &report, .procfs_path = "/proc", .boot_time = 1700000000
	};
	return 0;
}

int render_tear_down(void **state)
{
	view_done(&view);
	return hand_tear_down(state);
}
