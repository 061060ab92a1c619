// SPDX-License-Identifier: MIT
/* A chain of chunks; an object larger than a chunk gets one of its own. */
#include "nsls/base/arena.h"

#include "nsls/base/memory.h"

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

static void add_chunk(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;

	if (size < CHUNK_SIZE)
		size = CHUNK_SIZE;
	chunk = memory_alloc(1, sizeof(*chunk) + size);
	chunk->next = arena->chunks;
	chunk->size = size;
	arena->chunks = chunk;
	arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	/* 8 is enough for everything that we store: pointers and 64-bit numbers. */
	size_t aligned = (size + 7) & ~(size_t)7;
	void *p;

	if (!arena->chunks || arena->chunks->size - arena->used < aligned)
		add_chunk(arena, aligned);
	p = arena->chunks->data + arena->used;
	arena->used += aligned;
	return p;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(arena_alloc(arena, size), text, size);
}
