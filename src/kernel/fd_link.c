// SPDX-License-Identifier: MIT
#include "nsls/kernel/fd_link.h"

#include "nsls/base/number.h"
#include "nsls/kernel/procfs.h"
#include "nsls/kernel/ring.h"

#include <errno.h>
#include <string.h>

#define SOCKET_START "socket:["

/* "socket:[INODE]" */
static int parse_socket(const char *text, uint64_t *ret_inode)
{
	size_t len = strlen(text), start = strlen(SOCKET_START);

	if (strncmp(text, SOCKET_START, start) != 0 || text[len - 1] != ']')
		return -EINVAL;
	return number_parse(text + start, len - start - 1, UINT64_MAX, ret_inode);
}

void fd_link_parse(const char *text, struct fd_target *ret_target)
{
	struct ns_ref ref;

	*ret_target = (struct fd_target){ .kind = text[0] == '/' ? FD_PATH : FD_OTHER };
	if (nstype_parse(text, &ref) == 0)
		*ret_target = (struct fd_target){ .kind = FD_NAMESPACE, .ino = ref.ino };
	else if (parse_socket(text, &ret_target->ino) == 0)
		ret_target->kind = FD_SOCKET;
	else if (!strcmp(text, RING_LINK))
		ret_target->kind = FD_RING;
	else if (!strcmp(text, "/dev/net/tun"))
		ret_target->kind = FD_TUN;
}

int fd_link_read(int dirfd, const char *link, struct fd_target *ret_target)
{
	char text[64];
	int r = procfs_read_link(dirfd, link, text, sizeof(text));

	if (r < 0 && r != -ENAMETOOLONG) /* only a path is that long */
		return r;
	fd_link_parse(text, ret_target);
	return 0;
}
