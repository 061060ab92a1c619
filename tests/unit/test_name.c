// SPDX-License-Identifier: MIT
/* What namespaces are called, on models made by hand: "uts:5 => nginx.service". */
#include "hand_model.h"

#define UUID "2fc932ce-fdcc-454b-97bd-aadfdeb4c340"
#define DOCKER "/docker/" ID_A
#define OURS(path) "mnt:100 mounts " path " net:5"
#define THEIRS(path) "mnt:200 mounts " path " net:5"

static int set_up(void **state)
{
	hand_set_up(state);
	model.our_mnt = 100;
	return 0;
}

static const char *find_name(char *question, const char *expected)
{
	struct strbuf name = { 0 };

	ns_name(hand_word_ns(question), model.our_mnt, &name);
	return strbuf_keep(&name);
}

static const struct hand_steps steps = { .find = find_name };

TEST_FIXTURE(set_up, hand_tear_down);

MODEL_TEST(a_namespace_is_called_after_its_lowest_member,
	"3 /nginx.service; 4 /other.service uts:5; 3 uts:5", "uts:5 => nginx.service")

MODEL_TEST(
	a_member_without_a_name_gives_none, "3 / uts:5; 4 /other.service; fd 4 uts:5", "uts:5 => ")

MODEL_TEST(without_member_the_first_process_that_holds_it_counts, OURS("/run/x"),
	"3 /first.service; 4 /second.service; fd 3 net:5; fd 4 net:5", "net:5 => first.service")

MODEL_TEST(namespace_without_holder_has_no_name, "uts:5 => ")

MODEL_TEST(the_name_of_ip_netns_comes_first, "3 /nginx.service net:5", OURS("/run/netns/blue"),
	"net:5 => netns blue")

MODEL_TEST(the_old_directory_of_ip_netns_counts, OURS("/var/run/netns/old"), "net:5 => netns old")

MODEL_TEST(only_network_namespaces_have_such_names, "mnt:100 mounts /run/netns/blue uts:5",
	"uts:5 => ")

MODEL_TEST(a_mount_point_that_ip_netns_would_not_find_gives_no_name, OURS("/run/netns"),
	OURS("/run/netns/"), OURS("/run/netns/a/b"), OURS("/run/netnsx/a"),
	OURS("/run/docker/netns/default"), OURS("/x/run/netns/a"), OURS("/run/netns/a//deleted"),
	OURS("run/netns/a"), OURS("''"), "net:5 => ")

MODEL_TEST(a_name_elsewhere_comes_behind_that_of_a_member, THEIRS("/run/netns/blue"),
	"4 /holder.service; fd 4 net:5", "net:5 => netns blue", "3 /nginx.service net:5",
	"net:5 => nginx.service", OURS("/run/netns/red"), "net:5 => netns red")

/* As Podman, containerd and CRI-O do. */
MODEL_TEST(a_name_that_a_program_made_up_comes_behind_that_of_the_container,
	"3 " DOCKER " net:5 net:6 net:7", OURS("/run/netns/netns-" UUID),
	"mnt:100 mounts /run/netns/cni-" UUID " net:6; mnt:100 mounts /run/netns/" UUID " net:7",
	"net:5 => docker 84b8394540fb", "net:6 => docker 84b8394540fb",
	"net:7 => docker 84b8394540fb")

MODEL_TEST(a_name_that_a_program_made_up_is_better_than_none, OURS("/run/netns/cni-" UUID),
	"net:5 => netns cni-" UUID, "3 / net:5", "net:5 => netns cni-" UUID)

/* All that the system started is in these: its manager's scope would be the wrong name. */
MODEL_TEST(what_the_first_process_is_in_is_not_called_after_its_scope, "1 /init.scope uts:5",
	"uts:5 => ")

MODEL_TEST(what_another_process_is_in_is, "7 /init.scope uts:5", "uts:5 => init.scope")

MODEL_TEST(in_a_container_the_first_process_gives_its_name, "1 " DOCKER " uts:5",
	"uts:5 => docker 84b8394540fb")

MODEL_TEST(link_in_our_mount_namespace_comes_before_the_name_of_a_member, "3 " DOCKER " net:5",
	"net:5 called cni-" UUID, "net:5 => docker 84b8394540fb", "net:5 called lab1",
	"net:5 => netns lab1", OURS("/run/netns/blue"), "net:5 => netns blue")

TEST(namespace_that_no_process_holds_has_no_representative)
{
	hand_build("kernel uts:6");
	assert_null(ns_representative(hand_ns(NS_UTS, 6)));
}

/* In a foreign procfs, our mount namespace is unknown. */
MODEL_TEST(where_ours_is_unknown_any_mount_counts, "model.our_mnt=0", "3 /nginx.service net:5",
	THEIRS("/run/netns/blue"), "net:5 => netns blue")

TEST(name_similar_to_a_generated_one_is_kept)
{
	uint32_t ino = 5;

	for (EACH_TEXT(name, "2fc932ce-fdcc-454b-97bd-aadfdeb4c34",
		     "2fc932ce-fdcc-454b-97bd-aadfdeb4c34g", "2fc932ce+fdcc-454b-97bd-aadfdeb4c340",
		     "2fc932cefdcc454b97bdaadfdeb4c340----")) {
		MODEL(strf("3 /x.service net:%u; mnt:100 mounts /run/netns/%s net:%u", ino, name,
			      ino),
			strf("net:%u => netns %s", ino, name));
		ino++;
	}
}

TEST(what_only_namespaces_hold_is_called_after_the_first_of_them)
{
	MODEL("user:5 child user:6; user:6 owned uts:7; 3 " DOCKER " uts:7",
		"user:5 => docker 84b8394540fb");
	assert_int_equal(ns_representative(hand_ns(NS_USER, 5))->pid, 3);
}

MODEL_TEST(a_loop_of_namespaces_ends, "user:5 child user:6; user:6 child user:5", "user:5 => ")
