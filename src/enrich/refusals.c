// SPDX-License-Identifier: MIT
/* Why the kernel refuses new namespaces, besides a limit that is reached: notes for the summary. */
#include "nsls/enrich.h"

#include "nsls/base.h"
#include "nsls/model.h"
#include "nsls/procfs.h"
#include "nsls/query.h"

#include <errno.h>

/* Settings with which the kernel refuses user namespaces, and the values that do so. */
static const struct {
	const char *sysctl;
	uint64_t value;
	const char *text;
} settings[] = {
	{ "unprivileged_userns_clone", 0, "creating a user namespace requires CAP_SYS_ADMIN" },
	{ "apparmor_restrict_unprivileged_userns", 1,
		"without CAP_SYS_ADMIN, creating a user namespace requires an AppArmor profile "
		"that "
		"permits it" },
};

#define SETTINGS (sizeof(settings) / sizeof(*settings))

static void refusal_end(struct strbuf *out, size_t *n)
{
	strbuf_add(out, "", 1);
	(*n)++;
}

static int find_settings(const struct procfs *procfs, struct strbuf *out, size_t *n)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		uint64_t value;
		int r = proctext_read_sysctl(procfs, settings[i].sysctl, &value);

		if (error_is_fatal(r))
			return r;
		if (r < 0 || value != settings[i].value) /* most kernels don't have it */
			continue;
		strbuf_addf(out, "kernel.%s is %u: %s", settings[i].sysctl, (unsigned)value,
			settings[i].text);
		refusal_end(out, n);
	}
	return 0;
}

static int find_limits(const struct procfs *procfs, unsigned types, struct strbuf *out, size_t *n)
{
	unsigned refused = 0;

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint64_t limit;
		int r = types & 1u << t ? proctext_read_limit(procfs, t, &limit) : -ENOENT;

		if (error_is_fatal(r))
			return r;
		if (r == 0 && limit == 0)
			refused |= 1u << t;
	}
	if (!refused)
		return 0;
	strbuf_adds(out, "the limit is 0, so no user can create a namespace of type ");
	group_add_types(refused, out);
	refusal_end(out, n);
	return 0;
}

static void find_nesting(const struct model *model, enum nstype type, struct strbuf *out, size_t *n)
{
	const struct ns_type_info *info = nstype_info(type);
	const struct ns *first = NULL;
	char text[NSTYPE_TEXT_MAX];
	size_t count = 0;

	for (size_t i = 0; i < model->n; i++) {
		const struct ns *ns = model->at[i];
		unsigned depth;

		if (ns->ref.type != type || !ns->first || !ns_depth(ns, &depth) ||
			depth < info->depth_max)
			continue;
		first = first ? first : ns;
		count++;
	}
	if (!count)
		return;
	strbuf_addf(out, "%s namespaces can't nest deeper than %u levels: none can be created in ",
		info->noun, info->depth_max);
	if (count > 1)
		strbuf_addf(out, "%zu of them, such as ", count);
	strbuf_adds(out, nstype_format(first->ref, text));
	refusal_end(out, n);
}

int refusals_find(const struct procfs *procfs, const struct model *model, unsigned types,
	struct strbuf *out, size_t *n)
{
	int r = find_limits(procfs, types, out, n);

	if (r == 0 && types & 1u << NS_USER)
		r = find_settings(procfs, out, n);
	for (enum nstype t = 0; r == 0 && t < NS_TYPE_COUNT; t++)
		if (types & 1u << t && nstype_info(t)->depth_max)
			find_nesting(model, t, out, n);
	return r;
}
