// SPDX-License-Identifier: MIT
/*
 * One namespace per kind of reference and type, held by that reference alone. All of this is in a
 * mount namespace of the test's own.
 */
#include "hold.h"

#include <pthread.h>
#include <sys/socket.h>

#define ALL "cgroup ipc net pid time user uts"
#define OF_THREADS "cgroup ipc mnt net uts"

/* Mounts of the test's own mount namespace come last: a mount namespace made later copies them. */
static const struct holder holders[] = {
	{ "process", ALL " mnt", .hold = hold_process },
	{ "process without its main thread", "pid user", .hold = hold_process_without_main_thread },
	{ "zombie", "pid user", .hold = hold_zombie },
	{ "thread", OF_THREADS, .hold = hold_unshared, .in = IN_THREAD },
	{ "surviving thread", OF_THREADS, .hold = hold_unshared, .in = IN_SURVIVOR },
	{ "children", "pid time", .hold = hold_children },
	{ "children, none yet", "pid", .hold = hold_new_pidns, .lacks = lacks_new_pidns },
	{ "children of a thread, none yet", "pid", .hold = hold_new_pidns, .in = IN_THREAD,
		.lacks = lacks_new_pidns },
	{ "children of a thread", "pid time", .hold = hold_children, .in = IN_THREAD },
	{ "children of a surviving thread", "pid time", .hold = hold_children, .in = IN_SURVIVOR },
	{ "mount elsewhere", "net uts", .hold = hold_mount_of_others },
	{ "mount of a thread", "net", .hold = hold_mount_of_thread, .in = IN_THREAD },
	{ "mount of a surviving thread", "net", .hold = hold_mount_of_thread, .in = IN_SURVIVOR },
	{ "mount outside a root", "net", .hold = hold_mount_outside_root,
		.lacks = lacks_mounts_elsewhere },
	{ "mount where no process is", "net", .hold = hold_mount_of_fd,
		.lacks = lacks_mounts_elsewhere },
	{ "mount two namespaces deep", "net", .hold = hold_mount_two_deep,
		.lacks = lacks_mounts_two_deep },
	{ "fd", ALL " mnt", .hold = hold_fd },
	{ "fd by path only", "net uts", .hold = hold_path_fd },
	{ "shared fd", "net", .hold = hold_shared_fd },
	{ "fd of a thread", "net", .hold = hold_fd, .in = IN_THREAD },
	{ "fd of a surviving thread", "net", .hold = hold_fd, .in = IN_SURVIVOR },
	{ "socket", "net", .hold = hold_device, .domain = AF_INET },
	{ "unix socket", "net", .hold = hold_device, .domain = AF_UNIX },
	{ "netlink socket", "net", .hold = hold_device, .domain = AF_NETLINK },
	{ "shared socket", "net", .hold = hold_shared_socket },
	{ "received socket", "net", .hold = hold_received_socket },
	{ "socket of a thread", "net", .hold = hold_device, .in = IN_THREAD,
		.lacks = lacks_thread_pidfd, .domain = AF_INET },
	{ "socket of a surviving thread", "net", .hold = hold_device, .in = IN_SURVIVOR,
		.lacks = lacks_thread_pidfd, .domain = AF_INET },
	{ "tun", "net", .hold = hold_device, .lacks = lacks_tun },
	{ "io_uring", ALL " mnt", .hold = hold_ring, .lacks = lacks_rings },
	{ "io_uring, shared", "uts", .hold = hold_shared_ring, .lacks = lacks_rings },
	{ "io_uring of a thread", "uts", .hold = hold_ring, .in = IN_THREAD, .lacks = lacks_rings },
	{ "io_uring, a socket", "net", .hold = hold_socket_of_ring, .lacks = lacks_rings },
	{ "owned", "cgroup ipc mnt net pid time uts", .hold = hold_owned },
	{ "owned, of another user", "uts", .hold = hold_owned_of_user },
	{ "owned, of a socket", "net", .hold = hold_owned_of_socket },
	{ "child", "pid user", .hold = hold_child },
	{ "fd of a gone mount", "net uts", .hold = hold_fd_of_gone_mount },
	{ "detached mount", "net uts", .hold = hold_detached_mount },
	{ "mount of a mount", "net", .hold = hold_mount_of_mount, .lacks = lacks_mounts_elsewhere },
	{ "mount", "mnt " ALL, .hold = hold_mount },
	{ "two mounts", "uts", .hold = hold_two_mounts },
	{ "owned, of a mount", "uts", .hold = hold_owned_of_mount },
	{ "child of a mount", "pid user", .hold = hold_child_of_mount },
};

#define HOLDERS_MAX 128

static char work[] = "/tmp/nsls-holders-XXXXXX";
static pid_t pids[HOLDERS_MAX];
static int npids;

static void hold_in_thread(void *unused)
{
	MUST(unshare(CLONE_FILES) == 0);
	holder->hold();
}

static void *be_thread(void *unused)
{
	hold_in_thread(unused);
	live_started();
}

static void be_holder(void *unused)
{
	pthread_t thread;

	live_subject = strf("holder '%s' of %s: ", holder->name, holder_type);
	if (holder->in == IN_SURVIVOR)
		live_end_main_thread(hold_in_thread, NULL);
	if (holder->in == IN_PROCESS) {
		holder->hold();
		return;
	}
	MUST(pthread_create(&thread, NULL, be_thread, NULL) == 0);
	live_wait();
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

static void start_all_of(const struct holder *row)
{
	const char *why = row->lacks ? row->lacks() : NULL;
	char *rest = strf("%s", row->types);

	if (why) {
		printf("skip: %s\n", why);
		return;
	}
	holder = row;
	while ((holder_type = strsep(&rest, " "))) {
		MUST(npids < HOLDERS_MAX);
		holder_path = strf("%s/%s-%d", work, holder_type, npids);
		pids[npids++] = live_start(0, be_holder, NULL);
	}
}

void matrix_start(void)
{
	cpu_set_t before;

	stay_on_one_cpu(&before);
	live_unshare_mounts();
	MUST(mkdtemp(work));
	MUST(mount("work", work, "tmpfs", 0, NULL) == 0);
	truths = live_share(TRUTHS_MAX * sizeof(*truths));
	for (size_t i = 0; i < COUNT(holders); i++)
		start_all_of(&holders[i]);
	MUST(sched_setaffinity(0, sizeof(before), &before) == 0);
}

void matrix_end(void)
{
	if (npids) {
		umount2(work, MNT_DETACH);
		rmdir(work);
	}
	while (npids-- > 0)
		if (waitpid(pids[npids], NULL, WNOHANG) == 0) /* not ended by a test */
			live_end(pids[npids]);
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
