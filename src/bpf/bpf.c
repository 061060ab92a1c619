// SPDX-License-Identifier: MIT
/*
 * Loads the BPF programs, and reads what they write. The light skeleton has the programs and the
 * calls that load them, so that no library is needed.
 */
#include "nsls/bpf.h"

#include "nsls/base.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#ifdef NSLS_BPF
#include <nsls.skel.inc>

/* Returns the size of the whole records at the start of n bytes. */
static size_t whole_records(const char *records, size_t n)
{
	size_t whole = 0;

	while (whole + sizeof(__u32) <= n) {
		size_t size = record_size(*(const __u32 *)(const void *)(records + whole));

		if (!size) /* the reader of the records classifies that */
			return n;
		if (size > n - whole)
			break;
		whole += size;
	}
	return whole;
}

/* A read ends in the middle of a record if the last element did not fit. */
static int live_read(const struct bpf *bpf, enum bpf_list list,
	int (*each)(void *data, const void *records, size_t size), void *data)
{
	const struct nsls_bpf *programs = ((const struct bpf_live *)bpf)->programs;
	union bpf_attr attr = {
		.iter_create.link_fd =
			(__u32)(list == BPF_TASKS ? programs->links.write_task_fd
						  : programs->links.write_descriptor_fd),
	};
	CLEANUP_FD int fd = skel_sys_bpf(BPF_ITER_CREATE, &attr, sizeof(attr));
	_Alignas(__u64) char records[RECORDS_BUFFER + sizeof(struct record_task)];
	size_t kept = 0, whole;
	int r = fd < 0 ? -errno : 0;

	while (r == 0) {
		ssize_t n = read(fd, records + kept, RECORDS_BUFFER);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			r = each(data, records, 0); /* many elements without a record: progress */
			continue;
		}
		if (n <= 0)
			return n < 0 ? -errno : 0;
		kept += (size_t)n;
		whole = whole_records(records, kept);
		r = each(data, records, whole);
		kept -= whole;
		memmove(records, records + whole, kept);
	}
	return r;
}

int bpf_live_init(struct bpf_live *live)
{
	struct nsls_bpf *programs = nsls_bpf__open();
	int r = programs ? nsls_bpf__load(programs) : -errno;

	if (r == 0 && nsls_bpf__attach(programs) < 0)
		r = -errno;
	if (r < 0) {
		nsls_bpf__destroy(programs);
		/* The kernel has few errors for many reasons. */
		if (r != -EPERM && !kernel_is_since(5, 17)) /* until then, it corrects no offsets */
			return -ENOSYS;
		if (r != -EPERM && access("/sys/kernel/btf/vmlinux", F_OK) < 0)
			return -ENOENT;
		return r;
	}
	*live = (struct bpf_live){ .bpf.read = live_read, .programs = programs };
	return 0;
}

void bpf_live_done(struct bpf_live *live)
{
	nsls_bpf__destroy(live->programs);
	live->programs = NULL;
}

#else

int bpf_live_init(struct bpf_live *live)
{
	return -ENOTSUP;
}

void bpf_live_done(struct bpf_live *live) {}

#endif
