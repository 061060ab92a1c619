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

static void assert_message(const char *expected)
{
	print(false);
	assert_string_equal(text, *expected ? strf("nsls: incomplete: %s\n", expected) : "");
	if (report_is_complete(&report) != !*expected)
		fail_msg("complete or not: '%s'", expected);
}

TEST_FIXTURE(hand_set_up, hand_tear_down);

#define LACKS_ALL                                                                                  \
	(1u << CAP_SYS_PTRACE | 1u << CAP_DAC_READ_SEARCH | 1u << CAP_NET_ADMIN |                  \
		1u << CAP_SYS_ADMIN)

static const struct {
	struct report report;
	const char *message; /* "": the answer is complete */
} cases[] = {
	{ { 0 }, "" },
	{ { .new_pidns = 1 }, "could not identify 1 PID namespace without a first process" },
	{ { .new_pidns = 5 }, "could not identify 5 PID namespaces without a first process" },
	{ { .errors = { [SOURCE_PROCESSES] = { .denied = 2 }, [SOURCE_FDS] = { .denied = 7 } } },
		"could not read namespaces of 2 processes (permission denied); could not read "
		"descriptors of 7 processes (permission denied)" },
	/* Odd errors are not reported as missing permission. */
	{ { .errors[SOURCE_PROCESSES] = { .odd = 2 } },
		"could not read namespaces of 2 processes (not as described in proc(5))" },
	{ { .timed_out = 2 }, "timed out reading 2 processes" },
	/* What is denied or hidden names the missing capabilities. */
	{ { .lacks = LACKS_ALL, .errors[SOURCE_PROCESSES] = { .denied = 1 } },
		"could not read namespaces of 1 process (permission denied); missing: "
		"CAP_SYS_PTRACE" },
	{ { .lacks = LACKS_ALL, .limitations = LIMITATION_HIDEPID },
		"this procfs hides processes of other users (hidepid); missing: CAP_SYS_PTRACE" },
	{ { .lacks = LACKS_ALL, .errors[SOURCE_FDS] = { .denied = 1 } },
		"could not read descriptors of 1 process (permission denied); missing: "
		"CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH" },
	{ { .lacks = LACKS_ALL, .errors[SOURCE_SOCKETS] = { .denied = 1 } },
		"could not read sockets of 1 process (permission denied); missing: "
		"CAP_SYS_PTRACE, CAP_NET_ADMIN" },
	{ { .lacks = LACKS_ALL, .limitations = LIMITATION_PRIVILEGE },
		"the kernel lists only our own namespaces; missing: CAP_SYS_ADMIN" },
	/* In a user namespace the line names the one that they are missing in. */
	{ { .lacks = LACKS_ALL, .in_userns = true, .limitations = LIMITATION_PRIVILEGE },
		"the kernel lists only our own namespaces; missing: CAP_SYS_ADMIN in the initial "
		"user namespace (nsls is in another one)" },
	/* A capability that nsls has is not missing. */
	{ { .lacks = 1u << CAP_SYS_ADMIN, .errors[SOURCE_PROCESSES] = { .denied = 1 } },
		"could not read namespaces of 1 process (permission denied)" },
	/* One that would show nothing is not named. */
	{ { .lacks = LACKS_ALL, .timed_out = 1 }, "timed out reading 1 process" },
};

TEST(the_line_names_what_is_missing)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		report = cases[i].report;
		assert_message(cases[i].message);
	}
}

TEST(what_vanished_is_no_loss)
{
	for (enum source s = 0; s < SOURCE_COUNT; s++)
		report.errors[s].vanished = 5;
	assert_message("");
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
	assert_message("timed out reading 3 processes: PID 5, 7 (x\\x0a|), 9");
	report_timed_out(&report, 0);
	report_timed_out(&report, 3);
	report_timed_out(&report, 7);
	assert_message("timed out reading 6 processes, such as PID 3, 5, 7 (x\\x0a|)");
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
	assert_message(
		"could not read namespaces of 1 process (permission denied): PID 7; could not read "
		"threads of 1 process (permission denied); could not read "
		"descriptors of 2 processes (permission denied): PID 7, 8; could not read sockets "
		"of 2 processes (permission denied), such as PID 7");
}

TEST(unreadable_processes_are_those_without_namespaces)
{
	report.limitations = LIMITATION_PRIVILEGE | LIMITATION_ROOTS | LIMITATION_SELF;
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
