// SPDX-License-Identifier: MIT
/* What each field of an identity is, and an example of every shape of a path. */
#include "hand_model.h"

TEST_FIXTURE(hand_set_up, hand_tear_down);

/* Of a process with a cgroup file of that text. */
static struct identity parse_cgroup(const char *text)
{
	struct identity identity;

	identity_parse(text, &model.arena, &identity);
	return identity;
}

static const char *find_fields(const struct identity *identity)
{
	const struct {
		const char *name, *text;
	} texts[] = { { "container", identity->container }, { "pod", identity->pod },
		{ "machine", identity->machine }, { "app", identity->app } };
	const char *text = identity->runtime ? runtime_names[identity->runtime] : "";

	for (size_t i = 0; i < COUNT(texts); i++)
		if (texts[i].text)
			text = strf(
				"%s%s%s=%s", text, *text ? " " : "", texts[i].name, texts[i].text);
	return identity->has_user ? strf("%s%suser=%u", text, *text ? " " : "", identity->user)
				  : text;
}

/*
 * Steps are about a process with this path in the unified hierarchy:
 *
 *	unit /x.service => x.service    the unit, with "inside" behind it if it is in a container
 *	fields /docker/ID => docker container=ID pod=… machine=… app=… user=…
 *	named /docker/ID => docker container=ID, docker web     these and the name
 */
static const char *find(char *question, const char *expected)
{
	const char *what = strsep(&question, " ");
	struct identity identity = parse_cgroup(strf("0::%s\n", question));

	if (!strcmp(what, "unit"))
		return strf("%s%s", identity.unit ? identity.unit : "none",
			identity.unit_inside ? " inside" : "");
	return strf("%s%s%s", find_fields(&identity), *what == 'n' ? ", " : "",
		*what == 'n' ? identity.name : "");
}

static const struct hand_steps steps = { .find = find };

/* A process in a container chooses the names of its units. */
MODEL_TEST(the_unit_is_the_innermost_service_or_scope_unescaped, "unit /init.scope => init.scope",
	"unit /system.slice/system-my\\x2djob.slice/my-job@a.service => my-job@a.service",
	"unit /system.slice/scope1.scope => scope1.scope",
	"unit /system.slice/script.service/runtime => script.service",
	"unit /user.slice/user-1000.slice/session-2.scope => session-2.scope",
	"unit /user.slice/user-1000.slice/user@1000.service/app.slice/ujob.service => ujob.service",
	"unit /user.slice/user-1000.slice/user@1000.service/init.scope => init.scope",
	"unit /system.slice/docker-" ID_A
	".scope/system.slice/nginx.service => nginx.service inside",
	"unit /docker/" ID_A "/system.slice/docker-" ID_B ".scope/x.service => x.service inside",
	"unit /system.slice/docker-" ID_A ".scope => docker-" ID_A ".scope",
	"unit /../nsp.service => nsp.service",
	"unit /system.slice/media-usb.mount => media-usb.mount", "unit /system.slice => none",
	"unit /system.slice/runc1 => none", "unit /crun1 => none", "unit /.service => none",
	"unit /service => none", "unit /x.services => none", "unit /an evil.service => none",
	"unit /\xc3\xa4.service => none",
	"unit /system.slice/a.service/an evil.service => a.service",
	/* It is unescaped. */
	"unit /system.slice/system-we\\x5cx2dird.slice/we\\x2dird@a\\x2db-c.service => "
	"we-ird@a-b-c.service",
	"unit /a\\x41\\x2dz.service => aA-z.service", "unit /a\\x00b.service => a\\x00b.service",
	"unit /a\\x2.service => a\\x2.service", "unit /a\\y2d.service => a\\y2d.service",
	"unit /a\\x2D.service => a\\x2D.service", "unit /a\\x1b.service => a\x1b.service",
	"unit /a\\x5cx2d.service => a\\x2d.service", /* once */
	"unit /system.slice/_memory.service => memory.service",
	"unit /system.slice/__under.service => _under.service",
	/* A process in a container is in a unit inside, or in the unit that runs it. */
	"unit /machine.slice/machine-mach1.scope/payload/system.slice/nginx.service => "
	"nginx.service inside",
	"unit /lxc.payload.c1/init.scope => init.scope inside",
	"unit /system.slice/nginx.service => nginx.service",
	"unit /system.slice/podunit.service/libpod-payload-" ID_A " => podunit.service",
	"unit /machine.slice/machine-mach1.scope/payload => machine-mach1.scope",
	"unit /docker/" ID_A " => none")

#define KUBE "/kubepods.slice/kubepods-pod" POD_ ".slice"
#define A " container=" ID_A
#define OF_POD " pod=" POD

/* A process in a container makes the groups below its own. Only libvirt numbers its machines. */
MODEL_TEST(fields_are_those_of_the_outermost_container_and_its_pod,
	/* The outermost container counts. */
	"named /docker/" ID_A "/system.slice/docker-" ID_B ".scope/x.service => docker" A
	", docker 84b8394540fb",
	"named /machine.slice/machine-mach1.scope/payload/docker/" ID_A
	" => nspawn machine=mach1, machine mach1",
	/* A container cannot pass for a pod. */
	"named /docker/" ID_A "/kubepods/pod" POD "/" ID_B " => docker" A ", docker 84b8394540fb",
	/* A container in a pod has its engine and its pod. */
	"named " KUBE "/cri-containerd-" ID_A ".scope => containerd" A OF_POD
	", kubernetes 84b8394540fb",
	"named " KUBE "/crio-" ID_A ".scope/container => cri-o" A OF_POD
	", kubernetes 84b8394540fb",
	"named " KUBE "/docker-" ID_A ".scope => docker" A OF_POD ", kubernetes 84b8394540fb",
	"named /kubepods/burstable/pod" POD "/" ID_A " => kubernetes" A OF_POD
	", kubernetes 84b8394540fb",
	"named " KUBE " => kubernetes" OF_POD ", pod " POD,
	/* A kubelet in a container has slices of its own. */
	"named /kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort-pod" POD_
	".slice/cri-containerd-" ID_A ".scope => containerd" A OF_POD ", kubernetes 84b8394540fb",
	/* A Podman pod is no Kubernetes pod. */
	"named /machine.slice/machine-libpod_pod_" ID_B ".slice/libpod-" ID_A
	".scope/container => podman" A " pod=" ID_B ", podman 84b8394540fb",
	"named /libpod_parent/" ID_B "/libpod-" ID_A " => podman" A " pod=" ID_B
	", podman 84b8394540fb",
	/* machinectl(1) lists whatever a manager registers. */
	"named /machine.slice/machine-lxc\\x2d1416\\x2dlc\\x2d1.scope/libvirt => libvirt "
	"machine=lxc-1416-lc-1, machine lxc-1416-lc-1",
	"named /machine.slice/machine-qemu\\x2dtest.scope => machine=qemu-test, machine qemu-test",
	"named /machine.slice/machine-7.scope => machine=7, machine 7",
	"named /machine.slice/machine-qemu\\x2d1\\x2dx.scope/payload => nspawn machine=qemu-1-x, "
	"machine qemu-1-x",
	/* The user is that of the slice. */
	"named " USER_SLICE "/user.slice/libpod-" ID_A ".scope/container => podman" A
	" user=1000, podman 84b8394540fb",
	"named /user.slice/user-0.slice/session-1.scope => user=0, session-1.scope",
	"named /user.slice/user-4294967296.slice/session-1.scope => , session-1.scope",
	"named /user.slice/user-99999999999.slice/session-1.scope => , session-1.scope",
	"named /user.slice/user-alice.slice/session-1.scope => , session-1.scope",
	"named " USER_SLICE "/user-7.slice/x.service => user=1000, x.service",
	"named /docker/" ID_A "/user-7.slice/session-1.scope => docker" A ", docker 84b8394540fb")

MODEL_TEST(what_watches_a_container_is_not_in_it,
	"fields /machine.slice/libpod-conmon-" ID_A ".scope => ",
	"fields /machine.slice/libpod-conmon-" ID_A ".scope/libpod-" ID_A ".scope => ",
	"fields " KUBE "/crio-conmon-" ID_A ".scope => kubernetes" OF_POD,
	"fields /lxc.monitor.c1 => ",
	"fields /machine.slice/systemd-nspawn@mach4.service/supervisor => ",
	"fields /system.slice/nsp2.service/supervisor => ", "fields /libpod_parent/conmon => ")

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

/*
 * What a process is called does not depend on which versions of control groups a system has. From
 * inside a cgroup namespace, what is outside begins with "/..", cgroup_namespaces(7).
 */
TEST(every_example_has_its_name_with_any_version_and_from_inside_a_cgroup_namespace)
{
	for (const struct cgroup_example *e = cgroup_examples;
		e < cgroup_examples + CGROUP_EXAMPLES; e++)
		for (EACH_TEXT(path, e->path, strf("/../..%s", e->path)))
			for (EACH_TEXT(text, strf("0::%s\n", path),
				     strf("12:memory:%s\n3:cpu,cpuacct:/\n1:name=systemd:%s\n",
					     path, path),
				     strf("12:memory:%s\n1:name=systemd:%s\n0::/\n", path, path),
				     strf("12:memory:%s\n11:cpuset:/\n10:pids:%s\n", path, path))) {
				struct identity identity = parse_cgroup(text);
				const char *runtime = runtime_names[identity.runtime];

				assert_string_equal(strf("%s: %s, %s", identity.cgroup,
							    identity.name ? identity.name : "",
							    runtime ? runtime : ""),
					strf("%s: %s, %s", path, e->name, e->runtime));
			}
}

/* The example with n digits in the place of an id's 64, or NULL where it has no id. */
static const char *with_digits(const char *example, int n, const char *first)
{
	const char *a = strstr(example, ID_A), *id = a ? a : strstr(example, ID_B);

	return id ? strf("%.*s%s%0*d%s", (int)(id - example), example, first, n - 1, 0, id + 64)
		  : NULL;
}

TEST(text_similar_to_an_id_is_none)
{
	size_t tried = 0;

	for (size_t i = 0; i < CGROUP_EXAMPLES; i++)
		for (int n = 63; n <= 65; n++) {
			const char *path =
				with_digits(cgroup_examples[i].path, n, n == 64 ? "A" : "a");

			if (path && parse_cgroup(strf("0::%s\n", path)).container)
				fail_msg("container of %s", path);
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
		     "/user.slice/app-flatpak-org.gnome.Maps-12345678901.scope"))
		MODEL(strf("fields %s => ", path));
}
