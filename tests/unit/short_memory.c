// SPDX-License-Identifier: MIT
/*
 * See the header. A program's own malloc(3) takes the place of the C library's for all code that
 * is linked with it ("Replacing malloc", glibc manual); its names with __libc_ remain.
 */
#include "short_memory.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifdef WRAP_OWN_CALLS
#define REAL(name) __real_##name
#define OURS(name) __wrap_##name
#else
#define REAL(name) __libc_##name
#define OURS(name) name
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t size);
void *OURS(malloc)(size_t size);
void *OURS(calloc)(size_t n, size_t size);
void *OURS(realloc)(void *p, size_t size);

static atomic_long left = LONG_MAX; /* allocations up to and with the one to refuse */
static atomic_bool refused;

static bool is_refused(void)
{
	if (atomic_fetch_sub(&left, 1) != 1)
		return false;
	atomic_store(&refused, true);
	errno = ENOMEM;
	return true;
}

void *OURS(malloc)(size_t size)
{
	return is_refused() ? NULL : REAL(malloc)(size);
}

void *OURS(calloc)(size_t n, size_t size)
{
	return is_refused() ? NULL : REAL(calloc)(n, size);
}

void *OURS(realloc)(void *p, size_t size)
{
	return is_refused() ? NULL : REAL(realloc)(p, size);
}

#ifdef WRAP_OWN_CALLS
char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);

char *__wrap_strdup(const char *text)
{
	return is_refused() ? NULL : __real_strdup(text);
}
#else
void __libc_free(void *p);

void free(void *p)
{
	__libc_free(p);
}
#endif

void short_memory_begin(long n)
{
	atomic_store(&refused, false);
	atomic_store(&left, n);
}

bool short_memory_end(void)
{
	atomic_store(&left, LONG_MAX);
	return atomic_load(&refused);
}
