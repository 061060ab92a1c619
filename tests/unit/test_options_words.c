// SPDX-License-Identifier: MIT
/* The words that options take: what each becomes, and the message about one that is refused. */
#include "options_fixture.h"

/* A command line, and the number or text that a field of the options has then. */
struct number_case {
	const char *line;
	size_t offset, size;
	unsigned value;
};
struct text_case {
	const char *line;
	size_t offset;
	const char *value;
};

#define NUMBER(line, field, value)                                                                 \
	{                                                                                          \
		(line), offsetof(struct options, field), sizeof(options.field), (unsigned)(value)  \
	}
#define TEXT(line, field, value)                                                                   \
	{                                                                                          \
		(line), offsetof(struct options, field), (value)                                   \
	}

static void assert_texts(const struct text_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_parses(cases[i].line);
		assert_string_equal(*(char **)((char *)&options + cases[i].offset), cases[i].value);
	}
}

TEST_FIXTURE(NULL, options_tear_down);

TEST(words_become_numbers)
{
	static const struct number_case cases[] = {
		NUMBER("-t net --type=uts,pid", types, 1u << NS_NET | 1u << NS_UTS | 1u << NS_PID),
		NUMBER("-t mount,network", types, 1u << NS_MNT | 1u << NS_NET),
		NUMBER("--kind fd,mount --kind=process", kinds,
			1u << HOLDER_FD | 1u << HOLDER_MOUNT | 1u << HOLDER_PROCESS),
		/* Sources replace those before. */
		NUMBER("--scan fds,mounts", sources, 1u << SOURCE_FDS | 1u << SOURCE_MOUNTS),
		NUMBER("--scan fds --scan threads", sources, 1u << SOURCE_THREADS),
		NUMBER("-J", nprocesses, 0),
		NUMBER("--color", color, COLOR_ALWAYS),
		NUMBER("--color never", color, COLOR_NEVER),
		NUMBER("--color never", nnamespaces, 0),
		NUMBER("--color /proc/1/ns/net", color, COLOR_ALWAYS),
		NUMBER("--color /proc/1/ns/net", nnamespaces, 1),
		NUMBER("--color=always", color, COLOR_ALWAYS),
		NUMBER("--color=never", color, COLOR_NEVER),
		NUMBER("--color=never --color=auto", color, COLOR_AUTO),
		NUMBER("--of blue -C --of=nginx.service", containers, true),
		/* A tree is that of owners unless it is named. */
		NUMBER("-T", tree, TREE_OWNER),
		NUMBER("-T -J", tree, TREE_OWNER),
		NUMBER("-T -J", json, true),
		NUMBER("-T -- bogus", nnamespaces, 1),
		NUMBER("-T net:[5]", tree, TREE_OWNER),
		NUMBER("4 -T parent 5", tree, TREE_PARENT),
		NUMBER("", jobs, 0),
		NUMBER("--jobs 1", jobs, 1),
		NUMBER("--jobs=2 --jobs=1024", jobs, 1024),
		NUMBER("", timeout_ms, 2000),
		NUMBER("--timeout=2", timeout_ms, 2000),
		NUMBER("--timeout=0.5", timeout_ms, 500),
		NUMBER("--timeout=1.25", timeout_ms, 1250),
		NUMBER("--timeout=0.001", timeout_ms, 1),
		NUMBER("--timeout=0.0001", timeout_ms, 1),
		NUMBER("--timeout=0.0010000", timeout_ms, 1),
		NUMBER("--timeout=010.0", timeout_ms, 10000),
		NUMBER("--timeout=3600", timeout_ms, 3600000),
		NUMBER("--timeout=3600.000", timeout_ms, 3600000),
		NUMBER("", monitor_ms, 0),
		NUMBER("--monitor -J -tnet -P --of web -n", monitor_ms, 2000),
		NUMBER("--monitor=0.001", monitor_ms, 1),
		NUMBER("--monitor=86400", monitor_ms, 86400000),
		NUMBER("--monitor 4026531840", nnamespaces, 1),
		NUMBER("--monitor 5", monitor_ms, 5000),
		NUMBER("--monitor 5", nnamespaces, 0),
		NUMBER("--monitor 0.5 blue", monitor_ms, 500),
		NUMBER("--monitor 0.5 blue", nnamespaces, 1),
		NUMBER("--monitor :5", nnamespaces, 1),
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsigned long value = 0;

		assert_parses(cases[i].line);
		memcpy(&value, (const char *)&options + cases[i].offset, cases[i].size);
		if (value != cases[i].value)
			fail_msg("'%s': %lu, not %u", cases[i].line, value, cases[i].value);
	}
}

TEST(words_stay_text_however_they_are_attached)
{
	static const struct text_case cases[] = {
		TEXT("-o NS", output, "NS"),
		TEXT("-oNS", output, "NS"),
		TEXT("--output NS", output, "NS"),
		TEXT("--output=NS", output, "NS"),
		TEXT("--output PID -oNS", output, "NS"),
		TEXT("-Q 'NS > 1'", filter, "NS > 1"),
		TEXT("-Q 'A || B' --filter C -QD", filter, "((A || B) && (C)) && (D)"),
		TEXT("--procfs '/x y'", procfs, "/x y"),
	};

	assert_texts(cases, COUNT(cases));
}

/* Operands, names or PIDs, with a blank between them. */
static const char *joined(const char *const *words, size_t n)
{
	const char *text = n ? words[0] : "";

	for (size_t i = 1; i < n; i++)
		text = strf("%s %s", text, words[i]);
	return text;
}

TEST(argument_of_mounted_is_a_number_or_has_a_slash)
{
	static const struct text_case cases[] = {
		TEXT("--mounted 8:17", mounted, "8:17"),
		TEXT("--mounted=0008:0", mounted, "0008:0"),
		TEXT("--mounted ./sda1", mounted, "./sda1"),
		TEXT("--mounted server:/export", mounted, "server:/export"),
	};
	static const char *const wrong[] = { "sda1", "8", "8:", ":8", "8:17:", "8:4294967296",
		"8:-1", "UUID=1" };

	assert_texts(cases, COUNT(cases));
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_refuses(strf("--mounted %s", wrong[i]), strf("'%s'", wrong[i]));
}

TEST(words_add_up)
{
	assert_parses("-p 5 -lp7 --task=5 --task 1 -p 2147483647");
	assert_int_equal(options.nprocesses, 5);
	assert_memory_equal(options.processes, ((pid_t[]){ 5, 7, 5, 1, 2147483647 }), 20);
	assert_parses("-p 5,7 -p6");
	assert_int_equal(options.nprocesses, 3);
	assert_memory_equal(options.processes, ((pid_t[]){ 5, 7, 6 }), 12);
	assert_parses("--of blue -C --of=nginx.service");
	assert_string_equal(joined(options.of, options.nof), "blue nginx.service");
}

TEST(a_namespace_behind_a_tree_is_an_operand)
{
	static const char *const cases[][2] = { { "-T net:[5]", "net:[5]" },
		{ "-T ./blue", "./blue" }, { "4 -T parent 5", "4 5" }, { "-T -- bogus", "bogus" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_parses(cases[i][0]);
		assert_string_equal(
			joined((const char *const *)options.namespaces, options.nnamespaces),
			cases[i][1]);
	}
}

TEST(every_source_and_every_tree_has_a_name)
{
	static const char *const ways[] = { "-T", "-T=", "-T ", "--tree=", "--tree " };

	for (enum source s = 0; s < SOURCE_COUNT; s++) {
		assert_parses(strf("--scan=%s", source_info(s)->name));
		assert_int_equal(options.sources, 1u << s);
	}
	for (enum tree tree = TREE_TYPE; tree < TREE_COUNT; tree++)
		for (size_t i = 0; i < COUNT(ways); i++) {
			assert_parses(strf("%s%s", ways[i], tree_name(tree)));
			assert_int_equal(options.tree, tree);
			assert_int_equal(options.nnamespaces, 0);
		}
}

TEST(wrong_words_are_named)
{
	static const char *const lines[][2] = {
		{ "--nonsense", "'--nonsense'" },
		{ "-l --nonsense=5 -J", "'--nonsense=5'" },
		{ "-lZ", "'-Z'" },
		{ "-t ''", "''" },
		{ "-t net,", "''" },
		{ "-t ,net", "''" },
		{ "-t net,foo,uts", "'foo'" },
		{ "-t 'net uts'", "'net uts'" },
		{ "-t NET", "'NET'" },
		{ "-tfoo", "'foo'" },
		{ "--scan fd", "'fd'" },
		{ "--scan ''", "''" },
		{ "--scan=all", "'all'" },
		{ "-p 0", "'0'" },
		{ "-p -5", "'-5'" },
		{ "-p 05", "'05'" },
		{ "-p 5x", "'5x'" },
		{ "-p ''", "''" },
		{ "-p 2147483648", "'2147483648'" },
		{ "-p 5 -p x", "invalid PID 'x'" },
		{ "-p 5,,7", "invalid PID ''" },
		{ "-p 5,7x", "invalid PID '7x'" },
		{ "-p 4294967297", "'4294967297'" },
		{ "-p 99999999999999999999", "'99999999999999999999'" },
		{ "-p ' 1'", "PID ' 1'" },
		{ "-Q 'A > 1' -Q 'B > -1'", "bad filter at '-1': no number is negative" },
		{ "--kind bogus", "unknown kind 'bogus'; the kinds are process, zombie, exiting, "
				  "thread, children, "
				  "fd, socket, tun, uring, queue, peer, pidfd, cred, "
				  "superblock, file, tree, mount, owned, child, kernel" },
		{ "--kind fd,", "''" },
		{ "-Tfoo", "'foo'" },
		{ "-T=", "''" },
		{ "-T bogus", "unknown tree 'bogus'; the trees are type, owner, parent, process" },
		{ "-lT bogus", "unknown tree 'bogus'" },
		{ "--tree owners -J", "unknown tree 'owners'" },
		{ "-T 5x", "unknown tree '5x'" },
		{ "-T ''", "unknown tree ''" },
		{ "--tree=", "''" },
		{ "--tree=owners", "'owners'" },
		{ "--color=", "''" },
		{ "--color=blue", "'blue'" },
		{ "-s --by users", "'users'" },
		{ "-s --by=", "''" },
		{ "--by user", "--by requires --summary" },
		{ "-C --by user", "--by requires --summary" },
		{ "--monitor --metrics", "--monitor and --metrics require a file: --metrics=FILE" },
	};

	for (size_t i = 0; i < COUNT(lines); i++)
		assert_refuses(lines[i][0], lines[i][1]);
}

TEST(wrong_numbers_are_named_with_what_is_right)
{
	static const struct {
		const char *option, *hint, *words; /* with a '|' between them */
	} cases[] = {
		{ "--jobs", "1 to 1024", "|0|-1|1025|2x|1.5|18446744073709551617" },
		{ "--timeout", "seconds",
			"|0|0.0|-1|+1|1e3|0x2|0,5| 1|1 |.|1.|1.2.3|inf|nan|3600.0001|3601|"
			"18446744073709551617" },
		{ "--monitor", "seconds", "|0|0.0|-1|x|1s|86400.1|86401" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *rest = strf("%s", cases[i].words);

		for (char *word; (word = strsep(&rest, "|"));) {
			assert_refuses(strf("%s='%s'", cases[i].option, word), strf("'%s'", word));
			assert_contains(message, cases[i].hint);
		}
	}
}
