// SPDX-License-Identifier: MIT
/* Reads each file of a shown process at most once. */
#include "read_task.h"

#include "nsls/base/cleanup.h"
#include "nsls/base/error.h"
#include "nsls/enrich/identity.h"
#include "nsls/kernel/procfile.h"
#include "nsls/select/query.h"

#include <errno.h>

/*
 * Opens the process that was scanned. Its PID may have been given to another since: either that is
 * in another namespace of a shown type, or what is read is true of the rows all the same.
 */
static int open_same(const struct procfs *procfs, const struct task_item *item)
{
	int fd = procfs_open_task(procfs, item->pid);

	for (enum nstype t = 0; fd >= 0 && t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r;

		if (!item->ino[t])
			continue;
		r = procfs_read_ns(fd, nstype_info(t)->link, t, &ino);
		if (r < 0 || ino != item->ino[t]) {
			close(fd);
			return r < 0 ? r : -ESRCH;
		}
	}
	return fd;
}

static int read_text(int fd, int (*read)(int task_fd, struct strbuf *out), struct arena *arena,
	const char **ret_text)
{
	struct strbuf text;
	int r;

	strbuf_init(&text);
	r = read(fd, &text);
	if (r == 0 && text.len) {
		*ret_text = arena_strdup(arena, strbuf_text(&text));
		r = *ret_text ? 0 : -ENOMEM;
	}
	strbuf_done(&text);
	return r;
}

/* A control group may be nested as deep as its path is long: what is beyond the bound is cut. */
static int read_identity(int fd, struct arena *arena, struct task_facts *facts)
{
	struct strbuf text;
	int r;

	strbuf_init(&text);
	r = procfile_read_start(fd, "cgroup", &text);
	if (r >= 0) {
		r = identity_parse(strbuf_text(&text), text.len, arena, &facts->identity);
		facts->has_identity = r == 0;
	}
	strbuf_done(&text);
	return r;
}

int read_task(const struct procfs *procfs, const struct task_item *item, struct arena *arena,
	struct task_facts *facts)
{
	CLEANUP_FD int fd = open_same(procfs, item);
	int r = 0;

	if (fd < 0)
		return error_is_fatal(fd) ? fd : 0;
	if (item->needs & NEED_STAT) {
		r = proctext_read_stat(fd, &facts->stat);
		facts->has_stat = r == 0;
	}
	if (item->needs & NEED_STATUS && !error_is_fatal(r)) {
		r = proctext_read_status(fd, &facts->status);
		facts->has_status = r == 0;
	}
	if (item->needs & NEED_COMMAND && !error_is_fatal(r))
		r = read_text(fd, proctext_read_command, arena, &facts->command);
	if (item->needs & NEED_COMM && !error_is_fatal(r))
		r = read_text(fd, proctext_read_comm, arena, &facts->comm);
	if (item->needs & NEED_IDENTITY && !error_is_fatal(r))
		r = read_identity(fd, arena, facts);
	return error_is_fatal(r) ? r : 0;
}
