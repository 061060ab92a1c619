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

#define TICK_MS 50

/*
 * Reads one item. Returns false at the end, or where nothing comes for so long. A wait that took
 * longer than it should counts no more than that: both processes were stopped, or got no processor.
 */
static bool read_item(int fd, char *item, size_t size, int timeout_ms)
{
	int left = timeout_ms;

	while (size && left > 0) {
		struct pollfd in = { .fd = fd, .events = POLLIN };
		int tick = left < TICK_MS ? left : TICK_MS;
		int ready = poll(&in, 1, tick);
		ssize_t n = ready > 0 ? read(fd, item, size) : -1;

		if (ready == 0) {
			left -= tick;
		} else if (n > 0) {
			item += n;
			size -= (size_t)n;
			left = timeout_ms;
		} else if (n == 0 || errno != EINTR) {
			return false;
		}
	}
	return !size;
}

size_t child_run(
	child_fill *fill, const void *data, void *items, size_t n, size_t size, unsigned timeout_ms)
{
	int fds[2] = { -1, -1 };
	pid_t pid = pipe2(fds, O_CLOEXEC) < 0 ? -1 : fork();
	size_t done = 0;

	/*
	 * Close inherited descriptors, such as standard output (the reader of a pipe waits for its
	 * end) or a lock file. Descriptors of our own have FD_CLOEXEC.
	 */
	for (int fd = 0; pid == 0 && fd < FDS_CHECKED; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
	/* In the child or, if there is none, here. */
	for (size_t i = 0; pid <= 0 && i < n; i++) {
		char *item = (char *)items + i * size;

		fill(data, i, item);
		if (pid == 0 && write_all(fds[1], item, size) < 0)
			break;
		done++;
	}
	if (pid == 0)
		_exit(0);
	if (fds[1] >= 0)
		close(fds[1]);
	while (done < n && read_item(fds[0], (char *)items + done * size, size, (int)timeout_ms))
		done++;
	if (fds[0] >= 0)
		close(fds[0]);
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, done < n ? WNOHANG : 0);
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
