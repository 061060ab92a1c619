// SPDX-License-Identifier: MIT
/*
 * Mount points that are made so that they are not found, or something else is found there: in a
 * mount namespace of their own, the first member of which sees another tree, with paths of any
 * length, and with other mounts on top.
 */
#include "hold.h"

#include <sys/sysmacros.h>

/* Two network namespaces, which end up held by mounts alone. */
static int fds[2];

/* A process in a mount namespace of its own, which has arranged things below live_work there. */
static pid_t start_in_work(void (*arrange)(void *unused))
{
	pid_t pid;

	MUST(chdir(live_work) == 0);
	pid = live_start(CLONE_NEWNS, arrange, NULL);
	MUST(chdir("/") == 0);
	return pid;
}

/* Network namespaces that only that process has mounted; ns gets their names. */
static pid_t start(void (*arrange)(void *unused), const char *ns[2])
{
	pid_t pid;

	for (int i = 0; i < 2; i++) {
		fds[i] = live_namespace("net");
		ns[i] = live_fd_text(fds[i], "net");
	}
	pid = start_in_work(arrange);
	for (int i = 0; i < 2; i++)
		close(fds[i]);
	return pid;
}

/* Returns what jq makes of the holders of a namespace. */
static char *holders_by_jq(const char *ns, const char *program)
{
	struct answer answer = nsls("-J", "-o", "KIND,PATH,MOUNT", ns);

	assert_lacks(answer.err, "mounts");
	return jq(output_of(answer), program);
}

static void assert_holders(const char *ns, const char *program, const char *expected)
{
	assert_string_equal(holders_by_jq(ns, program), expected);
}

/* Mounts both, the second so deep. */
static void mount_both(int depth)
{
	char name[256] = "";

	live_bind_and_close(fds[0], "beside");
	memset(name, 'x', 250);
	for (int i = 0; i < depth; i++)
		MUST(mkdir(name, 0700) == 0 && chdir(name) == 0);
	live_bind_and_close(fds[1], "f");
}

/* More than a megabyte. */
static void mount_deep(void *unused)
{
	mount_both(5000);
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(a_path_of_any_length_hides_no_mount)
{
	const char *ns[2];
	pid_t pid = start(mount_deep, ns);

	assert_holders(ns[0], ".holders[] | \"\\(.kind) \\(.mount)\"",
		strf("mount %s/beside\n", live_work));
	assert_holders(ns[1], ".holders[] | \"\\(.path) \\(.mount)\"", "null (path too long)\n");
	live_end(pid);
}

/* 25 KiB: longer than a path that a system call takes. */
static void mount_half_deep(void *unused)
{
	MUST(mkdir("half", 0700) == 0 && chdir("half") == 0);
	mount_both(100);
}

TEST(a_path_that_no_system_call_takes_is_shown)
{
	const char *ns[2];
	pid_t pid = start(mount_half_deep, ns);

	assert_holders(ns[1], ".holders[].mount | length > 25000 and endswith(\"x/f\")", "true\n");
	live_end(pid);
}

/* The second on top of the first. */
static void mount_on_mount(void *unused)
{
	live_bind_and_close(fds[0], "stack");
	MUST(mount(strf("/proc/self/fd/%d", fds[1]), "stack", NULL, MS_BIND, NULL) == 0);
	close(fds[1]);
}

TEST(a_covered_mount_has_no_path_and_the_one_on_top_has)
{
	const char *ns[2];
	pid_t pid = start(mount_on_mount, ns);

	assert_holders(ns[0], ".holders[] | \"\\(.kind) \\(.path)\"", "mount null\n");
	assert_holders(ns[1], ".holders[].path", strf("/proc/%d/root%s/stack\n", pid, live_work));
	live_end(pid);
}

/*
 * The root of the first member reads "/", but is a tree of its own (open_tree(2)) in which nothing
 * is mounted. The second sees all.
 */
static void hide_behind_tree(void *unused)
{
	int tree;

	live_bind_and_close(fds[0], "hidden");
	close(fds[1]);
	live_clone(0);
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE | O_CLOEXEC);
	MUST(tree >= 0 && fchdir(tree) == 0 && chroot(".") == 0);
}

TEST(path_to_a_mount_is_through_a_member_that_sees_it)
{
	const char *ns[2], *path;
	pid_t pid, second;

	pid = start(hide_behind_tree, ns);
	path = holders_by_jq(ns[0], ".holders[] | \"\\(.kind) \\(.path)\"");
	assert_int_equal(sscanf(path, "mount /proc/%d/", &second), 1);
	assert_true(second != pid);
	assert_contains(path, strf("/root%s/hidden\n", live_work));
	live_end(pid);
}

#define HOSTILE "a b\n\033[2J\\040"

static void mount_hostile(void *unused)
{
	MUST(mkdir(HOSTILE, 0700) == 0 && mount("x y", HOSTILE, "tmpfs", 0, NULL) == 0);
}

/* Returns what nsls --mounted lists of the mount namespace, a line per mount: PID and mount point.
 */
static char *list_mounted(const char *what, const char *mntns)
{
	return nsls_jq(strf(".mounts[] | select(\"mnt:[\\(.ns)]\" == \"%s\") | "
			    "\"\\(.pid) \\(.mount|tojson)\"",
			       mntns),
		"--mounted", what);
}

/* "MAJ:MIN" by stat(2) through the root directory of the process. */
static const char *device_at(pid_t pid, const char *path)
{
	struct stat st;

	MUST(stat(strf("/proc/%d/root%s", pid, path), &st) == 0);
	return strf("%u:%u", major(st.st_dev), minor(st.st_dev));
}

TEST(a_file_system_that_is_mounted_elsewhere_is_found_by_number_and_by_mount_point)
{
	const char *path = strf("%s/" HOSTILE, live_work);
	const char *device, *mntns, *by_number, *by_path, *expected;
	pid_t pid = start_in_work(mount_hostile);

	mntns = live_link(pid, "mnt");
	device = device_at(pid, path);
	by_number = list_mounted(device, mntns);
	by_path = list_mounted(path, mntns); /* here, nothing is mounted on it */
	live_end(pid);
	expected = strf("%d \"%s/a b\\n\\u001b[2J\\\\040\"\n", pid, live_work);
	assert_string_equal(by_number, expected);
	assert_string_equal(by_path, expected);
	MUST(rmdir(path) == 0);
}

TEST(a_file_system_in_a_mount_namespace_without_a_process_is_found)
{
	const char *path = strf("%s/" HOSTILE, live_work), *device, *mntns, *lines;
	pid_t pid = start_in_work(mount_hostile);
	int fd;

	mntns = live_link(pid, "mnt");
	device = device_at(pid, path);
	fd = live_open_and_end(pid, "mnt");
	if (strstr(nsls("-J").out, "mounts of a mount namespace without a process"))
		live_skip("this kernel has no statmount(2) of another mount namespace");
	lines = list_mounted(device, mntns);
	close(fd);
	assert_string_equal(lines, strf("null \"%s/a b\\n\\u001b[2J\\\\040\"\n", live_work));
	MUST(rmdir(path) == 0);
}

int main(void)
{
	return live_run_tests("paths", false, live_make_work, live_remove_work);
}
