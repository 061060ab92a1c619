// SPDX-License-Identifier: MIT
/*
 * Real control groups and real names of ip-netns(8), made in a mount namespace of our own: the
 * groups below a directory that is removed again, the names on a /run of our own.
 */
#include "live.h"

#include <time.h>

#define ID "84b8394540fbadce35032bcb36f8ab7e75064f20650f38af63729f3d2b0ad7ce"
#define CONTAINER "system.slice/docker-" ID ".scope"
#define CONTAINER_IDENTITY "docker 84b8394540fb|" ID "|docker|docker-" ID ".scope|\n"

static char work[] = "/tmp/nsls-names-XXXXXX";
static int root = -1; /* of the control groups, if cgroup2 can be mounted */
static int home;      /* the group that we came from */

/* Every group that was made: the directory that it is in, and its name. */
static struct {
	int parent, fd;
	char *name;
} groups[128];
static size_t ngroups;

/* Makes all groups of a path below one that no other run has, and opens the last. */
static int make_groups(const char *path)
{
	int fd = root;

	for (EACH_WORD(name, strf("%s/%s", strrchr(work, '/') + 1, path), "/")) {
		MUST(mkdirat(fd, name, 0755) == 0 || errno == EEXIST);
		MUST(ngroups < COUNT(groups) && (groups[ngroups].name = strdup(name)));
		groups[ngroups].parent = fd;
		fd = MUST_OPEN(openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
		groups[ngroups++].fd = fd;
	}
	return fd;
}

static void move_to(int group, pid_t pid)
{
	int fd = MUST_OPEN(openat(group, "cgroup.procs", O_WRONLY | O_CLOEXEC));

	MUST(dprintf(fd, "%d\n", pid) > 0);
	close(fd);
}

/* Our own group in the unified hierarchy, cgroups(7). */
static int open_own_group(void)
{
	const char *path = "";

	for (EACH_WORD(line, live_read(live_open_file("/proc/self/cgroup", O_RDONLY)), "\n"))
		if (!strncmp(line, "0::/", 4))
			path = line + 4;
	return MUST_OPEN(openat(root, strf("./%s", path), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int set_up(void **state)
{
	live_unshare_mounts();
	MUST(mount("run", "/run", "tmpfs", 0, NULL) == 0 && mkdir("/run/netns", 0755) == 0);
	MUST(mkdtemp(work));
	if (mount("cgroup", work, "cgroup2", 0, NULL) == 0) {
		root = live_open_file(work, O_RDONLY | O_DIRECTORY);
		home = open_own_group();
	}
	return 0;
}

/* A group goes once its last process was waited for. */
static int tear_down(void **state)
{
	while (ngroups-- > 0) {
		close(groups[ngroups].fd);
		unlinkat(groups[ngroups].parent, groups[ngroups].name, AT_REMOVEDIR);
	}
	umount2(work, MNT_DETACH);
	return rmdir(work);
}

/* A process in that group and a UTS namespace of its own, which does that. */
static pid_t start_doing(void (*life)(void), const char *path)
{
	pid_t pid;

	if (root < 0)
		live_skip("cgroup2 can't be mounted here");
	pid = live_fork(CLONE_NEWUTS);
	if (pid == 0)
		life();
	move_to(make_groups(path), pid);
	return pid;
}

static pid_t start_in(const char *path)
{
	return start_doing(live_wait, path);
}

static unsigned long uts_of(pid_t pid)
{
	return live_inode(live_ns_path(pid, "uts"));
}

/* "NAME|CONTAINER|RUNTIME|UNIT|POD" of its UTS namespace. */
static char *identity_of(pid_t pid)
{
	return nsls_jq(strf(".namespaces[] | select(.ns == %lu) | [.name, .container, .runtime, "
			    ".unit, .pod] | map(. // \"\") | join(\"|\")",
			       uts_of(pid)),
		"-t", "uts", "-o", "NS,NAME,CONTAINER,RUNTIME,UNIT,POD,CGROUP");
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

/* Leaves one UTS namespace of its own for another, all the time. */
static _Noreturn void wander(void)
{
	int fd;

	MUST(unshare(CLONE_NEWUTS) == 0);
	fd = live_open_file("/proc/self/ns/uts", O_RDONLY);
	for (;;)
		MUST(unshare(CLONE_NEWUTS) == 0 && setns(fd, CLONE_NEWUTS) == 0);
}

static long long tick(void)
{
	struct timespec now;

	MUST(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
	return now.tv_sec * sysconf(_SC_CLK_TCK) + now.tv_nsec * sysconf(_SC_CLK_TCK) / 1000000000;
}

/*
 * The kernel gives the start of a process in ticks, proc_pid_stat(5): one that started in the tick
 * of a scan may have the PID of an earlier one.
 */
static void wait_for_next_tick(void)
{
	long long now = tick();

	while (tick() == now)
		sched_yield();
}

TEST(process_that_changes_its_namespaces_all_the_time_is_of_its_container)
{
	pid_t pid = start_doing(wander, CONTAINER);
	int failed = 0;

	wait_for_next_tick();
	for (int i = 0; i < 10; i++) {
		struct answer of = nsls("-c", "-t", "uts", "--of", "84b8394540fb");
		struct answer list = nsls("-C", "-n", "-o", "NAME");

		failed += strcmp(of.out, "1\n") || !strstr(list.out, "docker 84b8394540fb\n");
	}
	live_end(pid);
	assert_int_equal(failed, 0);
}

/* The kernel takes every byte but a newline; control groups may be nested beyond what it shows. */
TEST(hostile_control_groups_change_no_other_row)
{
	char *deep = strf("%0250d", 0);
	const char *out;
	pid_t pids[3];

	for (int i = 1; i < 20; i++)
		deep = strf("%s/%0250d", deep, 0);
	pids[0] = start_in("sane.service");
	pids[1] = start_in("\x1b[2J\xff\xfe\\x0a\"x.service");
	pids[2] = start_in(deep);

	assert_string_equal(identity_of(pids[0]), "sane.service|||sane.service|\n");
	assert_string_equal(identity_of(pids[1]), "||||\n");
	assert_string_equal(identity_of(pids[2]), "||||\n");
	out = nsls("-t", "uts", "-o", "NS,CGROUP").out;
	assert_lacks(out, "\x1b");
	assert_contains(out, "/\\x1b[2J\\xff\\xfe\\x0a\"x.service\n");
	for (int i = 0; i < 3; i++)
		live_end(pids[i]);
}

/* What is not below the root of our cgroup namespace begins with "/..". */
TEST(from_inside_a_cgroup_namespace_others_keep_their_names)
{
	int ours = live_open_file("/proc/self/ns/cgroup", O_RDONLY);
	pid_t pid = start_in(CONTAINER);
	char *identity, *paths;

	move_to(make_groups("inside"), getpid());
	MUST(unshare(CLONE_NEWCGROUP) == 0);
	identity = identity_of(pid);
	paths = nsls_jq(".namespaces[].cgroup", "-t", "uts", "-o", "NS,CGROUP");
	MUST(setns(ours, CLONE_NEWCGROUP) == 0);
	move_to(home, getpid());
	assert_contains(paths, "\n/../" CONTAINER "\n");
	assert_string_equal(identity, CONTAINER_IDENTITY);
	live_end(pid);
	close(ours);
}

/* Runs ip(8); false where there is none. */
static bool ip_netns(const char *words)
{
	if (system("command -v ip >/dev/null") != 0)
		return false;
	MUST(system(strf("ip netns %s", words)) == 0);
	return true;
}

TEST(a_name_of_ip_netns_is_that_of_its_namespace)
{
	if (!ip_netns("add nsls-blue"))
		live_skip("needs the package \"iproute2\"");
	assert_contains(
		nsls_jq(".namespaces[] | \"\\(.ns) \\(.name)\"", "-t", "net", "-o", "NS,NAME"),
		strf("%lu netns nsls-blue\n", live_inode("/run/netns/nsls-blue")));
	assert_contains(nsls("-T", "type", "-t", "net").out, "netns nsls-blue");
	ip_netns("delete nsls-blue");
	assert_lacks(nsls("-J", "-t", "net", "-o", "NS,NAME").out, "nsls-blue");
}

/*
 * Operand and --of lead to this network namespace alone, which column NAME calls so, also by the
 * text in that column.
 */
static void assert_leads_to(const char *name, unsigned long ino)
{
	for (EACH_TEXT(text, name, strf("netns %s", name))) {
		assert_string_equal(
			output_of(nsls("-l", "-n", "-t", "net", "-o", "NS,NAME", "--of", text)),
			strf("%lu netns %s\n", ino, name));
		assert_string_equal(nsls_jq("[.holders[].ns] | unique[]", "-o", "NS", text),
			strf("%lu\n", ino));
	}
}

TEST(link_in_run_netns_is_a_name)
{
	pid_t pid = live_clone(CLONE_NEWNET);

	MUST(symlink(live_ns_path(pid, "net"), "/run/netns/nsls-lab") == 0);
	assert_leads_to("nsls-lab", live_inode("/run/netns/nsls-lab"));
	live_end(pid);
	MUST(unlink("/run/netns/nsls-lab") == 0);
}

static void mount_name(void *path)
{
	int fd = live_open_file("/proc/self/ns/net", O_RDONLY);

	MUST(mount("run", "/run", "tmpfs", 0, NULL) == 0 && mkdir("/run/netns", 0755) == 0);
	live_bind_and_close(fd, path);
	MUST(unshare(CLONE_NEWNET) == 0);
}

/* A process that has mounted, where others do not see it, a network namespace of no member. */
static pid_t start_name_elsewhere(char *path, unsigned long *ret_ino)
{
	pid_t pid = live_start(CLONE_NEWNS | CLONE_NEWNET, mount_name, path);

	*ret_ino = live_inode(strf("/proc/%d/root%s", pid, path));
	return pid;
}

TEST(name_in_another_mount_namespace_leads_to_its_namespace)
{
	unsigned long ino;
	pid_t pid = start_name_elsewhere(strf("/run/netns/nsls-gst"), &ino);

	assert_leads_to("nsls-gst", ino);
	live_end(pid);
}

TEST(name_in_two_mount_namespaces_leads_to_both)
{
	unsigned long inos[2];
	const char *error;
	pid_t pids[2];

	for (int i = 0; i < 2; i++)
		pids[i] = start_name_elsewhere(strf("/run/netns/nsls-two"), &inos[i]);
	assert_string_equal(nsls("-c", "nsls-two").out, "2\n");
	error = error_of(nsls("--of", "nsls-two"));
	for (int i = 0; i < 2; i++) {
		assert_contains(error, strf("netns nsls-two (net:[%lu])", inos[i]));
		live_end(pids[i]);
	}
}

/* The output begins and ends so. Between the two, a plugin may print that it is incomplete. */
static void assert_check(
	int status, const char *option, const char *rule, const char *begin, const char *end)
{
	struct answer answer = nsls(option, rule);

	assert_int_equal(strncmp(answer.out, begin, strlen(begin)), 0);
	assert_string_equal(answer.out + strlen(answer.out) - strlen(end), end);
	assert_int_equal(answer.status, status);
}

TEST(file_in_run_netns_without_a_namespace_is_a_stale_name)
{
	MUST(mknod("/run/netns/nsls-old", S_IFREG | 0600, 0) == 0);
	MUST(symlink("/proc/2147483647/ns/net", "/run/netns/nsls-gone") == 0);
	for (EACH_TEXT(name, "nsls-old", "nsls-gone")) {
		const char *error = "exists, but leads to no network namespace";

		assert_contains(error_of(nsls(name)), error);
		assert_contains(error_of(nsls("--of", name)), error);
	}
	assert_check(1, "--check", "netns.stale<=1",
		"netns.stale<=1: 2 names in /run/netns that lead to no namespace: ",
		": nsls-gone, nsls-old\n");
	assert_check(2, "--critical", "netns.stale<=0",
		"NSLS CRITICAL - netns.stale<=0: 2 names in /run/netns that lead to no namespace: "
		"nsls-gone, nsls-old",
		"|netns.stale=2;;0;0\n");
	assert_contains(nsls("--metrics", "-t", "net").out, "\nnsls_netns_stale_names 2\n");
	MUST(unlink("/run/netns/nsls-old") == 0 && unlink("/run/netns/nsls-gone") == 0);
	output_of(nsls("--check", "netns.stale<=0"));
}

TEST(name_of_a_container_is_an_operand)
{
	pid_t pid = start_in(CONTAINER);

	assert_string_equal(nsls("-n", "-r", "-t", "uts", "-o", "NS", "docker 84b8394540fb").out,
		strf("%lu\n", uts_of(pid)));
	live_end(pid);
}

/* The inode and the 64-bit id by ioctl_nsfs(2). */
TEST(id_is_an_operand)
{
	int fd = live_namespace("net");
	struct live_relations truth = live_relations(fd);

	if (!strcmp(truth.id, "null"))
		live_skip("this kernel has no ids of namespaces (Linux 6.18)");
	for (EACH_TEXT(text, truth.id, strf(":%s", truth.id)))
		assert_string_equal(output_of(nsls("-n", "-r", "-o", "NS", text)),
			strf("%lu\n", (unsigned long)truth.ino));
	close(fd);
}

int main(void)
{
	return live_run_tests("names", true, set_up, tear_down);
}
