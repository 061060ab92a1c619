// SPDX-License-Identifier: MIT
/*
 * Reads what shown rows need of their processes: command lines, users, start times, control groups;
 * and for the summary, limits and settings of the system.
 */
#include "nsls/enrich.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CGROUPS_MAX ((size_t)128 * 1024)

/* The needs (enum need) about the namespace of a row, read of one of its members. */
#define INSIDE_NEEDS ((unsigned)(NEED_LINKS | NEED_UIDMAP | NEED_GIDMAP | NEED_OFFSETS))

struct enrich_item {
	pid_t pid, tid;              /* as in the model's process */
	unsigned needs;              /* of enum need */
	uint64_t scan_ticks;         /* start of the scan */
	uint32_t ino[NS_TYPE_COUNT]; /* identifies the process; 0: that type does not matter */
};

struct enrich_list {
	struct procfs procfs;
	struct enrich_item *at;
	size_t n, size;
};

/* What was read of a process. Texts are in the worker's arena. */
struct process_facts {
	bool has_stat, has_status, has_identity;
	bool unsure; /* nothing was read, because it may not be the process that was scanned */
	struct proc_stat stat;
	struct proc_status status;
	const char *command; /* NULL: none */
	const char *comm;    /* NULL: none */
	struct identity identity;
	const char *inside[INSIDE_COUNT]; /* NULL: not known */
	bool has_links;
	unsigned links;
};

/* Returns 0, -ESTALE if the process is in another namespace than in the scan, or -errno. */
static int check_same_namespaces(
	const struct procfs *procfs, int dirfd, const struct enrich_item *item)
{
	CLEANUP_FD int ns_fd = procfs_open_directory(procfs, dirfd, "ns", O_PATH);

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r;

		if (!item->ino[t])
			continue;
		r = ns_fd < 0 ? ns_fd : procfs_read_ns(ns_fd, nstype_info[t].name, t, &ino);
		if (r < 0 || ino != item->ino[t])
			return r < 0 ? r : -ESTALE;
	}
	return 0;
}

static int facts_read_text(int fd, int (*read)(int process_fd, struct strbuf *out),
	struct arena *arena, const char **ret_text)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int r = read(fd, &text);

	if (r == 0 && text.len)
		*ret_text = arena_strdup(arena, text.text);
	return r;
}

/* Reads some files of the thread by which the process is read: they are empty for an ended one. */
static int facts_read(int fd, int thread_fd, const struct enrich_item *item, struct arena *arena,
	struct process_facts *facts)
{
	int dirfd = thread_fd < 0 ? fd : thread_fd, r = 0;
	CLEANUP(strbuf_done) struct strbuf cgroup = { 0 };
	struct proc_status thread;

	if (item->needs & NEED_STAT) {
		r = proctext_read_stat(fd, &facts->stat);
		facts->has_stat = r == 0;
	}
	if (item->needs & NEED_STATUS && !error_is_fatal(r)) {
		r = proctext_read_status(fd, &facts->status);
		facts->has_status = r == 0;
		/* The user of a thread that runs. NSpid is that of the main thread. */
		if (r == 0 && dirfd != fd && proctext_read_status(dirfd, &thread) == 0)
			facts->status.uid = thread.uid;
	}
	if (item->needs & NEED_COMMAND && !error_is_fatal(r))
		r = facts_read_text(dirfd, proctext_read_command, arena, &facts->command);
	if (item->needs & NEED_COMM && !error_is_fatal(r))
		r = facts_read_text(fd, proctext_read_comm, arena, &facts->comm);
	if (item->needs & NEED_IDENTITY && !error_is_fatal(r)) {
		/* Cut: a control group may have a path of any length. */
		r = procfile_read_start(dirfd, "cgroup", CGROUPS_MAX, &cgroup);
		facts->has_identity = r >= 0;
		if (r >= 0)
			identity_parse(strbuf_text(&cgroup), arena, &facts->identity);
	}
	return error_is_fatal(r) ? r : 0;
}

/* Keeps what was read only if the process is still a member: it may move to other namespaces. */
static int facts_read_inside(const struct procfs *procfs, int fd, const struct enrich_item *item,
	struct arena *arena, struct process_facts *facts)
{
	static const char *const files[] = { "uid_map", "gid_map", "timens_offsets" };
	CLEANUP_FD int ns_fd = -1;
	uint32_t children;
	int r = 0;

	if (item->needs & NEED_LINKS) {
		r = proctext_count_links(fd, &facts->links);
		facts->has_links = r == 0;
	}
	for (enum inside i = 0; i < INSIDE_COUNT && !error_is_fatal(r); i++) {
		CLEANUP(strbuf_done) struct strbuf text = { 0 };

		if (!(item->needs & (unsigned)NEED_UIDMAP << i))
			continue;
		r = proctext_read_triples(fd, files[i], i == INSIDE_OFFSETS, &text);
		if (r == 0) /* the file may be empty */
			facts->inside[i] = arena_strdup(arena, strbuf_text(&text));
	}
	/* The offsets are those of the time namespace of future children, time_namespaces(7). */
	if (facts->inside[INSIDE_OFFSETS])
		ns_fd = procfs_open_directory(procfs, fd, "ns", O_PATH);
	if (ns_fd < 0 ||
		procfs_read_ns(ns_fd, nstype_info[NS_TIME].children, NS_TIME, &children) < 0 ||
		children != item->ino[NS_TIME])
		facts->inside[INSIDE_OFFSETS] = NULL;
	if (check_same_namespaces(procfs, fd, item) < 0) {
		facts->has_links = false;
		memset(facts->inside, 0, sizeof(facts->inside));
	}
	return error_is_fatal(r) ? r : 0;
}

/*
 * Reads a process. Its PID may have been used again since the scan, so the process has to be in the
 * same namespaces of the types that are shown, which makes the facts true of the rows; or it has to
 * have started before the scan, which proves that it is the same process. Returns 0, also if it has
 * ended, or -errno, which ends the run.
 */
static int read_process_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct enrich_list *list = worker->shared;
	const struct procfs *procfs = &list->procfs;
	const struct enrich_item *item = &list->at[i];
	struct arena *arena = &worker->arena;
	struct process_facts *facts = *ret_found = arena_alloc(arena, sizeof(*facts));
	CLEANUP_FD int fd = procfs_open_process(procfs, item->pid);
	CLEANUP_FD int thread_fd = -1;
	struct proc_stat stat;
	pid_t tid;
	int r;

	if (fd < 0)
		return error_is_fatal(fd) ? fd : 0;
	r = check_same_namespaces(procfs, fd, item);
	if (item->tid != item->pid || r == -ENOENT)
		thread_fd = procfs_open_remaining_thread(procfs, fd, item->pid, &tid);
	if (error_is_fatal(thread_fd))
		return thread_fd;
	if (thread_fd >= 0)
		r = check_same_namespaces(procfs, thread_fd, item);
	if (r == 0 && item->needs & INSIDE_NEEDS)
		r = facts_read_inside(procfs, thread_fd < 0 ? fd : thread_fd, item, arena, facts);
	if (error_is_fatal(r))
		return r;
	if (r == 0 || (proctext_read_stat(fd, &stat) == 0 && stat.start_ticks < item->scan_ticks))
		return facts_read(fd, thread_fd, item, arena, facts);
	facts->unsure = error_class(r) != ERROR_VANISHED;
	return 0;
}

/* The needs (enum need) that are read per process. */
#define PROCESS_NEEDS                                                                              \
	((unsigned)(NEED_STAT | NEED_STATUS | NEED_COMMAND | NEED_IDENTITY | NEED_COMM) |          \
		INSIDE_NEEDS)

struct enrichment {
	const struct enrich_ctx *ctx;
	struct enrich_list *list;     /* of processes to read; NULL: none */
	struct releases releases;     /* of the rows, for NEED_RELEASE */
	unsigned types;               /* of the rows */
	uint32_t host[NS_TYPE_COUNT]; /* namespaces that don't identify a process, or 0 */
};

static void enrich_add_process(struct enrichment *e, const struct process *shown, unsigned needs)
{
	struct process *process = shown ? model_find_process(e->ctx->model, shown->pid) : NULL;
	struct enrich_list *list;
	struct enrich_item *at;

	needs &= PROCESS_NEEDS;
	if (!process || !(needs & ~process->attempted))
		return;
	if (!e->list) {
		e->list = memory_alloc(1, sizeof(*e->list));
		e->list->procfs = *e->ctx->procfs;
	}
	list = e->list;
	at = array_push(list->at, list->n, list->size);
	*at = (struct enrich_item){
		.pid = process->pid,
		.tid = process->tid,
		.needs = needs & ~process->attempted,
		.scan_ticks = e->ctx->model->scan_ticks,
	};
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (e->types & 1u << t && process->ino[t] != e->host[t])
			at->ino[t] = process->ino[t];
	process->attempted |= needs;
}

/* Needs of a process that RELEASE names. */
#define RELEASE_NEEDS ((unsigned)(NEED_STAT | NEED_STATUS | NEED_COMM))

static void enrich_add_row(struct enrichment *e, unsigned needs, const struct row *row)
{
	static const unsigned of_type[NS_TYPE_COUNT] = {
		[NS_NET] = NEED_LINKS,
		[NS_TIME] = NEED_OFFSETS,
		[NS_USER] = NEED_UIDMAP | NEED_GIDMAP,
	};
	unsigned process_needs = needs & ~(NEED_COMM | INSIDE_NEEDS);
	unsigned member_needs = needs & NEED_MEMBERS_STAT ? NEED_STAT : 0;
	unsigned inside_needs;

	/* Any member of a group may have the best identity. */
	if (row->kind == ROW_GROUP)
		process_needs |= member_needs |= needs & NEED_IDENTITY;
	process_needs |= needs & NEED_MEMBER_COMM ? NEED_COMM : 0;
	process_needs |= needs & NEED_RELEASE ? RELEASE_NEEDS : 0;
	enrich_add_process(e, row_process(row), process_needs);
	enrich_add_process(e, row_user_process(row), process_needs & (NEED_STATUS | NEED_COMMAND));
	for (size_t i = 0; row->group && i < row->group->n; i++)
		enrich_add_process(e, row->group->members[i], member_needs);
	if (row->kind == ROW_NS && !row->ns->leader)
		enrich_add_process(e, row->ns->first->process, needs & NEED_COMM);
	if (needs & NEED_IDENTITY)
		enrich_add_process(e, row_representative(row), NEED_IDENTITY);
	if (!row->ns)
		return;
	if (row->kind == ROW_NS && member_needs)
		for (const struct holder *h = row->ns->first; h && holder_is_member(h); h = h->next)
			enrich_add_process(e, h->process, member_needs);
	if (needs & NEED_RELEASE && ns_can_be_released(e->ctx->model, row->ns))
		releases_add(&e->releases, row->ns);
	inside_needs = needs & of_type[row->ns->ref.type];
	if (inside_needs)
		enrich_add_process(e, ns_first_running(row->ns), inside_needs);
}

/*
 * Adds the holders of the namespaces that have to be released, and the processes that process 1 of
 * a PID namespace may wait for.
 */
static void enrich_add_releases(struct enrichment *e)
{
	for (size_t i = 0; i < e->releases.n; i++)
		for (const struct holder *h = e->releases.at[i]->first; h; h = h->next) {
			const struct ns *pidns = NULL;

			enrich_add_process(e, h->process, RELEASE_NEEDS);
			if (h->kind == HOLDER_EXITING)
				pidns = model_find(e->ctx->model,
					(struct ns_ref){ NS_PID, h->process->ino[NS_PID] });
			for (const struct holder *in = pidns ? pidns->first : NULL; in;
				in = in->next)
				enrich_add_process(e, in->process, RELEASE_NEEDS);
		}
}

static uint64_t enrich_key(const void *shared, size_t i)
{
	return (uint64_t)((const struct enrich_list *)shared)->at[i].pid;
}

static void enrich_list_free(void *data)
{
	struct enrich_list *list = data;

	free(list->at);
	free(list);
}

static void take_process_facts(
	void *taker, const void *shared, size_t i, const void *found, bool timed_out)
{
	struct enrichment *e = taker;
	struct arena *arena = &e->ctx->model->arena;
	const struct enrich_item *item = &((const struct enrich_list *)shared)->at[i];
	struct process *process = model_find_process(e->ctx->model, item->pid);
	const struct process_facts *facts = found;

	if (!facts) {
		process->attempted = PROCESS_NEEDS;
		report_timed_out(e->ctx->report, item->pid);
		return;
	}
	if (facts->unsure && item->needs & NEED_IDENTITY)
		e->ctx->report->limitations |= LIMITATION_MOVED;
	if (facts->has_stat) {
		process->has_stat = true;
		process->kthread = facts->stat.kthread;
		process->ppid = facts->stat.ppid;
		process->num_threads = facts->stat.num_threads;
		process->start_ticks = facts->stat.start_ticks;
	}
	if (facts->has_status) {
		process->has_status = true;
		process->admin = facts->status.admin;
		process->uid = facts->status.uid;
		process->nspid = facts->status.nspid;
	}
	if (facts->command)
		process->command = arena_strdup(arena, facts->command);
	if (facts->comm)
		process->comm = arena_strdup(arena, facts->comm);
	if (facts->has_links) {
		process->has_links = true;
		process->links = facts->links;
	}
	for (enum inside in = 0; in < INSIDE_COUNT; in++)
		if (facts->inside[in])
			process->inside[in] = arena_strdup(arena, facts->inside[in]);
	if (facts->has_identity)
		process->identity = identity_copy(arena, &facts->identity);
}

/* Reads the processes on the list, which is freed, and merges the facts. */
static int enrich_run(struct enrichment *e)
{
	const struct work work = {
		.n = e->list ? e->list->n : 0,
		.grain = 32,
		.run_item = read_process_item,
		.key = enrich_key,
		.shared = e->list,
		.shared_done = enrich_list_free,
		.take_result = take_process_facts,
		.taker = e,
	};

	e->list = NULL;
	return work.n ? pool_run(e->ctx->pool, &work) : 0;
}

int enrich_rows(const struct enrich_ctx *ctx, unsigned needs, struct rows *rows)
{
	const struct model *model = ctx->model;
	struct enrichment e = { .ctx = ctx, .releases.model = model };
	size_t n = rows ? rows->n : 0;
	int r;

	for (size_t i = 0; i < n; i++)
		e.types |= 1u << rows->at[i].type;
	/* Identify processes by their namespaces of all types that are not those of the host. */
	if (!rows || (n && rows->at[0].kind == ROW_GROUP)) {
		e.types = NS_TYPES_ALL;
		model_host(model, e.host);
	}
	for (size_t i = 0; i < n; i++)
		enrich_add_row(&e, needs, &rows->at[i]);
	enrich_add_releases(&e);
	/* NEED_ANCESTRY takes the parent of every process. */
	for (size_t i = 0; (!rows || needs & NEED_ANCESTRY) && i < model->nprocesses; i++)
		enrich_add_process(&e, model->processes[i], rows ? NEED_STAT : needs);
	r = enrich_run(&e);
	/* The parents that have to wait for zombies are known once stat of these was read. */
	for (size_t i = 0; r == 0 && needs & NEED_RELEASE && i < model->nprocesses; i++) {
		const struct process *process = model->processes[i];

		if (process->zombie && process->has_stat)
			enrich_add_process(&e, model_find_process(model, process->ppid), NEED_COMM);
	}
	if (r == 0)
		r = enrich_run(&e);
	releases_done(&e.releases);
	for (size_t i = 0; r == 0 && needs & NEED_LIMITS && i < n; i++) {
		struct row *row = &rows->at[i];

		if (row->kind != ROW_TYPE)
			continue;
		r = proctext_read_limit(ctx->procfs, row->type, &row->limit);
		row->has_limit = r == 0;
		r = error_is_fatal(r) ? r : 0;
	}
	return r;
}

/* Why the kernel refuses new namespaces, besides a limit that is reached. */

/* Settings with which the kernel refuses user namespaces, and the values that do so. */
static const struct {
	const char *sysctl;
	uint64_t value;
	const char *text;
} settings[] = {
	{ "unprivileged_userns_clone", 0, "creating a user namespace requires CAP_SYS_ADMIN" },
	{ "apparmor_restrict_unprivileged_userns", 1,
		"without CAP_SYS_ADMIN, creating a user namespace requires an AppArmor "
		"profile that permits it" },
};

static int find_settings(const struct procfs *procfs, struct strbuf *out, size_t *n)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		uint64_t value;
		char path[64];
		int r;

		snprintf(path, sizeof(path), "sys/kernel/%s", settings[i].sysctl);
		r = proctext_read_number(procfs, path, "", INT_MAX, &value);
		if (error_is_fatal(r))
			return r;
		if (r < 0 || value != settings[i].value) /* most kernels don't have it */
			continue;
		strbuf_addf(out, "kernel.%s is %u: %s", settings[i].sysctl, (unsigned)value,
			settings[i].text);
		strbuf_end_item(out, n);
	}
	return 0;
}

static void find_nesting(const struct model *model, enum nstype type, struct strbuf *out, size_t *n)
{
	const struct ns_type_info *info = &nstype_info[type];
	const struct ns *first = NULL;
	char text[NSTYPE_TEXT_MAX];
	size_t count = 0;

	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];
		unsigned depth;

		if (ns->ref.type != type || !ns->first || !ns_depth(ns, &depth) ||
			depth < info->depth_max)
			continue;
		first = first ? first : ns;
		count++;
	}
	if (!count)
		return;
	strbuf_addf(out, "%s namespaces can't nest deeper than %u levels: none can be created in ",
		info->noun, info->depth_max);
	if (count > 1)
		strbuf_addf(out, "%zu of them, such as ", count);
	strbuf_adds(out, nstype_format(first->ref, text));
	strbuf_end_item(out, n);
}

int refusals_find(const struct procfs *procfs, const struct model *model, unsigned types,
	struct strbuf *out, size_t *n)
{
	unsigned refused = 0;
	int r = 0;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint64_t limit;

		r = types & 1u << t ? proctext_read_limit(procfs, t, &limit) : -ENOENT;
		if (error_is_fatal(r))
			return r;
		refused |= r == 0 && limit == 0 ? 1u << t : 0;
	}
	if (refused) {
		strbuf_adds(out, "the limit is 0, so no user can create a namespace of type ");
		group_add_types(refused, out);
		strbuf_end_item(out, n);
	}
	r = types & 1u << NS_USER ? find_settings(procfs, out, n) : 0;
	for (enum nstype t = 0; r == 0 && t < NS_TYPE_COUNT; t++)
		if (types & 1u << t && nstype_info[t].depth_max)
			find_nesting(model, t, out, n);
	return r;
}
