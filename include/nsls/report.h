/* SPDX-License-Identifier: MIT */
/*
 * What is missing from an answer: what could not be read, what our place hides, what this kernel
 * can't tell. Filled by the scan; every layer above may read it. An answer is complete when
 * nothing that exists was out of our reach; what no kernel of this release can show is only noted.
 */
#ifndef NSLS_REPORT_H
#define NSLS_REPORT_H

#include "nsls/base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a scan looks at; the names are those of --scan. */
enum source {
	SOURCE_PROCESSES,
	SOURCE_THREADS,
	SOURCE_FDS,
	SOURCE_SOCKETS,
	SOURCE_MOUNTS,
	SOURCE_KERNEL,
	SOURCE_COUNT,
};

#define SOURCES_ALL ((1u << SOURCE_COUNT) - 1)

struct source_info {
	const char *name;       /* as in --scan */
	const char *unreadable; /* "could not read …" */
	bool of_processes;      /* "… of 7 processes" follows */
};

const struct source_info *source_info(enum source source);

/* How many processes a source could not read all of, by class of error. */
struct source_errors {
	size_t vanished; /* it ended or was closed meanwhile: no loss */
	size_t denied;
	size_t odd; /* any other error, or text that is not what proc(5) says */
};

enum report_limitation {
	/* This kernel lacks a call. Only noted. */
	LIMITATION_LISTNS = 1 << 0,        /* listns(2) */
	LIMITATION_MNT_WALK = 1 << 1,      /* from mount namespace to mount namespace */
	LIMITATION_STATMOUNT = 1 << 2,     /* the mounts of a mount namespace without a process */
	LIMITATION_PIDFD = 1 << 9,         /* sockets of other processes, or of single threads */
	LIMITATION_RING_FILES = 1 << 10,   /* what is registered with rings of io_uring(7) */
	LIMITATION_RING_SOCKETS = 1 << 11, /* namespaces of sockets that only a ring has */
	LIMITATION_OPENAT2 = 1 << 13,      /* files mounted elsewhere, without waiting for any */
	/* Our place hides something: the answer is incomplete. */
	LIMITATION_PRIVILEGE = 1 << 3,    /* the kernel lists only what is our own */
	LIMITATION_FOREIGN = 1 << 4,      /* PIDs of another PID namespace than ours */
	LIMITATION_PIDNS = 1 << 5,        /* a PID namespace that is not the initial one */
	LIMITATION_HIDEPID = 1 << 6,      /* a procfs mounted with hidepid */
	LIMITATION_SELF = 1 << 7,         /* no procfs in reach shows ourselves */
	LIMITATION_ROOTS = 1 << 8,        /* not all mounts of some mount namespace were listed */
	LIMITATION_RING_UNREAD = 1 << 12, /* a ring did not tell its files; no place helps */
	LIMITATION_MOVED = 1 << 14,       /* a process whose control group is not known for sure */
	LIMITATION_TURNOVER = 1 << 15,    /* processes or threads ended before they could be read */
	LIMITATION_DESCRIPTORS = 1 << 16, /* there are too many in big tables */
};

struct report {
	bool narrowed;   /* a source was left out (--scan) */
	bool no_members; /* and that is member processes */
	struct source_errors errors[SOURCE_COUNT];
	unsigned limitations; /* of enum report_limitation */
	size_t timed_out;     /* processes whose reading timed out */
	size_t new_pidns; /* PID namespaces without a first process, of which no more is known */
	bool listed;      /* all that this kernel lists was read */

	/* Processes of which the descriptors were too many, and the lowest PID. */
	size_t crowded;
	pid_t first_crowded;

	/* Mount namespaces of which not all mounts were listed, and the lowest inode number. */
	size_t partial_mntns;
	uint32_t first_partial_mntns;
};

/* Counts an error (-errno, not a fatal one) of one process by its class. */
void report_count(struct report *report, enum source source, int error);

/* The descriptors of a process were not read, because there are too many. */
void report_crowded(struct report *report, pid_t pid);

/* Not all mounts of a mount namespace could be listed. */
void report_partial_mounts(struct report *report, uint32_t mntns);

bool report_is_complete(const struct report *report);

/*
 * Whether all namespaces and their members were found. A ring that could not be read (which any
 * user can make) hides neither: it has no members, and a namespace that nothing but the ring holds
 * is on the kernel's list from Linux 6.19 on. Before, it is as hidden as one whose only descriptor
 * is in flight, which does not make an answer incomplete.
 */
bool report_shows_namespaces(const struct report *report);

/* Whether no namespace is unseen. */
bool report_sees_all(const struct report *report);
/* What keeps the answer from being complete, as bits: a set of kinds, whatever the numbers. 0: it
 * is complete. */
unsigned report_lacks(const struct report *report);

/* Whether a namespace in which no process was seen has none. */
bool report_proves_absence(const struct report *report);

/*
 * How many processes there are at most whose namespaces could not be read. Each is a member of one
 * namespace per type. SIZE_MAX where nobody knows.
 */
size_t report_unreadable_processes(const struct report *report);

/*
 * Append what keeps the answer from being complete, and what this kernel can't tell: sentences
 * without a full stop, each ended by a NUL. Both return how many.
 */
size_t report_reasons(const struct report *report, struct strbuf *out);
size_t report_kernel_limitations(const struct report *report, struct strbuf *out);

/* Whether more privilege would help. */
bool report_is_denied(const struct report *report);

#endif
