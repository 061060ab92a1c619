// SPDX-License-Identifier: MIT
/*
 * Reads the files in which Docker and containerd keep the names of containers and pods. Others
 * could write such files: only those are read that root alone can have written or, for a container
 * of a user, root and that user.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
static int open_file(const char *root, const char *path, uid_t user)
{
	int fd = open_trusted(AT_FDCWD, root, O_PATH, S_IFDIR, user), next = fd;
	char *parts = memory_copy(path), *rest = parts, *name;

	while (next >= 0 && (name = strsep(&rest, "/"))) {
		if (!*name)
			continue;
		next = open_trusted(fd, name, O_PATH, rest ? S_IFDIR : S_IFREG, user);
		if (next >= 0 && !rest) {
			close(next);
			next = open_trusted(
				fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, S_IFREG, user);
		}
		close(fd);
		fd = next;
	}
	free(parts);
	return next;
}

static int read_file(const char *root, const char *path, uid_t user, struct strbuf *out)
{
	CLEANUP_FD int fd = open_file(root, path, user);
	size_t max = user ? USER_FILE_MAX : FILE_MAX;
	char buf[4096];
	ssize_t len;

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
	struct strbuf text;
	int r;

	strbuf_init(&text);
	r = read_file(root, path, user, &text);
	*ret_document =
		r < 0 ? NULL
		      : json_tokener_parse_ex(tokener, strbuf_text(&text), (int)text.len + 1);
	strbuf_done(&text);
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

/* Reads the arguments of the running daemon. */
static bool read_dockerd(const struct name_reader *reader, struct strbuf *out)
{
	CLEANUP_FD int fd = -1;
	uint64_t pid;

	if (read_file(reader->root, "run/docker.pid", 0, out) < 0 ||
		!number_take(strbuf_text(out), INT_MAX, &pid))
		return false;
	fd = procfs_open_process(reader->procfs, (pid_t)pid);
	return fd >= 0 && process_runs_as(fd, 0) && arguments_read(fd, "dockerd", out);
}

/* An argument of dockerd(8) prevails over its file. */
static void find_data_root(const struct name_reader *reader, struct strbuf *out)
{
	json_object *settings = NULL;
	struct strbuf arguments;
	const char *dir = NULL;

	strbuf_init(&arguments);
	if (read_dockerd(reader, &arguments))
		dir = arguments_option(&arguments, "--data-root");
	if (!dir && read_document(reader->root, "etc/docker/daemon.json", 0, &settings) == 0)
		dir = object_string(settings, "data-root");
	strbuf_adds(out, dir ? dir : "/var/lib/docker");
	json_object_put(settings);
	strbuf_done(&arguments);
}

static int find_user_data_root(uid_t user, struct strbuf *out)
{
	struct passwd entry, *found = NULL;
	char buf[16 * 1024];
	int r = getpwuid_r(user, &entry, buf, sizeof(buf), &found);

	if (!found)
		return r ? -r : -ENOENT;
	strbuf_addf(out, "%s/.local/share/docker", found->pw_dir);
	return 0;
}

int read_docker_file(struct name_reader *reader)
{
	const struct container *container = reader->container;
	json_object *config = NULL;
	struct strbuf path;
	const char *name;
	int r = 0;

	strbuf_init(&path);
	if (container->user)
		r = find_user_data_root(container->user, &path);
	else
		find_data_root(reader, &path);
	strbuf_addf(&path, "/containers/%s/config.v2.json", container->id);
	if (r == 0)
		r = read_document(reader->root, strbuf_text(&path), container->user, &config);
	name = object_string(config, "Name"); /* "/web" */
	if (name)
		name_reader_take(reader, name + (*name == '/'));
	json_object_put(config);
	strbuf_done(&path);
	return r;
}

/* The bundle of a container has annotations of containerd's CRI plugin. */
int read_containerd_file(struct name_reader *reader)
{
	json_object *config = NULL, *annotations;
	const char *namespace, *pod;
	struct strbuf path;
	int r;

	if (reader->container->user) /* its own containerd has other directories */
		return 0;
	strbuf_init(&path);
	strbuf_addf(&path, "run/containerd/io.containerd.runtime.v2.task/k8s.io/%s/config.json",
		reader->container->id);
	r = read_document(reader->root, strbuf_text(&path), 0, &config);
	annotations = object_get(config, "annotations");
	namespace = object_string(annotations, "io.kubernetes.cri.sandbox-namespace");
	pod = object_string(annotations, "io.kubernetes.cri.sandbox-name");
	if (namespace && pod)
		name_reader_take_pod(reader, namespace, pod,
			object_string(annotations, "io.kubernetes.cri.container-name"));
	json_object_put(config);
	strbuf_done(&path);
	return r;
}
