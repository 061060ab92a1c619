/* SPDX-License-Identifier: MIT */
/*
 * Real namespaces, made by the test itself, and the built program run on them. Truth comes from
 * readlink(2), fstat(2) and ioctl_ns(2), never from nsls's own functions.
 */
#ifndef LIVE_H
#define LIVE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What must not fail in a test's own set-up, or the test proves nothing. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #condition,         \
				strerror(errno));                                                  \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* The eight types by name and CLONE_NEW* flag, from clone(2). */
struct live_type {
	const char *name;
	uint64_t flag;
};

#define LIVE_TYPES 8
extern const struct live_type live_types[LIVE_TYPES];

uint64_t live_flag(const char *type);

/* Skips the test, saying why, where it is not root. */
void live_need_root(void);

/*
 * Becomes that user, without further groups; also in a child that a sanitizer has given a thread of
 * its own, for which libc's functions would wait for ever.
 */
void live_become(uid_t uid);

/*
 * Waits for the tests of other build trees that disturb a whole system: their processes are
 * everybody's to stumble over. Those of our own tree are told by ctest.
 */
void live_take_turns(void);

/* What the program answered. */
struct answer {
	int status;      /* exit status, or minus the signal */
	char *out, *err; /* freed by answer_done */
	double seconds;  /* from start to end */
};

void answer_done(struct answer *answer);

/* The program that nsls() runs. */
extern const char *live_program;

/* Seconds after which a run is killed: -SIGALRM. */
extern unsigned live_limit;

/* Runs nsls with these arguments (NULL-terminated). */
struct answer nsls(const char *first, ...) __attribute__((sentinel));

/* What jq -r makes of a text. Fails the test where that is not JSON. The caller frees it. */
char *jq(const char *text, const char *program);

/* A process in new namespaces by clone3(2) that ends with its parent: 0 in itself. */
pid_t live_fork(uint64_t flags);

/* The same, waiting until it is killed. */
pid_t live_clone(uint64_t flags);
void live_end(pid_t pid);

/* For cmocka's groups: a child in a new instance of each type, where we are root. */
extern pid_t live_children[LIVE_TYPES];
int live_start_children(void **state);
int live_end_children(void **state);

/* "/proc/PID/ns/TYPE" in buf, which it returns. */
const char *live_ns_path(char buf[64], pid_t pid, const char *type);

/* "net:[4026531840]" by readlink(2) of /proc/PID/ns/TYPE. Aborts where it can't be read. */
void live_link(pid_t pid, const char *type, char text[64]);

/* The same of a descriptor on a namespace, by fstat(2). */
void live_fd_text(int fd, const char *type, char text[64]);

/* A descriptor on a new namespace that nothing else holds. */
int live_namespace(const char *type);

/* Passes a descriptor by SCM_RIGHTS, unix(7). */
void live_send_fd(int socket, int fd);
int live_receive_fd(int socket);

/* What fstat(2) and ioctl_ns(2) say; as in JSON, "null" where there is no such thing. */
struct live_relations {
	const char *type;
	uint64_t ino;
	char parent[16], owner[16], owner_uid[16], id[24];
};

struct live_relations live_relations(int fd);

#endif
