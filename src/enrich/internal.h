/* SPDX-License-Identifier: MIT */
/* Shared by the files of layer enrich. */
#ifndef NSLS_ENRICH_INTERNAL_H
#define NSLS_ENRICH_INTERNAL_H

#include "nsls/base.h"
#include "nsls/model.h"
#include "nsls/procfs.h"

/* Returns the best name for display, or NULL. */
const char *identity_make_name(struct arena *arena, const struct identity *identity);

/* A container of which the names are read. */
struct container {
	pid_t pid; /* of a process in it */
	enum runtime runtime;
	bool in_pod; /* of Kubernetes */
	uid_t user;  /* who may name it, besides root; 0: nobody */
	const char *id;
};

/* Reads the names of one container. */
struct name_reader {
	const char *root; /* directory in which the files of engines are */
	const struct procfs *procfs;
	const struct container *container;
	struct arena *arena;          /* of the names */
	const char *given, *pod_name; /* as in struct identity; NULL: not found */
};

/* A name that the engine has for the container, which in a pod may be that of both. */
void name_reader_take(struct name_reader *reader, const char *name);

/* The names of a pod, and of a container in it or NULL. */
void name_reader_take_pod(
	struct name_reader *reader, const char *namespace, const char *pod, const char *name);

/* Arguments of a process, as in proc_pid_cmdline(5). */
#define ARGUMENTS_MAX ((size_t)16 * 1024)

/* Reads the arguments. Returns true if they are those of the program. */
bool arguments_read(int process_fd, const char *program, struct strbuf *out);

/* Returns the value of an option, or NULL. */
const char *arguments_option(const struct strbuf *arguments, const char *option);

/* Returns true if the effective user of the process is root or the user. */
bool process_runs_as(int process_fd, uid_t user);

/* Read what the engines leave on disk. Both return 0 or -errno. */
int read_docker_file(struct name_reader *reader);
int read_containerd_file(struct name_reader *reader);

#endif
