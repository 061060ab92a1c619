// SPDX-License-Identifier: MIT
/* Every option by its table, abbreviations, and which options exclude each other. */
#include "options_fixture.h"

#include "run_words.h"

#include "nsls/scan.h"

#include <locale.h>

TEST_FIXTURE(NULL, options_tear_down);

TEST(defaults_list_all_types_from_all_sources)
{
	assert_parses("");
	assert_null(options.action);
	assert_int_equal(options.sources, SOURCES_ALL);
	assert_int_equal(options.types, 0);
	assert_int_equal(options.tree, TREE_NONE);
	assert_int_equal(options.color, COLOR_AUTO);
	assert_string_equal(options.procfs, "/proc");
	assert_int_equal(options.nnamespaces, 0);
}

static bool is_flag(size_t i)
{
	return options_table[i].flag && !options_table[i].parse;
}

/* By whichever word, the flag of row i is set and no other. */
static void assert_sets_one_flag(const char *word, size_t i)
{
	assert_parses(word);
	for (size_t k = 0; k < options_count; k++)
		if (is_flag(k) && *(bool *)((char *)&options + options_table[k].flag) != (k == i))
			fail_msg("%s and the flag of --%s", word, options_table[k].name);
}

TEST(every_flag_has_a_field_of_its_own)
{
	for (size_t i = 0; i < options_count; i++) {
		if (!is_flag(i))
			continue;
		assert_sets_one_flag(strf("--%s", options_table[i].name), i);
		if (options_table[i].letter)
			assert_sets_one_flag(strf("-%c", options_table[i].letter), i);
	}
}

TEST(every_option_has_one_effect_and_a_name_of_its_own)
{
	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *a = &options_table[i];

		assert_int_equal(is_flag(i) + !!a->action + !!a->parse, 1);
		assert_true(!a->help || strlen(a->help) > 0);
		assert_true(!a->parse == !a->arg);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(a->name, options_table[k].name);
			assert_true(!a->letter || a->letter != options_table[k].letter);
		}
	}
}

TEST(an_option_without_its_argument_is_refused)
{
	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *info = &options_table[i];

		if (!info->arg || info->arg_optional)
			continue;
		assert_refuses(strf("-l --%s", info->name),
			strf("option '--%s' requires an argument", info->name));
		if (info->letter)
			assert_refuses(strf("-l%c", info->letter),
				strf("option '-%c' requires an argument", info->letter));
	}
}

TEST(an_argument_that_an_option_does_not_take_is_refused)
{
	for (size_t i = 0; i < options_count; i++)
		if (!options_table[i].arg)
			assert_refuses(strf("--%s=x", options_table[i].name),
				strf("option '--%s' doesn't take an argument",
					options_table[i].name));
}

TEST(an_abbreviation_of_several_options_is_ambiguous)
{
	assert_refuses("--no", "ambiguous option '--no'");
	assert_refuses("--n=x", "ambiguous option '--n");
	assert_refuses("--nothing", "unknown option '--nothing'");
	assert_refuses("-Z", "unknown option '-Z'");
	assert_parses("--noh");
	assert_true(options.noheadings);
}

TEST(quoted_words_are_escaped)
{
	assert_refuses("-t \033[31m", "unknown type '\\x1b[31m'");
	assert_refuses("--f\033x", "unknown option '--f\\x1bx'");
	assert_refuses("--procfs ''", "requires a directory");
}

TEST(a_wrong_letter_is_named_whole)
{
	static const char *const lines[] = { "-é", "-s -lé", "-lé -s", "-s -lés", "x -lé y",
		"-l -sé", "-oé -é", "-é -ü", "x y -Jlé" };
	const struct {
		const char *line, *word;
	} bytes[] = { { "-\xc3", "'-\\xc3'" }, { "-s -l\xc3", "'-\\xc3'" },
		{ "-l\xff\xfe -s", "'-\\xff'" }, { "-l\033", "'-\\x1b'" },
		{ "-\xe2\x80\xaex", "'-\\xe2\\x80\\xae'" } };

	setlocale(LC_ALL, "C.UTF-8");
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_refuses(lines[i], "unknown option '-é'");
	for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++)
		assert_refuses(bytes[i].line, bytes[i].word);
	assert_refuses("-s --lé=ü", "unknown option '--lé=ü'");
	setlocale(LC_ALL, "C");
	assert_refuses("-s -lé", "unknown option '-\\xc3\\xa9'");
	setlocale(LC_ALL, "C.UTF-8");
}

TEST(operands_stand_anywhere_and_behind_two_dashes)
{
	assert_parses("4 -J net:[5] -- -l --");
	assert_true(options.json);
	assert_false(options.list);
	assert_int_equal(options.nnamespaces, 4);
	assert_string_equal(options.namespaces[2], "-l");
	assert_string_equal(options.namespaces[3], "--");
}

static bool is_option_or_operand(const char *word)
{
	bool found = !strcmp(word, "NAMESPACE");

	for (size_t i = 0; i < options_count; i++)
		found |= !strcmp(options_table[i].name, word);
	return found;
}

TEST(excluded_options_exist)
{
	for (size_t i = 0; i < options_count; i++) {
		const char *excludes = options_table[i].excludes ? options_table[i].excludes : "";
		char *argv[WORDS_MAX];

		for (int n = split_words(strf("%s", excludes), argv); n > 0; n--)
			if (!is_option_or_operand(argv[n - 1]))
				fail_msg("--%s excludes '%s'", options_table[i].name, argv[n - 1]);
	}
}

TEST(actions_are_taken)
{
	assert_parses("-h");
	assert_ptr_equal(options.action, options_print_help);
	assert_parses("--version");
	assert_ptr_equal(options.action, options_print_version);
	assert_parses("-H");
	assert_ptr_equal(options.action, options_print_columns);
}

TEST(both_of_two_exclusive_options_are_named)
{
	/* The option, what it excludes, and the name of that where the line has another. */
	static const char *const lines[][4] = {
		{ "--list", "-T", "--tree" },
		{ "--summary", "-Ttype", "--tree" },
		{ "--summary", "net:[5]", "NAMESPACE" },
		{ "--task 5", "net:[5]", "NAMESPACE" },
		{ "--json", "--raw" },
		{ "--raw", "-T", "--tree" },
		{ "--output NS", "--output-all" },
		{ "--count", "--quiet" },
		{ "--metrics", "--list" },
		{ "--metrics", "--tree" },
		{ "--metrics", "--summary" },
		{ "--metrics", "--containers" },
		{ "--metrics", "--json" },
		{ "--metrics", "--raw" },
		{ "--metrics", "-oNS", "--output" },
		{ "--metrics", "--output-all" },
		{ "--metrics", "--count" },
		{ "--metrics", "--quiet" },
		{ "--metrics", "-p5", "--task" },
		{ "--metrics", "--of=x", "--of" },
		{ "--metrics", "--persistent" },
		{ "--metrics", "--kind=fd", "--kind" },
		{ "--metrics", "-Qx", "--filter" },
		{ "--metrics", "--scan=fds", "--scan" },
		{ "--metrics", "net:[5]", "NAMESPACE" },
		{ "--monitor", "--list" },
		{ "--monitor", "--tree" },
		{ "--monitor", "--summary" },
		{ "--monitor=5", "-C", "--containers" },
		{ "--monitor", "--raw" },
		{ "--monitor", "-oNS", "--output" },
		{ "--monitor", "--output-all" },
		{ "--monitor", "-c", "--count" },
		{ "--monitor", "-q", "--quiet" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		const char *option = lines[i][0], *other = lines[i][1];

		assert_refuses(strf("%s %s", option, other),
			strf("%.*s", (int)strcspn(option, " ="), option));
		assert_contains(
			message, lines[i][2] ? lines[i][2] : other, "are mutually exclusive");
		assert_refuses(strf("%s %s", other, option), "are mutually exclusive");
	}
}

TEST(parsing_again_starts_anew)
{
	assert_parses("4 -J 5");
	assert_parses("-l");
	assert_false(options.json);
	assert_int_equal(options.nnamespaces, 0);
}

TEST(help_names_every_option_and_the_columns_every_column)
{
	static const char *const parts[] = { "-t, --type LIST", "-T, --tree[=TREE]", "\n  NPROCS ",
		"\n  KIND ", "\n  USE% " };
	FILE *out;
	char *text;

	assert_parses("");
	out = test_stream();
	options_print_help(&options, out);
	options_print_columns(&options, out);
	text = test_stream_close(out);
	for (size_t i = 0; i < options_count; i++)
		assert_int_equal(!!strstr(text, strf("--%s", options_table[i].name)),
			!!options_table[i].help);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		assert_contains(text, parts[i]);
}
