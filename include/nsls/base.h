/* SPDX-License-Identifier: MIT */
/* Layer base: memory, text, numbers, child processes, errors. Knows nothing of namespaces. */
#ifndef NSLS_BASE_H
#define NSLS_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

struct arena_chunk;

/* Attributes for what a scope owns: closed on every way out of it. */

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define CLEANUP_FD __attribute__((cleanup(cleanup_close)))

/*
 * The one allocator: it never returns NULL. Where memory is missing it ends the program, from any
 * thread, with one line and without flushing streams; nothing else below the command line exits.
 */

/*
 * Chooses the line that is written to a descriptor where memory is missing, and the exit status:
 * "nsls: out of memory" to standard error and 2 unless called. The text must stay valid. To be
 * called before there are other threads.
 */
void memory_set_failure(int fd, const char *line, int status);

/* Ends the program. For a library that reports missing memory. */
_Noreturn void memory_fail(void);

/* Returns p, which a library has allocated, or ends the program if it is NULL. */
void *memory_check(void *p);

/* The following are freed with free(3). */

/* Zeroed memory for n items. */
void *memory_alloc(size_t n, size_t item_size);

/* As realloc(3), for n items: what is added is not zeroed. */
void *memory_resize(void *at, size_t n, size_t item_size);

/* A copy of the text. */
char *memory_copy(const char *text);

/*
 * What an error says. There is no list of errors that are tolerated: any may come of one process (a
 * zombie's mountinfo says EINVAL), so only those that say nothing of a process end a run.
 */

enum error_class {
	ERROR_FATAL,    /* we ran short: ENOMEM, EMFILE, ENFILE */
	ERROR_VANISHED, /* it ended meanwhile: ENOENT, ESRCH */
	ERROR_DENIED,   /* EACCES, EPERM */
	ERROR_ODD,      /* anything else */
};

/* The class of a -errno. */
enum error_class error_class(int error);

/* Whether it ends the run. False for 0 and above. */
bool error_is_fatal(int error);

/* The one way in which arrays grow. Who owns an array keeps its start, n and size, and frees it. */

/*
 * The array with room for at least one item more than n, moved if need be; *size counts items and
 * is 0 for an array that is NULL.
 */
void *array_reserve(void *at, size_t n, size_t *size, size_t item_size);

/*
 * A pointer to the next item of the array, which is not zeroed. The arguments are variables: at and
 * size are updated, n is incremented, and each is evaluated more than once.
 */
#define array_push(at, n, size)                                                                    \
	((at) = array_reserve((at), (n), &(size), sizeof(__typeof__(*(at)))), &(at)[(n)++])

/* Memory that lives as long as the model: handed out in order, freed at once. */

struct arena {
	struct arena_chunk *chunks;
	size_t used; /* bytes of the newest chunk */
};

void arena_init(struct arena *arena);
void arena_done(struct arena *arena);

/* Zeroed memory aligned to 8 bytes, owned by the arena. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy of text, owned by the arena. */
char *arena_strdup(struct arena *arena, const char *text);

/* A text that grows. */

struct strbuf {
	char *text; /* NUL-terminated once anything was added, else NULL */
	size_t len;
	size_t size;
};

void strbuf_init(struct strbuf *buf);
void strbuf_done(struct strbuf *buf);

/* Empties the text and keeps its memory. */
void strbuf_reset(struct strbuf *buf);

/* Cuts the text to its first len bytes. */
void strbuf_cut(struct strbuf *buf, size_t len);

void strbuf_add(struct strbuf *buf, const char *bytes, size_t len);
void strbuf_adds(struct strbuf *buf, const char *text);
void strbuf_addf(struct strbuf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strbuf_vaddf(struct strbuf *buf, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* The text, never NULL. */
const char *strbuf_text(const struct strbuf *buf);

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

void u64map_init(struct u64map *map);

/* Frees the table, not what its values point to. */
void u64map_done(struct u64map *map);

/* The value stored under key, or NULL. */
void *u64map_get(const struct u64map *map, uint64_t key);

/* Stores value, which must not be NULL, over any earlier one. */
void u64map_put(struct u64map *map, uint64_t key, void *value);

/*
 * Makes attacker-controlled bytes (process names, command lines, paths) safe to show. A byte that
 * may not be shown as it is becomes the four characters \xNN, which is what libsmartcols writes.
 */

enum text_target {
	TEXT_TERMINAL, /* printable characters of a UTF-8 terminal, all else escaped */
	TEXT_ASCII,  /* the same where the locale is not UTF-8: every byte above 0x7e is escaped */
	TEXT_PLUGIN, /* TEXT_ASCII less what means something to a monitoring system or a shell */
	TEXT_RAW,    /* one word of graphic ASCII: blanks and the backslash are escaped, too */
	TEXT_JSON,   /* valid UTF-8; C0 controls stay (the JSON writer escapes them), C1 do not */
};

/* The one of the first two that the locale asks for. */
enum text_target text_terminal(void);

/* Appends len bytes made safe for the target. */
void text_escape(struct strbuf *out, const char *bytes, size_t len, enum text_target target);

/* The same for an item of a list: a separator inside of the item is escaped, too. */
void text_escape_item(
	struct strbuf *out, const char *item, char separator, enum text_target target);

/* How many columns of a terminal len bytes take that were made safe for one. */
size_t text_width(const char *bytes, size_t len);

/* How many of the bytes take no more than width columns. */
size_t text_fit(const char *bytes, size_t len, size_t width);

/*
 * Appends the text as a quoted JSON string, made safe as for TEXT_JSON. Characters that hide or
 * reorder the text around them are written as \uNNNN.
 */
void text_quote_json(struct strbuf *out, const char *text);

/*
 * Whether the len bytes are this name, in any case of the letters A to Z. The locale has no say: in
 * a Turkish one, strcasecmp(3) takes "pid" for another word than "PID".
 */
bool text_equal_ascii(const char *name, const char *bytes, size_t len);

/*
 * Length of the well-formed UTF-8 sequence (no overlong forms, no surrogates; Unicode 3.9) at the
 * start of len bytes and its code point, or 0 if there is none.
 */
size_t text_decode_utf8(const char *bytes, size_t len, unsigned *ret_code);

/* Decimal numbers, as users and proc files write them: nothing wraps around, nothing is guessed. */

/*
 * Parses the len bytes of text, which must be a number in 1..max with nothing around it, not
 * even a leading zero. Returns 0, or -EINVAL.
 */
int number_parse(const char *text, size_t len, uint64_t max, uint64_t *ret_number);

/*
 * Reads a number in 0..max behind blanks and tabs. Returns what follows it, or NULL where there
 * is no such number.
 */
const char *number_take(const char *text, uint64_t max, uint64_t *ret_number);

/*
 * Work that is done in a child process, for paths on any file system. A thread that waits for a
 * dead file server may be ended by no signal, and keeps its process from ending; a child can be
 * abandoned.
 */

struct child_work {
	/*
	 * Fills an item. Runs in the child: only the item's own bytes reach the caller. Pointers
	 * among them must be to memory that the caller had before.
	 */
	void (*run)(const void *data, size_t i, void *item);
	const void *data;
	void *items; /* n of size bytes each */
	size_t n, size;
};

/*
 * Fills the items in order, and returns how many came: fewer than all where the next one took
 * longer than timeout_ms, or the child was killed. To be called while there are no other threads.
 * Where there is no process to be had it works in the caller's.
 */
size_t child_run(const struct child_work *work, unsigned timeout_ms);

#endif
