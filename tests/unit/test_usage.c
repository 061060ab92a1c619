// SPDX-License-Identifier: MIT
/* Which user is charged with which namespaces, on models made by hand. */
#include "nsls/query.h"

#include "hand_model.h"

#include "run_words.h"

#define HOST_USER 4026531837u
#define HOST_UTS "uts:4026531838"
#define HOST_NET "net:4026531833"

static struct usages usages;
static struct ns *host; /* the initial user namespace */

static int set_up(void **state)
{
	hand_set_up(state);
	usages = (struct usages){ 0 };
	host = hand_held(NS_USER, HOST_USER);
	host->related = host->has_owner_uid = true;
	return 0;
}

static int tear_down(void **state)
{
	usages_done(&usages);
	return hand_tear_down(state);
}

static struct ns *own(struct ns *owner, enum nstype type, uint32_t ino)
{
	struct ns *ns = hand_held(type, ino);

	ns->related = true;
	ns->owner = owner;
	return ns;
}

/* "host", "none", or the inode of a user namespace */
static struct ns *word_owner(const char *word)
{
	if (!strcmp(word, "none"))
		return NULL;
	return strcmp(word, "host") != 0 ? hand_word_ns(strf("user:%s", word)) : host;
}

/*
 * Adds statements such as "host uts:2 user:3=1000; 3 uts:4": an owner, and namespaces that it owns,
 * of which user namespaces are its children and have a creator.
 */
static void add(const char *words)
{
	char *rest = strf("%s", words), *argv[WORDS_MAX], *uid;

	for (char *statement; (statement = strsep(&rest, ";"));) {
		int n = split_words(statement, argv);
		struct ns *owner = word_owner(argv[0]);

		for (int i = 1; i < n; i++) {
			struct ns *ns = hand_word_ns(strtok_r(argv[i], "=", &uid));

			own(owner, ns->ref.type, ns->ref.ino);
			if (ns->ref.type != NS_USER)
				continue;
			ns->parent = owner;
			ns->has_owner_uid = true;
			ns->owner_uid = (uid_t)atoi(uid);
		}
	}
}

/* "net 0:2 uts 5:1", with a ">" behind the types of which counts are lower bounds. */
static void assert_uses(const char *expected)
{
	struct strbuf text = { 0 };

	usages_done(&usages);
	usages_find(&usages, &model, &(struct query){ .types = NS_TYPES_ALL });
	for (size_t i = 0; i < usages.n; i++)
		strbuf_addf(&text, "%s%s %u:%zu", i ? " " : "",
			nstype_info(usages.at[i].type)->name, usages.at[i].uid, usages.at[i].count);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (usages.lower_bounds & 1u << t)
			strbuf_addf(&text, " %s>", nstype_info(t)->name);
	assert_string_equal(strbuf_keep(&text), expected);
}

TEST_FIXTURE(set_up, tear_down);

/* "=> " and uses; "ours 1", our user namespace; words of hand_build(); else statements of add(). */
static void take_step(const char *step)
{
	if (!strncmp(step, "=> ", 3))
		assert_uses(step + 3);
	else if (!strncmp(step, "ours ", 5))
		model.our_user = (uint32_t)atoi(step + 5);
	else if (!strncmp(step, "kernel ", 7))
		hand_build(step);
	else
		add(step);
}

#define USES(...) EACH_STEP(take_step, __VA_ARGS__)

TEST(initial_namespaces_are_charged_to_no_user)
{
	USES("host " HOST_UTS " " HOST_NET, "=> ");
	assert_null(usages_heaviest(&usages, NS_UTS));
}

TEST_CALL(root_is_charged_with_what_the_initial_user_namespace_owns,
	USES("host " HOST_UTS " uts:2 uts:3", "=> uts 0:2"));

TEST_CALL(creator_of_a_user_namespace_is_charged_with_it_and_all_below,
	USES("host user:1=1000; 1 user:2=0 uts:3; 2 uts:4 user:5=77; 5 uts:6",
		"=> user 1000:3 uts 1000:3"));

TEST(pid_namespaces_without_first_process_count_for_the_user_of_their_maker)
{
	struct process *process = hand_process(5, 1);

	add("host user:1=1000; 1 pid:3");
	hand_join(process, hand_ns(NS_USER, 1));
	process->new_pidns = 2;
	assert_uses("pid 1000:3 user 1000:1");
	process->ino[NS_USER] = 99; /* of which nothing is known */
	assert_uses("pid 1000:1 user 1000:1 pid>");
}

TEST(the_heaviest_user_comes_first_of_each_type)
{
	add("host user:1=7 user:2=9; 1 uts:3 ipc:6; 2 uts:4 uts:5 ipc:7");
	assert_uses("ipc 7:1 ipc 9:1 user 7:1 user 9:1 uts 9:2 uts 7:1");
	assert_int_equal(usages_heaviest(&usages, NS_UTS)->uid, 9);
	assert_null(usages_heaviest(&usages, NS_NET));
}

TEST_CALL(in_a_user_namespace_of_our_own_its_users_are_charged,
	USES("ours 1", "none user:1=65534; 1 user:2=500 uts:3; 2 user:4=0; 4 uts:5",
		"=> user 500:2 uts 0:1 uts 500:1"));

TEST_CALL(own_user_namespace_is_not_charged_if_it_can_not_be_opened,
	USES("ours 1", "kernel user:1", "1 uts:3", "=> uts 0:1"));

/* EPERM for the second one. */
TEST_CALL(namespaces_outside_of_our_user_namespace_are_not_charged,
	USES("ours 1", "none user:1=65534 " HOST_UTS " uts:3 user:4=1000; 1 uts:5", "=> uts 0:1"));

TEST(where_no_relation_is_known_the_count_is_a_lower_bound)
{
	add("host user:1=1000 user:2=1001; 1 uts:3 ipc:4; 2 net:6");
	hand_held(NS_UTS, 5); /* its owner could not be read */
	hand_ns(NS_USER, 2)->has_owner_uid = false;
	assert_uses("ipc 1000:1 user 1000:1 uts 1000:1 net> user> uts>");
}

TEST(a_chain_is_followed_as_deep_as_the_kernel_nests)
{
	add("host user:100=7");
	for (int i = 1; i < 33; i++)
		add(strf("%d user:%d=0", 99 + i, 100 + i));
	add("132 uts:3");
	assert_uses("user 7:33 uts 7:1");
}

TEST_CALL(without_owners_all_counts_are_lower_bounds,
	USES("none uts:3", "=>  cgroup> ipc> mnt> net> pid> time> user> uts>"));

TEST_CALL(a_chain_that_breaks_off_is_a_lower_bound,
	USES("kernel user:1", "1 user:2=5; 2 uts:3", "=>  user> uts>"));

TEST(namespace_of_a_kernel_thread_is_charged_to_no_user)
{
	struct process *thread = hand_process(15, 2), *process = hand_process(16, 2);

	own(host, NS_MNT, nstype_info(NS_MNT)->initial_ino);
	thread->kthread = true;
	hand_join(thread, own(host, NS_MNT, 5));
	hand_join(process, own(host, NS_MNT, 6)); /* as one of core_pattern */
	assert_uses("mnt 0:1");
}

TEST(namespace_of_another_user_with_cap_sys_admin_is_a_lower_bound)
{
	struct process *root = hand_process(15, 1), *user = hand_process(16, 1),
		       *plain = hand_process(17, 1), *inside = hand_process(18, 1);

	root->has_status = user->has_status = plain->has_status = inside->has_status = true;
	user->uid = plain->uid = inside->uid = 1000;
	root->admin = user->admin = inside->admin = true;
	inside->ino[NS_USER] = 77; /* it is root there, and not here */
	hand_join(root, own(host, NS_UTS, 5));
	hand_join(user, own(host, NS_IPC, 6));
	hand_join(plain, own(host, NS_PID, 7));
	hand_join(inside, own(host, NS_CGROUP, 8));
	assert_uses("cgroup 0:1 pid 0:1 uts 0:1 ipc>");
}

TEST(beside_a_detached_tree_mount_namespaces_are_a_lower_bound)
{
	add("host user:1=1000; 1 mnt:3");
	assert_uses("mnt 1000:1 user 1000:1");
	model.detached_mounts = true;
	assert_uses("mnt 1000:1 user 1000:1 mnt>");
}

TEST(released_namespace_is_charged_to_no_user)
{
	model_release(own(host, NS_UTS, 3));
	assert_uses("");
}

TEST(before_linux_6_17_the_initial_one_is_that_of_pid_1)
{
	struct process *first = hand_process(1, 0);
	struct ns *late = own(host, NS_NET, 4026531840u);

	add("host net:5 net:6");
	assert_uses("net 0:2 net>");
	first->ino[NS_NET] = late->ref.ino;
	assert_uses("net 0:2");
}

/* "uts 5:1/3": of three of the user's namespaces one is counted. */
static void assert_rows_by_user(const struct query *query, const char *expected)
{
	struct strbuf text = { 0 };

	rows = (struct rows){ 0 };
	usages_find(&usages, &model, query);
	usages_rows(&usages, &rows);
	for (size_t i = 0; i < rows.n; i++) {
		const struct row *row = &rows.at[i];

		assert_int_equal(row->kind, ROW_TYPE);
		strbuf_addf(&text, "%s%s %u:%zu/%zu", i ? " " : "", nstype_info(row->type)->name,
			row->usage->uid, row->count, row->usage->count);
	}
	assert_string_equal(strbuf_keep(&text), expected);
	rows_done(&rows);
	usages_done(&usages);
}

TEST(query_narrows_the_count_and_not_the_usage)
{
	struct query query = { .types = 1u << NS_UTS | 1u << NS_USER };

	add("host " HOST_UTS " user:1=1000 uts:2; 1 uts:3 uts:4 net:5");
	hand_join(hand_process(7, 0), hand_ns(NS_UTS, 4));
	assert_rows_by_user(&query, "user 1000:1/1 uts 1000:2/2 uts 0:1/1");
	query.persistent = true;
	assert_rows_by_user(&query, "user 1000:1/1 uts 1000:1/2 uts 0:1/1");
	query.types = 1u << NS_TIME;
	assert_rows_by_user(&query, "");
}

TEST(rows_of_types_have_the_usage_of_the_heaviest_user)
{
	struct query query = { .types = 1u << NS_UTS | 1u << NS_TIME | 1u << NS_NET };

	add("host user:1=1000 user:3=0; 1 uts:2; 3 uts:4");
	hand_held(NS_NET, 5);
	rows = (struct rows){ 0 };
	usages_find(&usages, &model, &query);
	query_summary(&model, &query, &rows);
	usages_fill(&usages, true, &rows);
	assert_null(rows.at[0].usage);
	assert_true(rows.at[0].usage_is_bound);
	assert_null(rows.at[1].usage);
	assert_false(rows.at[1].usage_is_bound);
	assert_ptr_equal(rows.at[2].usage, usages_heaviest(&usages, NS_UTS));
	assert_int_equal(rows.at[2].usage->uid, 0);
	assert_false(rows.at[2].usage_is_bound);
	usages_fill(&usages, false, &rows);
	assert_true(rows.at[1].usage_is_bound && rows.at[2].usage_is_bound);
	rows_done(&rows);
}

TEST(only_selected_types_are_counted)
{
	add("host uts:3 ipc:4");
	usages_find(&usages, &model, &(struct query){ .types = 1u << NS_IPC });
	assert_int_equal(usages.n, 1);
	assert_int_equal(usages.at[0].type, NS_IPC);
}
