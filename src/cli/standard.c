// SPDX-License-Identifier: MIT
#include "standard.h"

#include "complain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * A closed standard descriptor would be given to the first file that is opened, and the answer
 * written into that. Each gets a descriptor that can't be read or written either; unlike /dev/null,
 * a chroot has it for sure.
 */
bool standard_open(void)
{
	bool have_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_CLOEXEC) != fd)
			return false;
	return have_output;
}

/* A full disk shows at the latest when the stream is closed. */
bool standard_written(void)
{
	if (!ferror(stdout) && fclose(stdout) == 0)
		return true;
	if (errno != EPIPE)
		fprintf(stderr, COMPLAIN_NAME "standard output: %s\n", strerror(errno));
	return false;
}
