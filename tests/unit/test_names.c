// SPDX-License-Identifier: MIT
/* The entries of /run/netns: names of namespaces, and stale names. */
#include "small_world.h"

#include <time.h>

WORLD_FIXTURE("1", "7 net:[70]", "self 1", "netns/", "names_dir netns");

STEPS_TEST(link_to_the_namespace_of_a_process_is_its_name, "7/task/8/ns/net net:[70]",
	"netns/lab2 /proc/7/task/8/ns/net", "netns/lab1 /proc/7/ns/net",
	"netns/host /proc/1/ns/net", "=> stale", "=> net:[70].names lab1 lab2",
	"=> net:[4026531803].names host");

/* /var/run is a link to /run: */
STEPS_TEST(link_to_a_mounted_file_is_its_name, "@net:[70]", "run/file net:[70]",
	"netns/a /run/file", "netns/b /var/run/file", "=> net:[70].names a b", "=> stale");

STEPS_TEST(text_of_a_link_that_is_no_path_is_not_believed, "netns/evil net:[70]",
	"netns/evil2 /proc/7/ns/net/", "netns/evil3 /proc/7/../7/ns/net", "netns/evil4 ../7/ns/net",
	"=> stale ?", /* they may lead anywhere */
	"=> net:[70].names");

STEPS_TEST(name_that_leads_to_no_namespace_is_stale, "netns/gone /proc/99/ns/net",
	"netns/lab1 /proc/7/ns/net", "=netns/old ", "=> stale gone old", "=> net:[70].names lab1");

TEST(file_that_is_newer_than_the_scan_is_not_stale)
{
	struct timespec times[2] = { 0 };

	clock_gettime(CLOCK_REALTIME, &times[1]);
	times[1].tv_sec += 3600;
	STEPS("=netns/new ");
	assert_int_equal(utimensat(world.fd, "netns/new", times, 0), 0);
	STEPS("=> stale");
}

STEPS_TEST(name_that_was_unmounted_during_the_scan_is_not_stale,
	"+1/mountinfo net:[71] /run/netns/old", "=netns/old ", "=> stale");

STEPS_TEST(without_the_directory_there_is_no_name, "names_dir /no/such/directory", "=> stale");

STEPS_TEST(
	without_the_directory_in_another_mount_namespace_than_that_of_process_1_names_are_unknown,
	"names_dir /no/such/directory", "7/ns/mnt mnt:[71]", "self 7", "=> stale ?");

STEPS_TEST(without_the_directory_there_is_no_name_if_process_1_sees_the_one_above_it,
	"names_dir /no-such-directory", "7/ns/mnt mnt:[71]", "self 7", "1/root /", "=> stale");

STEPS_TEST(without_mounts_names_are_not_read, "=netns/old ", "without mounts", "=> stale ?");
