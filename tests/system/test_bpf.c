// SPDX-License-Identifier: MIT
/*
 * What nsls shows with --bpf: the holders that no file of /proc shows, each made here, and why it
 * refuses. That it shows the same as without it elsewhere is the subject of test_holders.
 */
#include "live.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int tear_down(void **state)
{
	live_option = NULL;
	return 0;
}

TEST_FIXTURE(NULL, tear_down);

/* The holders of a namespace, as "kind fd, …"; all but namespaces are of the test's own process. */
static void assert_held(const char *ns, const char *expected)
{
	struct answer answer = nsls("-J", ns, NULL);
	char *program, *holders;

	assert_string_equal(answer.err, "");
	assert_int_equal(answer.status, 0);
	MUST(asprintf(&program,
		     "[.holders[] | .kind + (if .pid == %d then \" \\(.fd)\" else \"\" end)] |"
		     " join(\", \")",
		     getpid()) > 0);
	holders = jq(answer.out, program);
	holders[strcspn(holders, "\n")] = '\0';
	assert_string_equal(holders, expected);
	free(program);
}

static void socket_pair(int pair[2])
{
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
}

/*
 * Runs a function in a process in new namespaces. Returns the descriptor that it opened, after it
 * has ended; ret_ns is its namespace of that type.
 */
static int opened_by(uint64_t flags, const char *type, int (*open_file)(void), char ret_ns[64])
{
	int pair[2], fd;
	pid_t pid;

	socket_pair(pair);
	pid = live_fork(flags);
	if (pid == 0) {
		fd = open_file();
		live_send_fd(pair[1], fd);
		pause();
	}
	fd = live_receive_fd(pair[0]);
	live_link(pid, type, ret_ns);
	live_end(pid);
	close(pair[0]);
	close(pair[1]);
	return fd;
}

TEST(answer_is_complete_where_a_process_cannot_be_read)
{
	struct answer answer;

	live_need_bpf();
	answer = nsls("--strict", "-J", NULL);
	assert_int_equal(answer.status, 0);
}

TEST(queue_is_the_socket_that_a_descriptor_was_sent_to)
{
	live_need_bpf();
	for (int i = 0; i < LIVE_TYPES; i++) {
		int pair[2], fd = live_namespace(live_types[i].name);
		char ns[64];

		live_fd_text(fd, live_types[i].name, ns);
		socket_pair(pair);
		live_send_fd(pair[0], pair[0]); /* another file in the queue */
		live_send_fd(pair[0], fd);
		close(fd);
		assert_held(ns, strf("queue %d", pair[1]));
		close(pair[0]);
		close(pair[1]);
	}
}

static int make_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	MUST(fd >= 0);
	return fd;
}

TEST(socket_in_a_queue_holds_its_network_namespace)
{
	int pair[2], fd;
	char ns[64];

	live_need_bpf();
	fd = opened_by(CLONE_NEWNET, "net", make_socket, ns);
	socket_pair(pair);
	live_send_fd(pair[0], fd);
	close(fd);
	assert_held(ns, strf("queue %d", pair[1]));
	close(pair[0]);
	close(pair[1]);
}

TEST(pidfd_of_an_ended_process_holds_its_pid_namespace)
{
	char ns[64];
	pid_t pid;
	int fd;

	live_need_bpf();
	pid = live_clone(CLONE_NEWPID);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	MUST(fd >= 0);
	live_link(pid, "pid", ns);
	live_end(pid);
	assert_held(ns, strf("pidfd %d", fd));
	close(fd);
}

static int open_null(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	MUST(fd >= 0);
	return fd;
}

TEST(file_holds_the_user_namespace_that_it_was_opened_in)
{
	char ns[64];
	int fd;

	live_need_bpf();
	fd = opened_by(CLONE_NEWUSER, "user", open_null, ns);
	assert_held(ns, strf("cred %d", fd));
	close(fd);
}

static const struct sockaddr_un address = { AF_UNIX, "\0nsls-test-bpf" };

static int connect_peer(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	MUST(fd >= 0);
	MUST(connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	return fd;
}

/* The first descriptor that it opens is not kept: it was made with credentials of the same. */
static void accept_ended_peer(uint64_t flag, const char *type, char ret_ns[64], int *ret_fd)
{
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	MUST(listener >= 0);
	MUST(bind(listener, (const struct sockaddr *)&address, sizeof(address)) == 0);
	MUST(listen(listener, 1) == 0);
	close(opened_by(flag, type, connect_peer, ret_ns));
	*ret_fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	MUST(*ret_fd >= 0);
	close(listener);
}

TEST(credentials_of_an_ended_peer_hold_its_pid_and_user_namespace)
{
	static const struct {
		uint64_t flag;
		const char *type;
	} cases[] = { { CLONE_NEWPID, "pid" }, { CLONE_NEWUSER, "user" } };

	live_need_bpf();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char ns[64];
		int fd;

		accept_ended_peer(cases[i].flag, cases[i].type, ns, &fd);
		assert_held(ns, strf("peer %d", fd));
		close(fd);
	}
}

static int open_mounted(const char *type)
{
	int fd;

	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mount(type, "/mnt", type, 0, NULL) == 0);
	fd = open("/mnt", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	MUST(fd >= 0);
	return fd;
}

static int open_proc(void)
{
	return open_mounted("proc");
}

static int open_sysfs(void)
{
	return open_mounted("sysfs");
}

TEST(open_file_system_holds_the_namespace_that_it_belongs_to)
{
	static const struct {
		uint64_t flag;
		const char *type;
		int (*open)(void);
	} cases[] = {
		{ CLONE_NEWPID, "pid", open_proc },
		{ CLONE_NEWNET, "net", open_sysfs },
	};

	live_need_bpf();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char ns[64];
		int fd = opened_by(CLONE_NEWNS | cases[i].flag, cases[i].type, cases[i].open, ns);

		assert_held(ns, strf("superblock %d", fd));
		close(fd);
	}
}

TEST(credentials_are_no_holder_of_a_namespace_that_has_a_member)
{
	int pair[2], fd;
	char ns[64];
	pid_t pid;

	live_need_bpf();
	socket_pair(pair);
	pid = live_fork(CLONE_NEWUSER);
	if (pid == 0) {
		live_send_fd(pair[1], open_null());
		pause();
	}
	fd = live_receive_fd(pair[0]);
	live_link(pid, "user", ns);
	assert_held(ns, "process");
	live_end(pid);
	assert_held(ns, strf("cred %d", fd));
	close(fd);
	close(pair[0]);
	close(pair[1]);
}

/* Runs nsls --bpf in a child, after that function. Returns its exit status, and what it printed. */
static void assert_refused(uint64_t flags, void (*prepare)(void), const char *reason)
{
	int pipes[2], status;
	char text[1024] = "";
	pid_t pid;

	MUST(pipe2(pipes, O_CLOEXEC) == 0);
	pid = live_fork(flags);
	if (pid == 0) {
		MUST(dup2(pipes[1], STDERR_FILENO) >= 0);
		if (prepare)
			prepare();
		execl(live_program, "nsls", "--bpf", (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	MUST(waitpid(pid, &status, 0) == pid);
	MUST(read(pipes[0], text, sizeof(text) - 1) >= 0);
	close(pipes[0]);
	assert_int_equal(WEXITSTATUS(status), 2);
	assert_contains(text, reason);
}

TEST(refusal_names_the_missing_capabilities)
{
	live_need_bpf();
	assert_refused(0, live_become_nobody, "CAP_BPF and CAP_PERFMON");
}

TEST(refusal_names_the_pid_namespace)
{
	live_need_bpf();
	assert_refused(CLONE_NEWPID, NULL, "initial PID namespace");
}

int main(void)
{
	return live_run_tests("bpf", NULL, NULL);
}
