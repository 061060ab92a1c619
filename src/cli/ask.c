// SPDX-License-Identifier: MIT
#include "ask.h"

#include "nsls/base/error.h"

#include <errno.h>
#include <stdlib.h>

struct named {
	const struct kernel *kernel;
	bool ours;
	char **words;
	struct procfs procfs;
	const pid_t *pids;
};

static int look_at_word(struct worker *worker, size_t i, void **ret_found)
{
	const struct named *named = worker_shared(worker);
	struct asked_word *asked = arena_alloc(worker_arena(worker), sizeof(*asked));

	if (!asked)
		return -ENOMEM;
	asked->result = target_parse(named->kernel, named->words[i], named->ours, &asked->target);
	*ret_found = asked;
	return error_is_fatal(asked->result) ? asked->result : 0;
}

static int look_at_task(struct worker *worker, size_t i, void **ret_found)
{
	const struct named *named = worker_shared(worker);
	struct asked_task *asked = arena_alloc(worker_arena(worker), sizeof(*asked));

	if (!asked)
		return -ENOMEM;
	asked->n = target_of_task(&named->procfs, named->pids[i], asked->at);
	*ret_found = asked;
	return error_is_fatal(asked->n) ? asked->n : 0;
}

static int ask(struct workers *workers, const struct named *named, size_t n,
	int (*look)(struct worker *, size_t, void **), struct crew **ret_crew)
{
	struct named *shared = malloc(sizeof(*shared));
	struct work work = {
		.n = n, .grain = 16, .look = look, .shared = shared, .shared_done = free
	};

	if (!shared)
		return -ENOMEM;
	*shared = *named;
	return workers_run(workers, &work, ret_crew);
}

int ask_words(struct workers *workers, const struct kernel *kernel, bool ours, char **words,
	size_t n, struct crew **ret_crew)
{
	const struct named named = { .kernel = kernel, .ours = ours, .words = words };

	return ask(workers, &named, n, look_at_word, ret_crew);
}

int ask_tasks(struct workers *workers, const struct procfs *procfs, const pid_t *pids, size_t n,
	struct crew **ret_crew)
{
	const struct named named = { .procfs = *procfs, .pids = pids };

	return ask(workers, &named, n, look_at_task, ret_crew);
}
