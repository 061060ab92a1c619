// SPDX-License-Identifier: MIT
/*
 * The allocator, and what is built on it: arenas, growing arrays, a hash table. When memory runs
 * out, the program ends with a message. What other errors mean is at the end.
 */
#include "nsls/base.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	const char *line;
	int fd, status;
} failure = { "nsls: out of memory\n", STDERR_FILENO, 2 };

void memory_set_failure(int fd, const char *line, int status)
{
	failure.fd = fd;
	failure.line = line;
	failure.status = status;
}

void memory_fail(void)
{
	static atomic_flag failing = ATOMIC_FLAG_INIT;

	while (atomic_flag_test_and_set(&failing))
		pause(); /* another thread is writing the line */
	if (write(failure.fd, failure.line, strlen(failure.line)) < 0)
		_exit(failure.status); /* the exit status remains */
	_exit(failure.status);
}

void *memory_check(void *p)
{
	if (!p)
		memory_fail();
	return p;
}

void memory_close(FILE *stream, char **text)
{
	bool failed = ferror(stream);

	if (fclose(stream) != 0 || failed || !*text)
		memory_fail();
}

/* Never 0 items: for these, calloc(3) and realloc(3) may return NULL. */
void *memory_alloc(size_t n, size_t item_size)
{
	return memory_check(calloc(n ? n : 1, item_size));
}

void *memory_resize(void *at, size_t n, size_t item_size)
{
	return memory_check(reallocarray(at, n ? n : 1, item_size));
}

char *memory_copy(const char *text)
{
	return memory_check(strdup(text));
}

/* An arena is a chain of chunks. An object larger than CHUNK_SIZE gets a chunk of its own. */

#define CHUNK_SIZE ((size_t)64 * 1024)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size;
	alignas(max_align_t) unsigned char data[];
};

void arena_done(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
	arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	/* 8 is enough for pointers and 64-bit numbers, the largest types that nsls stores. */
	size_t aligned = (size + 7) & ~(size_t)7;
	void *p;

	if (!arena->chunks || arena->chunks->size - arena->used < aligned) {
		size_t room = aligned < CHUNK_SIZE ? CHUNK_SIZE : aligned;
		struct arena_chunk *chunk = memory_alloc(1, sizeof(*chunk) + room);

		chunk->next = arena->chunks;
		chunk->size = room;
		arena->chunks = chunk;
		arena->used = 0;
	}
	p = arena->chunks->data + arena->used;
	arena->used += aligned;
	return p;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	size_t size = text ? strlen(text) + 1 : 0;

	return text ? memcpy(arena_alloc(arena, size), text, size) : NULL;
}

#define ARRAY_FIRST_SIZE 16

void *array_reserve(void *at, size_t n, size_t *size, size_t item_size)
{
	if (n < *size)
		return at;
	*size = *size ? *size * 2 : ARRAY_FIRST_SIZE;
	return memory_resize(at, *size, item_size);
}

/*
 * A hash table with open addressing and linear probing. It grows at two thirds, never shrinks, and
 * entries are never removed.
 */

void u64map_done(struct u64map *map)
{
	free(map->slots);
	*map = (struct u64map){ 0 };
}

static struct u64map_slot *u64map_find(const struct u64map *map, uint64_t key)
{
	/* Inode numbers run in sequence; 2^64 over the golden ratio spreads them. */
	size_t i = (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (map->size - 1);

	while (map->slots[i].value && map->slots[i].key != key)
		i = (i + 1) & (map->size - 1);
	return &map->slots[i];
}

static void u64map_grow(struct u64map *map)
{
	struct u64map bigger = { .size = map->size ? map->size * 2 : 64, .used = map->used };

	bigger.slots = memory_alloc(bigger.size, sizeof(*bigger.slots));
	for (size_t i = 0; i < map->size; i++)
		if (map->slots[i].value)
			*u64map_find(&bigger, map->slots[i].key) = map->slots[i];
	free(map->slots);
	*map = bigger;
}

void *u64map_get(const struct u64map *map, uint64_t key)
{
	return map->size ? u64map_find(map, key)->value : NULL;
}

void u64map_put(struct u64map *map, uint64_t key, void *value)
{
	struct u64map_slot *slot;

	if (map->used >= map->size / 3 * 2)
		u64map_grow(map);
	slot = u64map_find(map, key);
	if (!slot->value)
		map->used++;
	*slot = (struct u64map_slot){ .key = key, .value = value };
}

bool u64map_add(struct u64map *map, uint64_t key)
{
	if (u64map_get(map, key))
		return false;
	u64map_put(map, key, map);
	return true;
}

enum error_class error_class(int error)
{
	switch (error) {
	case -ENOMEM:
	case -EMFILE:
	case -ENFILE:
		return ERROR_FATAL;
	case -ENOENT:
	case -ESRCH:
		return ERROR_VANISHED;
	case -EACCES:
	case -EPERM:
		return ERROR_DENIED;
	default:
		return ERROR_ODD;
	}
}

bool error_is_fatal(int error)
{
	return error_class(error) == ERROR_FATAL;
}
