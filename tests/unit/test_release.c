// SPDX-License-Identifier: MIT
/*
 * How to release a namespace from each of its holders, and from all, on models made by hand.
 * Besides statements of hand_build(), steps are:
 *
 *	process 7 init 60/1 zombie   called so; in PID namespace 60, where it is 1; which has ended;
 *	                             also "kthread"
 *	mount 71 7 /x 'file=8:1 /x'  net:50 in mount namespace 71, which process 7, or 0 for none,
 *	                             sees; also peers=5, master=5, hidden, unreached
 *	first /y hidden              changes the first mount; also "last"
 *	net:50 => COMMANDS           what releases a namespace then, a line each
 *	first net:50 => COMMAND      from its first holder; also "last"
 *	locked => mount /x in 71 …   the mounts that are locked
 */
#include "hand_model.h"

#define OURS 70 /* our mount namespace */

static int set_up(void **state)
{
	hand_set_up(state);
	model.our_mnt = OURS;
	model.our_pids = true;
	hand_ns(NS_USER, 1);
	hand_ns(NS_MNT, OURS)->owner = hand_ns(NS_USER, 1);
	return 0;
}

static void add_process(char *words[])
{
	struct process *process = hand_process(atoi(words[0]), 1);

	process->comm = words[1];
	for (words += 2; *words; words++)
		if (!strcmp(*words, "kthread"))
			process->kthread = true;
		else if (sscanf(*words, "%u/%d", &process->ino[NS_PID], &process->nspid) != 2)
			process->zombie = true;
}

static void set_mount(struct holder_mount *mount, char *words[])
{
	for (; *words; words++)
		if (**words == '/' || **words == '(')
			mount->path = *words;
		else if (!strncmp(*words, "file=", 5))
			mount->point.file = *words + 5;
		else if (!strcmp(*words, "hidden"))
			mount->hidden = true;
		else if (!strcmp(*words, "unreached"))
			mount->below_root = false;
		else if (sscanf(*words, "peers=%u", &mount->point.peers) != 1)
			assert_int_equal(sscanf(*words, "master=%u", &mount->point.master), 1);
}

static void add_mount(char *words[])
{
	pid_t pid = atoi(words[1]);
	struct holder_mount *mount =
		hand_mount(hand_ns(NS_NET, 50), NULL, (uint32_t)atoi(words[0]));

	mount->tid = pid;
	mount->process = model_find_process(&model, pid);
	mount->below_root = true;
	set_mount(mount, words + 2);
}

static bool add(char *words[])
{
	const struct ns *ns = hand_ns(NS_NET, 50);

	if (!strcmp(words[0], "process"))
		add_process(words + 1);
	else if (!strcmp(words[0], "mount"))
		add_mount(words + 1);
	else if (!strcmp(words[0], "first"))
		set_mount(ns->first->mount, words + 1);
	else if (!strcmp(words[0], "last"))
		set_mount(ns->last->mount, words + 1);
	else
		return false;
	return true;
}

static const char *find_locked(void)
{
	struct strbuf text = { 0 };

	model_find_locked_mounts(&model);
	for (const struct holder *h = hand_ns(NS_NET, 50)->first; h; h = h->next)
		if (h->mount->locked_by)
			holder_summarise(h, &text);
	return strbuf_keep(&text);
}

static const char *find(char *question, const char *expected)
{
	const char *word = strsep(&question, " ");
	struct strbuf text = { 0 };
	const struct ns *ns;

	if (!strcmp(word, "locked"))
		return find_locked();
	ns = hand_word_ns(question ? question : word);
	if (question)
		release_holder(&model, *word == 'f' ? ns->first : ns->last, &text);
	else
		release_ns(&model, ns, &text);
	for (size_t i = 0; i < text.len; i++)
		if (!text.text[i])
			text.text[i] = i + 1 < text.len ? '\n' : '\0';
	return strbuf_keep(&text);
}

static const struct hand_steps steps = { .add = add, .find = find };

TEST_FIXTURE(set_up, hand_tear_down);

MODEL_TEST(a_process_is_ended_once_whatever_it_holds, "process 7 'a) | reboot #'",
	"7 net:50; fd 7 net:50", "process 9 sleep", "socket 9 net:50",
	"first net:50 => end process 7 '(a) | reboot #)'",
	"net:50 => end process 7 '(a) | reboot #)'\nend process 9 '(sleep)'")

MODEL_TEST(nsls_itself_and_threads_of_the_kernel_get_no_command, "process 7 nsls; model.self=7",
	"process 9 kdevtmpfs kthread", "7 net:50; 9 net:50",
	"first net:50 => no command: process 7 is nsls itself",
	"net:50 => no command: process 9 is a kernel thread")

MODEL_TEST(all_processes_of_a_pid_namespace_end_with_its_first, "pid:60 above pid:61",
	"process 7 init 60/1", "process 8 a 60/2", "process 9 b 61/1", "process 10 c 62/5",
	"7 net:50; 8 net:50; 9 net:50; 10 net:50",
	"net:50 => end process 7 '(init)'\nend process 10 '(c)'")

MODEL_TEST(the_parent_of_a_zombie_has_to_wait, "process 7 shell", "process 9 sleep zombie",
	"9<7; zombie 9 net:50",
	"first net:50 => end process 7 '(shell)' or let it wait for process 9 '(sleep)'", "9<0",
	"first net:50 => no command: the parent that has to wait for process 9 '(sleep)' "
	"is not in this procfs")

MODEL_TEST(exiting_process_is_not_ended_again_and_waits_for_one_that_does_not_end,
	"process 5 init 60/1 zombie", "exiting 5 pid:60",
	"first pid:60 => no command: process 5 '(init)' is exiting",
	"pid:60 => no command: process 5 '(init)' is exiting", "process 6 stuck 60/2", "6 pid:60",
	"first pid:60 => no command: process 5 '(init)' is exiting, and waits for process 6 "
	"'(stuck)'",
	"pid:60 => no command: process 5 '(init)' is exiting, and waits for process 6 '(stuck)'")

/* The zombie was started from outside, as by nsenter(1), in a PID namespace below. */
MODEL_TEST(exiting_first_process_waits_for_a_zombie_with_a_parent_outside,
	"process 5 init 60/1 zombie", "exiting 5 pid:60", "process 9 sleep 61/1 zombie",
	"process 7 engine 50/7", "9<7; zombie 9 pid:61; pid:60 child pid:61",
	"first pid:60 => end process 7 '(engine)' or let it wait for process 9 '(sleep)'",
	"pid:60 => end process 7 '(engine)' or let it wait for process 9 '(sleep)'")

MODEL_TEST(a_mount_of_ours_is_unmounted, "process 7 init", "mount 70 7 '/mnt/a b'",
	"first net:50 => umount '/mnt/a b'", "first hidden",
	"first net:50 => no command: another mount hides the mount point")

MODEL_TEST(a_mount_elsewhere_is_unmounted_from_outside, "process 7 init", "mount 71 7 /x",
	"first net:50 => umount -i -n -N 7 /x", "first /x\n",
	"first net:50 => printf '/x\\012\\000' | xargs -0 umount -i -n -N 7", "model.our_pids=0",
	"first net:50 => no command: unmount '/x\\012' in mnt:[71]")

MODEL_TEST(a_mount_that_no_process_reaches_disappears_with_its_mount_namespace, "process 7 pause",
	"mount 71 0 /x", "7 mnt:71", "first net:50 => disappears with mnt:[71]",
	"net:50 => end process 7 '(pause)'")

MODEL_TEST(a_mount_below_another_root_disappears_with_its_mount_namespace, "process 7 pause",
	"mount 71 7 /x unreached", "first net:50 => disappears with mnt:[71]")

MODEL_TEST(removing_the_file_releases_all_copies, "process 7 init",
	"mount 70 7 /run/netns/blue 'file=0:25 /netns/blue'",
	"mount 71 7 /run/netns/blue 'file=0:25 /netns/blue'", "net:50 => ip netns del blue",
	"first '/run/netns/b c'", "net:50 => umount '/run/netns/b c' && rm '/run/netns/b c'",
	"last 'file=0:26 /netns/blue'",
	"net:50 => umount '/run/netns/b c' && rm '/run/netns/b c'\n"
	"umount -i -n -N 7 /run/netns/blue")

MODEL_TEST(a_file_that_may_be_of_use_is_not_removed, "process 7 init",
	"mount 70 7 /etc/passwd 'file=8:1 /etc/passwd'", "net:50 => umount /etc/passwd")

/* Users may put links into their directories between one command and the next. */
MODEL_TEST(a_file_in_a_directory_of_a_user_is_not_removed, "process 7 init",
	"mount 70 7 /run/user/1000/x/ns 'file=0:30 /x/ns'", "net:50 => umount /run/user/1000/x/ns")

MODEL_TEST(no_process_has_to_end_for_an_unknown_mount_point, "process 7 init", "7 mnt:71",
	"mount 71 0 '(path too long)'", "net:50 => no command: its mount point is not known")

/* Before Linux 6.18, the kernel may not report where a mount is if no process sees it. */
MODEL_TEST(a_mount_where_no_process_is_disappears_with_its_mount_namespace_wherever_it_is_mounted,
	"process 7 a", "fd 7 mnt:71", "mount 71 0 '(path unknown)'",
	"net:50 => end process 7 '(a)'", "model.our_pids=0",
	"net:50 => no command: its mount point is not known")

/* nsls may be in another mount namespace than process 1. */
MODEL_TEST(no_process_has_to_end_for_a_mount_in_the_mount_namespace_of_process_1,
	"process 1 systemd", "1 mnt:71", "mount 71 1 /run/netns/blue hidden",
	"net:50 => disappears with mnt:[71]")

/* Each row of the list has its commands: together they must not cost rows times holders. */
TEST(too_many_holders_of_what_it_disappears_with_are_not_listed)
{
	for (pid_t pid = 100; pid < 1101; pid++)
		MODEL(strf("%d mnt:71", pid));
	MODEL("mount 71 0 /x", "net:50 => no command: too many others hold it to list them all");
}

MODEL_TEST(a_mount_is_released_with_its_peers, "process 7 a", "process 8 b",
	"mount 71 7 /x 'file=8:1 /x' peers=5", "mount 72 8 /y 'file=8:1 /y' peers=5",
	"mount 72 8 /x 'file=8:1 /x' peers=5",
	"net:50 => umount -i -n -N 7 /x\numount -i -n -N 8 /y", "last peers=6",
	"net:50 => umount -i -n -N 7 /x\numount -i -n -N 8 /y\numount -i -n -N 8 /x")

/* A mount, and a copy in mount namespace 71, which user namespace 2, below 1, owns. */
#define A_COPY                                                                                     \
	"process 7 bwrap", "7 mnt:71; user:1 above user:2; user:2 owns mnt:71",                    \
		"mount 70 7 /mnt/blue 'file=0:25 /netns/blue' peers=5",                            \
		"mount 71 7 /mnt/blue 'file=0:25 /netns/blue'"

MODEL_TEST(a_copy_in_a_mount_namespace_of_another_user_namespace_is_locked, A_COPY,
	"locked => mount /mnt/blue in 71 (PID 7), locked: a copy of that in 70",
	"last net:50 => disappears with mnt:[71]",
	"net:50 => umount /mnt/blue\nend process 7 '(bwrap)'", "first /run/netns/blue",
	"last net:50 => ip netns del blue", "net:50 => ip netns del blue")

MODEL_TEST(a_copy_that_may_have_been_propagated_later_does_not_count_as_locked, A_COPY,
	"last master=5", "locked => ")

MODEL_TEST(mount_on_another_file_does_not_count_as_locked, A_COPY, "last 'file=0:25 /netns/other'",
	"locked => ")

MODEL_TEST(what_a_namespace_below_holds_is_released_by_what_holds_that, "process 7 a",
	"fd 7 uts:80; user:2 owned uts:80", "first user:2 => disappears with uts:[80]",
	"user:2 => end process 7 '(a)'")

MODEL_TEST(a_namespace_of_the_host_is_never_released, "process 7 a", "7 uts:4026531838",
	"uts:4026531838 => ")

MODEL_TEST(what_only_the_kernel_lists_has_no_command, "kernel net:50",
	"first net:50 => no command: probably a descriptor in flight has to be received")
