// SPDX-License-Identifier: MIT
/*
 * A file server that never answers, in each place where a scan could run into it: a descriptor, a
 * root, a mount point, a mapping, and a descriptor that closes in execve(2). nsls answers within
 * three seconds all the same, with everything else, and says how many processes did not answer.
 *
 * The first three need nobody's answer if one knows how to ask. Of the last two, the kernel lets
 * nobody read the command line, or any link, until the server is gone: ps(1) hangs there.
 */
#include "dead_fuse.h"
#include "keepers.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 3.0 /* the promise: two of patience, and one for the rest */

static char work[] = "/tmp/nsls-dead-XXXXXX";
static char dir[64], file[80], beside[64];
static struct dead_fuse fuse;

enum place { DESCRIPTOR, ROOT, MOUNT_POINT, MEMORY, EXEC, PLACES };

#define ALL_PLACES ((1u << PLACES) - 1)

/* A process at each place, in a UTS namespace of its own. */
static pid_t processes[PLACES];

/* Network namespaces that only mounts hold, one on the dead file system, and where they are. */
static char below_ns[64], beside_ns[64];
static unsigned long mount_ns;

/* Processes that ask what nobody can be told, as proof that it is so. */
static pid_t probes[PLACES];

static int set_up_group(void **state)
{
	(void)state;
	if (geteuid() != 0)
		return 0;
	live_take_turns();
	live_limit = 6; /* whoever waits holds up others on this machine, too */
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	MUST(mkdtemp(work) && mount("work", work, "tmpfs", 0, "mode=755") == 0);
	snprintf(dir, sizeof(dir), "%s/dead", work);
	snprintf(file, sizeof(file), "%s/file", dir);
	snprintf(beside, sizeof(beside), "%s/beside", work);
	MUST(mkdir(dir, 0755) == 0);
	return live_start_children(state);
}

static int tear_down_group(void **state)
{
	if (geteuid() != 0)
		return 0;
	umount2(work, MNT_DETACH);
	rmdir(work);
	return live_end_children(state);
}

static void end(pid_t *pid)
{
	if (*pid)
		live_end(*pid);
	*pid = 0;
}

/* The server first: before, the processes at its mercy can't even be killed. */
static int tear_down(void **state)
{
	(void)state;
	if (!fuse.server)
		return 0;
	dead_fuse_end(&fuse);
	for (enum place place = 0; place < PLACES; place++) {
		end(&probes[place]);
		end(&processes[place]);
	}
	umount2(dir, MNT_DETACH);
	unlink(beside);
	return 0;
}

static void need_fuse(void)
{
	live_need_root();
	if (access("/dev/fuse", F_OK) == 0)
		return;
	puts("skip: this kernel has no FUSE");
	skip();
}

/* What the process at a place waits for before it does the part that makes it stuck. */
static struct ready go[PLACES], then[PLACES];

static int open_file(void)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	MUST(fd >= 0);
	return fd;
}

static void be_at_descriptor(struct ready *ready)
{
	open_file();
	ready_say(ready);
}

static void be_at_root(struct ready *ready)
{
	MUST(chroot(dir) == 0 && chdir("/") == 0);
	ready_say(ready);
}

static void bind_namespace(int fd, const char *path)
{
	char from[64];

	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	MUST(mount(from, path, NULL, MS_BIND, NULL) == 0);
}

static int below_fd, beside_fd;

static void be_at_mount_point(struct ready *ready)
{
	MUST(unshare(CLONE_NEWNS) == 0);
	bind_namespace(below_fd, file);
	bind_namespace(beside_fd, beside);
	close(below_fd);
	close(beside_fd);
	ready_say(ready);
}

/* Wants to change the map of the process, and so has to wait for its lock, and others behind it. */
static void *change_map(void *data)
{
	ready_await(data);
	mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return NULL;
}

/* A read of /proc/PID/mem keeps the map locked while the page comes, which here is for ever. */
static void be_at_memory(struct ready *ready)
{
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	const char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, open_file(), 0);
	pthread_t thread;
	char byte;

	MUST(mem >= 0 && page != MAP_FAILED);
	MUST(pthread_create(&thread, NULL, change_map, &then[MEMORY]) == 0);
	ready_say(ready);
	ready_await(&go[MEMORY]);
	(void)!pread(mem, &byte, 1, (off_t)(uintptr_t)page);
}

/* execve(2) closes the file, for which the server is asked, with the process locked. */
static void be_at_exec(struct ready *ready)
{
	open_file();
	ready_say(ready);
	ready_await(&go[EXEC]);
	execl("/bin/sleep", "sleep", "1000", (char *)NULL);
}

static void (*const be_at[PLACES])(struct ready *) = {
	[DESCRIPTOR] = be_at_descriptor,
	[ROOT] = be_at_root,
	[MOUNT_POINT] = be_at_mount_point,
	[MEMORY] = be_at_memory,
	[EXEC] = be_at_exec,
};

static void start_at(enum place place)
{
	struct ready ready = ready_new();

	go[place] = ready_new();
	then[place] = ready_new();
	fflush(NULL);
	processes[place] = live_fork(CLONE_NEWUTS);
	if (processes[place] == 0) {
		be_at[place](&ready);
		keeper_wait();
	}
	ready_await(&ready);
}

static void start_at_mount_point(void)
{
	struct stat st;
	char link[64];

	MUST(mknod(beside, S_IFREG | 0600, 0) == 0);
	below_fd = live_namespace("net");
	beside_fd = live_namespace("net");
	live_fd_text(below_fd, "net", below_ns);
	live_fd_text(beside_fd, "net", beside_ns);
	start_at(MOUNT_POINT);
	close(below_fd);
	close(beside_fd);
	MUST(stat(live_ns_path(link, processes[MOUNT_POINT], "mnt"), &st) == 0);
	mount_ns = st.st_ino;
}

static void tell(struct ready *ready)
{
	ready_say(ready);
	close(ready->fds[0]);
	close(ready->fds[1]);
}

static char state_of(pid_t pid)
{
	char path[32], text[256] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	return n > 0 ? strrchr(text, ')')[2] : '\0';
}

/* A process that reads a link or file of another: returns whether that makes it wait. */
static bool has_to_wait(pid_t *ret_probe, const char *path)
{
	char buf[64], state;
	int fd;

	fflush(NULL);
	*ret_probe = live_fork(0);
	if (*ret_probe == 0) {
		if (readlink(path, buf, sizeof(buf)) < 0) {
			fd = open(path, O_RDONLY | O_CLOEXEC);
			(void)!read(fd, buf, sizeof(buf));
		}
		_exit(0);
	}
	do {
		sched_yield();
		state = state_of(*ret_probe);
	} while (state != 'Z' && state != 'D');
	if (state == 'D')
		return true;
	end(ret_probe);
	return false;
}

static void get_stuck_in_memory(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", processes[MEMORY]);
	tell(&go[MEMORY]);
	dead_fuse_await(&fuse, FUSE_READ);
	tell(&then[MEMORY]);
	while (!has_to_wait(&probes[MEMORY], path))
		;
}

static void get_stuck_in_exec(void)
{
	char path[64];

	tell(&go[EXEC]);
	dead_fuse_await(&fuse, FUSE_FLUSH);
	MUST(has_to_wait(&probes[EXEC], live_ns_path(path, processes[EXEC], "net")));
}

/* Starts a process at each place (1 << enum place), and lets the server die. */
static void die_at(unsigned places)
{
	need_fuse();
	dead_fuse_start(&fuse, dir, 0, true);
	for (enum place place = 0; place < PLACES; place++)
		if (!(places & 1u << place))
			continue;
		else if (place == MOUNT_POINT)
			start_at_mount_point();
		else
			start_at(place);
	dead_fuse_die(&fuse);
	if (places & 1u << MEMORY)
		get_stuck_in_memory();
	if (places & 1u << EXEC)
		get_stuck_in_exec();
}

/* They are stuck still, so nsls had to do without that answer. */
static void assert_stuck(void)
{
	for (enum place place = 0; place < PLACES; place++)
		if (probes[place])
			assert_int_equal(state_of(probes[place]), 'D');
}

/* It came in time, and says of so many processes that they did not answer. */
static void assert_in_time(const struct answer *answer, int unanswered)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "%d process%s did not answer", unanswered,
		unanswered == 1 ? "" : "es");
	assert_stuck();
	if (answer->status != 0 || answer->seconds > SECONDS)
		fail_msg(
			"status %d after %.2f s: %s", answer->status, answer->seconds, answer->err);
	if (unanswered ? !strstr(answer->err, expected) : !!strstr(answer->err, "did not answer"))
		fail_msg("expected '%s', got '%s'", unanswered ? expected : "", answer->err);
	assert_true(!unanswered || !strncmp(answer->err, "nsls: incomplete: ", 18));
}

static void assert_complete_is(const struct answer *answer, const char *expected)
{
	char *complete = jq(answer->out, ".complete");

	assert_string_equal(complete, expected);
	free(complete);
}

static void assert_line(const char *listed, const char *line)
{
	if (!strstr(listed, line))
		fail_msg("not listed: %s", line);
}

/* A process in a namespace of its own: the row has it and no other. */
static void assert_member(const char *listed, pid_t pid, const char *type)
{
	char line[128], link[64];

	live_link(pid, type, link);
	snprintf(line, sizeof(line), "%s [%d]\n", link, pid);
	assert_line(listed, line);
}

static void assert_mounts(const struct answer *answer)
{
	char *listed = jq(answer->out, ".namespaces[] | \"\\(.type):[\\(.ns)] \\(.mounts)\"");
	char line[256];

	snprintf(line, sizeof(line), "%s [\"%lu:%s\"]\n", below_ns, mount_ns, file);
	assert_line(listed, line);
	snprintf(line, sizeof(line), "%s [\"%lu:%s\"]\n", beside_ns, mount_ns, beside);
	assert_line(listed, line);
	free(listed);
}

/* Everybody is there but the one that gives nobody his links. */
static void assert_all_others(const struct answer *answer)
{
	char *listed = jq(answer->out, ".namespaces[] | \"\\(.type):[\\(.ns)] \\(.pids)\"");

	for (int i = 0; i < LIVE_TYPES; i++)
		assert_member(listed, live_children[i], live_types[i].name);
	for (enum place place = 0; place < PLACES; place++)
		if (processes[place] && place != EXEC)
			assert_member(listed, processes[place], "uts");
	free(listed);
	if (processes[MOUNT_POINT])
		assert_mounts(answer);
}

/* ONS has each namespace opened, by the mount point where that is all that there is. */
#define COLUMNS "NS,TYPE,NPROCS,PIDS,COMMAND,MOUNTS,ONS"

static void assert_answers(unsigned places, int unanswered)
{
	struct answer answer;

	die_at(places);
	answer = nsls("-J", "-o", COLUMNS, NULL);
	assert_in_time(&answer, unanswered);
	assert_all_others(&answer);
	if (unanswered)
		assert_complete_is(&answer, "false\n");
	answer_done(&answer);
}

static void a_descriptor_is_told_without_asking_the_server(void **state)
{
	(void)state;
	assert_answers(1u << DESCRIPTOR, 0);
}

static void a_root_is_told_without_asking_the_server(void **state)
{
	(void)state;
	assert_answers(1u << ROOT, 0);
}

static void a_mount_point_is_told_without_asking_the_server(void **state)
{
	(void)state;
	assert_answers(1u << MOUNT_POINT, 0);
}

static void a_process_with_locked_memory_is_left_behind_and_counted(void **state)
{
	(void)state;
	assert_answers(1u << MEMORY, 1);
}

static void a_process_stuck_in_exec_is_left_behind_and_counted(void **state)
{
	(void)state;
	assert_answers(1u << EXEC, 1);
}

static void all_places_at_once_take_no_longer(void **state)
{
	(void)state;
	assert_answers(ALL_PLACES, 2);
}

/* Two seconds would be the default. */
static void patience_can_be_shorter(void **state)
{
	struct answer answer;

	(void)state;
	die_at(ALL_PLACES);
	answer = nsls("--patience", "0.25", "-J", "-o", COLUMNS, NULL);
	assert_in_time(&answer, 2);
	assert_all_others(&answer);
	assert_true(answer.seconds < 2);
	answer_done(&answer);
}

static void one_that_did_not_answer_is_no_complete_answer(void **state)
{
	struct answer answer;

	(void)state;
	die_at(1u << EXEC);
	answer = nsls("--strict", "--patience", "0.25", "-l", NULL);
	assert_int_equal(answer.status, 3);
	assert_non_null(strstr(answer.err, "1 process did not answer"));
	answer_done(&answer);
}

static void every_view_answers(void **state)
{
	static const char *const views[] = { "-l", "-T=type", "-T=process", "-s", "-c" };
	char link[64];
	struct answer answer;

	(void)state;
	die_at(ALL_PLACES);
	for (size_t i = 0; i < sizeof(views) / sizeof(*views); i++) {
		answer = nsls("--patience", "0.25", views[i], NULL);
		assert_stuck();
		if (answer.status != 0 || answer.seconds > SECONDS)
			fail_msg("%s: status %d after %.2f s", views[i], answer.status,
				answer.seconds);
		assert_non_null(strstr(answer.err, " did not answer"));
		answer_done(&answer);
	}
	live_link(processes[MEMORY], "uts", link);
	answer = nsls("--patience", "0.25", link, NULL);
	assert_in_time(&answer, 2);
	answer_done(&answer);
}

static void naming_one_that_does_not_answer_is_an_error(void **state)
{
	char pid[16], path[64];
	struct answer answer;

	(void)state;
	die_at(1u << EXEC);
	snprintf(pid, sizeof(pid), "%d", processes[EXEC]);
	answer = nsls("--patience", "0.25", "-p", pid, NULL);
	assert_int_equal(answer.status, 2);
	assert_non_null(strstr(answer.err, "did not answer"));
	answer_done(&answer);
	answer = nsls("--patience", "0.25", live_ns_path(path, processes[EXEC], "net"), NULL);
	assert_int_equal(answer.status, 2);
	assert_non_null(strstr(answer.err, "did not answer"));
	answer_done(&answer);
}

/* A namespace that is known otherwise may have him as a member. */
static void one_that_did_not_answer_leaves_a_count_unknown(void **state)
{
	char ns[64], line[80], *listed;
	struct answer answer;
	int fd;

	(void)state;
	need_fuse();
	dead_fuse_start(&fuse, dir, 0, true);
	start_at(EXEC);
	live_link(processes[EXEC], "uts", ns);
	fd = open(live_ns_path(line, processes[EXEC], "uts"), O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	dead_fuse_die(&fuse);
	get_stuck_in_exec();
	answer = nsls("--patience", "0.25", "-J", "-o", "NS,TYPE,NPROCS", NULL);
	close(fd);
	assert_in_time(&answer, 1);
	listed = jq(answer.out, ".namespaces[] | \"\\(.type):[\\(.ns)] \\(.nprocs)\"");
	snprintf(line, sizeof(line), "%s null\n", ns);
	assert_line(listed, line);
	free(listed);
	answer_done(&answer);
}

/* Has a descriptor on a file system that is its own, and that root is refused on. */
static pid_t start_owner(uid_t uid)
{
	struct ready ready = ready_new();
	pid_t pid = live_fork(0);

	if (pid == 0) {
		MUST(setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		open_file();
		ready_say(&ready);
		keeper_wait();
	}
	ready_await(&ready);
	return pid;
}

static void a_file_system_for_others_only_makes_no_answer_incomplete(void **state)
{
	struct answer before, after;
	struct stat st;

	(void)state;
	need_fuse();
	before = nsls("--strict", "-J", NULL);
	dead_fuse_start(&fuse, dir, 65534, false);
	processes[DESCRIPTOR] = start_owner(65534);
	assert_true(stat(file, &st) < 0 && errno == EACCES);
	after = nsls("--strict", "-J", NULL);
	assert_string_equal(after.err, before.err);
	assert_int_equal(after.status, before.status);
	answer_done(&before);
	answer_done(&after);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_descriptor_is_told_without_asking_the_server),
		TEST(a_root_is_told_without_asking_the_server),
		TEST(a_mount_point_is_told_without_asking_the_server),
		TEST(a_process_with_locked_memory_is_left_behind_and_counted),
		TEST(a_process_stuck_in_exec_is_left_behind_and_counted),
		TEST(all_places_at_once_take_no_longer),
		TEST(patience_can_be_shorter),
		TEST(one_that_did_not_answer_is_no_complete_answer),
		TEST(every_view_answers),
		TEST(naming_one_that_does_not_answer_is_an_error),
		TEST(one_that_did_not_answer_leaves_a_count_unknown),
		TEST(a_file_system_for_others_only_makes_no_answer_incomplete),
	};

	return cmocka_run_group_tests_name("dead fuse", tests, set_up_group, tear_down_group);
}
