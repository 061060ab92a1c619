// SPDX-License-Identifier: MIT
/*
 * The table of columns, and the values of their cells. The cell functions are in cells_*.c.
 */
#include "internal.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

/* columns that take all members or holders: too much for each mount of a namespace */
#define HOLDINGS (VIEW_LIST | VIEW_HOLDERS)
#define ROWS (HOLDINGS | VIEW_MOUNTED)
/* columns about processes */
#define PROCESSES (ROWS | VIEW_CONTAINERS)
#define ANY (ROWS | VIEW_SUMMARY)
#define LONG STYLE_LONG
#define INSIDE (STYLE_LINES_TERMINAL | STYLE_NULL)
#define TEXT VALUE_TEXT
#define TEXTS VALUE_TEXTS
#define NUMBER VALUE_NUMBER
#define NUMBERS VALUE_NUMBERS
#define OBJECTS VALUE_OBJECTS
#define DECIMAL VALUE_DECIMAL
#define BOOL VALUE_BOOL

/* A namespace that only other namespaces hold has the name of one of those. */
#define NEED_NAME (NEED_IDENTITY | NEED_GIVEN_NAMES | NEED_RELATIONS)

/* of struct ns_type_info */
#define TYPE_TEXT(text) offsetof(struct ns_type_info, text)

/* Two lines per column read best. */
/* clang-format off */
static const struct column columns[] = {
	{ .name = "NS", .help = "inode number of the namespace",
		.type = NUMBER, .views = ROWS, .cell = ns_cell },
	{ .name = "TYPE", .help = "type of namespace",
		.type = TEXT, .views = ANY, .cell = type_text_cell, .arg = TYPE_TEXT(name) },
	{ .name = "PATH", .help = "path by which the namespace is reached",
		.type = TEXT, .views = ROWS, .style = LONG, .cell = path_cell, .needs = NEED_PATH },
	{ .name = "NPROCS", .help = "number of member processes",
		.type = NUMBER, .views = ANY | VIEW_CONTAINERS, .cell = nprocs_cell },
	{ .name = "PID", .help = "lowest member PID; PID of the holder",
		.type = NUMBER, .views = PROCESSES, .cell = pid_cell },
	{ .name = "PPID", .help = "PID of the parent of PID",
		.type = NUMBER, .views = PROCESSES, .cell = ppid_cell, .needs = NEED_STAT },
	{ .name = "COMMAND", .help = "command line of PID",
		.type = TEXT, .views = PROCESSES, .style = LONG | STYLE_TRUNCATE, .cell = command_cell,
		.needs = NEED_COMMAND },
	{ .name = "UID", .help = "user ID of PID; in the summary, of the user that USED is about",
		.type = NUMBER, .views = PROCESSES | VIEW_SUMMARY, .cell = uid_cell,
		.needs = NEED_STATUS | NEED_RELATIONS },
	{ .name = "USER", .help = "user name of PID; in the summary, of the user that USED is about",
		.type = TEXT, .views = PROCESSES | VIEW_SUMMARY, .cell = user_cell,
		.needs = NEED_STATUS | NEED_RELATIONS },
	{ .name = "NETNSID", .help = "ID of a network namespace as seen from ours",
		.type = NUMBER, .views = ROWS, .cell = netnsid_cell,
		.needs = NEED_NETNSID | NEED_RELATIONS },
	{ .name = "NSFS", .help = "mount points of the namespace in our mount namespace",
		.type = TEXTS, .views = ROWS, .style = STYLE_LINES, .cell = nsfs_cell },
	{ .name = "PNS", .help = "parent namespace (PID and user namespaces)",
		.type = NUMBER, .views = ROWS, .cell = pns_cell, .needs = NEED_RELATIONS },
	{ .name = "ONS", .help = "user namespace that owns it",
		.type = NUMBER, .views = ROWS, .cell = ons_cell, .needs = NEED_RELATIONS },
	{ .name = "PIDS", .help = "PIDs of all members, ascending",
		.type = NUMBERS, .views = PROCESSES, .cell = pids_cell },
	{ .name = "NTHREADS", .help = "number of member threads, or of the holder's threads",
		.type = NUMBER, .views = HOLDINGS, .cell = nthreads_cell,
		.needs = NEED_MEMBERS_STAT | NEED_STAT },
	{ .name = "TIDS", .help = "member threads of processes that are not members",
		.type = NUMBERS, .views = ROWS, .cell = tids_cell },
	{ .name = "FDS", .help = "open descriptors that refer to it, pid:fd",
		.type = OBJECTS, .views = ROWS, .cell = fds_cell },
	{ .name = "SOCKETS",
		.help = "its sockets and tun devices, held by processes outside, pid:fd",
		.type = OBJECTS, .views = ROWS, .cell = sockets_cell },
	{ .name = "MOUNTS", .help = "all mount points; mntns:path in other mount namespaces",
		.type = OBJECTS, .views = ROWS, .style = STYLE_LINES_TERMINAL, .cell = mounts_cell },
	{ .name = "HOLDERS", .help = "everything that holds the namespace",
		.type = OBJECTS, .views = ROWS, .style = STYLE_LINES_TERMINAL, .cell = holders_cell },
	{ .name = "RELEASE", .help = "commands that release it; of a holder, what ends its hold",
		.type = TEXTS, .views = HOLDINGS, .style = STYLE_LINES_TERMINAL | STYLE_OWN,
		.cell = release_cell,
		.needs = COMMANDS_NEEDS },
	{ .name = "NHOLDERS", .help = "number of holders",
		.type = NUMBER, .views = ROWS, .cell = nholders_cell },
	{ .name = "ONSUID", .help = "user ID of the creator of ONS",
		.type = NUMBER, .views = ROWS, .cell = onsuid_cell, .needs = NEED_RELATIONS },
	{ .name = "ONSUSER", .help = "user name of the creator of ONS",
		.type = TEXT, .views = ROWS, .cell = onsuser_cell, .needs = NEED_RELATIONS },
	{ .name = "INITIAL", .help = "whether it is an initial namespace, made at boot",
		.type = BOOL, .views = ROWS, .cell = initial_cell },
	{ .name = "ID", .help = "64-bit ID, unique until reboot (Linux 6.18)",
		.type = NUMBER, .views = ROWS, .cell = id_cell, .needs = NEED_RELATIONS },
	{ .name = "DEPTH", .help = "PID and user namespaces that it is inside of",
		.type = NUMBER, .views = ROWS, .cell = depth_cell, .needs = NEED_RELATIONS },
	{ .name = "LINKS", .help = "number of its network interfaces",
		.type = NUMBER, .views = ROWS, .cell = links_cell, .needs = NEED_LINKS },
	{ .name = "UIDMAP", .help = "user IDs: inside, outside, length of the range",
		.type = OBJECTS, .views = ROWS, .style = INSIDE, .cell = inside_cell,
		.arg = INSIDE_UIDMAP,
		.needs = NEED_UIDMAP },
	{ .name = "GIDMAP", .help = "group IDs: inside, outside, length of the range",
		.type = OBJECTS, .views = ROWS, .style = INSIDE, .cell = inside_cell,
		.arg = INSIDE_GIDMAP,
		.needs = NEED_GIDMAP },
	{ .name = "OFFSETS", .help = "offsets of its clocks: seconds, nanoseconds",
		.type = OBJECTS, .views = ROWS, .style = INSIDE, .cell = inside_cell,
		.arg = INSIDE_OFFSETS,
		.needs = NEED_OFFSETS },
	{ .name = "NSPID", .help = "PID as seen in the PID namespace of the process",
		.type = NUMBER, .views = PROCESSES, .cell = nspid_cell, .needs = NEED_STATUS },
	{ .name = "START", .help = "when the oldest member, or the holder, started",
		.type = TEXT, .views = HOLDINGS | VIEW_CONTAINERS, .cell = start_cell,
		.needs = NEED_MEMBERS_STAT | NEED_STAT | NEED_BOOT_TIME },

	{ .name = "NAME", .help = "best known name: netns, container, machine, unit",
		.type = TEXT, .views = PROCESSES, .style = LONG | STYLE_NAME, .cell = name_cell,
		.needs = NEED_NAME },
	{ .name = "CGROUP", .help = "control group of PID, or of a process that holds it",
		.type = TEXT, .views = PROCESSES, .style = LONG | STYLE_TRUNCATE, .cell = identity_text_cell,
		.arg = offsetof(struct identity, cgroup),
		.needs = NEED_NAME },
	{ .name = "UNIT", .help = "systemd service or scope of that process",
		.type = TEXT, .views = PROCESSES, .style = LONG, .cell = identity_text_cell,
		.arg = offsetof(struct identity, unit),
		.needs = NEED_NAME },
	{ .name = "CONTAINER", .help = "ID of its container",
		.type = TEXT, .views = PROCESSES, .style = LONG, .cell = container_cell,
		.needs = NEED_NAME },
	{ .name = "RUNTIME", .help = "what runs its container, machine or application",
		.type = TEXT, .views = PROCESSES, .cell = runtime_cell, .needs = NEED_NAME },
	{ .name = "POD", .help = "UID of its Kubernetes pod, or ID of its Podman pod",
		.type = TEXT, .views = PROCESSES, .style = LONG, .cell = identity_text_cell,
		.arg = offsetof(struct identity, pod),
		.needs = NEED_NAME },

	/* of a holder */
	{ .name = "KIND", .help = "kind of holder",
		.type = TEXT, .views = VIEW_HOLDERS, .cell = kind_cell },
	{ .name = "HOLDER", .help = "kind of holder, and its thread, descriptor, mount or namespace",
		.type = TEXT, .views = VIEW_HOLDERS, .style = LONG, .cell = holder_cell,
		.needs = NEED_RELATIONS | NEED_MOUNT_POINTS },
	{ .name = "TID", .help = "thread ID, unless it is the main thread of PID",
		.type = NUMBER, .views = VIEW_HOLDERS, .cell = tid_cell },
	{ .name = "FD", .help = "number of the descriptor",
		.type = NUMBER, .views = VIEW_HOLDERS, .cell = fd_cell },
	{ .name = "MOUNT", .help = "mount point",
		.type = TEXT, .views = VIEW_HOLDERS | VIEW_MOUNTED, .style = LONG, .cell = mount_cell },
	{ .name = "MNTNS", .help = "mount namespace of the mount point, or of the container",
		.type = NUMBER, .views = VIEW_HOLDERS | VIEW_CONTAINERS, .cell = mntns_cell },
	{ .name = "HNS", .help = "child or owned namespace that holds it",
		.type = NUMBER, .views = VIEW_HOLDERS, .cell = hns_cell },

	/* of a mount that --mounted looks for */
	{ .name = "DEVICE", .help = "device number of the file system that is mounted there",
		.type = TEXT, .views = VIEW_MOUNTED, .cell = device_cell },

	/* of a container: the inode numbers have the names that ps(1) gives them */
	{ .name = "OWN", .help = "types of namespace that differ from the host's",
		.type = TEXTS, .views = VIEW_CONTAINERS, .style = STYLE_WORDS, .cell = type_list_cell,
		.arg = offsetof(struct group, own) },
	{ .name = "SHARED", .help = "types of namespace that are the host's",
		.type = TEXTS, .views = VIEW_CONTAINERS, .style = STYLE_WORDS,
		.cell = type_list_cell,
		.arg = offsetof(struct group, shared) },
	{ .name = "NETNS", .help = "its network namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .cell = inode_cell, .arg = NS_NET },
	{ .name = "PIDNS", .help = "its PID namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .cell = inode_cell, .arg = NS_PID },
	{ .name = "USERNS", .help = "its user namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .cell = inode_cell, .arg = NS_USER },
	{ .name = "UTSNS", .help = "its UTS namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .cell = inode_cell, .arg = NS_UTS },
	{ .name = "IPCNS", .help = "its IPC namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .cell = inode_cell, .arg = NS_IPC },
	{ .name = "CGROUPNS", .help = "its cgroup namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .cell = inode_cell, .arg = NS_CGROUP },
	{ .name = "TIMENS", .help = "its time namespace",
		.type = NUMBER, .views = VIEW_CONTAINERS, .cell = inode_cell, .arg = NS_TIME },

	/* of a type as a whole */
	{ .name = "COUNT", .help = "number of namespaces of the type",
		.type = NUMBER, .views = VIEW_TYPES | VIEW_SUMMARY, .cell = count_cell },
	{ .name = "PERSISTENT", .help = "how many of them have no member process",
		.type = NUMBER, .views = VIEW_SUMMARY, .cell = persistent_cell },
	{ .name = "USED", .help = "number of namespaces that USER is charged with",
		.type = NUMBER, .views = VIEW_SUMMARY, .cell = used_cell, .needs = NEED_RELATIONS },
	{ .name = "ATLEAST", .help = "whether USED and USE% are lower bounds",
		.type = BOOL, .views = VIEW_SUMMARY, .cell = atleast_cell,
		.needs = NEED_RELATIONS },
	{ .name = "LIMIT", .help = "limit per user, /proc/sys/user/max_TYPE_namespaces",
		.type = NUMBER, .views = VIEW_SUMMARY, .cell = limit_cell, .needs = NEED_LIMITS },
	{ .name = "USE%", .help = "USED in percent of LIMIT",
		.type = DECIMAL, .views = VIEW_SUMMARY, .cell = use_percent_cell,
		.needs = NEED_LIMITS | NEED_RELATIONS },
	{ .name = "FLAG", .help = "flag of clone(2) and unshare(2) that creates one",
		.type = TEXT, .views = VIEW_SUMMARY, .cell = type_text_cell, .arg = TYPE_TEXT(clone_name) },
	{ .name = "ISOLATES", .help = "what it isolates",
		.type = TEXT, .views = VIEW_SUMMARY, .cell = type_text_cell, .arg = TYPE_TEXT(isolates) },
	{ .name = "MANUAL", .help = "manual page",
		.type = TEXT, .views = VIEW_SUMMARY, .cell = type_text_cell, .arg = TYPE_TEXT(manual) },
	{ .name = "SINCE", .help = "first kernel that has the type",
		.type = TEXT, .views = VIEW_SUMMARY, .cell = type_text_cell, .arg = TYPE_TEXT(since) },
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

void view_init(struct view *view, const struct model *model, struct report *report,
	const char *procfs_path)
{
	*view = (struct view){ .model = model, .report = report, .procfs_path = procfs_path };
}

void view_done(struct view *view)
{
	u64map_done(&view->users);
	strbuf_done(&view->notes);
	arena_done(&view->arena);
}

void view_seen(const struct view *view, size_t count, struct cell *cell)
{
	if (count || report_proves_absence(view->report))
		cell_set_number(cell, count);
	else
		strbuf_adds(&cell->label, "?");
}

const char *view_user(struct view *view, uid_t uid)
{
	char *name = u64map_get(&view->users, uid);
	const struct passwd *entry;
	char number[16];

	if (!name) {
		errno = 0;
		entry = getpwuid(uid);
		if (!entry)
			report_user_error(view->report, errno);
		snprintf(number, sizeof(number), "%u", uid);
		name = arena_strdup(&view->arena, entry ? entry->pw_name : number);
		u64map_put(&view->users, uid, name);
	}
	return name;
}

/* Values of cells: text, numbers and lists, on top of string buffers. */

void cell_done(struct cell *cell)
{
	strbuf_done(&cell->bytes);
	strbuf_done(&cell->label);
}

void cell_reset(struct cell *cell)
{
	cell->present = false;
	cell->nitems = 0;
	strbuf_reset(&cell->bytes);
	strbuf_reset(&cell->label);
}

struct strbuf *cell_open_text(struct cell *cell)
{
	cell->present = true;
	return &cell->bytes;
}

void cell_set_text(struct cell *cell, const char *text)
{
	if (text)
		strbuf_adds(cell_open_text(cell), text);
}

void cell_set_number(struct cell *cell, uint64_t number)
{
	strbuf_addf(cell_open_text(cell), "%" PRIu64, number);
}

/* Two whole numbers, because printf(3) uses the decimal point of the locale. */
void cell_set_decimal(struct cell *cell, uint64_t tenths)
{
	strbuf_addf(cell_open_text(cell), "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

void cell_set_bool(struct cell *cell, bool value)
{
	cell_set_text(cell, value ? "true" : "false");
}

struct strbuf *cell_open_item(struct cell *cell)
{
	cell->present = true;
	cell->nitems++;
	return &cell->bytes;
}

void cell_close_item(struct cell *cell)
{
	strbuf_add(&cell->bytes, "", 1);
}

void cell_add_item(struct cell *cell, const char *text)
{
	strbuf_adds(cell_open_item(cell), text);
	cell_close_item(cell);
}

void cell_add_number(struct cell *cell, uint64_t number)
{
	strbuf_addf(cell_open_item(cell), "%" PRIu64, number);
	cell_close_item(cell);
}

void cell_add_value(
	const struct cell *cell, char separator, enum text_target target, struct strbuf *out)
{
	const char *item = strbuf_text(&cell->bytes);

	if (!cell->nitems)
		text_escape(out, item, cell->bytes.len, target);
	for (size_t i = 0; i < cell->nitems; i++, item = cell_next_item(item)) {
		strbuf_add(out, &separator, i ? 1 : 0);
		text_escape_item(out, item, separator, target);
	}
}

void cell_show(const struct cell *cell, char separator, enum text_target target, struct strbuf *out)
{
	if (cell->label.len)
		text_escape(out, cell->label.text, cell->label.len, target);
	else
		cell_add_value(cell, separator, target, out);
}

const char *cell_next_item(const char *item)
{
	return item + strlen(item) + 1;
}
