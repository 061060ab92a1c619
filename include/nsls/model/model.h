/* SPDX-License-Identifier: MIT */
/*
 * What was found: namespaces keyed by inode number, and everything that holds each of them.
 * Reads nothing from the system. The model owns all that it hands out and frees it at once.
 */
#ifndef NSLS_MODEL_MODEL_H
#define NSLS_MODEL_MODEL_H

#include "nsls/base/arena.h"
#include "nsls/base/nstype.h"
#include "nsls/base/u64map.h"
#include "nsls/model/holder.h"

#include <sys/types.h>

struct identity;

/* A process. The part below "enriched" is filled only for what a view shows. */
struct task {
	pid_t pid;
	pid_t tid; /* its PID; of a process whose first thread has ended, that of one which is left
		    */
	bool zombie;
	bool is_new;                 /* the scan's: came up while it looked again */
	bool unread;                 /* something of it could not be read, or that timed out */
	uint32_t ino[NS_TYPE_COUNT]; /* its namespaces; 0: not known or none */
	unsigned new_pidns; /* that it holds and that are not in the model, as in report.h */

	/* enriched */
	unsigned asked; /* bits of enum need: what was read, or tried */
	bool has_stat, has_status;
	bool kthread; /* a thread of the kernel */
	bool admin;   /* CAP_SYS_ADMIN is permitted to it, in its own user namespace */
	pid_t ppid;
	pid_t nspid; /* its PID in its own PID namespace, 0: unknown */
	uid_t uid;
	unsigned num_threads;
	uint64_t start_ticks;            /* clock ticks since boot */
	const char *command;             /* NULL: not read, or gone */
	const char *comm;                /* its name, at most 15 bytes; NULL: not read, or gone */
	const struct identity *identity; /* NULL: not read, or gone */
};

struct ns {
	struct ns_ref ref;
	struct holder *first, *last; /* members by ascending PID, then the others, kind by kind */
	const struct task *leader;   /* the member process with the lowest PID, or NULL */
	size_t nprocs;               /* member processes, zombies too */
	size_t nholders;
	size_t threads_away;       /* threads of member processes that are in another instance */
	struct ns *owner, *parent; /* NULL: none, or beyond what the kernel tells us */
	uint64_t id;               /* 64-bit id, Linux 6.18; 0: unknown */
	uid_t owner_uid;           /* user namespaces: who created it, NS_GET_OWNER_UID */
	bool has_owner_uid;
	bool is_new;       /* the scan's: nothing held it before it looked again */
	bool related;      /* owner, parent and ids have been asked for */
	bool mounts_whole; /* mount namespaces: its whole mount table was read */
	bool has_netnsid;
	int netnsid; /* as assigned in our network namespace */
};

struct model {
	struct arena arena;
	struct u64map by_ref;
	struct ns **at; /* n namespaces */
	size_t n, size;
	struct task **tasks; /* ntasks processes by ascending PID */
	size_t ntasks, tasks_size;
	uint64_t scan_ticks;  /* when the scan began, as task.start_ticks */
	uint32_t our_mnt;     /* mount namespace whose paths are ours; 0: unknown */
	uint32_t our_user;    /* user namespace whose limits and users are ours; 0: unknown */
	bool detached_mounts; /* a process has a tree of mounts open that is in none of these */
};

void model_init(struct model *model);
void model_done(struct model *model);

/* Adds a process; cheapest in ascending order of PIDs. */
struct task *model_add_task(struct model *model, pid_t pid);

/* The process with that PID, or NULL. */
struct task *model_find_task(const struct model *model, pid_t pid);

/* The namespace, or NULL. */
struct ns *model_find(const struct model *model, struct ns_ref ref);

/* The namespace of whatever type that has this inode number, or NULL. */
struct ns *model_find_inode(const struct model *model, uint32_t ino);

/* The namespace, added if it is new. */
struct ns *model_get(struct model *model, struct ns_ref ref);

/* Says that a copy of *holder holds ns. */
void model_hold(struct model *model, struct ns *ns, const struct holder *holder);

/*
 * Removes all holders of ns: it has ended since they were found, and is no longer shown. So it
 * holds its owner and parent no longer, and one of these that nothing else holds has ended as well.
 */
void model_release(struct ns *ns);

/*
 * Whether the first namespace of the type has the inode number that the table of types says. Since
 * Linux 6.17 all have; before, those of some types had others. A namespace of one of these types
 * that has the number from the table shows that this kernel is new enough.
 */
bool model_knows_initial(const struct model *model, enum nstype type);

/*
 * The namespaces of the host: those of PID 1 or, where it can't be read, those that the system
 * started with. 0: unknown.
 */
void model_host(const struct model *model, uint32_t ret_ino[NS_TYPE_COUNT]);

/*
 * Sorts by type (in the order of the table of types), then inode; and the holders of each: members
 * by ascending PID, then the other kinds, each in the order in which they were found.
 */
void model_sort(struct model *model);

#endif
