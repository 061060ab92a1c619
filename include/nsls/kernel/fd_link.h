/* SPDX-License-Identifier: MIT */
/* What the text of a link of /proc/PID/fd says, proc_pid_fd(5). */
#ifndef NSLS_KERNEL_FD_LINK_H
#define NSLS_KERNEL_FD_LINK_H

#include "nsls/kernel/kernel.h"

/*
 * A namespace ("net:[4026531840]"), a socket, a ring, the tun device by its usual path, another
 * path, which may be that of a namespace file, or FD_OTHER. Of a namespace it tells the inode
 * alone, of a ring not even that.
 */
void fd_link_parse(const char *text, struct fd_target *ret_target);

/* The same for the text of a link. Returns 0, or -errno of readlink(2). */
int fd_link_read(int dirfd, const char *link, struct fd_target *ret_target);

#endif
