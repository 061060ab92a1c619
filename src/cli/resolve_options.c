// SPDX-License-Identifier: MIT
/*
 * Resolves the arguments of options: processes (--task) and workloads (--of) to namespaces, a path
 * or device (--mounted) to the mounts to look for.
 */
#include "internal.h"

#include "nsls/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Processes (--task), which the thread pool reads, because that may block. */

static int read_namespace_refs(const struct procfs *procfs, int dirfd, struct ns_ref *ret_refs)
{
	CLEANUP_FD int ns_fd = procfs_open_ns(procfs, dirfd);
	int n = 0, error = -ESRCH;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r = ns_fd < 0 ? ns_fd : procfs_read_ns(ns_fd, nstype_info(t)->name, t, &ino);

		if (r == 0)
			ret_refs[n++] = (struct ns_ref){ t, ino };
		else if (r != -ENOENT)
			error = r;
	}
	return n ? n : error;
}

int target_of_process(const struct procfs *procfs, pid_t pid, struct ns_ref *ret_refs)
{
	CLEANUP_FD int fd = procfs_open_process(procfs, pid);
	CLEANUP_FD int thread_fd = -1;
	uint32_t ino;
	pid_t tid;

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	/* The process has ended, or only its main thread. */
	if (procfs_read_own_ns(procfs, fd, NS_MNT, &ino) == -ENOENT)
		thread_fd = procfs_open_remaining_thread(procfs, fd, pid, &tid);
	if (error_is_fatal(thread_fd))
		return thread_fd;
	return read_namespace_refs(procfs, thread_fd < 0 ? fd : thread_fd, ret_refs);
}

struct task_list {
	struct procfs procfs;
	const pid_t *pids;
};

struct process_refs {
	int n; /* of target_of_process() */
	struct ns_ref at[NS_TYPE_COUNT];
};

static int read_process_refs_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct task_list *list = worker_shared(worker);
	struct process_refs *refs = arena_alloc(worker_arena(worker), sizeof(*refs));

	refs->n = target_of_process(&list->procfs, list->pids[i], refs->at);
	*ret_found = refs;
	return error_is_fatal(refs->n) ? refs->n : 0;
}

static int add_process(struct session *session, pid_t pid, const struct process_refs *refs)
{
	if (!refs)
		return message_fail(session->err, -ETIMEDOUT, "timed out reading process %d", pid);
	if (refs->n == -ESRCH)
		return message_fail(
			session->err, -ESRCH, "no process %d in %s", pid, session->options->procfs);
	if (refs->n < 0)
		return message_fail(session->err, refs->n,
			"could not read the namespaces of process %d: %s", pid, strerror(-refs->n));
	for (int i = 0; i < refs->n; i++)
		ns_refs_add(&session->resolver.named, refs->at[i]);
	return 0;
}

int resolver_find_processes(struct session *session)
{
	const struct options *options = session->options;
	struct task_list *list = memory_alloc(1, sizeof(*list));
	const struct work work = { .n = options->nprocesses,
		.grain = 16,
		.run_item = read_process_refs_item,
		.shared = list,
		.shared_done = free };
	struct results *results = NULL;
	int r;

	*list = (struct task_list){ session->procfs, options->processes };
	r = pool_run(&session->pool, &work, &results);
	if (r < 0)
		return session_fail(session, r);
	for (size_t i = 0; r == 0 && i < options->nprocesses; i++)
		r = add_process(session, options->processes[i], results_get(results, i));
	results_free(results);
	return r;
}

static void choose_process(struct session *session, const struct process *process)
{
	static char yes;

	u64map_put(&session->resolver.chosen, (uint64_t)process->pid, &yes);
}

void resolver_choose(struct session *session)
{
	const struct options *options = session->options;
	const struct ns_refs *named = &session->resolver.named;

	u64map_done(&session->resolver.chosen);
	if (session->plan.view != VIEW_CONTAINERS)
		return;
	for (size_t i = 0; i < options->nprocesses; i++) {
		const struct process *process =
			model_find_process(&session->model, options->processes[i]);

		if (process)
			choose_process(session, process);
	}
	for (size_t i = 0; options->nnamespaces && i < named->n; i++) {
		const struct ns *ns = model_find(&session->model, named->at[i]);

		for (const struct holder *h = ns ? ns->first : NULL; h; h = h->next)
			if (holder_is_member(h))
				choose_process(session, h->process);
	}
}

/* Workloads (--of). */

/* text: a user name or a UID. */
static bool find_user(struct session *session, const char *text, uid_t *ret_user)
{
	const struct passwd *entry;
	uint64_t uid = 0;

	errno = 0;
	entry = getpwnam(text);
	if (entry) {
		*ret_user = entry->pw_uid;
		return true;
	}
	report_user_error(&session->report, errno);
	if (strcmp(text, "0") != 0 && number_parse(text, strlen(text), UINT32_MAX, &uid) < 0)
		return false;
	*ret_user = (uid_t)uid;
	return true;
}

static int no_workload(const struct session *session, const char *text)
{
	CLEANUP(strbuf_done) struct strbuf hint = { 0 };
	uint64_t pid;

	if (resolver_print_stale(session, text))
		return -ENOENT;
	if (number_parse(text, strlen(text), INT_MAX, &pid) == 0 &&
		model_find_process(&session->model, (pid_t)pid))
		strbuf_addf(
			&hint, "; pass '--task %s' for the namespaces of process %s", text, text);
	return message_fail(session->err, -ENOENT,
		"no container, pod, machine, application, unit or network namespace '%s'%s%s", text,
		resolver_not_found(session), strbuf_text(&hint));
}

static int ambiguous(
	const struct session *session, const char *text, const struct workloads *workloads)
{
	char ns[NSTYPE_TEXT_MAX];
	CLEANUP(strbuf_done) struct strbuf names = { 0 };

	for (size_t i = 0; i < workloads->n; i++) {
		const struct workload *workload = &workloads->at[i];
		const struct identity *identity = workload->identity;
		bool named = workload->kind == WORKLOAD_CONTAINER || workload->kind == WORKLOAD_POD;
		const char *id = named ? workload_text(workload->kind, identity) : NULL;

		strbuf_adds(&names, i ? ", " : "");
		workload_describe(workload, &names);
		if (workload->ns)
			strbuf_addf(&names, " (%s)", nstype_format(workload->ns->ref, ns));
		/* Several may have the same name. */
		if (named && (identity->given || identity->pod_name))
			strbuf_addf(&names, " (%.*s)", identity_short(id), id);
	}
	return message_fail(session->err, -ENOENT, "'%s' is ambiguous: %s%s", text,
		strbuf_text(&names), workloads->more ? " and others" : "");
}

/* Leaves out namespaces that are shared with the host, unless --type selects them. */
static void add_workload(struct session *session, const char *text, const struct workload *workload)
{
	const struct options *options = session->options;
	const struct model *model = &session->model;
	struct ns_refs *refs = &session->resolver.refs;
	size_t before = refs->n;
	uint32_t host[NS_TYPE_COUNT];

	model_host(model, host);
	if (workload->ns)
		ns_refs_add(refs, workload->ns->ref);
	for (size_t i = 0; i < model->nprocesses; i++) {
		const struct process *process = model->processes[i];

		if (!workload_has(workload, process))
			continue;
		choose_process(session, process);
		/* The name of a network namespace is not that of others of its members. */
		for (enum nstype t = 0; workload->kind != WORKLOAD_NETNS && t < NS_TYPE_COUNT; t++)
			if (process->ino[t] && (options->types ? options->types & 1u << t
							       : process->ino[t] != host[t]))
				ns_refs_add(refs, (struct ns_ref){ t, process->ino[t] });
	}
	if (refs->n == before && !options->monitor_ms && !options->quiet && !options->no_warnings)
		message_print(session->err,
			"note: '%s' shares all its namespaces with the host; pass '--type TYPE' to "
			"see these",
			text);
}

static int find_workload(struct session *session, const char *text)
{
	uint32_t names_mnt = resolver_names_mnt(session);
	struct workload_name name = { .text = text };
	const char *slash = strchr(text, '/');
	struct workloads found, inside;

	workloads_find(&session->model, names_mnt, &name, &found);
	/*
	 * "USER/NAME", or "CONTAINER/UNIT". A user can name a pod "1001/x.service", like a unit of
	 * another user.
	 */
	if (slash && (!found.n || found.at[0].identity->has_user)) {
		char *in = memory_copy(text);

		in[slash - text] = '\0';
		name = (struct workload_name){ .text = slash + 1, .in = in };
		name.has_user = find_user(session, in, &name.user);
		workloads_find(&session->model, names_mnt, &name, &inside);
		free(in);
		found = inside.n ? inside : found;
	}
	if (!session->options->monitor_ms && !found.n)
		return no_workload(session, text);
	if (!session->options->monitor_ms && (found.more || found.n > 1))
		return ambiguous(session, text, &found);
	for (size_t i = 0; i < found.n; i++)
		add_workload(session, text, &found.at[i]);
	return 0;
}

int resolver_find_workloads(struct session *session)
{
	int result = session->options->nof ? session_read_identities(session) : 0;

	if (result < 0)
		return result;
	for (size_t i = 0; i < session->options->nof; i++) {
		int r = find_workload(session, session->options->of[i]);

		result = r < 0 ? r : result;
	}
	return result;
}

/* Mounts (--mounted). */

/* What a path leads to. */
struct found_path {
	bool block_device;
	unsigned major, minor; /* of a block device */
	char path[PATH_MAX];   /* without links; empty: unknown */
};

static char *device_text(unsigned major, unsigned minor)
{
	char text[KERNEL_DEVICE_MAX];

	snprintf(text, sizeof(text), "%u:%u", major, minor);
	return memory_copy(text);
}

/* O_PATH opens neither a device nor a file, and does not ask the server of a mount point. */
static void find_path(const void *data, size_t i, void *item)
{
	CLEANUP_FD int fd = open(data, O_PATH | O_CLOEXEC);
	struct found_path *found = item;
	struct statx stx;
	char link[40];

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &stx) < 0)
		return;
	found->block_device = S_ISBLK(stx.stx_mode);
	found->major = stx.stx_rdev_major;
	found->minor = stx.stx_rdev_minor;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (procfs_read_link(AT_FDCWD, link, found->path, sizeof(found->path)) < 0)
		found->path[0] = '\0';
}

bool mounted_parse_number(const char *text, char **ret_device)
{
	uint64_t major, minor;
	const char *colon = number_take(text, UINT32_MAX, &major);
	const char *end =
		colon && *colon == ':' ? number_take(colon + 1, UINT32_MAX, &minor) : NULL;

	if (!end || *end)
		return false;
	if (ret_device)
		*ret_device = device_text((unsigned)major, (unsigned)minor);
	return true;
}

/*
 * A path of another system is looked up only in the mount table of that. One that does not exist
 * may still be a mount point elsewhere, or the source of a mount.
 */
int mounted_resolve(const struct session *session, struct mount_filter *filter)
{
	const char *text = session->options->mounted;
	bool ours = session->procfs.ours;
	struct found_path found = { 0 };
	const struct child_work work = {
		.run = find_path, .data = text, .items = &found, .n = 1, .size = sizeof(found)
	};
	int r;

	if (!text || mounted_parse_number(text, &filter->device))
		return 0;
	if (ours && child_run(&work, session->options->timeout_ms) < 1)
		return message_fail(session->err, -ETIMEDOUT, "timed out reading %s", text);
	filter->typed = memory_copy(text);
	filter->source = memory_copy(found.path[0] == '/' ? found.path : text);
	for (size_t len = strlen(filter->source); len > 1 && filter->source[len - 1] == '/'; len--)
		filter->source[len - 1] = '\0';
	if (found.block_device) {
		filter->device = device_text(found.major, found.minor);
		return 0;
	}
	filter->point = memory_copy(filter->source);
	r = mount_filter_find(&session->procfs, ours ? session->procfs.self : 1, filter);
	if (filter->device) { /* which says more than a text that any user may choose */
		free(filter->point);
		free(filter->source);
		free(filter->typed);
		filter->point = filter->source = filter->typed = NULL;
	}
	return error_is_fatal(r) ? session_fail(session, r) : 0;
}

int mounted_check(const struct session *session)
{
	const char *rest =
		report_is_complete(&session->report) ? "" : ", but not everything could be read";
	const struct mount_filter *filter = &session->mounted;
	const char *text = session->options->mounted;

	if (!text || session->options->quiet || session->options->count)
		return 0;
	for (size_t i = 0; i < session->model.n; i++)
		if (session->model.at[i]->mounted)
			return 0;
	if (!filter->device)
		return message_fail(session->err, -ENOENT,
			"nothing is mounted on %s, or from it, in any mount namespace%s", text,
			rest);
	if (!strcmp(filter->device, text))
		return message_fail(session->err, -ENOENT,
			"no mount namespace has device %s mounted%s", text, rest);
	return message_fail(session->err, -ENOENT,
		"no mount namespace has %s (device %s) mounted%s", text, filter->device, rest);
}
