// SPDX-License-Identifier: MIT
/* Namespace files that are mounted somewhere. */
#include "internal.h"

#include "nsls/base.h"
#include "nsls/procfs.h"

#include <errno.h>
#include <libmount.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Mountinfo. Only lines of type nsfs are parsed, and libmount does that. */

/* libmount guesses a format from the first line: this one keeps a broken line from misleading it.
 */
static const char first_line[] = "1 1 0:0 / / rw - none none rw\n";

struct lines {
	struct strbuf text;
	size_t n;
	size_t mounts; /* as in struct mount_table */
	bool has_root;
};

/* The fifth field is the mount point. */
static bool is_on_root(const char *line)
{
	for (int field = 1; field < 5 && line; field++) {
		line = strchr(line, ' ');
		line = line ? line + 1 : NULL;
	}
	return line && !strncmp(line, "/ ", 2);
}

/* The first mount of a mount namespace is its own parent. */
static bool is_first(const char *line)
{
	uint64_t id, parent;
	const char *rest = number_take(line, INT_MAX, &id);

	return rest && number_take(rest, INT_MAX, &parent) && id == parent;
}

/* A blank in a mount point is written \040, so a name can't look like the type. */
static int take_line(void *data, char *line, size_t len)
{
	struct lines *lines = data;

	lines->has_root = lines->has_root || is_on_root(line);
	lines->mounts += !is_first(line);
	if (!strstr(line, " - nsfs "))
		return 0;
	strbuf_adds(&lines->text, lines->text.len ? "" : first_line);
	strbuf_add(&lines->text, line, len);
	strbuf_add(&lines->text, "\n", 1);
	lines->n++;
	return 0;
}

/* A line that libmount can't parse is counted and left out. */
static int on_bad_line(struct libmnt_table *parsed, const char *name, int line)
{
	struct mount_table *table = mnt_table_get_userdata(parsed);

	(void)name;
	(void)line;
	table->bad++;
	return 1;
}

static void add(struct mount_table *table, struct libmnt_fs *fs)
{
	const char *root = mnt_fs_get_root(fs), *target = mnt_fs_get_target(fs);
	struct kernel_mount mount = { .id = (uint32_t)mnt_fs_get_id(fs) };

	if (root && nstype_is_newer(root))
		return;
	if (!root || !target || nstype_parse(root, &mount.ref) < 0) {
		table->bad++;
		return;
	}
	mount.path = memory_copy(target);
	*array_push(table->at, table->n, table->size) = mount;
}

static void add_all(struct mount_table *table, struct libmnt_table *parsed)
{
	struct libmnt_iter *iter = memory_check(mnt_new_iter(MNT_ITER_FORWARD));
	struct libmnt_fs *fs;

	while (mnt_table_next_fs(parsed, iter, &fs) == 0) {
		const char *type = mnt_fs_get_fstype(fs);

		if (type && !strcmp(type, "nsfs"))
			add(table, fs);
	}
	mnt_free_iter(iter);
}

/* Inside libmount, missing memory looks like the end of the file: so lines are counted. */
static int parse_stream(
	struct mount_table *table, const struct lines *lines, struct libmnt_table *parsed)
{
	FILE *file = memory_check(fmemopen(lines->text.text, lines->text.len, "r"));
	int r;

	mnt_table_set_userdata(parsed, table);
	mnt_table_set_parser_errcb(parsed, on_bad_line);
	r = mnt_table_parse_stream(parsed, file, "mountinfo");
	fclose(file);
	if (r == 0 && (size_t)mnt_table_get_nents(parsed) + table->bad != lines->n + 1)
		memory_fail();
	return r;
}

static int parse(struct mount_table *table, const struct lines *lines)
{
	struct libmnt_table *parsed;
	int r;

	if (!lines->n)
		return 0;
	parsed = memory_check(mnt_new_table());
	r = parse_stream(table, lines, parsed);
	if (r == 0)
		add_all(table, parsed);
	mnt_unref_table(parsed);
	return r;
}

int mount_table_read(int dirfd, struct mount_table *ret_table)
{
	struct mount_table table = { 0 };
	struct lines lines = { 0 };
	int r;

	strbuf_init(&lines.text);
	r = procfile_each_line(dirfd, "mountinfo", take_line, &lines);
	table.has_root = lines.has_root;
	table.mounts = lines.mounts;
	if (r == 0)
		r = parse(&table, &lines);
	strbuf_done(&lines.text);
	if (r < 0) {
		kernel_free_mounts(table.at, table.n);
		return r;
	}
	*ret_table = table;
	return 0;
}

/*
 * The mounts of one mount namespace, by the kernel's own list, by the mountinfo of members, or by
 * both. Either may succeed and be only a part: the kernel's list up to Linux 6.12, and mountinfo of
 * a process whose root directory is not the namespace's. So both are compared with the number of
 * mounts that the kernel counts there.
 */

/*
 * Whether the mount point, as the viewer sees it, leads to the namespace: something else may be
 * mounted over it, or over a directory above.
 */
static int check_path(
	struct look *look, const struct kernel_mount *mount, const struct viewer *viewer)
{
	const struct kernel *kernel = look->scene->kernel;
	struct doors doors = { .n = 1 };
	char root[64];
	int fd;

	if (viewer->tid == viewer->pid)
		snprintf(root, sizeof(root), "%d/root", viewer->pid);
	else
		snprintf(root, sizeof(root), "%d/task/%d/root", viewer->pid, viewer->tid);
	doors.at[0] = (struct door){ .root = root, .path = mount->path };
	fd = doors_open(look->scene, &doors, mount->ref);
	if (fd < 0) {
		doors_judge(look, fd);
		return fd;
	}
	kernel->close(kernel, fd);
	return 0;
}

/* Those through whose roots mount points may be reached. */
struct ways {
	struct viewer at[VIEWERS_MOST];
	size_t n;
};

/* The first way by which the mount point leads to the namespace. Returns 0 or -errno: none. */
static int find_way(struct look *look, const struct kernel_mount *mount, const struct ways *ways,
	struct viewer *ret_viewer)
{
	int r = -ENOENT;

	if (mount->path[0] != '/')
		return r;
	for (size_t i = 0; i < ways->n && !error_is_fatal(r); i++) {
		r = look->scene->paths ? check_path(look, mount, &ways->at[i]) : 0;
		if (r == 0) {
			*ret_viewer = ways->at[i];
			return 0;
		}
	}
	return r;
}

static int say(struct look *look, uint32_t mntns, const struct kernel_mount *mount,
	const struct ways *ways)
{
	struct fact *fact = look_add(look, FACT_MOUNT);
	struct viewer viewer = { 0 };
	int r = find_way(look, mount, ways, &viewer);

	if (error_is_fatal(r))
		return r;
	fact->ref = mount->ref;
	fact->pid = viewer.pid;
	fact->tid = viewer.tid;
	fact->mount.mntns = mntns;
	fact->mount.id = mount->id;
	fact->mount.path = arena_strdup(worker_arena(look->worker), mount->path);
	return 0;
}

static int say_all(struct look *look, uint32_t mntns, const struct kernel_mount *mounts, size_t n,
	const struct ways *ways)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = say(look, mntns, &mounts[i], ways);
	return r;
}

/* The last fact about a mount namespace: whether all of its mounts were said. */
static void emit_coverage(struct look *look, uint32_t mntns, bool all)
{
	struct fact *fact = look_add(look, all ? FACT_MOUNTS_TOLD : FACT_MOUNTS_PART);

	fact->ref = (struct ns_ref){ NS_MNT, mntns };
}

/* Why the kernel did not tell. Returns 1, or -errno that ends the scan. */
static int explain(struct look *look, int error)
{
	int r = 0;

	if (kernel_lacks(error))
		look_gap(look, REPORT_GAP_STATMOUNT);
	else if (error == -EPERM)
		look_gap(look, REPORT_GAP_PRIVILEGE);
	else
		r = look_trouble(look, SOURCE_MOUNTS, -1, error);
	return r < 0 ? r : 1;
}

/* By a descriptor (-1: none). Returns 1 where the kernel does not list them. */
static int list_by_kernel(struct look *look, int fd, struct kernel_mounts *ret_mounts)
{
	const struct kernel *kernel = look->scene->kernel;
	int r = fd < 0 ? 1 : kernel->mounts(kernel, fd, ret_mounts);

	return r < 0 ? explain(look, r) : r;
}

static int open_viewer(const struct scene *scene, const struct viewer *viewer)
{
	int fd = procfs_open_task(&scene->procfs, viewer->pid), thread;

	if (fd < 0 || viewer->tid == viewer->pid)
		return fd;
	thread = procfs_open_thread(fd, viewer->tid);
	close(fd);
	return thread;
}

/* Whether its root is written "/": only then can that be the root of the mount namespace. */
static bool has_usual_root(int dirfd)
{
	char root[8];
	int r = procfs_read_link(dirfd, "root", root, sizeof(root));

	return r == -ENOENT || (r == 0 && !strcmp(root, "/"));
}

/* The members whose root is the usual one; the first will do where ways are not tried. */
static void choose_ways(
	const struct scene *scene, const struct mounts_item *item, struct ways *ret_ways)
{
	size_t wanted = scene->paths ? item->nviewers : 1;

	ret_ways->n = 0;
	for (size_t i = 0; i < item->nviewers && ret_ways->n < wanted; i++) {
		CLEANUP_FD int fd = open_viewer(scene, &item->viewers[i]);

		if (fd >= 0 && has_usual_root(fd))
			ret_ways->at[ret_ways->n++] = item->viewers[i];
	}
}

/* Still in there: the table that was read is that of the namespace. */
static bool is_in(int dirfd, uint32_t mntns)
{
	uint32_t ino;

	return procfs_read_ns(dirfd, nstype_info(NS_MNT)->link, NS_MNT, &ino) == 0 && ino == mntns;
}

/*
 * Whether what a process showed is all. Its root may read "/" and still be another: open_tree(2)
 * makes trees of their own, in which nothing of the namespace is mounted on "/", and root
 * directories may be mounted on each other. Before Linux 6.12 nothing counts the mounts.
 */
static bool is_whole(const struct look *look, int dirfd, const struct mount_table *table, int fd)
{
	const struct kernel *kernel = look->scene->kernel;
	size_t n;

	if (!has_usual_root(dirfd) || (!table->has_root && look->scene->procfs.kernel))
		return false;
	return fd < 0 || kernel->count_mounts(kernel, fd, &n) < 0 || table->mounts >= n;
}

enum showed { NOTHING, A_PART, ALL };

/* What one member shows: enum showed, or -errno that ends the scan. */
static int ask_viewer(struct look *look, uint32_t mntns, const struct viewer *viewer, int mnt_fd)
{
	CLEANUP_FD int fd = open_viewer(look->scene, viewer);
	const struct ways way = { .at = { *viewer }, .n = 1 };
	struct mount_table table;
	int r;

	if (fd < 0)
		return look_trouble(look, SOURCE_MOUNTS, -1, fd);
	r = mount_table_read(fd, &table);
	if (r < 0)
		return look_trouble(look, SOURCE_MOUNTS, fd, r);
	if (is_in(fd, mntns)) {
		r = say_all(look, mntns, table.at, table.n, &way);
		if (r == 0 && table.bad)
			r = look_trouble(look, SOURCE_MOUNTS, -1, -EBADMSG);
		if (r == 0)
			r = is_whole(look, fd, &table, mnt_fd) ? ALL : A_PART;
	}
	kernel_free_mounts(table.at, table.n);
	return r;
}

/* One after the other, until one shows all: enum showed, or -errno that ends the scan. */
static int ask_viewers(struct look *look, const struct mounts_item *item, int mnt_fd)
{
	int most = NOTHING;

	for (size_t i = 0; i < item->nviewers && worker_beat(look->worker); i++) {
		int r;

		look->pid = item->viewers[i].pid;
		look->troubled = 0;
		r = ask_viewer(look, item->mntns, &item->viewers[i], mnt_fd);
		if (r < 0 || r == ALL)
			return r;
		most = r > most ? r : most;
	}
	return most;
}

/* Says what is listed, which is where some member sees it unless one has shown that. */
static int say_listed(
	struct look *look, const struct mounts_item *item, const struct kernel_mounts *listed)
{
	struct ways ways = { .n = 0 };

	if (listed->n)
		choose_ways(look->scene, item, &ways);
	return say_all(look, item->mntns, listed->at, listed->n, &ways);
}

/*
 * Of our own mount namespace, members are read first: the kernel tells mount points from our own
 * root. Of others, they are read for what the kernel's list lacks.
 */
static int scan_mount_namespace(struct look *look, const struct mounts_item *item, int fd)
{
	const bool own = item->mntns == look->scene->our_mnt;
	struct kernel_mounts listed = { 0 };
	int showed = own ? ask_viewers(look, item, fd) : NOTHING, r = 1;

	if (showed >= 0 && showed != ALL)
		r = list_by_kernel(look, fd, &listed);
	if (r >= 0 && !own && !(listed.whole && listed.has_paths))
		showed = ask_viewers(look, item, fd);
	if (r == 0 && showed >= 0)
		r = say_listed(look, item, &listed);
	kernel_free_mounts(listed.at, listed.n);
	if (r < 0 || showed < 0)
		return r < 0 ? r : showed;
	if (r == 0 || showed != NOTHING) /* else explained, or all have ended */
		emit_coverage(look, item->mntns, listed.whole || showed == ALL);
	return 0;
}

int mounts_look_at(struct look *look, const struct mounts_item *item)
{
	const struct kernel *kernel = look->scene->kernel;
	int fd = doors_open(look->scene, &item->doors, (struct ns_ref){ NS_MNT, item->mntns });
	int r = error_is_fatal(fd) ? fd : scan_mount_namespace(look, item, fd);

	if (fd >= 0)
		kernel->close(kernel, fd);
	return r;
}

int mounts_look_at_fd(struct look *look, struct ns_ref ref, int fd)
{
	const struct mounts_item item = { .mntns = ref.ino };

	if (ref.type != NS_MNT || !scene_wants(look->scene, SOURCE_MOUNTS))
		return 0;
	return scan_mount_namespace(look, &item, fd);
}

/* The work list of mount namespaces. Each is read once. */

struct mounts_shared {
	struct scene scene;
	struct arena arena; /* items and the paths of their doors */
	struct mounts_item **at;
	size_t n, size;
	struct u64map by_ino; /* items, while the list grows */
};

static int scan_mounts_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct mounts_shared *shared = worker_shared(worker);
	struct look look;
	int r;

	look_init(&look, worker, &shared->scene, 0);
	r = mounts_look_at(&look, shared->at[i]);
	*ret_found = look.first;
	return r;
}

static uint64_t mounts_key(const void *shared, size_t i)
{
	return ((const struct mounts_shared *)shared)->at[i]->mntns;
}

static void mounts_shared_done(void *data)
{
	struct mounts_shared *shared = data;

	arena_done(&shared->arena);
	u64map_done(&shared->by_ino);
	free(shared->at);
	free(shared);
}

/* The item of a mount namespace, added if it is new. */
static struct mounts_item *get_item(struct mounts_shared *shared, uint32_t mntns)
{
	struct mounts_item *item = u64map_get(&shared->by_ino, mntns);

	if (item)
		return item;
	item = arena_alloc(&shared->arena, sizeof(*item));
	u64map_put(&shared->by_ino, mntns, item);
	item->mntns = mntns;
	*array_push(shared->at, shared->n, shared->size) = item;
	return item;
}

static void add_viewer(struct mounts_item *item, pid_t pid, pid_t tid)
{
	if (item->nviewers < VIEWERS_MOST)
		item->viewers[item->nviewers++] = (struct viewer){ pid, tid };
}

static bool is_read(const struct scan *scan, uint32_t mntns)
{
	return u64map_get(&scan->merge.mounts_read, mntns);
}

static void add_task(const struct scan *scan, struct mounts_shared *shared, const struct task *task)
{
	struct mounts_item *item;

	if (!task->ino[NS_MNT] || task->zombie || is_read(scan, task->ino[NS_MNT]))
		return;
	item = get_item(shared, task->ino[NS_MNT]);
	add_viewer(item, task->pid, task->tid);
	doors_add_task(&item->doors, task->pid, task->tid, NS_MNT, &shared->arena);
}

/*
 * Processes are viewers whether or not they are wanted as holders: we ourselves only where there is
 * no other, because whoever reads the answer finds us gone.
 */
static void add_tasks(const struct scan *scan, struct mounts_shared *shared)
{
	const struct model *model = scan->merge.model;
	const struct task *self = model_find_task(model, scan->scene.procfs.self);

	for (size_t i = 0; i < model->ntasks; i++)
		if (model->tasks[i] != self)
			add_task(scan, shared, model->tasks[i]);
	if (self)
		add_task(scan, shared, self);
}

static void add_holders(struct mounts_shared *shared, struct mounts_item *item, const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->kind == HOLDER_THREAD)
			add_viewer(item, h->task->pid, h->tid);
	if (!item->doors.n)
		doors_of(ns, &shared->arena, &item->doors);
}

static void add_namespaces(const struct scan *scan, struct mounts_shared *shared)
{
	const struct model *model = scan->merge.model;

	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];

		if (ns->ref.type == NS_MNT && !is_read(scan, ns->ref.ino))
			add_holders(shared, get_item(shared, ns->ref.ino), ns);
	}
}

static void make_list(struct scan *scan, struct mounts_shared *shared)
{
	add_tasks(scan, shared);
	add_namespaces(scan, shared);
	for (size_t i = 0; i < shared->n; i++)
		merge_mounts_read(&scan->merge, shared->at[i]->mntns);
}

int phase_mounts(struct scan *scan)
{
	struct mounts_shared *shared = memory_alloc(1, sizeof(*shared));
	struct work work = {
		.grain = 4,
		.look = scan_mounts_item,
		.key = mounts_key,
		.shared = shared,
		.shared_done = mounts_shared_done,
	};

	shared->scene = scan->scene;
	if (scene_wants(&scan->scene, SOURCE_MOUNTS))
		make_list(scan, shared);
	work.n = shared->n;
	return phase_run(scan, &work, NULL);
}
