// SPDX-License-Identifier: MIT
/* Rings of io_uring(7): what is registered with one needs no descriptor any more. */
#include "hold.h"

#include <linux/io_uring.h>
#include <sys/utsname.h>

static int new_ring(void)
{
	struct io_uring_params params = { 0 };

	return (int)syscall(SYS_io_uring_setup, 1, &params);
}

const char *holder_ring_lacks(void)
{
	int ring = new_ring();
	unsigned major, minor;
	struct utsname name;

	if (ring < 0)
		return errno == ENOSYS  ? "this kernel has no io_uring"
		       : errno == EPERM ? "this kernel lets us have no io_uring "
					  "(kernel.io_uring_disabled, or a filter of system calls)"
					: "io_uring_setup failed";
	close(ring);
	MUST(uname(&name) == 0 && sscanf(name.release, "%u.%u", &major, &minor) == 2);
	if (major > 6 || (major == 6 && minor >= 15))
		return NULL;
	return "this kernel does not name files that are registered with an io_uring, Linux 6.15";
}

int take_into_ring(int fd)
{
	int ring = new_ring();

	MUST(ring >= 0);
	MUST(syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1) == 0);
	close(fd);
	return ring;
}

void hold_by_ring(const char *type, const char *path)
{
	int fd = live_namespace(type), again = dup(fd), ring = take_into_ring(fd);

	expect(again, "uring %d:%d", getpid(), ring);
	close(again);
}

/* Two processes share a ring, and one of them has it twice: that counts once. */
void hold_by_shared_ring(const char *type, const char *path)
{
	int fd = live_namespace(type), again = dup(fd), ring = take_into_ring(fd);
	struct ready ready = ready_new();
	pid_t us = getpid(), child, low, high;

	MUST(dup(ring) > ring);
	child = live_fork(0);
	if (child == 0) {
		close(again);
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	low = us < child ? us : child;
	high = us < child ? child : us;
	expect(again, "uring %d:%d, uring %d:%d", low, ring, high, ring);
	close(again);
}

/* fdinfo has only the socket's inode: its descriptor is the one that leads to the namespace. */
void hold_by_socket_of_ring(const char *type, const char *path)
{
	int ns, device = make_away(make_socket, &ns), ring = take_into_ring(dup(device));

	expect(ns, "socket %d:%d, uring %d:%d", getpid(), device, getpid(), ring);
	close(ns);
}
