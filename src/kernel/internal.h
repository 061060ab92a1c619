/* SPDX-License-Identifier: MIT */
/* Shared by the files of layer kernel. */
#ifndef NSLS_KERNEL_INTERNAL_H
#define NSLS_KERNEL_INTERNAL_H

#include "nsls/kernel.h"

#include <fcntl.h>
#include <linux/ioctl.h>
#include <linux/types.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

struct abi_mnt_ns_info;

/*
 * Kernel interfaces that are newer than the oldest headers that nsls is built with: those of Linux
 * 5.6, glibc 2.31 and musl 1.2.5. Each names the uapi header that defines it and the first kernel
 * that has it.
 */

/* linux/nsfs.h */
#define ABI_NSIO 0xb7
#define ABI_NS_GET_MNTNS_ID _IOR(ABI_NSIO, 5, __u64)                   /* 6.11 */
#define ABI_NS_GET_ID _IOR(ABI_NSIO, 13, __u64)                        /* 6.18 */
#define ABI_NS_MNT_GET_INFO _IOR(ABI_NSIO, 10, struct abi_mnt_ns_info) /* 6.12 */
#define ABI_NS_MNT_GET_NEXT _IOR(ABI_NSIO, 11, struct abi_mnt_ns_info) /* 6.12 */
#define ABI_NS_MNT_GET_PREV _IOR(ABI_NSIO, 12, struct abi_mnt_ns_info) /* 6.12 */

/* linux/openat2.h, 5.12 */
#define ABI_RESOLVE_CACHED 0x20

/* linux/stat.h, 5.8 */
#define ABI_STATX_MNT_ID 0x1000U
#define ABI_STATX_ATTR_MOUNT_ROOT 0x2000U

/* Returns stx_mnt_id, which is a spare field of older headers. */
static inline uint64_t abi_stx_mnt_id(const struct statx *stx)
{
	uint64_t id;

	memcpy(&id, (const char *)stx + 0x90, sizeof(id));
	return id;
}

struct abi_mnt_ns_info {
	__u32 size;
	__u32 nr_mounts; /* without the first, on which all others are mounted */
	__u64 mnt_ns_id;
};

/* linux/pidfd.h */
#define ABI_PIDFD_THREAD O_EXCL                               /* 6.9 */
#define ABI_PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE _IO(0xff, 6) /* 6.11 */

/*
 * Since pidfd_open(2), number 434, all architectures number system calls in the same order, but
 * some (alpha, MIPS, x32) from another base.
 */
#define ABI_NR(number) (SYS_pidfd_open - 434 + (number))

#define ABI_NR_close_range ABI_NR(436) /* 5.9 */
#define ABI_NR_openat2 ABI_NR(437)     /* 5.6 */
#define ABI_NR_pidfd_getfd ABI_NR(438) /* 5.6 */
#define ABI_NR_listns ABI_NR(470)      /* 6.19 */

struct abi_ns_id_req {
	__u32 size;
	__u32 spare;
	__u64 ns_id;
	__u32 ns_type;
	__u32 spare2;
	__u64 user_ns_id;
};

/* Handles of namespaces for open_by_handle_at(2): linux/fcntl.h, linux/nsfs.h, 6.18. */
#define ABI_FD_NSFS_ROOT (-10003)
#define ABI_FILEID_NSFS 0xf1

struct abi_nsfs_file_handle {
	__u64 ns_id;
	__u32 ns_type;
	__u32 ns_inum;
};

/* listmount(2) and statmount(2), linux/mount.h, 6.8; of another mount namespace: 6.11. */
#define ABI_NR_statmount ABI_NR(457)
#define ABI_NR_listmount ABI_NR(458)
#define ABI_LSMT_ROOT 0xffffffffffffffffULL
#define ABI_STATMOUNT_SB_BASIC 0x1u
#define ABI_STATMOUNT_MNT_BASIC 0x2u
#define ABI_STATMOUNT_MNT_ROOT 0x8u
#define ABI_STATMOUNT_MNT_POINT 0x10u

struct abi_mnt_id_req {
	__u32 size;
	__u32 spare;
	__u64 mnt_id;
	__u64 param;
	__u64 mnt_ns_id;
};

struct abi_statmount {
	__u32 size;
	__u32 mnt_opts;
	__u64 mask;
	__u32 sb_dev_major;
	__u32 sb_dev_minor;
	__u64 sb_magic;
	__u32 sb_flags;
	__u32 fs_type;
	__u64 mnt_id;
	__u64 mnt_parent_id;
	__u32 mnt_id_old;
	__u32 mnt_parent_id_old;
	__u64 mnt_attr;
	__u64 mnt_propagation;
	__u64 mnt_peer_group;
	__u64 mnt_master;
	__u64 propagate_from;
	__u32 mnt_root;  /* offset into str */
	__u32 mnt_point; /* offset into str */
	__u64 spare[50];
	char str[];
};

_Static_assert(sizeof(struct abi_statmount) == 512, "strings start at byte 512");

/* Returns a system call's result, or -errno if it is -1. */
int live_result(long r);

static inline const struct kernel_live *live_of(const struct kernel *kernel)
{
	return (const struct kernel_live *)kernel;
}

/* nsfs.c, mounts.c: add their functions to the running kernel's table. */
void live_add_nsfs(struct kernel_live *live);
void live_add_mounts(struct kernel *kernel);

/* nsfs.c: descriptors that must stay open, because closing them may block */
void live_unclosed_free(struct unclosed *unclosed);

#endif
