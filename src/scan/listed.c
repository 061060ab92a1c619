// SPDX-License-Identifier: MIT
/* Namespaces that the kernel itself lists. */
#include "internal.h"

#include "nsls/base.h"

#include <errno.h>
#include <stdlib.h>

/*
 * The kernel's lists. First it is only checked which of them were not found elsewhere, because most
 * of those are new, and so are their processes; the rest is then described.
 */

#define IDS_A_CALL 512

struct listed_shared {
	struct ctx ctx;
	bool explain;      /* the second pass */
	struct u64map ids; /* those that are known; when explaining, those that are meant */
};

struct pass {
	struct emitter emitter;
	const struct listed_shared *shared;
	struct relate asked;
};

static bool is_of_interest(const struct pass *pass, uint64_t id)
{
	return (u64map_get(&pass->shared->ids, id) != NULL) == pass->shared->explain;
}

static int scan_fd(struct pass *pass, int fd, uint64_t id)
{
	const struct kernel *kernel = pass->emitter.ctx->kernel;
	struct fact *fact;
	struct ns_ref ref;
	int r = kernel->ref(kernel, fd, &ref);

	if (r < 0)
		return emit_error(&pass->emitter, SOURCE_KERNEL, -1, r);
	if (pass->shared->explain) {
		r = relate(&pass->emitter, &pass->asked, ref, fd);
		return r < 0 ? r : scan_mounts_by_fd(&pass->emitter, ref, fd);
	}
	fact = emit_fact(&pass->emitter, FACT_LISTED);
	fact->ref = ref;
	fact->listed.id = id;
	return 0;
}

static int look_at_id(struct pass *pass, uint64_t id)
{
	const struct kernel *kernel = pass->emitter.ctx->kernel;
	int fd, r;

	if (!is_of_interest(pass, id))
		return 0;
	fd = kernel->open_id(kernel, id);
	if (fd == -ESTALE)
		return 0; /* ended meanwhile */
	if (fd < 0)
		return emit_error(&pass->emitter, SOURCE_KERNEL, -1, fd);
	r = scan_fd(pass, fd, id);
	kernel->close(kernel, fd);
	return r;
}

/* Any type may be mounted in a mount namespace that only the kernel shows. */
static unsigned listed_types(const struct ctx *ctx)
{
	return ctx->types | (ctx_wants(ctx, SOURCE_MOUNTS) ? 1u << NS_MNT : 0);
}

static int list_all(struct pass *pass)
{
	unsigned types = listed_types(pass->emitter.ctx);
	const struct kernel *kernel = pass->emitter.ctx->kernel;
	uint64_t ids[IDS_A_CALL], after = 0;
	ssize_t n;

	while ((n = kernel->list(kernel, types, after, ids, IDS_A_CALL)) > 0) {
		for (ssize_t i = 0; i < n && worker_progress(pass->emitter.worker); i++) {
			int r = look_at_id(pass, ids[i]);

			if (r < 0)
				return r;
		}
		if (ids[n - 1] <= after)
			return emit_error(&pass->emitter, SOURCE_KERNEL, -1, -EBADMSG);
		after = ids[n - 1];
	}
	if (n == -ENOSYS) {
		emit_limitation(&pass->emitter, LIMITATION_LISTNS);
		return 0;
	}
	return n < 0 ? emit_error(&pass->emitter, SOURCE_KERNEL, -1, (int)n) : 0;
}

/* Why a step could not be taken. */
static int explain_end(struct pass *pass, int error)
{
	if (error == -ENOENT) /* the last one */
		return 0;
	/* To a caller that gets EPERM listns(2) tells a part of the truth and does not say so. */
	if (kernel_unsupported(error) || error == -EPERM) {
		emit_limitation(&pass->emitter,
			error == -EPERM ? LIMITATION_PRIVILEGE : LIMITATION_MNT_WALK);
		return 0;
	}
	return emit_error(&pass->emitter, SOURCE_KERNEL, -1, error);
}

/* From one mount namespace to the end, in one direction. */
static int walk(struct pass *pass, int (*step)(const struct kernel *, int, uint64_t *))
{
	const struct kernel *kernel = pass->emitter.ctx->kernel;
	int fd = kernel->open_own(kernel, NS_MNT), r = 0;

	if (fd < 0)
		return error_is_fatal(fd) ? fd : 0;
	while (r == 0 && fd >= 0 && worker_progress(pass->emitter.worker)) {
		uint64_t id = 0;
		int next = step(kernel, fd, &id);

		kernel->close(kernel, fd);
		fd = next;
		if (next < 0)
			return explain_end(pass, next);
		if (is_of_interest(pass, id))
			r = scan_fd(pass, next, id);
	}
	kernel->close(kernel, fd);
	return r;
}

static int scan_listed_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct listed_shared *shared = worker_shared(worker);
	const struct kernel *kernel = shared->ctx.kernel;
	struct pass pass = { .shared = shared };
	int r;

	(void)i;
	emitter_init(&pass.emitter, worker, &shared->ctx, 0);
	r = list_all(&pass);
	if (r == 0 && listed_types(&shared->ctx) & 1u << NS_MNT) {
		r = walk(&pass, kernel->previous_mnt);
		if (r == 0)
			r = walk(&pass, kernel->next_mnt);
	}
	if (r == 0 && !shared->explain && !(pass.emitter.failed & 1u << SOURCE_KERNEL))
		emit_fact(&pass.emitter, FACT_LIST_END);
	relate_done(&pass.asked);
	*ret_found = pass.emitter.first;
	return r;
}

static void listed_shared_done(void *data)
{
	struct listed_shared *shared = data;

	u64map_done(&shared->ids);
	free(shared);
}

/* Both passes are one list of the kernel's. */
static uint64_t listed_key(const void *shared, size_t i)
{
	(void)shared;
	return i;
}

static void know_ids(const struct scan *scan, struct listed_shared *shared)
{
	const struct model *model = scan->merge.model;

	for (size_t i = 0; i < model->n; i++)
		if (model->at[i]->id && model->at[i]->first)
			u64map_put(&shared->ids, model->at[i]->id, model->at[i]);
}

static void mean_ids(const struct scan *scan, struct listed_shared *shared)
{
	for (size_t i = 0; i < scan->merge.listed.n; i++)
		u64map_put(&shared->ids, scan->merge.listed.at[i].id, shared);
}

static int run(struct scan *scan, bool explain)
{
	struct listed_shared *shared = memory_alloc(1, sizeof(*shared));
	struct work work = { .n = 1,
		.scan = scan_listed_item,
		.key = listed_key,
		.shared = shared,
		.shared_done = listed_shared_done };

	shared->ctx = scan->ctx;
	shared->explain = explain;
	if (explain)
		mean_ids(scan, shared);
	else
		know_ids(scan, shared);
	return phase_run(scan, &work, NULL);
}

int phase_list(struct scan *scan)
{
	scan->merge.listed.n = 0;
	scan->merge.report->listed = false;
	return run(scan, false);
}

int phase_unheld(struct scan *scan)
{
	return run(scan, true);
}

/*
 * Namespaces that only the kernel lists are looked up again before they count as found nowhere
 * else.
 */

bool merge_is_new(const struct merge *merge, const struct process *process, struct ns_ref ref)
{
	const struct ns *ns;

	if (!merge->again || (process && process->is_new) ||
		u64map_get(&merge->unheld, ns_ref_key(ref)))
		return true;
	ns = model_find(merge->model, ref);
	return !ns || !ns->first || ns->is_new;
}

void merge_holder(struct merge *merge, struct ns_ref ref, const struct holder *holder)
{
	struct ns *ns;

	if (!merge_is_new(merge, holder->process, ref))
		return;
	ns = model_get(merge->model, ref);
	ns->is_new = merge->again && (ns->is_new || !ns->first);
	model_hold(merge->model, ns, holder);
	merge->new_facts += merge->again;
}

/* What is told only through a descriptor, which no holder of it gave. */
static bool is_unopened(const struct merge *merge, const struct ns *ns)
{
	return (merge->relations && !ns->related) ||
	       (ns->ref.type == NS_MNT && merge->sources & 1u << SOURCE_MOUNTS &&
		       !ns->mounts_whole);
}

void merge_listed(struct merge *merge, const struct fact *fact)
{
	const struct ns *ns = model_find(merge->model, fact->ref);
	bool held = ns && ns->first;
	struct listed_list *list = &merge->listed;

	if (!held || is_unopened(merge, ns))
		*array_push(list->at, list->n, list->size) =
			(struct listed){ fact->ref, fact->listed.id, held };
}

void merge_begin_again(struct merge *merge)
{
	u64map_done(&merge->unheld);
	u64map_done(&merge->unheld_ids);
	u64map_done(&merge->mounts_read);
	for (size_t i = 0; i < merge->listed.n; i++) {
		const struct listed *listed = &merge->listed.at[i];

		if (listed->held)
			continue;
		u64map_put(&merge->unheld, ns_ref_key(listed->ref), merge);
		u64map_put(&merge->unheld_ids, listed->id, merge);
	}
	merge->again = true;
	merge->new_facts = 0;
}

void merge_end_again(struct merge *merge)
{
	merge->again = false;
	for (size_t i = 0; i < merge->model->nprocesses; i++)
		merge->model->processes[i]->is_new = false;
	for (size_t i = 0; i < merge->model->n; i++)
		merge->model->at[i]->is_new = false;
}

static bool is_seen_before(const struct merge *merge, const struct listed *listed)
{
	return listed->held || u64map_get(&merge->unheld_ids, listed->id);
}

bool merge_has_unheld(const struct merge *merge)
{
	for (size_t i = 0; i < merge->listed.n; i++)
		if (!merge->listed.at[i].held)
			return true;
	return false;
}

bool merge_is_stable(const struct merge *merge)
{
	for (size_t i = 0; i < merge->listed.n; i++)
		if (!is_seen_before(merge, &merge->listed.at[i]))
			return false;
	return !merge->new_facts;
}

void merge_keep_seen_before(struct merge *merge)
{
	struct listed_list *list = &merge->listed;
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (is_seen_before(merge, &list->at[i]))
			list->at[n++] = list->at[i];
	list->n = n;
}

void merge_unheld(struct merge *merge)
{
	static const struct holder unheld = { .kind = HOLDER_KERNEL };

	for (size_t i = 0; i < merge->listed.n; i++) {
		struct ns *ns = model_find(merge->model, merge->listed.at[i].ref);

		if (ns && !ns->first)
			model_hold(merge->model, ns, &unheld);
	}
}
