// SPDX-License-Identifier: MIT
/* What namespaces are called, of models made by hand. */
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

/* A process that has that name. */
static struct process *called(pid_t pid, const char *name)
{
	struct process *process = hand_process(pid, 1);
	struct identity *identity = arena_alloc(&model.arena, sizeof(*identity));

	identity->name = name;
	process->identity = identity;
	return process;
}

static void assert_name(const struct ns *ns, const char *expected)
{
	struct strbuf name = { 0 };

	ns_name(ns, model.our_mnt, &name);
	assert_string_equal(strbuf_keep(&name), expected);
}

TEST_FIXTURE(set_up, hand_tear_down);

/*
 * Names of a namespace, after each of these steps: "member 3 NAME" and "fd 3 NAME" are processes
 * with that name, "mount PATH" is in our mount namespace, "elsewhere PATH" in another one, "link
 * NAME" is an entry of /run/netns, and "= NAME" what the namespace is called then.
 */
static const struct {
	const char *name, *steps;
	enum nstype type;
} cases[] = {
	{ "a_namespace_is_called_after_its_lowest_member",
		"member 4 other.service, member 3 nginx.service, = nginx.service", NS_UTS },
	{ "a_member_without_a_name_gives_none", "member 3, fd 4 other.service, =", NS_UTS },
	{ "without_member_the_first_process_that_holds_it_counts",
		"mount /run/x, fd 3 first.service, fd 4 second.service, = first.service", NS_UTS },
	{ "namespace_without_holder_has_no_name", "=", NS_UTS },
	{ "the_name_of_ip_netns_comes_first",
		"member 3 nginx.service, mount /run/netns/blue, = netns blue", NS_NET },
	{ "the_old_directory_of_ip_netns_counts", "mount /var/run/netns/old, = netns old", NS_NET },
	{ "only_network_namespaces_have_such_names", "mount /run/netns/blue, =", NS_UTS },
	{ "a_mount_point_that_ip_netns_would_not_find_gives_no_name",
		"mount /run/netns, mount /run/netns/, mount /run/netns/a/b, mount /run/netnsx/a, "
		"mount /run/docker/netns/default, mount /x/run/netns/a, mount "
		"/run/netns/a//deleted, mount run/netns/a, mount , =",
		NS_NET },
	{ "a_name_elsewhere_comes_behind_that_of_a_member",
		"elsewhere /run/netns/blue, fd 4 holder.service, = netns blue, member 3 "
		"nginx.service, = nginx.service, mount /run/netns/red, = netns red",
		NS_NET },
	{ "a_name_that_podman_made_up_comes_behind_that_of_the_container",
		"mount /run/netns/netns-" UUID ", member 3 podman fd98, = podman fd98", NS_NET },
	{ "a_name_that_containerd_made_up_comes_behind_that_of_the_container",
		"mount /run/netns/cni-" UUID ", member 3 podman fd98, = podman fd98", NS_NET },
	{ "a_name_that_crio_made_up_comes_behind_that_of_the_container",
		"mount /run/netns/" UUID ", member 3 podman fd98, = podman fd98", NS_NET },
	{ "a_name_that_a_program_made_up_is_better_than_none",
		"mount /run/netns/cni-" UUID ", = netns cni-" UUID ", member 3, = netns cni-" UUID,
		NS_NET },
	/* All that the system started is in these: its manager's scope would be the wrong name. */
	{ "what_the_first_process_is_in_is_not_called_after_its_scope",
		"member 1 init.scope, =", NS_UTS },
	{ "what_another_process_is_in_is", "member 7 init.scope, = init.scope", NS_UTS },
	{ "in_a_container_the_first_process_gives_its_name", "member 1 docker fd98, = docker fd98",
		NS_UTS },
	{ "link_in_our_mount_namespace_comes_before_the_name_of_a_member",
		"member 3 docker fd98, link cni-" UUID ", = docker fd98, link lab1, = netns lab1, "
		"mount /run/netns/blue, = netns blue",
		NS_NET },
};

/* "3 NAME" or "3" */
static struct process *called_in(char *words)
{
	pid_t pid = (pid_t)strtol(words, &words, 10);

	return called(pid, *words ? words + 1 : NULL);
}

static void take_step(const char *test, struct ns *ns, char *words)
{
	const char *verb = strsep(&words, " ");
	struct strbuf name = { 0 };

	if (!strcmp(verb, "member")) {
		hand_join(called_in(words), ns);
	} else if (!strcmp(verb, "fd")) {
		hand_hold(ns, HOLDER_FD, called_in(words));
	} else if (!strcmp(verb, "link")) {
		model_add_name(&model, ns->ref, words);
	} else if (strcmp(verb, "=") != 0) {
		hand_mount(ns, words, strcmp(verb, "mount") ? THEIRS : OURS);
	} else {
		ns_name(ns, model.our_mnt, &name);
		if (strcmp(strbuf_keep(&name), words ? words : "") != 0)
			fail_msg("%s: not called '%s'", test, words);
	}
}

TEST(best_name_is_chosen)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		hand_tear_down(NULL);
		set_up(NULL);
		for (EACH_WORD(step, cases[i].steps, ", "))
			take_step(cases[i].name, hand_ns(cases[i].type, 5), step);
	}
}

TEST_CALL(namespace_without_holder_has_no_representative,
	assert_null(ns_representative(hand_held(NS_UTS, 6))));

/* In a foreign procfs, our mount namespace is unknown. */
TEST(where_ours_is_unknown_any_mount_counts)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	model.our_mnt = 0;
	hand_join(called(3, "nginx.service"), ns);
	hand_mount(ns, "/run/netns/blue", THEIRS);
	assert_name(ns, "netns blue");
}

TEST(name_similar_to_a_generated_one_is_kept)
{
	struct process *process = called(3, "nginx.service");
	uint32_t ino = 5;

	for (EACH_TEXT(name, "2fc932ce-fdcc-454b-97bd-aadfdeb4c34",
		     "2fc932ce-fdcc-454b-97bd-aadfdeb4c34g", "2fc932ce+fdcc-454b-97bd-aadfdeb4c340",
		     "2fc932cefdcc454b97bdaadfdeb4c340----")) {
		struct ns *ns = hand_ns(NS_NET, ino++);

		hand_mount(ns, strf("/run/netns/%s", name), OURS);
		hand_join(process, ns);
		assert_name(ns, strf("netns %s", name));
	}
}

TEST(what_only_namespaces_hold_is_called_after_the_first_of_them)
{
	struct ns *outer = hand_ns(NS_USER, 5), *inner = hand_ns(NS_USER, 6);
	struct ns *ns = hand_ns(NS_UTS, 7);

	hand_relate(outer, HOLDER_CHILD, inner);
	hand_relate(inner, HOLDER_OWNED, ns);
	hand_join(called(3, "podman fd98b74d394d"), ns);
	assert_name(outer, "podman fd98b74d394d");
	assert_int_equal(ns_representative(outer)->pid, 3);
}

TEST(a_loop_of_namespaces_ends)
{
	struct ns *one = hand_ns(NS_USER, 5), *other = hand_ns(NS_USER, 6);

	hand_relate(one, HOLDER_CHILD, other);
	hand_relate(other, HOLDER_CHILD, one);
	assert_name(one, "");
}
