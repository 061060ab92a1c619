// SPDX-License-Identifier: MIT
/*
 * Finds mounts that are locked, mount_namespaces(7): a mount namespace that is made in a new user
 * namespace gets copies of all mounts, and umount(2) of one of these fails with EINVAL.
 *
 * No kernel file shows the lock. A mount on the same file, of the same namespace, in a mount
 * namespace of a user namespace above shows that this one is a copy. A copy that receives from
 * there may have arrived later, and then is not locked: it does not count as locked.
 */
#include "nsls/base.h"
#include "nsls/model.h"

#include <string.h>

static const struct ns *mount_owner(const struct model *model, const struct holder_mount *mount)
{
	const struct ns *mnt =
		mount->mntns ? model_find(model, (struct ns_ref){ NS_MNT, mount->mntns }) : NULL;

	return mnt ? mnt->owner : NULL;
}

static bool is_above(const struct ns *user, const struct ns *below)
{
	for (below = below->parent; below; below = below->parent)
		if (below == user)
			return true;
	return false;
}

/* Two files may have the same key, which another user can provoke: callers compare the files. */
static uint64_t file_key(const char *file)
{
	uint64_t key = 0xcbf29ce484222325; /* FNV-1a */

	for (; *file; file++)
		key = (key ^ (unsigned char)*file) * 0x100000001b3;
	return key;
}

bool mount_is_on_same_file(const struct holder_mount *a, const struct holder_mount *b)
{
	return a->point.file && b->point.file && !strcmp(a->point.file, b->point.file);
}

uint64_t mount_file_key(const struct holder_mount *mount)
{
	return mount->point.file ? file_key(mount->point.file) : 0;
}

/* Prefers mounts of ours, then of a user namespace above. */
static void keep_original(
	const struct model *model, struct u64map *originals, struct holder_mount *mount)
{
	const struct ns *owner = mount_owner(model, mount);
	struct holder_mount *known = u64map_get(originals, mount_file_key(mount));
	const struct ns *known_owner = known ? mount_owner(model, known) : NULL;

	if (!mount->point.file || !owner)
		return;
	if (!known || mount->ours || (!known->ours && is_above(owner, known_owner)))
		u64map_put(originals, mount_file_key(mount), mount);
}

static void lock_copy(
	const struct model *model, const struct u64map *originals, struct holder_mount *mount)
{
	const struct holder_mount *original = u64map_get(originals, mount_file_key(mount));
	const struct ns *owner = mount_owner(model, mount);

	if (!original || !owner || !mount_is_on_same_file(original, mount))
		return;
	if (mount->point.master && mount->point.master == original->point.peers)
		return;
	if (is_above(mount_owner(model, original), owner))
		mount->locked_by = original;
}

static void find_locked_mounts_of(const struct model *model, const struct ns *ns)
{
	struct u64map originals;

	u64map_init(&originals);
	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->kind == HOLDER_MOUNT)
			keep_original(model, &originals, h->mount);
	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->kind == HOLDER_MOUNT)
			lock_copy(model, &originals, h->mount);
	u64map_done(&originals);
}

void model_find_locked_mounts(struct model *model)
{
	for (size_t i = 0; i < model->n; i++)
		find_locked_mounts_of(model, model->at[i]);
}
