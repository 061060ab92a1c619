/* SPDX-License-Identifier: MIT */
/* Layer base: memory, text, numbers, classes of errors, types of namespaces. See also timeout.h. */
#ifndef NSLS_BASE_H
#define NSLS_BASE_H

#include "nsls/nstype.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Closes a descriptor when its variable goes out of scope. A negative one is ignored. */
#define CLEANUP_FD __attribute__((cleanup(cleanup_close)))

/*
 * Calls a function such as strbuf_done() when its variable goes out of scope. Zeroed arenas, texts,
 * tables and lists are empty.
 */
#define CLEANUP(done) __attribute__((cleanup(done)))

/*
 * Allocation never fails: when memory runs out, the program ends at once, from any thread, with one
 * line on a descriptor and without flushing streams. Nothing else below the command line exits.
 *
 * memory_set_failure() replaces standard error, the line "nsls: out of memory" and exit status 2,
 * before other threads start; the line must stay valid. memory_fail() ends the program in this way.
 * memory_check() returns p, which a library allocated, or ends the program if p is NULL.
 */
void memory_set_failure(int fd, const char *line, int status);
_Noreturn void memory_fail(void);
void *memory_check(void *p);

/*
 * Closes a stream of open_memstream(3), and ends the program if *text is not whole: fclose(3) of
 * glibc gives unused memory back, succeeds if that fails, and leaves *text NULL.
 */
void memory_close(FILE *stream, char **text);

/* The caller frees the results with free(3). Only memory_alloc() zeroes what it returns. */
void *memory_alloc(size_t n, size_t item_size);
void *memory_resize(void *at, size_t n, size_t item_size);
char *memory_copy(const char *text);

/*
 * Classes of -errno. There is no list of tolerated errors, because reading one process may fail
 * with any error (a zombie's mountinfo with EINVAL). Only ERROR_FATAL ends a run.
 */
enum error_class {
	ERROR_FATAL,    /* nsls ran short: ENOMEM, EMFILE, ENFILE */
	ERROR_VANISHED, /* the process or thread ended: ENOENT, ESRCH */
	ERROR_DENIED,   /* EACCES, EPERM */
	ERROR_ODD,      /* anything else */
};

enum error_class error_class(int error);
bool error_is_fatal(int error); /* false for 0 and above */

/*
 * Growing arrays, which their owner frees with free(3). Returns the array, possibly moved, with
 * room for at least n + 1 items. *size counts items and must be 0 if at is NULL.
 */
void *array_reserve(void *at, size_t n, size_t *size, size_t item_size);

/*
 * Appends an item, which is not zeroed, and returns a pointer to it. Updates all arguments, and
 * evaluates them more than once.
 */
#define array_push(at, n, size)                                                                    \
	((at) = array_reserve((at), (n), &(size), sizeof(__typeof__(*(at)))), &(at)[(n)++])

/* Memory that is handed out in order, zeroed and aligned to 8 bytes, and freed all at once. */
struct arena {
	struct arena_chunk *chunks;
	size_t used; /* bytes of the newest chunk */
};

void arena_done(struct arena *arena);
void *arena_alloc(struct arena *arena, size_t size);
char *arena_strdup(struct arena *arena, const char *text); /* NULL for NULL */

/* A growing text. */
struct strbuf {
	char *text; /* NUL-terminated once anything was added, else NULL */
	size_t len;
	size_t size;
};

void strbuf_done(struct strbuf *buf);
void strbuf_reset(struct strbuf *buf);           /* empties it, keeps its memory */
void strbuf_cut(struct strbuf *buf, size_t len); /* to its first len bytes */
void strbuf_add(struct strbuf *buf, const char *bytes, size_t len);
void strbuf_adds(struct strbuf *buf, const char *text);
void strbuf_addf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
const char *strbuf_text(const struct strbuf *buf); /* never NULL */

/* Ends an item of a list of texts, which has a NUL behind each item, and counts it. */
void strbuf_end_item(struct strbuf *buf, size_t *n);

/* A hash table from 64-bit numbers (inode numbers, cookies, user ids) to pointers. */
struct u64map_slot {
	uint64_t key;
	void *value; /* NULL marks a free slot */
};

struct u64map {
	struct u64map_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t used;
};

void u64map_done(struct u64map *map); /* does not free what the values point to */
void *u64map_get(const struct u64map *map, uint64_t key); /* NULL: it has no such key */

/* Replaces an earlier value of the key by another, which must not be NULL. */
void u64map_put(struct u64map *map, uint64_t key, void *value);

/* Adds a key to a map that is used as a set. Returns false if the map has the key. */
bool u64map_add(struct u64map *map, uint64_t key);

/* Compares two numbers for qsort(3). The arguments are evaluated twice. */
#define compare_numbers(a, b) (((a) > (b)) - ((a) < (b)))

/*
 * Escaping of untrusted bytes: process names, command lines, paths. Each byte that is not printable
 * on the target becomes the four characters \xNN, which is what libsmartcols writes.
 */
enum text_target {
	TEXT_TERMINAL, /* escapes all but the printable characters of a UTF-8 terminal */
	TEXT_ASCII,    /* escapes all but printable ASCII */
	TEXT_PLUGIN,   /* TEXT_ASCII; also escapes what a shell or monitoring system interprets */
	TEXT_RAW,      /* TEXT_ASCII; also escapes blanks and backslashes: a single word */
	TEXT_JSON, /* escapes invalid UTF-8 and C1 controls; the JSON writer escapes C0 controls */
	TEXT_QUOTED, /* between the quotes of a JSON string, see text_quote_json() */
};

/* Returns TEXT_TERMINAL in a UTF-8 locale, else TEXT_ASCII. */
enum text_target text_terminal(void);

/* Appends len bytes, escaped for the target. */
void text_escape(struct strbuf *out, const char *bytes, size_t len, enum text_target target);

/* Appends an item of a list, escaped for the target. A separator in the item is escaped, too. */
void text_escape_item(struct strbuf *out, const char *bytes, size_t len, unsigned separator,
	enum text_target target);

/* Returns how many of the leading bytes, escaped for a terminal, fit into width columns. */
size_t text_fit(const char *bytes, size_t len, size_t width);

/*
 * Appends text as a quoted JSON string, escaped as for TEXT_JSON. Characters that hide or reorder
 * surrounding text are written as \uNNNN.
 */
void text_quote_json(struct strbuf *out, const char *text);

/*
 * Commands for a person to paste into a shell. Whatever bytes the texts have, only printable ASCII
 * is appended, and a shell takes each text for one argument or word, never for anything else.
 *
 * shell_add_command() appends the command with one more argument, which must not be empty or begin
 * with '-', and runs it by xargs(1) if not all shells can quote the argument. shell_add_word()
 * appends a text that is no argument, such as the name of a process: quoted if needed, with other
 * bytes as \ooo.
 */
void shell_add_command(struct strbuf *out, const char *command, const char *argument);
void shell_add_word(struct strbuf *out, const char *text);

/* Returns true if the text needs no quotes and does not begin with '-'. */
bool shell_is_plain(const char *text);

/*
 * Returns true if the len bytes equal name, ignoring the case of the letters A to Z. The locale has
 * no effect: in a Turkish one, strcasecmp(3) finds "pid" and "PID" different.
 */
bool text_equal_ascii(const char *name, const char *bytes, size_t len);

/*
 * Decodes the UTF-8 sequence at the start of len bytes. Returns its length in bytes, or 0 if there
 * is none that is well-formed, Unicode 3.9: no overlong forms, no surrogates.
 */
size_t text_decode_utf8(const char *bytes, size_t len, unsigned *ret_code);

/* FNV-1a. Two texts have the same hash by a chance of 1 in 2^64, or if somebody provokes it. */
uint64_t text_hash(const char *text);

/* Returns word i of those that are valid, or NULL after the last. */
typedef const char *nth_word(size_t i);

/* Returns which of the valid words the len bytes are, or -1. */
int word_find(nth_word *nth, const char *bytes, size_t len);

/*
 * Parses the first len bytes of text as a decimal number in 1..max. Returns 0, or -EINVAL, also if
 * a digit follows them, or if they have a blank or a leading zero.
 */
int number_parse(const char *text, size_t len, uint64_t max, uint64_t *ret_number);

/* Parses a number from 0 to max after blanks and tabs. Returns the text behind it; NULL if there is
 * none. */
const char *number_take(const char *text, uint64_t max, uint64_t *ret_number);

/* Returns true if the running kernel is of this version or a later one. */
bool kernel_is_since(unsigned major, unsigned minor);

/* All types, as bits 1 << enum nstype. */
#define NS_TYPES_ALL ((1u << NS_TYPE_COUNT) - 1)

/* Size of the longest text of nstype_format() with its NUL: "cgroup:[4294967295]". */
#define NSTYPE_TEXT_MAX 24

/* All code about types (parser, scan, summary, help) reads a table of these. */
struct ns_type_info {
	const char *name;       /* as in /proc/PID/ns/ and in "type:[inode]" */
	const char *noun;       /* in a sentence: "network" */
	const char *children;   /* name of the link for the namespace of future children, or NULL */
	uint32_t clone_flag;    /* CLONE_NEW*, clone(2) */
	const char *clone_name; /* the flag's name */
	const char *isolates;   /* namespaces(7), table of types */
	const char *manual;     /* manual page */
	const char *since;      /* first kernel, namespaces(7) and its siblings */
	uint32_t initial_ino;   /* inode of the initial instance, linux/nsfs.h, 6.17 */
	bool initial_late;      /* it has this inode only since 6.17 */
	unsigned depth_max;     /* levels below the initial one; 0: it has no parent, ioctl_ns(2) */
	bool thread_may_differ; /* a thread may be in another instance than its process */
};

extern const struct ns_type_info nstype_info[NS_TYPE_COUNT];

/* An instance as the kernel names it. Inode 0 stands for none. */
struct ns_ref {
	enum nstype type;
	uint32_t ino;
};

/* Sorts in the order of rows. Only a directory made by hand gives two types the same inode. */
static inline uint64_t ns_ref_key(struct ns_ref ref)
{
	return (uint64_t)ref.type << 32 | ref.ino;
}

/* Find a type by its name of len bytes, or its CLONE_NEW* flag. Return 0, or -ENOENT. */
int nstype_by_name(const char *name, size_t len, enum nstype *ret_type);
int nstype_by_clone_flag(uint32_t flag, enum nstype *ret_type);

/* Parses "type:[inode]" with an inode in 1..2^32-1 and nothing around it. Returns 0, or -EINVAL. */
int nstype_parse(const char *text, struct ns_ref *ret_ref);

/* Returns true if text is "type:[inode]" of a type that only a newer kernel has. */
bool nstype_is_newer(const char *text);

/* Writes "type:[inode]" into buf of NSTYPE_TEXT_MAX bytes and returns buf. */
char *nstype_format(struct ns_ref ref, char *buf);

#endif
