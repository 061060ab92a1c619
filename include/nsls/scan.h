/* SPDX-License-Identifier: MIT */
/*
 * Finds namespaces and their holders. One walk over the processes opens each once and lets every
 * source look at it; then each namespace is asked once for its relations, which may reveal more.
 */
#ifndef NSLS_SCAN_H
#define NSLS_SCAN_H

#include "nsls/model.h"
#include "nsls/nsfs.h"
#include "nsls/procfs.h"

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
	const char *name;   /* as in --scan */
	const char *reads;  /* what it reads, in words */
	const char *unread; /* "the %zu …" of the line that says what could not be read */
};

const struct source_info *source_info(enum source source);

/* How many processes a source could not read all of, by cause. */
struct source_trouble {
	size_t vanished; /* it ended or was closed meanwhile: no loss */
	size_t denied;   /* EACCES, EPERM */
	size_t odd;      /* any other error, or text that is not what proc(5) says */
};

/* What this kernel, or our place in it, does not let us see; said under --strict. */
enum scan_gap {
	SCAN_GAP_LISTNS = 1 << 0,    /* no listns(2) */
	SCAN_GAP_MNT_WALK = 1 << 1,  /* mount namespaces can't be walked */
	SCAN_GAP_STATMOUNT = 1 << 2, /* a mount namespace without a process could not be read */
	SCAN_GAP_PRIVILEGE = 1 << 3, /* the kernel lists only what is our own */
	SCAN_GAP_FOREIGN = 1 << 4, /* PIDs of another PID namespace: no sockets, no threads' fds */
};

struct scan_report {
	struct source_trouble trouble[SOURCE_COUNT];
	unsigned gaps; /* of enum scan_gap */
	bool hidden;   /* the procfs hides processes of others (hidepid) */
};

struct scan_options {
	unsigned sources; /* bits 1 << enum source */
	bool netnsid;     /* ask for the ids of network namespaces too */
};

/*
 * Fills a model that was just initialised, and sorts it. Returns 0, also when tasks could not be
 * read (*report tells), or -errno when the procfs itself can't be listed (-ENODATA: it has no
 * process) or memory or file descriptors run out.
 */
int scan_run(const struct procfs *procfs, const struct nsfs *nsfs,
	const struct scan_options *options, struct model *model, struct scan_report *report);

#endif
