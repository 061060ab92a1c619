/* SPDX-License-Identifier: MIT */
/* Asks the kernel, through a descriptor, whose a namespace is, whose child, and what its ids are.
 */
#ifndef NSLS_RELATE_H
#define NSLS_RELATE_H

#include "look.h"

#include "nsls/base/u64map.h"

/* What one worker has asked already; zeroed is empty. */
struct relate {
	struct u64map refs; /* by type and inode */
};

void relate_done(struct relate *asked);

/*
 * Says the relations of ref, which fd is a descriptor on, and of all owners and parents above it,
 * which may be namespaces that nothing else shows. Nothing is asked twice. Returns 0 or -errno
 * that ends the scan.
 */
int relate(struct look *look, struct relate *asked, struct ns_ref ref, int fd);

#endif
