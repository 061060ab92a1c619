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

/* A process whose stat was read; PIDs come in ascending order. */
struct process *hand_process(pid_t pid, pid_t ppid);

/* A mount of it in mount namespace mntns. */
struct holder_mount *hand_mount(struct ns *ns, const char *path, uint32_t mntns);

/* The namespace of a word such as "net:70". */
struct ns *hand_word_ns(const char *word);

/*
 * Adds the statements of text, which ';' separates:
 *
 *	2<1 net:70 uts:80        process 2 is a member of these; its parent is 1, also without "<1"
 *	2 /docker/ID net:70      and it is in that control group
 *	fd 2 net:70              process 2 holds it by a descriptor; any kind of holder
 *	kernel uts:71 uts:72     holders without a process
 *	user:9 owns net:70       user:9 is the owner of what follows
 *	pid:7 above pid:8        pid:7 is the parent of what follows
 *	user:9 owned net:70      user:9 is held by what follows, as its owner; also "child"
 *	mnt:7 mounts /x net:70   what follows is mounted there in mnt:7
 *	net:70 called blue       an entry of /run/netns that leads to it
 *	net:70 id 5              its 64-bit number
 *	model.self=7             a number or flag of the model or report; "fds.denied=1": an error
 *
 * A namespace in a statement of "owns" or "above" that has no holder yet is held by the kernel.
 */
void hand_build(const char *text);

/* What the steps of a file have besides hand_build(), each or NULL. */
struct hand_steps {
	bool (*add)(char *words[]);     /* a statement of the file's own; false: it is none */
	void (*take)(const char *step); /* in the place of all statements: of worlds */
	/* Returns what is found: the words before "=>" choose what, or those expected behind it. */
	const char *(*find)(char *question, const char *expected);
};

/* Takes steps by the file's variable steps: statements, and behind "=>" what must be found. */
#define MODEL(...)                                                                                 \
	hand_take_steps(&steps, (const char *const[]){ __VA_ARGS__, NULL }, __FILE__, __LINE__)
void hand_take_steps(
	const struct hand_steps *steps, const char *const *texts, const char *file, int line);

/* A test of nothing but steps. */
#define MODEL_TEST(name, ...) TEST_CALL(name, MODEL(__VA_ARGS__));

/* The query of words such as "net persistent fd": types, kinds of holder; NULL or "": of all. */
struct query hand_query(char *words);

/*
 * Rows as "4 5<0", inode and the index of the row above; those of types by their name and the
 * numbers of namespaces, members and persistent ones, of holders by their kind and PID.
 */
const char *hand_rows(void);

#define ID_A DOCKER_ID
#define ID_B PODMAN_ID

#endif
