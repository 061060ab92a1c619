// SPDX-License-Identifier: MIT
/* See the header. */
#include "keep_json.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void keep_json(const char *answer)
{
	const char *dir = getenv("NSLS_KEEP_JSON");
	size_t len = strlen(answer);
	char path[PATH_MAX];
	int fd;

	if (!dir || *answer != '{')
		return;
	snprintf(path, sizeof(path), "%s/answer.XXXXXX", dir);
	fd = mkstemp(path);
	if (fd < 0 && errno == EACCES)
		return; /* the test has become another user */
	if (fd < 0 || write(fd, answer, len) != (ssize_t)len) {
		perror(path);
		abort();
	}
	close(fd);
}
