// SPDX-License-Identifier: MIT
/* The links of a process, and what it means that some can't be read. */
#include "task.h"

#include "nsls/base/error.h"
#include "nsls/kernel/proctext.h"

#include <errno.h>

struct outcome {
	unsigned missing; /* bits of types */
	bool denied;
};

static int read_links(struct task_look *task, struct outcome *outcome)
{
	const struct scene *scene = task->look.scene;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		int r;

		if (!(scene->links & 1u << t))
			continue;
		r = procfs_read_ns(task->fd, nstype_info(t)->link, t, &task->task->task.ino[t]);
		if (r == 0)
			continue;
		switch (error_class(r)) {
		case ERROR_VANISHED:
			outcome->missing |= 1u << t;
			break;
		case ERROR_DENIED:
			/* One check guards them all: ptrace(2), PTRACE_MODE_READ. */
			outcome->denied = true;
			return 0;
		case ERROR_ODD:
		case ERROR_FATAL:
			r = look_trouble(&task->look, SOURCE_PROCESSES, task->fd, r);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int give_up(struct task_look *task, int error)
{
	int r = look_trouble(&task->look, SOURCE_PROCESSES, -1, error);

	return r < 0 ? r : 1;
}

/*
 * A process that has ended and that nobody has waited for keeps only its user and PID namespace.
 * The first thread of one whose other threads are alive has just these, too (pthread_exit(3) in
 * main), and so has one in the middle of exit(2).
 */
static int explain(struct task_look *task, const struct outcome *outcome)
{
	const struct scene *scene = task->look.scene;
	struct proc_stat stat;
	int r = proctext_read_stat(task->fd, &stat);

	if (error_is_fatal(r))
		return r;
	/* In a plain directory there may be no such file. */
	if (error_class(r) == ERROR_VANISHED &&
		(scene->procfs.kernel || outcome->missing == scene->links))
		return give_up(task, -ESRCH);
	if (outcome->denied)
		return give_up(task, r == 0 && stat.ending ? -ESRCH : -EACCES);
	task->task->task.zombie =
		r == 0 && (stat.state == 'Z' || stat.ending) && stat.num_threads <= 1;
	return 0;
}

int task_read_links(struct task_look *task)
{
	struct outcome outcome = { 0 };
	int r = read_links(task, &outcome);

	if (r < 0)
		return r;
	outcome.missing &= ~task->look.scene->unsupported;
	return outcome.missing || outcome.denied ? explain(task, &outcome) : 0;
}

int task_read_children(
	struct look *look, int dirfd, pid_t tid, const uint32_t *own, enum source source)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		const char *link = nstype_info(t)->children;
		uint32_t ino;
		int r;

		if (!link || !(look->scene->types & 1u << t))
			continue;
		r = procfs_read_ns(dirfd, link, t, &ino);
		if (r == 0 && ino != own[t])
			r = look_hold(look, (struct ns_ref){ t, ino }, HOLDER_CHILDREN, tid, 0);
		else if (r == -ENOENT) /* not this kernel, or no process in it yet */
			r = 0;
		if (r < 0)
			r = look_trouble(look, source, dirfd, r);
		if (r < 0)
			return r;
	}
	return 0;
}
