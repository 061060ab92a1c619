// SPDX-License-Identifier: MIT
/* Cell functions of columns about namespaces, types and holders. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

/* Namespaces. */

void ns_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	char label[64];

	if (row->ns) {
		cell_set_number(cell, row->ns->ref.ino);
		return;
	}
	snprintf(label, sizeof(label), "%s (%zu)", nstype_info(row->type)->name, row->count);
	strbuf_adds(&cell->label, label);
}

void type_text_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	const struct ns_type_info *info = nstype_info(row->type);

	cell_set_text(cell, *(const char *const *)((const char *)info + arg));
}

void nprocs_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	view_seen(view, row->ns ? row->ns->nprocs : row->nprocs, cell);
}

void netnsid_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (!row->ns || row->ns->ref.type != NS_NET)
		return;
	if (row->ns->has_netnsid)
		cell_set_number(cell, (uint64_t)row->ns->netnsid);
	else
		strbuf_adds(&cell->label, "unassigned");
}

void nsfs_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (!row->ns)
		return;
	cell->present = true;
	for (const struct holder *h = row->ns->first; h; h = h->next)
		if (h->kind == HOLDER_MOUNT && !h->mount->file_system && view->model->our_mnt &&
			h->mount->mntns == view->model->our_mnt)
			cell_add_item(cell, h->mount->path);
}

void pns_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->ns && row->ns->parent)
		cell_set_number(cell, row->ns->parent->ref.ino);
}

void ons_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->ns && row->ns->owner)
		cell_set_number(cell, row->ns->owner->ref.ino);
}

void onsuid_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->ns && row->ns->owner && row->ns->owner->has_owner_uid)
		cell_set_number(cell, row->ns->owner->owner_uid);
}

void onsuser_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->ns && row->ns->owner && row->ns->owner->has_owner_uid)
		cell_set_text(cell, view_user(view, row->ns->owner->owner_uid));
}

void initial_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->ns && model_knows_initial(view->model, row->type))
		cell_set_bool(cell, row->ns->ref.ino == nstype_info(row->type)->initial_ino);
}

void id_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->ns && row->ns->id)
		cell_set_number(cell, row->ns->id);
}

void depth_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	unsigned depth;

	if (row->ns && ns_depth(row->ns, &depth))
		cell_set_number(cell, depth);
}

void links_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	const struct process *member = row->ns ? ns_first_running(row->ns) : NULL;

	if (member && row->ns->ref.type == NS_NET && member->has_links)
		cell_set_number(cell, member->links);
}

/* Appends a line of three words as a JSON object. */
static void add_triple_object(const char *line, bool clock, struct strbuf *out)
{
	static const char *const maps[] = { "inside", "outside", "length" };
	static const char *const offsets[] = { "clock", "seconds", "nanoseconds" };
	const char *const *names = clock ? offsets : maps;

	for (int i = 0; i < 3; i++) {
		size_t word = strcspn(line, " \n");
		const char *quote = clock && !i ? "\"" : "";

		strbuf_addf(out, "%s\"%s\":%s%.*s%s", i ? "," : "{", names[i], quote, (int)word,
			line, quote);
		line += word + 1;
	}
	strbuf_adds(out, "}");
}

void inside_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	const enum nstype type = arg == INSIDE_OFFSETS ? NS_TIME : NS_USER;
	const struct process *member =
		row->ns && row->ns->ref.type == type ? ns_first_running(row->ns) : NULL;
	const char *line = member ? member->inside[arg] : NULL;

	if (!line)
		return;
	cell->present = true;
	while (*line) {
		size_t len = strcspn(line, "\n");

		if (view->objects)
			add_triple_object(line, arg == INSIDE_OFFSETS, cell_open_item(cell));
		else
			strbuf_add(cell_open_item(cell), line, len);
		cell_close_item(cell);
		line += len + 1;
	}
}

/* Types: counts, limits, usage. */

void count_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->kind == ROW_TYPE)
		cell_set_number(cell, row->count);
}

void persistent_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	/* An incomplete answer can't prove that a namespace has no members. */
	if (!row->persistent || report_proves_absence(view->report))
		cell_set_number(cell, row->persistent);
	else
		strbuf_adds(&cell->label, "?");
}

void limit_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->has_limit)
		cell_set_number(cell, row->limit);
}

/* A lower bound of 0 is no information. */
static bool is_usage_known(const struct row *row)
{
	return row->usage || !row->usage_is_bound;
}

void used_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (!is_usage_known(row)) {
		strbuf_adds(&cell->label, "?");
		return;
	}
	cell_set_number(cell, row->usage ? row->usage->count : 0);
	if (row->usage_is_bound)
		strbuf_addf(&cell->label, "%s+", strbuf_text(&cell->bytes));
}

void atleast_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	cell_set_bool(cell, row->usage_is_bound);
}

void use_percent_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	uint64_t used = row->usage ? row->usage->count : 0;

	if (!row->has_limit || !row->limit)
		return;
	if (!is_usage_known(row)) {
		strbuf_adds(&cell->label, "?");
		return;
	}
	cell_set_decimal(cell, (used * 1000 + row->limit / 2) / row->limit);
	strbuf_addf(
		&cell->label, "%s%%%s", strbuf_text(&cell->bytes), row->usage_is_bound ? "+" : "");
}

/* Holders, and the path by which a namespace is reached. */

void path_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	/* A namespace has the path of the first of its holders that has one. */
	const struct holder *holder = row->kind == ROW_NS ? row->ns->first : row->holder;

	while (holder && !holder_has_path(holder))
		holder = row->kind == ROW_NS ? holder->next : NULL;
	if (!holder)
		return;
	strbuf_addf(cell_open_text(cell), "%s/", view->procfs_path);
	holder_path(holder, row->type, cell_open_text(cell));
}

void kind_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->holder)
		cell_set_text(cell, holder_kind_name(row->holder->kind));
}

void holder_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	const struct holder *holder = row->holder;

	if (holder && row->count) /* mounts that are merged */
		strbuf_addf(cell_open_text(cell), "%s %s (%zu%s%s)", holder_kind_name(HOLDER_MOUNT),
			holder->mount->path, row->count,
			holder->mount->ours ? " times" : " in other mount namespaces",
			holder->mount->locked_by ? ", locked" : "");
	else if (holder)
		holder_summarise(holder, view->model->our_mnt, cell_open_text(cell));
}

void tid_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	const struct holder *holder = row->holder;

	if (holder && holder->process && holder->tid != holder->process->pid)
		cell_set_number(cell, (uint64_t)holder->tid);
}

void fd_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	const struct holder *holder = row->holder;

	if (holder && holder_kind_info(holder->kind)->has_fd)
		cell_set_number(cell, (uint64_t)holder->fd);
}

void mount_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->mounted)
		cell_set_text(cell, row->mounted->path);
	else if (row->holder && row->holder->kind == HOLDER_MOUNT)
		cell_set_text(cell, row->holder->mount->path);
}

void device_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->mounted)
		cell_set_text(cell, row->mounted->device);
}

void hns_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	const struct ns *ns = row->holder ? holder_ns(row->holder) : NULL;

	if (ns)
		cell_set_number(cell, ns->ref.ino);
}

void release_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->kind != ROW_HOLDER && !row->ns)
		return;
	cell->present = true;
	if (row->kind == ROW_HOLDER) {
		release_holder(view->model, row->holder, cell_open_item(cell));
		cell_close_item(cell);
	} else {
		cell->nitems = release_ns(view->model, row->ns, &cell->bytes);
	}
}

/* Lists and counts of a namespace's holders. */

void pids_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->kind != ROW_GROUP && !row->ns)
		return;
	cell->present = true;
	for (size_t i = 0; row->kind == ROW_GROUP && i < row->group->n; i++)
		cell_add_number(cell, (uint64_t)row->group->members[i]->pid);
	for (const struct holder *h = row->ns ? row->ns->first : NULL; h; h = h->next)
		if (holder_is_member(h))
			cell_add_number(cell, (uint64_t)h->process->pid);
}

void tids_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (!row->ns)
		return;
	cell->present = true;
	for (const struct holder *h = row->ns->first; h; h = h->next)
		if (h->kind == HOLDER_THREAD)
			cell_add_number(cell, (uint64_t)h->tid);
}

/* Members of the JSON object of a holder in a list, as in the view of holders. */
static const struct column descriptor_keys[] = {
	{ .name = "pid", .type = VALUE_NUMBER, .cell = pid_cell },
	{ .name = "tid", .type = VALUE_NUMBER, .cell = tid_cell },
	{ .name = "fd", .type = VALUE_NUMBER, .cell = fd_cell },
	{ 0 },
};

static const struct column mount_keys[] = {
	{ .name = "mntns", .type = VALUE_NUMBER, .cell = mntns_cell },
	{ .name = "path", .type = VALUE_TEXT, .cell = mount_cell },
	{ 0 },
};

static const struct column holder_keys[] = {
	{ .name = "kind", .type = VALUE_TEXT, .cell = kind_cell },
	{ .name = "pid", .type = VALUE_NUMBER, .cell = pid_cell },
	{ .name = "tid", .type = VALUE_NUMBER, .cell = tid_cell },
	{ .name = "fd", .type = VALUE_NUMBER, .cell = fd_cell },
	{ .name = "mount", .type = VALUE_TEXT, .cell = mount_cell },
	{ .name = "mntns", .type = VALUE_NUMBER, .cell = mntns_cell },
	{ .name = "hns", .type = VALUE_NUMBER, .cell = hns_cell },
	{ 0 },
};

static void object_add(struct view *view, const struct row *row, const struct column *key,
	struct cell *value, struct strbuf *out)
{
	for (const char *separator = "{"; key->name; key++, separator = ",") {
		strbuf_addf(out, "%s\"%s\":", separator, key->name);
		cell_reset(value);
		key->cell(view, row, key->arg, value);
		json_add_value(value, key->type, false, out);
	}
	strbuf_adds(out, "}");
}

void view_holder_object(struct view *view, const struct row *row, struct strbuf *out)
{
	CLEANUP(cell_done) struct cell value = { 0 };

	object_add(view, row, holder_keys, &value, out);
}

/*
 * Sets the cell to a list of the holders of some kinds (bits 1 << enum holder_kind): objects in
 * JSON, else texts by describe.
 */
static void set_holder_list(struct view *view, const struct row *row, unsigned kinds,
	const struct column *keys,
	void (*describe)(const struct holder *, uint32_t, struct strbuf *), struct cell *cell)
{
	struct row item = *row;
	CLEANUP(cell_done) struct cell value = { 0 };

	if (!row->ns)
		return;
	cell->present = true;
	item.kind = ROW_HOLDER;
	for (item.holder = row->ns->first; item.holder; item.holder = item.holder->next) {
		if (!(kinds & 1u << item.holder->kind))
			continue;
		if (view->objects)
			object_add(view, &item, keys, &value, cell_open_item(cell));
		else
			describe(item.holder, view->model->our_mnt, cell_open_item(cell));
		cell_close_item(cell);
	}
}

static void describe_descriptor(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	strbuf_addf(out, "%d:%d", holder->process->pid, holder->fd);
}

static void describe_mount(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	holder_mount_text(holder->mount, our_mnt, out);
}

void fds_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	set_holder_list(view, row, 1u << HOLDER_FD, descriptor_keys, describe_descriptor, cell);
}

void sockets_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	set_holder_list(view, row, 1u << HOLDER_SOCKET | 1u << HOLDER_TUN, descriptor_keys,
		describe_descriptor, cell);
}

void mounts_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	set_holder_list(view, row, 1u << HOLDER_MOUNT, mount_keys, describe_mount, cell);
}

void holders_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	set_holder_list(view, row, ~0u, holder_keys, holder_describe, cell);
}

void nholders_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	if (row->ns)
		cell_set_number(cell, row->ns->nholders);
}

/*
 * Counts the threads of members that are in the namespace, and single threads of other processes.
 * The kernel still counts a main thread that has ended. Returns false if the count is unknown.
 */
static bool count_member_threads(const struct ns *ns, size_t *ret_count)
{
	size_t count = 0;

	for (const struct holder *h = ns->first; h; h = h->next) {
		if (h->kind == HOLDER_THREAD)
			count++;
		else if (h->kind == HOLDER_PROCESS && !h->process->has_stat)
			return false;
		else if (h->kind == HOLDER_PROCESS)
			count += h->process->num_threads - (h->tid != h->process->pid);
	}
	*ret_count = count > ns->threads_away ? count - ns->threads_away : 0;
	return true;
}

void nthreads_cell(struct view *view, const struct row *row, size_t arg, struct cell *cell)
{
	size_t count;

	if (row->kind == ROW_HOLDER) {
		if (row->holder->process && row->holder->process->has_stat)
			cell_set_number(cell, row->holder->process->num_threads);
	} else if (row->ns && count_member_threads(row->ns, &count)) {
		view_seen(view, count, cell);
	}
}
