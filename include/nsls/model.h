/* SPDX-License-Identifier: MIT */
/* What a scan found: namespaces, processes, holders, and their names. */
#ifndef NSLS_MODEL_H
#define NSLS_MODEL_H

#include "nsls/base.h"
#include "nsls/nstype.h"

#include <stdbool.h>
#include <sys/types.h>

struct ns;
struct process;

/*
 * Whose a process is: its container, machine, pod, application or systemd unit, as far as the path
 * of its control group tells. What the path does not tell is NULL; nothing is guessed.
 *
 * Whoever may make control groups chooses such a path, an unprivileged user too (below the one
 * that was delegated to him). So all texts are hostile bytes, and an identity is what a process is
 * called, never proof of what it is.
 */

/* What runs containers, machines or applications. The names are those of column RUNTIME. */
enum runtime {
	RUNTIME_UNKNOWN,
	RUNTIME_DOCKER,
	RUNTIME_PODMAN,
	RUNTIME_CONTAINERD,
	RUNTIME_CRIO,
	RUNTIME_KUBERNETES, /* a container of a pod, whichever engine runs it */
	RUNTIME_LXC,
	RUNTIME_NSPAWN,
	RUNTIME_LIBVIRT,
	RUNTIME_SNAP,
	RUNTIME_FLATPAK,
	RUNTIME_COUNT,
};

struct identity {
	const char *cgroup; /* the path as it was read */
	const char *unit;   /* innermost systemd service or scope, unescaped: "my-job@a.service" */
	const char *container; /* outermost: an id of 64 digits, or a name where those are used */
	const char *pod;       /* UID of a Kubernetes pod, or id of a Podman pod */
	const char *machine;   /* as machinectl(1) lists it */
	const char *app;       /* snap, or Flatpak application */
	const char *name;      /* the best of these in a person's words: "docker 84b8394540fb" */
	enum runtime runtime;
	bool unit_inside; /* the unit is one of the container's or machine's own */
	bool has_user;
	uid_t user; /* whose service manager it runs below, by user id */
};

/* A copy in the arena, its texts too. */
const struct identity *identity_copy(struct arena *arena, const struct identity *from);

/* "docker", "cri-o" …; NULL for RUNTIME_UNKNOWN. */
const char *runtime_name(enum runtime runtime);

/* How much of an id is shown where space is short: 12 of 64 digits, as every engine takes them. */
int identity_short(const char *id);

/*
 * A holder is a reason for which a namespace exists. Every fact that nsls finds has the form
 * "this holder holds that namespace". A new way of holding is a row of the table of kinds.
 */

enum holder_kind {
	HOLDER_PROCESS,  /* a member process */
	HOLDER_ZOMBIE,   /* a member process that has ended and was not waited for */
	HOLDER_THREAD,   /* a member thread whose process is in another instance */
	HOLDER_CHILDREN, /* a process whose future children will be members */
	HOLDER_FD,       /* an open file descriptor on the namespace */
	HOLDER_SOCKET, /* an open socket of this network namespace, held by a process of another */
	HOLDER_TUN, /* an open tun device of this network namespace, held by a process of another */
	HOLDER_URING,  /* a ring that the namespace file, or a socket of it, is registered with */
	HOLDER_MOUNT,  /* a bind mount of the namespace file */
	HOLDER_OWNED,  /* a namespace that this user namespace owns */
	HOLDER_CHILD,  /* a child PID or user namespace */
	HOLDER_KERNEL, /* nothing that can be seen: only the kernel lists the namespace */
	HOLDER_KIND_COUNT,
};

/* A bind mount and from where it can be seen. */
struct holder_mount {
	const char *path;              /* below the root of the process that it was read from */
	uint32_t mntns;                /* mount namespace that it is in, 0: unknown */
	const struct process *process; /* process whose mount table shows it, or NULL */
	pid_t tid;                     /* its thread that does, or its own PID */
};

struct holder {
	struct holder *next;
	const struct process *process; /* the process that holds, where it is one; else NULL */
	union {
		int fd;                           /* fd, socket, tun, uring: of the ring */
		const struct holder_mount *mount; /* mount */
		const struct ns *ns;              /* owned, child */
	};
	enum holder_kind kind;
	pid_t tid; /* where there is a process: the thread, or the process's own PID */
};

/* "process", "fd" … */
const char *holder_kind_name(enum holder_kind kind);

/*
 * What makes a holder of this kind let go. PID, MOUNT, MNTNS and HNS stand for themselves: a
 * command with a mount point in it, which others have chosen, would be pasted into somebody's
 * shell.
 */
const char *holder_kind_release(enum holder_kind kind);

/* A member process, ended or not. */
bool holder_is_member(const struct holder *holder);

/* Whether it is a descriptor, with a number in fd. */
bool holder_has_fd(const struct holder *holder);

/* The namespace that holds, where it is one; else NULL. */
const struct ns *holder_ns(const struct holder *holder);

/* Whether the namespace can be reached through it: a socket, say, has no path. */
bool holder_has_path(const struct holder *holder);

/*
 * Appends the path of the namespace through this holder below a proc directory, such as
 * "12/ns/net", "12/fd/3" or "12/root/run/netns/blue". Appends nothing where there is none.
 */
void holder_path(const struct holder *holder, enum nstype type, struct strbuf *out);

/*
 * Appends the path, below a proc directory, of the root directory below which a mount point is
 * seen, such as "12/root". False where the holder is no mount, or one that no process sees.
 */
bool holder_root(const struct holder *holder, struct strbuf *out);

/*
 * Appends what the holder is in words, such as "fd 12:3" or "mount /run/netns/blue". A mount
 * point that is not in our_mnt is preceded by the inode of its mount namespace.
 */
void holder_describe(const struct holder *holder, uint32_t our_mnt, struct strbuf *out);

/*
 * Appends what the holder is for a table that has a column for the process: "fd 3". A mount point
 * that is not in our_mnt is followed by its mount namespace and a process that sees it, such as
 * "mount /x in 4026532208 (PID 12)".
 */
void holder_summarise(const struct holder *holder, uint32_t our_mnt, struct strbuf *out);

/* Appends what the holder is for a line that stands alone: "socket 12:3 (python3)". */
void holder_explain(const struct holder *holder, uint32_t our_mnt, struct strbuf *out);

/* Appends the mount point, as holder_describe does. */
void holder_mount_text(const struct holder_mount *mount, uint32_t our_mnt, struct strbuf *out);

/*
 * What was found: namespaces keyed by inode number, and everything that holds each of them.
 * Reads nothing from the system. The model owns all that it hands out and frees it at once.
 */

/* A process. The part below "enriched" is filled only for what a view shows. */
struct process {
	pid_t pid;
	pid_t tid; /* its PID; of a process whose first thread has ended, that of one which is left
		    */
	bool zombie;
	bool is_new;                 /* the scan's: came up while it looked again */
	bool unreadable;             /* something of it could not be read, or that timed out */
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
	struct holder *first, *last;  /* members by ascending PID, then the others, kind by kind */
	const struct process *leader; /* the member process with the lowest PID, or NULL */
	size_t nprocs;                /* member processes, zombies too */
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
	struct process **processes; /* ntasks processes by ascending PID */
	size_t nprocesses, processes_size;
	uint64_t scan_ticks;  /* when the scan began, as process.start_ticks */
	uint32_t our_mnt;     /* mount namespace whose paths are ours; 0: unknown */
	uint32_t our_user;    /* user namespace whose limits and users are ours; 0: unknown */
	bool detached_mounts; /* a process has a tree of mounts open that is in none of these */
};

void model_init(struct model *model);
void model_done(struct model *model);

/* Adds a process; cheapest in ascending order of PIDs. */
struct process *model_add_process(struct model *model, pid_t pid);

/* The process with that PID, or NULL. */
struct process *model_find_process(const struct model *model, pid_t pid);

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

/* What a person calls a namespace. Nothing is guessed: where no name can be told, there is none. */

/*
 * The process that says whose a namespace is: the member with the lowest PID; without a member the
 * first that holds the namespace or, where only namespaces do, that holds the first of those. NULL
 * where there is none.
 */
const struct process *ns_representative(const struct ns *ns);

/* Whether the mount point gives a network namespace a name, ip-netns(8). */
bool ns_is_named_at(const char *mount_point, const char **ret_name);

/*
 * The mount namespace that network namespaces are named in: ours, or that of PID 1 where the model
 * is of another world, whose names lead elsewhere than ours. 0: unknown.
 */
uint32_t ns_names_mnt(const struct model *model, bool ours);

/* The network namespace that has this name in that mount namespace, or NULL. */
const struct ns *ns_by_name(const struct model *model, uint32_t names_mnt, const char *name);

/* The name that a person gave a network namespace in our_mnt; NULL where there is none. */
const char *ns_mounted_name(const struct ns *ns, uint32_t our_mnt);

/*
 * Appends the best name, such as "netns blue", "podman fd98b74d394d" or "nginx.service"; nothing
 * where there is none. Needs the identity of ns_representative().
 */
void ns_name(const struct ns *ns, uint32_t our_mnt, struct strbuf *out);

#endif
