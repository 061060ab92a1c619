// SPDX-License-Identifier: MIT
/* Finds the mount of a procfs in our own mount table, where its options are written. */
#include "nsls/kernel/procfile.h"
#include "nsls/kernel/procfs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x00001000U /* linux/stat.h, 5.8 */
#endif

struct search {
	char id[32]; /* the first field of its line */
	bool has;
};

static int look_at_line(void *data, char *line, size_t len)
{
	struct search *search = data;
	const char *option = strstr(line, "hidepid=");

	(void)len;
	if (strncmp(line, search->id, strlen(search->id)) != 0)
		return 0;
	search->has = option && strncmp(option, "hidepid=off", 11) != 0 &&
		      strncmp(option, "hidepid=0", 9) != 0;
	return 0;
}

int procfs_has_hidepid(const struct procfs *procfs, bool *ret_has)
{
	struct search search = { 0 };
	struct statx stx;
	char path[32];
	int r;

	*ret_has = false;
	if (!procfs->self || statx(procfs->fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0 ||
		!(stx.stx_mask & STATX_MNT_ID))
		return 0;
	snprintf(search.id, sizeof(search.id), "%llu ", (unsigned long long)stx.stx_mnt_id);
	snprintf(path, sizeof(path), "%d/mountinfo", procfs->self);
	r = procfile_each_line(procfs->fd, path, look_at_line, &search);
	*ret_has = search.has;
	return r;
}
