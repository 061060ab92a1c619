// SPDX-License-Identifier: MIT
/* Each namespace is opened once, by whatever leads there, and asked for its relations. */
#include "phase.h"
#include "door.h"
#include "relate.h"

#include "nsls/base/error.h"

#include <errno.h>
#include <stdlib.h>

struct item {
	struct ns_ref ref;
	struct doors doors;
};

struct shared {
	struct scene scene;
	struct arena arena; /* the doors' paths */
	size_t n;
	struct item at[];
};

struct own {
	struct relate relate;
};

static int look_at_namespace(struct worker *worker, size_t i, void **ret_found)
{
	const struct shared *shared = worker_shared(worker);
	const struct kernel *kernel = shared->scene.kernel;
	const struct item *item = &shared->at[i];
	struct own *own = worker_own(worker);
	int fd = doors_open(&shared->scene, &item->doors, item->ref);
	struct look look;
	int r;

	if (fd < 0) /* nobody is to blame: what led there has gone, or may not be passed */
		return error_is_fatal(fd) ? fd : 0;
	look_init(&look, worker, &shared->scene, 0);
	r = relate(&look, &own->relate, item->ref, fd);
	kernel->close(kernel, fd);
	*ret_found = look.first;
	return r;
}

static void own_done(void *data)
{
	struct own *own = data;

	relate_done(&own->relate);
}

static void shared_done(void *data)
{
	struct shared *shared = data;

	arena_done(&shared->arena);
	free(shared);
}

static int add_item(struct shared *shared, const struct ns *ns)
{
	struct item *item = &shared->at[shared->n];
	int r;

	if (ns->related)
		return 0;
	item->ref = ns->ref;
	r = doors_of(ns, &shared->arena, &item->doors);
	if (r == 0 && item->doors.n)
		shared->n++;
	return r;
}

int phase_relations(struct scan *scan)
{
	const struct model *model = scan->merge.model;
	size_t n = model->n - scan->related;
	struct shared *shared = calloc(1, sizeof(*shared) + n * sizeof(*shared->at));
	struct work work = {
		.grain = 32,
		.look = look_at_namespace,
		.shared = shared,
		.shared_done = shared_done,
		.own_size = sizeof(struct own),
		.own_done = own_done,
	};
	int r = 0;

	if (!shared)
		return -ENOMEM;
	shared->scene = scan->scene;
	for (; r == 0 && scan->related < model->n; scan->related++)
		r = add_item(shared, model->at[scan->related]);
	work.n = shared->n;
	if (r == 0 && work.n)
		return phase_run(scan, &work, NULL);
	shared_done(shared);
	return r;
}
