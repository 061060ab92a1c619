/* SPDX-License-Identifier: MIT */
/* The work list of a phase that opens namespaces, by the doors that the model knows. */
#ifndef NSLS_DOOR_LIST_H
#define NSLS_DOOR_LIST_H

#include "door.h"
#include "phase.h"

struct door_item {
	struct ns_ref ref;
	struct doors doors;
};

struct door_list {
	struct scene scene;
	struct arena arena; /* the doors' paths */
	struct door_item *at;
	size_t n, size;
};

struct door_list *door_list_new(const struct scene *scene);

/* Adds a namespace, if any door leads there. */
void door_list_add(struct door_list *list, const struct ns *ns);

/*
 * Runs a phase on the list, which it takes over. Of work only look, grain and what each worker has
 * to itself are to be filled.
 */
int door_list_run(struct scan *scan, struct door_list *list, struct work work);

#endif
