// SPDX-License-Identifier: MIT
/*
 * Bind mounts in the test's own mount namespace, there, gone and detached, and in another one: with
 * a process that is a member of it, with one that sees nothing of the mount, and without any.
 *
 * Namespaces without a member that only another namespace holds, which they own or are the parent
 * of. In each case a descriptor, socket or mount holds one of the others.
 */
#include "hold.h"

#include <linux/nsfs.h>

#define OTHER_USER 65534

static void hold_two_mounts(void)
{
	const char *other = strf("%s-too", holder_path);
	int fd = live_namespace(holder_type);

	expect(fd, strf("mount %s, mount %s", holder_path, other));
	live_bind(fd, holder_path);
	live_bind(fd, other);
	close(fd);
}

static void hold_fd_of_gone_mount(void)
{
	int fd;

	live_mount_new(holder_type, holder_path);
	fd = live_open_file(holder_path, O_RDONLY);
	MUST(umount2(holder_path, MNT_DETACH) == 0);
	keep(fd);
}

static void hold_detached_mount(void)
{
	int fd = live_namespace(holder_type), tree;

	live_bind(fd, holder_path);
	tree = MUST_OPEN(
		syscall(SYS_open_tree, AT_FDCWD, holder_path, OPEN_TREE_CLONE | O_CLOEXEC));
	MUST(umount2(holder_path, MNT_DETACH) == 0);
	expect_and_close(fd, strf("fd %s", holder_fd(tree)));
}

/* The first kernel that lists the mounts of a mount namespace without a process. */
#define MOUNTS_SINCE 611

static const char *lacks_mounts_two_deep(void)
{
	return live_in_initial_pid_namespace()
		       ? NULL
		       : "outside of the initial PID namespace no mounts can be listed there";
}

/* Moves to a new mount namespace and holds a new namespace of the type by a mount in there. */
static void mount_elsewhere(void)
{
	int fd;

	MUST(unshare(CLONE_FS | CLONE_NEWNS) == 0);
	/* After the move: a mount namespace can't be mounted in a younger one. */
	fd = live_namespace(holder_type);
	expect(fd, strf("mount %lu:%s", live_inode("/proc/thread-self/ns/mnt"), holder_path));
	live_bind_and_close(fd, holder_path);
}

/* Where a survivor is, there is its process. */
static void hold_mount_of_thread(void)
{
	mount_elsewhere();
	expect_link("/proc/thread-self/ns/mnt",
		strf("%s %s", holder->in == IN_SURVIVOR ? "process" : "thread", holder_self()));
}

/* The directory, unless it is NULL, becomes the root. */
static void be_elsewhere(void *jail)
{
	mount_elsewhere();
	MUST(!jail || (mkdir(jail, 0700) == 0 && chroot(jail) == 0 && chdir("/") == 0));
}

static void expect_member(pid_t pid)
{
	expect_link(live_ns_path(pid, "mnt"), strf("process %d", pid));
}

static void hold_mount_of_others(void)
{
	expect_member(live_start(0, be_elsewhere, NULL));
}

/* Its process has changed its root to an empty directory: its mountinfo shows nothing. */
static void hold_mount_outside_root(void)
{
	expect_member(live_start(0, be_elsewhere, strf("%s.jail", holder_path)));
}

/* Ends the process, and keeps its mount namespace. */
static void keep_mntns(pid_t pid)
{
	keep(live_open_and_end(pid, "mnt"));
}

static void hold_mount_without_process(void)
{
	keep_mntns(live_start(0, be_elsewhere, NULL));
}

static void mount_mntns_elsewhere(void *unused)
{
	const char *path = strf("%s.mnt", holder_path);
	pid_t pid;
	int mnt;

	MUST(unshare(CLONE_NEWNS) == 0);
	pid = live_start(0, be_elsewhere, NULL);
	mnt = live_open_ns(pid, "mnt");
	expect(mnt, strf("mount %lu:%s", live_inode("/proc/self/ns/mnt"), path));
	live_bind_and_close(mnt, path);
	live_end(pid);
}

/* A mount in a mount namespace that only a mount in another one keeps, which a descriptor keeps. */
static void hold_mount_two_deep(void)
{
	keep_mntns(live_start(0, mount_mntns_elsewhere, NULL));
}

/* Reports the namespace that an ioctl leads to, and leaves it open. */
static int expect_related(int fd, unsigned long request, const char *kind)
{
	int to = MUST_OPEN(ioctl(fd, request));

	expect(to, strf("%s %s", kind, live_fd_text(fd, live_relations(fd).type)));
	return to;
}

static void expect_owner(int fd)
{
	close(expect_related(fd, NS_GET_USERNS, "owned"));
}

static void keep_with_owner(int fd)
{
	expect_owner(fd);
	keep(fd);
}

static void hold_owned(void)
{
	keep_with_owner(
		live_open_and_end(live_clone(CLONE_NEWUSER | live_flag(holder_type)), holder_type));
}

static void unshare_as_other_user(void *unused)
{
	live_become(OTHER_USER);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* forgotten with the user id */
	MUST(unshare(CLONE_NEWUSER | (int)live_flag(holder_type)) == 0);
}

/* The same, made by another user, who is the owner. */
static void hold_owned_of_user(void)
{
	pid_t pid = live_start(0, unshare_as_other_user, NULL);

	keep_with_owner(live_open_and_end(pid, holder_type));
}

/* What it owns is a network namespace that a socket keeps. */
static void hold_owned_of_socket(void)
{
	int ns, device = receive_socket(CLONE_NEWUSER | CLONE_NEWNET, &ns);

	expect(ns, strf("socket %s", holder_fd(device)));
	expect_owner(ns);
	close(ns);
}

/* Nests three namespaces. The innermost has a process, the PID of which is written. */
static void nest(void *ret_pid)
{
	char pid[16] = "";

	for (int i = 0; i < 3; i++) {
		MUST(unshare((int)live_flag(holder_type)) == 0);
		if (!strcmp(holder_type, "user")) {
			/* Its root may make the next one: user_namespaces(7). */
			live_write("/proc/self/uid_map", "0 0 1");
			live_write("/proc/self/setgroups", "deny");
			live_write("/proc/self/gid_map", "0 0 1");
		} else if (live_fork(0) != 0) {
			live_wait();
		}
	}
	/* The PID in the PID namespace that /proc was mounted from. */
	MUST(readlink("/proc/self", pid, sizeof(pid) - 1) > 0);
	*(pid_t *)ret_pid = atoi(pid);
}

/* A descriptor on the innermost of three nested namespaces, which nothing else keeps. */
static int open_nested(void)
{
	pid_t *innermost = live_share(sizeof(*innermost)), pid;
	int fd;

	/* A process without a parent becomes our child, so that none stays a zombie. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid = live_start(0, nest, innermost);
	fd = live_open_ns(*innermost, holder_type);
	kill(pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	return fd;
}

/* Reports the two that the innermost is nested in. */
static void expect_parents(int fd)
{
	int middle = expect_related(fd, NS_GET_PARENT, "child");

	close(expect_related(middle, NS_GET_PARENT, "child"));
	close(middle);
}

static void hold_child(void)
{
	int fd = open_nested();

	expect_parents(fd);
	keep(fd);
}

/* Mounts of the test's own mount namespace come last: a mount namespace made later copies them. */
const struct holder hold_mount_rows[] = {
	{ "mount elsewhere", "net uts", .hold = hold_mount_of_others },
	{ "mount of a thread", "net", .hold = hold_mount_of_thread, .in = IN_THREAD },
	{ "mount of a surviving thread", "net", .hold = hold_mount_of_thread, .in = IN_SURVIVOR },
	{ "mount outside a root", "net", .hold = hold_mount_outside_root, .since = MOUNTS_SINCE },
	{ "mount where no process is", "net", .hold = hold_mount_without_process,
		.since = MOUNTS_SINCE },
	{ "mount two namespaces deep", "net", .hold = hold_mount_two_deep, .since = MOUNTS_SINCE,
		.lacks = lacks_mounts_two_deep },
	{ "owned", "cgroup ipc mnt net pid time uts", .hold = hold_owned },
	{ "owned, of another user", "uts", .hold = hold_owned_of_user },
	{ "owned, of a socket", "net", .hold = hold_owned_of_socket },
	{ "child", "pid user", .hold = hold_child },
	{ "fd of a gone mount", "net uts", .hold = hold_fd_of_gone_mount },
	{ "detached mount", "net uts", .hold = hold_detached_mount },
	{ "mount of a mount", "net", .hold = hold_mount_without_process, .by_mount = true,
		.since = MOUNTS_SINCE },
	{ "mount", "mnt " HOLDER_ALL, .hold = hold_namespace, .by_mount = true },
	{ "two mounts", "uts", .hold = hold_two_mounts },
	{ "owned, of a mount", "uts", .hold = hold_owned, .by_mount = true },
	{ "child of a mount", "pid user", .hold = hold_child, .by_mount = true },
	{ 0 },
};
