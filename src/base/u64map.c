// SPDX-License-Identifier: MIT
/* Open addressing with linear probing; grows at two thirds, never shrinks, never removes. */
#include "nsls/base/u64map.h"

#include "nsls/base/memory.h"

#include <stdlib.h>

void u64map_init(struct u64map *map)
{
	*map = (struct u64map){ 0 };
}

void u64map_done(struct u64map *map)
{
	free(map->slots);
	*map = (struct u64map){ 0 };
}

/* Inode numbers run in sequence; the multiplier (2^64 over the golden ratio) spreads them. */
static size_t first_slot(const struct u64map *map, uint64_t key)
{
	return (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (map->size - 1);
}

static struct u64map_slot *find(const struct u64map *map, uint64_t key)
{
	size_t i = first_slot(map, key);

	while (map->slots[i].value && map->slots[i].key != key)
		i = (i + 1) & (map->size - 1);
	return &map->slots[i];
}

static void grow(struct u64map *map)
{
	struct u64map bigger = { .size = map->size ? map->size * 2 : 64, .used = map->used };

	bigger.slots = memory_alloc(bigger.size, sizeof(*bigger.slots));
	for (size_t i = 0; i < map->size; i++)
		if (map->slots[i].value)
			*find(&bigger, map->slots[i].key) = map->slots[i];
	free(map->slots);
	*map = bigger;
}

void *u64map_get(const struct u64map *map, uint64_t key)
{
	return map->size ? find(map, key)->value : NULL;
}

void u64map_put(struct u64map *map, uint64_t key, void *value)
{
	struct u64map_slot *slot;

	if (map->used >= map->size / 3 * 2)
		grow(map);
	slot = find(map, key);
	if (!slot->value)
		map->used++;
	*slot = (struct u64map_slot){ .key = key, .value = value };
}
