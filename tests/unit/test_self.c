// SPDX-License-Identifier: MIT
/*
 * Calls of the running kernel about this process, which need no privilege: files that are no
 * namespace are recognised without opening them, and every path to a namespace gives the same one.
 */
#include "nsls/procfs.h"
#include "../../src/cli/internal.h"

#include "small_world.h"

#include <inttypes.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static struct kernel_live live;
static const struct kernel *k = &live.kernel;
static struct procfs procfs;

static int set_up(void **state)
{
	world_new();
	assert_int_equal(procfs_open("/proc", &procfs), 0);
	kernel_live_init(&live, procfs.fd);
	return 0;
}

static int tear_down(void **state)
{
	kernel_live_done(&live);
	procfs_close(&procfs);
	world_done();
	return 0;
}

/* Our own namespace by its link. Types that this kernel lacks give -ENOENT. */
static int own(enum nstype type, uint32_t *ret_ino)
{
	return procfs_read_ns(procfs.fd, strf("self/ns/%s", nstype_info[type].name), type, ret_ino);
}

static int open_own(enum nstype type)
{
	return k->open(k, procfs.fd, strf("self/ns/%s", nstype_info[type].name));
}

TEST_FIXTURE(set_up, tear_down);

TEST(our_proc_is_ours_and_names_us)
{
	assert_true(procfs.kernel);
	assert_true(procfs.ours);
	assert_int_equal(procfs.self, getpid());
}

TEST(a_directory_is_nobodys_procfs)
{
	struct procfs other;

	STEPS("self 12");
	assert_int_equal(procfs_open(world.dir, &other), 0);
	assert_false(other.kernel || other.ours);
	assert_int_equal(other.self, 12);
	procfs_close(&other);
	STEPS("self 12/..");
	assert_int_equal(procfs_open(world.dir, &other), 0);
	assert_int_equal(other.self, 0);
	procfs_close(&other);
	procfs_close(&other); /* also one that is closed */
}

TEST(descriptor_and_link_of_a_namespace_agree)
{
	for (enum nstype type = 0; type < NS_TYPE_COUNT; type++) {
		struct ns_ref ref;
		uint32_t ino;
		int fd;

		if (own(type, &ino) == -ENOENT)
			continue;
		fd = open_own(type);
		assert_true(fd >= 0);
		assert_int_equal(k->ref(k, fd, &ref), 0);
		assert_int_equal(ref.type, type);
		assert_int_equal(ref.ino, ino);
		k->close(k, fd);
	}
}

TEST(path_that_is_no_namespace_is_rejected_without_opening)
{
	STEPS("|fifo", "=file net:[4026531840]", "dir/", "loop loop", "dangling net:[4026531840]");
	for (EACH_TEXT(path, "fifo", "file", "dir"))
		assert_int_equal(k->open(k, world.fd, path), -ENOTTY);
	assert_int_equal(k->open(k, world.fd, "loop"), -ELOOP);
	assert_int_equal(k->open(k, world.fd, "dangling"), -ENOENT);
	assert_int_equal(k->open(k, AT_FDCWD, "/dev/null"), -ENOTTY);
}

/* Also closes it. */
static struct fd_target assert_kind(int fd, unsigned kind)
{
	struct fd_target target;
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(k->fd_target(k, procfs.fd, strf("self/fd/%d", fd), &target), 0);
	assert_int_equal(target.kind, kind);
	if (kind != FD_OTHER)
		assert_int_equal(target.ino, st.st_ino);
	close(fd);
	return target;
}

/* Opened by its path only, a socket file differs from a socket only in its file system. */
TEST(descriptor_is_identified_by_its_link)
{
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct fd_target file, target;

	assert_kind(open_own(NS_USER), FD_NAMESPACE);
	STEPS("|fifo");
	assert_kind(openat(world.fd, "fifo", O_RDWR | O_CLOEXEC), FD_OTHER);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/sock", world.dir);
	assert_int_equal(bind(sock, (struct sockaddr *)&address, sizeof(address)), 0);
	file = assert_kind(openat(world.fd, "sock", O_PATH | O_CLOEXEC), FD_SOCKET);
	assert_true(file.dev != assert_kind(sock, FD_SOCKET).dev);
	assert_int_equal(k->fd_target(k, procfs.fd, "self/fd/9999", &target), -ENOENT);
}

TEST(no_path_leads_out_of_another_root)
{
	STEPS("root/", "root/link /proc/self/ns/net", "root/up ../../..");
	for (EACH_TEXT(path, "/proc/self/ns/net", "/link", "/../../../../etc/passwd",
		     "/up/etc/passwd", "/none")) {
		int r = k->open_below(k, world.fd, "root", path);

		/* -ENOTTY would show that it opened a file, which is none of that root. */
		if (r >= 0 || r == -ENOTTY)
			fail_msg("%s: %d", path, r);
	}
	STEPS("=root/file ");
	assert_true(k->open_below(k, world.fd, "root", "/file") < 0);
	assert_true(k->open_below(k, world.fd, "gone", "/file") == -ENOENT);
}

TEST(relations_are_descriptors_or_a_refusal)
{
	int fd = open_own(NS_UTS), owner = k->owner(k, fd);
	struct ns_ref ref;
	uid_t uid;

	assert_true(owner >= 0 || owner == -EPERM);
	if (owner >= 0) {
		assert_int_equal(k->ref(k, owner, &ref), 0);
		assert_int_equal(ref.type, NS_USER);
		assert_int_equal(k->owner_uid(k, owner, &uid), 0);
		k->close(k, owner);
	}
	assert_int_equal(k->parent(k, fd), -EINVAL); /* ioctl_ns(2): no hierarchy */
	assert_true(k->owner_uid(k, fd, &uid) < 0);
	k->close(k, fd);
}

TEST(our_own_sockets_are_of_our_network_namespace)
{
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), pidfd, copy;
	uint64_t cookie, own_cookie;
	struct stat st;

	assert_int_equal(fstat(sock, &st), 0);
	pidfd = k->pidfd(k, getpid(), getpid());
	assert_true(pidfd >= 0);
	copy = k->copy_socket(k, pidfd, sock, st.st_ino);
	if (copy == -EPERM || copy == -ENOSYS)
		test_skip("pidfd_getfd(2) is not permitted here, or missing in this kernel");
	assert_true(copy >= 0);
	if (k->own_cookie(k, &own_cookie) == 0) {
		assert_int_equal(k->socket_cookie(k, copy, &cookie), 0);
		assert_int_equal(cookie, own_cookie);
	}
	k->close(k, copy);
	assert_int_equal(k->copy_socket(k, pidfd, sock, st.st_ino + 1), -EBADF);
	assert_int_equal(k->copy_socket(k, pidfd, sock, 0), -EBADF);
	assert_int_equal(k->copy_socket(k, pidfd, pidfd, st.st_ino), -EBADF);
	close(sock);
	assert_int_equal(k->copy_socket(k, pidfd, sock, st.st_ino), -EBADF);
	k->close(k, pidfd);
}

TEST(a_thread_shares_its_own_descriptors)
{
	int order = 1, r = k->order_files(k, getpid(), getpid(), &order);

	/* kcmp(2) may be configured out. */
	assert_true((r == 0 && order == 0) || r == -ENOSYS || r == -EPERM);
}

/* What the operand is: "uts:[7]", "inode 7", "id 7", "error 2", "word lab", or "file lab". */
static const char *parse_operand(const char *text, bool ours)
{
	struct operand target;
	int r = operand_parse(k, text, ours, &target);

	if (r < 0)
		return strf("error %d", -r);
	if (target.name && !target.id && !target.ref.ino)
		return strf("%s %s", target.file_here ? "file" : "word", target.name);
	if (!target.ref.ino)
		return strf("id %" PRIu64, target.id);
	return target.any_type ? strf("inode %u", target.ref.ino)
			       : ref_text(target.ref.type, target.ref.ino);
}

/* On this system and on others. */
static void assert_operand(const char *text, const char *expected)
{
	for (int ours = 0; ours < 2; ours++)
		if (strcmp(parse_operand(text, ours), expected) != 0)
			fail_msg("'%s' is %s", text, parse_operand(text, ours));
}

/* Any user who may create files there would choose what a name means. */
TEST(a_name_is_not_looked_up_in_the_working_directory)
{
	int before = open(".", O_RDONLY | O_DIRECTORY);
	uint32_t ino;

	STEPS("no-such-netns /proc/self/ns/uts");
	assert_int_equal(chdir(world.dir), 0);
	assert_int_equal(own(NS_UTS, &ino), 0);
	assert_operand("./no-such-netns", ref_text(NS_UTS, ino));
	assert_operand("no-such-netns", "file no-such-netns");
	assert_operand("no-such-file", "word no-such-file");
	assert_operand(".", "file .");
	assert_operand("..", "file ..");
	assert_int_equal(fchdir(before), 0);
	close(before);
}

TEST(operand_is_parsed_by_its_form)
{
	uint32_t ino;

	assert_operand("4026531840", "inode 4026531840");
	assert_operand("uts:[7]", "uts:[7]");
	assert_operand("4294967296", "id 4294967296");
	assert_operand(":4026531840", "id 4026531840");
	for (EACH_TEXT(word, "", "0", ":", ":0", "18446744073709551616", "net:[0]"))
		assert_operand(word, strf("word %s", word));
	assert_int_equal(own(NS_UTS, &ino), 0);
	STEPS("link /proc/self/ns/uts", "text mnt:[9]", "|fifo");
	assert_operand("/proc/self/ns/uts", ref_text(NS_UTS, ino));
	assert_operand(strf("%s/link", world.dir), ref_text(NS_UTS, ino));
	assert_operand(strf("%s/text", world.dir), "mnt:[9]");
	for (EACH_TEXT(path, "/dev/null", strf("%s/fifo", world.dir)))
		assert_operand(path, strf("error %d", ENOTTY));
	assert_operand("/dev/null/x", strf("error %d", ENOTDIR));
}

TEST(a_process_is_a_list_of_its_namespaces)
{
	struct ns_ref refs[NS_TYPE_COUNT];
	struct procfs other;
	uint32_t ino;
	int n = target_of_process(&procfs, getpid(), refs);

	assert_true(n > 0 && n <= NS_TYPE_COUNT);
	for (int i = 0; i < n; i++) {
		assert_int_equal(own(refs[i].type, &ino), 0);
		assert_int_equal(refs[i].ino, ino);
	}
	assert_int_equal(procfs_open(world.dir, &other), 0);
	assert_int_equal(target_of_process(&other, 5, refs), -ESRCH);
	STEPS("5/ns/"); /* its directory only: it is ending */
	assert_int_equal(target_of_process(&other, 5, refs), -ESRCH);
	STEPS("5/ns/net garbage");
	assert_int_equal(target_of_process(&other, 5, refs), -EINVAL);
	STEPS("5/ns/uts uts:[9]");
	assert_int_equal(target_of_process(&other, 5, refs), 1);
	procfs_close(&other);
}

#define MANY 15000

/* A signal, which may be a stop, makes getdents(2) end before the directory does. */
TEST(a_list_is_whole_although_we_are_stopped_meanwhile)
{
	struct rlimit most;
	struct numbers numbers = { 0 };
	size_t n = MANY;
	int status;
	pid_t pid;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &most), 0);
	if (most.rlim_max < MANY + 64)
		n = (size_t)most.rlim_max - 64;
	most.rlim_cur = most.rlim_max;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const char *fds = strf("%d/fd", getpid());

		setrlimit(RLIMIT_NOFILE, &most);
		for (size_t i = 0; i < n; i++)
			if (dup(procfs.fd) < 0)
				_exit(2);
		for (int i = 0; i < 30; i++)
			if (procfs_list(&procfs, procfs.fd, fds, 0, &numbers) < 0 || numbers.n < n)
				_exit(1);
		_exit(0);
	}
	do {
		kill(pid, SIGSTOP);
		assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
		kill(pid, SIGCONT);
		usleep(500); /* of work between two stops */
	} while (WIFSTOPPED(status));
	assert_int_equal(status, 0);
}
