/* SPDX-License-Identifier: MIT */
/* Puts rows below one another. Pure, like the query. */
#ifndef NSLS_SELECT_TREE_H
#define NSLS_SELECT_TREE_H

#include "nsls/select/query.h"

enum tree {
	TREE_NONE,
	TREE_TYPE,    /* below a row for the type */
	TREE_OWNER,   /* below the owning user namespace */
	TREE_PARENT,  /* below the parent PID or user namespace */
	TREE_PROCESS, /* below the namespace that an ancestor of its first member is the first of */
	TREE_COUNT,
	TREE_GROUP = TREE_COUNT, /* groups of a container below its first; not by --tree */
};

/* "type", "owner" …; NULL for TREE_NONE. There is none for TREE_GROUP. */
const char *tree_name(enum tree tree);

/*
 * Sets the parents of namespace rows, and those of member processes among holder rows by process
 * ancestry, and puts every row behind its parent. TREE_PROCESS and holder rows need the tasks'
 * parents (enriched).
 */
void tree_arrange(const struct model *model, enum tree tree, struct rows *rows);

#endif
