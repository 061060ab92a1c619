// SPDX-License-Identifier: MIT
/*
 * Which workloads a name matches: the best match, ambiguous names, forged names. Besides statements
 * of hand_build(), steps are:
 *
 *	5 /docker/ID given=web pod=default/web-7d4
 *	                          a process in that control group, and given names of it
 *	web => docker web: 5 6    the workloads that this stands for, which "; " separates, and
 *	                          their processes; "; …" for more
 *	x in alice=1000 => …      within a container, or of a user
 *	operand web => 50         the namespaces that an operand stands for
 */
#include "hand_model.h"

#define OTHER_SLICE "/user.slice/user-1001.slice/user@1001.service"
#define NAMES_MNT 7 /* where the names of network namespaces are: NETNS("blue") */
#define NETNS(name) "mnt:7 mounts /run/netns/" name

/* With names that users gave, as enrich_given_names() sets them. */
static void give_names(struct process *process, const char *given, const char *pod_name)
{
	struct identity *identity = arena_alloc(&model.arena, sizeof(*identity));

	*identity = *process->identity;
	identity->given = given;
	identity->pod_name = pod_name;
	identity->name = identity_make_name(&model.arena, identity);
	process->identity = identity;
}

static bool add(char *words[])
{
	const char *given = NULL, *pod_name = NULL;

	for (char **word = words; *word; word++)
		if (!strncmp(*word, "given=", 6))
			given = *word + 6;
		else if (!strncmp(*word, "pod=", 4))
			pod_name = *word + 4;
	if (!given && !pod_name)
		return false;
	hand_build(strf("%s %s", words[0], words[1]));
	give_names(model_find_process(&model, atoi(words[0])), given, pod_name);
	return true;
}

static const char *find_workloads(char *text, const char *expected)
{
	char *in = strstr(text, " in "), *uid = in ? strchr(in, '=') : NULL;
	struct workload_name name = { .text = text, .in = in ? in + strlen(" in ") : NULL };
	struct workloads workloads;
	struct strbuf found = { 0 };

	if (!strncmp(text, "operand ", 8)) {
		rows_done(&rows);
		namespaces_find(&model, NAMES_MNT, text + 8, true, &rows);
		return hand_rows();
	}
	if (in)
		*in = '\0';
	if (uid) {
		*uid = '\0';
		name.has_user = true;
		name.user = (uid_t)atoi(uid + 1);
	}
	workloads_find(&model, NAMES_MNT, &name, &workloads);
	for (size_t i = 0; i < workloads.n; i++) {
		strbuf_adds(&found, i ? "; " : "");
		workload_describe(&workloads.at[i], &found);
		strbuf_adds(&found, ":");
		for (size_t t = 0; t < model.nprocesses; t++)
			if (workload_has(&workloads.at[i], model.processes[t]))
				strbuf_addf(&found, " %d", model.processes[t]->pid);
	}
	strbuf_adds(&found, workloads.more ? "; …" : "");
	return strbuf_keep(&found);
}

static const struct hand_steps steps = { .add = add, .find = find_workloads };

#define DOCKER(id) "/system.slice/docker-" id ".scope"
#define PODMAN(id) "/machine.slice/libpod-" id ".scope/container"

TEST_FIXTURE(hand_set_up, hand_tear_down);

MODEL_TEST(a_container_is_meant_by_the_start_of_its_id, "5 " DOCKER(ID_A), "6 " DOCKER(ID_A),
	"7 " PODMAN(ID_B), "84b8 => docker 84b8394540fb: 5 6", ID_A " => docker 84b8394540fb: 5 6",
	"docker 84b8394540fb => docker 84b8394540fb: 5 6", "d => podman d1d5e64ac8d9: 7", "4b8 => ",
	ID_A "0 => ", " => ")

MODEL_TEST(common_prefix_of_two_ids_matches_both,
	"5 /docker/84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7cf",
	"6 " DOCKER(ID_A), "84b => docker 84b8394540fb: 5; docker 84b8394540fb: 6",
	ID_A " => docker 84b8394540fb: 6")

MODEL_TEST(a_name_that_is_no_id_is_meant_as_a_whole, "5 /lxc.payload.c1",
	"6 /machine.slice/machine-mach1.scope/payload",
	"7 " USER_SLICE "/app.slice/app-flatpak-org.gnome.Maps-1234.scope", "c1 => lxc c1: 5",
	"c => ", "mach1 => machine mach1: 6", "machine mach1 => machine mach1: 6", "mach => ",
	"org.gnome.Maps => 1000/flatpak org.gnome.Maps: 7")

#define POD_SLICE_ "/kubepods.slice/kubepods-pod" POD_ ".slice"

MODEL_TEST(a_pod_is_meant_by_its_uid, "5 " POD_SLICE_ "/cri-containerd-" ID_A ".scope",
	"6 " POD_SLICE_ "/cri-containerd-" ID_B ".scope", POD " => " POD ": 5 6",
	"2fc9 => " POD ": 5 6", "84b8 => kubernetes 84b8394540fb: 5")

MODEL_TEST(name_of_a_service_matches_without_its_suffix, "5 /system.slice/nginx.service",
	"6 /system.slice/nginx.service/worker", "7 /system.slice/nginx.scope",
	"nginx.service => nginx.service: 5 6", "nginx => nginx.service: 5 6",
	"nginx.scope => nginx.scope: 7", "ngin => ")

/* As systemctl(1) has it: a user's unit is found with the user's name, or where there is no other.
 */
MODEL_TEST(the_systems_own_comes_before_that_of_users, "5 " USER_SLICE "/app.slice/dbus.service",
	"6 " OTHER_SLICE "/app.slice/dbus.service",
	"dbus.service => 1000/dbus.service: 5; 1001/dbus.service: 6",
	"dbus.service in alice=1000 => 1000/dbus.service: 5", "7 /system.slice/dbus.service",
	"dbus.service => dbus.service: 7", "dbus => dbus.service: 7",
	"dbus.service in 1001=1001 => 1001/dbus.service: 6")

MODEL_TEST(a_user_cannot_be_taken_for_a_container_of_the_system,
	"5 " USER_SLICE "/libpod-" ID_A ".scope/container", "6 " USER_SLICE "/lxc.payload.84b8",
	"7 " PODMAN(ID_A), "84b8 => podman 84b8394540fb: 7", ID_A " => podman 84b8394540fb: 7",
	"84b83 in alice=1000 => 1000/podman 84b8394540fb: 5")

MODEL_TEST(a_container_cannot_be_taken_for_a_unit_of_the_system,
	"5 /machine.slice/machine-mach1.scope/payload/system.slice/nginx.service",
	"6 " DOCKER(ID_A) "/system.slice/nginx.service",
	"nginx.service => mach1/nginx.service: 5; 84b8394540fb/nginx.service: 6",
	"nginx.service in 84b8394540fb => 84b8394540fb/nginx.service: 6",
	"nginx in mach1 => mach1/nginx.service: 5", "nginx in mach => ", "nginx.service in  => ",
	"7 /system.slice/nginx.service", "nginx.service => nginx.service: 7")

/* A service that runs a container is more than that: podman's quadlets. */
MODEL_TEST(a_unit_has_the_containers_in_it, "5 /system.slice/podunit.service/libpod-payload-" ID_A,
	"6 /system.slice/podunit.service/runtime", "podunit.service => podunit.service: 5 6",
	"84b8 => podman 84b8394540fb: 5")

MODEL_TEST(workload_of_a_network_namespace_has_its_members, NETNS("blue") " net:50",
	NETNS("red") " net:51", "5 net:50", "6 net:51", "blue => netns blue: 5",
	"netns red => netns red: 6", "green => ", "blue in alice=1000 => ")

MODEL_TEST(name_of_several_system_workloads_matches_all, NETNS("web") " net:50",
	"5 /lxc.payload.web", "6 /system.slice/web.service", "7 " USER_SLICE "/lxc.payload.web",
	"web => lxc web: 5; netns web:")

TEST(few_candidates_are_kept_for_the_message)
{
	const char *first = "";

	for (int i = 0; i < WORKLOADS_MAX; i++)
		first = strf("%sdocker 84%010d: %d; ", first, i, 10 + i);
	for (int i = 0; i < 20; i++)
		MODEL(strf("%d /docker/84%010d%052d", 10 + i, i, 0));
	MODEL(strf("84 => %s…", first), strf("840 => %s…", first));
	MODEL("40 /lxc.payload.84", "84 => lxc 84: 40");
}

MODEL_TEST(container_is_found_by_its_given_name_and_by_its_id, "5 " DOCKER(ID_A) " given=web",
	"6 " DOCKER(ID_A) "/system.slice/x.service given=web", "web => docker web: 5 6",
	"docker web => docker web: 5 6", "84b8 => docker web: 5 6",
	"docker 84b8394540fb => docker web: 5 6", "we => ", "x in web => 84b8394540fb/x.service: 6")

MODEL_TEST(containers_with_the_same_given_name_are_ambiguous, "5 " DOCKER(ID_A) " given=web",
	"6 " PODMAN(ID_B) " given=web", "web => docker web: 5; podman web: 6",
	"podman web => podman web: 6")

MODEL_TEST(container_of_a_user_comes_after_one_of_the_system_with_the_same_given_name,
	"5 " USER_SLICE "/libpod-" ID_A ".scope/container given=web", "web => 1000/podman web: 5",
	"6 " PODMAN(ID_B) " given=web", "web => podman web: 6",
	"podman web in alice=1000 => 1000/podman web: 5")

/* A user can call a container after the id of another one. */
MODEL_TEST(given_name_does_not_hide_the_container_with_that_id_or_short_id,
	"5 " DOCKER(ID_A) " given=" ID_B, "6 " DOCKER(ID_B),
	"7 " DOCKER(PODMAN_POD) " given=d1d5e64ac8d9",
	ID_B " => docker " ID_B ": 5; docker d1d5e64ac8d9: 6",
	"d1d5e64ac8d9 => docker d1d5e64ac8d9: 6; docker d1d5e64ac8d9: 7")

MODEL_TEST(pod_is_found_by_namespace_and_name,
	"5 " POD_SLICE_ "/cri-containerd-" ID_A ".scope pod=default/web-7d4",
	"6 " POD_SLICE_ "/cri-containerd-" ID_B ".scope given=nginx pod=default/web-7d4",
	"default/web-7d4 => default/web-7d4: 5 6",
	"kubernetes default/web-7d4 => default/web-7d4: 5 6",
	"kubernetes default/web-7d4 nginx => kubernetes default/web-7d4 nginx: 6",
	POD " => default/web-7d4: 5 6", "default => ", "nginx => ")

/* ctr(8) makes no control group of a pod. */
MODEL_TEST(pod_without_uid_is_found_by_its_whole_name,
	"5 /k8s.io/ctr1 given=nginx pod=default/web-7d4", "default/web-7d4 => default/web-7d4: 5",
	"default/web => ")

/* As containerlab makes links in /run/netns for its containers. */
MODEL_TEST(network_namespace_of_a_container_with_the_same_name_is_part_of_it,
	NETNS("web") " net:50", NETNS("db") " net:51", "5 " DOCKER(ID_A) " given=web", "5 net:50",
	"6 " DOCKER(ID_B) " given=db", "web => docker web: 5", "netns web => netns web: 5",
	"db => docker db: 6; netns db:")

MODEL_TEST(operand_may_be_the_name_of_a_container_or_the_id_that_it_replaces,
	"5 " DOCKER(ID_A) " given=web", "5 net:50", "operand docker web => 50",
	"operand docker 84b8394540fb => 50")
