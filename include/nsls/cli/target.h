/* SPDX-License-Identifier: MIT */
/* What a person names on the command line, a namespace or a process, as namespaces. */
#ifndef NSLS_CLI_TARGET_H
#define NSLS_CLI_TARGET_H

#include "nsls/kernel/kernel.h"
#include "nsls/kernel/procfs.h"
#include "nsls/model/model.h"

struct target {
	struct ns_ref ref;
	bool any_type;    /* only an inode number was given: the model knows its type */
	const char *name; /* of a network namespace, which the model knows; or NULL */
	bool file_here;   /* it is no path, but would be the name of a file here */
};

/* Whether an operand is a path: it has a slash. */
bool target_is_path(const char *text);

#define TARGET_NO_NAME 1 /* a name that no network namespace has */

/*
 * An inode number, "type:[inode]", a path that leads to a namespace file, which is looked at
 * without opening anything else, or the name of a network namespace. A name is looked up below
 * /run/netns at once where ours says that the procfs is of our own world: a path of ours would mean
 * something else in another. Returns 0, TARGET_NO_NAME or -errno; -ENOTTY: the path is no namespace
 * file.
 */
int target_parse(
	const struct kernel *kernel, const char *text, bool ours, struct target *ret_target);

/* Whether a word is a number or "type:[inode]", so that target_parse() looks up no file. */
bool target_is_number(const char *text);

/*
 * The namespace in the model; names_mnt as ns_names_mnt() tells it. Returns 0, or -ENOENT: there
 * is none.
 */
int target_find(const struct model *model, const struct target *target, uint32_t names_mnt,
	struct ns_ref *ret_ref);

/*
 * The namespaces that process pid (or a thread of that id) is in, at most NS_TYPE_COUNT. Returns
 * how many, or -errno; -ESRCH: no such process.
 */
int target_of_task(const struct procfs *procfs, pid_t pid, struct ns_ref *ret_refs);

#endif
