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

/* What a process makes and reports, in memory that it shares. */
static const char *(*maker)(void);

static void make_and_report(void *ret_ns)
{
	strcpy(ret_ns, maker());
}

/* Starts a process that has done this. ns gets the namespace that it has made. */
static pid_t start(const char *(*make)(void), char ns[64])
{
	char *report = live_share(64);
	pid_t pid;

	maker = make;
	pid = live_start(0, make_and_report, report);
	strcpy(ns, report);
	return pid;
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

/* Ends a child, and waits for it and for the zombies that it leaves. */
static void end(pid_t pid)
{
	if (waitpid(pid, NULL, WNOHANG) < 0)
		return; /* that was done before */
	live_end(pid);
	wait_for_zombies();
}

/* Ends the process or runs the line in sh, as a user does. Returns the status of the command. */
static int follow(const char *line)
{
	pid_t pid;

	if (sscanf(line, "end process %d", &pid) != 1)
		return system(line);
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOHANG | WNOWAIT),
		0); /* a child of ours */
	end(pid);
	return 0;
}

static void follow_all(char *lines)
{
	for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n"))
		assert_int_equal(follow(line), 0);
}

/* Other programs that read namespaces, nsls among them, hold each for a moment. */
static void assert_gone(const char *ns)
{
	for (int tries = 100; exists(ns); tries--) {
		wait_for_zombies();
		assert_true(tries > 0);
	}
}

static void assert_begins(const char *lines, const char *expected)
{
	if (strncmp(lines, expected, strlen(expected)) != 0)
		fail_msg("%s, not %s", lines, expected);
}

/* RELEASE of the namespace begins so. After these commands, the namespace is gone. */
static void assert_releases(const char *ns, const char *kind, const char *expected)
{
	char *lines = commands(ns, kind);

	assert_true(exists(ns));
	assert_begins(lines, expected);
	follow_all(lines);
	assert_gone(ns);
}

static void assert_both_release(const char *(*make)(void), const char *kind, const char *expected)
{
	const char *const kinds[] = { NULL, kind };
	char ns[64];

	for (int i = 0; i < 2; i++) {
		pid_t pid = start(make, ns);

		assert_releases(ns, kinds[i], expected);
		end(pid);
	}
}

static const char *be_member(void)
{
	MUST(unshare(CLONE_NEWNET) == 0 && prctl(PR_SET_NAME, "a);touch x #") == 0);
	return live_link(getpid(), "net");
}

static const char *keep_fd(void)
{
	return live_fd_text(live_namespace("net"), "net");
}

static const char *keep_socket(void)
{
	int fd = -1;
	const char *ns;

	make_away(AF_INET, &fd);
	ns = live_fd_text(fd, "net");
	close(fd);
	return ns;
}

static const char *keep_mount(void)
{
	MUST(unshare(CLONE_NEWNS) == 0);
	return live_mount_new("net", strf("%s/else'where\n", live_work));
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(ending_the_process_releases_it)
{
	assert_both_release(be_member, "process", "end process ");
	assert_both_release(keep_fd, "fd", "end process ");
	assert_both_release(keep_socket, "socket", "end process ");
}

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

/* Processes in mount namespaces of their own, with private copies of all mounts. */
static const char *copy_mounts(void)
{
	live_unshare_mounts();
	return "";
}

static void assert_copies_released(const char *path, const char *expected)
{
	const char *ns = live_mount_new("net", path);
	char unused[64];
	pid_t pids[3];

	for (int i = 0; i < 3; i++)
		pids[i] = start(copy_mounts, unused);
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

static const char *copy_mounts_locked(void)
{
	MUST(unshare(CLONE_NEWUSER) == 0);
	return copy_mounts();
}

/* Returns whether umount(8) of the path in there fails. */
static bool is_locked(pid_t pid, const char *path)
{
	return system(strf("umount -i -n -N %d '%s' 2>/dev/null", pid, path)) != 0;
}

TEST(a_locked_copy_is_called_so_and_no_command_unmounts_it)
{
	const char *path = strf("%s/locked", live_work), *ns, *lines, *unmount;
	char unused[64];
	struct answer answer;
	pid_t pid;

	ns = live_mount_new("net", path);
	pid = start(copy_mounts_locked, unused);
	answer = nsls("-n", "-o", "HOLDER", ns);
	assert_contains(answer.out, strf("(PID %d), locked: a copy of that in ", pid));
	assert_true(is_locked(pid, path));
	/* Which mount namespace comes first depends on numbers that the kernel gives again. */
	lines = commands(ns, "mount");
	unmount = strf("umount %s\n", path);
	assert_contains(lines, unmount, "disappears with mnt:[");
	lines = commands(ns, NULL);
	assert_contains(lines, unmount, strf("end process %d '(", pid));
	assert_releases(ns, NULL, "");
	end(pid);
}

TEST(removing_the_file_releases_a_locked_copy)
{
	const char *ns;
	char unused[64];
	pid_t pid;

	ns = live_mount_new("net", "/run/netns/b c");
	pid = start(copy_mounts_locked, unused);
	assert_true(is_locked(pid, "/run/netns/b c"));
	assert_releases(ns, NULL, "umount '/run/netns/b c' && rm '/run/netns/b c'\n");
	end(pid);
}

/* A zombie that was process 1 of a new PID namespace; its parent does not wait. */
static const char *keep_zombie(void)
{
	struct ready ready = ready_new();
	const char *ns;
	pid_t pid;

	MUST(unshare(CLONE_NEWPID) == 0);
	pid = live_fork(0);
	if (pid == 0) {
		ready_await(&ready);
		_exit(0);
	}
	ns = live_link(pid, "pid");
	ready_signal(&ready);
	MUST(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) == 0);
	return ns;
}

TEST_CALL(ending_the_parent_of_a_zombie_releases_it,
	assert_both_release(keep_zombie, "zombie", "end process "));

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
static const char *keep_exiting(void (*live)(void *unused))
{
	pid_t init, entered;
	const char *ns;

	MUST(unshare(CLONE_NEWPID) == 0);
	init = live_start(0, live, NULL);
	entered = live_fork(0);
	if (entered == 0)
		_exit(0);
	MUST(waitid(P_PID, (id_t)entered, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) == 0);
	ns = live_link(init, "pid");
	MUST(kill(init, SIGKILL) == 0);
	while (has_live_thread(init))
		sched_yield();
	return ns;
}

static void live_alone(void *unused) {}

static const char *keep_exiting_process(void)
{
	return keep_exiting(live_alone);
}

/* Then it is another thread than the first that waits. */
static const char *keep_exiting_thread(void)
{
	return keep_exiting(live_lose_main_thread);
}

TEST_CALL(exiting_first_process_is_released_by_the_parent_of_a_zombie_in_its_namespace,
	assert_both_release(keep_exiting_process, "exiting", "end process "));
TEST_CALL(an_exiting_first_process_may_wait_in_another_thread_than_its_main_one,
	assert_both_release(keep_exiting_thread, "exiting", "end process "));

/* A user namespace that only a network namespace holds, which a descriptor holds. */
static const char *keep_owned(void)
{
	pid_t pid = live_clone(CLONE_NEWUSER | CLONE_NEWNET);
	const char *ns = live_link(pid, "user");

	live_open_and_end(pid, "net");
	return ns;
}

TEST(what_owns_another_namespace_is_released_with_that)
{
	char ns[64];
	pid_t pid = start(keep_owned, ns);

	assert_begins(commands(ns, "owned"), "disappears with net:[");
	assert_releases(ns, NULL, "end process ");
	end(pid);
}

/* Lines "TYPE:[INODE]\tCOMMAND" of all namespaces, one without a command at the end of each. */
static char *commands_of_all(void)
{
	return nsls_jq(
		".namespaces[] | \"\\(.type):[\\(.ns)]\\t\\((.release // []) + [\"\"] | .[])\"",
		"-l", "-o", "NS,TYPE,RELEASE");
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

/* The test itself, which has zombies once their parents are ended, is let wait for them. */
static void end_in_matrix(pid_t pid, const char *command)
{
	bool waits = pid == getpid() && strstr(command, " or let it wait for ");

	if (waits || kill(pid, 0) < 0)
		return; /* that was done for another namespace */
	if (pid == getpid())
		fail_msg("not of the matrix: %s", command);
	if (is_descendant(pid)) /* else another nsls holds a namespace for a moment */
		kill(pid, SIGKILL);
}

/*
 * Returns false for words that are no command. What is mounted may be unmounted already, for
 * another namespace, so umount(8) may fail.
 */
static bool follow_in_matrix(const char *command)
{
	pid_t pid;

	if (!*command || !strncmp(command, "no command: ", 12) ||
		!strncmp(command, "disappears with ", 16))
		return false;
	if (sscanf(command, "end process %d", &pid) == 1)
		end_in_matrix(pid, command);
	else
		(void)!system(strf("{ %s\n} 2>/dev/null", command));
	return true;
}

/* Follows what the lines have for the namespace. Returns whether any of it was a command. */
static bool follow_lines(const char *lines, const char *ns, bool *ret_listed)
{
	size_t len = strlen(ns);
	bool any = false;

	*ret_listed = false;
	for (const char *end; *lines; lines = end + (*end == '\n')) {
		end = lines + strcspn(lines, "\n");
		if (strncmp(lines, ns, len) != 0)
			continue;
		lines += len + 1;
		any = follow_in_matrix(strf("%.*s", (int)(end - lines), lines)) || any;
		*ret_listed = true;
	}
	return any;
}

/*
 * Follows all commands for the namespaces of the matrix. Returns for how many there was one, and
 * how many others exist.
 */
static int follow_matrix(bool last, int *ret_others)
{
	char *lines = commands_of_all();
	int n = 0;

	*ret_others = 0;
	for (const struct truth *t = truths; *t->ns; t++) {
		bool listed, any = follow_lines(lines, t->ns, &listed);

		if (any && last)
			print_error("%s, %s, still exists\n", t->ns, t->holders);
		n += any;
		*ret_others += listed && !any && strncmp(t->holders, "mount ", 6) != 0;
	}
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
	int n = 1, first = 0, others = 0, others_first = 0;

	matrix_start();
	for (int round = 0; n > 0 && round < ROUNDS; round++) {
		n = follow_matrix(round == ROUNDS - 1, &others);
		first = round ? first : n;
		others_first = round ? others_first : others;
		wait_for_zombies();
	}
	print_message("%d released, %d without a command\n", first, others);
	assert_int_equal(n, 0);
	assert_int_equal(others, others_first);
	assert_true(first >= 90);
	matrix_end();
}

int main(void)
{
	return live_run_tests("release", false, set_up, live_remove_work);
}
