// SPDX-License-Identifier: MIT
/* See the header. */
#include "small_world.h"

#include <ftw.h>
#include <inttypes.h>
#include <pwd.h>

#define OTHER_USER 65534

int users_error;
struct world world;

struct scanned scanned;

const char *strbuf_keep(struct strbuf *buf)
{
	const char *text = buf->text ? test_keep(buf->text) : "";

	*buf = (struct strbuf){ 0 };
	return text;
}

const char *strbuf_keep_items(struct strbuf *buf)
{
	for (size_t i = 0; i < buf->len; i++)
		buf->text[i] = buf->text[i] ? buf->text[i] : '\n';
	return strbuf_keep(buf);
}

void world_new(void)
{
	strcpy(world.dir, "/tmp/nsls-world-XXXXXX");
	assert_non_null(mkdtemp(world.dir));
	world.fd = open(world.dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(world.fd >= 0);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

void world_done(void)
{
	close(world.fd);
	nftw(world.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Makes the directories above path. */
static void make_parents(const char *path)
{
	char part[256];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		assert_true(mkdirat(world.fd, part, 0755) == 0 || errno == EEXIST);
	}
}

void world_dir(const char *path)
{
	make_parents(path);
	assert_true(mkdirat(world.fd, path, 0755) == 0 || errno == EEXIST);
}

void world_bytes(const char *path, const void *bytes, size_t len)
{
	int fd;

	make_parents(path);
	fd = openat(world.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

void world_file(const char *path, const char *text)
{
	world_bytes(path, text, strlen(text));
}

void world_unlink(const char *path)
{
	unlinkat(world.fd, path, 0);
}

void world_link(const char *path, const char *text)
{
	make_parents(path);
	world_unlink(path);
	assert_int_equal(symlinkat(text, world.fd, path), 0);
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
	return strf("%s:[%u]", nstype_info[type].name, ino);
}

static void make_links(const char *dir)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		world_link(strf("%s/ns/%s", dir, nstype_info[t].name), ref_text(t, USUAL(t)));
}

/* The state and the number of threads are text, such as "S" and "1". */
static void make_stat(
	const char *dir, pid_t tid, pid_t ppid, const char *state, const char *threads)
{
	world_file(strf("%s/stat", dir),
		strf("%d (name) %s %d 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 %s 0 %d 0 0\n", tid,
			state, ppid, threads, tid * 100));
}

void world_thread(pid_t pid, pid_t tid)
{
	const char *dir = strf("%d/task/%d", pid, tid);

	make_links(dir);
	make_stat(dir, tid, 1, "S", "1");
}

static void end_main_thread(pid_t pid)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (t != NS_PID && t != NS_USER)
			world_unlink(strf("%d/ns/%s", pid, nstype_info[t].name));
	world_dir(strf("%d/task/%d", pid, pid));
	make_stat(strf("%d", pid), pid, 1, "Z", "3");
	make_stat(strf("%d/task/%d", pid, pid), pid, 1, "Z", "3");
}

void world_process(pid_t pid, pid_t ppid)
{
	const char *dir = strf("%d", pid);

	make_links(dir);
	world_dir(strf("%d/fd", pid));
	make_stat(dir, pid, ppid, "S", "1");
}

void world_hidden_process(pid_t pid, pid_t ppid)
{
	world_process(pid, ppid);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		world_link(strf("%d/ns/%s", pid, nstype_info[t].name), "nothing that can be read");
}

int world_set_up(void **state)
{
	world_new();
	kernel_init();
	return 0;
}

static void scanned_done(void)
{
	if (!scanned.used)
		return;
	model_done(&scanned.model);
	pool_done(&scanned.pool);
	procfs_close(&scanned.procfs);
	scanned = (struct scanned){ 0 };
}

int world_tear_down(void **state)
{
	scanned_done();
	assert_int_equal(seteuid(getuid()), 0);
	if (kernel.shut)
		assert_int_equal(fchmodat(world.fd, kernel.shut, 0755, 0), 0); /* to remove it */
	world_done();
	return 0;
}

int try_scan(unsigned without)
{
	struct scan_options options = {
		.sources = SOURCES_ALL & ~without,
		.types = NS_TYPES_ALL,
		.bpf = kernel.bpf,
		.relations = true,
		.netnsid = !kernel.no_netnsid,
		.descriptors_max = kernel.descriptors_max,
		.mount_points_max = kernel.mount_points_max,
		.points = kernel.points,
		.names_dir = kernel.names_dir && *kernel.names_dir != '/'
				     ? strf("%s/%s", world.dir, kernel.names_dir)
				     : kernel.names_dir,
	};

	scanned_done();
	scanned.used = true;
	pool_init(&scanned.pool, 1, kernel.timeout_ms);
	assert_int_equal(procfs_open(world.dir, &scanned.procfs), 0);
	/* As if it were our own /proc: then sockets and the list of the kernel are scanned, too. */
	scanned.procfs.ours = !kernel.foreign;
	scanned.procfs.kernel = kernel.has_listns;
	return scan_run(&scanned.procfs, &kernel.kernel, &scanned.pool, &options, &scanned.model,
		&scanned.report);
}

void scan(unsigned without)
{
	assert_int_equal(try_scan(without), 0);
	assert_int_equal(kernel.open, 0);
}

const struct ns *find_ns(enum nstype type, uint32_t ino)
{
	return model_find(&scanned.model, (struct ns_ref){ type, ino });
}

const struct process *find_process(pid_t pid)
{
	return model_find_process(&scanned.model, pid);
}

static const char *holders_of(enum nstype type, uint32_t ino)
{
	const struct ns *ns = find_ns(type, ino);
	struct strbuf text = { 0 };

	strbuf_adds(&text, ns ? "" : "no such namespace");
	for (const struct holder *h = ns ? ns->first : NULL; h; h = h->next) {
		strbuf_adds(&text, text.len ? ", " : "");
		holder_describe(h, &text);
	}
	return strbuf_keep(&text);
}

static const char *reasons(void)
{
	struct strbuf text = { 0 };

	report_reasons(&scanned.report, &text);
	return strbuf_keep_items(&text);
}

#define OF_KERNEL(name) #name, &kernel.name, sizeof(kernel.name)
#define OF_SCAN(name) #name, &scanned.name, sizeof(scanned.name)

/* Returns a number of the kernel or of the last scan, and sets it, if set is not NULL. */
static uint64_t number(const char *name, const uint64_t *set)
{
	static const struct {
		const char *name;
		void *at;
		size_t size;
	} numbers[] = { { OF_KERNEL(has_listns) }, { OF_KERNEL(unprivileged) },
		{ OF_KERNEL(foreign) }, { OF_KERNEL(points) }, { OF_KERNEL(no_netnsid) },
		{ OF_KERNEL(own_cookie) }, { OF_KERNEL(ring_inode) }, { OF_KERNEL(slash_mount) },
		{ OF_KERNEL(new_pidns_tid) }, { OF_KERNEL(new_pidns_ino) },
		{ OF_KERNEL(counted_mounts) }, { OF_KERNEL(lists_some_mounts) },
		{ OF_KERNEL(lists_again) }, { OF_KERNEL(lists_anew) },
		{ OF_KERNEL(mount_points_max) }, { OF_KERNEL(own_pid) },
		{ OF_KERNEL(netns_opened) }, { OF_KERNEL(sockets_copied) }, { OF_KERNEL(listed) },
		{ OF_KERNEL(opened_below) }, { OF_KERNEL(descriptors_max) },
		{ OF_KERNEL(timeout_ms) }, { OF_KERNEL(walks) }, { OF_KERNEL(kernel.has_self) },
		{ OF_KERNEL(kernel.names_ring_files) }, { OF_KERNEL(kernel.shows_children_pidns) },
		{ OF_SCAN(model.detached_mounts) }, { OF_SCAN(report.new_pidns) },
		{ OF_SCAN(report.crowded.n) }, { OF_SCAN(report.partial_mntns.n) } };
	size_t i = 0;

	while (strcmp(numbers[i].name, name) != 0)
		if (++i == COUNT(numbers))
			fail_msg("no number: %s", name);
	if (set && numbers[i].size == sizeof(bool))
		*(bool *)numbers[i].at = *set;
	else if (set && numbers[i].size == sizeof(uint32_t))
		*(uint32_t *)numbers[i].at = (uint32_t)*set;
	else if (set)
		*(uint64_t *)numbers[i].at = *set;
	return numbers[i].size == sizeof(bool)       ? *(bool *)numbers[i].at
	       : numbers[i].size == sizeof(uint32_t) ? *(uint32_t *)numbers[i].at
						     : *(uint64_t *)numbers[i].at;
}

/* "net:[70] /a", of a namespace file, or "/ /", of a directory. */
static void add_mount_line(const char *path, const char *mount)
{
	int fd = openat(world.fd, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	const char *device = *mount == '/' ? "8:1" : "0:4", *type = *mount == '/' ? "ext4" : "nsfs";

	assert_true(dprintf(fd, "%u 20 %s %s rw - %s x rw\n", 21 + kernel.mount_lines++, device,
			    mount, type) > 0);
	close(fd);
}

/* "4", in another namespace, such as "net:[70]", unless that is empty. */
static void make_process(const char *pid, const char *ns)
{
	world_process(atoi(pid), 1);
	if (*ns)
		world_link(strf("%s/ns/%.*s", pid, (int)strcspn(ns, ":"), ns), ns);
}

/* From then on, scans are those of a user without access: root may pass any mode, and steps down.
 */
static void shut(const char *path)
{
	kernel.shut = path;
	assert_int_equal(fchmodat(world.fd, path, 0, 0), 0);
	assert_int_equal(chmod(world.dir, 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(OTHER_USER), 0);
}

static void add_item(const char *item)
{
	const char *path = strf("%.*s", (int)strcspn(item, " "), item);
	const char *text = item[strlen(path)] ? item + strlen(path) + 1 : "";
	int pid, tid, len = 0;
	char field[40];
	uint64_t value;

	if ((kernel.add_item && kernel.add_item(item)) || kernel_step(path, text))
		return;
	if (sscanf(item, "%39[a-z_.]=%" SCNu64, field, &value) == 2)
		number(field, &value);
	else if (!strcmp(path, "shut"))
		shut(text);
	else if (path[0] == '!')
		world_unlink(path + 1);
	else if (path[0] == '=')
		world_file(path + 1, text);
	else if (path[0] == '+')
		add_mount_line(path + 1, text);
	else if (path[0] == '|')
		assert_int_equal(mkfifoat(world.fd, path + 1, 0600), 0);
	else if (path[strlen(path) - 1] == '/')
		world_dir(path);
	else if (sscanf(path, "%d/%d%n", &pid, &tid, &len) == 2 && !path[len])
		world_thread(pid, tid);
	else if (strchr(path, '/') || !atoi(path))
		world_link(path, text);
	else if (!strcmp(text, "ended"))
		end_main_thread(atoi(path));
	else
		make_process(path, text);
}

/* "threads,fds" as bits 1 << enum source. */
static unsigned sources(const char *names)
{
	unsigned bits = 0;

	for (EACH_WORD(name, names, ","))
		for (enum source s = 0; s < SOURCE_COUNT; s++)
			bits |= !strcmp(name, source_info[s].name) ? 1u << s : 0;
	return bits;
}

/* Those of the last scan as "fds 0 1 0", of a source that vanished, were denied and are odd. */
static const char *source_errors(enum source source)
{
	const struct source_errors *e = &scanned.report.errors[source];

	return strf("%s %zu %zu %zu", source_info[source].name, e->vanished, e->denied, e->odd);
}

static const char *errors(void)
{
	const char *text = "";

	for (enum source s = 0; s < SOURCE_COUNT; s++)
		if (!strstr(source_errors(s), " 0 0 0"))
			text = strf("%s%s%s", text, *text ? ", " : "", source_errors(s));
	return *text ? text : "none";
}

#define L(name) #name, LIMITATION_##name

static const struct {
	const char *name;
	unsigned bit;
} limitations[] = { { L(LISTNS) }, { L(MNT_WALK) }, { L(STATMOUNT) }, { L(PIDFD) },
	{ L(RING_FILES) }, { L(RING_SOCKETS) }, { L(OPENAT2) }, { L(PRIVILEGE) }, { L(FOREIGN) },
	{ L(PIDNS) }, { L(HIDEPID) }, { L(SELF) }, { L(ROOTS) }, { L(RING_UNREAD) }, { L(MOVED) },
	{ L(USERS) }, { L(NAMES) }, { L(TURNOVER) }, { L(DESCRIPTORS) }, { L(VISITS) } };

/* Those of the last scan: by their names, or whether it has this one. */
static const char *limitation_names(void)
{
	const char *text = "";

	for (size_t i = 0; i < COUNT(limitations); i++)
		if (scanned.report.limitations & limitations[i].bit)
			text = strf("%s%s%s", text, *text ? " " : "", limitations[i].name);
	return *text ? text : "none";
}

static bool has_limitation(const char *name)
{
	for (size_t i = 0; i < COUNT(limitations); i++)
		if (!strcmp(name, limitations[i].name))
			return scanned.report.limitations & limitations[i].bit;
	fail_msg("no limitation: %s", name);
	abort();
}

/* Each with a blank in front. */
static const char *stale_names(void)
{
	const char *text = "";

	for (size_t i = 0; i < scanned.model.nstale; i++)
		text = strf("%s %s", text, scanned.model.stale_names[i]);
	return text;
}

static const char *names_of(const struct ns *ns)
{
	const char *text = "";

	for (const struct ns_name *name = ns->names; name; name = name->next)
		text = strf("%s %s", text, name->text);
	return text;
}

/* "net:[70].nprocs 1" or "net:[70].names lab1 lab2" */
static const char *ns_field(struct ns_ref ref, const char *field)
{
	static const struct ns none;
	const struct ns *known = find_ns(ref.type, ref.ino), *ns = known ? known : &none;
	const struct {
		const char *name;
		uint64_t value;
	} fields[] = { { "nprocs", ns->nprocs }, { "nholders", ns->nholders },
		{ "threads_away", ns->threads_away }, { "id", ns->id },
		{ "leader", ns->leader ? (uint64_t)ns->leader->pid : 0 },
		{ "owner", ns->owner ? ns->owner->ref.ino : 0 },
		{ "parent", ns->parent ? ns->parent->ref.ino : 0 }, { "related", ns->related },
		{ "owner_uid", ns->owner_uid }, { "has_owner_uid", ns->has_owner_uid },
		{ "netnsid", (uint64_t)ns->netnsid }, { "has_netnsid", ns->has_netnsid } };

	assert_non_null(known);
	if (!strcmp(field, "names"))
		return strf("%s.names%s", ref_text(ref.type, ref.ino), names_of(ns));
	if (!strcmp(field, "point"))
		return strf("%s.point %s %u %u", ref_text(ref.type, ref.ino),
			ns->first->mount->point.file, ns->first->mount->point.peers,
			ns->first->mount->point.master);
	for (size_t i = 0; i < COUNT(fields); i++)
		if (!strcmp(fields[i].name, field))
			return strf("%s.%s %" PRIu64, ref_text(ref.type, ref.ino), field,
				fields[i].value);
	fail_msg("no field: %s", field);
	abort();
}

/* What the last scan has found of expected, in the same words. */
static const char *found(const char *expected)
{
	char *rest = strf("%s", expected), *word = strsep(&rest, " ");
	bool absent = *word == '!';
	struct ns_ref ref;
	char *field;

	if (!strcmp(word, "complete") || !strcmp(word, "incomplete"))
		return report_is_complete(&scanned.report) ? "complete" : "incomplete";
	if (!strcmp(word, "errors"))
		return strf("errors %s", errors());
	for (enum source s = 0; s < SOURCE_COUNT; s++)
		if (!strcmp(word, source_info[s].name))
			return source_errors(s);
	if (!strcmp(word, "limitations"))
		return strf("limitations %s", limitation_names());
	if (!strcmp(word, "limited") || !strcmp(word, "unlimited"))
		return strf("%s %s", has_limitation(rest) ? "limited" : "unlimited", rest);
	if (!strcmp(word, "namespaces"))
		return strf("namespaces %zu", scanned.model.n);
	if (!strcmp(word, "relations"))
		return strf("relations %s", kernel.relations);
	if (!strcmp(word, "reasons"))
		return strf("reasons %s", reasons());
	if (!strcmp(word, "stale"))
		return strf("stale%s%s", stale_names(), scanned.model.names_read ? "" : " ?");
	if (!strcmp(word, "readable") || !strcmp(word, "unreadable"))
		return strf("%s %s",
			find_process(atoi(rest))->unreadable ? "unreadable" : "readable", rest);
	if (!strchr(word, ':'))
		return strf("%s %" PRIu64, word, number(word, NULL));
	field = strchr(word, '.');
	if (field)
		*field = '\0';
	assert_int_equal(nstype_parse(word + absent, &ref), 0);
	if (field)
		return ns_field(ref, field + 1);
	if (absent && !find_ns(ref.type, ref.ino))
		return expected;
	return strf("%s %s", word + absent, holders_of(ref.type, ref.ino));
}

void take_steps(const char *const *steps, bool current, const char *file, int line)
{
	unsigned without = 0;

	for (; *steps; steps++) {
		const char *step = *steps, *result = !strncmp(step, "=> ", 3) ? step + 3 : NULL;

		if (result && !current)
			scan(without);
		current |= result != NULL;
		if (result) {
			_assert_string_equal(found(result), result, file, line);
			continue;
		}
		current = false;
		if (!strncmp(step, "without ", 8))
			without = sources(step + 8);
		else if (!strncmp(step, "only ", 5))
			without = SOURCES_ALL & ~sources(step + 5);
		else
			add_item(step);
	}
}
