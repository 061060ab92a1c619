// SPDX-License-Identifier: MIT
/*
 * Makes a plain directory that nsls reads as a procfs, with N of one thing in it and little of
 * everything else, so that the cost of that thing can be counted at two sizes.
 */
#include "../unit/small_world.h"

/* Namespaces of one thing alone. */
#define OWN(i) (4026540000u + (unsigned)(i))
/* Far above the processes of any world, as threads share their numbers. */
#define FIRST_THREAD 1000000u

#define ROOT_MOUNT "1 1 0:1 / / rw - ext4 none rw\n"

/* Makes the links below dir to namespaces of their own, for the types in the set. */
static void leave_shared(const char *dir, unsigned types, unsigned first)
{
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (types & 1u << t)
			world_link(strf("%s/ns/%s", dir, nstype_info[t].name),
				strf("%s:[%u]", nstype_info[t].name, first++));
}

/* A process that shares all its namespaces but those in the set own. */
static void make_process(unsigned pid, unsigned ppid, unsigned own, unsigned first)
{
	world_process((pid_t)pid, (pid_t)ppid);
	world_dir(strf("%u/task/%u", pid, pid));
	leave_shared(strf("%u", pid), own, first);
	world_file(
		strf("%u/status", pid), strf("Name:\tname\nUid:\t0\t0\t0\t0\nNSpid:\t%u\n", pid));
	world_file(strf("%u/cmdline", pid), strf("program %u", pid));
	world_file(strf("%u/mountinfo", pid), ROOT_MOUNT);
}

static void make_processes(unsigned n, const char *unused, unsigned none)
{
	for (unsigned i = 0; i < n; i++)
		make_process(i + 2, 1, 0, 0);
}

static void make_chain(unsigned n, const char *unused, unsigned none)
{
	for (unsigned i = 0; i < n; i++)
		make_process(i + 2, i + 1, 1u << NS_UTS, OWN(i));
}

static void make_namespaces(unsigned n, const char *unused, unsigned none)
{
	for (unsigned i = 0; i < n / NS_TYPE_COUNT; i++)
		make_process(i + 2, 1, NS_TYPES_ALL, OWN(i * NS_TYPE_COUNT));
}

/* As sandboxes do: one namespace each, and a crowd in all the others. */
static void make_crowd(unsigned n, const char *unused, unsigned none)
{
	for (unsigned i = 0; i < n; i++)
		make_process(i + 2, 1, 1u << NS_NET, OWN(i));
}

/* Of one service; two processes per container, of which the second has mounts of its own. */
static void make_containers(unsigned n, const char *unused, unsigned none)
{
	for (unsigned i = 0; i < n; i++) {
		make_process(i + 2, 1, 1u << NS_MNT | 1u << NS_NET, OWN(2 * i));
		world_file(strf("%u/cgroup", i + 2),
			strf("0::/system.slice/all.service/libpod-payload-%064x\n", i / 2));
	}
}

/* As services do: mounts of their own, in the network of the host. */
static void make_services(unsigned n, const char *unused, unsigned none)
{
	for (unsigned i = 0; i < n; i++)
		make_process(i + 2, 1, 1u << NS_MNT, OWN(i));
}

/* As processes of one unit do that has a network of its own. */
static void make_one_network(unsigned n, const char *unused, unsigned none)
{
	for (unsigned i = 0; i < n; i++) {
		make_process(i + 2, 1, 1u << NS_MNT, OWN(i));
		leave_shared(strf("%u", i + 2), 1u << NS_NET, OWN(n));
	}
}

/* Mounts of files "net:[INODE]". With a step of 0 all are of one namespace. */
static void make_mountinfo(
	unsigned pid, unsigned n, const char *fstype, unsigned first, unsigned step)
{
	struct strbuf text = { 0 };

	strbuf_adds(&text, ROOT_MOUNT);
	for (unsigned i = 0; i < n; i++)
		strbuf_addf(&text, "%u 1 0:4 net:[%u] /run/mounted/%u rw - %s none rw\n", i + 2,
			first + i * step, i, fstype);
	world_file(strf("%u/mountinfo", pid), text.text);
	strbuf_done(&text);
}

static void make_mounts(unsigned n, const char *fstype, unsigned step)
{
	make_process(2, 1, 1u << NS_MNT, OWN(0));
	make_mountinfo(2, n, fstype, OWN(1), step);
}

/* As after unshare(2): each mount namespace has a copy of 16 mounts with long mount points. */
static void make_copied_mounts(unsigned n, const char *unused, unsigned none)
{
	struct strbuf text = { 0 };

	for (unsigned i = 0; i < n / 16; i++) {
		make_process(i + 2, 1, 1u << NS_MNT, OWN(i));
		strbuf_reset(&text);
		strbuf_adds(&text, ROOT_MOUNT);
		for (unsigned k = 0; k < 16; k++)
			strbuf_addf(&text, "%u 1 0:4 uts:[%u] /%0*u rw - nsfs none rw\n",
				i * 16 + k + 2, OWN(n + k), 3000, k);
		world_file(strf("%u/mountinfo", i + 2), text.text);
	}
	strbuf_done(&text);
}

static void make_fds(unsigned pid, unsigned n, const char *word, unsigned first, unsigned step)
{
	for (unsigned i = 0; i < n; i++)
		world_link(strf("%u/fd/%u", pid, i), strf("%s:[%u]", word, first + i * step));
}

static void make_files(unsigned n, const char *word, unsigned step)
{
	make_process(2, 1, 0, 0);
	make_fds(2, n, word, OWN(0), step);
}

/* Big tables, which are read after the small ones: so holders don't come in the order of PIDs. */
static void make_big_tables(unsigned n, const char *unused, unsigned none)
{
	for (unsigned pid = 2; pid < 2 * (n / 1000) + 2; pid++) {
		make_process(pid, 1, 0, 0);
		make_fds(pid, pid % 2 ? 100 : 900, "net", OWN(0), 0);
	}
}

/* One ring with N files, each another UTS namespace. */
static void make_ring(unsigned n, const char *unused, unsigned none)
{
	struct strbuf text = { 0 };

	make_process(2, 1, 0, 0);
	world_link("2/fd/3", "anon_inode:[io_uring]");
	strbuf_addf(&text, "pos:\t0\nUserFiles:\t%u\n", n);
	for (unsigned i = 0; i < n; i++)
		strbuf_addf(&text, "%5u: uts:[%u]\n", i, OWN(i));
	strbuf_adds(&text, "UserBufs:\t0\n");
	world_file("2/fdinfo/3", text.text);
	strbuf_done(&text);
}

/* N rings with one file each, all of one UTS namespace. */
static void make_rings(unsigned n, const char *unused, unsigned none)
{
	make_process(2, 1, 0, 0);
	for (unsigned i = 0; i < n; i++) {
		world_link(strf("2/fd/%u", i), "anon_inode:[io_uring]");
		world_file(
			strf("2/fdinfo/%u", i), strf("UserFiles:\t1\n    0: uts:[%u]\n", OWN(0)));
	}
}

/* Each in namespaces of its own of the types in the set. */
static void make_threads(unsigned n, const char *unused, unsigned own)
{
	make_process(2, 1, 0, 0);
	for (unsigned i = 0; i < n; i++) {
		world_thread(2, (pid_t)(FIRST_THREAD + i));
		leave_shared(strf("2/task/%u", FIRST_THREAD + i), own, OWN(i));
	}
}

/* Every kind of holder that a plain directory can show, all of one network namespace. */
static void make_holders(unsigned n, const char *unused, unsigned none)
{
	make_processes(n / 2, NULL, 0);
	make_fds(2, n / 4, "net", USUAL(NS_NET), 0);
	make_mountinfo(1, n / 4, "nsfs", USUAL(NS_NET), 0);
}

static const struct shape {
	const char *name, *help;
	void (*make)(unsigned n, const char *word, unsigned number);
	const char *word; /* type of file system, or of what descriptors are on */
	unsigned number;  /* 0: all are of one namespace; own types of threads */
} shapes[] = {
	{ "processes", "N processes that share all their namespaces", make_processes, NULL, 0 },
	{ "chain", "N processes, each a child of the last one, in a UTS namespace of its own",
		make_chain, NULL, 0 },
	{ "namespaces", "N/8 processes, each in eight namespaces of its own", make_namespaces, NULL,
		0 },
	{ "crowd", "N processes that share all but their network namespace", make_crowd, NULL, 0 },
	{ "containers", "N/2 containers of two processes in different mount namespaces",
		make_containers, NULL, 0 },
	{ "services", "N processes, each in a mount namespace of its own", make_services, NULL, 0 },
	{ "one-network", "the same, all in another network namespace than the host",
		make_one_network, NULL, 0 },
	{ "mounts", "N mounts, none of a namespace", make_mounts, "tmpfs", 0 },
	{ "nsmounts", "N mounts, each of another network namespace", make_mounts, "nsfs", 1 },
	{ "one-mounted", "N mounts of one network namespace", make_mounts, "nsfs", 0 },
	{ "copied-mounts", "N mounts with long paths, in N/16 mount namespaces", make_copied_mounts,
		NULL, 0 },
	{ "pipes", "a process with N descriptors, none on a namespace", make_files, "pipe", 1 },
	{ "sockets", "a process with N sockets", make_files, "socket", 1 },
	{ "nsfiles", "a process with N descriptors, each on another UTS namespace", make_files,
		"uts", 1 },
	{ "one-open", "a process with N descriptors on one network namespace", make_files, "net",
		0 },
	{ "big-tables", "N descriptors on one network namespace, nine in ten in big tables",
		make_big_tables, NULL, 0 },
	{ "ring", "a process with a ring of io_uring that N namespace files are registered with",
		make_ring, NULL, 0 },
	{ "rings", "a process with N rings of io_uring, all of one UTS namespace", make_rings, NULL,
		0 },
	{ "threads", "a process with N more threads", make_threads, NULL, 0 },
	{ "threads-away", "the same, each in a UTS namespace of its own", make_threads, NULL,
		1u << NS_UTS },
	{ "holders", "N members, descriptors and mounts of one network namespace", make_holders,
		NULL, 0 },
};

int main(int argc, char **argv)
{
	unsigned long n = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;

	for (size_t i = 0; n && n < FIRST_THREAD && i < COUNT(shapes); i++) {
		if (strcmp(argv[2], shapes[i].name) != 0)
			continue;
		mkdir(argv[1], 0755);
		world.fd = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
		assert_true(world.fd >= 0);
		make_process(1, 0, 0, 0);
		shapes[i].make((unsigned)n, shapes[i].word, shapes[i].number);
		return EXIT_SUCCESS;
	}
	fputs("usage: world DIR SHAPE N\n\n", stderr);
	for (size_t i = 0; i < COUNT(shapes); i++)
		fprintf(stderr, "  %-14s %s\n", shapes[i].name, shapes[i].help);
	return 2;
}
