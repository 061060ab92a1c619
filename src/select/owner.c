// SPDX-License-Identifier: MIT
#include "nsls/select/owner.h"

#include "nsls/model/name.h"

#include <string.h>

#define HEX "0123456789abcdef"

/* How well a name fits, the best first. */
enum fit {
	FIT_WHOLE,         /* the system's, and the whole name */
	FIT_PART,          /* the system's, and the start of an id, or a unit without ".service" */
	FIT_FOREIGN_WHOLE, /* that of a user, or of who is in a container */
	FIT_FOREIGN_PART,
	FIT_NONE,
};

const char *owner_text(enum owner_kind kind, const struct identity *identity)
{
	switch (kind) {
	case OWNER_CONTAINER:
		return identity->container;
	case OWNER_MACHINE:
		return identity->machine;
	case OWNER_POD:
		return identity->pod;
	case OWNER_APP:
		return identity->app;
	case OWNER_UNIT:
		return identity->unit;
	case OWNER_NETNS:
	case OWNER_KIND_COUNT:
		break;
	}
	return NULL;
}

/* The kind of name that an identity's best name is. */
static enum owner_kind kind_of_name(const struct identity *identity)
{
	static const enum owner_kind best[] = { OWNER_CONTAINER, OWNER_MACHINE, OWNER_APP,
		OWNER_POD };

	for (size_t i = 0; i < sizeof(best) / sizeof(*best); i++)
		if (owner_text(best[i], identity))
			return best[i];
	return OWNER_UNIT;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* An id of a container, or of a pod: what engines and clusters cut short. */
static bool is_id(enum owner_kind kind, const char *text)
{
	if (kind == OWNER_POD)
		return true;
	return kind == OWNER_CONTAINER && strlen(text) == 64 && strspn(text, HEX) == 64;
}

static bool is_service(const char *unit, const char *name)
{
	return starts_with(unit, name) && !strcmp(unit + strlen(name), ".service");
}

/* What a unit is in; NULL where it is one of the system or of a user. */
static const char *inside_of(enum owner_kind kind, const struct identity *identity)
{
	if (kind != OWNER_UNIT || !identity->unit_inside)
		return NULL;
	return identity->container ? identity->container
	       : identity->machine ? identity->machine
				   : identity->app;
}

/* Whether it is where the name says. */
static bool is_in(
	enum owner_kind kind, const struct identity *identity, const struct owner_name *name)
{
	const char *inside = inside_of(kind, identity);

	if (!name->in)
		return true;
	if (name->has_user && identity->has_user && identity->user == name->user && !inside)
		return true;
	return inside && starts_with(inside, name->in) &&
	       (is_id(OWNER_CONTAINER, inside) || !inside[strlen(name->in)]);
}

static enum fit fit(
	enum owner_kind kind, const struct identity *identity, const struct owner_name *name)
{
	const char *text = owner_text(kind, identity);
	bool foreign = !name->in && (identity->has_user || inside_of(kind, identity));

	if (!text || !*name->text || !is_in(kind, identity, name))
		return FIT_NONE;
	if (!strcmp(text, name->text) ||
		(kind_of_name(identity) == kind && is_same(identity->name, name->text)))
		return foreign ? FIT_FOREIGN_WHOLE : FIT_WHOLE;
	if ((is_id(kind, text) && starts_with(text, name->text)) ||
		(kind == OWNER_UNIT && is_service(text, name->text)))
		return foreign ? FIT_FOREIGN_PART : FIT_PART;
	return FIT_NONE;
}

static bool is_same_owner(enum owner_kind kind, const struct identity *a, const struct identity *b)
{
	return a->has_user == b->has_user && (!a->has_user || a->user == b->user) &&
	       is_same(owner_text(kind, a), owner_text(kind, b)) &&
	       is_same(inside_of(kind, a), inside_of(kind, b));
}

bool owner_has(const struct owner *owner, const struct task *task)
{
	if (owner->kind == OWNER_NETNS)
		return task->ino[NS_NET] == owner->ns->ref.ino;
	return task->identity && owner_text(owner->kind, task->identity) &&
	       is_same_owner(owner->kind, owner->identity, task->identity);
}

static void add(struct owners *owners, const struct owner *owner)
{
	if (owners->n < OWNERS_MAX)
		owners->at[owners->n++] = *owner;
	else
		owners->more = true;
}

static void add_task(struct owners *owners, enum owner_kind kind, const struct task *task)
{
	struct owner owner = { .kind = kind, .identity = task->identity };

	for (size_t i = 0; i < owners->n; i++)
		if (owners->at[i].kind == kind && owner_has(&owners->at[i], task))
			return;
	add(owners, &owner);
}

/* Keeps those that the name fits as well as any before, or forgets all where it fits better. */
static void offer(struct owners *owners, enum fit *best, const struct owner_name *name,
	const struct task *task)
{
	for (enum owner_kind kind = 0; kind < OWNER_NETNS; kind++) {
		enum fit how = fit(kind, task->identity, name);

		if (how == FIT_NONE || how > *best)
			continue;
		if (how < *best)
			*owners = (struct owners){ 0 };
		*best = how;
		add_task(owners, kind, task);
	}
}

/* The name of a network namespace, as it is typed or as column NAME shows it. */
static const char *netns_name(const struct owner_name *name)
{
	static const char word[] = "netns ";

	return starts_with(name->text, word) ? name->text + strlen(word) : name->text;
}

void owners_find(const struct model *model, uint32_t names_mnt, const struct owner_name *name,
	struct owners *ret_owners)
{
	struct owner netns = { .kind = OWNER_NETNS, .netns = netns_name(name) };
	enum fit best = FIT_NONE;

	*ret_owners = (struct owners){ 0 };
	for (size_t i = 0; i < model->ntasks; i++)
		if (model->tasks[i]->identity)
			offer(ret_owners, &best, name, model->tasks[i]);
	netns.ns = name->in ? NULL : ns_by_name(model, names_mnt, netns.netns);
	if (!netns.ns)
		return;
	if (best > FIT_WHOLE)
		*ret_owners = (struct owners){ 0 };
	add(ret_owners, &netns);
}

void owner_describe(const struct owner *owner, struct strbuf *out)
{
	const struct identity *identity = owner->identity;
	const char *text, *inside;

	if (owner->kind == OWNER_NETNS) {
		strbuf_addf(out, "netns %s", owner->netns);
		return;
	}
	text = owner_text(owner->kind, identity);
	inside = inside_of(owner->kind, identity);
	if (inside)
		strbuf_addf(out, "%.*s/", identity_short(inside), inside);
	else if (identity->has_user)
		strbuf_addf(out, "%u/", identity->user);
	if (kind_of_name(identity) == owner->kind && identity->name)
		strbuf_adds(out, identity->name);
	else
		strbuf_adds(out, text);
}
