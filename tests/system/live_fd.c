// SPDX-License-Identifier: MIT
/*
 * Files and descriptors: what namespace one is on, mounting that, and passing one to another
 * process.
 */
#include "live.h"

#include <inttypes.h>
#include <linux/nsfs.h>

#define ABI_NS_GET_ID _IOR(0xb7, 13, uint64_t)      /* linux/nsfs.h, 6.18 */
#define ABI_NS_GET_MNTNS_ID _IOR(0xb7, 5, uint64_t) /* the same of mount namespaces, 6.11 */

int live_open_file(const char *path, int flags)
{
	return MUST_OPEN(open(path, flags | O_CLOEXEC));
}

char *live_read(int fd)
{
	FILE *file = fdopen(fd, "re");
	char *text = NULL;
	size_t size = 0;

	MUST(file);
	if (getdelim(&text, &size, '\0', file) < 0) {
		MUST(!ferror(file) && (text = realloc(text, 1)));
		*text = '\0';
	}
	fclose(file);
	return test_keep(text);
}

void live_write(const char *path, const char *text)
{
	int fd = live_open_file(path, O_WRONLY);

	MUST(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

unsigned long live_inode(const char *path)
{
	struct stat st;

	MUST(stat(path, &st) == 0);
	return (unsigned long)st.st_ino;
}

char *live_fd_text(int fd, const char *type)
{
	struct stat st;

	MUST(fstat(fd, &st) == 0);
	return strf("%s:[%lu]", type, (unsigned long)st.st_ino);
}

/* The inode number of what an ioctl has led to, which it closes. */
static const char *read_inode(int fd)
{
	struct stat st;

	if (fd < 0)
		return "null";
	MUST(fstat(fd, &st) == 0);
	close(fd);
	return strf("%lu", (unsigned long)st.st_ino);
}

struct live_relations live_relations(int fd)
{
	struct live_relations truth = { .owner_uid = "null", .id = "null" };
	int flag = ioctl(fd, NS_GET_NSTYPE), owner = ioctl(fd, NS_GET_USERNS);
	struct stat st;
	uint64_t id;
	uid_t uid;

	MUST(flag > 0 && fstat(fd, &st) == 0);
	for (int i = 0; i < LIVE_TYPES; i++)
		if (live_types[i].flag == (uint64_t)flag)
			truth.type = live_types[i].name;
	MUST(truth.type);
	truth.ino = st.st_ino;
	if (owner >= 0 && ioctl(owner, NS_GET_OWNER_UID, &uid) == 0)
		truth.owner_uid = strf("%u", uid);
	if (ioctl(fd, ABI_NS_GET_ID, &id) == 0 ||
		(flag == CLONE_NEWNS && ioctl(fd, ABI_NS_GET_MNTNS_ID, &id) == 0))
		truth.id = strf("%" PRIu64, id);
	truth.parent = read_inode(ioctl(fd, NS_GET_PARENT));
	truth.owner = read_inode(owner);
	return truth;
}

void live_bind(int fd, const char *path)
{
	close(MUST_OPEN(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600)));
	MUST(mount(strf("/proc/thread-self/fd/%d", fd), path, NULL, MS_BIND, NULL) == 0);
}

void live_bind_and_close(int fd, const char *path)
{
	live_bind(fd, path);
	close(fd);
}

char *live_mount_new(const char *type, const char *path)
{
	int fd = live_namespace(type);
	char *ns = live_fd_text(fd, type);

	live_bind_and_close(fd, path);
	return ns;
}

void live_send_fd(int socket, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	char byte = 'x'; /* an empty message would be lost on a stream */
	struct iovec iov = { &byte, 1 };
	const struct msghdr message = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	MUST(sendmsg(socket, &message, 0) == 1);
}
