// SPDX-License-Identifier: MIT
/*
 * Bind mounts of namespace files, in our own and in every other mount namespace. One process a
 * mount namespace is enough; only lines of type nsfs are parsed, and libmount does that.
 */
#include "source.h"

#include "nsls/base/cleanup.h"

#include <errno.h>
#include <libmount.h>
#include <stdio.h>
#include <string.h>

/* Records a mount once, also when it is seen through two roots. */
static int add(struct scan *scan, struct ns_ref ref, const struct holder_mount *seen, uint32_t id)
{
	uint64_t key = (uint64_t)seen->mntns << 32 | id;
	struct holder holder = { .kind = HOLDER_MOUNT };
	struct holder_mount *mount;
	int r;

	if (id && u64map_get(&scan->mount_ids, key))
		return 0;
	mount = arena_alloc(&scan->model->arena, sizeof(*mount));
	if (!mount)
		return -ENOMEM;
	*mount = *seen;
	mount->path = arena_strdup(&scan->model->arena, seen->path);
	if (!mount->path)
		return -ENOMEM;
	r = id ? u64map_put(&scan->mount_ids, key, mount) : 0;
	holder.mount = mount;
	return r < 0 ? r : scan_hold(scan, ref, &holder);
}

/* libmount guesses a format from the first line: this one keeps a broken line from misleading it.
 */
static const char first_line[] = "1 1 0:0 / / rw - none none rw\n";

/* Copies the lines of type nsfs, however long they are. */
static int read_nsfs_lines(int dirfd, struct strbuf *out)
{
	CLEANUP_FREE char *line = NULL;
	int fd = procfs_open_file(dirfd, "mountinfo");
	size_t size = 0;
	ssize_t len;
	FILE *file;
	int r;

	if (fd < 0)
		return fd;
	file = fdopen(fd, "re");
	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	errno = 0;
	/* A blank in a mount point is written \040, so a name can't look like the type. */
	while ((len = getline(&line, &size, file)) >= 0)
		if (strstr(line, " - nsfs ")) {
			strbuf_adds(out, out->len ? "" : first_line);
			strbuf_add(out, line, (size_t)len);
		}
	r = ferror(file) ? -errno : strbuf_status(out);
	fclose(file);
	return r;
}

/* A line that libmount can't parse is counted and left out. */
static int on_bad_line(struct libmnt_table *table, const char *name, int line)
{
	struct scan *scan = mnt_table_get_userdata(table);

	(void)name;
	(void)line;
	scan->report->trouble[SOURCE_MOUNTS].odd++;
	return 1;
}

static int add_all(struct scan *scan, const struct holder_mount *seen, struct libmnt_table *table)
{
	struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int r = iter ? 0 : -ENOMEM;

	while (r == 0 && mnt_table_next_fs(table, iter, &fs) == 0) {
		struct holder_mount mount = *seen;
		const char *root = mnt_fs_get_root(fs), *type = mnt_fs_get_fstype(fs);
		struct ns_ref ref;

		if (!type || strcmp(type, "nsfs") != 0)
			continue;
		mount.path = mnt_fs_get_target(fs);
		if (!mount.path || !root || nstype_parse(root, &ref) < 0)
			scan->report->trouble[SOURCE_MOUNTS].odd++;
		else
			r = add(scan, ref, &mount, (uint32_t)mnt_fs_get_id(fs));
	}
	mnt_free_iter(iter);
	return r;
}

static int parse(struct scan *scan, const struct holder_mount *seen, struct strbuf *lines)
{
	struct libmnt_table *table;
	FILE *file;
	int r;

	if (!lines->len)
		return 0;
	file = fmemopen(lines->text, lines->len, "r");
	table = mnt_new_table();
	r = file && table ? 0 : -ENOMEM;
	if (r == 0) {
		mnt_table_set_userdata(table, scan);
		mnt_table_set_parser_errcb(table, on_bad_line);
		r = mnt_table_parse_stream(table, file, "mountinfo");
	}
	if (r == 0)
		r = add_all(scan, seen, table);
	mnt_unref_table(table);
	if (file)
		fclose(file);
	return r;
}

/* A task whose root is not that of its mount namespace sees a part of the mounts. */
static bool sees_all(int dirfd)
{
	char root[8];
	int r = procfs_read_link(dirfd, "root", root, sizeof(root));

	return r == -ENOENT || (r == 0 && !strcmp(root, "/"));
}

int source_mount_of(struct scan_task *st, int dirfd, pid_t tid, uint32_t mntns)
{
	struct holder_mount seen = { .mntns = mntns, .task = st->task, .tid = tid };
	struct ns_ref ref = { NS_MNT, mntns };
	struct strbuf lines;
	struct ns *ns;
	bool all;
	int r;

	if (!scan_wants(st->scan, SOURCE_MOUNTS) || !ref.ino)
		return 0;
	r = model_get(st->scan->model, ref, &ns);
	if (r < 0 || ns->mounts == NS_MOUNTS_READ)
		return r;
	all = sees_all(dirfd);
	if (!all && ns->mounts == NS_MOUNTS_PARTIAL)
		return 0;
	strbuf_init(&lines);
	r = read_nsfs_lines(dirfd, &lines);
	if (r == 0)
		r = parse(st->scan, &seen, &lines);
	if (r == 0)
		ns->mounts = all ? NS_MOUNTS_READ : NS_MOUNTS_PARTIAL;
	strbuf_done(&lines);
	return r < 0 ? scan_task_trouble(st, SOURCE_MOUNTS, r) : 0;
}

int source_mount(struct scan_task *st)
{
	return source_mount_of(st, st->fd, st->task->pid, st->task->ino[NS_MNT]);
}

int source_mount_unshown(struct scan *scan, struct ns *ns, int fd)
{
	struct nsfs_mount *mounts = NULL;
	size_t n = 0;
	int r;

	if (ns->ref.type != NS_MNT || ns->mounts == NS_MOUNTS_READ ||
		!scan_wants(scan, SOURCE_MOUNTS))
		return 0;
	r = scan->nsfs->mounts(scan->nsfs, fd, &mounts, &n);
	if (r == -ENOTTY || r == -ENOSYS || r == -EINVAL) {
		scan->report->gaps |= REPORT_GAP_STATMOUNT;
		return 0;
	}
	if (r < 0)
		return scan_trouble(scan, SOURCE_MOUNTS, r);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct holder_mount mount = { .path = mounts[i].path, .mntns = ns->ref.ino };

		r = add(scan, mounts[i].ref, &mount, mounts[i].id);
	}
	ns->mounts = NS_MOUNTS_READ;
	nsfs_free_mounts(mounts, n);
	return r;
}
