/* SPDX-License-Identifier: MIT */
/*
 * What is missing from an answer: what could not be read, what the visibility of nsls hides, what
 * this kernel does not support. The scan fills it; every layer above may read it. An answer is
 * complete if everything that exists could be read; a limitation of the kernel is only noted.
 */
#ifndef NSLS_REPORT_H
#define NSLS_REPORT_H

#include "nsls/base.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a scan reads. */
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
	const char *unreadable; /* what "could not read" is followed by, such as "descriptors" */
};

extern const struct source_info source_info[SOURCE_COUNT];

#define EXAMPLES_MAX 3

/* The processes of the lowest PIDs among some, ascending. */
struct examples {
	struct example {
		pid_t pid;     /* 0: no more */
		char name[16]; /* proc_pid_comm(5); "": unknown */
	} at[EXAMPLES_MAX];
};

/* Number of processes that a source could not read completely, by class of error. */
struct source_errors {
	size_t vanished; /* the process ended or the file was closed: nothing is missing */
	size_t denied;
	size_t odd; /* any other error, or text that differs from proc(5) */
};

/* Bits; the table in report.c has a sentence about each. */
enum report_limitation {
	/* Only noted: this kernel does not support something. */
	LIMITATION_LISTNS = 1 << 0,
	LIMITATION_MNT_WALK = 1 << 1,
	LIMITATION_STATMOUNT = 1 << 2,
	LIMITATION_PIDFD = 1 << 3,
	LIMITATION_RING_FILES = 1 << 4,
	LIMITATION_RING_SOCKETS = 1 << 5,
	LIMITATION_OPENAT2 = 1 << 6,
	/* The answer is incomplete. */
	LIMITATION_PRIVILEGE = 1 << 7,
	LIMITATION_FOREIGN = 1 << 8,  /* the procfs is of another PID namespace than ours */
	LIMITATION_PIDNS = 1 << 9,    /* the procfs is not of the initial PID namespace */
	LIMITATION_HIDEPID = 1 << 10, /* the procfs is mounted with hidepid */
	LIMITATION_SELF = 1 << 11,
	LIMITATION_ROOTS = 1 << 12,
	LIMITATION_RING_UNREAD = 1 << 13, /* privileges do not help */
	LIMITATION_MOVED = 1 << 14,
	LIMITATION_TURNOVER = 1 << 15,
	LIMITATION_DESCRIPTORS = 1 << 16,
	LIMITATION_USERS = 1 << 17,
	LIMITATION_NAMES = 1 << 18,
	LIMITATION_VISITS = 1 << 19,
};

#define LIMITATIONS_NOTED ((1u << 7) - 1)
#define LIMITATIONS_END (1u << 20)

struct report_examples {
	size_t n;
	unsigned first; /* the lowest of these numbers */
};

struct report {
	bool narrowed;   /* some sources were not scanned (--scan) */
	bool bpf;        /* descriptors were read by the BPF programs */
	bool no_members; /* member processes were not scanned */
	unsigned lacks;  /* of report_capability(), in the initial user namespace, 1 << CAP_... */
	bool in_userns;  /* nsls is in another user namespace than the initial one */
	struct source_errors errors[SOURCE_COUNT];
	unsigned limitations;                       /* bits of enum report_limitation */
	size_t timed_out;                           /* processes that took too long to read */
	struct examples examples[SOURCE_COUNT + 1]; /* denied or odd, by source; timed out */
	size_t new_pidns; /* PID namespaces without a first process: only their number is known */
	bool listed;      /* everything that this kernel lists was read */

	struct report_examples crowded;       /* processes with too many descriptors to read */
	struct report_examples partial_mntns; /* mount namespaces with incomplete lists of mounts */
};

/* Counts an error (-errno, not a fatal one) of a process by its class. pid 0: of no process. */
void report_count(struct report *report, enum source source, int error, pid_t pid);

/* Counts a process that took too long to read; 0: an unknown one. */
void report_timed_out(struct report *report, pid_t pid);

/* Records a process (LIMITATION_DESCRIPTORS, its PID) or a mount namespace (LIMITATION_ROOTS). */
void report_example(struct report *report, enum report_limitation limitation, unsigned number);

/* Records an errno of getpwnam(3), unless there is just no such user. ENOMEM ends the program. */
void report_user_error(struct report *report, int error);

bool report_is_complete(const struct report *report);

/*
 * Returns true if all namespaces and their members were found. Unknown users and names do not
 * count. Nor does an unreadable ring, which any user can create: it has no members, and since Linux
 * 6.19 the kernel lists a namespace that only the ring holds. Older kernels hide that one, like one
 * that only a descriptor in flight holds: that makes no answer incomplete either.
 */
bool report_shows_namespaces(const struct report *report);

/* Returns a bit per kind of reason why the answer is incomplete. */
unsigned report_reason_mask(const struct report *report);

/* Returns true if a namespace certainly has no member where the model has none. */
bool report_proves_absence(const struct report *report);

/*
 * Returns the maximum number of processes with unreadable namespaces, each a member of one per
 * type. SIZE_MAX: unknown.
 */
size_t report_unreadable_processes(const struct report *report);

/*
 * Append texts, each with a NUL at its end, and return how many: the reasons why the answer is
 * incomplete, and the limitations of this kernel, as sentences without a full stop; the
 * capabilities that nsls lacks and that would have shown what was denied.
 */
size_t report_reasons(const struct report *report, struct strbuf *out);
size_t report_kernel_limitations(const struct report *report, struct strbuf *out);
size_t report_missing_capabilities(const struct report *report, struct strbuf *out);

/* Capabilities that reading the system takes; -1 after the last. */
int report_capability(size_t i);

#endif
