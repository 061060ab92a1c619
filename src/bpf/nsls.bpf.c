// SPDX-License-Identifier: MIT
/*
 * Two BPF iterators, which write records about all threads and about the descriptors of all
 * processes. Structures of the kernel are declared with only the members that are read: the kernel
 * that loads the programs corrects their offsets (CO-RE).
 *
 * What a pointer leads to may change or be freed meanwhile. Such a read fails, or returns
 * anything, but never harms: it is a call of bpf_probe_read_kernel(), or a load that the kernel
 * guards.
 */
#ifdef __bpf__ /* other compilers and checkers know neither relocations nor sections */
#include <linux/bpf.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "nsls/bpf.h"

/* Iterators are for programs with a licence that is compatible with the GPL. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

struct list_head {
	struct list_head *next; /* not relocated: it is the first member */
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
	const struct proc_ns_operations *ops;
};

struct ns_common___ids { /* Linux 6.18 */
	__u32 ns_type;
	__u64 ns_id;
};

struct proc_ns_operations {
	int type; /* until Linux 6.18 */
};

typedef struct {
	unsigned int val;
} kuid_t;

struct user_namespace {
	struct user_namespace *parent;
	kuid_t owner;
	struct ns_common ns;
};

struct pid_namespace {
	struct pid_namespace *parent;
	struct user_namespace *user_ns;
	struct ns_common ns;
};

struct refcount_struct {
	int refs;
};

struct mnt_namespace___ids { /* Linux 6.11 */
	unsigned long long seq;
	struct refcount_struct passive;
};

struct net {
	struct user_namespace *user_ns;
	struct ns_common ns;
	struct proc_dir_entry *proc_net;
};

#define OWNED_NAMESPACE(name)                                                                      \
	struct name {                                                                              \
		struct user_namespace *user_ns;                                                    \
		struct ns_common ns;                                                               \
	}

OWNED_NAMESPACE(cgroup_namespace);
OWNED_NAMESPACE(ipc_namespace);
OWNED_NAMESPACE(mnt_namespace);
OWNED_NAMESPACE(time_namespace);
OWNED_NAMESPACE(uts_namespace);

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns;
	struct time_namespace *time_ns_for_children;
	struct cgroup_namespace *cgroup_ns;
};

struct cred {
	struct user_namespace *user_ns;
};

struct upid {
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct task_struct {
	int pid, tgid;
	int exit_state;
	struct task_struct *group_leader;
	struct nsproxy *nsproxy;
	const struct cred *real_cred;
	struct pid *thread_pid;
	struct files_struct *files;
	struct fs_struct *fs;
};

struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct qstr d_name;
	struct inode *d_inode;
};

struct mount {
	struct mount *mnt_parent;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
	struct list_head mnt_mounts; /* those on it */
	struct list_head mnt_child;  /* the next on the same parent */
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct fs_struct {
	struct path root;
};

struct super_block {
	struct list_head s_list; /* of all */
	unsigned int s_dev;
	unsigned long s_magic;
	void *s_fs_info;
	struct user_namespace *s_user_ns;
};

struct proc_fs_info {
	struct pid_namespace *pid_ns;
};

struct inode {
	unsigned short i_mode;
	unsigned int i_rdev;
	unsigned long i_ino;
	struct super_block *i_sb;
	void *i_private;
};

struct proc_dir_entry {
	struct proc_dir_entry *parent;
	void *data;
};

struct proc_inode {
	struct proc_dir_entry *pde;
	struct inode vfs_inode;
};

struct file {
	unsigned int f_mode;
	struct path f_path;
	struct inode *f_inode;
	const struct cred *f_cred;
	void *private_data;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	unsigned short skc_family;
	unsigned char skc_state;
	possible_net_t skc_net;
};

struct sk_buff {
	struct sk_buff *next;
	struct sock *sk;
	char cb[48];
};

struct sk_buff_head {
	struct sk_buff *next;
	unsigned int qlen;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	struct pid *sk_peer_pid;
	const struct cred *sk_peer_cred;
};

struct scm_fp_list {
	short count;
	struct file *fp[1];
};

struct unix_skb_parms {
	struct scm_fp_list *fp;
};

struct socket {
	struct sock *sk;
};

/* Rings of io_uring(7), and the files that are registered with them. */

struct io_fixed_file { /* until Linux 6.12 */
	unsigned long file_ptr;
};

struct io_rsrc_node {
	unsigned long file_ptr;
};

struct io_rsrc_data {
	unsigned int nr;
	struct io_rsrc_node **nodes;
};

struct io_file_table {
	struct io_rsrc_data data;
};

struct io_file_table___array { /* until Linux 6.12 */
	struct io_fixed_file *files;
};

struct io_ring_ctx {
	struct io_file_table file_table;
};

struct io_ring_ctx___array { /* until Linux 6.12 */
	struct io_file_table___array file_table;
	unsigned int nr_user_files;
};

struct seq_file {
	unsigned long count; /* bytes written */
	void *private;
};

struct kernfs_open_file {
	void *priv;
	bool released : 1;
};

struct cgroup_file_ctx {
	struct cgroup_namespace *ns;
};

#pragma clang attribute pop

/* What the kernel passes to the programs. It is not relocated: the layout is that of its ABI. */
struct bpf_iter_meta {
	__bpf_md_ptr(struct seq_file *, seq);
	__u64 session_id;
	__u64 seq_num;
};

struct bpf_iter__task {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct task_struct *, task);
};

struct bpf_iter__task_file {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct task_struct *, task);
	__u32 fd;
	__bpf_md_ptr(struct file *, file);
};

/* linux/major.h, include/linux/fs.h, include/linux/ns/ns_common_types.h */
#define PIDFS_MAGIC 0x50494446 /* linux/magic.h, 6.9 */
#define AF_UNIX 1
#define TCP_LISTEN 10
#define SCM_MAX_FD 253
#define DYNAMIC_INO_MIN 0xf0000000u /* initial namespaces have lower ones, most of them */
#define TUN_RDEV (10u << 20 | 200)
#define FMODE_PATH (1u << 14)
#define MNT_NS_ANON_INO 0xeffffff7u

/* User and PID namespaces nest to this depth, and an owner may be one deeper. */
#define DEPTH_MAX 34

/* A namespace, its parents and owners, and the owners of those. */
#define WALK_MAX (3 * DEPTH_MAX)

#define SUPERBLOCKS_MAX (1u << 16)

/*
 * The most mounts, and files in queues and rings, that a processor visits in a pass. So many take
 * about two seconds. Any number of descriptors may lead to the same.
 */
#define VISITS_MAX (1u << 22)

/*
 * The namespaces that were written, with the number of the pass. A full map does no harm: then
 * namespaces are written again.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 15);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u64);
} written SEC(".maps");

static __always_inline bool is_written(__u64 key, __u64 pass)
{
	const __u64 *before = bpf_map_lookup_elem(&written, &key);

	return before && *before == pass;
}

/*
 * Returns true the first time in a pass. A namespace may have the inode number of one of another
 * type that has ended, but to which something still points.
 */
static __always_inline bool is_new(__u32 type, __u32 ino, __u64 pass)
{
	__u64 key = (__u64)type << 32 | ino;

	if (!ino || is_written(key, pass))
		return false;
	bpf_map_update_elem(&written, &key, &pass, BPF_ANY);
	return true;
}

/* In place of a type: such a namespace has a member. */
#define MEMBER_OF(type) (NS_TYPE_COUNT + (type))

/* Of a thread: its namespaces, by enum nstype, and those for its children. */
#define PID_FOR_CHILDREN NS_TYPE_COUNT
#define TIME_FOR_CHILDREN (NS_TYPE_COUNT + 1)
#define NS_OF_THREAD (NS_TYPE_COUNT + 2)

struct ns_of_thread {
	__u64 address, ino;
};

/* A namespace's type, and addresses of what is read of it; 0: it has none. */
struct layout {
	__u32 type; /* NS_TYPE_COUNT: it is no namespace */
	__u32 unused;
	__u64 owner;   /* of the pointer to its owner, or to the parent of a user namespace */
	__u64 parent;  /* of the pointer to the parent of a PID namespace */
	__u64 creator; /* of the UID of a user namespace's creator */
	__u64 id;
};

/* State of a walk from a namespace to those above it. */
struct walk {
	__u64 at;    /* address of the next one */
	__u64 owner; /* address of the owner of the first */
	__u32 type, unused;
};

/* State of a walk through a detached tree of mounts. */
struct tree {
	__u64 root, mount;
	__u32 was_left; /* the mounts on it were visited */
	__u32 unused;
};

/*
 * The element that is visited: its records, and if it is a descriptor, that and the namespaces of
 * its process, which are not written.
 */
struct element {
	__u64 pass;
	__u64 visits;      /* in this pass */
	__u64 file, table; /* addresses */
	__u32 pid, tid, fd;
	__u32 own_net, own_user, own_pid; /* 0: unknown */
	__u32 ring; /* inode of the ring that the descriptor is; 0: it is none */
	__u32 unused;
	struct record_task thread;                /* if it is one */
	struct ns_of_thread before[NS_OF_THREAD]; /* of the thread before */
	struct layout layout;                     /* of the last find_layout() */
	struct walk walk;
	struct tree tree;
	__u64 n; /* bytes of records */
	char records[RECORDS_BUFFER];
};

/* Per processor, because no program moves to another while it runs. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct element);
} elements SEC(".maps");

/*
 * Functions that are not static find the element by this. The verifier follows them once, because
 * their arguments can be anything; what is static, it follows once per call.
 */
static __always_inline struct element *this_element(void)
{
	const __u32 key = 0;

	return bpf_map_lookup_elem(&elements, &key);
}

#define ADD_RECORD(element, record)                                                                \
	do {                                                                                       \
		__u64 n_ = (element)->n;                                                           \
		if (n_ <= sizeof((element)->records) - sizeof(record)) {                           \
			__builtin_memcpy(&(element)->records[n_], &(record), sizeof(record));      \
			(element)->n = n_ + sizeof(record);                                        \
		}                                                                                  \
	} while (0)

/* No test for 0: the verifier of Linux 6.1 would lose the bound by it. */
static __always_inline void write_records(struct seq_file *seq, const struct element *element)
{
	__u64 n = element->n;

	if (n <= sizeof(element->records))
		bpf_seq_write(seq, element->records, n);
}

/* The address of a member of the structure that the namespace at an address is in. */
#define MEMBER(address, structure, member)                                                         \
	((address)-bpf_core_field_offset(struct structure, ns) +                                   \
		bpf_core_field_offset(struct structure, member))

#define SET_OWNED(layout, address, type_, structure)                                               \
	do {                                                                                       \
		(layout)->type = (type_);                                                          \
		(layout)->owner = MEMBER(address, structure, user_ns);                             \
	} while (0)

/* Finds the layout of the namespace at an address. Returns its type. */
__noinline __u32 find_layout(__u64 address)
{
	const struct ns_common *ns = (const void *)address;
	const struct ns_common___ids *ids = (const void *)address;
	const struct mnt_namespace___ids *mnt = NULL;
	struct element *element = this_element();
	struct layout *layout;

	if (!element)
		return NS_TYPE_COUNT;
	layout = &element->layout;
	*layout = (struct layout){ .type = NS_TYPE_COUNT };
	if (bpf_core_field_exists(ids->ns_id))
		layout->id = (__u64)&ids->ns_id;
	switch (bpf_core_field_exists(ids->ns_type) ? BPF_CORE_READ(ids, ns_type)
						    : (__u32)BPF_CORE_READ(ns, ops, type)) {
	case CLONE_NEWCGROUP:
		SET_OWNED(layout, address, NS_CGROUP, cgroup_namespace);
		break;
	case CLONE_NEWTIME:
		SET_OWNED(layout, address, NS_TIME, time_namespace);
		break;
	case CLONE_NEWIPC:
		SET_OWNED(layout, address, NS_IPC, ipc_namespace);
		break;
	case CLONE_NEWNS:
		SET_OWNED(layout, address, NS_MNT, mnt_namespace);
		if (bpf_core_field_exists(mnt->seq) && bpf_core_field_exists(mnt->passive))
			layout->id = address - bpf_core_field_offset(struct mnt_namespace, ns) +
				     bpf_core_field_offset(struct mnt_namespace___ids, seq);
		break;
	case CLONE_NEWNET:
		SET_OWNED(layout, address, NS_NET, net);
		break;
	case CLONE_NEWPID:
		SET_OWNED(layout, address, NS_PID, pid_namespace);
		layout->parent = MEMBER(address, pid_namespace, parent);
		break;
	case CLONE_NEWUSER:
		layout->type = NS_USER;
		layout->owner = MEMBER(address, user_namespace, parent);
		layout->creator = MEMBER(address, user_namespace, owner);
		break;
	case CLONE_NEWUTS:
		SET_OWNED(layout, address, NS_UTS, uts_namespace);
		break;
	}
	return layout->type;
}

/*
 * The owners of all PID namespaces above one are its owner or above that, create_pid_namespace() of
 * kernel/pid_namespace.c.
 *
 * The verifier of Linux 6.1 follows the function of a loop once, with what it knows of the stack
 * before the loop, and takes out what is not reached then. So what changes from step to step is in
 * the element, of which it knows nothing.
 */
static long write_next_ns(__u32 step, struct element **element)
{
	struct walk *walk = &(*element)->walk;
	const struct ns_common *ns = (const void *)walk->at;
	struct record_ns record = { .kind = RECORD_NS, .ino = BPF_CORE_READ(ns, inum) };
	const struct user_namespace *owner = NULL;
	const struct pid_namespace *parent = NULL;
	const struct layout *layout = &(*element)->layout;

	if (!is_new(walk->type, record.ino, (*element)->pass)) {
		walk->at = walk->owner;
		walk->type = NS_USER;
		walk->owner = 0;
		return !walk->at;
	}
	record.type = find_layout(walk->at);
	bpf_probe_read_kernel(&owner, sizeof(owner), (const void *)layout->owner);
	bpf_probe_read_kernel(&parent, sizeof(parent), (const void *)layout->parent);
	record.owner = BPF_CORE_READ(owner, ns.inum);
	record.parent = BPF_CORE_READ(parent, ns.inum);
	bpf_probe_read_kernel(
		&record.owner_uid, sizeof(record.owner_uid), (const void *)layout->creator);
	bpf_probe_read_kernel(&record.id, sizeof(record.id), (const void *)layout->id);
	ADD_RECORD(*element, record);
	walk->at = parent ? (__u64)&parent->ns : (__u64)&owner->ns;
	walk->type = parent ? NS_PID : NS_USER;
	if (!walk->owner)
		walk->owner = (__u64)&owner->ns;
	return 0;
}

/*
 * Writes a namespace and all above it, up to those that were written before. Returns its inode
 * number, 0 if there is none.
 */
__noinline __u32 write_ns(__u32 type, __u64 address)
{
	const struct ns_common *ns = (const void *)address;
	struct element *element = this_element();

	if (element) {
		element->walk = (struct walk){ .at = address, .type = type };
		bpf_loop(WALK_MAX, write_next_ns, &element, 0);
	}
	return BPF_CORE_READ(ns, inum);
}

/* Returns the PID namespace of a process ID: the innermost in which it has a number. */
static __noinline const struct pid_namespace *ns_of_pid(const struct pid *pid)
{
	const struct pid_namespace *ns = NULL;
	__u64 size = bpf_core_type_size(struct upid);
	__u64 level = pid ? BPF_CORE_READ(pid, level) : DEPTH_MAX;

	if (level < DEPTH_MAX)
		bpf_probe_read_kernel(&ns, sizeof(ns),
			(const char *)pid + bpf_core_field_offset(struct pid, numbers) +
				level * size + bpf_core_field_offset(struct upid, ns));
	return ns;
}

/*
 * Writes a namespace of the thread, unless the thread before was in it, as most are. Returns its
 * inode number, 0 if there is none.
 */
static __always_inline __u32 write_ns_of_thread(
	struct element *element, __u32 i, __u64 address, __u32 ino)
{
	const __u32 type = i == PID_FOR_CHILDREN ? NS_PID : i == TIME_FOR_CHILDREN ? NS_TIME : i;
	struct ns_of_thread *before = &element->before[i];

	if (!address)
		return 0;
	if (before->address == address && before->ino == ino)
		return ino;
	before->address = address;
	before->ino = ino;
	barrier(); /* for the verifier, what is read there is a number, as any argument has to be */
	write_ns(type, before->address);
	if (i == NS_USER || i == NS_PID)
		is_new(MEMBER_OF(type), ino, element->pass);
	return ino;
}

/* The address of a namespace to which a structure points; 0: it points to none. */
#define NS_ADDRESS(at, member)                                                                     \
	({                                                                                         \
		const __typeof__(*(at)->member) *ns_ = BPF_CORE_READ(at, member);                  \
		ns_ ? (__u64)&ns_->ns : 0;                                                         \
	})

/*
 * The verifier knows the types of pointers in what the kernel passes, so that plain loads may
 * follow them. A load through NULL gives 0.
 */
#define WRITE_NS_OF_THREAD(element, i, pointer)                                                    \
	({                                                                                         \
		const __typeof__(*(pointer)) *ns_ = (pointer);                                     \
		barrier_var(ns_); /* it is read once: it may change */                             \
		write_ns_of_thread(element, i, ns_ ? (__u64)&ns_->ns : 0, ns_->ns.inum);           \
	})

static __always_inline void write_proxy(const struct nsproxy *proxy, struct element *element)
{
	struct record_task *thread = &element->thread;

	thread->ino[NS_MNT] = WRITE_NS_OF_THREAD(element, NS_MNT, proxy->mnt_ns);
	thread->ino[NS_UTS] = WRITE_NS_OF_THREAD(element, NS_UTS, proxy->uts_ns);
	thread->ino[NS_IPC] = WRITE_NS_OF_THREAD(element, NS_IPC, proxy->ipc_ns);
	thread->ino[NS_NET] = WRITE_NS_OF_THREAD(element, NS_NET, proxy->net_ns);
	thread->ino[NS_CGROUP] = WRITE_NS_OF_THREAD(element, NS_CGROUP, proxy->cgroup_ns);
	thread->ino[NS_TIME] = WRITE_NS_OF_THREAD(element, NS_TIME, proxy->time_ns);
	thread->time_for_children =
		WRITE_NS_OF_THREAD(element, TIME_FOR_CHILDREN, proxy->time_ns_for_children);
	thread->pid_for_children =
		WRITE_NS_OF_THREAD(element, PID_FOR_CHILDREN, proxy->pid_ns_for_children);
}

/*
 * Returns the address of the namespace that a file system holds, and its type. A procfs also holds
 * the user namespace that owns its PID namespace. An mqueue and a sysfs hold no more than their
 * user namespace: mq_clear_sbinfo() of ipc/mqueue.c, kobj_ns_drop() of lib/kobject.c.
 */
static __always_inline __u64 ns_of_superblock(const struct super_block *sb, __u32 *ret_type)
{
	if (BPF_CORE_READ(sb, s_magic) == PROC_SUPER_MAGIC) {
		const struct proc_fs_info *info = BPF_CORE_READ(sb, s_fs_info);

		*ret_type = NS_PID;
		return NS_ADDRESS(info, pid_ns);
	}
	*ret_type = NS_USER;
	return NS_ADDRESS(sb, s_user_ns);
}

/* The list of all file systems. */
struct superblocks {
	struct element *element;
	__u64 first, next; /* addresses in the list, which also leads to its head */
};

/*
 * Writes a file system that holds a namespace without a member. The head of the list is in no file
 * system: what is read there as a namespace has no type.
 */
static long write_superblock_of_list(__u32 i, struct superblocks *list)
{
	const struct super_block *sb =
		(const void *)(list->next - bpf_core_field_offset(struct super_block, s_list));
	struct element *element = list->element;
	struct record_superblock record = { .kind = RECORD_SUPERBLOCK };
	__u64 address = ns_of_superblock(sb, &record.type);
	const struct ns_common *ns = (const void *)address;

	bpf_probe_read_kernel(
		&list->next, sizeof(list->next), &((const struct list_head *)list->next)->next);
	record.ino = address ? BPF_CORE_READ(ns, inum) : 0;
	record.device = BPF_CORE_READ(sb, s_dev);
	if (record.ino >= DYNAMIC_INO_MIN && find_layout(address) == record.type &&
		!is_written((__u64)MEMBER_OF(record.type) << 32 | record.ino, element->pass)) {
		record.is_cut = element->n >= RECORDS_OF_DESCRIPTOR;
		write_ns(record.type, address);
		ADD_RECORD(element, record);
	}
	return record.is_cut || list->next == list->first;
}

/* Any file system leads to the list: that of our root directory does. */
static __always_inline void write_superblocks(struct element *element)
{
	const struct task_struct *task = (const void *)bpf_get_current_task();
	const struct super_block *sb = BPF_CORE_READ(task, fs, root.mnt, mnt_sb);
	struct record_superblock more = { .kind = RECORD_SUPERBLOCK, .is_cut = 1 };
	struct superblocks list = { .element = element };

	list.first = (__u64)&sb->s_list;
	list.next = list.first;
	if (bpf_loop(SUPERBLOCKS_MAX, write_superblock_of_list, &list, 0) == SUPERBLOCKS_MAX)
		ADD_RECORD(element, more);
}

SEC("iter/task")
int write_task(struct bpf_iter__task *ctx)
{
	const struct task_struct *task = ctx->task;
	struct element *element = this_element();
	const struct nsproxy *proxy;
	const struct cred *cred;
	const struct pid_namespace *pid;
	struct record_task *thread;

	if (!element)
		return 0;
	element->n = 0;
	if (element->pass != ctx->meta->session_id)
		__builtin_memset(element->before, 0, sizeof(element->before));
	element->pass = ctx->meta->session_id;
	if (!task) { /* the end of the list */
		write_superblocks(element);
		write_records(ctx->meta->seq, element);
		return 0;
	}
	thread = &element->thread;
	*thread = (struct record_task){
		.kind = RECORD_TASK,
		.pid = task->tgid,
		.tid = task->pid,
		.has_ended = task->exit_state != 0,
	};
	/* Before any branch: for each path to such a load, the verifier searches for types. */
	proxy = task->nsproxy;
	cred = task->real_cred;
	pid = ns_of_pid(task->thread_pid);
	if (proxy)
		write_proxy(proxy, element);
	thread->ino[NS_USER] = WRITE_NS_OF_THREAD(element, NS_USER, cred->user_ns);
	thread->ino[NS_PID] = write_ns_of_thread(
		element, NS_PID, pid ? (__u64)&pid->ns : 0, BPF_CORE_READ(pid, ns.inum));
	ADD_RECORD(element, *thread);
	write_records(ctx->meta->seq, element);
	return 0;
}

/* Returns 0. */
__noinline int write_holder(__u32 holder, __u32 type, __u32 ino)
{
	struct element *element = this_element();
	struct record_file record = {
		.kind = RECORD_FILE, .holder = holder, .type = type, .ino = ino
	};

	if (!element)
		return 0;
	record.pid = element->pid;
	record.tid = element->tid;
	record.fd = element->fd;
	record.ring = element->ring;
	record.table = element->table;
	ADD_RECORD(element, record);
	return 0;
}

/* Counts a visit. Writes that there is more if no more may be visited or written. */
static __always_inline bool refuse_visit(struct element *element)
{
	element->visits++;
	if (element->n < RECORDS_OF_DESCRIPTOR && element->visits < VISITS_MAX)
		return false;
	write_holder(RECORD_CUT, 0, 0);
	return true;
}

/* Writes a namespace, unless the process is in it, or it is an initial one. Returns 0. */
__noinline int write_other_ns(__u32 holder, __u32 type, __u64 address)
{
	const struct ns_common *ns = (const void *)address;
	struct element *element = this_element();
	__u32 ino = address ? BPF_CORE_READ(ns, inum) : 0;

	if (!element || ino < DYNAMIC_INO_MIN || find_layout(address) != type ||
		(type == NS_NET && ino == element->own_net) ||
		(type == NS_USER && ino == element->own_user) ||
		(type == NS_PID && ino == element->own_pid))
		return 0;
	write_ns(type, address);
	write_holder(holder, type, ino);
	return 0;
}

static __always_inline void write_pid_ns(enum record_holder holder, const struct pid *pid)
{
	const struct pid_namespace *ns = ns_of_pid(pid);

	write_other_ns(holder, NS_PID, ns ? (__u64)&ns->ns : 0);
}

/* Also an initial one, which most sockets are in, and processes of others may hold. */
static __always_inline void write_socket(
	struct element *element, enum record_holder holder, const struct sock *sk)
{
	const struct net *net = BPF_CORE_READ(sk, __sk_common.skc_net.net);

	if (sk && net && (!element->own_net || BPF_CORE_READ(net, ns.inum) != element->own_net))
		write_holder(holder, NS_NET, write_ns(NS_NET, (__u64)&net->ns));
}

/* The inode numbers of namespaces prove that the inode was not freed meanwhile. */
static __always_inline void write_ns_file(enum record_holder holder, const struct inode *inode)
{
	const struct ns_common *ns = BPF_CORE_READ(inode, i_private);
	__u32 ino = ns ? BPF_CORE_READ(ns, inum) : 0, type;

	if (!ino || ino != BPF_CORE_READ(inode, i_ino))
		return;
	type = find_layout((__u64)ns);
	write_ns(type, (__u64)ns);
	write_holder(holder, type, ino);
}

/* Writes what a file holds that is open, in a queue, or registered with a ring. Returns 0. */
__noinline int write_file(__u32 via, __u64 address)
{
	const struct file *file = (const void *)address;
	const struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u64 magic = BPF_CORE_READ(inode, i_sb, s_magic);
	struct element *element = this_element();

	if (!element)
		return 0;
	if (magic == NSFS_MAGIC) {
		write_ns_file(via, inode);
	} else if (magic == SOCKFS_MAGIC) {
		const struct socket *socket = BPF_CORE_READ(file, private_data);

		if (socket)
			write_socket(element, via == RECORD_FD ? RECORD_SOCKET : via,
				BPF_CORE_READ(socket, sk));
	} else if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFCHR &&
		   BPF_CORE_READ(inode, i_rdev) == TUN_RDEV &&
		   !(BPF_CORE_READ(file, f_mode) & FMODE_PATH)) {
		/* The file's structure begins with that of a socket, drivers/net/tun.c. */
		write_socket(element, via == RECORD_FD ? RECORD_TUN : via,
			BPF_CORE_READ(file, private_data));
	}
	return 0;
}

/* Returns whether the file is an anonymous one that the kernel has given this name. */
static __always_inline bool is_anonymous(
	const struct file *file, __u64 magic, const char *name, __u32 size)
{
	char text[16] = "";

	if (magic != ANON_INODE_FS_MAGIC)
		return false;
	bpf_probe_read_kernel_str(text, sizeof(text), file->f_path.dentry->d_name.name);
	for (__u32 i = 0; i < size && i < sizeof(text); i++)
		if (text[i] != name[i])
			return false;
	return true;
}

/* The files that are registered with a ring. */
struct registered {
	struct element *element;
	__u64 files;
	bool are_nodes;
};

static long write_registered(__u32 i, struct registered *registered)
{
	const void *at = (const void *)(registered->files + i * sizeof(void *));
	const struct io_rsrc_node *node = NULL;
	__u64 file = 0;

	if (registered->are_nodes) {
		bpf_probe_read_kernel(&node, sizeof(node), at);
		if (node)
			file = BPF_CORE_READ(node, file_ptr);
	} else {
		bpf_probe_read_kernel(&file, sizeof(file), at);
	}
	file &= ~7ull; /* the lowest bits are flags */
	if (refuse_visit(registered->element))
		return 1;
	if (file)
		write_file(RECORD_RING, file);
	return 0;
}

static __always_inline void write_ring(struct element *element, const struct file *file)
{
	const struct io_ring_ctx *ring = file->private_data;
	const struct io_ring_ctx___array *array = (const void *)ring;
	struct registered registered = { .element = element };
	__u32 n;

	if (bpf_core_field_exists(array->nr_user_files)) {
		registered.files = (__u64)BPF_CORE_READ(array, file_table.files);
		n = BPF_CORE_READ(array, nr_user_files);
	} else {
		registered.are_nodes = true;
		registered.files = (__u64)BPF_CORE_READ(ring, file_table.data.nodes);
		n = BPF_CORE_READ(ring, file_table.data.nr);
	}
	if (registered.files)
		bpf_loop(n, write_registered, &registered, 0);
}

/* The messages that a socket has not received yet. */
struct queue {
	struct element *element;
	__u64 message, files;
};

static long write_sent(__u32 i, struct queue *queue)
{
	const struct scm_fp_list *list = (const void *)queue->files;
	struct file *file = NULL;

	if (i >= (__u32)BPF_CORE_READ(list, count) || refuse_visit(queue->element))
		return 1;
	bpf_probe_read_kernel(&file, sizeof(file), &list->fp[i]);
	if (file)
		write_file(RECORD_QUEUE, (__u64)file);
	return 0;
}

/* A message to a Unix socket may carry files, unix(7). */
static long write_message(__u32 i, struct queue *queue)
{
	const struct sk_buff *message = (const void *)queue->message;
	const struct unix_skb_parms *passed =
		(const void *)((const char *)message + bpf_core_field_offset(struct sk_buff, cb));

	queue->files = (__u64)BPF_CORE_READ(passed, fp);
	queue->message = (__u64)BPF_CORE_READ(message, next);
	if (queue->files)
		bpf_loop(SCM_MAX_FD, write_sent, queue, 0);
	return refuse_visit(queue->element);
}

typedef long message_step(__u32 i, struct queue *queue);

static __always_inline void visit_messages(
	struct element *element, const struct sock *sk, message_step *step)
{
	struct queue queue = {
		.element = element,
		.message = (__u64)BPF_CORE_READ(sk, sk_receive_queue.next),
	};

	bpf_loop(BPF_CORE_READ(sk, sk_receive_queue.qlen), step, &queue, 0);
}

/* A connection that is not accepted yet is a message, of the socket that accept(2) will return. */
static long write_connection(__u32 i, struct queue *queue)
{
	const struct sk_buff *message = (const void *)queue->message;
	const struct sock *sk = BPF_CORE_READ(message, sk);

	queue->message = (__u64)BPF_CORE_READ(message, next);
	if (sk)
		visit_messages(queue->element, sk, write_message);
	return refuse_visit(queue->element);
}

static __always_inline void write_open_socket(struct element *element, const struct file *file)
{
	const struct socket *socket = file->private_data;
	const struct sock *sk = socket ? BPF_CORE_READ(socket, sk) : NULL;
	const struct cred *cred;

	if (!sk || BPF_CORE_READ(sk, __sk_common.skc_family) != AF_UNIX)
		return;
	if (BPF_CORE_READ(sk, __sk_common.skc_state) == TCP_LISTEN)
		visit_messages(element, sk, write_connection);
	else
		visit_messages(element, sk, write_message);
	cred = BPF_CORE_READ(sk, sk_peer_cred);
	write_other_ns(RECORD_PEER, NS_USER, NS_ADDRESS(cred, user_ns));
	write_pid_ns(RECORD_PEER, BPF_CORE_READ(sk, sk_peer_pid));
}

static __noinline void write_superblock(const struct super_block *sb)
{
	__u32 type;
	__u64 address = ns_of_superblock(sb, &type);

	write_other_ns(RECORD_SB, type, address);
}

/*
 * Writes the network namespace of an open file below /proc/PID/net: the data of directory net,
 * which is one to three levels above the file. The open file holds it, fs/proc/proc_net.c.
 */
static __always_inline void write_proc_file(const struct file *open, const struct inode *inode)
{
	const struct proc_inode *file =
		(const void *)((const char *)inode -
			       bpf_core_field_offset(struct proc_inode, vfs_inode));
	const struct proc_dir_entry *dir = BPF_CORE_READ(file, pde);
	const struct net *net, *first = NULL;
	const struct seq_file *seq;
	const void *private;

	for (int i = 0; i < 3 && dir; i++) {
		dir = BPF_CORE_READ(dir, parent);
		net = BPF_CORE_READ(dir, data);
		if (!net || BPF_CORE_READ(net, proc_net) != dir)
			continue;
		seq = open->private_data;
		private = BPF_CORE_READ(seq, private);
		bpf_probe_read_kernel(&first, sizeof(first), private);
		if (private == net || first == net)
			write_other_ns(RECORD_OPEN, NS_NET, (__u64)&net->ns);
		return;
	}
}

/* Writes the cgroup namespace in which a file of a cgroup was opened. */
static __always_inline void write_cgroup_file(const struct file *file)
{
	const struct seq_file *seq = file->private_data;
	const struct kernfs_open_file *open = BPF_CORE_READ(seq, private);
	const struct cgroup_file_ctx *context = BPF_CORE_READ(open, priv);

	/* It is released when the cgroup is removed. */
	if (!BPF_CORE_READ_BITFIELD_PROBED(open, released))
		write_other_ns(RECORD_OPEN, NS_CGROUP, NS_ADDRESS(context, ns));
}

/* Writes what an open file on a file system holds. */
static __always_inline void write_file_on_disk(const struct file *file, __u64 magic)
{
	const struct inode *inode = file->f_inode;
	const struct super_block *sb = inode->i_sb;

	if (magic == PROC_SUPER_MAGIC || sb->s_user_ns->ns.inum >= DYNAMIC_INO_MIN)
		write_superblock(sb);
	if ((inode->i_mode & S_IFMT) != S_IFREG || file->f_mode & FMODE_PATH)
		return;
	if (magic == PROC_SUPER_MAGIC)
		write_proc_file(file, inode);
	else if (magic == CGROUP_SUPER_MAGIC || magic == CGROUP2_SUPER_MAGIC)
		write_cgroup_file(file);
}

/* Returns whether the file is the root of a tree of mounts that is in no mount namespace. */
static __always_inline bool is_detached(const struct file *file)
{
	const struct vfsmount *vfsmount = file->f_path.mnt;
	const struct mount *mount;
	const struct mnt_namespace *mnt;
	__u32 ino;

	if (file->f_path.dentry != vfsmount->mnt_root)
		return false;
	mount = (const void *)((const char *)vfsmount - bpf_core_field_offset(struct mount, mnt));
	if (BPF_CORE_READ(mount, mnt_parent) != mount)
		return false;
	mnt = BPF_CORE_READ(mount, mnt_ns);
	if (!mnt || (__s64)mnt > -4096l) /* unmounted, or internal to the kernel */
		return false;
	ino = BPF_CORE_READ(mnt, ns.inum);
	return !ino || ino == MNT_NS_ANON_INO;
}

static __always_inline struct mount *mount_of_child(const struct list_head *child)
{
	return (void *)((char *)child - bpf_core_field_offset(struct mount, mnt_child));
}

/* Goes down to the first mount on it, else to the next beside it, else up. */
static long write_next_mount(__u32 i, struct element **element)
{
	struct tree *tree = &(*element)->tree;
	const struct mount *mount = (const void *)tree->mount, *parent;
	const struct super_block *sb;
	const struct list_head *next;

	if (refuse_visit(*element))
		return 1;
	if (!tree->was_left) {
		sb = tree->mount != tree->root ? BPF_CORE_READ(mount, mnt.mnt_sb) : NULL;
		if (sb && BPF_CORE_READ(sb, s_magic) == NSFS_MAGIC)
			write_ns_file(RECORD_TREE, BPF_CORE_READ(mount, mnt.mnt_root, d_inode));
		else if (sb)
			write_superblock(sb);
		next = BPF_CORE_READ(mount, mnt_mounts.next);
		if (next != &mount->mnt_mounts) {
			tree->mount = (__u64)mount_of_child(next);
			return 0;
		}
	}
	if (tree->mount == tree->root)
		return 1;
	parent = BPF_CORE_READ(mount, mnt_parent);
	next = BPF_CORE_READ(mount, mnt_child.next);
	if (parent == mount || next == &mount->mnt_child) { /* it was unmounted meanwhile */
		write_holder(RECORD_CUT, 0, 0);
		return 1;
	}
	tree->was_left = next == &parent->mnt_mounts;
	tree->mount = tree->was_left ? (__u64)parent : (__u64)mount_of_child(next);
	return 0;
}

static __always_inline void write_tree(struct element *element, const struct file *file)
{
	const struct vfsmount *vfsmount = file->f_path.mnt;
	__u64 root = (__u64)vfsmount - bpf_core_field_offset(struct mount, mnt);

	element->tree = (struct tree){ .root = root, .mount = root };
	write_holder(RECORD_DETACHED, 0, 0);
	bpf_loop(VISITS_MAX, write_next_mount, &element, 0);
}

SEC("iter/task_file")
int write_descriptor(struct bpf_iter__task_file *ctx)
{
	const struct task_struct *task = ctx->task;
	const struct file *file = ctx->file;
	struct element *element = this_element();
	const struct pid_namespace *pid;
	const struct inode *inode;
	const struct cred *cred;
	__u64 magic;
	__u32 user;

	if (!task || !file || !element)
		return 0;
	if (element->pass != ctx->meta->session_id)
		element->visits = 0;
	element->n = 0;
	element->pass = ctx->meta->session_id;
	element->pid = task->tgid;
	element->tid = task->pid;
	element->fd = ctx->fd;
	element->file = (__u64)file;
	element->table = (__u64)task->files;
	element->own_net = task->group_leader->nsproxy->net_ns->ns.inum;
	element->own_user = task->real_cred->user_ns->ns.inum;
	pid = ns_of_pid(task->thread_pid);
	element->own_pid = BPF_CORE_READ(pid, ns.inum);
	element->ring = 0;
	inode = file->f_inode;
	magic = inode->i_sb->s_magic;
	barrier(); /* as in write_ns_of_thread() */
	if (magic == NSFS_MAGIC || magic == SOCKFS_MAGIC || inode->i_rdev == TUN_RDEV)
		write_file(RECORD_FD, element->file);
	if (magic == SOCKFS_MAGIC)
		write_open_socket(element, file);
	else if (magic == PIDFS_MAGIC)
		write_pid_ns(RECORD_PIDFD, inode->i_private);
	else if (is_anonymous(file, magic, "[pidfd]", 8))
		write_pid_ns(RECORD_PIDFD, file->private_data);
	else if (is_anonymous(file, magic, "[io_uring]", 11)) {
		element->ring = inode->i_ino;
		write_ring(element, file);
		element->ring = 0;
	} else
		write_file_on_disk(file, magic);
	cred = file->f_cred;
	user = cred->user_ns->ns.inum;
	if (user >= DYNAMIC_INO_MIN && user != element->own_user)
		write_other_ns(RECORD_CRED, NS_USER, NS_ADDRESS(cred, user_ns));
	if (is_detached(file))
		write_tree(element, file);
	write_records(ctx->meta->seq, element);
	return 0;
}

#endif
