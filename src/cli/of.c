// SPDX-License-Identifier: MIT
#include "of.h"

#include "complain.h"

#include "nsls/base/memory.h"
#include "nsls/base/number.h"
#include "nsls/model/name.h"
#include "nsls/select/owner.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

struct search {
	struct operands *operands;
	const struct model *model;
	const struct report *report;
	uint32_t names_mnt;
	uint32_t host[NS_TYPE_COUNT];
};

/* By name, or by number, 0 too. */
static bool find_user(const char *text, uid_t *ret_user)
{
	const struct passwd *entry = getpwnam(text);
	uint64_t uid = 0;

	if (entry) {
		*ret_user = entry->pw_uid;
		return true;
	}
	if (strcmp(text, "0") != 0 && number_parse(text, strlen(text), UINT32_MAX, &uid) < 0)
		return false;
	*ret_user = (uid_t)uid;
	return true;
}

static void complain_nobody(const struct search *search, const char *text)
{
	complain(search->operands->err,
		"no container ID, pod, machine, application, unit or network namespace '%s'%s",
		text,
		report_is_complete(search->report) ? ""
						   : " found, but not everything could be read");
}

static void complain_many(
	const struct search *search, const char *text, const struct owners *owners)
{
	struct strbuf names;

	strbuf_init(&names);
	for (size_t i = 0; i < owners->n; i++) {
		strbuf_adds(&names, i ? ", " : "");
		owner_describe(&owners->at[i], &names);
	}
	complain(search->operands->err, "'%s' is ambiguous: %s%s", text, strbuf_text(&names),
		owners->more ? " and others" : "");
	strbuf_done(&names);
}

/* What it shares with the host is the host's, and shown where that type is asked for. */
static bool is_wanted(const struct search *search, enum nstype type, uint32_t ino)
{
	unsigned types = search->operands->options->types;

	if (!ino || (types && !(types & 1u << type)))
		return false;
	return types || ino != search->host[type];
}

static void add_task(
	const struct search *search, const struct task *task, const struct owner *owner)
{
	operands_choose(search->operands, task);
	/* Who happens to be in a network namespace has others that are not called by its name. */
	for (enum nstype t = 0; owner->kind != OWNER_NETNS && t < NS_TYPE_COUNT; t++)
		if (is_wanted(search, t, task->ino[t]))
			operands_add(search->operands, (struct ns_ref){ t, task->ino[t] });
}

static void add_owner(const struct search *search, const char *text, const struct owner *owner)
{
	const struct options *options = search->operands->options;
	size_t before = search->operands->nrefs;

	if (owner->ns)
		operands_add(search->operands, owner->ns->ref);
	for (size_t i = 0; i < search->model->ntasks; i++)
		if (owner_has(owner, search->model->tasks[i]))
			add_task(search, search->model->tasks[i], owner);
	if (search->operands->nrefs == before && !options->monitor_ms && !options->quiet &&
		!options->no_warnings)
		complain(search->operands->err,
			"note: '%s' shares all its namespaces with the host; pass '--type TYPE' to "
			"see these",
			text);
}

static int add_owners(const struct search *search, const char *text, const struct owners *owners)
{
	bool monitors = search->operands->options->monitor_ms;

	if (!owners->n && !monitors)
		complain_nobody(search, text);
	else if (owners->more || (owners->n > 1 && !monitors))
		complain_many(search, text, owners);
	else
		for (size_t i = 0; i < owners->n; i++)
			add_owner(search, text, &owners->at[i]);
	return (owners->n != 1 && !monitors) || owners->more ? -ENOENT : 0;
}

static int find_one(const struct search *search, const char *text)
{
	const char *slash = strchr(text, '/');
	struct owner_name name = { .text = slash ? slash + 1 : text };
	struct owners owners;
	char *in = NULL;
	int r;

	if (slash) {
		in = memory_copy(text);
		in[slash - text] = '\0';
		name.has_user = find_user(in, &name.user);
	}
	name.in = in;
	owners_find(search->model, search->names_mnt, &name, &owners);
	r = add_owners(search, text, &owners);
	free(in);
	return r;
}

int of_find(struct operands *operands, const struct procfs *procfs, const struct model *model,
	const struct report *report)
{
	struct search search = {
		.operands = operands,
		.model = model,
		.report = report,
		.names_mnt = ns_names_mnt(model, procfs->ours),
	};
	int result = 0;

	model_host(model, search.host);
	for (size_t i = 0; i < operands->options->nof; i++) {
		int r = find_one(&search, operands->options->of[i]);

		if (r < 0)
			result = r;
	}
	return result;
}
