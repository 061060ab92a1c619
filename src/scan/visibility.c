// SPDX-License-Identifier: MIT
/* What the privileges and namespaces of nsls hide from it. */
#include "internal.h"

#include "nsls/base.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <unistd.h>

/* Our own namespace: by the procfs if that is a plain directory, which may be another world. */
static int read_own(const struct scene *scene, enum nstype type, uint32_t *ret_ino)
{
	char path[32];

	if (scene->procfs.kernel)
		return scene->kernel->own(scene->kernel, type, ret_ino);
	snprintf(path, sizeof(path), "self/%s", nstype_info(type)->link);
	return procfs_read_ns(scene->procfs.fd, path, type, ret_ino);
}

int place_learn(struct scene *scene)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r;

		if (t != NS_MNT && t != NS_USER && !(scene->links & 1u << t))
			continue;
		r = read_own(scene, t, &ino);
		if (error_is_fatal(r))
			return r;
		/* What this process lacks, which is alive for sure, the kernel lacks. */
		if (r == -ENOENT && (scene->procfs.kernel || scene->procfs.self))
			scene->unsupported |= 1u << t;
		if (r == 0 && t == NS_MNT)
			scene->our_mnt = ino;
		if (r == 0 && t == NS_USER)
			scene->our_user = ino;
	}
	return 0;
}

/* PID 1 always exists; a procfs that does not show it hides processes (proc(5), hidepid). */
static bool hides_first(const struct scene *scene)
{
	int fd = procfs_open_task(&scene->procfs, 1);

	if (fd >= 0)
		close(fd);
	return fd == -ENOENT;
}

static int ask_hidepid(const struct scene *scene, bool *ret_hides)
{
	int r;

	*ret_hides = false;
	if (scene->kernel->capable(scene->kernel, CAP_SYS_PTRACE))
		return 0;
	r = procfs_has_hidepid(&scene->procfs, ret_hides);
	*ret_hides = *ret_hides || hides_first(scene);
	return error_is_fatal(r) ? r : 0;
}

int place_gaps(const struct scene *scene, unsigned *ret_gaps)
{
	const struct kernel *kernel = scene->kernel;
	unsigned gaps = 0;
	uint32_t pidns;
	bool hides;
	int r;

	*ret_gaps = 0;
	if (!scene->procfs.kernel)
		return 0;
	r = ask_hidepid(scene, &hides);
	if (r < 0)
		return r;
	gaps |= hides ? REPORT_GAP_HIDEPID : 0;
	if (!kernel->has_self)
		gaps |= REPORT_GAP_SELF;
	if (!scene->procfs.ours)
		gaps |= REPORT_GAP_FOREIGN;
	else if (kernel->own(kernel, NS_PID, &pidns) == 0 &&
		 pidns != nstype_info(NS_PID)->initial_ino)
		gaps |= REPORT_GAP_PIDNS;
	if (!kernel->capable(kernel, CAP_SYS_PTRACE) || !kernel->capable(kernel, CAP_SYS_ADMIN))
		gaps |= REPORT_GAP_PRIVILEGE;
	*ret_gaps = gaps;
	return 0;
}
