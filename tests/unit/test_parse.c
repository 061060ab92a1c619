// SPDX-License-Identifier: MIT
/* Formats of proc files, and files that are not what they should be. */
#include "nsls/procfs.h"

#include "small_world.h"

TEST_FIXTURE(world_set_up, world_tear_down);

/* "S ppid 34, threads 7, start 123456, ending, kthread", or "error". */
static const char *parse_stat(const char *text)
{
	struct proc_stat stat;
	int r = proctext_parse_stat(text, &stat);

	if (r != 0)
		return r == -EINVAL ? "error" : "another result";
	return strf("%c ppid %d, threads %u, start %ju%s%s", stat.state, stat.ppid,
		stat.num_threads, (uintmax_t)stat.start_ticks, stat.ending ? ", ending" : "",
		stat.kthread ? ", kthread" : "");
}

TEST_CALL(stat_is_read_from_the_last_parenthesis,
	assert_string_equal(parse_stat("12 (a) b\n\xff) R 1 (x) S 34 1 1 0 -1 4 0 0 0 0 0 0 0 0 "
				       "20 0 7 0 123456 0 0"),
		"S ppid 34, threads 7, start 123456, ending"));

TEST(a_cut_stat_is_refused)
{
	const char *whole = "12 (a) S 34 1 1 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 7 0 9";

	assert_string_equal(parse_stat(whole), "S ppid 34, threads 7, start 9, kthread");
	for (size_t len = 0; len < strlen(whole); len++)
		assert_string_equal(parse_stat(strf("%.*s", (int)len, whole)), "error");
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

static void assert_links(const char *interfaces, int expected, unsigned expected_count)
{
	unsigned count = 0;

	world_file("net/dev", strf("Inter-|   Receive\n face |bytes\n%s", interfaces));
	assert_int_equal(proctext_count_links(world.fd, &count), expected);
	assert_int_equal(count, expected_count);
}

TEST(interfaces_are_counted_up_to_a_bound)
{
	struct strbuf text = { 0 };

	assert_links("", 0, 0);
	for (unsigned i = 0; i < PROCTEXT_LINKS_MAX; i++)
		strbuf_addf(&text, "|eth%u: 0\n", i);
	assert_links(strbuf_text(&text), 0, PROCTEXT_LINKS_MAX);
	strbuf_adds(&text, "one: 0\n");
	assert_links(strbuf_text(&text), -EFBIG, 0);
	strbuf_done(&text);
}

/* "uid 2, nspid 7, admin", or "error". */
static void assert_status(const char *text, const char *expected)
{
	struct proc_status status;
	int r = proctext_parse_status(text, &status);

	assert_true(r == 0 || r == -EINVAL);
	assert_string_equal(r < 0 ? "error"
				  : strf("uid %u, nspid %d%s", status.uid, status.nspid,
					    status.admin ? ", admin" : ""),
		expected);
}

#define USERS "Uid:\t1\t2\t3\t4\n"

TEST(status_has_the_effective_user_and_the_inner_pid)
{
	assert_status("Name:\tUid:\\n\n" USERS "NSpid:\t900\t20\t7\nX:\t9\n", "uid 2, nspid 7");
	assert_status(USERS "CapInh:\t0000000000200000\nCapPrm:\t0000000000200001\n",
		"uid 2, nspid 0, admin");
	assert_status(
		USERS "CapEff:\t0000000000200000\nCapPrm:\t000001ffffdfffff\n", "uid 2, nspid 0");
	assert_status(USERS "NSpid:\t3000000000\n", "uid 2, nspid 0");
	for (EACH_TEXT(text, "Uid:\t1\n", "Name:\tx\n", ""))
		assert_status(text, "error");
}

static const char *read_command(void)
{
	struct strbuf out = { 0 };

	assert_int_equal(proctext_read_command(world.fd, &out), 0);
	return strbuf_keep(&out);
}

TEST(a_command_is_its_arguments_or_its_name)
{
	world_bytes("cmdline", "/bin/x\0-a\0\0b c\0\0", 16);
	assert_string_equal(read_command(), "/bin/x -a  b c");
	STEPS("=cmdline ", "=comm a) b\n\xff\n");
	assert_string_equal(read_command(), "a) b\n\xff");
}

TEST(a_command_line_beyond_4_kib_is_cut_and_marked)
{
	for (int len = 4096; len <= 4097; len++) {
		world_file("cmdline", strf("%0*d", len, 0));
		assert_string_equal(read_command(), strf("%04096d%s", 0, len > 4096 ? "..." : ""));
	}
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

	world_file("cmdline", strf("%0*d", 1 << 20, 0));
	assert_int_equal(procfile_read(world.fd, "cmdline", &out), -EFBIG);
	assert_int_equal(procfile_read_start(world.fd, "cmdline", 5000, &out), 1);
	assert_int_equal(out.len, 5000);
	strbuf_done(&out);
}

TEST(only_numbers_are_listed_and_in_order)
{
	static const int expected[] = { 0, 9, 10 };
	const struct procfs plain = { 0 };
	struct numbers numbers = { 0 };

	STEPS("x/10/", "x/9/", "x/0/", "x/self/", "x/09/", "x/99999999999/", "x/-1/");
	assert_int_equal(procfs_list(&plain, world.fd, "x", 0, &numbers), 0);
	assert_int_equal(numbers.n, COUNT(expected));
	assert_memory_equal(numbers.at, expected, sizeof(expected));
	numbers_done(&numbers);
}
