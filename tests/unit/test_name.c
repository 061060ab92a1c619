// SPDX-License-Identifier: MIT
/*
 * What namespaces are called, on models made by hand. Besides statements of hand_build(), steps
 * are:
 *
 *	called 3 nginx.service    a process that has that name, or none
 *	ours /run/netns/blue      a mount of net:5 in our mount namespace; also "theirs"
 *	link lab1                 an entry of /run/netns that leads to net:5
 *	uts:5 => nginx.service    what it is called then
 */
#include "nsls/model.h"

#include "hand_model.h"

#define UUID "2fc932ce-fdcc-454b-97bd-aadfdeb4c340"
#define OURS 100
#define THEIRS 200

static int set_up(void **state)
{
	hand_set_up(state);
	model.our_mnt = OURS;
	return 0;
}

static bool add(char *words[])
{
	struct identity *identity;

	if (!strcmp(words[0], "called")) {
		identity = arena_alloc(&model.arena, sizeof(*identity));
		identity->name = words[2];
		hand_process(atoi(words[1]), 1)->identity = identity;
	} else if (!strcmp(words[0], "ours") || !strcmp(words[0], "theirs")) {
		hand_mount(hand_ns(NS_NET, 5), words[1] ? words[1] : "",
			*words[0] == 'o' ? OURS : THEIRS);
	} else if (!strcmp(words[0], "link")) {
		model_add_name(&model, (struct ns_ref){ NS_NET, 5 }, words[1]);
	} else {
		return false;
	}
	return true;
}

static const char *find_name(char *question, const char *expected)
{
	struct strbuf name = { 0 };

	ns_name(hand_word_ns(question), model.our_mnt, &name);
	return strbuf_keep(&name);
}

static const struct hand_steps steps = { .add = add, .find = find_name };

TEST_FIXTURE(set_up, hand_tear_down);

MODEL_TEST(a_namespace_is_called_after_its_lowest_member,
	"called 3 nginx.service; called 4 other.service; 4 uts:5; 3 uts:5",
	"uts:5 => nginx.service")

MODEL_TEST(a_member_without_a_name_gives_none,
	"called 3; called 4 other.service; 3 uts:5; fd 4 uts:5", "uts:5 => ")

MODEL_TEST(without_member_the_first_process_that_holds_it_counts,
	"called 3 first.service; called 4 second.service", "ours /run/x; fd 3 net:5; fd 4 net:5",
	"net:5 => first.service")

MODEL_TEST(namespace_without_holder_has_no_name, "uts:5 => ")

MODEL_TEST(the_name_of_ip_netns_comes_first,
	"called 3 nginx.service; 3 net:5; ours /run/netns/blue", "net:5 => netns blue")

MODEL_TEST(the_old_directory_of_ip_netns_counts, "ours /var/run/netns/old", "net:5 => netns old")

MODEL_TEST(only_network_namespaces_have_such_names, "mnt:100 mounts /run/netns/blue uts:5",
	"uts:5 => ")

MODEL_TEST(a_mount_point_that_ip_netns_would_not_find_gives_no_name,
	"ours /run/netns; ours /run/netns/; ours /run/netns/a/b; ours /run/netnsx/a",
	"ours /run/docker/netns/default; ours /x/run/netns/a; ours /run/netns/a//deleted",
	"ours run/netns/a; ours", "net:5 => ")

MODEL_TEST(a_name_elsewhere_comes_behind_that_of_a_member,
	"theirs /run/netns/blue; called 4 holder.service; fd 4 net:5", "net:5 => netns blue",
	"called 3 nginx.service; 3 net:5", "net:5 => nginx.service", "ours /run/netns/red",
	"net:5 => netns red")

/* As Podman, containerd and CRI-O do. */
MODEL_TEST(a_name_that_a_program_made_up_comes_behind_that_of_the_container,
	"called 3 'podman fd98'; 3 net:5 net:6 net:7; ours /run/netns/netns-" UUID,
	"mnt:100 mounts /run/netns/cni-" UUID " net:6; mnt:100 mounts /run/netns/" UUID " net:7",
	"net:5 => podman fd98", "net:6 => podman fd98", "net:7 => podman fd98")

MODEL_TEST(a_name_that_a_program_made_up_is_better_than_none, "ours /run/netns/cni-" UUID,
	"net:5 => netns cni-" UUID, "called 3; 3 net:5", "net:5 => netns cni-" UUID)

/* All that the system started is in these: its manager's scope would be the wrong name. */
MODEL_TEST(what_the_first_process_is_in_is_not_called_after_its_scope,
	"called 1 init.scope; 1 uts:5", "uts:5 => ")

MODEL_TEST(what_another_process_is_in_is, "called 7 init.scope; 7 uts:5", "uts:5 => init.scope")

MODEL_TEST(in_a_container_the_first_process_gives_its_name, "called 1 'docker fd98'; 1 uts:5",
	"uts:5 => docker fd98")

MODEL_TEST(link_in_our_mount_namespace_comes_before_the_name_of_a_member,
	"called 3 'docker fd98'; 3 net:5; link cni-" UUID, "net:5 => docker fd98", "link lab1",
	"net:5 => netns lab1", "ours /run/netns/blue", "net:5 => netns blue")

TEST_CALL(namespace_without_holder_has_no_representative,
	assert_null(ns_representative(hand_held(NS_UTS, 6))));

/* In a foreign procfs, our mount namespace is unknown. */
MODEL_TEST(where_ours_is_unknown_any_mount_counts, "model.our_mnt=0",
	"called 3 nginx.service; 3 net:5; theirs /run/netns/blue", "net:5 => netns blue")

TEST(name_similar_to_a_generated_one_is_kept)
{
	uint32_t ino = 5;

	MODEL("called 3 nginx.service");
	for (EACH_TEXT(name, "2fc932ce-fdcc-454b-97bd-aadfdeb4c34",
		     "2fc932ce-fdcc-454b-97bd-aadfdeb4c34g", "2fc932ce+fdcc-454b-97bd-aadfdeb4c340",
		     "2fc932cefdcc454b97bdaadfdeb4c340----")) {
		MODEL(strf("3 net:%u; mnt:100 mounts /run/netns/%s net:%u", ino, name, ino),
			strf("net:%u => netns %s", ino, name));
		ino++;
	}
}

TEST(what_only_namespaces_hold_is_called_after_the_first_of_them)
{
	MODEL("user:5 child user:6; user:6 owned uts:7; called 3 'podman fd98'; 3 uts:7",
		"user:5 => podman fd98");
	assert_int_equal(ns_representative(hand_ns(NS_USER, 5))->pid, 3);
}

MODEL_TEST(a_loop_of_namespaces_ends, "user:5 child user:6; user:6 child user:5", "user:5 => ")
