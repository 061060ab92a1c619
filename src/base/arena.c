// SPDX-License-Identifier: MIT
/* A chain of chunks; an object larger than a chunk gets one of its own. */
#include "nsls/base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)64 * 1024)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){ 0 };
}

void arena_done(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
	arena->used = 0;
}

static int add_chunk(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;

	if (size < CHUNK_SIZE)
		size = CHUNK_SIZE;
	chunk = malloc(sizeof(*chunk) + size);
	if (!chunk)
		return -1;
	chunk->next = arena->chunks;
	chunk->size = size;
	arena->chunks = chunk;
	arena->used = 0;
	return 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	/* 8 is enough for everything that we store: pointers and 64-bit numbers. */
	size_t aligned = (size + 7) & ~(size_t)7;
	void *p;

	if (!arena->chunks || arena->chunks->size - arena->used < aligned)
		if (add_chunk(arena, aligned) < 0)
			return NULL;
	p = arena->chunks->data + arena->used;
	arena->used += aligned;
	return memset(p, 0, size);
}

char *arena_strdup(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_alloc(arena, size);

	return copy ? memcpy(copy, text, size) : NULL;
}
