// SPDX-License-Identifier: MIT
/* The entries of /run/netns: names of namespaces, and stale names. */
#include "small_world.h"

#include <time.h>

static char dir[96];

static int set_up(void **state)
{
	world_with_process_1(state);
	STEPS("7 net:[70]", "self 1", "netns/");
	snprintf(dir, sizeof(dir), "%s/netns", world.dir);
	kernel.names_dir = dir;
	return 0;
}

TEST_FIXTURE(set_up, world_tear_down);

static void assert_names(uint32_t ino, const char *expected)
{
	const struct ns *ns = find_ns(NS_NET, ino);
	struct strbuf text = { 0 };

	assert_non_null(ns);
	for (const struct ns_name *name = ns->names; name; name = name->next)
		strbuf_addf(&text, "%s ", name->text);
	assert_string_equal(strbuf_keep(&text), expected);
}

/* Scans; checks stale names, and whether all names were read. */
static void scan_stale(unsigned without, const char *expected, bool read)
{
	struct strbuf text = { 0 };

	scan(without);
	for (size_t i = 0; i < scanned.model.nstale; i++)
		strbuf_addf(&text, "%s ", scanned.model.stale_names[i]);
	assert_string_equal(strbuf_keep(&text), expected);
	assert_int_equal(scanned.model.names_read, read);
}

TEST(link_to_the_namespace_of_a_process_is_its_name)
{
	STEPS("7/task/8/ns/net net:[70]", "netns/lab2 /proc/7/task/8/ns/net",
		"netns/lab1 /proc/7/ns/net", "netns/host /proc/1/ns/net");
	scan_stale(0, "", true);
	assert_names(70, "lab1 lab2 ");
	assert_names(USUAL(NS_NET), "host ");
}

/* A namespace file is a mount, and no link: in a small world it is a link. */
static int open_text(const struct kernel *k, int dirfd, const char *root, const char *path)
{
	assert_string_equal(root, "/");
	return k->open(k, world.fd, path + 1);
}

TEST(link_to_a_mounted_file_is_its_name)
{
	STEPS("@net:[70]");
	kernel.kernel.open_below = open_text;
	STEPS("run/", "run/file net:[70]", "netns/a /run/file", "netns/b /var/run/file");
	scan(0);
	assert_names(70, "a b ");
	assert_true(scanned.model.names_read);
}

TEST(text_of_a_link_that_is_no_path_is_not_believed)
{
	STEPS("netns/evil net:[70]", "netns/evil2 /proc/7/ns/net/",
		"netns/evil3 /proc/7/../7/ns/net", "netns/evil4 ../7/ns/net");
	scan_stale(0, "", false); /* they may lead anywhere */
	assert_names(70, "");
}

TEST(name_that_leads_to_no_namespace_is_stale)
{
	STEPS("netns/gone /proc/99/ns/net", "netns/lab1 /proc/7/ns/net", "=netns/old ");
	scan_stale(0, "gone old ", true);
	assert_names(70, "lab1 ");
}

TEST(file_that_is_newer_than_the_scan_is_not_stale)
{
	struct timespec times[2] = { 0 };

	clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_sec += 3600;
	STEPS("=netns/new ");
	assert_int_equal(utimensat(world.fd, "netns/new", times, 0), 0);
	scan_stale(0, "", true);
}

TEST(name_that_was_unmounted_during_the_scan_is_not_stale)
{
	STEPS("=1/mountinfo 30 1 0:4 net:[71] /run/netns/old rw - nsfs nsfs rw\n", "=netns/old ");
	scan_stale(0, "", true);
}

TEST(without_the_directory_there_is_no_name)
{
	kernel.names_dir = "/no/such/directory";
	scan_stale(0, "", true);
}

TEST(without_the_directory_in_another_mount_namespace_than_that_of_process_1_names_are_unknown)
{
	kernel.names_dir = "/no/such/directory";
	STEPS("7/ns/mnt mnt:[71]", "self 7");
	scan_stale(0, "", false);
}

TEST(without_the_directory_there_is_no_name_if_process_1_sees_the_one_above_it)
{
	kernel.names_dir = "/no-such-directory";
	STEPS("7/ns/mnt mnt:[71]", "self 7", "1/root /");
	scan_stale(0, "", true);
}

TEST(without_mounts_names_are_not_read)
{
	STEPS("=netns/old ");
	scan_stale(1u << SOURCE_MOUNTS, "", false);
}
