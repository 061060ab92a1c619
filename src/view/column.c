// SPDX-License-Identifier: MIT
/* The table of columns, and what they share. The cells are filled in fill_*.c. */
#include "nsls/column.h"

#include "column_fill.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ROWS (VIEW_LIST | VIEW_HOLDERS)
#define ANY (VIEW_LIST | VIEW_HOLDERS | VIEW_SUMMARY)
#define RIGHT STYLE_RIGHT
#define TRUNC STYLE_TRUNCATE
#define TEXT VALUE_TEXT
#define TEXTS VALUE_TEXTS
#define NUMBER VALUE_NUMBER
#define NUMBERS VALUE_NUMBERS
#define BOOL VALUE_BOOL

/* clang-format off: two lines a column read best */
static const struct column columns[COLUMN_COUNT] = {
	[COL_NS] = { .name = "NS",
		.help = "inode number of the namespace",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_ns,
		.width = 10,
		.style = RIGHT },
	[COL_TYPE] = { .name = "TYPE",
		.help = "type of namespace",
		.type = TEXT,
		.views = ANY,
		.fill = fill_type,
		.width = 5 },
	[COL_PATH] = { .name = "PATH",
		.help = "path by which the namespace is reached",
		.type = TEXT,
		.views = ROWS,
		.fill = fill_path },
	[COL_NPROCS] = { .name = "NPROCS",
		.help = "number of member processes",
		.type = NUMBER,
		.views = ANY,
		.fill = fill_nprocs,
		.width = 5,
		.style = RIGHT },
	[COL_PID] = { .name = "PID",
		.help = "lowest member PID; PID of the holder",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_pid,
		.width = 5,
		.style = RIGHT },
	[COL_PPID] = { .name = "PPID",
		.help = "PID of the parent of PID",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_ppid,
		.width = 5,
		.style = RIGHT,
		.needs = NEED_STAT },
	[COL_COMMAND] = { .name = "COMMAND",
		.help = "command line of PID",
		.type = TEXT,
		.views = ROWS,
		.fill = fill_command,
		.style = TRUNC,
		.needs = NEED_COMMAND },
	[COL_UID] = { .name = "UID",
		.help = "user ID of PID",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_uid,
		.style = RIGHT,
		.needs = NEED_STATUS },
	[COL_USER] = { .name = "USER",
		.help = "user name of PID",
		.type = TEXT,
		.views = ROWS,
		.fill = fill_user,
		.needs = NEED_STATUS },
	[COL_NETNSID] = { .name = "NETNSID",
		.help = "ID of a network namespace as seen from ours",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_netnsid,
		.style = RIGHT,
		.needs = NEED_NETNSID },
	[COL_NSFS] = { .name = "NSFS",
		.help = "mount points of the namespace in our mount namespace",
		.type = TEXTS,
		.views = ROWS,
		.fill = fill_nsfs },
	[COL_PNS] = { .name = "PNS",
		.help = "parent namespace (PID and user namespaces)",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_pns,
		.width = 10,
		.style = RIGHT },
	[COL_ONS] = { .name = "ONS",
		.help = "user namespace that owns it",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_ons,
		.width = 10,
		.style = RIGHT },
	[COL_PIDS] = { .name = "PIDS",
		.help = "PIDs of all members, ascending",
		.type = NUMBERS,
		.views = ROWS,
		.fill = fill_pids,
		.style = TRUNC },
	[COL_NTHREADS] = { .name = "NTHREADS",
		.help = "number of threads in it, or of the holder",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_nthreads,
		.style = RIGHT,
		.needs = NEED_MEMBERS_STAT | NEED_STAT },
	[COL_TIDS] = { .name = "TIDS",
		.help = "threads in it whose process is not",
		.type = NUMBERS,
		.views = ROWS,
		.fill = fill_tids,
		.style = TRUNC },
	[COL_FDS] = { .name = "FDS",
		.help = "open descriptors that refer to it, pid:fd",
		.type = TEXTS,
		.views = ROWS,
		.fill = fill_fds,
		.style = TRUNC },
	[COL_SOCKETS] = { .name = "SOCKETS",
		.help = "its sockets and tun devices, held by processes outside, pid:fd",
		.type = TEXTS,
		.views = ROWS,
		.fill = fill_sockets,
		.style = TRUNC },
	[COL_MOUNTS] = { .name = "MOUNTS",
		.help = "all mount points; mntns:path in other mount namespaces",
		.type = TEXTS,
		.views = ROWS,
		.fill = fill_mounts },
	[COL_HOLDERS] = { .name = "HOLDERS",
		.help = "everything that holds the namespace",
		.type = TEXTS,
		.views = ROWS,
		.fill = fill_holders },
	[COL_NHOLDERS] = { .name = "NHOLDERS",
		.help = "number of holders",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_nholders,
		.style = RIGHT },
	[COL_ONSUID] = { .name = "ONSUID",
		.help = "user ID of the owner of ONS",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_onsuid,
		.style = RIGHT },
	[COL_ONSUSER] = { .name = "ONSUSER",
		.help = "user name of the owner of ONS",
		.type = TEXT,
		.views = ROWS,
		.fill = fill_onsuser },
	[COL_INITIAL] = { .name = "INITIAL",
		.help = "whether the system started with it",
		.type = BOOL,
		.views = ROWS,
		.fill = fill_initial },
	[COL_ID] = { .name = "ID",
		.help = "64-bit ID, unique until reboot (Linux 6.18)",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_id,
		.style = RIGHT },
	[COL_NSPID] = { .name = "NSPID",
		.help = "PID as seen in the PID namespace of the process",
		.type = NUMBER,
		.views = ROWS,
		.fill = fill_nspid,
		.style = RIGHT,
		.needs = NEED_STATUS },
	[COL_START] = { .name = "START",
		.help = "when the oldest member, or the holder, started",
		.type = TEXT,
		.views = ROWS,
		.fill = fill_start,
		.needs = NEED_MEMBERS_STAT | NEED_STAT },

	[COL_KIND] = { .name = "KIND",
		.help = "kind of holder",
		.type = TEXT,
		.views = VIEW_HOLDERS,
		.fill = fill_kind },
	[COL_HOLDER] = { .name = "HOLDER",
		.help = "kind of holder, and what it holds the namespace by",
		.type = TEXT,
		.views = VIEW_HOLDERS,
		.fill = fill_holder },
	[COL_TID] = { .name = "TID",
		.help = "thread ID, unless it is the main thread of PID",
		.type = NUMBER,
		.views = VIEW_HOLDERS,
		.fill = fill_tid,
		.style = RIGHT },
	[COL_FD] = { .name = "FD",
		.help = "number of the descriptor",
		.type = NUMBER,
		.views = VIEW_HOLDERS,
		.fill = fill_fd,
		.style = RIGHT },
	[COL_MOUNT] = { .name = "MOUNT",
		.help = "mount point",
		.type = TEXT,
		.views = VIEW_HOLDERS,
		.fill = fill_mount },
	[COL_MNTNS] = { .name = "MNTNS",
		.help = "mount namespace that has the mount point",
		.type = NUMBER,
		.views = VIEW_HOLDERS,
		.fill = fill_mntns,
		.style = RIGHT },
	[COL_HNS] = { .name = "HNS",
		.help = "child or owned namespace that holds it",
		.type = NUMBER,
		.views = VIEW_HOLDERS,
		.fill = fill_hns,
		.style = RIGHT },

	[COL_COUNT] = { .name = "COUNT",
		.help = "number of namespaces of the type",
		.type = NUMBER,
		.views = VIEW_TYPES | VIEW_SUMMARY,
		.fill = fill_count,
		.style = RIGHT },
	[COL_PERSISTENT] = { .name = "PERSISTENT",
		.help = "how many of them have no member process",
		.type = NUMBER,
		.views = VIEW_SUMMARY,
		.fill = fill_persistent,
		.style = RIGHT },
	[COL_LIMIT] = { .name = "LIMIT",
		.help = "limit per user, /proc/sys/user/max_TYPE_namespaces",
		.type = NUMBER,
		.views = VIEW_SUMMARY,
		.fill = fill_limit,
		.style = RIGHT,
		.needs = NEED_LIMITS },
	[COL_USE] = { .name = "USE%",
		.help = "COUNT in percent of LIMIT",
		.type = NUMBER,
		.views = VIEW_SUMMARY,
		.fill = fill_use,
		.style = RIGHT,
		.needs = NEED_LIMITS },
	[COL_FLAG] = { .name = "FLAG",
		.help = "flag of clone(2) and unshare(2) that creates one",
		.type = TEXT,
		.views = VIEW_SUMMARY,
		.fill = fill_flag },
	[COL_ISOLATES] = { .name = "ISOLATES",
		.help = "what it isolates",
		.type = TEXT,
		.views = VIEW_SUMMARY,
		.fill = fill_isolates },
	[COL_MANUAL] = { .name = "MANUAL",
		.help = "manual page",
		.type = TEXT,
		.views = VIEW_SUMMARY,
		.fill = fill_manual },
	[COL_SINCE] = { .name = "SINCE",
		.help = "first kernel that has the type",
		.type = TEXT,
		.views = VIEW_SUMMARY,
		.fill = fill_since },
};
/* clang-format on */

const struct column *column_info(enum column_id id)
{
	return &columns[id];
}

int column_by_name(const char *name, size_t len, enum column_id *ret_id)
{
	for (enum column_id id = 0; id < COLUMN_COUNT; id++)
		if (strlen(columns[id].name) == len && !strncasecmp(columns[id].name, name, len)) {
			*ret_id = id;
			return 0;
		}
	return -ENOENT;
}

void view_init(struct view *view, const struct model *model, const char *procfs_path)
{
	*view = (struct view){ .model = model, .procfs_path = procfs_path };
	u64map_init(&view->users);
	arena_init(&view->arena);
}

void view_done(struct view *view)
{
	u64map_done(&view->users);
	arena_done(&view->arena);
}

void view_user(struct view *view, uid_t uid, struct cell *cell)
{
	char *name = u64map_get(&view->users, uid);
	const struct passwd *entry;
	char number[16];

	if (!name) {
		entry = getpwuid(uid);
		snprintf(number, sizeof(number), "%u", uid);
		name = arena_strdup(&view->arena, entry ? entry->pw_name : number);
		if (!name || u64map_put(&view->users, uid, name) < 0) {
			cell_fail(cell);
			return;
		}
	}
	cell_set_text(cell, name);
}
