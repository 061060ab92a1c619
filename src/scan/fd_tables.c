// SPDX-License-Identifier: MIT
#include "fd_tables.h"

#include "nsls/base/array.h"

#include <errno.h>
#include <string.h>

/*
 * Called where one of two threads has ended. Removes the one at place, unless it is the other one,
 * tid, that has: then returns -ESRCH.
 */
static int drop_ended(const struct kernel *kernel, struct numbers *tables, size_t place, pid_t tid)
{
	int order, r = kernel->order_files(kernel, tid, tid, &order);

	if (r < 0)
		return r;
	tables->n--;
	memmove(tables->at + place, tables->at + place + 1,
		(tables->n - place) * sizeof(*tables->at));
	return 0;
}

/* Returns 1 with the place of a thread that shares the table of tid, 0 with the place for tid. */
static int find_place(
	const struct kernel *kernel, struct numbers *tables, pid_t tid, size_t *ret_place)
{
	size_t low = 0, high = tables->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order, r = kernel->order_files(kernel, tid, tables->at[middle], &order);

		if (r < 0 && r != -ESRCH)
			return r;
		if (r == -ESRCH) {
			r = drop_ended(kernel, tables, middle, tid);
			if (r < 0)
				return r;
			low = 0;
			high = tables->n;
		} else if (order < 0) {
			high = middle;
		} else if (order > 0) {
			low = middle + 1;
		} else {
			*ret_place = middle;
			return 1;
		}
	}
	*ret_place = low;
	return 0;
}

int fd_tables_insert(
	const struct kernel *kernel, struct numbers *tables, pid_t tid, pid_t *ret_sharer)
{
	size_t place;
	int r = find_place(kernel, tables, tid, &place), *at;

	if (r != 0) {
		if (r > 0)
			*ret_sharer = tables->at[place];
		return r;
	}
	at = tables->at = array_reserve(tables->at, tables->n, &tables->size, sizeof(*at));
	memmove(at + place + 1, at + place, (tables->n - place) * sizeof(*at));
	at[place] = tid;
	tables->n++;
	return 0;
}
