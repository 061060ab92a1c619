// SPDX-License-Identifier: MIT
/*
 * diff N: compares a scan without with one that has a mount namespace of N members, in which N
 * network namespaces are mounted, and that one again with one without: all are created, then gone.
 */
#include "nsls/diff.h"
#include "nsls/model.h"
#include "nsls/query.h"

#include <stdlib.h>

#define MNTNS 5
#define FIRST_PID 100
#define FIRST_NETNS 1000000

static void add_member(struct model *model, pid_t pid)
{
	struct process *process = model_add_process(model, pid);
	const struct holder holder = { .kind = HOLDER_PROCESS, .process = process, .tid = pid };

	process->ino[NS_MNT] = MNTNS;
	model_hold(model, model_get(model, (struct ns_ref){ NS_MNT, MNTNS }), &holder);
}

static void add_mount(struct model *model, uint32_t netns)
{
	struct holder_mount *mount = arena_alloc(&model->arena, sizeof(*mount));
	const struct holder holder = { .kind = HOLDER_MOUNT, .mount = mount };

	*mount = (struct holder_mount){ .path = "/run/netns/blue", .mntns = MNTNS };
	model_hold(model, model_get(model, (struct ns_ref){ NS_NET, netns }), &holder);
}

/* Compares with what was there before. Returns how many changes there are. */
static size_t compare(struct snapshot *last, unsigned n)
{
	const struct query query = { .types = NS_TYPES_ALL };
	const struct report report = { 0 };
	struct snapshot after = { 0 };
	struct model model = { 0 };
	struct rows rows = { 0 };
	size_t found;

	for (unsigned i = 0; i < n; i++) {
		add_member(&model, (pid_t)(FIRST_PID + i));
		add_mount(&model, FIRST_NETNS + i);
	}
	model_sort(&model);
	query_rows(&model, &query, ROW_NS, &rows);
	snapshot_take(last, &model, &report, &rows, &after);
	snapshot_keep(&after, &model);
	found = after.nchanges;
	rows_done(&rows);
	snapshot_done(last);
	*last = after;
	model_done(&model);
	return found;
}

int main(int argc, char **argv)
{
	unsigned n = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	struct snapshot last = { 0 };
	bool all;

	compare(&last, 0);
	all = compare(&last, n) == n + 1 && compare(&last, 0) == n + 1;
	snapshot_done(&last);
	return n && all ? EXIT_SUCCESS : EXIT_FAILURE;
}
