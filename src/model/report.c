// SPDX-License-Identifier: MIT
/* The tables of sources and limitations, and the reasons why an answer is incomplete. */
#include "nsls/base.h"
#include "nsls/report.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>

const struct source_info source_info[SOURCE_COUNT] = {
	[SOURCE_PROCESSES] = { "processes", "namespaces" },
	[SOURCE_THREADS] = { "threads", "threads" },
	[SOURCE_FDS] = { "fds", "descriptors" },
	[SOURCE_SOCKETS] = { "sockets", "sockets" },
	[SOURCE_MOUNTS] = { "mounts", "mounts" },
	[SOURCE_KERNEL] = { "kernel", "the kernel's list of namespaces" },
};

static const struct {
	enum report_limitation limitation;
	const char *text;
} limitations[] = {
	{ LIMITATION_PIDNS,
		"this procfs is not of the initial PID namespace: processes outside can't be "
		"seen" },
	{ LIMITATION_HIDEPID, "this procfs hides processes of other users (hidepid)" },
	{ LIMITATION_FOREIGN,
		"this procfs is not of our PID namespace: sockets of other network namespaces and "
		"descriptors of single threads can't be seen" },
	{ LIMITATION_SELF,
		"nsls can't find itself in any accessible procfs: namespace files can't be opened, "
		"so owners, parents and IDs are not known" },
	{ LIMITATION_PRIVILEGE, "the kernel lists only our own namespaces" },
	{ LIMITATION_ROOTS, "could not list all mounts of " },
	{ LIMITATION_RING_UNREAD,
		"some io_uring was too busy, or has too many files, to read which are registered "
		"with it" },
	{ LIMITATION_MOVED,
		"some processes started and changed their namespaces during the scan: their "
		"container or unit is not known" },
	{ LIMITATION_TURNOVER,
		"processes or threads started and ended faster than they could be read: a "
		"namespace that one passes on to the next may be missing" },
	{ LIMITATION_DESCRIPTORS, "too many descriptors are open to read all: skipped those of " },
	{ LIMITATION_VISITS,
		"there are too many files in queues, mounts in detached trees, or file systems to "
		"read all" },
	{ LIMITATION_USERS,
		"some users could not be looked up: their UIDs are shown as names, and names of "
		"users may match nothing" },
	{ LIMITATION_NAMES,
		"timed out reading names of containers: their IDs are shown, and names may match "
		"nothing" },
	{ LIMITATION_LISTNS,
		"this kernel has no listns(2) (Linux 6.19): a namespace that only a descriptor in "
		"flight holds can't be seen" },
	{ LIMITATION_MNT_WALK,
		"this kernel can't list mount namespaces (Linux 6.12): one that no process, "
		"descriptor or mount refers to can't be seen" },
	{ LIMITATION_STATMOUNT,
		"this kernel can't read the mounts of a mount namespace without a process "
		"(Linux 6.11)" },
	{ LIMITATION_OPENAT2,
		"openat2(2) is not permitted, or the kernel is older than Linux 5.12: owners, "
		"parents and IDs of some namespaces that are mounted in other mount namespaces are "
		"not known" },
	{ LIMITATION_PIDFD,
		"this kernel can't copy all descriptors (Linux 5.6, those of single threads 6.9): "
		"some sockets of other network namespaces can't be seen" },
	{ LIMITATION_RING_FILES,
		"this kernel does not name the files that are registered with an io_uring "
		"(Linux 6.15): a namespace that only these hold can't be seen" },
	{ LIMITATION_RING_SOCKETS,
		"no kernel reports the network namespace of a socket that is registered with an "
		"io_uring: a namespace that only such sockets hold can't be seen" },
};

#define LIMITATIONS (sizeof(limitations) / sizeof(*limitations))

static void examples_add(struct examples *examples, pid_t pid)
{
	struct example example = { .pid = pid };

	for (size_t i = 0; example.pid && i < EXAMPLES_MAX; i++) {
		struct example other = examples->at[i];

		if (other.pid == example.pid)
			return;
		if (!other.pid || example.pid < other.pid) {
			examples->at[i] = example;
			example = other;
		}
	}
}

void report_timed_out(struct report *report, pid_t pid)
{
	report->timed_out++;
	examples_add(&report->examples[SOURCE_COUNT], pid);
}

void report_count(struct report *report, enum source source, int error, pid_t pid)
{
	struct source_errors *errors = &report->errors[source];
	enum error_class class = error_class(error);

	errors->vanished += class == ERROR_VANISHED;
	errors->denied += class == ERROR_DENIED;
	errors->odd += class == ERROR_ODD;
	if (class == ERROR_DENIED || class == ERROR_ODD)
		examples_add(&report->examples[source], pid);
}

void report_example(struct report *report, enum report_limitation limitation, unsigned number)
{
	struct report_examples *examples =
		limitation == LIMITATION_DESCRIPTORS ? &report->crowded : &report->partial_mntns;

	report->limitations |= limitation;
	if (!examples->n++ || number < examples->first)
		examples->first = number;
}

/* The errors that getpwnam(3) lists, and EAGAIN, by which nss(5) reports a service as busy. */
void report_user_error(struct report *report, int error)
{
	switch (error) {
	case ENOMEM:
		memory_fail();
	case EAGAIN:
	case EINTR:
	case EIO:
	case EMFILE:
	case ENFILE:
	case ERANGE:
		report->limitations |= LIMITATION_USERS;
	}
}

static size_t count_unreadable(const struct source_errors *errors)
{
	return errors->denied + errors->odd;
}

unsigned report_reason_mask(const struct report *report)
{
	unsigned mask = report->limitations & ~LIMITATIONS_NOTED;

	for (enum source s = 0; s < SOURCE_COUNT; s++)
		if (count_unreadable(&report->errors[s]))
			mask |= LIMITATIONS_END << s;
	if (report->timed_out)
		mask |= LIMITATIONS_END << SOURCE_COUNT;
	if (report->new_pidns)
		mask |= LIMITATIONS_END << SOURCE_COUNT << 1;
	return mask;
}

bool report_is_complete(const struct report *report)
{
	return !report_reason_mask(report);
}

bool report_shows_namespaces(const struct report *report)
{
	const unsigned others = LIMITATION_RING_UNREAD | LIMITATION_USERS | LIMITATION_NAMES;

	return !(report_reason_mask(report) & ~others);
}

bool report_proves_absence(const struct report *report)
{
	return report_shows_namespaces(report) && !report->no_members;
}

size_t report_unreadable_processes(const struct report *report)
{
	const unsigned hiding =
		LIMITATION_FOREIGN | LIMITATION_PIDNS | LIMITATION_HIDEPID | LIMITATION_TURNOVER;

	if (report->no_members || report->limitations & hiding)
		return SIZE_MAX;
	return count_unreadable(&report->errors[SOURCE_PROCESSES]) + report->timed_out;
}

/* ": PID 1 (init)", or some of n */
static void reason_add_processes(size_t n, const struct examples *examples, struct strbuf *out)
{
	size_t known = 0;

	while (known < EXAMPLES_MAX && examples->at[known].pid)
		known++;
	for (size_t i = 0; i < known; i++) {
		const struct example *example = &examples->at[i];

		strbuf_adds(out, i ? ", " : known < n ? ", such as PID " : ": PID ");
		strbuf_addf(out, "%d", (int)example->pid);
		if (*example->name)
			strbuf_addf(out, " (%s)", example->name);
	}
}

/* Names of processes may be missing. */
static bool examples_are_same(const struct examples *a, const struct examples *b)
{
	size_t i = 0;

	while (i < EXAMPLES_MAX && a->at[i].pid == b->at[i].pid)
		i++;
	return i == EXAMPLES_MAX;
}

/* "process 12" or "3 processes, such as 12" */
static void reason_add_examples(const struct report_examples *examples, const char *one,
	const char *several, struct strbuf *out)
{
	if (examples->n > 1)
		strbuf_addf(out, "%zu %s, such as %u", examples->n, several, examples->first);
	else
		strbuf_addf(out, "%s %u", one, examples->first);
}

static size_t reasons_add_limitations(
	const struct report *report, unsigned which, struct strbuf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < LIMITATIONS; i++) {
		enum report_limitation limitation = limitations[i].limitation;

		if (!(report->limitations & which & limitation))
			continue;
		/* The BPF programs show most of what only listns(2) shows otherwise. */
		strbuf_adds(
			out, report->bpf && limitation == LIMITATION_LISTNS
				     ? "this kernel has no listns(2) (Linux 6.19): a namespace "
				       "that only a descriptor holds which was sent over a socket "
				       "that is itself in flight or not accepted yet can't be seen"
				     : limitations[i].text);
		if (limitation == LIMITATION_ROOTS)
			reason_add_examples(
				&report->partial_mntns, "mount namespace", "mount namespaces", out);
		if (limitation == LIMITATION_DESCRIPTORS)
			reason_add_examples(&report->crowded, "process", "processes", out);
		strbuf_end_item(out, &n);
	}
	return n;
}

size_t report_reasons(const struct report *report, struct strbuf *out)
{
	enum source named = SOURCE_COUNT; /* of which processes were named last */
	size_t n = 0;

	for (enum source s = 0; s < SOURCE_COUNT; s++) {
		const struct source_errors *errors = &report->errors[s];
		size_t count = count_unreadable(errors);

		if (!count)
			continue;
		strbuf_addf(out, "could not read %s", source_info[s].unreadable);
		if (s != SOURCE_KERNEL)
			strbuf_addf(out, " of %zu process%s", count, count == 1 ? "" : "es");
		strbuf_addf(out, " (%s)",
			!errors->odd      ? "permission denied"
			: !errors->denied ? "not as described in proc(5)"
					  : "permission denied, or not as described in proc(5)");
		/* A process that denies one file mostly denies all: it is named once. */
		if (named == SOURCE_COUNT || count != count_unreadable(&report->errors[named]) ||
			!examples_are_same(&report->examples[s], &report->examples[named]))
			reason_add_processes(count, &report->examples[s], out);
		named = s;
		strbuf_end_item(out, &n);
	}
	if (report->timed_out) {
		strbuf_addf(out, "timed out reading %zu process%s", report->timed_out,
			report->timed_out == 1 ? "" : "es");
		reason_add_processes(report->timed_out, &report->examples[SOURCE_COUNT], out);
		strbuf_end_item(out, &n);
	}
	if (report->new_pidns) {
		strbuf_addf(out, "could not identify %zu PID namespace%s without a first process",
			report->new_pidns, report->new_pidns == 1 ? "" : "s");
		strbuf_end_item(out, &n);
	}
	return n + reasons_add_limitations(report, ~LIMITATIONS_NOTED, out);
}

size_t report_kernel_limitations(const struct report *report, struct strbuf *out)
{
	return reasons_add_limitations(report, LIMITATIONS_NOTED, out);
}

/* In the order in which the manual lists them. */
static const struct {
	int number;
	const char *name;
	unsigned sources, limitations;
} capabilities[] = {
	{ CAP_SYS_PTRACE, "CAP_SYS_PTRACE",
		1u << SOURCE_PROCESSES | 1u << SOURCE_THREADS | 1u << SOURCE_FDS |
			1u << SOURCE_SOCKETS | 1u << SOURCE_MOUNTS,
		LIMITATION_HIDEPID },
	{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", 1u << SOURCE_FDS, 0 },
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN", 1u << SOURCE_SOCKETS, 0 },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", 1u << SOURCE_KERNEL, LIMITATION_PRIVILEGE },
};

int report_capability(size_t i)
{
	return i < sizeof(capabilities) / sizeof(*capabilities) ? capabilities[i].number : -1;
}

size_t report_missing_capabilities(const struct report *report, struct strbuf *out)
{
	unsigned denied = 0;
	size_t n = 0;

	for (enum source s = 0; s < SOURCE_COUNT; s++)
		denied |= report->errors[s].denied ? 1u << s : 0;
	for (size_t i = 0; report_capability(i) >= 0; i++) {
		if (!(report->lacks & 1u << capabilities[i].number) ||
			!(denied & capabilities[i].sources ||
				report->limitations & capabilities[i].limitations))
			continue;
		strbuf_adds(out, capabilities[i].name);
		strbuf_end_item(out, &n);
	}
	return n;
}
