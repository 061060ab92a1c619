/* SPDX-License-Identifier: MIT */
/*
 * Holders: each makes namespaces, holds them by one kind of reference only, reports which and how,
 * and waits. The matrix has one per kind of reference and type of namespace.
 *
 * What it reports is independent of nsls: inode numbers, owners and parents come from ioctl_ns(2)
 * on a descriptor that it closes before it is ready.
 */
#ifndef HOLD_H
#define HOLD_H

#include "live.h"

#ifndef OPEN_TREE_CLONE /* glibc before 2.36 */
#define OPEN_TREE_CLONE 1
#endif

/* What a thread has of its own is a row's too: also in a process without its main thread. */
enum hold_in { IN_PROCESS, IN_THREAD, IN_SURVIVOR };

/* A row of the matrix: where holders of these types do what. */
struct holder {
	const char *name, *types;
	void (*hold)(void);
	enum hold_in in;
	const char *(*lacks)(void); /* why there can be none here; NULL where it can */
	int domain;                 /* of hold_device() */
};

/* Of the process: its row, its type, and a path of its own in a directory for mounts. */
extern const struct holder *holder;
extern const char *holder_type, *holder_path;

/* What a holder reports of a namespace: "TYPE:[INODE]", as ioctl_ns(2) has it, and what holds it.
 */
struct truth {
	char ns[64], relations[96], holders[1024];
};

#define TRUTHS_MAX 256

/* In memory that all share, up to one with an empty ns. */
extern struct truth *truths;

/*
 * Reports what holds the namespace that a descriptor or link leads to, in the format of column
 * HOLDERS. A mount point in the test's own mount namespace has no inode number in front.
 */
void expect(int fd, const char *holders);
void expect_link(const char *link, const char *holders);

/* "PID" of this process, or "PID/TID" in another thread than the first; "PID:FD" or "PID/TID:FD".
 */
const char *holder_self(void);
const char *holder_fd(int fd);

/* hold.c: processes, threads, and what they will be for their children; descriptors and sockets. */
void hold_process(void), hold_process_without_main_thread(void), hold_zombie(void),
	hold_unshared(void), hold_children(void), hold_new_pidns(void), hold_fd(void),
	hold_path_fd(void), hold_shared_fd(void), hold_device(void), hold_shared_socket(void),
	hold_received_socket(void), hold_ring(void), hold_shared_ring(void),
	hold_socket_of_ring(void);

/* hold_mount.c: mounts here and elsewhere, gone and detached; what only another namespace holds. */
void hold_mount(void), hold_two_mounts(void), hold_fd_of_gone_mount(void),
	hold_detached_mount(void), hold_mount_of_others(void), hold_mount_of_thread(void),
	hold_mount_outside_root(void), hold_mount_of_fd(void), hold_mount_of_mount(void),
	hold_mount_two_deep(void), hold_owned(void), hold_owned_of_user(void),
	hold_owned_of_socket(void), hold_owned_of_mount(void), hold_child(void),
	hold_child_of_mount(void);

/* What can't be here: why, or NULL. */
const char *lacks_rings(void);
const char *lacks_new_pidns(void);
const char *lacks_thread_pidfd(void);
const char *lacks_tun(void);
const char *lacks_mounts_elsewhere(void);
const char *lacks_mounts_two_deep(void);

/* A socket of that domain, or a tun device for AF_UNSPEC, in a new network namespace: *ret_ns. */
int make_away(int domain, int *ret_ns);

/* Makes a process in new namespaces that has ended and an internet socket of it. */
int receive_socket(uint64_t flags, int *ret_ns);

/* A new ring that alone has the file: the descriptor is closed. */
int take_into_ring(int fd);

/* matrix.c: starts all holders, in a mount namespace of the test's own, and ends them. */
void matrix_start(void);
void matrix_end(void);

/* JSON with NS, TYPE and HOLDERS as lines "TYPE:[INODE]\tHOLDERS", with holders as in a table. */
char *matrix_list(const char *json);

/* The rest of the line of text that begins with ns and a tab; NULL where there is none. */
const char *matrix_find(const char *text, const char *ns, int *ret_len);

/* Whether the list has exactly that for the namespace; prints the difference. */
bool matrix_matches(const char *list, const char *ns, const char *expected);

#endif
