// SPDX-License-Identifier: MIT
#include "door_list.h"

#include "nsls/base/array.h"

#include <errno.h>
#include <stdlib.h>

struct door_list *door_list_new(const struct scene *scene)
{
	struct door_list *list = calloc(1, sizeof(*list));

	if (list)
		list->scene = *scene;
	return list;
}

void door_list_free(struct door_list *list)
{
	if (!list)
		return;
	arena_done(&list->arena);
	free(list->at);
	free(list);
}

int door_list_add(struct door_list *list, const struct ns *ns)
{
	struct door_item *at = array_reserve(list->at, list->n, &list->size, sizeof(*at));
	int r;

	if (!at)
		return -ENOMEM;
	list->at = at;
	at += list->n;
	at->ref = ns->ref;
	r = doors_of(ns, &list->arena, &at->doors);
	if (r == 0 && at->doors.n)
		list->n++;
	return r;
}

static void shared_done(void *data)
{
	door_list_free(data);
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
