// SPDX-License-Identifier: MIT
/*
 * A file server that never answers, in each place where a scan could need it: a descriptor, a root,
 * a mount point, a mapping, and a descriptor that closes in execve(2). nsls prints everything else,
 * and reports how many processes timed out.
 *
 * The first three can be identified without the server. Of the last two, no program can read the
 * command line, or any link, until the server is gone: ps(1) hangs there.
 */
#include "dead_places.h"
#include "live.h"

#include "nsls/kernel.h"

#include <poll.h>
#include <sys/mount.h>

static int set_up_group(void **state)
{
	live_timeout = NULL;
	places_set_up();
	return live_start_children(state);
}

static int tear_down_group(void **state)
{
	live_end_children(state);
	return live_remove_work(state);
}

/* A second procfs, mounted by tests that cover some of it. */
static const char *procfs(void)
{
	return strf("%s/proc", live_work);
}

static int tear_down(void **state)
{
	places_end();
	umount2(procfs(), MNT_DETACH);
	rmdir(procfs());
	return 0;
}

static void need_fuse(void)
{
	live_need_root();
	if (access("/dev/fuse", F_OK) == 0)
		return;
	live_skip("this kernel has no FUSE");
}

/* Runs nsls, which ends although the server is dead, and reports how many processes timed out. */
#define in_time(timed_out, ...) run_in_time((timed_out), (const char *const[]){ __VA_ARGS__, NULL })

static struct answer run_in_time(int timed_out, const char *const *args)
{
	const struct answer answer = live_run_nsls(0, NULL, args);
	const char *expected =
		strf("timed out reading %d process%s", timed_out, timed_out == 1 ? "" : "es");

	while (args[1])
		args++;
	assert_true(places_are_blocked());
	if (answer.status != 0)
		fail_msg("%s: status %d: %s", *args, answer.status, answer.err);
	if (timed_out ? strncmp(answer.err, "nsls: incomplete: ", 18) ||
				!strstr(answer.err, expected)
		      : !!strstr(answer.err, "timed out reading"))
		fail_msg("%s: %d timed out, but '%s'", *args, timed_out, answer.err);
	return answer;
}

/* A process in a namespace of its own: the row has it and no other. */
static void assert_member(const char *listed, pid_t pid, const char *type)
{
	assert_contains(listed, strf("%s [%d]\n", live_link(pid, type), pid));
}

static void assert_mounts(const char *json)
{
	assert_contains(jq(json, ".namespaces[] | \"\\(.type):[\\(.ns)] "
				 "\\(.mounts | map(\"\\(.mntns):\\(.path)\"))\""),
		strf("%s [\"%lu:%s\"]\n", places->below_ns, places->mount_ns, places->file),
		strf("%s [\"%lu:%s\"]\n", places->beside_ns, places->mount_ns, places->beside));
}

/* All processes are listed but the one with unreadable links. */
static void assert_all_others(const char *json)
{
	char *listed = jq(json, ".namespaces[] | \"\\(.type):[\\(.ns)] \\(.pids)\"");

	for (int i = 0; i < LIVE_TYPES; i++)
		assert_member(listed, live_children[i], live_types[i].name);
	for (enum place place = 0; place < PLACES; place++)
		if (places->processes[place] && place != EXEC)
			assert_member(listed, places->processes[place], "uts");
	if (places->processes[MOUNT_POINT])
		assert_mounts(json);
}

/* ONS has each namespace opened, by the mount point where that is all that there is. */
#define COLUMNS "NS,TYPE,NPROCS,PIDS,COMMAND,MOUNTS,ONS"

static void assert_answers(unsigned which, int timed_out)
{
	char *json;

	places_die(which);
	json = in_time(timed_out, "-J", "-o", COLUMNS).out;
	assert_all_others(json);
	if (timed_out)
		assert_jq(json, ".complete", "false\n");
}

TEST_FIXTURE_NEEDS(need_fuse, NULL, tear_down);

TEST_CALL(descriptor_is_identified_without_the_server, assert_answers(1u << DESCRIPTOR, 0));
TEST_CALL(root_is_identified_without_the_server, assert_answers(1u << ROOT, 0));
TEST_CALL(mount_point_is_identified_without_the_server, assert_answers(1u << MOUNT_POINT, 0));
TEST_CALL(a_process_with_locked_memory_times_out_and_is_counted, assert_answers(1u << MEMORY, 1));
TEST_CALL(a_process_that_blocks_in_exec_times_out_and_is_counted, assert_answers(1u << EXEC, 1));
TEST_CALL(all_places_at_once_take_no_longer, assert_answers(ALL_PLACES, 2));

/* Two seconds would be the default. */
TEST(every_view_ends_also_with_a_shorter_timeout)
{
	places_die(ALL_PLACES);
	for (EACH_TEXT(view, "-l", "-T=type", "-T=process",
		     live_link(places->processes[MEMORY], "uts")))
		in_time(2, "--timeout", "0.5", view);
	for (EACH_TEXT(view, "-s", "-c")) /* without command lines */
		in_time(1, "--timeout", "0.5", view);
	assert_all_others(in_time(2, "--timeout", "0.5", "-J", "-o", COLUMNS).out);
}

TEST(process_that_timed_out_makes_the_answer_incomplete)
{
	struct answer answer;

	places_die(1u << EXEC);
	answer = nsls("--strict", "--timeout", "0.5", "-l");
	assert_int_equal(answer.status, 3);
	assert_contains(answer.err, "timed out reading 1 process");
}

TEST(process_of_task_that_times_out_is_an_error)
{
	pid_t pid;

	places_die(1u << EXEC);
	pid = places->processes[EXEC];
	for (EACH_TEXT(operand, strf("-p%d", pid), live_ns_path(pid, "net")))
		assert_contains(error_of(nsls("--timeout", "0.5", operand)), "timed out reading");
}

/* It may be a member of any namespace that is known by another holder. */
TEST(process_that_timed_out_makes_a_count_unknown)
{
	const char *ns, *json;
	int fd;

	places_start_fuse(0, true);
	places_start(EXEC);
	ns = live_link(places->processes[EXEC], "uts");
	fd = live_open_ns(places->processes[EXEC], "uts");
	places_command(PLACES_STOP);
	places_block_in_exec();
	json = in_time(1, "--timeout", "0.5", "-J", "-o", "NS,TYPE,NPROCS").out;
	close(fd);
	assert_contains(jq(json, ".namespaces[] | \"\\(.type):[\\(.ns)] \\(.nprocs)\""),
		strf("%s null\n", ns));
}

/* Has a descriptor on a file system that is its own, and that root is refused on. */
static void own_file_system(void *unused)
{
	live_become(65534);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	places_open_file();
}

TEST(a_file_system_for_others_only_makes_no_answer_incomplete)
{
	struct answer before, after;
	struct stat st;

	before = nsls("--strict", "-J");
	places_start_fuse(65534, false);
	places->processes[DESCRIPTOR] = live_start(0, own_file_system, NULL);
	assert_true(stat(places->file, &st) < 0 && errno == EACCES);
	after = nsls("--strict", "-J");
	assert_string_equal(after.err, before.err);
	assert_int_equal(after.status, before.status);
}

static void mount_procfs(void)
{
	MUST(mkdir(procfs(), 0755) == 0 && mount("proc", procfs(), "proc", 0, NULL) == 0);
}

static void cover(const char *with, const char *path)
{
	MUST(mount(with, strf("%s/%s", procfs(), path), NULL, MS_BIND, NULL) == 0);
}

/* The file of the dead server covers some of the kernel's, as with lxcfs. */
TEST(mount_over_a_file_of_proc_is_not_read)
{
	places_start_fuse(0, true);
	mount_procfs();
	cover(places->file, "stat");
	cover(places->file, "sys/user/max_uts_namespaces");
	places_command(PLACES_STOP);
	assert_all_others(in_time(0, "--procfs", procfs(), "-J", "-oNS,TYPE,PIDS,START").out);
	assert_contains(
		in_time(0, "--procfs", procfs(), "-s", "-r", "-n", "-oTYPE,LIMIT").out, "uts \n");
}

/* A thread that waits for such a server is ended by no signal, nor is the process that it is of. */
TEST(mount_over_a_directory_of_proc_is_not_read)
{
	for (EACH_TEXT(dir, "ns", "fd", "task", "fdinfo")) {
		struct answer answer;

		places_start_fuse(0, true);
		mount_procfs();
		cover(places->dir, strf("%d/%s", live_children[0], dir));
		places_command(PLACES_SWALLOW);
		answer = in_time(0, "--procfs", procfs(), "-J", "-o", COLUMNS);
		assert_contains(answer.out,
			strf("\"ns\": %lu,",
				live_inode(live_ns_path(live_children[1], live_types[1].name))));
		if (strcmp(dir, "fdinfo") != 0)
			assert_contains(answer.err, "not as described in proc(5)");
		tear_down(NULL);
	}
}

/* Waits for a line that has both texts. */
static void await_line(FILE *out, const char *text, const char *other)
{
	static char *line;
	static size_t size;

	do {
		if (getline(&line, &size, out) < 0)
			fail_msg("it ends before %s %s", text, other);
	} while (!strstr(line, text) || !strstr(line, other));
}

/* It is held up until both have happened: the process has ended, and the mount is there. */
TEST(process_that_timed_out_does_not_suppress_created)
{
	static const char *const args[] = { "--monitor=0.5", "--timeout=0.1", "-J", "-tnet",
		"--no-warnings", NULL };
	const char *path = strf("%s/net", live_work), *key;
	pid_t monitor;
	FILE *out;

	places_die(1u << EXEC);
	out = nsls_start(&monitor, STDERR_FILENO, args);
	await_line(out, "\"started\"", "\"complete\":false");
	MUST(kill(monitor, SIGSTOP) == 0);
	places_end();
	live_mount_new("net", path);
	key = strf("\"ns\":%lu,", live_inode(path));
	MUST(kill(monitor, SIGCONT) == 0);
	await_line(out, "\"created\"", key);
	MUST(umount2(path, MNT_DETACH) == 0 && unlink(path) == 0);
	await_line(out, "\"gone\"", key);
	live_end(monitor);
	fclose(out);
}

/* What pidfd_getfd(2) returns where a number was a socket's and is another file's by now. */
TEST(a_copied_file_of_a_dead_server_does_not_keep_the_process)
{
	struct kernel_live live;
	struct pollfd poll_end = { .events = POLLIN };
	int fd, fds[2];
	char byte;
	pid_t pid;

	places_start_fuse(0, true);
	fd = places_open_file();
	MUST(pipe2(fds, O_CLOEXEC) == 0);
	pid = live_fork(0);
	if (pid == 0) {
		int pidfd = (int)syscall(SYS_pidfd_open, getppid(), 0), r;

		/* The flush of its own copy comes before the server dies. */
		close(fd);
		close(fds[0]);
		kernel_live_init(&live, AT_FDCWD);
		places_command(PLACES_SWALLOW);
		r = live.kernel.copy_socket(&live.kernel, pidfd, fd, 1);
		_exit(r == -EBADF ? 0 : 1);
	}
	close(fds[1]);
	/* It has ended, with whatever else had a hold of the pipe's other end. */
	poll_end.fd = fds[0];
	assert_int_equal(poll(&poll_end, 1, LIVE_LIMIT * 1000), 1);
	assert_int_equal(read(fds[0], &byte, 1), 0);
	assert_int_equal(live_status(pid), 0);
	close(fds[0]);
	places_end();
	close(fd);
}

TEST(file_similar_to_a_tun_device_is_not_opened)
{
	int fd;

	places_start_fuse(0, true);
	fd = live_open_file(strf("%s/tun", places->dir), O_PATH);
	places_command(PLACES_SWALLOW);
	in_time(0, "-J", "-o", COLUMNS);
	places_end();
	close(fd);
}

TEST(a_path_on_a_dead_file_system_is_an_error_in_time)
{
	places_start_fuse(0, true);
	places_command(PLACES_SWALLOW);
	for (EACH_TEXT(operand, places->file, strf("--procfs=%s", places->file),
		     strf("--procfs=%s", places->dir)))
		assert_string_equal(error_of(nsls("--timeout", "0.5", operand)),
			strf("nsls: timed out reading %s\n", strchr(operand, '/')));
}

/* The server has ended, so that the kernel answers each request with an error. */
TEST(error_of_the_directory_of_a_metrics_file_is_reported)
{
	char *path = strf("%s/nsls.prom", places->dir);
	struct answer answer;

	close(places_mount(0, false));
	answer = nsls(strf("--metrics=%s", path));
	assert_int_equal(umount2(places->dir, MNT_DETACH), 0);
	assert_string_equal(error_of(answer), strf("nsls: %s: %s\n", path, strerror(ENOTCONN)));
}

int main(void)
{
	return live_run_tests("dead fuse", true, set_up_group, tear_down_group);
}
