// SPDX-License-Identifier: MIT
/*
 * Which processes are one group, what it is called, and what stands next to what. Besides
 * statements of hand_build(), steps are:
 *
 *	5 /docker/ID mnt:20 net:21    a process in that control group, which is where process 1 is
 *	                              but for these namespaces; inode 0 is unknown; also "initial",
 *	                              which is where the kernel starts, "zombie", "unreadable"
 *	=> docker web: mnt net: 5 7   the groups, which "; " separates: name, own types, members,
 *	                              and "<0 " in front of one that is below the first
 *	net => docker web: …          those which differ from the host by one of these types
 *	of 7 net => docker web: …     those of process 7
 *	1 differs => in another mnt   what distinguishes that group from the one above it
 */
#include "hand_model.h"

#define DOCKER "/system.slice/docker-" ID_A ".scope"
#define PODMAN "/machine.slice/libpod-" ID_B ".scope/container"
#define KUBE "/kubepods.slice/kubepods-pod" POD_ ".slice/"

static struct groups groups;

/* Process 1 is in the first namespace of each type: 10 cgroup, 11 ipc, 12 mnt … */
static bool add(char *words[])
{
	struct process *process;
	enum nstype type;

	if (!words[1] || *words[1] != '/')
		return false;
	hand_build(strf("%s %s", words[0], words[1]));
	process = model_find_process(&model, atoi(words[0]));
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		process->ino[t] = words[2] && !strcmp(words[2], "initial")
					  ? nstype_info[t].initial_ino
					  : 10 + t;
	for (words += 2; *words; words++)
		if (!strcmp(*words, "zombie"))
			process->zombie = true;
		else if (!strcmp(*words, "unreadable"))
			memset(process->ino, 0, sizeof(process->ino));
		else if (nstype_by_name(*words, strcspn(*words, ":"), &type) == 0)
			process->ino[type] = (uint32_t)atoi(strchr(*words, ':') + 1);
	return true;
}

static int set_up(void **state)
{
	hand_set_up(state);
	groups = (struct groups){ 0 };
	model.our_mnt = 12;
	add((char *[]){ strf("1"), strf("/init.scope"), NULL });
	return 0;
}

static int tear_down(void **state)
{
	groups_done(&groups);
	return hand_tear_down(state);
}

static void add_group(const struct row *row, struct strbuf *out)
{
	strbuf_adds(out, out->len ? "; " : "");
	if (row->parent != ROW_NO_PARENT)
		strbuf_addf(out, "<%zu ", row->parent);
	group_name(row->group, &model, out);
	strbuf_adds(out, ": ");
	group_add_types(row->group->own, out);
	strbuf_adds(out, ":");
	for (size_t i = 0; i < row->group->n; i++)
		strbuf_addf(out, " %d", row->group->members[i]->pid);
}

static const char *find_groups(unsigned types, const struct u64map *chosen)
{
	struct strbuf text = { 0 };

	groups_done(&groups);
	rows.n = 0;
	groups_find(&groups, &model);
	groups_query(&groups, types, chosen, &rows);
	tree_arrange(&model, TREE_GROUP, &rows);
	for (size_t i = 0; i < rows.n; i++)
		add_group(&rows.at[i], &text);
	return strbuf_keep(&text);
}

static const char *find(char *question, const char *expected)
{
	struct u64map chosen = { 0 };
	struct strbuf text = { 0 };
	const char *found;

	if (strstr(question, " differs")) {
		group_difference(rows.at[atoi(question)].group, &text);
		return strbuf_keep(&text);
	}
	if (strncmp(question, "of ", 3) != 0)
		return find_groups(hand_query(question).types, NULL);
	u64map_put(&chosen, strtoul(question + 3, &question, 10), &chosen);
	found = find_groups(hand_query(question).types, &chosen);
	u64map_done(&chosen);
	return found;
}

static const struct hand_steps steps = { .add = add, .find = find };

TEST_FIXTURE(set_up, tear_down);

MODEL_TEST(process_in_all_namespaces_of_the_host_is_in_no_group, "5 /system.slice/nginx.service",
	"=> ", "6 /system.slice/nginx.service mnt:20", "=> nginx.service: mnt: 6")

MODEL_TEST(processes_that_share_all_namespaces_are_one_group, "5 " DOCKER " mnt:20 net:21",
	"6 " PODMAN " mnt:30 net:21", "7 " DOCKER " mnt:20 net:21",
	"=> docker 84b8394540fb: mnt net: 5 7; podman d1d5e64ac8d9: mnt net: 6")

MODEL_TEST(the_ended_and_the_unreadable_are_in_no_group,
	"5 " DOCKER " mnt:0 net:0 pid:40 zombie; 6 " DOCKER " unreadable", "=> ")

TEST(what_is_unknown_is_neither_own_nor_shared)
{
	MODEL("5 " DOCKER " mnt:20 net:0", "=> docker 84b8394540fb: mnt: 5");
	assert_false(groups.at[0].shared & 1u << NS_NET);
	assert_true(groups.at[0].shared & 1u << NS_PID);
}

/* As inside a container that may not read its first process. */
MODEL_TEST(without_a_first_process_the_host_is_what_the_system_started_with,
	"1 /init.scope unreadable",
	/* The inode of the host's network namespace is not fixed. */
	"5 /system.slice/nginx.service initial uts:20 net:21", "=> nginx.service: uts: 5",
	"kernel mnt:4026531832", "=> nginx.service: net uts: 5")

/* A second mount namespace of one container, as of a shell with mounts of its own. */
MODEL_TEST(the_groups_of_a_container_stand_below_its_first, "5 " DOCKER " mnt:20 net:21",
	"6 " PODMAN " mnt:30 net:31", "7 " DOCKER " mnt:22 net:21",
	"=> docker 84b8394540fb: mnt net: 5; <0 docker 84b8394540fb: mnt net: 7; "
	"podman d1d5e64ac8d9: mnt net: 6",
	"1 differs => in another mnt")

MODEL_TEST(group_in_a_namespace_of_the_host_is_described_so, "5 " DOCKER " mnt:20 net:21",
	"6 " DOCKER " mnt:20", "7 " DOCKER " mnt:22 pid:30",
	"=> docker 84b8394540fb: mnt net: 5; <0 docker 84b8394540fb: mnt: 6; "
	"<0 docker 84b8394540fb: mnt pid: 7",
	"1 differs => in the host's net", "2 differs => in another mnt pid, host's net")

TEST(groups_without_a_name_in_one_pid_namespace_stand_together)
{
	MODEL("5 / mnt:20 net:30 pid:40", "6 / mnt:21 net:30 pid:41", "7 / mnt:22 net:30 pid:40");
	model_find_process(&model, 7)->identity = NULL;
	MODEL("8 / mnt:23 net:30", "9 / mnt:25 net:30",
		"=> : mnt net pid: 5; <0 : mnt net pid: 7; : mnt net pid: 6; : mnt net: 8; "
		": mnt net: 9");
}

MODEL_TEST(a_container_is_another_one_below_another_user,
	"5 /machine.slice/libpod-" ID_B ".scope/container mnt:20 net:21",
	"6 /user.slice/user-1000.slice/user@1000.service/libpod-" ID_B ".scope mnt:30 net:31",
	"=> podman d1d5e64ac8d9: mnt net: 5; podman d1d5e64ac8d9: mnt net: 6")

MODEL_TEST(processes_of_one_unit_stand_together_but_on_their_own,
	"5 /system.slice/a.service mnt:20 net:21", "6 /system.slice/b.service mnt:30 net:31",
	"7 /system.slice/a.service mnt:22 net:21",
	"=> a.service: mnt net: 5; a.service: mnt net: 7; b.service: mnt net: 6")

MODEL_TEST(containers_of_a_pod_stand_together,
	"5 " KUBE "cri-containerd-" ID_B ".scope mnt:20 net:21", "6 " DOCKER " mnt:30 net:31",
	"7 " KUBE "cri-containerd-" ID_A ".scope mnt:22 net:21",
	"8 " KUBE "cri-containerd-" ID_B ".scope mnt:23 net:21",
	"=> kubernetes d1d5e64ac8d9: mnt net: 5; <0 kubernetes d1d5e64ac8d9: mnt net: 8; "
	"kubernetes 84b8394540fb: mnt net: 7; docker 84b8394540fb: mnt net: 6")

/* A process that enters by nsenter(1) stays in its control group, and may have a lower PID. */
MODEL_TEST(group_is_named_after_its_best_identified_member,
	"5 /user.slice/user-1000.slice/session-3.scope mnt:20 net:21", "6 / mnt:20 net:21",
	"7 " DOCKER " mnt:20 net:21", "=> docker 84b8394540fb: mnt net: 5 6 7")

MODEL_TEST(name_of_a_group_includes_the_unit_inside_a_machine,
	"5 /machine.slice/machine-mach1.scope/payload/init.scope mnt:20 net:21",
	"6 /machine.slice/machine-mach1.scope/payload/system.slice/x.service mnt:22 net:21",
	"=> machine mach1: mnt net: 5; <0 machine mach1: mnt net: 6",
	"1 differs => x.service, in another mnt")

MODEL_TEST(the_name_of_a_network_namespace_comes_before_that_of_a_unit,
	"mnt:12 mounts /run/netns/blue net:21; mnt:12 mounts /run/netns/red net:31",
	"mnt:12 mounts /run/netns/host net:13",
	"5 /user.slice/user-1000.slice/session-3.scope mnt:20 net:21", "6 " DOCKER " mnt:30 net:31",
	"7 /system.slice/a.service mnt:32",
	"=> netns blue: mnt net: 5; docker 84b8394540fb: mnt net: 6; a.service: mnt: 7")

MODEL_TEST(groups_that_share_a_network_namespace_share_its_name_or_have_their_own,
	"mnt:12 mounts /run/netns/blue net:21; kernel net:31",
	"5 /system.slice/a.service mnt:20 net:21", "6 /system.slice/b.service mnt:22 net:21",
	"7 /system.slice/c.service mnt:23 net:31", "8 /system.slice/d.service mnt:24 net:31",
	"=> netns blue: mnt net: 5; netns blue: mnt net: 6; c.service: mnt net: 7; "
	"d.service: mnt net: 8")

#define BOTH "podman d1d5e64ac8d9: mnt net: 6 7"

MODEL_TEST(types_and_processes_select_groups, "5 " DOCKER " mnt:20",
	"6 " PODMAN " mnt:30 net:31; 7 " PODMAN " mnt:30 net:31", "net => " BOTH, "of 9 => ",
	"of 7 => " BOTH, "of 7 pid => ")
