// SPDX-License-Identifier: MIT
/* See the header. */
#include "dead_places.h"

#include "live.h"

#include <linux/fuse.h>
#include <poll.h>
#include <sys/uio.h>

struct dead_places places;

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

/* Commands come from a socket, by which each is acknowledged once it is done. */
static _Noreturn void run_server(int device, int commands)
{
	static union {
		struct fuse_in_header in;
		char bytes[FUSE_MIN_READ_BUFFER + FILE_SIZE];
	} request;
	bool alive = true, swallows = false;
	uint32_t command = COMMAND_DIE;

	for (;;) {
		bool reads = alive || swallows || command != COMMAND_DIE;
		struct pollfd polls[] = { { commands, POLLIN, 0 },
			{ reads ? device : -1, POLLIN, 0 } };
		ssize_t n;

		MUST(poll(polls, 2, -1) > 0);
		if (polls[0].revents) {
			if (read(commands, &command, sizeof(command)) != sizeof(command))
				_exit(0);
			swallows |= command == COMMAND_SWALLOW;
			if (command == COMMAND_DIE || swallows) {
				alive = false;
				MUST(write(commands, "x", 1) == 1);
			}
			continue;
		}
		n = read(device, &request, sizeof(request));
		MUST(n >= (ssize_t)sizeof(request.in) || errno == ENOENT || errno == EINTR ||
			errno == EAGAIN);
		if (n <= 0)
			continue; /* it was taken back before we came to it */
		if (alive) {
			serve(device, &request.in);
		} else if (request.in.opcode == command) {
			command = COMMAND_DIE;
			MUST(write(commands, "x", 1) == 1);
		}
	}
}

static int mount_fuse(uid_t uid, bool for_all)
{
	int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[128];

	MUST(device >= 0);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=%u,group_id=%u%s", device,
		uid, uid, for_all ? ",allow_other" : "");
	MUST(mount("dead", places.dir, "fuse", MS_NOSUID | MS_NODEV, options) == 0);
	return device;
}

static pid_t server; /* 0: not started */
static int control;

/* Processes that read what blocks, as proof that it does. */
static pid_t probes[PLACES];

void places_set_up(void)
{
	live_make_work(NULL);
	snprintf(places.dir, sizeof(places.dir), "%s/dead", live_work);
	snprintf(places.file, sizeof(places.file), "%s/file", places.dir);
	snprintf(places.beside, sizeof(places.beside), "%s/beside", live_work);
	MUST(mkdir(places.dir, 0755) == 0);
}

static void command_server(uint32_t command)
{
	char byte;

	MUST(write(control, &command, sizeof(command)) == sizeof(command));
	MUST(read(control, &byte, 1) == 1);
}

void places_start_fuse(uid_t uid, bool for_all)
{
	struct ready mounted = ready_new();
	int pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	fflush(NULL);
	server = live_fork(0);
	if (server == 0) {
		int device = mount_fuse(uid, for_all);

		close(pair[0]);
		ready_signal(&mounted);
		run_server(device, pair[1]);
	}
	close(pair[1]);
	control = pair[0];
	ready_await(&mounted);
}

void places_stop_fuse(void)
{
	command_server(COMMAND_DIE);
}

void places_swallow(void)
{
	command_server(COMMAND_SWALLOW);
}

/*
 * Waits until the dead server gets such a request (enum fuse_opcode). Later requests stay in the
 * kernel's queue: a process that waits for one of these can still be killed.
 */
static void await_request(uint32_t opcode)
{
	command_server(opcode);
}

static void end(pid_t *pid)
{
	if (*pid)
		live_end(*pid);
	*pid = 0;
}

/* The server first: before, the processes at its mercy can't even be killed. */
void places_end(void)
{
	if (!server)
		return;
	end(&server);
	close(control);
	for (enum place place = 0; place < PLACES; place++) {
		end(&probes[place]);
		end(&places.processes[place]);
	}
	umount2(places.dir, MNT_DETACH);
	unlink(places.beside);
}

/* What the process at a place waits for before it does the part that makes it block, and the thread
 * of the one of MEMORY.
 */
static struct ready go[PLACES], then;

int places_open_file(void)
{
	return live_open_file(places.file, O_RDONLY);
}

static void be_at_descriptor(struct ready *ready)
{
	places_open_file();
	ready_signal(ready);
}

static void be_at_root(struct ready *ready)
{
	MUST(chroot(places.dir) == 0 && chdir("/") == 0);
	ready_signal(ready);
}

static int below_fd, beside_fd;

static void be_at_mount_point(struct ready *ready)
{
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(strf("/proc/self/fd/%d", below_fd), places.file, NULL, MS_BIND, NULL) == 0);
	close(below_fd);
	live_bind_and_close(beside_fd, places.beside);
	ready_signal(ready);
}

/* Waits for the lock of the memory map, to change it. Others wait behind it. */
static void *change_map(void *data)
{
	ready_await(data);
	mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return NULL;
}

/* A read of /proc/PID/mem keeps the map locked while the page comes, which here is for ever. */
static void be_at_memory(struct ready *ready)
{
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	const char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, places_open_file(), 0);
	pthread_t thread;
	char byte;

	MUST(mem >= 0 && page != MAP_FAILED);
	MUST(pthread_create(&thread, NULL, change_map, &then) == 0);
	ready_signal(ready);
	ready_await(&go[MEMORY]);
	(void)!pread(mem, &byte, 1, (off_t)(uintptr_t)page);
}

/* execve(2) closes the file, which is a request to the server, with the process locked. */
static void be_at_exec(struct ready *ready)
{
	places_open_file();
	ready_signal(ready);
	ready_await(&go[EXEC]);
	execl("/bin/sleep", "sleep", "1000", (char *)NULL);
}

static void (*const be_at[PLACES])(struct ready *) = {
	[DESCRIPTOR] = be_at_descriptor,
	[ROOT] = be_at_root,
	[MOUNT_POINT] = be_at_mount_point,
	[MEMORY] = be_at_memory,
	[EXEC] = be_at_exec,
};

void places_start(enum place place)
{
	struct ready ready = ready_new();

	go[place] = ready_new();
	if (place == MEMORY)
		then = ready_new();
	fflush(NULL);
	places.processes[place] = live_fork(CLONE_NEWUTS);
	if (places.processes[place] == 0) {
		be_at[place](&ready);
		live_wait();
	}
	ready_await(&ready);
}

static void start_at_mount_point(void)
{
	below_fd = live_namespace("net");
	beside_fd = live_namespace("net");
	strcpy(places.below_ns, live_fd_text(below_fd, "net"));
	strcpy(places.beside_ns, live_fd_text(beside_fd, "net"));
	places_start(MOUNT_POINT);
	close(below_fd);
	close(beside_fd);
	places.mount_ns = live_inode(live_ns_path(places.processes[MOUNT_POINT], "mnt"));
}

static void signal_once(struct ready *ready)
{
	ready_signal(ready);
	close(ready->fds[0]);
	close(ready->fds[1]);
}

static char state_of(pid_t pid)
{
	FILE *file = fopen(strf("/proc/%d/stat", pid), "re");
	char state = '\0';

	if (file) {
		(void)!fscanf(file, "%*d (%*[^)]) %c", &state);
		fclose(file);
	}
	return state;
}

/* A process that reads a link or file of another: returns whether that makes it wait. */
static bool has_to_wait(pid_t *ret_probe, const char *path)
{
	char buf[64], state;
	int fd;

	fflush(NULL);
	*ret_probe = live_fork(0);
	if (*ret_probe == 0) {
		if (readlink(path, buf, sizeof(buf)) < 0) {
			fd = open(path, O_RDONLY | O_CLOEXEC);
			(void)!read(fd, buf, sizeof(buf));
		}
		_exit(0);
	}
	do {
		sched_yield();
		state = state_of(*ret_probe);
	} while (state != 'Z' && state != 'D');
	if (state == 'D')
		return true;
	end(ret_probe);
	return false;
}

static void stick_in_memory(void)
{
	const char *path = strf("/proc/%d/cmdline", places.processes[MEMORY]);

	signal_once(&go[MEMORY]);
	await_request(FUSE_READ);
	signal_once(&then);
	while (!has_to_wait(&probes[MEMORY], path))
		;
}

void places_block_in_exec(void)
{
	signal_once(&go[EXEC]);
	await_request(FUSE_FLUSH);
	MUST(has_to_wait(&probes[EXEC], live_ns_path(places.processes[EXEC], "net")));
}

void places_die(unsigned which)
{
	places_start_fuse(0, true);
	for (enum place place = 0; place < PLACES; place++)
		if (!(which & 1u << place))
			continue;
		else if (place == MOUNT_POINT)
			start_at_mount_point();
		else
			places_start(place);
	places_stop_fuse();
	if (which & 1u << MEMORY)
		stick_in_memory();
	if (which & 1u << EXEC)
		places_block_in_exec();
}

bool places_are_blocked(void)
{
	for (enum place place = 0; place < PLACES; place++)
		if (probes[place] && state_of(probes[place]) != 'D')
			return false;
	return true;
}
