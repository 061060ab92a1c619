// SPDX-License-Identifier: MIT
/*
 * Two scans compared: the changes of each namespace, and those that an incomplete scan leaves open.
 *
 * A scan is written in the words of hand_build() and of these, with the changes since the scan
 * before behind "=>":
 *
 *	unread 2            process 2 could not be read
 *	mount 5 net:70      a mount in mount namespace 5
 *	whole mnt:5         all of its mount table was read
 *	id 6 net:70         its 64-bit number
 *	related net:70      its relations were read
 *	turnover, timeout, listed, no_members: of the report
 */
#include "hand_model.h"

#include "nsls/diff.h"

static struct query query;
static struct snapshot last;

static int set_up(void **state)
{
	hand_set_up(state);
	last = (struct snapshot){ 0 };
	query = (struct query){ .types = NS_TYPES_ALL };
	return 0;
}

static int tear_down(void **state)
{
	snapshot_done(&last);
	return hand_tear_down(state);
}

static void add(char *words)
{
	char ns[24];
	uint32_t number;

	if (sscanf(words, "unread %u", &number) == 1) {
		hand_process((pid_t)number, 1)->unreadable = true;
		report.errors[SOURCE_PROCESSES].denied++;
	} else if (sscanf(words, "mount %u %23s", &number, ns) == 2) {
		hand_mount(hand_word_ns(ns), "/run/netns/blue", number);
	} else if (sscanf(words, "id %u %23s", &number, ns) == 2) {
		hand_word_ns(ns)->id = number;
	} else if (sscanf(words, "related %23s", ns) == 1) {
		hand_word_ns(ns)->related = true;
	} else if (sscanf(words, "whole %23s", ns) == 1) {
		hand_word_ns(ns)->mounts_whole = true;
	} else if (!strcmp(words, "turnover")) {
		report.limitations = LIMITATION_TURNOVER;
	} else if (!strcmp(words, "timeout")) {
		report.timed_out = 1;
	} else if (!strcmp(words, "listed")) {
		report.listed = true;
	} else if (!strcmp(words, "no_members")) {
		report.no_members = true;
	} else {
		hand_build(words);
	}
}

static const char *describe(const struct snapshot *snapshot)
{
	const char *text = "";
	char ns[NSTYPE_TEXT_MAX];

	for (size_t i = 0; i < snapshot->nchanges; i++)
		text = strf("%s%s%s %s", text, i ? ", " : "",
			change_event_names[snapshot->changes[i].event],
			nstype_format(snapshot->changes[i].ns->ref, ns));
	return text;
}

/* Makes a scan, which must have these changes since the one before. */
static void assert_changes(const char *scan)
{
	char *rest = strf("%s", scan), *arrow = strstr(rest, "=> ");
	const char *expected = arrow ? arrow + strlen("=> ") : "";
	struct snapshot after = { 0 };

	if (arrow)
		*(arrow > rest ? arrow - 1 : arrow) = '\0';
	for (char *statement; (statement = strsep(&rest, ";"));)
		add(statement + strspn(statement, " "));
	model_sort(&model);
	query_rows(&model, &query, ROW_NS, &rows);
	snapshot_take(&last, &model, &report, &rows, &after);
	snapshot_keep(&after, &model);
	if (strcmp(describe(&after), expected) != 0)
		fail_msg("'%s': '%s', not '%s'", scan, describe(&after), expected);
	rows_done(&rows);
	snapshot_done(&last);
	last = after;
	model_done(&model);
	hand_set_up(NULL);
}

#define SCANS(...) EACH_STEP(assert_changes, __VA_ARGS__)

/* A test of nothing but these scans. */
#define SCANS_TEST(name, ...) TEST_CALL(name, SCANS(__VA_ARGS__));

TEST_FIXTURE(set_up, tear_down);

SCANS_TEST(unread_ended_processes_suppress_gone_and_created, "2 net:70", "turnover",
	"3 net:70 net:71", /* both may have been there before */
	"=> gone net:[70], gone net:[71]")

SCANS_TEST(unread_ended_processes_suppress_emptied, "2 net:70; mount 5 net:70",
	"mount 5 net:70; turnover", "mount 5 net:70 => emptied net:[70]")

SCANS_TEST(new_namespaces_are_created_and_missing_ones_gone, "2 net:70 uts:80",
	"2 ipc:60 net:71 uts:80 => created ipc:[60], gone net:[70], created net:[71]",
	"2 ipc:60 net:71 uts:80")

SCANS_TEST(the_last_member_empties_and_the_first_enters, "2 net:70; mount 5 net:70",
	"mount 5 net:70 => emptied net:[70]", "mount 5 net:70",
	"3 net:70; mount 5 net:70 => entered net:[70]", "4 net:70; mount 5 net:70")

SCANS_TEST(same_inode_with_another_id_is_another_namespace, "2 net:70; id 5 net:70",
	"2 net:70; id 6 net:70 => gone net:[70], created net:[70]",
	"2 net:70", /* the ID could not be read */
	"2 net:70; id 7 net:70 => gone net:[70], created net:[70]")

SCANS_TEST(inode_of_one_that_ended_before_its_id_was_read_is_that_of_another, "",
	"2 net:70 => created net:[70]", "3 net:70; id 6 net:70 => gone net:[70], created net:[70]",
	"4 net:70; id 6 net:70", "5 net:70", "6 net:70; id 6 net:70")

SCANS_TEST(owner_of_one_that_got_an_inode_is_created, "", "2 net:70 => created net:[70]",
	"3 net:70; owned user:80; user:80 owns net:70; id 6 net:70; related net:70 => gone "
	"net:[70], created net:[70], created user:[80]")

SCANS_TEST(namespace_that_may_be_passed_on_before_its_id_is_read_stays, "2 net:70",
	"2 net:70; 3 net:70; id 6 net:70", "2 net:71; turnover => created net:[71]",
	"3 net:71; id 7 net:71 => gone net:[70]",
	"mount 5 uts:72 => gone net:[71], created uts:[72]",
	"3 uts:72; mount 5 uts:72; id 8 uts:72 => entered uts:[72]")

SCANS_TEST(namespace_of_a_process_that_becomes_unreadable_is_not_gone, "2 net:70; 3 net:71",
	"unread 2 => gone net:[71]", "unread 2", "2 net:70", "=> gone net:[70]")

SCANS_TEST(unread_namespace_is_gone_once_all_processes_are_read, "2 net:70", "unread 2",
	"3 net:71 => gone net:[70], created net:[71]")

SCANS_TEST(namespace_of_a_process_that_becomes_readable_is_not_created, "unread 2; 4 net:75",
	"2 net:70; 3 net:71; 4 net:75 => created net:[71]")

SCANS_TEST(mount_in_an_unread_mount_namespace_is_not_gone, "2 mnt:5; whole mnt:5; mount 5 net:70",
	"2 mnt:5", /* its table was read in part, or not at all */
	"unread 2", "2 mnt:5; whole mnt:5; mount 5 net:70", "2 mnt:5; whole mnt:5 => gone net:[70]")

SCANS_TEST(mount_is_new_where_all_were_read_without_a_holder, "unread 2; whole mnt:5",
	"2 mnt:5; whole mnt:5; mount 5 net:70 => created net:[70]")

SCANS_TEST(mount_in_a_mount_namespace_that_was_unread_is_not_created, "2 mnt:5; unread 3",
	"2 mnt:5; whole mnt:5; 3 mnt:6; whole mnt:6; mount 5 net:70; mount 6 net:71")

/* Whatever one process hides: this mount would have been seen. */
SCANS_TEST(unread_process_does_not_suppress_created_of_a_mount_of_others,
	"2 mnt:5; whole mnt:5; unread 3; timeout",
	"2 mnt:5; whole mnt:5; mount 5 net:70 => created net:[70]",
	"2 mnt:5; whole mnt:5; unread 3; timeout => gone net:[70]")

/* Any user may open /run/netns/blue, and mount it elsewhere. Only process 3 holds net:71. */
SCANS_TEST(unread_process_does_not_suppress_created_by_opening_it_afterwards,
	"2 mnt:5; whole mnt:5; unread 3",
	"2 mnt:5; whole mnt:5; 3 mnt:6; whole mnt:6; mount 5 net:70; mount 6 net:70; "
	"fd 3 net:70 net:71 => created net:[70]")

SCANS_TEST(listed_namespace_is_gone_once_the_list_is_complete, "listed; kernel net:70", "",
	"listed; kernel net:70 net:71", /* the list before was cut short */
	"listed; kernel net:71 net:72 => gone net:[70], created net:[72]")

/* Two user namespaces without a member, above the one of an unread process. */
TEST(ancestors_of_an_unread_namespace_are_neither_gone_nor_created)
{
	static const char nested[] = "3 user:73; child user:72 user:71; user:72 above user:73; "
				     "user:71 above user:72; related user:73";

	SCANS("unread 3", nested, "unread 3", nested,
		"=> gone user:[71], gone user:[72], gone user:[73]");
}

TEST(owner_of_a_namespace_that_could_not_be_opened_is_neither_gone_nor_created)
{
	static const char owned[] = "2 net:70; owned user:71; user:71 owns net:70; related net:70";

	SCANS("2 net:70", owned, "2 net:70", owned, "2 net:70");
}

/* It could be a member; and once it has ended, there is none. */
SCANS_TEST(unread_process_as_young_as_the_last_member_suppresses_emptied,
	"2 net:70; mount 5 net:70", "mount 5 net:70; unread 3", "mount 5 net:70; unread 3",
	"mount 5 net:70 => emptied net:[70]")

SCANS_TEST(member_that_becomes_readable_again_does_not_enter, "2 net:70; mount 5 net:70",
	"mount 5 net:70; unread 2", "2 net:70; mount 5 net:70")

SCANS_TEST(unread_process_older_than_a_namespace_is_no_member, "unread 3",
	"unread 3; mount 5 net:70 => created net:[70]",
	"2 net:70; mount 5 net:70; unread 3 => entered net:[70]",
	"unread 3; mount 5 net:70 => emptied net:[70]")

SCANS_TEST(unread_process_1_is_in_initial_namespaces_alone,
	"2 net:70 net:4026531833; mount 5 net:70; mount 5 net:4026531833",
	"unread 1; mount 5 net:70; mount 5 net:4026531833 => emptied net:[70]")

SCANS_TEST(without_a_scan_of_processes_members_are_unknown, "2 net:70; mount 5 net:70",
	"no_members; mount 5 net:70")

TEST(selected_namespaces_are_followed_to_their_end)
{
	query.persistent = true;
	SCANS("2 net:70; mount 5 net:70",
		"2 net:70; 3 net:71; mount 5 net:70", /* net:71 always has a member */
		"mount 5 net:70; 3 net:71 => emptied net:[70]", "3 net:70 => entered net:[70]",
		"=> gone net:[70]");
}

TEST(namespace_that_is_selected_later_is_created_then)
{
	struct u64map only = { 0 };

	query.only = &only;
	SCANS("2 net:70", "2 net:70; 3 net:71");
	u64map_add(&only, ns_ref_key((struct ns_ref){ NS_NET, 70 }));
	u64map_add(&only, ns_ref_key((struct ns_ref){ NS_NET, 71 }));
	SCANS("2 net:70; 3 net:71 => created net:[71]", /* net:70 was there in the first scan */
		"2 net:70; 3 net:71");
	u64map_done(&only);
}

SCANS_TEST(namespace_without_holder_does_not_exist, "id 6 net:70", "2 net:70 => created net:[70]",
	"id 6 net:70 => gone net:[70]")

TEST(a_snapshot_keeps_name_and_holder)
{
	struct strbuf text = { 0 };

	model.our_mnt = 5;
	SCANS("mount 5 net:70");
	assert_string_equal(last.at[0].name, "netns blue");
	holder_explain(last.at[0].holder, &text);
	assert_string_equal(strbuf_keep(&text), "mount /run/netns/blue");
}

TEST(process_that_ends_unread_keeps_its_name)
{
	hand_build("2 net:70");
	model_find_process(&model, 2)->comm = "vpn";
	SCANS("", "2 net:70");
	assert_string_equal(last.at[0].holder->process->comm, "vpn");
	SCANS("3 net:70");
	assert_null(last.at[0].holder->process->comm);
}
