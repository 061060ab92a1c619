// SPDX-License-Identifier: MIT
/* Cells that list or count all holders of a namespace of some kind. */
#include "fill.h"

#include "nsls/select/group.h"

void fill_pids(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->kind != ROW_GROUP && !row->ns)
		return;
	cell_set_list(cell);
	for (size_t i = 0; row->kind == ROW_GROUP && i < row->group->n; i++)
		cell_add_number(cell, (uint64_t)row->group->members[i]->pid);
	for (const struct holder *h = row->ns ? row->ns->first : NULL; h; h = h->next)
		if (holder_is_member(h))
			cell_add_number(cell, (uint64_t)h->task->pid);
}

void fill_tids(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (!row->ns)
		return;
	cell_set_list(cell);
	for (const struct holder *h = row->ns->first; h; h = h->next)
		if (h->kind == HOLDER_THREAD)
			cell_add_number(cell, (uint64_t)h->tid);
}

/* What JSON says of a holder in a list: keys of the holders' view, filled by its columns. */
struct key {
	const char *name;
	enum value_type type;
	void (*fill)(struct view *view, const struct row *row, struct cell *cell);
};

static const struct key descriptor_keys[] = {
	{ "pid", VALUE_NUMBER, fill_pid },
	{ "tid", VALUE_NUMBER, fill_tid },
	{ "fd", VALUE_NUMBER, fill_fd },
	{ 0 },
};

static const struct key mount_keys[] = {
	{ "mntns", VALUE_NUMBER, fill_mntns },
	{ "path", VALUE_TEXT, fill_mount },
	{ 0 },
};

static const struct key holder_keys[] = {
	{ "kind", VALUE_TEXT, fill_kind },
	{ "pid", VALUE_NUMBER, fill_pid },
	{ "tid", VALUE_NUMBER, fill_tid },
	{ "fd", VALUE_NUMBER, fill_fd },
	{ "mount", VALUE_TEXT, fill_mount },
	{ "mntns", VALUE_NUMBER, fill_mntns },
	{ "hns", VALUE_NUMBER, fill_hns },
	{ 0 },
};

static void add_object(struct view *view, const struct row *row, const struct key *key,
	struct cell *value, struct strbuf *out)
{
	for (const char *separator = "{"; key->name; key++, separator = ",") {
		strbuf_addf(out, "%s\"%s\":", separator, key->name);
		cell_reset(value);
		key->fill(view, row, value);
		if (!value->present)
			strbuf_adds(out, "null");
		else if (key->type == VALUE_TEXT)
			text_quote_json(out, strbuf_text(&value->bytes));
		else
			strbuf_adds(out, strbuf_text(&value->bytes));
	}
	strbuf_adds(out, "}");
}

void view_holder_object(struct view *view, const struct row *row, struct strbuf *out)
{
	struct cell value;

	cell_init(&value);
	add_object(view, row, holder_keys, &value, out);
	cell_done(&value);
}

/* One item for each holder of the kinds (bits 1 << enum holder_kind): an object, or in words. */
static void list_holders(struct view *view, const struct row *row, unsigned kinds,
	const struct key *keys, void (*describe)(const struct holder *, uint32_t, struct strbuf *),
	struct cell *cell)
{
	struct row item = *row;
	struct cell value;

	if (!row->ns)
		return;
	cell_init(&value);
	cell_set_list(cell);
	item.kind = ROW_HOLDER;
	for (item.holder = row->ns->first; item.holder; item.holder = item.holder->next) {
		if (!(kinds & 1u << item.holder->kind))
			continue;
		if (view->objects)
			add_object(view, &item, keys, &value, cell_open_item(cell));
		else
			describe(item.holder, view->model->our_mnt, cell_open_item(cell));
		cell_close_item(cell);
	}
	cell_done(&value);
}

static void describe_descriptor(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	(void)our_mnt;
	strbuf_addf(out, "%d:%d", holder->task->pid, holder->fd);
}

static void describe_mount(const struct holder *holder, uint32_t our_mnt, struct strbuf *out)
{
	holder_mount_text(holder->mount, our_mnt, out);
}

void fill_fds(struct view *view, const struct row *row, struct cell *cell)
{
	list_holders(view, row, 1u << HOLDER_FD, descriptor_keys, describe_descriptor, cell);
}

void fill_sockets(struct view *view, const struct row *row, struct cell *cell)
{
	list_holders(view, row, 1u << HOLDER_SOCKET | 1u << HOLDER_TUN, descriptor_keys,
		describe_descriptor, cell);
}

void fill_mounts(struct view *view, const struct row *row, struct cell *cell)
{
	list_holders(view, row, 1u << HOLDER_MOUNT, mount_keys, describe_mount, cell);
}

void fill_holders(struct view *view, const struct row *row, struct cell *cell)
{
	list_holders(view, row, ~0u, holder_keys, holder_describe, cell);
}

void fill_nholders(struct view *view, const struct row *row, struct cell *cell)
{
	(void)view;
	if (row->ns)
		cell_set_number(cell, row->ns->nholders);
}

/*
 * Threads of the members, less those that have left, and those that came from elsewhere. A first
 * thread that has ended is still counted by the kernel.
 */
static bool count_threads(const struct ns *ns, size_t *ret_count)
{
	size_t count = 0;

	for (const struct holder *h = ns->first; h; h = h->next) {
		if (h->kind == HOLDER_THREAD)
			count++;
		else if (h->kind == HOLDER_PROCESS && !h->task->has_stat)
			return false;
		else if (h->kind == HOLDER_PROCESS)
			count += h->task->num_threads - (h->tid != h->task->pid);
	}
	*ret_count = count > ns->threads_away ? count - ns->threads_away : 0;
	return true;
}

void fill_nthreads(struct view *view, const struct row *row, struct cell *cell)
{
	size_t count;

	if (row->kind == ROW_HOLDER) {
		if (row->holder->task && row->holder->task->has_stat)
			cell_set_number(cell, row->holder->task->num_threads);
	} else if (row->ns && count_threads(row->ns, &count)) {
		view_seen(view, count, cell);
	}
}
