// SPDX-License-Identifier: MIT
#include "nsls/cli/warn.h"

#include "complain.h"

#include <string.h>
#include <unistd.h>

void warn_add_reasons(const struct report *report, struct strbuf *out)
{
	struct strbuf reasons;
	const char *reason;
	size_t n;

	strbuf_init(&reasons);
	n = report_reasons(report, &reasons);
	reason = strbuf_text(&reasons);
	for (size_t i = 0; i < n; i++) {
		strbuf_addf(out, "%s%s", i ? "; " : "", reason);
		reason += strlen(reason) + 1;
	}
	if (report_is_denied(report) && geteuid() != 0)
		strbuf_adds(out, "; root sees more");
	if (report->gaps & REPORT_GAP_PIDNS)
		strbuf_adds(out, "; --procfs with a procfs of the host shows more");
	strbuf_done(&reasons);
}

static void print_reasons(const struct report *report, FILE *err)
{
	struct strbuf reasons;

	strbuf_init(&reasons);
	warn_add_reasons(report, &reasons);
	complain(err, "incomplete: %s", strbuf_text(&reasons));
	strbuf_done(&reasons);
}

static void print_gaps(const struct report *report, FILE *err)
{
	struct strbuf gaps;
	const char *gap;
	size_t n;

	strbuf_init(&gaps);
	n = report_kernel_gaps(report, &gaps);
	gap = strbuf_text(&gaps);
	for (size_t i = 0; i < n; i++) {
		complain(err, "note: %s", gap);
		gap += strlen(gap) + 1;
	}
	strbuf_done(&gaps);
}

void warn_incomplete(const struct report *report, bool gaps, FILE *err)
{
	if (!report_is_complete(report))
		print_reasons(report, err);
	if (gaps)
		print_gaps(report, err);
}
