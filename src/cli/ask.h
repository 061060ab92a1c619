/* SPDX-License-Identifier: MIT */
/*
 * Looks at what was named on the command line, on workers: a process may not answer, nor may the
 * file system that a path is on.
 */
#ifndef NSLS_ASK_H
#define NSLS_ASK_H

#include "nsls/base/workers.h"
#include "nsls/cli/target.h"

struct asked_word {
	int result; /* of target_parse() */
	struct target target;
};

struct asked_task {
	int n; /* of target_of_task() */
	struct ns_ref at[NS_TYPE_COUNT];
};

/* Both find a struct of these for each item. They return 0 or -errno. */
int ask_words(struct workers *workers, const struct kernel *kernel, bool ours, char **words,
	size_t n, struct crew **ret_crew);
int ask_tasks(struct workers *workers, const struct procfs *procfs, const pid_t *pids, size_t n,
	struct crew **ret_crew);

#endif
