// SPDX-License-Identifier: MIT
#include "nsls/kernel/ring.h"

#include "nsls/base/number.h"
#include "nsls/kernel/fd_link.h"

#include <errno.h>
#include <string.h>

/* The number behind key, with nothing behind it; false where the line is another one. */
static bool take_value(const char *line, const char *key, uint64_t *ret_value)
{
	size_t len = strlen(key);
	const char *end =
		strncmp(line, key, len) ? NULL : number_take(line + len, UINT64_MAX, ret_value);

	return end && !*end;
}

static int take_head(struct ring_text *text, const char *line)
{
	take_value(line, "ino:", &text->inode);
	if (take_value(line, "UserFiles:", &text->end))
		text->part = RING_FILES;
	return 0;
}

static int identify(const char *name, struct ring_file *ret_file)
{
	struct ring_file file = { 0 };
	struct fd_target target;

	if (nstype_parse(name, &file.ns) < 0) {
		fd_link_parse(name, &target);
		if (target.kind != FD_SOCKET)
			return 0;
		file.socket = target.ino;
	}
	*ret_file = file;
	return 1;
}

/* "    7: NAME", ascending; empty places are left out. */
static int take_file(struct ring_text *text, const char *line, struct ring_file *ret_file)
{
	uint64_t number;
	const char *name = number_take(line, UINT32_MAX, &number);

	if (!name || strncmp(name, ": ", 2) != 0 || number < text->next || number >= text->end)
		return -EINVAL;
	text->next = number + 1;
	return identify(name + 2, ret_file);
}

int ring_take_line(struct ring_text *text, const char *line, struct ring_file *ret_file)
{
	switch (text->part) {
	case RING_BEFORE:
		return take_head(text, line);
	case RING_FILES:
		if (strchr(" 0123456789", *line) && *line)
			return take_file(text, line, ret_file);
		text->part = RING_BEHIND;
		break;
	case RING_BEHIND:
		break;
	}
	return 0;
}
