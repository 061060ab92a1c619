// SPDX-License-Identifier: MIT
/*
 * nsls where something is hidden: in a PID namespace or a user namespace of its own, with a procfs
 * that is not ours, hides processes or is none, and where a filter denies calls. There a busy
 * namespace, of which only a mount is visible, is never listed as one without a process, --strict
 * exits with 3, and checks tell the four verdicts apart. Where all is visible, a leak breaks one.
 */
#include "hold.h"

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

static char own_proc[] = "/proc", proc[64]; /* a procfs can be mounted on both */
static unsigned long inode; /* of a busy network namespace: a mount and a process hold it */
static pid_t member;

static int set_up(void **state)
{
	live_make_work(state);
	snprintf(proc, sizeof(proc), "%s/proc", live_work);
	MUST(mkdir(proc, 0755) == 0);
	member = live_clone(CLONE_NEWNET);
	inode = live_inode(live_ns_path(member, "net"));
	live_bind_and_close(live_open_ns(member, "net"), strf("%s/busy", live_work));
	/* Where nsls is built with a sanitizer, that finds leaks by PIDs of /proc. */
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	return 0;
}

static int tear_down(void **state)
{
	live_end(member);
	return live_remove_work(state);
}

/* What --strict, --no-warnings and JSON have of the busy namespace and of what is hidden. */
static char *report_after(uint64_t flags, void (*go)(void), const char *procfs)
{
	struct answer quiet =
		nsls_after(flags, go, "--procfs", procfs, "--strict", "-q", "-P", "-t", "net");
	struct answer json = nsls_after(flags, go, "--procfs", procfs, "--strict", "--no-warnings",
		"-P", "-J", "-t", "net");

	assert_int_equal(quiet.status, 3);
	assert_int_equal(json.status, 3);
	assert_string_equal(quiet.err, "");
	assert_string_equal(json.err, "");
	return jq(json.out,
		strf(".complete, (.namespaces[] | select(.ns == %lu) | .nprocs), .notes[]", inode));
}

static bool is_one_line(const char *text)
{
	return strcspn(text, "\n") + 1 == strlen(text);
}

/* The verdicts, and those of the plugin, where something is hidden. */
static const struct {
	int status;
	const char *option, *rule;
} verdicts[] = {
	{ 0, "--check", "net>=1" },
	{ 1, "--check", "net<=0" },
	{ 2, "--check", "net=0" },
	{ 3, "--check", "net<=4000000000" },
	{ 3, "--check", "net.persistent<=0" },
	{ 0, "--warning", "net>=1" },
	{ 1, "--warning", "net<=0" },
	{ 2, "--critical", "net<=0" },
	{ 3, "--warning", "net=0" },
	{ 3, "--warning", "persistent<=0" },
};

static void assert_verdicts(uint64_t flags, void (*go)(void), const char *procfs)
{
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		const char *option = verdicts[i].option, *rule = verdicts[i].rule;
		struct answer answer = nsls_after(flags, go, "--procfs", procfs, option, rule);
		bool plugin = strcmp(option, "--check") != 0;

		if (answer.status != verdicts[i].status ||
			(plugin && !(strstr(answer.out, "NSLS ") && is_one_line(answer.out))))
			fail_msg("%s %s: status %d, not %d: %s%s", option, rule, answer.status,
				verdicts[i].status, answer.out, answer.err);
	}
}

/* NPROCS is unknown, for this reason among others, and each verdict is as in the table. */
static void assert_hidden(uint64_t flags, void (*go)(void), const char *procfs, const char *reason)
{
	assert_contains(report_after(flags, go, procfs), "false\nnull\n", reason);
	assert_verdicts(flags, go, procfs);
}

static void mount_proc(void *dir)
{
	MUST(mount("proc", dir, "proc", 0, NULL) == 0);
}

static void mount_proc_elsewhere(void)
{
	mount_proc(proc);
}

static void mount_own_proc(void)
{
	mount_proc(own_proc);
}

static void go_to_hidepid(void)
{
	MUST(mount("proc", proc, "proc", 0, "hidepid=2") == 0);
	live_become_nobody();
}

static void go_to_user_namespace(void)
{
	live_become_nobody();
	MUST(unshare(CLONE_NEWUSER) == 0);
}

TEST_FIXTURE_NEEDS(live_need_root, NULL, NULL);

TEST_CALL(a_pid_namespace_of_its_own_hides_members,
	assert_hidden(CLONE_NEWPID | CLONE_NEWNS, mount_proc_elsewhere, proc,
		"not of the initial PID namespace"));
TEST_CALL(a_pid_namespace_with_its_procfs_hides_members, /* as unshare --mount-proc makes one */
	assert_hidden(CLONE_NEWPID | CLONE_NEWNS, mount_own_proc, own_proc,
		"not of the initial PID namespace"));
TEST_CALL(a_container_hides_members,
	assert_hidden(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC |
			      CLONE_NEWCGROUP,
		mount_own_proc, own_proc, "not of the initial PID namespace"));
TEST_CALL(unprivileged_user_finds_few_members,
	assert_hidden(0, live_become_nobody, own_proc, "permission denied"));
TEST_CALL(a_procfs_with_hidepid_hides_members,
	assert_hidden(CLONE_NEWNS, go_to_hidepid, proc, "hidepid"));
TEST_CALL(hidepid_is_detected_if_process_1_is_ours,
	assert_hidden(CLONE_NEWPID | CLONE_NEWNS, go_to_hidepid, proc, "hidepid"));
TEST_CALL(a_user_namespace_of_its_own_gives_no_privilege_over_others,
	assert_hidden(0, go_to_user_namespace, own_proc, "permission denied"));

TEST(unprivileged_user_gets_an_incomplete_answer_with_a_warning)
{
	struct answer answer = nsls_after(0, live_become_nobody, "-J");

	assert_contains(output_of(answer), "\"type\": \"uts\"");
	assert_int_equal(strncmp(answer.err, "nsls: incomplete: ", 18), 0);
	assert_true(is_one_line(answer.err));
}

#ifndef NSLS_SANITIZED /* sanitizers need a /proc that shows them */

/* As nsenter --mount does: the procfs at /proc is that of the container. */
static void go_to_container(void)
{
	live_start(CLONE_NEWPID, mount_proc, own_proc);
}

TEST_CALL(a_procfs_of_a_container_shows_no_others,
	assert_hidden(
		CLONE_NEWNS, go_to_container, own_proc, "this procfs is not of our PID namespace"));
TEST_CALL(one_that_is_ours_is_mounted_where_none_is_in_reach,
	assert_lacks(report_after(CLONE_NEWNS, go_to_container, own_proc), "can't find itself"));

static void go_to_container_without_privilege(void)
{
	go_to_container();
	MUST(prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN) == 0);
}

TEST_CALL(missing_own_procfs_is_a_limitation,
	assert_hidden(CLONE_NEWNS, go_to_container_without_privilege, own_proc,
		"nsls can't find itself in any accessible procfs"));

/* A tmpfs in place of /proc, and a procfs of the host elsewhere. */
static void lose_proc(void)
{
	mount_proc(proc);
	MUST(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
}

/* A descriptor that reads back as a path, and an owner: both need an open through our own /proc.
 */
TEST(without_a_proc_of_ours_descriptors_and_owners_are_found)
{
	int fd = live_open_file(strf("%s/busy", live_work), O_RDONLY);

	assert_jq(output_of(nsls_after(CLONE_NEWNS, lose_proc, "--procfs", proc, "-J", "-t", "net",
			  "-o", "NS,FDS,ONS")),
		strf(".namespaces[] | select(.ns == %lu) | any(.fds[]; .pid == %d and .fd == %d), "
		     ".ons",
			inode, getpid(), fd),
		"true\n4026531837\n");
	close(fd);
}

static void cover_proc(void)
{
	MUST(mount("fake", "/proc", "tmpfs", 0, NULL) == 0);
	MUST(mkdir("/proc/1", 0755) == 0 && mkdir("/proc/1/ns", 0755) == 0);
	MUST(symlink("net:[4026531840]", "/proc/1/ns/net") == 0);
}

TEST(a_proc_that_is_no_procfs_is_an_error)
{
	for (EACH_TEXT(view, "-l", "--strict", "--check=net<1000", "-q"))
		assert_string_equal(error_of(nsls_after(CLONE_NEWNS, cover_proc, view)),
			"nsls: /proc: not a procfs\n");
}

#endif

/*
 * A process in a PID namespace of its own sees a procfs that numbers it 1. Its mount is reached
 * through the root of that process, as a container's would be.
 */
TEST(a_foreign_procfs_is_read_in_its_own_numbers_while_its_pid_namespace_lives)
{
	pid_t pid = live_start(CLONE_NEWPID | CLONE_NEWNS, mount_proc, proc);
	/* Without O_CLOEXEC: for nsls, too. */
	int fd = MUST_OPEN(open(strf("/proc/%d/root%s", pid, proc), O_PATH | O_DIRECTORY));
	const char *procfs = strf("/proc/self/fd/%d", fd), *listed;
	struct answer answer = nsls("-J", "--strict", "--procfs", procfs);

	assert_int_equal(answer.status, 3);
	listed = jq(answer.out, ".namespaces[] | \"\\(.type):[\\(.ns)] \\(.pid) \\(.pids)\"");
	for (int i = 0; i < LIVE_TYPES; i++)
		assert_contains(listed, strf("%s 1 [1]\n", live_link(pid, live_types[i].name)));
	/* The sockets of processes with other PIDs here are not read, which is a note. */
	assert_contains(answer.err, "this procfs is not of our PID namespace",
		"not of the initial PID namespace");
	live_end(pid);
	assert_contains(error_of(nsls("--procfs", procfs, "-l")), "no processes found");
	close(fd);
}

/* What a filter does that is older than these calls, such as those of old container engines. */
static void refuse_new_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_openat2, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { COUNT(code), code };

	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	MUST(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

/* A network namespace that only a mount in another mount namespace holds, and a socket of one. */
static void hold_elsewhere(void *unused)
{
	live_mount_new("net", strf("%s/elsewhere", live_work));
	MUST(socket(AF_UNIX, SOCK_DGRAM, 0) >= 0 && unshare(CLONE_NEWNET) == 0);
}

TEST(new_calls_that_a_filter_denies_are_a_limitation)
{
	pid_t pid = live_start(CLONE_NEWNS, hold_elsewhere, NULL);
	struct answer answer = nsls_after(0, refuse_new_calls, "--strict", "-o", "NS,ONS");

	live_end(pid);
	assert_true(answer.status == 0 || answer.status == 3);
	assert_contains(answer.err, "note: openat2(2) is not permitted",
		"note: this kernel can't copy all descriptors");
	assert_lacks(answer.err, "could not read sockets");
}

/* More than there are processes that even root can't read: then some are proven to be leaks. */
#define LEAKS 8

static void leak(void *kind)
{
	int ns;

	for (int i = 0; i < LEAKS; i++)
		if (!strcmp(kind, "fd")) {
			live_namespace("net");
		} else if (!strcmp(kind, "mount")) {
			live_mount_new("net", strf("%s/leak%d", live_work, i));
		} else {
			make_away(AF_INET, &ns);
			close(ns);
		}
}

/* Nothing else may leak by this kind: the check would name that. */
static void assert_leak_breaks_check(const char *kind)
{
	struct answer by_kind, all;
	pid_t pid;

	live_need_initial_pid_namespace();
	pid = live_start(CLONE_NEWNS, leak, strf("%s", kind));
	by_kind = nsls("--kind", kind, "--check", "net.persistent<=0");
	/* A process that could not be read may hold each of them, too. */
	all = nsls("--check", "net.persistent<=0", "--check", strf("net.%s<=0", kind), "-J");
	live_end(pid);
	assert_int_equal(by_kind.status, 1);
	assert_int_equal(all.status, 1);
	assert_contains(by_kind.out, "net.persistent<=0: ", strf(", held by %s ", kind));
	assert_jq(all.out,
		"[.checks[0].verdict, .checks[0].holders[0] != null, "
		".checks[1].verdict == if .complete then \"broken\" else \"unknown\" "
		"end] | map(tostring) | join(\" \")",
		"broken true true\n");
}

TEST_CALL(leak_by_a_descriptor_breaks_a_check, assert_leak_breaks_check("fd"));
TEST_CALL(leak_by_a_mount_breaks_a_check, assert_leak_breaks_check("mount"));
TEST_CALL(leak_by_a_socket_breaks_a_check, assert_leak_breaks_check("socket"));

int main(void)
{
	return live_run_tests("places", false, set_up, tear_down);
}
