// SPDX-License-Identifier: MIT
/*
 * The table of the eight types of namespace. To add a type, add a row here and its name to the
 * enum.
 */
#include "nsls/base.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080 /* linux/sched.h, 5.6 */
#endif

#define FLAG(flag) .clone_flag = (flag), .clone_name = #flag

const struct ns_type_info nstype_info[NS_TYPE_COUNT] = {
	[NS_CGROUP] = {
		.name = "cgroup", .noun = "cgroup", FLAG(CLONE_NEWCGROUP),
		.isolates = "cgroup root directory", .manual = "cgroup_namespaces(7)",
		.since = "4.6", .initial_ino = 0xeffffffb, .thread_may_differ = true,
	},
	[NS_IPC] = {
		.name = "ipc", .noun = "IPC", FLAG(CLONE_NEWIPC),
		.isolates = "System V IPC, POSIX message queues", .manual = "ipc_namespaces(7)",
		.since = "2.6.19", .initial_ino = 0xefffffff, .thread_may_differ = true,
	},
	[NS_MNT] = {
		.name = "mnt", .noun = "mount", FLAG(CLONE_NEWNS),
		.isolates = "mount points", .manual = "mount_namespaces(7)", .since = "2.4.19",
		.initial_ino = 0xeffffff8, .initial_late = true, .thread_may_differ = true,
	},
	[NS_NET] = {
		.name = "net", .noun = "network", FLAG(CLONE_NEWNET),
		.isolates = "network devices, stacks, ports, etc.",
		.manual = "network_namespaces(7)", .since = "2.6.24",
		.initial_ino = 0xeffffff9, .initial_late = true, .thread_may_differ = true,
	},
	[NS_PID] = {
		.name = "pid", .noun = "PID", .children = "pid_for_children",
		FLAG(CLONE_NEWPID), .isolates = "process IDs", .manual = "pid_namespaces(7)",
		.since = "2.6.24", .initial_ino = 0xeffffffc, .depth_max = 32,
	},
	[NS_TIME] = {
		.name = "time", .noun = "time", .children = "time_for_children",
		FLAG(CLONE_NEWTIME), .isolates = "boot and monotonic clocks",
		.manual = "time_namespaces(7)", .since = "5.6", .initial_ino = 0xeffffffa,
	},
	[NS_USER] = {
		.name = "user", .noun = "user", FLAG(CLONE_NEWUSER),
		.isolates = "user and group IDs", .manual = "user_namespaces(7)",
		.since = "3.8", .initial_ino = 0xeffffffd, .depth_max = 33,
	},
	[NS_UTS] = {
		.name = "uts", .noun = "UTS", FLAG(CLONE_NEWUTS),
		.isolates = "hostname and NIS domain name", .manual = "uts_namespaces(7)",
		.since = "2.6.19", .initial_ino = 0xeffffffe, .thread_may_differ = true,
	},
};

int nstype_by_name(const char *name, size_t len, enum nstype *ret_type)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (strlen(nstype_info[t].name) == len && !memcmp(nstype_info[t].name, name, len)) {
			*ret_type = t;
			return 0;
		}
	return -ENOENT;
}

int nstype_by_clone_flag(uint32_t flag, enum nstype *ret_type)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (nstype_info[t].clone_flag == flag) {
			*ret_type = t;
			return 0;
		}
	return -ENOENT;
}

int nstype_parse(const char *text, struct ns_ref *ret_ref)
{
	const char *colon = strchr(text, ':');
	struct ns_ref ref;
	size_t digits;
	uint64_t ino;

	if (!colon || colon[1] != '[')
		return -EINVAL;
	digits = strcspn(colon + 2, "]");
	if (strcmp(colon + 2 + digits, "]") != 0 ||
		nstype_by_name(text, (size_t)(colon - text), &ref.type) < 0 ||
		number_parse(colon + 2, digits, UINT32_MAX, &ino) < 0)
		return -EINVAL;
	ref.ino = (uint32_t)ino;
	*ret_ref = ref;
	return 0;
}

bool nstype_is_newer(const char *text)
{
	size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz_"), ino;
	enum nstype type;

	if (!name || text[name] != ':' || text[name + 1] != '[')
		return false;
	ino = strspn(text + name + 2, "0123456789");
	return ino && !strcmp(text + name + 2 + ino, "]") && nstype_by_name(text, name, &type) < 0;
}

char *nstype_format(struct ns_ref ref, char *buf)
{
	snprintf(buf, NSTYPE_TEXT_MAX, "%s:[%u]", nstype_info[ref.type].name, ref.ino);
	return buf;
}
