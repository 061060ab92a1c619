// SPDX-License-Identifier: MIT
/*
 * Two BPF iterators, which write records about all threads and about the descriptors of all
 * processes. Structures of the kernel are declared with only the members that are read: the kernel
 * that loads the programs corrects their offsets (CO-RE).
 *
 * What a pointer leads to may change or be freed meanwhile. Such a read fails, or returns
 * anything, but never harms: it is bpf_probe_read_kernel().
 */
#ifdef __bpf__ /* other compilers and checkers know neither relocations nor sections */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "nsls/records.h"

/* Iterators are for programs with a licence that is compatible with the GPL. */
char LICENSE[] SEC("license") = "Dual MIT/GPL";

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

struct mnt_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
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
};

struct cgroup_namespace {
	struct ns_common ns;
	struct user_namespace *user_ns;
};

struct ipc_namespace {
	struct user_namespace *user_ns;
	struct ns_common ns;
};

struct uts_namespace {
	struct user_namespace *user_ns;
	struct ns_common ns;
};

struct time_namespace {
	struct user_namespace *user_ns;
	struct ns_common ns;
};

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
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct qstr d_name;
};

struct mount {
	struct mount *mnt_parent;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct super_block {
	unsigned long s_magic;
	void *s_fs_info;
	struct user_namespace *s_user_ns;
};

struct proc_fs_info {
	struct pid_namespace *pid_ns;
};

struct kernfs_super_info {
	const void *ns;
};

struct inode {
	unsigned short i_mode;
	unsigned int i_rdev;
	unsigned long i_ino;
	struct super_block *i_sb;
	void *i_private;
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
	possible_net_t skc_net;
};

struct sk_buff {
	struct sk_buff *next;
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
};

struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
};

#pragma clang attribute pop

/* What the kernel passes to the programs. It is not relocated: the layout is that of its ABI. */
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

/* linux/magic.h, linux/major.h, include/linux/fs.h, include/linux/ns/ns_common_types.h */
#define NSFS_MAGIC 0x6e736673
#define SOCKFS_MAGIC 0x534f434b
#define PIDFS_MAGIC 0x50494446
#define PROC_MAGIC 0x9fa0
#define SYSFS_MAGIC 0x62656572
#define ANON_MAGIC 0x09041934
#define AF_UNIX 1
#define SCM_MAX_FD 253
#define INIT_USER_INO 0xeffffffdu
#define INIT_PID_INO 0xeffffffcu
#define ANON_INODE_FS_MAGIC 0x09041934
#define S_IFMT 0170000
#define S_IFCHR 0020000
#define TUN_RDEV (10u << 20 | 200)
#define FMODE_PATH (1u << 14)
#define MNT_NS_ANON_INO 0xeffffff7u

#define CLONE_NEWTIME 0x00000080
#define CLONE_NEWNS 0x00020000
#define CLONE_NEWCGROUP 0x02000000
#define CLONE_NEWUTS 0x04000000
#define CLONE_NEWIPC 0x08000000
#define CLONE_NEWUSER 0x10000000
#define CLONE_NEWPID 0x20000000
#define CLONE_NEWNET 0x40000000

/* User and PID namespaces nest to this depth, and an owner may be one deeper. */
#define DEPTH_MAX 34

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

/* Where the records of one element go. */
struct out {
	struct seq_file *seq;
	__u64 pass;
};

/* Returns true the first time in a pass. */
static __always_inline bool is_new(const struct out *out, enum record_type type, __u32 ino)
{
	__u64 key = (__u64)type << 32 | ino;
	const __u64 *pass = bpf_map_lookup_elem(&written, &key);

	if (!ino || (pass && *pass == out->pass))
		return false;
	bpf_map_update_elem(&written, &key, &out->pass, BPF_ANY);
	return true;
}

static __always_inline __u64 read_id(const struct ns_common *ns)
{
	const struct ns_common___ids *ids = (const void *)ns;

	return bpf_core_field_exists(ids->ns_id) ? BPF_CORE_READ(ids, ns_id) : 0;
}

static __always_inline __u64 read_mnt_id(const struct mnt_namespace *mnt)
{
	const struct mnt_namespace___ids *ids = (const void *)mnt;

	if (bpf_core_field_exists(ids->seq) && bpf_core_field_exists(ids->passive))
		return BPF_CORE_READ(ids, seq);
	return read_id(&mnt->ns);
}

/* A way up the parents of a user or PID namespace. */
struct way {
	struct out out;
	__u64 at; /* address of the next namespace */
};

/* The loops are functions, because the verifier follows such a function once. */

static long write_next_user(__u32 step, struct way *way)
{
	const struct user_namespace *user = (const void *)way->at, *parent;
	struct record_ns record = { 0 };

	record.kind = RECORD_NS;
	record.type = TYPE_USER;
	record.ino = BPF_CORE_READ(user, ns.inum);
	if (!is_new(&way->out, TYPE_USER, record.ino))
		return 1;
	parent = BPF_CORE_READ(user, parent);
	record.id = read_id(&user->ns);
	record.owner_uid = BPF_CORE_READ(user, owner.val);
	record.owner = BPF_CORE_READ(parent, ns.inum);
	bpf_seq_write(way->out.seq, &record, sizeof(record));
	way->at = (__u64)parent;
	return !parent;
}

/* Writes a user namespace and all above it, up to one that was written before. */
static __always_inline void write_user(const struct out *out, const struct user_namespace *user)
{
	struct way way = { *out, (__u64)user };

	bpf_loop(DEPTH_MAX, write_next_user, &way, 0);
}

static long write_next_pid(__u32 step, struct way *way)
{
	const struct pid_namespace *pid = (const void *)way->at, *parent;
	struct record_ns record = { 0 };

	record.kind = RECORD_NS;
	record.type = TYPE_PID;
	record.ino = BPF_CORE_READ(pid, ns.inum);
	if (!is_new(&way->out, TYPE_PID, record.ino))
		return 1;
	parent = BPF_CORE_READ(pid, parent);
	record.id = read_id(&pid->ns);
	record.owner = BPF_CORE_READ(pid, user_ns, ns.inum);
	record.parent = BPF_CORE_READ(parent, ns.inum);
	bpf_seq_write(way->out.seq, &record, sizeof(record));
	way->at = (__u64)parent;
	return !parent;
}

/*
 * Writes a PID namespace and all above it, up to one that was written before. Their owners are the
 * owner of the first or above that, create_pid_namespace() of kernel/pid_namespace.c.
 */
static __always_inline void write_pid(const struct out *out, const struct pid_namespace *pid)
{
	struct way way = { *out, (__u64)pid };

	bpf_loop(DEPTH_MAX, write_next_pid, &way, 0);
	write_user(out, BPF_CORE_READ(pid, user_ns));
}

/* Writes a namespace that is not of type user. */
static __always_inline void write_ns(const struct out *out, enum record_type type,
	const struct ns_common *ns, __u64 id, const struct user_namespace *owner, __u32 parent)
{
	struct record_ns record = { .kind = RECORD_NS, .type = type, .parent = parent, .id = id };

	record.ino = BPF_CORE_READ(ns, inum);
	record.owner = BPF_CORE_READ(owner, ns.inum);
	bpf_seq_write(out->seq, &record, sizeof(record));
	write_user(out, owner);
}

/* Writes a namespace of a type that has no parents, once. Evaluates to its inode number. */
#define WRITE_ONCE_NS(out, type, at)                                                               \
	({                                                                                         \
		__u32 ino_ = BPF_CORE_READ(at, ns.inum);                                           \
		if (is_new(out, type, ino_))                                                       \
			write_ns(out, type, &(at)->ns, read_id(&(at)->ns),                         \
				BPF_CORE_READ(at, user_ns), 0);                                    \
		ino_;                                                                              \
	})

static __always_inline __u32 write_mnt(const struct out *out, const struct mnt_namespace *mnt)
{
	__u32 ino = BPF_CORE_READ(mnt, ns.inum);

	if (is_new(out, TYPE_MNT, ino))
		write_ns(out, TYPE_MNT, &mnt->ns, read_mnt_id(mnt), BPF_CORE_READ(mnt, user_ns), 0);
	return ino;
}

/* Both return the inode number, 0 for none. */

static __always_inline __u32 write_pid_ns(const struct out *out, const struct pid_namespace *pid)
{
	if (!pid)
		return 0;
	write_pid(out, pid);
	return BPF_CORE_READ(pid, ns.inum);
}

static __always_inline __u32 write_user_ns(const struct out *out, const struct user_namespace *user)
{
	if (!user)
		return 0;
	write_user(out, user);
	return BPF_CORE_READ(user, ns.inum);
}

/* Returns the PID namespace that a process ID belongs to: the innermost in which it has a number.
 */
static __always_inline const struct pid_namespace *ns_of_pid(const struct pid *pid)
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

static __always_inline void write_proxy(
	const struct out *out, const struct nsproxy *proxy, struct record_task *record)
{
	const struct uts_namespace *uts = BPF_CORE_READ(proxy, uts_ns);
	const struct ipc_namespace *ipc = BPF_CORE_READ(proxy, ipc_ns);
	const struct net *net = BPF_CORE_READ(proxy, net_ns);
	const struct cgroup_namespace *cgroup = BPF_CORE_READ(proxy, cgroup_ns);
	const struct time_namespace *time = BPF_CORE_READ(proxy, time_ns);
	const struct time_namespace *later = BPF_CORE_READ(proxy, time_ns_for_children);

	record->ino[TYPE_MNT] = write_mnt(out, BPF_CORE_READ(proxy, mnt_ns));
	record->ino[TYPE_UTS] = WRITE_ONCE_NS(out, TYPE_UTS, uts);
	record->ino[TYPE_IPC] = WRITE_ONCE_NS(out, TYPE_IPC, ipc);
	record->ino[TYPE_NET] = WRITE_ONCE_NS(out, TYPE_NET, net);
	record->ino[TYPE_CGROUP] = WRITE_ONCE_NS(out, TYPE_CGROUP, cgroup);
	record->ino[TYPE_TIME] = WRITE_ONCE_NS(out, TYPE_TIME, time);
	record->time_for_children = WRITE_ONCE_NS(out, TYPE_TIME, later);
	record->pid_for_children = write_pid_ns(out, BPF_CORE_READ(proxy, pid_ns_for_children));
}

SEC("iter/task")
int write_task(struct bpf_iter__task *ctx)
{
	const struct task_struct *task = ctx->task;
	const struct out out = { ctx->meta->seq, ctx->meta->session_id };
	struct record_task record = { .kind = RECORD_TASK };
	const struct nsproxy *proxy;

	if (!task)
		return 0;
	record.pid = task->tgid;
	record.tid = task->pid;
	record.has_ended = task->exit_state != 0;
	proxy = BPF_CORE_READ(task, nsproxy);
	if (proxy)
		write_proxy(&out, proxy, &record);
	record.ino[TYPE_USER] = write_user_ns(&out, BPF_CORE_READ(task, real_cred, user_ns));
	record.ino[TYPE_PID] = write_pid_ns(&out, ns_of_pid(BPF_CORE_READ(task, thread_pid)));
	bpf_seq_write(out.seq, &record, sizeof(record));
	return 0;
}

/* The descriptor that is visited, and namespaces of its process, which are not written. */
struct descriptor {
	struct out out;
	__u64 table;
	__u64 start; /* bytes that were written before */
	__u32 pid, tid, fd;
	__u32 own_net, own_user, own_pid; /* 0: unknown */
	__u32 ring; /* inode of the ring that the descriptor is; 0: it is none */
};

static __always_inline void write_file_record(
	const struct descriptor *at, enum record_holder holder, enum record_type type, __u32 ino)
{
	struct record_file record = {
		.kind = RECORD_FILE,
		.pid = at->pid,
		.tid = at->tid,
		.fd = at->fd,
		.holder = holder,
		.type = type,
		.ino = ino,
		.ring = at->ring,
		.table = at->table,
	};

	bpf_seq_write(at->out.seq, &record, sizeof(record));
}

/* Writes that there is more, once, when the descriptor has as many records as may be written. */
static __always_inline bool is_full(const struct descriptor *at)
{
	const struct seq_file *seq = at->out.seq; /* an access to *at must not be relocated */

	if (BPF_CORE_READ(seq, count) - at->start < RECORDS_OF_DESCRIPTOR)
		return false;
	write_file_record(at, RECORD_CUT, 0, 0);
	return true;
}

static __always_inline void write_user_holder(
	const struct descriptor *at, enum record_holder holder, const struct user_namespace *user)
{
	__u32 ino = user ? BPF_CORE_READ(user, ns.inum) : 0;

	if (!ino || ino == INIT_USER_INO || ino == at->own_user)
		return;
	write_user(&at->out, user);
	write_file_record(at, holder, TYPE_USER, ino);
}

static __always_inline void write_pid_holder(
	const struct descriptor *at, enum record_holder holder, const struct pid_namespace *pid)
{
	__u32 ino = pid ? BPF_CORE_READ(pid, ns.inum) : 0;

	if (!ino || ino == INIT_PID_INO || ino == at->own_pid)
		return;
	write_pid(&at->out, pid);
	write_file_record(at, holder, TYPE_PID, ino);
}

static __always_inline __u32 read_clone_flag(const struct ns_common *ns)
{
	const struct ns_common___ids *ids = (const void *)ns;

	return bpf_core_field_exists(ids->ns_type) ? BPF_CORE_READ(ids, ns_type)
						   : (__u32)BPF_CORE_READ(ns, ops, type);
}

/* The namespace structure that ns is in. */
#define CONTAINER(ns, structure)                                                                   \
	((const struct structure *)((const char *)(ns)-bpf_core_field_offset(struct structure, ns)))

/* Writes a namespace of any type, once. Returns its type, or -1. */
static __always_inline int write_any_ns(const struct out *out, const struct ns_common *ns)
{
	switch (read_clone_flag(ns)) {
	case CLONE_NEWCGROUP:
		WRITE_ONCE_NS(out, TYPE_CGROUP, CONTAINER(ns, cgroup_namespace));
		return TYPE_CGROUP;
	case CLONE_NEWIPC:
		WRITE_ONCE_NS(out, TYPE_IPC, CONTAINER(ns, ipc_namespace));
		return TYPE_IPC;
	case CLONE_NEWNS:
		write_mnt(out, CONTAINER(ns, mnt_namespace));
		return TYPE_MNT;
	case CLONE_NEWNET:
		WRITE_ONCE_NS(out, TYPE_NET, CONTAINER(ns, net));
		return TYPE_NET;
	case CLONE_NEWPID:
		write_pid_ns(out, CONTAINER(ns, pid_namespace));
		return TYPE_PID;
	case CLONE_NEWTIME:
		WRITE_ONCE_NS(out, TYPE_TIME, CONTAINER(ns, time_namespace));
		return TYPE_TIME;
	case CLONE_NEWUSER:
		write_user_ns(out, CONTAINER(ns, user_namespace));
		return TYPE_USER;
	case CLONE_NEWUTS:
		WRITE_ONCE_NS(out, TYPE_UTS, CONTAINER(ns, uts_namespace));
		return TYPE_UTS;
	default:
		return -1;
	}
}

static __always_inline void write_socket(
	const struct descriptor *at, enum record_holder holder, const struct sock *sk)
{
	const struct net *net = BPF_CORE_READ(sk, __sk_common.skc_net.net);
	__u32 ino;

	if (!sk || !net || (at->own_net && BPF_CORE_READ(net, ns.inum) == at->own_net))
		return;
	ino = WRITE_ONCE_NS(&at->out, TYPE_NET, net);
	write_file_record(at, holder, TYPE_NET, ino);
}

/* The inode numbers of namespaces prove that the inode was not freed meanwhile. */
static __always_inline void write_ns_file(
	const struct descriptor *at, enum record_holder holder, const struct inode *inode)
{
	const struct ns_common *ns = BPF_CORE_READ(inode, i_private);
	__u32 ino = ns ? BPF_CORE_READ(ns, inum) : 0;
	int type;

	if (!ino || ino != BPF_CORE_READ(inode, i_ino))
		return;
	type = write_any_ns(&at->out, ns);
	if (type >= 0)
		write_file_record(at, holder, type, ino);
}

/* Writes what a file holds that is open by a descriptor, or registered with a ring. */
static __noinline void write_file(
	const struct descriptor *at, enum record_holder via, __u64 address)
{
	const struct file *file = (const void *)address;
	const struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u64 magic = BPF_CORE_READ(inode, i_sb, s_magic);

	if (magic == NSFS_MAGIC) {
		write_ns_file(at, via, inode);
	} else if (magic == SOCKFS_MAGIC) {
		const struct socket *socket = BPF_CORE_READ(file, private_data);

		if (socket)
			write_socket(at, via == RECORD_FD ? RECORD_SOCKET : via,
				BPF_CORE_READ(socket, sk));
	} else if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) == S_IFCHR &&
		   BPF_CORE_READ(inode, i_rdev) == TUN_RDEV &&
		   !(BPF_CORE_READ(file, f_mode) & FMODE_PATH)) {
		/* The file's structure begins with that of a socket, drivers/net/tun.c. */
		write_socket(
			at, via == RECORD_FD ? RECORD_TUN : via, BPF_CORE_READ(file, private_data));
	}
}

/* Returns whether the file is an anonymous one that the kernel has given this name. */
static __always_inline bool is_anonymous(
	const struct file *file, __u64 magic, const char *name, __u32 size)
{
	char text[16] = "";

	if (magic != ANON_MAGIC)
		return false;
	bpf_probe_read_kernel_str(
		text, sizeof(text), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	for (__u32 i = 0; i < size && i < sizeof(text); i++)
		if (text[i] != name[i])
			return false;
	return true;
}

/* The files that are registered with a ring. */
struct registered {
	const struct descriptor *at;
	__u64 files;
	bool are_nodes;
};

/* The lowest bits of the pointer are flags. */
static __always_inline __u64 registered_file(const struct registered *registered, __u32 i)
{
	__u64 file = 0;

	if (registered->are_nodes) {
		const struct io_rsrc_node *node = NULL;

		bpf_probe_read_kernel(
			&node, sizeof(node), (const void *)(registered->files + i * sizeof(node)));
		if (node)
			file = BPF_CORE_READ(node, file_ptr);
	} else {
		bpf_probe_read_kernel(
			&file, sizeof(file), (const void *)(registered->files + i * sizeof(file)));
	}
	return file & ~7ull;
}

static long write_registered(__u32 i, struct registered *registered)
{
	__u64 file = registered_file(registered, i);

	if (is_full(registered->at))
		return 1;
	if (file)
		write_file(registered->at, RECORD_RING, file);
	return 0;
}

static __always_inline void write_ring(const struct descriptor *at, const struct file *file)
{
	const struct io_ring_ctx *ring = BPF_CORE_READ(file, private_data);
	const struct io_ring_ctx___array *array = (const void *)ring;
	struct registered registered = { .at = at };
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
	const struct descriptor *at;
	__u64 message, files;
};

static long write_sent(__u32 i, struct queue *queue)
{
	const struct scm_fp_list *list = (const void *)queue->files;
	struct file *file = NULL;

	if (i >= (__u32)BPF_CORE_READ(list, count) || is_full(queue->at))
		return 1;
	bpf_probe_read_kernel(&file, sizeof(file), &list->fp[i]);
	if (file)
		write_file(queue->at, RECORD_QUEUE, (__u64)file);
	return 0;
}

static long write_message(__u32 i, struct queue *queue)
{
	const struct sk_buff *message = (const void *)queue->message;
	const struct unix_skb_parms *passed =
		(const void *)((const char *)message + bpf_core_field_offset(struct sk_buff, cb));

	queue->files = (__u64)BPF_CORE_READ(passed, fp);
	queue->message = (__u64)BPF_CORE_READ(message, next);
	if (queue->files)
		bpf_loop(SCM_MAX_FD, write_sent, queue, 0);
	return is_full(queue->at);
}

/* Messages to a Unix socket may carry files, unix(7). */
static __always_inline void write_queue(const struct descriptor *at, const struct sock *sk)
{
	struct queue queue = {
		.at = at,
		.message = (__u64)BPF_CORE_READ(sk, sk_receive_queue.next),
	};

	bpf_loop(BPF_CORE_READ(sk, sk_receive_queue.qlen), write_message, &queue, 0);
}

static __always_inline void write_open_socket(const struct descriptor *at, const struct file *file)
{
	const struct socket *socket = BPF_CORE_READ(file, private_data);
	const struct sock *sk = socket ? BPF_CORE_READ(socket, sk) : NULL;

	if (!sk || BPF_CORE_READ(sk, __sk_common.skc_family) != AF_UNIX)
		return;
	write_queue(at, sk);
	write_user_holder(at, RECORD_PEER, BPF_CORE_READ(sk, sk_peer_cred, user_ns));
	write_pid_holder(at, RECORD_PEER, ns_of_pid(BPF_CORE_READ(sk, sk_peer_pid)));
}

/*
 * Writes the namespaces that a file system belongs to. An mqueue does not hold its IPC namespace:
 * it loses it when that ends, mq_clear_sbinfo() of ipc/mqueue.c.
 */
static __always_inline void write_superblock(
	const struct descriptor *at, const struct super_block *sb, __u64 magic)
{
	const void *info = BPF_CORE_READ(sb, s_fs_info);

	if (magic == PROC_MAGIC) {
		write_pid_holder(
			at, RECORD_SB, BPF_CORE_READ((const struct proc_fs_info *)info, pid_ns));
	} else if (magic == SYSFS_MAGIC) {
		const struct net *net = BPF_CORE_READ((const struct kernfs_super_info *)info, ns);
		__u32 ino = net ? BPF_CORE_READ(net, ns.inum) : 0;

		if (!ino || ino == at->own_net)
			return;
		WRITE_ONCE_NS(&at->out, TYPE_NET, net);
		write_file_record(at, RECORD_SB, TYPE_NET, ino);
	}
	write_user_holder(at, RECORD_SB, BPF_CORE_READ(sb, s_user_ns));
}

/* Returns whether the file is the root of a tree of mounts that is in no mount namespace. */
static __always_inline bool is_detached(const struct file *file)
{
	const struct vfsmount *vfsmount = BPF_CORE_READ(file, f_path.mnt);
	const struct mount *mount =
		(const void *)((const char *)vfsmount - bpf_core_field_offset(struct mount, mnt));
	const struct mnt_namespace *mnt;
	__u32 ino;

	if (BPF_CORE_READ(file, f_path.dentry) != BPF_CORE_READ(vfsmount, mnt_root) ||
		BPF_CORE_READ(mount, mnt_parent) != mount)
		return false;
	mnt = BPF_CORE_READ(mount, mnt_ns);
	if (!mnt || (__s64)mnt > -4096l) /* unmounted, or internal to the kernel */
		return false;
	ino = BPF_CORE_READ(mnt, ns.inum);
	return !ino || ino == MNT_NS_ANON_INO;
}

SEC("iter/task_file")
int write_descriptor(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct descriptor at = { .fd = ctx->fd };
	const struct pid_namespace *pid;
	const struct super_block *sb;
	__u64 magic;

	if (!task || !file)
		return 0;
	at.out.seq = ctx->meta->seq;
	at.out.pass = ctx->meta->session_id;
	at.pid = task->tgid;
	at.tid = task->pid;
	at.table = (__u64)BPF_CORE_READ(task, files);
	at.start = BPF_CORE_READ(ctx->meta->seq, count);
	at.own_net = BPF_CORE_READ(task, group_leader, nsproxy, net_ns, ns.inum);
	at.own_user = BPF_CORE_READ(task, real_cred, user_ns, ns.inum);
	pid = ns_of_pid(BPF_CORE_READ(task, thread_pid));
	at.own_pid = BPF_CORE_READ(pid, ns.inum);
	sb = BPF_CORE_READ(file, f_inode, i_sb);
	magic = BPF_CORE_READ(sb, s_magic);
	write_file(&at, RECORD_FD, (__u64)file);
	if (magic == SOCKFS_MAGIC)
		write_open_socket(&at, file);
	else if (magic == PIDFS_MAGIC)
		write_pid_holder(
			&at, RECORD_PIDFD, ns_of_pid(BPF_CORE_READ(file, f_inode, i_private)));
	else if (is_anonymous(file, magic, "[pidfd]", 8))
		write_pid_holder(&at, RECORD_PIDFD, ns_of_pid(BPF_CORE_READ(file, private_data)));
	else if (is_anonymous(file, magic, "[io_uring]", 11)) {
		at.ring = BPF_CORE_READ(file, f_inode, i_ino);
		write_ring(&at, file);
		at.ring = 0;
	} else
		write_superblock(&at, sb, magic);
	write_user_holder(&at, RECORD_CRED, BPF_CORE_READ(file, f_cred, user_ns));
	if (is_detached(file))
		write_file_record(&at, RECORD_DETACHED, 0, 0);
	return 0;
}

#endif
