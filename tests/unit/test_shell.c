// SPDX-License-Identifier: MIT
/* Commands with arguments that other users chose, and what shells make of them. */
#include "nsls/base.h"

#include "small_world.h"

TEST(a_command_is_quoted_so_that_shells_agree_on_its_argument)
{
	static const char *const cases[][2] = {
		{ "/run/netns/blue-1_x.y@z:0", "umount /run/netns/blue-1_x.y@z:0" },
		/* Blanks and special characters are in single quotes. */
		{ "/run/netns/b two", "umount '/run/netns/b two'" },
		{ "/a;$(rm -rf ~)`x`&|<>*?[]{}#=~\"%",
			"umount '/a;$(rm -rf ~)`x`&|<>*?[]{}#=~\"%'" },
		/* What shells quote differently goes through xargs. */
		{ "/it's", "printf '/it\\047s\\000' | xargs -0 umount" },
		{ "/a\\", "printf '/a\\134\\000' | xargs -0 umount" },
		{ "/a,b!", "printf '/a\\054b\\041\\000' | xargs -0 umount" },
		{ "/caf\xc3\xa9", "printf '/caf\\303\\251\\000' | xargs -0 umount" },
		/* A newline at the end is kept, and a digit is no part of the escape before. */
		{ "/a\n2\n\n", "printf '/a\\012\\062\\012\\012\\000' | xargs -0 umount" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct strbuf out = { 0 };

		shell_add_command(&out, "umount", cases[i][0]);
		assert_string_equal(strbuf_keep(&out), cases[i][1]);
	}
}

TEST(a_word_is_plain_or_quoted)
{
	static const char *const cases[][2] = { { "sleep", "sleep" }, { "", "''" },
		{ "-x", "'-x'" }, { "~", "'~'" }, { "a b", "'a b'" },
		{ "a); reboot #", "'a); reboot #'" }, { "it's", "'it\\047s'" },
		{ "\x1b[2J\n", "'\\033\\133\\062J\\012'" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct strbuf out = { 0 };

		shell_add_word(&out, cases[i][0]);
		assert_string_equal(strbuf_keep(&out), cases[i][1]);
		assert_int_equal(shell_is_plain(cases[i][0]), !strcmp(cases[i][0], cases[i][1]));
	}
}

/* Adds a line of a script that prints the argument, and what it prints. */
static void add_line(struct strbuf *script, struct strbuf *expected, const char *argument)
{
	shell_add_command(script, "printf %s@@@", argument);
	strbuf_adds(script, "\n");
	strbuf_addf(expected, "%s@@@", argument);
}

/* What may end an argument or change its meaning, and every byte that is quoted, by itself. */
static void add_lines(struct strbuf *script, struct strbuf *expected)
{
	static const char *const hostile[] = { "/$(touch /tmp/x)", "/`id`", "/a\nb\n", "/\n", "/'",
		"/'\\''", "/\\", "/\\\\'", "/\"$HOME\"", "/a b  c", "/ ", "/;reboot", "/&&x", "/|x",
		"/#x", "/~", "/%s%d%n", "/%", "/*", "/{a,b}", "/!!", "/!x", "/\x7f", "/\xff\xfe",
		"/\xc3\xa9", "/\x1b[31m", "/\1\2\3", "/\r\n", "/\t", "/=ls", "/x=y", "/\"\n\"2",
		"/$'\\x41'", "/\n0", "/\xe2\x80\xae" };
	char bytes[257] = "/";

	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++)
		add_line(script, expected, hostile[i]);
	for (int byte = 1; byte < 256; byte++) {
		const char text[] = { '/', (char)byte, '1', (char)byte, '\0' };

		bytes[byte] = (char)byte;
		if (byte >= ' ' && byte < 0x7f)
			add_line(script, expected, text);
	}
	bytes[0] = '/';
	add_line(script, expected, bytes);
}

/* Returns what the shell prints for the script, which it gets as one argument. */
static void run_script(const char *shell, const char *script, struct strbuf *out)
{
	char bytes[4096];
	FILE *pipe;
	size_t n;

	assert_int_equal(setenv("NSLS_SCRIPT", script, 1), 0);
	pipe = popen(strf("exec %s -c \"$NSLS_SCRIPT\" 2>&1", shell), "r");
	assert_non_null(pipe);
	while ((n = fread(bytes, 1, sizeof(bytes), pipe)) > 0)
		strbuf_add(out, bytes, n);
	pclose(pipe);
}

static bool has_shell(const char *shell)
{
	return system(strf("%s -c : 2>/dev/null", shell)) == 0;
}

TEST(every_shell_passes_every_byte_as_the_argument)
{
	struct strbuf script = { 0 }, expected = { 0 }, out = { 0 };

	add_lines(&script, &expected);
	for (EACH_TEXT(shell, "sh", "bash", "zsh", "fish", "busybox sh")) {
		if (strcmp(shell, "sh") != 0 && !has_shell(shell)) {
			print_message("%s is not installed\n", shell);
			continue;
		}
		strbuf_reset(&out);
		run_script(shell, strbuf_text(&script), &out);
		if (strcmp(strbuf_text(&out), strbuf_text(&expected)) != 0)
			fail_msg("%s: %s", shell, strbuf_text(&out));
	}
	strbuf_done(&script);
	strbuf_done(&expected);
	strbuf_done(&out);
}
