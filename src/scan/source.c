// SPDX-License-Identifier: MIT
/* What the sources share: the judgement of errors, and the door to the model. */
#include "source.h"

#include "nsls/base/error.h"

#include <errno.h>

static bool is_vanished(int error)
{
	return error == -ENOENT || error == -ESRCH;
}

int scan_trouble(struct scan *scan, enum source source, int error)
{
	if (error_is_fatal(error))
		return error;
	report_count(scan->report, source, error);
	return 0;
}

static bool is_gone(const struct scan_task *st)
{
	char text[64];
	int r;

	if (!st->task->ino[NS_MNT])
		return false;
	r = procfs_read_link(st->fd, nstype_info(NS_MNT)->link, text, sizeof(text));
	return r == -ENOENT || r == -ESRCH;
}

int scan_task_trouble(struct scan_task *st, enum source source, int error)
{
	if (!error_is_fatal(error) && !is_vanished(error)) {
		if (st->troubled & 1u << source)
			return 0;
		if (is_gone(st))
			error = -ESRCH;
		else
			st->troubled |= 1u << source;
	}
	return scan_trouble(st->scan, source, error);
}

int scan_hold(struct scan *scan, struct ns_ref ref, const struct holder *holder)
{
	struct ns *ns;
	int r = model_get(scan->model, ref, &ns);

	return r < 0 ? r : model_hold(scan->model, ns, holder);
}

int scan_list_threads(struct scan_task *st, enum source source)
{
	struct numbers *tids = &st->scan->tids;
	unsigned count;
	int r;

	if (st->tids_listed)
		return 0;
	st->tids_listed = true;
	tids->n = 0;
	r = procfs_count_threads(st->fd, &count);
	if (r == 0 && count != 1)
		r = procfs_list(st->fd, "task", tids);
	return r < 0 ? scan_task_trouble(st, source, r) : 0;
}
