// SPDX-License-Identifier: MIT
/* The line about an incomplete answer: when there is one, and its text. */
#include "../../src/cli/internal.h"

#include "hand_model.h"

#include <linux/capability.h>

static char *text;

static void print(bool limitations)
{
	FILE *err = test_stream();

	warn_incomplete(&report, limitations, err);
	text = test_stream_close(err);
}

static void assert_message(const char *name, const char *expected)
{
	if (report_is_complete(&report) != !*expected)
		fail_msg("%s: complete or not", name);
	print(false);
	if (strcmp(text, *expected ? strf("nsls: incomplete: %s\n", expected) : "") != 0)
		fail_msg("%s: expected '%s', but got '%s'", name, expected, text);
}

TEST_FIXTURE(hand_set_up, hand_tear_down);

#define LACKS_ALL                                                                                  \
	(1u << CAP_SYS_PTRACE | 1u << CAP_DAC_READ_SEARCH | 1u << CAP_NET_ADMIN |                  \
		1u << CAP_SYS_ADMIN)

static const struct {
	const char *name;
	struct report report;
	const char *message; /* "": the answer is complete */
} cases[] = {
	{ "complete_answer_has_no_reasons", { 0 }, "" },
	{ "pid_namespace_that_can_not_be_identified", { .new_pidns = 1 },
		"could not identify 1 PID namespace without a first process" },
	{ "pid_namespaces_that_can_not_be_identified", { .new_pidns = 5 },
		"could not identify 5 PID namespaces without a first process" },
	{ "one_refusal", { .errors[SOURCE_PROCESSES] = { .denied = 1 } },
		"could not read namespaces of 1 process (permission denied)" },
	{ "refusals_are_summed_up_by_source", { .errors[SOURCE_PROCESSES] = { .denied = 5 } },
		"could not read namespaces of 5 processes (permission denied)" },
	{ "several_sources_share_the_line",
		{ .errors = { [SOURCE_PROCESSES] = { .denied = 2 },
			  [SOURCE_FDS] = { .denied = 7 } } },
		"could not read namespaces of 2 processes (permission denied); could not read "
		"descriptors of 7 processes (permission denied)" },
	{ "odd_errors_are_not_reported_as_missing_permission",
		{ .errors[SOURCE_PROCESSES] = { .odd = 2 } },
		"could not read namespaces of 2 processes (not as described in proc(5))" },
	{ "process_that_timed_out", { .timed_out = 1 }, "timed out reading 1 process" },
	{ "processes_that_timed_out_are_counted", { .timed_out = 2 },
		"timed out reading 2 processes" },
	{ "denied_process_names_the_missing_capability",
		{ .lacks = LACKS_ALL, .errors[SOURCE_PROCESSES] = { .denied = 1 } },
		"could not read namespaces of 1 process (permission denied); missing: "
		"CAP_SYS_PTRACE" },
	{ "hidden_processes_name_the_missing_capability",
		{ .lacks = LACKS_ALL, .limitations = LIMITATION_HIDEPID },
		"this procfs hides processes of other users (hidepid); missing: CAP_SYS_PTRACE" },
	{ "denied_descriptors_name_the_missing_capabilities",
		{ .lacks = LACKS_ALL, .errors[SOURCE_FDS] = { .denied = 1 } },
		"could not read descriptors of 1 process (permission denied); missing: "
		"CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH" },
	{ "denied_sockets_name_the_missing_capabilities",
		{ .lacks = LACKS_ALL, .errors[SOURCE_SOCKETS] = { .denied = 1 } },
		"could not read sockets of 1 process (permission denied); missing: "
		"CAP_SYS_PTRACE, CAP_NET_ADMIN" },
	{ "short_list_of_the_kernel_names_the_missing_capability",
		{ .lacks = LACKS_ALL, .limitations = LIMITATION_PRIVILEGE },
		"the kernel lists only our own namespaces; missing: CAP_SYS_ADMIN" },
	{ "in_a_user_namespace_the_line_names_the_one_that_capabilities_are_missing_in",
		{ .lacks = LACKS_ALL, .in_userns = true, .limitations = LIMITATION_PRIVILEGE },
		"the kernel lists only our own namespaces; missing: CAP_SYS_ADMIN in the initial "
		"user namespace (nsls is in another one)" },
	{ "a_capability_that_nsls_has_is_not_missing",
		{ .lacks = 1u << CAP_SYS_ADMIN, .errors[SOURCE_PROCESSES] = { .denied = 1 } },
		"could not read namespaces of 1 process (permission denied)" },
	{ "a_missing_capability_that_would_show_nothing_is_not_named",
		{ .lacks = LACKS_ALL, .timed_out = 1 }, "timed out reading 1 process" },
};

TEST(the_line_names_what_is_missing)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		report = cases[i].report;
		assert_message(cases[i].name, cases[i].message);
	}
}

TEST(what_vanished_is_no_loss)
{
	for (enum source s = 0; s < SOURCE_COUNT; s++)
		report.errors[s].vanished = 5;
	assert_message("vanished", "");
	print(true);
	assert_string_equal(text, "");
}

TEST(every_source_alone_makes_it_incomplete)
{
	for (enum source s = 0; s < SOURCE_COUNT; s++)
		for (unsigned denied = 0; denied < 2; denied++) {
			report = (struct report){ 0 };
			report.errors[s] =
				(struct source_errors){ .denied = denied, .odd = !denied };
			assert_false(report_is_complete(&report));
			print(false);
			assert_contains(text, source_info[s].unreadable,
				denied ? "(permission denied)\n"
				       : "(not as described in proc(5))\n");
			assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		}
}

TEST(up_to_three_processes_are_named_by_their_lowest_pids)
{
	report_timed_out(&report, 9);
	report_timed_out(&report, 5);
	report_timed_out(&report, 7);
	strcpy(report.examples[SOURCE_COUNT].at[1].name, "x\n|");
	assert_message("three", "timed out reading 3 processes: PID 5, "
				"7 (x\\x0a|), 9");
	report_timed_out(&report, 0);
	report_timed_out(&report, 3);
	report_timed_out(&report, 7);
	assert_message("three", "timed out reading 6 processes, such as PID 3, "
				"5, 7 (x\\x0a|)");
}

TEST(processes_of_which_nothing_can_be_read_are_named_once)
{
	report_count(&report, SOURCE_PROCESSES, -EACCES, 7);
	report_count(&report, SOURCE_THREADS, -EACCES, 7);
	report_count(&report, SOURCE_FDS, -EACCES, 7);
	report_count(&report, SOURCE_FDS, -EACCES, 8);
	report_count(&report, SOURCE_FDS, -ESRCH, 1);
	report_count(&report, SOURCE_SOCKETS, -EACCES, 7);
	report_count(&report, SOURCE_SOCKETS, -EACCES, 0);
	assert_message("once",
		"could not read namespaces of 1 process (permission denied): "
		"PID 7; could not read threads of 1 process (permission denied); could not read "
		"descriptors of 2 processes (permission denied): PID 7, 8; could not read sockets "
		"of 2 processes (permission denied), such as PID 7");
}

TEST(unreadable_processes_are_those_without_namespaces)
{
	report = (struct report){ .limitations = LIMITATION_PRIVILEGE | LIMITATION_ROOTS |
						 LIMITATION_SELF };
	report.errors[SOURCE_FDS].denied = 7;
	report.errors[SOURCE_PROCESSES].vanished = 7;
	assert_int_equal(report_unreadable_processes(&report), 0);
	report.errors[SOURCE_PROCESSES].denied = 1;
	report.errors[SOURCE_PROCESSES].odd = 2;
	report.timed_out = 4;
	assert_int_equal(report_unreadable_processes(&report), 7);
}

TEST(hidden_processes_of_unknown_number_are_not_counted)
{
	static const enum report_limitation hiding[] = { LIMITATION_FOREIGN, LIMITATION_PIDNS,
		LIMITATION_HIDEPID, LIMITATION_TURNOVER };

	report.no_members = true;
	assert_int_equal(report_unreadable_processes(&report), SIZE_MAX);
	for (size_t i = 0; i < COUNT(hiding); i++) {
		report = (struct report){ .limitations = hiding[i] };
		assert_int_equal(report_unreadable_processes(&report), SIZE_MAX);
	}
}

/* What hides something makes the answer incomplete; what the kernel lacks is a note on request. */
TEST(each_limitation_is_a_reason_or_a_note)
{
	static const unsigned hiding = LIMITATION_MOVED | LIMITATION_PRIVILEGE |
				       LIMITATION_FOREIGN | LIMITATION_PIDNS | LIMITATION_HIDEPID |
				       LIMITATION_SELF | LIMITATION_ROOTS | LIMITATION_TURNOVER;
	static const unsigned lacking =
		LIMITATION_LISTNS | LIMITATION_MNT_WALK | LIMITATION_STATMOUNT | LIMITATION_PIDFD;

	for (unsigned bit = 1; bit; bit <<= 1) {
		const char *start = bit & hiding ? "nsls: incomplete: " : "nsls: note: ";

		if (!(bit & (hiding | lacking)))
			continue;
		report = (struct report){ .limitations = bit };
		assert_int_equal(report_is_complete(&report), !(bit & hiding));
		print(false);
		assert_int_equal(!*text, !(bit & hiding));
		print(true);
		assert_memory_equal(text, start, strlen(start));
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	}
}
