// SPDX-License-Identifier: MIT
/* An example of every shape, in all the files in which its path may stand. */
#include "hand_model.h"

static void assert_identity(
	const struct cgroup_example *example, const struct identity *identity, const char *path)
{
	assert_text("path", path, identity->cgroup, path);
	assert_text("name", path, identity->name, example->name);
	assert_text(
		"runtime", path, runtime_name(identity->runtime), runtime_name(example->runtime));
}

TEST_FIXTURE(hand_set_up, hand_tear_down);

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
	static const char *const paths[] = {
		"/system.slice/xdocker-" ID_A ".scope",
		"/system.slice/docker-" ID_A ".scopex",
		"/system.slice/docker-" ID_A "x.scope",
		"/system.slice/docker-" ID_A ".service",
		"/system.slice/Docker-" ID_A ".scope",
		"/system.slice/docker-.scope",
		"/libpod-",
		"/k8s.io",
		"/k8s.io/",
		"/x/k8s.io/ctr1",
		"/../x/k8s.io/ctr1",
		"/x/../k8s.io/ctr1",
		"/..k8s.io/ctr1",
		"/k8s.io/..",
		"/lxc.payload.",
		"/lxc.payload",
		"/system.slice/runc1",
		"/crun1",
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
		"/user.slice/snap.Firefox.x.service",
		"/user.slice/app-flatpak--1.scope",
		"/user.slice/app-flatpak-org.gnome.Maps-12345678901.scope",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		struct identity identity = identify(paths[i]);

		assert_text("container", paths[i], identity.container, NULL);
		assert_text("machine", paths[i], identity.machine, NULL);
		assert_text("app", paths[i], identity.app, NULL);
		assert_text("pod", paths[i], identity.pod, NULL);
		assert_text("runtime", paths[i], runtime_name(identity.runtime), NULL);
	}
}
