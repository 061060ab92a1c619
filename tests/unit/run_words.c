// SPDX-License-Identifier: MIT
/* See the header. */
#include "run_words.h"

#include "../../src/cli/internal.h"

int split_words(char *line, char *argv[WORDS_MAX])
{
	int argc = 0;

	for (line += strspn(line, " "); *line; line += strspn(line, " ")) {
		char *to = line;
		bool quoted = false;

		assert_true(argc < WORDS_MAX - 1);
		argv[argc++] = to;
		for (; *line && (quoted || *line != ' '); line++)
			if (*line == '\'')
				quoted = !quoted;
			else
				*to++ = *line;
		line += *line == ' ';
		*to = '\0';
	}
	argv[argc] = NULL;
	return argc;
}

struct answer run_words(bool terminal, const char *line)
{
	struct answer answer = { 0 };
	char *argv[WORDS_MAX];
	int argc = split_words(strf("nsls --procfs %s %s", world.dir, line), argv);
	size_t out_len, err_len;
	FILE *out, *err;
	bool busy;

	out = open_memstream(&answer.out, &out_len);
	err = open_memstream(&answer.err, &err_len);
	answer.status = run(argc, argv, options_are_plugin(argc, argv), terminal, out, err, &busy);
	fclose(err);
	fclose(out);
	test_keep(answer.out);
	test_keep(answer.err);
	keep_json(answer.out);
	return answer;
}

char *squeeze(char *text)
{
	bool json = *text == '{';
	char *to = text;

	for (const char *from = text; *from; from++)
		if (json && *from == '\n' && from[1])
			from += strspn(from + 1, " ");
		else if (*from != ' ' ||
			 (from[1] && !strchr(" \n", from[1]) && to > text && to[-1] != '\n'))
			*to++ = *from;
	*to = '\0';
	return text;
}
