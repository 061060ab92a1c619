// SPDX-License-Identifier: MIT
/* What each field of an identity is. Shapes of paths: test_cgroup_shapes.c. */
#include "identity_fixture.h"

TEST_FIXTURE(hand_set_up, hand_tear_down);

TEST(the_unit_is_the_innermost_service_or_scope)
{
	static const char *const paths[][2] = {
		{ "/init.scope", "init.scope" },
		{ "/system.slice/system-my\\x2djob.slice/my-job@a.service", "my-job@a.service" },
		{ "/system.slice/scope1.scope", "scope1.scope" },
		{ "/system.slice/script.service/runtime", "script.service" },
		{ "/user.slice/user-1000.slice/session-2.scope", "session-2.scope" },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/ujob.service",
			"ujob.service" },
		{ "/user.slice/user-1000.slice/user@1000.service/init.scope", "init.scope" },
		{ "/system.slice/docker-" ID_A ".scope/system.slice/nginx.service",
			"nginx.service" },
		{ "/system.slice/docker-" ID_A ".scope", "docker-" ID_A ".scope" },
		{ "/../nsp.service", "nsp.service" },
		{ "/system.slice/media-usb.mount", "media-usb.mount" },
		{ "/system.slice", NULL },
		{ "/system.slice/runc1", NULL },
		{ "/crun1", NULL },
		{ "/.service", NULL },
		{ "/service", NULL },
		{ "/x.services", NULL },
		{ "/an evil.service", NULL },
		{ "/\xc3\xa4.service", NULL },
		{ "/system.slice/a.service/an evil.service", "a.service" },
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_text("unit", paths[i][0], identify(paths[i][0]).unit, paths[i][1]);
}

/* A process in a container chooses the names of its units. */
TEST(unit_of_a_container_differs_from_one_of_the_system)
{
	static const char *const inside[] = {
		"/system.slice/docker-" ID_A ".scope/system.slice/nginx.service",
		"/machine.slice/machine-mach1.scope/payload/system.slice/nginx.service",
		"/lxc.payload.c1/init.scope",
	};
	static const char *const outside[] = {
		"/system.slice/nginx.service",
		"/system.slice/docker-" ID_A ".scope",
		"/system.slice/podunit.service/libpod-payload-" ID_A,
		"/machine.slice/machine-mach1.scope/payload",
		"/docker/" ID_A,
	};

	for (size_t i = 0; i < sizeof(inside) / sizeof(*inside); i++)
		assert_true(identify(inside[i]).unit_inside);
	for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++)
		assert_false(identify(outside[i]).unit_inside);
}

TEST(a_unit_is_unescaped)
{
	static const char *const paths[][2] = {
		{ "/system.slice/system-we\\x5cx2dird.slice/we\\x2dird@a\\x2db-c.service",
			"we-ird@a-b-c.service" },
		{ "/a\\x41\\x2dz.service", "aA-z.service" },
		{ "/a\\x00b.service", "a\\x00b.service" },
		{ "/a\\x2.service", "a\\x2.service" },
		{ "/a\\y2d.service", "a\\y2d.service" },
		{ "/a\\x2D.service", "a\\x2D.service" },
		{ "/a\\x1b.service", "a\x1b.service" },
		{ "/a\\x5cx2d.service", "a\\x2d.service" }, /* once */
		{ "/system.slice/_memory.service", "memory.service" },
		{ "/system.slice/__under.service", "_under.service" },
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_text("unit", paths[i][0], identify(paths[i][0]).unit, paths[i][1]);
}

TEST(the_outermost_container_counts)
{
	struct identity identity =
		identify("/docker/" ID_A "/system.slice/docker-" ID_B ".scope/x.service");

	assert_string_equal(identity.container, ID_A);
	assert_string_equal(identity.unit, "x.service");
	assert_string_equal(identity.name, "docker 84b8394540fb");
	identity = identify("/machine.slice/machine-mach1.scope/payload/docker/" ID_A);
	assert_string_equal(identity.machine, "mach1");
	assert_null(identity.container);
	assert_int_equal(identity.runtime, RUNTIME_NSPAWN);
	assert_string_equal(identity.name, "machine mach1");
}

/* A process in a container makes the groups below its own. */
TEST(a_container_cannot_pass_for_a_pod)
{
	struct identity identity = identify("/docker/" ID_A "/kubepods/pod" POD "/" ID_B);

	assert_null(identity.pod);
	assert_string_equal(identity.name, "docker 84b8394540fb");
}

TEST(what_watches_a_container_is_not_in_it)
{
	static const char *const paths[] = {
		"/machine.slice/libpod-conmon-" ID_A ".scope",
		"/machine.slice/libpod-conmon-" ID_A ".scope/libpod-" ID_A ".scope",
		"/kubepods.slice/kubepods-pod" POD_ ".slice/crio-conmon-" ID_A ".scope",
		"/lxc.monitor.c1",
		"/machine.slice/systemd-nspawn@mach4.service/supervisor",
		"/system.slice/nsp2.service/supervisor",
		"/libpod_parent/conmon",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		assert_text("container", paths[i], identify(paths[i]).container, NULL);
		assert_text("machine", paths[i], identify(paths[i]).machine, NULL);
	}
}

TEST(a_container_in_a_pod_has_its_engine_and_its_pod)
{
	const char *slice = "/kubepods.slice/kubepods-pod" POD_ ".slice";
	struct identity identity = identify(strf("%s/cri-containerd-" ID_A ".scope", slice));

	assert_string_equal(identity.pod, POD);
	assert_string_equal(identity.container, ID_A);
	assert_int_equal(identity.runtime, RUNTIME_CONTAINERD);
	assert_string_equal(identity.name, "kubernetes 84b8394540fb");
	assert_int_equal(
		identify(strf("%s/crio-" ID_A ".scope/container", slice)).runtime, RUNTIME_CRIO);
	assert_int_equal(identify(strf("%s/docker-" ID_A ".scope", slice)).runtime, RUNTIME_DOCKER);
	identity = identify("/kubepods/burstable/pod" POD "/" ID_A);
	assert_string_equal(identity.pod, POD);
	assert_int_equal(identity.runtime, RUNTIME_KUBERNETES);
	assert_int_equal(identify(slice).runtime, RUNTIME_KUBERNETES);
}

TEST(a_kubelet_in_a_container_has_slices_of_its_own)
{
	struct identity identity = identify(
		"/kubelet.slice/kubelet-kubepods.slice/"
		"kubelet-kubepods-besteffort-pod" POD_ ".slice/cri-containerd-" ID_A ".scope");

	assert_string_equal(identity.pod, POD);
	assert_string_equal(identity.container, ID_A);
}

TEST(a_podman_pod_is_no_kubernetes_pod)
{
	struct identity identity = identify(
		"/machine.slice/machine-libpod_pod_" ID_B ".slice/libpod-" ID_A ".scope/container");

	assert_string_equal(identity.pod, ID_B);
	assert_string_equal(identity.container, ID_A);
	assert_string_equal(identity.name, "podman 84b8394540fb");
	identity = identify("/libpod_parent/" ID_B "/libpod-" ID_A);
	assert_string_equal(identity.pod, ID_B);
	assert_string_equal(identity.container, ID_A);
}

/* machinectl(1) lists whatever a manager registers; only libvirt numbers its own. */
TEST(a_machine_is_whichever_managers)
{
	static const struct {
		const char *path, *machine;
		enum runtime runtime;
	} machines[] = {
		{ "/machine.slice/machine-lxc\\x2d1416\\x2dlc\\x2d1.scope/libvirt", "lxc-1416-lc-1",
			RUNTIME_LIBVIRT },
		{ "/machine.slice/machine-qemu\\x2dtest.scope", "qemu-test", RUNTIME_UNKNOWN },
		{ "/machine.slice/machine-7.scope", "7", RUNTIME_UNKNOWN },
		{ "/machine.slice/machine-qemu\\x2d1\\x2dx.scope/payload", "qemu-1-x",
			RUNTIME_NSPAWN },
	};

	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		struct identity identity = identify(machines[i].path);

		assert_text("machine", machines[i].path, identity.machine, machines[i].machine);
		assert_int_equal(identity.runtime, machines[i].runtime);
	}
}

TEST(the_user_is_that_of_the_slice)
{
	struct identity identity = identify("/user.slice/user-1000.slice/user@1000.service/"
					    "user.slice/libpod-" ID_A ".scope/container");

	assert_true(identity.has_user);
	assert_int_equal(identity.user, 1000);
	assert_string_equal(identity.name, "podman 84b8394540fb");
	identity = identify("/user.slice/user-0.slice/session-1.scope");
	assert_true(identity.has_user);
	assert_int_equal(identity.user, 0);
	assert_false(identify("/user.slice/user-4294967296.slice/session-1.scope").has_user);
	assert_false(identify("/user.slice/user-99999999999.slice/session-1.scope").has_user);
	assert_false(identify("/user.slice/user-alice.slice/session-1.scope").has_user);
	identity = identify("/user.slice/user-1000.slice/user@1000.service/user-7.slice/x.service");
	assert_int_equal(identity.user, 1000);
	assert_false(identify("/docker/" ID_A "/user-7.slice/session-1.scope").has_user);
}

TEST(an_id_is_short_and_a_name_is_not)
{
	assert_int_equal(identity_short(ID_A), 12);
	assert_int_equal(identity_short("ctr1"), 4);
	assert_int_equal(identity_short(POD), 36);
	assert_int_equal(identity_short(""), 0);
	assert_int_equal(identity_short("x" ID_A), 65);
	assert_int_equal(
		identity_short("a-name-that-happens-to-have-64-characters-and-is-nobodys-hex-id-"),
		64);
}

TEST(every_runtime_has_a_name)
{
	assert_null(runtime_name(RUNTIME_UNKNOWN));
	for (enum runtime runtime = RUNTIME_UNKNOWN + 1; runtime < RUNTIME_COUNT; runtime++)
		assert_non_null(runtime_name(runtime));
}
