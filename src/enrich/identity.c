// SPDX-License-Identifier: MIT
/* Makes texts of what a cgroup file tells, and a name of the best of them. */
#include "nsls/enrich/identity.h"

#include "identity_find.h"

#include "nsls/base/number.h"
#include "nsls/base/strbuf.h"

#include <string.h>

static char *copy(struct arena *arena, struct span text)
{
	return text.at ? memcpy(arena_alloc(arena, text.len + 1), text.at, text.len) : NULL;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that \xNN stands for, or 0 where there is no such escape: systemd.unit(5). */
static char escaped_byte(const char *at)
{
	int high, low;

	if (at[0] != '\\' || at[1] != 'x' || (high = hex_value(at[2])) < 0)
		return 0;
	low = hex_value(at[3]);
	if (low < 0)
		return 0;
	return (char)(high << 4 | low);
}

static char *copy_unescaped(struct arena *arena, struct span text)
{
	char *bytes = copy(arena, text), *to = bytes;
	const char *from = bytes;

	while (from && *from) {
		char byte = escaped_byte(from);

		if (byte)
			from += strlen("\\xNN") - 1;
		else
			byte = *from;
		*to++ = byte;
		from++;
	}
	if (to)
		*to = '\0';
	return bytes;
}

/* A '-' in a slice's name leads to a slice below it, systemd.slice(5): the kubelet writes '_'. */
static char *copy_pod(struct arena *arena, struct span text)
{
	char *bytes = copy(arena, text);

	for (char *c = bytes; c && *c; c++)
		if (*c == '_')
			*c = '-';
	return bytes;
}

static void write_name(const struct identity *identity, struct strbuf *out)
{
	const char *runtime = runtime_name(identity->runtime);

	/* Who has pods knows the cluster's tools rather than the engine's. */
	if (identity->pod && identity->runtime != RUNTIME_PODMAN)
		runtime = runtime_name(RUNTIME_KUBERNETES);
	if (identity->container)
		strbuf_addf(out, "%s %.*s", runtime ? runtime : "container",
			identity_short(identity->container), identity->container);
	else if (identity->machine)
		strbuf_addf(out, "machine %s", identity->machine);
	else if (identity->app)
		strbuf_addf(out, "%s %s", runtime, identity->app);
	else if (identity->pod)
		strbuf_addf(out, "pod %.*s", identity_short(identity->pod), identity->pod);
	else if (identity->unit)
		strbuf_adds(out, identity->unit);
}

static char *make_name(struct arena *arena, const struct identity *identity)
{
	struct strbuf text;
	char *name = NULL;

	strbuf_init(&text);
	write_name(identity, &text);
	if (text.len)
		name = copy(arena, (struct span){ text.text, text.len });
	strbuf_done(&text);
	return name;
}

/* <uid> is at most ten digits; one beyond 32 bits is nobody's. */
static bool parse_user(struct span digits, uid_t *ret_user)
{
	char text[16] = "";
	uint64_t uid;

	if (!digits.at || digits.len >= sizeof(text))
		return false;
	memcpy(text, digits.at, digits.len);
	if (!number_take(text, UINT32_MAX, &uid))
		return false;
	*ret_user = (uid_t)uid;
	return true;
}

/* Whether the unit stands behind the name of what it is in: who is in there has chosen it. */
static bool is_unit_inside(const struct found *found)
{
	static const enum identity_field fields[] = { FIELD_CONTAINER, FIELD_MACHINE, FIELD_APP };

	for (size_t i = 0; found->unit.at && i < sizeof(fields) / sizeof(*fields); i++)
		if (found->fields[fields[i]].at && found->fields[fields[i]].at < found->unit.at)
			return true;
	return false;
}

static void write_identity(
	struct arena *arena, const struct found *found, struct identity *identity)
{
	*identity = (struct identity){
		.cgroup = copy(arena, found->path),
		.unit = copy_unescaped(arena, found->unit),
		.container = copy(arena, found->fields[FIELD_CONTAINER]),
		.pod = copy_pod(arena, found->fields[FIELD_POD]),
		.machine = copy_unescaped(arena, found->fields[FIELD_MACHINE]),
		.app = copy_unescaped(arena, found->fields[FIELD_APP]),
		.runtime = found->runtime,
		.unit_inside = is_unit_inside(found),
	};
	identity->has_user = parse_user(found->fields[FIELD_USER], &identity->user);
	identity->name = make_name(arena, identity);
}

void identity_parse(
	const char *bytes, size_t len, struct arena *arena, struct identity *ret_identity)
{
	struct found found;

	identity_find((struct span){ bytes, strnlen(bytes, len) }, &found);
	write_identity(arena, &found, ret_identity);
}
