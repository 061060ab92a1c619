// SPDX-License-Identifier: MIT
/* See the header. */
#include "dead_places.h"

#include "live.h"

#include <linux/fuse.h>
#include <poll.h>
#include <sys/uio.h>

struct dead_places *places;

#define FILE_NODE 2
#define TUN_NODE 3
#define FILE_SIZE 4096
#define SERVE (UINT32_MAX - 1) /* before the first command */

static void answer(int device, const struct fuse_in_header *in, int error, void *body, size_t len)
{
	struct fuse_out_header out = {
		.len = (uint32_t)(sizeof(out) + len), .error = error, .unique = in->unique
	};
	struct iovec parts[] = { { &out, sizeof(out) }, { body, len } };

	/* ENOENT: the process of the request has been killed since. */
	MUST(writev(device, parts, 2) == (ssize_t)out.len || errno == ENOENT);
}

/* The root has number FUSE_ROOT_ID. All is zero where there is no such node. */
static const struct fuse_attr attrs[] = {
	[FUSE_ROOT_ID] = { .nlink = 1, .mode = S_IFDIR | 0755 },
	[FILE_NODE] = { .nlink = 1, .mode = S_IFREG | 0644, .size = FILE_SIZE },
	/* As /dev/net/tun. */
	[TUN_NODE] = { .nlink = 1, .mode = S_IFCHR | 0666, .rdev = 10 << 8 | 200 },
};

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
	struct fuse_entry_out entry = { .nodeid = node,
		.attr = attrs[node < COUNT(attrs) ? node : 0] };
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
	case FUSE_FLUSH:
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

/*
 * Commands come from a socket, by which each is acknowledged once it is done. Any other than the
 * two waits until the stopped server gets such a request (enum fuse_opcode). Later requests stay in
 * the kernel's queue: a process that waits for one of these can still be killed.
 */
static _Noreturn void run_server(int device, int commands)
{
	static union {
		struct fuse_in_header in;
		char bytes[FUSE_MIN_READ_BUFFER + FILE_SIZE];
	} request;
	uint32_t command = SERVE;

	for (;;) {
		struct pollfd polls[] = { { commands, POLLIN, 0 },
			{ command == PLACES_STOP ? -1 : device, POLLIN, 0 } };
		bool done = false;

		MUST(poll(polls, 2, -1) > 0);
		if (polls[0].revents) {
			if (read(commands, &command, sizeof(command)) != sizeof(command))
				_exit(0);
			done = command == PLACES_STOP || command == PLACES_SWALLOW;
		} else if (read(device, &request, sizeof(request)) < 0) {
			/* It was taken back before we came to it. */
			MUST(errno == ENOENT || errno == EINTR || errno == EAGAIN);
		} else if (command == SERVE) {
			serve(device, &request.in);
		} else if (request.in.opcode == command) {
			command = PLACES_STOP;
			done = true;
		}
		MUST(!done || write(commands, "x", 1) == 1);
	}
}

int places_mount(uid_t uid, bool for_all)
{
	int device = live_open_file("/dev/fuse", O_RDWR);
	const char *options = strf("fd=%d,rootmode=40000,user_id=%u,group_id=%u%s", device, uid,
		uid, for_all ? ",allow_other" : "");

	MUST(mount("dead", places->dir, "fuse", MS_NOSUID | MS_NODEV, options) == 0);
	return device;
}

static pid_t server; /* 0: not started */
static int control;

/* Processes that read what blocks, as proof that it does. */
static pid_t probes[PLACES];

void places_set_up(void)
{
	live_make_work(NULL);
	places = live_share(sizeof(*places));
	snprintf(places->dir, sizeof(places->dir), "%s/dead", live_work);
	snprintf(places->file, sizeof(places->file), "%s/file", places->dir);
	snprintf(places->beside, sizeof(places->beside), "%s/beside", live_work);
	MUST(mkdir(places->dir, 0755) == 0);
}

void places_command(uint32_t command)
{
	char byte;

	MUST(write(control, &command, sizeof(command)) == sizeof(command));
	MUST(read(control, &byte, 1) == 1);
}

void places_start_fuse(uid_t uid, bool for_all)
{
	int device = places_mount(uid, for_all), pair[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	fflush(NULL);
	server = live_fork(0);
	if (server == 0) {
		close(pair[0]);
		run_server(device, pair[1]);
	}
	close(device);
	close(pair[1]);
	control = pair[0];
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
		end(&places->processes[place]);
	}
	umount2(places->dir, MNT_DETACH);
	unlink(places->beside);
}

/* What a thread of the process at a place waits for before it blocks; what a second one does. */
static struct ready go[PLACES], then[PLACES];

int places_open_file(void)
{
	return live_open_file(places->file, O_RDONLY);
}

static void be_at_descriptor(void *unused)
{
	places_open_file();
}

static void be_at_root(void *unused)
{
	MUST(chroot(places->dir) == 0 && chdir("/") == 0);
}

static void be_at_mount_point(void *unused)
{
	int below = live_namespace("net"), beside = live_namespace("net");

	strcpy(places->below_ns, live_fd_text(below, "net"));
	strcpy(places->beside_ns, live_fd_text(beside, "net"));
	MUST(unshare(CLONE_NEWNS) == 0);
	MUST(mount(strf("/proc/self/fd/%d", below), places->file, NULL, MS_BIND, NULL) == 0);
	close(below);
	live_bind_and_close(beside, places->beside);
	places->mount_ns = live_inode("/proc/self/ns/mnt");
}

static void start_thread(void *(*work)(void *data), const void *data)
{
	pthread_t thread;

	MUST(pthread_create(&thread, NULL, work, (void *)(uintptr_t)data) == 0);
}

/* A read of /proc/PID/mem keeps the map locked while the page comes, which here is for ever. */
static void *read_page(void *page)
{
	int mem = live_open_file("/proc/self/mem", O_RDONLY);
	char byte;

	ready_await(&go[MEMORY]);
	(void)!pread(mem, &byte, 1, (off_t)(uintptr_t)page);
	return NULL;
}

/* Waits for the lock of the memory map, to change it. Others wait behind it. */
static void *change_map(void *unused)
{
	ready_await(&then[MEMORY]);
	mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return NULL;
}

static void be_at_memory(void *unused)
{
	const char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, places_open_file(), 0);

	MUST(page != MAP_FAILED);
	start_thread(read_page, page);
	start_thread(change_map, NULL);
}

/* execve(2) closes the file, which is a request to the server, with the process locked. */
static void *execute(void *unused)
{
	ready_await(&go[EXEC]);
	execl("/bin/sleep", "sleep", "1000", (char *)NULL);
	return NULL;
}

static void be_at_exec(void *unused)
{
	places_open_file();
	start_thread(execute, NULL);
}

static void (*const be_at[PLACES])(void *unused) = {
	[DESCRIPTOR] = be_at_descriptor,
	[ROOT] = be_at_root,
	[MOUNT_POINT] = be_at_mount_point,
	[MEMORY] = be_at_memory,
	[EXEC] = be_at_exec,
};

void places_start(enum place place)
{
	go[place] = ready_new();
	then[place] = ready_new();
	places->processes[place] = live_start(CLONE_NEWUTS, be_at[place], NULL);
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
		fd = open(path, O_RDONLY | O_CLOEXEC);
		(void)!read(fd, buf, sizeof(buf));
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
	const char *path = strf("/proc/%d/cmdline", places->processes[MEMORY]);

	ready_signal(&go[MEMORY]);
	places_command(FUSE_READ);
	ready_signal(&then[MEMORY]);
	while (!has_to_wait(&probes[MEMORY], path))
		;
}

void places_block_in_exec(void)
{
	ready_signal(&go[EXEC]);
	places_command(FUSE_FLUSH);
	MUST(has_to_wait(&probes[EXEC], live_ns_path(places->processes[EXEC], "net")));
}

void places_die(unsigned which)
{
	places_start_fuse(0, true);
	for (enum place place = 0; place < PLACES; place++)
		if (which & 1u << place)
			places_start(place);
	places_command(PLACES_STOP);
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
