// SPDX-License-Identifier: MIT
/* Text of cells: values that are unknown or absent, words for people, numbers and names. */
#include "render_fixture.h"

TEST_FIXTURE(render_set_up, render_tear_down);

/* A user who can't read others' processes must not take their namespaces for leaked. */
TEST(members_not_found_are_unknown_in_an_incomplete_answer)
{
	add_mount(hand_ns(NS_NET, 5), "/m");
	add_member(hand_ns(NS_NET, 6), 12, "x");
	cells("NS,NPROCS,NTHREADS");
	assert_string_equal(render(format_raw), "5 0 0\n6 1 \n");
	report.timed_out = 1;
	assert_string_equal(render(format_raw), "5 ? ?\n6 1 \n");
	assert_string_equal(render_squeezed(), "5 ? ?\n6 1\n");
	assert_contains(render_json(), "\"ns\": 5,\n         \"nprocs\": null,",
		"\"ns\": 6,\n         \"nprocs\": 1,");
}

static const char *summary(void)
{
	struct query query = { .types = 1u << NS_NET | 1u << NS_UTS };

	rows_done(&rows);
	query_summary(&model, &query, &rows);
	return render_as(format_raw);
}

TEST(a_sum_of_unknowns_is_unknown)
{
	add_mount(hand_ns(NS_NET, 5), "/m");
	add_member(hand_ns(NS_NET, 6), 12, "x");
	add_member(hand_ns(NS_UTS, 7), 12, "x");
	cells("TYPE,NPROCS,PERSISTENT");
	assert_string_equal(summary(), "net 1 1\nuts 1 0\n");
	report.timed_out = 1;
	assert_string_equal(summary(), "net 1 ?\nuts 1 0\n");
	usage("TYPE,NPROCS,COUNT");
	options.tree = options.columns[0];
	assert_contains(render_squeezed(), "net 1 2\n");
}

/* The summary of one type that has this limit, of which the user uses that many. */
static const char *use_of(format_function *format, size_t count, bool is_bound, uint64_t limit)
{
	const struct usage used = { .type = NS_NET, .uid = 4000000, .count = count };
	const struct row row = { .kind = ROW_TYPE,
		.type = NS_NET,
		.usage = count ? &used : NULL,
		.usage_is_bound = is_bound,
		.limit = limit,
		.has_limit = true };

	cells("USED,ATLEAST,USER,UID,USE%");
	rows_done(&rows);
	rows_add(&rows, &row);
	render_as(format);
	return squeeze(text);
}

TEST(a_lower_bound_of_the_use_is_marked)
{
	assert_string_equal(use_of(format_raw, 12, false, 16), "12 false 4000000 4000000 75.0%\n");
	assert_string_equal(use_of(format_raw, 12, true, 16), "12+ true 4000000 4000000 75.0%+\n");
	assert_string_equal(
		use_of(format_table, 12, true, 16), "12+ true 4000000 4000000 75.0%+\n");
	use_of(format_json, 12, true, 16);
	assert_contains(text, "{\"used\": 12,\"atleast\": true,\"user\": \"4000000\","
			      "\"uid\": 4000000,\"use%\": 75.0}");
}

TEST(no_use_is_0_or_unknown)
{
	assert_string_equal(use_of(format_raw, 0, false, 16), "0 false 0.0%\n");
	assert_string_equal(use_of(format_raw, 0, true, 16), "? true ?\n");
	use_of(format_json, 0, true, 16);
	assert_contains(text, "{\"used\": null,\"atleast\": true,\"user\": null,\"uid\": null,"
			      "\"use%\": null}");
	assert_string_equal(use_of(format_raw, 3, false, 0), "3 false 4000000 4000000\n");
}

TEST(ids_are_shown_up_to_both_ends)
{
	struct ns *ns = hand_ns(NS_NET, 5);

	add_member(ns, 12, "x");
	ns->has_netnsid = true;
	ns->netnsid = 0;
	ns->id = UINT64_MAX;
	usage("NETNSID,ID");
	assert_contains(render_json(), "\"netnsid\": 0", "\"id\": 18446744073709551615");
}

TEST(relations_are_numbers_and_users_names)
{
	struct ns *ns = hand_ns(NS_NET, 5), *owner = hand_ns(NS_USER, 9);

	add_member(ns, 12, "x");
	ns->owner = ns->parent = owner;
	owner->has_owner_uid = true;
	owner->owner_uid = 4294967294u; /* no user has it */
	cells("ONS,PNS,ONSUID,ONSUSER");
	assert_string_equal(render(format_raw), "9 9 4294967294 4294967294\n");
}

/* As lsns(8) does: this finds the user of a leaked namespace. */
TEST(a_namespace_without_process_has_the_user_of_its_owner)
{
	struct ns *ns = hand_ns(NS_NET, 5), *owner = hand_ns(NS_USER, 9);

	add_mount(ns, "/m");
	add_mount(owner, "/n");
	cells("NS,UID,USER");
	assert_string_equal(render(format_raw), "5  \n9  \n");
	ns->owner = owner;
	owner->owner = hand_ns(NS_USER, 10);
	owner->owner->has_owner_uid = owner->has_owner_uid = true;
	owner->owner_uid = 4294967294u;
	assert_string_equal(
		render(format_raw), "5 4294967294 4294967294\n9 4294967294 4294967294\n");
	add_member(ns, 12, "x")->has_status = true;
	assert_contains(render(format_raw), "5 0 root\n");
}

/* The first net and mnt namespace have had their numbers only since Linux 6.17. */
TEST(initial_namespaces_are_known_if_their_inodes_are_fixed)
{
	struct ns *net = hand_ns(NS_NET, 5), *uts = hand_ns(NS_UTS, 6);

	add_member(net, 12, "x");
	add_member(uts, 13, "x");
	cells("INITIAL");
	assert_string_equal(render(format_raw), "\nfalse\n");
	add_member(hand_ns(NS_MNT, nstype_info(NS_MNT)->initial_ino), 14, "x");
	assert_string_equal(render(format_raw), "false\nfalse\ntrue\n");
}
