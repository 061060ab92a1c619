// SPDX-License-Identifier: MIT
/* The links of a process, and what it means that some can't be read. */
#include "task.h"

#include "nsls/base/error.h"
#include "nsls/kernel/proctext.h"

#include <errno.h>
#include <unistd.h>

/* How often a process is read whose first thread has ended, while its others come and go. */
#define TRIES 4

struct outcome {
	unsigned missing; /* bits of types */
	bool denied;
};

static bool is_whole(const struct outcome *outcome)
{
	return !outcome->missing && !outcome->denied;
}

/* The links of the process, from its own directory or that of one of its threads. */
static int read_links(struct task_look *task, int dirfd, struct outcome *outcome)
{
	const struct scene *scene = task->look.scene;

	*outcome = (struct outcome){ 0 };
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		int r;

		if (!(scene->links & 1u << t))
			continue;
		r = procfs_read_ns(dirfd, nstype_info(t)->link, t, &task->task->task.ino[t]);
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
			r = look_trouble(&task->look, SOURCE_PROCESSES, dirfd, r);
			if (r < 0)
				return r;
		}
	}
	outcome->missing &= ~scene->unsupported;
	return 0;
}

static int give_up(struct task_look *task, int error)
{
	int r = look_trouble(&task->look, SOURCE_PROCESSES, -1, error);

	return r < 0 ? r : 1;
}

static bool is_ending(const struct proc_stat *stat)
{
	return stat->state == 'Z' || stat->ending;
}

/*
 * What it means that links can't be read. A process that has ended and that nobody has waited for
 * keeps only its user and PID namespace, and so does one in the middle of exit(2). stat is NULL
 * where error says why there is none.
 */
static int explain(struct task_look *task, const struct outcome *outcome,
	const struct proc_stat *stat, int error)
{
	const struct scene *scene = task->look.scene;

	/* In a plain directory there may be no such file. */
	if (error_class(error) == ERROR_VANISHED &&
		(scene->procfs.kernel || outcome->missing == scene->links))
		return give_up(task, -ESRCH);
	if (outcome->denied)
		return give_up(task, stat && stat->ending ? -ESRCH : -EACCES);
	task->task->task.zombie = stat && is_ending(stat) && stat->num_threads <= 1;
	return 0;
}

/* A thread that has ended meanwhile is refused, too. */
static bool is_refused(int dirfd, const struct outcome *outcome)
{
	struct proc_stat stat;
	int r;

	if (!outcome->denied)
		return false;
	r = proctext_read_stat(dirfd, &stat);
	return r < 0 ? error_class(r) != ERROR_VANISHED : !is_ending(&stat);
}

/*
 * A process whose first thread has ended (pthread_exit(3) in main) is where its other threads are.
 * Returns 0 where *outcome is that of one of them, and 1 where all have ended.
 */
static int read_remaining(struct task_look *task, struct outcome *outcome)
{
	pid_t tid;
	int fd = procfs_open_remaining_thread(
		&task->look.scene->procfs, task->fd, task->look.pid, &tid);
	int r;

	if (fd < 0)
		return error_is_fatal(fd) ? fd : 1;
	r = read_links(task, fd, outcome);
	if (r == 0 && (is_whole(outcome) || is_refused(fd, outcome))) {
		task->thread_fd = fd;
		task->task->task.tid = tid;
		return 0;
	}
	close(fd);
	return r < 0 ? r : 1;
}

/*
 * Another thread that calls execve(2) becomes the first one: then the links of the process can be
 * read again.
 */
int task_read_links(struct task_look *task)
{
	for (int tries = TRIES;; tries--) {
		struct outcome outcome;
		struct proc_stat stat;
		int r = read_links(task, task->fd, &outcome), error;

		if (r < 0 || is_whole(&outcome))
			return r;
		error = proctext_read_stat(task->fd, &stat);
		if (error_is_fatal(error))
			return error;
		if (error < 0 || outcome.denied || tries == 0 ||
			(is_ending(&stat) && stat.num_threads <= 1))
			return explain(task, &outcome, error < 0 ? NULL : &stat, error);
		r = read_remaining(task, &outcome);
		if (r == 0 && outcome.denied)
			return give_up(task, -EACCES);
		if (r <= 0)
			return r;
	}
}

static void add_unknown_pidns(struct look *look, int dirfd, pid_t tid)
{
	struct fact *fact = look_add(look, FACT_NEW_PIDNS);

	fact->tid = tid;
	fact->ref.type = NS_USER;
	procfs_read_ns(dirfd, nstype_info(NS_USER)->link, NS_USER, &fact->ref.ino);
}

static int hold_by_fd(struct look *look, int fd, pid_t tid, uint32_t own)
{
	const struct kernel *kernel = look->scene->kernel;
	struct ns_ref ref;
	int r = kernel->ref(kernel, fd, &ref);

	if (r == 0 && ref.ino != own)
		look_hold(look, ref, HOLDER_CHILDREN, tid, 0);
	return r;
}

/*
 * A PID namespace in which no process has started yet: pid_for_children reads as ENOENT, and only a
 * pidfd leads there. The task still runs, and so the pidfd was its own, if its directory has a stat
 * file afterwards.
 */
static int read_new_pidns(struct look *look, int dirfd, pid_t tid, uint32_t own)
{
	const struct scene *scene = look->scene;
	const struct kernel *kernel = scene->kernel;
	struct proc_stat stat;
	int fd = -ENOSYS, r;

	if (!kernel->shows_children_pidns || !(scene->procfs.kernel || scene->procfs.ours))
		return 0;
	if (scene->procfs.ours)
		fd = kernel->children_pidns(kernel, look->pid, tid);
	if (error_is_fatal(fd))
		return fd;
	r = proctext_read_stat(dirfd, &stat);
	if (r == 0 && !is_ending(&stat) && error_class(fd) != ERROR_VANISHED) {
		if (fd < 0)
			add_unknown_pidns(look, dirfd, tid);
		else
			r = hold_by_fd(look, fd, tid, own);
	}
	if (fd >= 0)
		kernel->close(kernel, fd);
	return r;
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
			look_hold(look, (struct ns_ref){ t, ino }, HOLDER_CHILDREN, tid, 0);
		else if (r == -ENOENT)
			r = t == NS_PID ? read_new_pidns(look, dirfd, tid, own[t]) : 0;
		if (r < 0)
			r = look_trouble(look, source, dirfd, r);
		if (r < 0)
			return r;
	}
	return 0;
}
