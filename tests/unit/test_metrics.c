// SPDX-License-Identifier: MIT
/*
 * Metrics of models made by hand. What is unknown has no sample (OpenMetrics 1.0 has no null), and
 * the text is one that the Prometheus text format 0.0.4 allows as well.
 */
#include "render_fixture.h"

static char *text; /* the last that was printed */

static void select_types(unsigned types)
{
	const struct query query = { .types = types };

	rows_done(&rows);
	query_summary(&model, &query, &rows);
}

static void print(void)
{
	struct strbuf out = { 0 };

	metrics_add(&view, &rows, 2045678, "1.2.3", &out);
	text = strf("%s", strbuf_keep(&out));
}

static void print_types(unsigned types)
{
	select_types(types);
	print();
}

static bool has(const char *line)
{
	size_t len = strlen(line);
	const char *at = text;

	while ((at = strstr(at, line)) && !((at == text || at[-1] == '\n') && at[len] == '\n'))
		at++;
	return at;
}

static void assert_all_lines(const char *const *lines)
{
	for (; *lines; lines++)
		if (!has(*lines))
			fail_msg("no line is '%s' in:\n%s", *lines, text);
}

#define assert_lines(...) assert_all_lines((const char *const[]){ __VA_ARGS__, NULL })

/* Nothing begins like one of these. */
#define assert_no_samples(...) assert_lacks(text, __VA_ARGS__)

TEST_FIXTURE(render_set_up, render_tear_down);

TEST(the_whole_text_is_in_both_formats)
{
	struct process *process = hand_process(7, 1);

	hand_join(process, hand_ns(NS_UTS, 5));
	hand_hold(hand_ns(NS_UTS, 6), HOLDER_FD, process);
	select_types(1u << NS_UTS);
	rows.at[0].limit = 96365;
	rows.at[0].has_limit = true;
	rows.at[0].usage = &(struct usage){ .type = NS_UTS, .uid = 1000, .count = 1 };
	print();
	assert_string_equal(text,
		"# TYPE nsls_namespaces gauge\n"
		"# HELP nsls_namespaces Namespaces that were found.\n"
		"nsls_namespaces{type=\"uts\"} 2\n"
		"# TYPE nsls_namespaces_persistent gauge\n"
		"# HELP nsls_namespaces_persistent Namespaces without a member process; absent if "
		"the scan was incomplete.\n"
		"nsls_namespaces_persistent{type=\"uts\"} 1\n"
		"# TYPE nsls_namespaces_limit gauge\n"
		"# HELP nsls_namespaces_limit Namespaces that each user may create.\n"
		"nsls_namespaces_limit{type=\"uts\"} 96365\n"
		"# TYPE nsls_namespaces_used_max gauge\n"
		"# HELP nsls_namespaces_used_max Namespaces that count against the limit of the "
		"user who has most of them.\n"
		"nsls_namespaces_used_max{type=\"uts\"} 1\n"
		"# TYPE nsls_members gauge\n"
		"# HELP nsls_members Member processes of the namespaces that were found.\n"
		"nsls_members{type=\"uts\"} 1\n"
		"# TYPE nsls_holders gauge\n"
		"# HELP nsls_holders Holders that were found.\n"
		"nsls_holders{type=\"uts\",kind=\"process\"} 1\n"
		"nsls_holders{type=\"uts\",kind=\"thread\"} 0\n"
		"nsls_holders{type=\"uts\",kind=\"fd\"} 1\n"
		"nsls_holders{type=\"uts\",kind=\"uring\"} 0\n"
		"nsls_holders{type=\"uts\",kind=\"mount\"} 0\n"
		"nsls_holders{type=\"uts\",kind=\"kernel\"} 0\n"
		"# TYPE nsls_netns_stale_names gauge\n"
		"# HELP nsls_netns_stale_names Names in /run/netns that lead to no namespace.\n"
		"# TYPE nsls_unreadable gauge\n"
		"# HELP nsls_unreadable Processes of which something could not be read.\n"
		"nsls_unreadable{source=\"processes\"} 0\n"
		"nsls_unreadable{source=\"threads\"} 0\n"
		"nsls_unreadable{source=\"fds\"} 0\n"
		"nsls_unreadable{source=\"sockets\"} 0\n"
		"nsls_unreadable{source=\"mounts\"} 0\n"
		"nsls_unreadable{source=\"kernel\"} 0\n"
		"# TYPE nsls_timed_out gauge\n"
		"# HELP nsls_timed_out Processes whose reading timed out.\n"
		"nsls_timed_out 0\n"
		"# TYPE nsls_complete gauge\n"
		"# HELP nsls_complete Whether everything could be read (1) or not (0).\n"
		"nsls_complete 1\n"
		"# TYPE nsls_scan_seconds gauge\n"
		"# UNIT nsls_scan_seconds seconds\n"
		"# HELP nsls_scan_seconds How long the scan took.\n"
		"nsls_scan_seconds 2.045678\n"
		"# TYPE nsls_build_info gauge\n"
		"# HELP nsls_build_info Version of nsls.\n"
		"nsls_build_info{version=\"1.2.3\"} 1\n"
		"# EOF\n");
}

/*
 * Samples of one type: "namespaces 1", "namespaces -" for none; ".fd 1" of holders of that kind,
 * "." of any kind; and "complete 1".
 */
static const struct {
	const char *name, *model;
	struct report report;
	enum nstype type;
	const char *samples;
} cases[] = {
	{ "complete_scan_that_found_none_prints_0", "", { 0 }, NS_TIME,
		"namespaces 0, namespaces_persistent 0, members 0, .process 0" },
	{ "incomplete_scan_that_found_none_prints_no_sample", "",
		{ .limitations = LIMITATION_HIDEPID }, NS_TIME,
		"namespaces -, namespaces_persistent -, members -, . -, complete 0" },
	{ "count_of_an_incomplete_scan_is_printed_if_not_0", "7 ipc:5",
		{ .errors[SOURCE_PROCESSES] = { .denied = 1 } }, NS_IPC,
		"namespaces 1, members 1, .process 1, .fd -" },
	/* The members of it may be those that could not be read. */
	{ "no_namespace_counts_as_persistent_in_an_incomplete_scan", "kernel net:5",
		{ .errors[SOURCE_PROCESSES] = { .denied = 1 } }, NS_NET,
		"namespaces 1, namespaces_persistent -" },
	{ "members_that_were_not_scanned_are_unknown", "kernel net:5", { .no_members = true },
		NS_NET, "namespaces_persistent -, members -" },
	{ "a_limit_that_could_not_be_read_is_unknown", "", { 0 }, NS_NET, "namespaces_limit -" },
	{ "holder_of_an_unexpected_kind_is_printed", "zombie 7 net:5", { 0 }, NS_NET, ".zombie 1" },
	{ "a_kind_that_only_bpf_shows_is_unknown_without_it", "", { 0 }, NS_NET, ".queue -" },
	{ "a_kind_that_only_bpf_shows_is_0_with_it", "", { .bpf = true }, NS_NET, ".queue 0" },

	/* A kind that this kernel cannot show is unknown, not 0. */
	{ "listns", "", { .limitations = LIMITATION_LISTNS }, NS_NET,
		".kernel -, .fd 0, complete 1" },
	{ "pidfd", "", { .limitations = LIMITATION_PIDFD }, NS_NET,
		".socket -, .tun -, .fd 0, complete 1" },
	{ "ring_files", "", { .limitations = LIMITATION_RING_FILES }, NS_NET,
		".uring -, .fd 0, complete 1" },
	{ "mnt_walk", "", { .limitations = LIMITATION_MNT_WALK }, NS_NET,
		".mount -, .fd 0, complete 1" },
	{ "statmount", "", { .limitations = LIMITATION_STATMOUNT }, NS_NET,
		".mount -, .fd 0, complete 1" },

	/* Only kinds that can hold a type: user_namespaces(7), pid_namespaces(7), unshare(2). */
	{ "net", "", { 0 }, NS_NET,
		".socket 0, .tun 0, .owned -, .child -, .zombie -, .children -, .thread 0" },
	{ "user", "", { 0 }, NS_USER, ".owned 0, .child 0, .zombie 0, .thread -" },
	{ "pid", "", { 0 }, NS_PID, ".child 0, .zombie 0, .children 0" },
	{ "time", "", { 0 }, NS_TIME, ".children 0, .thread -" },
	{ "uts", "", { 0 }, NS_UTS, ".socket -, .fd 0" },
};

static void assert_sample(const char *name, enum nstype type, const char *sample)
{
	const char *of = strf("type=\"%s\"", nstype_info(type)->name), *start;
	int key = (int)strcspn(sample, " ");

	if (sample[0] != '.')
		start = strf("nsls_%.*s%s", key, sample,
			!strncmp(sample, "complete", (size_t)key) ? "" : strf("{%s}", of));
	else if (key > 1)
		start = strf("nsls_holders{%s,kind=\"%.*s\"}", of, key - 1, sample + 1);
	else
		start = strf("nsls_holders{%s", of);
	if (sample[key + 1] == '-' ? strstr(text, start) != NULL
				   : !has(strf("%s%s", start, sample + key)))
		fail_msg("%s: not '%s' in:\n%s", name, sample, text);
}

TEST(only_known_numbers_have_samples)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		hand_tear_down(NULL);
		hand_set_up(NULL);
		hand_build(cases[i].model);
		report = cases[i].report;
		print_types(1u << cases[i].type);
		for (EACH_WORD(sample, cases[i].samples, ", "))
			assert_sample(cases[i].name, cases[i].type, sample);
	}
}

TEST(usage_without_users_is_0_unless_it_is_a_lower_bound)
{
	select_types(1u << NS_NET);
	print();
	assert_lines("nsls_namespaces_used_max{type=\"net\"} 0");
	rows.at[0].usage_is_bound = true;
	print();
	assert_no_samples("nsls_namespaces_used_max{");
	rows.at[0].usage = &(struct usage){ .type = NS_NET, .uid = 1000, .count = 3 };
	print();
	assert_lines("nsls_namespaces_used_max{type=\"net\"} 3");
}

TEST(only_selected_types_have_samples)
{
	hand_held(NS_NET, 5);
	hand_held(NS_USER, 6);
	print_types(1u << NS_NET);
	assert_lines("nsls_holders{type=\"net\",kind=\"kernel\"} 1");
	assert_no_samples("type=\"user\"");
}

TEST(errors_are_counted_by_source_without_those_of_vanished_processes)
{
	report.errors[SOURCE_FDS] = (struct source_errors){ .vanished = 9, .denied = 2, .odd = 1 };
	report.timed_out = 4;
	print_types(1u << NS_NET);
	assert_lines("nsls_unreadable{source=\"fds\"} 3", "nsls_unreadable{source=\"mounts\"} 0",
		"nsls_timed_out 4", "nsls_complete 0");
}
