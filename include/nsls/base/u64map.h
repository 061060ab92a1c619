/* SPDX-License-Identifier: MIT */
/* A hash table from 64-bit numbers (inode numbers, cookies, user ids) to pointers. */
#ifndef NSLS_BASE_U64MAP_H
#define NSLS_BASE_U64MAP_H

#include <stddef.h>
#include <stdint.h>

struct u64map_slot {
	uint64_t key;
	void *value; /* NULL marks a free slot */
};

struct u64map {
	struct u64map_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t used;
};

void u64map_init(struct u64map *map);

/* Frees the table, not what its values point to. */
void u64map_done(struct u64map *map);

/* The value stored under key, or NULL. */
void *u64map_get(const struct u64map *map, uint64_t key);

/* Stores value, which must not be NULL, over any earlier one. */
void u64map_put(struct u64map *map, uint64_t key, void *value);

#endif
