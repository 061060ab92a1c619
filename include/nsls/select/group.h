/* SPDX-License-Identifier: MIT */
/*
 * Containers, as the kernel knows them: groups of processes that share all their namespaces and are
 * not in all of the host's. What a group is called is told by the identities of its members
 * (enriched), and is needed for the order alone.
 */
#ifndef NSLS_SELECT_GROUP_H
#define NSLS_SELECT_GROUP_H

#include "nsls/base/strbuf.h"
#include "nsls/base/u64map.h"
#include "nsls/model/model.h"

struct identity;
struct rows;

struct group {
	uint32_t ino[NS_TYPE_COUNT]; /* 0: unknown, or not of this kernel */
	unsigned own, shared;        /* types in which it differs from the host, and does not */
	const struct task **members; /* n, by ascending PID */
	size_t n;
	const struct group *above; /* the first group of the same container, or NULL */
};

struct groups {
	struct group *at;
	size_t n;
	const struct task **tasks; /* of all groups */
};

void groups_init(struct groups *groups);
void groups_done(struct groups *groups);

/* Finds them. Ended members, which have left most namespaces, are in none. */
void groups_find(struct groups *groups, const struct model *model);

/*
 * A thread of the kernel is no container. It is in the first namespace of each type but mnt, which
 * kdevtmpfs has made anew for itself. So of the groups that the first function adds rows for, stat
 * has to be read of all members; then the second drops such threads, and groups without others.
 */
void groups_with_own_mounts_only(const struct groups *groups, struct rows *rows);
void groups_drop_kthreads(struct groups *groups);

/*
 * One row per group that has one of the types (bits 1 << enum nstype) to itself and, unless chosen
 * is NULL, a member whose PID is a key of it.
 */
void groups_query(const struct groups *groups, unsigned types, const struct u64map *chosen,
	struct rows *rows);

/*
 * Puts those of one pod, and of one container, next to each other, each where its first process
 * stands; below the first one of a container the others, if nested is true.
 */
void groups_arrange(struct rows *rows, bool nested);

/* The member that tells most of whose the group is, and what it tells; NULL: nothing. */
const struct task *group_whose(const struct group *group);
const struct identity *group_identity(const struct group *group);

/* Appends the best name, as ns_name() does; nothing where there is none. */
void group_name(const struct group *group, const struct model *model, struct strbuf *out);

/* Appends what tells it from the group above it: "in another mnt". */
void group_difference(const struct group *group, struct strbuf *out);

/* Appends "ipc mnt net". */
void group_add_types(unsigned types, struct strbuf *out);

#endif
