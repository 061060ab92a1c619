// SPDX-License-Identifier: MIT
/* Every option by its table, what each refuses and in which words, and what excludes what. */
#include "nsls/cli/options.h"
#include "nsls/scan/scan.h"

#include "small_world.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 16

static struct options options;
static char *words; /* options point into it */
static char *argv[ARGS_MAX];
static char *message;

static int set_up(void **state)
{
	(void)state;
	words = message = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(words);
	free(message);
	options_done(&options);
	return 0;
}

/* Parses words, which '|' separates, so that one may be empty or have spaces. */
static int parse(const char *line)
{
	size_t len;
	FILE *err;
	int argc = 1, r;

	free(words);
	free(message);
	words = strdup(line);
	argv[0] = words + strlen(words); /* "" */
	for (char *at = words; *line; argc++) {
		assert_true(argc < ARGS_MAX - 1);
		argv[argc] = at;
		at = strchr(at, '|');
		if (!at) {
			argc++;
			break;
		}
		*at++ = '\0';
	}
	argv[argc] = NULL;
	err = open_memstream(&message, &len);
	r = options_parse(argc, argv, err, &options);
	fclose(err);
	return r;
}

static void assert_parses(const char *line)
{
	options_done(&options);
	if (parse(line) < 0)
		fail_msg("'%s': %s", line, message);
	assert_string_equal(message, "");
}

/* Refused in exactly one line of ours, which has the word. */
static void assert_refuses(const char *line, const char *word)
{
	const struct options before = options;

	if (parse(line) != -EINVAL)
		fail_msg("'%s' is taken", line);
	if (strncmp(message, "nsls: ", 6) != 0 || !strstr(message, word) ||
		strchr(message, '\n') != message + strlen(message) - 1)
		fail_msg("'%s': %s", line, message);
	assert_memory_equal(&options, &before, sizeof(options)); /* written on success only */
}

static void nothing_is_the_list_of_all_from_all_sources(void **state)
{
	(void)state;
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
			*options_flag(&options, options_table[k].flag) != (k == i))
			fail_msg("%s and the flag of --%s", word, options_table[k].name);
}

static void every_flag_has_a_field_of_its_own(void **state)
{
	char word[64];

	(void)state;
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

static void every_option_has_one_effect_and_a_name_of_its_own(void **state)
{
	(void)state;
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

static void an_option_that_wants_a_word_says_so(void **state)
{
	char line[64], word[64];

	(void)state;
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

static void an_option_that_takes_no_word_refuses_one(void **state)
{
	char line[64], word[64];

	(void)state;
	for (size_t i = 0; i < options_count; i++) {
		if (options_table[i].arg)
			continue;
		snprintf(line, sizeof(line), "--%s=x", options_table[i].name);
		snprintf(word, sizeof(word), "option '--%s' doesn't take an argument",
			options_table[i].name);
		assert_refuses(line, word);
	}
}

static void what_may_be_several_options_is_called_so(void **state)
{
	(void)state;
	assert_refuses("--no", "ambiguous option '--no'");
	assert_refuses("--n=x", "ambiguous option '--n");
	assert_refuses("--nothing", "unknown option '--nothing'");
	assert_refuses("-Z", "unknown option '-Z'");
	assert_parses("--noh");
	assert_true(options.noheadings);
}

static void a_color_mode_may_follow_as_a_word_of_its_own(void **state)
{
	(void)state;
	assert_parses("--color|never");
	assert_int_equal(options.color, COLOR_NEVER);
	assert_int_equal(options.nnamespaces, 0);
	assert_parses("--color|/proc/1/ns/net");
	assert_int_equal(options.color, COLOR_ALWAYS);
	assert_int_equal(options.nnamespaces, 1);
}

static void what_is_quoted_is_escaped(void **state)
{
	(void)state;
	assert_refuses("-t|\033[31m", "unknown type '\\x1b[31m'");
	assert_refuses("--f\033x", "unknown option '--f\\x1bx'");
	assert_refuses("--procfs|", "requires a directory");
}

static void a_wrong_letter_is_named_whole(void **state)
{
	static const char *const lines[] = { "-é", "-s|-lé", "-lé|-s", "-s|-lés", "x|-lé|y",
		"-l|-sé", "-oé|-é", "-é|-ü", "x|y|-Jlé" };
	const struct {
		const char *line, *word;
	} bytes[] = { { "-\xc3", "'-\\xc3'" }, { "-s|-l\xc3", "'-\\xc3'" },
		{ "-l\xff\xfe|-s", "'-\\xff'" }, { "-l\033", "'-\\x1b'" },
		{ "-\xe2\x80\xaex", "'-\\xe2\\x80\\xae'" } };

	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_refuses(lines[i], "unknown option '-é'");
	for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); i++)
		assert_refuses(bytes[i].line, bytes[i].word);
	assert_refuses("-s|--lé=ü", "unknown option '--lé=ü'");
	setlocale(LC_ALL, "C");
	assert_refuses("-s|-lé", "unknown option '-\\xc3\\xa9'");
}

static void options_with_a_word_take_it_in_every_way(void **state)
{
	static const char *const ways[] = { "-o|NS", "-oNS", "--output|NS", "--output=NS",
		"--output|PID|-oNS" };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_parses(ways[i]);
		assert_string_equal(options.output, "NS");
	}
	assert_parses("-Q|NS > 1");
	assert_string_equal(options.filter, "NS > 1");
	assert_parses("--procfs|/x y");
	assert_string_equal(options.procfs, "/x y");
}

static void types_add_up_and_sources_replace(void **state)
{
	(void)state;
	assert_parses("-t|net|--type=uts,pid");
	assert_int_equal(options.types, 1u << NS_NET | 1u << NS_UTS | 1u << NS_PID);
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

static void tasks_add_up(void **state)
{
	(void)state;
	assert_parses("-J");
	assert_int_equal(options.ntasks, 0);
	assert_parses("-p|5|-lp7|--task=5|--task|1");
	assert_int_equal(options.ntasks, 4);
	assert_int_equal(options.tasks[0], 5);
	assert_int_equal(options.tasks[1], 7);
	assert_int_equal(options.tasks[2], 5);
	assert_int_equal(options.tasks[3], 1);
	assert_refuses("-p|5|-p|x", "invalid PID 'x'");
}

static void owners_add_up(void **state)
{
	(void)state;
	assert_parses("--of|blue|-C|--of=nginx.service");
	assert_int_equal(options.nof, 2);
	assert_string_equal(options.of[0], "blue");
	assert_string_equal(options.of[1], "nginx.service");
	assert_true(options.containers);
}

static void kinds_add_up(void **state)
{
	(void)state;
	assert_parses("--kind|fd,mount|--kind=process");
	assert_int_equal(
		options.kinds, 1u << HOLDER_FD | 1u << HOLDER_MOUNT | 1u << HOLDER_PROCESS);
}

static void a_tree_is_owner_unless_named(void **state)
{
	(void)state;
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

static void a_word_behind_the_tree_that_is_no_tree_is_refused(void **state)
{
	(void)state;
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

static void a_namespace_behind_the_tree_is_an_operand(void **state)
{
	(void)state;
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

static void operands_stand_anywhere_and_behind_two_dashes(void **state)
{
	(void)state;
	assert_parses("4|-J|net:[5]|--|-l|--");
	assert_true(options.json);
	assert_false(options.list);
	assert_int_equal(options.nnamespaces, 4);
	assert_string_equal(options.namespaces[2], "-l");
	assert_string_equal(options.namespaces[3], "--");
}

static void colors_are_always_auto_or_never(void **state)
{
	(void)state;
	assert_parses("--color");
	assert_int_equal(options.color, COLOR_ALWAYS);
	assert_parses("--color=always");
	assert_int_equal(options.color, COLOR_ALWAYS);
	assert_parses("--color=never");
	assert_int_equal(options.color, COLOR_NEVER);
	assert_parses("--color=never|--color=auto");
	assert_int_equal(options.color, COLOR_AUTO);
}

static void actions_are_taken(void **state)
{
	(void)state;
	assert_parses("-h");
	assert_int_equal(options.action, ACTION_HELP);
	assert_parses("--version");
	assert_int_equal(options.action, ACTION_VERSION);
	assert_parses("-H");
	assert_int_equal(options.action, ACTION_COLUMNS);
}

static void wrong_words_are_named(void **state)
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

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		assert_refuses(lines[i][0], lines[i][1]);
	assert_parses("-p|2147483647");
	assert_int_equal(options.tasks[0], 2147483647);
}

static void what_excludes_each_other_is_named_both(void **state)
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

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_refuses(lines[i][0], lines[i][1]);
		assert_non_null(strstr(message, lines[i][2]));
		assert_non_null(strstr(message, "are mutually exclusive"));
	}
}

static void jobs_are_a_number_from_1_to_1024(void **state)
{
	static const char *const bad[] = { "", "0", "-1", "1025", "2x", "1.5",
		"18446744073709551617" };
	char line[64], quoted[64];

	(void)state;
	assert_parses("");
	assert_int_equal(options.jobs, 0);
	assert_parses("--jobs|1");
	assert_int_equal(options.jobs, 1);
	assert_parses("--jobs=2|--jobs=1024");
	assert_int_equal(options.jobs, 1024);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(line, sizeof(line), "--jobs|%s", bad[i]);
		snprintf(quoted, sizeof(quoted), "'%s'", bad[i]);
		assert_refuses(line, quoted);
		assert_non_null(strstr(message, "1 to 1024"));
	}
}

static void patience_is_seconds_with_decimals(void **state)
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
	char line[64], quoted[64];

	(void)state;
	assert_parses("");
	assert_int_equal(options.patience_ms, 2000);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		snprintf(line, sizeof(line), "--patience=%s", good[i].word);
		assert_parses(line);
		assert_int_equal(options.patience_ms, good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(line, sizeof(line), "--patience|%s", bad[i]);
		snprintf(quoted, sizeof(quoted), "'%s'", bad[i]);
		assert_refuses(line, quoted);
		assert_non_null(strstr(message, "seconds"));
	}
}

static void a_monitor_looks_every_two_seconds_unless_told_otherwise(void **state)
{
	static const char *const bad[] = { "", "0", "0.0", "-1", "x", "1s", "86400.1", "86401" };
	char line[64], quoted[64];

	(void)state;
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
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(line, sizeof(line), "--monitor=%s", bad[i]);
		snprintf(quoted, sizeof(quoted), "'%s'", bad[i]);
		assert_refuses(line, quoted);
		assert_non_null(strstr(message, "seconds"));
	}
}

static void parsing_again_starts_anew(void **state)
{
	(void)state;
	assert_parses("4|-J|5");
	assert_parses("-l");
	assert_false(options.json);
	assert_int_equal(options.nnamespaces, 0);
}

static void help_names_every_option_and_the_columns_every_column(void **state)
{
	char *text = NULL, word[64];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_the_list_of_all_from_all_sources),
		TEST(every_flag_has_a_field_of_its_own),
		TEST(every_option_has_one_effect_and_a_name_of_its_own),
		TEST(an_option_that_wants_a_word_says_so),
		TEST(an_option_that_takes_no_word_refuses_one),
		TEST(what_may_be_several_options_is_called_so),
		TEST(a_color_mode_may_follow_as_a_word_of_its_own),
		TEST(what_is_quoted_is_escaped),
		TEST(a_wrong_letter_is_named_whole),
		TEST(options_with_a_word_take_it_in_every_way),
		TEST(types_add_up_and_sources_replace),
		TEST(tasks_add_up),
		TEST(owners_add_up),
		TEST(kinds_add_up),
		TEST(a_tree_is_owner_unless_named),
		TEST(a_word_behind_the_tree_that_is_no_tree_is_refused),
		TEST(a_namespace_behind_the_tree_is_an_operand),
		TEST(operands_stand_anywhere_and_behind_two_dashes),
		TEST(colors_are_always_auto_or_never),
		TEST(actions_are_taken),
		TEST(wrong_words_are_named),
		TEST(what_excludes_each_other_is_named_both),
		TEST(jobs_are_a_number_from_1_to_1024),
		TEST(patience_is_seconds_with_decimals),
		TEST(a_monitor_looks_every_two_seconds_unless_told_otherwise),
		TEST(parsing_again_starts_anew),
		TEST(help_names_every_option_and_the_columns_every_column),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
