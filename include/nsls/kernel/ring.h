/* SPDX-License-Identifier: MIT */
/*
 * What fdinfo of a ring, io_uring(7), says of the files that are registered with it: behind the
 * line "UserFiles:" one line for each, with the text that a link of /proc/PID/fd would have.
 *
 * Such a text may be a path of any length that others have chosen. Linux 6.15 and newer escape in
 * it what would end a line; a path starts with '/', so it can't be taken for a namespace.
 */
#ifndef NSLS_KERNEL_RING_H
#define NSLS_KERNEL_RING_H

#include "nsls/base/nstype.h"

/* What a link of /proc/PID/fd reads for a ring. */
#define RING_LINK "anon_inode:[io_uring]"

/* A registered file that matters here: a socket, or else a namespace. */
struct ring_file {
	uint64_t socket; /* inode; 0: a namespace */
	struct ns_ref ns;
};

/* What has been learnt of one fdinfo, line by line; zeroed at its start. */
struct ring_text {
	uint64_t inode; /* of the descriptor's file, Linux 5.14; 0: not told */
	uint64_t next;  /* number that the next file has at least */
	uint64_t end;   /* number that no file reaches */
	enum {
		RING_BEFORE, /* a busy ring's fdinfo ends here: it tells all, or nothing */
		RING_FILES,
		RING_BEHIND,
	} part;
};

/*
 * Takes the next line, without its newline. Returns 1 where it names a namespace or socket, 0 where
 * it does not, and -EINVAL where a line among the files is no such line.
 */
int ring_take_line(struct ring_text *text, const char *line, struct ring_file *ret_file);

#endif
