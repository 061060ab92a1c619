/* SPDX-License-Identifier: MIT */
/*
 * Whether rules hold, as far as can be known. Pure. A figure is an interval: the lowest and the
 * highest number that the truth may be, given what could not be read. A rule holds if it holds for
 * all of it, is broken if it is for all of it, and else nobody can tell.
 */
#ifndef NSLS_SELECT_VERDICT_H
#define NSLS_SELECT_VERDICT_H

#include "nsls/model/report.h"
#include "nsls/select/query.h"
#include "nsls/select/rule.h"
#include "nsls/select/use.h"

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
	const struct uses *uses;        /* for percentages; else NULL */
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
	bool has_limit;        /* of a percentage, and it is known */
	uint64_t limit;        /* 0: nobody may make any */
	const struct use *use; /* of a percentage: of the heaviest user, NULL: none */

	/* by verdict_blame() */
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
void verdict_blame(const struct rows *suspects, uint32_t our_mnt, struct finding *finding);

#endif
