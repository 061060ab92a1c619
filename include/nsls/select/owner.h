/* SPDX-License-Identifier: MIT */
/*
 * Who is meant by a name: a container, machine, pod, application, systemd unit or network
 * namespace, and which processes are theirs. Pure: needs the identities of all tasks (enriched).
 *
 * Most names can be forged: a user may call a control group of his own what he likes, and so may
 * who is in a container. So what is the system's own comes before what is below a user's service
 * manager, and that is told apart by user.
 */
#ifndef NSLS_SELECT_OWNER_H
#define NSLS_SELECT_OWNER_H

#include "nsls/model/identity.h"
#include "nsls/model/model.h"

enum owner_kind {
	OWNER_CONTAINER,
	OWNER_MACHINE,
	OWNER_POD,
	OWNER_APP,
	OWNER_UNIT,
	OWNER_NETNS,
	OWNER_KIND_COUNT,
};

struct owner {
	enum owner_kind kind;
	const struct identity *identity; /* of one of its processes; not of a network namespace */
	const struct ns *ns;             /* network namespace */
	const char *netns;               /* and its name */
};

/* A name as it was typed. */
struct owner_name {
	const char *text; /* an id or the start of one, or a whole name; what column NAME shows */
	const char *in;   /* only what is in this container or machine, or of this user; or NULL */
	bool has_user;    /* whether that may be a user */
	uid_t user;
};

#define OWNERS_MAX 8

/* Whom a name may mean. */
struct owners {
	struct owner at[OWNERS_MAX];
	size_t n;
	bool more; /* there are others */
};

/* Finds them. Of several that the name fits, those it fits best; see above. */
void owners_find(const struct model *model, uint32_t names_mnt, const struct owner_name *name,
	struct owners *ret_owners);

/* Whether the process is its. */
bool owner_has(const struct owner *owner, const struct task *task);

/*
 * Appends what it is called, for a person, in a form that is a name again: "docker 84b8394540fb",
 * "1000/ujob.service".
 */
void owner_describe(const struct owner *owner, struct strbuf *out);

/* What such a process is called by that kind of name, whole; NULL where it has none. */
const char *owner_text(enum owner_kind kind, const struct identity *identity);

#endif
