/* SPDX-License-Identifier: MIT */
/* What a person calls a namespace. Nothing is guessed: where no name can be told, there is none. */
#ifndef NSLS_MODEL_NAME_H
#define NSLS_MODEL_NAME_H

#include "nsls/model/model.h"

/*
 * The process that says whose a namespace is: the member with the lowest PID; without a member the
 * first that holds the namespace or, where only namespaces do, that holds the first of those. NULL
 * where there is none.
 */
const struct task *ns_task(const struct ns *ns);

/* Whether the mount point gives a network namespace a name, ip-netns(8). */
bool ns_is_named_at(const char *mount_point, const char **ret_name);

/*
 * The mount namespace that network namespaces are named in: ours, or that of PID 1 where the model
 * is of another world, whose names lead elsewhere than ours. 0: unknown.
 */
uint32_t ns_names_mnt(const struct model *model, bool ours);

/* The network namespace that has this name in that mount namespace, or NULL. */
const struct ns *ns_by_name(const struct model *model, uint32_t names_mnt, const char *name);

/* The name that a person gave a network namespace in our_mnt; NULL where there is none. */
const char *ns_mounted_name(const struct ns *ns, uint32_t our_mnt);

/*
 * Appends the best name, such as "netns blue", "podman fd98b74d394d" or "nginx.service"; nothing
 * where there is none. Needs the identity of ns_task().
 */
void ns_name(const struct ns *ns, uint32_t our_mnt, struct strbuf *out);

#endif
