// SPDX-License-Identifier: MIT
/* Two looks compared: what is said of a namespace, and what a look that knows less may not say. */
#include "hand_model.h"

#include "nsls/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INITIAL_NET 0xeffffff9u
#define MNTNS 5 /* of mounts */

static struct model model;
static struct report report;
static struct query query;
static struct snapshot last;
static struct process *processes[8]; /* of the look that is being made */

static void new_look(void)
{
	model_done(&model);
	model_init(&model);
	report = (struct report){ 0 };
	memset(processes, 0, sizeof(processes));
}

static int set_up(void **state)
{
	model_init(&model);
	snapshot_init(&last);
	query = (struct query){ .types = ALL_TYPES };
	new_look();
	return 0;
}

static int tear_down(void **state)
{
	model_done(&model);
	snapshot_done(&last);
	return 0;
}

/* A namespace in which that process is, made if it is new. */
static struct ns *in(pid_t pid, enum nstype type, uint32_t ino)
{
	struct ns *ns = hand_ns(&model, type, ino);

	if (!processes[pid])
		processes[pid] = hand_process(&model, pid, 1);
	hand_join(&model, processes[pid], ns);
	return ns;
}

static struct ns *mounted_in(uint32_t mntns, enum nstype type, uint32_t ino)
{
	struct holder_mount *mount = arena_alloc(&model.arena, sizeof(*mount));
	struct ns *ns = hand_ns(&model, type, ino);
	struct holder holder = { .kind = HOLDER_MOUNT, .mount = mount };

	assert_non_null(mount);
	*mount = (struct holder_mount){ .path = "/run/netns/blue", .mntns = mntns };
	model_hold(&model, ns, &holder);
	return ns;
}

/* One that a mount holds. */
static struct ns *mounted(enum nstype type, uint32_t ino)
{
	return mounted_in(MNTNS, type, ino);
}

/* A process that can't be read. */
static void shut(pid_t pid)
{
	hand_process(&model, pid, 1)->unreadable = true;
	report.errors[SOURCE_PROCESSES].denied++;
}

static void describe(const struct changes *changes, struct strbuf *out)
{
	char ns[NSTYPE_TEXT_MAX];

	for (size_t i = 0; i < changes->n; i++)
		strbuf_addf(out, "%s%s %s", i ? ", " : "", change_event_name(changes->at[i].event),
			nstype_format(changes->at[i].ns->ref, ns));
}

/* Ends a look: what has changed since the one before must be that. */
static void assert_changes(const char *expected)
{
	struct changes changes;
	struct snapshot after;
	struct strbuf text;
	struct rows rows;

	model_sort(&model);
	changes_init(&changes);
	snapshot_init(&after);
	strbuf_init(&text);
	rows_init(&rows);
	query_namespaces(&model, &query, &rows);
	snapshot_take(&last, &model, &report, &rows, &after, &changes);
	snapshot_keep(&after, &model);
	describe(&changes, &text);
	assert_string_equal(strbuf_text(&text), expected);
	rows_done(&rows);
	strbuf_done(&text);
	changes_done(&changes);
	snapshot_done(&last);
	last = after;
	new_look();
}

TEST_FIXTURE(set_up, tear_down);

TEST(the_first_look_changes_nothing)
{
	in(2, NS_NET, 70);
	assert_changes("");
}

TEST(processes_that_ended_unread_hold_back_gone_and_created)
{
	in(2, NS_NET, 70);
	assert_changes("");
	report.limitations = LIMITATION_TURNOVER;
	assert_changes("");
	in(3, NS_NET, 70);
	in(3, NS_NET, 71); /* it may have been there all the time */
	assert_changes("");
	assert_changes("gone net:[70], gone net:[71]");
}

TEST(processes_that_ended_unread_hold_back_emptied)
{
	in(2, NS_NET, 70);
	mounted(NS_NET, 70);
	assert_changes("");
	mounted(NS_NET, 70);
	report.limitations = LIMITATION_TURNOVER;
	assert_changes("");
	mounted(NS_NET, 70);
	assert_changes("emptied net:[70]");
}

TEST(what_is_new_is_created_and_what_is_no_longer_there_is_gone)
{
	in(2, NS_NET, 70);
	in(2, NS_UTS, 80);
	assert_changes("");
	in(2, NS_IPC, 60);
	in(2, NS_NET, 71);
	in(2, NS_UTS, 80);
	assert_changes("created ipc:[60], gone net:[70], created net:[71]");
	in(2, NS_IPC, 60);
	in(2, NS_NET, 71);
	in(2, NS_UTS, 80);
	assert_changes("");
}

TEST(the_last_member_empties_and_the_first_enters)
{
	in(2, NS_NET, 70);
	mounted(NS_NET, 70);
	assert_changes("");
	mounted(NS_NET, 70);
	assert_changes("emptied net:[70]");
	mounted(NS_NET, 70);
	assert_changes("");
	in(3, NS_NET, 70);
	mounted(NS_NET, 70);
	assert_changes("entered net:[70]");
	in(4, NS_NET, 70);
	mounted(NS_NET, 70);
	assert_changes("");
}

TEST(an_inode_number_with_another_id_is_another_namespace)
{
	in(2, NS_NET, 70)->id = 5;
	assert_changes("");
	in(2, NS_NET, 70)->id = 6;
	assert_changes("gone net:[70], created net:[70]");
	in(2, NS_NET, 70); /* it could not be asked this time */
	assert_changes("");
	in(2, NS_NET, 70)->id = 7;
	assert_changes("gone net:[70], created net:[70]");
}

TEST(what_a_process_held_that_can_no_longer_be_read_is_not_gone)
{
	in(2, NS_NET, 70);
	in(3, NS_NET, 71);
	assert_changes("");
	shut(2);
	assert_changes("gone net:[71]");
	shut(2);
	assert_changes("");
	in(2, NS_NET, 70);
	assert_changes("");
	assert_changes("gone net:[70]");
}

TEST(what_was_hidden_is_gone_once_nobody_hides_it)
{
	in(2, NS_NET, 70);
	assert_changes("");
	shut(2);
	assert_changes("");
	in(3, NS_NET, 71);
	assert_changes("gone net:[70], created net:[71]");
}

TEST(what_comes_in_sight_with_its_process_is_not_new)
{
	shut(2);
	in(4, NS_NET, 75);
	assert_changes("");
	in(2, NS_NET, 70);
	in(3, NS_NET, 71);
	in(4, NS_NET, 75);
	assert_changes("created net:[71]");
}

TEST(a_mount_whose_mount_namespace_was_not_read_is_not_gone)
{
	in(2, NS_MNT, MNTNS)->mounts_whole = true;
	mounted(NS_NET, 70);
	assert_changes("");
	in(2, NS_MNT, MNTNS); /* its table was read in part, or not at all */
	assert_changes("");
	shut(2);
	assert_changes("");
	in(2, NS_MNT, MNTNS)->mounts_whole = true;
	mounted(NS_NET, 70);
	assert_changes("");
	in(2, NS_MNT, MNTNS)->mounts_whole = true;
	assert_changes("gone net:[70]");
}

TEST(a_mount_that_an_unread_mount_namespace_hid_is_not_created)
{
	in(2, NS_MNT, MNTNS);
	shut(3);
	assert_changes("");
	in(2, NS_MNT, MNTNS)->mounts_whole = true;
	in(3, NS_MNT, MNTNS + 1)->mounts_whole = true;
	mounted(NS_NET, 70);
	mounted_in(MNTNS + 1, NS_NET, 71);
	assert_changes("");
}

/* Whatever one process hides: this mount would have been seen. */
TEST(unread_process_does_not_suppress_created_of_a_mount_of_others)
{
	in(2, NS_MNT, MNTNS)->mounts_whole = true;
	shut(3);
	report.timed_out = 1;
	assert_changes("");
	in(2, NS_MNT, MNTNS)->mounts_whole = true;
	mounted(NS_NET, 70);
	assert_changes("created net:[70]");
	in(2, NS_MNT, MNTNS)->mounts_whole = true;
	shut(3);
	report.timed_out = 1;
	assert_changes("gone net:[70]");
}

/* Anybody may open /run/netns/blue, and mount it elsewhere. */
TEST(unread_process_does_not_suppress_created_by_opening_it_afterwards)
{
	struct ns *ns;

	in(2, NS_MNT, MNTNS)->mounts_whole = true;
	shut(3);
	assert_changes("");
	in(2, NS_MNT, MNTNS)->mounts_whole = true;
	in(3, NS_MNT, MNTNS + 1)->mounts_whole = true;
	mounted(NS_NET, 70);
	ns = mounted_in(MNTNS + 1, NS_NET, 70);
	hand_hold(&model, ns, HOLDER_FD, processes[3]);
	ns = hand_ns(&model, NS_NET, 71); /* which nothing else holds */
	hand_hold(&model, ns, HOLDER_FD, processes[3]);
	assert_changes("created net:[70]");
}

TEST(what_only_the_kernel_lists_is_gone_once_its_list_is_whole)
{
	report.listed = true;
	hand_held(&model, NS_NET, 70);
	assert_changes("");
	assert_changes("");
	report.listed = true;
	hand_held(&model, NS_NET, 70);
	hand_held(&model, NS_NET, 71); /* the list before was cut short */
	assert_changes("");
	report.listed = true;
	hand_held(&model, NS_NET, 71);
	hand_held(&model, NS_NET, 72);
	assert_changes("gone net:[70], created net:[72]");
}

/* Two user namespaces without a member, above the one of an unread process. */
static void in_nested_users(void)
{
	struct ns *ns = in(3, NS_USER, 73);

	ns->related = true;
	ns->parent = hand_ns(&model, NS_USER, 72);
	hand_hold(&model, ns->parent, HOLDER_CHILD, NULL);
	ns->parent->parent = hand_ns(&model, NS_USER, 71);
	hand_hold(&model, ns->parent->parent, HOLDER_CHILD, NULL);
}

TEST(what_is_above_a_hidden_namespace_is_neither_gone_nor_created)
{
	shut(3);
	assert_changes("");
	in_nested_users();
	assert_changes("");
	shut(3);
	assert_changes("");
	in_nested_users();
	assert_changes("");
	assert_changes("gone user:[71], gone user:[72], gone user:[73]");
}

TEST(owner_of_a_namespace_that_could_not_be_opened_is_neither_gone_nor_created)
{
	in(2, NS_NET, 70);
	assert_changes("");
	for (int i = 0; i < 2; i++) {
		struct ns *ns = in(2, NS_NET, 70);

		ns->related = true;
		ns->owner = hand_ns(&model, NS_USER, 71);
		hand_hold(&model, ns->owner, HOLDER_OWNED, NULL);
		assert_changes("");
		in(2, NS_NET, 70);
		assert_changes("");
	}
}

/* It could be a member; and once it has ended, nobody is. */
TEST(nobody_says_emptied_while_a_process_that_is_as_young_can_not_be_read)
{
	in(2, NS_NET, 70);
	mounted(NS_NET, 70);
	assert_changes("");
	mounted(NS_NET, 70);
	shut(3);
	assert_changes("");
	mounted(NS_NET, 70);
	shut(3);
	assert_changes("");
	mounted(NS_NET, 70);
	assert_changes("emptied net:[70]");
}

TEST(who_comes_back_in_sight_does_not_enter)
{
	in(2, NS_NET, 70);
	mounted(NS_NET, 70);
	assert_changes("");
	mounted(NS_NET, 70);
	shut(2);
	assert_changes("");
	in(2, NS_NET, 70);
	mounted(NS_NET, 70);
	assert_changes("");
}

TEST(a_process_that_is_older_than_a_namespace_is_no_member)
{
	shut(3);
	assert_changes("");
	shut(3);
	mounted(NS_NET, 70);
	assert_changes("created net:[70]");
	in(2, NS_NET, 70);
	mounted(NS_NET, 70);
	shut(3);
	assert_changes("entered net:[70]");
	shut(3);
	mounted(NS_NET, 70);
	assert_changes("emptied net:[70]");
}

TEST(process_1_is_in_the_namespaces_of_the_host_alone)
{
	in(2, NS_NET, 70);
	in(2, NS_NET, INITIAL_NET);
	mounted(NS_NET, 70);
	mounted(NS_NET, INITIAL_NET);
	assert_changes("");
	shut(1);
	mounted(NS_NET, 70);
	mounted(NS_NET, INITIAL_NET);
	assert_changes("emptied net:[70]");
}

TEST(without_a_look_at_processes_nobody_knows_of_members)
{
	in(2, NS_NET, 70);
	mounted(NS_NET, 70);
	assert_changes("");
	report.no_members = true;
	mounted(NS_NET, 70);
	assert_changes("");
}

TEST(only_what_is_meant_is_told_from_then_on_to_its_end)
{
	query.persistent = true;
	in(2, NS_NET, 70);
	mounted(NS_NET, 70);
	assert_changes("");
	in(2, NS_NET, 70);
	in(3, NS_NET, 71); /* always has a member */
	mounted(NS_NET, 70);
	assert_changes("");
	mounted(NS_NET, 70);
	in(3, NS_NET, 71);
	assert_changes("emptied net:[70]");
	in(3, NS_NET, 70);
	assert_changes("entered net:[70]");
	assert_changes("gone net:[70]");
}

TEST(what_is_meant_only_later_is_created_then)
{
	static const struct ns_ref only[] = { { NS_NET, 70 }, { NS_NET, 71 } };

	query.has_only = true;
	in(2, NS_NET, 70);
	assert_changes("");
	in(2, NS_NET, 70);
	in(3, NS_NET, 71);
	assert_changes("");
	query.only = only;
	query.nonly = 2;
	in(2, NS_NET, 70); /* was there before us */
	in(3, NS_NET, 71);
	assert_changes("created net:[71]");
	in(2, NS_NET, 70);
	in(3, NS_NET, 71);
	assert_changes("");
}

TEST(what_nothing_holds_is_not_there)
{
	hand_ns(&model, NS_NET, 70);
	assert_changes("");
	in(2, NS_NET, 70);
	assert_changes("created net:[70]");
	hand_ns(&model, NS_NET, 70);
	assert_changes("gone net:[70]");
}

TEST(a_snapshot_remembers_name_and_holder)
{
	struct strbuf text;

	model.our_mnt = 5;
	mounted(NS_NET, 70);
	assert_changes("");
	strbuf_init(&text);
	assert_string_equal(last.at[0].name, "netns blue");
	holder_explain(last.at[0].holder, 5, &text);
	assert_string_equal(strbuf_text(&text), "mount /run/netns/blue");
	strbuf_done(&text);
}

TEST(who_ends_before_it_was_asked_keeps_its_name)
{
	in(2, NS_NET, 70);
	processes[2]->comm = "vpn";
	assert_changes("");
	in(2, NS_NET, 70);
	assert_changes("");
	assert_string_equal(last.at[0].holder->process->comm, "vpn");
	in(3, NS_NET, 70);
	assert_changes("");
	assert_null(last.at[0].holder->process->comm);
}
