// SPDX-License-Identifier: MIT
/*
 * Resolves words on the command line to namespaces: operands, processes (--task), workloads (--of).
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

/*
 * Reading a process or a path may block: processes are read by the thread pool, paths in a child
 * process.
 */

struct parsed_word {
	int result; /* of operand_parse() */
	struct operand operand;
};

struct process_refs {
	int n; /* of target_of_process() */
	struct ns_ref at[NS_TYPE_COUNT];
};

struct named {
	const struct kernel *kernel;
	bool ours;
	char **words;
	struct procfs procfs;
	const pid_t *pids;
};

static int read_process_refs_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct named *named = worker_shared(worker);
	struct process_refs *refs = arena_alloc(worker_arena(worker), sizeof(*refs));

	refs->n = target_of_process(&named->procfs, named->pids[i], refs->at);
	*ret_found = refs;
	return error_is_fatal(refs->n) ? refs->n : 0;
}

static void parse_word(const void *data, size_t i, void *item)
{
	const struct named *named = data;
	struct parsed_word *parsed = item;

	parsed->result =
		operand_parse(named->kernel, named->words[i], named->ours, &parsed->operand);
}

/*
 * Fills parsed, one per word, and returns how many were parsed in time. Words that may be paths are
 * parsed in a child process. Must be called before there are threads.
 */
static size_t parse_words(const struct kernel *kernel, bool ours, char **words, size_t n,
	unsigned timeout_ms, struct parsed_word *parsed)
{
	const struct named named = { .kernel = kernel, .ours = ours, .words = words };
	const struct child_work work = {
		.run = parse_word, .data = &named, .items = parsed, .n = n, .size = sizeof(*parsed)
	};
	size_t numbers = 0;

	while (numbers < n && operand_is_number(words[numbers])) {
		parse_word(&named, numbers, &parsed[numbers]);
		numbers++;
	}
	return numbers < n ? child_run(&work, timeout_ms) : n;
}

/* Reads a struct process_refs for each PID. Returns 0 or -errno. */
static int read_process_refs(struct pool *pool, const struct procfs *procfs, const pid_t *pids,
	size_t n, struct results **ret_results)
{
	struct named *shared = memory_alloc(1, sizeof(*shared));
	struct work work = { .n = n,
		.grain = 16,
		.run_item = read_process_refs_item,
		.shared = shared,
		.shared_done = free };

	*shared = (struct named){ .procfs = *procfs, .pids = pids };
	return pool_run(pool, &work, ret_results);
}

/*
 * Never resolves a name in the working directory, where others may create files: the caller may be
 * about to kill the members of the namespace. A name of ours that is resolved already here saves
 * the scan of other types than net.
 */
static void operand_parse_name(
	const struct kernel *kernel, const char *text, bool ours, struct operand *operand)
{
	char path[sizeof(NETNS_DIR) + 1 + NAME_MAX];
	int len = snprintf(path, sizeof(path), NETNS_DIR "/%s", text);

	operand->file_here = access(text, F_OK) == 0;
	if (ours && *text && len < (int)sizeof(path) &&
		kernel_identify(kernel, AT_FDCWD, path, &operand->ref) == 0)
		return;
	operand->any_type = true;
	operand->name = text;
}

bool operand_is_path(const char *text)
{
	return strchr(text, '/');
}

static bool operand_parse_number(const char *text, struct operand *operand)
{
	bool is_id = *text == ':'; /* as in nsenter(1) */

	if (number_parse(text + is_id, strlen(text + is_id), UINT64_MAX, &operand->id) < 0)
		return nstype_parse(text, &operand->ref) == 0;
	if (!is_id && operand->id <= UINT32_MAX)
		operand->ref.ino = (uint32_t)operand->id;
	operand->any_type = true;
	return true;
}

bool operand_is_number(const char *text)
{
	struct operand operand;

	return operand_parse_number(text, &operand);
}

int operand_parse(
	const struct kernel *kernel, const char *text, bool ours, struct operand *ret_operand)
{
	struct operand operand = { 0 };
	int r = 0;

	if (operand_parse_number(text, &operand))
		;
	else if (operand_is_path(text))
		r = kernel_identify(kernel, AT_FDCWD, text, &operand.ref);
	else
		operand_parse_name(kernel, text, ours, &operand);
	if (r == 0)
		*ret_operand = operand;
	return r;
}

static const struct ns *find_id(const struct model *model, uint64_t id)
{
	for (size_t i = 0; id && i < model->n; i++)
		if (model->at[i]->id == id && model->at[i]->first)
			return model->at[i];
	return NULL;
}

void operand_find(const struct model *model, const struct operand *operand, uint32_t names_mnt,
	bool identities, struct ns_list *list)
{
	const struct ns *ns;

	if (operand->name) {
		namespaces_find(model, names_mnt, operand->name, identities, list);
		return;
	}
	ns = operand->any_type ? model_find_inode(model, operand->ref.ino)
			       : model_find(model, operand->ref);
	if (!ns || !ns->first)
		ns = find_id(model, operand->id);
	if (ns)
		ns_list_add(list, ns);
}

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

static void resolver_add(struct resolver *resolver, struct ns_ref ref)
{
	*array_push(resolver->refs, resolver->nrefs, resolver->refs_size) = ref;
}

static void resolver_choose(struct resolver *resolver, const struct process *process)
{
	static char yes;

	u64map_put(&resolver->chosen, (uint64_t)process->pid, &yes);
}

/* Workloads (--of). */

struct workload_search {
	struct resolver *resolver;
	const struct model *model;
	struct report *report;
	uint32_t names_mnt;
	uint32_t host[NS_TYPE_COUNT];
};

/* text: a user name or a UID. */
static bool search_find_user(
	const struct workload_search *search, const char *text, uid_t *ret_user)
{
	const struct passwd *entry;
	uint64_t uid = 0;

	errno = 0;
	entry = getpwnam(text);
	if (!entry)
		report_user_error(search->report, errno);
	if (entry) {
		*ret_user = entry->pw_uid;
		return true;
	}
	if (strcmp(text, "0") != 0 && number_parse(text, strlen(text), UINT32_MAX, &uid) < 0)
		return false;
	*ret_user = (uid_t)uid;
	return true;
}

/* Prints an error if an entry of /run/netns with this name leads to no namespace. */
static bool print_stale_name(FILE *err, const char *text, const struct model *model)
{
	for (size_t i = 0; i < model->nstale; i++)
		if (!strcmp(model->stale_names[i], text)) {
			message_print(err,
				NETNS_DIR "/%s exists, but leads to no network namespace: none is "
					  "mounted on it, or it is a dangling link",
				text);
			return true;
		}
	return false;
}

static void print_no_workload(const struct workload_search *search, const char *text)
{
	bool complete = report_is_complete(search->report);
	struct strbuf hint;
	uint64_t pid;

	if (print_stale_name(search->resolver->err, text, search->model))
		return;
	strbuf_init(&hint);
	if (number_parse(text, strlen(text), INT_MAX, &pid) == 0 &&
		model_find_process(search->model, (pid_t)pid))
		strbuf_addf(
			&hint, "; pass '--task %s' for the namespaces of process %s", text, text);
	message_print(search->resolver->err,
		"no container, pod, machine, application, unit or network namespace '%s'%s%s", text,
		complete ? "" : " found, but not everything could be read", strbuf_text(&hint));
	strbuf_done(&hint);
}

/* Several containers may have the same name. */
static void add_id(const struct workload *workload, struct strbuf *out)
{
	const struct identity *identity = workload->identity;
	const char *id = workload_text(workload->kind, identity);
	bool named = workload->kind == WORKLOAD_CONTAINER || workload->kind == WORKLOAD_POD;

	if (named && (identity->given || identity->pod_name))
		strbuf_addf(out, " (%.*s)", identity_short(id), id);
}

static void print_ambiguous(
	const struct workload_search *search, const char *text, const struct workloads *workloads)
{
	char ns[NSTYPE_TEXT_MAX];
	struct strbuf names;

	strbuf_init(&names);
	for (size_t i = 0; i < workloads->n; i++) {
		strbuf_adds(&names, i ? ", " : "");
		workload_describe(&workloads->at[i], &names);
		if (workloads->at[i].ns)
			strbuf_addf(&names, " (%s)", nstype_format(workloads->at[i].ns->ref, ns));
		else
			add_id(&workloads->at[i], &names);
	}
	message_print(search->resolver->err, "'%s' is ambiguous: %s%s", text, strbuf_text(&names),
		workloads->more ? " and others" : "");
	strbuf_done(&names);
}

/* Leaves out namespaces that are shared with the host, unless --type selects them. */
static bool search_wants(const struct workload_search *search, enum nstype type, uint32_t ino)
{
	unsigned types = search->resolver->options->types;

	if (!ino || (types && !(types & 1u << type)))
		return false;
	return types || ino != search->host[type];
}

static void search_add_process(const struct workload_search *search, const struct process *process,
	const struct workload *workload)
{
	resolver_choose(search->resolver, process);
	/* The name of a network namespace is not that of other namespaces of its members. */
	for (enum nstype t = 0; workload->kind != WORKLOAD_NETNS && t < NS_TYPE_COUNT; t++)
		if (search_wants(search, t, process->ino[t]))
			resolver_add(search->resolver, (struct ns_ref){ t, process->ino[t] });
}

static void search_add_workload(
	const struct workload_search *search, const char *text, const struct workload *workload)
{
	const struct options *options = search->resolver->options;
	size_t before = search->resolver->nrefs;

	if (workload->ns)
		resolver_add(search->resolver, workload->ns->ref);
	for (size_t i = 0; i < search->model->nprocesses; i++)
		if (workload_has(workload, search->model->processes[i]))
			search_add_process(search, search->model->processes[i], workload);
	if (search->resolver->nrefs == before && !options->monitor_ms && !options->quiet &&
		!options->no_warnings)
		message_print(search->resolver->err,
			"note: '%s' shares all its namespaces with the host; pass '--type TYPE' to "
			"see these",
			text);
}

static int search_add_workloads(
	const struct workload_search *search, const char *text, const struct workloads *workloads)
{
	bool monitors = search->resolver->options->monitor_ms;

	if (!workloads->n && !monitors)
		print_no_workload(search, text);
	else if (!monitors && (workloads->more || workloads->n > 1))
		print_ambiguous(search, text, workloads);
	else
		for (size_t i = 0; i < workloads->n; i++)
			search_add_workload(search, text, &workloads->at[i]);
	return !monitors && (workloads->n != 1 || workloads->more) ? -ENOENT : 0;
}

/* Finds "USER/NAME", or "CONTAINER/UNIT". */
static void search_find_inside(const struct workload_search *search, const char *text,
	const char *slash, struct workloads *ret_workloads)
{
	struct workload_name name = { .text = slash + 1 };
	char *in = memory_copy(text);

	in[slash - text] = '\0';
	name.in = in;
	name.has_user = search_find_user(search, in, &name.user);
	workloads_find(search->model, search->names_mnt, &name, ret_workloads);
	free(in);
}

static int search_find(const struct workload_search *search, const char *text)
{
	const char *slash = strchr(text, '/');
	struct workloads workloads, inside;
	struct workload_name name = { .text = text };

	workloads_find(search->model, search->names_mnt, &name, &workloads);
	/* A user can name a pod "1001/x.service", like a unit of another user. */
	if (slash && (!workloads.n || workloads.at[0].identity->has_user)) {
		search_find_inside(search, text, slash, &inside);
		workloads = inside.n ? inside : workloads;
	}
	return search_add_workloads(search, text, &workloads);
}

int resolver_find_workloads(struct resolver *resolver, const struct procfs *procfs,
	const struct model *model, struct report *report)
{
	struct workload_search search = {
		.resolver = resolver,
		.model = model,
		.report = report,
		.names_mnt = ns_names_mnt(model, procfs->ours),
	};
	int result = 0;

	model_host(model, search.host);
	for (size_t i = 0; i < resolver->options->nof; i++) {
		int r = search_find(&search, resolver->options->of[i]);

		if (r < 0)
			result = r;
	}
	return result;
}

void resolver_init(struct resolver *resolver, const struct options *options, FILE *err)
{
	*resolver = (struct resolver){ .options = options, .err = err };
	u64map_init(&resolver->chosen);
}

void resolver_done(struct resolver *resolver)
{
	free(resolver->operands);
	free(resolver->refs);
	free(resolver->fixed);
	u64map_done(&resolver->chosen);
}

void resolver_sort(struct resolver *resolver)
{
	if (resolver->nrefs)
		qsort(resolver->refs, resolver->nrefs, sizeof(*resolver->refs), query_order);
}

static bool resolver_has_member(const struct resolver *resolver, const struct process *process)
{
	for (enum nstype t = 0; resolver->nrefs && t < NS_TYPE_COUNT; t++) {
		struct ns_ref ref = { t, process->ino[t] };

		if (bsearch(&ref, resolver->refs, resolver->nrefs, sizeof(ref), query_order))
			return true;
	}
	return false;
}

void resolver_choose_named(struct resolver *resolver, const struct model *model)
{
	const struct options *options = resolver->options;

	for (size_t i = 0; i < options->nprocesses; i++) {
		const struct process *process = model_find_process(model, options->processes[i]);

		if (process)
			resolver_choose(resolver, process);
	}
	for (size_t i = 0; options->nnamespaces && i < model->nprocesses; i++)
		if (resolver_has_member(resolver, model->processes[i]))
			resolver_choose(resolver, model->processes[i]);
}

/* "net" or "ipc or net" */
static void type_names_add(struct strbuf *out, unsigned types)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t) {
			strbuf_adds(out, out->len ? " or " : "");
			strbuf_adds(out, nstype_info(t)->name);
		}
}

static int resolver_check_type(const struct resolver *resolver, const char *text, enum nstype type)
{
	unsigned types = resolver->options->types;
	struct strbuf wanted;

	if (!types || types & 1u << type)
		return 0;
	strbuf_init(&wanted);
	type_names_add(&wanted, types);
	message_print(resolver->err, "namespace %s is of type %s, not %s", text,
		nstype_info(type)->name, strbuf_text(&wanted));
	strbuf_done(&wanted);
	return -EINVAL;
}

/* Returns whether text is the directory of a process in the procfs, such as /proc/1. */
static bool path_process(const char *text, const char *procfs, pid_t *ret_pid)
{
	size_t len = strlen(procfs), digits;
	uint64_t pid;

	if (strncmp(text, procfs, len) != 0 || text[len] != '/')
		return false;
	digits = strspn(text + len + 1, "0123456789");
	if (strcmp(text + len + 1 + digits, "") != 0 && strcmp(text + len + 1 + digits, "/") != 0)
		return false;
	if (number_parse(text + len + 1, digits, INT_MAX, &pid) < 0)
		return false;
	*ret_pid = (pid_t)pid;
	return true;
}

/* Stores the result for operand i; NULL: reading its file timed out. */
static int resolver_take_word(struct resolver *resolver, size_t i, const struct parsed_word *parsed)
{
	const char *text = resolver->options->namespaces[i];
	int r = parsed ? parsed->result : -ETIMEDOUT;
	pid_t pid;

	if (r == 0) {
		resolver->operands[i] = parsed->operand;
		return parsed->operand.any_type
			       ? 0
			       : resolver_check_type(resolver, text, parsed->operand.ref.type);
	}
	if (!parsed)
		message_print(resolver->err, "timed out reading %s", text);
	else if (r == -ENOTTY && path_process(text, resolver->options->procfs, &pid))
		message_print(resolver->err,
			"%s: not a namespace; pass '--task %d' for those of this process", text,
			pid);
	else if (r == -ENOTTY)
		message_print(resolver->err,
			"%s: not a namespace; pass an inode number, type:[inode] or the path of "
			"a namespace file",
			text);
	else
		message_print(resolver->err, "%s: %s", text, strerror(-r));
	return r;
}

int resolver_parse(struct resolver *resolver, const struct kernel *kernel, bool ours)
{
	const struct options *options = resolver->options;
	size_t n = options->nnamespaces, done;
	struct parsed_word *parsed = memory_alloc(n, sizeof(*parsed));
	int r = 0;

	resolver->operands = memory_alloc(n, sizeof(*resolver->operands));
	done = parse_words(kernel, ours, options->namespaces, n, options->timeout_ms, parsed);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = resolver_take_word(resolver, i, i < done ? &parsed[i] : NULL);
	free(parsed);
	return r;
}

unsigned resolver_types(const struct resolver *resolver)
{
	unsigned types = 0;

	for (size_t i = 0; i < resolver->options->nnamespaces; i++)
		types |= resolver->operands[i].any_type ? NS_TYPES_ALL
							: 1u << resolver->operands[i].ref.type;
	return types;
}

static int resolver_add_process(
	struct resolver *resolver, pid_t pid, const struct process_refs *refs)
{
	if (!refs)
		message_print(resolver->err, "timed out reading process %d", pid);
	else if (refs->n == -ESRCH)
		message_print(resolver->err, "no process %d in %s", pid, resolver->options->procfs);
	else if (refs->n < 0)
		message_print(resolver->err, "could not read the namespaces of process %d: %s", pid,
			strerror(-refs->n));
	for (int i = 0; refs && i < refs->n; i++)
		resolver_add(resolver, refs->at[i]);
	return !refs ? -ETIMEDOUT : refs->n < 0 ? refs->n : 0;
}

int resolver_find_processes(
	struct resolver *resolver, const struct procfs *procfs, struct pool *pool)
{
	const struct options *options = resolver->options;
	struct results *results = NULL;
	int r = read_process_refs(pool, procfs, options->processes, options->nprocesses, &results);

	if (r < 0)
		message_print(resolver->err, "%s", strerror(-r));
	for (size_t i = 0; r == 0 && i < options->nprocesses; i++)
		r = resolver_add_process(resolver, options->processes[i], results_get(results, i));
	results_free(results);
	return r;
}

/* Returns whether the number is the PID of a process. */
static bool operand_is_pid(const struct operand *operand, const struct procfs *procfs)
{
	CLEANUP_FD int fd = -1;

	if (operand->any_type && operand->ref.ino && operand->ref.ino <= INT_MAX)
		fd = procfs_open_process(procfs, (pid_t)operand->ref.ino);
	return fd >= 0;
}

static bool is_runtime(const char *text)
{
	for (enum runtime r = RUNTIME_UNKNOWN + 1; r < RUNTIME_COUNT; r++)
		if (!strcmp(runtime_name(r), text))
			return true;
	return false;
}

/* Appends which argument or option the word may have been meant for. */
static void add_hint(const struct model *model, uint32_t names_mnt, const struct operand *operand,
	struct strbuf *out)
{
	const struct workload_name name = { .text = operand->name };
	struct workloads workloads;
	enum nstype type;

	workloads_find(model, names_mnt, &name, &workloads);
	if (args_type(operand->name, strlen(operand->name), &type) == 0) {
		strbuf_addf(out, "'--type %s' for all namespaces of that type",
			nstype_info(type)->name);
	} else if (workloads.n) {
		strbuf_addf(out, "'--of %s' for the namespaces of ", operand->name);
		workload_describe(&workloads.at[0], out);
	} else if (is_runtime(operand->name)) {
		strbuf_addf(out, "'--containers' to list containers, and '--of NAME' for one");
	} else if (operand->file_here) {
		strbuf_addf(out, "'./%s' for the file in the working directory", operand->name);
	} else {
		strbuf_adds(out, "an inode number, type:[inode], :ID, a path with a slash, or a "
				 "name");
	}
}

static void print_unknown_name(const struct resolver *resolver, const struct operand *operand,
	uint32_t names_mnt, const struct model *model, const struct report *report)
{
	struct strbuf hint;

	if (print_stale_name(resolver->err, operand->name, model))
		return;
	strbuf_init(&hint);
	add_hint(model, names_mnt, operand, &hint);
	message_print(resolver->err, "no namespace is named '%s'%s; pass %s", operand->name,
		report_is_complete(report) ? "" : ", but not everything could be read",
		strbuf_text(&hint));
	strbuf_done(&hint);
}

static void print_no_namespace(const struct resolver *resolver, size_t i,
	const struct procfs *procfs, const struct model *model, const struct report *report)
{
	const char *text = resolver->options->namespaces[i];
	const struct operand *operand = &resolver->operands[i];

	if (operand->name)
		print_unknown_name(
			resolver, operand, ns_names_mnt(model, procfs->ours), model, report);
	else if (operand_is_pid(operand, procfs))
		message_print(resolver->err,
			"no namespace %s; pass '--task %s' for those of process %s", text, text,
			text);
	else
		message_print(resolver->err, "no namespace %s%s", text,
			report_is_complete(report) ? ""
						   : " found, but not everything could be read");
}

void resolver_fix(struct resolver *resolver)
{
	size_t n = resolver->nrefs;

	resolver->fixed = memory_alloc(n, sizeof(*resolver->fixed));
	for (size_t i = 0; i < n; i++)
		resolver->fixed[i] = resolver->refs[i];
	resolver->nfixed = n;
}

void resolver_reset(struct resolver *resolver)
{
	u64map_done(&resolver->chosen);
	resolver->nrefs = 0;
}

bool resolver_needs_ids(const struct resolver *resolver)
{
	/* The lowest inode of a namespace; ids begin at 1. */
	const uint32_t lowest = nstype_info(NS_MNT)->initial_ino;

	for (size_t i = 0; i < resolver->options->nnamespaces; i++)
		if (resolver->operands[i].id && resolver->operands[i].ref.ino < lowest)
			return true;
	return false;
}

bool resolver_needs_identities(
	const struct resolver *resolver, const struct procfs *procfs, const struct model *model)
{
	uint32_t names_mnt = ns_names_mnt(model, procfs->ours);
	bool needs = false;

	for (size_t i = 0; !resolver->fixed && i < resolver->options->nnamespaces; i++) {
		struct ns_list list = { 0 };

		operand_find(model, &resolver->operands[i], names_mnt, false, &list);
		needs = needs || (resolver->operands[i].name && !list.n);
		ns_list_done(&list);
	}
	return needs;
}

/* Adds the namespaces of the types selected; an error if none of them has such a type. */
static int resolver_add_list(
	struct resolver *resolver, const char *text, const struct ns_list *list)
{
	unsigned types = resolver->options->types;
	size_t before = resolver->nrefs;

	for (size_t i = 0; i < list->n; i++)
		if (!types || types & 1u << list->at[i]->ref.type)
			resolver_add(resolver, list->at[i]->ref);
	return resolver->nrefs > before
		       ? 0
		       : resolver_check_type(resolver, text, list->at[0]->ref.type);
}

static int resolver_find_word(struct resolver *resolver, size_t i, const struct procfs *procfs,
	const struct model *model, const struct report *report)
{
	struct ns_list list = { 0 };
	int r = -ENOENT;

	operand_find(model, &resolver->operands[i], ns_names_mnt(model, procfs->ours), true, &list);
	if (list.n)
		r = resolver_add_list(resolver, resolver->options->namespaces[i], &list);
	else
		print_no_namespace(resolver, i, procfs, model, report);
	ns_list_done(&list);
	return r;
}

int resolver_find(struct resolver *resolver, const struct procfs *procfs, const struct model *model,
	const struct report *report)
{
	int result = 0;

	for (size_t i = 0; i < resolver->nfixed; i++)
		resolver_add(resolver, resolver->fixed[i]);
	for (size_t i = 0; !resolver->fixed && i < resolver->options->nnamespaces; i++) {
		int r = resolver_find_word(resolver, i, procfs, model, report);

		result = r < 0 ? r : result;
	}
	return result;
}
