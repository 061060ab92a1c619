/* SPDX-License-Identifier: MIT */
/* The argument of --of: a name, or USER/NAME or CONTAINER/NAME, and whose namespaces that means. */
#ifndef NSLS_OF_H
#define NSLS_OF_H

#include "operands.h"

/*
 * Adds the namespaces and chooses the processes that the names of --of mean, once the identities of
 * all tasks are known. Returns 0, or -errno after a line for each name that means nobody, or more
 * than one. Who monitors waits for those who are not there yet, and means all of them.
 */
int of_find(struct operands *operands, const struct procfs *procfs, const struct model *model,
	const struct report *report);

#endif
