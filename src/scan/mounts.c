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
	struct emitter *emitter, const struct kernel_mount *mount, const struct viewer *viewer)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	struct ns_paths ns_paths = { .n = 1 };
	char root[64];
	int fd;

	if (viewer->tid == viewer->pid)
		snprintf(root, sizeof(root), "%d/root", viewer->pid);
	else
		snprintf(root, sizeof(root), "%d/task/%d/root", viewer->pid, viewer->tid);
	ns_paths.at[0] = (struct ns_path){ .root = root, .path = mount->path };
	fd = ns_paths_open(emitter->ctx, &ns_paths, mount->ref);
	if (fd < 0) {
		ns_paths_report_error(emitter, fd);
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
static int find_way(struct emitter *emitter, const struct kernel_mount *mount,
	const struct ways *ways, struct viewer *ret_viewer)
{
	int r = -ENOENT;

	if (mount->path[0] != '/')
		return r;
	for (size_t i = 0; i < ways->n && !error_is_fatal(r); i++) {
		r = emitter->ctx->paths ? check_path(emitter, mount, &ways->at[i]) : 0;
		if (r == 0) {
			*ret_viewer = ways->at[i];
			return 0;
		}
	}
	return r;
}

static int report_change(struct emitter *emitter, uint32_t mntns, const struct kernel_mount *mount,
	const struct ways *ways)
{
	struct fact *fact = emit_fact(emitter, FACT_MOUNT);
	struct viewer viewer = { 0 };
	int r = find_way(emitter, mount, ways, &viewer);

	if (error_is_fatal(r))
		return r;
	fact->ref = mount->ref;
	fact->pid = viewer.pid;
	fact->tid = viewer.tid;
	fact->mount.mntns = mntns;
	fact->mount.id = mount->id;
	fact->mount.path = arena_strdup(worker_arena(emitter->worker), mount->path);
	return 0;
}

static int print_all(struct emitter *emitter, uint32_t mntns, const struct kernel_mount *mounts,
	size_t n, const struct ways *ways)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n && worker_progress(emitter->worker); i++)
		r = report_change(emitter, mntns, &mounts[i], ways);
	return r;
}

/* The last fact about a mount namespace: whether all of its mounts were said. */
static void emit_coverage(struct emitter *emitter, uint32_t mntns, bool all)
{
	struct fact *fact = emit_fact(emitter, all ? FACT_MOUNTS_ALL : FACT_MOUNTS_PART);

	fact->ref = (struct ns_ref){ NS_MNT, mntns };
}

/* Why the kernel did not tell. Returns 1, or -errno that ends the scan. */
static int explain(struct emitter *emitter, int error)
{
	int r = 0;

	if (kernel_unsupported(error))
		emit_limitation(emitter, LIMITATION_STATMOUNT);
	else if (error == -EPERM)
		emit_limitation(emitter, LIMITATION_PRIVILEGE);
	else
		r = emit_error(emitter, SOURCE_MOUNTS, -1, error);
	return r < 0 ? r : 1;
}

/* By a descriptor (-1: none). Returns 1 where the kernel does not list them. */
static int list_by_kernel(struct emitter *emitter, int fd, struct kernel_mounts *ret_mounts)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int r = fd < 0 ? 1 : kernel->mounts(kernel, fd, ret_mounts);

	return r < 0 ? explain(emitter, r) : r;
}

static int open_viewer(const struct ctx *ctx, const struct viewer *viewer)
{
	int fd = procfs_open_process(&ctx->procfs, viewer->pid), thread;

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
	const struct ctx *ctx, const struct mounts_item *item, struct ways *ret_ways)
{
	size_t wanted = ctx->paths ? item->nviewers : 1;

	ret_ways->n = 0;
	for (size_t i = 0; i < item->nviewers && ret_ways->n < wanted; i++) {
		CLEANUP_FD int fd = open_viewer(ctx, &item->viewers[i]);

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
static bool is_whole(
	const struct emitter *emitter, int dirfd, const struct mount_table *table, int fd)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	size_t n;

	if (!has_usual_root(dirfd) || (!table->has_root && emitter->ctx->procfs.kernel))
		return false;
	return fd < 0 || kernel->count_mounts(kernel, fd, &n) < 0 || table->mounts >= n;
}

enum showed { NOTHING, A_PART, ALL };

/* What one member shows: enum showed, or -errno that ends the scan. */
static int ask_viewer(
	struct emitter *emitter, uint32_t mntns, const struct viewer *viewer, int mnt_fd)
{
	CLEANUP_FD int fd = open_viewer(emitter->ctx, viewer);
	const struct ways way = { .at = { *viewer }, .n = 1 };
	struct mount_table table;
	int r;

	if (fd < 0)
		return emit_error(emitter, SOURCE_MOUNTS, -1, fd);
	r = mount_table_read(fd, &table);
	if (r < 0)
		return emit_error(emitter, SOURCE_MOUNTS, fd, r);
	if (is_in(fd, mntns)) {
		r = print_all(emitter, mntns, table.at, table.n, &way);
		if (r == 0 && table.bad)
			r = emit_error(emitter, SOURCE_MOUNTS, -1, -EBADMSG);
		if (r == 0)
			r = is_whole(emitter, fd, &table, mnt_fd) ? ALL : A_PART;
	}
	kernel_free_mounts(table.at, table.n);
	return r;
}

/* One after the other, until one shows all: enum showed, or -errno that ends the scan. */
static int scan_viewers(struct emitter *emitter, const struct mounts_item *item, int mnt_fd)
{
	int most = NOTHING;

	for (size_t i = 0; i < item->nviewers && worker_progress(emitter->worker); i++) {
		int r;

		emitter->pid = item->viewers[i].pid;
		emitter->failed = 0;
		r = ask_viewer(emitter, item->mntns, &item->viewers[i], mnt_fd);
		if (r < 0 || r == ALL)
			return r;
		most = r > most ? r : most;
	}
	return most;
}

/* Says what is listed, which is where some member sees it unless one has shown that. */
static int say_listed(
	struct emitter *emitter, const struct mounts_item *item, const struct kernel_mounts *listed)
{
	struct ways ways = { .n = 0 };

	if (listed->n)
		choose_ways(emitter->ctx, item, &ways);
	return print_all(emitter, item->mntns, listed->at, listed->n, &ways);
}

/*
 * Of our own mount namespace, members are read first: the kernel tells mount points from our own
 * root. Of others, they are read for what the kernel's list lacks.
 */
static int scan_mount_namespace(struct emitter *emitter, const struct mounts_item *item, int fd)
{
	const bool own = item->mntns == emitter->ctx->our_mnt;
	struct kernel_mounts listed = { 0 };
	int showed = own ? scan_viewers(emitter, item, fd) : NOTHING, r = 1;

	if (showed >= 0 && showed != ALL)
		r = list_by_kernel(emitter, fd, &listed);
	if (r >= 0 && !own && !(listed.whole && listed.has_paths))
		showed = scan_viewers(emitter, item, fd);
	if (r == 0 && showed >= 0)
		r = say_listed(emitter, item, &listed);
	kernel_free_mounts(listed.at, listed.n);
	if (r < 0 || showed < 0)
		return r < 0 ? r : showed;
	if (r == 0 || showed != NOTHING) /* else explained, or all have ended */
		emit_coverage(emitter, item->mntns, listed.whole || showed == ALL);
	return 0;
}

int scan_mounts(struct emitter *emitter, const struct mounts_item *item)
{
	const struct kernel *kernel = emitter->ctx->kernel;
	int fd = ns_paths_open(
		emitter->ctx, &item->ns_paths, (struct ns_ref){ NS_MNT, item->mntns });
	int r = error_is_fatal(fd) ? fd : scan_mount_namespace(emitter, item, fd);

	if (fd >= 0)
		kernel->close(kernel, fd);
	return r;
}

int scan_mounts_by_fd(struct emitter *emitter, struct ns_ref ref, int fd)
{
	const struct mounts_item item = { .mntns = ref.ino };

	if (ref.type != NS_MNT || !ctx_wants(emitter->ctx, SOURCE_MOUNTS))
		return 0;
	return scan_mount_namespace(emitter, &item, fd);
}

/* The work list of mount namespaces. Each is read once. */

struct mounts_shared {
	struct ctx ctx;
	struct arena arena; /* items and the paths of their doors */
	struct mounts_item **at;
	size_t n, size;
	struct u64map by_ino; /* items, while the list grows */
};

static int scan_mounts_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct mounts_shared *shared = worker_shared(worker);
	struct emitter emitter;
	int r;

	emitter_init(&emitter, worker, &shared->ctx, 0);
	r = scan_mounts(&emitter, shared->at[i]);
	*ret_found = emitter.first;
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

static void add_process(
	const struct scan *scan, struct mounts_shared *shared, const struct process *process)
{
	struct mounts_item *item;

	if (!process->ino[NS_MNT] || process->zombie || is_read(scan, process->ino[NS_MNT]))
		return;
	item = get_item(shared, process->ino[NS_MNT]);
	add_viewer(item, process->pid, process->tid);
	ns_paths_add_process(&item->ns_paths, process->pid, process->tid, NS_MNT, &shared->arena);
}

/*
 * Processes are viewers whether or not they are wanted as holders: we ourselves only where there is
 * no other, because whoever reads the answer finds us gone.
 */
static void add_processes(const struct scan *scan, struct mounts_shared *shared)
{
	const struct model *model = scan->merge.model;
	const struct process *self = model_find_process(model, scan->ctx.procfs.self);

	for (size_t i = 0; i < model->nprocesses; i++)
		if (model->processes[i] != self)
			add_process(scan, shared, model->processes[i]);
	if (self)
		add_process(scan, shared, self);
}

static void add_holders(struct mounts_shared *shared, struct mounts_item *item, const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->kind == HOLDER_THREAD)
			add_viewer(item, h->process->pid, h->tid);
	if (!item->ns_paths.n)
		ns_paths_of(ns, &shared->arena, &item->ns_paths);
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
	add_processes(scan, shared);
	add_namespaces(scan, shared);
	for (size_t i = 0; i < shared->n; i++)
		merge_mounts_read(&scan->merge, shared->at[i]->mntns);
}

int phase_mounts(struct scan *scan)
{
	struct mounts_shared *shared = memory_alloc(1, sizeof(*shared));
	struct work work = {
		.grain = 4,
		.scan = scan_mounts_item,
		.key = mounts_key,
		.shared = shared,
		.shared_done = mounts_shared_done,
	};

	shared->ctx = scan->ctx;
	if (ctx_wants(&scan->ctx, SOURCE_MOUNTS))
		make_list(scan, shared);
	work.n = shared->n;
	return phase_run(scan, &work, NULL);
}
