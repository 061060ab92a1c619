// SPDX-License-Identifier: MIT
/*
 * What the kernel itself lists: listns(2), and the walk from mount namespace to mount namespace.
 * Only what no other source has found costs a descriptor; what then has no holder gets the kind
 * "kernel", so that a reader is told that the holder can't be seen.
 */
#include "source.h"

#include <errno.h>

#define IDS_A_CALL 512

static int add_fd(struct scan *scan, int fd)
{
	const struct nsfs *nsfs = scan->nsfs;
	struct ns_ref ref;
	struct ns *ns;
	int r = nsfs->ref(nsfs, fd, &ref);

	if (r < 0)
		return r;
	r = model_get(scan->model, ref, &ns);
	return r < 0 ? r : relate_fd(scan, ns, fd);
}

static int add_id(struct scan *scan, uint64_t id)
{
	const struct nsfs *nsfs = scan->nsfs;
	int fd = nsfs->open_id(nsfs, id);
	int r;

	if (fd == -ESTALE)
		return 0; /* ended meanwhile */
	r = fd < 0 ? fd : add_fd(scan, fd);
	if (fd >= 0)
		nsfs->close(nsfs, fd);
	return r < 0 ? scan_trouble(scan, SOURCE_KERNEL, r) : 0;
}

static int know_ids(const struct scan *scan, struct u64map *known)
{
	for (size_t i = 0; i < scan->model->n; i++) {
		struct ns *ns = scan->model->at[i];
		int r = ns->id ? u64map_put(known, ns->id, ns) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static int list_all(struct scan *scan, const struct u64map *known)
{
	const struct nsfs *nsfs = scan->nsfs;
	uint64_t ids[IDS_A_CALL], after = 0;
	ssize_t n;

	while ((n = nsfs->list(nsfs, after, ids, IDS_A_CALL)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			int r = u64map_get(known, ids[i]) ? 0 : add_id(scan, ids[i]);

			if (r < 0)
				return r;
		}
		if (ids[n - 1] <= after)
			return scan_trouble(scan, SOURCE_KERNEL, -EBADMSG);
		after = ids[n - 1];
	}
	if (n == -ENOSYS) {
		scan->report->gaps |= REPORT_GAP_LISTNS;
		return 0;
	}
	return n < 0 ? scan_trouble(scan, SOURCE_KERNEL, (int)n) : 0;
}

/* From one mount namespace to the end, in one direction. Takes over fd. */
static int walk_mounts(struct scan *scan, int fd, int (*step)(const struct nsfs *, int))
{
	const struct nsfs *nsfs = scan->nsfs;
	int r = 0;

	while (r == 0) {
		int next = step(nsfs, fd);

		nsfs->close(nsfs, fd);
		if (next == -ENOENT)
			return 0;
		if (next == -ENOTTY || next == -EINVAL || next == -EPERM) {
			/* listns(2) answers the same caller, but with a part and without a word. */
			scan->report->gaps |=
				next == -EPERM ? REPORT_GAP_PRIVILEGE : REPORT_GAP_MNT_WALK;
			return 0;
		}
		if (next < 0)
			return scan_trouble(scan, SOURCE_KERNEL, next);
		r = add_fd(scan, next);
		if (r < 0)
			r = scan_trouble(scan, SOURCE_KERNEL, r);
		fd = next;
	}
	nsfs->close(nsfs, fd);
	return r;
}

static int walk_mount_namespaces(struct scan *scan)
{
	const struct nsfs *nsfs = scan->nsfs;
	int (*const steps[])(const struct nsfs *, int) = { nsfs->previous_mnt, nsfs->next_mnt };
	int r = 0;

	for (size_t i = 0; r == 0 && i < 2; i++) {
		int fd = nsfs->open(nsfs, scan->procfs->fd, "self/ns/mnt");

		if (fd < 0)
			return 0; /* a procfs in which we are not: nowhere to start from */
		r = walk_mounts(scan, fd, steps[i]);
	}
	return r;
}

static int name_unseen_holders(struct scan *scan)
{
	static const struct holder unseen = { .kind = HOLDER_KERNEL };

	for (size_t i = 0; i < scan->model->n; i++) {
		struct ns *ns = scan->model->at[i];
		int r = ns->first ? 0 : model_hold(scan->model, ns, &unseen);

		if (r < 0)
			return r;
	}
	return 0;
}

int source_kernel(struct scan *scan)
{
	struct u64map known;
	int r;

	if (!scan_wants(scan, SOURCE_KERNEL) || !scan->procfs->kernel)
		return 0;
	u64map_init(&known);
	r = know_ids(scan, &known);
	if (r == 0)
		r = list_all(scan, &known);
	u64map_done(&known);
	if (r == 0)
		r = walk_mount_namespaces(scan);
	if (r == 0)
		r = relate_all(scan);
	return r < 0 ? r : name_unseen_holders(scan);
}
