// SPDX-License-Identifier: MIT
/* Feeds bytes to every parser and to the escaping; the first byte chooses which. */
#include "fuzz.h"

#include "nsls/base.h"
#include "nsls/procfs.h"

/* What goes to JSON must be valid UTF-8; what goes to a terminal, free of control bytes. */
static void check_escaped(const struct strbuf *out, enum text_target target)
{
	const char *text = strbuf_text(out);

	for (size_t i = 0, n = 0; i < out->len; i += n) {
		unsigned code = 0;

		n = text_decode_utf8(text + i, out->len - i, &code);
		check(n && (code < 0x7f || code >= 0xa0) && (target == TEXT_JSON || code >= 0x20) &&
			(target != TEXT_ASCII || code <= 0x7e));
	}
}

static void escape(const char *bytes, size_t len)
{
	for (enum text_target target = TEXT_TERMINAL; target <= TEXT_JSON; target++) {
		struct strbuf out = { 0 };

		text_escape(&out, bytes, len, target);
		check_escaped(&out, target);
		strbuf_done(&out);
	}
}

static void parse_ref(const char *text)
{
	struct ns_ref ref;
	char again[NSTYPE_TEXT_MAX];

	/* What parses is written the same. */
	check(nstype_parse(text, &ref) != 0 || !strcmp(nstype_format(ref, again), text));
}

static void parse(uint8_t which, const char *text, size_t len)
{
	struct proc_status status;
	struct proc_stat stat;
	struct strbuf out = { 0 };

	if (which % 6 == 0)
		parse_ref(text);
	else if (which % 6 == 1)
		proctext_parse_stat(text, &stat);
	else if (which % 6 == 2)
		proctext_parse_status(text, &status);
	else if (which % 6 == 3)
		proctext_join_cmdline(text, len, &out);
	else if (which % 6 == 4)
		text_quote_json(&out, text);
	else
		escape(text, len);
	strbuf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = malloc(size);
	check(text != NULL);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	parse(data[0], text, size - 1);
	free(text);
	return 0;
}
