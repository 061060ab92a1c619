// SPDX-License-Identifier: MIT
#include "plugin.h"

#include "complain.h"

#include "nsls/view/plugin.h"

#include <string.h>

/* Without the quotes around what is quoted, which would have to be escaped. */
static void add_plain(const char *text, size_t len, struct strbuf *out)
{
	for (size_t i = 0; i < len; i++)
		strbuf_add(out, text + i, text[i] != '\'');
}

/* The lines as one, each without the program's name. */
static void add_lines(const char *said, struct strbuf *out)
{
	while (*said) {
		size_t len = strcspn(said, "\n"), skipped = strlen(COMPLAIN_NAME);

		if (strncmp(said, COMPLAIN_NAME, skipped) != 0)
			skipped = 0;
		strbuf_adds(out, out->len ? "; " : "");
		add_plain(said + skipped, len - skipped, out);
		said += len + (said[len] == '\n');
	}
}

void plugin_fail(const char *said, FILE *out)
{
	struct strbuf message;

	strbuf_init(&message);
	add_lines(said, &message);
	plugin_print(PLUGIN_UNKNOWN, strbuf_text(&message), "", out);
	strbuf_done(&message);
}
