// SPDX-License-Identifier: MIT
/*
 * Feeds bytes to the quoting for shells, and reads the command as a shell would: it has to be
 * printable ASCII, and one argument with the same bytes.
 */
#include "fuzz.h"

#include "nsls/base.h"

/* Reads the format of printf(1) up to "\000'", and appends what it prints. Returns the rest. */
static const char *read_format(const char *at, struct strbuf *out)
{
	while (strncmp(at, "\\000'", 5) != 0) {
		char byte = *at++;

		check(byte && byte != '\'' && byte != '%');
		if (byte == '\\') {
			check(strspn(at, "01234567") >= 3 && at[0] < '4');
			byte = (char)((at[0] - '0') << 6 | (at[1] - '0') << 3 | (at[2] - '0'));
			at += 3;
		}
		strbuf_add(out, &byte, 1);
	}
	return at + 5;
}

/* Reads one argument in single quotes, or one of bytes that no shell interprets. */
static void read_argument(const char *at, struct strbuf *out)
{
	size_t len = strlen(at);

	if (*at == '\'') {
		check(len > 2 && at[len - 1] == '\'' && !memchr(at + 1, '\'', len - 2) &&
			!strpbrk(at, "\\!,"));
		strbuf_add(out, at + 1, len - 2);
		return;
	}
	check(!strpbrk(at, " !\"#$%&'()*,;<=>?[\\]^`{|}~"));
	strbuf_adds(out, at);
}

static void check_command(const char *command, const char *argument)
{
	static const char form[] = "printf '";
	struct strbuf read = { 0 };

	for (const char *c = command; *c; c++)
		check(*c >= 0x20 && *c < 0x7f && *c != ',');
	if (!strncmp(command, form, strlen(form)))
		check(!strcmp(read_format(command + strlen(form), &read), " | xargs -0 umount"));
	else if (strncmp(command, "umount ", 7) == 0)
		read_argument(command + 7, &read);
	check(!strcmp(strbuf_text(&read), argument));
	strbuf_done(&read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct strbuf argument = { 0 }, command = { 0 };

	strbuf_adds(&argument, "/");
	strbuf_add(&argument, (const char *)data, strnlen((const char *)data, size));
	shell_add_command(&command, "umount", argument.text);
	check_command(command.text, argument.text);
	strbuf_done(&command);
	strbuf_done(&argument);
	return 0;
}
