// SPDX-License-Identifier: MIT
/*
 * Which namespaces and holders are shown, on models made by hand. Besides statements of
 * hand_build(), steps are:
 *
 *	namespaces net fd => 1      the rows of hand_query(); also "holders", "summary"
 *	only net:1 net:2 of net => 1
 *	                            the same, limited to some namespaces
 *	operand 5 => 1              what that stands for on a command line; "unread operand" is
 *	                            before identities were read
 *	netns blue => elsewhere 5   where the best of the namespaces with that name are
 */
#include "../../src/cli/internal.h"

#include "hand_model.h"

static const char *find_operand(const char *text, bool identities)
{
	struct operand operand;

	rows_done(&rows);
	assert_int_equal(operand_parse(&kernel.kernel, text, false, &operand), 0);
	operand_find(&model, &operand, 0, identities, &rows);
	return hand_rows();
}

static const char *find_name(const char *name)
{
	static const char *const places[] = { "ours", "of the host", "elsewhere", "nowhere" };
	enum name_place place;

	rows_done(&rows);
	place = ns_by_name(&model, 100, name, &rows);
	return strf("%s%s%s", places[place], rows.n ? " " : "", hand_rows());
}

static const char *find(char *question, const char *expected)
{
	const char *what = strsep(&question, " ");
	struct u64map only = { 0 };
	struct query query;

	if (!strcmp(what, "unread"))
		return find_operand(question + strlen("operand "), false);
	if (!strcmp(what, "operand"))
		return find_operand(question, true);
	if (!strcmp(what, "netns"))
		return find_name(question);
	if (!strcmp(what, "only"))
		for (char *word; strcmp(word = strsep(&question, " "), "of") != 0;)
			u64map_add(&only, ns_ref_key(hand_word_ns(word)->ref));
	query = hand_query(question);
	query.only = !strcmp(what, "only") ? &only : NULL;
	rows_done(&rows);
	if (!strcmp(what, "summary"))
		query_summary(&model, &query, &rows);
	else
		query_rows(&model, &query, !strcmp(what, "holders") ? ROW_HOLDER : ROW_NS, &rows);
	u64map_done(&only);
	return hand_rows();
}

static const struct hand_steps steps = { .find = find };

TEST_FIXTURE(hand_set_up, hand_tear_down);

MODEL_TEST(types_persistence_and_names_select_together, "1<0 net:1; kernel net:2 uts:3 net:4",
	"only net:1 net:2 uts:3 of net persistent => 2")

MODEL_TEST(neither_without_holder_nor_by_an_empty_selection_a_namespace_is_shown,
	"net:1 id 7; kernel net:2", "namespaces => 2", "only of => ")

MODEL_TEST(the_summary_has_every_selected_type, "1<0 net:1; kernel net:2 uts:3",
	"summary net time => net(2 1 1) time(0 0 0)")

MODEL_TEST(holders_come_kind_by_kind, "socket 1 net:1; fd 1 net:1; 2 net:1; fd 2 net:1",
	"holders => process2 fd1 fd2 socket1")

MODEL_TEST(kinds_select_holders_and_the_namespaces_that_have_such_a_holder,
	"1<0 net:1; zombie 2 net:1; fd 1 net:1; fd 2 net:2", "holders process => process1",
	"namespaces process => 1", "holders zombie fd => zombie2 fd1 fd2",
	"namespaces fd persistent => 2", "namespaces mount persistent => ")

TEST(process_of_a_row_is_the_representative_or_the_holder)
{
	const struct ns *ns = hand_ns(NS_NET, 1);
	struct row row = { .kind = ROW_NS, .ns = ns };

	hand_build("fd 1<0 net:1");
	assert_null(row_process(&row));
	hand_build("2<0 net:1");
	assert_int_equal(row_process(&row)->pid, 2);
	row = (struct row){ .kind = ROW_HOLDER, .ns = ns, .holder = ns->first };
	assert_int_equal(row_process(&row)->pid, 1);
	row = (struct row){ .kind = ROW_TYPE };
	assert_null(row_process(&row));
}

MODEL_TEST(a_named_namespace_is_found_if_something_holds_it, "operand net:[5] => ",
	"net:5 id 0", /* known, but without a known holder */
	"operand net:[5] => ", "kernel net:5", "operand net:[5] => 5", "operand 5 => 5",
	"operand uts:[5] => ")

MODEL_TEST(number_that_is_no_inode_is_an_id, "kernel uts:7", "operand :5 => ", "operand :0 => ",
	"uts:7 id 5", "operand 5 => 7", "operand :5 => 7", "kernel net:5", "operand 5 => 5",
	"operand :5 => 7")

/* The model has no mounts and no links: only the cells of column NAME are compared. */
MODEL_TEST(word_matches_all_namespaces_with_that_name, "3 /nginx.service net:5 uts:7; kernel uts:8",
	"operand nginx.service => 5 7", "unread operand nginx.service => ", "operand nginx => ",
	"operand  => ")

MODEL_TEST(name_stands_for_the_namespaces_in_the_best_place, "1<0 mnt:300", "netns blue => nowhere",
	"mnt:200 mounts /run/netns/blue net:5; mnt:201 mounts /run/netns/blue net:6; "
	"mnt:202 mounts /run/netns/blue net:6",
	"netns blue => elsewhere 5 6", "mnt:300 mounts /run/netns/blue net:7",
	"netns blue => of the host 7", "net:8 called blue", "netns blue => ours 8",
	"netns blu => nowhere")
