// SPDX-License-Identifier: MIT
#include "operands.h"

#include "ask.h"
#include "complain.h"

#include "nsls/base/array.h"
#include "nsls/base/cleanup.h"
#include "nsls/base/memory.h"
#include "nsls/model/name.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

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

void operands_choose(struct operands *operands, const struct task *task)
{
	static char yes;

	u64map_put(&operands->chosen, (uint64_t)task->pid, &yes);
}

static bool is_in_named(const struct operands *operands, const struct task *task)
{
	for (enum nstype t = 0; operands->nrefs && t < NS_TYPE_COUNT; t++) {
		struct ns_ref ref = { t, task->ino[t] };

		if (bsearch(&ref, operands->refs, operands->nrefs, sizeof(ref), query_order))
			return true;
	}
	return false;
}

void operands_choose_named(struct operands *operands, const struct model *model)
{
	const struct options *options = operands->options;

	for (size_t i = 0; i < options->ntasks; i++) {
		const struct task *task = model_find_task(model, options->tasks[i]);

		if (task)
			operands_choose(operands, task);
	}
	for (size_t i = 0; options->nnamespaces && i < model->ntasks; i++)
		if (is_in_named(operands, model->tasks[i]))
			operands_choose(operands, model->tasks[i]);
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
	complain(operands->err, "namespace %s is of type %s, not %s", text, nstype_info(type)->name,
		strbuf_text(&wanted));
	strbuf_done(&wanted);
	return -EINVAL;
}

/* A file in the working directory is meant only by a path with a slash. */
static void complain_unknown(FILE *err, const char *text, const struct target *target)
{
	if (target->file_here)
		complain(err,
			"no namespace '%s' below /run/netns; pass './%s' for the file in the "
			"working directory",
			text, text);
	else
		complain(err,
			"no namespace '%s' below /run/netns; pass an inode number, type:[inode], "
			"a path with a slash, or a name",
			text);
}

/* Takes over the result of a word; NULL: reading the process or file that it names timed out. */
static int take_word(struct operands *operands, size_t i, const struct asked_word *asked)
{
	const char *text = operands->options->namespaces[i];
	int r = asked ? asked->result : -ETIMEDOUT;

	if (r == 0) {
		operands->targets[i] = asked->target;
		return asked->target.any_type ? 0
					      : check_type(operands, text, asked->target.ref.type);
	}
	if (!asked)
		complain(operands->err, "timed out reading %s", text);
	else if (r == -ENOTTY)
		complain(operands->err,
			"%s: not a namespace; pass an inode number, type:[inode] or the path of "
			"a namespace file",
			text);
	else if (r == TARGET_NO_NAME)
		complain_unknown(operands->err, text, &asked->target);
	else
		complain(operands->err, "%s: %s", text, strerror(-r));
	return r == TARGET_NO_NAME ? -ENOENT : r;
}

int operands_parse(struct operands *operands, const struct kernel *kernel, bool ours)
{
	const struct options *options = operands->options;
	size_t n = options->nnamespaces, done;
	struct asked_word *asked = memory_alloc(n, sizeof(*asked));
	int r = 0;

	operands->targets = memory_alloc(n, sizeof(*operands->targets));
	done = ask_words(kernel, ours, options->namespaces, n, options->timeout_ms, asked);
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

static int add_task(struct operands *operands, pid_t pid, const struct asked_task *refs)
{
	if (!refs)
		complain(operands->err, "timed out reading process %d", pid);
	else if (refs->n == -ESRCH)
		complain(operands->err, "no process %d in %s", pid, operands->options->procfs);
	else if (refs->n < 0)
		complain(operands->err, "could not read the namespaces of process %d: %s", pid,
			strerror(-refs->n));
	for (int i = 0; refs && i < refs->n; i++)
		operands_add(operands, refs->at[i]);
	return !refs ? -ETIMEDOUT : refs->n < 0 ? refs->n : 0;
}

int operands_find_tasks(
	struct operands *operands, const struct procfs *procfs, struct workers *workers)
{
	const struct options *options = operands->options;
	struct crew *crew = NULL;
	int r = ask_tasks(workers, procfs, options->tasks, options->ntasks, &crew);

	if (r < 0)
		complain(operands->err, "%s", strerror(-r));
	for (size_t i = 0; r == 0 && i < options->ntasks; i++)
		r = add_task(operands, options->tasks[i], crew_found(crew, i));
	crew_free(crew);
	return r;
}

/* Whether the number of which there is no namespace is that of a process. */
static bool is_pid(const struct target *target, const struct procfs *procfs)
{
	CLEANUP_FD int fd = -1;

	if (target->any_type && target->ref.ino <= INT_MAX)
		fd = procfs_open_task(procfs, (pid_t)target->ref.ino);
	return fd >= 0;
}

static void complain_missing(const struct operands *operands, size_t i, const struct procfs *procfs,
	const struct report *report)
{
	const char *text = operands->options->namespaces[i];

	if (operands->targets[i].name)
		complain_unknown(operands->err, text, &operands->targets[i]);
	else if (is_pid(&operands->targets[i], procfs))
		complain(operands->err, "no namespace %s; pass '--task %s' for those of process %s",
			text, text, text);
	else
		complain(operands->err, "no namespace %s%s", text,
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
