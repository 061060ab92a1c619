// SPDX-License-Identifier: MIT
/* Cell functions of columns about namespaces, types and holders. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

/* Namespaces. */

void ns_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct ns *const all[] = {
		[NS_OF_ROW] = row->ns,
		[NS_PARENT] = row->ns ? row->ns->parent : NULL,
		[NS_OWNER] = row->ns ? row->ns->owner : NULL,
		[NS_HOLDER] = row->holder ? holder_ns(row->holder) : NULL,
	};
	const struct ns *ns = all[cell->column->arg];

	if (ns)
		cell_set_number(cell, ns->ref.ino);
	else if (row->kind == ROW_TYPE && cell->column->arg == NS_OF_ROW)
		strbuf_addf(&cell->label, "%s (%zu)", nstype_info[row->type].name, row->count);
}

void type_text_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct ns_type_info *info = &nstype_info[row->type];

	if (!row->finding || row->finding->has_type)
		cell_set_text(cell, *(const char *const *)((const char *)info + cell->column->arg));
}

void netnsid_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (!row->ns || row->ns->ref.type != NS_NET)
		return;
	if (row->ns->has_netnsid)
		cell_set_number(cell, (uint64_t)row->ns->netnsid);
	else
		strbuf_adds(&cell->label, "unassigned");
}

void nsfs_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (!row->ns)
		return;
	cell->present = true;
	for (const struct holder *h = row->ns->first; h; h = h->next)
		if (h->kind == HOLDER_MOUNT && !h->mount->file_system && h->mount->ours)
			cell_add_item(cell, h->mount->path);
}

void initial_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->ns && model_knows_initial(view->model, row->type))
		cell_set_text(cell,
			row->ns->ref.ino == nstype_info[row->type].initial_ino ? "true" : "false");
}

void id_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->ns && row->ns->id)
		cell_set_number(cell, row->ns->id);
}

void depth_cell(struct view *view, const struct row *row, struct cell *cell)
{
	unsigned depth;

	if (row->ns && ns_depth(row->ns, &depth))
		cell_set_number(cell, depth);
}

void links_cell(struct view *view, const struct row *row, struct cell *cell)
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

void inside_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const enum inside file = (enum inside)cell->column->arg;
	const enum nstype type = file == INSIDE_OFFSETS ? NS_TIME : NS_USER;
	const struct process *member =
		row->ns && row->ns->ref.type == type ? ns_first_running(row->ns) : NULL;
	const char *line = member ? member->inside[file] : NULL;

	cell->present = line;
	for (size_t len; line && *line; line += len + 1) {
		len = strcspn(line, "\n");
		if (view->objects)
			add_triple_object(line, file == INSIDE_OFFSETS, &cell->bytes);
		else
			strbuf_add(&cell->bytes, line, len);
		strbuf_end_item(&cell->bytes, &cell->nitems);
	}
}

/* Types: counts, limits, usage. */

/* Where the number is null in JSON, tables have a question mark. */
static void set_number_if(bool known, uint64_t number, struct cell *cell)
{
	if (known)
		cell_set_number(cell, number);
	else
		strbuf_adds(&cell->label, "?");
}

void nprocs_cell(struct view *view, const struct row *row, struct cell *cell)
{
	size_t n = row->ns ? row->ns->nprocs : row->nprocs;

	set_number_if(n || report_proves_absence(view->report), n, cell);
}

void count_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->kind == ROW_TYPE)
		cell_set_number(cell, row->count);
}

void persistent_cell(struct view *view, const struct row *row, struct cell *cell)
{
	/* An incomplete answer can't prove that a namespace has no members. */
	set_number_if(
		!row->persistent || report_proves_absence(view->report), row->persistent, cell);
}

void limit_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->has_limit)
		cell_set_number(cell, row->limit);
}

void used_cell(struct view *view, const struct row *row, struct cell *cell)
{
	/* A lower bound of 0 is no information. */
	set_number_if(row->usage || !row->usage_is_bound, row->usage ? row->usage->count : 0, cell);
	if (row->usage && row->usage_is_bound)
		strbuf_addf(&cell->label, "%s+", cell->bytes.text);
}

void atleast_cell(struct view *view, const struct row *row, struct cell *cell)
{
	cell_set_text(cell, row->usage_is_bound ? "true" : "false");
}

uint64_t view_tenths(uint64_t count, uint64_t limit)
{
	return (count * 1000 + limit / 2) / limit;
}

void use_percent_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (!row->has_limit || !row->limit)
		return;
	if (!row->usage && row->usage_is_bound) {
		strbuf_adds(&cell->label, "?");
		return;
	}
	cell_set_decimal(cell, view_tenths(row->usage ? row->usage->count : 0, row->limit));
	strbuf_addf(&cell->label, "%s%%%s", cell->bytes.text, row->usage_is_bound ? "+" : "");
}

/* Holders, and the path by which a namespace is reached. */

void path_cell(struct view *view, const struct row *row, struct cell *cell)
{
	/* A namespace has the path of the first of its holders that has one. */
	const struct holder *holder = row->kind == ROW_NS ? row->ns->first : row->holder;

	while (holder && !holder_has_path(holder))
		holder = row->kind == ROW_NS ? holder->next : NULL;
	if (!holder)
		return;
	cell_set_text(cell, view->procfs_path);
	strbuf_adds(&cell->bytes, "/");
	holder_path(holder, row->type, &cell->bytes);
}

void kind_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->holder)
		cell_set_text(cell, holder_kind_info[row->holder->kind].name);
}

void holder_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct holder *holder = row->holder;

	cell->present = holder;
	if (holder && row->count) /* mounts that are merged */
		strbuf_addf(&cell->bytes, "%s %s (%zu%s%s)", holder_kind_info[HOLDER_MOUNT].name,
			holder->mount->path, row->count,
			holder->mount->ours ? " times" : " in other mount namespaces",
			holder->mount->locked_by ? ", locked" : "");
	else if (holder)
		holder_summarise(holder, &cell->bytes);
}

void tid_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct holder *holder = row->holder;

	if (holder && holder->process && holder->tid != holder->process->pid)
		cell_set_number(cell, (uint64_t)holder->tid);
}

void fd_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct holder *holder = row->holder;

	if (holder && holder_kind_info[holder->kind].has_fd)
		cell_set_number(cell, (uint64_t)holder->fd);
}

void mount_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->mounted)
		cell_set_text(cell, row->mounted->path);
	else if (row->holder && row->holder->kind == HOLDER_MOUNT)
		cell_set_text(cell, row->holder->mount->path);
}

void device_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->mounted)
		cell_set_text(cell, row->mounted->device);
}

void release_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->kind != ROW_HOLDER && !row->ns)
		return;
	cell->present = true;
	if (row->kind == ROW_HOLDER) {
		release_holder(view->model, row->holder, &cell->bytes);
		strbuf_end_item(&cell->bytes, &cell->nitems);
	} else {
		cell->nitems = release_ns(view->model, row->ns, &cell->bytes);
	}
}

/* Lists and counts of a namespace's holders. */

/* Members of the JSON object of a holder in a list, as in the view of holders. */
static const struct column holder_keys[] = {
	{ .name = "kind", .type = VALUE_TEXT, .cell = kind_cell },
	{ .name = "pid", .type = VALUE_NUMBER, .cell = pid_cell },
	{ .name = "tid", .type = VALUE_NUMBER, .cell = tid_cell },
	{ .name = "fd", .type = VALUE_NUMBER, .cell = fd_cell },
	{ .name = "mount", .type = VALUE_TEXT, .cell = mount_cell },
	{ .name = "mntns", .type = VALUE_NUMBER, .cell = inode_cell, .arg = NS_MNT },
	{ .name = "hns", .type = VALUE_NUMBER, .cell = ns_cell, .arg = NS_HOLDER },
};

static const struct column mount_keys[] = {
	{ .name = "mntns", .type = VALUE_NUMBER, .cell = inode_cell, .arg = NS_MNT },
	{ .name = "path", .type = VALUE_TEXT, .cell = mount_cell },
};

/* Lists of the holders of a namespace that are of some kinds. */
static const struct {
	unsigned kinds;            /* bits 1 << enum holder_kind */
	const struct column *keys; /* of the object that an item is in JSON; NULL: a text */
	size_t nkeys;
} lists[] = {
	[LIST_PIDS] = { 1u << HOLDER_PROCESS | 1u << HOLDER_ZOMBIE | 1u << HOLDER_EXITING, NULL,
		0 },
	[LIST_TIDS] = { 1u << HOLDER_THREAD, NULL, 0 },
	[LIST_FDS] = { 1u << HOLDER_FD, &holder_keys[1], 3 },
	[LIST_SOCKETS] = { 1u << HOLDER_SOCKET | 1u << HOLDER_TUN, &holder_keys[1], 3 },
	[LIST_MOUNTS] = { 1u << HOLDER_MOUNT, mount_keys, 2 },
	[LIST_HOLDERS] = { ~0u, holder_keys, 7 },
};

void view_holder_object(struct view *view, const struct row *row, enum holder_list list,
	struct cell *value, struct strbuf *out)
{
	for (size_t i = 0; i < lists[list].nkeys; i++) {
		strbuf_adds(out, i ? "," : "{");
		json_add_member(view, row, &lists[list].keys[i], ":", value, out);
	}
	strbuf_adds(out, "}");
}

void holder_list_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const enum holder_list list = (enum holder_list)cell->column->arg;
	struct row item = { .kind = ROW_HOLDER, .type = row->type, .ns = row->ns };
	CLEANUP(cell_done) struct cell value = { 0 };

	cell->present = row->ns || row->group;
	item.holder = row->ns ? row->ns->first : NULL;
	for (const struct holder *h = item.holder; h; h = item.holder = h->next) {
		if (!(lists[list].kinds & 1u << h->kind))
			continue;
		if (view->objects && lists[list].keys)
			view_holder_object(view, &item, list, &value, &cell->bytes);
		else if (list == LIST_HOLDERS)
			holder_describe(h, &cell->bytes);
		else if (list == LIST_MOUNTS)
			holder_mount_text(h->mount, &cell->bytes);
		else if (list == LIST_PIDS || list == LIST_TIDS)
			strbuf_addf(
				&cell->bytes, "%d", list == LIST_PIDS ? h->process->pid : h->tid);
		else
			strbuf_addf(&cell->bytes, "%d:%d", h->process->pid, h->fd);
		strbuf_end_item(&cell->bytes, &cell->nitems);
	}
	for (size_t i = 0; row->group && i < row->group->n; i++) {
		strbuf_addf(&cell->bytes, "%d", row->group->members[i]->pid);
		strbuf_end_item(&cell->bytes, &cell->nitems);
	}
}

void nholders_cell(struct view *view, const struct row *row, struct cell *cell)
{
	if (row->ns)
		cell_set_number(cell, row->ns->nholders);
}

/*
 * The threads of the holder; or those of members that are in the namespace, and single threads of
 * other processes. The kernel still counts a main thread that has ended.
 */
void nthreads_cell(struct view *view, const struct row *row, struct cell *cell)
{
	const struct holder *h = row->kind == ROW_HOLDER ? row->holder : NULL;
	size_t count = 0;

	if (h && h->process && h->process->has_stat)
		cell_set_number(cell, h->process->num_threads);
	if (h || !row->ns)
		return;
	for (h = row->ns->first; h; h = h->next) {
		if (h->kind == HOLDER_THREAD)
			count++;
		if (h->kind != HOLDER_PROCESS)
			continue;
		if (!h->process->has_stat)
			return;
		count += h->process->num_threads - (h->tid != h->process->pid);
	}
	count -= count < row->ns->threads_away ? count : row->ns->threads_away;
	set_number_if(count || report_proves_absence(view->report), count, cell);
}
