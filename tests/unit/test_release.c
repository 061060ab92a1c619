// SPDX-License-Identifier: MIT
/*
 * How to release a namespace from each of its holders, and from all. Tests take steps:
 *
 *	process 7 init 60/1 zombie  called so; in PID namespace 60, where it is 1; which has ended
 *	mount /x 71 7 'file=8:1 /x' peers=5 master=5 hidden
 *	                            net:50 in mount namespace 71, which process 7 sees, or 0 for
 *none 7 net:50                    words of hand_build()
 *	=> net:50 COMMANDS          what releases a namespace then, a line each
 *	=> first net:50 COMMAND     from its first holder; also last
 */
#include "hand_model.h"

#include "run_words.h"

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
		if (sscanf(*words, "%u/%d", &process->ino[NS_PID], &process->nspid) != 2)
			process->zombie = true;
}

static void add_mount(char *words[])
{
	pid_t pid = atoi(words[2]);
	struct holder_mount *mount =
		hand_mount(hand_ns(NS_NET, 50), words[0], (uint32_t)atoi(words[1]));

	mount->tid = pid;
	mount->process = model_find_process(&model, pid);
	mount->below_root = true;
	for (words += 3; *words; words++)
		if (!strncmp(*words, "file=", 5))
			mount->point.file = *words + 5;
		else if (!strcmp(*words, "hidden"))
			mount->hidden = true;
		else if (sscanf(*words, "peers=%u", &mount->point.peers) != 1)
			assert_int_equal(sscanf(*words, "master=%u", &mount->point.master), 1);
}

static void assert_released(const char *expected)
{
	const char *holder = strf("%.*s", (int)strcspn(expected, " "), expected);
	bool first = !strcmp(holder, "first"), last = !strcmp(holder, "last");
	struct strbuf text = { 0 };
	const char *word = expected + (first || last ? strlen(holder) + 1 : 0);
	const struct ns *ns = hand_word_ns(strf("%.*s", (int)strcspn(word, " "), word));

	word += strcspn(word, " ");
	if (first || last)
		release_holder(&model, first ? ns->first : ns->last, &text);
	else
		release_ns(&model, ns, &text);
	for (size_t i = 0; i < text.len; i++)
		if (!text.text[i])
			text.text[i] = '\n';
	if (text.len && text.text[text.len - 1] == '\n')
		strbuf_cut(&text, text.len - 1);
	assert_string_equal(strbuf_keep(&text), word + (*word == ' '));
}

static void take_step(const char *step)
{
	char *words[WORDS_MAX];

	split_words(strf("%s", step), words);
	if (!strcmp(words[0], "=>"))
		assert_released(step + strlen("=> "));
	else if (!strcmp(words[0], "process"))
		add_process(words + 1);
	else if (!strcmp(words[0], "mount"))
		add_mount(words + 1);
	else
		hand_build(step);
}

#define RELEASES(...) EACH_STEP(take_step, __VA_ARGS__)

static struct holder_mount *first_mount(void)
{
	return (struct holder_mount *)(uintptr_t)hand_ns(NS_NET, 50)->first->mount;
}

static struct holder_mount *last_mount(void)
{
	return (struct holder_mount *)(uintptr_t)hand_ns(NS_NET, 50)->last->mount;
}

TEST_FIXTURE(set_up, hand_tear_down);

TEST_CALL(a_process_is_ended_once_whatever_it_holds,
	RELEASES("process 7 'a); reboot #'", "7 net:50; fd 7 net:50", "process 9 sleep",
		"socket 9 net:50", "=> first net:50 end process 7 '(a); reboot #)'",
		"=> net:50 end process 7 '(a); reboot #)'\nend process 9 '(sleep)'"));

TEST(nsls_itself_and_threads_of_the_kernel_get_no_command)
{
	model.self = 7;
	RELEASES("process 7 nsls", "process 9 kdevtmpfs", "7 net:50; 9 net:50");
	model_find_process(&model, 9)->kthread = true;
	RELEASES("=> first net:50 no command: process 7 is nsls itself",
		"=> net:50 no command: process 9 is a kernel thread");
}

TEST_CALL(all_processes_of_a_pid_namespace_end_with_its_first,
	RELEASES("pid:60 above pid:61", "process 7 init 60/1", "process 8 a 60/2",
		"process 9 b 61/1", "process 10 c 62/5", "7 net:50; 8 net:50; 9 net:50; 10 net:50",
		"=> net:50 end process 7 '(init)'\nend process 10 '(c)'"));

TEST_CALL(the_parent_of_a_zombie_has_to_wait,
	RELEASES("process 7 shell", "process 9 sleep zombie", "9<7; zombie 9 net:50",
		"=> first net:50 end process 7 '(shell)' or let it wait for process 9 '(sleep)'",
		"7 net:50; 9<0",
		"=> first net:50 no command: the parent that has to wait for process 9 '(sleep)' "
		"is not in this procfs"));

TEST_CALL(an_exiting_process_is_not_ended_again,
	RELEASES("process 5 init 60/1 zombie", "exiting 5 pid:60",
		"=> first pid:60 no command: process 5 '(init)' is exiting",
		"=> pid:60 no command: process 5 '(init)' is exiting"));

TEST_CALL(an_exiting_first_process_waits_for_a_process_that_does_not_end,
	RELEASES("process 5 init 60/1 zombie", "exiting 5 pid:60", "process 6 stuck 60/2",
		"6 pid:60",
		"=> first pid:60 no command: process 5 '(init)' is exiting, and waits for process "
		"6 '(stuck)'",
		"=> pid:60 no command: process 5 '(init)' is exiting, and waits for process 6 "
		"'(stuck)'"));

/* The zombie was started from outside, as by nsenter(1), in a PID namespace below. */
TEST(exiting_first_process_waits_for_a_zombie_with_a_parent_outside)
{
	RELEASES("process 5 init 60/1 zombie", "exiting 5 pid:60", "process 9 sleep 61/1 zombie",
		"process 7 engine 50/7", "9<7; zombie 9 pid:61");
	hand_relate(hand_ns(NS_PID, 60), HOLDER_CHILD, hand_ns(NS_PID, 61));
	RELEASES("=> first pid:60 end process 7 '(engine)' or let it wait for process 9 '(sleep)'",
		"=> pid:60 end process 7 '(engine)' or let it wait for process 9 '(sleep)'");
}

TEST(a_mount_of_ours_is_unmounted)
{
	RELEASES("process 7 init", "mount '/mnt/a b' 70 7", "=> first net:50 umount '/mnt/a b'");
	first_mount()->hidden = true;
	RELEASES("=> first net:50 no command: another mount hides the mount point");
}

TEST(a_mount_elsewhere_is_unmounted_from_outside)
{
	RELEASES("process 7 init", "mount /x 71 7", "=> first net:50 umount -i -n -N 7 /x");
	first_mount()->path = "/x\n";
	RELEASES("=> first net:50 printf '/x\\012\\000' | xargs -0 umount -i -n -N 7");
	model.our_pids = false;
	RELEASES("=> first net:50 no command: unmount '/x\\012' in mnt:[71]");
}

TEST(a_mount_that_no_process_reaches_disappears_with_its_mount_namespace)
{
	RELEASES("process 7 pause", "mount /x 71 0", "7 mnt:71",
		"=> first net:50 disappears with mnt:[71]", "=> net:50 end process 7 '(pause)'");
	first_mount()->process = model_find_process(&model, 7);
	first_mount()->below_root = false;
	RELEASES("=> first net:50 disappears with mnt:[71]");
}

TEST(removing_the_file_releases_all_copies)
{
	RELEASES("process 7 init", "mount /run/netns/blue 70 7 'file=0:25 /netns/blue'",
		"mount /run/netns/blue 71 7 'file=0:25 /netns/blue'",
		"=> net:50 ip netns del blue");
	first_mount()->path = "/run/netns/b c";
	RELEASES("=> net:50 umount '/run/netns/b c' && rm '/run/netns/b c'");
	last_mount()->point.file = "0:26 /netns/blue";
	RELEASES("=> net:50 umount '/run/netns/b c' && rm '/run/netns/b c'\n"
		 "umount -i -n -N 7 /run/netns/blue");
}

TEST_CALL(a_file_that_may_be_of_use_is_not_removed,
	RELEASES("process 7 init", "mount /etc/passwd 70 7 'file=8:1 /etc/passwd'",
		"=> net:50 umount /etc/passwd"));

/* Users may put links into their directories between one command and the next. */
TEST_CALL(a_file_in_a_directory_of_a_user_is_not_removed,
	RELEASES("process 7 init", "mount /run/user/1000/x/ns 70 7 'file=0:30 /x/ns'",
		"=> net:50 umount /run/user/1000/x/ns"));

TEST_CALL(no_process_has_to_end_for_an_unknown_mount_point,
	RELEASES("process 7 init", "7 mnt:71", "mount '(path too long)' 71 0",
		"=> net:50 no command: its mount point is not known"));

/* Before Linux 6.18, the kernel may not report where a mount is if no process sees it. */
TEST(a_mount_where_no_process_is_disappears_with_its_mount_namespace_wherever_it_is_mounted)
{
	RELEASES("process 7 a", "fd 7 mnt:71", "mount '(path unknown)' 71 0",
		"=> net:50 end process 7 '(a)'");
	model.our_pids = false;
	RELEASES("=> net:50 no command: its mount point is not known");
}

/* nsls may be in another mount namespace than process 1. */
TEST_CALL(no_process_has_to_end_for_a_mount_in_the_mount_namespace_of_process_1,
	RELEASES("process 1 systemd", "1 mnt:71", "mount /run/netns/blue 71 1 hidden",
		"=> net:50 disappears with mnt:[71]"));

/* Each row of the list has its commands: together they must not cost rows times holders. */
TEST(too_many_holders_of_what_it_disappears_with_are_not_listed)
{
	for (pid_t pid = 100; pid < 1101; pid++)
		hand_join(hand_process(pid, 1), hand_ns(NS_MNT, 71));
	RELEASES("mount /x 71 0", "=> net:50 no command: too many others hold it to list them all");
}

TEST(a_mount_is_released_with_its_peers)
{
	RELEASES("process 7 a", "process 8 b", "mount /x 71 7 'file=8:1 /x' peers=5",
		"mount /y 72 8 'file=8:1 /y' peers=5", "mount /x 72 8 'file=8:1 /x' peers=5",
		"=> net:50 umount -i -n -N 7 /x\numount -i -n -N 8 /y");
	last_mount()->point.peers = 6;
	RELEASES("=> net:50 umount -i -n -N 7 /x\numount -i -n -N 8 /y\numount -i -n -N 8 /x");
}

/* A copy in mount namespace 71, which user namespace 2, below 1, owns. */
static void add_copy(void)
{
	RELEASES("process 7 bwrap", "7 mnt:71; user:1 above user:2; user:2 owns mnt:71",
		"mount /mnt/blue 70 7 'file=0:25 /netns/blue' peers=5",
		"mount /mnt/blue 71 7 'file=0:25 /netns/blue'");
}

TEST(a_copy_in_a_mount_namespace_of_another_user_namespace_is_locked)
{
	struct strbuf text = { 0 };

	add_copy();
	model_find_locked_mounts(&model);
	assert_null(first_mount()->locked_by);
	assert_ptr_equal(last_mount()->locked_by, first_mount());
	RELEASES("=> last net:50 disappears with mnt:[71]",
		"=> net:50 umount /mnt/blue\nend process 7 '(bwrap)'");
	holder_summarise(hand_ns(NS_NET, 50)->last, &text);
	assert_string_equal(
		strbuf_keep(&text), "mount /mnt/blue in 71 (PID 7), locked: a copy of that in 70");
	first_mount()->path = "/run/netns/blue";
	RELEASES("=> last net:50 ip netns del blue", "=> net:50 ip netns del blue");
}

TEST(a_copy_that_may_have_been_propagated_later_does_not_count_as_locked)
{
	add_copy();
	last_mount()->point.master = 5;
	model_find_locked_mounts(&model);
	assert_null(last_mount()->locked_by);
	last_mount()->point = (struct mount_point){ .file = "0:25 /netns/other" };
	model_find_locked_mounts(&model);
	assert_null(last_mount()->locked_by);
}

TEST(what_a_namespace_below_holds_is_released_by_what_holds_that)
{
	RELEASES("process 7 a", "fd 7 uts:80");
	hand_relate(hand_ns(NS_USER, 2), HOLDER_OWNED, hand_ns(NS_UTS, 80));
	RELEASES("=> first user:2 disappears with uts:[80]", "=> user:2 end process 7 '(a)'");
}

TEST_CALL(a_namespace_of_the_host_is_never_released,
	RELEASES("process 7 a", "7 uts:4026531838", "=> uts:4026531838"));

TEST_CALL(what_only_the_kernel_lists_has_no_command,
	RELEASES("kernel net:50",
		"=> first net:50 no command: probably a descriptor in flight has to be received"));
