// SPDX-License-Identifier: MIT
#include "look.h"

#include "nsls/base/error.h"
#include "nsls/kernel/proctext.h"

#include <errno.h>

void look_init(struct look *look, struct worker *worker, const struct scene *scene, pid_t pid)
{
	*look = (struct look){ .worker = worker, .scene = scene, .pid = pid };
	look->end = &look->first;
}

struct fact *look_add(struct look *look, enum fact_kind kind)
{
	struct fact *fact = arena_alloc(worker_arena(look->worker), sizeof(*fact));

	fact->kind = kind;
	fact->pid = look->pid;
	*look->end = fact;
	look->end = &fact->next;
	return fact;
}

void look_hold(struct look *look, struct ns_ref ref, enum holder_kind kind, pid_t tid, int fd)
{
	struct fact *fact = look_add(look, FACT_HOLD);

	fact->ref = ref;
	fact->tid = tid;
	fact->hold.kind = kind;
	fact->hold.fd = fd;
}

void look_gap(struct look *look, enum report_gap gap)
{
	struct fact *fact = look_add(look, FACT_GAP);

	fact->gap = gap;
}

/*
 * What an error of a task means. A process that has given up its memory in exit(2) is refused even
 * to root until it is gone, and one that is gone fails in any way.
 */
static int judge(const struct look *look, int dirfd, int error)
{
	struct proc_stat stat;
	int r;

	if (dirfd < 0 || error_class(error) == ERROR_VANISHED)
		return error;
	r = proctext_read_stat(dirfd, &stat);
	if (error_is_fatal(r))
		return r;
	if (r == 0)
		return stat.ending || stat.state == 'Z' || stat.state == 'X' ? -ESRCH : error;
	/* A plain directory may have no such file. */
	return error_class(r) == ERROR_VANISHED && look->scene->procfs.kernel ? -ESRCH : error;
}

int look_trouble(struct look *look, enum source source, int dirfd, int error)
{
	struct fact *fact;

	if (error_is_fatal(error))
		return error;
	if (look->troubled & 1u << source)
		return 0;
	error = judge(look, dirfd, error);
	if (error_is_fatal(error))
		return error;
	if (error_class(error) == ERROR_VANISHED)
		look->vanished = true;
	else
		look->troubled |= 1u << source;
	fact = look_add(look, FACT_TROUBLE);
	fact->trouble.source = source;
	fact->trouble.error = error;
	return 0;
}
