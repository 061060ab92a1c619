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
#define SUMMARY VIEW_SUMMARY
#define HOLDERS VIEW_HOLDERS
#define CONTAINERS VIEW_CONTAINERS
#define MOUNTED VIEW_MOUNTED
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

/* texts of structs */
#define TYPE_TEXT(text) offsetof(struct ns_type_info, text)
#define IDENTITY_TEXT(text) offsetof(struct identity, text)

static const struct column columns[] = {
	{ "NS", "inode number of the namespace", NUMBER, ROWS, 0, .cell = ns_cell },
	{ "TYPE", "type of namespace", TEXT, ANY, 0, .cell = type_text_cell,
		.arg = TYPE_TEXT(name) },
	{ "PATH", "path by which the namespace is reached", TEXT, ROWS, NEED_PATH,
		.cell = path_cell, .style = LONG },
	{ "NPROCS", "number of member processes", NUMBER, ANY | CONTAINERS, 0,
		.cell = nprocs_cell },
	{ "PID", "lowest member PID; PID of the holder", NUMBER, PROCESSES, 0, .cell = pid_cell },
	{ "PPID", "PID of the parent of PID", NUMBER, PROCESSES, NEED_STAT, .cell = ppid_cell },
	{ "COMMAND", "command line of PID", TEXT, PROCESSES, NEED_COMMAND, .cell = command_cell,
		.style = LONG | STYLE_TRUNCATE },
	{ "UID", "user ID of PID; in the summary, of the user that USED is about", NUMBER,
		PROCESSES | SUMMARY, NEED_STATUS | NEED_RELATIONS, .cell = user_cell },
	{ "USER", "user name of PID; in the summary, of the user that USED is about", TEXT,
		PROCESSES | SUMMARY, NEED_STATUS | NEED_RELATIONS, .cell = user_cell },
	{ "NETNSID", "ID of a network namespace as seen from ours", NUMBER, ROWS,
		NEED_NETNSID | NEED_RELATIONS, .cell = netnsid_cell },
	{ "NSFS", "mount points of the namespace in our mount namespace", TEXTS, ROWS, 0,
		.cell = nsfs_cell, .style = STYLE_LINES },
	{ "PNS", "parent namespace (PID and user namespaces)", NUMBER, ROWS, NEED_RELATIONS,
		.cell = ns_cell, .arg = NS_PARENT },
	{ "ONS", "user namespace that owns it", NUMBER, ROWS, NEED_RELATIONS, .cell = ns_cell,
		.arg = NS_OWNER },
	{ "PIDS", "PIDs of all members, ascending", NUMBERS, PROCESSES, 0, .cell = holder_list_cell,
		.arg = LIST_PIDS },
	{ "NTHREADS", "number of member threads, or of the holder's threads", NUMBER, HOLDINGS,
		NEED_MEMBERS_STAT | NEED_STAT, .cell = nthreads_cell },
	{ "TIDS", "member threads of processes that are not members", NUMBERS, ROWS, 0,
		.cell = holder_list_cell, .arg = LIST_TIDS },
	{ "FDS", "open descriptors that refer to it, pid:fd", OBJECTS, ROWS, 0,
		.cell = holder_list_cell, .arg = LIST_FDS },
	{ "SOCKETS", "its sockets and tun devices, held by processes outside, pid:fd", OBJECTS,
		ROWS, 0, .cell = holder_list_cell, .arg = LIST_SOCKETS },
	{ "MOUNTS", "all mount points; mntns:path in other mount namespaces", OBJECTS, ROWS, 0,
		.cell = holder_list_cell, .style = STYLE_LINES_TERMINAL, .arg = LIST_MOUNTS },
	{ "HOLDERS", "everything that holds the namespace", OBJECTS, ROWS, 0,
		.cell = holder_list_cell, .style = STYLE_LINES_TERMINAL, .arg = LIST_HOLDERS },
	{ "RELEASE", "commands that release it; of a holder, what ends its hold", TEXTS, HOLDINGS,
		COMMANDS_NEEDS, .cell = release_cell, .style = STYLE_LINES_TERMINAL | STYLE_OWN },
	{ "NHOLDERS", "number of holders", NUMBER, ROWS, 0, .cell = nholders_cell },
	{ "ONSUID", "user ID of the creator of ONS", NUMBER, ROWS, NEED_RELATIONS,
		.cell = user_cell, .arg = true },
	{ "ONSUSER", "user name of the creator of ONS", TEXT, ROWS, NEED_RELATIONS,
		.cell = user_cell, .arg = true },
	{ "INITIAL", "whether it is an initial namespace, made at boot", BOOL, ROWS, 0,
		.cell = initial_cell },
	{ "ID", "64-bit ID, unique until reboot (Linux 6.18)", NUMBER, ROWS, NEED_RELATIONS,
		.cell = id_cell },
	{ "DEPTH", "PID and user namespaces that it is inside of", NUMBER, ROWS, NEED_RELATIONS,
		.cell = depth_cell },
	{ "LINKS", "number of its network interfaces", NUMBER, ROWS, NEED_LINKS,
		.cell = links_cell },
	{ "UIDMAP", "user IDs: inside, outside, length of the range", OBJECTS, ROWS, NEED_UIDMAP,
		.cell = inside_cell, .style = INSIDE, .arg = INSIDE_UIDMAP },
	{ "GIDMAP", "group IDs: inside, outside, length of the range", OBJECTS, ROWS, NEED_GIDMAP,
		.cell = inside_cell, .style = INSIDE, .arg = INSIDE_GIDMAP },
	{ "OFFSETS", "offsets of its clocks: seconds, nanoseconds", OBJECTS, ROWS, NEED_OFFSETS,
		.cell = inside_cell, .style = INSIDE, .arg = INSIDE_OFFSETS },
	{ "NSPID", "PID as seen in the PID namespace of the process", NUMBER, PROCESSES,
		NEED_STATUS, .cell = nspid_cell },
	{ "START", "when the oldest member, or the holder, started", TEXT, HOLDINGS | CONTAINERS,
		NEED_MEMBERS_STAT | NEED_STAT | NEED_BOOT_TIME, .cell = start_cell },

	{ "NAME", "best known name: netns, container, machine, unit", TEXT, PROCESSES, NEED_NAME,
		.cell = name_cell, .style = LONG | STYLE_NAME },
	{ "CGROUP", "control group of PID, or of a process that holds it", TEXT, PROCESSES,
		NEED_NAME, .cell = identity_text_cell, .style = LONG | STYLE_TRUNCATE,
		.arg = IDENTITY_TEXT(cgroup) },
	{ "UNIT", "systemd service or scope of that process", TEXT, PROCESSES, NEED_NAME,
		.cell = identity_text_cell, .style = LONG, .arg = IDENTITY_TEXT(unit) },
	{ "CONTAINER", "ID of its container", TEXT, PROCESSES, NEED_NAME, .cell = container_cell,
		.style = LONG },
	{ "RUNTIME", "what runs its container, machine or application", TEXT, PROCESSES, NEED_NAME,
		.cell = runtime_cell },
	{ "POD", "UID of its Kubernetes pod, or ID of its Podman pod", TEXT, PROCESSES, NEED_NAME,
		.cell = identity_text_cell, .style = LONG, .arg = IDENTITY_TEXT(pod) },
	/* of a holder */
	{ "KIND", "kind of holder", TEXT, HOLDERS, 0, .cell = kind_cell },
	{ "HOLDER", "kind of holder, and its thread, descriptor, mount or namespace", TEXT, HOLDERS,
		NEED_RELATIONS | NEED_MOUNT_POINTS, .cell = holder_cell, .style = LONG },
	{ "TID", "thread ID, unless it is the main thread of PID", NUMBER, HOLDERS, 0,
		.cell = tid_cell },
	{ "FD", "number of the descriptor", NUMBER, HOLDERS, 0, .cell = fd_cell },
	{ "MOUNT", "mount point", TEXT, HOLDERS | MOUNTED, 0, .cell = mount_cell, .style = LONG },
	{ "MNTNS", "mount namespace of the mount point, or of the container", NUMBER,
		HOLDERS | CONTAINERS, 0, .cell = inode_cell, .arg = NS_MNT },
	{ "HNS", "child or owned namespace that holds it", NUMBER, HOLDERS, 0, .cell = ns_cell,
		.arg = NS_HOLDER },
	/* of a mount that --mounted looks for */
	{ "DEVICE", "device number of the file system that is mounted there", TEXT, MOUNTED, 0,
		.cell = device_cell },
	/* of a container: the inode numbers have the names that ps(1) gives them */
	{ "OWN", "types of namespace that differ from the host's", TEXTS, CONTAINERS, 0,
		.cell = type_list_cell, .style = STYLE_WORDS, .arg = offsetof(struct group, own) },
	{ "SHARED", "types of namespace that are the host's", TEXTS, CONTAINERS, 0,
		.cell = type_list_cell, .style = STYLE_WORDS,
		.arg = offsetof(struct group, shared) },
	{ "NETNS", "its network namespace", NUMBER, CONTAINERS, 0, .cell = inode_cell,
		.arg = NS_NET },
	{ "PIDNS", "its PID namespace", NUMBER, CONTAINERS, 0, .cell = inode_cell, .arg = NS_PID },
	{ "USERNS", "its user namespace", NUMBER, CONTAINERS, 0, .cell = inode_cell,
		.arg = NS_USER },
	{ "UTSNS", "its UTS namespace", NUMBER, CONTAINERS, 0, .cell = inode_cell, .arg = NS_UTS },
	{ "IPCNS", "its IPC namespace", NUMBER, CONTAINERS, 0, .cell = inode_cell, .arg = NS_IPC },
	{ "CGROUPNS", "its cgroup namespace", NUMBER, CONTAINERS, 0, .cell = inode_cell,
		.arg = NS_CGROUP },
	{ "TIMENS", "its time namespace", NUMBER, CONTAINERS, 0, .cell = inode_cell,
		.arg = NS_TIME },
	/* of a type as a whole */
	{ "COUNT", "number of namespaces of the type", NUMBER, VIEW_TYPES | SUMMARY, 0,
		.cell = count_cell },
	{ "PERSISTENT", "how many of them have no member process", NUMBER, SUMMARY, 0,
		.cell = persistent_cell },
	{ "USED", "number of namespaces that USER is charged with", NUMBER, SUMMARY, NEED_RELATIONS,
		.cell = used_cell },
	{ "ATLEAST", "whether USED and USE% are lower bounds", BOOL, SUMMARY, NEED_RELATIONS,
		.cell = atleast_cell },
	{ "LIMIT", "limit per user, /proc/sys/user/max_TYPE_namespaces", NUMBER, SUMMARY,
		NEED_LIMITS, .cell = limit_cell },
	{ "USE%", "USED in percent of LIMIT", DECIMAL, SUMMARY, NEED_LIMITS | NEED_RELATIONS,
		.cell = use_percent_cell },
	{ "FLAG", "flag of clone(2) and unshare(2) that creates one", TEXT, SUMMARY, 0,
		.cell = type_text_cell, .arg = TYPE_TEXT(clone_name) },
	{ "ISOLATES", "what it isolates", TEXT, SUMMARY, 0, .cell = type_text_cell,
		.arg = TYPE_TEXT(isolates) },
	{ "MANUAL", "manual page", TEXT, SUMMARY, 0, .cell = type_text_cell,
		.arg = TYPE_TEXT(manual) },
	{ "SINCE", "first kernel that has the type", TEXT, SUMMARY, 0, .cell = type_text_cell,
		.arg = TYPE_TEXT(since) },
};

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

void view_done(struct view *view)
{
	u64map_done(&view->users);
	strbuf_done(&view->notes);
	arena_done(&view->arena);
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

void column_cell(
	struct view *view, const struct row *row, const struct column *column, struct cell *cell)
{
	cell_reset(cell);
	cell->column = column;
	column->cell(view, row, cell);
}

void cell_reset(struct cell *cell)
{
	cell->present = false;
	cell->nitems = 0;
	strbuf_reset(&cell->bytes);
	strbuf_reset(&cell->label);
}

void cell_set_text(struct cell *cell, const char *text)
{
	cell->present = text;
	if (text)
		strbuf_adds(&cell->bytes, text);
}

void cell_set_number(struct cell *cell, uint64_t number)
{
	cell->present = true;
	strbuf_addf(&cell->bytes, "%" PRIu64, number);
}

/* Two whole numbers, because printf(3) uses the decimal point of the locale. */
void cell_set_decimal(struct cell *cell, uint64_t tenths)
{
	cell->present = true;
	strbuf_addf(&cell->bytes, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

void cell_add_item(struct cell *cell, const char *text)
{
	cell->present = true;
	strbuf_adds(&cell->bytes, text);
	strbuf_end_item(&cell->bytes, &cell->nitems);
}

void cell_show(const struct cell *cell, char separator, enum text_target target, struct strbuf *out)
{
	bool label = cell->label.len && target != TEXT_JSON;
	const struct strbuf *text = label ? &cell->label : &cell->bytes;
	const char *item = strbuf_text(text);

	if (label || !cell->nitems)
		text_escape(out, item, text->len, target);
	for (size_t i = 0; !label && i < cell->nitems; i++, item = cell_next_item(item)) {
		strbuf_add(out, &separator, i ? 1 : 0);
		text_escape_item(out, item, strlen(item), (unsigned char)separator, target);
	}
}

const char *cell_next_item(const char *item)
{
	return item + strlen(item) + 1;
}
