/* SPDX-License-Identifier: MIT */
/* Health checks: rules, and the evaluation of rules. */
#ifndef NSLS_RULE_H
#define NSLS_RULE_H

#include "nsls/model.h"
#include "nsls/query.h"
#include "nsls/report.h"

/*
 * Examples of rules are "net<=500", "net<=80%" (of the limit, for the heaviest user),
 * "persistent<=0", "any.persistent<=0" and "net.mount<=3" (held only by mounts).
 */

enum rule_scope {
	RULE_OF_TYPE,
	RULE_OF_ANY, /* each type separately: broken if it is broken for at least one */
	RULE_OF_ALL, /* all types together */
};

/* The namespaces of these types that are counted. */
enum rule_subject {
	RULE_COUNT,
	RULE_PERSISTENT, /* those without a member */
	RULE_KIND,       /* those with holders of one kind only */
	RULE_STALE,      /* no namespaces: names in /run/netns that lead to none */
};

enum rule_operator {
	RULE_AT_MOST,
	RULE_BELOW,
	RULE_AT_LEAST,
	RULE_ABOVE,
	RULE_EQUAL,
	RULE_OPERATOR_COUNT,
};

enum rule_severity {
	RULE_CHECK,    /* of --check */
	RULE_WARNING,  /* of a monitoring plugin */
	RULE_CRITICAL, /* of a monitoring plugin */
};

struct rule {
	const char *text; /* as parsed; owned by the caller */
	enum rule_scope scope;
	enum nstype type; /* of RULE_OF_TYPE */
	enum rule_subject subject;
	enum holder_kind kind; /* of RULE_KIND */
	enum rule_operator op;
	uint64_t bound;
	bool percent; /* the bound is in tenths of a percent of the limit */
	enum rule_severity severity;
};

/* Percentages have one decimal, and may exceed 100. */
#define RULE_PERCENT_MAX 1000

enum rule_error {
	RULE_NO_OPERATOR,
	RULE_BAD_OPERATOR,
	RULE_BAD_SUBJECT, /* before the dot: not a rule_subject_word() */
	RULE_BAD_PART,    /* after the dot: not a rule_part_word() */
	RULE_BAD_BOUND,
	RULE_BAD_PERCENT, /* only the count of a type has a limit */
	RULE_BELOW_ZERO,  /* no count is below 0 */
};

struct invalid_rule {
	enum rule_error error;
	const char *word; /* len bytes of the text, in which the error is */
	size_t len;
};

/* Parses a rule. Returns 0, or -EINVAL with *ret_error. */
int rule_parse(const char *text, struct rule *ret_rule, struct invalid_rule *ret_error);

/*
 * Return the i-th word that may be before the dot or operator, after the dot, or the operator; NULL
 * after the last.
 */
const char *rule_subject_word(size_t i);
const char *rule_part_word(size_t i);
const char *rule_operator_word(size_t i);

/* The allowed figures, both ends included; max is UINT64_MAX if there is no upper end. */
struct rule_range {
	uint64_t min, max;
};

/* unit: 1; for a percentage the limit, and the figure is in thousandths of that. */
struct rule_range rule_range(const struct rule *rule, uint64_t unit);

bool rule_has_same_figure(const struct rule *a, const struct rule *b);

/*
 * Evaluation of rules. Pure. A figure is an interval from the lowest to the highest number that is
 * possible, given what could not be read. A rule holds if it holds for the whole interval, is
 * broken if it is broken for the whole interval, and is otherwise unknown.
 */

/* In ascending order of severity. */
enum verdict {
	VERDICT_HOLDS,
	VERDICT_UNKNOWN,
	VERDICT_BROKEN,
};

/* No upper end: any number of namespaces may be missing. */
#define FIGURE_UNBOUNDED UINT64_MAX

struct evidence {
	const struct model *model; /* of stale names; the query does not select these */
	const struct rows *rows;   /* the namespaces selected, by type */
	const struct report *report;
	unsigned types;  /* types selected, bits 1 << enum nstype */
	bool persistent; /* rows are namespaces without a member */
	bool filtered;   /* a filter chose rows: unreadable data could add or remove some */
	const struct usages *usages;    /* for percentages; else NULL */
	uint64_t limits[NS_TYPE_COUNT]; /* for percentages; valid for types in limited */
	unsigned limited;               /* types with a known limit, bits 1 << enum nstype */
};

struct finding {
	const struct rule *rule;
	enum verdict verdict;
	bool has_type; /* false: all types together */
	enum nstype type;
	bool persistent; /* only namespaces without a member are counted */
	size_t seen;     /* namespaces found */
	uint64_t low, high;
	bool has_limit;            /* percentage: the limit is known */
	uint64_t limit;            /* 0: nobody may create any */
	const struct usage *usage; /* percentage: usage of the heaviest user, or NULL */

	/* Set by finding_offender(). */
	const struct ns *offender;
	size_t alike; /* namespaces with the name of the offender */
};

/* Evaluates a rule. For RULE_OF_ANY, the finding is that of the worst type. */
void rule_evaluate(
	const struct evidence *evidence, const struct rule *rule, struct finding *ret_finding);

/* Evaluates a rule for one type, or for all types together (NULL), whatever its scope. */
struct finding rule_evaluate_type(
	const struct evidence *evidence, const struct rule *rule, const enum nstype *type);

/*
 * Returns the number that is 100 %: the limit, or 1 if that is 0, which forbids namespaces. Then 0
 * namespaces are 0 %, and namespaces created earlier break the rule.
 */
uint64_t finding_whole(const struct finding *finding);

/*
 * Adds the namespaces that count for a broken rule with an upper end. Adds none for other rules and
 * percentages.
 */
void finding_candidates(
	const struct evidence *evidence, const struct finding *finding, struct rows *candidates);

/*
 * Sets the offender of a finding. The candidates must have identities. It is the first one with
 * the most frequent name, if several share it; else the first without a member; else the last.
 */
void finding_offender(const struct rows *candidates, uint32_t our_mnt, struct finding *finding);

#endif
