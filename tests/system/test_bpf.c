// SPDX-License-Identifier: MIT
/*
 * What nsls shows with --bpf: the holders that no file of /proc shows, each made here, and why it
 * refuses. That it shows the same as without it elsewhere is the subject of test_holders.
 */
#include "live.h"

#include <linux/mount.h>
#include <sys/un.h>

TEST_FIXTURE_NEEDS(live_need_bpf, NULL, NULL);

/* The holders of a namespace, as "kind fd, …"; all but namespaces are of the test's own process. */
static void assert_held(const char *ns, const char *expected)
{
	struct answer answer = nsls("-J", ns);

	assert_string_equal(answer.err, "");
	assert_jq(output_of(answer),
		strf("[.holders[] | .kind + (if .pid == %d then \" \\(.fd)\" else \"\" end)] |"
		     " join(\", \")",
			getpid()),
		strf("%s\n", expected));
}

/* What a socket holds that a descriptor was sent to, which is closed then, and another file. */
static void assert_queue_holds(const char *ns, int fd)
{
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	live_send_fd(pair[0], pair[0]);
	live_send_fd(pair[0], fd);
	close(fd);
	assert_held(ns, strf("queue %d", pair[1]));
	close(pair[0]);
	close(pair[1]);
}

/*
 * Returns the descriptor that open_file(word) has opened in a process in new namespaces, which has
 * ended; ret_ns is its namespace of that type.
 */
static int opened_by(uint64_t flags, const char *type, int (*open_file)(const char *word),
	const char *word, const char **ret_ns)
{
	int fd;
	pid_t pid = live_start_opener(flags, open_file, word, &fd);

	*ret_ns = live_link(pid, type);
	live_end(pid);
	return fd;
}

TEST_CALL(answer_is_complete_where_a_process_cannot_be_read,
	assert_int_equal(nsls("--strict", "-J").status, 0));

static const struct sockaddr_un address = { AF_UNIX, "\0nsls-test-bpf" };

static int make_socket(const char *domain)
{
	return MUST_OPEN(socket(domain ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int listen_here(void)
{
	int fd = make_socket("unix");

	MUST(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	MUST(listen(fd, 1) == 0);
	return fd;
}

static int connect_peer(const char *unused)
{
	int fd = make_socket("unix");

	MUST(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

TEST(queue_is_the_socket_that_a_descriptor_was_sent_to)
{
	for (int i = 0; i < LIVE_TYPES; i++) {
		int fd = live_namespace(live_types[i].name);

		assert_queue_holds(live_fd_text(fd, live_types[i].name), fd);
	}
}

TEST(queue_of_a_connection_that_is_not_accepted_is_that_of_the_listening_socket)
{
	int fd = live_namespace("uts"), listener = listen_here(), client = connect_peer(NULL);
	const char *ns = live_fd_text(fd, "uts");

	live_send_fd(client, fd);
	close(fd);
	assert_held(ns, strf("queue %d", listener));
	close(client);
	assert_held(ns, strf("queue %d", listener));
	close(listener);
}

TEST(socket_in_a_queue_holds_its_network_namespace)
{
	const char *ns;
	int fd = opened_by(CLONE_NEWNET, "net", make_socket, NULL, &ns);

	assert_queue_holds(ns, fd);
}

TEST(pidfd_of_an_ended_process_holds_its_pid_namespace)
{
	pid_t pid = live_clone(CLONE_NEWPID);
	const char *ns = live_link(pid, "pid");
	int fd = MUST_OPEN(syscall(SYS_pidfd_open, pid, 0));

	live_end(pid);
	assert_held(ns, strf("pidfd %d", fd));
	close(fd);
}

static int open_to_read(const char *path)
{
	return live_open_file(path, O_RDONLY);
}

static void assert_open_file_holds(const char *kind, uint64_t flags, const char *type,
	int (*open_file)(const char *word), const char *word)
{
	const char *ns;
	int fd;

	if (access(word, R_OK) < 0) /* control groups of version 1 alone */
		return;
	fd = opened_by(flags, type, open_file, word, &ns);
	assert_held(ns, strf("%s %d", kind, fd));
	close(fd);
}

TEST_CALL(file_holds_the_user_namespace_that_it_was_opened_in,
	assert_open_file_holds("cred", CLONE_NEWUSER, "user", open_to_read, "/dev/null"));

/* The first descriptor that it opens is not kept: it was made with credentials of the same. */
static void assert_ended_peer_holds(uint64_t flag, const char *type)
{
	int listener = listen_here(), fd;
	const char *ns;

	close(opened_by(flag, type, connect_peer, NULL, &ns));
	fd = MUST_OPEN(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	close(listener);
	assert_held(ns, strf("peer %d", fd));
	close(fd);
}

TEST_CALL(credentials_of_an_ended_peer_hold_its_pid_namespace,
	assert_ended_peer_holds(CLONE_NEWPID, "pid"));
TEST_CALL(credentials_of_an_ended_peer_hold_its_user_namespace,
	assert_ended_peer_holds(CLONE_NEWUSER, "user"));

static int open_proc(const char *unused)
{
	MUST(mount("proc", "/tmp", "proc", 0, NULL) == 0);
	return live_open_file("/tmp", O_RDONLY | O_DIRECTORY);
}

/* Returns a mount that is in no mount namespace. */
static int make_mount(const char *type)
{
	int context = MUST_OPEN(syscall(SYS_fsopen, type, 0)), fd;

	MUST(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0);
	fd = MUST_OPEN(syscall(SYS_fsmount, context, 0, 0));
	close(context);
	return fd;
}

TEST_CALL(open_procfs_holds_the_pid_namespace_that_it_belongs_to,
	assert_open_file_holds(
		"superblock", CLONE_NEWPID | CLONE_NEWNS, "pid", open_proc, "/proc"));
TEST_CALL(open_file_of_the_network_holds_the_namespace_that_it_belongs_to,
	assert_open_file_holds("file", CLONE_NEWNET, "net", open_to_read, "/proc/self/net/dev"));
TEST_CALL(open_file_of_a_control_group_holds_the_namespace_that_it_was_opened_in,
	assert_open_file_holds(
		"file", CLONE_NEWCGROUP, "cgroup", open_to_read, "/sys/fs/cgroup/cgroup.procs"));

static void attach_and_close(void *data)
{
	int fd = *(int *)data;

	MUST(syscall(SYS_move_mount, fd, "", AT_FDCWD, "/tmp", MOVE_MOUNT_F_EMPTY_PATH) == 0);
	close(fd);
}

static void assert_mounted_file_system_holds(
	const char *file_system, uint64_t flags, const char *type)
{
	const char *ns;
	int fd = opened_by(flags, type, make_mount, file_system, &ns);
	pid_t pid = live_start(CLONE_NEWNS, attach_and_close, &fd);

	close(fd);
	assert_held(ns, "mount");
	assert_string_equal(
		nsls("-n", "-o", "RELEASE", "-P", ns).out, strf("umount -i -n -N %d /tmp\n", pid));
	live_end(pid);
}

TEST_CALL(mounted_procfs_holds_the_pid_namespace_that_it_belongs_to,
	assert_mounted_file_system_holds("proc", CLONE_NEWPID, "pid"));
TEST_CALL(mounted_file_system_holds_the_user_namespace_that_it_belongs_to,
	assert_mounted_file_system_holds("tmpfs", CLONE_NEWUSER | CLONE_NEWNS, "user"));

/* A detached tree of mounts, one of which is of a namespace file, with others above and beside it.
 */
static int make_tree(const char *path)
{
	for (EACH_TEXT(dir, "/tmp", "/tmp/below", "/tmp/beside")) {
		MUST(mkdir(dir, 0700) == 0 || errno == EEXIST);
		MUST(mount("tmpfs", dir, "tmpfs", 0, NULL) == 0);
	}
	live_bind_and_close(open_to_read(path), "/tmp/below/ns");
	return MUST_OPEN(syscall(SYS_open_tree, AT_FDCWD, "/tmp", OPEN_TREE_CLONE | AT_RECURSIVE));
}

TEST_CALL(detached_tree_holds_the_uts_namespace_that_is_mounted_in_it,
	assert_open_file_holds(
		"tree", CLONE_NEWNS | CLONE_NEWUTS, "uts", make_tree, "/proc/self/ns/uts"));
TEST_CALL(detached_tree_holds_the_network_namespace_that_is_mounted_in_it,
	assert_open_file_holds(
		"tree", CLONE_NEWNS | CLONE_NEWNET, "net", make_tree, "/proc/self/ns/net"));

TEST(credentials_are_no_holder_of_a_namespace_that_has_a_member)
{
	int fd;
	pid_t pid = live_start_opener(CLONE_NEWUSER, open_to_read, "/dev/null", &fd);
	const char *ns = live_link(pid, "user");

	assert_held(ns, "process");
	live_end(pid);
	assert_held(ns, strf("cred %d", fd));
	close(fd);
}

TEST_CALL(refusal_names_the_missing_capabilities,
	assert_contains(
		error_of(nsls_after(0, live_become_nobody, "-l")), "CAP_BPF and CAP_PERFMON"));
TEST_CALL(refusal_names_the_pid_namespace,
	assert_contains(error_of(nsls_after(CLONE_NEWPID, NULL, "-l")), "initial PID namespace"));

int main(void)
{
	return live_run_tests("bpf", false, NULL, NULL);
}
