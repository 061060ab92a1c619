/* SPDX-License-Identifier: MIT */
/*
 * The table of the eight types of namespace, and the text form of an instance. All code about types
 * (parser, scan, summary, help) reads this table.
 */
#ifndef NSLS_NSTYPE_H
#define NSLS_NSTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of rows. */
enum nstype {
	NS_CGROUP,
	NS_IPC,
	NS_MNT,
	NS_NET,
	NS_PID,
	NS_TIME,
	NS_USER,
	NS_UTS,
	NS_TYPE_COUNT,
};

/* All types, as bits 1 << enum nstype. */
#define NS_TYPES_ALL ((1u << NS_TYPE_COUNT) - 1)

/* Size of the longest text of nstype_format() with its NUL: "cgroup:[4294967295]". */
#define NSTYPE_TEXT_MAX 24

struct ns_type_info {
	const char *name;       /* as in /proc/PID/ns/ and in "type:[inode]" */
	const char *noun;       /* in a sentence: "network" */
	const char *link;       /* path below /proc/PID */
	const char *children;   /* name of the link for the namespace of future children, or NULL */
	uint32_t clone_flag;    /* CLONE_NEW*, clone(2) */
	const char *clone_name; /* the flag's name */
	const char *isolates;   /* namespaces(7), table of types */
	const char *manual;     /* manual page */
	const char *since;      /* first kernel, namespaces(7) and its siblings */
	uint32_t initial_ino;   /* inode of the initial instance, linux/nsfs.h, 6.17 */
	bool initial_late;      /* it has this inode only since 6.17 */
	unsigned depth_max;     /* levels below the initial one; 0: it has no parent, ioctl_ns(2) */
	bool thread_may_differ; /* a thread may be in another instance than its process */
};

/* An instance as the kernel names it. Inode 0 stands for none. */
struct ns_ref {
	enum nstype type;
	uint32_t ino;
};

/*
 * Returns the instance as one number that sorts in the order of rows. The kernel never gives two
 * types the same inode, but a directory made by hand may.
 */
static inline uint64_t ns_ref_key(struct ns_ref ref)
{
	return (uint64_t)ref.type << 32 | ref.ino;
}

const struct ns_type_info *nstype_info(enum nstype type);

/* Finds a type by its name of len bytes. Returns 0, or -ENOENT. */
int nstype_by_name(const char *name, size_t len, enum nstype *ret_type);

/* Finds a type by its CLONE_NEW* flag, which NS_GET_NSTYPE returns. Returns 0, or -ENOENT. */
int nstype_by_clone_flag(uint32_t flag, enum nstype *ret_type);

/* Parses "type:[inode]" with an inode in 1..2^32-1 and nothing around it. Returns 0, or -EINVAL. */
int nstype_parse(const char *text, struct ns_ref *ret_ref);

/*
 * Returns true if text is "type:[inode]" of a type that is not in the table: a newer kernel has it.
 */
bool nstype_is_newer(const char *text);

/* Writes "type:[inode]" into buf of NSTYPE_TEXT_MAX bytes and returns buf. */
char *nstype_format(struct ns_ref ref, char *buf);

#endif
