// SPDX-License-Identifier: MIT
/* What all phases have in common: their items are looked at, and the facts merged in order. */
#include "phase.h"

static void merge_facts(struct scan *scan, const struct fact *fact)
{
	for (; fact; fact = fact->next)
		merge_fact(&scan->merge, fact);
}

int phase_run(struct scan *scan, const struct work *work, phase_whose whose)
{
	struct crew *crew = NULL;
	size_t n = work->n;
	int r = workers_run(scan->workers, work, &crew);

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (crew_timed_out(crew, i))
			merge_timed_out(&scan->merge, whose ? whose(work->shared, i) : 0);
		else
			merge_facts(scan, crew_found(crew, i));
	}
	crew_free(crew);
	return r;
}
