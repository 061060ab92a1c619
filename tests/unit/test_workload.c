// SPDX-License-Identifier: MIT
/* Which workloads a name matches: the best match, ambiguous names, forged names. */
#include "identity_fixture.h"

#include "nsls/query.h"

#define USER_SLICE "/user.slice/user-1000.slice/user@1000.service"
#define OTHER_SLICE "/user.slice/user-1001.slice/user@1001.service"

static struct workloads workloads;

static void find_in(const char *text, const char *in, uid_t user)
{
	struct workload_name name = { .text = text, .in = in, .has_user = user != 0, .user = user };

	workloads_find(&model, 7, &name, &workloads);
}

/* "docker 84b8394540fb: 5 6; …", the workloads of that name and their processes. */
static void assert_workloads(const char *expected)
{
	struct strbuf text = { 0 };

	for (size_t i = 0; i < workloads.n; i++) {
		strbuf_adds(&text, i ? "; " : "");
		workload_describe(&workloads.at[i], &text);
		strbuf_adds(&text, ":");
		for (size_t t = 0; t < model.nprocesses; t++)
			if (workload_has(&workloads.at[i], model.processes[t]))
				strbuf_addf(&text, " %d", model.processes[t]->pid);
	}
	assert_string_equal(strbuf_keep(&text), expected);
}

static void assert_means_in(const char *text, const char *in, uid_t user, const char *expected)
{
	find_in(text, in, user);
	assert_workloads(expected);
}

static void assert_means(const char *text, const char *expected)
{
	assert_means_in(text, NULL, 0, expected);
}

TEST_FIXTURE(hand_set_up, hand_tear_down);

TEST(a_container_is_meant_by_the_start_of_its_id)
{
	process_in(5, "/system.slice/docker-" ID_A ".scope");
	process_in(6, "/system.slice/docker-" ID_A ".scope");
	process_in(7, "/machine.slice/libpod-" ID_B ".scope/container");
	assert_means("84b8", "docker 84b8394540fb: 5 6");
	assert_means(ID_A, "docker 84b8394540fb: 5 6");
	assert_means("docker 84b8394540fb", "docker 84b8394540fb: 5 6");
	assert_means("d", "podman d1d5e64ac8d9: 7");
	assert_means("4b8", "");
	assert_means(ID_A "0", "");
	assert_means("", "");
}

TEST(common_prefix_of_two_ids_matches_both)
{
	process_in(5, "/docker/84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7cf");
	process_in(6, "/system.slice/docker-" ID_A ".scope");
	assert_means("84b", "docker 84b8394540fb: 5; docker 84b8394540fb: 6");
	assert_means(ID_A, "docker 84b8394540fb: 6");
}

TEST(a_name_that_is_no_id_is_meant_as_a_whole)
{
	process_in(5, "/lxc.payload.c1");
	process_in(6, "/machine.slice/machine-mach1.scope/payload");
	process_in(7, USER_SLICE "/app.slice/app-flatpak-org.gnome.Maps-1234.scope");
	assert_means("c1", "lxc c1: 5");
	assert_means("c", "");
	assert_means("mach1", "machine mach1: 6");
	assert_means("machine mach1", "machine mach1: 6");
	assert_means("mach", "");
	assert_means("org.gnome.Maps", "1000/flatpak org.gnome.Maps: 7");
}

TEST(a_pod_is_meant_by_its_uid)
{
	process_in(5, "/kubepods.slice/kubepods-pod" POD_ ".slice/cri-containerd-" ID_A ".scope");
	process_in(6, "/kubepods.slice/kubepods-pod" POD_ ".slice/cri-containerd-" ID_B ".scope");
	assert_means(POD, POD ": 5 6");
	assert_means("2fc9", POD ": 5 6");
	assert_means("84b8", "kubernetes 84b8394540fb: 5");
}

TEST(name_of_a_service_matches_without_its_suffix)
{
	process_in(5, "/system.slice/nginx.service");
	process_in(6, "/system.slice/nginx.service/worker");
	process_in(7, "/system.slice/nginx.scope");
	assert_means("nginx.service", "nginx.service: 5 6");
	assert_means("nginx", "nginx.service: 5 6");
	assert_means("nginx.scope", "nginx.scope: 7");
	assert_means("ngin", "");
}

/* As systemctl(1) has it: a user's unit is found with the user's name, or where there is no other.
 */
TEST(the_systems_own_comes_before_that_of_users)
{
	process_in(5, USER_SLICE "/app.slice/dbus.service");
	process_in(6, OTHER_SLICE "/app.slice/dbus.service");
	assert_means("dbus.service", "1000/dbus.service: 5; 1001/dbus.service: 6");
	assert_means_in("dbus.service", "alice", 1000, "1000/dbus.service: 5");
	process_in(7, "/system.slice/dbus.service");
	assert_means("dbus.service", "dbus.service: 7");
	assert_means("dbus", "dbus.service: 7");
	assert_means_in("dbus.service", "1001", 1001, "1001/dbus.service: 6");
}

TEST(a_user_cannot_be_taken_for_a_container_of_the_system)
{
	process_in(5, USER_SLICE "/libpod-" ID_A ".scope/container");
	process_in(6, USER_SLICE "/lxc.payload.84b8");
	process_in(7, "/machine.slice/libpod-" ID_A ".scope/container");
	assert_means("84b8", "podman 84b8394540fb: 7");
	assert_means(ID_A, "podman 84b8394540fb: 7");
	assert_means_in("84b83", "alice", 1000, "1000/podman 84b8394540fb: 5");
}

TEST(a_container_cannot_be_taken_for_a_unit_of_the_system)
{
	process_in(5, "/machine.slice/machine-mach1.scope/payload/system.slice/nginx.service");
	process_in(6, "/system.slice/docker-" ID_A ".scope/system.slice/nginx.service");
	assert_means("nginx.service", "mach1/nginx.service: 5; 84b8394540fb/nginx.service: 6");
	assert_means_in("nginx.service", "84b8394540fb", 0, "84b8394540fb/nginx.service: 6");
	assert_means_in("nginx", "mach1", 0, "mach1/nginx.service: 5");
	assert_means_in("nginx", "mach", 0, "");
	assert_means_in("nginx.service", "", 0, "");
	process_in(7, "/system.slice/nginx.service");
	assert_means("nginx.service", "nginx.service: 7");
}

/* A service that runs a container is more than that: podman's quadlets. */
TEST(a_unit_has_the_containers_in_it)
{
	process_in(5, "/system.slice/podunit.service/libpod-payload-" ID_A);
	process_in(6, "/system.slice/podunit.service/runtime");
	assert_means("podunit.service", "podunit.service: 5 6");
	assert_means("84b8", "podman 84b8394540fb: 5");
}

TEST(workload_of_a_network_namespace_has_its_members)
{
	hand_mount(hand_ns(NS_NET, 50), "/run/netns/blue", 7);
	hand_mount(hand_ns(NS_NET, 51), "/run/netns/red", 7);
	hand_join(hand_process(5, 1), hand_ns(NS_NET, 50));
	hand_join(hand_process(6, 1), hand_ns(NS_NET, 51));
	assert_means("blue", "netns blue: 5");
	assert_means("netns red", "netns red: 6");
	assert_means("green", "");
	assert_means_in("blue", "alice", 1000, "");
}

TEST(name_of_several_system_workloads_matches_all)
{
	hand_mount(hand_ns(NS_NET, 50), "/run/netns/web", 7);
	process_in(5, "/lxc.payload.web");
	process_in(6, "/system.slice/web.service");
	process_in(7, USER_SLICE "/lxc.payload.web");
	assert_means("web", "lxc web: 5; netns web:");
}

TEST(few_candidates_are_kept_for_the_message)
{
	for (int i = 0; i < 20; i++)
		process_in(10 + i, strf("/docker/84%062d", i));
	find_in("84", NULL, 0);
	assert_int_equal(workloads.n, WORKLOADS_MAX);
	assert_true(workloads.more);
	find_in("840", NULL, 0);
	assert_true(workloads.more);
	process_in(40, "/lxc.payload.84");
	assert_means("84", "lxc 84: 40");
	assert_false(workloads.more);
}

/* With names that users gave, as enrich_given_names() sets them. */
static void add_named(pid_t pid, const char *path, const char *given, const char *pod_name)
{
	struct identity *identity = arena_alloc(&model.arena, sizeof(*identity));
	struct process *process = process_in(pid, path);

	*identity = *process->identity;
	identity->given = given;
	identity->pod_name = pod_name;
	identity->name = pod_name && given ? strf("kubernetes %s %s", pod_name, given)
			 : pod_name        ? strf("kubernetes %s", pod_name)
					   : strf("%s %s", runtime_name(identity->runtime), given);
	process->identity = identity;
}

TEST(container_is_found_by_its_given_name_and_by_its_id)
{
	add_named(5, "/system.slice/docker-" ID_A ".scope", "web", NULL);
	add_named(6, "/system.slice/docker-" ID_A ".scope/system.slice/x.service", "web", NULL);
	assert_means("web", "docker web: 5 6");
	assert_means("docker web", "docker web: 5 6");
	assert_means("84b8", "docker web: 5 6");
	assert_means("docker 84b8394540fb", "docker web: 5 6");
	assert_means("we", "");
	assert_means_in("x", "web", 0, "84b8394540fb/x.service: 6");
}

TEST(containers_with_the_same_given_name_are_ambiguous)
{
	add_named(5, "/system.slice/docker-" ID_A ".scope", "web", NULL);
	add_named(6, "/machine.slice/libpod-" ID_B ".scope/container", "web", NULL);
	assert_means("web", "docker web: 5; podman web: 6");
	assert_means("podman web", "podman web: 6");
}

TEST(container_of_a_user_comes_after_one_of_the_system_with_the_same_given_name)
{
	add_named(5, USER_SLICE "/libpod-" ID_A ".scope/container", "web", NULL);
	assert_means("web", "1000/podman web: 5");
	add_named(6, "/machine.slice/libpod-" ID_B ".scope/container", "web", NULL);
	assert_means("web", "podman web: 6");
	assert_means_in("podman web", "alice", 1000, "1000/podman web: 5");
}

/* A user can call a container after the id of another one. */
TEST(given_name_does_not_hide_the_container_with_that_id)
{
	add_named(5, "/system.slice/docker-" ID_A ".scope", ID_B, NULL);
	process_in(6, "/system.slice/docker-" ID_B ".scope");
	assert_means(ID_B, "docker " ID_B ": 5; docker d1d5e64ac8d9: 6");
}

TEST(given_name_does_not_hide_the_container_with_that_short_id)
{
	add_named(5, "/system.slice/docker-" ID_A ".scope", "d1d5e64ac8d9", NULL);
	process_in(6, "/system.slice/docker-" ID_B ".scope");
	assert_means("d1d5e64ac8d9", "docker d1d5e64ac8d9: 5; docker d1d5e64ac8d9: 6");
}

#define POD_SLICE_ "/kubepods.slice/kubepods-pod" POD_ ".slice"

TEST(pod_is_found_by_namespace_and_name)
{
	add_named(5, POD_SLICE_ "/cri-containerd-" ID_A ".scope", NULL, "default/web-7d4");
	add_named(6, POD_SLICE_ "/cri-containerd-" ID_B ".scope", "nginx", "default/web-7d4");
	assert_means("default/web-7d4", "default/web-7d4: 5 6");
	assert_means("kubernetes default/web-7d4", "default/web-7d4: 5 6");
	assert_means("kubernetes default/web-7d4 nginx", "kubernetes default/web-7d4 nginx: 6");
	assert_means(POD, "default/web-7d4: 5 6");
	assert_means("default", "");
	assert_means("nginx", "");
}

/* ctr(8) makes no control group of a pod. */
TEST(pod_without_uid_is_found_by_its_whole_name)
{
	add_named(5, "/k8s.io/ctr1", "nginx", "default/web-7d4");
	assert_means("default/web-7d4", "default/web-7d4: 5");
	assert_means("default/web", "");
}

/* As containerlab makes links in /run/netns for its containers. */
TEST(network_namespace_of_a_container_with_the_same_name_is_part_of_it)
{
	hand_mount(hand_ns(NS_NET, 50), "/run/netns/web", 7);
	hand_mount(hand_ns(NS_NET, 51), "/run/netns/db", 7);
	add_named(5, "/system.slice/docker-" ID_A ".scope", "web", NULL);
	hand_join(model_find_process(&model, 5), hand_ns(NS_NET, 50));
	add_named(6, "/system.slice/docker-" ID_B ".scope", "db", NULL);
	assert_means("web", "docker web: 5");
	assert_means("netns web", "netns web: 5");
	assert_means("db", "docker db: 6; netns db:");
}

TEST(operand_may_be_the_name_of_a_container_or_the_id_that_it_replaces)
{
	struct ns *ns = hand_ns(NS_NET, 50);
	struct ns_list list = { 0 };

	add_named(5, "/system.slice/docker-" ID_A ".scope", "web", NULL);
	hand_join(model_find_process(&model, 5), ns);
	namespaces_find(&model, 7, "docker web", true, &list);
	assert_int_equal(list.n, 1);
	list.n = 0;
	namespaces_find(&model, 7, "docker 84b8394540fb", true, &list);
	assert_int_equal(list.n, 1);
	assert_ptr_equal(list.at[0], ns);
	ns_list_done(&list);
}
