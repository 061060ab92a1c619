// SPDX-License-Identifier: MIT
/*
 * Scans the lists that the kernel itself has of namespaces: listns(2), and the sequence of mount
 * namespaces, and merges them.
 */
#include "internal.h"

#include <errno.h>

/*
 * A first pass only emits which listed namespaces have no known holder: most of them are new, as
 * are their processes, which the next scan finds. A last pass reads relations and mounts of the
 * rest.
 */

#define IDS_PER_CALL 512

struct listed_item {
	struct item head;
	bool describe;     /* the last pass */
	struct u64map ids; /* namespaces to skip; in the last pass, those to read */
};

static void merge_listed(struct merge *merge, const struct fact *fact)
{
	const struct ns *ns = model_find(merge->model, fact->ref);
	bool held = ns && ns->first;

	/* Skips a namespace with a holder if all details that are wanted are known. */
	if (held && (ns->related || !merge->ctx->options.relations) &&
		(ns->mounts_whole || ns->ref.type != NS_MNT ||
			!ctx_wants(merge->ctx, SOURCE_MOUNTS)))
		return;
	*array_push(merge->listed, merge->nlisted, merge->listed_size) =
		(struct listed){ fact->ref, fact->id, held };
}

static void merge_list_end(struct merge *merge, const struct fact *fact)
{
	merge->report->listed = true;
}

static bool is_selected(const struct listed_item *item, uint64_t id)
{
	return (u64map_get(&item->ids, id) != NULL) == item->describe;
}

static int scan_listed_fd(
	struct emitter *emitter, const struct listed_item *item, int fd, uint64_t id)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	struct fact *fact;
	struct ns_ref ref;
	int r = kernel->ref(kernel, fd, &ref);

	if (r < 0)
		return emit_error(emitter, SOURCE_KERNEL, -1, r);
	if (item->describe) {
		r = read_relations(emitter, emitter->worker->own, ref, fd);
		return r < 0 ? r : scan_mounts_by_fd(emitter, ref, fd);
	}
	fact = emit_fact(emitter, merge_listed);
	fact->ref = ref;
	fact->id = id;
	return 0;
}

/* Walks from our own mount namespace to the highest or lowest one. */
static int walk_mount_namespaces(struct emitter *emitter, const struct listed_item *item, bool up)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int fd = kernel->open_own(kernel, NS_MNT), r = 0;

	if (fd < 0)
		return error_is_fatal(fd) ? fd : 0;
	while (r == 0 && fd >= 0 && worker_progress(emitter->worker)) {
		uint64_t id = 0;
		int next = kernel->step_mnt(kernel, fd, up, &id);

		kernel->close(kernel, fd);
		fd = next;
		if (fd >= 0 && is_selected(item, id))
			r = scan_listed_fd(emitter, item, fd, id);
	}
	kernel->close(kernel, fd);
	if (fd == -EPERM) /* to such a caller listns(2) shows a part, without an error */
		emit_limitation(emitter, LIMITATION_PRIVILEGE);
	else if (kernel_unsupported(fd))
		emit_limitation(emitter, LIMITATION_MNT_WALK);
	else if (fd < 0 && fd != -ENOENT) /* no neighbour left */
		return emit_error(emitter, SOURCE_KERNEL, -1, fd);
	return r;
}

static int scan_listed(struct emitter *emitter, void *data)
{
	const struct listed_item *item = data;
	const struct ctx *ctx = emitter->ctx;
	const struct kernel *kernel = ctx->kernel;
	/* A mount may hold a namespace of any type. */
	const unsigned mnt = ctx_wants(ctx, SOURCE_MOUNTS) ? 1u << NS_MNT : 0;
	const unsigned types = ctx->options.types | mnt;
	uint64_t ids[IDS_PER_CALL], after = 0;
	ssize_t n = 0;
	int r = 0;

	while (r == 0 && worker_progress(emitter->worker) &&
		(n = kernel->list(kernel, types, after, ids, IDS_PER_CALL)) > 0) {
		for (ssize_t i = 0; r == 0 && i < n && worker_progress(emitter->worker); i++) {
			int fd;

			if (!is_selected(item, ids[i]))
				continue;
			fd = kernel->open_id(kernel, ids[i]);
			if (fd == -ESTALE)
				continue; /* the namespace has ended */
			r = fd < 0 ? emit_error(emitter, SOURCE_KERNEL, -1, fd)
				   : scan_listed_fd(emitter, item, fd, ids[i]);
			kernel->close(kernel, fd);
		}
		if (r == 0 && ids[n - 1] <= after) {
			n = -EBADMSG;
			break;
		}
		after = ids[n - 1];
	}
	if (n == -ENOSYS)
		emit_limitation(emitter, LIMITATION_LISTNS);
	else if (n < 0)
		r = emit_error(emitter, SOURCE_KERNEL, -1, (int)n);
	for (int up = 0; r == 0 && types & 1u << NS_MNT && up <= 1; up++)
		r = walk_mount_namespaces(emitter, item, up);
	if (r == 0 && !item->describe && !(emitter->failed & 1u << SOURCE_KERNEL))
		emit_fact(emitter, merge_list_end);
	return r;
}

static void listed_item_done(void *data)
{
	struct listed_item *item = data;

	u64map_done(&item->ids);
}

static void listed_fill(struct scan *scan, struct work_list *list)
{
	const struct merge *merge = &scan->merge;
	const struct model *model = merge->model;
	struct listed_item *item = work_list_add(list, sizeof(*item), 0, 0);

	item->describe = merge->nlisted;
	for (size_t i = 0; i < merge->nlisted; i++)
		u64map_add(&item->ids, merge->listed[i].id);
	for (size_t i = 0; !item->describe && i < model->n; i++)
		if (model->at[i]->id && model->at[i]->first)
			u64map_add(&item->ids, model->at[i]->id);
}

const struct phase phase_listed = {
	.id = PHASE_LISTED,
	.fill = listed_fill,
	.scan = scan_listed,
	.own_size = sizeof(struct u64map),
	.own_done = relations_own_done,
	.item_done = listed_item_done,
};

bool merge_keep_listed_before(struct merge *merge, struct u64map *before)
{
	size_t listed = merge->nlisted, kept = 0;
	struct u64map now = { 0 };

	for (size_t i = 0; i < listed; i++) {
		const struct listed at = merge->listed[i];

		if (!at.held)
			u64map_add(&now, at.id);
		if (at.held || u64map_get(before, at.id))
			merge->listed[kept++] = at;
	}
	merge->nlisted = kept;
	u64map_done(before);
	*before = now;
	return kept < listed;
}
