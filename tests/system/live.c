// SPDX-License-Identifier: MIT
/* See the header. What can't be set up aborts: a system test without its system proves nothing. */
#include "live.h"

#include <linux/sched.h>
#include <sys/utsname.h>

const struct live_type live_types[LIVE_TYPES] = {
	{ "cgroup", CLONE_NEWCGROUP },
	{ "ipc", CLONE_NEWIPC },
	{ "mnt", CLONE_NEWNS },
	{ "net", CLONE_NEWNET },
	{ "pid", CLONE_NEWPID },
	{ "time", CLONE_NEWTIME },
	{ "user", CLONE_NEWUSER },
	{ "uts", CLONE_NEWUTS },
};

const char *live_subject = "";
const char *live_program = NSLS_TESTED;
const char *live_timeout = "10";
static bool with_bpf; /* nsls() runs with --bpf */

void live_abort(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: %s%s: %s\n", file, line, live_subject, what, strerror(errno));
	abort();
}

int live_must_open(int fd, const char *file, int line, const char *call)
{
	if (fd < 0)
		live_abort(file, line, call);
	return fd;
}

uint64_t live_flag(const char *type)
{
	for (int i = 0; i < LIVE_TYPES; i++)
		if (!strcmp(live_types[i].name, type))
			return live_types[i].flag;
	abort();
}

/* Why something can't be done here, in shared memory; empty if all can. */
static char *refusal;

/* Ends the process with that reason unless this was done. */
static void try(bool done, const char *what)
{
	if (done)
		return;
	snprintf(refusal, 256, "cannot %s: %s", what, strerror(errno));
	_exit(1);
}

static bool become(uid_t uid)
{
	return syscall(SYS_setgroups, 0, NULL) == 0 && syscall(SYS_setresgid, uid, uid, uid) == 0 &&
	       syscall(SYS_setresuid, uid, uid, uid) == 0;
}

/* Whether a child in such new namespaces can be started, and succeeds. */
static bool try_child(uint64_t flags, bool (*succeeds)(void))
{
	pid_t pid = live_try_fork(flags);
	int status;

	if (pid == 0)
		_exit(!succeeds || succeeds() ? 0 : errno);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return errno == 0;
}

static bool mount_proc(void)
{
	return mount("proc", "/tmp", "proc", 0, NULL) == 0;
}

/* The last ones in a mount namespace of their own: nothing is left of it. */
static void try_all(void)
{
	int ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	errno = EPERM;
	try(geteuid() == 0, "make namespaces without being root");
	for (int i = 0; i < LIVE_TYPES; i++)
		try(try_child(live_types[i].flag, NULL),
			strf("make a namespace of type %s", live_types[i].name));
	try(ours >= 0 && unshare(CLONE_NEWNET) == 0 && setns(ours, CLONE_NEWNET) == 0,
		"enter a network namespace");
	try(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
			mount("none", "/tmp", "tmpfs", 0, NULL) == 0,
		"mount a tmpfs");
	try(mknod("/tmp/file", S_IFREG | 0600, 0) == 0 &&
			mount("/proc/self/ns/net", "/tmp/file", NULL, MS_BIND, NULL) == 0,
		"mount a namespace");
	try(try_child(CLONE_NEWPID | CLONE_NEWNS, mount_proc),
		"mount the procfs of a PID namespace");
	try(become(65534), "become user 65534");
}

const char *live_refusal(void)
{
	pid_t pid;

	if (!refusal) {
		refusal = live_share(256);
		pid = live_fork(0);
		if (pid == 0) {
			try_all();
			_exit(0);
		}
		live_status(pid);
	}
	return *refusal ? refusal : NULL;
}

/* How many tests were skipped. */
static size_t skipped;

void live_skip(const char *why)
{
	skipped++;
	test_skip(why);
}

void live_need_root(void)
{
	with_bpf = false;
	if (live_refusal())
		live_skip(live_refusal());
}

bool live_in_initial_pid_namespace(void)
{
	return !strcmp(live_link(getpid(), "pid"), "pid:[4026531836]");
}

void live_need_initial_pid_namespace(void)
{
	live_need_root();
	if (!live_in_initial_pid_namespace())
		live_skip("this is not the initial PID namespace");
}

#define LOCK_FILE "/run/nsls-tests.lock"

/* Bytes of the lock file. The first is locked while waiting for the second: first come, first
 * served. */
enum { QUEUE, SYSTEM };

static void lock_byte(int fd, int byte, short type)
{
	struct flock lock = { .l_type = type, .l_start = byte, .l_len = 1 }, other = lock;

	if (fcntl(fd, F_SETLK, &lock) == 0)
		return;
	MUST(errno == EAGAIN || errno == EACCES);
	if (fcntl(fd, F_GETLK, &other) == 0 && other.l_type != F_UNLCK)
		fprintf(stderr, "waiting for the lock " LOCK_FILE " of PID %d\n", other.l_pid);
	MUST(fcntl(fd, F_SETLKW, &lock) == 0);
}

/* Takes the lock. False without the privileges. */
static bool take_lock(short type)
{
	int fd;

	if (live_refusal())
		return false;
	/* Locked by this process up to its end: fcntl(2) gives its children no part in it. */
	fd = MUST_OPEN(open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
	lock_byte(fd, QUEUE, F_WRLCK);
	lock_byte(fd, SYSTEM, type);
	lock_byte(fd, QUEUE, F_UNLCK);
	return true;
}

int live_run_tests(
	const char *name, bool alone, CMFixtureFunction set_up, CMFixtureFunction tear_down)
{
	bool prepared = take_lock(alone ? F_WRLCK : F_RDLCK);

	if (test_run(name, prepared ? set_up : NULL, prepared ? tear_down : NULL))
		return 1;
	return skipped == test_count() ? 77 : 0;
}

void live_become(uid_t uid)
{
	MUST(become(uid));
}

/* The first argument follows once go(), unless that is NULL, has been called: the program. */
static pid_t spawn(uint64_t flags, void (*go)(void), const char **argv, const int standard[3])
{
	pid_t pid;

	fflush(NULL);
	pid = live_fork(flags);
	if (pid != 0)
		return pid;
	for (int fd = 0; fd < 3; fd++)
		dup2(standard[fd], fd);
	alarm(LIVE_LIMIT);
	if (go)
		go();
	if (!argv[0])
		argv[0] = live_program;
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* Runs it with that as its standard input, a file. */
static struct answer run(uint64_t flags, void (*go)(void), const char **argv, const char *input)
{
	struct answer answer = { 0 };
	int standard[3];

	for (int fd = 0; fd < 3; fd++)
		standard[fd] = MUST_OPEN(memfd_create("standard", MFD_CLOEXEC));
	MUST(dprintf(standard[0], "%s", input) >= 0 && lseek(standard[0], 0, SEEK_SET) == 0);
	answer.status = live_status(spawn(flags, go, argv, standard));
	close(standard[0]);
	MUST(lseek(standard[1], 0, SEEK_SET) == 0 && lseek(standard[2], 0, SEEK_SET) == 0);
	answer.out = live_read(standard[1]);
	answer.err = live_read(standard[2]);
	return answer;
}

void live_need_bpf(void)
{
	struct answer answer;
	bool excused = false;

	live_need_root();
	with_bpf = true;
	answer = nsls("--count");
	for (EACH_TEXT(reason, "built without BPF", "requires", "this kernel"))
		excused |= strstr(answer.err, reason) != NULL;
	if (answer.status == 2 && excused)
		live_skip(answer.err);
	assert_string_equal(answer.err, "");
	assert_int_equal(answer.status, 0);
}

struct answer live_run_nsls(uint64_t flags, void (*go)(void), const char *const *args)
{
	const char *argv[20] = { NULL };
	struct answer answer;
	int argc = 1;

	if (live_timeout) {
		argv[argc++] = "--timeout";
		argv[argc++] = live_timeout;
	}
	if (with_bpf)
		argv[argc++] = "--bpf";
	while (argc < 19 && *args)
		argv[argc++] = *args++;
	answer = run(flags, go, argv, "");
	keep_json(answer.out);
	return answer;
}

char *output_of(struct answer answer)
{
	if (answer.status != 0)
		fail_msg("status %d: %s", answer.status, answer.err);
	return answer.out;
}

char *error_of(struct answer answer)
{
	if (answer.status != 2)
		fail_msg("status %d: %s", answer.status, answer.err);
	assert_string_equal(answer.out, "");
	return answer.err;
}

FILE *nsls_start(pid_t *ret_pid, int err, const char *const *args)
{
	const char *argv[16] = { NULL };
	int out[2], argc = 1, null = live_open_file("/dev/null", O_RDONLY);
	FILE *file;

	while (*args)
		argv[argc++] = *args++;
	MUST(pipe2(out, O_CLOEXEC) == 0);
	*ret_pid = spawn(0, NULL, argv, (const int[]){ null, out[1], err });
	close(null);
	close(out[1]);
	file = fdopen(out[0], "re");
	MUST(file);
	return file;
}

char *jq(const char *text, const char *program)
{
	const char *argv[] = { "jq", "-r", program, NULL };

	return output_of(run(0, NULL, argv, text));
}

/*
 * Seccomp filters of containers report clone3(2) as missing, so that clone(2) is called, the
 * flags of which they can read. There, CLONE_NEWTIME would be part of the signal.
 */
pid_t live_try_fork(uint64_t flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0 && errno == ENOSYS && !(flags & CSIGNAL))
		pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	MUST(!(flags & CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	return 0;
}

pid_t live_fork(uint64_t flags)
{
	pid_t pid = live_try_fork(flags);

	MUST(pid >= 0);
	return pid;
}

/* Of the process that the innermost live_start() starts. */
static struct ready start;

void live_started(void)
{
	ready_signal(&start);
	live_wait();
}

pid_t live_start(uint64_t flags, void (*work)(void *data), void *data)
{
	struct ready outer = start;
	pid_t pid;

	start = ready_new();
	fflush(NULL);
	pid = live_fork(flags);
	if (pid == 0) {
		work(data);
		live_started();
	}
	ready_await(&start);
	start = outer;
	return pid;
}

void *live_share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	MUST(memory != MAP_FAILED);
	return memory;
}

struct job {
	void (*work)(void *data);
	void *data;
};

/*
 * pthread_join(3) would come back too early: a thread gives up its descriptors and namespaces
 * after it has reported its end.
 */
static void *outlive_main_thread(void *data)
{
	const struct job *job = data;
	char text[64];

	while (readlink("/proc/self/ns/net", text, sizeof(text)) > 0)
		sched_yield();
	if (job->work)
		job->work(job->data);
	live_started();
}

void live_end_main_thread(void (*work)(void *data), void *data)
{
	static struct job job;
	pthread_t thread;

	job = (struct job){ work, data };
	MUST(pthread_create(&thread, NULL, outlive_main_thread, &job) == 0);
	pthread_exit(NULL);
}

void live_lose_main_thread(void *unused)
{
	live_end_main_thread(NULL, NULL);
}

struct opener {
	int (*open_file)(const char *word);
	const char *word;
	int fd;
};

static void open_by(void *data)
{
	struct opener *opener = data;

	opener->fd = opener->open_file(opener->word);
}

pid_t live_start_opener(
	uint64_t flags, int (*open_file)(const char *word), const char *word, int *ret_fd)
{
	struct opener *opener = live_share(sizeof(*opener));
	pid_t pid;
	int pidfd;

	*opener = (struct opener){ open_file, word, -1 };
	pid = live_start(flags, open_by, opener);
	pidfd = MUST_OPEN(syscall(SYS_pidfd_open, pid, 0));
	*ret_fd = MUST_OPEN(syscall(__NR_pidfd_getfd, pidfd, opener->fd, 0));
	close(pidfd);
	munmap(opener, sizeof(*opener));
	return pid;
}

pid_t live_clone(uint64_t flags)
{
	pid_t pid = live_fork(flags);

	if (pid == 0)
		live_wait();
	return pid;
}

void live_end(pid_t pid)
{
	MUST(pid > 0 && kill(pid, SIGKILL) == 0); /* -1 would end every process */
	MUST(waitpid(pid, NULL, 0) == pid);
}

int live_status(pid_t pid)
{
	int status;

	MUST(waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int live_kernel(void)
{
	struct utsname name;
	int major, minor;

	MUST(uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2);
	return major * 100 + minor;
}

int live_number(const char *variable, int usual)
{
	int number = getenv(variable) ? atoi(getenv(variable)) : usual;

	MUST(number > 0);
	return number;
}

void live_wait(void)
{
	for (;;)
		pause();
}

struct ready ready_new(void)
{
	struct ready ready;

	MUST(pipe2(ready.fds, O_CLOEXEC) == 0);
	return ready;
}

void ready_signal(struct ready *ready)
{
	MUST(write(ready->fds[1], "x", 1) == 1);
}

void ready_await(struct ready *ready)
{
	char byte;

	close(ready->fds[1]); /* a child that fails ends the wait */
	MUST(read(ready->fds[0], &byte, 1) == 1);
	close(ready->fds[0]);
}

void live_unshare_mounts(void)
{
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

char live_work[32] = "/tmp/nsls-work-XXXXXX";

int live_make_work(void **state)
{
	live_unshare_mounts();
	MUST(mkdtemp(live_work) && mount("work", live_work, "tmpfs", 0, "mode=755") == 0);
	return 0;
}

int live_remove_work(void **state)
{
	umount2(live_work, MNT_DETACH);
	return rmdir(live_work);
}

pid_t live_children[LIVE_TYPES];

int live_start_children(void **state)
{
	for (int i = 0; i < LIVE_TYPES; i++)
		live_children[i] = live_clone(live_types[i].flag);
	return 0;
}

int live_end_children(void **state)
{
	for (int i = 0; i < LIVE_TYPES; i++)
		live_end(live_children[i]);
	return 0;
}

const char *live_ns_path(pid_t pid, const char *type)
{
	return strf("/proc/%d/ns/%s", pid, type);
}

int live_open_ns(pid_t pid, const char *type)
{
	return live_open_file(live_ns_path(pid, type), O_RDONLY);
}

char *live_link(pid_t pid, const char *type)
{
	char text[64] = "";

	MUST(readlink(live_ns_path(pid, type), text, sizeof(text) - 1) > 0);
	return strf("%s", text);
}

int live_open_and_end(pid_t pid, const char *type)
{
	int fd = live_open_ns(pid, type);

	live_end(pid);
	return fd;
}

int live_namespace(const char *type)
{
	return live_open_and_end(live_clone(live_flag(type)), type);
}

void live_become_nobody(void)
{
	/* By descriptor: the directory that it was built in may be closed to others. */
	static char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", MUST_OPEN(open(NSLS_PROGRAM, O_RDONLY)));
	live_program = path;
	live_become(65534);
}
