// SPDX-License-Identifier: MIT
/*
 * Mount points that are made so that they are not found, or something else is found there: in a
 * mount namespace of their own, the first member of which sees another tree, with paths of any
 * length, and with other mounts on top.
 */
#include "hold.h"

#include <sys/sysmacros.h>

/* Two network namespaces, which end up held by mounts alone: descriptors, and "net:[INODE]". */
static int fds[2];
static const char *ns[2];

/* A process in a mount namespace of its own, which has arranged things below live_work there. */
static pid_t start_in_work(void (*arrange)(void *data), void *data)
{
	pid_t pid;

	MUST(chdir(live_work) == 0);
	pid = live_start(CLONE_NEWNS, arrange, data);
	MUST(chdir("/") == 0);
	return pid;
}

/* A process that has done so, and alone has both namespaces mounted. */
static pid_t start(void (*arrange)(void *data), void *data)
{
	pid_t pid;

	for (int i = 0; i < 2; i++) {
		fds[i] = live_namespace("net");
		ns[i] = live_fd_text(fds[i], "net");
	}
	pid = start_in_work(arrange, data);
	for (int i = 0; i < 2; i++)
		close(fds[i]);
	return pid;
}

/* Returns what jq makes of the holders of one of the two. */
static char *holders_by_jq(int n, const char *program)
{
	struct answer answer = nsls("-J", "-o", "KIND,PATH,MOUNT", ns[n]);

	assert_lacks(answer.err, "mounts");
	return jq(output_of(answer), program);
}

static void assert_holders(int n, const char *program, const char *expected)
{
	assert_string_equal(holders_by_jq(n, program), expected);
}

#define NAME_LENGTH 250

/* Mounts both, the second so many directories deep. */
static void mount_both(void *depth)
{
	char name[NAME_LENGTH + 1] = "";

	live_bind_and_close(fds[0], "beside");
	memset(name, 'x', NAME_LENGTH);
	for (int i = 0; i < *(int *)depth; i++)
		MUST((mkdir(name, 0700) == 0 || errno == EEXIST) && chdir(name) == 0);
	live_bind_and_close(fds[1], "f");
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST(a_path_of_any_length_hides_no_mount)
{
	int depth = 5000; /* more than a megabyte */
	pid_t pid = start(mount_both, &depth);

	assert_holders(
		0, ".holders[] | \"\\(.kind) \\(.mount)\"", strf("mount %s/beside\n", live_work));
	assert_holders(1, ".holders[] | \"\\(.path) \\(.mount)\"", "null (path too long)\n");
	live_end(pid);
}

/* The first is as long as a system call takes, the second is 25 KiB long. */
TEST(a_path_is_shown_even_if_no_system_call_takes_it)
{
	static int depths[] = { 15, 100 };

	for (size_t i = 0; i < COUNT(depths); i++) {
		pid_t pid = start(mount_both, &depths[i]);

		assert_holders(1, ".holders[].mount | \"\\(length) \\(endswith(\"x/f\"))\"",
			strf("%zu true\n", strlen(live_work) +
						   (size_t)depths[i] * (NAME_LENGTH + 1) +
						   strlen("/f")));
		live_end(pid);
	}
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
	pid_t pid = start(mount_on_mount, NULL);

	assert_holders(0, ".holders[] | \"\\(.kind) \\(.path)\"", "mount null\n");
	assert_holders(1, ".holders[].path", strf("/proc/%d/root%s/stack\n", pid, live_work));
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
	pid_t pid = start(hide_behind_tree, NULL), second;
	const char *path = holders_by_jq(0, ".holders[] | \"\\(.kind) \\(.path)\"");

	assert_int_equal(sscanf(path, "mount /proc/%d/", &second), 1);
	assert_true(second != pid);
	assert_contains(path, strf("/root%s/hidden\n", live_work));
	live_end(pid);
}

#define HOSTILE "a b\n\033[2J\\040"
#define HOSTILE_IN_JSON "a b\\n\\u001b[2J\\\\040"

static void mount_hostile(void *unused)
{
	MUST(mkdir(HOSTILE, 0700) == 0 || errno == EEXIST);
	MUST(mount("x y", HOSTILE, "tmpfs", 0, NULL) == 0);
}

/* A process that alone has that mounted; its mount namespace, and "MAJ:MIN" of the file system. */
static pid_t start_hostile(const char **ret_mntns, const char **ret_device)
{
	pid_t pid = start_in_work(mount_hostile, NULL);
	struct stat st;

	*ret_mntns = live_link(pid, "mnt");
	MUST(stat(strf("/proc/%d/root%s/" HOSTILE, pid, live_work), &st) == 0);
	*ret_device = strf("%u:%u", major(st.st_dev), minor(st.st_dev));
	return pid;
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

TEST(a_file_system_that_is_mounted_elsewhere_is_found_by_number_and_by_mount_point)
{
	const char *mntns, *device, *expected;
	pid_t pid = start_hostile(&mntns, &device);

	expected = strf("%d \"%s/" HOSTILE_IN_JSON "\"\n", pid, live_work);
	assert_string_equal(list_mounted(device, mntns), expected);
	/* Here, nothing is mounted on it. */
	assert_string_equal(list_mounted(strf("%s/" HOSTILE, live_work), mntns), expected);
	live_end(pid);
}

TEST(a_file_system_in_a_mount_namespace_without_a_process_is_found)
{
	const char *mntns, *device;
	int fd = live_open_and_end(start_hostile(&mntns, &device), "mnt");

	if (strstr(nsls("-J").out, "mounts of a mount namespace without a process"))
		live_skip("this kernel has no statmount(2) of another mount namespace");
	assert_string_equal(
		list_mounted(device, mntns), strf("null \"%s/" HOSTILE_IN_JSON "\"\n", live_work));
	close(fd);
}

int main(void)
{
	return live_run_tests("paths", false, live_make_work, live_remove_work);
}
