/* SPDX-License-Identifier: MIT */
/* One model made by hand, the rows of its namespaces, and the text that these become. */
#ifndef RENDER_FIXTURE_H
#define RENDER_FIXTURE_H

#include "nsls/query.h"
#include "nsls/view.h"

#include "hand_model.h"
#include "run_words.h"

extern struct view view;
extern struct render_options options;
extern char *text; /* the last that was rendered */

int render_set_up(void **state);
int render_tear_down(void **state);

/* A member process with that command line. */
struct process *add_member(struct ns *ns, pid_t pid, const char *command);

/* A mount point in our mount namespace. */
void add_mount(struct ns *ns, const char *path);

/* Shows these columns, named with commas; also without their names. */
void usage(const char *names);
void cells(const char *names);

/* The rows as text. */
const char *render_as(format_function *format);

/* All namespaces as text. */
const char *render(format_function *format);

/* The same as JSON, which is kept to be judged by its schema. */
const char *render_json(void);

/* The same as a table, by squeeze(). */
const char *render_squeezed(void);

/*
 * Takes steps: "12 net:5 init", a member and its command, "mount net:5 /m" as add_mount(), and
 * "usage NS,PID" or "cells NS,PID", the columns.
 */
#define SHOW(...) EACH_STEP(show, __VA_ARGS__)
void show(const char *step);

#endif
