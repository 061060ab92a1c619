/* SPDX-License-Identifier: MIT */
/* What a scan found: namespaces, processes, holders, and their names. */
#ifndef NSLS_MODEL_H
#define NSLS_MODEL_H

#include "nsls/base.h"

#include <stdbool.h>
#include <sys/types.h>

struct ns;
struct process;

/* Programs that run containers, machines or applications, as in column RUNTIME. */
enum runtime {
	RUNTIME_UNKNOWN,
	RUNTIME_DOCKER,
	RUNTIME_PODMAN,
	RUNTIME_CONTAINERD,
	RUNTIME_CRIO,
	RUNTIME_KUBERNETES, /* a container of a pod, of any engine */
	RUNTIME_LXC,
	RUNTIME_NSPAWN,
	RUNTIME_LIBVIRT,
	RUNTIME_SNAP,
	RUNTIME_FLATPAK,
	RUNTIME_COUNT,
};

/*
 * The container, machine, pod, application or systemd unit of a process, as far as the path of its
 * control group shows them, and the names that people gave these; NULL otherwise. Any user who may
 * create control groups chooses such a path, also an unprivileged user below a delegated one. So
 * all texts are untrusted bytes, and an identity is a label of a process, never proof.
 */
struct identity {
	const char *cgroup; /* the path as read */
	const char *unit;   /* innermost systemd service or scope, unescaped: "my-job@a.service" */
	const char *container; /* outermost: an id of 64 digits, or a name, as its engine has it */
	const char *pod;       /* UID of a Kubernetes pod, or id of a Podman pod */
	const char *machine;   /* as machinectl(1) lists it */
	const char *app;       /* snap, or Flatpak application */
	const char *given;     /* the name that people gave the container: "web" */
	const char *pod_name;  /* namespace and name of a Kubernetes pod: "default/web-7d4" */
	const char *name;      /* the best of these for display: "docker web" */
	const char *id_name;   /* the best without given names: "docker 84b8394540fb" */
	enum runtime runtime;
	bool unit_inside; /* the unit belongs to the container or machine */
	bool has_user;
	uid_t user; /* the user of the service manager that it runs below; 0 unless has_user */
};

/* Returns a copy with copies of its texts. */
const struct identity *identity_copy(struct arena *arena, const struct identity *from);

/* "docker", "cri-o" …; NULL for RUNTIME_UNKNOWN. */
extern const char *const runtime_names[RUNTIME_COUNT];

/* Returns the container, machine or application; NULL: it is in none. */
const char *identity_container(const struct identity *identity);

/* Returns how much of an id to show: 12 of 64 digits, which every engine accepts. */
int identity_short(const char *id);

enum holder_kind {
	HOLDER_PROCESS,  /* a member process */
	HOLDER_ZOMBIE,   /* a member process that has ended and has not been waited for */
	HOLDER_EXITING,  /* a member process in exit(2), such as one that waits for others to end */
	HOLDER_THREAD,   /* a member thread; its process is in another instance */
	HOLDER_CHILDREN, /* a process; its future children will be members */
	HOLDER_FD,       /* an open descriptor of the namespace file */
	HOLDER_SOCKET,   /* an open socket of this network namespace in a process of another */
	HOLDER_TUN,      /* an open tun device of this network namespace in a process of another */
	HOLDER_URING, /* a ring with which the namespace file, or a socket of it, is registered */
	HOLDER_QUEUE, /* a Unix socket to which the namespace file, or a socket of it, was sent */
	HOLDER_PEER,  /* a Unix socket with the credentials of a peer that was a member */
	HOLDER_PIDFD, /* a pidfd of a process that was a member */
	HOLDER_CRED,  /* a file that was opened with credentials of this user namespace */
	HOLDER_SUPERBLOCK, /* a file on a file system that belongs to the namespace */
	HOLDER_FILE,       /* a file of the network namespace, or opened in the cgroup namespace */
	HOLDER_TREE,       /* a detached tree of mounts in which the namespace is mounted */
	HOLDER_MOUNT,  /* a mount of the namespace file, or of a file system that belongs to it */
	HOLDER_OWNED,  /* a namespace that this user namespace owns */
	HOLDER_CHILD,  /* a child PID or user namespace */
	HOLDER_KERNEL, /* no other holder was found: only the kernel lists the namespace */
	HOLDER_KIND_COUNT,
};

/*
 * The file that a mount is on. Mounts on the same file are copies of each other: unlink(2) of the
 * file detaches all of them, and umount(2) of one those that it is propagated to.
 */
struct mount_point {
	const char *file; /* device and path there, "0:25 /netns/blue"; NULL: unknown */
	uint32_t peers;   /* peer group of the mount that has the file, mount_namespaces(7); or 0 */
	uint32_t master;  /* the peer group that this mount receives from, or 0 */
};

/* A mount of a namespace file, or of a file system that belongs to the namespace. */
struct holder_mount {
	bool file_system;
	const char *path; /* below the root directory of the process that it was read from */
	uint32_t mntns;   /* its mount namespace */
	const struct process *process; /* a process with the mount in its mount table, or NULL */
	pid_t tid;                     /* the thread that has it, or the PID of the process */
	bool ours;                     /* it is in our mount namespace, which is known */
	bool below_root; /* the path starts at the root directory of the mount namespace */
	bool hidden;     /* the path leads to something else: another mount is over it */
	struct mount_point point;
	/* The mount in an ancestor user namespace that it was copied from: umount(2): EINVAL. */
	const struct holder_mount *locked_by; /* NULL: it is not locked */
};

struct holder {
	struct holder *next;
	const struct process *process; /* the process that holds; NULL if something else does */
	union {
		int fd; /* kinds with has_fd; uring: the descriptor of the ring */
		struct holder_mount *mount; /* mount */
		const struct ns *ns;        /* owned, child */
	};
	enum holder_kind kind;
	pid_t tid; /* of a process: the thread that holds, or the PID of the process */
};

/* A row of the table of kinds. */
struct holder_kind_info {
	const char *name;     /* "process", "fd" … */
	bool has_path;        /* a path leads through it to the namespace */
	bool has_fd;          /* it is a descriptor: holder.fd is valid */
	bool needs_bpf;       /* only the BPF programs show such holders */
	unsigned types;       /* that can have one, bits 1 << enum nstype; 0: all */
	unsigned limitations; /* that hide only such holders, bits of enum report_limitation */
};

extern const struct holder_kind_info holder_kind_info[HOLDER_KIND_COUNT];

bool holder_is_member(const struct holder *holder);

/* Returns the process that holds or, of a mount outside of our mount namespace, has it; or NULL. */
const struct process *holder_process(const struct holder *holder);

/* Returns the namespace that holds; NULL if something else does. */
const struct ns *holder_ns(const struct holder *holder);

/* Returns whether a path leads through the holder to the namespace: not through a socket. */
bool holder_has_path(const struct holder *holder);

/* Appends that path, relative to a proc directory: "12/ns/net" or "12/root/run/netns/blue". */
void holder_path(const struct holder *holder, enum nstype type, struct strbuf *out);

/*
 * Appends the root directory that the mount point is below, such as "12/root". Returns false if the
 * holder is no mount, or no process has the mount in its mount table.
 */
bool holder_root(const struct holder *holder, struct strbuf *out);

/*
 * Append the holder: as an item of a list, "fd 12:3", "mount 4026532208:/x"; for a table that has a
 * column for the process, "fd 3", "mount /x in 4026532208 (PID 12)"; with the name of its process,
 * "socket 12:3 (python3)"; a mount point, behind its mount namespace if that is not ours.
 */
void holder_describe(const struct holder *holder, struct strbuf *out);
void holder_summarise(const struct holder *holder, struct strbuf *out);
void holder_explain(const struct holder *holder, struct strbuf *out);
void holder_mount_text(const struct holder_mount *mount, struct strbuf *out);

/* Files of a member that have a line of three words for each part of the namespace. */
enum inside {
	INSIDE_UIDMAP,  /* uid_map, user_namespaces(7) */
	INSIDE_GIDMAP,  /* gid_map */
	INSIDE_OFFSETS, /* timens_offsets, time_namespaces(7) */
	INSIDE_COUNT,
};

/* A process. Only the processes that a view shows are enriched. */
struct process {
	pid_t pid;
	pid_t tid;       /* its PID; another thread if the main thread has ended */
	bool zombie;     /* also if it is in exit(2): it keeps only its user and PID namespace */
	bool unreadable; /* part of it could not be read, or reading timed out */
	bool named;      /* the given names of its container were read, or do not exist */
	uint32_t ino[NS_TYPE_COUNT]; /* inodes of its namespaces; 0: unknown or none */
	unsigned new_pidns; /* PID namespaces it holds that are not in the model, see report.h */

	/* Enriched. */
	unsigned attempted; /* bits of enum need: what was read, or could not be read */
	bool has_stat, has_status;
	bool kthread; /* a kernel thread */
	bool admin;   /* CAP_SYS_ADMIN is permitted, in its own user namespace */
	pid_t ppid;
	pid_t nspid; /* its PID in its own PID namespace; 0: unknown */
	uid_t uid;
	unsigned num_threads;
	uint64_t start_ticks; /* clock ticks since boot */
	const char *command;  /* NULL: not read, or the process ended */
	const char *comm;     /* its name, at most 15 bytes; NULL: not read, or the process ended */
	const struct identity *identity;  /* NULL: not read, or the process ended */
	const char *inside[INSIDE_COUNT]; /* lines "0 100000 65536\n"; NULL: not known */
	bool has_links;
	unsigned links; /* interfaces in its network namespace */
};

/* An entry of /run/netns that leads to a network namespace, ip-netns(8). */
struct ns_name {
	struct ns_name *next;
	const char *text;
};

/* A mount that is looked for. */
struct mounted {
	struct mounted *next;
	const char *path;   /* mount point, below the root of the process that it was read from */
	const char *device; /* of the file system, "8:17" */
	bool below_root;    /* the path starts at the root directory of the mount namespace */
};

struct ns {
	struct ns_ref ref;
	struct holder *first, *last;  /* members by ascending PID, then other holders by kind */
	const struct process *leader; /* the member with the lowest PID, or NULL */
	size_t nprocs;                /* members, including zombies */
	size_t nholders;
	size_t threads_away;       /* threads of members that are in another instance */
	struct ns *owner, *parent; /* NULL: none, or not accessible to us */
	uint64_t id;               /* 64-bit id, Linux 6.18; 0: unknown */
	uid_t owner_uid;           /* user namespaces: UID of the creator, NS_GET_OWNER_UID */
	bool has_owner_uid;
	bool related;      /* owner, parent and ids were read, or do not exist */
	bool mounts_whole; /* mount namespaces: its complete mount table was read */
	bool has_netnsid;
	int netnsid;                       /* its id in our network namespace */
	struct ns_name *names, *last_name; /* names in our mount namespace, also those of mounts */
	const char *own_name; /* ns_mounted_name(), "" for none; NULL: it was not called yet */
	struct mounted *mounted, *last_mounted; /* mount namespaces: mounts that are looked for */
};

/* Owns everything that it returns, and frees it at once. */
struct model {
	struct arena arena;
	struct u64map by_ref, by_pid;
	struct ns **at; /* n namespaces */
	size_t n, size;
	struct process **processes; /* nprocesses, by ascending PID */
	size_t nprocesses, processes_size;
	uint64_t scan_ticks; /* start of the scan, in the units of process.start_ticks */
	uint32_t our_mnt;  /* our mount namespace: mount points in it need no prefix; 0: unknown */
	uint32_t our_user; /* our user namespace: limits and users are relative to it; 0: unknown */
	const char **stale_names; /* nstale entries of /run/netns that lead to no namespace */
	size_t nstale, stale_size;
	bool names_read;    /* all entries of /run/netns were read */
	bool fixed_initial; /* the kernel has ids, so initial inodes are those of the table */
	pid_t self;         /* the PID of nsls; 0: unknown */
	bool our_pids; /* PIDs are those of our own PID namespace, so that commands can name them */
	bool detached_mounts; /* a process has a detached mount tree open, open_tree(2) */
};

void model_done(struct model *model);

/* Adds a process. Fastest in ascending order of PIDs. */
struct process *model_add_process(struct model *model, pid_t pid);

/* Returns true if both are known to be on the same file. */
bool mount_is_on_same_file(const struct holder_mount *a, const struct holder_mount *b);

/* Returns a hash of the file that the mount is on, for which users can make another; 0: unknown. */
uint64_t mount_file_key(const struct holder_mount *mount);

/* Finds locked mounts. Requires owners of mount namespaces, and files that mounts are on. */
void model_find_locked_mounts(struct model *model);

/* Return NULL if there is none. */
struct process *model_find_process(const struct model *model, pid_t pid);
struct ns *model_find(const struct model *model, struct ns_ref ref);

/* Returns the namespace of any type with this inode, first one that has holders, or NULL. */
struct ns *model_find_inode(const struct model *model, uint32_t ino);

/* Adds the namespace if it is new. */
struct ns *model_get(struct model *model, struct ns_ref ref);

/* Adds a copy of *holder to the holders of ns. */
void model_hold(struct model *model, struct ns *ns, const struct holder *holder);

/* Adds an entry of /run/netns that leads to the namespace, if the model has it. */
void model_add_name(struct model *model, struct ns_ref ref, const char *name);

/* Adds a mount that is looked for, in mount namespace ns. The caller fills it. */
struct mounted *model_add_mounted(struct model *model, struct ns *ns);

/*
 * Removes all holders of ns, which ended during the scan, and those of its owner and parent if
 * nothing else holds them.
 */
void model_release(struct ns *ns);

/*
 * Returns true if the initial namespace has the inode of the table of types, as in Linux 6.17 and
 * later. A namespace with such an inode shows that kernel, and so do ids (Linux 6.18), also in a
 * container, where no initial namespace may be seen.
 */
bool model_knows_initial(const struct model *model, enum nstype type);

/* Returns the first member that has not ended, by which the inside is read; or NULL. */
const struct process *ns_first_running(const struct ns *ns);

/*
 * Counts the PID or user namespaces above ns. Requires relations. Returns false if the topmost
 * known one is not the initial namespace, as in a container.
 */
bool ns_depth(const struct ns *ns, unsigned *ret_depth);

/* Returns the namespaces of the host: those of PID 1, else the initial ones. 0: unknown. */
void model_host(const struct model *model, uint32_t ret_ino[NS_TYPE_COUNT]);

/*
 * Sorts the namespaces by type and inode, and the holders of each: members first, then kind by
 * kind, by ascending PID or, without a process, in the order found.
 */
void model_sort(struct model *model);

/*
 * Returns the process after which a namespace is named: the member with the lowest PID, else the
 * first holder_process(), else the representative of the first namespace that holds it; or NULL.
 */
const struct process *ns_representative(const struct ns *ns);

/* Returns the name that a network namespace that is mounted there has by ip-netns(8), or NULL. */
const char *ns_name_at(const char *mount_point);

/* Returns the mount namespace of names: ours or, of another system, that of PID 1. 0: unknown. */
uint32_t ns_names_mnt(const struct model *model, bool ours);

/*
 * Returns the name below /run/netns that a user gave a network namespace in our_mnt, or NULL. Looks
 * through the holders once: many groups may share the namespace.
 */
const char *ns_mounted_name(struct ns *ns, uint32_t our_mnt);

/*
 * Appends the best name, such as "netns blue" or "podman fd98b74d394d", if there is one. Requires
 * the identity of ns_representative().
 */
void ns_name(const struct ns *ns, uint32_t our_mnt, struct strbuf *out);

#endif
