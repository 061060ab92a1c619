// SPDX-License-Identifier: MIT
/* Parsers of proc files and of links in /proc/PID/fd. All input is untrusted. */
#include "nsls/base.h"
#include "nsls/procfs.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* linux/sched.h of the kernel, to which proc_pid_stat(5) refers */
#define PF_EXITING 0x4u
#define PF_KTHREAD 0x200000u

/* Returns the n-th field, numbered as in proc_pid_stat(5). rest is the text behind the second. */
static const char *stat_field(const char *rest, int n)
{
	for (int field = 3; field < n; field++) {
		rest += strspn(rest, " ");
		rest += strcspn(rest, " ");
	}
	return rest + strspn(rest, " ");
}

int proctext_parse_stat(const char *text, struct proc_stat *ret_stat)
{
	const char *rest = strrchr(text, ')');
	uint64_t ppid, flags, num_threads, start_ticks;

	if (!rest)
		return -EINVAL;
	rest++;
	if (!number_take(stat_field(rest, 4), INT_MAX, &ppid) ||
		!number_take(stat_field(rest, 9), UINT32_MAX, &flags) ||
		!number_take(stat_field(rest, 20), UINT32_MAX, &num_threads) ||
		!number_take(stat_field(rest, 22), UINT64_MAX, &start_ticks))
		return -EINVAL;
	*ret_stat = (struct proc_stat){
		.state = *stat_field(rest, 3),
		.ending = flags & PF_EXITING,
		.kthread = flags & PF_KTHREAD,
		.ppid = (pid_t)ppid,
		.num_threads = (unsigned)num_threads,
		.start_ticks = start_ticks,
	};
	return 0;
}

/* Returns the rest of the line that starts with key, or NULL. */
static const char *find_line(const char *text, const char *key)
{
	size_t len = strlen(key);

	while (text) {
		if (!strncmp(text, key, len))
			return text + len;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

int proctext_parse_status(const char *text, struct proc_status *ret_status)
{
	const char *uids = find_line(text, "Uid:");
	const char *pids = find_line(text, "NSpid:");
	const char *permitted = find_line(text, "CapPrm:"); /* in hexadecimal */
	struct proc_status status = { 0 };
	uint64_t uid, pid;

	/* The real UID, then the effective one. */
	uids = uids ? number_take(uids, UINT32_MAX, &uid) : NULL;
	if (!uids || !number_take(uids, UINT32_MAX, &uid))
		return -EINVAL;
	status.uid = (uid_t)uid;
	status.admin = permitted && strtoull(permitted, NULL, 16) & 1ull << CAP_SYS_ADMIN;
	for (; pids && (pids = number_take(pids, INT_MAX, &pid)); status.npids++)
		status.nspid = (pid_t)pid;
	*ret_status = status;
	return 0;
}

void proctext_join_cmdline(const char *bytes, size_t len, struct strbuf *out)
{
	while (len && bytes[len - 1] == '\0')
		len--;
	for (size_t i = 0; i < len; i++)
		strbuf_add(out, bytes[i] ? bytes + i : " ", 1);
}

uint64_t proctext_now_ticks(void)
{
	uint64_t rate = (uint64_t)sysconf(_SC_CLK_TCK);
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * rate + (uint64_t)now.tv_nsec * rate / 1000000000;
}

int proctext_read_stat(int process_fd, struct proc_stat *ret_stat)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int r = procfile_read(process_fd, "stat", &text);

	if (r == 0)
		r = proctext_parse_stat(strbuf_text(&text), ret_stat);
	return r;
}

int proctext_read_status(int process_fd, struct proc_status *ret_status)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int r = procfile_read(process_fd, "status", &text);

	if (r == 0)
		r = proctext_parse_status(strbuf_text(&text), ret_status);
	return r;
}

int proctext_read_comm(int process_fd, struct strbuf *out)
{
	int r = procfile_read(process_fd, "comm", out);

	/* The kernel appends one newline; any other is part of the name. */
	if (r == 0 && out->len && out->text[out->len - 1] == '\n')
		strbuf_cut(out, out->len - 1);
	return r;
}

int proctext_read_command(int process_fd, struct strbuf *out)
{
	CLEANUP(strbuf_done) struct strbuf bytes = { 0 };
	int r;

	strbuf_reset(out);
	r = procfile_read_start(process_fd, "cmdline", PROCTEXT_COMMAND_MAX, &bytes);
	if (r >= 0) {
		proctext_join_cmdline(strbuf_text(&bytes), bytes.len, out);
		strbuf_adds(out, r > 0 && out->len ? "..." : "");
		r = 0;
	}
	return error_is_fatal(r) || out->len ? r : proctext_read_comm(process_fd, out);
}

int proctext_read_number(const struct procfs *procfs, const char *path, const char *key,
	uint64_t max, uint64_t *ret_number)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	const char *line;
	int r = procfile_read(procfs->fd, path, &text);

	if (r == 0) {
		line = find_line(strbuf_text(&text), key);
		if (!line || !number_take(line, max, ret_number))
			r = -EINVAL;
	}
	return r;
}

int proctext_read_last_pid(const struct procfs *procfs, pid_t *ret_pid)
{
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	const char *last;
	uint64_t pid;
	int r = procfile_read(procfs->fd, "loadavg", &text);

	if (r == 0) {
		last = strrchr(strbuf_text(&text), ' ');
		r = last ? number_parse(last + 1, strcspn(last + 1, "\n"), INT_MAX, &pid) : -EINVAL;
	}
	if (r == 0)
		*ret_pid = (pid_t)pid;
	return r;
}

int proctext_read_limit(const struct procfs *procfs, enum nstype type, uint64_t *ret_limit)
{
	char path[64];

	snprintf(path, sizeof(path), "sys/user/max_%s_namespaces", nstype_info[type].name);
	return proctext_read_number(procfs, path, "", INT_MAX, ret_limit);
}

/* Neither of the two lines of headings has a colon, and each interface has one behind its name. */
static int count_link(void *data, char *line, size_t len)
{
	unsigned *count = data;

	*count += strchr(line, ':') != NULL;
	return *count > PROCTEXT_LINKS_MAX ? -EFBIG : 0;
}

int proctext_count_links(int process_fd, unsigned *ret_count)
{
	unsigned count = 0;
	int r = procfile_each_line(process_fd, "net/dev", count_link, &count, NULL);

	if (r == 0)
		*ret_count = count;
	return r;
}

static const char *take_number(const char *text, bool may_be_negative, struct strbuf *out)
{
	uint64_t number;

	text += strspn(text, " ");
	if (may_be_negative && *text == '-') {
		strbuf_adds(out, "-");
		text++;
	}
	text = number_take(text, INT64_MAX, &number);
	if (text)
		strbuf_addf(out, "%llu", (unsigned long long)number);
	return text;
}

int proctext_read_triples(int process_fd, const char *file, bool clocks, struct strbuf *out)
{
	const char *line;
	CLEANUP(strbuf_done) struct strbuf text = { 0 };
	int r = procfile_read(process_fd, file, &text);

	line = strbuf_text(&text);
	while (r == 0 && line && *line) { /* each line, without the blanks that align it */
		size_t word = strspn(line, "abcdefghijklmnopqrstuvwxyz");

		strbuf_add(out, line, clocks ? word : 0);
		line = !clocks ? take_number(line, false, out) : word ? line + word : NULL;
		for (int i = 0; i < 2 && line; i++) {
			strbuf_adds(out, " ");
			line = *line == ' ' ? take_number(line, clocks && !i, out) : NULL;
		}
		strbuf_adds(out, "\n");
		line = line && *line == '\n' ? line + 1 : NULL;
	}
	return r == 0 && !line ? -EINVAL : r;
}

/* "socket:[INODE]" */
static int parse_socket(const char *text, uint64_t *ret_inode)
{
	size_t len = strlen(text), start = strlen("socket:[");

	if (strncmp(text, "socket:[", start) != 0 || text[len - 1] != ']')
		return -EINVAL;
	return number_parse(text + start, len - start - 1, UINT64_MAX, ret_inode);
}

int fd_link_read(int dirfd, const char *link, struct fd_target *ret_target)
{
	char text[64];
	struct ns_ref ref;
	int r = procfs_read_link(dirfd, link, text, sizeof(text));

	if (r < 0 && r != -ENAMETOOLONG) /* only paths are that long */
		return r;
	*ret_target = (struct fd_target){ .kind = text[0] == '/' ? FD_PATH : FD_OTHER };
	if (nstype_parse(text, &ref) == 0)
		*ret_target = (struct fd_target){ .kind = FD_NAMESPACE, .ino = ref.ino };
	else if (parse_socket(text, &ret_target->ino) == 0)
		ret_target->kind = FD_SOCKET;
	else if (!strcmp(text, RING_LINK))
		ret_target->kind = FD_RING;
	else if (!strcmp(text, "/dev/net/tun"))
		ret_target->kind = FD_TUN;
	return 0;
}

/* Parses a line that is key and a number. Returns false for any other line. */
static bool parse_key_value(const char *line, const char *key, uint64_t *ret_value)
{
	size_t len = strlen(key);
	const char *end =
		strncmp(line, key, len) ? NULL : number_take(line + len, UINT64_MAX, ret_value);

	return end && !*end;
}

int ring_take_line(struct ring_text *text, const char *line, struct ring_file *ret_file)
{
	struct ring_file file = { 0 };
	uint64_t number;
	const char *name;

	if (text->part == RING_BEFORE) {
		parse_key_value(line, "ino:", &text->inode);
		if (parse_key_value(line, "UserFiles:", &text->end))
			text->part = RING_FILES;
		return 0;
	}
	if (text->part != RING_FILES || !*line || !strchr(" 0123456789", *line)) {
		text->part = RING_BEHIND;
		return 0;
	}
	/* "NUMBER: NAME", indented. Numbers ascend, with gaps for unused slots. */
	name = number_take(line, UINT32_MAX, &number);
	if (!name || strncmp(name, ": ", 2) != 0 || number < text->next || number >= text->end)
		return -EINVAL;
	text->next = number + 1;
	if (nstype_parse(name + 2, &file.ns) < 0 && parse_socket(name + 2, &file.socket) < 0)
		return 0;
	*ret_file = file;
	return 1;
}
