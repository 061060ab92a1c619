/* SPDX-License-Identifier: MIT */
/* The types of namespace, in the order of rows. The BPF programs include this, too. */
#ifndef NSLS_NSTYPE_H
#define NSLS_NSTYPE_H

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

#endif
