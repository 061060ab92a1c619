// SPDX-License-Identifier: MIT
/*
 * Words on the command line resolved to namespaces: operands, processes (-p), workloads (--of).
 */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/cli.h"
#include "nsls/model.h"
#include "nsls/query.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads of processes and paths that may block, by the thread pool. */

struct named {
	const struct kernel *kernel;
	bool ours;
	char **words;
	struct procfs procfs;
	const pid_t *pids;
};

static int look_at_process(struct worker *worker, size_t i, void **ret_found)
{
	const struct named *named = worker_shared(worker);
	struct process_refs *asked = arena_alloc(worker_arena(worker), sizeof(*asked));

	asked->n = target_of_process(&named->procfs, named->pids[i], asked->at);
	*ret_found = asked;
	return error_is_fatal(asked->n) ? asked->n : 0;
}

static void parse_word(const void *data, size_t i, void *item)
{
	const struct named *named = data;
	struct parsed_word *asked = item;

	asked->result = target_parse(named->kernel, named->words[i], named->ours, &asked->target);
}

size_t parse_words(const struct kernel *kernel, bool ours, char **words, size_t n,
	unsigned timeout_ms, struct parsed_word *asked)
{
	const struct named named = { .kernel = kernel, .ours = ours, .words = words };
	const struct child_work work = {
		.run = parse_word, .data = &named, .items = asked, .n = n, .size = sizeof(*asked)
	};
	size_t numbers = 0;

	while (numbers < n && target_is_number(words[numbers])) {
		parse_word(&named, numbers, &asked[numbers]);
		numbers++;
	}
	return numbers < n ? child_run(&work, timeout_ms) : n;
}

int read_process_refs(struct pool *pool, const struct procfs *procfs, const pid_t *pids, size_t n,
	struct results **ret_results)
{
	struct named *shared = memory_alloc(1, sizeof(*shared));
	struct work work = {
		.n = n, .grain = 16, .scan = look_at_process, .shared = shared, .shared_done = free
	};

	*shared = (struct named){ .procfs = *procfs, .pids = pids };
	return pool_run(pool, &work, ret_results);
}

/* Operands are parsed before the scan, so that a wrong one costs nothing. */

#define NETNS_DIR "/run/netns/" /* ip-netns(8) */

/*
 * A name is never looked up in the working directory, where others may create files: the caller
 * may be about to kill the members of what is found.
 */
static int parse_name(
	const struct kernel *kernel, const char *text, bool ours, struct target *target)
{
	char path[NAME_MAX + sizeof(NETNS_DIR)];

	target->file_here = access(text, F_OK) == 0;
	if (!*text || strlen(text) > NAME_MAX)
		return TARGET_NO_NAME;
	if (!ours) {
		target->ref.type = NS_NET;
		target->name = text;
		return 0;
	}
	snprintf(path, sizeof(path), NETNS_DIR "%s", text);
	return kernel_identify(kernel, AT_FDCWD, path, &target->ref) == 0 ? 0 : TARGET_NO_NAME;
}

bool target_is_path(const char *text)
{
	return strchr(text, '/');
}

static bool parse_number(const char *text, struct target *target)
{
	uint64_t ino;

	if (number_parse(text, strlen(text), UINT32_MAX, &ino) < 0)
		return nstype_parse(text, &target->ref) == 0;
	target->ref.ino = (uint32_t)ino;
	target->any_type = true;
	return true;
}

bool target_is_number(const char *text)
{
	struct target target;

	return parse_number(text, &target);
}

int target_parse(
	const struct kernel *kernel, const char *text, bool ours, struct target *ret_target)
{
	struct target target = { 0 };
	int r = 0;

	if (!parse_number(text, &target))
		r = target_is_path(text) ? kernel_identify(kernel, AT_FDCWD, text, &target.ref)
					 : parse_name(kernel, text, ours, &target);
	if (r >= 0)
		*ret_target = target;
	return r;
}

int target_find(const struct model *model, const struct target *target, uint32_t names_mnt,
	struct ns_ref *ret_ref)
{
	const struct ns *ns = target->name       ? ns_by_name(model, names_mnt, target->name)
			      : target->any_type ? model_find_inode(model, target->ref.ino)
						 : model_find(model, target->ref);

	if (!ns || !ns->first)
		return -ENOENT;
	*ret_ref = ns->ref;
	return 0;
}

static int read_links(int dirfd, struct ns_ref *ret_refs)
{
	int n = 0, error = -ESRCH;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r = procfs_read_ns(dirfd, nstype_info(t)->link, t, &ino);

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
	/* Where it has ended, or only its first thread has. */
	if (procfs_read_ns(fd, nstype_info(NS_MNT)->link, NS_MNT, &ino) == -ENOENT)
		thread_fd = procfs_open_remaining_thread(procfs, fd, pid, &tid);
	if (error_is_fatal(thread_fd))
		return thread_fd;
	return read_links(thread_fd < 0 ? fd : thread_fd, ret_refs);
}

/* Workloads (--of). */

struct workload_search {
	struct operands *operands;
	const struct model *model;
	const struct report *report;
	uint32_t names_mnt;
	uint32_t host[NS_TYPE_COUNT];
};

/* By name, or by number, 0 too. */
static bool search_find_user(const char *text, uid_t *ret_user)
{
	const struct passwd *entry = getpwnam(text);
	uint64_t uid = 0;

	if (entry) {
		*ret_user = entry->pw_uid;
		return true;
	}
	if (strcmp(text, "0") != 0 && number_parse(text, strlen(text), UINT32_MAX, &uid) < 0)
		return false;
	*ret_user = (uid_t)uid;
	return true;
}

static void complain_nobody(const struct workload_search *search, const char *text)
{
	message_print(search->operands->err,
		"no container ID, pod, machine, application, unit or network namespace '%s'%s",
		text,
		report_is_complete(search->report) ? ""
						   : " found, but not everything could be read");
}

static void complain_many(
	const struct workload_search *search, const char *text, const struct workloads *workloads)
{
	struct strbuf names;

	strbuf_init(&names);
	for (size_t i = 0; i < workloads->n; i++) {
		strbuf_adds(&names, i ? ", " : "");
		workload_describe(&workloads->at[i], &names);
	}
	message_print(search->operands->err, "'%s' is ambiguous: %s%s", text, strbuf_text(&names),
		workloads->more ? " and others" : "");
	strbuf_done(&names);
}

/* What it shares with the host is the host's, and shown where that type is asked for. */
static bool is_wanted(const struct workload_search *search, enum nstype type, uint32_t ino)
{
	unsigned types = search->operands->options->types;

	if (!ino || (types && !(types & 1u << type)))
		return false;
	return types || ino != search->host[type];
}

static void search_add_process(const struct workload_search *search, const struct process *process,
	const struct workload *workload)
{
	operands_choose(search->operands, process);
	/* Who happens to be in a network namespace has others that are not called by its name. */
	for (enum nstype t = 0; workload->kind != WORKLOAD_NETNS && t < NS_TYPE_COUNT; t++)
		if (is_wanted(search, t, process->ino[t]))
			operands_add(search->operands, (struct ns_ref){ t, process->ino[t] });
}

static void search_add_workload(
	const struct workload_search *search, const char *text, const struct workload *workload)
{
	const struct options *options = search->operands->options;
	size_t before = search->operands->nrefs;

	if (workload->ns)
		operands_add(search->operands, workload->ns->ref);
	for (size_t i = 0; i < search->model->nprocesses; i++)
		if (workload_has(workload, search->model->processes[i]))
			search_add_process(search, search->model->processes[i], workload);
	if (search->operands->nrefs == before && !options->monitor_ms && !options->quiet &&
		!options->no_warnings)
		message_print(search->operands->err,
			"note: '%s' shares all its namespaces with the host; pass '--type TYPE' to "
			"see these",
			text);
}

static int add_workloads(
	const struct workload_search *search, const char *text, const struct workloads *workloads)
{
	bool monitors = search->operands->options->monitor_ms;

	if (!workloads->n && !monitors)
		complain_nobody(search, text);
	else if (workloads->more || (workloads->n > 1 && !monitors))
		complain_many(search, text, workloads);
	else
		for (size_t i = 0; i < workloads->n; i++)
			search_add_workload(search, text, &workloads->at[i]);
	return (workloads->n != 1 && !monitors) || workloads->more ? -ENOENT : 0;
}

static int find_one(const struct workload_search *search, const char *text)
{
	const char *slash = strchr(text, '/');
	struct workload_name name = { .text = slash ? slash + 1 : text };
	struct workloads workloads;
	char *in = NULL;
	int r;

	if (slash) {
		in = memory_copy(text);
		in[slash - text] = '\0';
		name.has_user = search_find_user(in, &name.user);
	}
	name.in = in;
	workloads_find(search->model, search->names_mnt, &name, &workloads);
	r = add_workloads(search, text, &workloads);
	free(in);
	return r;
}

int of_find(struct operands *operands, const struct procfs *procfs, const struct model *model,
	const struct report *report)
{
	struct workload_search search = {
		.operands = operands,
		.model = model,
		.report = report,
		.names_mnt = ns_names_mnt(model, procfs->ours),
	};
	int result = 0;

	model_host(model, search.host);
	for (size_t i = 0; i < operands->options->nof; i++) {
		int r = find_one(&search, operands->options->of[i]);

		if (r < 0)
			result = r;
	}
	return result;
}

/*
 * Operands, processes (-p) and workloads together: the namespaces that the rows are narrowed to.
 */

void operands_init(struct operands *operands, const struct options *options, FILE *err)
{
	*operands = (struct operands){ .options = options, .err = err };
	u64map_init(&operands->chosen);
}

void operands_done(struct operands *operands)
{
	free(operands->targets);
	free(operands->refs);
	free(operands->fixed);
	u64map_done(&operands->chosen);
}

void operands_add(struct operands *operands, struct ns_ref ref)
{
	*array_push(operands->refs, operands->nrefs, operands->refs_size) = ref;
}

void operands_sort(struct operands *operands)
{
	if (operands->nrefs)
		qsort(operands->refs, operands->nrefs, sizeof(*operands->refs), query_order);
}

void operands_choose(struct operands *operands, const struct process *process)
{
	static char yes;

	u64map_put(&operands->chosen, (uint64_t)process->pid, &yes);
}

static bool is_in_named(const struct operands *operands, const struct process *process)
{
	for (enum nstype t = 0; operands->nrefs && t < NS_TYPE_COUNT; t++) {
		struct ns_ref ref = { t, process->ino[t] };

		if (bsearch(&ref, operands->refs, operands->nrefs, sizeof(ref), query_order))
			return true;
	}
	return false;
}

void operands_choose_named(struct operands *operands, const struct model *model)
{
	const struct options *options = operands->options;

	for (size_t i = 0; i < options->nprocesses; i++) {
		const struct process *process = model_find_process(model, options->processes[i]);

		if (process)
			operands_choose(operands, process);
	}
	for (size_t i = 0; options->nnamespaces && i < model->nprocesses; i++)
		if (is_in_named(operands, model->processes[i]))
			operands_choose(operands, model->processes[i]);
}

/* "net" or "ipc or net" */
static void add_type_names(struct strbuf *out, unsigned types)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t) {
			strbuf_adds(out, out->len ? " or " : "");
			strbuf_adds(out, nstype_info(t)->name);
		}
}

static int check_type(const struct operands *operands, const char *text, enum nstype type)
{
	unsigned types = operands->options->types;
	struct strbuf wanted;

	if (!types || types & 1u << type)
		return 0;
	strbuf_init(&wanted);
	add_type_names(&wanted, types);
	message_print(operands->err, "namespace %s is of type %s, not %s", text,
		nstype_info(type)->name, strbuf_text(&wanted));
	strbuf_done(&wanted);
	return -EINVAL;
}

/* A file in the working directory is meant only by a path with a slash. */
static void message_print_unknown(FILE *err, const char *text, const struct target *target)
{
	if (target->file_here)
		message_print(err,
			"no namespace '%s' below /run/netns; pass './%s' for the file in the "
			"working directory",
			text, text);
	else
		message_print(err,
			"no namespace '%s' below /run/netns; pass an inode number, type:[inode], "
			"a path with a slash, or a name",
			text);
}

/* Takes over the result of a word; NULL: reading the process or file that it names timed out. */
static int take_word(struct operands *operands, size_t i, const struct parsed_word *asked)
{
	const char *text = operands->options->namespaces[i];
	int r = asked ? asked->result : -ETIMEDOUT;

	if (r == 0) {
		operands->targets[i] = asked->target;
		return asked->target.any_type ? 0
					      : check_type(operands, text, asked->target.ref.type);
	}
	if (!asked)
		message_print(operands->err, "timed out reading %s", text);
	else if (r == -ENOTTY)
		message_print(operands->err,
			"%s: not a namespace; pass an inode number, type:[inode] or the path of "
			"a namespace file",
			text);
	else if (r == TARGET_NO_NAME)
		message_print_unknown(operands->err, text, &asked->target);
	else
		message_print(operands->err, "%s: %s", text, strerror(-r));
	return r == TARGET_NO_NAME ? -ENOENT : r;
}

int operands_parse(struct operands *operands, const struct kernel *kernel, bool ours)
{
	const struct options *options = operands->options;
	size_t n = options->nnamespaces, done;
	struct parsed_word *asked = memory_alloc(n, sizeof(*asked));
	int r = 0;

	operands->targets = memory_alloc(n, sizeof(*operands->targets));
	done = parse_words(kernel, ours, options->namespaces, n, options->timeout_ms, asked);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = take_word(operands, i, i < done ? &asked[i] : NULL);
	free(asked);
	return r;
}

unsigned operands_types(const struct operands *operands)
{
	unsigned types = 0;

	for (size_t i = 0; i < operands->options->nnamespaces; i++)
		types |= operands->targets[i].any_type ? NS_TYPES_ALL
						       : 1u << operands->targets[i].ref.type;
	return types;
}

static int operands_add_process(
	struct operands *operands, pid_t pid, const struct process_refs *refs)
{
	if (!refs)
		message_print(operands->err, "timed out reading process %d", pid);
	else if (refs->n == -ESRCH)
		message_print(operands->err, "no process %d in %s", pid, operands->options->procfs);
	else if (refs->n < 0)
		message_print(operands->err, "could not read the namespaces of process %d: %s", pid,
			strerror(-refs->n));
	for (int i = 0; refs && i < refs->n; i++)
		operands_add(operands, refs->at[i]);
	return !refs ? -ETIMEDOUT : refs->n < 0 ? refs->n : 0;
}

int operands_find_processes(
	struct operands *operands, const struct procfs *procfs, struct pool *pool)
{
	const struct options *options = operands->options;
	struct results *results = NULL;
	int r = read_process_refs(pool, procfs, options->processes, options->nprocesses, &results);

	if (r < 0)
		message_print(operands->err, "%s", strerror(-r));
	for (size_t i = 0; r == 0 && i < options->nprocesses; i++)
		r = operands_add_process(operands, options->processes[i], results_get(results, i));
	results_free(results);
	return r;
}

/* Whether the number of which there is no namespace is that of a process. */
static bool is_pid(const struct target *target, const struct procfs *procfs)
{
	CLEANUP_FD int fd = -1;

	if (target->any_type && target->ref.ino <= INT_MAX)
		fd = procfs_open_process(procfs, (pid_t)target->ref.ino);
	return fd >= 0;
}

static void complain_missing(const struct operands *operands, size_t i, const struct procfs *procfs,
	const struct report *report)
{
	const char *text = operands->options->namespaces[i];

	if (operands->targets[i].name)
		message_print_unknown(operands->err, text, &operands->targets[i]);
	else if (is_pid(&operands->targets[i], procfs))
		message_print(operands->err,
			"no namespace %s; pass '--task %s' for those of process %s", text, text,
			text);
	else
		message_print(operands->err, "no namespace %s%s", text,
			report_is_complete(report) ? ""
						   : " found, but not everything could be read");
}

void operands_fix(struct operands *operands)
{
	size_t n = operands->nrefs;

	operands->fixed = memory_alloc(n, sizeof(*operands->fixed));
	for (size_t i = 0; i < n; i++)
		operands->fixed[i] = operands->refs[i];
	operands->nfixed = n;
}

void operands_forget(struct operands *operands)
{
	u64map_done(&operands->chosen);
	operands->nrefs = 0;
}

int operands_find(struct operands *operands, const struct procfs *procfs, const struct model *model,
	const struct report *report)
{
	uint32_t names_mnt = ns_names_mnt(model, procfs->ours);
	int result = 0;

	for (size_t i = 0; i < operands->nfixed; i++)
		operands_add(operands, operands->fixed[i]);
	for (size_t i = 0; !operands->fixed && i < operands->options->nnamespaces; i++) {
		struct ns_ref ref;
		int r = target_find(model, &operands->targets[i], names_mnt, &ref);

		if (r < 0)
			complain_missing(operands, i, procfs, report);
		else
			r = check_type(operands, operands->options->namespaces[i], ref.type);
		if (r < 0)
			result = r;
		else
			operands_add(operands, ref);
	}
	return result;
}
