// SPDX-License-Identifier: MIT
/* One file, read as it is. */
#include "nsls/kernel/cgroup_file.h"

#include "nsls/kernel/procfs.h"

int cgroup_file_read(int task_fd, struct strbuf *out)
{
	return procfs_read_file(task_fd, "cgroup", out);
}
