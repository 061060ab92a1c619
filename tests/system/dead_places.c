// SPDX-License-Identifier: MIT
/* See the header. */
#include "dead_places.h"

#include "live.h"

#include <pthread.h>
#include <sys/mman.h>

struct dead_places places;

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

void places_start_fuse(uid_t uid, bool for_all)
{
	dead_fuse_start(&places.fuse, places.dir, uid, for_all);
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
	if (!places.fuse.server)
		return;
	dead_fuse_end(&places.fuse);
	for (enum place place = 0; place < PLACES; place++) {
		end(&probes[place]);
		end(&places.processes[place]);
	}
	umount2(places.dir, MNT_DETACH);
	unlink(places.beside);
}

/* What the process at a place waits for before it does the part that makes it block. */
static struct ready go[PLACES], then[PLACES];

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

static void bind_namespace(int fd, const char *path)
{
	MUST(mount(strf("/proc/self/fd/%d", fd), path, NULL, MS_BIND, NULL) == 0);
}

static int below_fd, beside_fd;

static void be_at_mount_point(struct ready *ready)
{
	MUST(unshare(CLONE_NEWNS) == 0);
	bind_namespace(below_fd, places.file);
	bind_namespace(beside_fd, places.beside);
	close(below_fd);
	close(beside_fd);
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
	MUST(pthread_create(&thread, NULL, change_map, &then[MEMORY]) == 0);
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
	then[place] = ready_new();
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
	MUST(mknod(places.beside, S_IFREG | 0600, 0) == 0);
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
	dead_fuse_await(&places.fuse, FUSE_READ);
	signal_once(&then[MEMORY]);
	while (!has_to_wait(&probes[MEMORY], path))
		;
}

void places_block_in_exec(void)
{
	signal_once(&go[EXEC]);
	dead_fuse_await(&places.fuse, FUSE_FLUSH);
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
	dead_fuse_die(&places.fuse);
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
