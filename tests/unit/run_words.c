// SPDX-License-Identifier: MIT
/* See the header; what main() does, less what belongs to the process. */
#include "run_words.h"

#include "../../src/cli/internal.h"
#include "../json/keep_json.h"

#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 32

void answer_done(struct answer *answer)
{
	free(answer->out);
	free(answer->err);
	*answer = (struct answer){ 0 };
}

void run_words(const struct world *world, bool terminal, const char *line, struct answer *answer)
{
	char program[] = "nsls", procfs[] = "--procfs", dir[sizeof(world->dir)];
	char *argv[ARGS_MAX] = { program, procfs, dir }, *words = strdup(line), *rest = NULL;
	size_t out_len, err_len;
	struct options options;
	FILE *out, *err;
	int argc = 3;
	bool plugin, busy;

	answer_done(answer);
	memcpy(dir, world->dir, sizeof(dir));
	out = open_memstream(&answer->out, &out_len);
	err = open_memstream(&answer->err, &err_len);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		assert_true(argc < ARGS_MAX - 1);
		argv[argc++] = word;
	}
	answer->status = STATUS_ERROR;
	plugin = options_are_plugin(argc, argv);
	if (options_parse(argc, argv, err, &options) == 0) {
		answer->status = run(&options, terminal, out, err, &busy);
		options_done(&options);
	}
	fclose(err);
	if (plugin && answer->status == STATUS_ERROR)
		plugin_print_error(answer->err, out);
	answer->exit_status = run_exit_status(plugin, answer->status);
	fclose(out);
	free(words);
	keep_json(answer->out);
}
