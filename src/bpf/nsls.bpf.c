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
	__uint(max_entries, 1 << 13);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u64);
} written SEC(".maps");

/* A namespace, its parents and owners, and the owners of those. */
#define WAY_MAX (3 * DEPTH_MAX)

struct way {
	__u64 n; /* not on the stack, where the verifier would follow each value that it has */
	struct record_ns at[WAY_MAX];
};

/* Per processor, because no program moves to another while it runs. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct way);
} ways SEC(".maps");

static __always_inline struct way *this_way(void)
{
	const __u32 key = 0;

	return bpf_map_lookup_elem(&ways, &key);
}

/* Where the records of one element go. */
struct out {
	struct seq_file *seq;
	__u64 pass;
};

/* Returns true the first time in a pass. The inode numbers of all namespaces differ. */
static __always_inline bool is_new(__u64 ino, __u64 pass)
{
	const __u64 *before = bpf_map_lookup_elem(&written, &ino);

	if (!ino || (before && *before == pass))
		return false;
	bpf_map_update_elem(&written, &ino, &pass, BPF_ANY);
	return true;
}

static __always_inline __u32 read_clone_flag(const struct ns_common *ns)
{
	const struct ns_common___ids *ids = (const void *)ns;

	return bpf_core_field_exists(ids->ns_type) ? BPF_CORE_READ(ids, ns_type)
						   : (__u32)BPF_CORE_READ(ns, ops, type);
}

/* A namespace's type, and addresses of what is read of it; 0: it has none. */
struct layout {
	__u32 type;    /* TYPE_COUNT: it is no namespace */
	__u64 owner;   /* of the pointer to its owner, or to the parent of a user namespace */
	__u64 parent;  /* of the pointer to the parent of a PID namespace */
	__u64 creator; /* of the UID of a user namespace's creator */
	__u64 id;
};

/* The address of a member of the structure that the namespace at an address is in. */
#define MEMBER(address, structure, member)                                                         \
	((address)-bpf_core_field_offset(struct structure, ns) +                                   \
		bpf_core_field_offset(struct structure, member))

#define SET_OWNED(layout, address, type_, structure)                                               \
	do {                                                                                       \
		(layout)->type = (type_);                                                          \
		(layout)->owner = MEMBER(address, structure, user_ns);                             \
	} while (0)

static __always_inline void find_mnt_id(__u64 address, struct layout *layout)
{
	const struct mnt_namespace___ids *mnt = NULL;

	if (bpf_core_field_exists(mnt->seq) && bpf_core_field_exists(mnt->passive))
		layout->id = address - bpf_core_field_offset(struct mnt_namespace, ns) +
			     bpf_core_field_offset(struct mnt_namespace___ids, seq);
}

static __always_inline struct layout find_layout(__u64 address)
{
	const struct ns_common *ns = (const void *)address;
	const struct ns_common___ids *ids = (const void *)address;
	struct layout layout = { .type = TYPE_COUNT };

	if (bpf_core_field_exists(ids->ns_id))
		layout.id = (__u64)&ids->ns_id;
	switch (read_clone_flag(ns)) {
	case CLONE_NEWCGROUP:
		SET_OWNED(&layout, address, TYPE_CGROUP, cgroup_namespace);
		break;
	case CLONE_NEWIPC:
		SET_OWNED(&layout, address, TYPE_IPC, ipc_namespace);
		break;
	case CLONE_NEWNS:
		SET_OWNED(&layout, address, TYPE_MNT, mnt_namespace);
		find_mnt_id(address, &layout);
		break;
	case CLONE_NEWNET:
		SET_OWNED(&layout, address, TYPE_NET, net);
		break;
	case CLONE_NEWPID:
		SET_OWNED(&layout, address, TYPE_PID, pid_namespace);
		layout.parent = MEMBER(address, pid_namespace, parent);
		break;
	case CLONE_NEWTIME:
		SET_OWNED(&layout, address, TYPE_TIME, time_namespace);
		break;
	case CLONE_NEWUSER:
		layout.type = TYPE_USER;
		layout.owner = MEMBER(address, user_namespace, parent);
		layout.creator = MEMBER(address, user_namespace, owner);
		break;
	case CLONE_NEWUTS:
		SET_OWNED(&layout, address, TYPE_UTS, uts_namespace);
		break;
	}
	return layout;
}

struct walk {
	struct way *way;
	__u64 at;    /* address of the next one */
	__u64 owner; /* address of the owner of the first */
	__u64 pass;
};

/*
 * The owners of all PID namespaces above one are its owner or above that, create_pid_namespace() of
 * kernel/pid_namespace.c. The loops are functions, because the verifier follows such a function
 * once.
 */
static long read_next(__u32 step, struct walk *walk)
{
	const struct ns_common *ns = (const void *)walk->at;
	const __u32 ino = BPF_CORE_READ(ns, inum);
	const struct user_namespace *owner = NULL;
	const struct pid_namespace *parent = NULL;
	const __u64 n = walk->way->n;
	struct record_ns *record;
	struct layout layout;

	if (n >= WAY_MAX)
		return 1;
	if (!is_new(ino, walk->pass)) {
		walk->at = walk->owner;
		walk->owner = 0;
		return !walk->at;
	}
	layout = find_layout(walk->at);
	bpf_probe_read_kernel(&owner, sizeof(owner), (const void *)layout.owner);
	bpf_probe_read_kernel(&parent, sizeof(parent), (const void *)layout.parent);
	record = &walk->way->at[n];
	walk->way->n = n + 1;
	record->kind = RECORD_NS;
	record->type = layout.type;
	record->ino = ino;
	record->owner = BPF_CORE_READ(owner, ns.inum);
	record->parent = BPF_CORE_READ(parent, ns.inum);
	bpf_probe_read_kernel(
		&record->owner_uid, sizeof(record->owner_uid), (const void *)layout.creator);
	bpf_probe_read_kernel(&record->id, sizeof(record->id), (const void *)layout.id);
	walk->at = parent ? (__u64)&parent->ns : (__u64)&owner->ns;
	if (!walk->owner)
		walk->owner = (__u64)&owner->ns;
	return 0;
}

/*
 * Reads a namespace and all above it, up to those that were read before, into this_way(). Returns
 * 0. The verifier follows it once, because it is not static and its arguments can be anything; what
 * is static, it follows once per call.
 */
__noinline int read_way(__u64 address, __u64 pass)
{
	struct walk walk = { .way = this_way(), .at = address, .pass = pass };

	if (!walk.way)
		return 0;
	walk.way->n = 0;
	bpf_loop(WAY_MAX, read_next, &walk, 0);
	return 0;
}

/* Writes what read_way() reads. Returns the inode number of the namespace, 0 if there is none. */
static __noinline __u32 write_ns(const struct out *out, __u64 address)
{
	const struct ns_common *ns = (const void *)address;
	struct way *way = this_way();
	__u64 n;

	read_way(address, out->pass);
	if (!way)
		return 0;
	n = way->n;
	if (n <= WAY_MAX) /* no test for 0: the verifier of Linux 6.1 would lose the bound by it */
		bpf_seq_write(out->seq, way->at, n * sizeof(way->at[0]));
	return BPF_CORE_READ(ns, inum);
}

/* Returns the PID namespace that a process ID belongs to: the innermost in which it has a number.
 */
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

/* The namespaces of a thread, by enum record_type, and those for its children. */
#define PID_FOR_CHILDREN TYPE_COUNT
#define TIME_FOR_CHILDREN (TYPE_COUNT + 1)
#define NS_OF_THREAD (TYPE_COUNT + 2)

struct thread {
	struct out out;
	__u64 ns[NS_OF_THREAD]; /* addresses */
	__u32 ino[NS_OF_THREAD];
};

static long write_ns_of_thread(__u32 i, struct thread *thread)
{
	if (i >= NS_OF_THREAD)
		return 1;
	thread->ino[i] = write_ns(&thread->out, thread->ns[i]);
	return 0;
}

/* The address of a namespace to which a structure points; 0: it points to none. */
#define NS_ADDRESS(at, member)                                                                     \
	({                                                                                         \
		const __typeof__(*(at)->member) *ns_ = BPF_CORE_READ(at, member);                  \
		ns_ ? (__u64)&ns_->ns : 0;                                                         \
	})

static __always_inline void read_proxy(const struct nsproxy *proxy, struct thread *thread)
{
	thread->ns[TYPE_MNT] = NS_ADDRESS(proxy, mnt_ns);
	thread->ns[TYPE_UTS] = NS_ADDRESS(proxy, uts_ns);
	thread->ns[TYPE_IPC] = NS_ADDRESS(proxy, ipc_ns);
	thread->ns[TYPE_NET] = NS_ADDRESS(proxy, net_ns);
	thread->ns[TYPE_CGROUP] = NS_ADDRESS(proxy, cgroup_ns);
	thread->ns[TYPE_TIME] = NS_ADDRESS(proxy, time_ns);
	thread->ns[TIME_FOR_CHILDREN] = NS_ADDRESS(proxy, time_ns_for_children);
	thread->ns[PID_FOR_CHILDREN] = NS_ADDRESS(proxy, pid_ns_for_children);
}

SEC("iter/task")
int write_task(struct bpf_iter__task *ctx)
{
	const struct task_struct *task = ctx->task;
	struct thread thread = { .out = { ctx->meta->seq, ctx->meta->session_id } };
	struct record_task record = { .kind = RECORD_TASK };
	const struct nsproxy *proxy;
	const struct cred *cred;
	const struct pid_namespace *pid;

	if (!task)
		return 0;
	record.pid = task->tgid;
	record.tid = task->pid;
	record.has_ended = task->exit_state != 0;
	proxy = BPF_CORE_READ(task, nsproxy);
	if (proxy)
		read_proxy(proxy, &thread);
	cred = BPF_CORE_READ(task, real_cred);
	thread.ns[TYPE_USER] = NS_ADDRESS(cred, user_ns);
	pid = ns_of_pid(BPF_CORE_READ(task, thread_pid));
	thread.ns[TYPE_PID] = pid ? (__u64)&pid->ns : 0;
	bpf_loop(NS_OF_THREAD, write_ns_of_thread, &thread, 0);
	__builtin_memcpy(record.ino, thread.ino, sizeof(record.ino));
	record.pid_for_children = thread.ino[PID_FOR_CHILDREN];
	record.time_for_children = thread.ino[TIME_FOR_CHILDREN];
	bpf_seq_write(thread.out.seq, &record, sizeof(record));
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
	write_ns(&at->out, (__u64)&user->ns);
	write_file_record(at, holder, TYPE_USER, ino);
}

static __always_inline void write_pid_holder(
	const struct descriptor *at, enum record_holder holder, const struct pid_namespace *pid)
{
	__u32 ino = pid ? BPF_CORE_READ(pid, ns.inum) : 0;

	if (!ino || ino == INIT_PID_INO || ino == at->own_pid)
		return;
	write_ns(&at->out, (__u64)&pid->ns);
	write_file_record(at, holder, TYPE_PID, ino);
}

static __always_inline void write_socket(
	const struct descriptor *at, enum record_holder holder, const struct sock *sk)
{
	const struct net *net = BPF_CORE_READ(sk, __sk_common.skc_net.net);
	__u32 ino;

	if (!sk || !net || (at->own_net && BPF_CORE_READ(net, ns.inum) == at->own_net))
		return;
	ino = write_ns(&at->out, (__u64)&net->ns);
	write_file_record(at, holder, TYPE_NET, ino);
}

/* The inode numbers of namespaces prove that the inode was not freed meanwhile. */
static __always_inline void write_ns_file(
	const struct descriptor *at, enum record_holder holder, const struct inode *inode)
{
	const struct ns_common *ns = BPF_CORE_READ(inode, i_private);
	__u32 ino = ns ? BPF_CORE_READ(ns, inum) : 0;

	if (!ino || ino != BPF_CORE_READ(inode, i_ino))
		return;
	write_ns(&at->out, (__u64)ns);
	write_file_record(at, holder, find_layout((__u64)ns).type, ino);
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
		write_ns(&at->out, (__u64)&net->ns);
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
	const struct seq_file *seq;
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
	seq = ctx->meta->seq; /* an access to *ctx must not be relocated */
	at.start = BPF_CORE_READ(seq, count);
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
