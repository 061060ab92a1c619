// SPDX-License-Identifier: MIT
/* Which processes are one group, what it is called, and what stands next to what. */
#include "hand_model.h"

#define DOCKER "/system.slice/docker-" ID_A ".scope"
#define PODMAN "/machine.slice/libpod-" ID_B ".scope/container"
#define KUBE "/kubepods.slice/kubepods-pod" POD_ ".slice/"

static struct groups groups;

/* PID 1 is in the first namespace of each type: 10 cgroup, 11 ipc, 12 mnt … */
static struct process *add(pid_t pid, const char *path)
{
	struct process *process = process_in(pid, path);

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		process->ino[t] = 10 + t;
	return process;
}

/* A process with namespaces of its own of two types. */
static struct process *add_in(pid_t pid, const char *path, uint32_t mnt, uint32_t net)
{
	struct process *process = add(pid, path);

	process->ino[NS_MNT] = mnt;
	process->ino[NS_NET] = net;
	return process;
}

static int set_up(void **state)
{
	hand_set_up(state);
	groups = (struct groups){ 0 };
	add(1, "/init.scope");
	return 0;
}

static int tear_down(void **state)
{
	groups_done(&groups);
	return hand_tear_down(state);
}

/* "docker 84b8394540fb: mnt net: 5 6", its own types and its members; "<0 " is what it is below. */
static void add_group(const struct row *row, struct strbuf *out)
{
	if (row->parent != ROW_NO_PARENT)
		strbuf_addf(out, "<%zu ", row->parent);
	group_name(row->group, &model, out);
	strbuf_adds(out, ": ");
	group_add_types(row->group->own, out);
	strbuf_adds(out, ":");
	for (size_t i = 0; i < row->group->n; i++)
		strbuf_addf(out, " %d", row->group->members[i]->pid);
	strbuf_adds(out, "\n");
}

static void assert_selected(unsigned types, const struct u64map *chosen, const char *expected)
{
	struct strbuf text = { 0 };

	groups_done(&groups);
	rows.n = 0;
	groups_find(&groups, &model);
	groups_query(&groups, types, chosen, &rows);
	tree_arrange(&model, TREE_GROUP, &rows);
	for (size_t i = 0; i < rows.n; i++)
		add_group(&rows.at[i], &text);
	assert_string_equal(strbuf_keep(&text), expected);
}

static void assert_groups(const char *expected)
{
	assert_selected(NS_TYPES_ALL, NULL, expected);
}

/* Of a group that stands below another one. */
static void assert_difference(size_t row, const char *expected)
{
	struct strbuf text = { 0 };

	group_difference(rows.at[row].group, &text);
	assert_string_equal(strbuf_keep(&text), expected);
}

TEST_FIXTURE(set_up, tear_down);

TEST(process_in_all_namespaces_of_the_host_is_in_no_group)
{
	add(5, "/system.slice/nginx.service");
	assert_groups("");
	add_in(6, "/system.slice/nginx.service", 20, 13);
	assert_groups("nginx.service: mnt: 6\n");
}

TEST(processes_that_share_all_namespaces_are_one_group)
{
	add_in(5, DOCKER, 20, 21);
	add_in(6, PODMAN, 30, 21);
	add_in(7, DOCKER, 20, 21);
	assert_groups("docker 84b8394540fb: mnt net: 5 7\n"
		      "podman d1d5e64ac8d9: mnt net: 6\n");
}

TEST(the_ended_and_the_unreadable_are_in_no_group)
{
	struct process *process = add_in(5, DOCKER, 0, 0);

	process->ino[NS_PID] = 40;
	process->zombie = true;
	process = add(6, DOCKER);
	memset(process->ino, 0, sizeof(process->ino));
	assert_groups("");
}

TEST(what_is_unknown_is_neither_own_nor_shared)
{
	add_in(5, DOCKER, 20, 0);
	assert_groups("docker 84b8394540fb: mnt: 5\n");
	assert_false(groups.at[0].shared & 1u << NS_NET);
	assert_true(groups.at[0].shared & 1u << NS_PID);
}

/* As inside a container that may not read its first process. */
TEST(without_a_first_process_the_host_is_what_the_system_started_with)
{
	struct process *process = model_find_process(&model, 1);

	memset(process->ino, 0, sizeof(process->ino));
	process = add(5, "/system.slice/nginx.service");
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		process->ino[t] = nstype_info(t)->initial_ino;
	process->ino[NS_UTS] = 20;
	process->ino[NS_NET] = 21; /* the inode of the host is not fixed */
	assert_groups("nginx.service: uts: 5\n");
	hand_held(NS_MNT, nstype_info(NS_MNT)->initial_ino);
	assert_groups("nginx.service: net uts: 5\n");
}

/* A second mount namespace of one container, as of a shell with mounts of its own. */
TEST(the_groups_of_a_container_stand_below_its_first)
{
	add_in(5, DOCKER, 20, 21);
	add_in(6, PODMAN, 30, 31);
	add_in(7, DOCKER, 22, 21);
	assert_groups("docker 84b8394540fb: mnt net: 5\n"
		      "<0 docker 84b8394540fb: mnt net: 7\n"
		      "podman d1d5e64ac8d9: mnt net: 6\n");
	assert_difference(1, "in another mnt");
}

TEST(group_in_a_namespace_of_the_host_is_described_so)
{
	struct process *process;

	add_in(5, DOCKER, 20, 21);
	add_in(6, DOCKER, 20, 10 + NS_NET);
	process = add_in(7, DOCKER, 22, 10 + NS_NET);
	process->ino[NS_PID] = 30;
	assert_groups("docker 84b8394540fb: mnt net: 5\n"
		      "<0 docker 84b8394540fb: mnt: 6\n"
		      "<0 docker 84b8394540fb: mnt pid: 7\n");
	assert_difference(1, "in the host's net");
	assert_difference(2, "in another mnt pid, host's net");
}

TEST(groups_without_a_name_in_one_pid_namespace_stand_together)
{
	pid_t pids[] = { 5, 6, 7, 8 };
	uint32_t pidns[] = { 40, 41, 40, 10 + NS_PID };

	for (size_t i = 0; i < 4; i++) {
		struct process *process = add_in(pids[i], "/", 20 + (uint32_t)i, 30);

		process->ino[NS_PID] = pidns[i];
		process->identity = i == 2 ? NULL : process->identity;
	}
	add_in(9, "/", 25, 30);
	assert_groups(": mnt net pid: 5\n"
		      "<0 : mnt net pid: 7\n"
		      ": mnt net pid: 6\n"
		      ": mnt net: 8\n"
		      ": mnt net: 9\n");
}

TEST(a_container_is_another_one_below_another_user)
{
	add_in(5, "/machine.slice/libpod-" ID_B ".scope/container", 20, 21);
	add_in(6, "/user.slice/user-1000.slice/user@1000.service/libpod-" ID_B ".scope", 30, 31);
	assert_groups("podman d1d5e64ac8d9: mnt net: 5\n"
		      "podman d1d5e64ac8d9: mnt net: 6\n");
}

TEST(processes_of_one_unit_stand_together_but_on_their_own)
{
	add_in(5, "/system.slice/a.service", 20, 21);
	add_in(6, "/system.slice/b.service", 30, 31);
	add_in(7, "/system.slice/a.service", 22, 21);
	assert_groups("a.service: mnt net: 5\n"
		      "a.service: mnt net: 7\n"
		      "b.service: mnt net: 6\n");
}

TEST(containers_of_a_pod_stand_together)
{
	add_in(5, KUBE "cri-containerd-" ID_B ".scope", 20, 21);
	add_in(6, DOCKER, 30, 31);
	add_in(7, KUBE "cri-containerd-" ID_A ".scope", 22, 21);
	add_in(8, KUBE "cri-containerd-" ID_B ".scope", 23, 21);
	assert_groups("kubernetes d1d5e64ac8d9: mnt net: 5\n"
		      "<0 kubernetes d1d5e64ac8d9: mnt net: 8\n"
		      "kubernetes 84b8394540fb: mnt net: 7\n"
		      "docker 84b8394540fb: mnt net: 6\n");
}

/* A process that enters by nsenter(1) stays in its control group, and may have a lower PID. */
TEST(group_is_named_after_its_best_identified_member)
{
	add_in(5, "/user.slice/user-1000.slice/session-3.scope", 20, 21);
	add_in(6, "/", 20, 21);
	add_in(7, DOCKER, 20, 21);
	assert_groups("docker 84b8394540fb: mnt net: 5 6 7\n");
}

TEST(name_of_a_group_includes_the_unit_inside_a_machine)
{
	add_in(5, "/machine.slice/machine-mach1.scope/payload/init.scope", 20, 21);
	add_in(6, "/machine.slice/machine-mach1.scope/payload/system.slice/x.service", 22, 21);
	assert_groups("machine mach1: mnt net: 5\n"
		      "<0 machine mach1: mnt net: 6\n");
	assert_difference(1, "x.service, in another mnt");
}

TEST(the_name_of_a_network_namespace_comes_before_that_of_a_unit)
{
	model.our_mnt = 12;
	hand_mount(hand_ns(NS_NET, 21), "/run/netns/blue", 12);
	hand_mount(hand_ns(NS_NET, 31), "/run/netns/red", 12);
	hand_mount(hand_ns(NS_NET, 13), "/run/netns/host", 12);
	add_in(5, "/user.slice/user-1000.slice/session-3.scope", 20, 21);
	add_in(6, DOCKER, 30, 31);
	add_in(7, "/system.slice/a.service", 32, 13);
	assert_groups("netns blue: mnt net: 5\n"
		      "docker 84b8394540fb: mnt net: 6\n"
		      "a.service: mnt: 7\n");
}

TEST(types_and_processes_select_groups)
{
	struct u64map chosen = { 0 };

	add_in(5, DOCKER, 20, 13);
	add_in(6, PODMAN, 30, 31);
	add_in(7, PODMAN, 30, 31);
	assert_selected(1u << NS_NET, NULL, "podman d1d5e64ac8d9: mnt net: 6 7\n");
	assert_selected(NS_TYPES_ALL, &chosen, "");
	u64map_put(&chosen, 7, &chosen);
	assert_selected(NS_TYPES_ALL, &chosen, "podman d1d5e64ac8d9: mnt net: 6 7\n");
	assert_selected(1u << NS_PID, &chosen, "");
	u64map_done(&chosen);
}
