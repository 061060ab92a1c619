/* SPDX-License-Identifier: MIT */
/*
 * Looks at what was named on the command line: a process may not answer, nor may the file system
 * that a path is on.
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

/*
 * Fills asked, one per word, and returns how many came in time: words that may be paths are looked
 * up in a child process. To be called before there are threads.
 */
size_t ask_words(const struct kernel *kernel, bool ours, char **words, size_t n,
	unsigned timeout_ms, struct asked_word *asked);

/* Finds a struct asked_task for each PID. Returns 0 or -errno. */
int ask_tasks(struct workers *workers, const struct procfs *procfs, const pid_t *pids, size_t n,
	struct crew **ret_crew);

#endif
