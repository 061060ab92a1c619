// SPDX-License-Identifier: MIT
/* See the header. */
#include "dead_fuse.h"

#include "live.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define FILE_NODE 2
#define TUN_NODE 3
#define FILE_SIZE 4096
#define COMMAND_DIE 0 /* no opcode; any other command but the next is an opcode to wait for */
#define COMMAND_SWALLOW UINT32_MAX

static void answer(int device, const struct fuse_in_header *in, int error, void *body, size_t len)
{
	struct fuse_out_header out = {
		.len = (uint32_t)(sizeof(out) + len), .error = error, .unique = in->unique
	};
	struct iovec parts[] = { { &out, sizeof(out) }, { body, len } };

	/* ENOENT: the process of the request has been killed since. */
	MUST(writev(device, parts, 2) == (ssize_t)out.len || errno == ENOENT);
}

/* All zero where there is no such node. */
static struct fuse_attr attr_of(uint64_t node)
{
	static const struct fuse_attr attrs[] = {
		[FUSE_ROOT_ID] = { .ino = FUSE_ROOT_ID, .nlink = 1, .mode = S_IFDIR | 0755 },
		[FILE_NODE] = { .ino = FILE_NODE,
			.nlink = 1,
			.mode = S_IFREG | 0644,
			.size = FILE_SIZE },
		[TUN_NODE] = { .ino = TUN_NODE,
			.nlink = 1,
			.mode = S_IFCHR | 0666,
			.rdev = 10 << 8 | 200 }, /* as /dev/net/tun */
	};

	return attrs[node < COUNT(attrs) ? node : 0];
}

static uint64_t node_of(const char *name)
{
	return !strcmp(name, "tun") ? TUN_NODE : !strcmp(name, "file") ? FILE_NODE : 0;
}

/* Answers the requests of a test's set-up. */
static void serve(int device, const struct fuse_in_header *in)
{
	uint64_t node = in->opcode == FUSE_LOOKUP ? node_of((const char *)(in + 1)) : in->nodeid;
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = FILE_SIZE };
	struct fuse_entry_out entry = { .nodeid = node, .attr = attr_of(node) };
	struct fuse_attr_out attr = { .attr = entry.attr };
	struct fuse_open_out opened = { 0 };

	switch (in->opcode) {
	case FUSE_INIT:
		answer(device, in, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		answer(device, in, node ? 0 : -ENOENT, &entry, node ? sizeof(entry) : 0);
		break;
	case FUSE_GETATTR:
		answer(device, in, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		answer(device, in, 0, &opened, sizeof(opened));
		break;
	case FUSE_ACCESS:
	case FUSE_FLUSH:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
		answer(device, in, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break; /* these have no answer */
	default:
		answer(device, in, -ENOSYS, NULL, 0);
	}
}

/* Reads the next request; false where it was taken back before we came to it. */
static bool next_request(int device, struct fuse_in_header *in, size_t size)
{
	ssize_t n = read(device, in, size);

	MUST(n >= (ssize_t)sizeof(*in) || errno == ENOENT || errno == EINTR || errno == EAGAIN);
	return n > 0;
}

static void acknowledge(int control)
{
	MUST(write(control, "x", 1) == 1);
}

static _Noreturn void run_server(int device, int control)
{
	static union {
		struct fuse_in_header in;
		char bytes[FUSE_MIN_READ_BUFFER + FILE_SIZE];
	} request;
	bool alive = true, swallows = false;
	uint32_t command = COMMAND_DIE;

	for (;;) {
		bool reads = alive || swallows || command != COMMAND_DIE;
		struct pollfd polls[] = { { control, POLLIN, 0 },
			{ reads ? device : -1, POLLIN, 0 } };

		MUST(poll(polls, 2, -1) > 0);
		if (polls[0].revents) {
			if (read(control, &command, sizeof(command)) != sizeof(command))
				_exit(0);
			swallows |= command == COMMAND_SWALLOW;
			if (command == COMMAND_DIE || swallows) {
				alive = false;
				acknowledge(control);
			}
			continue;
		}
		if (!next_request(device, &request.in, sizeof(request)))
			continue;
		if (alive) {
			serve(device, &request.in);
		} else if (request.in.opcode == command) {
			command = COMMAND_DIE;
			acknowledge(control);
		}
	}
}

static int mount_fuse(const char *dir, uid_t uid, bool for_all)
{
	int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];

	MUST(device >= 0);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%u,group_id=%u%s", device,
		uid, uid, for_all ? ",allow_other" : "");
	MUST(mount("dead", dir, "fuse", MS_NOSUID | MS_NODEV, options) == 0);
	return device;
}

static void await_acknowledgement(const struct dead_fuse *fuse)
{
	char byte;

	MUST(read(fuse->control, &byte, 1) == 1);
}

void dead_fuse_start(struct dead_fuse *fuse, const char *dir, uid_t uid, bool for_all)
{
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	fflush(NULL);
	fuse->server = live_fork(0);
	if (fuse->server == 0) {
		int device = mount_fuse(dir, uid, for_all);

		close(pair[0]);
		acknowledge(pair[1]);
		run_server(device, pair[1]);
	}
	close(pair[1]);
	fuse->control = pair[0];
	await_acknowledgement(fuse);
}

static void command_server(const struct dead_fuse *fuse, uint32_t command)
{
	MUST(write(fuse->control, &command, sizeof(command)) == sizeof(command));
	await_acknowledgement(fuse);
}

void dead_fuse_die(struct dead_fuse *fuse)
{
	command_server(fuse, COMMAND_DIE);
}

void dead_fuse_swallow(struct dead_fuse *fuse)
{
	command_server(fuse, COMMAND_SWALLOW);
}

void dead_fuse_await(struct dead_fuse *fuse, uint32_t opcode)
{
	command_server(fuse, opcode);
}

void dead_fuse_end(struct dead_fuse *fuse)
{
	if (!fuse->server)
		return;
	live_end(fuse->server);
	close(fuse->control);
	*fuse = (struct dead_fuse){ 0 };
}
