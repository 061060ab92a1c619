// SPDX-License-Identifier: MIT
/* See the header. An error in building a world fails the test. */
#include "small_world.h"

#include <ftw.h>
#include <inttypes.h>
#include <pwd.h>

int users_error;

const char *strbuf_keep(struct strbuf *buf)
{
	const char *text = buf->text ? test_keep(buf->text) : "";

	*buf = (struct strbuf){ 0 };
	return text;
}

void world_new(struct world *world)
{
	strcpy(world->dir, "/tmp/nsls-world-XXXXXX");
	assert_non_null(mkdtemp(world->dir));
	world->fd = open(world->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(world->fd >= 0);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void world_done(struct world *world)
{
	close(world->fd);
	nftw(world->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Makes the directories above path. */
static void make_parents(struct world *world, const char *path)
{
	char part[256];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		assert_true(mkdirat(world->fd, part, 0755) == 0 || errno == EEXIST);
	}
}

void world_dir(struct world *world, const char *path)
{
	make_parents(world, path);
	assert_true(mkdirat(world->fd, path, 0755) == 0 || errno == EEXIST);
}

void world_bytes(struct world *world, const char *path, const void *bytes, size_t len)
{
	int fd;

	make_parents(world, path);
	fd = openat(world->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

void world_file(struct world *world, const char *path, const char *text)
{
	world_bytes(world, path, text, strlen(text));
}

void world_unlink(struct world *world, const char *path)
{
	unlinkat(world->fd, path, 0);
}

void world_link(struct world *world, const char *path, const char *text)
{
	make_parents(world, path);
	world_unlink(world, path);
	assert_int_equal(symlinkat(text, world->fd, path), 0);
}

/* No answer of a test depends on the users of the machine. */
static struct passwd *find_user(bool found)
{
	static char name[] = "root";
	static struct passwd root = { .pw_name = name };

	errno = users_error;
	return found && !users_error ? &root : NULL;
}

struct passwd *getpwuid(uid_t uid)
{
	return find_user(uid == 0);
}

struct passwd *getpwnam(const char *name)
{
	return find_user(!strcmp(name, "root"));
}

const char *ref_text(enum nstype type, uint32_t ino)
{
	return strf("%s:[%u]", nstype_info(type)->name, ino);
}

static void make_links(struct world *world, const char *dir)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		world_link(world, strf("%s/%s", dir, nstype_info(t)->link), ref_text(t, USUAL(t)));
}

/* The state and the number of threads are text, such as "S" and "1". */
static void make_stat(struct world *world, const char *dir, pid_t tid, pid_t ppid,
	const char *state, const char *threads)
{
	world_file(world, strf("%s/stat", dir),
		strf("%d (name) %s %d 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 %s 0 %d 0 0\n", tid,
			state, ppid, threads, tid * 100));
}

void world_thread(struct world *world, pid_t pid, pid_t tid)
{
	const char *dir = strf("%d/task/%d", pid, tid);

	make_links(world, dir);
	make_stat(world, dir, tid, 1, "S", "1");
}

void world_end_main_thread(struct world *world, pid_t pid)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (t != NS_PID && t != NS_USER)
			world_unlink(world, strf("%d/%s", pid, nstype_info(t)->link));
	world_dir(world, strf("%d/task/%d", pid, pid));
	make_stat(world, strf("%d", pid), pid, 1, "Z", "3");
	make_stat(world, strf("%d/task/%d", pid, pid), pid, 1, "Z", "3");
}

void world_process(struct world *world, pid_t pid, pid_t ppid)
{
	const char *dir = strf("%d", pid);

	make_links(world, dir);
	world_dir(world, strf("%d/fd", pid));
	make_stat(world, dir, pid, ppid, "S", "1");
}

void world_process_in(struct world *world, pid_t pid, pid_t ppid, const char *ns)
{
	world_process(world, pid, ppid);
	world_link(world, strf("%d/ns/%.*s", pid, (int)strcspn(ns, ":"), ns), ns);
}

void world_hidden_process(struct world *world, pid_t pid, pid_t ppid)
{
	world_process(world, pid, ppid);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		world_link(world, strf("%d/%s", pid, nstype_info(t)->link),
			"nothing that can be read");
}

static struct fake_kernel *kernel_of(const struct kernel *k)
{
	return (struct fake_kernel *)(uintptr_t)k;
}

static int open_ref(const struct kernel *k, struct ns_ref ref)
{
	struct fake_kernel *kernel = kernel_of(k);

	for (int i = 0; i < 16; i++)
		if (kernel->ns[i].ref.ino == ref.ino && kernel->ns[i].ref.type == ref.type) {
			kernel->open++;
			return 1000 + i;
		}
	return -ENOENT;
}

static void fake_close(const struct kernel *k, int fd)
{
	assert_true(fd >= 1000);
	assert_true(kernel_of(k)->open-- > 0);
}

static int fake_open(const struct kernel *k, int dirfd, const char *path)
{
	struct fake_kernel *kernel = kernel_of(k);
	char text[64];
	struct ns_ref ref;

	if (kernel->open_error)
		return kernel->open_error;
	if (procfs_read_link(dirfd, path, text, sizeof(text)) < 0)
		return -ENOENT;
	if (nstype_parse(text, &ref) == 0)
		return open_ref(k, ref);
	if (!kernel->path_link || strcmp(text, kernel->path_link) != 0)
		return -ENOTTY;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		int fd = open_ref(k, (struct ns_ref){ t, kernel->path_ino });

		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

static int fake_open_below(const struct kernel *k, int dirfd, const char *root, const char *path)
{
	return -EAGAIN;
}

static int fake_fd_target(
	const struct kernel *k, int dirfd, const char *link, struct fd_target *ret_target)
{
	struct fake_kernel *kernel = kernel_of(k);
	struct ns_ref ref;
	char text[64];
	int r = procfs_read_link(dirfd, link, text, sizeof(text));

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
		*ret_target = (struct fd_target){ .kind = FD_ANONYMOUS, .ino = kernel->ring_inode };
	else if (kernel->path_link && !strcmp(text, kernel->path_link))
		*ret_target = (struct fd_target){ .kind = FD_NAMESPACE, .ino = kernel->path_ino };
	ret_target->mount_root = !strcmp(text, "/");
	ret_target->mount_id = !strcmp(link, "root") ? 1 : kernel->slash_mount;
	return 0;
}

static struct fake_ns *ns_of(const struct kernel *k, int fd)
{
	assert_true(fd >= 1000 && fd <= 1015);
	return &kernel_of(k)->ns[fd - 1000];
}

static int fake_ref(const struct kernel *k, int fd, struct ns_ref *ret_ref)
{
	*ret_ref = ns_of(k, fd)->ref;
	return 0;
}

static int fake_owner(const struct kernel *k, int fd)
{
	uint32_t owner = ns_of(k, fd)->owner;

	return owner ? open_ref(k, (struct ns_ref){ NS_USER, owner }) : -EPERM;
}

static int fake_parent(const struct kernel *k, int fd)
{
	struct fake_ns *ns = ns_of(k, fd);

	return ns->parent ? open_ref(k, (struct ns_ref){ ns->ref.type, ns->parent }) : -EPERM;
}

static int fake_owner_uid(const struct kernel *k, int fd, uid_t *ret_uid)
{
	*ret_uid = ns_of(k, fd)->uid;
	return 0;
}

static int fake_id(const struct kernel *k, int fd, uint64_t *ret_id)
{
	*ret_id = ns_of(k, fd)->id;
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
	struct fake_kernel *kernel = kernel_of(k);
	uint64_t next = UINT64_MAX;

	kernel->listed++;
	if (!kernel->has_listns)
		return -ENOSYS;
	assert_true(n > 0);
	for (int i = 0; i < 16; i++)
		if (kernel->ns[i].listed && kernel->ns[i].id > after && kernel->ns[i].id < next)
			next = kernel->ns[i].id;
	ids[0] = next;
	return next != UINT64_MAX;
}

static int fake_open_id(const struct kernel *k, uint64_t id)
{
	struct fake_kernel *kernel = kernel_of(k);

	for (int i = 0; i < 16; i++)
		if (kernel->ns[i].id == id)
			return open_ref(k, kernel->ns[i].ref);
	return -ESTALE;
}

static int fake_step_mnt(const struct kernel *k, int fd, bool up, uint64_t *ret_id)
{
	return -ENOTTY;
}

static int fake_mounts(const struct kernel *k, int fd, const struct superblocks *superblocks,
	const struct mount_filter *filter, struct kernel_mounts *ret_mounts)
{
	return -ENOSYS;
}

static int fake_count_mounts(const struct kernel *k, int fd, size_t *ret_n)
{
	*ret_n = kernel_of(k)->counted_mounts;
	return *ret_n ? 0 : -ENOTTY;
}

static int fake_pidfd(const struct kernel *k, pid_t pid, pid_t tid)
{
	kernel_of(k)->open++;
	return 100000 + tid;
}

static int fake_children_pidns(const struct kernel *k, pid_t pid, pid_t tid)
{
	struct fake_kernel *kernel = kernel_of(k);

	if (tid != kernel->new_pidns_tid)
		return -ESRCH;
	if (!kernel->new_pidns_ino)
		return -ENOTTY;
	return open_ref(k, (struct ns_ref){ NS_PID, kernel->new_pidns_ino });
}

static int fake_copy_socket(const struct kernel *k, int pidfd, int fd, uint64_t inode)
{
	struct fake_kernel *kernel = kernel_of(k);

	for (int i = 0; i < 8; i++)
		if (kernel->sockets[i].netns && kernel->sockets[i].inode == inode) {
			kernel->open++;
			kernel->sockets_copied++;
			return 2000 + i;
		}
	return -EBADF;
}

static int fake_socket_cookie(const struct kernel *k, int socket, uint64_t *ret_cookie)
{
	*ret_cookie = kernel_of(k)->sockets[socket - 2000].cookie;
	return *ret_cookie ? 0 : -ENOPROTOOPT;
}

static int fake_socket_netns(const struct kernel *k, int socket)
{
	struct fake_kernel *kernel = kernel_of(k);

	kernel->netns_opened++;
	return open_ref(k, (struct ns_ref){ NS_NET, kernel->sockets[socket - 2000].netns });
}

static int fake_own_cookie(const struct kernel *k, uint64_t *ret_cookie)
{
	return -ENOPROTOOPT;
}

static int fake_own(const struct kernel *k, enum nstype type, uint32_t *ret_ino)
{
	*ret_ino = type == NS_PID ? kernel_of(k)->own_pid : USUAL(type);
	return 0;
}

static int fake_open_own(const struct kernel *k, enum nstype type)
{
	return open_ref(k, (struct ns_ref){ type, USUAL(type) });
}

static bool fake_capable(const struct kernel *k, int cap)
{
	return !kernel_of(k)->unprivileged;
}

/* A thread above 100000 has a table of its own; all others share that of their process. */
static int fake_order_files(const struct kernel *k, pid_t tid, pid_t other, int *ret_order)
{
	int table = tid > 100000 ? tid : 0, other_table = other > 100000 ? other : 0;

	*ret_order = table - other_table;
	return 0;
}

void fake_kernel_init(struct fake_kernel *kernel)
{
	*kernel = (struct fake_kernel){
		.timeout_ms = 60000, /* which no scan of a world takes, also on a busy machine */
		.own_pid = nstype_info(NS_PID)->initial_ino,
		.kernel = {
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
		},
	};
}

int try_scan(struct world *world, struct fake_kernel *kernel, unsigned without,
	struct scanned *ret_scanned)
{
	struct scan_options options = {
		.sources = SOURCES_ALL & ~without,
		.types = NS_TYPES_ALL,
		.bpf = kernel->bpf,
		.relations = true,
		.netnsid = !kernel->no_netnsid,
		.descriptors_max = kernel->descriptors_max,
		.mount_points_max = kernel->mount_points_max,
		.points = kernel->points,
		.names_dir = kernel->names_dir,
	};

	scanned_done(ret_scanned);
	ret_scanned->used = true;
	pool_init(&ret_scanned->pool, 1, kernel->timeout_ms);
	assert_int_equal(procfs_open(world->dir, &ret_scanned->procfs), 0);
	/* As if it were our own /proc: then sockets and the list of the kernel are scanned, too. */
	ret_scanned->procfs.ours = !kernel->foreign;
	ret_scanned->procfs.kernel = kernel->has_listns;
	return scan_run(&ret_scanned->procfs, &kernel->kernel, &ret_scanned->pool, &options,
		&ret_scanned->model, &ret_scanned->report);
}

void scan_world(struct world *world, struct fake_kernel *kernel, unsigned without,
	struct scanned *ret_scanned)
{
	assert_int_equal(try_scan(world, kernel, without, ret_scanned), 0);
	assert_int_equal(kernel->open, 0);
}

void scanned_done(struct scanned *scanned)
{
	if (!scanned->used)
		return;
	model_done(&scanned->model);
	pool_done(&scanned->pool);
	procfs_close(&scanned->procfs);
	*scanned = (struct scanned){ 0 };
}

const struct ns *find_ns(const struct scanned *scanned, enum nstype type, uint32_t ino)
{
	return model_find(&scanned->model, (struct ns_ref){ type, ino });
}

const char *holders_of(const struct scanned *scanned, enum nstype type, uint32_t ino)
{
	const struct ns *ns = find_ns(scanned, type, ino);
	struct strbuf text = { 0 };

	strbuf_adds(&text, ns ? "" : "no such namespace");
	for (const struct holder *h = ns ? ns->first : NULL; h; h = h->next) {
		strbuf_adds(&text, text.len ? ", " : "");
		holder_describe(h, &text);
	}
	return strbuf_keep(&text);
}
