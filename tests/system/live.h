/* SPDX-License-Identifier: MIT */
/*
 * Real namespaces, made by the test itself, and the built program run on them. Truth comes from
 * readlink(2), fstat(2) and ioctl_ns(2), never from nsls's own functions.
 */
#ifndef LIVE_H
#define LIVE_H

#include "../test.h"

#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What the process sets up, for the message of MUST(). */
extern const char *live_subject;

/* What must not fail in a test's own set-up, or the test proves nothing. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			live_abort(__FILE__, __LINE__, #condition);                                \
	} while (0)
_Noreturn void live_abort(const char *file, int line, const char *what);

/* Returns the descriptor of a call that must not fail. */
#define MUST_OPEN(call) live_must_open((int)(call), __FILE__, __LINE__, #call)
int live_must_open(int fd, const char *file, int line, const char *call);

/* The eight types by name and CLONE_NEW* flag, from clone(2). */
struct live_type {
	const char *name;
	uint64_t flag;
};

#define LIVE_TYPES 8
extern const struct live_type live_types[LIVE_TYPES];

uint64_t live_flag(const char *type);

/* Skips the test, for this reason. */
_Noreturn void live_skip(const char *why);

/*
 * Why this process can't do what these tests do: make, enter and mount namespaces of each type, and
 * become another user. NULL where it can. The first call tries, in a child.
 */
const char *live_refusal(void);

/* Skips the test where there is such a reason. */
void live_need_root(void);

/* The same where processes exist that /proc does not show: they may be in any namespace. */
bool live_in_initial_pid_namespace(void);
void live_need_initial_pid_namespace(void);

/*
 * Runs the program's tests, returns its exit status: SKIP_RETURN_CODE of CTest where all tests were
 * skipped. Without the privileges, set_up and tear_down, of the group, are not called. Tests that
 * disturb the whole system, or are disturbed by it, wait for those of other build trees to be
 * alone; CTest's RUN_SERIAL keeps those of the same tree apart.
 */
int live_run_tests(
	const char *name, bool alone, CMFixtureFunction set_up, CMFixtureFunction tear_down);

/*
 * Becomes that user, without further groups; also in a child that a sanitizer has given a thread of
 * its own, for which libc's functions would wait for ever.
 */
void live_become(uid_t uid);

/* Gives up root for good; the program stays within reach. */
void live_become_nobody(void);

/* What the program printed. */
struct answer {
	int status; /* exit status, or minus the signal */
	char *out, *err;
};

/* The program that nsls() runs. */
extern const char *live_program;

/* Seconds after which a run is killed: -SIGALRM. */
#define LIVE_LIMIT 300

/* The --timeout of nsls(), enough for a busy machine; NULL for the default of the program. */
extern const char *live_timeout;

/*
 * Makes nsls() run with --bpf up to the next call of live_need_root(). Skips the test if the
 * machine does not permit that, or nsls was built without it.
 */
void live_need_bpf(void);

/*
 * Runs nsls with these arguments; nsls_after() in a process in new namespaces that has called go(),
 * unless that is NULL.
 */
#define nsls(...) nsls_after(0, NULL, __VA_ARGS__)
#define nsls_after(flags, go, ...)                                                                 \
	live_run_nsls((flags), (go), (const char *const[]){ __VA_ARGS__, NULL })
struct answer live_run_nsls(uint64_t flags, void (*go)(void), const char *const *args);

/* What it printed. Fails the test unless it has succeeded, or ended with status 2 and a message. */
char *output_of(struct answer answer);
char *error_of(struct answer answer);

/* Starts nsls with these arguments and no other. Returns its standard output; err is the other. */
FILE *nsls_start(pid_t *ret_pid, int err, const char *const *args);

/* What jq -r makes of a text. Fails the test where that is not JSON. */
char *jq(const char *text, const char *program);

/* What it makes of the output of nsls -J with further arguments, which must succeed. */
#define nsls_jq(program, ...) jq(output_of(nsls("-J", __VA_ARGS__)), (program))

#define assert_jq(text, program, expected) assert_string_equal(jq((text), (program)), (expected))

/*
 * A process in new namespaces by clone3(2), or clone(2), that ends with its parent: 0 in itself. A
 * new mount namespace shares no mounts with others. If that may fail: -1 and errno.
 */
pid_t live_fork(uint64_t flags);
pid_t live_try_fork(uint64_t flags);

/*
 * Starts such a process that calls work(data), and then waits until it is killed.
 * Returns once work() has returned, or another thread or a child of the process calls
 * live_started(). What goes back is written to memory of live_share(), which is zero at first.
 */
pid_t live_start(uint64_t flags, void (*work)(void *data), void *data);
_Noreturn void live_started(void);
void *live_share(size_t size);

/*
 * Ends the main thread of the process. Another thread calls work(data), unless work is NULL, once
 * /proc/PID shows neither namespaces nor descriptors any more, and then live_started(). The second
 * is work of live_start() that does only this.
 */
_Noreturn void live_end_main_thread(void (*work)(void *data), void *data);
void live_lose_main_thread(void *unused);

/* Starts a process that has called open_file(word). *ret_fd is a copy of the returned descriptor.
 */
pid_t live_start_opener(
	uint64_t flags, int (*open_file)(const char *word), const char *word, int *ret_fd);

/* The same, waiting until it is killed. */
pid_t live_clone(uint64_t flags);
void live_end(pid_t pid);

/* The exit status of a child that ends, or minus the signal. */
int live_status(pid_t pid);

/* 611 for Linux 6.11. */
int live_kernel(void);

/* The number in that environment variable, or usual. */
int live_number(const char *variable, int usual);

/* Waits until the process is killed. */
_Noreturn void live_wait(void);

/* By which a child signals its parent that it has done its part. */
struct ready {
	int fds[2];
};
struct ready ready_new(void);
void ready_signal(struct ready *ready);
void ready_await(struct ready *ready);

/* Opens a file that is there, also with O_CLOEXEC; reads it up to its end, and closes it. */
int live_open_file(const char *path, int flags);
char *live_read(int fd);

/* Writes to a file that is there. */
void live_write(const char *path, const char *text);

unsigned long live_inode(const char *path);

/* Makes a mount namespace that shares no mounts with others. */
void live_unshare_mounts(void);

/* For cmocka's groups: a tmpfs for the test's files, in such a mount namespace. */
extern char live_work[32];
int live_make_work(void **state);
int live_remove_work(void **state);

/* For cmocka's groups: a child in a new instance of each type, where we are root. */
extern pid_t live_children[LIVE_TYPES];
int live_start_children(void **state);
int live_end_children(void **state);

/* "/proc/PID/ns/TYPE", a descriptor on that, and one after the end of the process. */
const char *live_ns_path(pid_t pid, const char *type);
int live_open_ns(pid_t pid, const char *type);
int live_open_and_end(pid_t pid, const char *type);

/* "net:[4026531840]" by readlink(2) of /proc/PID/ns/TYPE, or of a descriptor by fstat(2). */
char *live_link(pid_t pid, const char *type);
char *live_fd_text(int fd, const char *type);

/* A descriptor on a new namespace that nothing else holds. */
int live_namespace(const char *type);

/* Makes a file at path and mounts on it what the descriptor is on, which the second closes. */
void live_bind(int fd, const char *path);
void live_bind_and_close(int fd, const char *path);

/* A new namespace that only a mount at path holds, as "net:[4026540000]". */
char *live_mount_new(const char *type, const char *path);

/* Passes a descriptor by SCM_RIGHTS, unix(7). */
void live_send_fd(int socket, int fd);

/* Results of fstat(2) and ioctl_ns(2). As in JSON, "null" where there is no such thing. */
struct live_relations {
	const char *type;
	uint64_t ino;
	const char *parent, *owner, *owner_uid, *id;
};

struct live_relations live_relations(int fd);

#endif
