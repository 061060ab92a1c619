// SPDX-License-Identifier: MIT
/* What the kernel lists and nothing has shown: looked for again, before it counts as unseen. */
#include "merge.h"

#include "nsls/base/array.h"

bool merge_is_news(const struct merge *merge, const struct task *task, struct ns_ref ref)
{
	const struct ns *ns;

	if (!merge->again || (task && task->is_new) || u64map_get(&merge->unseen, ns_ref_key(ref)))
		return true;
	ns = model_find(merge->model, ref);
	return !ns || !ns->first || ns->is_new;
}

void merge_holder(struct merge *merge, struct ns_ref ref, const struct holder *holder)
{
	struct ns *ns;

	if (!merge_is_news(merge, holder->task, ref))
		return;
	ns = model_get(merge->model, ref);
	ns->is_new = merge->again && (ns->is_new || !ns->first);
	model_hold(merge->model, ns, holder);
	merge->news += merge->again;
}

/* What is told only through a descriptor, which no holder of it gave. */
static bool is_unopened(const struct merge *merge, const struct ns *ns)
{
	return (merge->relations && !ns->related) ||
	       (ns->ref.type == NS_MNT && merge->sources & 1u << SOURCE_MOUNTS &&
		       !ns->mounts_whole);
}

void merge_listed(struct merge *merge, const struct fact *fact)
{
	const struct ns *ns = model_find(merge->model, fact->ref);
	bool held = ns && ns->first;
	struct listed_list *list = &merge->listed;

	if (!held || is_unopened(merge, ns))
		*array_push(list->at, list->n, list->size) =
			(struct listed){ fact->ref, fact->listed.id, held };
}

void merge_begin_again(struct merge *merge)
{
	u64map_done(&merge->unseen);
	u64map_done(&merge->unseen_ids);
	u64map_done(&merge->mounts_read);
	for (size_t i = 0; i < merge->listed.n; i++) {
		const struct listed *listed = &merge->listed.at[i];

		if (listed->held)
			continue;
		u64map_put(&merge->unseen, ns_ref_key(listed->ref), merge);
		u64map_put(&merge->unseen_ids, listed->id, merge);
	}
	merge->again = true;
	merge->news = 0;
}

void merge_end_again(struct merge *merge)
{
	merge->again = false;
	for (size_t i = 0; i < merge->model->ntasks; i++)
		merge->model->tasks[i]->is_new = false;
	for (size_t i = 0; i < merge->model->n; i++)
		merge->model->at[i]->is_new = false;
}

static bool is_seen_before(const struct merge *merge, const struct listed *listed)
{
	return listed->held || u64map_get(&merge->unseen_ids, listed->id);
}

bool merge_has_unseen(const struct merge *merge)
{
	for (size_t i = 0; i < merge->listed.n; i++)
		if (!merge->listed.at[i].held)
			return true;
	return false;
}

bool merge_is_settled(const struct merge *merge)
{
	for (size_t i = 0; i < merge->listed.n; i++)
		if (!is_seen_before(merge, &merge->listed.at[i]))
			return false;
	return !merge->news;
}

void merge_keep_seen_before(struct merge *merge)
{
	struct listed_list *list = &merge->listed;
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (is_seen_before(merge, &list->at[i]))
			list->at[n++] = list->at[i];
	list->n = n;
}

void merge_unseen(struct merge *merge)
{
	static const struct holder unseen = { .kind = HOLDER_KERNEL };

	for (size_t i = 0; i < merge->listed.n; i++) {
		struct ns *ns = model_find(merge->model, merge->listed.at[i].ref);

		if (ns && !ns->first)
			model_hold(merge->model, ns, &unseen);
	}
}
