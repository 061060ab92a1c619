// SPDX-License-Identifier: MIT
/* The table of namespaces by inode, the list of processes, and the holders of each namespace. */
#include "nsls/base.h"
#include "nsls/model.h"

#include <stdlib.h>
#include <string.h>

/* Appends to a list that is linked by next. The arguments are evaluated more than once. */
#define list_append(first, last, item) ((last) = *((last) ? &(last)->next : &(first)) = (item))

void model_done(struct model *model)
{
	free(model->at);
	free(model->processes);
	free(model->stale_names);
	u64map_done(&model->by_ref);
	u64map_done(&model->by_pid);
	arena_done(&model->arena);
	*model = (struct model){ 0 };
}

struct process *model_add_process(struct model *model, pid_t pid)
{
	struct process *process = arena_alloc(&model->arena, sizeof(*process)), **at;

	process->pid = process->tid = pid;
	u64map_put(&model->by_pid, (uint64_t)pid, process);
	/* Usually the last: most are added in ascending order. */
	at = array_push(model->processes, model->nprocesses, model->processes_size);
	for (; at > model->processes && at[-1]->pid > pid; at--)
		*at = at[-1];
	*at = process;
	return process;
}

struct process *model_find_process(const struct model *model, pid_t pid)
{
	return u64map_get(&model->by_pid, (uint64_t)pid);
}

struct ns *model_find(const struct model *model, struct ns_ref ref)
{
	return u64map_get(&model->by_ref, ns_ref_key(ref));
}

struct ns *model_find_inode(const struct model *model, uint32_t ino)
{
	struct ns *found = NULL;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		struct ns *ns = model_find(model, (struct ns_ref){ .type = t, .ino = ino });

		if (ns && (!found || (!found->first && ns->first)))
			found = ns;
	}
	return found;
}

struct ns *model_get(struct model *model, struct ns_ref ref)
{
	struct ns *ns = model_find(model, ref);

	if (ns)
		return ns;
	ns = arena_alloc(&model->arena, sizeof(*ns));
	ns->ref = ref;
	u64map_put(&model->by_ref, ns_ref_key(ref), ns);
	*array_push(model->at, model->n, model->size) = ns;
	return ns;
}

void model_hold(struct model *model, struct ns *ns, const struct holder *holder)
{
	struct holder *copy = arena_alloc(&model->arena, sizeof(*copy));

	*copy = *holder;
	copy->next = NULL;
	list_append(ns->first, ns->last, copy);
	ns->nholders++;
	if (holder_is_member(copy)) {
		ns->nprocs++;
		if (!ns->leader || copy->process->pid < ns->leader->pid)
			ns->leader = copy->process;
	}
}

void model_add_name(struct model *model, struct ns_ref ref, const char *name)
{
	struct ns *ns = model_find(model, ref);
	struct ns_name *copy;

	if (!ns)
		return;
	copy = arena_alloc(&model->arena, sizeof(*copy));
	copy->text = arena_strdup(&model->arena, name);
	list_append(ns->names, ns->last_name, copy);
}

/* Removes below from the holders of above, which is released if nothing else holds it. */
static void ns_release_above(struct ns *above, const struct ns *below)
{
	if (!above || !above->first)
		return;
	above->last = NULL;
	for (struct holder **at = &above->first; *at;) {
		if (holder_ns(*at) == below) {
			*at = (*at)->next;
			above->nholders--;
		} else {
			above->last = *at;
			at = &above->last->next;
		}
	}
	if (!above->first)
		model_release(above);
}

void model_release(struct ns *ns)
{
	ns->first = ns->last = NULL;
	ns->leader = NULL;
	ns->nholders = ns->nprocs = ns->threads_away = 0;
	ns_release_above(ns->owner, ns);
	ns_release_above(ns->parent, ns);
}

static int ns_compare(const void *a, const void *b)
{
	const struct ns *x = *(struct ns *const *)a, *y = *(struct ns *const *)b;

	return compare_numbers(ns_ref_key(x->ref), ns_ref_key(y->ref));
}

/* Members are sorted as one kind: zombies stay in the order of PIDs. */
static uint64_t holder_key(const struct holder *holder)
{
	enum holder_kind kind = holder_is_member(holder) ? HOLDER_PROCESS : holder->kind;

	return (uint64_t)kind << 32 | (uint32_t)(holder->process ? holder->process->pid : 0);
}

/* Cuts the list after the ascending run that begins at h. Returns the rest. */
static struct holder *cut_run(struct holder *h)
{
	struct holder *rest;

	while (h->next && holder_key(h) <= holder_key(h->next))
		h = h->next;
	rest = h->next;
	h->next = NULL;
	return rest;
}

/*
 * A merge sort of ascending runs, two by two. Of equal holders, the first stays the first. Each
 * phase of the scan adds holders by ascending PID, so there are few runs.
 */
static void ns_sort_holders(struct ns *ns)
{
	size_t pairs;

	do {
		struct holder *rest = ns->first, **end = &ns->first;

		for (pairs = 0; rest; pairs++) {
			struct holder *a = rest, *b = cut_run(a);

			rest = b ? cut_run(b) : NULL;
			while (a || b) {
				bool from_b = !a || (b && holder_key(b) < holder_key(a));
				struct holder **from = from_b ? &b : &a;

				ns->last = *end = *from;
				*from = ns->last->next;
				end = &ns->last->next;
			}
		}
	} while (pairs > 1);
}

void model_sort(struct model *model)
{
	for (size_t i = 0; i < model->n; i++)
		ns_sort_holders(model->at[i]);
	if (model->n)
		qsort(model->at, model->n, sizeof(struct ns *), ns_compare);
}

bool model_knows_initial(const struct model *model, enum nstype type)
{
	if (!nstype_info[type].initial_late || model->fixed_initial)
		return true;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		const struct ns_type_info *info = &nstype_info[t];

		if (info->initial_late &&
			model_find(model, (struct ns_ref){ t, info->initial_ino }))
			return true;
	}
	return false;
}

struct mounted *model_add_mounted(struct model *model, struct ns *ns)
{
	struct mounted *mounted = arena_alloc(&model->arena, sizeof(*mounted));

	list_append(ns->mounted, ns->last_mounted, mounted);
	return mounted;
}

const struct process *ns_first_running(const struct ns *ns)
{
	for (const struct holder *h = ns->first; h && holder_is_member(h); h = h->next)
		if (h->kind == HOLDER_PROCESS)
			return h->process;
	return NULL;
}

bool ns_depth(const struct ns *ns, unsigned *ret_depth)
{
	const struct ns_type_info *info = &nstype_info[ns->ref.type];
	unsigned depth = 0;

	/* The bound keeps the parents of an inode that was used again from being followed in a
	 * loop. */
	for (; ns->parent && depth < info->depth_max; depth++)
		ns = ns->parent;
	*ret_depth = depth;
	return info->depth_max && ns->ref.ino == info->initial_ino;
}

void model_host(const struct model *model, uint32_t ret_ino[NS_TYPE_COUNT])
{
	const struct process *first = model_find_process(model, 1);

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		ret_ino[t] = first ? first->ino[t] : 0;
		if (!ret_ino[t] && model_knows_initial(model, t))
			ret_ino[t] = nstype_info[t].initial_ino;
	}
}

const char *const runtime_names[RUNTIME_COUNT] = {
	[RUNTIME_DOCKER] = "docker",
	[RUNTIME_PODMAN] = "podman",
	[RUNTIME_CONTAINERD] = "containerd",
	[RUNTIME_CRIO] = "cri-o",
	[RUNTIME_KUBERNETES] = "kubernetes",
	[RUNTIME_LXC] = "lxc",
	[RUNTIME_NSPAWN] = "nspawn",
	[RUNTIME_LIBVIRT] = "libvirt",
	[RUNTIME_SNAP] = "snap",
	[RUNTIME_FLATPAK] = "flatpak",
};

const char *identity_container(const struct identity *identity)
{
	return identity->container ? identity->container
	       : identity->machine ? identity->machine
				   : identity->app;
}

int identity_short(const char *id)
{
	size_t len = strlen(id);

	return len == 64 && strspn(id, "0123456789abcdef") == len ? 12 : (int)len;
}

const struct identity *identity_copy(struct arena *arena, const struct identity *from)
{
	struct identity *copy = arena_alloc(arena, sizeof(*copy));
	const char **const texts[] = { &copy->cgroup, &copy->unit, &copy->container, &copy->pod,
		&copy->machine, &copy->app, &copy->given, &copy->pod_name, &copy->name,
		&copy->id_name };

	*copy = *from;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		*texts[i] = arena_strdup(arena, *texts[i]);
	return copy;
}
