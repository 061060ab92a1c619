// SPDX-License-Identifier: MIT
/*
 * Copies of another process's descriptors that turned out to be no sockets. close(2) of a file on
 * FUSE waits for the server's answer to FUSE_FLUSH, and so does the end of a process that has it
 * open: with a server that does not answer, no signal ends that process any more.
 *
 * So such a copy stays open, and the first one starts a process that shares our table of
 * descriptors (CLONE_FILES). That table outlives us with it, and the wait is that process's alone.
 */
#include "live.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define UNCLOSED_MOST 512
#define THREADS_MOST 256 /* that may be copying a descriptor at a time */
#define STACK_SIZE ((size_t)16 * 1024)

/* In memory that both processes share. */
struct unclosed {
	atomic_uint n;
	atomic_int fds[UNCLOSED_MOST + THREADS_MOST]; /* plus 1; 0: none */
	int pidfd;                                    /* of this process */
};

struct unclosed *live_unclosed_new(void)
{
	struct unclosed *unclosed = mmap(
		NULL, sizeof(*unclosed), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return unclosed == MAP_FAILED ? NULL : unclosed;
}

void live_unclosed_free(struct unclosed *unclosed)
{
	if (unclosed)
		munmap(unclosed, sizeof(*unclosed));
}

bool live_unclosed_is_full(const struct unclosed *unclosed)
{
	return !unclosed || atomic_load(&unclosed->n) >= UNCLOSED_MOST;
}

static bool is_unclosed(const struct unclosed *unclosed, int fd)
{
	for (unsigned i = 0; i < atomic_load(&unclosed->n); i++)
		if (atomic_load(&unclosed->fds[i]) == fd + 1)
			return true;
	return false;
}

/* The process that remains closes everything else first: a reader waits for the end of a pipe. */
static int close_when_alone(void *data)
{
	const struct unclosed *unclosed = data;
	struct pollfd end = { .fd = unclosed->pidfd, .events = POLLIN };
	int last = 0;

	prctl(PR_SET_NAME, "nsls-close");
	setsid();
	while (poll(&end, 1, -1) < 0)
		;
	for (unsigned i = 0; i < atomic_load(&unclosed->n); i++)
		if (atomic_load(&unclosed->fds[i]) > last)
			last = atomic_load(&unclosed->fds[i]);
	for (int fd = 0; fd < last; fd++)
		if (!is_unclosed(unclosed, fd))
			close(fd);
	syscall(SYS_close_range, last, ~0u, 0);
	_exit(0);
}

/* Where there is no such process to be had, we are the one that has to wait. */
static void start_process(struct unclosed *unclosed)
{
	_Alignas(16) char stack[STACK_SIZE];
	sigset_t all, before;

	unclosed->pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (unclosed->pidfd < 0)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* a terminal's signals would end it first */
	clone(close_when_alone, stack + sizeof(stack), CLONE_FILES, unclosed);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* No file server has to do with pipes, sockets and the kernel's anonymous files, nor with O_PATH.
 */
static bool may_be_closed(int fd)
{
	struct statx stx;
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && flags & O_PATH)
		return true;
	return live_statx(fd, "", STATX_TYPE, &stx) == 0 &&
	       (S_ISFIFO(stx.stx_mode) || S_ISSOCK(stx.stx_mode) || !(stx.stx_mode & S_IFMT));
}

void live_close_unknown(struct unclosed *unclosed, int fd)
{
	unsigned i;

	if (may_be_closed(fd)) {
		close(fd);
		return;
	}
	i = atomic_fetch_add(&unclosed->n, 1);
	atomic_store(&unclosed->fds[i], fd + 1);
	if (i == 0)
		start_process(unclosed);
}
