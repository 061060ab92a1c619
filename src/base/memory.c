// SPDX-License-Identifier: MIT
#include "nsls/base/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	const char *line;
	int fd, status;
} failure = { "nsls: out of memory\n", STDERR_FILENO, 2 };

void memory_set_failure(int fd, const char *line, int status)
{
	failure.fd = fd;
	failure.line = line;
	failure.status = status;
}

void memory_fail(void)
{
	static atomic_flag failing = ATOMIC_FLAG_INIT;

	while (atomic_flag_test_and_set(&failing))
		pause(); /* until the thread that was first has written the line */
	if (write(failure.fd, failure.line, strlen(failure.line)) < 0)
		_exit(failure.status); /* the status must do */
	_exit(failure.status);
}

void *memory_check(void *p)
{
	if (!p)
		memory_fail();
	return p;
}

/* One item more than none: for none, calloc(3) and realloc(3) may return NULL. */
void *memory_alloc(size_t n, size_t item_size)
{
	return memory_check(calloc(n ? n : 1, item_size));
}

void *memory_resize(void *at, size_t n, size_t item_size)
{
	return memory_check(reallocarray(at, n ? n : 1, item_size));
}

char *memory_copy(const char *text)
{
	return memory_check(strdup(text));
}
