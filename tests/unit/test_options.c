// SPDX-License-Identifier: MIT
/* Every option by its table, how options are told from each other, and what excludes what. */
#include "options_fixture.h"

#include "nsls/scan.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TEST_FIXTURE(options_set_up, options_tear_down);

TEST(nothing_is_the_list_of_all_from_all_sources)
{
	assert_parses("");
	assert_int_equal(options.action, ACTION_SHOW);
	assert_int_equal(options.sources, SOURCES_ALL);
	assert_int_equal(options.types, 0);
	assert_int_equal(options.tree, TREE_NONE);
	assert_int_equal(options.color, COLOR_AUTO);
	assert_string_equal(options.procfs, "/proc");
	assert_int_equal(options.nnamespaces, 0);
}

/* By whichever word, the flag of row i is set and no other. */
static void assert_sets_one_flag(const char *word, size_t i)
{
	assert_parses(word);
	for (size_t k = 0; k < options_count; k++)
		if (options_table[k].flag &&
			*(bool *)((char *)&options + options_table[k].flag) != (k == i))
			fail_msg("%s and the flag of --%s", word, options_table[k].name);
}

TEST(every_flag_has_a_field_of_its_own)
{
	char word[64];

	for (size_t i = 0; i < options_count; i++) {
		if (!options_table[i].flag)
			continue;
		snprintf(word, sizeof(word), "--%s", options_table[i].name);
		assert_sets_one_flag(word, i);
		snprintf(word, sizeof(word), "-%c", options_table[i].letter);
		if (options_table[i].letter)
			assert_sets_one_flag(word, i);
	}
}

TEST(every_option_has_one_effect_and_a_name_of_its_own)
{
	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *a = &options_table[i];

		assert_int_equal(!!a->flag + !!a->action + !!a->parse, 1);
		assert_true(!a->help || strlen(a->help) > 0);
		assert_true(!a->parse == !a->arg);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(a->name, options_table[k].name);
			assert_true(!a->letter || a->letter != options_table[k].letter);
		}
	}
}

TEST(an_option_that_wants_a_word_says_so)
{
	char line[64], word[64];

	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *info = &options_table[i];

		if (!info->arg || info->arg_optional)
			continue;
		snprintf(line, sizeof(line), "-l|--%s", info->name);
		snprintf(word, sizeof(word), "option '--%s' requires an argument", info->name);
		assert_refuses(line, word);
		if (!info->letter)
			continue;
		snprintf(line, sizeof(line), "-l%c", info->letter);
		snprintf(word, sizeof(word), "option '-%c' requires an argument", info->letter);
		assert_refuses(line, word);
	}
}

TEST(an_option_that_takes_no_word_refuses_one)
{
	char line[64], word[64];

	for (size_t i = 0; i < options_count; i++) {
		if (options_table[i].arg)
			continue;
		snprintf(line, sizeof(line), "--%s=x", options_table[i].name);
		snprintf(word, sizeof(word), "option '--%s' doesn't take an argument",
			options_table[i].name);
		assert_refuses(line, word);
	}
}

TEST(what_may_be_several_options_is_called_so)
{
	assert_refuses("--no", "ambiguous option '--no'");
	assert_refuses("--n=x", "ambiguous option '--n");
	assert_refuses("--nothing", "unknown option '--nothing'");
	assert_refuses("-Z", "unknown option '-Z'");
	assert_parses("--noh");
	assert_true(options.noheadings);
}

TEST(what_is_quoted_is_escaped)
{
	assert_refuses("-t|\033[31m", "unknown type '\\x1b[31m'");
	assert_refuses("--f\033x", "unknown option '--f\\x1bx'");
	assert_refuses("--procfs|", "requires a directory");
}

TEST(a_wrong_letter_is_named_whole)
{
	static const char *const lines[] = { "-é", "-s|-lé", "-lé|-s", "-s|-lés", "x|-lé|y",
		"-l|-sé", "-oé|-é", "-é|-ü", "x|y|-Jlé" };
	const struct {
		const char *line, *word;
	} bytes[] = { { "-\xc3", "'-\\xc3'" }, { "-s|-l\xc3", "'-\\xc3'" },
		{ "-l\xff\xfe|-s", "'-\\xff'" }, { "-l\033", "'-\\x1b'" },
		{ "-\xe2\x80\xaex", "'-\\xe2\\x80\\xae'" } };

	setlocale(LC_ALL, "C.UTF-8");
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_refuses(lines[i], "unknown option '-é'");
	for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++)
		assert_refuses(bytes[i].line, bytes[i].word);
	assert_refuses("-s|--lé=ü", "unknown option '--lé=ü'");
	setlocale(LC_ALL, "C");
	assert_refuses("-s|-lé", "unknown option '-\\xc3\\xa9'");
	setlocale(LC_ALL, "C.UTF-8");
}

TEST(operands_stand_anywhere_and_behind_two_dashes)
{
	assert_parses("4|-J|net:[5]|--|-l|--");
	assert_true(options.json);
	assert_false(options.list);
	assert_int_equal(options.nnamespaces, 4);
	assert_string_equal(options.namespaces[2], "-l");
	assert_string_equal(options.namespaces[3], "--");
}

static bool is_option_or_operand(const char *word, size_t len)
{
	for (size_t i = 0; i < options_count; i++)
		if (strlen(options_table[i].name) == len &&
			!strncmp(options_table[i].name, word, len))
			return true;
	return len == strlen("NAMESPACE") && !strncmp(word, "NAMESPACE", len);
}

TEST(excluded_options_exist)
{
	for (size_t i = 0; i < options_count; i++) {
		const char *word = options_table[i].excludes;

		for (; word && *word; word += strspn(word, " ")) {
			size_t len = strcspn(word, " ");

			if (!is_option_or_operand(word, len))
				fail_msg("--%s excludes '%s'", options_table[i].name, word);
			word += len;
		}
	}
}

TEST(actions_are_taken)
{
	assert_parses("-h");
	assert_int_equal(options.action, ACTION_HELP);
	assert_parses("--version");
	assert_int_equal(options.action, ACTION_VERSION);
	assert_parses("-H");
	assert_int_equal(options.action, ACTION_COLUMNS);
}

TEST(what_excludes_each_other_is_named_both)
{
	static const char *const lines[][3] = {
		{ "-l|-T", "--list", "--tree" },
		{ "-s|-Ttype", "--summary", "--tree" },
		{ "-s|net:[5]", "--summary", "NAMESPACE" },
		{ "-p|5|net:[5]", "--task", "NAMESPACE" },
		{ "-J|-r", "--json", "--raw" },
		{ "-r|-T", "--raw", "--tree" },
		{ "-oNS|--output-all", "--output", "--output-all" },
		{ "-c|-q", "--count", "--quiet" },
		{ "--metrics|-l", "--metrics", "--list" },
		{ "--metrics|-T", "--metrics", "--tree" },
		{ "--metrics|-s", "--metrics", "--summary" },
		{ "--metrics|-C", "--metrics", "--containers" },
		{ "--metrics|-J", "--metrics", "--json" },
		{ "--metrics|-r", "--metrics", "--raw" },
		{ "--metrics|-oNS", "--metrics", "--output" },
		{ "--metrics|--output-all", "--metrics", "--output-all" },
		{ "--metrics|-c", "--metrics", "--count" },
		{ "--metrics|-q", "--metrics", "--quiet" },
		{ "--metrics|-p5", "--metrics", "--task" },
		{ "--metrics|--of=x", "--metrics", "--of" },
		{ "--metrics|-P", "--metrics", "--persistent" },
		{ "--metrics|--kind=fd", "--metrics", "--kind" },
		{ "--metrics|-Qx", "--metrics", "--filter" },
		{ "--metrics|--scan=fds", "--metrics", "--scan" },
		{ "--metrics|net:[5]", "--metrics", "NAMESPACE" },
		{ "--monitor|-l", "--monitor", "--list" },
		{ "--monitor|-T", "--monitor", "--tree" },
		{ "--monitor|-s", "--monitor", "--summary" },
		{ "--monitor=5|-C", "--monitor", "--containers" },
		{ "--monitor|-r", "--monitor", "--raw" },
		{ "--monitor|-oNS", "--monitor", "--output" },
		{ "--monitor|--output-all", "--monitor", "--output-all" },
		{ "-c|--monitor", "--monitor", "--count" },
		{ "-q|--monitor", "--monitor", "--quiet" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_refuses(lines[i][0], lines[i][1]);
		assert_non_null(strstr(message, lines[i][2]));
		assert_non_null(strstr(message, "are mutually exclusive"));
	}
}

TEST(parsing_again_starts_anew)
{
	assert_parses("4|-J|5");
	assert_parses("-l");
	assert_false(options.json);
	assert_int_equal(options.nnamespaces, 0);
}

TEST(help_names_every_option_and_the_columns_every_column)
{
	char *text = NULL, word[64];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_parses("");
	options_print_help(out);
	options_print_columns(&options, out);
	fclose(out);
	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *info = &options_table[i];

		snprintf(word, sizeof(word), "--%s", info->name);
		assert_int_equal(!!strstr(text, word), !!info->help);
	}
	assert_non_null(strstr(text, "-t, --type LIST"));
	assert_non_null(strstr(text, "-T, --tree[=TREE]"));
	assert_non_null(strstr(text, "\n  NPROCS "));
	assert_non_null(strstr(text, "\n  KIND "));
	assert_non_null(strstr(text, "\n  USE% "));
	free(text);
}
