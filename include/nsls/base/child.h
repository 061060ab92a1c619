/* SPDX-License-Identifier: MIT */
/*
 * Work that is done in a child process, for paths on any file system. A thread that waits for a
 * dead file server may be ended by no signal, and keeps its process from ending; a child can be
 * abandoned.
 */
#ifndef NSLS_BASE_CHILD_H
#define NSLS_BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>

struct child_work {
	/*
	 * Fills an item. Runs in the child: only the item's own bytes reach the caller. Pointers
	 * among them must be to memory that the caller had before.
	 */
	void (*run)(const void *data, size_t i, void *item);
	const void *data;
	void *items; /* n of size bytes each */
	size_t n, size;
};

/*
 * Fills the items in order, and returns how many came: fewer than all where the next one took
 * longer than timeout_ms, or the child was killed. To be called while there are no other threads.
 * Where there is no process to be had it works in the caller's.
 */
size_t child_run(const struct child_work *work, unsigned timeout_ms);

#endif
