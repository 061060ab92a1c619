// SPDX-License-Identifier: MIT
/*
 * Scans processes, threads and descriptors by the records of the BPF programs, in place of the
 * files of /proc.
 *
 * The kernel lists threads by ascending TID. A child has a higher TID than its parent and starts
 * before the parent exits. So one list shows every namespace that processes hand on to their
 * children, unless TIDs have wrapped around meanwhile; not one that setns(2) hands on to a process
 * that was listed before.
 */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/bpf.h"

#include <errno.h>
#include <stdlib.h>

/* Passes while TIDs wrap around. */
#define TRIES_MAX 3

/* A process: its threads are neighbours in the list of tasks. */
struct bpf_process {
	const struct record_task *tasks;
	size_t n;
	const struct record_task *read; /* the thread by which it is read */
};

/* What the worker reads. */
struct bpf_pass {
	struct emitter *emitter;
	struct record_task *tasks;
	size_t ntasks, tasks_size;
	struct record_file *files;
	size_t nfiles, files_size;
	struct record_superblock *superblocks;
	size_t nsuperblocks, superblocks_size;
	struct bpf_process *processes;
	size_t nprocesses, processes_size;
	struct u64map by_pid;     /* processes */
	struct u64map namespaces; /* written before, by type and inode */
	struct u64map members;    /* namespaces that have a thread, by type and inode */
	struct u64map rings;      /* their first descriptor in each table, by ring and thread */
	struct u64map tables;     /* descriptor tables of processes, with the thread that has it */
	__u32 *crowded;           /* processes of which descriptors beyond that were left out */
	size_t ncrowded, crowded_size;
};

/*
 * All files of a ring are written for each of its descriptors. Adds those of its first descriptor
 * in each table.
 */
static void add_file(struct bpf_pass *pass, const struct record_file *record)
{
	uint64_t key = (uint64_t)record->ring << 32 | record->tid;
	__u32 *first = record->ring ? u64map_get(&pass->rings, key) : NULL;

	if (first && *first != record->fd)
		return;
	if (record->ring && !first) {
		first = arena_alloc(&pass->emitter->worker->arena, sizeof(*first));
		*first = record->fd;
		u64map_put(&pass->rings, key, first);
	}
	/* A crowded process is listed once: descriptors come in the order of threads. */
	if (pass->nfiles < pass->emitter->ctx->options.descriptors_max)
		*array_push(pass->files, pass->nfiles, pass->files_size) = *record;
	else if (!pass->ncrowded || pass->crowded[pass->ncrowded - 1] != record->pid)
		*array_push(pass->crowded, pass->ncrowded, pass->crowded_size) = record->pid;
}

/* Relations of ref, to be merged if it is found and can't be opened. */
static void merge_relations_later(struct merge *merge, const struct fact *fact)
{
	struct fact *copy = arena_alloc(&merge->arena, sizeof(*copy));

	*copy = *fact;
	u64map_put(&merge->known_relations, ns_ref_key(fact->ref), copy);
}

static void emit_known_relations(struct bpf_pass *pass, const struct record_ns *record)
{
	const struct ns_ref ref = { (enum nstype)record->type, record->ino };
	const bool is_user = ref.type == NS_USER;
	struct fact *fact;

	if (u64map_get(&pass->namespaces, ns_ref_key(ref)))
		return;
	fact = emit_fact(pass->emitter, merge_relations_later);
	u64map_put(&pass->namespaces, ns_ref_key(ref), fact);
	fact->ref = ref;
	fact->relations.owner = is_user ? 0 : record->owner;
	fact->relations.parent = is_user ? record->owner : record->parent;
	fact->relations.id = record->id;
	fact->relations.has_owner_uid = is_user;
	fact->relations.owner_uid = record->owner_uid;
}

/* What was no namespace any more when it was read has no type. */
static int add_records(void *data, const void *records, size_t size)
{
	struct bpf_pass *pass = data;
	const char *at = records, *end = at + size;

	if (!worker_progress(pass->emitter->worker))
		return -ECANCELED;
	while (at < end) {
		const void *record = at;
		const __u32 kind = *(const __u32 *)record;
		const struct record_task *task = record;
		const struct record_ns *ns = record;
		const struct record_file *file = record;
		const struct record_superblock *superblock = record;
		size_t n = record_size(kind);

		if (!n)
			return -EBADMSG;
		if (kind == RECORD_TASK)
			*array_push(pass->tasks, pass->ntasks, pass->tasks_size) = *task;
		else if (kind == RECORD_NS && ns->type < NS_TYPE_COUNT)
			emit_known_relations(pass, ns);
		else if (kind == RECORD_FILE && file->type < NS_TYPE_COUNT)
			add_file(pass, file);
		else if (kind == RECORD_SUPERBLOCK)
			*array_push(pass->superblocks, pass->nsuperblocks, pass->superblocks_size) =
				*superblock;
		at += n;
	}
	return 0;
}

/* By process; the first thread of each first, because its TID is the PID. */
static int task_compare(const void *a, const void *b)
{
	const struct record_task *left = a, *right = b;

	if (left->pid != right->pid)
		return compare_numbers(left->pid, right->pid);
	if (left->tid == right->tid || left->tid == left->pid)
		return left->tid == right->tid ? 0 : -1;
	return right->tid == right->pid ? 1 : compare_numbers(left->tid, right->tid);
}

/* A thread that is exiting has given up all but its user and PID namespace. */
static bool has_namespaces(const struct record_task *task)
{
	return task->ino[NS_MNT] != 0;
}

static void find_processes(struct bpf_pass *pass)
{
	struct bpf_process *last = NULL;
	size_t n = 0;

	if (pass->ntasks)
		qsort(pass->tasks, pass->ntasks, sizeof(*pass->tasks), task_compare);
	pass->nprocesses = 0;
	u64map_done(&pass->by_pid);
	for (size_t i = 0; i < pass->ntasks; i++) {
		struct record_task *task = &pass->tasks[n];

		if (n && !task_compare(task - 1, &pass->tasks[i]))
			continue; /* listed twice */
		*task = pass->tasks[i];
		n++;
		if (!last || last->tasks->pid != task->pid) {
			last = array_push(pass->processes, pass->nprocesses, pass->processes_size);
			*last = (struct bpf_process){ .tasks = task, .read = task };
		}
		last->n++;
		/* If the first has ended, the process is a member of the namespaces of others. */
		if (!has_namespaces(last->read) && has_namespaces(task))
			last->read = task;
	}
	pass->ntasks = n;
	for (size_t i = 0; i < pass->nprocesses; i++)
		u64map_put(&pass->by_pid, pass->processes[i].tasks->pid, &pass->processes[i]);
}

/* Reads the lists again while TIDs wrap around. Returns 0 or -errno. */
static int read_all(struct bpf_pass *pass)
{
	const struct ctx *ctx = pass->emitter->ctx;
	const struct bpf *bpf = ctx->options.bpf;

	for (int i = 0; i < TRIES_MAX; i++) {
		pid_t before = 0, after = 0;
		bool known = true;
		int r;

		proctext_read_last_pid(&ctx->procfs, &before);
		pass->ntasks = pass->nfiles = pass->ncrowded = 0;
		pass->nsuperblocks = 0;
		u64map_done(&pass->namespaces);
		u64map_done(&pass->rings);
		r = bpf->read(bpf, BPF_TASKS, add_records, pass);
		if (r == 0 && (ctx_wants(ctx, SOURCE_FDS) || ctx_wants(ctx, SOURCE_SOCKETS)))
			r = bpf->read(bpf, BPF_DESCRIPTORS, add_records, pass);
		find_processes(pass);
		/* Some may have started before the list of descriptors came to them. */
		for (size_t k = 0; k < pass->nfiles && known; k++)
			known = u64map_get(&pass->by_pid, pass->files[k].pid);
		if (r == 0 && !known) {
			r = bpf->read(bpf, BPF_TASKS, add_records, pass);
			find_processes(pass);
		}
		if (r < 0)
			return r;
		if (proctext_read_last_pid(&ctx->procfs, &after) < 0 || after >= before)
			return 0;
	}
	emit_limitation(pass->emitter, LIMITATION_TURNOVER);
	return 0;
}

/* What a thread has of its own, beside the thread by which its process is read. */
static void emit_thread(
	struct bpf_pass *pass, const struct record_task *task, const struct record_task *of)
{
	const struct ctx *ctx = pass->emitter->ctx;
	const struct ns_ref children[] = { { NS_PID, task->pid_for_children },
		{ NS_TIME, task->time_for_children } };

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (ctx->links & 1u << t && task->ino[t] && task->ino[t] != of->ino[t])
			emit_holder(pass->emitter, (struct ns_ref){ t, task->ino[t] },
				HOLDER_THREAD, (pid_t)task->tid, 0);
	for (size_t i = 0; i < sizeof(children) / sizeof(*children); i++)
		if (children[i].ino && children[i].ino != of->ino[children[i].type] &&
			ctx->options.types & 1u << children[i].type)
			emit_holder(
				pass->emitter, children[i], HOLDER_CHILDREN, (pid_t)task->tid, 0);
}

static void emit_processes(struct bpf_pass *pass)
{
	const struct ctx *ctx = pass->emitter->ctx;

	for (size_t i = 0; i < pass->nprocesses && worker_progress(pass->emitter->worker); i++) {
		const struct bpf_process *process = &pass->processes[i];
		const struct record_task *read = process->read;
		struct fact *fact;

		pass->emitter->pid = (pid_t)process->tasks->pid;
		fact = emit_fact(pass->emitter, merge_process);
		fact->tid = (pid_t)read->tid;
		if (!has_namespaces(read))
			fact->process.kind = read->has_ended ? HOLDER_ZOMBIE : HOLDER_EXITING;
		for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
			if (ctx->links & 1u << t)
				fact->process.ino[t] = read->ino[t];
		for (size_t k = 0; k < process->n; k++) {
			const struct record_task *task = &process->tasks[k];

			if (has_namespaces(task) &&
				ctx_wants(ctx, task == read ? SOURCE_PROCESSES : SOURCE_THREADS))
				emit_thread(pass, task, read);
		}
	}
}

/* How descriptors hold a namespace. */
static const struct bpf_holding {
	enum holder_kind kind;
	enum source source;

	/*
	 * By credentials or a file system, as so much is. Adds nothing about a namespace that has
	 * a member.
	 */
	bool weak;
} holdings[] = {
	[RECORD_FD] = { HOLDER_FD, SOURCE_FDS, false },
	[RECORD_SOCKET] = { HOLDER_SOCKET, SOURCE_SOCKETS, false },
	[RECORD_TUN] = { HOLDER_TUN, SOURCE_SOCKETS, false },
	[RECORD_RING] = { HOLDER_URING, SOURCE_FDS, false },
	[RECORD_QUEUE] = { HOLDER_QUEUE, SOURCE_FDS, false },
	[RECORD_PEER] = { HOLDER_PEER, SOURCE_FDS, true },
	[RECORD_PIDFD] = { HOLDER_PIDFD, SOURCE_FDS, true },
	[RECORD_CRED] = { HOLDER_CRED, SOURCE_FDS, true },
	[RECORD_SB] = { HOLDER_SUPERBLOCK, SOURCE_FDS, true },
	[RECORD_OPEN] = { HOLDER_FILE, SOURCE_FDS, true },
	[RECORD_TREE] = { HOLDER_TREE, SOURCE_FDS, false },
};

/*
 * Descriptors of nsls itself are closed before its output is read. Those of a table are emitted for
 * the first thread of the process that has it: when the first thread has ended, the others are
 * listed one by one. A table's address is a multiple of 64, and the tables of one machine differ in
 * less than its 16 highest bits. A PID has 22 bits.
 */
static void emit_files(struct bpf_pass *pass)
{
	struct emitter *emitter = pass->emitter;
	const struct ctx *ctx = emitter->ctx;

	for (size_t i = 0; i < pass->ntasks; i++)
		for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
			const struct ns_ref ref = { t, pass->tasks[i].ino[t] };

			if (ref.ino)
				u64map_add(&pass->members, ns_ref_key(ref));
		}
	for (size_t i = 0; i < pass->nfiles && worker_progress(emitter->worker); i++) {
		struct record_file *file = &pass->files[i];
		const struct ns_ref ref = { (enum nstype)file->type, file->ino };
		const struct bpf_process *process = u64map_get(&pass->by_pid, file->pid);
		uint64_t table = file->table << 16 | file->pid;
		const struct bpf_holding *holding;
		const struct record_file *first;

		emitter->pid = (pid_t)file->pid;
		if (!process || emitter->pid == ctx->procfs.self)
			continue;
		first = u64map_get(&pass->tables, table);
		if (!first)
			u64map_put(&pass->tables, table, file);
		if (first && first->tid != file->tid)
			continue;
		if (file->holder == RECORD_CUT)
			emit_limitation(
				emitter, file->ring ? LIMITATION_RING_UNREAD : LIMITATION_VISITS);
		else if (file->holder == RECORD_DETACHED && ctx->options.types & 1u << NS_MNT)
			emit_fact(emitter, merge_detached);
		if (file->holder >= sizeof(holdings) / sizeof(*holdings))
			continue;
		holding = &holdings[file->holder];
		/* The process is a member of its network namespace already. */
		if (!ctx_wants(ctx, holding->source) ||
			(holding->source == SOURCE_SOCKETS &&
				ref.ino == process->read->ino[NS_NET]))
			continue;
		if (!holding->weak || !u64map_get(&pass->members, ns_ref_key(ref)))
			emit_holder(emitter, ref, holding->kind, (pid_t)file->tid, (int)file->fd);
	}
	for (size_t i = 0; i < pass->ncrowded; i++) {
		emitter->pid = (pid_t)pass->crowded[i];
		emit_limitation(emitter, LIMITATION_DESCRIPTORS);
	}
}

/* A file system holds ref. */
static void merge_superblock(struct merge *merge, const struct fact *fact)
{
	ns_ref_put(&merge->superblocks, fact->device, fact->ref, &merge->arena);
}

static int scan_bpf(struct emitter *emitter, void *item)
{
	struct bpf_pass *pass = emitter->worker->own;
	int r;

	pass->emitter = emitter;
	r = read_all(pass);
	if (r < 0)
		return r;
	emit_processes(pass);
	emit_files(pass);

	/* File systems of which the namespace had no member at the end of the list of tasks. */
	emitter->pid = 0;
	for (size_t i = 0; i < pass->nsuperblocks; i++) {
		const struct record_superblock *record = &pass->superblocks[i];
		const struct ns_ref ref = { (enum nstype)record->type, record->ino };
		struct fact *fact;

		if (record->is_cut)
			emit_limitation(emitter, LIMITATION_VISITS);
		if (!ref.ino || u64map_get(&pass->members, ns_ref_key(ref)))
			continue;
		fact = emit_fact(emitter, merge_superblock);
		fact->ref = ref;
		fact->device = record->device;
	}
	return 0;
}

static void bpf_pass_done(void *data)
{
	struct bpf_pass *pass = data;

	free(pass->tasks);
	free(pass->files);
	free(pass->superblocks);
	free(pass->processes);
	free(pass->crowded);
	u64map_done(&pass->by_pid);
	u64map_done(&pass->namespaces);
	u64map_done(&pass->members);
	u64map_done(&pass->rings);
	u64map_done(&pass->tables);
}

const struct phase phase_bpf = {
	.id = PHASE_BPF,
	/* By its key a blocked reader is the last: two would share the programs' memory. */
	.fill = work_list_add_one,
	.scan = scan_bpf,
	/* No process is known then to be unreadable: all may have been missed. */
	.timeout_limitation = LIMITATION_TURNOVER,
	.own_size = sizeof(struct bpf_pass),
	.own_done = bpf_pass_done,
};
