// SPDX-License-Identifier: MIT
#include "ask.h"

#include "nsls/base/child.h"
#include "nsls/base/error.h"
#include "nsls/base/memory.h"

#include <stdlib.h>

struct named {
	const struct kernel *kernel;
	bool ours;
	char **words;
	struct procfs procfs;
	const pid_t *pids;
};

static int look_at_task(struct worker *worker, size_t i, void **ret_found)
{
	const struct named *named = worker_shared(worker);
	struct asked_task *asked = arena_alloc(worker_arena(worker), sizeof(*asked));

	asked->n = target_of_task(&named->procfs, named->pids[i], asked->at);
	*ret_found = asked;
	return error_is_fatal(asked->n) ? asked->n : 0;
}

static void parse_word(const void *data, size_t i, void *item)
{
	const struct named *named = data;
	struct asked_word *asked = item;

	asked->result = target_parse(named->kernel, named->words[i], named->ours, &asked->target);
}

size_t ask_words(const struct kernel *kernel, bool ours, char **words, size_t n,
	unsigned timeout_ms, struct asked_word *asked)
{
	const struct named named = { .kernel = kernel, .ours = ours, .words = words };
	const struct child_work work = {
		.run = parse_word, .data = &named, .items = asked, .n = n, .size = sizeof(*asked)
	};
	size_t numbers = 0;

	while (numbers < n && target_is_number(words[numbers])) {
		parse_word(&named, numbers, &asked[numbers]);
		numbers++;
	}
	return numbers < n ? child_run(&work, timeout_ms) : n;
}

int ask_tasks(struct workers *workers, const struct procfs *procfs, const pid_t *pids, size_t n,
	struct crew **ret_crew)
{
	struct named *shared = memory_alloc(1, sizeof(*shared));
	struct work work = {
		.n = n, .grain = 16, .look = look_at_task, .shared = shared, .shared_done = free
	};

	*shared = (struct named){ .procfs = *procfs, .pids = pids };
	return workers_run(workers, &work, ret_crew);
}
