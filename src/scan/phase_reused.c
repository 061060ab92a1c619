// SPDX-License-Identifier: MIT
/* Two namespaces with one inode number can't exist at a time: the doors of one lead elsewhere. */
#include "door_list.h"

#include "nsls/base/error.h"
#include "nsls/base/u64map.h"

#include <errno.h>

static int look_at_namespace(struct worker *worker, size_t i, void **ret_found)
{
	const struct door_list *list = worker_shared(worker);
	const struct kernel *kernel = list->scene.kernel;
	const struct door_item *item = &list->at[i];
	int fd = doors_open(&list->scene, &item->doors, item->ref);
	struct look look;
	struct fact *fact;

	if (fd >= 0)
		kernel->close(kernel, fd);
	if (fd != -ENOENT)
		return error_is_fatal(fd) ? fd : 0;
	look_init(&look, worker, &list->scene, 0);
	fact = look_add(&look, FACT_GONE);
	fact->ref = item->ref;
	*ret_found = fact;
	return 0;
}

/* Whether all its holders are doors: only then does it end with them. */
static bool is_all_doors(const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (!holder_has_path(h))
			return false;
	return ns->nholders <= DOORS_MOST;
}

static void add(struct door_list *list, const struct ns *ns)
{
	if (ns->first && is_all_doors(ns))
		door_list_add(list, ns);
}

static void make_list(const struct model *model, struct door_list *list)
{
	struct u64map by_ino;

	u64map_init(&by_ino);
	for (size_t i = 0; i < model->n; i++) {
		const struct ns *other = u64map_get(&by_ino, model->at[i]->ref.ino);

		if (other) {
			add(list, other);
			add(list, model->at[i]);
		}
		u64map_put(&by_ino, model->at[i]->ref.ino, model->at[i]);
	}
	u64map_done(&by_ino);
}

int phase_reused(struct scan *scan)
{
	struct door_list *list = door_list_new(&scan->scene);
	const struct work work = { .look = look_at_namespace };

	make_list(scan->merge.model, list);
	return door_list_run(scan, list, work);
}
