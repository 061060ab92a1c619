/* SPDX-License-Identifier: MIT */
/*
 * Whose a process is: its container, machine, pod, application or systemd unit, as far as the path
 * of its control group tells. What the path does not tell is NULL; nothing is guessed.
 *
 * Whoever may make control groups chooses such a path, an unprivileged user too (below the one
 * that was delegated to him). So all texts are hostile bytes, and an identity is what a process is
 * called, never proof of what it is.
 */
#ifndef NSLS_MODEL_IDENTITY_H
#define NSLS_MODEL_IDENTITY_H

#include "nsls/base/arena.h"

#include <stdbool.h>
#include <sys/types.h>

/* What runs containers, machines or applications. The names are those of column RUNTIME. */
enum runtime {
	RUNTIME_UNKNOWN,
	RUNTIME_DOCKER,
	RUNTIME_PODMAN,
	RUNTIME_CONTAINERD,
	RUNTIME_CRIO,
	RUNTIME_KUBERNETES, /* a container of a pod, whichever engine runs it */
	RUNTIME_LXC,
	RUNTIME_NSPAWN,
	RUNTIME_LIBVIRT,
	RUNTIME_SNAP,
	RUNTIME_FLATPAK,
	RUNTIME_COUNT,
};

struct identity {
	const char *cgroup; /* the path as it was read */
	const char *unit;   /* innermost systemd service or scope, unescaped: "my-job@a.service" */
	const char *container; /* outermost: an id of 64 digits, or a name where those are used */
	const char *pod;       /* UID of a Kubernetes pod, or id of a Podman pod */
	const char *machine;   /* as machinectl(1) lists it */
	const char *app;       /* snap, or Flatpak application */
	const char *name;      /* the best of these in a person's words: "docker 84b8394540fb" */
	enum runtime runtime;
	bool unit_inside; /* the unit is one of the container's or machine's own */
	bool has_user;
	uid_t user; /* whose service manager it runs below, by user id */
};

/* A copy in the arena, its texts too. */
const struct identity *identity_copy(struct arena *arena, const struct identity *from);

/* "docker", "cri-o" …; NULL for RUNTIME_UNKNOWN. */
const char *runtime_name(enum runtime runtime);

/* How much of an id is shown where space is short: 12 of 64 digits, as every engine takes them. */
int identity_short(const char *id);

#endif
