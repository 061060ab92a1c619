// SPDX-License-Identifier: MIT
/* Big tables of descriptors, which processes may share: each is read once. */
#include "small_world.h"

#define BIG 520 /* descriptors */

/* Makes a table in which descriptor 7 is on net:[ino]; all others are pipes. */
static void make_table(const char *process, unsigned n, uint32_t ino)
{
	for (unsigned fd = 0; fd < n; fd++)
		world_link(strf("%s/fd/%u", process, fd),
			strf(fd == 7 ? "net:[%u]" : "pipe:[%u]", ino));
}

/* One world for all tests: it has thousands of links. */
static int make_world(void **state)
{
	world_set_up(state);
	STEPS("3", "4", "5");
	for (EACH_TEXT(process, "3", "4", "5"))
		make_table(process, BIG, 70);
	return 0;
}

/* How often kcmp(2) was called, and from which call on no process shares. */
static unsigned compared, parted_at;
static pid_t ended; /* when no process shares any more */

static int order_files(const struct kernel *k, pid_t tid, pid_t other, int *ret_order)
{
	*ret_order = ++compared < parted_at ? 0 : tid - other;
	return compared >= parted_at && (tid == ended || other == ended) ? -ESRCH : 0;
}

static int set_up(void **state)
{
	kernel_init();
	kernel.kernel.order_files = order_files;
	compared = parted_at = 0;
	ended = 0;
	return 0;
}

TEST_FIXTURE(set_up, NULL);

TEST(big_table_is_listed_for_the_first_process_that_shares_it)
{
	parted_at = 1000;
	STEPS("=> net:[70] fd 3:7", "=> complete");
	assert_true(compared <= 4); /* 2 to find the sharers, 2 to find that they still share */
}

TEST(big_tables_are_each_listed_for_processes_that_never_shared_or_stop_before_they_are_read)
{
	STEPS("=> net:[70] fd 3:7, fd 4:7, fd 5:7");
	compared = 0;
	parted_at = 3;
	scan(0);
	FOUND("=> net:[70] fd 3:7, fd 4:7, fd 5:7");
}

TEST(big_table_is_read_for_another_sharer_when_the_first_has_ended)
{
	parted_at = 3;
	ended = 3;
	STEPS("3/fd/7 pipe:[1]", "=> net:[70] fd 4:7, fd 5:7", "3/fd/7 net:[70]");
}

TEST(big_tables_are_each_read_where_kcmp_is_refused)
{
	kernel.kernel.order_files = fake_calls.order_files;
	STEPS("fail order_files EPERM", "=> net:[70] fd 3:7, fd 4:7, fd 5:7", "=> complete");
}

TEST(big_tables_are_each_read_where_pids_are_those_of_another_namespace)
{
	parted_at = 1000;
	STEPS("foreign=1", "=> net:[70] fd 3:7, fd 4:7, fd 5:7");
	assert_int_equal(compared, 0);
}

TEST(big_tables_beyond_the_limit_are_reported_as_unread)
{
	parted_at = 3; /* one set, which one worker reads in its order */
	kernel.descriptors_max = BIG + 1;
	STEPS("=> net:[70] fd 3:7, fd 4:7", "=> unreadable 5",
		"=> reasons too many descriptors are open to read all: skipped those of process "
		"5\n");
}

TEST(small_tables_are_listed_for_each_process_in_the_order_of_pids)
{
	STEPS("2", "6", "8", "9");
	for (EACH_TEXT(process, "2", "6", "8", "9"))
		make_table(process, 9, atoi(process) < 8 ? 70 : 71);
	STEPS("=> net:[70] fd 2:7, fd 3:7, fd 4:7, fd 5:7, fd 6:7");
	parted_at = 1000;
	compared = 0;
	scan(0);
	FOUND("=> net:[71] fd 8:7, fd 9:7");
}

TEST(big_table_of_a_single_thread_is_listed)
{
	STEPS("3/task/3/", "3/task/33/");
	make_table("3/task/33", BIG, 72);
	STEPS("=> net:[72] fd 3/33:7", "=> complete");
}

int main(void)
{
	return test_run("tables", make_world, world_tear_down);
}
