/* SPDX-License-Identifier: MIT */
/* A door is a path by which a namespace can be opened. Work lists take doors from the model. */
#ifndef NSLS_DOOR_H
#define NSLS_DOOR_H

#include "look.h"

#include "nsls/model/model.h"

struct door {
	const char *root; /* directory below the procfs in which path starts; NULL: the procfs */
	const char *path;
	pid_t pid, tid; /* 0, or a task for whose future children the PID namespace is */
};

/* More than one, because whoever holds it may let go before we come. */
#define DOORS_MOST 8

struct doors {
	struct door at[DOORS_MOST];
	size_t n;
};

/* The doors that the holders of a namespace offer, in the arena. */
void doors_of(const struct ns *ns, struct arena *arena, struct doors *ret_doors);

/* The door of a process that is in it, by its thread tid. */
void doors_add_task(
	struct doors *doors, pid_t pid, pid_t tid, enum nstype type, struct arena *arena);

/*
 * Opens the namespace by the first door that leads there: a descriptor of the kernel's. -ENOENT
 * where none does any more; another error is that of a door that may still do.
 */
int doors_open(const struct scene *scene, const struct doors *doors, struct ns_ref ref);

/* Says what an error of doors_open tells of this kernel, if anything. */
void doors_judge(struct look *look, int error);

#endif
