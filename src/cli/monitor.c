// SPDX-License-Identifier: MIT
/*
 * Looks, compares, tells; then waits. Signals are blocked and come by a descriptor, so that they
 * end nothing half-way: a look is finished, a line is whole.
 */
#include "monitor.h"

#include "complain.h"

#include "nsls/cli/warn.h"
#include "nsls/view/change_line.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S ((int64_t)1000 * 1000 * 1000)
#define NS_PER_MS ((int64_t)1000 * 1000)

void monitor_init(struct monitor *monitor, struct gather *gather)
{
	*monitor = (struct monitor){ .gather = gather };
	snapshot_init(&monitor->last);
	strbuf_init(&monitor->lines);
}

void monitor_done(struct monitor *monitor)
{
	snapshot_done(&monitor->last);
	strbuf_done(&monitor->lines);
}

/* Once for each kind of what is missing, and anew after a look that was complete. */
static void warn(struct monitor *monitor)
{
	const struct options *options = monitor->gather->options;
	const struct report *report = &monitor->gather->report;
	unsigned lacks = report_lacks(report);

	if (!options->no_warnings && (lacks & ~monitor->said || !monitor->last.look))
		warn_incomplete(
			report, options->strict && !monitor->last.look, monitor->gather->err);
	monitor->said = lacks ? monitor->said | lacks : 0;
	monitor->incomplete |= lacks != 0;
}

/* Reads names while the namespaces are there: those of what has gone can't be asked for. */
static int name(struct gather *gather, struct snapshot *snapshot)
{
	struct rows rows;
	int r;

	rows_init(&rows);
	r = snapshot_rows(snapshot, &rows);
	if (r == 0)
		r = gather_enrich(gather, NEED_IDENTITY | NEED_COMM | NEED_MEMBER_COMM, &rows);
	rows_done(&rows);
	return r < 0 ? r : snapshot_keep(snapshot, &gather->model);
}

static int tell(struct monitor *monitor, const struct changes *changes)
{
	struct gather *gather = monitor->gather;
	struct strbuf *lines = &monitor->lines;
	bool json = gather->options->json;
	time_t now = time(NULL);

	strbuf_reset(lines);
	if (json && !monitor->last.look)
		change_line_started(&gather->view, now, lines);
	for (size_t i = 0; i < changes->n; i++)
		(json ? change_line_json : change_line_text)(
			&gather->view, &changes->at[i], now, lines);
	return strbuf_status(lines);
}

static int compare(struct monitor *monitor)
{
	struct gather *gather = monitor->gather;
	struct changes changes;
	struct snapshot after;
	int r;

	changes_init(&changes);
	snapshot_init(&after);
	r = snapshot_take(
		&monitor->last, &gather->model, &gather->report, &gather->rows, &after, &changes);
	if (r == 0)
		r = name(gather, &after);
	if (r == 0)
		r = tell(monitor, &changes);
	changes_done(&changes);
	if (r < 0) {
		snapshot_done(&after);
		return gather_fail(gather, r);
	}
	snapshot_done(&monitor->last);
	monitor->last = after;
	return 0;
}

int monitor_look(struct monitor *monitor)
{
	struct gather *gather = monitor->gather;
	int r;

	if (monitor->last.look)
		gather_forget(gather);
	r = gather_scan(gather);
	if (r == 0)
		r = gather_rows(gather);
	if (r < 0)
		return r;
	warn(monitor);
	return compare(monitor);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/*
 * Waits until a time, or for room in out. Returns 0, 1 where it is to end, or -errno. A pipe that
 * nobody reads says POLLERR and a terminal that is gone POLLHUP, asked for or not.
 */
static int wait_for(int signals, int out, short event, int64_t until)
{
	struct pollfd fds[2] = { { signals, POLLIN, 0 }, { out, event, 0 } };

	for (;;) {
		int64_t left = until - now_ns();
		struct timespec ts = { 0 };
		int n;

		if (left > 0)
			ts = (struct timespec){ left / NS_PER_S, left % NS_PER_S };
		n = ppoll(fds, 2, event ? NULL : &ts, NULL);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			return fds[0].revents || fds[1].revents & (POLLERR | POLLHUP | POLLNVAL);
		if (n == 0 && left <= 0)
			return 0;
	}
}

/*
 * Writes no more at a time than what a pipe with room takes without waiting, pipe(7): whoever does
 * not read must not keep us from ending. Returns as wait_for().
 */
static int write_lines(const struct strbuf *lines, int signals, int out)
{
	for (size_t at = 0; at < lines->len;) {
		size_t left = lines->len - at;
		int r = wait_for(signals, out, POLLOUT, 0);
		ssize_t n;

		if (r != 0)
			return r;
		n = write(out, lines->text + at, left < PIPE_BUF ? left : PIPE_BUF);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return errno == EPIPE ? 1 : -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int run(struct monitor *monitor, int signals, int out)
{
	int64_t interval = monitor->gather->options->monitor_ms * NS_PER_MS;
	int r = 0;

	while (r == 0) {
		int64_t start = now_ns();

		r = monitor_look(monitor);
		if (r < 0)
			return r;
		r = write_lines(&monitor->lines, signals, out);
		if (r < 0)
			complain(monitor->gather->err, "standard output: %s", strerror(-r));
		if (r == 0)
			r = wait_for(signals, out, 0, start + interval);
	}
	return r < 0 ? r : 0;
}

/* Signals that were ignored by who started us stay so, nohup(1). */
static void choose_signals(sigset_t *ret_set)
{
	static const int ends[] = { SIGINT, SIGTERM };

	sigemptyset(ret_set);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct sigaction action;

		if (sigaction(ends[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(ret_set, ends[i]);
	}
}

int monitor_run(struct monitor *monitor, FILE *out)
{
	sigset_t ends, blocked;
	int signals, r;

	choose_signals(&ends);
	signals = signalfd(-1, &ends, SFD_CLOEXEC);
	if (signals < 0)
		return gather_fail(monitor->gather, -errno);
	blocked = ends;
	sigaddset(&blocked, SIGPIPE); /* write(2) tells */
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	r = run(monitor, signals, fileno(out));
	close(signals);
	return r;
}
