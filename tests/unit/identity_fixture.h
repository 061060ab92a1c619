/* SPDX-License-Identifier: MIT */
/* Cgroup files as text, and the identities expected of them. An error fails the test. */
#ifndef IDENTITY_FIXTURE_H
#define IDENTITY_FIXTURE_H

#include "nsls/enrich.h"

#include "../cgroup_examples.h"
#include "hand_model.h"

#define ID_A DOCKER_ID
#define ID_B PODMAN_ID

/* Of a file with that text. */
struct identity parse(const char *text);

/* Of a process with that path in the unified hierarchy. */
struct identity identify(const char *path);

/* Such a process in the model made by hand. */
struct process *process_in(pid_t pid, const char *path);

/* That two texts are equal, of which either may be NULL. */
void assert_text(const char *what, const char *path, const char *got, const char *expected);

#endif
