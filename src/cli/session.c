// SPDX-License-Identifier: MIT
/* The first steps of every run: plan, what to look for, scan, select, filter. */
#include "internal.h"

#include "nsls/enrich.h"
#include "nsls/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

static void session_drop_scan(struct session *session)
{
	view_done(&session->view);
	rows_done(&session->rows);
	usages_done(&session->usages);
	groups_done(&session->groups);
	model_done(&session->model);
	u64map_done(&session->only);
	u64map_done(&session->chosen);
}

void session_done(struct session *session)
{
	session_drop_scan(session);
	filter_free(session->filter);
	mount_filter_done(&session->mounted);
	free(session->operands);
	u64map_done(&session->named);
	pool_done(&session->pool);
	kernel_live_done(&session->kernel);
	bpf_live_done(&session->bpf);
	procfs_close(&session->procfs);
}

int session_fail(const struct session *session, int error)
{
	return message_fail(session->err, error, "%s", strerror(-error));
}

const char *session_caveat(const struct session *session, bool found)
{
	if (report_is_complete(&session->report))
		return "";
	return found ? " found, but not everything could be read"
		     : ", but not everything could be read";
}

/* Opens the procfs, in which processes are read, and loads the BPF programs. */

static void procfs_try_open(const void *dir, size_t i, void *item)
{
	struct procfs procfs;

	if (procfs_open(dir, &procfs) == 0)
		procfs_close(&procfs);
}

static int session_open_procfs(struct session *session)
{
	const char *dir = session->options->procfs;
	bool other = strcmp(dir, PROCFS) != 0;
	char tried = 0;
	int r;

	/* In a child process, because the directory may be on a dead file server. */
	if (other && child_run(procfs_try_open, dir, &tried, 1, sizeof(tried),
			     session->options->timeout_ms) < 1)
		return message_fail(session->err, -ETIMEDOUT, "timed out reading %s", dir);
	r = procfs_open(dir, &session->procfs);
	if (r < 0)
		return message_fail(session->err, r, "%s: %s", dir, strerror(-r));
	/* Anything may be mounted over /proc. A plain directory has to be chosen by --procfs. */
	if (!session->procfs.kernel && !other)
		return message_fail(session->err, -ENODATA, "%s: not a procfs", dir);
	kernel_live_init(&session->kernel, session->procfs.fd);
	return 0;
}

static const char *bpf_error(int error)
{
	switch (error) {
	case -ENOTSUP:
		return "this nsls was built without BPF programs";
	case -EPERM:
		return "loading BPF programs requires CAP_BPF and CAP_PERFMON in the initial user "
		       "namespace, and a kernel that is not locked down";
	case -ENOENT:
		return "this kernel has no /sys/kernel/btf/vmlinux (CONFIG_DEBUG_INFO_BTF)";
	case -ENOSYS:
		return "this kernel is older than Linux 5.17";
	default:
		return strerror(-error);
	}
}

static int session_load_bpf(struct session *session)
{
	const struct kernel *kernel = &session->kernel.kernel;
	uint32_t ino;
	int r;

	if (!session->options->bpf)
		return 0;
	/* The programs list the threads of the PID namespace of nsls. */
	if (!session->procfs.ours || kernel->own(kernel, NS_PID, &ino) != 0 ||
		ino != nstype_info[NS_PID].initial_ino)
		return message_fail(session->err, -EPERM,
			"--bpf: requires the initial PID namespace, and a /proc of it");
	r = bpf_live_init(&session->bpf);
	return r < 0 ? message_fail(session->err, r, "--bpf: %s", bpf_error(r)) : 0;
}

static int session_parse_filter(struct session *session)
{
	char *error = NULL;
	int r;

	if (!session->options->filter)
		return 0;
	r = filter_new(session->options->filter, session->plan.view, &session->filter,
		&session->filter_needs, &error);
	if (r < 0)
		message_print(session->err, "%s", error ? error : strerror(-r));
	free(error);
	return r;
}

/* Processes (--task), which a child process reads, because that may block. */

int target_of_process(const struct procfs *procfs, pid_t pid, struct ns_ref *ret_refs)
{
	CLEANUP_FD int fd = procfs_open_process(procfs, pid);
	CLEANUP_FD int thread_fd = -1;
	CLEANUP_FD int ns_fd = -1;
	int n = 0, error = -ESRCH;
	uint32_t ino;
	pid_t tid;

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	/* The process has ended, or only its main thread. */
	if (procfs_read_own_ns(procfs, fd, NS_MNT, &ino) == -ENOENT)
		thread_fd = procfs_open_remaining_thread(procfs, fd, pid, &tid);
	if (error_is_fatal(thread_fd))
		return thread_fd;
	ns_fd = procfs_open_directory(procfs, thread_fd < 0 ? fd : thread_fd, "ns", O_PATH);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		int r = ns_fd < 0 ? ns_fd : procfs_read_ns(ns_fd, nstype_info[t].name, t, &ino);

		if (r == 0)
			ret_refs[n++] = (struct ns_ref){ t, ino };
		else if (r != -ENOENT)
			error = r;
	}
	return n ? n : error;
}

struct process_refs {
	int n; /* of target_of_process() */
	struct ns_ref at[NS_TYPE_COUNT];
};

static void read_process_refs(const void *data, size_t i, void *item)
{
	const struct session *session = data;
	struct process_refs *refs = item;

	refs->n = target_of_process(&session->procfs, session->options->processes[i], refs->at);
}

static int session_find_processes(struct session *session)
{
	const struct options *options = session->options;
	size_t n = options->nprocesses, done = 0;
	struct process_refs *refs = memory_alloc(n, sizeof(*refs));
	int r = 0;

	if (n)
		done = child_run(
			read_process_refs, session, refs, n, sizeof(*refs), options->timeout_ms);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		pid_t pid = options->processes[i];

		r = i < done ? refs[i].n : -ETIMEDOUT;
		if (i >= done)
			message_print(session->err, "timed out reading process %d", pid);
		else if (error_is_fatal(r))
			session_fail(session, r);
		else if (r == -ESRCH)
			message_print(session->err, "no process %d in %s", pid, options->procfs);
		else if (r < 0)
			message_print(session->err,
				"could not read the namespaces of process %d: %s", pid,
				strerror(-r));
		for (int k = 0; k < r; k++)
			u64map_add(&session->named, ns_ref_key(refs[i].at[k]));
	}
	free(refs);
	return r < 0 ? r : 0;
}

/* Mounts (--mounted). */

/* What a path leads to. */
struct found_path {
	char device[KERNEL_DEVICE_MAX]; /* of a block device, else empty */
	char path[PATH_MAX];            /* without links; empty: unknown */
};

/* O_PATH opens neither a device nor a file, and needs no reply of the server of a mount point. */
static void find_path(const void *data, size_t i, void *item)
{
	CLEANUP_FD int fd = open(data, O_PATH | O_CLOEXEC);
	struct found_path *found = item;
	struct statx stx;
	char link[40];

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &stx) < 0)
		return;
	if (S_ISBLK(stx.stx_mode))
		snprintf(found->device, sizeof(found->device), "%u:%u", stx.stx_rdev_major,
			stx.stx_rdev_minor);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (procfs_read_link(AT_FDCWD, link, found->path, sizeof(found->path)) < 0)
		found->path[0] = '\0';
}

bool mounted_parse_number(const char *text, char **ret_device)
{
	char device[KERNEL_DEVICE_MAX];
	uint64_t major, minor;
	const char *colon = number_take(text, UINT32_MAX, &major);
	const char *end =
		colon && *colon == ':' ? number_take(colon + 1, UINT32_MAX, &minor) : NULL;

	if (!end || *end)
		return false;
	snprintf(device, sizeof(device), "%u:%u", (unsigned)major, (unsigned)minor);
	if (ret_device)
		*ret_device = memory_copy(device);
	return true;
}

/*
 * Finds out which mounts to look for. A path of another system is looked up only in the mount table
 * of that. One that does not exist may still be a mount point elsewhere, or the source of a mount.
 */
static int session_find_mounted(struct session *session)
{
	struct mount_filter *filter = &session->mounted;
	const char *text = session->options->mounted;
	bool ours = session->procfs.ours;
	struct found_path found = { 0 };
	int r;

	if (!text || mounted_parse_number(text, &filter->device))
		return 0;
	if (ours && child_run(find_path, text, &found, 1, sizeof(found),
			    session->options->timeout_ms) < 1)
		return message_fail(session->err, -ETIMEDOUT, "timed out reading %s", text);
	filter->typed = memory_copy(text);
	filter->source = memory_copy(found.path[0] == '/' ? found.path : text);
	for (size_t len = strlen(filter->source); len > 1 && filter->source[len - 1] == '/'; len--)
		filter->source[len - 1] = '\0';
	if (found.device[0]) {
		filter->device = memory_copy(found.device);
		return 0;
	}
	filter->point = memory_copy(filter->source);
	r = mount_filter_find(&session->procfs, ours ? session->procfs.self : 1, filter);
	if (filter->device) { /* a fact, unlike a text that any user may choose */
		free(filter->point);
		free(filter->source);
		free(filter->typed);
		filter->point = filter->source = filter->typed = NULL;
	}
	return error_is_fatal(r) ? session_fail(session, r) : 0;
}

/* Makes the options of the scan from the plan, the filter, rules and operands. */
static void session_plan_scan(struct session *session)
{
	const struct options *options = session->options;
	/* The lowest inode of a namespace; ids begin at 1. */
	const uint32_t lowest = nstype_info[NS_MNT].initial_ino;
	unsigned types = session->query.types, types_of_operands = 0;
	unsigned needs = session->filter_needs, sources = options->sources;

	/* --count and --quiet show no columns. With --monitor, ids distinguish namespaces. */
	if (options->monitor_ms || options->by_user)
		needs |= NEED_RELATIONS;
	if (!options->monitor_ms && (options->nrules || (!options->count && !options->quiet)))
		needs |= session->plan.needs;
	for (size_t i = 0; i < options->nnamespaces; i++) {
		const struct operand *operand = &session->operands[i];

		types_of_operands |= operand->any_type ? NS_TYPES_ALL : 1u << operand->ref.type;
		if (operand->id && operand->ref.ino < lowest)
			needs |= NEED_RELATIONS;
	}
	/* Scans the types of operands, not of --type: an operand of another type is an error. */
	if (session->plan.view == VIEW_CONTAINERS)
		types = NS_TYPES_ALL;
	else if (session->plan.view == VIEW_MOUNTED)
		types = 1u << NS_MNT;
	else if (options->nrules)
		types = session->plan.types;
	else if (options->nnamespaces)
		types = types_of_operands;
	if (options->nof) /* which may be names of network namespaces */
		types |= 1u << NS_NET;
	/* Groups need processes, and mounts for names of network namespaces. */
	if (session->plan.view == VIEW_CONTAINERS || options->complete)
		sources &= 1u << SOURCE_PROCESSES | 1u << SOURCE_MOUNTS;
	session->needs = needs;
	session->scan = (struct scan_options){
		.bpf = options->bpf ? &session->bpf.bpf : NULL,
		.sources = sources,
		.types = types,
		.relations = needs & NEED_RELATIONS,
		.netnsid = needs & NEED_NETNSID,
		.paths = needs & NEED_PATH,
		.names_dir = session->procfs.ours ? NETNS_DIR : NULL,
		.points = needs & NEED_MOUNT_POINTS,
		.pidns = needs & NEED_RELEASE,
		.mounted = options->mounted ? &session->mounted : NULL,
	};
}

int session_init(struct session *session, const struct options *options, bool terminal)
{
	static int (*const steps[])(struct session *) = { session_open_procfs, session_load_bpf,
		session_parse_filter, resolve_parse, session_find_mounted, session_find_processes };
	int r;

	*session = (struct session){
		.options = options,
		.err = options->err,
		.procfs.fd = -1,
		.kernel.self = -1,
		.query = {
			.types = options->types ? options->types : NS_TYPES_ALL,
			.persistent = options->persistent,
			.kinds = options->kinds,
			.mounted = options->mounted,
		},
	};
	if (options->nnamespaces || options->nprocesses || options->nof)
		session->query.only = &session->only;
	pool_init(&session->pool, options->jobs, options->timeout_ms);
	r = plan_make(options, terminal, &session->plan);
	for (size_t i = 0; r == 0 && i < sizeof(steps) / sizeof(*steps); i++)
		r = steps[i](session);
	if (r == 0)
		session_plan_scan(session);
	return r;
}

int session_scan(struct session *session)
{
	int64_t start;
	int r;

	/* Abandoned threads use only memory of their own and what stays open for the whole run. */
	session_drop_scan(session);
	session->report = (struct report){ 0 };
	session->view = (struct view){
		.model = &session->model,
		.report = &session->report,
		.procfs_path = session->options->procfs,
		.labels = session->plan.labels,
		.whole = session->plan.whole,
	};
	start = monotonic_ns();
	r = scan_run(&session->procfs, &session->kernel.kernel, &session->pool, &session->scan,
		&session->model, &session->report);
	session->scan_us = (uint64_t)(monotonic_ns() - start) / 1000;
	session->names_mnt = ns_names_mnt(&session->model, session->procfs.ours);
	if (r < 0)
		message_print(session->err, "%s: %s", session->options->procfs,
			r == -ENODATA ? "no processes found; is this a procfs?" : strerror(-r));
	return r;
}

int session_enrich(struct session *session, unsigned needs, struct rows *rows)
{
	const struct enrich_ctx ctx = { &session->procfs, &session->pool, &session->model,
		&session->report };
	int r = enrich_rows(&ctx, needs, rows);

	/* With --procfs of another system, the files of this one are not those of its engines. */
	if (r == 0 && needs & NEED_GIVEN_NAMES)
		r = enrich_given_names(&ctx, session->procfs.ours ? "/" : NULL);
	return r < 0 ? session_fail(session, r) : 0;
}

int session_usages(struct session *session, unsigned types)
{
	struct query query = session->query;
	CLEANUP(rows_done) struct rows rows = { 0 };
	int r;

	usages_ambiguous(&session->model, types, &rows);
	r = session_enrich(session, NEED_STAT | NEED_STATUS, &rows);
	query.types = types;
	usages_find(&session->usages, &session->model, &query);
	return r;
}

static int select_groups(struct session *session)
{
	const struct query *query = &session->query;
	struct groups *groups = &session->groups;
	CLEANUP(rows_done) struct rows rows = { 0 };
	int r;

	groups_find(groups, &session->model);
	groups_in_host_pidns(groups, &rows);
	r = session_enrich(session, NEED_MEMBERS_STAT, &rows);
	groups_drop_kthreads(groups);
	groups_query(groups, query->types, query->only ? &session->chosen : NULL, &session->rows);
	return r;
}

/* Relations matter only to USED, which counts all namespaces, also those outside of the query. */
static int select_types(struct session *session)
{
	const struct query *query = &session->query;
	const struct report *report = &session->report;
	int r = session->needs & NEED_RELATIONS ? session_usages(session, query->types) : 0;

	if (session->options->by_user)
		usages_rows(&session->usages, &session->rows);
	else
		query_summary(&session->model, query, &session->rows);
	usages_fill(&session->usages, report_shows_namespaces(report) && !report->narrowed,
		&session->rows);
	return r;
}

/* It is an error if no mount was found, unless --count or --quiet report that. */
static int check_mounted(const struct session *session)
{
	const char *device = session->mounted.device;
	const char *text = session->options->mounted;
	const char *caveat = session_caveat(session, false);

	if (!text || session->options->quiet || session->options->count)
		return 0;
	for (size_t i = 0; i < session->model.n; i++)
		if (session->model.at[i]->mounted)
			return 0;
	if (!device)
		return message_fail(session->err, -ENOENT,
			"nothing is mounted on %s, or from it, in any mount namespace%s", text,
			caveat);
	if (!strcmp(device, text))
		return message_fail(session->err, -ENOENT,
			"no mount namespace has device %s mounted%s", text, caveat);
	return message_fail(session->err, -ENOENT,
		"no mount namespace has %s (device %s) mounted%s", text, device, caveat);
}

int session_rows(struct session *session)
{
	enum column_view shown = session->plan.view;
	struct view *view = &session->view;
	struct rows *rows = &session->rows;
	int r = check_mounted(session);

	if (r == 0)
		r = resolve_find(session);
	if (r == 0 && session->needs & NEED_BOOT_TIME) {
		r = proctext_read_number(
			&session->procfs, "stat", "btime", UINT64_MAX, &view->boot_time);
		r = error_is_fatal(r) ? session_fail(session, r) : 0;
	}
	if (r < 0)
		return r;
	if (shown == VIEW_CONTAINERS)
		r = select_groups(session);
	else if (shown == VIEW_SUMMARY)
		r = select_types(session);
	else
		query_rows(&session->model, &session->query,
			shown == VIEW_HOLDERS ? ROW_HOLDER : ROW_NS, rows);
	if (r < 0 || !session->filter)
		return r;
	r = session_enrich(session, session->filter_needs, rows);
	if (r < 0)
		return r;
	r = filter_apply(session->filter, view, rows);
	return r < 0 ? session_fail(session, r) : 0;
}
