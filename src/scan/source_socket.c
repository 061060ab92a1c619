// SPDX-License-Identifier: MIT
/*
 * Sockets that keep a network namespace alive which their process is not in. Each socket inode is
 * asked once, however many processes share it; its namespace's cookie tells whether that is one
 * already known, so that only the first socket of each namespace costs a descriptor on it.
 */
#include "source.h"

#include <errno.h>

int source_socket_start(struct scan *scan)
{
	const struct nsfs *nsfs = scan->nsfs;
	struct ns_ref ref = { .type = NS_NET };
	uint64_t cookie;
	struct ns *ns;
	int r;

	if (!scan_wants(scan, SOURCE_SOCKETS))
		return 0;
	if (!scan->procfs->ours)
		return 0;
	if (procfs_read_ns(scan->procfs->fd, "self/ns/net", NS_NET, &ref.ino) < 0)
		return 0;
	if (nsfs->own_cookie(nsfs, &cookie) < 0)
		return 0;
	r = model_get(scan->model, ref, &ns);
	return r < 0 ? r : u64map_put(&scan->cookies, cookie, ns);
}

/* A network namespace whose cookie is not known, or a kernel without cookies. */
static int ask_namespace(struct scan *scan, int sock, struct ns **ret_ns)
{
	const struct nsfs *nsfs = scan->nsfs;
	struct ns_ref ref;
	int fd = nsfs->socket_netns(nsfs, sock);
	int r;

	if (fd < 0)
		return fd;
	r = nsfs->ref(nsfs, fd, &ref);
	if (r >= 0)
		r = model_get(scan->model, ref, ret_ns);
	if (r >= 0)
		r = relate_fd(scan, *ret_ns, fd);
	nsfs->close(nsfs, fd);
	return r;
}

static int namespace_of(struct scan *scan, int sock, struct ns **ret_ns)
{
	const struct nsfs *nsfs = scan->nsfs;
	uint64_t cookie = 0;
	struct ns *ns = NULL;
	int r;

	if (nsfs->socket_cookie(nsfs, sock, &cookie) == 0)
		ns = u64map_get(&scan->cookies, cookie);
	if (!ns) {
		r = ask_namespace(scan, sock, &ns);
		if (r == 0 && cookie)
			r = u64map_put(&scan->cookies, cookie, ns);
		if (r < 0)
			return r;
	}
	*ret_ns = ns;
	return 0;
}

void source_socket_end(struct scan_task *st)
{
	const struct nsfs *nsfs = st->scan->nsfs;

	if (st->table.copier >= 0)
		nsfs->close(nsfs, st->table.copier);
	st->table.copier = -1;
}

/*
 * The process stands for its first thread, which may have ended and has no descriptors then: a
 * thread stands for itself.
 */
static int open_copier(struct scan_task *st)
{
	const struct nsfs *nsfs = st->scan->nsfs;
	int r;

	if (st->table.copier >= 0)
		return 0;
	r = nsfs->task(nsfs, st->table.task, st->task->pid, st->table.tid);
	st->table.shut = r < 0;
	if (r < 0)
		return r;
	st->table.copier = r;
	return 0;
}

static int ask_socket(struct scan_task *st, int fd, uint64_t inode, struct ns **ret_ns)
{
	const struct nsfs *nsfs = st->scan->nsfs;
	int sock = nsfs->task_socket(nsfs, st->table.copier, fd, inode);
	int r;

	if (sock < 0)
		return sock;
	r = namespace_of(st->scan, sock, ret_ns);
	nsfs->close(nsfs, sock);
	return r < 0 || !inode ? r : u64map_put(&st->scan->sockets, inode, *ret_ns);
}

/* The socket's namespace, by what is known or by asking. 1: it can't be told. */
static int find_namespace(struct scan_task *st, int fd, uint64_t inode, struct ns **ret_ns)
{
	struct ns *ns = inode ? u64map_get(&st->scan->sockets, inode) : NULL;
	int r = 0;

	if (!ns) {
		if (st->table.shut)
			return 1;
		r = open_copier(st);
		if (r == 0)
			r = ask_socket(st, fd, inode, &ns);
	}
	if (r == -EBADF)
		return 1; /* closed meanwhile */
	if (r < 0) {
		r = scan_task_trouble(st, SOURCE_SOCKETS, r);
		return r < 0 ? r : 1;
	}
	*ret_ns = ns;
	return 0;
}

int source_socket(struct scan_task *st, int fd, uint64_t inode)
{
	struct holder holder = { .kind = inode ? HOLDER_SOCKET : HOLDER_TUN,
		.task = st->task,
		.tid = st->table.tid,
		.fd = fd };
	struct ns *ns = NULL;
	int r;

	if (!st->scan->procfs->ours)
		return 0;
	r = find_namespace(st, fd, inode, &ns);
	if (r != 0)
		return r < 0 ? r : 0;
	if (ns->ref.ino == st->task->ino[NS_NET])
		return 0;
	return model_hold(st->scan->model, ns, &holder);
}
