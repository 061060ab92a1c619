// SPDX-License-Identifier: MIT
/* Whom a name means: what fits best, what is told apart, and what can't be forged. */
#include "hand_model.h"
#include "identity_fixture.h"

#include "nsls/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_SLICE "/user.slice/user-1000.slice/user@1000.service"
#define OTHER_SLICE "/user.slice/user-1001.slice/user@1001.service"

static struct workloads workloads;

static int set_up(void **state)
{
	hand_set_up(state);
	return identity_set_up(state);
}

static int tear_down(void **state)
{
	hand_tear_down(state);
	return identity_tear_down(state);
}

/* A process with that control group. */
static struct process *add(pid_t pid, const char *path)
{
	struct process *process = hand_process(pid, 1);
	struct identity *identity = arena_alloc(&model.arena, sizeof(*identity));

	*identity = identify(path);
	process->identity = identity;
	return process;
}

static void find_in(const char *text, const char *in, uid_t user)
{
	struct workload_name name = { .text = text, .in = in, .has_user = user != 0, .user = user };

	workloads_find(&model, 7, &name, &workloads);
}

/* "docker 84b8394540fb: 5 6; …", whom the name means and which processes are theirs. */
static void assert_workloads(const char *expected)
{
	struct strbuf text;

	strbuf_init(&text);
	for (size_t i = 0; i < workloads.n; i++) {
		strbuf_adds(&text, i ? "; " : "");
		workload_describe(&workloads.at[i], &text);
		strbuf_adds(&text, ":");
		for (size_t t = 0; t < model.nprocesses; t++)
			if (workload_has(&workloads.at[i], model.processes[t]))
				strbuf_addf(&text, " %d", model.processes[t]->pid);
	}
	assert_string_equal(strbuf_text(&text), expected);
	strbuf_done(&text);
}

static void assert_means(const char *text, const char *expected)
{
	find_in(text, NULL, 0);
	assert_workloads(expected);
}

TEST_FIXTURE(set_up, tear_down);

TEST(a_container_is_meant_by_the_start_of_its_id)
{
	add(5, "/system.slice/docker-" ID_A ".scope");
	add(6, "/system.slice/docker-" ID_A ".scope");
	add(7, "/machine.slice/libpod-" ID_B ".scope/container");
	assert_means("84b8", "docker 84b8394540fb: 5 6");
	assert_means(ID_A, "docker 84b8394540fb: 5 6");
	assert_means("docker 84b8394540fb", "docker 84b8394540fb: 5 6");
	assert_means("d", "podman d1d5e64ac8d9: 7");
	assert_means("4b8", "");
	assert_means(ID_A "0", "");
	assert_means("", "");
}

TEST(the_start_of_two_ids_means_both)
{
	add(5, "/docker/84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7cf");
	add(6, "/system.slice/docker-" ID_A ".scope");
	assert_means("84b", "docker 84b8394540fb: 5; docker 84b8394540fb: 6");
	assert_means(ID_A, "docker 84b8394540fb: 6");
}

TEST(a_name_that_is_no_id_is_meant_as_a_whole)
{
	add(5, "/lxc.payload.c1");
	add(6, "/machine.slice/machine-mach1.scope/payload");
	add(7, USER_SLICE "/app.slice/app-flatpak-org.gnome.Maps-1234.scope");
	assert_means("c1", "lxc c1: 5");
	assert_means("c", "");
	assert_means("mach1", "machine mach1: 6");
	assert_means("machine mach1", "machine mach1: 6");
	assert_means("mach", "");
	assert_means("org.gnome.Maps", "1000/flatpak org.gnome.Maps: 7");
}

TEST(a_pod_is_meant_by_its_uid)
{
	add(5, "/kubepods.slice/kubepods-pod" POD_ ".slice/cri-containerd-" ID_A ".scope");
	add(6, "/kubepods.slice/kubepods-pod" POD_ ".slice/cri-containerd-" ID_B ".scope");
	assert_means(POD, POD ": 5 6");
	assert_means("2fc9", POD ": 5 6");
	assert_means("84b8", "kubernetes 84b8394540fb: 5");
}

TEST(a_service_need_not_say_that_it_is_one)
{
	add(5, "/system.slice/nginx.service");
	add(6, "/system.slice/nginx.service/worker");
	add(7, "/system.slice/nginx.scope");
	assert_means("nginx.service", "nginx.service: 5 6");
	assert_means("nginx", "nginx.service: 5 6");
	assert_means("nginx.scope", "nginx.scope: 7");
	assert_means("ngin", "");
}

/* As systemctl(1) has it: a user's unit is meant where he is named, or where there is no other. */
TEST(the_systems_own_comes_before_that_of_users)
{
	add(5, USER_SLICE "/app.slice/dbus.service");
	add(6, OTHER_SLICE "/app.slice/dbus.service");
	assert_means("dbus.service", "1000/dbus.service: 5; 1001/dbus.service: 6");
	find_in("dbus.service", "alice", 1000);
	assert_workloads("1000/dbus.service: 5");
	add(7, "/system.slice/dbus.service");
	assert_means("dbus.service", "dbus.service: 7");
	assert_means("dbus", "dbus.service: 7");
	find_in("dbus.service", "1001", 1001);
	assert_workloads("1001/dbus.service: 6");
}

TEST(a_user_cannot_be_taken_for_a_container_of_the_system)
{
	add(5, USER_SLICE "/libpod-" ID_A ".scope/container");
	add(6, USER_SLICE "/lxc.payload.84b8");
	add(7, "/machine.slice/libpod-" ID_A ".scope/container");
	assert_means("84b8", "podman 84b8394540fb: 7");
	assert_means(ID_A, "podman 84b8394540fb: 7");
	find_in("84b83", "alice", 1000);
	assert_workloads("1000/podman 84b8394540fb: 5");
}

TEST(a_container_cannot_be_taken_for_a_unit_of_the_system)
{
	add(5, "/machine.slice/machine-mach1.scope/payload/system.slice/nginx.service");
	add(6, "/system.slice/docker-" ID_A ".scope/system.slice/nginx.service");
	assert_means("nginx.service", "mach1/nginx.service: 5; 84b8394540fb/nginx.service: 6");
	find_in("nginx.service", "84b8394540fb", 0);
	assert_workloads("84b8394540fb/nginx.service: 6");
	find_in("nginx", "mach1", 0);
	assert_workloads("mach1/nginx.service: 5");
	find_in("nginx", "mach", 0);
	assert_workloads("");
	find_in("nginx.service", "", 0);
	assert_workloads("");
	add(7, "/system.slice/nginx.service");
	assert_means("nginx.service", "nginx.service: 7");
}

/* A service that runs a container is more than that: podman's quadlets. */
TEST(a_unit_has_the_containers_in_it)
{
	add(5, "/system.slice/podunit.service/libpod-payload-" ID_A);
	add(6, "/system.slice/podunit.service/runtime");
	assert_means("podunit.service", "podunit.service: 5 6");
	assert_means("84b8", "podman 84b8394540fb: 5");
}

static void name_netns(const char *path, uint32_t ino)
{
	struct holder_mount *mount = arena_alloc(&model.arena, sizeof(*mount));
	struct holder holder = { .kind = HOLDER_MOUNT, .mount = mount };

	*mount = (struct holder_mount){ .path = path, .mntns = 7 };
	model_hold(&model, hand_ns(NS_NET, ino), &holder);
}

TEST(a_network_namespace_has_those_who_are_in_it)
{
	name_netns("/run/netns/blue", 50);
	name_netns("/run/netns/red", 51);
	hand_join(hand_process(5, 1), hand_ns(NS_NET, 50));
	hand_join(hand_process(6, 1), hand_ns(NS_NET, 51));
	assert_means("blue", "netns blue: 5");
	assert_means("netns red", "netns red: 6");
	assert_means("green", "");
	find_in("blue", "alice", 1000);
	assert_workloads("");
}

TEST(a_name_of_several_things_of_the_system_means_all)
{
	name_netns("/run/netns/web", 50);
	add(5, "/lxc.payload.web");
	add(6, "/system.slice/web.service");
	add(7, USER_SLICE "/lxc.payload.web");
	assert_means("web", "lxc web: 5; netns web:");
}

TEST(no_more_are_kept_than_a_person_wants_to_read)
{
	for (int i = 0; i < 20; i++)
		add(10 + i, strf("/docker/84%062d", i));
	find_in("84", NULL, 0);
	assert_int_equal(workloads.n, WORKLOADS_MAX);
	assert_true(workloads.more);
	find_in("840", NULL, 0);
	assert_true(workloads.more);
	add(40, "/lxc.payload.84");
	assert_means("84", "lxc 84: 40");
	assert_false(workloads.more);
}
