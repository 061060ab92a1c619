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

/* A row of the matrix: holders of namespaces of these types. */
struct holder {
	const char *name, *types;
	void (*hold)(void);
	enum hold_in in;
	int since;                  /* which kernel: 611 for Linux 6.11 */
	const char *(*lacks)(void); /* another reason for which there can be none here, or NULL */
	int domain;                 /* of a socket; AF_UNSPEC: of a tun device */
	bool by_mount;              /* keep() mounts */
};

/* The matrix, up to rows without a name: of hold.c, and then of hold_mount.c. */
extern const struct holder hold_rows[], hold_mount_rows[];

#define HOLDER_ALL "cgroup ipc net pid time user uts" /* but mnt */

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
 * expect_and_close() closes it then. keep(): the descriptor itself does, or a mount of what it is
 * on.
 */
void expect(int fd, const char *holders);
void expect_and_close(int fd, const char *holders);
void keep(int fd);
void expect_link(const char *link, const char *holders);

/* "PID" of this process, or "PID/TID" in another thread than the first; "PID:FD" or "PID/TID:FD".
 */
const char *holder_self(void);
const char *holder_fd(int fd);

/* Keeps a new namespace so. */
void hold_namespace(void);

/* Why rings or their files can't be listed here, or NULL. */
const char *lacks_rings(void);

/* A socket of that domain, or a tun device for AF_UNSPEC, in a new network namespace: *ret_ns. */
int make_away(int domain, int *ret_ns);

/* Makes a process in new namespaces that has ended and an internet socket of it. */
int receive_socket(uint64_t flags, int *ret_ns);

/* A new ring that alone has the file: the descriptor is closed. */
int take_into_ring(int fd);

/* matrix.c, for cmocka's groups: starts all holders, in a mount namespace of the test's own. */
int matrix_start(void **state);
int matrix_end(void **state);

/* JSON with NS, TYPE and HOLDERS as lines "TYPE:[INODE]\tHOLDERS", with holders as in a table. */
char *matrix_list(const char *json);

/* The rest of the line of text that begins with ns and a tab; NULL where there is none. */
char *matrix_find(const char *text, const char *ns);

/* Whether the list has exactly that for the namespace; prints the difference. */
bool matrix_matches(const char *list, const char *ns, const char *expected);

#endif
