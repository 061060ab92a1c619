// SPDX-License-Identifier: MIT
/*
 * What all holders share; processes, threads, and what they will be for their children;
 * descriptors, sockets and files that are registered with a ring of io_uring(7).
 */
#include "hold.h"

#include <dirent.h>
#include <linux/io_uring.h>

const struct holder *holder;
const char *holder_type, *holder_path;
struct truth *truths;

void expect(int fd, const char *holders)
{
	struct live_relations relations = live_relations(fd);
	struct truth *truth = truths;

	while (*truth->ns)
		truth++;
	MUST(truth < truths + TRUTHS_MAX - 1 && strlen(holders) < sizeof(truth->holders));
	strcpy(truth->holders, holders);
	snprintf(truth->relations, sizeof(truth->relations), "%s %s %s %s", relations.parent,
		relations.owner, relations.owner_uid, relations.id);
	strcpy(truth->ns, live_fd_text(fd, relations.type));
}

void expect_and_close(int fd, const char *holders)
{
	expect(fd, holders);
	close(fd);
}

void keep(int fd)
{
	if (!holder->by_mount) {
		expect(fd, strf("fd %s", holder_fd(fd)));
		return;
	}
	expect(fd, strf("mount %s", holder_path));
	live_bind_and_close(fd, holder_path);
}

void expect_link(const char *link, const char *holders)
{
	expect_and_close(live_open_file(link, O_RDONLY), holders);
}

const char *holder_self(void)
{
	pid_t tid = (pid_t)syscall(SYS_gettid);

	return tid == getpid() ? strf("%d", tid) : strf("%d/%d", getpid(), tid);
}

const char *holder_fd(int fd)
{
	return strf("%s:%d", holder_self(), fd);
}

static void hold_process(void)
{
	pid_t pid = live_clone(live_flag(holder_type));

	expect_link(live_ns_path(pid, holder_type), strf("process %d", pid));
}

/* The thread of a process that is not the first one. */
static pid_t other_thread(pid_t pid)
{
	const struct dirent *entry;
	pid_t tid = 0;
	DIR *dir = opendir(strf("/proc/%d/task", pid));

	MUST(dir);
	while ((entry = readdir(dir)))
		if (atoi(entry->d_name) != pid)
			tid = atoi(entry->d_name);
	closedir(dir);
	MUST(tid);
	return tid;
}

/* A PID or user namespace is the whole process's, and stays so while one of its threads lives. */
static void hold_process_without_main_thread(void)
{
	pid_t pid = live_start(live_flag(holder_type), live_lose_main_thread, NULL);

	expect_link(live_ns_path(pid, holder_type), strf("process %d/%d", pid, other_thread(pid)));
}

static void hold_zombie(void)
{
	pid_t pid = live_clone(live_flag(holder_type));

	expect_link(live_ns_path(pid, holder_type), strf("zombie %d", pid));
	MUST(kill(pid, SIGKILL) == 0);
	MUST(waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) == 0);
}

/* Where a survivor is, there is its process. */
static void hold_unshared(void)
{
	MUST(unshare((int)live_flag(holder_type)) == 0);
	expect_link(strf("/proc/thread-self/ns/%s", holder_type),
		strf("%s %s", holder->in == IN_SURVIVOR ? "process" : "thread", holder_self()));
}

static void hold_children(void)
{
	MUST(unshare((int)live_flag(holder_type)) == 0);
	if (!strcmp(holder_type, "pid"))
		live_end(live_clone(0)); /* the link reads once a process has been in there */
	expect_link(strf("/proc/thread-self/ns/%s_for_children", holder_type),
		strf("children %s", holder_self()));
}

/* One without a first process, which can be opened by a pidfd alone. */
static void hold_new_pidns(void)
{
	pid_t tid = (pid_t)syscall(SYS_gettid);
	int pidfd = MUST_OPEN(syscall(SYS_pidfd_open, tid, tid == getpid() ? 0 : O_EXCL));

	MUST(unshare(CLONE_NEWPID) == 0);
	/* PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE */
	expect_and_close(
		MUST_OPEN(ioctl(pidfd, _IO(0xff, 6), 0)), strf("children %s", holder_self()));
	close(pidfd);
}

void hold_namespace(void)
{
	keep(live_namespace(holder_type));
}

/* Opened with O_PATH, which is enough to keep what it refers to. */
static void hold_path_fd(void)
{
	int fd = live_namespace(holder_type);
	int path_fd = live_open_file(strf("/proc/self/fd/%d", fd), O_PATH);

	expect_and_close(fd, strf("fd %s", holder_fd(path_fd)));
}

static void close_own(void *fd)
{
	close(*(int *)fd);
}

/*
 * Starts a process that shares all our descriptors but this one on a namespace, which we are said
 * to hold so, and it by another.
 */
static void expect_shared(int ns, const char *ours, const char *kind, int other)
{
	pid_t us = getpid(), child = live_start(0, close_own, &ns);
	const char *theirs = strf("%s %d:%d", kind, child, other);

	/* By PID, and a child's may be the lower one when the numbers have wrapped around. */
	expect(ns, us < child ? strf("%s, %s", ours, theirs) : strf("%s, %s", theirs, ours));
}

/* One open file, in two processes and twice in one of them. */
static void hold_shared_fd(void)
{
	int fd = live_namespace(holder_type), again = MUST_OPEN(fcntl(fd, F_DUPFD, fd));

	expect_shared(fd, strf("fd %s, fd %s", holder_fd(fd), holder_fd(again)), "fd", again);
}

/* Two processes share a file, which counts once for each. */
static void expect_shared_and_close(int ns, const char *kind, int fd)
{
	expect_shared(ns, strf("%s %s", kind, holder_fd(fd)), kind, fd);
	close(ns);
}

static int make_device(int domain)
{
	return domain == AF_UNSPEC ? open("/dev/net/tun", O_RDWR | O_CLOEXEC)
				   : socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

int make_away(int domain, int *ret_ns)
{
	int home = live_open_file("/proc/thread-self/ns/net", O_RDONLY), device;

	*ret_ns = live_namespace("net");
	MUST(setns(*ret_ns, CLONE_NEWNET) == 0);
	device = MUST_OPEN(make_device(domain));
	MUST(setns(home, CLONE_NEWNET) == 0);
	close(home);
	return device;
}

static const char *lacks_tun(void)
{
	return access("/dev/net/tun", F_OK) == 0 ? NULL : "this kernel has no tun device";
}

static void hold_device(void)
{
	int ns, device = make_away(holder->domain, &ns);

	expect_and_close(ns,
		strf("%s %s", holder->domain == AF_UNSPEC ? "tun" : "socket", holder_fd(device)));
}

static void hold_shared_socket(void)
{
	int ns, device = make_away(AF_INET, &ns);

	expect_shared_and_close(ns, "socket", device);
}

static int open_socket(const char *unused)
{
	return make_device(AF_INET);
}

int receive_socket(uint64_t flags, int *ret_ns)
{
	int device;
	pid_t pid = live_start_opener(flags, open_socket, NULL, &device);

	*ret_ns = live_open_and_end(pid, "net");
	return device;
}

static void hold_received_socket(void)
{
	int ns, device = receive_socket(CLONE_NEWNET, &ns);

	expect_and_close(ns, strf("socket %s", holder_fd(device)));
}

static int new_ring(void)
{
	struct io_uring_params params = { 0 };

	return (int)syscall(SYS_io_uring_setup, 1, &params);
}

const char *lacks_rings(void)
{
	int ring = new_ring();

	if (ring < 0)
		return errno == ENOSYS || errno == EPERM
			       ? "this kernel has no io_uring, or a setting or a filter denies it"
			       : "io_uring_setup failed";
	close(ring);
	return live_kernel() < 615 ? "this kernel names no files of an io_uring, Linux 6.15" : NULL;
}

int take_into_ring(int fd)
{
	int ring = MUST_OPEN(new_ring());

	MUST(syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1) == 0);
	close(fd);
	return ring;
}

static void hold_ring(void)
{
	int fd = live_namespace(holder_type), again = dup(fd), ring = take_into_ring(fd);

	expect_and_close(again, strf("uring %s", holder_fd(ring)));
}

/* One of the processes has it twice: that counts once. */
static void hold_shared_ring(void)
{
	int fd = live_namespace(holder_type), again = dup(fd), ring = take_into_ring(fd);

	MUST(fcntl(ring, F_DUPFD, ring) > ring);
	expect_shared_and_close(again, "uring", ring);
}

/* fdinfo has only the socket's inode: its descriptor is the one that leads to the namespace. */
static void hold_socket_of_ring(void)
{
	int ns, device = make_away(AF_INET, &ns), ring = take_into_ring(dup(device));

	expect_and_close(ns, strf("socket %s, uring %s", holder_fd(device), holder_fd(ring)));
}

#define OF_THREADS "cgroup ipc mnt net uts"

const struct holder hold_rows[] = {
	{ "process", HOLDER_ALL " mnt", .hold = hold_process },
	{ "process without its main thread", "pid user", .hold = hold_process_without_main_thread },
	{ "zombie", "pid user", .hold = hold_zombie },
	{ "thread", OF_THREADS, .hold = hold_unshared, .in = IN_THREAD },
	{ "surviving thread", OF_THREADS, .hold = hold_unshared, .in = IN_SURVIVOR },
	{ "children", "pid time", .hold = hold_children },
	{ "children, none yet", "pid", .hold = hold_new_pidns, .since = 611 },
	{ "children of a thread, none yet", "pid", .hold = hold_new_pidns, .in = IN_THREAD,
		.since = 611 },
	{ "children of a thread", "pid time", .hold = hold_children, .in = IN_THREAD },
	{ "children of a surviving thread", "pid time", .hold = hold_children, .in = IN_SURVIVOR },
	{ "fd", HOLDER_ALL " mnt", .hold = hold_namespace },
	{ "fd by path only", "net uts", .hold = hold_path_fd },
	{ "shared fd", "net", .hold = hold_shared_fd },
	{ "fd of a thread", "net", .hold = hold_namespace, .in = IN_THREAD },
	{ "fd of a surviving thread", "net", .hold = hold_namespace, .in = IN_SURVIVOR },
	{ "socket", "net", .hold = hold_device, .domain = AF_INET },
	{ "unix socket", "net", .hold = hold_device, .domain = AF_UNIX },
	{ "netlink socket", "net", .hold = hold_device, .domain = AF_NETLINK },
	{ "shared socket", "net", .hold = hold_shared_socket },
	{ "received socket", "net", .hold = hold_received_socket },
	{ "socket of a thread", "net", .hold = hold_device, .in = IN_THREAD, .since = 609,
		.domain = AF_INET },
	{ "socket of a surviving thread", "net", .hold = hold_device, .in = IN_SURVIVOR,
		.since = 609, .domain = AF_INET },
	{ "tun", "net", .hold = hold_device, .lacks = lacks_tun },
	{ "io_uring", HOLDER_ALL " mnt", .hold = hold_ring, .lacks = lacks_rings },
	{ "io_uring, shared", "uts", .hold = hold_shared_ring, .lacks = lacks_rings },
	{ "io_uring of a thread", "uts", .hold = hold_ring, .in = IN_THREAD, .lacks = lacks_rings },
	{ "io_uring, a socket", "net", .hold = hold_socket_of_ring, .lacks = lacks_rings },
	{ 0 },
};
