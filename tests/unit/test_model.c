// SPDX-License-Identifier: MIT
/* The table of namespaces and the words for their holders, without any world. */
#include "hand_model.h"

TEST_FIXTURE(hand_set_up, hand_tear_down);

TEST(a_namespace_is_kept_once)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	assert_ptr_equal(hand_ns(NS_NET, 5), ns);
	assert_ptr_equal(model_find(&model, ns->ref), ns);
	assert_int_equal(model.n, 1);
	assert_null(model_find(&model, (struct ns_ref){ NS_NET, 6 }));
	assert_null(model_find(&model, (struct ns_ref){ NS_UTS, 5 }));
}

TEST(the_same_inode_in_two_types_is_two_namespaces)
{
	assert_ptr_not_equal(hand_ns(NS_UTS, 5), hand_ns(NS_IPC, 5));
	assert_int_equal(model.n, 2);
	assert_int_equal(model_find_inode(&model, 5)->ref.type, NS_IPC); /* the first by type */
	hand_hold(hand_ns(NS_UTS, 5), HOLDER_KERNEL, NULL);
	assert_int_equal(model_find_inode(&model, 5)->ref.type, NS_UTS); /* the other has ended */
	assert_null(model_find_inode(&model, 6));
}

TEST(holders_are_copied_and_stay_in_the_order_of_discovery)
{
	struct ns *ns = hand_ns(NS_NET, 5);
	struct holder junk = { .next = (struct holder *)ns, .kind = HOLDER_KERNEL };

	hand_build("fd 1 net:5; zombie 2 net:5; 3 net:5; thread 1 net:5");
	model_hold(&model, ns, &junk);
	assert_int_equal(ns->nholders, 5);
	assert_int_equal(ns->nprocs, 2); /* a zombie counts, a thread or descriptor doesn't */
	assert_int_equal(ns->leader->pid, 2);
	assert_int_equal(ns->first->process->pid, 1);
	assert_int_equal(ns->first->next->process->pid, 2);
	assert_int_equal(ns->first->next->next->next->kind, HOLDER_THREAD);
	assert_ptr_equal(ns->first->next->next->next->next, ns->last);
	assert_ptr_not_equal(ns->last, &junk);
	assert_null(ns->last->next);
}

TEST(any_of_many_processes_is_found)
{
	assert_null(model_find_process(&model, 1));
	for (pid_t pid = 3; pid < 3000; pid += 3)
		hand_process(pid, 1);
	for (pid_t pid = 0; pid < 3003; pid++) {
		const struct process *process = model_find_process(&model, pid);

		if (pid > 0 && pid < 3000 && pid % 3 == 0)
			assert_int_equal(process->pid, pid);
		else
			assert_null(process);
	}
}

TEST(sorting_moves_no_namespace)
{
	struct ns *first;

	model_sort(&model); /* an empty one */
	first = hand_ns(NS_UTS, 1);
	for (uint32_t ino = 500; ino > 0; ino--) {
		hand_ns(NS_CGROUP, ino);
		hand_ns(NS_MNT, UINT32_MAX - ino);
	}
	model_sort(&model);
	assert_int_equal(model.n, 1001);
	assert_ptr_equal(model.at[1000], first);
	assert_ptr_equal(model_find(&model, first->ref), first);
	for (size_t i = 1; i < model.n; i++) {
		struct ns_ref a = model.at[i - 1]->ref, b = model.at[i]->ref;

		assert_true(a.type < b.type || (a.type == b.type && a.ino < b.ino));
	}
}

TEST(every_kind_has_a_name_of_its_own)
{
	for (enum holder_kind a = 0; a < HOLDER_KIND_COUNT; a++) {
		assert_true(strlen(holder_kind_info[a].name) > 0);
		for (enum holder_kind b = 0; b < a; b++)
			assert_string_not_equal(holder_kind_info[a].name, holder_kind_info[b].name);
	}
}

/* "in a list | in a table | on a line | path" of a holder of a namespace of that type. */
static void assert_words(const struct holder *holder, enum nstype type, const char *expected)
{
	struct strbuf text = { 0 };

	holder_describe(holder, &text);
	strbuf_adds(&text, " | ");
	holder_summarise(holder, &text);
	strbuf_adds(&text, " | ");
	holder_explain(holder, &text);
	strbuf_adds(&text, " | ");
	if (holder_has_path(holder))
		holder_path(holder, type, &text);
	else
		strbuf_adds(&text, "none");
	assert_string_equal(strbuf_keep(&text), expected);
}

/* The words for a holder that is process 12, its thread tid, or descriptor 3 of these. */
static void assert_of_process(
	enum holder_kind kind, pid_t tid, const char *comm, enum nstype type, const char *words)
{
	struct process process = { .pid = 12, .comm = comm };

	assert_words(&(struct holder){ .kind = kind, .process = &process, .tid = tid, .fd = 3 },
		type, words);
}

TEST(every_kind_of_process_holder_has_its_words_and_path)
{
	assert_of_process(HOLDER_PROCESS, 12, "vim", NS_NET,
		"process 12 | process | process 12 (vim) | 12/ns/net");
	assert_of_process(HOLDER_ZOMBIE, 12, "vim", NS_USER,
		"zombie 12 | zombie | zombie 12 (vim) | 12/ns/user");
	assert_of_process(HOLDER_CHILDREN, 12, "vim", NS_PID,
		"children 12 | children | children 12 (vim) | 12/ns/pid_for_children");
	assert_of_process(HOLDER_CHILDREN, 12, "vim", NS_TIME,
		"children 12 | children | children 12 (vim) | 12/ns/time_for_children");
	assert_of_process(HOLDER_FD, 12, "vim", NS_NET, "fd 12:3 | fd 3 | fd 12:3 (vim) | 12/fd/3");
	for (enum holder_kind kind = HOLDER_SOCKET; kind <= HOLDER_TREE; kind++) {
		const char *name = holder_kind_info[kind].name;

		assert_of_process(kind, 12, "vim", NS_NET,
			strf("%s 12:3 | %s 3 | %s 12:3 (vim) | none", name, name, name));
	}
	assert_of_process(
		HOLDER_SOCKET, 12, NULL, NS_NET, "socket 12:3 | socket 3 | socket 12:3 | none");
}

TEST(a_thread_is_named_besides_its_process)
{
	assert_of_process(HOLDER_THREAD, 13, "vim", NS_UTS,
		"thread 12/13 | thread 13 | thread 12/13 (vim) | 12/task/13/ns/uts");
	assert_of_process(HOLDER_CHILDREN, 13, "vim", NS_PID,
		"children 12/13 | children 13 | children 12/13 (vim) | "
		"12/task/13/ns/pid_for_children");
	assert_of_process(HOLDER_FD, 13, "vim", NS_NET,
		"fd 12/13:3 | fd 13 3 | fd 12/13:3 (vim) | 12/task/13/fd/3");
}

/* tid: of process 12 or a thread of it, which has the mount; or 0. */
static void assert_of_mount(struct holder_mount mount, pid_t tid, const char *words)
{
	struct process process = { .pid = 12 };

	mount.tid = tid;
	mount.process = tid ? &process : NULL;
	assert_words(&(struct holder){ .kind = HOLDER_MOUNT, .mount = &mount }, NS_NET, words);
}

TEST(a_mount_is_named_by_where_it_is)
{
	assert_of_mount((struct holder_mount){ .path = "/run/netns/a", .mntns = 77, .ours = true },
		12,
		"mount /run/netns/a | mount /run/netns/a | mount /run/netns/a | "
		"12/root/run/netns/a");
	assert_of_mount((struct holder_mount){ .path = "/b", .mntns = 78 }, 13,
		"mount 78:/b | mount /b in 78 (PID 13) | mount /b in 78 (PID 13) | "
		"12/task/13/root/b");
	assert_of_mount((struct holder_mount){ .path = "/c", .mntns = 79 }, 0,
		"mount 79:/c | mount /c in 79 | mount /c in 79 | none");
}

TEST(other_holders_are_named_by_their_kind_and_the_namespace)
{
	assert_words(&(struct holder){ .kind = HOLDER_OWNED, .ns = hand_ns(NS_NET, 5) }, NS_USER,
		"owned net:[5] | owned net:[5] | owned net:[5] | none");
	assert_words(&(struct holder){ .kind = HOLDER_CHILD, .ns = hand_ns(NS_PID, 6) }, NS_PID,
		"child pid:[6] | child pid:[6] | child pid:[6] | none");
	assert_words(&(struct holder){ .kind = HOLDER_KERNEL }, NS_NET,
		"kernel | kernel | kernel | none");
}
