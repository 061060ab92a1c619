// SPDX-License-Identifier: MIT
/* The honest line: when there is one, and what it says. */
#include "nsls/report.h"

#include "small_world.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *text;

static int tear_down(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static void print(const struct scan_report *report, bool gaps)
{
	size_t len;
	FILE *err;

	free(text);
	err = open_memstream(&text, &len);
	report_print(report, gaps, err);
	fclose(err);
}

/* The line, less the advice that only others than root get. */
static void assert_says(const struct scan_report *report, const char *expected)
{
	char *advice;

	assert_true(report_is_incomplete(report));
	print(report, false);
	advice = strstr(text, "; root sees more");
	if (advice)
		memmove(advice, advice + strlen("; root sees more"),
			strlen(advice + strlen("; root sees more")) + 1);
	assert_string_equal(text, expected);
}

static void a_complete_answer_says_nothing(void **state)
{
	struct scan_report report = { 0 };

	(void)state;
	assert_false(report_is_incomplete(&report));
	print(&report, true);
	assert_string_equal(text, "");
}

static void what_vanished_is_no_loss(void **state)
{
	struct scan_report report = { 0 };

	(void)state;
	for (enum source s = 0; s < SOURCE_COUNT; s++)
		report.trouble[s].vanished = 5;
	assert_false(report_is_incomplete(&report));
	print(&report, false);
	assert_string_equal(text, "");
}

static void every_source_alone_makes_it_incomplete(void **state)
{
	(void)state;
	for (enum source s = 0; s < SOURCE_COUNT; s++) {
		struct scan_report report = { 0 };

		report.trouble[s].denied = 1;
		assert_true(report_is_incomplete(&report));
		report = (struct scan_report){ 0 };
		report.trouble[s].odd = 1;
		assert_true(report_is_incomplete(&report));
		print(&report, false);
		assert_non_null(strstr(text, source_info(s)->unread));
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	}
}

static void refusals_are_summed_up_by_source(void **state)
{
	struct scan_report report = { 0 };

	(void)state;
	report.trouble[SOURCE_PROCESSES].denied = 1;
	assert_says(&report, "nsls: incomplete: could not read namespaces of 1 process "
			     "(permission denied)\n");
	report.trouble[SOURCE_PROCESSES].denied = 2;
	report.trouble[SOURCE_PROCESSES].odd = 3;
	assert_says(&report, "nsls: incomplete: could not read namespaces of 5 processes "
			     "(permission denied)\n");
}

static void several_sources_share_the_line(void **state)
{
	struct scan_report report = { 0 };

	(void)state;
	report.trouble[SOURCE_PROCESSES].denied = 2;
	report.trouble[SOURCE_FDS].denied = 7;
	print(&report, false);
	assert_non_null(strstr(text, "nsls: incomplete: could not read namespaces of 2 processes, "
				     "descriptors of 7 processes ("));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void oddities_are_not_blamed_on_permission(void **state)
{
	struct scan_report report = { 0 };

	(void)state;
	report.trouble[SOURCE_PROCESSES].odd = 2;
	print(&report, false);
	assert_string_equal(text, "nsls: incomplete: could not read namespaces of 2 processes "
				  "(unexpected error)\n");
}

static void hidden_processes_are_incomplete_by_themselves(void **state)
{
	struct scan_report report = { .hidden = true };

	(void)state;
	assert_says(&report, "nsls: incomplete: could not read processes that hidepid hides "
			     "(permission denied)\n");
}

static void root_is_not_told_that_root_sees_more(void **state)
{
	struct scan_report report = { .hidden = true };

	(void)state;
	print(&report, false);
	assert_int_equal(strstr(text, "root sees more") != NULL, geteuid() != 0);
}

static void gaps_are_said_one_a_line_and_only_when_asked_for(void **state)
{
	struct scan_report report = { .gaps = ~0u };
	size_t lines = 0;

	(void)state;
	print(&report, false);
	assert_string_equal(text, "");
	print(&report, true);
	for (const char *c = text; *c; c = strchr(c, '\n') + 1) {
		assert_int_equal(strncmp(c, "nsls: note: ", 12), 0);
		lines++;
	}
	assert_int_equal(lines, 5);
	assert_false(report_is_incomplete(&report));
}

static void every_gap_has_words_of_its_own(void **state)
{
	static const enum scan_gap gaps[] = { SCAN_GAP_LISTNS, SCAN_GAP_MNT_WALK,
		SCAN_GAP_STATMOUNT, SCAN_GAP_PRIVILEGE, SCAN_GAP_FOREIGN };
	static const char *const words[] = { "listns(2)", "6.12", "6.11", "CAP_SYS_ADMIN",
		"not ours" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct scan_report report = { .gaps = gaps[i] };

		print(&report, true);
		assert_non_null(strstr(text, words[i]));
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_complete_answer_says_nothing),
		TEST(what_vanished_is_no_loss),
		TEST(every_source_alone_makes_it_incomplete),
		TEST(refusals_are_summed_up_by_source),
		TEST(several_sources_share_the_line),
		TEST(oddities_are_not_blamed_on_permission),
		TEST(hidden_processes_are_incomplete_by_themselves),
		TEST(root_is_not_told_that_root_sees_more),
		TEST(gaps_are_said_one_a_line_and_only_when_asked_for),
		TEST(every_gap_has_words_of_its_own),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
