// SPDX-License-Identifier: MIT
/* Bind mounts of namespace files, and what hostile mount points and broken lines do. */
#include "small_world.h"

#include "../../src/scan/internal.h"

WORLD_FIXTURE("1");

STEPS_TEST(a_bind_mount_alone_keeps_a_namespace_visible, "+1/mountinfo / /",
	"+1/mountinfo net:[70] /run/netns/blue", "self/ns/mnt mnt:[4026531802]",
	"=> net:[70] mount /run/netns/blue", "=> net:[70].nprocs 0");

STEPS_TEST(a_chrooted_process_does_not_hide_the_rest, "1/root /srv/jail",
	"+1/mountinfo net:[70] /a", "2", "2/root /",
	"=2/mountinfo 21 20 0:4 net:[70] /srv/jail/a rw - nsfs nsfs rw\n",
	"+2/mountinfo net:[71] /b", "3", "+3/mountinfo net:[72] /c", "=> net:[70].nholders 1",
	"=> net:[71].nholders 1", "=> !net:[72]");

STEPS_TEST(the_next_process_is_tried_where_one_is_gone, "2", "+2/mountinfo net:[71] /b",
	"=> net:[71] mount 4026531802:/b");

TEST(hostile_mount_points_are_read_as_they_are)
{
	const char *path = strf("/%04094d", 0);

	STEPS("+1/mountinfo net:[70] /a\\040b\\012c\\134d", strf("+1/mountinfo net:[71] %s", path),
		"+1/mountinfo / /x\\040-\\040nsfs\\040", "=> net:[70] mount 4026531802:/a b\nc\\d",
		strf("=> net:[71] mount 4026531802:%s", path), "=> namespaces 10");
}

STEPS_TEST(a_broken_line_is_counted_and_spoils_no_other,
	"=1/mountinfo garbage - nsfs \n"
	"21 20 0:4 net:[] /a rw - nsfs nsfs rw\n"
	"22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n"
	"23 20 0:4 net:[72] /c rw - nsfs", /* cut off */
	"=> net:[71] mount 4026531802:/b", "=> mounts 0 0 1");

STEPS_TEST(a_line_that_is_cut_off_before_its_type_is_counted,
	"=1/mountinfo 21 20 0:4 net:[71] /a rw - nsfs nsfs rw\n22 20 0:4 net:[72] /b",
	"=> net:[71] mount 4026531802:/a", "=> mounts 0 0 1");

/*
 * Mount namespace 99 has mounts 21 to 23, one on the root directory and two of namespaces. The
 * kernel counts three, and lists one.
 */
#define MNT_99                                                                                     \
	"self/ns/mnt mnt:[4026531802]", "1/fd/3 mnt:[99]", "@mnt:[99]", "counted_mounts=3",        \
		"@mount 99 net:[70] /a", "without kernel"

#define ALL_THREE(dir)                                                                             \
	"+" dir "/mountinfo / /", "+" dir "/mountinfo net:[70] /a", "+" dir "/mountinfo net:[71] /b"

STEPS_TEST(mounts_that_the_kernel_does_not_list_are_read_from_a_member, MNT_99,
	"lists_some_mounts=1", "2 mnt:[99]", "2/root /", ALL_THREE("2"), "=> net:[70] mount 99:/a",
	"=> net:[71] mount 99:/b", "=> complete",
	"counted_mounts=4", /* the member shows only a part of them */
	"=> net:[71] mount 99:/b", "=> incomplete");

STEPS_TEST(a_short_list_of_a_mount_namespace_without_member_is_incomplete, MNT_99,
	"lists_some_mounts=1", "=> net:[70] mount 99:/a", "=> incomplete",
	"=> reasons could not list all mounts of mount namespace 99\n");

STEPS_TEST(a_list_as_long_as_the_kernel_counts_is_complete, MNT_99, "=> complete");

/* Also after the process that showed the mount has ended. */
#define MOUNT_OF_MNT_99 MNT_99, "+1/mountinfo / /", "+1/mountinfo mnt:[99] /m", "1/root/m mnt:[99]"

STEPS_TEST(mount_namespace_is_read_through_its_mount_after_its_descriptor_was_closed,
	MOUNT_OF_MNT_99, "fail open ENOENT", "=> mnt:[99] fd 1:3, mount /m",
	"=> net:[70] mount 99:/a");

STEPS_TEST(mount_namespace_is_read_through_its_mount_after_its_member_has_ended, MOUNT_OF_MNT_99,
	"fail open ENOENT", "!1/fd/3", "2 mnt:[99]", "=> mnt:[99] process 2, mount /m",
	"=> net:[70] mount 99:/a");

/* Threads 11 to 10 + n are in it, without a mountinfo. */
static void add_threads(pid_t n)
{
	for (pid_t tid = 11; tid < 11 + n; tid++)
		STEPS(strf("1/%d", tid), strf("1/task/%d/ns/mnt mnt:[99]", tid));
}

TEST(mount_namespace_is_read_through_a_descriptor_after_many_threads_have_ended)
{
	add_threads(10);
	STEPS(MNT_99, "fail open ENOENT mnt", "=> net:[70] mount 99:/a");
}

TEST(mounts_are_read_from_the_eighth_thread_if_the_others_have_ended)
{
	add_threads(8);
	STEPS(MNT_99, "lists_some_mounts=1", ALL_THREE("1/task/18"), "=> net:[71] mount 99:/b");
}

static int open_after_change(const struct kernel *k, int dirfd, const char *path)
{
	world_link("1/ns/mnt", "?");
	return -ENOENT;
}

TEST(mounts_of_a_process_in_an_unreadable_mount_namespace_are_missing)
{
	kernel.kernel.open = open_after_change;
	STEPS("+1/mountinfo net:[70] /a", "without kernel", "=> !net:[70]", "=> mounts 0 0 1",
		"=> incomplete");
}

STEPS_TEST(the_first_mount_of_a_mount_namespace_is_not_counted, MNT_99, "2 mnt:[99]", "2/root /",
	"=2/mountinfo 21 21 0:2 / / rw - rootfs x rw\n", "+2/mountinfo net:[70] /a",
	"fail mounts EPERM", "counted_mounts=2", "=> report.partial_mntns.n 1", "counted_mounts=1",
	"=> report.partial_mntns.n 0");

STEPS_TEST(mount_point_that_the_kernel_leaves_out_is_read_from_a_member,
	"self/ns/mnt mnt:[4026531802]", "1/fd/3 mnt:[99]", "@mnt:[99]", "counted_mounts=3",
	"@mount 99 net:[70]", "@mount 99 net:[72]", "2 mnt:[99]", "2/root /jail",
	"=2/mountinfo 22 21 0:4 net:[70] /a rw - nsfs nsfs rw\n", "without kernel",
	"=> net:[70] mount 99:/a", "=> net:[72] mount 99:(path unknown)", "=> complete");

/* As a busy initramfs leaves it: mounts beside the one that holds the root directory. */
STEPS_TEST(mounts_that_no_member_of_our_mount_namespace_shows_are_listed_by_the_kernel,
	"self/ns/mnt mnt:[4026531802]", "@mnt:[4026531802]", "+1/mountinfo / /",
	"@mount 4026531802 net:[70] /a", "counted_mounts=2", "without kernel",
	"=> net:[70] mount /a", "=> complete", "counted_mounts=1", "=> !net:[70]");

STEPS_TEST(a_mount_of_a_type_that_a_newer_kernel_has_is_ignored, "+1/mountinfo wlan:[70] /a",
	"+1/mountinfo net:[71] /b", "=> net:[71] mount 4026531802:/b", "=> complete");

/* Each mount namespace that a user makes has copies of all mounts, and mount points may be long. */
TEST(too_many_bytes_of_mount_points_make_the_answer_incomplete)
{
	for (pid_t pid = 2; pid <= 4; pid++)
		STEPS(strf("%d mnt:[%d]", pid, 90 + pid),
			strf("+%d/mountinfo net:[70] /0123456789", pid));
	STEPS("mount_points_max=22",
		"=> net:[70] mount 92:/0123456789, mount 93:/0123456789, mount 94:(path too long)",
		"=> reasons could not list all mounts of mount namespace 94\n");
}

STEPS_TEST(file_that_a_mount_is_on_is_that_of_the_parent_mount, "points=1",
	"=1/mountinfo 20 1 0:25 /deep /p rw shared:7 master:8 - tmpfs a\\040shared:9 rw\n",
	"+1/mountinfo net:[70] /p/a", "=> net:[70].point 0:25 /deep/a 7 8");

STEPS_TEST(broken_line_does_not_stand_for_the_parent_mount, "points=1",
	"=1/mountinfo 20 1 0:25 /broken\n20 1 0:25 /deep /p rw shared:7 - tmpfs x rw\n",
	"+1/mountinfo net:[70] /p/a", "=> net:[70].point 0:25 /deep/a 7 0");

/* A mount costs its user 300 bytes, and the directory of its file may have a long path. */
TEST(the_bytes_of_files_that_mounts_are_on_are_limited)
{
	const char *dir = strf("/%059998d", 0);
	size_t known = 0;

	STEPS("points=1", strf("=1/mountinfo 20 1 0:25 %s /p rw - tmpfs x rw\n", dir));
	for (unsigned i = 0; i < 300; i++)
		STEPS(strf("+1/mountinfo net:[70] /p/%u", i));
	STEPS("=> net:[70].nholders 300");
	for (const struct holder *h = find_ns(NS_NET, 70)->first; h; h = h->next)
		known += h->mount->point.file != NULL;
	assert_int_equal(known, 8 * 1024 * 1024 / 60000 + 1);
}

static bool is_wanted(const struct mount_filter *filter, const char *text)
{
	struct mount_table table = { .filter = filter };
	char *line = strf("%s", text);
	bool wanted;

	mount_table_take(&table, line, strlen(line));
	wanted = table.n;
	kernel_free_mounts(table.at, table.n);
	return wanted;
}

/* For a block device, the source of a mount does not count: a user may choose its text. */
TEST(mount_matches_by_device_mount_point_or_source)
{
	static char device[] = "8:17", source[] = "/dev/sdb1", point[] = "/mnt/a b";
	const struct mount_filter of_device = { .device = device, .source = source };
	const struct mount_filter of_text = { .point = point, .source = source, .typed = source };
	static const struct {
		const char *line;
		bool by_device, by_text;
	} cases[] = {
		{ "21 20 8:17 / /x rw - ext4 /dev/sdb2 rw", true, false },
		{ "21 20 8:1 / /x rw - ext4 /dev/sdb2 rw", false, false },
		{ "21 20 0:40 / /x rw - btrfs /dev/sdb1 rw", true, true },
		{ "21 20 0:41 / /x rw - tmpfs /dev/sdb1 rw", false, true },
		{ "21 20 0:41 / /x rw - fuse.made-up /dev/sdb1 rw", false, true },
		{ "21 20 0:41 / /x rw - fuseblk /dev/sdb1 rw", true, true },
		{ "21 20 0:42 / /mnt/a\\040b rw - tmpfs x rw", false, true },
		{ "21 20 8:17 / /x rw", false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (is_wanted(&of_device, cases[i].line) != cases[i].by_device ||
			is_wanted(&of_text, cases[i].line) != cases[i].by_text)
			fail_msg("%s", cases[i].line);
}
