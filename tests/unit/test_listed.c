// SPDX-License-Identifier: MIT
/* What the kernel itself lists, by listns(2) and from mount namespace to mount namespace. */
#include "small_world.h"

static int set_up(void **state)
{
	world_with_process_1(state);
	STEPS("has_listns=1");
	return 0;
}

/* Mount namespaces in the order of their places in the table. */
static int step_mnt(const struct kernel *k, int fd, bool up, uint64_t *ret_id)
{
	int step = up ? 1 : -1;

	for (int i = fd - 1000 + step; i >= 0 && i < 16; i += step)
		if (kernel.ns[i].ref.type == NS_MNT && kernel.ns[i].ref.ino) {
			kernel.open++;
			return 1000 + i;
		}
	return -ENOENT;
}

/* Each mount namespace without a process has one mount of net:[its inode + 1000] at /at. */
static int one_mount(const struct kernel *k, int fd, const struct u64map *superblocks,
	const struct mount_filter *filter, struct kernel_mounts *ret_mounts)
{
	struct kernel_mount *mounts = calloc(1, sizeof(*mounts));

	assert_non_null(mounts);
	*mounts = (struct kernel_mount){
		.ref = { NS_NET, kernel.ns[fd - 1000].ref.ino + 1000 },
		.id = 1,
		.path = strdup("/at"),
	};
	*ret_mounts =
		(struct kernel_mounts){ .at = mounts, .n = 1, .whole = true, .has_paths = true };
	return 0;
}

/* Ours, which the walk starts from, stands between two others. */
static void add_mount_namespaces(void)
{
	kernel.kernel.step_mnt = step_mnt;
	STEPS("@mnt:[43]", "@mnt:[4026531802]", "@mnt:[48]", "@mnt:[49]",
		"self/ns/mnt mnt:[4026531802]");
}

TEST_FIXTURE(set_up, world_tear_down);

TEST(the_walk_goes_both_ways_from_our_mount_namespace)
{
	add_mount_namespaces();
	STEPS("=> mnt:[43] kernel", "=> mnt:[48] kernel", "=> mnt:[49] kernel",
		"=> mnt:[4026531802] process 1", "=> unlimited MNT_WALK", "=> odd kernel 0");
}

TEST(the_mounts_of_one_without_process_are_read_once)
{
	add_mount_namespaces();
	STEPS("=1/mountinfo 20 1 8:1 / / rw - ext4 /dev/sda rw\n");
	kernel.kernel.mounts = one_mount;
	/* Ours was read by process 1, the mountinfo of which has no such mount. */
	STEPS("=> net:[1043] mount 43:/at", "=> net:[1049] mount 49:/at", "=> !net:[4026532802]",
		"=> unlimited STATMOUNT");
}

TEST(a_mount_that_a_chrooted_process_showed_is_not_listed_twice)
{
	add_mount_namespaces();
	kernel.kernel.mounts = one_mount;
	STEPS("1/root /jail", "=1/mountinfo 1 20 0:4 net:[4026532802] /in/jail rw - nsfs nsfs rw\n",
		"=> net:[4026532802] mount /in/jail");
}

TEST(mounts_of_a_mount_namespace_that_a_descriptor_holds_are_read)
{
	kernel.kernel.mounts = one_mount;
	STEPS("@mnt:[43]", "1/fd/3 mnt:[43]", "without kernel", "=> mnt:[43] fd 1:3",
		"=> net:[1043] mount 43:/at");
}

TEST(denied_step_to_the_next_mount_namespace_is_a_limitation_by_cause)
{
	add_mount_namespaces();
	kernel.kernel.step_mnt = fake_calls.step_mnt;
	STEPS("fail step_mnt ENOTTY", "=> limited MNT_WALK", "=> unlimited PRIVILEGE",
		"=> odd kernel 0", "fail step_mnt EINVAL", "=> limited MNT_WALK",
		"=> unlimited PRIVILEGE", "=> odd kernel 0", "fail step_mnt EPERM",
		"=> unlimited MNT_WALK", "=> limited PRIVILEGE", "=> odd kernel 0",
		"fail step_mnt ENOENT", "=> unlimited MNT_WALK", "=> unlimited PRIVILEGE",
		"=> odd kernel 0", "fail step_mnt EIO", "=> odd kernel 1");
	kernel.failure = -EMFILE;
	assert_int_equal(try_scan(0), -EMFILE);
	assert_int_equal(kernel.open, 0);
}

TEST(kernel_without_the_calls_is_a_limitation)
{
	/* A plain directory: */
	STEPS("@mnt:[43]", "1/fd/3 mnt:[43]", "has_listns=0", "=> listed 0",
		"=> limitations STATMOUNT");
}

TEST_CALL(missing_listns_is_a_limitation_and_no_error,
	STEPS("fail list ENOSYS", "=> limited LISTNS", "=> odd kernel 0"));

static ssize_t list_round(
	const struct kernel *k, unsigned types, uint64_t after, uint64_t *ids, size_t n)
{
	assert_true(n >= 2);
	ids[0] = 500;
	ids[1] = 501;
	return 2;
}

/* 500 and 501 can't be opened, which is no error: ESTALE */
TEST(a_list_that_does_not_ascend_ends)
{
	kernel.kernel.list = list_round;
	STEPS("=> vanished kernel 0", "=> odd kernel 1", "=> namespaces 8");
}

TEST(namespace_with_a_known_id_is_not_opened_again)
{
	kernel.kernel.open_id = NULL; /* a call would crash */
	STEPS("@net:[4026531803] id=400 listed", "=> net:[4026531803].id 400");
}

TEST_CALL(namespace_that_only_the_kernel_lists_has_holder_kernel,
	STEPS("@pid:[40] parent=41 owner=42 id=500 listed", "@pid:[41] owner=42",
		"@user:[42] parent=4026531806 uid=1234", "@user:[4026531806] uid=0",
		"@net:[44] id=501 listed", "@net:[4026531803] id=400 listed",
		"@user:[45] id=503 listed", "@ipc:[46] owner=45 id=502 listed",
		"=> pid:[40] kernel", "=> pid:[41] child pid:[40]", "=> net:[44] kernel",
		"=> net:[4026531803] process 1", "=> ipc:[46] kernel",
		"=> user:[45] owned ipc:[46]", "=> user:[42] owned pid:[40], owned pid:[41]",
		"=> user:[4026531806] process 1, child user:[42]", "=> user:[42].owner_uid 1234",
		"=> unlimited LISTNS"));

static uint64_t newest_id;

/* Lists one namespace, which has not existed in the scan before. */
static ssize_t list_new(
	const struct kernel *k, unsigned types, uint64_t after, uint64_t *ids, size_t n)
{
	if (after)
		return 0;
	ids[0] = kernel.ns[0].id = ++newest_id;
	return 1;
}

TEST(new_namespaces_in_every_scan_make_the_answer_incomplete)
{
	kernel.ns[0] = (struct fake_ns){ { NS_NET, 90 }, .listed = true };
	kernel.kernel.list = list_new;
	newest_id = 400;
	STEPS("=> namespaces 8");
	assert_true(newest_id > 401);
	FOUND("=> limited TURNOVER");
}

TEST(missing_process_1_shows_that_procfs_hides_processes)
{
	STEPS("unprivileged=1", "=> unlimited HIDEPID");
	world_done();
	world_new();
	STEPS("7", "=> limited HIDEPID");
}
