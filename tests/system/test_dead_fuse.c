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

static int tear_down(void **state)
{
	places_end();
	return 0;
}

static void need_fuse(void)
{
	live_need_root();
	if (access("/dev/fuse", F_OK) == 0)
		return;
	live_skip("this kernel has no FUSE");
}

/* nsls ended although the server is dead, and reports that so many processes timed out. */
static void assert_in_time(const struct answer *answer, int timed_out)
{
	const char *expected =
		strf("timed out reading %d process%s", timed_out, timed_out == 1 ? "" : "es");

	assert_true(places_are_blocked());
	if (answer->status != 0)
		fail_msg("status %d: %s", answer->status, answer->err);
	if (timed_out ? !strstr(answer->err, expected) : !!strstr(answer->err, "timed out reading"))
		fail_msg("expected '%s', got '%s'", timed_out ? expected : "", answer->err);
	assert_true(!timed_out || !strncmp(answer->err, "nsls: incomplete: ", 18));
}

/* A process in a namespace of its own: the row has it and no other. */
static void assert_member(const char *listed, pid_t pid, const char *type)
{
	assert_contains(listed, strf("%s [%d]\n", live_link(pid, type), pid));
}

static void assert_mounts(const struct answer *answer)
{
	assert_contains(jq(answer->out, ".namespaces[] | \"\\(.type):[\\(.ns)] "
					"\\(.mounts | map(\"\\(.mntns):\\(.path)\"))\""),
		strf("%s [\"%lu:%s\"]\n", places.below_ns, places.mount_ns, places.file),
		strf("%s [\"%lu:%s\"]\n", places.beside_ns, places.mount_ns, places.beside));
}

/* All processes are listed but the one with unreadable links. */
static void assert_all_others(const struct answer *answer)
{
	char *listed = jq(answer->out, ".namespaces[] | \"\\(.type):[\\(.ns)] \\(.pids)\"");

	for (int i = 0; i < LIVE_TYPES; i++)
		assert_member(listed, live_children[i], live_types[i].name);
	for (enum place place = 0; place < PLACES; place++)
		if (places.processes[place] && place != EXEC)
			assert_member(listed, places.processes[place], "uts");
	if (places.processes[MOUNT_POINT])
		assert_mounts(answer);
}

/* ONS has each namespace opened, by the mount point where that is all that there is. */
#define COLUMNS "NS,TYPE,NPROCS,PIDS,COMMAND,MOUNTS,ONS"

static void assert_answers(unsigned which, int timed_out)
{
	struct answer answer;

	places_die(which);
	answer = nsls("-J", "-o", COLUMNS);
	assert_in_time(&answer, timed_out);
	assert_all_others(&answer);
	if (timed_out)
		assert_jq(answer.out, ".complete", "false\n");
}

TEST_FIXTURE_NEEDS(need_fuse, NULL, tear_down);

TEST_CALL(descriptor_is_identified_without_the_server, assert_answers(1u << DESCRIPTOR, 0));
TEST_CALL(root_is_identified_without_the_server, assert_answers(1u << ROOT, 0));
TEST_CALL(mount_point_is_identified_without_the_server, assert_answers(1u << MOUNT_POINT, 0));
TEST_CALL(a_process_with_locked_memory_times_out_and_is_counted, assert_answers(1u << MEMORY, 1));
TEST_CALL(a_process_that_blocks_in_exec_times_out_and_is_counted, assert_answers(1u << EXEC, 1));
TEST_CALL(all_places_at_once_take_no_longer, assert_answers(ALL_PLACES, 2));

/* Two seconds would be the default. */
TEST(timeout_can_be_shorter)
{
	struct answer answer;

	places_die(ALL_PLACES);
	answer = nsls("--timeout", "0.5", "-J", "-o", COLUMNS);
	assert_in_time(&answer, 2);
	assert_all_others(&answer);
}

TEST(process_that_timed_out_makes_the_answer_incomplete)
{
	struct answer answer;

	places_die(1u << EXEC);
	answer = nsls("--strict", "--timeout", "0.5", "-l");
	assert_int_equal(answer.status, 3);
	assert_contains(answer.err, "timed out reading 1 process");
}

TEST(every_view_ends)
{
	static const char *const views[] = { "-l", "-T=type", "-T=process", "-s", "-c" };
	struct answer answer;

	places_die(ALL_PLACES);
	for (size_t i = 0; i < COUNT(views); i++) {
		answer = nsls("--timeout", "0.5", views[i]);
		assert_true(places_are_blocked());
		if (answer.status != 0 || !strstr(answer.err, "timed out reading"))
			fail_msg("%s: status %d: %s", views[i], answer.status, answer.err);
	}
	answer = nsls("--timeout", "0.5", live_link(places.processes[MEMORY], "uts"));
	assert_in_time(&answer, 2);
}

TEST(process_of_task_that_times_out_is_an_error)
{
	places_die(1u << EXEC);
	assert_contains(
		error_of(nsls("--timeout", "0.5", "-p", strf("%d", places.processes[EXEC]))),
		"timed out reading");
	assert_contains(
		error_of(nsls("--timeout", "0.5", live_ns_path(places.processes[EXEC], "net"))),
		"timed out reading");
}

/* It may be a member of any namespace that is known by another holder. */
TEST(process_that_timed_out_makes_a_count_unknown)
{
	struct answer answer;
	const char *ns;
	int fd;

	places_start_fuse(0, true);
	places_start(EXEC);
	ns = live_link(places.processes[EXEC], "uts");
	fd = live_open_ns(places.processes[EXEC], "uts");
	places_stop_fuse();
	places_block_in_exec();
	answer = nsls("--timeout", "0.5", "-J", "-o", "NS,TYPE,NPROCS");
	close(fd);
	assert_in_time(&answer, 1);
	assert_contains(jq(answer.out, ".namespaces[] | \"\\(.type):[\\(.ns)] \\(.nprocs)\""),
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
	places.processes[DESCRIPTOR] = live_start(0, own_file_system, NULL);
	assert_true(stat(places.file, &st) < 0 && errno == EACCES);
	after = nsls("--strict", "-J");
	assert_string_equal(after.err, before.err);
	assert_int_equal(after.status, before.status);
}

static const char *mount_procfs(void)
{
	const char *proc = strf("%s/proc", live_work);

	MUST(mkdir(proc, 0755) == 0 && mount("proc", proc, "proc", 0, NULL) == 0);
	return proc;
}

static void remove_procfs(const char *proc)
{
	MUST(umount2(proc, MNT_DETACH) == 0 && rmdir(proc) == 0);
}

static void cover(const char *with, const char *path)
{
	MUST(mount(with, path, NULL, MS_BIND, NULL) == 0);
}

/* The file of the dead server covers some of the kernel's, as with lxcfs. */
TEST(mount_over_a_file_of_proc_is_not_read)
{
	struct answer list, summary;
	const char *proc;

	places_start_fuse(0, true);
	proc = mount_procfs();
	cover(places.file, strf("%s/stat", proc));
	cover(places.file, strf("%s/sys/user/max_uts_namespaces", proc));
	places_stop_fuse();
	list = nsls("--procfs", proc, "-J", "-o", "NS,TYPE,PIDS,START");
	summary = nsls("--procfs", proc, "-s", "-r", "-n", "-o", "TYPE,LIMIT");
	remove_procfs(proc);
	assert_in_time(&list, 0);
	assert_all_others(&list);
	assert_in_time(&summary, 0);
	assert_contains(summary.out, "uts \n");
}

/* A thread that waits for such a server is ended by no signal, nor is the process that it is of. */
TEST(mount_over_a_directory_of_proc_is_not_read)
{
	static const char *const dirs[] = { "ns", "fd", "task", "fdinfo" };
	struct answer answer;
	const char *proc;
	char *link;

	for (size_t i = 0; i < COUNT(dirs); i++) {
		places_start_fuse(0, true);
		proc = mount_procfs();
		cover(places.dir, strf("%s/%d/%s", proc, live_children[0], dirs[i]));
		places_swallow();
		answer = nsls("--procfs", proc, "-J", "-o", COLUMNS);
		remove_procfs(proc);
		assert_in_time(&answer, 0);
		link = live_link(live_children[1], live_types[1].name);
		assert_contains(
			answer.out, strf("\"ns\": %s,", strtok(strchr(link, '[') + 1, "]")));
		if (strcmp(dirs[i], "fdinfo") != 0)
			assert_contains(answer.err, "not as described in proc(5)");
		places_end();
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
		places_swallow();
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
	struct answer answer;
	int fd;

	places_start_fuse(0, true);
	fd = live_open_file(strf("%s/tun", places.dir), O_PATH);
	places_swallow();
	answer = nsls("-J", "-o", COLUMNS);
	assert_in_time(&answer, 0);
	places_end();
	close(fd);
}

static void assert_path_times_out(const char *option, const char *path)
{
	assert_string_equal(error_of(nsls("--timeout", "0.5", strf("%s%s", option, path))),
		strf("nsls: timed out reading %s\n", path));
}

TEST(a_path_on_a_dead_file_system_is_an_error_in_time)
{
	places_start_fuse(0, true);
	places_swallow();
	assert_path_times_out("", places.file);
	assert_path_times_out("--procfs=", places.file);
	assert_path_times_out("--procfs=", places.dir);
}

/* The server has ended, so that the kernel answers each request with an error. */
TEST(error_of_the_directory_of_a_metrics_file_is_reported)
{
	int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char *path = strf("%s/nsls.prom", places.dir);
	struct answer answer;

	assert_true(device >= 0);
	assert_int_equal(mount("ended", places.dir, "fuse", 0,
				 strf("fd=%d,rootmode=40000,user_id=0,group_id=0", device)),
		0);
	close(device);
	answer = nsls(strf("--metrics=%s", path));
	assert_int_equal(umount2(places.dir, MNT_DETACH), 0);
	assert_string_equal(error_of(answer), strf("nsls: %s: %s\n", path, strerror(ENOTCONN)));
}

int main(void)
{
	return live_run_tests("dead fuse", true, set_up_group, tear_down_group);
}
