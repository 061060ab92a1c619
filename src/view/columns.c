// SPDX-License-Identifier: MIT
/* The table of columns. The cell functions are in cells_*.c. */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/view.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>

#define ROWS (VIEW_LIST | VIEW_HOLDERS)
/* what is about processes */
#define PROCESSES (ROWS | VIEW_CONTAINERS)
#define ANY (VIEW_LIST | VIEW_HOLDERS | VIEW_SUMMARY)
#define LONG STYLE_LONG
#define TEXT VALUE_TEXT
#define TEXTS VALUE_TEXTS
#define NUMBER VALUE_NUMBER
#define NUMBERS VALUE_NUMBERS
#define OBJECTS VALUE_OBJECTS
#define DECIMAL VALUE_DECIMAL
#define BOOL VALUE_BOOL

/* What only other namespaces hold is called after those. */
#define WHOSE (NEED_IDENTITY | NEED_RELATIONS)

/* Two lines per column read best. */
/* clang-format off */
static const struct column columns[] = {
	{ .name = "NS", .help = "inode number of the namespace",
		.type = NUMBER, .views = ROWS, .fill = fill_ns },
	{ .name = "TYPE", .help = "type of namespace",
		.type = TEXT, .views = ANY, .fill = fill_type },
	{ .name = "PATH", .help = "path by which the namespace is reached",
		.type = TEXT, .views = ROWS, .style = LONG, .fill = fill_path, .needs = NEED_PATH },
	{ .name = "NPROCS", .help = "number of member processes",
		.type = NUMBER, .views = ANY | VIEW_CONTAINERS, .fill = fill_nprocs },
	{ .name = "PID", .help = "lowest member PID; PID of the holder",
		.type = NUMBER, .views = PROCESSES, .fill = fill_pid },
	{ .name = "PPID", .help = "PID of the parent of PID",
		.type = NUMBER, .views = PROCESSES, .fill = fill_ppid, .needs = NEED_STAT },
	{ .name = "COMMAND", .help = "command line of PID",
		.type = TEXT, .views = PROCESSES, .style = LONG | STYLE_TRUNCATE, .fill = fill_command,
		.needs = NEED_COMMAND },
	{ .name = "UID", .help = "user ID of PID; in the summary, of the user that USED is about",
		.type = NUMBER, .views = PROCESSES | VIEW_SUMMARY, .fill = fill_uid,
		.needs = NEED_STATUS | NEED_RELATIONS },
	{ .name = "USER", .help = "user name of PID; in the summary, of the user that USED is about",
		.type = TEXT, .views = PROCESSES | VIEW_SUMMARY, .fill = fill_user,
		.needs = NEED_STATUS | NEED_RELATIONS },
	{ .name = "NETNSID", .help = "ID of a network namespace as seen from ours",
		.type = NUMBER, .views = ROWS, .fill = fill_netnsid,
		.needs = NEED_NETNSID | NEED_RELATIONS },
	{ .name = "NSFS", .help = "mount points of the namespace in our mount namespace",
		.type = TEXTS, .views = ROWS, .style = STYLE_LINES, .fill = fill_nsfs },
	{ .name = "PNS", .help = "parent namespace (PID and user namespaces)",
		.type = NUMBER, .views = ROWS, .fill = fill_pns, .needs = NEED_RELATIONS },
	{ .name = "ONS", .help = "user namespace that owns it",
		.type = NUMBER, .views = ROWS, .fill = fill_ons, .needs = NEED_RELATIONS },
	{ .name = "PIDS", .help = "PIDs of all members, ascending",
		.type = NUMBERS, .views = PROCESSES, .fill = fill_pids },
	{ .name = "NTHREADS", .help = "number of member threads, or of the holder's threads",
		.type = NUMBER, .views = ROWS, .fill = fill_nthreads,
		.needs = NEED_MEMBERS_STAT | NEED_STAT },
	{ .name = "TIDS", .help = "member threads of processes that are not members",
		.type = NUMBERS, .views = ROWS, .fill = fill_tids },
	{ .name = "FDS", .help = "open descriptors that refer to it, pid:fd",
		.type = OBJECTS, .views = ROWS, .fill = fill_fds },
	{ .name = "SOCKETS",
		.help = "its sockets and tun devices, held by processes outside, pid:fd",
		.type = OBJECTS, .views = ROWS, .fill = fill_sockets },
	{ .name = "MOUNTS", .help = "all mount points; mntns:path in other mount namespaces",
		.type = OBJECTS, .views = ROWS, .style = STYLE_LINES_TERMINAL, .fill = fill_mounts },
	{ .name = "HOLDERS", .help = "everything that holds the namespace",
		.type = OBJECTS, .views = ROWS, .style = STYLE_LINES_TERMINAL, .fill = fill_holders },
	{ .name = "NHOLDERS", .help = "number of holders",
		.type = NUMBER, .views = ROWS, .fill = fill_nholders },
	{ .name = "ONSUID", .help = "user ID of the owner of ONS",
		.type = NUMBER, .views = ROWS, .fill = fill_onsuid, .needs = NEED_RELATIONS },
	{ .name = "ONSUSER", .help = "user name of the owner of ONS",
		.type = TEXT, .views = ROWS, .fill = fill_onsuser, .needs = NEED_RELATIONS },
	{ .name = "INITIAL", .help = "whether it is an initial namespace, made at boot",
		.type = BOOL, .views = ROWS, .fill = fill_initial },
	{ .name = "ID", .help = "64-bit ID, unique until reboot (Linux 6.18)",
		.type = NUMBER, .views = ROWS, .fill = fill_id, .needs = NEED_RELATIONS },
	{ .name = "NSPID", .help = "PID as seen in the PID namespace of the process",
		.type = NUMBER, .views = PROCESSES, .fill = fill_nspid, .needs = NEED_STATUS },
	{ .name = "START", .help = "when the oldest member, or the holder, started",
		.type = TEXT, .views = PROCESSES, .fill = fill_start,
		.needs = NEED_MEMBERS_STAT | NEED_STAT | NEED_BOOT_TIME },

	{ .name = "NAME", .help = "best known name: netns, container, machine, unit",
		.type = TEXT, .views = PROCESSES, .style = LONG | STYLE_NAME, .fill = fill_name,
		.needs = WHOSE },
	{ .name = "CGROUP", .help = "control group of PID, or of a process that holds it",
		.type = TEXT, .views = PROCESSES, .style = LONG | STYLE_TRUNCATE, .fill = fill_cgroup,
		.needs = WHOSE },
	{ .name = "UNIT", .help = "systemd service or scope of that process",
		.type = TEXT, .views = PROCESSES, .style = LONG, .fill = fill_unit,
		.needs = WHOSE },
	{ .name = "CONTAINER", .help = "ID of its container",
		.type = TEXT, .views = PROCESSES, .style = LONG, .fill = fill_container,
		.needs = WHOSE },
	{ .name = "RUNTIME", .help = "what runs its container, machine or application",
		.type = TEXT, .views = PROCESSES, .fill = fill_runtime, .needs = WHOSE },
	{ .name = "POD", .help = "UID of its Kubernetes pod, or ID of its Podman pod",
		.type = TEXT, .views = PROCESSES, .style = LONG, .fill = fill_pod,
		.needs = WHOSE },

	/* of a holder */
	{ .name = "KIND", .help = "kind of holder",
		.type = TEXT, .views = VIEW_HOLDERS, .fill = fill_kind },
	{ .name = "HOLDER", .help = "kind of holder, and its thread, descriptor, mount or namespace",
		.type = TEXT, .views = VIEW_HOLDERS, .style = LONG, .fill = fill_holder },
	{ .name = "TID", .help = "thread ID, unless it is the main thread of PID",
		.type = NUMBER, .views = VIEW_HOLDERS, .fill = fill_tid },
	{ .name = "FD", .help = "number of the descriptor",
		.type = NUMBER, .views = VIEW_HOLDERS, .fill = fill_fd },
	{ .name = "MOUNT", .help = "mount point",
		.type = TEXT, .views = VIEW_HOLDERS, .style = LONG, .fill = fill_mount },
	{ .name = "MNTNS", .help = "mount namespace of the mount point, or of the container",
		.type = NUMBER, .views = VIEW_HOLDERS | VIEW_CONTAINERS, .fill = fill_mntns },
	{ .name = "HNS", .help = "child or owned namespace that holds it",
		.type = NUMBER, .views = VIEW_HOLDERS, .fill = fill_hns },
	{ .name = "RELEASE", .help = "how to release the namespace from this holder",
		.type = TEXT, .views = VIEW_HOLDERS, .fill = fill_release },

	/* of a container: the inode numbers have the names that ps(1) gives them */
	{ .name = "OWN", .help = "types of namespace that differ from the host's",
		.type = TEXTS, .views = VIEW_CONTAINERS, .style = STYLE_WORDS, .fill = fill_own },
	{ .name = "SHARED", .help = "types of namespace that are the host's",
		.type = TEXTS, .views = VIEW_CONTAINERS, .style = STYLE_WORDS,
		.fill = fill_shared },
	{ .name = "NETNS", .help = "its network namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .fill = fill_netns },
	{ .name = "PIDNS", .help = "its PID namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .fill = fill_pidns },
	{ .name = "USERNS", .help = "its user namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .fill = fill_userns },
	{ .name = "UTSNS", .help = "its UTS namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .fill = fill_utsns },
	{ .name = "IPCNS", .help = "its IPC namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .fill = fill_ipcns },
	{ .name = "CGROUPNS", .help = "its cgroup namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .fill = fill_cgroupns },
	{ .name = "TIMENS", .help = "its time namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .fill = fill_timens },

	/* of a type as a whole */
	{ .name = "COUNT", .help = "number of namespaces of the type",
		.type = NUMBER, .views = VIEW_TYPES | VIEW_SUMMARY, .fill = fill_count },
	{ .name = "PERSISTENT", .help = "how many of them have no member process",
		.type = NUMBER, .views = VIEW_SUMMARY, .fill = fill_persistent },
	{ .name = "USED", .help = "number of namespaces that USER is charged with",
		.type = NUMBER, .views = VIEW_SUMMARY, .fill = fill_used, .needs = NEED_RELATIONS },
	{ .name = "ATLEAST", .help = "whether USED and USE% are lower bounds",
		.type = BOOL, .views = VIEW_SUMMARY, .fill = fill_atleast,
		.needs = NEED_RELATIONS },
	{ .name = "LIMIT", .help = "limit per user, /proc/sys/user/max_TYPE_namespaces",
		.type = NUMBER, .views = VIEW_SUMMARY, .fill = fill_limit, .needs = NEED_LIMITS },
	{ .name = "USE%", .help = "USED in percent of LIMIT",
		.type = DECIMAL, .views = VIEW_SUMMARY, .fill = fill_use_percent,
		.needs = NEED_LIMITS | NEED_RELATIONS },
	{ .name = "FLAG", .help = "flag of clone(2) and unshare(2) that creates one",
		.type = TEXT, .views = VIEW_SUMMARY, .fill = fill_flag },
	{ .name = "ISOLATES", .help = "what it isolates",
		.type = TEXT, .views = VIEW_SUMMARY, .fill = fill_isolates },
	{ .name = "MANUAL", .help = "manual page",
		.type = TEXT, .views = VIEW_SUMMARY, .fill = fill_manual },
	{ .name = "SINCE", .help = "first kernel that has the type",
		.type = TEXT, .views = VIEW_SUMMARY, .fill = fill_since },
};
/* clang-format on */

#define COLUMNS (sizeof(columns) / sizeof(*columns))
_Static_assert(COLUMNS <= COLUMNS_MAX, "COLUMNS_MAX");

const struct column *column_at(size_t i)
{
	return i < COLUMNS ? &columns[i] : NULL;
}

bool column_is_list(const struct column *column)
{
	return column->type == VALUE_TEXTS || column->type == VALUE_NUMBERS ||
	       column->type == VALUE_OBJECTS;
}

const struct column *column_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < COLUMNS; i++)
		if (text_equal_ascii(columns[i].name, name, len))
			return &columns[i];
	return NULL;
}

void view_init(struct view *view, const struct model *model, const struct report *report,
	const char *procfs_path)
{
	*view = (struct view){ .model = model, .report = report, .procfs_path = procfs_path };
	u64map_init(&view->users);
	arena_init(&view->arena);
}

void view_done(struct view *view)
{
	u64map_done(&view->users);
	arena_done(&view->arena);
}

void view_seen(const struct view *view, size_t count, struct cell *cell)
{
	if (count || report_proves_absence(view->report))
		cell_set_number(cell, count);
	else
		cell_set_label(cell, "?");
}

void view_user(struct view *view, uid_t uid, struct cell *cell)
{
	char *name = u64map_get(&view->users, uid);
	const struct passwd *entry;
	char number[16];

	if (!name) {
		errno = 0;
		entry = getpwuid(uid);
		if (!entry && errno == ENOMEM)
			memory_fail();
		/* Any other error is as good as no such user, getpwnam(3): a number, as in ls -l */
		snprintf(number, sizeof(number), "%u", uid);
		name = arena_strdup(&view->arena, entry ? entry->pw_name : number);
		u64map_put(&view->users, uid, name);
	}
	cell_set_text(cell, name);
}
