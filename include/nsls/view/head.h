/* SPDX-License-Identifier: MIT */
/* A few lines about one namespace, for people: what stands above the table of its holders. */
#ifndef NSLS_VIEW_HEAD_H
#define NSLS_VIEW_HEAD_H

#include "nsls/view/column.h"

#include <stdio.h>

/* What has to be read of the namespace, of enum need. */
#define HEAD_NEEDS (NEED_RELATIONS | NEED_IDENTITY | NEED_MEMBERS_STAT | NEED_BOOT_TIME)

/* Writes to out, whose errors the caller checks; what is not known is left out. */
void head_print(struct view *view, const struct ns *ns, FILE *out);

#endif
