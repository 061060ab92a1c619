// SPDX-License-Identifier: MIT
/* What the namespaces and privileges of nsls hide, and mount tables and descriptors of which a
 * process shows only a part. */
#include "small_world.h"

WORLD_FIXTURE("1", "has_listns=1"); /* a procfs */

STEPS_TEST(nothing_is_hidden_in_the_initial_namespaces, "=> complete");

STEPS_TEST(a_pid_namespace_of_our_own_hides_processes, "own_pid=4026532000", "=> limited PIDNS",
	"=> incomplete");

STEPS_TEST(a_procfs_of_another_pid_namespace_hides_what_is_outside_of_that, "foreign=1",
	"=> limited PIDNS", "1/ns/pid pid:[4026531836]", "=> limitations FOREIGN");

STEPS_TEST(missing_privileges_are_a_limitation, "unprivileged=1", "=> limited PRIVILEGE",
	"=> incomplete");

STEPS_TEST(without_a_procfs_of_ours_namespaces_can_not_be_opened, "kernel.has_self=0",
	"=> limited SELF", "=> incomplete");

/* Both roots read "/": that of 1 is a tree in which nothing of the namespace is. */
STEPS_TEST(a_process_on_a_tree_of_its_own_does_not_hide_mounts, "2", "=1/mountinfo ", "1/root /",
	"+2/mountinfo / /", "+2/mountinfo net:[70] /a", "2/root /", "=> net:[70] mount /a",
	"=> complete");

STEPS_TEST(mounts_that_no_member_shows_are_a_limitation, "+1/mountinfo net:[70] /a", "1/root /jail",
	"=> limited ROOTS", "=> incomplete", "=> net:[70] mount /a");

static unsigned compared; /* tables of descriptors, two at a time */

/* Threads alternate between two tables, that of the process and another. */
static int order_files(const struct kernel *k, pid_t tid, pid_t other, int *ret_order)
{
	compared++;
	*ret_order = tid % 2 - other % 2;
	return 0;
}

TEST(each_table_of_descriptors_is_read_once_however_threads_alternate)
{
	compared = 0;
	kernel.kernel.order_files = order_files;
	for (int tid = 1; tid <= 40; tid++)
		world_link(strf("1/task/%d/fd/%d", tid, 3 + tid % 2),
			tid % 2 ? "net:[80]" : "net:[81]");
	STEPS("1/fd/4 net:[80]", "without threads", "=> net:[80] fd 1:4", "=> net:[81] fd 1/2:3");
	assert_true(compared <= 80);
}

/* Of the initial namespaces, a container sees only user and, without more privileges, time. */
TEST(ids_show_that_the_initial_inodes_are_known)
{
	scan(0);
	assert_false(model_knows_initial(&scanned.model, NS_NET));
	STEPS("@user:[4026531806] id=7");
	scan(0);
	assert_true(model_knows_initial(&scanned.model, NS_NET));
	assert_true(model_knows_initial(&scanned.model, NS_MNT));
}
