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

/* What a world has N of, and how it is made. */
struct shape {
	const char *name, *help;
	void (*make)(const struct shape *shape, unsigned n);
	const char *word; /* type of file system, or of what descriptors are on */
	unsigned own;     /* the types of which processes or threads have namespaces of their own */
	bool each;        /* every mount or descriptor is of another namespace */
};

static void make_processes(const struct shape *shape, unsigned n)
{
	unsigned types = (unsigned)__builtin_popcount(shape->own);

	for (unsigned i = 0; i < n / (types ? types : 1); i++)
		make_process(i + 2, 1, shape->own, OWN(i * types));
}

static void make_chain(const struct shape *shape, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		make_process(i + 2, i + 1, shape->own, OWN(i));
}

/* Of one service; two processes per container, of which the second has mounts of its own. */
static void make_containers(const struct shape *shape, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		make_process(i + 2, 1, shape->own, OWN(2 * i));
		world_file(strf("%u/cgroup", i + 2),
			strf("0::/system.slice/all.service/libpod-payload-%064x\n", i / 2));
	}
}

/* As processes of one unit do that has a network of its own. */
static void make_one_network(const struct shape *shape, unsigned n)
{
	make_processes(shape, n);
	for (unsigned i = 0; i < n; i++)
		leave_shared(strf("%u", i + 2), 1u << NS_NET, OWN(n));
}

/* Mounts of files "net:[INODE]". */
static void make_mountinfo(unsigned pid, unsigned n, const char *fstype, unsigned first, bool each)
{
	struct strbuf text = { 0 };

	strbuf_adds(&text, ROOT_MOUNT);
	for (unsigned i = 0; i < n; i++)
		strbuf_addf(&text, "%u 1 0:4 net:[%u] /run/mounted/%u rw - %s none rw\n", i + 2,
			each ? first + i : first, i, fstype);
	world_file(strf("%u/mountinfo", pid), text.text);
	strbuf_done(&text);
}

static void make_mounts(const struct shape *shape, unsigned n)
{
	make_process(2, 1, 1u << NS_MNT, OWN(0));
	make_mountinfo(2, n, shape->word, OWN(1), shape->each);
}

/* As after unshare(2): each mount namespace has a copy of 16 mounts with long mount points. */
static void make_copied_mounts(const struct shape *unused, unsigned n)
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

static void make_fds(unsigned pid, unsigned n, const char *word, unsigned first, bool each)
{
	for (unsigned i = 0; i < n; i++)
		world_link(
			strf("%u/fd/%u", pid, i), strf("%s:[%u]", word, each ? first + i : first));
}

static void make_files(const struct shape *shape, unsigned n)
{
	make_process(2, 1, 0, 0);
	make_fds(2, n, shape->word, OWN(0), shape->each);
}

/* Big tables, which are read after the small ones: so holders don't come in the order of PIDs. */
static void make_big_tables(const struct shape *unused, unsigned n)
{
	for (unsigned pid = 2; pid < 2 * (n / 1000) + 2; pid++) {
		make_process(pid, 1, 0, 0);
		make_fds(pid, pid % 2 ? 100 : 900, "net", OWN(0), false);
	}
}

/* One ring with N files, each another UTS namespace. */
static void make_ring(const struct shape *unused, unsigned n)
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
static void make_rings(const struct shape *unused, unsigned n)
{
	make_process(2, 1, 0, 0);
	for (unsigned i = 0; i < n; i++) {
		world_link(strf("2/fd/%u", i), "anon_inode:[io_uring]");
		world_file(
			strf("2/fdinfo/%u", i), strf("UserFiles:\t1\n    0: uts:[%u]\n", OWN(0)));
	}
}

/* Each in namespaces of its own of the types in the set. */
static void make_threads(const struct shape *shape, unsigned n)
{
	make_process(2, 1, 0, 0);
	for (unsigned i = 0; i < n; i++) {
		world_thread(2, (pid_t)(FIRST_THREAD + i));
		leave_shared(strf("2/task/%u", FIRST_THREAD + i), shape->own, OWN(i));
	}
}

/* Every kind of holder that a plain directory can show, all of one network namespace. */
static void make_holders(const struct shape *shape, unsigned n)
{
	make_processes(shape, n / 2);
	make_fds(2, n / 4, "net", USUAL(NS_NET), false);
	make_mountinfo(1, n / 4, "nsfs", USUAL(NS_NET), false);
}

static const struct shape shapes[] = {
	{ "processes", "N processes that share all their namespaces", .make = make_processes },
	{ "chain", "N processes, each a child of the last one, in a UTS namespace of its own",
		.make = make_chain, .own = 1u << NS_UTS },
	{ "namespaces", "N/8 processes, each in eight namespaces of its own",
		.make = make_processes, .own = NS_TYPES_ALL },
	/* As sandboxes do: one namespace each, and a crowd in all the others. */
	{ "crowd", "N processes that share all but their network namespace", .make = make_processes,
		.own = 1u << NS_NET },
	{ "containers", "N/2 containers of two processes in different mount namespaces",
		.make = make_containers, .own = 1u << NS_MNT | 1u << NS_NET },
	{ "services", "N processes, each in a mount namespace of its own", .make = make_processes,
		.own = 1u << NS_MNT },
	{ "one-network", "the same, all in another network namespace than the host",
		.make = make_one_network, .own = 1u << NS_MNT },
	{ "mounts", "N mounts, none of a namespace", .make = make_mounts, .word = "tmpfs" },
	{ "nsmounts", "N mounts, each of another network namespace", .make = make_mounts,
		.word = "nsfs", .each = true },
	{ "one-mounted", "N mounts of one network namespace", .make = make_mounts, .word = "nsfs" },
	{ "copied-mounts", "N mounts with long paths, in N/16 mount namespaces",
		.make = make_copied_mounts },
	{ "pipes", "a process with N descriptors, none on a namespace", .make = make_files,
		.word = "pipe", .each = true },
	{ "sockets", "a process with N sockets", .make = make_files, .word = "socket",
		.each = true },
	{ "nsfiles", "a process with N descriptors, each on another UTS namespace",
		.make = make_files, .word = "uts", .each = true },
	{ "one-open", "a process with N descriptors on one network namespace", .make = make_files,
		.word = "net" },
	{ "big-tables", "N descriptors on one network namespace, nine in ten in big tables",
		.make = make_big_tables },
	{ "ring", "a process with a ring of io_uring that N namespace files are registered with",
		.make = make_ring },
	{ "rings", "a process with N rings of io_uring, all of one UTS namespace",
		.make = make_rings },
	{ "threads", "a process with N more threads", .make = make_threads },
	{ "threads-away", "the same, each in a UTS namespace of its own", .make = make_threads,
		.own = 1u << NS_UTS },
	{ "holders", "N members, descriptors and mounts of one network namespace",
		.make = make_holders },
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
		shapes[i].make(&shapes[i], (unsigned)n);
		return EXIT_SUCCESS;
	}
	fputs("usage: world DIR SHAPE N\n\n", stderr);
	for (size_t i = 0; i < COUNT(shapes); i++)
		fprintf(stderr, "  %-14s %s\n", shapes[i].name, shapes[i].help);
	return 2;
}
