// SPDX-License-Identifier: MIT
/* Formats of proc files, and files that are not what they should be. */
#include "nsls/procfs.h"

#include "small_world.h"

TEST_FIXTURE(world_set_up, world_tear_down);

TEST(stat_is_read_from_the_last_parenthesis)
{
	struct proc_stat stat;

	assert_int_equal(
		proctext_parse_stat("12 (a) b\n\xff) R 1 (x) S 34 1 1 0 -1 4 0 0 0 0 0 0 0 0 "
				    "20 0 7 0 123456 0 0",
			&stat),
		0);
	assert_int_equal(stat.state, 'S');
	assert_int_equal(stat.ppid, 34);
	assert_int_equal(stat.num_threads, 7);
	assert_int_equal(stat.start_ticks, 123456);
	assert_true(stat.ending);
	assert_false(stat.kthread);
}

TEST(a_cut_stat_is_refused)
{
	const char *whole = "12 (a) S 34 1 1 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 7 0 9";
	struct proc_stat stat;

	assert_int_equal(proctext_parse_stat(whole, &stat), 0);
	assert_true(stat.kthread);
	for (size_t len = 0; len < strlen(whole); len++) {
		char *cut = strndup(whole, len);

		assert_int_equal(proctext_parse_stat(cut, &stat), -EINVAL);
		free(cut);
	}
}

/* Reads file "f" of a world with this text. "error": it is not like that. */
static void assert_triples(const char *text, bool clocks, const char *expected)
{
	struct strbuf out = { 0 };

	world_file("f", text);
	if (proctext_read_triples(world.fd, "f", clocks, &out) < 0)
		assert_string_equal("error", expected);
	else
		assert_string_equal(strbuf_text(&out), expected);
	strbuf_done(&out);
}

TEST(lines_of_maps_and_offsets_are_read_without_their_alignment)
{
	assert_triples("", false, "");
	assert_triples("         0     100000      65536\n         1 2 3\n", false,
		"0 100000 65536\n1 2 3\n");
	assert_triples("monotonic         -12         34\nboottime 0 0\n", true,
		"monotonic -12 34\nboottime 0 0\n");
}

TEST(lines_of_maps_and_offsets_that_are_not_as_described_are_refused)
{
	for (EACH_TEXT(map, "0 1", "0 1 2", "0 1 2 3\n", "0 1 -2\n", "-1 0 1\n", "\n", "a 1 2\n",
		     "0 1 99999999999999999999\n", "0 1 2\n\n", "0 1 2\x1b[2J\n"))
		assert_triples(map, false, "error");
	for (EACH_TEXT(offset, "1 2 3\n", "mono\"tonic 2 3\n", "monotonic 2 -3\n",
		     "monotonic --2 3\n"))
		assert_triples(offset, true, "error");
}

TEST(interfaces_are_counted_up_to_a_bound)
{
	static const char heading[] = "Inter-|   Receive\n face |bytes\n";
	struct strbuf text = { 0 };
	unsigned count;

	strbuf_adds(&text, heading);
	world_file("net/dev", strbuf_text(&text));
	assert_int_equal(proctext_count_links(world.fd, &count), 0);
	assert_int_equal(count, 0);
	for (unsigned i = 0; i < PROCTEXT_LINKS_MAX; i++)
		strbuf_addf(&text, "|eth%u: 0\n", i);
	world_file("net/dev", strbuf_text(&text));
	assert_int_equal(proctext_count_links(world.fd, &count), 0);
	assert_int_equal(count, PROCTEXT_LINKS_MAX);
	strbuf_adds(&text, "one: 0\n");
	world_file("net/dev", strbuf_text(&text));
	assert_int_equal(proctext_count_links(world.fd, &count), -EFBIG);
	strbuf_done(&text);
}

static struct proc_status parse_status(const char *text)
{
	struct proc_status status;

	assert_int_equal(proctext_parse_status(text, &status), 0);
	return status;
}

#define USERS "Uid:\t1\t2\t3\t4\n"

TEST(status_has_the_effective_user_and_the_inner_pid)
{
	struct proc_status status =
		parse_status("Name:\tUid:\\n\n" USERS "NSpid:\t900\t20\t7\nX:\t9\n");

	assert_int_equal(status.uid, 2);
	assert_int_equal(status.nspid, 7);
	assert_false(status.admin);
	status = parse_status(USERS "CapInh:\t0000000000200000\nCapPrm:\t0000000000200001\n");
	assert_true(status.admin);
	status = parse_status(USERS "CapEff:\t0000000000200000\nCapPrm:\t000001ffffdfffff\n");
	assert_false(status.admin);
	assert_int_equal(parse_status(USERS).nspid, 0);
	assert_int_equal(parse_status(USERS "NSpid:\t3000000000\n").nspid, 0);
	for (EACH_TEXT(text, "Uid:\t1\n", "Name:\tx\n", ""))
		assert_int_equal(proctext_parse_status(text, &status), -EINVAL);
}

TEST(a_command_is_its_arguments_or_its_name)
{
	struct strbuf out = { 0 };

	world_bytes("cmdline", "/bin/x\0-a\0\0b c\0\0", 16);
	assert_int_equal(proctext_read_command(world.fd, &out), 0);
	assert_string_equal(strbuf_text(&out), "/bin/x -a  b c");
	world_file("cmdline", "");
	world_file("comm", "a) b\n\xff\n");
	assert_int_equal(proctext_read_command(world.fd, &out), 0);
	assert_string_equal(strbuf_keep(&out), "a) b\n\xff");
}

TEST(path_that_is_no_regular_file_is_rejected_without_waiting)
{
	struct strbuf out = { 0 };

	STEPS("|stat", "comm/");
	assert_int_equal(procfile_read(world.fd, "stat", &out), -EINVAL);
	assert_int_equal(procfile_read(world.fd, "comm", &out), -EINVAL);
	assert_int_equal(procfile_read(world.fd, "gone", &out), -ENOENT);
	strbuf_done(&out);
}

TEST(an_endless_file_is_cut)
{
	struct strbuf out = { 0 };
	char *big = calloc(1, 1 << 20);

	assert_non_null(big);
	world_bytes("cmdline", big, 1 << 20);
	assert_int_equal(procfile_read(world.fd, "cmdline", &out), -EFBIG);
	assert_int_equal(procfile_read_start(world.fd, "cmdline", 5000, &out), 1);
	assert_int_equal(out.len, 5000);
	strbuf_done(&out);
	free(big);
}

TEST(a_command_line_beyond_4_kib_is_cut_and_marked)
{
	struct strbuf out = { 0 };
	char big[4097];

	memset(big, 'x', sizeof(big));
	world_bytes("cmdline", big, 4096);
	assert_int_equal(proctext_read_command(world.fd, &out), 0);
	assert_int_equal(out.len, 4096);
	world_bytes("cmdline", big, 4097);
	assert_int_equal(proctext_read_command(world.fd, &out), 0);
	assert_int_equal(out.len, 4096 + 3);
	assert_string_equal(strbuf_keep(&out) + 4096, "...");
}

TEST(only_numbers_are_listed_and_in_order)
{
	const struct procfs plain = { 0 };
	struct numbers numbers = { 0 };

	STEPS("x/10/", "x/9/", "x/0/", "x/self/", "x/09/", "x/99999999999/", "x/-1/");
	assert_int_equal(procfs_list(&plain, world.fd, "x", 0, &numbers), 0);
	assert_int_equal(numbers.n, 3);
	assert_int_equal(numbers.at[0], 0);
	assert_int_equal(numbers.at[1], 9);
	assert_int_equal(numbers.at[2], 10);
	numbers_done(&numbers);
}
