// SPDX-License-Identifier: MIT
/* Sockets, and tun devices, which are sockets inside: each is of the namespace it was made in. */
#include "hold.h"

#include <linux/netlink.h>
#include <sys/socket.h>

int make_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int make_unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int make_netlink_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

static int open_tun(void)
{
	return open("/dev/net/tun", O_RDWR | O_CLOEXEC);
}

int make_away(int (*make)(void), int *ret_ns)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int away = live_namespace("net"), device;

	MUST(home >= 0 && setns(away, CLONE_NEWNET) == 0);
	device = make();
	MUST(device >= 0 && setns(home, CLONE_NEWNET) == 0);
	close(home);
	*ret_ns = away;
	return device;
}

static void hold_by_device(const char *kind, int (*make)(void))
{
	int ns, device = make_away(make, &ns);

	expect(ns, "%s %d:%d", kind, getpid(), device);
	close(ns);
}

void hold_by_socket(const char *type, const char *path)
{
	hold_by_device("socket", make_socket);
}

void hold_by_unix_socket(const char *type, const char *path)
{
	hold_by_device("socket", make_unix_socket);
}

void hold_by_netlink_socket(const char *type, const char *path)
{
	hold_by_device("socket", make_netlink_socket);
}

void hold_by_tun(const char *type, const char *path)
{
	hold_by_device("tun", open_tun);
}

/* Two processes share one socket, which counts once for each. */
void hold_by_shared_socket(const char *type, const char *path)
{
	int ns, device = make_away(make_socket, &ns);
	struct ready ready = ready_new();
	pid_t us = getpid(), child = live_fork(0), low, high;

	if (child == 0) {
		close(ns);
		ready_and_wait(&ready);
	}
	ready_await(&ready);
	low = us < child ? us : child;
	high = us < child ? child : us;
	expect(ns, "socket %d:%d, socket %d:%d", low, device, high, device);
	close(ns);
}

/* Made by a process of the namespace that has ended since, and sent to the holder. */
void hold_by_received_socket(const char *type, const char *path)
{
	int pair[2], device, ns;
	pid_t pid;

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	pid = live_fork(live_flag(type));
	if (pid == 0) {
		live_send_fd(pair[1], make_socket());
		live_wait();
	}
	device = live_receive_fd(pair[0]);
	ns = live_open_ns(pid, type);
	live_end(pid);
	close(pair[0]);
	close(pair[1]);
	expect(ns, "socket %d:%d", getpid(), device);
	close(ns);
}
