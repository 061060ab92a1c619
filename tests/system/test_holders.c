// SPDX-License-Identifier: MIT
/*
 * One namespace for each way of being held and each type that can be held so, kept by that alone.
 * nsls must list each, with exactly the holders that its keeper says.
 *
 * A keeper is a process that makes its namespaces, reports "TYPE:[INODE] HOLDER, HOLDER…" lines,
 * and then waits. All of it happens in a mount namespace of the test's own.
 */
#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif

#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition,         \
				strerror(errno));                                                  \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

static char work[] = "/tmp/nsls-holders-XXXXXX";
static int report_fd; /* of a keeper */

/* A keeper's word on one of its namespaces. */
__attribute__((format(printf, 2, 3))) static void expect(const char *ns, const char *format, ...)
{
	char line[512];
	va_list args;
	int len = snprintf(line, sizeof(line), "%s\t", ns);

	va_start(args, format);
	len += vsnprintf(line + len, sizeof(line) - (size_t)len - 1, format, args);
	va_end(args);
	line[len++] = '\n';
	MUST(write(report_fd, line, (size_t)len) == len);
}

static void touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	MUST(fd >= 0);
	close(fd);
}

static void bind_fd(int fd, const char *path)
{
	char from[64];

	touch(path);
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	MUST(mount(from, path, NULL, MS_BIND, NULL) == 0);
}

/* Keepers. Each gets a type's name and a path of its own in the work directory. */

static void keep_by_process(const char *type, const char *path)
{
	pid_t pid = live_clone(live_flag(type));
	char ns[64];

	(void)path;
	live_link(pid, type, ns);
	expect(ns, "process %d", pid);
}

static void keep_by_zombie(const char *type, const char *path)
{
	pid_t pid = live_clone(live_flag(type));
	siginfo_t info;
	char ns[64];

	(void)path;
	live_link(pid, type, ns);
	MUST(kill(pid, SIGKILL) == 0);
	MUST(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
	expect(ns, "zombie %d", pid);
}

static void keep_by_fd(const char *type, const char *path)
{
	int fd = live_namespace(type);
	char ns[64];

	(void)path;
	live_fd_text(fd, type, ns);
	expect(ns, "fd %d:%d", getpid(), fd);
}

static void keep_by_fd_of_gone_mount(const char *type, const char *path)
{
	int fd = live_namespace(type), again;
	char ns[64];

	bind_fd(fd, path);
	close(fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	MUST(again >= 0);
	MUST(umount2(path, MNT_DETACH) == 0);
	live_fd_text(again, type, ns);
	expect(ns, "fd %d:%d", getpid(), again);
}

static void keep_by_detached_mount(const char *type, const char *path)
{
	int fd = live_namespace(type), tree;
	char ns[64];

	bind_fd(fd, path);
	live_fd_text(fd, type, ns);
	close(fd);
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | O_CLOEXEC);
	MUST(tree >= 0);
	MUST(umount2(path, MNT_DETACH) == 0);
	expect(ns, "fd %d:%d", getpid(), tree);
}

static void keep_by_mount(const char *type, const char *path)
{
	int fd = live_namespace(type);
	char ns[64];

	live_fd_text(fd, type, ns);
	bind_fd(fd, path);
	close(fd);
	expect(ns, "mount %s", path);
}

static void keep_by_children(const char *type, const char *path)
{
	char ns[64], link[32];

	(void)path;
	MUST(unshare((int)live_flag(type)) == 0);
	if (!strcmp(type, "pid")) {
		/* The link reads once a first process has been in there. */
		pid_t pid = fork();

		MUST(pid >= 0);
		if (pid == 0)
			_exit(0);
		MUST(waitpid(pid, NULL, 0) == pid);
	}
	snprintf(link, sizeof(link), "%s_for_children", type);
	live_link(getpid(), link, ns);
	expect(ns, "children %d", getpid());
}

/* What a thread of a keeper does before it waits; the keeper waits for its word. */
struct thread_case {
	const char *type;
	pthread_barrier_t barrier;
};

static void *unshare_in_thread(void *data)
{
	struct thread_case *c = data;
	char path[64], ns[64] = "";
	pid_t tid = (pid_t)syscall(SYS_gettid);
	bool children = !strcmp(c->type, "time");

	MUST(unshare((int)live_flag(c->type) | (strcmp(c->type, "mnt") ? 0 : CLONE_FS)) == 0);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/%s", getpid(), tid,
		children ? "time_for_children" : c->type);
	MUST(readlink(path, ns, sizeof(ns) - 1) > 0);
	expect(ns, "%s %d/%d", children ? "children" : "thread", getpid(), tid);
	pthread_barrier_wait(&c->barrier);
	for (;;)
		pause();
}

static void *open_in_thread(void *data)
{
	struct thread_case *c = data;
	char ns[64];
	int fd;

	MUST(unshare(CLONE_FILES) == 0);
	fd = live_namespace(c->type);
	live_fd_text(fd, c->type, ns);
	expect(ns, "fd %d/%d:%d", getpid(), (pid_t)syscall(SYS_gettid), fd);
	pthread_barrier_wait(&c->barrier);
	for (;;)
		pause();
}

static void start_thread(const char *type, void *(*work_of)(void *))
{
	static struct thread_case c; /* outlives this call: the thread waits on it */
	pthread_t thread;

	c.type = type;
	MUST(pthread_barrier_init(&c.barrier, NULL, 2) == 0);
	MUST(pthread_create(&thread, NULL, work_of, &c) == 0);
	pthread_barrier_wait(&c.barrier);
}

static void keep_by_thread(const char *type, const char *path)
{
	(void)path;
	start_thread(type, unshare_in_thread);
}

static void keep_by_fd_of_thread(const char *type, const char *path)
{
	(void)path;
	start_thread(type, open_in_thread);
}

/* A descriptor that is of the network namespace in which it was made. */
static void keep_by_device(const char *kind, int (*make)(void))
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int away = live_namespace("net"), device;
	char ns[64];

	live_fd_text(away, "net", ns);
	MUST(setns(away, CLONE_NEWNET) == 0);
	device = make();
	MUST(device >= 0);
	MUST(setns(home, CLONE_NEWNET) == 0);
	close(away);
	close(home);
	expect(ns, "%s %d:%d", kind, getpid(), device);
}

static int make_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int open_tun(void)
{
	return open("/dev/net/tun", O_RDWR | O_CLOEXEC);
}

static void keep_by_socket(const char *type, const char *path)
{
	(void)type;
	(void)path;
	keep_by_device("socket", make_socket);
}

static void keep_by_tun(const char *type, const char *path)
{
	(void)type;
	(void)path;
	keep_by_device("tun", open_tun);
}

/* Two processes share one socket, of which a third one is the maker. */
static void keep_by_shared_socket(const char *type, const char *path)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int away = live_namespace("net"), sock;
	char ns[64];
	pid_t pid;

	(void)type;
	(void)path;
	live_fd_text(away, "net", ns);
	MUST(setns(away, CLONE_NEWNET) == 0);
	sock = make_socket();
	MUST(sock >= 0 && setns(home, CLONE_NEWNET) == 0);
	close(away);
	close(home);
	pid = live_clone(0);
	expect(ns, "socket %d:%d, socket %d:%d", getpid(), sock, pid, sock);
}

/* In a new mount namespace with a process, or with no process but a descriptor of the keeper's. */
static void keep_by_mount_elsewhere(const char *path, bool process)
{
	int fd = live_namespace("net"), ready[2], mnt;
	char ns[64], mnt_ns[64], proc[64], byte;
	pid_t pid;

	live_fd_text(fd, "net", ns);
	touch(path);
	MUST(pipe2(ready, O_CLOEXEC) == 0);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		MUST(unshare(CLONE_NEWNS) == 0);
		bind_fd(fd, path);
		close(fd);
		MUST(write(ready[1], "x", 1) == 1);
		for (;;)
			pause();
	}
	close(fd);
	MUST(read(ready[0], &byte, 1) == 1);
	live_link(pid, "mnt", mnt_ns);
	expect(ns, "mount %.*s:%s", 10, strchr(mnt_ns, '[') + 1, path);
	if (process) {
		expect(mnt_ns, "process %d", pid);
		return;
	}
	snprintf(proc, sizeof(proc), "/proc/%d/ns/mnt", pid);
	mnt = open(proc, O_RDONLY | O_CLOEXEC);
	MUST(mnt >= 0);
	live_end(pid);
	expect(mnt_ns, "fd %d:%d", getpid(), mnt);
}

static void keep_by_mount_of_others(const char *type, const char *path)
{
	(void)type;
	keep_by_mount_elsewhere(path, true);
}

static void keep_by_mount_of_nobody(const char *type, const char *path)
{
	(void)type;
	keep_by_mount_elsewhere(path, false);
}

/* A user namespace that only a namespace which it owns keeps. */
static void keep_by_owned(const char *type, const char *path)
{
	pid_t pid = live_clone(CLONE_NEWUSER | live_flag(type));
	char user[64], owned[64], proc[64];
	int fd;

	(void)path;
	live_link(pid, "user", user);
	live_link(pid, type, owned);
	snprintf(proc, sizeof(proc), "/proc/%d/ns/%s", pid, type);
	fd = open(proc, O_RDONLY | O_CLOEXEC);
	MUST(fd >= 0);
	live_end(pid);
	expect(owned, "fd %d:%d", getpid(), fd);
	expect(user, "owned %s", owned);
}

/* Lets root of the new user namespace make the next one: user_namespaces(7). */
static void map_root(void)
{
	static const char *const files[][2] = { { "/proc/self/uid_map", "0 0 1" },
		{ "/proc/self/setgroups", "deny" }, { "/proc/self/gid_map", "0 0 1" } };

	for (int i = 0; i < 3; i++) {
		int fd = open(files[i][0], O_WRONLY | O_CLOEXEC);

		MUST(fd >= 0);
		MUST(write(fd, files[i][1], strlen(files[i][1])) > 0);
		close(fd);
	}
}

struct nested {
	char ns[3][64];
	char pid[64]; /* of the process in the innermost, as /proc names it */
};

/* Nests three namespaces, tells of them through fd, and waits. */
static void nest(const char *type, int fd)
{
	struct nested nested = { 0 };
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/ns/%s", type);
	for (int i = 0; i < 3; i++) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		MUST(unshare((int)live_flag(type)) == 0);
		if (!strcmp(type, "user"))
			map_root();
		while (!strcmp(type, "pid") && fork() != 0)
			pause();
		MUST(readlink(link, nested.ns[i], 63) > 0);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	MUST(readlink("/proc/self", nested.pid, 63) > 0);
	MUST(write(fd, &nested, sizeof(nested)) == sizeof(nested));
	for (;;)
		pause();
}

/* Three nested namespaces of which the innermost alone is held. */
static void keep_by_child(const char *type, const char *path)
{
	struct nested nested;
	int report[2], fd;
	char proc[128];
	pid_t pid;

	(void)path;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	MUST(pipe2(report, O_CLOEXEC) == 0);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0)
		nest(type, report[1]);
	MUST(read(report[0], &nested, sizeof(nested)) == sizeof(nested));
	snprintf(proc, sizeof(proc), "/proc/%s/ns/%s", nested.pid, type);
	fd = open(proc, O_RDONLY | O_CLOEXEC);
	MUST(fd >= 0);
	kill(pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	expect(nested.ns[0], "child %s", nested.ns[1]);
	expect(nested.ns[1], "child %s", nested.ns[2]);
	expect(nested.ns[2], "fd %d:%d", getpid(), fd);
}

/* Its process sees nothing of the mount: it has changed its root to an empty directory. */
static void keep_by_mount_outside_root(const char *type, const char *path)
{
	int fd = live_namespace(type), ready[2];
	char ns[64], mnt_ns[64], jail[128], byte;
	pid_t pid;

	live_fd_text(fd, type, ns);
	touch(path);
	snprintf(jail, sizeof(jail), "%s.jail", path);
	MUST(mkdir(jail, 0700) == 0 && pipe2(ready, O_CLOEXEC) == 0);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		MUST(unshare(CLONE_NEWNS) == 0);
		bind_fd(fd, path);
		close(fd);
		MUST(chroot(jail) == 0 && chdir("/") == 0);
		MUST(write(ready[1], "x", 1) == 1);
		for (;;)
			pause();
	}
	close(fd);
	MUST(read(ready[0], &byte, 1) == 1);
	live_link(pid, "mnt", mnt_ns);
	expect(ns, "mount %.*s:%s", 10, strchr(mnt_ns, '[') + 1, path);
	expect(mnt_ns, "process %d", pid);
}

/* The process's first thread ends, another one goes on in a namespace of its own. */
static pthread_t first_thread;

static void *outlive(void *data)
{
	char path[64], ns[64] = "";
	pid_t tid = (pid_t)syscall(SYS_gettid);
	const char *type = data;

	MUST(pthread_join(first_thread, NULL) == 0);
	MUST(unshare((int)live_flag(type)) == 0);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/ns/%s", getpid(), tid, type);
	MUST(readlink(path, ns, sizeof(ns) - 1) > 0);
	expect(ns, "thread %d/%d", getpid(), tid);
	expect(".", "%s", "");
	for (;;)
		pause();
}

static void keep_by_surviving_thread(const char *type, const char *path)
{
	pthread_t thread;

	(void)path;
	first_thread = pthread_self();
	MUST(pthread_create(&thread, NULL, outlive, (void *)(uintptr_t)type) == 0);
	pthread_exit(NULL);
}

struct keeper {
	const char *name;
	void (*keep)(const char *type, const char *path);
	const char *types;
};

/* Mounts of the test's own mount namespace come last: a mount namespace made later copies them. */
static const struct keeper keepers[] = {
	{ "process", keep_by_process, "cgroup ipc mnt net pid time user uts" },
	{ "thread", keep_by_thread, "cgroup ipc mnt net time uts" },
	{ "surviving thread", keep_by_surviving_thread, "net" },
	{ "children", keep_by_children, "pid time" },
	{ "zombie", keep_by_zombie, "pid user" },
	{ "mount elsewhere", keep_by_mount_of_others, "net" },
	{ "mount where no process is", keep_by_mount_of_nobody, "net" },
	{ "mount outside a root", keep_by_mount_outside_root, "net" },
	{ "fd", keep_by_fd, "cgroup ipc mnt net pid time user uts" },
	{ "fd of a thread", keep_by_fd_of_thread, "net" },
	{ "socket", keep_by_socket, "net" },
	{ "shared socket", keep_by_shared_socket, "net" },
	{ "tun", keep_by_tun, "net" },
	{ "owned", keep_by_owned, "cgroup ipc mnt net pid time uts" },
	{ "child", keep_by_child, "pid user" },
	{ "fd of a gone mount", keep_by_fd_of_gone_mount, "net uts" },
	{ "detached mount", keep_by_detached_mount, "net uts" },
	{ "mount", keep_by_mount, "mnt cgroup ipc net pid time user uts" },
};

#define KEEPERS_MAX 128

static struct {
	pid_t pids[KEEPERS_MAX];
	int n;
	char *expected; /* lines "TYPE:[INODE]\tHOLDERS" */
} matrix;

/* Starts a keeper and takes down its word, up to the line that ends it. */
static void start_keeper(const struct keeper *keeper, const char *type)
{
	char path[128], buf[4096];
	int report[2];
	size_t len = 0;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s-%d", work, type, matrix.n);
	MUST(pipe2(report, O_CLOEXEC) == 0);
	fflush(NULL);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(report[0]);
		report_fd = report[1];
		keeper->keep(type, path);
		expect(".", "%s", "");
		for (;;)
			pause();
	}
	close(report[1]);
	matrix.pids[matrix.n++] = pid;
	while (len < 3 || strcmp(buf + len - 3, ".\t\n") != 0) {
		ssize_t n = read(report[0], buf + len, sizeof(buf) - len - 1);

		if (n <= 0)
			fail_msg("keeper '%s' of %s did not start", keeper->name, type);
		len += (size_t)n;
		buf[len] = '\0';
	}
	close(report[0]);
	buf[len - 3] = '\0';
	MUST((matrix.expected = realloc(matrix.expected, strlen(matrix.expected) + len + 1)));
	strcat(matrix.expected, buf);
}

static bool is_possible(const struct keeper *keeper)
{
	if (keeper->keep != keep_by_tun || access("/dev/net/tun", F_OK) == 0)
		return true;
	puts("skip: this kernel has no tun device");
	return false;
}

static int start_keepers(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mkdtemp(work));
	MUST(mount("work", work, "tmpfs", 0, NULL) == 0);
	MUST((matrix.expected = calloc(1, 1)));
	for (size_t i = 0; i < sizeof(keepers) / sizeof(*keepers); i++) {
		char types[64], *rest = NULL;

		snprintf(types, sizeof(types), "%s", keepers[i].types);
		for (char *type = strtok_r(types, " ", &rest); type;
			type = strtok_r(NULL, " ", &rest))
			if (is_possible(&keepers[i]))
				start_keeper(&keepers[i], type);
	}
	return 0;
}

static int end_keepers(void **state)
{
	(void)state;
	for (int i = 0; i < matrix.n; i++)
		live_end(matrix.pids[i]);
	if (matrix.n) {
		umount2(work, MNT_DETACH);
		rmdir(work);
	}
	free(matrix.expected);
	return 0;
}

/* The rest of the line of text that begins with ns and a tab; NULL where there is none. */
static const char *find_line(const char *text, const char *ns, size_t *ret_len)
{
	size_t len = strlen(ns);

	for (const char *line = text; line && *line;
		line = strchr(line, '\n'), line += line != NULL)
		if (!strncmp(line, ns, len) && line[len] == '\t') {
			*ret_len = strcspn(line + len + 1, "\n");
			return line + len + 1;
		}
	return NULL;
}

static void each_is_listed_with_its_holders_and_no_other(void **state)
{
	char *listed, *line, *rest = NULL, *expected;
	int n = 0, wrong = 0;
	struct answer answer;

	(void)state;
	live_need_root();
	answer = nsls("-J", "-o", "NS,TYPE,HOLDERS", NULL);
	assert_int_equal(answer.status, 0);
	listed = jq(answer.out,
		".namespaces[] | \"\\(.type):[\\(.ns)]\\t\\(.holders | join(\", \"))\"");
	expected = strdup(matrix.expected);
	for (line = strtok_r(expected, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *holders = strchr(line, '\t');
		const char *seen;
		size_t len = 0;

		*holders++ = '\0';
		n++;
		seen = find_line(listed, line, &len);
		if (seen && strlen(holders) == len && !strncmp(seen, holders, len))
			continue;
		wrong++;
		print_error("%s: expected '%s', listed '%.*s'\n", line, holders,
			seen ? (int)len : 8, seen ? seen : "(absent)");
	}
	print_message("%d of %d namespaces listed with exactly their holders\n", n - wrong, n);
	assert_true(n >= 60);
	assert_int_equal(wrong, 0);
	free(expected);
	free(listed);
	answer_done(&answer);
}

/* "fd 1:2, fd 3:4" to "fd,fd". */
static void kinds_of(const char *holders, char kinds[128])
{
	kinds[0] = '\0';
	for (const char *at = holders; at; at = strstr(at, ", "), at = at ? at + 2 : NULL)
		snprintf(kinds + strlen(kinds), 128 - strlen(kinds), "%s%.*s", *kinds ? "," : "",
			(int)strcspn(at, " "), at);
}

static void each_says_why_it_exists(void **state)
{
	char *line, *rest = NULL, *expected;

	(void)state;
	live_need_root();
	expected = strdup(matrix.expected);
	for (line = strtok_r(expected, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *holders = strchr(line, '\t'), kinds[128], *seen;
		struct answer answer;

		*holders++ = '\0';
		answer = nsls("-J", line, NULL);
		assert_int_equal(answer.status, 0);
		kinds_of(holders, kinds);
		seen = jq(answer.out, "[.holders[].kind] | join(\",\")");
		seen[strcspn(seen, "\n")] = '\0';
		assert_string_equal(seen, kinds);
		free(seen);
		answer_done(&answer);
	}
	free(expected);
}

static void those_without_process_are_the_persistent_ones(void **state)
{
	char *listed, *line, *rest = NULL, *expected;
	struct answer answer;

	(void)state;
	live_need_root();
	answer = nsls("-P", "-J", NULL);
	assert_int_equal(answer.status, 0);
	listed = jq(answer.out, ".namespaces[] | \"\\(.type):[\\(.ns)]\\t\\(.nprocs) \\(.pid)\"");
	expected = strdup(matrix.expected);
	for (line = strtok_r(expected, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *holders = strchr(line, '\t');
		const char *seen;
		size_t len = 0;

		*holders++ = '\0';
		seen = find_line(listed, line, &len);
		if (!strncmp(holders, "process", 7) || !strncmp(holders, "zombie", 6))
			assert_null(seen);
		else
			assert_true(seen && len == 6 && !strncmp(seen, "0 null", 6));
	}
	free(expected);
	free(listed);
	answer_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_listed_with_its_holders_and_no_other),
		cmocka_unit_test(each_says_why_it_exists),
		cmocka_unit_test(those_without_process_are_the_persistent_ones),
	};

	return cmocka_run_group_tests_name("holders", tests, start_keepers, end_keepers);
}
