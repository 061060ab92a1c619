// SPDX-License-Identifier: MIT
/*
 * What other users can do to a scan: mount points with names that break parsers, and files that
 * would make an open wait. A run that waits is killed after a minute and fails.
 */
#include "live.h"

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(a_hostile_mount_point_breaks_no_output)
{
	static const char name[] = "a b\nc\\d\x1b[31m\xff\"e,f";
	const char *ns = live_mount_new("net", strf("%s/%s", live_work, name));
	const char *out;

	assert_contains(
		nsls_jq(".namespaces[] | \"\\(.type):[\\(.ns)] \\([.mounts[].path] | tojson)\"",
			"-o", "NS,TYPE,MOUNTS"),
		strf("%s [\"%s/a b\\nc\\\\d\\u001b[31m\\\\xff\\\"e,f\"]\n", ns, live_work));
	out = nsls("-P", "-o", "NS,MOUNTS,HOLDERS").out;
	assert_contains(out, "/a b\\x0ac\\d\\x1b[31m\\xff\"e\\x2cf");
	assert_lacks(out, "\x1b");
	assert_contains(nsls("-r", "-P", "-o", "NS,MOUNTS").out,
		"/a\\x20b\\x0ac\\x5cd\\x1b[31m\\xff\"e\\x2cf\n");
}

TEST(a_mount_point_as_long_as_can_be_is_listed)
{
	char name[256], deep[4096];
	const char *ns;
	int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	memset(name, 'x', 250);
	name[250] = '\0';
	assert_int_equal(chdir(live_work), 0);
	for (int i = 0; i < 15; i++)
		assert_true(mkdir(name, 0700) == 0 && chdir(name) == 0);
	ns = live_mount_new("net", "f");
	assert_non_null(getcwd(deep, sizeof(deep)));
	assert_int_equal(fchdir(here), 0);
	close(here);
	assert_contains(output_of(nsls("-J", ns)), deep);
}

TEST(a_fifo_over_a_mount_point_is_never_opened)
{
	const char *fifo = strf("%s/fifo", live_work), *path = strf("%s/covered", live_work);
	const char *ns = live_mount_new("net", path);

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(mount(fifo, path, NULL, MS_BIND, NULL), 0);
	assert_string_equal(nsls_jq("[.holders[].kind] | join(\",\")", ns), "mount\n");
	assert_contains(error_of(nsls(path)), "not a namespace");
}

TEST(descriptors_on_anything_make_no_run_wait)
{
	const char *fifo = strf("%s/other-fifo", live_work);
	int fd, path_fd;
	pid_t pid;

	assert_int_equal(mkfifo(fifo, 0600), 0);
	fd = live_open_file(fifo, O_RDWR);
	path_fd = live_open_file(fifo, O_PATH);
	pid = live_clone(0); /* has them, too */
	assert_int_equal(nsls("-l").status, 0);
	live_end(pid);
	close(fd);
	close(path_fd);
}

#define MANY 1000 /* descriptors */

/* A process that has a namespace open MANY times more, and children that share its descriptors. */
static void share_table(void *ns)
{
	for (int i = 0; i < MANY; i++)
		MUST(dup(*(int *)ns) >= 0);
	for (int i = 0; i < 20; i++)
		live_clone(CLONE_FILES);
}

TEST(big_table_of_descriptors_is_listed_once_however_many_processes_share_it)
{
	static const char *const jobs[] = { "1", "2", "7" };
	int ns = live_namespace("uts");
	const char *text = live_fd_text(ns, "uts");
	pid_t pid = live_start(0, share_table, &ns);

	close(ns);
	for (size_t i = 0; i < COUNT(jobs); i++)
		assert_string_equal(nsls_jq("[.holders[].pid] | \"\\(unique | length) \\(length)\"",
					    "--jobs", jobs[i], text),
			strf("1 %d\n", MANY + 1));
	live_end(pid);
}

int main(void)
{
	return live_run_tests("hostile", false, live_make_work, live_remove_work);
}
