/* SPDX-License-Identifier: MIT */
/* Health checks: rules, and verdicts on them. */
#ifndef NSLS_RULE_H
#define NSLS_RULE_H

#include "nsls/model.h"
#include "nsls/query.h"
#include "nsls/report.h"

#include <stdbool.h>

/*
 * A rule of a health check as data: what is counted, and how much of it is fine. Such as
 * "net<=500", "net<=80%" (of the limit, by the heaviest user), "persistent<=0",
 * "net.persistent<=0" and "net.mount<=3" (kept by nothing but mounts). "any" stands for each type.
 */

/* Of which types namespaces are counted. */
enum rule_scope {
	RULE_OF_TYPE,
	RULE_OF_ANY, /* each type by itself: one that breaks the rule is enough */
	RULE_OF_ALL, /* all types together */
};

/* Which namespaces of these are counted. */
enum rule_subject {
	RULE_COUNT,
	RULE_PERSISTENT, /* those without a member process */
	RULE_KIND,       /* those that only holders of one kind keep */
};

enum rule_operator {
	RULE_AT_MOST,
	RULE_BELOW,
	RULE_AT_LEAST,
	RULE_ABOVE,
	RULE_EQUAL,
	RULE_OPERATOR_COUNT,
};

/* What a broken rule means. */
enum rule_severity {
	RULE_CHECK,   /* a plain "no" */
	RULE_WARNING, /* these two: of a monitoring plugin */
	RULE_CRITICAL,
};

struct rule {
	const char *text; /* as it was parsed; the caller keeps it */
	enum rule_scope scope;
	enum nstype type; /* of RULE_OF_TYPE */
	enum rule_subject subject;
	enum holder_kind kind; /* of RULE_KIND */
	enum rule_operator op;
	uint64_t bound;
	bool percent; /* the bound is in tenths of a percent of the limit */
	enum rule_severity severity;
};

/* Percentages have one decimal, and may say that a limit is to be passed; but not by how much. */
#define RULE_PERCENT_MAX 1000

/* What is wrong with a text. */
enum rule_error {
	RULE_NO_OPERATOR,
	RULE_BAD_OPERATOR,
	RULE_BAD_SUBJECT, /* in front of the dot: none of rule_subject_word() */
	RULE_BAD_PART,    /* behind it: none of rule_part_word() */
	RULE_BAD_BOUND,
	RULE_BAD_PERCENT, /* only the count of a type has a limit */
	RULE_BELOW_ZERO,  /* no figure is */
};

/* And which part of the text that is. */
struct invalid_rule {
	enum rule_error error;
	const char *word;
	size_t len;
};

/* Returns 0, or -EINVAL with *ret_error. */
int rule_parse(const char *text, struct rule *ret_rule, struct invalid_rule *ret_error);

/* The i-th word that may stand in front of the dot or the operator, behind the dot, and the i-th
 * operator; NULL after the last. */
const char *rule_subject_word(size_t i);
const char *rule_part_word(size_t i);
const char *rule_operator_word(size_t i);

/* The figures that are fine, both ends included; max is UINT64_MAX where there is no upper end. */
struct rule_range {
	uint64_t min, max;
};

/* unit is what the bound counts: 1, or the limit where the figure is in thousandths of that. */
struct rule_range rule_range(const struct rule *rule, uint64_t unit);

/* Whether more than the bound breaks the rule. */
bool rule_has_upper_end(const struct rule *rule);

/* Whether both are about the same figure. */
bool rule_is_of_same(const struct rule *a, const struct rule *b);

/*
 * Whether rules hold, as far as can be known. Pure. A figure is an interval: the lowest and the
 * highest number that the truth may be, given what could not be read. A rule holds if it holds for
 * all of it, is broken if it is for all of it, and else nobody can tell.
 */

/* The worst is the largest. */
enum verdict {
	VERDICT_HOLDS,
	VERDICT_UNKNOWN,
	VERDICT_BROKEN,
};

/* The highest number, where there may be any number of namespaces that are not seen. */
#define FIGURE_UNBOUNDED UINT64_MAX

/* What rules are judged by. */
struct evidence {
	const struct rows *rows; /* the namespaces that are meant, by type */
	const struct report *report;
	unsigned types;                 /* that are meant, bits 1 << enum nstype */
	bool memberless;                /* rows are those in which no process is seen */
	bool filtered;                  /* what is not seen might have kept rows out, or in */
	const struct usages *usages;    /* for percentages; else NULL */
	uint64_t limits[NS_TYPE_COUNT]; /* for percentages, of types whose limit is known */
	unsigned limited;               /* those types, bits 1 << enum nstype */
};

/* What was found of a rule. */
struct finding {
	const struct rule *rule;
	enum verdict verdict;
	bool has_type; /* false: of all types together */
	enum nstype type;
	bool memberless; /* namespaces without a process were counted */
	size_t seen;     /* how many were seen */
	uint64_t low, high;
	bool has_limit;            /* of a percentage, and it is known */
	uint64_t limit;            /* 0: nobody may make any */
	const struct usage *usage; /* of a percentage: of the heaviest user, NULL: none */

	/* by verdict_offender() */
	const struct ns *worst;
	size_t alike; /* namespaces that are called as the worst one is */
};

/* Judges a rule; of RULE_OF_ANY the type that is worst. */
void verdict_judge(
	const struct evidence *evidence, const struct rule *rule, struct finding *ret_finding);

/* Judges it for one type, whichever it is about. */
void verdict_judge_type(const struct evidence *evidence, const struct rule *rule, enum nstype type,
	struct finding *ret_finding);

/*
 * What 100 % are. Where nobody may make any (a limit of 0, by which hosts are hardened), none are
 * 0 %, and those that were made before are too many.
 */
uint64_t finding_whole(const struct finding *finding);

/* Whether the figure is known: one number. */
bool finding_is_exact(const struct finding *finding);

/* Adds the namespaces that may be blamed for a broken rule: those counted, if they are too many.
 */
void verdict_suspects(
	const struct evidence *evidence, const struct finding *finding, struct rows *suspects);

/*
 * Finds the worst of the suspects, whose identities are known: the first one with the name that
 * most of them have; where all have names of their own, one without a process.
 */
void verdict_offender(const struct rows *suspects, uint32_t our_mnt, struct finding *finding);

#endif
