// SPDX-License-Identifier: MIT
/* Bind mounts of namespace files, and what hostile mount points and broken lines do. */
#include "small_world.h"

#include "../../src/scan/internal.h"

TEST_FIXTURE(world_with_process_1, world_tear_down);

TEST_CALL(a_bind_mount_alone_keeps_a_namespace_visible,
	STEPS("=1/mountinfo 20 1 8:1 / / rw - ext4 /dev/sda rw\n"
	      "21 20 0:4 net:[70] /run/netns/blue rw shared:1 - nsfs nsfs rw\n",
		"self/ns/mnt mnt:[4026531802]", "=> net:[70] mount /run/netns/blue",
		"=> net:[70].nprocs 0"));

TEST_CALL(a_mount_elsewhere_names_its_mount_namespace,
	STEPS("self/ns/mnt mnt:[4026531802]", "2 mnt:[99]",
		"=2/mountinfo 21 20 0:4 uts:[71] /x rw - nsfs nsfs rw\n",
		"=> uts:[71] mount 99:/x"));

TEST_CALL(one_process_a_mount_namespace_is_read,
	STEPS("2", "=1/mountinfo 21 20 0:4 net:[70] /a rw - nsfs nsfs rw\n",
		"=2/mountinfo 22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n", "=> net:[70].nholders 1",
		"=> !net:[71]"));

TEST_CALL(a_chrooted_process_does_not_hide_the_rest,
	STEPS("1/root /srv/jail", "=1/mountinfo 21 20 0:4 net:[70] /a rw - nsfs nsfs rw\n", "2",
		"2/root /",
		"=2/mountinfo 21 20 0:4 net:[70] /srv/jail/a rw - nsfs nsfs rw\n"
		"22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n",
		"3", "=3/mountinfo 23 20 0:4 net:[72] /c rw - nsfs nsfs rw\n",
		"=> net:[70].nholders 1", "=> net:[71].nholders 1", "=> !net:[72]"));

TEST_CALL(the_next_process_is_tried_where_one_is_gone,
	STEPS("2", "=2/mountinfo 22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n",
		"=> net:[71] mount 4026531802:/b"));

TEST(hostile_mount_points_are_read_as_they_are)
{
	const char *path = strf("/%04094d", 0);
	const struct ns *ns;

	world_file("1/mountinfo", strf("21 20 0:4 net:[70] /a\\040b\\012c\\134d rw - nsfs nsfs rw\n"
				       "22 20 0:4 net:[71] %s rw - nsfs nsfs rw\n"
				       "23 20 8:1 / /x\\040-\\040nsfs\\040 rw - ext4 /dev/sda rw\n",
					  path));
	STEPS("=> net:[70] mount 4026531802:/a b\nc\\d");
	ns = find_ns(NS_NET, 71);
	assert_non_null(ns);
	assert_string_equal(ns->first->mount->path, path);
	FOUND("=> namespaces 10");
}

TEST(a_broken_line_is_counted_and_spoils_no_other)
{
	STEPS("=1/mountinfo garbage - nsfs \n"
	      "21 20 0:4 net:[] /a rw - nsfs nsfs rw\n"
	      "22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n"
	      "23 20 0:4 net:[72] /c rw - nsfs"); /* cut off */
	STEPS("=> net:[71] mount 4026531802:/b");
	assert_true(scanned.report.errors[SOURCE_MOUNTS].odd >= 1);
}

TEST_CALL(a_line_that_is_cut_off_before_its_type_is_counted,
	STEPS("=1/mountinfo 21 20 0:4 net:[71] /a rw - nsfs nsfs rw\n22 20 0:4 net:[72] /b",
		"=> net:[71] mount 4026531802:/a", "=> odd mounts 1"));

/* What the kernel lists of mount namespace 99. */
static char at_a[] = "/a", unknown[] = KERNEL_MOUNT_UNKNOWN;
static struct kernel_mount listed[2];
static struct kernel_mounts list;

static int list_mounts(const struct kernel *k, int fd, const struct u64map *superblocks,
	const struct mount_filter *filter, struct kernel_mounts *ret_mounts)
{
	*ret_mounts = list;
	ret_mounts->at = calloc(list.n + 1, sizeof(*list.at));
	assert_non_null(ret_mounts->at);
	for (size_t i = 0; i < list.n; i++) {
		ret_mounts->at[i] = listed[i];
		ret_mounts->at[i].path = strdup(listed[i].path);
	}
	return 0;
}

/*
 * Mount namespace 99 has mounts 21 to 23, one on the root directory and two of namespaces. The
 * kernel counts three, and lists one. whole: its list is complete.
 */
static void add_mount_namespace(bool whole)
{
	STEPS("self/ns/mnt mnt:[4026531802]", "1/fd/3 mnt:[99]", "@mnt:[99]", "counted_mounts=3");
	kernel.kernel.mounts = list_mounts;
	listed[0] = (struct kernel_mount){ .ref = { NS_NET, 70 }, .id = 22, .path = at_a };
	list = (struct kernel_mounts){ .at = listed, .n = 1, .whole = whole, .has_paths = true };
}

/* A process that is in it, with that root and mountinfo. */
static void add_member(const char *root, const char *mountinfo)
{
	STEPS("2 mnt:[99]");
	world_link("2/root", root);
	world_file("2/mountinfo", mountinfo);
}

static const char all_three[] = "21 20 8:1 / / rw - ext4 /dev/sda rw\n"
				"22 21 0:4 net:[70] /a rw - nsfs nsfs rw\n"
				"23 21 0:4 net:[71] /b rw - nsfs nsfs rw\n";

TEST(mounts_that_the_kernel_does_not_list_are_read_from_a_member)
{
	add_mount_namespace(false);
	add_member("/", all_three);
	STEPS("without kernel", "=> net:[70] mount 99:/a", "=> net:[71] mount 99:/b", "=> complete",
		"counted_mounts=4", /* the member shows only a part of them */
		"without kernel", "=> net:[71] mount 99:/b", "=> incomplete");
}

TEST(a_short_list_of_a_mount_namespace_without_member_is_incomplete)
{
	add_mount_namespace(false);
	STEPS("without kernel", "=> net:[70] mount 99:/a", "=> incomplete");
	assert_string_equal(reasons(), "could not list all mounts of mount namespace 99\n");
}

TEST(a_list_as_long_as_the_kernel_counts_is_complete)
{
	add_mount_namespace(true);
	STEPS("without kernel", "=> complete");
}

static int open_first_below(const struct kernel *k, int dirfd, const char *root, const char *path)
{
	kernel.open++;
	return 1000;
}

static void add_mount_of_mount_namespace(void)
{
	add_mount_namespace(true);
	kernel.kernel.open_below = open_first_below;
	/* The process has ended before: */
	STEPS("fail open ENOENT", "=1/mountinfo 21 20 8:1 / / rw - ext4 /dev/sda rw\n"
				  "24 21 0:4 mnt:[99] /m rw - nsfs nsfs rw\n");
}

TEST(mount_namespace_is_read_through_its_mount_after_its_descriptor_was_closed)
{
	add_mount_of_mount_namespace();
	STEPS("without kernel", "=> mnt:[99] fd 1:3, mount /m", "=> net:[70] mount 99:/a");
}

TEST(mount_namespace_is_read_through_its_mount_after_its_member_has_ended)
{
	add_mount_of_mount_namespace();
	STEPS("!1/fd/3", "2 mnt:[99]", "without kernel", "=> mnt:[99] process 2, mount /m",
		"=> net:[70] mount 99:/a");
}

/* Threads that are in it, without a mountinfo. */
static void add_threads(pid_t n)
{
	for (pid_t tid = 11; tid < 11 + n; tid++) {
		world_thread(1, tid);
		world_link(strf("1/task/%d/ns/mnt", tid), "mnt:[99]");
	}
}

static int open_descriptor_only(const struct kernel *k, int dirfd, const char *path)
{
	return strcmp(path, "3") ? -ENOENT : fake_calls.open(k, dirfd, path);
}

TEST(mount_namespace_is_read_through_a_descriptor_after_many_threads_have_ended)
{
	add_mount_namespace(true);
	add_threads(10);
	kernel.kernel.open = open_descriptor_only;
	STEPS("without kernel", "=> net:[70] mount 99:/a");
}

TEST(mounts_are_read_from_the_eighth_thread_if_the_others_have_ended)
{
	add_mount_namespace(false);
	add_threads(8);
	world_file("1/task/18/mountinfo", all_three);
	STEPS("without kernel", "=> net:[71] mount 99:/b");
}

static int open_after_change(const struct kernel *k, int dirfd, const char *path)
{
	world_link("1/ns/mnt", "?");
	return -ENOENT;
}

TEST(mounts_of_a_process_in_an_unreadable_mount_namespace_are_missing)
{
	kernel.kernel.open = open_after_change;
	STEPS("=1/mountinfo 21 20 0:4 net:[70] /a rw - nsfs nsfs rw\n", "without kernel",
		"=> !net:[70]");
	assert_int_equal(scanned.report.errors[SOURCE_MOUNTS].odd, 1);
	assert_false(is_complete());
}

TEST(the_first_mount_of_a_mount_namespace_is_not_counted)
{
	add_mount_namespace(false);
	kernel.kernel.mounts = fake_calls.mounts;
	add_member("/", "21 21 0:2 / / rw - rootfs rootfs rw\n"
			"22 21 0:4 net:[70] /a rw - nsfs nsfs rw\n");
	STEPS("fail mounts EPERM", "counted_mounts=2");
	scan(1u << SOURCE_KERNEL);
	assert_int_equal(scanned.report.partial_mntns.n, 1);
	STEPS("counted_mounts=1");
	scan(1u << SOURCE_KERNEL);
	assert_int_equal(scanned.report.partial_mntns.n, 0);
}

TEST(mount_point_that_the_kernel_leaves_out_is_read_from_a_member)
{
	add_mount_namespace(true);
	listed[0].path = unknown;
	listed[1] = (struct kernel_mount){ .ref = { NS_NET, 72 }, .id = 24, .path = unknown };
	list.n = 2;
	list.has_paths = false;
	add_member("/jail", "22 21 0:4 net:[70] /a rw - nsfs nsfs rw\n");
	STEPS("without kernel", "=> net:[70] mount 99:/a", "=> net:[72] mount 99:(path unknown)",
		"=> complete");
}

/* As a busy initramfs leaves it: mounts beside the one that holds the root directory. */
TEST(mounts_that_no_member_of_our_mount_namespace_shows_are_listed_by_the_kernel)
{
	add_mount_namespace(true);
	STEPS("@mnt:[4026531802]", "!1/fd/3", "=1/mountinfo 21 20 8:1 / / rw - ext4 /dev/sda rw\n",
		"counted_mounts=2", "without kernel", "=> net:[70] mount /a", "=> complete");
	STEPS("counted_mounts=1", "without kernel", "=> !net:[70]");
}

TEST_CALL(a_mount_of_a_type_that_a_newer_kernel_has_is_ignored,
	STEPS("=1/mountinfo 21 20 0:4 wlan:[70] /a rw - nsfs nsfs rw\n"
	      "22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n",
		"=> net:[71] mount 4026531802:/b", "=> complete"));

/* Each mount namespace that a user makes has copies of all mounts, and mount points may be long. */
TEST(too_many_bytes_of_mount_points_make_the_answer_incomplete)
{
	for (pid_t pid = 2; pid <= 4; pid++) {
		world_process(pid, 1);
		world_link(strf("%d/ns/mnt", pid), strf("mnt:[%d]", 90 + pid));
		world_file(strf("%d/mountinfo", pid),
			"21 20 0:4 net:[70] /0123456789 rw - nsfs nsfs rw\n");
	}
	kernel.mount_points_max = 22;
	STEPS("=> net:[70] mount 92:/0123456789, mount 93:/0123456789, mount 94:(path too long)");
	assert_string_equal(reasons(), "could not list all mounts of mount namespace 94\n");
}

/* The mount that has the files of the others is of this directory, in which files are named so. */
static void mount_on_files(const char *dir, unsigned n)
{
	struct strbuf text = { 0 };

	strbuf_addf(&text, "30 1 0:25 %s /p rw shared:7 master:8 - tmpfs a\\040shared:9 rw\n", dir);
	for (unsigned i = 0; i < n; i++)
		strbuf_addf(&text, "%u 30 0:4 net:[70] /p/%u rw - nsfs nsfs rw\n", 31 + i, i);
	world_file("1/mountinfo", strbuf_keep(&text));
	STEPS("points=1");
}

TEST(file_that_a_mount_is_on_is_that_of_the_parent_mount)
{
	const struct mount_point *point;

	mount_on_files("/deep", 1);
	scan(0);
	point = &find_ns(NS_NET, 70)->first->mount->point;
	assert_string_equal(point->file, "0:25 /deep/0");
	assert_int_equal(point->peers, 7);
	assert_int_equal(point->master, 8);
}

TEST(broken_line_does_not_stand_for_the_parent_mount)
{
	const char *file;

	STEPS("points=1",
		"=1/mountinfo 30 1 0:25 /broken\n30 1 0:25 /deep /p rw shared:7 - tmpfs x rw\n"
		"31 30 0:4 net:[70] /p/a rw - nsfs nsfs rw\n");
	scan(0);
	file = find_ns(NS_NET, 70)->first->mount->point.file;
	assert_non_null(file);
	assert_string_equal(file, "0:25 /deep/a");
}

/* A mount costs its user 300 bytes, and the directory of its file may have a long path. */
TEST(the_bytes_of_files_that_mounts_are_on_are_limited)
{
	static char dir[60000] = "/";
	size_t known = 0;

	memset(dir + 1, 'd', sizeof(dir) - 2);
	mount_on_files(dir, 300);
	scan(0);
	for (const struct holder *h = find_ns(NS_NET, 70)->first; h; h = h->next)
		known += h->mount->point.file != NULL;
	FOUND("=> net:[70].nholders 300");
	assert_int_equal(known, 8 * 1024 * 1024 / sizeof(dir) + 1);
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
