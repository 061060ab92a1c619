// SPDX-License-Identifier: MIT
/* Finds what the privileges and namespaces of nsls hide from it. */
#include "internal.h"

#include "nsls/base.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <unistd.h>

/* Reads our own namespace. A plain directory may show another system, with a self of its own. */
static int read_own_ns(const struct ctx *ctx, enum nstype type, uint32_t *ret_ino)
{
	CLEANUP_FD int ns_fd = -1;

	if (ctx->procfs.kernel)
		return ctx->kernel->own(ctx->kernel, type, ret_ino);
	ns_fd = procfs_open_directory(&ctx->procfs, ctx->procfs.fd, "self/ns");
	return ns_fd < 0 ? ns_fd : procfs_read_ns(ns_fd, nstype_info(type)->name, type, ret_ino);
}

static bool has_ids(const struct kernel *kernel)
{
	int fd = kernel->open_own(kernel, NS_USER);
	uint64_t id;
	bool has;

	if (fd < 0)
		return false;
	has = kernel->id(kernel, fd, &id) == 0;
	kernel->close(kernel, fd);
	return has;
}

int visibility_detect(struct ctx *ctx)
{
	ctx->fixed_initial = ctx->procfs.kernel && has_ids(ctx->kernel);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++) {
		uint32_t ino;
		int r;

		if (t != NS_MNT && t != NS_USER && !(ctx->links & 1u << t))
			continue;
		r = read_own_ns(ctx, t, &ino);
		if (error_is_fatal(r))
			return r;
		/* We are alive, so a link that we do not have is one that the kernel lacks. */
		if (r == -ENOENT && (ctx->procfs.kernel || ctx->procfs.self))
			ctx->unsupported |= 1u << t;
		if (r == 0 && t == NS_MNT)
			ctx->our_mnt = ino;
		if (r == 0 && t == NS_USER)
			ctx->our_user = ino;
	}
	return 0;
}

/* PID 1 always exists: a procfs that does not show it hides processes (proc(5), hidepid). */
static bool hides_pid_1(const struct ctx *ctx)
{
	int fd = procfs_open_process(&ctx->procfs, 1);

	if (fd >= 0)
		close(fd);
	return fd == -ENOENT;
}

static int detect_hidepid(const struct ctx *ctx, bool *ret_hidepid)
{
	int r;

	*ret_hidepid = false;
	if (ctx->kernel->capable(ctx->kernel, CAP_SYS_PTRACE))
		return 0;
	r = procfs_has_hidepid(&ctx->procfs, ret_hidepid);
	*ret_hidepid = *ret_hidepid || hides_pid_1(ctx);
	return error_is_fatal(r) ? r : 0;
}

int visibility_limitations(const struct ctx *ctx, unsigned *ret_limitations)
{
	const struct kernel *kernel = ctx->kernel;
	unsigned limitations = 0;
	uint32_t pidns;
	bool hidepid;
	int r;

	*ret_limitations = 0;
	if (!ctx->procfs.kernel)
		return 0;
	r = detect_hidepid(ctx, &hidepid);
	if (r < 0)
		return r;
	limitations |= hidepid ? LIMITATION_HIDEPID : 0;
	if (!kernel->has_self)
		limitations |= LIMITATION_SELF;
	if (!ctx->procfs.ours)
		limitations |= LIMITATION_FOREIGN;
	else if (kernel->own(kernel, NS_PID, &pidns) == 0 &&
		 pidns != nstype_info(NS_PID)->initial_ino)
		limitations |= LIMITATION_PIDNS;
	if (!kernel->capable(kernel, CAP_SYS_PTRACE) || !kernel->capable(kernel, CAP_SYS_ADMIN))
		limitations |= LIMITATION_PRIVILEGE;
	*ret_limitations = limitations;
	return 0;
}
