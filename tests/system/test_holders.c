// SPDX-License-Identifier: MIT
/*
 * nsls must list each namespace of the matrix, with exactly the holders and relations that its
 * holder reports. It runs alone: an nsls of another test holds namespaces, too, while it reads
 * them.
 */
#include "hold.h"

/* What a run lists, a line each: "TYPE:[INODE]\t" and what jq makes of it. */
static char *list(struct answer answer, const char *program)
{
	return jq(output_of(answer),
		strf(".namespaces[] | \"\\(.type):[\\(.ns)]\\t\\(%s)\"", program));
}

/* Linux 6.12 has no path of a mount if its mount namespace has several mounts below the first. */
static bool has_unknown_path(const char *listed, const struct truth *truth)
{
	const char *seen = matrix_find(listed, truth->ns);
	unsigned long mntns;

	return live_kernel() < 618 && sscanf(truth->holders, "mount %lu:/", &mntns) == 1 && seen &&
	       !strcmp(seen, strf("mount %lu:(path unknown)", mntns));
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

static void expect_holders(void)
{
	struct answer answer = nsls("-J", "-o", "NS,TYPE,HOLDERS");
	const char *listed = matrix_list(answer.out);
	int n = 0, right = 0;

	for (const struct truth *t = truths; *t->ns; t++, n++)
		right += has_unknown_path(listed, t) || matrix_matches(listed, t->ns, t->holders);
	print_message("%d of %d namespaces listed with exactly their holders\n", right, n);
	assert_true(n >= 90);
	assert_int_equal(right, n);
}

TEST_CALL(each_is_listed_with_its_holders_and_no_other, expect_holders());

TEST(bpf_lists_each_with_its_holders_and_no_other)
{
	live_need_bpf();
	expect_holders();
}

/*
 * Before listns(2), one that is mounted only where no process is, or that only a ring of
 * io_uring(7) holds, can be seen by its number, but not opened: nothing of it is listed, rather
 * than guessed.
 */
static bool is_out_of_reach(const char *listed, const struct truth *truth)
{
	const char *seen = matrix_find(listed, truth->ns);
	unsigned long mntns;
	char path[8];

	return (sscanf(truth->holders, "mount %lu:/%1s", &mntns, path) == 2 ||
		       !strncmp(truth->holders, "uring ", 6)) &&
	       seen && !strncmp(seen, "null null null null", 19);
}

static void expect_relations(void)
{
	const char *listed = list(nsls("-J", "-o", "NS,TYPE,PNS,ONS,ONSUID,ID"),
		"\"\\(.pns) \\(.ons) \\(.onsuid) \\(.id)\"");

	for (const struct truth *t = truths; *t->ns; t++)
		assert_true(
			is_out_of_reach(listed, t) || matrix_matches(listed, t->ns, t->relations));
}

TEST_CALL(relations_equal_those_of_the_kernel, expect_relations());

TEST(relations_by_bpf_equal_those_of_the_kernel)
{
	live_need_bpf();
	expect_relations();
}

/* "fd 1:2, fd 3:4" to "fd,fd," */
static char *kinds_of(const char *holders)
{
	char *kinds = strf("%s", "");

	for (EACH_WORD(words, holders, ", "))
		kinds = strf("%s%.*s,", kinds, (int)strcspn(words, " "), words);
	return kinds;
}

TEST(each_namespace_has_its_holders)
{
	for (const struct truth *t = truths; *t->ns; t++)
		assert_string_equal(nsls_jq("[.holders[].kind + \",\"] | add", t->ns),
			strf("%s\n", kinds_of(t->holders)));
}

/* The overview and the flat list have the same namespaces in them as the JSON. */
TEST(each_is_in_the_default_view)
{
	struct answer overview = nsls("-T=type", "-n"), flat = nsls("-n");

	for (const struct truth *t = truths; *t->ns; t++) {
		const char *inode = strf("%lu", strtoul(strchr(t->ns, '[') + 1, NULL, 10));

		assert_contains(overview.out, inode);
		assert_contains(flat.out, inode);
	}
}

static bool is_member(const char *holders)
{
	return !strncmp(holders, "process", 7) || !strncmp(holders, "zombie", 6);
}

TEST(those_without_process_are_the_persistent_ones)
{
	/* Where root may not read some process, that may be a member. */
	const char *listed =
		nsls_jq("(if .complete then 0 else null end) as $none | .namespaces[] | "
			"\"\\(.type):[\\(.ns)]\\t\\(.nprocs == $none) \\(.pid)\"",
			"-P");

	for (const struct truth *t = truths; *t->ns; t++)
		if (is_member(t->holders))
			assert_null(matrix_find(listed, t->ns));
		else
			assert_true(matrix_matches(listed, t->ns, "true null"));
}

TEST(answer_does_not_depend_on_the_number_of_threads)
{
	char *alone = list(nsls("-J", "--output-all", "--jobs", "1"), "tojson");

	for (EACH_TEXT(jobs, "2", "7")) {
		char *listed = list(nsls("-J", "--output-all", "--jobs", jobs), "tojson");

		for (const struct truth *t = truths; *t->ns; t++) {
			const char *expected = matrix_find(alone, t->ns);

			assert_true(expected && matrix_matches(listed, t->ns, expected));
		}
	}
}

int main(void)
{
	return live_run_tests("holders", true, matrix_start, matrix_end);
}
