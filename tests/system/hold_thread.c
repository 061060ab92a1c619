// SPDX-License-Identifier: MIT
/*
 * Single threads with something of their own, and survivors: threads of a process whose first
 * thread has ended, of which /proc/PID itself shows neither namespaces nor descriptors any more.
 * Such a process is where the lowest of its threads is.
 */
#include "hold.h"

#include <dirent.h>
#include <pthread.h>

struct job {
	hold *work;
	const char *type, *path;
	pthread_barrier_t done;
};

static pid_t our_tid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

static void *do_job(void *data)
{
	struct job *job = data;

	job->work(job->type, job->path);
	pthread_barrier_wait(&job->done);
	live_wait();
}

static void in_thread(hold *work, const char *type, const char *path)
{
	static struct job job; /* outlives this call: the thread goes on with it */
	pthread_t thread;

	job = (struct job){ .work = work, .type = type, .path = path };
	MUST(pthread_barrier_init(&job.done, NULL, 2) == 0);
	MUST(pthread_create(&thread, NULL, do_job, &job) == 0);
	pthread_barrier_wait(&job.done);
}

/*
 * pthread_join(3) would come back too early: a thread gives up its descriptors and namespaces
 * after it has reported its end.
 */
static void *outlive(void *data)
{
	const struct job *job = data;
	char text[64];

	while (readlink("/proc/self/ns/net", text, sizeof(text)) > 0)
		sched_yield();
	job->work(job->type, job->path);
	expect_end();
	live_wait();
}

static void in_survivor(hold *work, const char *type, const char *path)
{
	static struct job job;
	pthread_t thread;

	job = (struct job){ .work = work, .type = type, .path = path };
	MUST(pthread_create(&thread, NULL, outlive, &job) == 0);
	pthread_exit(NULL);
}

static void unshare_as(const char *kind, const char *type)
{
	bool mnt = !strcmp(type, "mnt");

	MUST(unshare((int)live_flag(type) | (mnt ? CLONE_FS : 0)) == 0);
	expect_link(strf("/proc/thread-self/ns/%s", type), "%s %d/%d", kind, getpid(), our_tid());
}

static void unshare_here(const char *type, const char *path)
{
	unshare_as("thread", type);
}

/* Where a survivor is, there is its process. */
static void unshare_all_that_is_left(const char *type, const char *path)
{
	unshare_as("process", type);
}

void hold_by_thread(const char *type, const char *path)
{
	in_thread(unshare_here, type, path);
}

void hold_by_survivor(const char *type, const char *path)
{
	in_survivor(unshare_all_that_is_left, type, path);
}

static void unshare_children_here(const char *type, const char *path)
{
	MUST(unshare((int)live_flag(type)) == 0);
	if (!strcmp(type, "pid"))
		live_end(live_clone(0)); /* the link reads once a process has been in there */
	expect_link(strf("/proc/thread-self/ns/%s_for_children", type), "children %d/%d", getpid(),
		our_tid());
}

void hold_by_children_of_thread(const char *type, const char *path)
{
	in_thread(unshare_children_here, type, path);
}

void hold_by_new_pidns_of_thread(const char *type, const char *path)
{
	in_thread(hold_by_new_pidns, type, path);
}

void hold_by_children_of_survivor(const char *type, const char *path)
{
	in_survivor(unshare_children_here, type, path);
}

/* In a descriptor table of the thread's own. */
static void open_here(const char *type, const char *path)
{
	int fd;

	MUST(unshare(CLONE_FILES) == 0);
	fd = live_namespace(type);
	expect(fd, "fd %d/%d:%d", getpid(), our_tid(), fd);
}

void hold_by_fd_of_thread(const char *type, const char *path)
{
	in_thread(open_here, type, path);
}

void hold_by_fd_of_survivor(const char *type, const char *path)
{
	in_survivor(open_here, type, path);
}

static void make_socket_here(const char *type, const char *path)
{
	int ns, device;

	MUST(unshare(CLONE_FILES) == 0);
	device = make_away(make_socket, &ns);
	expect(ns, "socket %d/%d:%d", getpid(), our_tid(), device);
	close(ns);
}

void hold_by_socket_of_thread(const char *type, const char *path)
{
	in_thread(make_socket_here, type, path);
}

void hold_by_socket_of_survivor(const char *type, const char *path)
{
	in_survivor(make_socket_here, type, path);
}

static void take_into_ring_here(const char *type, const char *path)
{
	int fd, again, ring;

	MUST(unshare(CLONE_FILES) == 0);
	fd = live_namespace(type);
	again = dup(fd);
	ring = take_into_ring(fd);
	expect(again, "uring %d/%d:%d", getpid(), our_tid(), ring);
	close(again);
}

void hold_by_ring_of_thread(const char *type, const char *path)
{
	in_thread(take_into_ring_here, type, path);
}

/* In a mount namespace of which nothing else is a member. */
static void mount_as(const char *kind, const char *type, const char *path)
{
	struct live_relations mnt;
	int fd, mnt_fd;

	MUST(unshare(CLONE_FS | CLONE_NEWNS) == 0);
	mnt_fd = live_open_file("/proc/thread-self/ns/mnt", O_RDONLY);
	mnt = live_relations(mnt_fd);
	expect(mnt_fd, "%s %d/%d", kind, getpid(), our_tid());
	fd = live_namespace(type);
	live_bind(fd, path);
	expect(fd, "mount %lu:%s", (unsigned long)mnt.ino, path);
	close(fd);
	close(mnt_fd);
}

static void mount_here(const char *type, const char *path)
{
	mount_as("thread", type, path);
}

static void mount_in_all_that_is_left(const char *type, const char *path)
{
	mount_as("process", type, path);
}

void hold_by_mount_of_thread(const char *type, const char *path)
{
	in_thread(mount_here, type, path);
}

void hold_by_mount_of_survivor(const char *type, const char *path)
{
	in_survivor(mount_in_all_that_is_left, type, path);
}

static struct ready survived;

static void signal_here(const char *type, const char *path)
{
	ready_and_wait(&survived);
}

/* The thread of a process that is not the first one. */
static pid_t other_thread(pid_t pid)
{
	const struct dirent *entry;
	pid_t tid = 0;
	DIR *dir = opendir(strf("/proc/%d/task", pid));

	MUST(dir);
	while ((entry = readdir(dir)))
		if (atoi(entry->d_name) != pid)
			tid = atoi(entry->d_name);
	closedir(dir);
	MUST(tid);
	return tid;
}

/* A PID or user namespace is the whole process's, and stays so while one of its threads lives. */
void hold_by_process_of_survivor(const char *type, const char *path)
{
	pid_t pid;

	survived = ready_new();
	pid = live_fork(live_flag(type));
	if (pid == 0)
		in_survivor(signal_here, type, path);
	ready_await(&survived);
	expect_link(live_ns_path(pid, type), "process %d/%d", pid, other_thread(pid));
}
