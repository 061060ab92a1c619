// SPDX-License-Identifier: MIT
/* Which namespaces and holders are shown, on models made by hand. */
#include "../../src/cli/internal.h"

#include "hand_model.h"

static void assert_namespaces(const struct query *query, const char *expected)
{
	rows.n = 0;
	query_rows(&model, query, ROW_NS, &rows);
	hand_assert_rows(expected);
}

static void assert_holders_are(const struct query *query, const char *expected)
{
	rows.n = 0;
	query_rows(&model, query, ROW_HOLDER, &rows);
	hand_assert_rows(expected);
}

TEST_FIXTURE(hand_set_up, hand_tear_down);

TEST(types_persistence_and_names_select_together)
{
	const struct ns_ref refs[] = { { NS_NET, 1 }, { NS_NET, 2 }, { NS_UTS, 3 } };
	struct u64map only = { 0 };
	struct query query = { .types = 1u << NS_NET, .persistent = true, .only = &only };

	for (size_t i = 0; i < 3; i++)
		u64map_add(&only, ns_ref_key(refs[i]));
	hand_build("1<0 net:1; kernel net:2 uts:3 net:4");
	assert_namespaces(&query, "2");
	u64map_done(&only);
}

TEST(neither_without_holder_nor_by_an_empty_selection_a_namespace_is_shown)
{
	struct u64map none = { 0 };
	struct query query = { .types = NS_TYPES_ALL };

	hand_ns(NS_NET, 1);
	hand_held(NS_NET, 2);
	assert_namespaces(&query, "2");
	query.only = &none;
	assert_namespaces(&query, "");
}

TEST(the_summary_has_every_selected_type)
{
	struct query query = { .types = 1u << NS_NET | 1u << NS_TIME };

	hand_build("1<0 net:1; kernel net:2 uts:3");
	query_summary(&model, &query, &rows);
	hand_assert_rows("net time");
	assert_int_equal(rows.at[0].count, 2);
	assert_int_equal(rows.at[0].nprocs, 1);
	assert_int_equal(rows.at[0].persistent, 1);
	assert_int_equal(rows.at[1].count + rows.at[1].nprocs + rows.at[1].persistent, 0);
}

TEST(holders_come_kind_by_kind)
{
	struct query query = { .types = NS_TYPES_ALL };

	hand_build("socket 1 net:1; fd 1 net:1; 2 net:1; fd 2 net:1");
	model_sort(&model);
	assert_holders_are(&query, "process2 fd1 fd2 socket1");
}

TEST(kinds_select_holders_and_the_namespaces_that_have_such_a_holder)
{
	struct query query = { .types = NS_TYPES_ALL, .kinds = 1u << HOLDER_PROCESS };

	hand_build("1<0 net:1; zombie 2 net:1; fd 1 net:1; fd 2 net:2");
	assert_holders_are(&query, "process1");
	assert_namespaces(&query, "1");
	query.kinds = 1u << HOLDER_ZOMBIE | 1u << HOLDER_FD;
	assert_holders_are(&query, "zombie2 fd1 fd2");
	query.kinds = 1u << HOLDER_FD;
	query.persistent = true;
	assert_namespaces(&query, "2");
	query.kinds = 1u << HOLDER_MOUNT;
	assert_namespaces(&query, "");
}

TEST(process_of_a_row_is_the_representative_or_the_holder)
{
	struct ns *ns = hand_ns(NS_NET, 1);
	struct process *one = hand_process(1, 0), *two = hand_process(2, 0);
	struct row row = { .kind = ROW_NS, .ns = ns };

	hand_hold(ns, HOLDER_FD, one);
	assert_null(row_process(&row));
	hand_join(two, ns);
	assert_ptr_equal(row_process(&row), two);
	row = (struct row){ .kind = ROW_HOLDER, .ns = ns, .holder = ns->first };
	assert_ptr_equal(row_process(&row), one);
	row = (struct row){ .kind = ROW_TYPE };
	assert_null(row_process(&row));
}

static void assert_found(const struct operand *target, const char *expected)
{
	struct rows found = { 0 };
	struct strbuf text = { 0 };
	char ref[NSTYPE_TEXT_MAX];

	operand_find(&model, target, 0, true, &found);
	for (size_t i = 0; i < found.n; i++)
		strbuf_addf(&text, "%s ", nstype_format(found.at[i].ns->ref, ref));
	assert_string_equal(strbuf_keep(&text), expected);
	rows_done(&found);
}

TEST(a_named_namespace_is_found_if_something_holds_it)
{
	struct operand target = { .ref = { NS_NET, 5 } }, any = { .ref.ino = 5, .any_type = true };

	assert_found(&target, "");
	hand_ns(NS_NET, 5); /* known, but without a known holder */
	assert_found(&target, "");
	hand_held(NS_NET, 5);
	assert_found(&target, "net:[5] ");
	assert_found(&any, "net:[5] ");
	target.ref.type = NS_UTS;
	assert_found(&target, "");
}

TEST(number_that_is_no_inode_is_an_id)
{
	struct operand number = { .ref.ino = 5, .id = 5, .any_type = true };
	struct operand id = { .id = 5, .any_type = true }, none = { .any_type = true };
	struct ns *ns = hand_held(NS_UTS, 7);

	assert_found(&id, "");
	assert_found(&none, "");
	ns->id = 5;
	assert_found(&number, "uts:[7] ");
	assert_found(&id, "uts:[7] ");
	hand_held(NS_NET, 5);
	assert_found(&number, "net:[5] ");
	assert_found(&id, "uts:[7] ");
}

/* The model has no mounts and no links: only the cells of column NAME are compared. */
TEST(word_matches_all_namespaces_with_that_name)
{
	struct operand target = { .name = "nginx.service", .any_type = true };
	struct process *process = hand_process(3, 1);
	struct identity identity = { .name = "nginx.service" };
	struct rows found = { 0 };

	process->identity = &identity;
	hand_join(process, hand_ns(NS_NET, 5));
	hand_join(process, hand_ns(NS_UTS, 7));
	hand_held(NS_UTS, 8);
	assert_found(&target, "net:[5] uts:[7] ");
	operand_find(&model, &target, 0, false, &found);
	assert_int_equal(found.n, 0);
	target.name = "nginx";
	assert_found(&target, "");
	target.name = "";
	assert_found(&target, "");
}

static void assert_named(const char *name, enum name_place expected_place, const char *expected)
{
	struct rows found = { 0 };
	enum name_place place = ns_by_name(&model, 100, name, &found);
	struct strbuf text = { 0 };

	for (size_t i = 0; i < found.n; i++)
		strbuf_addf(&text, "%u ", found.at[i].ns->ref.ino);
	assert_string_equal(strbuf_keep(&text), expected);
	assert_int_equal(place, expected_place);
	rows_done(&found);
}

TEST(name_stands_for_the_namespaces_in_the_best_place)
{
	struct process *first = hand_process(1, 0);

	first->ino[NS_MNT] = 300;
	assert_named("blue", NAME_NOWHERE, "");
	hand_mount(hand_ns(NS_NET, 5), "/run/netns/blue", 200);
	hand_mount(hand_ns(NS_NET, 6), "/run/netns/blue", 201);
	hand_mount(hand_ns(NS_NET, 6), "/run/netns/blue", 202);
	assert_named("blue", NAME_ELSEWHERE, "5 6 ");
	hand_mount(hand_ns(NS_NET, 7), "/run/netns/blue", 300);
	assert_named("blue", NAME_OF_HOST, "7 ");
	model_add_name(&model, hand_ns(NS_NET, 8)->ref, "blue");
	assert_named("blue", NAME_OURS, "8 ");
	assert_named("blu", NAME_NOWHERE, "");
}
