// SPDX-License-Identifier: MIT
#include "door_list.h"

#include "nsls/base/array.h"
#include "nsls/base/memory.h"

#include <stdlib.h>

struct door_list *door_list_new(const struct scene *scene)
{
	struct door_list *list = memory_alloc(1, sizeof(*list));

	list->scene = *scene;
	return list;
}

void door_list_add(struct door_list *list, const struct ns *ns)
{
	struct door_item *at = array_push(list->at, list->n, list->size);

	at->ref = ns->ref;
	doors_of(ns, &list->arena, &at->doors);
	if (!at->doors.n)
		list->n--;
}

static void shared_done(void *data)
{
	struct door_list *list = data;

	arena_done(&list->arena);
	free(list->at);
	free(list);
}

static uint64_t key(const void *shared, size_t i)
{
	return ns_ref_key(((const struct door_list *)shared)->at[i].ref);
}

int door_list_run(struct scan *scan, struct door_list *list, struct work work)
{
	work.n = list->n;
	work.shared = list;
	work.key = key;
	work.shared_done = shared_done;
	return phase_run(scan, &work, NULL);
}
