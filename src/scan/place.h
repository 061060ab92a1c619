/* SPDX-License-Identifier: MIT */
/* What our own place in the system hides from us. */
#ifndef NSLS_PLACE_H
#define NSLS_PLACE_H

#include "look.h"

/* Learns which types this kernel has and which mount namespace is ours. Returns 0 or -errno. */
int place_learn(struct scene *scene);

/* Gaps (enum report_gap) that come of where we are and what we may do. Returns 0 or -errno. */
int place_gaps(const struct scene *scene, unsigned *ret_gaps);

#endif
