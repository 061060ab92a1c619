// SPDX-License-Identifier: MIT
/* Only lines of type nsfs are parsed, and libmount does that. */
#include "mount_table.h"

#include "nsls/base/array.h"
#include "nsls/base/memory.h"
#include "nsls/base/number.h"
#include "nsls/base/strbuf.h"
#include "nsls/kernel/procfile.h"

#include <libmount.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

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
