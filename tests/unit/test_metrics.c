// SPDX-License-Identifier: MIT
/*
 * Metrics of models made by hand. What is unknown has no sample (OpenMetrics 1.0 has no null), and
 * the text is one that the Prometheus text format 0.0.4 allows as well.
 */
#include "render_fixture.h"

static const char *text; /* the last that was printed */

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
	text = strbuf_keep(&out);
}

TEST_FIXTURE(render_set_up, render_tear_down);

TEST(the_whole_text_is_in_both_formats)
{
	hand_build("7 uts:5; fd 7 uts:6");
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
 * "." of any kind; "complete 1", "timed_out 1", and "unreadable:fds 1" of that source.
 */
static const struct {
	const char *model;
	struct report report;
	enum nstype type;
	const char *samples;
} cases[] = {
	/* Without limitations 0 is a fact, and an incomplete scan prints only what was found. */
	{ "", { 0 }, NS_TIME, "namespaces 0, namespaces_persistent 0, members 0, .process 0" },
	{ "", { .limitations = LIMITATION_HIDEPID }, NS_TIME,
		"namespaces -, namespaces_persistent -, members -, . -, complete 0" },
	{ "7 ipc:5", { .errors[SOURCE_PROCESSES] = { .denied = 1 } }, NS_IPC,
		"namespaces 1, members 1, .process 1, .fd -" },
	/* The members of it may be those that could not be read, or were not scanned. */
	{ "kernel net:5", { .errors[SOURCE_PROCESSES] = { .denied = 1 } }, NS_NET,
		"namespaces 1, namespaces_persistent -" },
	{ "kernel net:5", { .no_members = true }, NS_NET, "namespaces_persistent -, members -" },
	/* A limit that could not be read is unknown. */
	{ "", { 0 }, NS_NET, "namespaces_limit -" },
	/* A holder of an unexpected kind is printed, as are those that only BPF shows, with it. */
	{ "zombie 7 net:5", { 0 }, NS_NET, ".zombie 1, .queue -" },
	{ "", { .bpf = true }, NS_NET, ".queue 0" },
	/* Only the selected type is printed. */
	{ "kernel net:5 user:6", { 0 }, NS_NET, ".kernel 1" },
	/* Errors are counted by source, without those of vanished processes. */
	{ "", { .errors[SOURCE_FDS] = { .vanished = 9, .denied = 2, .odd = 1 }, .timed_out = 4 },
		NS_NET, "unreadable:fds 3, unreadable:mounts 0, timed_out 4, complete 0" },

	/* A kind that this kernel cannot show is unknown, not 0. */
	{ "", { .limitations = LIMITATION_LISTNS }, NS_NET, ".kernel -, .fd 0, complete 1" },
	{ "", { .limitations = LIMITATION_PIDFD }, NS_NET, ".socket -, .tun -, .fd 0, complete 1" },
	{ "", { .limitations = LIMITATION_RING_FILES }, NS_NET, ".uring -, .fd 0, complete 1" },
	{ "", { .limitations = LIMITATION_MNT_WALK }, NS_NET, ".mount -, .fd 0, complete 1" },
	{ "", { .limitations = LIMITATION_STATMOUNT }, NS_NET, ".mount -, .fd 0, complete 1" },

	/* Only kinds that can hold a type: user_namespaces(7), pid_namespaces(7), unshare(2). */
	{ "", { 0 }, NS_NET,
		".socket 0, .tun 0, .owned -, .child -, .zombie -, .children -, .thread 0" },
	{ "", { 0 }, NS_USER, ".owned 0, .child 0, .zombie 0, .thread -" },
	{ "", { 0 }, NS_PID, ".child 0, .zombie 0, .children 0" },
	{ "", { 0 }, NS_TIME, ".children 0, .thread -" },
	{ "", { 0 }, NS_UTS, ".socket -, .fd 0" },
};

/* What such a sample begins with. */
static const char *sample_start(const char *key, enum nstype type)
{
	const char *name = nstype_info[type].name, *source = strchr(key, ':');

	if (source)
		return strf("nsls_%.*s{source=\"%s\"}", (int)(source - key), key, source + 1);
	if (!strcmp(key, "complete") || !strcmp(key, "timed_out"))
		return strf("nsls_%s", key);
	if (*key != '.')
		return strf("nsls_%s{type=\"%s\"}", key, name);
	return strf(
		"nsls_holders{type=\"%s\"%s", name, key[1] ? strf(",kind=\"%s\"}", key + 1) : "");
}

static void assert_samples(enum nstype type, const char *samples)
{
	for (EACH_WORD(sample, samples, ", ")) {
		const char *value = strchr(sample, ' ') + 1;
		const char *start =
			sample_start(strf("%.*s", (int)(value - sample) - 1, sample), type);

		if (*value == '-' ? strstr(text, strf("\n%s", start)) != NULL
				  : !strstr(text, strf("\n%s %s\n", start, value)))
			fail_msg("not '%s' of '%s' in:\n%s", sample, samples, text);
	}
}

TEST(only_known_numbers_have_samples)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		hand_tear_down(NULL);
		hand_set_up(NULL);
		hand_build(cases[i].model);
		report = cases[i].report;
		select_types(1u << cases[i].type);
		print();
		assert_samples(cases[i].type, cases[i].samples);
		for (enum nstype other = 0; other < NS_TYPE_COUNT; other++)
			if (other != cases[i].type)
				assert_lacks(text, strf("\"%s\"", nstype_info[other].name));
	}
}

TEST(usage_without_users_is_0_unless_it_is_a_lower_bound)
{
	select_types(1u << NS_NET);
	print();
	assert_samples(NS_NET, "namespaces_used_max 0");
	rows.at[0].usage_is_bound = true;
	print();
	assert_samples(NS_NET, "namespaces_used_max -");
	rows.at[0].usage = &(struct usage){ .type = NS_NET, .uid = 1000, .count = 3 };
	print();
	assert_samples(NS_NET, "namespaces_used_max 3");
}
