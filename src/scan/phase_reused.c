// SPDX-License-Identifier: MIT
/* Two namespaces with one inode number can't exist at a time: the doors of one lead elsewhere. */
#include "door.h"
#include "phase.h"

#include "nsls/base/array.h"
#include "nsls/base/error.h"
#include "nsls/base/u64map.h"

#include <errno.h>
#include <stdlib.h>

struct item {
	struct ns_ref ref;
	struct doors doors;
};

struct shared {
	struct scene scene;
	struct arena arena; /* the doors' paths */
	struct item *at;
	size_t n, size;
};

static int look_at_namespace(struct worker *worker, size_t i, void **ret_found)
{
	const struct shared *shared = worker_shared(worker);
	const struct kernel *kernel = shared->scene.kernel;
	const struct item *item = &shared->at[i];
	int fd = doors_open(&shared->scene, &item->doors, item->ref);
	struct look look;
	struct fact *fact;

	if (fd >= 0)
		kernel->close(kernel, fd);
	if (fd != -ENOENT)
		return error_is_fatal(fd) ? fd : 0;
	look_init(&look, worker, &shared->scene, 0);
	fact = look_add(&look, FACT_GONE);
	if (!fact)
		return -ENOMEM;
	fact->ref = item->ref;
	*ret_found = fact;
	return 0;
}

static void shared_done(void *data)
{
	struct shared *shared = data;

	arena_done(&shared->arena);
	free(shared->at);
	free(shared);
}

/* Whether all its holders are doors: only then does it end with them. */
static bool is_all_doors(const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (!holder_has_path(h))
			return false;
	return ns->nholders <= DOORS_MOST;
}

static int add_item(struct shared *shared, const struct ns *ns)
{
	struct item *at;

	if (!ns->first || !is_all_doors(ns))
		return 0;
	at = array_reserve(shared->at, shared->n, &shared->size, sizeof(*at));
	if (!at)
		return -ENOMEM;
	shared->at = at;
	at += shared->n++;
	at->ref = ns->ref;
	return doors_of(ns, &shared->arena, &at->doors);
}

static int make_list(const struct model *model, struct shared *shared)
{
	struct u64map by_ino;
	int r = 0;

	u64map_init(&by_ino);
	for (size_t i = 0; r == 0 && i < model->n; i++) {
		const struct ns *other = u64map_get(&by_ino, model->at[i]->ref.ino);

		if (other)
			r = add_item(shared, other);
		if (r == 0 && other)
			r = add_item(shared, model->at[i]);
		if (r == 0)
			r = u64map_put(&by_ino, model->at[i]->ref.ino, model->at[i]);
	}
	u64map_done(&by_ino);
	return r;
}

int phase_reused(struct scan *scan)
{
	struct shared *shared = calloc(1, sizeof(*shared));
	struct work work = {
		.look = look_at_namespace, .shared = shared, .shared_done = shared_done
	};
	int r;

	if (!shared)
		return -ENOMEM;
	shared->scene = scan->scene;
	r = make_list(scan->merge.model, shared);
	work.n = shared->n;
	if (r == 0 && work.n)
		return phase_run(scan, &work, NULL);
	shared_done(shared);
	return r;
}
