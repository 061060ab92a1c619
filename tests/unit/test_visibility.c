// SPDX-License-Identifier: MIT
/*
 * What the kernel itself lists, by listns(2) and from mount namespace to mount namespace; what the
 * namespaces and privileges of nsls hide; and mount tables and descriptors of which a process shows
 * only a part.
 */
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

/* Ours, which the walk starts from, stands between two others. */
#define MOUNT_NAMESPACES                                                                           \
	"walks=1", "@mnt:[43]", "@mnt:[4026531802]", "@mnt:[48]", "@mnt:[49]",                     \
		"self/ns/mnt mnt:[4026531802]"

STEPS_TEST(the_walk_goes_both_ways_from_our_mount_namespace, MOUNT_NAMESPACES, "=> mnt:[43] kernel",
	"=> mnt:[48] kernel", "=> mnt:[49] kernel", "=> mnt:[4026531802] process 1",
	"=> unlimited MNT_WALK", "=> kernel 0 0 0");

/* Ours was read by process 1, the mountinfo of which has no such mount. */
STEPS_TEST(the_mounts_of_one_without_process_are_read_once, MOUNT_NAMESPACES, "+1/mountinfo / /",
	"@mount 43 net:[71] /at", "@mount 49 net:[72] /at", "@mount 4026531802 net:[73] /at",
	"=> net:[71] mount 43:/at", "=> net:[72] mount 49:/at", "=> !net:[73]",
	"=> unlimited STATMOUNT");

STEPS_TEST(a_mount_that_a_chrooted_process_showed_is_not_listed_twice, MOUNT_NAMESPACES,
	"1/root /jail", "@mount 4026531802 net:[73] /at",
	"=1/mountinfo 22 20 0:4 net:[73] /in/jail rw - nsfs nsfs rw\n",
	"=> net:[73] mount /in/jail");

STEPS_TEST(mounts_of_a_mount_namespace_that_a_descriptor_holds_are_read, "@mnt:[43]",
	"@mount 43 net:[71] /at", "1/fd/3 mnt:[43]", "without kernel", "=> mnt:[43] fd 1:3",
	"=> net:[71] mount 43:/at");

STEPS_TEST(denied_step_to_the_next_mount_namespace_is_a_limitation_by_cause, MOUNT_NAMESPACES,
	"fail step_mnt ENOTTY", "=> limited MNT_WALK", "=> unlimited PRIVILEGE", "=> kernel 0 0 0",
	"fail step_mnt EINVAL", "=> limited MNT_WALK", "=> unlimited PRIVILEGE", "=> kernel 0 0 0",
	"fail step_mnt EPERM", "=> unlimited MNT_WALK", "=> limited PRIVILEGE", "=> kernel 0 0 0",
	"fail step_mnt ENOENT", "=> unlimited MNT_WALK", "=> unlimited PRIVILEGE",
	"=> kernel 0 0 0", "fail step_mnt EIO", "=> kernel 0 0 1");

/* In a plain directory. */
STEPS_TEST(kernel_without_the_calls_is_a_limitation, "has_listns=0", "@mnt:[43]", "1/fd/3 mnt:[43]",
	"=> listed 0", "=> limitations STATMOUNT");

STEPS_TEST(missing_listns_is_a_limitation_and_no_error, "fail list ENOSYS", "=> limited LISTNS",
	"=> kernel 0 0 0");

STEPS_TEST(a_list_that_does_not_ascend_ends, "lists_again=1", "@net:[70] id=500 listed",
	"fail open_id ESTALE", /* which is no error */
	"=> kernel 0 0 1", "=> namespaces 8");

STEPS_TEST(namespace_with_a_known_id_is_not_opened_again, "fail open_id EIO",
	"@net:[4026531803] id=400 listed", "=> net:[4026531803].id 400", "=> kernel 0 0 0");

STEPS_TEST(namespace_that_only_the_kernel_lists_has_holder_kernel,
	"@pid:[40] parent=41 owner=42 id=500 listed", "@pid:[41] owner=42",
	"@user:[42] parent=4026531806 uid=1234", "@user:[4026531806] uid=0",
	"@net:[44] id=501 listed", "@net:[4026531803] id=400 listed", "@user:[45] id=503 listed",
	"@ipc:[46] owner=45 id=502 listed", "=> pid:[40] kernel", "=> pid:[41] child pid:[40]",
	"=> net:[44] kernel", "=> net:[4026531803] process 1", "=> ipc:[46] kernel",
	"=> user:[45] owned ipc:[46]", "=> user:[42] owned pid:[40], owned pid:[41]",
	"=> user:[4026531806] process 1, child user:[42]", "=> user:[42].owner_uid 1234",
	"=> unlimited LISTNS");

STEPS_TEST(new_namespaces_in_every_scan_make_the_answer_incomplete, "lists_anew=1",
	"@net:[90] id=400 listed", "=> namespaces 8", "=> listed 12", "=> limited TURNOVER");
