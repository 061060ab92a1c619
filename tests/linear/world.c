// SPDX-License-Identifier: MIT
/*
 * Makes a plain directory that nsls reads as a procfs, with N of one thing in it and little of
 * everything else, so that the cost of that thing can be counted at two sizes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the order of the links that are made for each process. */
enum type { CGROUP, IPC, MNT, NET, PID, TIME, USER, UTS, TYPE_COUNT };

static const char *const types[TYPE_COUNT] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user",
	"uts" };

/* Namespaces that most processes share have the lowest numbers; those of one thing alone follow. */
#define SHARED(type) (4026531840u + (unsigned)(type))
#define OWN(i) (4026540000u + (unsigned)(i))
/* Far above the processes of any world, as threads share their numbers. */
#define FIRST_THREAD 1000000u

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "world: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* The formatted text, until the next call. */
__attribute__((format(printf, 1, 2))) static const char *text_of(const char *format, ...)
{
	static char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return text;
}

/* Makes a directory and stays in it: a path that is short is fast. */
static void enter(const char *dir)
{
	if ((mkdir(dir, 0755) < 0 && errno != EEXIST) || chdir(dir) < 0)
		die(dir);
}

static void leave(void)
{
	if (chdir("..") < 0)
		die("..");
}

static void make_link(const char *name, const char *to)
{
	if (symlink(to, name) < 0)
		die(name);
}

static FILE *make_file(const char *name)
{
	FILE *file = fopen(name, "we");

	if (!file)
		die(name);
	return file;
}

static void end_file(FILE *file)
{
	if (fclose(file) != 0)
		die("write");
}

/* The links of a process that shares all its namespaces but those in the set own. */
static void make_ns(unsigned own, unsigned first)
{
	enter("ns");
	for (enum type t = 0; t < TYPE_COUNT; t++)
		make_link(types[t],
			text_of("%s:[%u]", types[t], own & 1u << t ? first++ : SHARED(t)));
	leave();
}

/* Enters the new process. */
static void enter_process(unsigned pid, unsigned ppid, unsigned own, unsigned first)
{
	char name[16];
	FILE *file;

	snprintf(name, sizeof(name), "%u", pid);
	enter(name);
	make_ns(own, first);
	enter("task");
	enter(name);
	leave();
	leave();
	enter("fd");
	leave();
	file = make_file("stat");
	fprintf(file, "%u (name) S %u 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 %u 0 0\n", pid,
		ppid, pid);
	end_file(file);
	file = make_file("status");
	fprintf(file, "Name:\tname\nUid:\t0\t0\t0\t0\nNSpid:\t%u\n", pid);
	end_file(file);
	file = make_file("cmdline");
	fprintf(file, "program%c%u", '\0', pid);
	end_file(file);
	file = make_file("mountinfo");
	fputs("1 1 0:1 / / rw - ext4 none rw\n", file);
	end_file(file);
}

static void make_processes(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		enter_process(i + 2, 1, 0, 0);
		leave();
	}
}

static void make_chain(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		enter_process(i + 2, i + 1, 1u << UTS, OWN(i));
		leave();
	}
}

static void make_namespaces(unsigned n)
{
	for (unsigned i = 0; i < n / TYPE_COUNT; i++) {
		enter_process(i + 2, 1, (1u << TYPE_COUNT) - 1, OWN(i * TYPE_COUNT));
		leave();
	}
}

/* As sandboxes do: one namespace each, and a crowd in all the others. */
static void make_crowd(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		enter_process(i + 2, 1, 1u << NET, OWN(i));
		leave();
	}
}

/* With a step of 0 all are of one namespace. */
/* Of one service; two processes per container, of which the second has mounts of its own. */
static void make_containers(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		FILE *file;

		enter_process(i + 2, 1, 1u << MNT | 1u << NET, OWN(2 * i));
		file = make_file("cgroup");
		fprintf(file, "0::/system.slice/all.service/libpod-payload-%064x\n", i / 2);
		end_file(file);
		leave();
	}
}

static void make_mountinfo(unsigned n, const char *fstype, unsigned step)
{
	FILE *file;

	enter_process(2, 1, 1u << MNT, OWN(0));
	file = make_file("mountinfo");
	fputs("1 1 0:1 / / rw - ext4 none rw\n", file);
	for (unsigned i = 0; i < n; i++)
		fprintf(file, "%u 1 0:4 net:[%u] /run/mounted/%u rw - %s none rw\n", i + 2,
			OWN(1 + i * step), i, fstype);
	end_file(file);
	leave();
}

static void make_mounts(unsigned n)
{
	make_mountinfo(n, "tmpfs", 0);
}

static void make_nsmounts(unsigned n)
{
	make_mountinfo(n, "nsfs", 1);
}

static void make_one_mounted(unsigned n)
{
	make_mountinfo(n, "nsfs", 0);
}

/* As after unshare(2): each mount namespace has a copy of 16 mounts with long mount points. */
static void make_copied_mounts(unsigned n)
{
	for (unsigned i = 0; i < n / 16; i++) {
		FILE *file;

		enter_process(i + 2, 1, 1u << MNT, OWN(i));
		file = make_file("mountinfo");
		fputs("1 1 0:1 / / rw - ext4 none rw\n", file);
		for (unsigned k = 0; k < 16; k++)
			fprintf(file, "%u 1 0:4 uts:[%u] /%0*u rw - nsfs none rw\n", i * 16 + k + 2,
				OWN(n + k), 3000, k);
		end_file(file);
		leave();
	}
}

/* In the directory of a process. */
static void make_fds(unsigned n, const char *word, unsigned first, unsigned step)
{
	enter("fd");
	for (unsigned i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", i);
		make_link(name, text_of("%s:[%u]", word, first + i * step));
	}
	leave();
}

static void make_holding_process(unsigned n, const char *word, unsigned step)
{
	enter_process(2, 1, 0, 0);
	make_fds(n, word, OWN(0), step);
	leave();
}

static void make_pipes(unsigned n)
{
	make_holding_process(n, "pipe", 1);
}

static void make_sockets(unsigned n)
{
	make_holding_process(n, "socket", 1);
}

static void make_nsfiles(unsigned n)
{
	make_holding_process(n, "uts", 1);
}

static void make_one_open(unsigned n)
{
	make_holding_process(n, "net", 0);
}

/* Big tables, which are read after the small ones: so holders don't come in the order of PIDs. */
static void make_big_tables(unsigned n)
{
	for (unsigned i = 0; i < n / 1000; i++) {
		enter_process(2 * i + 2, 1, 0, 0);
		make_fds(900, "net", OWN(0), 0);
		leave();
		enter_process(2 * i + 3, 1, 0, 0);
		make_fds(100, "net", OWN(0), 0);
		leave();
	}
}

/* One ring with N files, each another UTS namespace. */
static void make_ring(unsigned n)
{
	FILE *file;

	enter_process(2, 1, 0, 0);
	enter("fd");
	make_link("3", "anon_inode:[io_uring]");
	leave();
	enter("fdinfo");
	file = make_file("3");
	fprintf(file, "pos:\t0\nUserFiles:\t%u\n", n);
	for (unsigned i = 0; i < n; i++)
		fprintf(file, "%5u: uts:[%u]\n", i, OWN(i));
	fputs("UserBufs:\t0\n", file);
	end_file(file);
	leave();
	leave();
}

/* N rings with one file each, all of one UTS namespace. */
static void make_rings(unsigned n)
{
	enter_process(2, 1, 0, 0);
	for (unsigned i = 0; i < n; i++) {
		char name[16];
		FILE *file;

		snprintf(name, sizeof(name), "%u", i);
		enter("fd");
		make_link(name, "anon_inode:[io_uring]");
		leave();
		enter("fdinfo");
		file = make_file(name);
		fprintf(file, "UserFiles:\t1\n    0: uts:[%u]\n", OWN(0));
		end_file(file);
		leave();
	}
	leave();
}

static void make_many(unsigned n, unsigned own)
{
	enter_process(2, 1, 0, 0);
	enter("task");
	for (unsigned i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", FIRST_THREAD + i);
		enter(name);
		make_ns(own, OWN(i));
		leave();
	}
	leave();
	leave();
}

static void make_threads(unsigned n)
{
	make_many(n, 0);
}

static void make_threads_away(unsigned n)
{
	make_many(n, 1u << UTS);
}

/* Every kind of holder that a plain directory can show, all of one network namespace. */
static void make_holders(unsigned n)
{
	FILE *file;

	make_processes(n / 2);
	enter("2");
	make_fds(n / 4, "net", SHARED(NET), 0);
	leave();
	enter("1");
	file = make_file("mountinfo");
	fputs("1 1 0:1 / / rw - ext4 none rw\n", file);
	for (unsigned i = 0; i < n / 4; i++)
		fprintf(file, "%u 1 0:4 net:[%u] /run/mounted/%u rw - nsfs none rw\n", i + 2,
			SHARED(NET), i);
	end_file(file);
	leave();
}

static const struct shape {
	const char *name, *help;
	void (*make)(unsigned n);
} shapes[] = {
	{ "processes", "N processes that share all their namespaces", make_processes },
	{ "chain", "N processes, each a child of the last one, in a UTS namespace of its own",
		make_chain },
	{ "namespaces", "N/8 processes, each in eight namespaces of its own", make_namespaces },
	{ "crowd", "N processes that share all but their network namespace", make_crowd },
	{ "containers", "N/2 containers of two processes in different mount namespaces",
		make_containers },
	{ "mounts", "N mounts, none of a namespace", make_mounts },
	{ "nsmounts", "N mounts, each of another network namespace", make_nsmounts },
	{ "one-mounted", "N mounts of one network namespace", make_one_mounted },
	{ "copied-mounts", "N mounts with long paths, in N/16 mount namespaces",
		make_copied_mounts },
	{ "pipes", "a process with N descriptors, none on a namespace", make_pipes },
	{ "sockets", "a process with N sockets", make_sockets },
	{ "nsfiles", "a process with N descriptors, each on another UTS namespace", make_nsfiles },
	{ "one-open", "a process with N descriptors on one network namespace", make_one_open },
	{ "big-tables", "N descriptors on one network namespace, nine in ten in big tables",
		make_big_tables },
	{ "ring", "a process with a ring of io_uring that N namespace files are registered with",
		make_ring },
	{ "rings", "a process with N rings of io_uring, all of one UTS namespace", make_rings },
	{ "threads", "a process with N more threads", make_threads },
	{ "threads-away", "the same, each in a UTS namespace of its own", make_threads_away },
	{ "holders", "N members, descriptors and mounts of one network namespace", make_holders },
};

int main(int argc, char **argv)
{
	unsigned long n = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;

	for (size_t i = 0; n && n < FIRST_THREAD && i < sizeof(shapes) / sizeof(*shapes); i++) {
		if (strcmp(argv[2], shapes[i].name) != 0)
			continue;
		enter(argv[1]);
		enter_process(1, 0, 0, 0);
		leave();
		shapes[i].make((unsigned)n);
		return EXIT_SUCCESS;
	}
	fputs("usage: world DIR SHAPE N\n\n", stderr);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		fprintf(stderr, "  %-14s %s\n", shapes[i].name, shapes[i].help);
	return 2;
}
