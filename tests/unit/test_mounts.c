// SPDX-License-Identifier: MIT
/* Bind mounts of namespace files, and what hostile mount points and broken lines do. */
#include "scan_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int set_up(void **state)
{
	(void)state;
	fixture_new();
	world_process(&world, 1, 0);
	return 0;
}

static void a_bind_mount_alone_keeps_a_namespace_visible(void **state)
{
	(void)state;
	world_file(&world, "1/mountinfo",
		"20 1 8:1 / / rw - ext4 /dev/sda rw\n"
		"21 20 0:4 net:[70] /run/netns/blue rw shared:1 - nsfs nsfs rw\n");
	world_link(&world, "self/ns/mnt", "mnt:[4026531802]");
	scan(0);
	assert_holders(&scanned, NS_NET, 70, "mount /run/netns/blue");
	assert_int_equal(find_ns(&scanned, NS_NET, 70)->nprocs, 0);
}

static void a_mount_elsewhere_names_its_mount_namespace(void **state)
{
	(void)state;
	world_link(&world, "self/ns/mnt", "mnt:[4026531802]");
	world_process(&world, 2, 1);
	world_link(&world, "2/ns/mnt", "mnt:[99]");
	world_file(&world, "2/mountinfo", "21 20 0:4 uts:[71] /x rw - nsfs nsfs rw\n");
	scan(0);
	assert_holders(&scanned, NS_UTS, 71, "mount 99:/x");
}

static void one_process_a_mount_namespace_is_read(void **state)
{
	(void)state;
	world_process(&world, 2, 1);
	world_file(&world, "1/mountinfo", "21 20 0:4 net:[70] /a rw - nsfs nsfs rw\n");
	world_file(&world, "2/mountinfo", "22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n");
	scan(0);
	assert_non_null(find_ns(&scanned, NS_NET, 70));
	assert_null(find_ns(&scanned, NS_NET, 71));
}

static void a_chrooted_process_does_not_hide_the_rest(void **state)
{
	(void)state;
	world_link(&world, "1/root", "/srv/jail");
	world_file(&world, "1/mountinfo", "21 20 0:4 net:[70] /a rw - nsfs nsfs rw\n");
	world_process(&world, 2, 1);
	world_link(&world, "2/root", "/");
	world_file(&world, "2/mountinfo",
		"21 20 0:4 net:[70] /srv/jail/a rw - nsfs nsfs rw\n"
		"22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n");
	world_process(&world, 3, 1);
	world_file(&world, "3/mountinfo", "23 20 0:4 net:[72] /c rw - nsfs nsfs rw\n");
	scan(0);
	assert_int_equal(find_ns(&scanned, NS_NET, 70)->nholders, 1);
	assert_non_null(find_ns(&scanned, NS_NET, 71));
	assert_null(find_ns(&scanned, NS_NET, 72));
}

static void the_next_process_is_tried_where_one_is_gone(void **state)
{
	(void)state;
	world_process(&world, 2, 1);
	world_file(&world, "2/mountinfo", "22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n");
	scan(0);
	assert_holders(&scanned, NS_NET, 71, "mount 4026531802:/b");
}

static void hostile_mount_points_are_read_as_they_are(void **state)
{
	char line[5000], path[4096];
	const struct ns *ns;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[4095] = '\0';
	snprintf(line, sizeof(line),
		"21 20 0:4 net:[70] /a\\040b\\012c\\134d rw - nsfs nsfs rw\n"
		"22 20 0:4 net:[71] %s rw - nsfs nsfs rw\n"
		"23 20 8:1 / /x\\040-\\040nsfs\\040 rw - ext4 /dev/sda rw\n",
		path);
	world_file(&world, "1/mountinfo", line);
	scan(0);
	assert_holders(&scanned, NS_NET, 70, "mount 4026531802:/a b\nc\\d");
	ns = find_ns(&scanned, NS_NET, 71);
	assert_non_null(ns);
	assert_string_equal(ns->first->mount->path, path);
	assert_int_equal(scanned.model.n, NS_TYPE_COUNT + 2);
}

static void a_broken_line_is_counted_and_spoils_no_other(void **state)
{
	(void)state;
	world_file(&world, "1/mountinfo",
		"garbage - nsfs \n"
		"21 20 0:4 net:[] /a rw - nsfs nsfs rw\n"
		"22 20 0:4 net:[71] /b rw - nsfs nsfs rw\n"
		"23 20 0:4 net:[72] /c rw - nsfs"); /* cut off */
	scan(0);
	assert_holders(&scanned, NS_NET, 71, "mount 4026531802:/b");
	assert_true(scanned.report.trouble[SOURCE_MOUNTS].odd >= 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bind_mount_alone_keeps_a_namespace_visible),
		TEST(a_mount_elsewhere_names_its_mount_namespace),
		TEST(one_process_a_mount_namespace_is_read),
		TEST(a_chrooted_process_does_not_hide_the_rest),
		TEST(the_next_process_is_tried_where_one_is_gone),
		TEST(hostile_mount_points_are_read_as_they_are),
		TEST(a_broken_line_is_counted_and_spoils_no_other),
	};

	return cmocka_run_group_tests_name("mounts", tests, NULL, NULL);
}
