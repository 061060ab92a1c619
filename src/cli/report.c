// SPDX-License-Identifier: MIT
/* The honest line on standard error. */
#include "nsls/report.h"

#include <unistd.h>

static const struct {
	enum scan_gap gap;
	const char *text;
} gaps[] = {
	{ SCAN_GAP_LISTNS, "this kernel has no listns(2) (Linux 6.19): a namespace that only a "
			   "descriptor in flight holds can't be seen" },
	{ SCAN_GAP_MNT_WALK, "this kernel can't walk mount namespaces (Linux 6.12): "
			     "one that no process, descriptor or mount shows can't be seen" },
	{ SCAN_GAP_PRIVILEGE,
		"the kernel lists all namespaces only to a caller with CAP_SYS_ADMIN in the "
		"initial PID namespace: one that no process, descriptor or mount shows can't be "
		"seen" },
	{ SCAN_GAP_STATMOUNT, "the mounts of a mount namespace without a process can't be read "
			      "(this takes Linux 6.11 and CAP_SYS_ADMIN)" },
	{ SCAN_GAP_FOREIGN, "the PIDs of this procfs are not ours: sockets of other network "
			    "namespaces can't be asked, and descriptors that a single thread has "
			    "of its own are not looked for" },
};

static size_t unread(const struct source_trouble *trouble)
{
	return trouble->denied + trouble->odd;
}

bool report_is_incomplete(const struct scan_report *report)
{
	for (enum source s = 0; s < SOURCE_COUNT; s++)
		if (unread(&report->trouble[s]))
			return true;
	return report->hidden;
}

static void print_unread(const struct scan_report *report, FILE *err)
{
	bool denied = report->hidden;
	const char *separator = " ";

	fputs("nsls: incomplete: could not read", err);
	for (enum source s = 0; s < SOURCE_COUNT; s++) {
		size_t n = unread(&report->trouble[s]);

		denied |= report->trouble[s].denied > 0;
		if (!n)
			continue;
		fprintf(err, "%s%s of %zu", separator, source_info(s)->unread, n);
		if (s != SOURCE_KERNEL)
			fputs(n == 1 ? " process" : " processes", err);
		separator = ", ";
	}
	if (report->hidden)
		fprintf(err, "%sprocesses that hidepid hides", separator);
	fprintf(err, " (%s)%s\n", denied ? "permission denied" : "unexpected error",
		denied && geteuid() != 0 ? "; root sees more" : "");
}

void report_print(const struct scan_report *report, bool with_gaps, FILE *err)
{
	if (report_is_incomplete(report))
		print_unread(report, err);
	for (size_t i = 0; with_gaps && i < sizeof(gaps) / sizeof(*gaps); i++)
		if (report->gaps & gaps[i].gap)
			fprintf(err, "nsls: note: %s\n", gaps[i].text);
}
