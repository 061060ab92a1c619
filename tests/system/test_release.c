// SPDX-License-Identifier: MIT
/*
 * What RELEASE shows, done as a user does it: a command is pasted into sh, and "end process PID"
 * is a kill(2) of that. Afterwards the namespace is gone; or RELEASE has reported that no command
 * releases it, and none does. So each of the matrix, too (hold.h).
 */
#include "hold.h"

#include <glob.h>

/* The test's own /run, and a directory that is elsewhere. */
static int set_up(void **state)
{
	live_make_work(state);
	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	MUST(mount("run", "/run", "tmpfs", 0, "mode=755") == 0 && mkdir("/run/netns", 0755) == 0);
	return 0;
}

static bool exists(const char *ns)
{
	int status = nsls("-q", ns).status;

	assert_true(status == 0 || status == 2);
	return status == 0;
}

/* Lines of all commands, or of those of holders of that kind. */
static char *commands(const char *ns, const char *kind)
{
	if (kind)
		return nsls_jq(".holders[].release[]", "-o", "RELEASE", "--kind", kind, ns);
	return nsls_jq(
		strf(".namespaces[] | select(\"\\(.type):[\\(.ns)]\" == \"%s\") | .release[]", ns),
		"-l", "-o", "NS,TYPE,RELEASE");
}

/* Waits for children that have ended, and for those of theirs, which become ours. */
static void wait_for_zombies(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}

/* Ends a child unless a command has, and waits for it and for the zombies that it leaves. */
static void end(pid_t pid)
{
	if (waitpid(pid, NULL, WNOHANG) == 0)
		live_end(pid);
	wait_for_zombies();
}

static bool is_descendant(pid_t pid)
{
	while (pid > 1 && pid != getpid()) {
		FILE *file = fopen(strf("/proc/%d/stat", pid), "re");

		if (!file || fscanf(file, "%*d (%*[^)]) %*c %d", &pid) != 1)
			pid = 0;
		if (file)
			fclose(file);
	}
	return pid == getpid();
}

/* Ends the process or runs the line in sh, as a user does. Returns -1 for words that are no
 * command. */
static int follow(const char *line)
{
	pid_t pid;

	if (!*line || !strncmp(line, "no command: ", 12) || !strncmp(line, "disappears with ", 16))
		return -1;
	if (sscanf(line, "end process %d", &pid) != 1)
		return system(strf("{ %s\n} 2>/dev/null", line));
	if (pid == getpid() && !strstr(line, " or let it wait for "))
		fail_msg("not of the test: %s", line);
	/* The test itself waits for zombies later. Another nsls holds a namespace for a moment. */
	if (pid != getpid() && is_descendant(pid))
		kill(pid, SIGKILL);
	return 0;
}

/* Other programs that read namespaces, nsls among them, hold each for a moment. */
static void assert_gone(const char *ns)
{
	wait_for_zombies();
	for (int tries = 100; exists(ns); tries--) {
		wait_for_zombies();
		assert_true(tries > 0);
	}
}

/* RELEASE of the namespace begins so. After these commands, the namespace is gone. */
static void assert_releases(const char *ns, const char *kind, const char *expected)
{
	char *lines = commands(ns, kind);

	assert_true(exists(ns));
	if (strncmp(lines, expected, strlen(expected)) != 0)
		fail_msg("%s, not %s", lines, expected);
	for (EACH_WORD(line, lines, "\n"))
		if (*line && follow(line) != 0)
			fail_msg("no command, or one that fails: %s", line);
	assert_gone(ns);
}

/* make() reports a namespace that the process which calls it holds. */
static void assert_both_release(void (*make)(void *ret_ns), const char *kind, const char *expected)
{
	const char *const kinds[] = { NULL, kind };
	char *ns = live_share(64);

	for (int i = 0; i < 2; i++) {
		pid_t pid = live_start(0, make, ns);

		assert_releases(ns, kinds[i], expected);
		end(pid);
	}
}

static void keep_mount(void *ret_ns)
{
	MUST(unshare(CLONE_NEWNS) == 0);
	strcpy(ret_ns, live_mount_new("net", strf("%s/else'where\n", live_work)));
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST_CALL(a_hostile_mount_point_elsewhere_is_unmounted,
	assert_both_release(keep_mount, "mount", "printf '"));

TEST(a_mount_of_ours_is_unmounted)
{
	static const char *const names[] = { "plain", "b two", "$(reboot)", "it's", "a\n",
		"\xff!" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const char *ns = live_mount_new("net", strf("%s/%s", live_work, names[i]));

		assert_releases(ns, i % 2 ? "mount" : NULL, i < 3 ? "umount " : "printf '");
	}
}

/* Of a process in a mount namespace of its own, with private copies of all mounts. */
static void copy_mounts(void *unused)
{
	live_unshare_mounts();
}

static void copy_mounts_locked(void *unused)
{
	MUST(unshare(CLONE_NEWUSER) == 0);
	live_unshare_mounts();
}

static void assert_copies_released(const char *path, const char *expected)
{
	const char *ns = live_mount_new("net", path);
	pid_t pids[3];

	for (int i = 0; i < 3; i++)
		pids[i] = live_start(0, copy_mounts, NULL);
	assert_releases(ns, NULL, expected);
	for (int i = 0; i < 3; i++)
		end(pids[i]);
}

TEST(one_command_releases_all_copies)
{
	if (system("ip -V >/dev/null 2>&1") == 0)
		assert_copies_released("/run/netns/blue", "ip netns del blue\n");
	assert_copies_released(
		"/run/netns/b two", "umount '/run/netns/b two' && rm '/run/netns/b two'\n");
}

/* Starts a process with a locked copy of that mount: umount(8) of the path in there fails. */
static pid_t start_with_locked_copy(const char *path)
{
	pid_t pid = live_start(0, copy_mounts_locked, NULL);

	assert_true(system(strf("umount -i -n -N %d '%s' 2>/dev/null", pid, path)) != 0);
	return pid;
}

TEST(a_locked_copy_is_called_so_and_no_command_unmounts_it)
{
	const char *path = strf("%s/locked", live_work), *unmount = strf("umount %s\n", path);
	const char *ns = live_mount_new("net", path);
	pid_t pid = start_with_locked_copy(path);

	assert_contains(output_of(nsls("-n", "-o", "HOLDER", ns)),
		strf("(PID %d), locked: a copy of that in ", pid));
	/* Which mount namespace comes first depends on numbers that the kernel gives again. */
	assert_contains(commands(ns, "mount"), unmount, "disappears with mnt:[");
	assert_contains(commands(ns, NULL), unmount, strf("end process %d '(", pid));
	assert_releases(ns, NULL, "");
	end(pid);
}

TEST(removing_the_file_releases_a_locked_copy)
{
	const char *ns = live_mount_new("net", "/run/netns/b c");
	pid_t pid = start_with_locked_copy("/run/netns/b c");

	assert_releases(ns, NULL, "umount '/run/netns/b c' && rm '/run/netns/b c'\n");
	end(pid);
}

/* In exit(2), a thread gives up this namespace before it waits. */
static bool has_live_thread(pid_t pid)
{
	bool found = false;
	glob_t links;
	char text[64];

	MUST(glob(strf("/proc/%d/task/*/ns/uts", pid), GLOB_NOSORT | GLOB_NOCHECK, NULL, &links) ==
		0);
	for (size_t i = 0; i < links.gl_pathc; i++)
		found = found || readlink(links.gl_pathv[i], text, sizeof(text)) > 0;
	globfree(&links);
	return found;
}

/*
 * Process 1 of a PID namespace that was ended and waits for a zombie, the parent of which is
 * outside and does not wait.
 */
static void keep_exiting(void *ret_ns, void (*live)(void *unused))
{
	pid_t init, entered;

	MUST(unshare(CLONE_NEWPID) == 0);
	init = live_start(0, live, NULL);
	entered = live_fork(0);
	if (entered == 0)
		_exit(0);
	MUST(waitid(P_PID, (id_t)entered, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) == 0);
	strcpy(ret_ns, live_link(init, "pid"));
	MUST(kill(init, SIGKILL) == 0);
	while (has_live_thread(init))
		sched_yield();
}

static void live_alone(void *unused) {}

static void keep_exiting_process(void *ret_ns)
{
	keep_exiting(ret_ns, live_alone);
}

/* Then it is another thread than the first that waits. */
static void keep_exiting_thread(void *ret_ns)
{
	keep_exiting(ret_ns, live_lose_main_thread);
}

TEST_CALL(exiting_first_process_is_released_by_the_parent_of_a_zombie_in_its_namespace,
	assert_both_release(keep_exiting_process, "exiting", "end process "));
TEST_CALL(an_exiting_first_process_may_wait_in_another_thread_than_its_main_one,
	assert_both_release(keep_exiting_thread, "exiting", "end process "));

/*
 * Follows all commands for the namespaces of the matrix. Returns for how many there was one, and
 * how many others exist. What is mounted may be unmounted already, for another namespace, so
 * umount(8) may fail.
 */
static int follow_matrix(bool last, int *ret_others)
{
	char *rows = nsls_jq(
		".namespaces[] | \"\\(.type):[\\(.ns)]\\t\\(.release // [] | join(\"\\t\"))\"",
		"-l", "-o", "NS,TYPE,RELEASE");
	int n = 0;

	*ret_others = 0;
	for (const struct truth *t = truths; *t->ns; t++) {
		const char *row = matrix_find(rows, t->ns);
		bool any = false;

		for (EACH_WORD(command, row ? row : "", "\t"))
			any |= follow(command) >= 0;
		if (any && last)
			print_error("%s, %s, still exists\n", t->ns, t->holders);
		n += any;
		*ret_others += row && !any && strncmp(t->holders, "mount ", 6) != 0;
	}
	wait_for_zombies();
	return n;
}

#define ROUNDS 20

/*
 * Several rounds: a process that was ended may be a zombie until its parent is ended, which RELEASE
 * shows then. What has no command must still exist when all others are gone, but for what is
 * mounted where the mount point is not known: it goes with the process in its mount namespace.
 */
TEST(each_of_the_matrix_is_released_or_has_no_command)
{
	int n, first, others, others_first;

	matrix_start(NULL);
	n = first = follow_matrix(false, &others_first);
	others = others_first;
	for (int round = 1; n > 0 && round < ROUNDS; round++)
		n = follow_matrix(round == ROUNDS - 1, &others);
	print_message("%d released, %d without a command\n", first, others);
	assert_int_equal(n, 0);
	assert_int_equal(others, others_first);
	assert_true(first >= 90);
	matrix_end(NULL);
}

int main(void)
{
	return live_run_tests("release", false, set_up, live_remove_work);
}
