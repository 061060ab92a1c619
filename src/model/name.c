// SPDX-License-Identifier: MIT
/* Names of namespaces: those of ip-netns(8), else the name of a container, machine or unit. */
#include "nsls/model.h"

#include <string.h>

/* User namespaces can't be nested deeper, user_namespaces(7). */
#define NESTED_MAX 33

static const struct process *first_process(const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->process)
			return h->process;
	return NULL;
}

static const struct ns *first_related(const struct ns *ns)
{
	for (const struct holder *h = ns->first; h; h = h->next)
		if (holder_ns(h))
			return holder_ns(h);
	return NULL;
}

const struct process *ns_representative(const struct ns *ns)
{
	const struct process *process = NULL;

	for (int depth = 0; ns && !process && depth <= NESTED_MAX; depth++) {
		process = ns->leader ? ns->leader : first_process(ns);
		ns = first_related(ns);
	}
	return process;
}

bool ns_is_named_at(const char *mount_point, const char **ret_name)
{
	static const char *const dirs[] = { "/run/netns/", "/var/run/netns/" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		const char *name = mount_point + strlen(dirs[i]);

		if (strncmp(mount_point, dirs[i], strlen(dirs[i])) != 0)
			continue;
		if (!*name || strchr(name, '/'))
			continue;
		*ret_name = name;
		return true;
	}
	return false;
}

uint32_t ns_names_mnt(const struct model *model, bool ours)
{
	const struct process *first = model_find_process(model, 1);

	if (ours)
		return model->our_mnt;
	return first ? first->ino[NS_MNT] : 0;
}

static bool has_name(const struct ns *ns, uint32_t names_mnt, const char *name)
{
	const char *found;

	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->kind == HOLDER_MOUNT && h->mount->mntns == names_mnt &&
			ns_is_named_at(h->mount->path, &found) && !strcmp(found, name))
			return true;
	return false;
}

const struct ns *ns_by_name(const struct model *model, uint32_t names_mnt, const char *name)
{
	for (size_t i = 0; names_mnt && i < model->n; i++)
		if (model->at[i]->ref.type == NS_NET && has_name(model->at[i], names_mnt, name))
			return model->at[i];
	return NULL;
}

/*
 * Whether a program made the name up: Podman mounts netns-UUID, containerd cni-UUID, CRI-O UUID.
 * A person knows the container.
 */
static bool is_generated(const char *name)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t len = strlen(name);

	if (len < strlen(form))
		return false;
	name += len - strlen(form);
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '-' ? name[i] != '-' : !strchr("0123456789abcdef", name[i]))
			return false;
	return true;
}

/* The first name under which it is mounted, in any mount namespace if theirs is true. */
static const char *mounted_name(const struct ns *ns, uint32_t our_mnt, bool theirs)
{
	const char *name;

	if (ns->ref.type != NS_NET)
		return NULL;
	for (const struct holder *h = ns->first; h; h = h->next) {
		if (h->kind != HOLDER_MOUNT || !ns_is_named_at(h->mount->path, &name))
			continue;
		if (theirs || ((!our_mnt || h->mount->mntns == our_mnt) && !is_generated(name)))
			return name;
	}
	return NULL;
}

/*
 * What the process is called. The system's own manager is in its namespaces with most others: the
 * name of its scope, systemd.special(7), would be wrong for them.
 */
static const char *process_name(const struct process *process)
{
	const struct identity *identity = process ? process->identity : NULL;

	if (!identity || !identity->name)
		return NULL;
	return process->pid == 1 && !strcmp(identity->name, "init.scope") ? NULL : identity->name;
}

const char *ns_mounted_name(const struct ns *ns, uint32_t our_mnt)
{
	return mounted_name(ns, our_mnt, false);
}

void ns_name(const struct ns *ns, uint32_t our_mnt, struct strbuf *out)
{
	const char *name = mounted_name(ns, our_mnt, false), *representative;

	if (!name) {
		/* Who is in it says more than who mounted it elsewhere, and that than a holder. */
		representative = process_name(ns_representative(ns));
		name = representative && ns->leader ? NULL : mounted_name(ns, our_mnt, true);
		if (!name && representative)
			strbuf_adds(out, representative);
	}
	if (name)
		strbuf_addf(out, "netns %s", name);
}
