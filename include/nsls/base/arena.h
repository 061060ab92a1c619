/* SPDX-License-Identifier: MIT */
/* Memory that lives as long as the model: handed out in order, freed at once. */
#ifndef NSLS_BASE_ARENA_H
#define NSLS_BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;
	size_t used; /* bytes of the newest chunk */
};

void arena_init(struct arena *arena);
void arena_done(struct arena *arena);

/* Zeroed memory aligned to 8 bytes, owned by the arena. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of text, owned by the arena. */
char *arena_strdup(struct arena *arena, const char *text);

#endif
