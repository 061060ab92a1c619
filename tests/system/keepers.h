/* SPDX-License-Identifier: MIT */
/*
 * Keepers: each makes namespaces that it keeps in one way only, says which and how, and goes on to
 * wait. A keeper gets the name of a type and a path of its own in a directory for mounts.
 *
 * What it says is independent of nsls: inode numbers, owners and parents come from ioctl_ns(2) on
 * a descriptor that it closes before it reports that it is ready.
 */
#ifndef KEEPERS_H
#define KEEPERS_H

#include "live.h"

/* Where the keeper that this process is, or whose child it is, reports to. */
extern int keeper_report;

/*
 * Its word on the namespace that a descriptor or link leads to: what holds it, as column HOLDERS
 * words that; a mount point of the test's own mount namespace goes without the number of that.
 */
void expect(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
void expect_link(const char *link, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The last word of a keeper: all is said and set up. */
void expect_end(void);

/* What a fork or a thread does when it has nothing more to say. */
void keeper_wait(void) __attribute__((noreturn));

/* The parent of a fork awaits the child's word that it has done its part. */
struct ready {
	int fds[2];
};
struct ready ready_new(void);
void ready_say(struct ready *ready);
void ready_await(struct ready *ready);

/* "TYPE:[INODE]" of what the descriptor is on. */
void keeper_name(int fd, char text[64]);

typedef void keep(const char *type, const char *path);

/* keepers.c: processes, what they will be for their children, and descriptors. */
keep keep_by_process, keep_by_zombie, keep_by_children, keep_by_new_pidns, keep_by_fd,
	keep_by_path_fd, keep_by_shared_fd;

/* keepers_thread.c: single threads, and processes whose first thread has ended. */
keep keep_by_thread, keep_by_children_of_thread, keep_by_new_pidns_of_thread, keep_by_fd_of_thread,
	keep_by_socket_of_thread, keep_by_mount_of_thread, keep_by_ring_of_thread, keep_by_survivor,
	keep_by_children_of_survivor, keep_by_fd_of_survivor, keep_by_socket_of_survivor,
	keep_by_process_of_survivor, keep_by_mount_of_survivor;

/* keepers_socket.c: sockets, and what is one inside. */
keep keep_by_socket, keep_by_unix_socket, keep_by_netlink_socket, keep_by_shared_socket,
	keep_by_received_socket, keep_by_tun;

/* keepers_ring.c: files that are registered with a ring of io_uring(7). */
keep keep_by_ring, keep_by_shared_ring, keep_by_socket_of_ring;

/* Why no such keeper can work here; NULL where all can. */
const char *keeper_ring_lacks(void);
const char *keeper_new_pidns_lacks(void);

/* keepers_related.c: namespaces that only another one keeps. */
keep keep_by_owned, keep_by_owned_of_nobody, keep_by_owned_of_socket, keep_by_owned_of_mount,
	keep_by_child, keep_by_child_of_mount;

/* keepers_mount.c: bind mounts in the test's own mount namespace, also gone and detached ones. */
keep keep_by_mount, keep_by_two_mounts, keep_by_fd_of_gone_mount, keep_by_detached_mount;

/* keepers_elsewhere.c: bind mounts in other mount namespaces. */
keep keep_by_mount_of_others, keep_by_mount_outside_root, keep_by_mount_of_fd,
	keep_by_mount_of_mount, keep_by_mount_two_deep;

/* What make() opens inside a new network namespace, which *ret_ns is on. */
int make_away(int (*make)(void), int *ret_ns);
int make_socket(void);

/* A new ring that alone has the file: the descriptor is closed. */
int take_into_ring(int fd);

/* Makes a file at path and mounts on it what the descriptor is on. */
void bind_fd(int fd, const char *path);

#endif
