// SPDX-License-Identifier: MIT
/* Each namespace is opened once, by whatever leads there, and asked for its relations. */
#include "door_list.h"
#include "relate.h"

#include "nsls/base/error.h"

struct own {
	struct relate relate;
};

static int look_at_namespace(struct worker *worker, size_t i, void **ret_found)
{
	const struct door_list *list = worker_shared(worker);
	const struct kernel *kernel = list->scene.kernel;
	const struct door_item *item = &list->at[i];
	struct own *own = worker_own(worker);
	int fd = doors_open(&list->scene, &item->doors, item->ref);
	struct look look;
	int r = 0;

	if (error_is_fatal(fd))
		return fd;
	look_init(&look, worker, &list->scene, 0);
	if (fd >= 0) {
		r = relate(&look, &own->relate, item->ref, fd);
		kernel->close(kernel, fd);
	} else { /* nobody is to blame: what led there has gone, or may not be passed */
		doors_judge(&look, fd);
	}
	*ret_found = look.first;
	return r;
}

static void own_done(void *data)
{
	struct own *own = data;

	relate_done(&own->relate);
}

int phase_relations(struct scan *scan)
{
	const struct model *model = scan->merge.model;
	struct door_list *list = door_list_new(&scan->scene);
	const struct work work = {
		.grain = 32,
		.look = look_at_namespace,
		.own_size = sizeof(struct own),
		.own_done = own_done,
	};

	for (; scan->related < model->n; scan->related++)
		if (!model->at[scan->related]->related)
			door_list_add(list, model->at[scan->related]);
	return door_list_run(scan, list, work);
}
