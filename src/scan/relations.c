// SPDX-License-Identifier: MIT
/* Reads the relations of namespaces: owner, parent, ids. Opens each namespace once. */
#include "internal.h"

#include <errno.h>

/*
 * Emits an error, except those that only leave a relation unknown: EPERM for a namespace outside of
 * our namespace scope, ioctl_ns(2), and calls that do not exist in this kernel or for this type.
 */
static int emit_relations_error(struct emitter *emitter, int error)
{
	if (error >= 0 || kernel_unsupported(error) || error == -EPERM || error == -ENODATA)
		return 0;
	return emit_error(emitter, SOURCE_KERNEL, -1, error);
}

/* Adds an edge to a parent or owner, which exists as long as the namespace below it does. */
static struct ns *merge_edge(
	struct merge *merge, struct ns *below, struct ns_ref ref, enum holder_kind kind)
{
	const struct holder holder = { .kind = kind, .ns = below };
	struct ns *above;

	if (!ref.ino)
		return NULL;
	above = model_get(merge->model, ref);
	model_hold(merge->model, above, &holder);
	return above;
}

void merge_relations(struct merge *merge, const struct fact *fact)
{
	struct ns_ref owner = { NS_USER, fact->relations.owner };
	struct ns_ref parent = { fact->ref.type, fact->relations.parent };
	struct ns *ns = model_get(merge->model, fact->ref);

	if (ns->related)
		return;
	ns->related = true;
	ns->id = fact->relations.id;
	ns->has_owner_uid = fact->relations.has_owner_uid;
	ns->owner_uid = fact->relations.owner_uid;
	ns->has_netnsid = fact->relations.has_netnsid;
	ns->netnsid = fact->relations.netnsid;
	ns->owner = merge_edge(merge, ns, owner, HOLDER_OWNED);
	ns->parent = merge_edge(merge, ns, parent, HOLDER_CHILD);
	if (fact->ref.type == NS_USER)
		ns->owner = ns->parent;
}

/* Merges the relations of ns if they are known without opening it. Returns whether they are. */
static bool merge_known_relations(struct merge *merge, const struct ns *ns)
{
	const struct fact *fact = u64map_get(&merge->known_relations, ns_ref_key(ns->ref));

	if (fact)
		merge_relations(merge, fact);
	return fact;
}

/*
 * Identifies the namespace of *fd, a descriptor or -errno. Closes *fd, and sets it to -1, if it
 * can't be identified.
 */
static int identify_relative(struct emitter *emitter, int *fd, struct ns_ref *ret_ref)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int r;

	*ret_ref = (struct ns_ref){ 0 };
	if (*fd < 0)
		return emit_relations_error(emitter, *fd);
	r = kernel->ref(kernel, *fd, ret_ref);
	if (r < 0) {
		kernel->close(kernel, *fd);
		*fd = -1;
	}
	return emit_relations_error(emitter, r);
}

/*
 * Goes up the parents of a namespace, after those of its owner. Has at most four descriptors open.
 */
int read_relations(struct emitter *emitter, struct u64map *done, struct ns_ref ref, int fd)
{
	const struct ctx *ctx = emitter->ctx;
	const struct kernel *kernel = ctx->kernel;
	int opened = -1, r = 0;

	while (r == 0 && fd >= 0 && u64map_add(done, ns_ref_key(ref))) {
		struct fact *fact = emit_fact(emitter, merge_relations);
		struct ns_ref owner;
		int above = -1;

		fact->ref = ref;
		if (ctx->ids)
			r = emit_relations_error(
				emitter, kernel->id(kernel, fd, &fact->relations.id));
		if (r == 0 && ctx->ids && ref.type == NS_USER) {
			r = kernel->owner_uid(kernel, fd, &fact->relations.owner_uid);
			fact->relations.has_owner_uid = r == 0;
			r = emit_relations_error(emitter, r);
		}
		if (r == 0 && ctx->ids && ref.type == NS_NET && ctx->options.netnsid) {
			r = kernel->netnsid(kernel, fd, &fact->relations.netnsid);
			fact->relations.has_netnsid = r == 0;
			r = emit_relations_error(emitter, r);
		}
		/* The owner of a user namespace is its parent: one edge, not two. */
		if (r == 0 && ref.type != NS_USER) {
			int owner_fd = kernel->owner(kernel, fd);

			r = identify_relative(emitter, &owner_fd, &owner);
			fact->relations.owner = owner.ino;
			if (r == 0 && owner_fd >= 0)
				r = read_relations(emitter, done, owner, owner_fd);
			kernel->close(kernel, owner_fd);
		}
		if (r == 0 && nstype_info[ref.type].depth_max) {
			above = kernel->parent(kernel, fd);
			r = identify_relative(emitter, &above, &ref);
			fact->relations.parent = ref.ino;
		}
		kernel->close(kernel, opened);
		opened = fd = above;
	}
	kernel->close(kernel, opened);
	return r;
}

static int scan_relations(struct emitter *emitter, void *data)
{
	const struct ns_item *item = data;
	const struct kernel *kernel = emitter->ctx->kernel;
	int fd = ns_paths_open(emitter->ctx, &item->paths, item->ref), r;

	if (fd < 0) { /* no error of a process: the path has vanished, or is not permitted */
		ns_paths_emit_error(emitter, fd);
		return error_is_fatal(fd) ? fd : 0;
	}
	r = read_relations(emitter, emitter->worker->own, item->ref, fd);
	kernel->close(kernel, fd);
	return r;
}

void relations_own_done(void *own)
{
	u64map_done(own);
}

int phase_relations(struct scan *scan)
{
	static const struct phase phase = {
		.id = PHASE_RELATIONS,
		.grain = 32,
		.scan = scan_relations,
		.own_size = sizeof(struct u64map),
		.own_done = relations_own_done,
	};
	const struct model *model = scan->merge.model;
	struct work_list *list = &scan->merge.lists[PHASE_RELATIONS];
	size_t first = scan->related, end;
	int r;

	for (; scan->related < model->n; scan->related++) {
		const struct ns *ns = model->at[scan->related];

		if (ns->related)
			continue;
		/* The id of a network namespace in ours is known only by opening it. */
		if (ns->ref.type == NS_NET && scan->ctx.options.netnsid &&
			work_list_add_ns(list, ns))
			continue;
		if (!merge_known_relations(&scan->merge, ns))
			work_list_add_ns(list, ns);
	}
	end = model->n;
	r = phase_run(scan, &phase);
	for (size_t i = first; r == 0 && i < end; i++)
		if (!model->at[i]->related) /* it could not be opened */
			merge_known_relations(&scan->merge, model->at[i]);
	return r;
}
