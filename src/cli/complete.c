// SPDX-License-Identifier: MIT
#include "complete.h"

#include "nsls/base/array.h"
#include "nsls/model/name.h"
#include "nsls/select/owner.h"

#include <stdlib.h>
#include <string.h>

/* None of these means anything to a shell, unless '-' comes first. */
#define PLAIN                                                                                      \
	"abcdefghijklmnopqrstuvwxyz"                                                               \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"                                                               \
	"0123456789@:._-"

struct names {
	const char **at;
	size_t n, size;
};

static void add(struct names *names, const char *name)
{
	if (name && *name && *name != '-' && !name[strspn(name, PLAIN)])
		*array_push(names->at, names->n, names->size) = name;
}

static void add_netns(struct names *names, const struct ns *ns, uint32_t names_mnt)
{
	const char *name;

	for (const struct holder *h = ns->first; h; h = h->next)
		if (h->kind == HOLDER_MOUNT && h->mount->mntns == names_mnt &&
			ns_is_named_at(h->mount->path, &name))
			add(names, name);
}

static void add_identity(struct names *names, const struct identity *identity)
{
	for (enum owner_kind kind = 0; kind < OWNER_KIND_COUNT; kind++)
		add(names, owner_text(kind, identity));
}

static void add_all(
	struct names *names, const struct model *model, uint32_t names_mnt, enum complete what)
{
	for (size_t i = 0; names_mnt && i < model->n; i++)
		if (model->at[i]->ref.type == NS_NET)
			add_netns(names, model->at[i], names_mnt);
	for (size_t i = 0; what == COMPLETE_OF && i < model->ntasks; i++)
		if (model->tasks[i]->identity)
			add_identity(names, model->tasks[i]->identity);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void complete_print(const struct model *model, uint32_t names_mnt, enum complete what, FILE *out)
{
	struct names names = { 0 };

	add_all(&names, model, names_mnt, what);
	if (names.n)
		qsort(names.at, names.n, sizeof(const char *), by_text);
	for (size_t i = 0; i < names.n; i++)
		if (!i || strcmp(names.at[i], names.at[i - 1]) != 0)
			fprintf(out, "%.*s\n", identity_short(names.at[i]), names.at[i]);
	free(names.at);
}
