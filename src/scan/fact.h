/* SPDX-License-Identifier: MIT */
/*
 * Facts: all that a phase may say. A worker writes them to its own memory, a chain for each item of
 * the work list; merge.c alone puts them into the model.
 */
#ifndef NSLS_FACT_H
#define NSLS_FACT_H

#include "nsls/model/holder.h"
#include "nsls/model/report.h"

enum fact_kind {
	FACT_TASK,        /* a process, its namespaces, its threads */
	FACT_HOLD,        /* something of a task, or the kernel, holds ref */
	FACT_NEW_PIDNS,   /* a task of user namespace ref holds a PID namespace of unknown number */
	FACT_MOUNT,       /* a mount holds ref */
	FACT_MOUNTS_TOLD, /* all mounts in ref were said */
	FACT_MOUNTS_PART, /* some mounts in ref may not have been said */
	FACT_DETACHED,    /* a task has a tree of mounts open that no mount namespace shows */
	FACT_TABLE,       /* a task has a big table of descriptors, which is to be read */
	FACT_SOCKET,    /* a task has a socket or tun device open, whose namespace is to be asked */
	FACT_RING,      /* a task has a ring of io_uring(7) open, whose files are to be read */
	FACT_RING_FILE, /* ref, or a socket, is registered with the item of the list of rings */
	FACT_NETNS,     /* the item of the list of sockets is of ref */
	FACT_RELATIONS, /* whose ref is, whose child, its ids */
	FACT_LISTED,    /* the kernel lists ref, which nothing else has shown */
	FACT_LIST_END,  /* the kernel's list was read to its end */
	FACT_GONE,      /* what held ref leads elsewhere by now */
	FACT_UNOPENED,  /* a thread was listed and could not be opened */
	FACT_TROUBLE,   /* a source could not read all of a process */
	FACT_GAP,       /* something can't be told here */
};

struct fact {
	struct fact *next;
	enum fact_kind kind;
	pid_t pid, tid;    /* of the task, or the one that sees a mount; 0: none */
	struct ns_ref ref; /* the namespace that it is about */
	union {
		struct {
			uint32_t ino[NS_TYPE_COUNT]; /* 0: not read, or none */
			bool zombie;
			pid_t tid; /* thread by which it was read: its PID, or one that is left */
			const int *tids; /* all threads, where there are several */
			size_t ntids;
		} task;
		struct {
			enum holder_kind kind;
			int fd;
		} hold;
		struct {
			const char *path; /* below the root of the task */
			uint32_t mntns;   /* that it is in */
			uint32_t id;      /* as in mountinfo; 0: unknown */
		} mount;
		struct {
			int fd;
			uint64_t inode; /* 0: a tun device */
		} socket;
		struct {
			int fd;
			uint64_t inode; /* 0: unknown */
		} ring;
		struct {
			size_t item;
			uint64_t socket; /* inode; 0: a namespace */
		} ring_file;
		struct {
			size_t item;
		} netns;
		struct {
			uint32_t owner, parent; /* 0: none, or beyond what we may know */
			uint64_t id;            /* 0: unknown */
			uid_t owner_uid;
			int netnsid;
			bool has_owner_uid, has_netnsid;
		} relations;
		struct {
			uint64_t id;
		} listed;
		struct {
			enum source source;
			int error;
		} trouble;
		enum report_gap gap;
	};
};

#endif
