/* SPDX-License-Identifier: MIT */
/* Which options make no sense together. */
#ifndef NSLS_EXCLUDE_H
#define NSLS_EXCLUDE_H

#include "nsls/cli/options.h"

/* Returns 0, or -EINVAL after a line on err that names two that exclude each other. */
int exclude_check(const struct options *options, FILE *err);

#endif
