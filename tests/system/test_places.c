// SPDX-License-Identifier: MIT
/*
 * nsls where something is hidden: in a PID namespace or a user namespace of its own, with a procfs
 * that is not ours or hides processes, and without any. There a busy namespace, of which only a
 * mount is visible, is never listed as one without a process, and --strict exits with 3.
 */
#include "live.h"

#include <linux/capability.h>

static char proc[64];       /* a procfs in there */
static unsigned long inode; /* of a busy network namespace: a mount and a process hold it */
static pid_t member;

static int set_up(void **state)
{
	live_make_work(state);
	snprintf(proc, sizeof(proc), "%s/proc", live_work);
	MUST(mkdir(proc, 0755) == 0);
	member = live_clone(CLONE_NEWNET);
	inode = live_inode(live_ns_path(member, "net"));
	live_bind_and_close(live_open_ns(member, "net"), strf("%s/busy", live_work));
	/* Where nsls is built with a sanitizer, that finds leaks by PIDs of /proc. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	return 0;
}

static int tear_down(void **state)
{
	live_end(member);
	return live_remove_work(state);
}

/* What --strict, --no-warnings and JSON have of the busy namespace and of what is hidden. */
static char *report_after(void (*go)(void), uint64_t flags, const char *procfs)
{
	struct answer quiet =
		nsls_after(flags, go, "--procfs", procfs, "--strict", "-q", "-P", "-t", "net");
	struct answer json = nsls_after(flags, go, "--procfs", procfs, "--strict", "--no-warnings",
		"-P", "-J", "-t", "net");

	assert_int_equal(quiet.status, 3);
	assert_int_equal(json.status, 3);
	assert_string_equal(quiet.err, "");
	assert_string_equal(json.err, "");
	return jq(json.out,
		strf(".complete, (.namespaces[] | select(.ns == %lu) | .nprocs), .notes[]", inode));
}

/* NPROCS is unknown, and one note has the reason. */
static void assert_unknown(void (*go)(void), uint64_t flags, const char *procfs, const char *note)
{
	char *seen = report_after(go, flags, procfs);

	if (strncmp(seen, "false\nnull\n", 11) != 0 || !strstr(seen, note))
		fail_msg("expected an unknown number and '%s', got: %s", note, seen);
}

static void mount_proc_with(const char *options)
{
	MUST(mount("proc", proc, "proc", 0, options) == 0);
}

static void mount_proc(void)
{
	mount_proc_with(NULL);
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST_CALL(a_pid_namespace_of_its_own_hides_members,
	assert_unknown(
		mount_proc, CLONE_NEWPID | CLONE_NEWNS, proc, "not of the initial PID namespace"));
TEST_CALL(unprivileged_user_finds_few_members,
	assert_unknown(live_become_nobody, 0, "/proc", "permission denied"));

static void go_to_hidepid(void)
{
	mount_proc_with("hidepid=2");
	live_become_nobody();
}

TEST_CALL(a_procfs_with_hidepid_hides_members,
	assert_unknown(go_to_hidepid, CLONE_NEWNS, proc, "hidepid"));
TEST_CALL(hidepid_is_detected_if_process_1_is_ours,
	assert_unknown(go_to_hidepid, CLONE_NEWPID | CLONE_NEWNS, proc, "hidepid"));

static void go_to_user_namespace(void)
{
	live_become_nobody();
	MUST(unshare(CLONE_NEWUSER) == 0);
}

TEST_CALL(a_user_namespace_of_its_own_gives_no_privilege_over_others,
	assert_unknown(go_to_user_namespace, 0, "/proc", "permission denied"));

#ifndef NSLS_SANITIZED /* sanitizers need a /proc that shows them */

static void mount_own_proc(void *unused)
{
	MUST(mount("proc", "/proc", "proc", 0, NULL) == 0);
}

/* As nsenter --mount does: the procfs at /proc is that of the container. */
static void go_to_container(void)
{
	live_start(CLONE_NEWPID, mount_own_proc, NULL);
}

/* A tmpfs in place of /proc, and a procfs of the host elsewhere. */
static void lose_proc(void)
{
	mount_proc();
	MUST(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
}

TEST(a_procfs_of_a_container_shows_no_others)
{
	assert_unknown(go_to_container, CLONE_NEWNS, "/proc", "not of the initial PID namespace");
	assert_unknown(
		go_to_container, CLONE_NEWNS, "/proc", "this procfs is not of our PID namespace");
}

TEST_CALL(one_that_is_ours_is_mounted_where_none_is_in_reach,
	assert_lacks(report_after(go_to_container, CLONE_NEWNS, "/proc"), "can't find itself"));

static void go_to_container_without_privilege(void)
{
	go_to_container();
	MUST(prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) == 0);
}

TEST_CALL(missing_own_procfs_is_a_limitation,
	assert_unknown(go_to_container_without_privilege, CLONE_NEWNS, "/proc",
		"nsls can't find itself in any accessible procfs"));

/* A descriptor that reads back as a path, and an owner: both need an open through our own /proc.
 */
TEST(without_a_proc_of_ours_descriptors_and_owners_are_found)
{
	int fd = live_open_file(strf("%s/busy", live_work), O_RDONLY);

	assert_jq(output_of(nsls_after(CLONE_NEWNS, lose_proc, "--procfs", proc, "-J", "-t", "net",
			  "-o", "NS,FDS,ONS")),
		strf(".namespaces[] | select(.ns == %lu) | any(.fds[]; .pid == %d and .fd == %d), "
		     ".ons",
			inode, getpid(), fd),
		"true\n4026531837\n");
	close(fd);
}

#endif

static void mount_proc_there(void *unused)
{
	mount_proc();
}

TEST(a_procfs_whose_pid_namespace_has_ended_is_an_error)
{
	pid_t pid = live_start(CLONE_NEWPID | CLONE_NEWNS, mount_proc_there, NULL);
	int fd = open(strf("/proc/%d/root%s", pid, proc), O_PATH | O_DIRECTORY); /* for nsls, too */

	assert_true(fd >= 0);
	live_end(pid);
	assert_contains(error_of(nsls("--procfs", strf("/proc/self/fd/%d", fd), "-l")),
		"no processes found");
	close(fd);
}

int main(void)
{
	return live_run_tests("places", false, set_up, tear_down);
}
