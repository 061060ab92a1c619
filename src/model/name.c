// SPDX-License-Identifier: MIT
/* Names of namespaces: those of ip-netns(8), else the name of a container, machine or unit. */
#include "nsls/model.h"

#include <string.h>

/* Maximum depth of user namespaces, user_namespaces(7). */
#define USERNS_DEPTH_MAX 33

const struct process *ns_representative(const struct ns *ns)
{
	for (int depth = 0; ns && depth <= USERNS_DEPTH_MAX; depth++) {
		const struct ns *above = NULL;

		if (ns->leader)
			return ns->leader;
		for (const struct holder *h = ns->first; h; h = h->next) {
			if (holder_process(h))
				return holder_process(h);
			above = above ? above : holder_ns(h);
		}
		ns = above;
	}
	return NULL;
}

const char *ns_name_at(const char *mount_point)
{
	static const char *const dirs[] = { "/run/netns/", "/var/run/netns/" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		size_t len = strlen(dirs[i]);

		if (!strncmp(mount_point, dirs[i], len) && mount_point[len] &&
			!strchr(mount_point + len, '/'))
			return mount_point + len;
	}
	return NULL;
}

uint32_t ns_names_mnt(const struct model *model, bool ours)
{
	const struct process *first = model_find_process(model, 1);

	if (ours)
		return model->our_mnt;
	return first ? first->ino[NS_MNT] : 0;
}

/*
 * Returns true if a program generated the name: Podman mounts netns-UUID, containerd cni-UUID,
 * CRI-O UUID. The name of the container is better then.
 */
static bool is_generated_name(const char *name)
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

/*
 * Returns the first name of its mounts in our_mnt or, if foreign is true, in any mount namespace.
 */
static const char *ns_name_of_mount(const struct ns *ns, uint32_t our_mnt, bool foreign)
{
	const struct holder *h = ns->ref.type == NS_NET ? ns->first : NULL;

	for (; h; h = h->next) {
		const char *name = h->kind == HOLDER_MOUNT ? ns_name_at(h->mount->path) : NULL;

		if (name && (foreign || ((!our_mnt || h->mount->mntns == our_mnt) &&
						!is_generated_name(name))))
			return name;
	}
	return NULL;
}

static const char *ns_own_name(const struct ns *ns, uint32_t our_mnt)
{
	const char *name = ns_name_of_mount(ns, our_mnt, false);

	for (const struct ns_name *link = ns->names; link && !name; link = link->next)
		if (!is_generated_name(link->text))
			name = link->text;
	return name;
}

const char *ns_mounted_name(struct ns *ns, uint32_t our_mnt)
{
	const char *name = ns->own_name ? ns->own_name : ns_own_name(ns, our_mnt);

	ns->own_name = name ? name : "";
	return *ns->own_name ? ns->own_name : NULL;
}

void ns_name(const struct ns *ns, uint32_t our_mnt, struct strbuf *out)
{
	const char *name = ns_own_name(ns, our_mnt), *holder = NULL;
	const struct process *process = name ? NULL : ns_representative(ns);
	const struct identity *identity = process ? process->identity : NULL;

	/*
	 * PID 1, the system's service manager, shares its namespaces with most other processes, so
	 * the name of its scope, systemd.special(7), would be wrong for them.
	 */
	if (identity && identity->name &&
		(process->pid != 1 || strcmp(identity->name, "init.scope") != 0))
		holder = identity->name;
	/* Prefer a member's name, then a foreign mount's, then another holder's. */
	if (!name && (!holder || !ns->leader))
		name = ns_name_of_mount(ns, our_mnt, true);
	if (name)
		strbuf_addf(out, "netns %s", name);
	else if (holder)
		strbuf_adds(out, holder);
}
