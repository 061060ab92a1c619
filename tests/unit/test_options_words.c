// SPDX-License-Identifier: MIT
/* The words that options take: what each means, which are refused, and how that is said. */
#include "options_fixture.h"

#include <stdio.h>
#include <string.h>

/* Refuses each of the bad words, quotes it, and says the hint. */
static void assert_none_of(const char *option, const char *const *bad, size_t n, const char *hint)
{
	char line[64], quoted[64];

	for (size_t i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "%s%s", option, bad[i]);
		snprintf(quoted, sizeof(quoted), "'%s'", bad[i]);
		assert_refuses(line, quoted);
		assert_non_null(strstr(message, hint));
	}
}

TEST_FIXTURE(options_set_up, options_tear_down);

TEST(a_color_mode_may_follow_as_a_word_of_its_own)
{
	assert_parses("--color|never");
	assert_int_equal(options.color, COLOR_NEVER);
	assert_int_equal(options.nnamespaces, 0);
	assert_parses("--color|/proc/1/ns/net");
	assert_int_equal(options.color, COLOR_ALWAYS);
	assert_int_equal(options.nnamespaces, 1);
}

TEST(options_with_a_word_take_it_in_every_way)
{
	static const char *const ways[] = { "-o|NS", "-oNS", "--output|NS", "--output=NS",
		"--output|PID|-oNS" };

	for (size_t i = 0; i < 5; i++) {
		assert_parses(ways[i]);
		assert_string_equal(options.output, "NS");
	}
	assert_parses("-Q|NS > 1");
	assert_string_equal(options.filter, "NS > 1");
	assert_parses("--procfs|/x y");
	assert_string_equal(options.procfs, "/x y");
}

TEST(types_add_up_and_sources_replace)
{
	assert_parses("-t|net|--type=uts,pid");
	assert_int_equal(options.types, 1u << NS_NET | 1u << NS_UTS | 1u << NS_PID);
	assert_parses("-t|mount,network");
	assert_int_equal(options.types, 1u << NS_MNT | 1u << NS_NET);
	assert_parses("--scan|fds,mounts");
	assert_int_equal(options.sources, 1u << SOURCE_FDS | 1u << SOURCE_MOUNTS);
	assert_parses("--scan|fds|--scan|threads");
	assert_int_equal(options.sources, 1u << SOURCE_THREADS);
	for (enum source s = 0; s < SOURCE_COUNT; s++) {
		char line[32];

		snprintf(line, sizeof(line), "--scan=%s", source_info(s)->name);
		assert_parses(line);
		assert_int_equal(options.sources, 1u << s);
	}
}

TEST(processes_add_up)
{
	assert_parses("-J");
	assert_int_equal(options.nprocesses, 0);
	assert_parses("-p|5|-lp7|--task=5|--task|1");
	assert_int_equal(options.nprocesses, 4);
	assert_int_equal(options.processes[0], 5);
	assert_int_equal(options.processes[1], 7);
	assert_int_equal(options.processes[2], 5);
	assert_int_equal(options.processes[3], 1);
	assert_refuses("-p|5|-p|x", "invalid PID 'x'");
	assert_parses("-p|5,7|-p6");
	assert_int_equal(options.nprocesses, 3);
	assert_int_equal(options.processes[1], 7);
	assert_refuses("-p|5,,7", "invalid PID ''");
	assert_refuses("-p|5,7x", "invalid PID '7x'");
}

TEST(owners_add_up)
{
	assert_parses("--of|blue|-C|--of=nginx.service");
	assert_int_equal(options.nof, 2);
	assert_string_equal(options.of[0], "blue");
	assert_string_equal(options.of[1], "nginx.service");
	assert_true(options.containers);
}

TEST(kinds_add_up)
{
	assert_parses("--kind|fd,mount|--kind=process");
	assert_int_equal(
		options.kinds, 1u << HOLDER_FD | 1u << HOLDER_MOUNT | 1u << HOLDER_PROCESS);
}

TEST(a_tree_is_owner_unless_named)
{
	assert_parses("-T");
	assert_int_equal(options.tree, TREE_OWNER);
	for (enum tree tree = TREE_TYPE; tree < TREE_COUNT; tree++) {
		static const char *const ways[] = { "-T", "-T=", "-T|", "--tree=", "--tree|" };

		for (size_t i = 0; i < 5; i++) {
			char line[32];

			snprintf(line, sizeof(line), "%s%s", ways[i], tree_name(tree));
			assert_parses(line);
			assert_int_equal(options.tree, tree);
			assert_int_equal(options.nnamespaces, 0);
		}
	}
}

TEST(a_word_behind_the_tree_that_is_no_tree_is_refused)
{
	assert_refuses(
		"-T|bogus", "unknown tree 'bogus'; the trees are type, owner, parent, process");
	assert_refuses("-lT|bogus", "unknown tree 'bogus'");
	assert_refuses("--tree|owners|-J", "unknown tree 'owners'");
	assert_refuses("-T|5x", "unknown tree '5x'");
	assert_refuses("-T|", "unknown tree ''");
	assert_parses("-T|-J");
	assert_int_equal(options.tree, TREE_OWNER);
	assert_true(options.json);
	assert_parses("-T|--|bogus");
	assert_int_equal(options.nnamespaces, 1);
}

TEST(a_namespace_behind_the_tree_is_an_operand)
{
	assert_parses("-T|net:[5]");
	assert_int_equal(options.tree, TREE_OWNER);
	assert_int_equal(options.nnamespaces, 1);
	assert_string_equal(options.namespaces[0], "net:[5]");
	assert_parses("-T|./blue");
	assert_string_equal(options.namespaces[0], "./blue");
	assert_parses("4|-T|parent|5");
	assert_int_equal(options.tree, TREE_PARENT);
	assert_int_equal(options.nnamespaces, 2);
	assert_string_equal(options.namespaces[0], "4");
	assert_string_equal(options.namespaces[1], "5");
}

TEST(colors_are_always_auto_or_never)
{
	assert_parses("--color");
	assert_int_equal(options.color, COLOR_ALWAYS);
	assert_parses("--color=always");
	assert_int_equal(options.color, COLOR_ALWAYS);
	assert_parses("--color=never");
	assert_int_equal(options.color, COLOR_NEVER);
	assert_parses("--color=never|--color=auto");
	assert_int_equal(options.color, COLOR_AUTO);
}

TEST(wrong_words_are_named)
{
	static const char *const lines[][2] = {
		{ "--nonsense", "'--nonsense'" },
		{ "--no", "'--no'" }, /* notruncate, noheadings, nowrap */
		{ "-l|--nonsense=5|-J", "'--nonsense=5'" },
		{ "-lZ", "'-Z'" },
		{ "-t|", "''" },
		{ "-t|net,", "''" },
		{ "-t|,net", "''" },
		{ "-t|net,foo,uts", "'foo'" },
		{ "-t|net uts", "'net uts'" },
		{ "-t|NET", "'NET'" },
		{ "-tfoo", "'foo'" },
		{ "--scan|fd", "'fd'" },
		{ "--scan|", "''" },
		{ "--scan=all", "'all'" },
		{ "-p|0", "'0'" },
		{ "-p|-5", "'-5'" },
		{ "-p|05", "'05'" },
		{ "-p|5x", "'5x'" },
		{ "-p|", "''" },
		{ "-p|2147483648", "'2147483648'" },
		{ "-Tfoo", "'foo'" },
		{ "-T=", "''" },
		{ "--tree=", "''" },
		{ "--tree=owners", "'owners'" },
		{ "--color=", "''" },
		{ "--color=blue", "'blue'" },
		{ "-s|--by|users", "'users'" },
		{ "-s|--by=", "''" },
		{ "--by|user", "--by requires --summary" },
		{ "-C|--by|user", "--by requires --summary" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_refuses(lines[i][0], lines[i][1]);
	assert_parses("-p|2147483647");
	assert_int_equal(options.processes[0], 2147483647);
}

TEST(jobs_are_a_number_from_1_to_1024)
{
	static const char *const bad[] = { "", "0", "-1", "1025", "2x", "1.5",
		"18446744073709551617" };

	assert_parses("");
	assert_int_equal(options.jobs, 0);
	assert_parses("--jobs|1");
	assert_int_equal(options.jobs, 1);
	assert_parses("--jobs=2|--jobs=1024");
	assert_int_equal(options.jobs, 1024);
	assert_none_of("--jobs|", bad, sizeof(bad) / sizeof(*bad), "1 to 1024");
}

TEST(timeout_is_seconds_with_decimals)
{
	static const struct {
		const char *word;
		unsigned ms;
	} good[] = { { "2", 2000 }, { "0.5", 500 }, { "1.25", 1250 }, { "0.001", 1 },
		{ "0.0001", 1 }, { "0.0010000", 1 }, { "010.0", 10000 }, { "3600", 3600000 },
		{ "3600.000", 3600000 } };
	static const char *const bad[] = { "", "0", "0.0", "-1", "+1", "1e3", "0x2", "0,5", " 1",
		"1 ", ".", "1.", "1.2.3", "inf", "nan", "3600.0001", "3601",
		"18446744073709551617" };
	char line[64];

	assert_parses("");
	assert_int_equal(options.timeout_ms, 2000);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		snprintf(line, sizeof(line), "--timeout=%s", good[i].word);
		assert_parses(line);
		assert_int_equal(options.timeout_ms, good[i].ms);
	}
	assert_none_of("--timeout|", bad, sizeof(bad) / sizeof(*bad), "seconds");
}

TEST(a_monitor_looks_every_two_seconds_unless_told_otherwise)
{
	static const char *const bad[] = { "", "0", "0.0", "-1", "x", "1s", "86400.1", "86401" };

	assert_parses("");
	assert_int_equal(options.monitor_ms, 0);
	assert_parses("--monitor|-J|-tnet|-P|--of|web|-n");
	assert_int_equal(options.monitor_ms, 2000);
	assert_parses("--monitor=0.001");
	assert_int_equal(options.monitor_ms, 1);
	assert_parses("--monitor=86400");
	assert_int_equal(options.monitor_ms, 86400000);
	assert_parses("--monitor|4026531840");
	assert_int_equal(options.nnamespaces, 1);
	assert_parses("--monitor|5");
	assert_int_equal(options.monitor_ms, 5000);
	assert_int_equal(options.nnamespaces, 0);
	assert_parses("--monitor|0.5|blue");
	assert_int_equal(options.monitor_ms, 500);
	assert_int_equal(options.nnamespaces, 1);
	assert_parses("--monitor|:5");
	assert_int_equal(options.nnamespaces, 1);
	assert_none_of("--monitor=", bad, sizeof(bad) / sizeof(*bad), "seconds");
}
