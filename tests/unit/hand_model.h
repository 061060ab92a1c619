/* SPDX-License-Identifier: MIT */
/* Models made by hand, for what reads nothing but a model. An error fails the test. */
#ifndef HAND_MODEL_H
#define HAND_MODEL_H

#include "nsls/enrich.h"
#include "nsls/query.h"

#include "../cgroup_examples.h"
#include "small_world.h"

/* Of the test that runs: the rows are those of its last query. */
extern struct model model;
extern struct rows rows;
extern struct report report;

int hand_set_up(void **state);
int hand_tear_down(void **state);

struct ns *hand_ns(enum nstype type, uint32_t ino);
void hand_hold(struct ns *ns, enum holder_kind kind, const struct process *process);

/* A namespace that something holds, no process. */
struct ns *hand_held(enum nstype type, uint32_t ino);

/* A process whose stat was read; PIDs come in ascending order. */
struct process *hand_process(pid_t pid, pid_t ppid);

/* Makes the process a member. */
void hand_join(struct process *process, struct ns *ns);

/* A mount of it in mount namespace mntns. */
struct holder_mount *hand_mount(struct ns *ns, const char *path, uint32_t mntns);

/* Makes another namespace, which it owns (HOLDER_OWNED) or is the parent of (HOLDER_CHILD), hold
 * it. */
void hand_relate(struct ns *ns, enum holder_kind kind, const struct ns *other);

/* The namespace of a word such as "net:70". */
struct ns *hand_word_ns(const char *word);

/*
 * Adds the statements of text, which ';' separates:
 *
 *	2<1 net:70 uts:80        process 2 is a member of these; its parent is 1, also without "<1"
 *	fd 2 net:70              process 2 holds it by a descriptor; any kind of holder
 *	kernel uts:71 uts:72     holders without a process
 *	user:9 owns net:70       user:9 is the owner of what follows
 *	pid:7 above pid:8        pid:7 is the parent of what follows
 *
 * The kernel holds what the last two name and nothing holds yet.
 */
void hand_build(const char *text);

/*
 * Rows as "4 5<0", inode and the index of the row above; those of types by their name, of holders
 * by their kind and PID.
 */
void hand_assert_rows(const char *expected);

#define ID_A DOCKER_ID
#define ID_B PODMAN_ID

/* The identity of a process with a cgroup file of that text. */
struct identity parse_cgroup(const char *text);

/* The same of that path in the unified hierarchy. */
struct identity identify(const char *path);

/* Such a process in the model. */
struct process *process_in(pid_t pid, const char *path);

/* That two texts are equal, of which either may be NULL. */
void assert_text(const char *what, const char *path, const char *got, const char *expected);

#endif
