// SPDX-License-Identifier: MIT
/* What a filter may consist of, before libsmartcols parses it. */
#include "../test.h"

#include "nsls/view.h"

TEST(everything_that_the_language_has_is_accepted)
{
	char *error;

	for (EACH_TEXT(expression, "", "NAME", "NPROCS > 0 && NPROCS<=5||!(TYPE == \"net\")",
		     "not A and (B OR C) eq 5",
		     "USE% >= 12.5 && NAME =~ 'a|b-[0-9]$' && NAME !~ \"^x\\\\.y\"",
		     "A == 5K || A == 5MiB || A == 007", "\tA:B.C/D-E_2\n",
		     "NAME == '\xc3\xa9\x01\"' and INITIAL == true"))
		if (filter_check(expression, &error) != 0)
			fail_msg("%s: %s", expression, error);
}

TEST(what_the_language_lacks_is_rejected_with_what_may_be_meant)
{
	static const struct {
		const char *expression, *error;
	} cases[] = {
		{ "NPROCS > -1", "bad filter at '-1': no number is negative" },
		{ "NPROCS = 1", "bad filter at '=': '==' compares" },
		{ "A > 1 & B > 2", "bad filter at '&': '&&' means and" },
		{ "A > 1 |B > 2", "bad filter at '|B': '||' means or" },
		{ "NAME == \"a b", "bad filter at '\"a': this quote is not closed" },
		{ "NAME == 'a\nb'", "bad filter at ''a': this quote is not closed" },
		{ "NAME == /run/x y", "bad filter at '/run/x': text has to be in quotes" },
		{ "A == 1.", "bad filter at '.': text has to be in quotes" },
		{ "A + 1", "bad filter at '+': text has to be in quotes" },
		{ "\xc3\xa9", "bad filter at '\xc3\xa9': text has to be in quotes" },
		{ "A) || (B", "bad filter at ')': nothing is open that this could close" },
		{ "(A", "bad filter: a ')' is missing" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *error = NULL;

		assert_int_equal(filter_check(cases[i].expression, &error), -EINVAL);
		assert_string_equal(error, cases[i].error);
		free(error);
	}
}
