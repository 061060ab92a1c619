// SPDX-License-Identifier: MIT
/*
 * Command lines: what each option and its words become, the message about one that is refused, and
 * which options exclude each other.
 */
#include "run_words.h"

#include <locale.h>

/* The result of the last line, and its messages. */
static struct options options;
static char *argv[WORDS_MAX];
static char *message;

static int tear_down(void **state)
{
	options_done(&options);
	return 0;
}

static int parse(const char *line)
{
	FILE *err = test_stream();
	int r = options_parse(split_words(strf("nsls %s", line), argv), argv, err, &options);

	message = test_stream_close(err);
	return r;
}

static void assert_parses(const char *line)
{
	options_done(&options);
	if (parse(line) < 0)
		fail_msg("'%s': %s", line, message);
	assert_string_equal(message, "");
}

/* An error in exactly one line of ours, which has the word. */
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

TEST_FIXTURE(NULL, tear_down);

static bool is_flag(size_t i)
{
	return options_table[i].flag && !options_table[i].parse;
}

static void add(struct strbuf *text, const char *name, const char *value)
{
	strbuf_addf(text, "%s%s%s", text->len ? " " : "", name, value);
}

/* What is not as it is by default: "json task=5 net:[5]". */
static const char *parsed(void)
{
	static const struct {
		const char *name;
		unsigned *value, usual;
	} numbers[] = { { "jobs=", &options.jobs, 0 }, { "timeout=", &options.timeout_ms, 2000 },
		{ "monitor=", &options.monitor_ms, 0 } };
	static const struct {
		const char *name;
		const char *const *value;
	} texts[] = { { "output=", &options.output },
		{ "filter=", (const char *const *)&options.filter },
		{ "mounted=", &options.mounted } };
	struct strbuf text = { 0 };

	for (size_t i = 0; i < options_count; i++)
		if (is_flag(i) && *(bool *)((char *)&options + options_table[i].flag))
			add(&text, "", options_table[i].name);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (options.types & 1u << t)
			add(&text, "type=", nstype_info[t].name);
	for (enum holder_kind k = 0; k < HOLDER_KIND_COUNT; k++)
		if (options.kinds & 1u << k)
			add(&text, "kind=", holder_kind_info[k].name);
	for (enum source source = 0; source < SOURCE_COUNT; source++)
		if (options.sources != SOURCES_ALL && options.sources & 1u << source)
			add(&text, "scan=", source_info[source].name);
	if (options.tree != TREE_NONE)
		add(&text, "tree=", tree_names[options.tree]);
	if (options.color != COLOR_AUTO)
		add(&text, "color=", options.color == COLOR_ALWAYS ? "always" : "never");
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (*numbers[i].value != numbers[i].usual)
			add(&text, numbers[i].name, strf("%u", *numbers[i].value));
	for (size_t i = 0; i < COUNT(texts); i++)
		if (*texts[i].value)
			add(&text, texts[i].name, *texts[i].value);
	if (strcmp(options.procfs, "/proc") != 0)
		add(&text, "procfs=", options.procfs);
	for (size_t i = 0; i < options.nprocesses; i++)
		add(&text, "task=", strf("%d", options.processes[i]));
	for (size_t i = 0; i < options.nof; i++)
		add(&text, "of=", options.of[i]);
	for (size_t i = 0; i < options.nnamespaces; i++)
		add(&text, "", options.namespaces[i]);
	return strbuf_keep(&text);
}

static void assert_parsed(const char *line, const char *expected)
{
	assert_parses(line);
	if (strcmp(parsed(), expected) != 0)
		fail_msg("'%s' is '%s', not '%s'", line, parsed(), expected);
}

TEST(every_flag_has_a_field_of_its_own)
{
	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *info = &options_table[i];

		if (is_flag(i))
			assert_parsed(strf("--%s", info->name), info->name);
		if (is_flag(i) && info->letter)
			assert_parsed(strf("-%c", info->letter), info->name);
	}
}

TEST(words_become_numbers_and_texts_however_they_are_attached)
{
	/* Command lines, which " | " separates, and what they are parsed to. */
	static const char *const cases[][2] = {
		{ " | --color=never --color=auto | --timeout=2", "" },
		{ "-t net --type=uts,pid", "type=net type=pid type=uts" },
		{ "-t mount,network", "type=mnt type=net" },
		{ "--kind fd,mount --kind=process", "kind=process kind=fd kind=mount" },
		/* Sources replace those before. */
		{ "--scan fds,mounts", "scan=fds scan=mounts" },
		{ "--scan fds --scan threads", "scan=threads" },
		{ "--noh", "noheadings" }, /* an abbreviation */
		{ "--color | --color=always", "color=always" },
		{ "--color=never | --color never", "color=never" },
		{ "--color /proc/1/ns/net", "color=always /proc/1/ns/net" },
		{ "--of blue -C --of=nginx.service", "containers of=blue of=nginx.service" },
		{ "-p 5 -lp7 --task=5 --task 1 -p 2147483647",
			"list task=5 task=7 task=5 task=1 task=2147483647" },
		{ "-p 5,7 -p6", "task=5 task=7 task=6" },
		/* A tree is that of owners unless it is named. */
		{ "-T", "tree=owner" },
		{ "-T -J", "json tree=owner" },
		{ "-T net:[5]", "tree=owner net:[5]" },
		{ "-T ./blue", "tree=owner ./blue" },
		{ "-T -- bogus", "tree=owner bogus" },
		{ "4 -T parent 5", "tree=parent 4 5" },
		{ "4 -J net:[5] -- -l --", "json 4 net:[5] -l --" },
		{ "--jobs 1", "jobs=1" },
		{ "--jobs=2 --jobs=1024", "jobs=1024" },
		{ "--timeout=0.5", "timeout=500" },
		{ "--timeout=1.25", "timeout=1250" },
		{ "--timeout=0.001 | --timeout=0.0001 | --timeout=0.0010000", "timeout=1" },
		{ "--timeout=010.0", "timeout=10000" },
		{ "--timeout=3600 | --timeout=3600.000", "timeout=3600000" },
		{ "--monitor -J -tnet -P --of web -n",
			"json noheadings persistent type=net monitor=2000 of=web" },
		{ "--monitor=0.001", "monitor=1" },
		{ "--monitor=86400", "monitor=86400000" },
		{ "--monitor 5", "monitor=5000" },
		{ "--monitor 0.5 blue", "monitor=500 blue" },
		{ "--monitor 4026531840", "monitor=2000 4026531840" },
		{ "--monitor :5", "monitor=2000 :5" },
		{ "-o NS | -oNS | --output NS | --output=NS | --output PID -oNS", "output=NS" },
		{ "-Q 'NS > 1'", "filter=NS > 1" },
		{ "-Q 'A || B' --filter C -QD", "filter=((A || B) && (C)) && (D)" },
		{ "--procfs '/x y'", "procfs=/x y" },
		{ "--mounted 8:17", "mounted=8:17" },
		{ "--mounted=0008:0", "mounted=0008:0" },
		{ "--mounted ./sda1", "mounted=./sda1" },
		{ "--mounted server:/export", "mounted=server:/export" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (EACH_WORD(line, cases[i][0], " | "))
			assert_parsed(line, cases[i][1]);
}

TEST(every_source_and_every_tree_has_a_name)
{
	for (enum source s = 0; s < SOURCE_COUNT; s++)
		assert_parsed(strf("--scan=%s", source_info[s].name),
			strf("scan=%s", source_info[s].name));
	for (enum tree tree = TREE_TYPE; tree < TREE_COUNT; tree++)
		for (EACH_TEXT(option, "-T", "-T=", "-T ", "--tree=", "--tree "))
			assert_parsed(strf("%s%s", option, tree_names[tree]),
				strf("tree=%s", tree_names[tree]));
}

TEST(every_option_has_one_effect_and_a_name_of_its_own)
{
	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *a = &options_table[i];

		assert_int_equal(is_flag(i) + !!a->action + !!a->parse, 1);
		assert_true(!a->help || strlen(a->help) > 0);
		assert_true(!a->parse == !a->arg);
		if (a->action)
			assert_parses(strf("--%s", a->name));
		assert_true(!a->action || options.action == a->action);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(a->name, options_table[k].name);
			assert_true(!a->letter || a->letter != options_table[k].letter);
		}
	}
}

TEST(an_option_has_an_argument_if_and_only_if_it_takes_one)
{
	for (size_t i = 0; i < options_count; i++) {
		const struct option_info *info = &options_table[i];

		if (!info->arg)
			assert_refuses(strf("--%s=x", info->name),
				strf("option '--%s' doesn't take an argument", info->name));
		if (!info->arg || info->arg_optional)
			continue;
		assert_refuses(strf("-l --%s", info->name),
			strf("option '--%s' requires an argument; try 'nsls --help'", info->name));
		if (info->letter)
			assert_refuses(strf("-l%c", info->letter),
				strf("option '-%c' requires an argument", info->letter));
	}
}

TEST(a_wrong_letter_is_named_whole)
{
	setlocale(LC_ALL, "C.UTF-8");
	for (EACH_TEXT(line, "-é", "-s -lé", "-lé -s", "-s -lés", "x -lé y", "-l -sé", "-oé -é",
		     "-é -ü", "x y -Jlé"))
		assert_refuses(line, "unknown option '-é'");
	assert_refuses("-\xc3", "'-\\xc3'");
	assert_refuses("-s -l\xc3", "'-\\xc3'");
	assert_refuses("-l\xff\xfe -s", "'-\\xff'");
	assert_refuses("-l\033", "'-\\x1b'");
	assert_refuses("-\xe2\x80\xaex", "'-\\xe2\\x80\\xae'");
	assert_refuses("-s --lé=ü", "unknown option '--lé=ü'");
	setlocale(LC_ALL, "C");
	assert_refuses("-s -lé", "unknown option '-\\xc3\\xa9'");
	setlocale(LC_ALL, "C.UTF-8");
}

TEST(excluded_options_exist)
{
	const char *names = " NAMESPACE ";

	for (size_t i = 0; i < options_count; i++)
		names = strf("%s%s ", names, options_table[i].name);
	for (size_t i = 0; i < options_count; i++)
		if (options_table[i].excludes)
			for (EACH_WORD(word, options_table[i].excludes, " "))
				assert_contains(names, strf(" %s ", word));
}

TEST(both_of_two_exclusive_options_are_named)
{
	/* The option, and what it excludes. */
	static const char *const cases[][2] = {
		{ "--list", "--tree" },
		{ "--summary", "--tree=type net:[5]" },
		{ "--containers", "--summary --tree --persistent --kind=fd" },
		{ "--task=5", "net:[5]" },
		{ "--of=x", "net:[5]" },
		{ "--mounted=8:17", "--scan=mounts" },
		{ "--check=net<=3",
			"--list --tree --summary --containers --count --raw --output=NS "
			"--output-all --metrics --warning=net<=3 net:[5]" },
		{ "--warning=net<=3", "--json --quiet net:[5]" },
		{ "--critical=net<=3", "--json --quiet net:[5]" },
		{ "--json", "--raw" },
		{ "--raw", "--tree" },
		{ "--output=NS", "--output-all" },
		{ "--count", "--quiet" },
		{ "--metrics",
			"--list --tree --summary --containers --json --raw --output=NS "
			"--output-all --count --quiet --task=5 --of=x --persistent --kind=fd "
			"--filter=x --scan=fds net:[5]" },
		{ "--monitor",
			"--list --tree --summary --containers --raw --output=NS --output-all "
			"--count --quiet" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (EACH_WORD(other, cases[i][1], " ")) {
			const char *option = cases[i][0];

			assert_refuses(strf("%s %s", option, other),
				strf("%.*s", (int)strcspn(option, "="), option));
			assert_contains(message, "are mutually exclusive",
				*other == '-' ? strf("%.*s", (int)strcspn(other, "="), other)
					      : "NAMESPACE");
			assert_refuses(strf("%s %s", other, option), "are mutually exclusive");
		}
}

TEST(wrong_words_are_named)
{
	/* Command lines, which " | " separates, and what is in their message. */
	static const char *const lines[][2] = {
		{ "-l --nonsense=5 -J", "'--nonsense=5'" },
		{ "--nothing", "unknown option '--nothing'" },
		{ "--no", "ambiguous option '--no'" },
		{ "--n=x", "ambiguous option '--n" },
		{ "-Z | -lZ", "unknown option '-Z'; try 'nsls --help'" },
		{ "--f\033x", "unknown option '--f\\x1bx'" },
		{ "-t \033[31m", "unknown type '\\x1b[31m'" },
		{ "-t '' | -t net, | -t ,net | --kind fd, | -T= | -T ''", "''" },
		{ "-t net,foo,uts | -tfoo | -Tfoo", "'foo'" },
		{ "-p 5 -p x", "invalid PID 'x'" },
		{ "-p 5,,7", "invalid PID ''" },
		{ "-p 5,7x", "invalid PID '7x'" },
		{ "-Q 'A > 1' -Q 'B > -1'", "bad filter at '-1': no number is negative" },
		{ "--kind bogus", "unknown kind 'bogus'; the kinds are process, zombie, exiting, "
				  "thread, children, "
				  "fd, socket, tun, uring, queue, peer, pidfd, cred, "
				  "superblock, file, tree, mount, owned, child, kernel" },
		{ "-T bogus | -lT bogus",
			"unknown tree 'bogus'; the trees are type, owner, parent, process" },
		{ "--tree owners -J", "unknown tree 'owners'" },
		{ "-T 5x", "unknown tree '5x'" },
		{ "--by user | -C --by user", "--by requires --summary" },
		{ "--monitor --metrics", "--monitor and --metrics require a file: --metrics=FILE" },
		{ "--procfs ''", "requires a directory" },
	};

	for (size_t i = 0; i < COUNT(lines); i++)
		for (EACH_WORD(line, lines[i][0], " | "))
			assert_refuses(line, lines[i][1]);
}

TEST(wrong_arguments_are_named_with_what_is_right)
{
	static const struct {
		const char *option, *hint, *words; /* with a '|' between them */
	} cases[] = {
		{ "--type", "the types are cgroup, ipc, mnt, net, pid, time, user, uts",
			"|NET|net uts" },
		{ "--scan", "the sources are processes, threads, fds, sockets, mounts, kernel",
			"|fd|all" },
		{ "--task", "a number greater than 0",
			"|0|-5|05|5x| 1|2147483648|4294967297|99999999999999999999" },
		{ "--tree", "the trees are type", "|owners" },
		{ "--color", "the color modes are auto, always, never", "|blue" },
		{ "-s --by", "--by takes 'user'", "|users" },
		{ "--mounted", "nor a path", "|sda1|8|8:|:8|8:17:|8:4294967296|8:-1|UUID=1" },
		{ "--jobs", "1 to 1024", "|0|-1|1025|2x|1.5|18446744073709551617" },
		{ "--timeout", "seconds",
			"|0|0.0|-1|+1|1e3|0x2|0,5| 1|1 |.|1.|1.2.3|inf|nan|3600.0001|3601|"
			"18446744073709551617" },
		{ "--monitor", "seconds", "|0|0.0|-1|x|1s|86400.1|86401" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (EACH_WORD(word, cases[i].words, "|")) {
			assert_refuses(strf("%s='%s'", cases[i].option, word), strf("'%s'", word));
			assert_contains(message, cases[i].hint);
		}
}

TEST(help_names_every_option_and_the_columns_every_column)
{
	FILE *out = test_stream();
	char *text;

	options_print_help(&options, out);
	options_print_columns(&options, out);
	text = test_stream_close(out);
	for (size_t i = 0; i < options_count; i++)
		assert_int_equal(!!strstr(text, strf("--%s", options_table[i].name)),
			!!options_table[i].help);
	assert_contains(text, "-t, --type LIST", "-T, --tree[=TREE]", "\n  NPROCS ", "\n  KIND ",
		"\n  USE% ");
}
