// SPDX-License-Identifier: MIT
/*
 * Relations of namespaces: owner, parent, ids. Each namespace is opened once, by any path to it.
 */
#include "internal.h"

#include "nsls/base.h"

#include <errno.h>

void relate_done(struct relate *asked)
{
	u64map_done(&asked->refs);
}

/*
 * Errors of these questions say what may be known: EPERM, it is beyond us; a call that this kernel
 * lacks, it is not known, or not of this type. Anything else is failure.
 */
static int judge(struct emitter *emitter, int error)
{
	if (error >= 0 || kernel_unsupported(error) || error == -EPERM || error == -ENODATA)
		return 0;
	return emit_error(emitter, SOURCE_KERNEL, -1, error);
}

static int ask_ids(struct emitter *emitter, struct fact *fact, int fd)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int r = judge(emitter, kernel->id(kernel, fd, &fact->relations.id));

	if (r == 0 && fact->ref.type == NS_USER) {
		r = kernel->owner_uid(kernel, fd, &fact->relations.owner_uid);
		fact->relations.has_owner_uid = r == 0;
		r = judge(emitter, r);
	}
	if (r == 0 && fact->ref.type == NS_NET && emitter->ctx->netnsid) {
		r = kernel->netnsid(kernel, fd, &fact->relations.netnsid);
		fact->relations.has_netnsid = r == 0;
		r = judge(emitter, r);
	}
	return r;
}

/* What fd, a descriptor or the error that came in its place, refers to; fd is closed if not. */
static int identify(struct emitter *emitter, int *fd, struct ns_ref *ret_ref)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int r;

	*ret_ref = (struct ns_ref){ 0 };
	if (*fd < 0)
		return judge(emitter, *fd);
	r = kernel->ref(kernel, *fd, ret_ref);
	if (r < 0) {
		kernel->close(kernel, *fd);
		*fd = -1;
	}
	return judge(emitter, r);
}

static bool is_asked(const struct relate *asked, struct ns_ref ref)
{
	return u64map_get(&asked->refs, ns_ref_key(ref));
}

static struct fact *add(struct emitter *emitter, struct relate *asked, struct ns_ref ref)
{
	struct fact *fact = emit_fact(emitter, FACT_RELATIONS);

	u64map_put(&asked->refs, ns_ref_key(ref), fact);
	fact->ref = ref;
	return fact;
}

/*
 * The parent of a PID or user namespace, which is left open in *ret_fd where it has still to be
 * asked itself; else -1.
 */
static int ask_parent(struct emitter *emitter, struct relate *asked, struct fact *fact, int fd,
	struct ns_ref *ret_ref, int *ret_fd)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int parent = kernel->parent(kernel, fd);
	int r = identify(emitter, &parent, ret_ref);

	fact->relations.parent = ret_ref->ino;
	*ret_fd = parent;
	if (parent >= 0 && is_asked(asked, *ret_ref)) {
		kernel->close(kernel, parent);
		*ret_fd = -1;
	}
	return r;
}

static int ask_owner(struct emitter *emitter, struct relate *asked, struct fact *fact, int fd)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int owner = kernel->owner(kernel, fd);
	struct ns_ref ref;
	int r = identify(emitter, &owner, &ref);

	if (owner < 0)
		return r;
	fact->relations.owner = ref.ino;
	if (r == 0)
		r = relate(emitter, asked, ref, owner);
	kernel->close(kernel, owner);
	return r;
}

/* From a namespace up its parents; those of an owner are gone up before. At most four are open. */
int relate(struct emitter *emitter, struct relate *asked, struct ns_ref ref, int fd)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int opened = -1, r = 0;

	while (r == 0 && fd >= 0 && !is_asked(asked, ref)) {
		struct fact *fact = add(emitter, asked, ref);
		int above = -1;

		if (emitter->ctx->ids)
			r = ask_ids(emitter, fact, fd);
		/* The owner of a user namespace is its parent: one edge, not two. */
		if (r == 0 && ref.type != NS_USER)
			r = ask_owner(emitter, asked, fact, fd);
		if (r == 0 && nstype_info(ref.type)->has_parent)
			r = ask_parent(emitter, asked, fact, fd, &ref, &above);
		if (opened >= 0)
			kernel->close(kernel, opened);
		opened = fd = above;
	}
	if (opened >= 0)
		kernel->close(kernel, opened);
	return r;
}

struct relations_own {
	struct relate relate;
};

static int scan_namespace(struct worker *worker, size_t i, void **ret_found)
{
	const struct path_list *list = worker_shared(worker);
	const struct kernel *kernel = list->ctx.kernel;
	const struct path_item *item = &list->at[i];
	struct relations_own *own = worker_own(worker);
	int fd = ns_paths_open(&list->ctx, &item->ns_paths, item->ref);
	struct emitter emitter;
	int r = 0;

	if (error_is_fatal(fd))
		return fd;
	emitter_init(&emitter, worker, &list->ctx, 0);
	if (fd >= 0) {
		r = relate(&emitter, &own->relate, item->ref, fd);
		kernel->close(kernel, fd);
	} else { /* nobody is to blame: what led there has gone, or may not be passed */
		ns_paths_report_error(&emitter, fd);
	}
	*ret_found = emitter.first;
	return r;
}

static void relations_own_done(void *data)
{
	struct relations_own *own = data;

	relate_done(&own->relate);
}

int phase_relations(struct scan *scan)
{
	const struct model *model = scan->merge.model;
	struct path_list *list = path_list_new(&scan->ctx);
	const struct work work = {
		.grain = 32,
		.scan = scan_namespace,
		.own_size = sizeof(struct relations_own),
		.own_done = relations_own_done,
	};

	for (; scan->related < model->n; scan->related++)
		if (!model->at[scan->related]->related)
			path_list_add(list, model->at[scan->related]);
	return path_list_run(scan, list, work);
}
