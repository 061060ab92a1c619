// SPDX-License-Identifier: MIT
/* See the header. */
#include "hand_model.h"

struct ns *hand_ns(struct model *model, enum nstype type, uint32_t ino)
{
	return model_get(model, (struct ns_ref){ type, ino });
}

void hand_hold(
	struct model *model, struct ns *ns, enum holder_kind kind, const struct process *process)
{
	struct holder holder = {
		.kind = kind, .process = process, .tid = process ? process->pid : 0
	};

	model_hold(model, ns, &holder);
}

struct ns *hand_held(struct model *model, enum nstype type, uint32_t ino)
{
	struct ns *ns = hand_ns(model, type, ino);

	hand_hold(model, ns, HOLDER_KERNEL, NULL);
	return ns;
}

struct process *hand_process(struct model *model, pid_t pid, pid_t ppid)
{
	struct process *process = model_add_process(model, pid);

	process->has_stat = true;
	process->ppid = ppid;
	return process;
}

void hand_join(struct model *model, struct process *process, struct ns *ns)
{
	process->ino[ns->ref.type] = ns->ref.ino;
	hand_hold(model, ns, HOLDER_PROCESS, process);
}

static void add_row(const struct row *row, struct strbuf *out)
{
	if (row->kind == ROW_TYPE)
		strbuf_adds(out, nstype_info(row->type)->name);
	else if (row->kind == ROW_HOLDER)
		strbuf_addf(out, "%s%d", holder_kind_name(row->holder->kind),
			row->holder->process ? row->holder->process->pid : 0);
	else
		strbuf_addf(out, "%u", row->ns->ref.ino);
	if (row->parent != ROW_NO_PARENT)
		strbuf_addf(out, "<%zu", row->parent);
}

void hand_assert_rows(const struct rows *rows, const char *expected)
{
	struct strbuf text;

	strbuf_init(&text);
	for (size_t i = 0; i < rows->n; i++) {
		strbuf_adds(&text, i ? " " : "");
		add_row(&rows->at[i], &text);
	}
	assert_string_equal(strbuf_text(&text), expected);
	strbuf_done(&text);
}
