// SPDX-License-Identifier: MIT
/* See the header. */
#include "matrix.h"

#include "hold.h"

#include <sys/ioctl.h>
#include <sys/prctl.h>

static char work[] = "/tmp/nsls-holders-XXXXXX";

struct holder {
	const char *name;
	hold *work;
	const char *types;
};

/* Mounts of the test's own mount namespace come last: a mount namespace made later copies them. */
static const struct holder holders[] = {
	{ "process", hold_by_process, "cgroup ipc mnt net pid time user uts" },
	{ "process without its main thread", hold_by_process_of_survivor, "pid user" },
	{ "zombie", hold_by_zombie, "pid user" },
	{ "thread", hold_by_thread, "cgroup ipc mnt net uts" },
	{ "surviving thread", hold_by_survivor, "cgroup ipc mnt net uts" },
	{ "children", hold_by_children, "pid time" },
	{ "children, none yet", hold_by_new_pidns, "pid" },
	{ "children of a thread, none yet", hold_by_new_pidns_of_thread, "pid" },
	{ "children of a thread", hold_by_children_of_thread, "pid time" },
	{ "children of a surviving thread", hold_by_children_of_survivor, "pid time" },
	{ "mount elsewhere", hold_by_mount_of_others, "net uts" },
	{ "mount of a thread", hold_by_mount_of_thread, "net" },
	{ "mount of a surviving thread", hold_by_mount_of_survivor, "net" },
	{ "mount outside a root", hold_by_mount_outside_root, "net" },
	{ "mount where no process is", hold_by_mount_of_fd, "net" },
	{ "mount two namespaces deep", hold_by_mount_two_deep, "net" },
	{ "fd", hold_by_fd, "cgroup ipc mnt net pid time user uts" },
	{ "fd by path only", hold_by_path_fd, "net uts" },
	{ "shared fd", hold_by_shared_fd, "net" },
	{ "fd of a thread", hold_by_fd_of_thread, "net" },
	{ "fd of a surviving thread", hold_by_fd_of_survivor, "net" },
	{ "socket", hold_by_socket, "net" },
	{ "unix socket", hold_by_unix_socket, "net" },
	{ "netlink socket", hold_by_netlink_socket, "net" },
	{ "shared socket", hold_by_shared_socket, "net" },
	{ "received socket", hold_by_received_socket, "net" },
	{ "socket of a thread", hold_by_socket_of_thread, "net" },
	{ "socket of a surviving thread", hold_by_socket_of_survivor, "net" },
	{ "tun", hold_by_tun, "net" },
	{ "io_uring", hold_by_ring, "cgroup ipc mnt net pid time user uts" },
	{ "io_uring, shared", hold_by_shared_ring, "uts" },
	{ "io_uring of a thread", hold_by_ring_of_thread, "uts" },
	{ "io_uring, a socket", hold_by_socket_of_ring, "net" },
	{ "owned", hold_by_owned, "cgroup ipc mnt net pid time uts" },
	{ "owned, of another user", hold_by_owned_of_user, "uts" },
	{ "owned, of a socket", hold_by_owned_of_socket, "net" },
	{ "child", hold_by_child, "pid user" },
	{ "fd of a gone mount", hold_by_fd_of_gone_mount, "net uts" },
	{ "detached mount", hold_by_detached_mount, "net uts" },
	{ "mount of a mount", hold_by_mount_of_mount, "net" },
	{ "mount", hold_by_mount, "mnt cgroup ipc net pid time user uts" },
	{ "two mounts", hold_by_two_mounts, "uts" },
	{ "owned, of a mount", hold_by_owned_of_mount, "uts" },
	{ "child of a mount", hold_by_child_of_mount, "pid user" },
};

#define HOLDERS_MAX 128

static struct {
	pid_t pids[HOLDERS_MAX];
	int n;
	char *expected; /* lines of holders: "TYPE:[INODE]\tRELATIONS\tHOLDERS" */
} matrix;

char *matrix_expected(void)
{
	return strf("%s", matrix.expected);
}

static _Noreturn void be_holder(const struct holder *holder, const char *type, const char *path)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	holder->work(type, path);
	expect_end();
	live_wait();
}

/* Adds the report of a holder, up to the line that ends it. */
static void add_report(const struct holder *holder, const char *type, int report)
{
	char buf[16384];
	size_t len = 0;

	while (len < 2 || strcmp(buf + len - 2, ".\n") != 0) {
		ssize_t n = read(report, buf + len, sizeof(buf) - len - 1);

		if (n <= 0)
			fail_msg("holder '%s' of %s did not start", holder->name, type);
		len += (size_t)n;
		buf[len] = '\0';
	}
	buf[len - 2] = '\0';
	MUST((matrix.expected = realloc(matrix.expected, strlen(matrix.expected) + len)));
	strcat(matrix.expected, buf);
}

static void start_holder(const struct holder *holder, const char *type)
{
	const char *path = strf("%s/%s-%d", work, type, matrix.n);
	int report[2];
	pid_t pid;

	MUST(matrix.n < HOLDERS_MAX && pipe2(report, O_CLOEXEC) == 0);
	fflush(NULL);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		close(report[0]);
		holder_report = report[1];
		be_holder(holder, type, path);
	}
	close(report[1]);
	matrix.pids[matrix.n++] = pid;
	add_report(holder, type, report[0]);
	close(report[0]);
}

/* Whether what is mounted can be listed where no process shows it: NS_GET_MNTNS_ID came with that.
 */
static bool lists_mounts_elsewhere(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	uint64_t id;
	bool has = ioctl(fd, _IOR(0xb7, 5, uint64_t), &id) == 0;

	close(fd);
	return has;
}

static bool is_mount_elsewhere(const struct holder *holder)
{
	return holder->work == hold_by_mount_outside_root || holder->work == hold_by_mount_of_fd ||
	       holder->work == hold_by_mount_two_deep || holder->work == hold_by_mount_of_mount;
}

/* As opened with PIDFD_THREAD. */
static bool has_pidfd_of_thread(void)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), O_EXCL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static const char *lacks(const struct holder *holder)
{
	if (is_mount_elsewhere(holder) && !lists_mounts_elsewhere())
		return "this kernel lists no mounts of a mount namespace without a process, Linux "
		       "6.11";
	if ((holder->work == hold_by_socket_of_thread ||
		    holder->work == hold_by_socket_of_survivor) &&
		!has_pidfd_of_thread())
		return "this kernel has no pidfd of a thread, Linux 6.9";
	if (holder->work == hold_by_tun && access("/dev/net/tun", F_OK) != 0)
		return "this kernel has no tun device";
	if (strstr(holder->name, "none yet"))
		return holder_new_pidns_lacks();
	if (holder->work == hold_by_mount_two_deep && !live_in_initial_pid_namespace())
		return "outside of the initial PID namespace no mounts can be listed there";
	return strncmp(holder->name, "io_uring", 8) ? NULL : holder_ring_lacks();
}

static bool is_possible(const struct holder *holder)
{
	const char *why = lacks(holder);

	if (why)
		printf("skip: %s\n", why);
	return !why;
}

/*
 * A mount namespace can be mounted only where it is younger than the one to mount it in, and the
 * kernel tells their ages by ids that it hands out in blocks, a block a CPU.
 */
static void stay_on_one_cpu(cpu_set_t *ret_before)
{
	cpu_set_t set;
	int cpu = sched_getcpu();

	MUST(cpu >= 0 && sched_getaffinity(0, sizeof(*ret_before), ret_before) == 0);
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set) == 0);
}

static void start_all_of(const struct holder *holder)
{
	char *rest = strf("%s", holder->types), *type;

	while ((type = strsep(&rest, " ")))
		if (is_possible(holder))
			start_holder(holder, type);
}

void matrix_start(void)
{
	cpu_set_t before;

	stay_on_one_cpu(&before);
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mkdtemp(work));
	MUST(mount("work", work, "tmpfs", 0, NULL) == 0);
	MUST((matrix.expected = calloc(1, 1)));
	for (size_t i = 0; i < sizeof(holders) / sizeof(*holders); i++)
		start_all_of(&holders[i]);
	MUST(sched_setaffinity(0, sizeof(before), &before) == 0);
}

void matrix_end(void)
{
	for (int i = 0; i < matrix.n; i++)
		if (waitpid(matrix.pids[i], NULL, WNOHANG) == 0) /* not ended by a test */
			live_end(matrix.pids[i]);
	if (matrix.n) {
		umount2(work, MNT_DETACH);
		rmdir(work);
	}
	free(matrix.expected);
}

bool matrix_next(char **rest, struct truth *truth)
{
	char *line = strsep(rest, "\n");

	if (!line || !*line)
		return false;
	truth->ns = strsep(&line, "\t");
	truth->relations = strsep(&line, "\t");
	truth->holders = line;
	MUST(truth->holders);
	return true;
}

/*
 * Takes out credentials, which only --bpf shows: a descriptor that shows more than a file of its
 * own name, such as a socket, was opened in some user namespace, too. Also a descriptor of a
 * process that has ended, of which the matrix has none: an nsls that somebody ran beside the test.
 */
static void drop_what_is_not_of_the_matrix(char *listed)
{
	char *from = listed;

	while ((from = strpbrk(from, "cf"))) {
		char *to = from + strcspn(from, ",\n");
		int pid;

		if (strncmp(from, "cred ", 5) != 0 &&
			!(sscanf(from, "fd %d:", &pid) == 1 && kill(pid, 0) < 0)) {
			from++;
			continue;
		}
		if (*to == ',')
			to += strlen(", ");
		else if (from[-1] == ' ') /* the last of several */
			from -= strlen(", ");
		memmove(from, to, strlen(to) + 1);
	}
}

char *matrix_list(const char *json)
{
	char *program, *list;

	program = strf("(.namespaces | map({\"\\(.ns)\": .type}) | add) as $type |"
		       "def words: .kind"
		       " + (.pid | if . then \" \\(.)\" else \"\" end)"
		       " + (.tid | if . then \"/\\(.)\" else \"\" end)"
		       " + (.fd | if . then \":\\(.)\" else \"\" end)"
		       " + (if .mount then \" \" else \"\" end)"
		       " + (.mntns | if . and \"mnt:[\\(.)]\" != \"%s\" then \"\\(.):\" else \"\" "
		       "end)"
		       " + (.mount // \"\")"
		       " + (.hns | if . then \" \\($type[tostring]):[\\(.)]\" else \"\" end);"
		       ".namespaces[] |"
		       "\"\\(.type):[\\(.ns)]\\t\\(.holders | map(words) | join(\", \"))\"",
		live_link(getpid(), "mnt"));
	list = jq(json, program);
	drop_what_is_not_of_the_matrix(list);
	return list;
}

const char *matrix_find(const char *text, const char *ns, int *ret_len)
{
	size_t len = strlen(ns);

	for (const char *line = text; line && *line;
		line = strchr(line, '\n'), line += line != NULL)
		if (!strncmp(line, ns, len) && line[len] == '\t') {
			*ret_len = (int)strcspn(line + len + 1, "\n");
			return line + len + 1;
		}
	*ret_len = (int)strlen("(absent)");
	return NULL;
}

bool matrix_matches(const char *list, const char *ns, const char *expected)
{
	int len;
	const char *seen = matrix_find(list, ns, &len);

	if (seen && (int)strlen(expected) == len && !strncmp(seen, expected, (size_t)len))
		return true;
	print_error(
		"%s: expected '%s', listed '%.*s'\n", ns, expected, len, seen ? seen : "(absent)");
	return false;
}
