// SPDX-License-Identifier: MIT
/* The tables of words and operators, and the parser that reads them. */
#include "nsls/select/rule.h"

#include "nsls/base/number.h"

#include <errno.h>
#include <string.h>

#define BLANKS " \t"
#define OPERATOR "<>=!" /* what looks like one */

static const struct {
	const char *name;
	bool upper, lower; /* the bound is an end above, below */
	bool open;         /* and is not fine itself */
} operators[RULE_OPERATOR_COUNT] = {
	[RULE_AT_MOST] = { "<=", .upper = true },
	[RULE_BELOW] = { "<", .upper = true, .open = true },
	[RULE_AT_LEAST] = { ">=", .lower = true },
	[RULE_ABOVE] = { ">", .lower = true, .open = true },
	[RULE_EQUAL] = { "==", .upper = true, .lower = true },
};

/* The words besides the names of types and kinds. */
#define ANY "any"
#define PERSISTENT "persistent"

const char *rule_subject_word(size_t i)
{
	static const char *const others[] = { ANY, PERSISTENT, NULL };

	return i < NS_TYPE_COUNT ? nstype_info((enum nstype)i)->name
	       : i < NS_TYPE_COUNT + sizeof(others) / sizeof(*others) ? others[i - NS_TYPE_COUNT]
								      : NULL;
}

const char *rule_part_word(size_t i)
{
	if (!i)
		return PERSISTENT;
	return i <= HOLDER_KIND_COUNT ? holder_kind_name((enum holder_kind)(i - 1)) : NULL;
}

const char *rule_operator_word(size_t i)
{
	return i < RULE_OPERATOR_COUNT ? operators[i].name : NULL;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && !memcmp(text, word, len);
}

static int refuse(struct rule_trouble *trouble, enum rule_error error, const char *word, size_t len)
{
	*trouble = (struct rule_trouble){ error, word, len };
	return -EINVAL;
}

/* What is behind the dot. */
static int parse_part(const char *text, size_t len, struct rule *rule, struct rule_trouble *trouble)
{
	if (is_word(text, len, PERSISTENT)) {
		rule->subject = RULE_PERSISTENT;
		return 0;
	}
	for (enum holder_kind k = 0; k < HOLDER_KIND_COUNT; k++)
		if (is_word(text, len, holder_kind_name(k))) {
			rule->subject = RULE_KIND;
			rule->kind = k;
			return 0;
		}
	return refuse(trouble, RULE_BAD_PART, text, len);
}

static int parse_subject(
	const char *text, size_t len, struct rule *rule, struct rule_trouble *trouble)
{
	const char *dot = memchr(text, '.', len);
	size_t first = dot ? (size_t)(dot - text) : len;

	if (is_word(text, len, PERSISTENT)) {
		rule->scope = RULE_OF_ALL;
		rule->subject = RULE_PERSISTENT;
		return 0;
	}
	if (is_word(text, first, ANY))
		rule->scope = RULE_OF_ANY;
	else if (nstype_by_name(text, first, &rule->type) < 0)
		return refuse(trouble, RULE_BAD_SUBJECT, text, first);
	return dot ? parse_part(dot + 1, len - first - 1, rule, trouble) : 0;
}

static int parse_operator(
	const char *text, size_t len, struct rule *rule, struct rule_trouble *trouble)
{
	for (enum rule_operator o = 0; o < RULE_OPERATOR_COUNT; o++)
		if (is_word(text, len, operators[o].name)) {
			rule->op = o;
			return 0;
		}
	return refuse(trouble, len ? RULE_BAD_OPERATOR : RULE_NO_OPERATOR, text, len);
}

/* "80%" or "87.5%", from the rest behind the whole number; false: something else. */
static bool take_percent(const char *rest, struct rule *rule)
{
	uint64_t tenth = 0;

	if (rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9') {
		tenth = (uint64_t)(rest[1] - '0');
		rest += 2;
	}
	if (strcmp(rest, "%") != 0 || rule->bound > RULE_PERCENT_MAX)
		return false;
	rule->bound = rule->bound * 10 + tenth;
	rule->percent = true;
	return true;
}

/* text has no blanks around it. */
static bool take_bound(const char *text, struct rule *rule)
{
	const char *rest =
		*text >= '0' && *text <= '9' ? number_take(text, UINT32_MAX, &rule->bound) : NULL;

	return rest && (!*rest || take_percent(rest, rule));
}

static int parse_bound(
	const char *text, size_t len, struct rule *rule, struct rule_trouble *trouble)
{
	char bound[16]; /* "4294967295" has room, and so has "1000.0%" */

	memset(bound, 0, sizeof(bound));
	if (len < sizeof(bound))
		memcpy(bound, text, len);
	if (!take_bound(bound, rule))
		return refuse(trouble, RULE_BAD_BOUND, text, len);
	if (rule->percent && (rule->subject != RULE_COUNT || rule->scope == RULE_OF_ALL))
		return refuse(trouble, RULE_BAD_PERCENT, text, len);
	if (rule->op == RULE_BELOW && !rule->bound)
		return refuse(trouble, RULE_BELOW_ZERO, text, len);
	return 0;
}

/* The length of a text without the blanks at its end. */
static size_t trimmed(const char *text)
{
	size_t len = strlen(text);

	while (len && strchr(BLANKS, text[len - 1]))
		len--;
	return len;
}

int rule_parse(const char *text, struct rule *ret_rule, struct rule_trouble *ret_trouble)
{
	struct rule rule = { .text = text };
	const char *at = text + strspn(text, BLANKS);
	size_t len = strcspn(at, OPERATOR BLANKS);
	int r = parse_subject(at, len, &rule, ret_trouble);

	if (r < 0)
		return r;
	at += len;
	at += strspn(at, BLANKS);
	len = strspn(at, OPERATOR);
	r = parse_operator(at, len, &rule, ret_trouble);
	if (r < 0)
		return r;
	at += len;
	at += strspn(at, BLANKS);
	r = parse_bound(at, trimmed(at), &rule, ret_trouble);
	if (r == 0)
		*ret_rule = rule;
	return r;
}

struct rule_range rule_range(const struct rule *rule, uint64_t unit)
{
	uint64_t bound = rule->bound * unit, open = operators[rule->op].open;

	return (struct rule_range){
		.min = operators[rule->op].lower ? bound + open : 0,
		.max = operators[rule->op].upper ? bound - open : UINT64_MAX,
	};
}

bool rule_has_upper_end(const struct rule *rule)
{
	return operators[rule->op].upper;
}

bool rule_is_of_same(const struct rule *a, const struct rule *b)
{
	return a->scope == b->scope && (a->scope != RULE_OF_TYPE || a->type == b->type) &&
	       a->subject == b->subject && (a->subject != RULE_KIND || a->kind == b->kind) &&
	       a->percent == b->percent;
}
