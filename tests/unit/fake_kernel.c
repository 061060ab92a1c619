// SPDX-License-Identifier: MIT
/* The kernel of small_world.h. */
#include "small_world.h"

#include <inttypes.h>

struct fake_kernel kernel;

/* Whether a test lets that call fail with kernel.failure, for that name or thread. */
static bool fails_for(const char *call, const char *what)
{
	const char *slash = strrchr(what, '/');

	if (kernel.before_call)
		kernel.before_call(call, what);
	return kernel.failing && !strcmp(kernel.failing, call) &&
	       (!kernel.failing_for || !strcmp(kernel.failing_for, slash ? slash + 1 : what));
}

static bool fails(const char *call)
{
	return fails_for(call, "");
}

static int open_ref(struct ns_ref ref)
{
	for (int i = 0; i < 16; i++)
		if (kernel.ns[i].ref.ino == ref.ino && kernel.ns[i].ref.type == ref.type) {
			kernel.open++;
			return 1000 + i;
		}
	return -ENOENT;
}

static void fake_close(const struct kernel *k, int fd)
{
	if (fd < 0)
		return;
	assert_true(fd >= 1000);
	assert_true(kernel.open-- > 0);
}

/* Opens the namespace that the link leads to. */
static int open_link(int dirfd, const char *path)
{
	char text[320];
	struct ns_ref ref;

	if (procfs_read_link(dirfd, path, text, sizeof(text)) < 0)
		return -ENOENT;
	if (nstype_parse(text, &ref) == 0)
		return open_ref(ref);
	if (!kernel.path_link || strcmp(text, kernel.path_link) != 0)
		return -ENOTTY;
	return open_ref(kernel.ns[0].ref);
}

static int fake_open(const struct kernel *k, int dirfd, const char *path)
{
	return fails_for("open", path) ? kernel.failure : open_link(dirfd, path);
}

/* A namespace file is a mount, and no link: in a small world it is a link. */
static int fake_open_below(const struct kernel *k, int dirfd, const char *root, const char *path)
{
	bool top = !strcmp(root, "/");
	int fd;

	kernel.opened_below++;
	if (fails("open_below"))
		return kernel.failure;
	fd = top ? open_link(world.fd, path + 1) : open_link(dirfd, strf("%s%s", root, path));
	return fd == -ENOENT ? -EAGAIN : fd;
}

static int fake_fd_target(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	struct ns_ref ref;
	char text[320];
	int r = procfs_read_link(dirfd, link, text, sizeof(text));

	if (fails("fd_target"))
		return kernel.failure;
	*ret_target = (struct fd_target){ .kind = FD_OTHER };
	if (r < 0)
		return r;
	if (nstype_parse(text, &ref) == 0)
		*ret_target = (struct fd_target){ .kind = FD_NAMESPACE, .ino = ref.ino };
	else if (sscanf(text, "socket:[%" SCNu64 "]", &ret_target->ino) == 1)
		ret_target->kind = FD_SOCKET;
	else if (!strcmp(text, "/dev/net/tun"))
		ret_target->kind = FD_TUN;
	else if (!strncmp(text, "anon_inode:", 11))
		*ret_target = (struct fd_target){ .kind = FD_ANONYMOUS, .ino = kernel.ring_inode };
	else if (kernel.path_link && !strcmp(text, kernel.path_link))
		*ret_target =
			(struct fd_target){ .kind = FD_NAMESPACE, .ino = kernel.ns[0].ref.ino };
	ret_target->mount_root = !strcmp(text, "/");
	ret_target->mount_id = !strcmp(link, "root") ? 1 : kernel.slash_mount;
	return 0;
}

static struct fake_ns *ns_of(int fd)
{
	assert_true(fd >= 1000 && fd <= 1015);
	return &kernel.ns[fd - 1000];
}

static int fake_ref(const struct kernel *k, int fd, struct ns_ref *ret_ref)
{
	*ret_ref = ns_of(fd)->ref;
	return 0;
}

static void note_relation(const char *call, int fd)
{
	struct ns_ref ref = ns_of(fd)->ref;

	kernel.relations = strf("%s%s%s %s", kernel.relations ? kernel.relations : "",
		kernel.relations ? ", " : "", call, ref_text(ref.type, ref.ino));
}

static int fake_owner(const struct kernel *k, int fd)
{
	uint32_t owner = ns_of(fd)->owner;

	note_relation("owner", fd);
	if (fails("owner"))
		return kernel.failure;
	return owner ? open_ref((struct ns_ref){ NS_USER, owner }) : -EPERM;
}

static int fake_parent(const struct kernel *k, int fd)
{
	struct fake_ns *ns = ns_of(fd);

	note_relation("parent", fd);
	if (fails("parent"))
		return kernel.failure;
	return ns->parent ? open_ref((struct ns_ref){ ns->ref.type, ns->parent }) : -EPERM;
}

static int fake_owner_uid(const struct kernel *k, int fd, uid_t *ret_uid)
{
	if (fails("owner_uid"))
		return kernel.failure;
	*ret_uid = ns_of(fd)->uid;
	return 0;
}

static int fake_id(const struct kernel *k, int fd, uint64_t *ret_id)
{
	*ret_id = ns_of(fd)->id;
	return *ret_id ? 0 : -ENOTTY;
}

static int fake_netnsid(const struct kernel *k, int fd, int *ret_id)
{
	*ret_id = fd - 1000;
	return 0;
}

static ssize_t fake_list(
	const struct kernel *k, unsigned types, uint64_t after, uint64_t *ids, size_t n)
{
	uint64_t next = UINT64_MAX;

	if (fails("list"))
		return kernel.failure;
	kernel.listed++;
	if (!kernel.has_listns)
		return -ENOSYS;
	assert_true(n > 1);
	kernel.ns[0].id += kernel.lists_anew && !after;
	for (int i = 0; i < 16; i++)
		if (kernel.ns[i].listed && kernel.ns[i].id < next &&
			(kernel.ns[i].id > after || kernel.lists_again))
			next = kernel.ns[i].id;
	ids[0] = next;
	return next != UINT64_MAX;
}

static int fake_open_id(const struct kernel *k, uint64_t id)
{
	if (fails("open_id"))
		return kernel.failure;
	for (int i = 0; i < 16; i++)
		if (kernel.ns[i].id == id)
			return open_ref(kernel.ns[i].ref);
	return -ESTALE;
}

static int fake_step_mnt(const struct kernel *k, int fd, bool up, uint64_t *ret_id)
{
	int step = up ? 1 : -1;

	if (fails("step_mnt"))
		return kernel.failure;
	if (!kernel.walks)
		return -ENOTTY;
	for (int i = fd - 1000 + step; i >= 0 && i < 16; i += step)
		if (kernel.ns[i].ref.type == NS_MNT && kernel.ns[i].ref.ino)
			return open_ref(kernel.ns[i].ref);
	return -ENOENT;
}

static int fake_mounts(const struct kernel *k, int fd, const struct u64map *superblocks,
	const struct mount_filter *filter, struct kernel_mounts *ret_mounts)
{
	struct kernel_mounts mounts = { .whole = !kernel.lists_some_mounts, .has_paths = true };

	if (fails("mounts"))
		return kernel.failure;
	if (!kernel.mounts[0].mntns)
		return -ENOSYS;
	mounts.at = memory_alloc(COUNT(kernel.mounts), sizeof(*mounts.at));
	for (const struct fake_mount *m = kernel.mounts; m->mntns; m++) {
		if (m->mntns != ns_of(fd)->ref.ino)
			continue;
		mounts.at[mounts.n++] = (struct kernel_mount){ .ref = m->ref,
			.id = 22 + (uint32_t)(m - kernel.mounts),
			.path = memory_copy(m->path ? m->path : KERNEL_MOUNT_UNKNOWN) };
		mounts.has_paths &= m->path != NULL;
	}
	*ret_mounts = mounts;
	return 0;
}

static int fake_count_mounts(const struct kernel *k, int fd, size_t *ret_n)
{
	*ret_n = kernel.counted_mounts;
	return *ret_n ? 0 : -ENOTTY;
}

static int fake_pidfd(const struct kernel *k, pid_t pid, pid_t tid)
{
	if (fails_for("pidfd", strf("%d", tid)))
		return kernel.failure;
	kernel.open++;
	return 100000 + tid;
}

static int fake_children_pidns(const struct kernel *k, pid_t pid, pid_t tid)
{
	if (tid != kernel.new_pidns_tid)
		return -ESRCH;
	if (!kernel.new_pidns_ino)
		return -ENOTTY;
	return open_ref((struct ns_ref){ NS_PID, kernel.new_pidns_ino });
}

static int fake_copy_socket(const struct kernel *k, int pidfd, int fd, uint64_t inode)
{
	if (fails("copy_socket"))
		return kernel.failure;
	for (int i = 0; i < 8; i++)
		if (kernel.sockets[i].netns && kernel.sockets[i].inode == inode) {
			kernel.open++;
			kernel.sockets_copied++;
			return 2000 + i;
		}
	return -EBADF;
}

static int fake_socket_cookie(const struct kernel *k, int socket, uint64_t *ret_cookie)
{
	*ret_cookie = kernel.sockets[socket - 2000].cookie;
	return *ret_cookie ? 0 : -ENOPROTOOPT;
}

static int fake_socket_netns(const struct kernel *k, int socket)
{
	if (fails("socket_netns"))
		return kernel.failure;
	kernel.netns_opened++;
	return open_ref((struct ns_ref){ NS_NET, kernel.sockets[socket - 2000].netns });
}

static int fake_own_cookie(const struct kernel *k, uint64_t *ret_cookie)
{
	*ret_cookie = kernel.own_cookie;
	return *ret_cookie ? 0 : -ENOPROTOOPT;
}

static int fake_own(const struct kernel *k, enum nstype type, uint32_t *ret_ino)
{
	*ret_ino = type == NS_PID ? kernel.own_pid : USUAL(type);
	return 0;
}

static int fake_open_own(const struct kernel *k, enum nstype type)
{
	return open_ref((struct ns_ref){ type, USUAL(type) });
}

static bool fake_capable(const struct kernel *k, int cap)
{
	return !kernel.unprivileged;
}

/* A thread above 100000 has a table of its own; all others share that of their process. */
static int fake_order_files(const struct kernel *k, pid_t tid, pid_t other, int *ret_order)
{
	int table = tid > 100000 ? tid : 0, other_table = other > 100000 ? other : 0;

	if (fails_for("order_files", strf("%d", other)))
		return kernel.failure;
	*ret_order = table - other_table;
	return 0;
}

const struct kernel fake_calls = {
	.has_self = true,
	.names_ring_files = true,
	.close = fake_close,
	.open = fake_open,
	.open_below = fake_open_below,
	.fd_target = fake_fd_target,
	.ref = fake_ref,
	.owner = fake_owner,
	.parent = fake_parent,
	.owner_uid = fake_owner_uid,
	.id = fake_id,
	.netnsid = fake_netnsid,
	.list = fake_list,
	.open_id = fake_open_id,
	.step_mnt = fake_step_mnt,
	.mounts = fake_mounts,
	.shows_children_pidns = true,
	.count_mounts = fake_count_mounts,
	.pidfd = fake_pidfd,
	.children_pidns = fake_children_pidns,
	.copy_socket = fake_copy_socket,
	.socket_cookie = fake_socket_cookie,
	.socket_netns = fake_socket_netns,
	.own_cookie = fake_own_cookie,
	.own = fake_own,
	.open_own = fake_open_own,
	.capable = fake_capable,
	.order_files = fake_order_files,
};

void kernel_init(void)
{
	kernel = (struct fake_kernel){
		.timeout_ms = 60000, /* which no scan of a world takes, also on a busy machine */
		.own_pid = nstype_info[NS_PID].initial_ino,
		.kernel = fake_calls,
	};
}

/* "@net:[70]", "owner=50 listed" */
static void add_ns(const char *path, char *words)
{
	struct fake_ns *ns = kernel.ns;
	struct ns_ref ref;

	assert_int_equal(nstype_parse(path + 1, &ref), 0);
	while (ns->ref.ino && (ns->ref.ino != ref.ino || ns->ref.type != ref.type))
		ns++;
	*ns = (struct fake_ns){ .ref = ref };
	for (char *word; (word = strsep(&words, " ")) && *word;)
		if (!strcmp(word, "listed"))
			ns->listed = true;
		else if (sscanf(word, "owner=%u", &ns->owner) +
				 sscanf(word, "parent=%u", &ns->parent) +
				 sscanf(word, "uid=%u", &ns->uid) +
				 sscanf(word, "id=%" SCNu64, &ns->id) !=
			 1)
			fail_msg("of a namespace: %s", word);
}

/* "@socket:[900]", "70 7" */
static void add_socket(const char *path, const char *words)
{
	struct fake_socket *socket = kernel.sockets;

	while (socket->netns)
		socket++;
	sscanf(path, "@socket:[%" SCNu64 "]", &socket->inode);
	sscanf(words, "%u %" SCNu64, &socket->netns, &socket->cookie);
}

/* "owner EACCES" or "pidfd EPERM 3" */
static void fail_call(char *words)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = { { "EACCES", EACCES }, { "EINVAL", EINVAL }, { "EIO", EIO },
		{ "ENOENT", ENOENT }, { "ENOSYS", ENOSYS }, { "ENOTTY", ENOTTY },
		{ "EPERM", EPERM }, { "ESRCH", ESRCH }, { "ESTALE", ESTALE } };
	const char *error;

	kernel.failing = strsep(&words, " ");
	error = strsep(&words, " ");
	kernel.failing_for = words;
	kernel.failure = 0;
	for (size_t i = 0; i < COUNT(errors); i++)
		if (!strcmp(errors[i].name, error))
			kernel.failure = -errors[i].number;
	assert_int_not_equal(kernel.failure, 0);
}

/* "99 net:[70] /a" */
static void add_mount(char *words)
{
	struct fake_mount *mount = kernel.mounts;

	while (mount->mntns)
		mount++;
	mount->mntns = (uint32_t)strtoul(strsep(&words, " "), NULL, 10);
	assert_int_equal(nstype_parse(strsep(&words, " "), &mount->ref), 0);
	mount->path = words;
}

bool kernel_step(const char *what, const char *text)
{
	if (!strcmp(what, "names_dir"))
		kernel.names_dir = text;
	else if (!strcmp(what, "path_link"))
		kernel.path_link = text;
	else if (!strcmp(what, "fail"))
		fail_call(strf("%s", text));
	else if (!strcmp(what, "@mount"))
		add_mount(strf("%s", text));
	else if (!strncmp(what, "@socket:", 8))
		add_socket(what, text);
	else if (*what == '@')
		add_ns(what, strf("%s", text));
	else
		return false;
	return true;
}
