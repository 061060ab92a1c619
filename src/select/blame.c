// SPDX-License-Identifier: MIT
/* Which of too many namespaces is told: one that bears the most frequent name. */
#include "nsls/select/verdict.h"

#include "nsls/base/memory.h"
#include "nsls/model/name.h"

#include <stdlib.h>
#include <string.h>

struct named {
	const char *name;
	const struct ns *ns;
	size_t index; /* in the order of rows */
};

/* What a person calls it, "" where it has no name. */
static const char *copy_name(const struct ns *ns, uint32_t our_mnt, struct arena *arena)
{
	struct strbuf name;
	const char *copy;

	strbuf_init(&name);
	ns_name(ns, our_mnt, &name);
	copy = arena_strdup(arena, strbuf_text(&name));
	strbuf_done(&name);
	return copy;
}

static int by_name_then_order(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* The start of the longest run of one name; of equals, that which comes first in the rows. */
static const struct named *most_frequent(const struct named *at, size_t n, size_t *ret_count)
{
	const struct named *best = NULL;

	*ret_count = 0;
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && !strcmp(at[to].name, at[from].name);)
			to++;
		if (!*at[from].name || to - from < *ret_count)
			continue;
		if (to - from > *ret_count || at[from].index < best->index) {
			best = &at[from];
			*ret_count = to - from;
		}
	}
	return best;
}

/* No name tells more: the first that no process is in, or else the last. The first is the host's.
 */
static const struct ns *choose_nameless(const struct rows *suspects)
{
	for (size_t i = 0; i < suspects->n; i++)
		if (!suspects->at[i].ns->nprocs)
			return suspects->at[i].ns;
	return suspects->at[suspects->n - 1].ns;
}

static void choose(struct named *at, size_t n, const struct rows *suspects, struct finding *finding)
{
	const struct named *most;

	qsort(at, n, sizeof(*at), by_name_then_order);
	most = most_frequent(at, n, &finding->alike);
	finding->worst = most && finding->alike > 1 ? most->ns : choose_nameless(suspects);
}

void verdict_blame(const struct rows *suspects, uint32_t our_mnt, struct finding *finding)
{
	struct named *at = memory_alloc(suspects->n, sizeof(*at));
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < suspects->n; i++) {
		at[i].ns = suspects->at[i].ns;
		at[i].index = i;
		at[i].name = copy_name(at[i].ns, our_mnt, &arena);
	}
	if (suspects->n)
		choose(at, suspects->n, suspects, finding);
	arena_done(&arena);
	free(at);
}
