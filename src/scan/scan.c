// SPDX-License-Identifier: MIT
/* The phases in order. What each finds is in the model before the next makes its work list. */
#include "nsls/scan/scan.h"

#include "phase.h"
#include "place.h"

#include "nsls/kernel/proctext.h"

#include <errno.h>

#define DESCRIPTORS_MOST ((size_t)4 * 1024 * 1024)

/* How often processes are listed anew, to find who holds what the kernel lists. */
#define ROUNDS 5

static int look_at_tasks(struct scan *scan)
{
	struct numbers pids;
	int r;

	numbers_init(&pids);
	r = procfs_list(&scan->scene.procfs, scan->scene.procfs.fd, ".", 0, &pids);
	if (r == 0 && !pids.n)
		r = -ENODATA;
	if (r == 0)
		r = phase_tasks(scan, &pids);
	if (r == 0)
		r = phase_threads(scan);
	if (r == 0)
		r = phase_started(scan, &pids);
	numbers_done(&pids);
	if (r == 0)
		r = phase_tables(scan);
	if (r == 0)
		r = phase_rings(scan);
	return r < 0 ? r : phase_sockets(scan);
}

/* A mount may show a namespace, which may be a mount namespace, whose mounts... */
static int look_at_namespaces(struct scan *scan)
{
	size_t known;
	int r;

	do {
		known = scan->merge.model->n;
		r = phase_mounts(scan);
		if (r == 0 && scan->scene.relations)
			r = phase_relations(scan);
	} while (r == 0 && scan->merge.model->n > known);
	return r;
}

/*
 * What the kernel lists and nobody was seen to hold is mostly new, held by a process that is just
 * as new. So processes are looked at again until nothing changes; what has gone is no longer on
 * the kernel's list then.
 */
static int explain_listed(struct scan *scan)
{
	int r = phase_list(scan);

	for (int round = 0; r == 0 && merge_has_unseen(&scan->merge) && round < ROUNDS; round++) {
		merge_begin_again(&scan->merge);
		r = look_at_tasks(scan);
		if (r == 0)
			r = look_at_namespaces(scan);
		merge_end_again(&scan->merge);
		if (r == 0)
			r = phase_list(scan);
		if (r == 0 && merge_is_settled(&scan->merge))
			break;
	}
	if (r < 0 || !scan->merge.listed.n)
		return r;
	merge_keep_seen_before(&scan->merge);
	r = phase_unseen(scan);
	if (r == 0)
		r = look_at_namespaces(scan);
	if (r == 0)
		merge_unseen(&scan->merge);
	return r;
}

static int scan_all(struct scan *scan)
{
	const struct scene *scene = &scan->scene;
	int r = look_at_tasks(scan);

	if (r == 0)
		r = look_at_namespaces(scan);
	if (r == 0 && scene_wants(scene, SOURCE_KERNEL) && scene->procfs.kernel)
		r = explain_listed(scan);
	return r < 0 || !scene->procfs.kernel ? r : phase_reused(scan);
}

/* A user namespace may be held by any namespace that it owns. */
static unsigned choose_types(const struct scan_options *options)
{
	return options->types & 1u << NS_USER ? NS_TYPES_ALL : options->types;
}

static unsigned choose_sources(const struct scan_options *options)
{
	bool net = choose_types(options) & 1u << NS_NET;

	return net ? options->sources : options->sources & ~(1u << SOURCE_SOCKETS);
}

/* Which links are read of each task: a namespace of any type may be held by a mount. */
static unsigned choose_links(const struct scan_options *options)
{
	unsigned sources = choose_sources(options), links = 0;

	if (sources & (1u << SOURCE_PROCESSES | 1u << SOURCE_THREADS))
		links |= choose_types(options);
	if (sources & 1u << SOURCE_SOCKETS)
		links |= 1u << NS_NET;
	if (sources & 1u << SOURCE_MOUNTS)
		links |= 1u << NS_MNT;
	return links;
}

static bool reveals_others(unsigned types)
{
	return types & (1u << NS_USER | 1u << NS_PID);
}

int scan_run(const struct procfs *procfs, const struct kernel *kernel, struct workers *workers,
	const struct scan_options *options, struct model *model, struct report *report)
{
	struct scan scan = {
		.scene = {
			.procfs = *procfs,
			.kernel = kernel,
			.sources = choose_sources(options),
			.types = choose_types(options),
			.links = choose_links(options),
			.relations = options->relations || reveals_others(options->types),
			.ids = options->relations || options->sources & 1u << SOURCE_KERNEL,
			.netnsid = options->netnsid,
			.paths = options->paths && procfs->kernel,
		},
		.workers = workers,
		.descriptors_most = options->descriptors_most ? options->descriptors_most
							      : DESCRIPTORS_MOST,
	};
	int r;

	*report = (struct report){
		.narrowed = options->sources != SOURCES_ALL,
		.no_members = !(options->sources & 1u << SOURCE_PROCESSES),
	};
	model->scan_ticks = proctext_now_ticks();
	merge_init(&scan.merge, model, report, options->sources);
	scan.merge.relations = scan.scene.relations;
	r = place_learn(&scan.scene);
	if (r == 0)
		r = place_gaps(&scan.scene, &report->gaps);
	model->our_mnt = scan.scene.our_mnt;
	model->our_user = scan.scene.our_user;
	if (r == 0)
		r = scan_all(&scan);
	merge_mounts_partly(&scan.merge);
	merge_done(&scan.merge);
	if (r == 0)
		model_sort(model);
	return r;
}
