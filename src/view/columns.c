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

/* texts of structs */
#define TYPE_TEXT(text) offsetof(struct ns_type_info, text)
#define IDENTITY_TEXT(text) offsetof(struct identity, text)

static const struct column columns[] = {
	{ "NS", "inode number of the namespace", NUMBER, ROWS, .cell = ns_cell },
	{ "TYPE", "type of namespace", TEXT, ANY, .cell = type_text_cell, .arg = TYPE_TEXT(name) },
	{ "PATH", "path by which the namespace is reached", TEXT, ROWS, .cell = path_cell,
		.style = LONG, .needs = NEED_PATH },
	{ "NPROCS", "number of member processes", NUMBER, ANY | VIEW_CONTAINERS,
		.cell = nprocs_cell },
	{ "PID", "lowest member PID; PID of the holder", NUMBER, PROCESSES, .cell = pid_cell },
	{ "PPID", "PID of the parent of PID", NUMBER, PROCESSES, .cell = ppid_cell,
		.needs = NEED_STAT },
	{ "COMMAND", "command line of PID", TEXT, PROCESSES, .cell = command_cell,
		.style = LONG | STYLE_TRUNCATE, .needs = NEED_COMMAND },
	{ "UID", "user ID of PID; in the summary, of the user that USED is about", NUMBER,
		PROCESSES | VIEW_SUMMARY, .cell = user_cell,
		.needs = NEED_STATUS | NEED_RELATIONS },
	{ "USER", "user name of PID; in the summary, of the user that USED is about", TEXT,
		PROCESSES | VIEW_SUMMARY, .cell = user_cell,
		.needs = NEED_STATUS | NEED_RELATIONS },
	{ "NETNSID", "ID of a network namespace as seen from ours", NUMBER, ROWS,
		.cell = netnsid_cell, .needs = NEED_NETNSID | NEED_RELATIONS },
	{ "NSFS", "mount points of the namespace in our mount namespace", TEXTS, ROWS,
		.cell = nsfs_cell, .style = STYLE_LINES },
	{ "PNS", "parent namespace (PID and user namespaces)", NUMBER, ROWS, .cell = pns_cell,
		.needs = NEED_RELATIONS },
	{ "ONS", "user namespace that owns it", NUMBER, ROWS, .cell = ons_cell,
		.needs = NEED_RELATIONS },
	{ "PIDS", "PIDs of all members, ascending", NUMBERS, PROCESSES, .cell = pids_cell,
		.arg = LIST_PIDS },
	{ "NTHREADS", "number of member threads, or of the holder's threads", NUMBER, HOLDINGS,
		.cell = nthreads_cell, .needs = NEED_MEMBERS_STAT | NEED_STAT },
	{ "TIDS", "member threads of processes that are not members", NUMBERS, ROWS,
		.cell = holder_list_cell, .arg = LIST_TIDS },
	{ "FDS", "open descriptors that refer to it, pid:fd", OBJECTS, ROWS,
		.cell = holder_list_cell, .arg = LIST_FDS },
	{ "SOCKETS", "its sockets and tun devices, held by processes outside, pid:fd", OBJECTS,
		ROWS, .cell = holder_list_cell, .arg = LIST_SOCKETS },
	{ "MOUNTS", "all mount points; mntns:path in other mount namespaces", OBJECTS, ROWS,
		.cell = holder_list_cell, .style = STYLE_LINES_TERMINAL, .arg = LIST_MOUNTS },
	{ "HOLDERS", "everything that holds the namespace", OBJECTS, ROWS, .cell = holder_list_cell,
		.style = STYLE_LINES_TERMINAL, .arg = LIST_HOLDERS },
	{ "RELEASE", "commands that release it; of a holder, what ends its hold", TEXTS, HOLDINGS,
		.cell = release_cell, .style = STYLE_LINES_TERMINAL | STYLE_OWN,
		.needs = COMMANDS_NEEDS },
	{ "NHOLDERS", "number of holders", NUMBER, ROWS, .cell = nholders_cell },
	{ "ONSUID", "user ID of the creator of ONS", NUMBER, ROWS, .cell = onsuser_cell,
		.needs = NEED_RELATIONS },
	{ "ONSUSER", "user name of the creator of ONS", TEXT, ROWS, .cell = onsuser_cell,
		.needs = NEED_RELATIONS },
	{ "INITIAL", "whether it is an initial namespace, made at boot", BOOL, ROWS,
		.cell = initial_cell },
	{ "ID", "64-bit ID, unique until reboot (Linux 6.18)", NUMBER, ROWS, .cell = id_cell,
		.needs = NEED_RELATIONS },
	{ "DEPTH", "PID and user namespaces that it is inside of", NUMBER, ROWS, .cell = depth_cell,
		.needs = NEED_RELATIONS },
	{ "LINKS", "number of its network interfaces", NUMBER, ROWS, .cell = links_cell,
		.needs = NEED_LINKS },
	{ "UIDMAP", "user IDs: inside, outside, length of the range", OBJECTS, ROWS,
		.cell = inside_cell, .style = INSIDE, .arg = INSIDE_UIDMAP, .needs = NEED_UIDMAP },
	{ "GIDMAP", "group IDs: inside, outside, length of the range", OBJECTS, ROWS,
		.cell = inside_cell, .style = INSIDE, .arg = INSIDE_GIDMAP, .needs = NEED_GIDMAP },
	{ "OFFSETS", "offsets of its clocks: seconds, nanoseconds", OBJECTS, ROWS,
		.cell = inside_cell, .style = INSIDE, .arg = INSIDE_OFFSETS,
		.needs = NEED_OFFSETS },
	{ "NSPID", "PID as seen in the PID namespace of the process", NUMBER, PROCESSES,
		.cell = nspid_cell, .needs = NEED_STATUS },
	{ "START", "when the oldest member, or the holder, started", TEXT,
		HOLDINGS | VIEW_CONTAINERS, .cell = start_cell,
		.needs = NEED_MEMBERS_STAT | NEED_STAT | NEED_BOOT_TIME },

	{ "NAME", "best known name: netns, container, machine, unit", TEXT, PROCESSES,
		.cell = name_cell, .style = LONG | STYLE_NAME, .needs = NEED_NAME },
	{ "CGROUP", "control group of PID, or of a process that holds it", TEXT, PROCESSES,
		.cell = identity_text_cell, .style = LONG | STYLE_TRUNCATE,
		.arg = IDENTITY_TEXT(cgroup), .needs = NEED_NAME },
	{ "UNIT", "systemd service or scope of that process", TEXT, PROCESSES,
		.cell = identity_text_cell, .style = LONG, .arg = IDENTITY_TEXT(unit),
		.needs = NEED_NAME },
	{ "CONTAINER", "ID of its container", TEXT, PROCESSES, .cell = container_cell,
		.style = LONG, .needs = NEED_NAME },
	{ "RUNTIME", "what runs its container, machine or application", TEXT, PROCESSES,
		.cell = runtime_cell, .needs = NEED_NAME },
	{ "POD", "UID of its Kubernetes pod, or ID of its Podman pod", TEXT, PROCESSES,
		.cell = identity_text_cell, .style = LONG, .arg = IDENTITY_TEXT(pod),
		.needs = NEED_NAME },

	/* of a holder */
	{ "KIND", "kind of holder", TEXT, VIEW_HOLDERS, .cell = kind_cell },
	{ "HOLDER", "kind of holder, and its thread, descriptor, mount or namespace", TEXT,
		VIEW_HOLDERS, .cell = holder_cell, .style = LONG,
		.needs = NEED_RELATIONS | NEED_MOUNT_POINTS },
	{ "TID", "thread ID, unless it is the main thread of PID", NUMBER, VIEW_HOLDERS,
		.cell = tid_cell },
	{ "FD", "number of the descriptor", NUMBER, VIEW_HOLDERS, .cell = fd_cell },
	{ "MOUNT", "mount point", TEXT, VIEW_HOLDERS | VIEW_MOUNTED, .cell = mount_cell,
		.style = LONG },
	{ "MNTNS", "mount namespace of the mount point, or of the container", NUMBER,
		VIEW_HOLDERS | VIEW_CONTAINERS, .cell = mntns_cell },
	{ "HNS", "child or owned namespace that holds it", NUMBER, VIEW_HOLDERS, .cell = hns_cell },

	/* of a mount that --mounted looks for */
	{ "DEVICE", "device number of the file system that is mounted there", TEXT, VIEW_MOUNTED,
		.cell = device_cell },

	/* of a container: the inode numbers have the names that ps(1) gives them */
	{ "OWN", "types of namespace that differ from the host's", TEXTS, VIEW_CONTAINERS,
		.cell = type_list_cell, .style = STYLE_WORDS, .arg = offsetof(struct group, own) },
	{ "SHARED", "types of namespace that are the host's", TEXTS, VIEW_CONTAINERS,
		.cell = type_list_cell, .style = STYLE_WORDS,
		.arg = offsetof(struct group, shared) },
	{ "NETNS", "its network namespace", NUMBER, VIEW_CONTAINERS, .cell = inode_cell,
		.arg = NS_NET },
	{ "PIDNS", "its PID namespace", NUMBER, VIEW_CONTAINERS, .cell = inode_cell,
		.arg = NS_PID },
	{ "USERNS", "its user namespace", NUMBER, VIEW_CONTAINERS, .cell = inode_cell,
		.arg = NS_USER },
	{ "UTSNS", "its UTS namespace", NUMBER, VIEW_CONTAINERS, .cell = inode_cell,
		.arg = NS_UTS },
	{ "IPCNS", "its IPC namespace", NUMBER, VIEW_CONTAINERS, .cell = inode_cell,
		.arg = NS_IPC },
	{ "CGROUPNS", "its cgroup namespace", NUMBER, VIEW_CONTAINERS, .cell = inode_cell,
		.arg = NS_CGROUP },
	{ "TIMENS", "its time namespace", NUMBER, VIEW_CONTAINERS, .cell = inode_cell,
		.arg = NS_TIME },

	/* of a type as a whole */
	{ "COUNT", "number of namespaces of the type", NUMBER, VIEW_TYPES | VIEW_SUMMARY,
		.cell = count_cell },
	{ "PERSISTENT", "how many of them have no member process", NUMBER, VIEW_SUMMARY,
		.cell = persistent_cell },
	{ "USED", "number of namespaces that USER is charged with", NUMBER, VIEW_SUMMARY,
		.cell = used_cell, .needs = NEED_RELATIONS },
	{ "ATLEAST", "whether USED and USE% are lower bounds", BOOL, VIEW_SUMMARY,
		.cell = atleast_cell, .needs = NEED_RELATIONS },
	{ "LIMIT", "limit per user, /proc/sys/user/max_TYPE_namespaces", NUMBER, VIEW_SUMMARY,
		.cell = limit_cell, .needs = NEED_LIMITS },
	{ "USE%", "USED in percent of LIMIT", DECIMAL, VIEW_SUMMARY, .cell = use_percent_cell,
		.needs = NEED_LIMITS | NEED_RELATIONS },
	{ "FLAG", "flag of clone(2) and unshare(2) that creates one", TEXT, VIEW_SUMMARY,
		.cell = type_text_cell, .arg = TYPE_TEXT(clone_name) },
	{ "ISOLATES", "what it isolates", TEXT, VIEW_SUMMARY, .cell = type_text_cell,
		.arg = TYPE_TEXT(isolates) },
	{ "MANUAL", "manual page", TEXT, VIEW_SUMMARY, .cell = type_text_cell,
		.arg = TYPE_TEXT(manual) },
	{ "SINCE", "first kernel that has the type", TEXT, VIEW_SUMMARY, .cell = type_text_cell,
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

static struct strbuf *cell_open_text(struct cell *cell)
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

void cell_end_item(struct cell *cell)
{
	cell->present = true;
	strbuf_end_item(&cell->bytes, &cell->nitems);
}

void cell_add_item(struct cell *cell, const char *text)
{
	strbuf_adds(&cell->bytes, text);
	cell_end_item(cell);
}

void cell_add_value(
	const struct cell *cell, char separator, enum text_target target, struct strbuf *out)
{
	const char *item = strbuf_text(&cell->bytes);

	if (!cell->nitems)
		text_escape(out, item, cell->bytes.len, target);
	for (size_t i = 0; i < cell->nitems; i++, item = cell_next_item(item)) {
		strbuf_add(out, &separator, i ? 1 : 0);
		text_escape_item(out, item, strlen(item), (unsigned char)separator, target);
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
