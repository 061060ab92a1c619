// SPDX-License-Identifier: MIT
/*
 * Asks the kernel once a namespace, never once a process, who owns it, whose child it is and what
 * its ids are. A namespace that only such an answer reveals (a ghost) joins the model.
 */
#include "source.h"

#include "nsls/base/error.h"

#include <errno.h>
#include <stdio.h>

/*
 * Adds what fd refers to, with the holder that led there, and asks it in its turn: at most as
 * deep as namespaces nest (32, pid_namespaces(7), user_namespaces(7)). Takes over fd.
 */
static int relate_to(struct scan *scan, int fd, const struct holder *holder, struct ns **ret_ns)
{
	const struct nsfs *nsfs = scan->nsfs;
	struct ns_ref ref;
	struct ns *ns;
	int r;

	if (fd < 0)
		/* EPERM: beyond what we may know. EINVAL, ENOTTY: not this type, not this kernel.
		 */
		return error_is_fatal(fd) ? fd : 0;
	r = nsfs->ref(nsfs, fd, &ref);
	if (r < 0) {
		nsfs->close(nsfs, fd);
		return error_is_fatal(r) ? r : 0;
	}
	r = model_get(scan->model, ref, &ns);
	if (r == 0)
		r = model_hold(scan->model, ns, holder);
	if (r == 0)
		r = relate_fd(scan, ns, fd);
	nsfs->close(nsfs, fd);
	if (r == 0)
		*ret_ns = ns;
	return r;
}

static int ask_ids(struct scan *scan, struct ns *ns, int fd)
{
	const struct nsfs *nsfs = scan->nsfs;
	int r;

	if (nsfs->id(nsfs, fd, &ns->id) < 0)
		ns->id = 0;
	if (ns->ref.type == NS_USER)
		ns->has_owner_uid = nsfs->owner_uid(nsfs, fd, &ns->owner_uid) == 0;
	if (ns->ref.type != NS_NET || !scan->options->netnsid)
		return 0;
	r = nsfs->netnsid(nsfs, fd, &ns->netnsid);
	ns->has_netnsid = r == 0;
	return error_is_fatal(r) ? r : 0;
}

int relate_fd(struct scan *scan, struct ns *ns, int fd)
{
	const struct nsfs *nsfs = scan->nsfs;
	struct holder holder = { .kind = HOLDER_OWNED, .ns = ns };
	int r;

	if (ns->related)
		return 0;
	ns->related = true;
	r = ask_ids(scan, ns, fd);
	if (r < 0)
		return r;
	/* The owner of a user namespace is its parent: one edge, not two. */
	if (ns->ref.type != NS_USER) {
		r = relate_to(scan, nsfs->owner(nsfs, fd), &holder, &ns->owner);
		if (r < 0)
			return r;
	}
	if (nstype_info(ns->ref.type)->has_parent) {
		holder.kind = HOLDER_CHILD;
		r = relate_to(scan, nsfs->parent(nsfs, fd), &holder, &ns->parent);
		if (r < 0)
			return r;
	}
	if (ns->ref.type == NS_USER)
		ns->owner = ns->parent;
	return source_mount_unshown(scan, ns, fd);
}

static int open_holder(struct scan *scan, const struct ns *ns, const struct holder *holder)
{
	const struct nsfs *nsfs = scan->nsfs;
	struct strbuf path;
	int fd;

	strbuf_init(&path);
	if (holder_root(holder, &path)) {
		fd = strbuf_status(&path);
		if (fd == 0)
			fd = nsfs->open_below(
				nsfs, scan->procfs->fd, strbuf_text(&path), holder->mount->path);
	} else if (holder_has_path(holder)) {
		holder_path(holder, ns->ref.type, &path);
		fd = strbuf_status(&path);
		if (fd == 0)
			fd = nsfs->open(nsfs, scan->procfs->fd, strbuf_text(&path));
	} else {
		fd = -ENOENT;
	}
	strbuf_done(&path);
	return fd;
}

/* Through the first holder that still leads there. A reused PID leads elsewhere: not taken. */
static int open_namespace(struct scan *scan, const struct ns *ns)
{
	const struct nsfs *nsfs = scan->nsfs;

	for (const struct holder *holder = ns->first; holder; holder = holder->next) {
		int fd = open_holder(scan, ns, holder);
		struct ns_ref ref;

		if (error_is_fatal(fd))
			return fd;
		if (fd < 0)
			continue;
		if (nsfs->ref(nsfs, fd, &ref) == 0 && ref.ino == ns->ref.ino)
			return fd;
		nsfs->close(nsfs, fd);
	}
	return -ENOENT;
}

int relate_all(struct scan *scan)
{
	/* The model grows while this runs: ghosts, and mounts in mount namespaces without process.
	 */
	for (size_t i = 0; i < scan->model->n; i++) {
		struct ns *ns = scan->model->at[i];
		int fd, r;

		if (ns->related)
			continue;
		fd = open_namespace(scan, ns);
		if (fd == -ENOENT)
			continue;
		if (fd < 0)
			return fd;
		r = relate_fd(scan, ns, fd);
		scan->nsfs->close(scan->nsfs, fd);
		if (r < 0)
			return r;
	}
	return 0;
}
