// SPDX-License-Identifier: MIT
/*
 * Reads the names that people gave containers and pods, without asking a daemon: those of Podman
 * and CRI-O are among the arguments of conmon(8), the parent of the container's first process;
 * those of Docker and containerd are in JSON files.
 */
#include "nsls/enrich.h"

#include <errno.h>
#include <fcntl.h>
#ifdef HAVE_JSON_C
#include <json-c/json.h>
#endif
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES_MAX ((size_t)255)
#define ANCESTORS_MAX 64

/* Arguments of a process, as in proc_pid_cmdline(5). */
#define ARGUMENTS_MAX ((size_t)16 * 1024)

/* The containers of which names are read. */
struct container_list {
	const char *root; /* directory in which the files of engines are */
	struct procfs procfs;
	struct arena arena; /* of the identities */
	struct container {
		pid_t pid;                       /* of a process in it */
		const struct identity *identity; /* its user may name it, besides root */
	} * at;
	size_t n, size;
};

struct name_reader {
	const struct container_list *list;
	pid_t pid;
	const struct identity *identity;
	struct arena *arena;          /* of the names */
	const char *given, *pod_name; /* as in struct identity; NULL: not found */
};

/*
 * Returns true if Docker, Podman and Kubernetes allow the name. Another one is forged, and could
 * look like the names of two things.
 */
static bool is_name(const char *text)
{
	static const char bytes[] = "_.-0123456789"
				    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t len = strlen(text);

	return len && len <= NAME_BYTES_MAX && !strchr("_.-", *text) && strspn(text, bytes) == len;
}

static void name_reader_take_pod(
	struct name_reader *reader, const char *namespace, const char *pod, const char *name)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };

	if (!is_name(namespace) || !is_name(pod) || (name && !is_name(name)))
		return;
	strbuf_addf(&text, "%s/%s", namespace, pod);
	reader->pod_name = arena_strdup(reader->arena, strbuf_text(&text));
	reader->given = arena_strdup(reader->arena, name);
}

static void name_reader_take(struct name_reader *reader, const char *name)
{
	bool in_pod = reader->identity->runtime == RUNTIME_CRIO ||
		      (reader->identity->pod && reader->identity->runtime != RUNTIME_PODMAN);
	char *rest = arena_strdup(reader->arena, name), *part[6] = { NULL };

	/* "k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT", of the pod itself with the container "POD". */
	for (size_t i = 0; in_pod && i < 6; i++)
		part[i] = strsep(&rest, "_");
	if (part[5] && !rest && !strcmp(part[0], "k8s"))
		name_reader_take_pod(
			reader, part[3], part[2], strcmp(part[1], "POD") ? part[1] : NULL);
	else if (is_name(name))
		reader->given = arena_strdup(reader->arena, name);
}

/* Reads the arguments of a process of root or the user, if it runs the program. */
static bool arguments_read(int process_fd, const char *program, uid_t user, struct strbuf *out)
{
	struct proc_status status;
	const char *slash;

	if (proctext_read_status(process_fd, &status) != 0 ||
		(status.uid != 0 && status.uid != user) ||
		procfile_read_start(process_fd, "cmdline", ARGUMENTS_MAX, out) < 0)
		return false;
	slash = strrchr(strbuf_text(out), '/');
	return !strcmp(slash ? slash + 1 : strbuf_text(out), program);
}

static const char *arguments_option(const struct strbuf *arguments, const char *option)
{
	const char *at = strbuf_text(arguments), *end = at + arguments->len;
	size_t len = strlen(option);

	for (const char *next; at < end; at = next) {
		next = at + strlen(at) + 1;
		if (strncmp(at, option, len) != 0)
			continue;
		if (at[len] == '=')
			return at + len + 1;
		if (!at[len] && next < end)
			return next;
	}
	return NULL;
}

/*
 * Returns true if the process is outside of all containers, and not below another user, who may
 * start a program of root, such as su(1), with any arguments. Podman often leaves conmon in the
 * control group from which it was started.
 */
static bool may_name(int process_fd, uid_t user)
{
	struct identity identity;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP(arena_done) struct arena arena = { 0 };

	if (procfile_read_start(process_fd, "cgroup", ARGUMENTS_MAX, &text) != 0)
		return false;
	identity_parse(strbuf_text(&text), &arena, &identity);
	return !identity_container(&identity) &&
	       (!identity.has_user || identity.user == 0 || identity.user == user);
}

static int read_ancestors(struct name_reader *reader)
{
	const struct identity *identity = reader->identity;
	pid_t pid = reader->pid;

	for (int i = 0; pid > 0 && i < ANCESTORS_MAX && !reader->given && !reader->pod_name; i++) {
		CLEANUP_FD int fd = procfs_open_process(&reader->list->procfs, pid);
		CLEANUP(strbuf_done) struct strbuf arguments = { 0 };
		struct proc_stat stat;
		int r = fd < 0 ? fd : proctext_read_stat(fd, &stat);

		if (r < 0)
			return r;
		pid = stat.ppid;
		/* The arguments of a process in a container may be where reading them blocks. */
		if (may_name(fd, identity->user) &&
			arguments_read(fd, "conmon", identity->user, &arguments)) {
			const char *id = arguments_option(&arguments, "-c");
			const char *name = arguments_option(&arguments, "-n");

			if (id && name && !strcmp(id, identity->container))
				name_reader_take(reader, name);
		}
	}
	return 0;
}

#ifdef HAVE_JSON_C

/*
 * The files in which Docker and containerd keep the names of containers and pods. Others could
 * write such files: only those are read that root alone can have written or, for a container of a
 * user, root and that user.
 */

/*
 * Bytes of a file. An object takes hundreds of times the memory of its text "{}", so the files of
 * users have to be short; those of root may have an environment of megabytes.
 */
#define FILE_MAX ((size_t)4 * 1024 * 1024)
#define USER_FILE_MAX ((size_t)64 * 1024)

/* Opens an entry of that type. -EPERM: somebody else can replace or change it. */
static int open_trusted(int dirfd, const char *name, int flags, mode_t type, uid_t user)
{
	int fd = openat(dirfd, name, flags | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
		!(st.st_mode & (S_IWGRP | S_IWOTH)) && (st.st_uid == 0 || st.st_uid == user))
		return fd;
	close(fd);
	return -EPERM;
}

/*
 * Opens one directory after the other, so that no link is followed. O_PATH opens no device, and
 * what replaces the file afterwards can't block.
 */
static int read_file(const char *root, const char *path, uid_t user, struct strbuf *out)
{
	CLEANUP_FD int fd = open_trusted(AT_FDCWD, root, O_PATH, S_IFDIR, user);
	size_t max = user ? USER_FILE_MAX : FILE_MAX;
	char *parts = memory_copy(path), *rest = parts, *name, buf[4096];
	ssize_t len;

	while (fd >= 0 && (name = strsep(&rest, "/"))) {
		int dir = fd;

		if (!*name)
			continue;
		fd = open_trusted(dir, name, O_PATH, rest ? S_IFDIR : S_IFREG, user);
		if (fd >= 0 && !rest) {
			close(fd);
			fd = open_trusted(
				dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, S_IFREG, user);
		}
		close(dir);
	}
	free(parts);
	if (fd < 0)
		return fd;
	while ((len = read(fd, buf, sizeof(buf))) > 0) {
		if ((size_t)len > max - out->len)
			return -EFBIG;
		strbuf_add(out, buf, (size_t)len);
	}
	return len < 0 ? -errno : 0;
}

/* Returns 0 or -errno. The document is NULL if the file is no JSON. */
static int read_document(const char *root, const char *path, uid_t user, json_object **ret_document)
{
	struct json_tokener *tokener = memory_check(json_tokener_new());
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int r = read_file(root, path, user, &text);

	*ret_document = NULL;
	if (r == 0)
		*ret_document =
			json_tokener_parse_ex(tokener, strbuf_text(&text), (int)text.len + 1);
	json_tokener_free(tokener);
	return r;
}

static json_object *object_get(json_object *object, const char *key)
{
	json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, key, &value);
	return value;
}

/* Returns NULL if there is no such string, or it has a NUL. */
static const char *object_string(json_object *object, const char *key)
{
	json_object *value = object_get(object, key);
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

/* Appends the directory in which Docker keeps its data. Returns 0 or -errno. */
static int find_data_root(const struct name_reader *reader, struct strbuf *out)
{
	const char *root = reader->list->root, *dir = NULL;
	struct passwd entry, *found = NULL;
	json_object *settings = NULL;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	CLEANUP_FD int fd = -1;
	char buf[16 * 1024];
	uint64_t pid;
	int r;

	if (reader->identity->user) {
		r = getpwuid_r(reader->identity->user, &entry, buf, sizeof(buf), &found);
		if (found)
			strbuf_addf(out, "%s/.local/share/docker", found->pw_dir);
		return found ? 0 : r ? -r : -ENOENT;
	}
	/* An argument of the running dockerd(8) prevails over its file. */
	if (read_file(root, "run/docker.pid", 0, &text) == 0 &&
		number_take(strbuf_text(&text), INT_MAX, &pid))
		fd = procfs_open_process(&reader->list->procfs, (pid_t)pid);
	if (fd >= 0 && arguments_read(fd, "dockerd", 0, &text))
		dir = arguments_option(&text, "--data-root");
	if (!dir && read_document(root, "etc/docker/daemon.json", 0, &settings) == 0)
		dir = object_string(settings, "data-root");
	strbuf_adds(out, dir ? dir : "/var/lib/docker");
	json_object_put(settings);
	return 0;
}

static int read_docker_file(struct name_reader *reader)
{
	uid_t user = reader->identity->user;
	json_object *config = NULL;
	CLEANUP(strbuf_done) struct strbuf path = { 0 };
	const char *name;
	int r = find_data_root(reader, &path);

	strbuf_addf(&path, "/containers/%s/config.v2.json", reader->identity->container);
	if (r == 0)
		r = read_document(reader->list->root, strbuf_text(&path), user, &config);
	name = object_string(config, "Name"); /* "/web" */
	if (name)
		name_reader_take(reader, name + (*name == '/'));
	json_object_put(config);
	return r;
}

/* The bundle of a container has annotations of containerd's CRI plugin. */
static int read_containerd_file(struct name_reader *reader)
{
	json_object *config = NULL, *annotations;
	const char *namespace, *pod;
	CLEANUP(strbuf_done) struct strbuf path = { 0 };
	int r;

	if (reader->identity->user) /* its own containerd has other directories */
		return 0;
	strbuf_addf(&path, "run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json",
		reader->identity->container);
	r = read_document(reader->list->root, strbuf_text(&path), 0, &config);
	annotations = object_get(config, "annotations");
	namespace = object_string(annotations, "io.kubernetes.cri.sandbox-namespace");
	pod = object_string(annotations, "io.kubernetes.cri.sandbox-name");
	if (namespace && pod)
		name_reader_take_pod(reader, namespace, pod,
			object_string(annotations, "io.kubernetes.cri.container-name"));
	json_object_put(config);
	return r;
}

#endif

/* A control group may show only the pod, or only the id. */
#define ANY_ENGINE (1u << RUNTIME_KUBERNETES | 1u << RUNTIME_UNKNOWN)

/* Where names are read, for containers of these runtimes (bits). */
static const struct {
	unsigned runtimes;
	int (*read)(struct name_reader *reader);
	bool is_file; /* below the root directory */
} places[] = {
#ifdef HAVE_JSON_C
	{ 1u << RUNTIME_CONTAINERD | ANY_ENGINE, read_containerd_file, true },
	{ 1u << RUNTIME_DOCKER | ANY_ENGINE, read_docker_file, true },
#endif
	{ 1u << RUNTIME_PODMAN | 1u << RUNTIME_CRIO | ANY_ENGINE, read_ancestors, false },
};

static int read_names_item(struct worker *worker, size_t i, void **ret_found)
{
	const struct container_list *list = worker->shared;
	struct name_reader *reader = arena_alloc(&worker->arena, sizeof(*reader));
	int r = 0;

	*reader = (struct name_reader){ list, list->at[i].pid, list->at[i].identity,
		.arena = &worker->arena };
	*ret_found = reader;
	for (size_t p = 0; p < sizeof(places) / sizeof(*places); p++)
		if (!reader->given && !reader->pod_name && !error_is_fatal(r) &&
			places[p].runtimes & 1u << reader->identity->runtime &&
			(list->root || !places[p].is_file))
			r = places[p].read(reader);
	return error_is_fatal(r) ? r : 0;
}

/* The files of one engine, or of one user, are on one file system, which may be dead. */
static uint64_t container_key(const void *shared, size_t i)
{
	const struct identity *identity = ((const struct container_list *)shared)->at[i].identity;

	return (uint64_t)identity->runtime << 32 | identity->user;
}

static void container_list_free(void *data)
{
	struct container_list *list = data;

	arena_done(&list->arena);
	free(list->at);
	free(list);
}

static int compare_containers(const struct identity *a, const struct identity *b)
{
	int order = strcmp(a->container, b->container);

	if (!order)
		order = compare_numbers(a->runtime, b->runtime);
	if (!order)
		order = a->has_user - b->has_user;
	return order ? order : compare_numbers(a->user, b->user);
}

/* In each container, processes with names that were read come first. */
static int compare_processes(const void *a, const void *b)
{
	const struct process *x = *(struct process *const *)a, *y = *(struct process *const *)b;
	int order = compare_containers(x->identity, y->identity);

	if (!order)
		order = y->named - x->named;
	return order ? order : compare_numbers(x->pid, y->pid);
}

static void process_set_names(
	struct arena *arena, struct process *process, const char *given, const char *pod_name)
{
	struct identity *identity;

	process->named = true;
	if (!given && !pod_name)
		return;
	identity = arena_alloc(arena, sizeof(*identity));
	*identity = *process->identity;
	identity->given = arena_strdup(arena, given);
	identity->pod_name = arena_strdup(arena, pod_name);
	identity->name = identity_make_name(arena, identity);
	process->identity = identity;
}

static void take_names(void *data, const void *shared, size_t i, const void *found, bool timed_out)
{
	const struct enrich_ctx *ctx = data;
	const struct name_reader *read = found;

	if (read)
		process_set_names(&ctx->model->arena, model_find_process(ctx->model, read->pid),
			read->given, read->pod_name);
	else
		ctx->report->limitations |= LIMITATION_NAMES;
}

int enrich_given_names(const struct enrich_ctx *ctx, const char *root)
{
	struct enrich_ctx taker = *ctx;
	struct model *model = ctx->model;
	struct container_list *list = memory_alloc(1, sizeof(*list));
	struct process **processes = memory_alloc(model->nprocesses, sizeof(struct process *));
	struct work work = {
		.grain = 4,
		.run_item = read_names_item,
		.key = container_key,
		.shared = list,
		.shared_done = container_list_free,
		.take_result = take_names,
		.taker = &taker,
	};
	size_t n = 0;
	int r;

	list->root = root;
	list->procfs = *ctx->procfs;
	for (size_t i = 0; i < model->nprocesses; i++)
		if (model->processes[i]->identity && model->processes[i]->identity->container)
			processes[n++] = model->processes[i];
	qsort(processes, n, sizeof(struct process *), compare_processes);
	/* One process per container of which no name was read yet. */
	for (size_t i = 0; i < n; i++) {
		const struct identity *identity = processes[i]->identity;

		if (processes[i]->named ||
			(i && !compare_containers(processes[i - 1]->identity, identity)))
			continue;
		*array_push(list->at, list->n, list->size) = (struct container){ processes[i]->pid,
			identity_copy(&list->arena, identity) };
	}
	work.n = list->n;
	r = pool_run(ctx->pool, &work);
	/* Other processes in the container share its names. */
	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct identity *before = processes[i ? i - 1 : i]->identity;
		bool same = !compare_containers(before, processes[i]->identity);

		if (!processes[i]->named)
			process_set_names(&model->arena, processes[i], same ? before->given : NULL,
				same ? before->pod_name : NULL);
	}
	free(processes);
	return r;
}
