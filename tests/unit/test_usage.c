// SPDX-License-Identifier: MIT
/*
 * Which user is charged with which namespaces, on models made by hand. Besides statements of
 * hand_build(), steps are:
 *
 *	host owns uts:2 user:3=1000   the initial user namespace is the owner, of which all is
 *	                              known; user namespaces are its children, and of that user
 *	user:3 owns uts:4             so is another one; "none owns": the owner can't be known
 *	status 15 1000 admin          user and privileges of process 15
 *	=> net 0:2 uts 5:1 ipc>       users and counts then; those of type ipc are lower bounds
 *	charged ipc => ipc 0:1        the same, by a query for this type
 *	by_user uts => uts 5:1/3      of three of the user's namespaces one is selected
 *	heaviest uts => uts 5:4/3>    the heaviest user, of a lower bound of four namespaces three;
 *	                              also "incomplete"
 */
#include "hand_model.h"

#define HOST_UTS "uts:4026531838"
#define HOST_NET "net:4026531833"

static struct ns *host; /* the initial user namespace */

static int set_up(void **state)
{
	hand_set_up(state);
	host = hand_ns(NS_USER, nstype_info[NS_USER].initial_ino);
	hand_hold(host, HOLDER_KERNEL, NULL);
	host->related = host->has_owner_uid = true;
	return 0;
}

static void own(struct ns *owner, char *words[])
{
	for (char *uid; *words; words++) {
		struct ns *ns = hand_word_ns(strtok_r(*words, "=", &uid));

		hand_hold(ns, HOLDER_KERNEL, NULL);
		ns->related = true;
		ns->owner = owner;
		if (ns->ref.type != NS_USER)
			continue;
		ns->parent = owner;
		ns->has_owner_uid = true;
		ns->owner_uid = (uid_t)atoi(uid);
	}
}

static bool add(char *words[])
{
	struct process *process;

	if (!strcmp(words[0], "status")) {
		process = model_find_process(&model, atoi(words[1]));
		process->has_status = true;
		process->uid = (uid_t)atoi(words[2]);
		process->admin = words[3];
	} else if (words[1] && !strcmp(words[1], "owns")) {
		own(!strcmp(words[0], "host")       ? host
			: !strcmp(words[0], "none") ? NULL
						    : hand_word_ns(words[0]),
			words + 2);
	} else {
		return false;
	}
	return true;
}

static const char *find_charged(const struct usages *usages)
{
	struct strbuf text = { 0 };

	for (size_t i = 0; i < usages->n; i++)
		strbuf_addf(&text, "%s%s %u:%zu", i ? " " : "",
			nstype_info[usages->at[i].type].name, usages->at[i].uid,
			usages->at[i].count);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (usages->lower_bounds & 1u << t)
			strbuf_addf(&text, "%s%s>", text.len ? " " : "", nstype_info[t].name);
	return strbuf_keep(&text);
}

static const char *describe(const struct row *row)
{
	return strf("%s %s%s", nstype_info[row->type].name,
		row->usage ? strf("%u:%zu/%zu", row->usage->uid, row->count, row->usage->count)
			   : "none",
		row->usage_is_bound ? ">" : "");
}

static const char *find(char *question, const char *expected)
{
	const char *what = strsep(&question, " "), *found = "";
	struct query query = hand_query(question);
	struct usages usages = { 0 };

	usages_find(&usages, &model, &query);
	rows_done(&rows);
	if (!strcmp(what, "by_user"))
		usages_rows(&usages, &rows);
	else if (*what && strcmp(what, "charged") != 0)
		query_summary(&model, &query, &rows);
	else
		found = find_charged(&usages);
	usages_fill(&usages, strcmp(what, "incomplete") != 0, &rows);
	for (size_t i = 0; i < rows.n; i++)
		found = strf("%s%s%s", found, i ? " " : "", describe(&rows.at[i]));
	usages_done(&usages);
	return found;
}

static const struct hand_steps steps = { .add = add, .find = find };

TEST_FIXTURE(set_up, hand_tear_down);

MODEL_TEST(initial_namespaces_are_charged_to_no_user, "host owns " HOST_UTS " " HOST_NET, "=> ",
	"heaviest uts => uts none")

MODEL_TEST(root_is_charged_with_what_the_initial_user_namespace_owns,
	"host owns " HOST_UTS " uts:2 uts:3", "=> uts 0:2")

MODEL_TEST(creator_of_a_user_namespace_is_charged_with_it_and_all_below,
	"host owns user:1=1000; user:1 owns user:2=0 uts:3",
	"user:2 owns uts:4 user:5=77; user:5 owns uts:6", "=> user 1000:3 uts 1000:3")

TEST(pid_namespaces_without_first_process_count_for_the_user_of_their_maker)
{
	MODEL("host owns user:1=1000; user:1 owns pid:3; 5 user:1");
	model_find_process(&model, 5)->new_pidns = 2;
	MODEL("=> pid 1000:3 user 1000:1");
	model_find_process(&model, 5)->ino[NS_USER] = 99; /* of which nothing is known */
	MODEL("=> pid 1000:1 user 1000:1 pid>");
}

MODEL_TEST(the_heaviest_user_comes_first_of_each_type,
	"host owns user:1=7 user:2=9; user:1 owns uts:3 ipc:6; user:2 owns uts:4 uts:5 ipc:7",
	"=> ipc 7:1 ipc 9:1 user 7:1 user 9:1 uts 9:2 uts 7:1",
	"heaviest uts net => net none uts 9:3/2")

MODEL_TEST(in_a_user_namespace_of_our_own_its_users_are_charged,
	"model.our_user=1; none owns user:1=65534; user:1 owns user:2=500 uts:3",
	"user:2 owns user:4=0; user:4 owns uts:5", "=> user 500:2 uts 0:1 uts 500:1")

MODEL_TEST(own_user_namespace_is_not_charged_if_it_can_not_be_opened,
	"model.our_user=1; kernel user:1; user:1 owns uts:3", "=> uts 0:1")

/* EPERM for the second one. */
MODEL_TEST(namespaces_outside_of_our_user_namespace_are_not_charged,
	"model.our_user=1; none owns user:1=65534 " HOST_UTS
	" uts:3 user:4=1000; user:1 owns uts:5",
	"=> uts 0:1")

TEST(where_no_relation_is_known_the_count_is_a_lower_bound)
{
	MODEL("host owns user:1=1000 user:2=1001; user:1 owns uts:3 ipc:4; user:2 owns net:6",
		"kernel uts:5"); /* its owner could not be read */
	hand_ns(NS_USER, 2)->has_owner_uid = false;
	MODEL("=> ipc 1000:1 user 1000:1 uts 1000:1 net> user> uts>");
}

TEST(a_chain_is_followed_as_deep_as_the_kernel_nests)
{
	MODEL("host owns user:100=7");
	for (int i = 1; i < 33; i++)
		MODEL(strf("user:%d owns user:%d=0", 99 + i, 100 + i));
	MODEL("user:132 owns uts:3", "=> user 7:33 uts 7:1");
}

MODEL_TEST(without_owners_all_counts_are_lower_bounds, "none owns uts:3",
	"=> cgroup> ipc> mnt> net> pid> time> user> uts>")

MODEL_TEST(a_chain_that_breaks_off_is_a_lower_bound,
	"kernel user:1; user:1 owns user:2=5; user:2 owns uts:3", "=> user> uts>")

TEST(namespace_of_a_kernel_thread_is_charged_to_no_user)
{
	MODEL("host owns mnt:4026531832 mnt:5 mnt:6; 15<2 mnt:5",
		"16<2 mnt:6"); /* as one of core_pattern */
	model_find_process(&model, 15)->kthread = true;
	MODEL("=> mnt 0:1");
}

TEST(namespace_of_another_user_with_cap_sys_admin_is_a_lower_bound)
{
	MODEL("host owns uts:5 ipc:6 pid:7 cgroup:8", "15 uts:5; status 15 0 admin",
		"16 ipc:6; status 16 1000 admin", "17 pid:7; status 17 1000",
		"18 cgroup:8; status 18 1000 admin");
	/* It is root there, and not here. */
	model_find_process(&model, 18)->ino[NS_USER] = 77;
	MODEL("=> cgroup 0:1 pid 0:1 uts 0:1 ipc>");
}

MODEL_TEST(beside_a_detached_tree_mount_namespaces_are_a_lower_bound,
	"host owns user:1=1000; user:1 owns mnt:3", "=> mnt 1000:1 user 1000:1",
	"model.detached_mounts=1", "=> mnt 1000:1 user 1000:1 mnt>")

TEST(released_namespace_is_charged_to_no_user)
{
	MODEL("host owns uts:3");
	model_release(hand_ns(NS_UTS, 3));
	MODEL("=> ");
}

MODEL_TEST(before_linux_6_17_the_initial_one_is_that_of_pid_1,
	"host owns net:4026531840 net:5 net:6", "=> net 0:2 net>", "1<0 net:4026531840",
	"=> net 0:2")

MODEL_TEST(query_narrows_the_count_and_not_the_usage,
	"host owns " HOST_UTS " user:1=1000 uts:2; user:1 owns uts:3 uts:4 net:5; 7 uts:4",
	"by_user uts user => user 1000:1/1 uts 1000:2/2 uts 0:1/1",
	"by_user uts user persistent => user 1000:1/1 uts 1000:1/2 uts 0:1/1",
	"by_user time persistent => ")

MODEL_TEST(rows_of_types_have_the_usage_of_the_heaviest_user,
	"host owns user:1=1000 user:3=0; user:1 owns uts:2; user:3 owns uts:4 uts:5; kernel net:5",
	"heaviest uts time net => net none> time none uts 0:3/2",
	"incomplete uts time net => net none> time none> uts 0:3/2>")

MODEL_TEST(only_selected_types_are_counted, "host owns uts:3 ipc:4", "charged ipc => ipc 0:1")
