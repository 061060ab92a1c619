// SPDX-License-Identifier: MIT
/* How to release a namespace from each of its holders, and from all. */
#include "hand_model.h"

#define OURS 70 /* our mount namespace */

static struct ns *net;

static int set_up(void **state)
{
	hand_set_up(state);
	model.our_mnt = OURS;
	model.our_pids = true;
	hand_ns(NS_USER, 1);
	hand_ns(NS_MNT, OURS)->owner = hand_ns(NS_USER, 1);
	net = hand_ns(NS_NET, 50);
	return 0;
}

/* The process is in PID namespace pidns, and is called so. */
static struct process *add_process(pid_t pid, const char *comm, uint32_t pidns, pid_t nspid)
{
	struct process *process = hand_process(pid, 1);

	process->comm = comm;
	process->ino[NS_PID] = pidns;
	process->nspid = nspid;
	return process;
}

/* A mount in our mount namespace, or in another one that a process is in. */
static struct holder_mount *add_mount(const char *path, uint32_t mntns, pid_t pid)
{
	struct holder_mount *mount = hand_mount(net, path, mntns);

	mount->tid = pid;
	mount->process = model_find_process(&model, pid);
	mount->below_root = true;
	return mount;
}

static void assert_holder(const struct holder *holder, const char *expected)
{
	struct strbuf text = { 0 };

	release_holder(&model, holder, &text);
	assert_string_equal(strbuf_keep(&text), expected);
}

/* The commands as lines. */
static void assert_released_by(const struct ns *ns, const char *expected)
{
	struct strbuf text = { 0 };

	release_ns(&model, ns, &text);
	for (size_t i = 0; i < text.len; i++)
		text.text[i] = text.text[i] ? text.text[i] : '\n';
	assert_string_equal(strbuf_keep(&text), expected);
}

TEST_FIXTURE(set_up, hand_tear_down);

TEST(a_process_is_ended_once_whatever_it_holds)
{
	struct process *process = add_process(7, "a); reboot #", 0, 0);

	hand_join(process, net);
	hand_hold(net, HOLDER_FD, process);
	hand_hold(net, HOLDER_SOCKET, add_process(9, "sleep", 0, 0));
	assert_holder(net->first, "end process 7 '(a); reboot #)'");
	assert_released_by(net, "end process 7 '(a); reboot #)'\nend process 9 '(sleep)'\n");
}

TEST(nsls_itself_and_threads_of_the_kernel_get_no_command)
{
	struct process *nsls = add_process(7, "nsls", 0, 0);
	struct process *thread = add_process(9, "kdevtmpfs", 0, 0);

	model.self = 7;
	thread->kthread = true;
	hand_join(nsls, net);
	hand_join(thread, net);
	assert_holder(net->first, "no command: process 7 is nsls itself");
	assert_released_by(net, "no command: process 9 is a kernel thread\n");
}

TEST(all_processes_of_a_pid_namespace_end_with_its_first)
{
	struct ns *pid = hand_ns(NS_PID, 60), *inner = hand_ns(NS_PID, 61);

	inner->parent = pid;
	hand_join(add_process(7, "init", 60, 1), net);
	hand_join(add_process(8, "a", 60, 2), net);
	hand_join(add_process(9, "b", 61, 1), net);
	hand_join(add_process(10, "c", 62, 5), net);
	assert_released_by(net, "end process 7 '(init)'\nend process 10 '(c)'\n");
}

TEST(the_parent_of_a_zombie_has_to_wait)
{
	struct process *parent = add_process(7, "shell", 0, 0);
	struct process *zombie = add_process(9, "sleep", 0, 0);

	zombie->zombie = true;
	zombie->ppid = 7;
	hand_hold(net, HOLDER_ZOMBIE, zombie);
	assert_holder(net->first, "end process 7 '(shell)' or let it wait for process 9 '(sleep)'");
	hand_join(parent, net);
	zombie->ppid = 0;
	assert_holder(net->first, "no command: the parent that has to wait for process 9 '(sleep)' "
				  "is not in this procfs");
}

/* Process 5 is the first of PID namespace 60, which is held by it alone. */
static struct ns *add_exiting(void)
{
	struct process *init = add_process(5, "init", 60, 1);
	struct ns *pidns = hand_ns(NS_PID, 60);

	init->zombie = true;
	hand_hold(pidns, HOLDER_EXITING, init);
	return pidns;
}

TEST(an_exiting_process_is_not_ended_again)
{
	struct ns *pidns = add_exiting();

	assert_holder(pidns->first, "no command: process 5 '(init)' is exiting");
	assert_released_by(pidns, "no command: process 5 '(init)' is exiting\n");
}

TEST(an_exiting_first_process_waits_for_a_process_that_does_not_end)
{
	struct ns *pidns = add_exiting();

	hand_join(add_process(6, "stuck", 60, 2), pidns);
	assert_holder(pidns->first, "no command: process 5 '(init)' is exiting, and waits for "
				    "process 6 '(stuck)'");
	assert_released_by(pidns,
		"no command: process 5 '(init)' is exiting, and waits for process 6 '(stuck)'\n");
}

/* The zombie was started from outside, as by nsenter(1), in a PID namespace below. */
TEST(exiting_first_process_waits_for_a_zombie_with_a_parent_outside)
{
	struct ns *pidns = add_exiting(), *below = hand_ns(NS_PID, 61);
	struct process *zombie = add_process(9, "sleep", 61, 1);

	add_process(7, "engine", 50, 7);
	zombie->zombie = true;
	zombie->ppid = 7;
	hand_hold(below, HOLDER_ZOMBIE, zombie);
	hand_relate(pidns, HOLDER_CHILD, below);
	assert_holder(
		pidns->first, "end process 7 '(engine)' or let it wait for process 9 '(sleep)'");
	assert_released_by(
		pidns, "end process 7 '(engine)' or let it wait for process 9 '(sleep)'\n");
}

TEST(a_mount_of_ours_is_unmounted)
{
	add_process(7, "init", 0, 0);
	add_mount("/mnt/a b", OURS, 7);
	assert_holder(net->first, "umount '/mnt/a b'");
	net->first->mount->hidden = true;
	assert_holder(net->first, "no command: another mount hides the mount point");
}

TEST(a_mount_elsewhere_is_unmounted_from_outside)
{
	add_process(7, "init", 0, 0);
	add_mount("/x", 71, 7);
	assert_holder(net->first, "umount -i -n -N 7 /x");
	net->first->mount->path = "/x\n";
	assert_holder(net->first, "printf '/x\\012\\000' | xargs -0 umount -i -n -N 7");
	model.our_pids = false;
	assert_holder(net->first, "no command: unmount '/x\\012' in mnt:[71]");
}

TEST(a_mount_that_no_process_reaches_disappears_with_its_mount_namespace)
{
	struct process *process = add_process(7, "pause", 0, 0);

	add_mount("/x", 71, 0);
	hand_join(process, hand_ns(NS_MNT, 71));
	assert_holder(net->first, "disappears with mnt:[71]");
	assert_released_by(net, "end process 7 '(pause)'\n");
	net->first->mount->process = process;
	net->first->mount->below_root = false;
	assert_holder(net->first, "disappears with mnt:[71]");
}

TEST(removing_the_file_releases_all_copies)
{
	struct holder_mount *ours, *copy;

	add_process(7, "init", 0, 0);
	ours = add_mount("/run/netns/blue", OURS, 7);
	copy = add_mount("/run/netns/blue", 71, 7);
	ours->point.file = copy->point.file = "0:25 /netns/blue";
	assert_released_by(net, "ip netns del blue\n");
	ours->path = "/run/netns/b c";
	assert_released_by(net, "umount '/run/netns/b c' && rm '/run/netns/b c'\n");
	copy->point.file = "0:26 /netns/blue";
	assert_released_by(net, "umount '/run/netns/b c' && rm '/run/netns/b c'\n"
				"umount -i -n -N 7 /run/netns/blue\n");
}

TEST(a_file_that_may_be_of_use_is_not_removed)
{
	add_process(7, "init", 0, 0);
	add_mount("/etc/passwd", OURS, 7)->point.file = "8:1 /etc/passwd";
	assert_released_by(net, "umount /etc/passwd\n");
}

/* Users may put links into their directories between one command and the next. */
TEST(a_file_in_a_directory_of_a_user_is_not_removed)
{
	add_process(7, "init", 0, 0);
	add_mount("/run/user/1000/x/ns", OURS, 7)->point.file = "0:30 /x/ns";
	assert_released_by(net, "umount /run/user/1000/x/ns\n");
}

TEST(no_process_has_to_end_for_an_unknown_mount_point)
{
	struct process *process = add_process(7, "init", 0, 0);

	hand_join(process, hand_ns(NS_MNT, 71));
	add_mount("(path too long)", 71, 0);
	assert_released_by(net, "no command: its mount point is not known\n");
}

/* Before Linux 6.18, the kernel may not report where a mount is if no process sees it. */
TEST(a_mount_where_no_process_is_disappears_with_its_mount_namespace_wherever_it_is_mounted)
{
	struct ns *mnt = hand_ns(NS_MNT, 71);

	hand_hold(mnt, HOLDER_FD, add_process(7, "a", 0, 0));
	add_mount("(path unknown)", 71, 0);
	assert_released_by(net, "end process 7 '(a)'\n");
	model.our_pids = false;
	assert_released_by(net, "no command: its mount point is not known\n");
}

/* nsls may be in another mount namespace than process 1. */
TEST(no_process_has_to_end_for_a_mount_in_the_mount_namespace_of_process_1)
{
	struct process *init = add_process(1, "systemd", 0, 0);

	init->ino[NS_MNT] = 71;
	hand_join(init, hand_ns(NS_MNT, 71));
	add_mount("/run/netns/blue", 71, 1)->hidden = true;
	assert_released_by(net, "disappears with mnt:[71]\n");
}

/* Each row of the list has its commands: together they must not cost rows times holders. */
TEST(too_many_holders_of_what_it_disappears_with_are_not_listed)
{
	struct ns *mnt = hand_ns(NS_MNT, 71);

	for (pid_t pid = 100; pid < 1101; pid++)
		hand_join(add_process(pid, "a", 0, 0), mnt);
	add_mount("/x", 71, 0);
	assert_released_by(net, "no command: too many others hold it to list them all\n");
}

TEST(a_mount_is_released_with_its_peers)
{
	struct holder_mount *mounts[3];

	add_process(7, "a", 0, 0);
	add_process(8, "b", 0, 0);
	mounts[0] = add_mount("/x", 71, 7);
	mounts[1] = add_mount("/x", 72, 8);
	mounts[2] = add_mount("/y", 72, 8);
	for (int i = 0; i < 3; i++)
		mounts[i]->point =
			(struct mount_point){ .file = i < 2 ? "8:1 /x" : "8:1 /y", .peers = 5 };
	assert_released_by(net, "umount -i -n -N 7 /x\numount -i -n -N 8 /y\n");
	mounts[1]->point.peers = 6;
	assert_released_by(
		net, "umount -i -n -N 7 /x\numount -i -n -N 8 /x\numount -i -n -N 8 /y\n");
}

/* A copy in mount namespace 71, which user namespace 2, below 1, owns. */
static struct holder_mount *add_copy(const char *path)
{
	struct holder_mount *copy = add_mount(path, 71, 7);
	struct ns *user = hand_ns(NS_USER, 2), *mnt = hand_ns(NS_MNT, 71);

	user->parent = hand_ns(NS_USER, 1);
	mnt->owner = user;
	hand_join(model_find_process(&model, 7), mnt);
	copy->point.file = "0:25 /netns/blue";
	return copy;
}

TEST(a_copy_in_a_mount_namespace_of_another_user_namespace_is_locked)
{
	struct holder_mount *ours, *copy;
	struct strbuf text = { 0 };

	add_process(7, "bwrap", 0, 0);
	ours = add_mount("/mnt/blue", OURS, 7);
	ours->point = (struct mount_point){ .file = "0:25 /netns/blue", .peers = 5 };
	copy = add_copy("/mnt/blue");
	model_find_locked_mounts(&model);
	assert_null(ours->locked_by);
	assert_ptr_equal(copy->locked_by, ours);
	assert_holder(net->last, "disappears with mnt:[71]");
	assert_released_by(net, "umount /mnt/blue\nend process 7 '(bwrap)'\n");
	holder_summarise(net->last, &text);
	assert_string_equal(
		strbuf_keep(&text), "mount /mnt/blue in 71 (PID 7), locked: a copy of that in 70");
	ours->path = "/run/netns/blue";
	assert_holder(net->last, "ip netns del blue");
	assert_released_by(net, "ip netns del blue\n");
}

TEST(a_copy_that_may_have_been_propagated_later_does_not_count_as_locked)
{
	struct holder_mount *ours, *copy;

	add_process(7, "bwrap", 0, 0);
	ours = add_mount("/mnt/blue", OURS, 7);
	ours->point = (struct mount_point){ .file = "0:25 /netns/blue", .peers = 5 };
	copy = add_copy("/mnt/blue");
	copy->point.master = 5;
	model_find_locked_mounts(&model);
	assert_null(copy->locked_by);
	copy->point = (struct mount_point){ .file = "0:25 /netns/other" };
	model_find_locked_mounts(&model);
	assert_null(copy->locked_by);
}

TEST(what_a_namespace_below_holds_is_released_by_what_holds_that)
{
	struct ns *user = hand_ns(NS_USER, 2), *uts = hand_ns(NS_UTS, 80);

	hand_relate(user, HOLDER_OWNED, uts);
	hand_hold(uts, HOLDER_FD, add_process(7, "a", 0, 0));
	assert_holder(user->first, "disappears with uts:[80]");
	assert_released_by(user, "end process 7 '(a)'\n");
}

TEST(a_namespace_of_the_host_is_never_released)
{
	struct ns *initial = hand_ns(NS_UTS, nstype_info(NS_UTS)->initial_ino);

	hand_join(add_process(7, "a", 0, 0), initial);
	assert_released_by(initial, "");
}

TEST(what_only_the_kernel_lists_has_no_command)
{
	hand_hold(net, HOLDER_KERNEL, NULL);
	assert_holder(net->first, "no command: probably a descriptor in flight has to be received");
}
