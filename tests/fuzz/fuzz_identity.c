// SPDX-License-Identifier: MIT
/*
 * Feeds bytes to the reader of cgroup files, and checks what an identity promises. No fuzzer finds
 * 64 digits by itself: the first byte chooses an example, or none, and the
 * second where in it the others are put.
 */
#include "fuzz.h"

#include "nsls/base.h"
#include "nsls/enrich.h"

#include "../cgroup_examples.h"

static bool is_text(const char *text)
{
	return !text || *text;
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void check_identity(const struct identity *identity)
{
	bool inside = identity->container || identity->machine || identity->app;

	check(is_text(identity->cgroup) && is_text(identity->unit) && is_text(identity->pod) &&
		is_text(identity->container) && is_text(identity->machine) &&
		is_text(identity->app) && is_text(identity->name));
	check(!identity->cgroup || (*identity->cgroup == '/' && !strchr(identity->cgroup, '\n')));
	check((identity->name != NULL) == (inside || identity->pod || identity->unit));
	check(identity->runtime == RUNTIME_UNKNOWN || inside || identity->pod);
	check(identity->cgroup || (!identity->name && !identity->has_user));
	check(!identity->container || !identity->machine);
}

/* A file of one line with the chosen path has the same identity. */
static void check_path_decides(const struct identity *first, struct arena *arena)
{
	struct identity second;
	char *line;

	if (!first->cgroup)
		return;
	line = arena_alloc(arena, strlen(first->cgroup) + sizeof("0::\n"));
	strcat(strcat(strcpy(line, "0::"), first->cgroup), "\n");
	identity_parse(line, arena, &second);
	check_identity(&second);
	check(is_same(first->cgroup, second.cgroup) && is_same(first->unit, second.unit) &&
		is_same(first->name, second.name) && first->runtime == second.runtime);
}

static void make_file(const uint8_t *data, size_t size, struct strbuf *out)
{
	struct strbuf example = { 0 };
	size_t n = data[0] % (CGROUP_EXAMPLES + 1), at;

	if (n < CGROUP_EXAMPLES)
		strbuf_addf(&example, "0::%s\n", cgroup_examples[n].path);
	at = data[1] % (example.len + 1);
	strbuf_add(out, strbuf_text(&example), at);
	strbuf_add(out, (const char *)data + 2, size - 2);
	strbuf_adds(out, strbuf_text(&example) + at);
	strbuf_done(&example);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct identity identity;
	struct arena arena = { 0 };
	struct strbuf file = { 0 };

	if (size < 2)
		return 0;
	make_file(data, size, &file);
	identity_parse(strbuf_text(&file), &arena, &identity);
	check_identity(&identity);
	check_path_decides(&identity, &arena);
	strbuf_done(&file);
	arena_done(&arena);
	return 0;
}
