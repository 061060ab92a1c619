// SPDX-License-Identifier: MIT
/* Owners, parents and ids: read once per namespace, through any holder with a path that still
 * exists. */
#include "small_world.h"

WORLD_FIXTURE("1");

TEST(relations_are_read_once_per_namespace)
{
	for (pid_t pid = 2; pid < 20; pid++)
		world_process(pid, 1);
	STEPS("@uts:[4026531807] owner=50", "@ipc:[4026531801] owner=50", "@user:[50] uid=0",
		"=> relations owner ipc:[4026531801], parent user:[50], owner uts:[4026531807]",
		"=> user:[50] owned ipc:[4026531801], owned uts:[4026531807]");
}

/* A user namespace's owner is its parent, and is read as that. */
STEPS_TEST(only_pid_and_user_namespaces_have_a_parent, "@cgroup:[4026531800]", "@ipc:[4026531801]",
	"@mnt:[4026531802]", "@net:[4026531803]", "@pid:[4026531804]", "@time:[4026531805]",
	"@user:[4026531806]", "@uts:[4026531807]",
	"=> relations owner cgroup:[4026531800], owner ipc:[4026531801], owner mnt:[4026531802], "
	"owner net:[4026531803], owner pid:[4026531804], parent pid:[4026531804], "
	"owner time:[4026531805], parent user:[4026531806], owner uts:[4026531807]");

STEPS_TEST(denied_relations_stay_empty, "@user:[4026531806]", /* parent: EPERM */
	"@uts:[4026531807]", "=> uts:[4026531807].related 1", "=> uts:[4026531807].owner 0",
	"=> uts:[4026531807].parent 0", "=> uts:[4026531807].id 0", "=> user:[4026531806].owner 0",
	"=> errors threads 1 0 0, mounts 1 0 0");

STEPS_TEST(unknown_owner_is_not_root, "@user:[4026531806]", "fail owner_uid EINVAL",
	"=> user:[4026531806].has_owner_uid 0");

TEST(netnsids_are_read_on_request_only)
{
	STEPS("@uts:[1]", "@uts:[2]", "@net:[4026531803]", "=> net:[4026531803].has_netnsid 1",
		"=> net:[4026531803].netnsid 2", "=> uts:[4026531807].has_netnsid 0");
	kernel.kernel.netnsid = NULL; /* a call would crash */
	STEPS("no_netnsid=1", "=> net:[4026531803].has_netnsid 0");
}

STEPS_TEST(a_mount_is_opened_once_below_the_root_of_a_process_that_sees_it, "@net:[70] id=700", "2",
	"2/root/run/a net:[70]", "+2/mountinfo net:[70] /run/a", "=> net:[70].id 700",
	"=> opened_below 1");

/* Another file system covers the mount, or another namespace was mounted there since. */
STEPS_TEST(a_mount_that_leads_elsewhere_is_not_taken, "@net:[71] id=710", "1/root/a net:[71]",
	"+1/mountinfo net:[70] /a", "=> net:[70].related 0", "=> net:[70].id 0", "=> !net:[71]");

STEPS_TEST(kernel_that_opens_no_mount_is_a_limitation, "fail open_below ENOSYS",
	"+1/mountinfo net:[70] /a", "=> limited OPENAT2", "=> net:[70].related 0");

static int open_stranger(const struct kernel *k, int dirfd, const char *path)
{
	if (strncmp(path, "1/", 2) != 0)
		return fake_calls.open(k, dirfd, path);
	kernel.open++;
	return 1001;
}

TEST(the_next_holder_is_tried_where_a_pid_went_to_another)
{
	STEPS("@uts:[4026531807] id=800", "@uts:[81] id=810");
	kernel.kernel.open = open_stranger;
	STEPS("2", "=> uts:[4026531807].id 800", "=> !uts:[81]");
}

TEST(namespaces_nest_as_deep_as_the_kernel_lets_them)
{
	STEPS("@user:[4026531806] parent=51");
	for (uint32_t i = 51; i < 65; i++)
		STEPS(strf("@user:[%u] parent=%u uid=%u", i, i + 1, i));
	STEPS("@user:[65] uid=99", "=> user:[65] child user:[64]", "=> user:[65].owner_uid 99");
	for (uint32_t i = 51; i < 65; i++)
		FOUND(strf("=> user:[%u].parent %u", i, i + 1));
}

STEPS_TEST(a_loop_of_parents_of_any_length_ends, "@pid:[4026531804] parent=51",
	"@pid:[51] parent=52", "@pid:[52] parent=51", "@user:[4026531806] parent=4026531806",
	"=> pid:[51] child pid:[4026531804], child pid:[52]", "=> pid:[52] child pid:[51]",
	"=> user:[4026531806] process 1, child user:[4026531806]");
