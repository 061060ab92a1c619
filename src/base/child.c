// SPDX-License-Identifier: MIT
/* Child processes for paths that may block, and classes of errors. */
#include "nsls/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define FDS_CHECKED 1024

int write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		bytes += n < 0 ? 0 : n;
		len -= n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

static _Noreturn void work_in_child(const struct child_work *work, int fd)
{
	/*
	 * Close inherited descriptors, such as standard output (the reader of a pipe waits for its
	 * end) or a lock file. Descriptors of our own have FD_CLOEXEC.
	 */
	for (int other = 0; other < FDS_CHECKED; other++) {
		int flags = fcntl(other, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(other);
	}
	for (size_t i = 0; i < work->n; i++) {
		char *item = (char *)work->items + i * work->size;

		work->run(work->data, i, item);
		if (write_all(fd, item, work->size) < 0)
			break;
	}
	_exit(0);
}

#define TICK_MS 50

/*
 * Waits until there is something to read. A wait that took longer than it should counts no more
 * than that: both processes were stopped, or got no processor.
 */
static bool await_input(int fd, int timeout_ms)
{
	struct pollfd in = { .fd = fd, .events = POLLIN };

	while (timeout_ms > 0) {
		int tick = timeout_ms < TICK_MS ? timeout_ms : TICK_MS;
		int ready = poll(&in, 1, tick);

		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
		if (ready == 0)
			timeout_ms -= tick;
	}
	return false;
}

/* Reads one item. Returns false at the end, or where nothing comes for so long. */
static bool read_item(int fd, char *item, size_t size, int timeout_ms)
{
	while (size) {
		ssize_t n = await_input(fd, timeout_ms) ? read(fd, item, size) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		item += n;
		size -= (size_t)n;
	}
	return true;
}

static size_t run_here(const struct child_work *work)
{
	for (size_t i = 0; i < work->n; i++)
		work->run(work->data, i, (char *)work->items + i * work->size);
	return work->n;
}

size_t child_run(const struct child_work *work, unsigned timeout_ms)
{
	size_t done = 0;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return run_here(work);
	pid = fork();
	if (pid == 0)
		work_in_child(work, fds[1]);
	close(fds[1]);
	if (pid < 0)
		done = run_here(work);
	while (done < work->n && read_item(fds[0], (char *)work->items + done * work->size,
					 work->size, (int)timeout_ms))
		done++;
	close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, done < work->n ? WNOHANG : 0);
	}
	return done;
}

enum error_class error_class(int error)
{
	switch (error) {
	case -ENOMEM:
	case -EMFILE:
	case -ENFILE:
		return ERROR_FATAL;
	case -ENOENT:
	case -ESRCH:
		return ERROR_VANISHED;
	case -EACCES:
	case -EPERM:
		return ERROR_DENIED;
	default:
		return ERROR_ODD;
	}
}

bool error_is_fatal(int error)
{
	return error_class(error) == ERROR_FATAL;
}
