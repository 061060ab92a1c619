// SPDX-License-Identifier: MIT
/* Resolves operands to namespaces. The arguments of options are resolved by resolve_options.c. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void parse_word(const void *data, size_t i, void *item)
{
	const struct session *session = data;
	struct operand *operand = item;

	operand->error = operand_parse(&session->kernel.kernel, session->options->namespaces[i],
		session->procfs.ours, operand);
}

/*
 * Fills the operands, and returns how many were parsed in time. Words that may be paths are parsed
 * in a child process. Must be called before there are threads.
 */
static size_t parse_words(struct session *session)
{
	const struct options *options = session->options;
	struct operand *operands = session->resolver.operands;
	size_t n = options->nnamespaces, numbers = 0;
	const struct child_work work = { .run = parse_word,
		.data = session,
		.items = operands,
		.n = n,
		.size = sizeof(*operands) };

	for (; numbers < n && operand_is_number(options->namespaces[numbers]); numbers++)
		parse_word(session, numbers, &operands[numbers]);
	return numbers < n ? child_run(&work, options->timeout_ms) : n;
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

	if (operand_is_path(text))
		r = kernel_identify(kernel, AT_FDCWD, text, &operand.ref);
	else if (!operand_parse_number(text, &operand))
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

uint32_t resolver_names_mnt(const struct session *session)
{
	return ns_names_mnt(&session->model, session->procfs.ours);
}

const char *resolver_not_found(const struct session *session)
{
	return report_is_complete(&session->report) ? ""
						    : " found, but not everything could be read";
}

bool resolver_print_stale(const struct session *session, const char *text)
{
	const struct model *model = &session->model;

	for (size_t i = 0; i < model->nstale; i++)
		if (!strcmp(model->stale_names[i], text)) {
			message_print(session->err,
				NETNS_DIR "/%s exists, but leads to no network namespace: none is "
					  "mounted on it, or it is a dangling link",
				text);
			return true;
		}
	return false;
}

void resolver_done(struct resolver *resolver)
{
	free(resolver->operands);
	free(resolver->named.at);
	free(resolver->refs.at);
	u64map_done(&resolver->chosen);
}

static int check_type(const struct session *session, const char *text, enum nstype type)
{
	unsigned types = session->options->types;
	CLEANUP(strbuf_done) struct strbuf wanted = { 0 };

	if (!types || types & 1u << type)
		return 0;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t)
			strbuf_addf(
				&wanted, "%s%s", wanted.len ? " or " : "", nstype_info(t)->name);
	return message_fail(session->err, -EINVAL, "namespace %s is of type %s, not %s", text,
		nstype_info(type)->name, strbuf_text(&wanted));
}

/* Returns whether text is the directory of a process in the procfs, such as /proc/1. */
static bool path_process(const char *text, const char *procfs, pid_t *ret_pid)
{
	size_t len = strlen(procfs), digits;
	uint64_t pid;

	if (strncmp(text, procfs, len) != 0 || text[len] != '/')
		return false;
	text += len + 1;
	digits = strspn(text, "0123456789");
	if ((text[digits] && strcmp(text + digits, "/") != 0) ||
		number_parse(text, digits, INT_MAX, &pid) < 0)
		return false;
	*ret_pid = (pid_t)pid;
	return true;
}

/* Checks operand i; parsed: in time. */
static int check_word(const struct session *session, size_t i, bool parsed)
{
	const struct operand *operand = &session->resolver.operands[i];
	const char *text = session->options->namespaces[i];
	pid_t pid;

	if (!parsed)
		return message_fail(session->err, -ETIMEDOUT, "timed out reading %s", text);
	if (!operand->error)
		return operand->any_type ? 0 : check_type(session, text, operand->ref.type);
	if (operand->error != -ENOTTY)
		return message_fail(
			session->err, operand->error, "%s: %s", text, strerror(-operand->error));
	if (path_process(text, session->options->procfs, &pid))
		return message_fail(session->err, -ENOTTY,
			"%s: not a namespace; pass '--task %d' for those of this process", text,
			pid);
	return message_fail(session->err, -ENOTTY,
		"%s: not a namespace; pass an inode number, type:[inode] or the path of a "
		"namespace file",
		text);
}

int resolver_parse(struct session *session)
{
	size_t n = session->options->nnamespaces, done;
	int r = 0;

	session->resolver.operands = memory_alloc(n, sizeof(struct operand));
	done = parse_words(session);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = check_word(session, i, i < done);
	return r;
}

unsigned resolver_types(const struct session *session)
{
	const struct operand *operands = session->resolver.operands;
	unsigned types = 0;

	for (size_t i = 0; i < session->options->nnamespaces; i++)
		types |= operands[i].any_type ? NS_TYPES_ALL : 1u << operands[i].ref.type;
	return types;
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

/* Prints which argument or option the name may have been meant for. */
static int unknown_name(const struct session *session, const char *text, bool file_here)
{
	const struct workload_name name = { .text = text };
	CLEANUP(strbuf_done) struct strbuf hint = { 0 };
	int type = args_find_type(text, strlen(text));
	struct workloads workloads;

	if (resolver_print_stale(session, text))
		return -ENOENT;
	workloads_find(&session->model, resolver_names_mnt(session), &name, &workloads);
	if (type >= 0) {
		strbuf_addf(&hint, "'--type %s' for all namespaces of that type",
			nstype_info((enum nstype)type)->name);
	} else if (workloads.n) {
		strbuf_addf(&hint, "'--of %s' for the namespaces of ", text);
		workload_describe(&workloads.at[0], &hint);
	} else if (is_runtime(text)) {
		strbuf_adds(&hint, "'--containers' to list containers, and '--of NAME' for one");
	} else if (file_here) {
		strbuf_addf(&hint, "'./%s' for the file in the working directory", text);
	} else {
		strbuf_adds(&hint, "an inode number, type:[inode], :ID, a path with a slash, or a "
				   "name");
	}
	return message_fail(session->err, -ENOENT, "no namespace is named '%s'%s; pass %s", text,
		report_is_complete(&session->report) ? "" : ", but not everything could be read",
		hint.text);
}

static int no_namespace(const struct session *session, size_t i)
{
	const char *text = session->options->namespaces[i];
	const struct operand *operand = &session->resolver.operands[i];

	if (operand->name)
		return unknown_name(session, operand->name, operand->file_here);
	if (operand_is_pid(operand, &session->procfs))
		return message_fail(session->err, -ENOENT,
			"no namespace %s; pass '--task %s' for those of process %s", text, text,
			text);
	return message_fail(
		session->err, -ENOENT, "no namespace %s%s", text, resolver_not_found(session));
}

bool resolver_needs_ids(const struct session *session)
{
	/* The lowest inode of a namespace; ids begin at 1. */
	const uint32_t lowest = nstype_info(NS_MNT)->initial_ino;
	const struct operand *operands = session->resolver.operands;

	for (size_t i = 0; i < session->options->nnamespaces; i++)
		if (operands[i].id && operands[i].ref.ino < lowest)
			return true;
	return false;
}

/* Adds the namespaces of the types selected; an error if none of them has such a type. */
static int find_word(struct session *session, size_t i)
{
	const char *text = session->options->namespaces[i];
	unsigned types = session->options->types;
	struct ns_refs *named = &session->resolver.named;
	size_t before = named->n;
	CLEANUP(ns_list_done) struct ns_list list = { 0 };

	operand_find(&session->model, &session->resolver.operands[i], resolver_names_mnt(session),
		true, &list);
	if (!list.n)
		return no_namespace(session, i);
	for (size_t k = 0; k < list.n; k++)
		if (!types || types & 1u << list.at[k]->ref.type)
			ns_refs_add(named, list.at[k]->ref);
	return named->n > before ? 0 : check_type(session, text, list.at[0]->ref.type);
}

static int find_words(struct session *session)
{
	size_t n = session->options->nnamespaces;
	bool identities = false;
	int result = 0;

	/* What is neither an inode nor a name of ip-netns(8) may be the name of a workload. */
	for (size_t i = 0; i < n && !identities; i++) {
		const struct operand *operand = &session->resolver.operands[i];
		CLEANUP(ns_list_done) struct ns_list list = { 0 };

		operand_find(&session->model, operand, resolver_names_mnt(session), false, &list);
		identities = operand->name && !list.n;
	}
	if (identities)
		result = session_read_identities(session);
	if (result < 0)
		return result;
	for (size_t i = 0; i < n; i++) {
		int r = find_word(session, i);

		result = r < 0 ? r : result;
	}
	return result;
}

int resolver_find(struct session *session)
{
	struct resolver *resolver = &session->resolver;
	int r = resolver->found ? 0 : find_words(session);

	if (r == 0)
		r = mounted_check(session);
	if (r < 0)
		return r;
	resolver->found = true;
	resolver->refs.n = 0;
	for (size_t i = 0; i < resolver->named.n; i++)
		ns_refs_add(&resolver->refs, resolver->named.at[i]);
	resolver_choose(session);
	r = resolver_find_workloads(session);
	if (resolver->refs.n)
		qsort(resolver->refs.at, resolver->refs.n, sizeof(struct ns_ref), query_order);
	return r;
}
