// SPDX-License-Identifier: MIT
/* What each field of an identity is, and an example of every shape of a path. */
#include "hand_model.h"

TEST_FIXTURE(hand_set_up, hand_tear_down);

TEST(the_unit_is_the_innermost_service_or_scope_unescaped)
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
		{ "/docker/" ID_A "/system.slice/docker-" ID_B ".scope/x.service", "x.service" },
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
		/* It is unescaped. */
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

	for (size_t i = 0; i < COUNT(paths); i++)
		assert_text("unit", paths[i][0], identify(paths[i][0]).unit, paths[i][1]);
}

/* A process in a container chooses the names of its units. */
TEST(unit_of_a_container_differs_from_one_of_the_system)
{
	for (EACH_TEXT(inside, "/system.slice/docker-" ID_A ".scope/system.slice/nginx.service",
		     "/machine.slice/machine-mach1.scope/payload/system.slice/nginx.service",
		     "/lxc.payload.c1/init.scope"))
		assert_true(identify(inside).unit_inside);
	for (EACH_TEXT(outside, "/system.slice/nginx.service",
		     "/system.slice/docker-" ID_A ".scope",
		     "/system.slice/podunit.service/libpod-payload-" ID_A,
		     "/machine.slice/machine-mach1.scope/payload", "/docker/" ID_A))
		assert_false(identify(outside).unit_inside);
}

#define KUBE "/kubepods.slice/kubepods-pod" POD_ ".slice"

/* A process in a container makes the groups below its own. Only libvirt numbers its machines. */
TEST(fields_are_those_of_the_outermost_container_and_its_pod)
{
	static const struct {
		const char *path, *container, *pod, *machine;
		enum runtime runtime;
		const char *name;
	} cases[] = {
		/* The outermost container counts. */
		{ "/docker/" ID_A "/system.slice/docker-" ID_B ".scope/x.service", ID_A, NULL, NULL,
			RUNTIME_DOCKER, "docker 84b8394540fb" },
		{ "/machine.slice/machine-mach1.scope/payload/docker/" ID_A, NULL, NULL, "mach1",
			RUNTIME_NSPAWN, "machine mach1" },
		/* A container cannot pass for a pod. */
		{ "/docker/" ID_A "/kubepods/pod" POD "/" ID_B, ID_A, NULL, NULL, RUNTIME_DOCKER,
			"docker 84b8394540fb" },
		/* A container in a pod has its engine and its pod. */
		{ KUBE "/cri-containerd-" ID_A ".scope", ID_A, POD, NULL, RUNTIME_CONTAINERD,
			"kubernetes 84b8394540fb" },
		{ KUBE "/crio-" ID_A ".scope/container", ID_A, POD, NULL, RUNTIME_CRIO,
			"kubernetes 84b8394540fb" },
		{ KUBE "/docker-" ID_A ".scope", ID_A, POD, NULL, RUNTIME_DOCKER,
			"kubernetes 84b8394540fb" },
		{ "/kubepods/burstable/pod" POD "/" ID_A, ID_A, POD, NULL, RUNTIME_KUBERNETES,
			"kubernetes 84b8394540fb" },
		{ KUBE, NULL, POD, NULL, RUNTIME_KUBERNETES, "pod " POD },
		/* A kubelet in a container has slices of its own. */
		{ "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort-pod" POD_
		  ".slice/cri-containerd-" ID_A ".scope",
			ID_A, POD, NULL, RUNTIME_CONTAINERD, "kubernetes 84b8394540fb" },
		/* A Podman pod is no Kubernetes pod. */
		{ "/machine.slice/machine-libpod_pod_" ID_B ".slice/libpod-" ID_A
		  ".scope/container",
			ID_A, ID_B, NULL, RUNTIME_PODMAN, "podman 84b8394540fb" },
		{ "/libpod_parent/" ID_B "/libpod-" ID_A, ID_A, ID_B, NULL, RUNTIME_PODMAN,
			"podman 84b8394540fb" },
		/* machinectl(1) lists whatever a manager registers. */
		{ "/machine.slice/machine-lxc\\x2d1416\\x2dlc\\x2d1.scope/libvirt", NULL, NULL,
			"lxc-1416-lc-1", RUNTIME_LIBVIRT, "machine lxc-1416-lc-1" },
		{ "/machine.slice/machine-qemu\\x2dtest.scope", NULL, NULL, "qemu-test",
			RUNTIME_UNKNOWN, "machine qemu-test" },
		{ "/machine.slice/machine-7.scope", NULL, NULL, "7", RUNTIME_UNKNOWN, "machine 7" },
		{ "/machine.slice/machine-qemu\\x2d1\\x2dx.scope/payload", NULL, NULL, "qemu-1-x",
			RUNTIME_NSPAWN, "machine qemu-1-x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct identity identity = identify(cases[i].path);

		assert_text("container", cases[i].path, identity.container, cases[i].container);
		assert_text("pod", cases[i].path, identity.pod, cases[i].pod);
		assert_text("machine", cases[i].path, identity.machine, cases[i].machine);
		assert_text("name", cases[i].path, identity.name, cases[i].name);
		assert_text("runtime", cases[i].path, runtime_names[identity.runtime],
			runtime_names[cases[i].runtime]);
	}
}

TEST(what_watches_a_container_is_not_in_it)
{
	for (EACH_TEXT(path, "/machine.slice/libpod-conmon-" ID_A ".scope",
		     "/machine.slice/libpod-conmon-" ID_A ".scope/libpod-" ID_A ".scope",
		     "/kubepods.slice/kubepods-pod" POD_ ".slice/crio-conmon-" ID_A ".scope",
		     "/lxc.monitor.c1", "/machine.slice/systemd-nspawn@mach4.service/supervisor",
		     "/system.slice/nsp2.service/supervisor", "/libpod_parent/conmon")) {
		assert_text("container", path, identify(path).container, NULL);
		assert_text("machine", path, identify(path).machine, NULL);
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
	assert_null(runtime_names[RUNTIME_UNKNOWN]);
	for (enum runtime runtime = RUNTIME_UNKNOWN + 1; runtime < RUNTIME_COUNT; runtime++)
		assert_non_null(runtime_names[runtime]);
}

static void assert_identity(
	const struct cgroup_example *example, const struct identity *identity, const char *path)
{
	assert_text("path", path, identity->cgroup, path);
	assert_text("name", path, identity->name, example->name);
	assert_text(
		"runtime", path, runtime_names[identity->runtime], runtime_names[example->runtime]);
}

/* What a process is called does not depend on which versions of control groups a system has. */
TEST(every_example_has_its_name_with_any_version)
{
	for (size_t i = 0; i < CGROUP_EXAMPLES; i++) {
		const char *path = cgroup_examples[i].path;
		const char *const texts[] = {
			strf("0::%s\n", path),
			strf("12:memory:%s\n3:cpu,cpuacct:/\n1:name=systemd:%s\n", path, path),
			strf("12:memory:%s\n1:name=systemd:%s\n0::/\n", path, path),
			strf("12:memory:%s\n11:cpuset:/\n10:pids:%s\n", path, path),
		};

		assert_true(*cgroup_examples[i].source);
		for (size_t k = 0; k < COUNT(texts); k++) {
			struct identity identity = parse_cgroup(texts[k]);

			assert_identity(&cgroup_examples[i], &identity, path);
		}
	}
}

/* From inside a cgroup namespace, what is outside begins with "/..", cgroup_namespaces(7). */
TEST(every_example_has_its_name_from_inside_a_cgroup_namespace)
{
	for (size_t i = 0; i < CGROUP_EXAMPLES; i++) {
		const char *path = strf("/../..%s", cgroup_examples[i].path);
		struct identity identity = identify(path);

		assert_identity(&cgroup_examples[i], &identity, path);
	}
}

/* The example with n digits in the place of an id's 64, or NULL where it has no id. */
static const char *with_digits(const char *example, size_t n, bool upper)
{
	const char *id = strstr(example, ID_A);
	char digits[66] = "";

	id = id ? id : strstr(example, ID_B);
	if (!id)
		return NULL;
	for (size_t i = 0; i < n; i++)
		digits[i] = upper ? 'A' : 'a';
	return strf("%.*s%s%s", (int)(id - example), example, digits, id + 64);
}

TEST(text_similar_to_an_id_is_none)
{
	size_t tried = 0;

	for (size_t i = 0; i < CGROUP_EXAMPLES; i++)
		for (size_t n = 63; n <= 65; n++) {
			const char *path = with_digits(cgroup_examples[i].path, n, n == 64);

			if (path)
				assert_text("container", path, identify(path).container, NULL);
			tried += path != NULL;
		}
	assert_true(tried > 30);
}

/* An engine's own spelling counts: a part that only begins or ends like it is of another program.
 */
TEST(what_has_more_than_the_shape_is_none)
{
	for (EACH_TEXT(path, "/system.slice/xdocker-" ID_A ".scope",
		     "/system.slice/docker-" ID_A ".scopex", "/system.slice/docker-" ID_A "x.scope",
		     "/system.slice/docker-" ID_A ".service", "/system.slice/Docker-" ID_A ".scope",
		     "/system.slice/docker-.scope", "/libpod-", "/k8s.io", "/k8s.io/",
		     "/x/k8s.io/ctr1", "/../x/k8s.io/ctr1", "/x/../k8s.io/ctr1", "/..k8s.io/ctr1",
		     "/k8s.io/..", "/lxc.payload.", "/lxc.payload", "/system.slice/runc1", "/crun1",
		     "/user.slice/snap.firefox.firefox-.scope",
		     "/user.slice/app-flatpak-org.gnome.Maps.scope",
		     "/machine.slice/machine-.scope/payload",
		     "/machine.slice/machine-a b.scope/payload",
		     "/kubepods/pod1/"
		     "abc",
		     "/kubepods/pod2fc932ce-fdcc-454b-97bd-aadfdeb4",
		     "/kubepods/pod2fc932ce-fdcc-454b-97bd-aadfdeb4c34",
		     "/kubepods.slice/kubepods-pod2fc932ce_fdcc_454b_97bd_aadfdeb4.slice",
		     "/kubepods.slice/kubepods-pod2fc932ce_fdcc-454b_97bd_aadfdeb4c340.slice",
		     "/libpod_parent/d1d5e64ac8d9",
		     "/machine.slice/machine-libpod_pod_d1d5e64ac8d9.slice",
		     "/kubepods.slice/xkubepods-pod" POD_ ".slice/x",
		     "/kubepods.slice/kubepods-pod" POD_ ".slice:x",
		     "/kubepods.slice/kubepods-podburstable-pod" POD_ ".slice",
		     "/system.slice:cri-containerd:" ID_A "x",
		     "/machine.slice/-libpod_pod_" ID_B ".slice",
		     "/machine.slice/systemd-nspawn@mach4.service/payloadx",
		     "/user.slice/snap.firefox.-" POD ".scope",
		     "/user.slice/snap.Firefox.x.service", "/user.slice/app-flatpak--1.scope",
		     "/user.slice/app-flatpak-org.gnome.Maps-12345678901.scope")) {
		struct identity identity = identify(path);

		assert_text("container", path, identity.container, NULL);
		assert_text("machine", path, identity.machine, NULL);
		assert_text("app", path, identity.app, NULL);
		assert_text("pod", path, identity.pod, NULL);
		assert_text("runtime", path, runtime_names[identity.runtime], NULL);
	}
}
