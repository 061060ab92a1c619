/* SPDX-License-Identifier: MIT */
/*
 * Holders: each makes namespaces, holds them by one kind of reference only, reports which and how,
 * and waits. A holder gets the name of a type and a path of its own in a directory for mounts.
 *
 * What it reports is independent of nsls: inode numbers, owners and parents come from ioctl_ns(2)
 * on a descriptor that it closes before it reports that it is ready.
 */
#ifndef HOLD_H
#define HOLD_H

#include "live.h"

#ifndef OPEN_TREE_CLONE /* glibc before 2.36 */
#define OPEN_TREE_CLONE 1
#endif

/* Where a holder and its children report to. */
extern int holder_report;

/*
 * Reports what holds the namespace that a descriptor or link leads to, in the format of column
 * HOLDERS. A mount point in the test's own mount namespace has no inode number in front.
 */
void expect(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));
void expect_link(const char *link, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Reports that the holder has set up and reported everything. */
void expect_end(void);

/* "TYPE:[INODE]" of what the descriptor is on. */
const char *holder_name(int fd);

typedef void hold(const char *type, const char *path);

/* hold.c: processes, what they will be for their children, and descriptors. */
hold hold_by_process, hold_by_zombie, hold_by_children, hold_by_new_pidns, hold_by_fd,
	hold_by_path_fd, hold_by_shared_fd;

/* hold_thread.c: single threads, and processes without their main thread. */
hold hold_by_thread, hold_by_children_of_thread, hold_by_new_pidns_of_thread, hold_by_fd_of_thread,
	hold_by_socket_of_thread, hold_by_mount_of_thread, hold_by_ring_of_thread, hold_by_survivor,
	hold_by_children_of_survivor, hold_by_fd_of_survivor, hold_by_socket_of_survivor,
	hold_by_process_of_survivor, hold_by_mount_of_survivor;

/* hold_socket.c: sockets, and what is one inside. */
hold hold_by_socket, hold_by_unix_socket, hold_by_netlink_socket, hold_by_shared_socket,
	hold_by_received_socket, hold_by_tun;

/* hold_ring.c: files that are registered with a ring of io_uring(7). */
hold hold_by_ring, hold_by_shared_ring, hold_by_socket_of_ring;

/* Why no such holder can work here; NULL where all can. */
const char *holder_ring_lacks(void);
const char *holder_new_pidns_lacks(void);

/* hold_related.c: namespaces that only another one keeps. */
hold hold_by_owned, hold_by_owned_of_user, hold_by_owned_of_socket, hold_by_owned_of_mount,
	hold_by_child, hold_by_child_of_mount;

/* hold_mount.c: bind mounts in the test's own mount namespace, also gone and detached ones. */
hold hold_by_mount, hold_by_two_mounts, hold_by_fd_of_gone_mount, hold_by_detached_mount;

/* hold_elsewhere.c: bind mounts in other mount namespaces. */
hold hold_by_mount_of_others, hold_by_mount_outside_root, hold_by_mount_of_fd,
	hold_by_mount_of_mount, hold_by_mount_two_deep;

/* What make() opens inside a new network namespace, which *ret_ns is on. */
int make_away(int (*make)(void), int *ret_ns);
int make_socket(void);

/* A new ring that alone has the file: the descriptor is closed. */
int take_into_ring(int fd);

#endif
