// SPDX-License-Identifier: MIT
/*
 * --monitor: scans, compares, prints, waits. Signals are blocked except while it waits or writes,
 * so that a scan is finished and a line is whole before the program ends.
 */
#include "internal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S ((int64_t)1000 * 1000 * 1000)
#define NS_PER_MS ((int64_t)1000 * 1000)

void monitor_done(struct monitor *monitor)
{
	snapshot_done(&monitor->last);
	strbuf_done(&monitor->lines);
}

static int monitor_compare(struct monitor *monitor)
{
	static const unsigned needs =
		NEED_IDENTITY | NEED_GIVEN_NAMES | NEED_COMM | NEED_MEMBER_COMM;
	struct session *session = monitor->session;
	bool json = session->options->json;
	CLEANUP(rows_done) struct rows rows = { 0 };
	struct snapshot after = { 0 };
	time_t now;
	int r;

	snapshot_take(&monitor->last, &session->model, &session->report, &session->rows, &after);
	/* Names of namespaces that have ended can't be read later. */
	snapshot_rows(&after, &rows);
	r = session_enrich(session, needs, &rows);
	if (r < 0) {
		snapshot_done(&after);
		return r;
	}
	snapshot_keep(&after, &session->model);
	now = time(NULL);
	strbuf_reset(&monitor->lines);
	if (json && !monitor->last.scan)
		change_line_json(&session->view, NULL, now, &monitor->lines);
	for (size_t i = 0; i < after.nchanges; i++)
		(json ? change_line_json : change_line_text)(
			&session->view, &after.changes[i], now, &monitor->lines);
	snapshot_done(&monitor->last);
	monitor->last = after;
	return 0;
}

int monitor_scan(struct monitor *monitor)
{
	struct session *session = monitor->session;
	const struct options *options = session->options;
	bool first = !monitor->scanned;
	unsigned lacks;
	int r = session_scan(session);

	if (r == 0)
		r = session_rows(session);
	if (r == 0 && options->metrics)
		r = run_metrics(session, NULL);
	else if (r == 0)
		r = monitor_compare(monitor);
	if (r < 0)
		return r;
	monitor->scanned = true;
	/* Warns once about each kind of missing thing, and again after a complete scan. */
	lacks = report_reason_mask(&session->report);
	if (!options->no_warnings && (lacks & ~monitor->reported || first))
		warn_incomplete(&session->report, options->strict && first, session->err);
	monitor->reported = lacks ? monitor->reported | lacks : 0;
	monitor->incomplete |= lacks != 0;
	return 0;
}

/* Number of signals received that end the monitor. */
static volatile sig_atomic_t signals;

/*
 * The first signal ends the monitor when its lines are written, the second at once. SIGALRM serves
 * as the second if the reader has taken nothing for so many seconds.
 */
#define GRACE 5

static void monitor_on_signal(int signal)
{
	if (!signals++)
		alarm(GRACE);
}

/*
 * Waits for room in the output (event POLLOUT), or until a time (event 0). Returns 0, -errno, or:
 * 1 if the monitor is to end, because the output has no reader, or because a signal came during the
 * wait for a time; -EINTR after the second signal. poll(2) always reports POLLERR for a pipe
 * without a reader, and POLLHUP for a terminal that was closed.
 */
static int monitor_wait(const struct monitor *monitor, short event, int64_t until)
{
	struct pollfd fd = { monitor->fd, event, 0 };

	for (;;) {
		int64_t left = until - monotonic_ns();
		struct timespec ts = { 0 };
		int n;

		if (left > 0)
			ts = (struct timespec){ left / NS_PER_S, (long)(left % NS_PER_S) };
		n = ppoll(&fd, 1, event ? NULL : &ts, &monitor->waiting);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (event ? signals > 1 : signals > 0)
			return event ? -EINTR : 1;
		if (n > 0)
			return (fd.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
		if (n == 0 && left <= 0)
			return 0;
	}
}

/* Writes the lines. Returns like monitor_wait(), after an error message. */
static int monitor_write(const struct monitor *monitor)
{
	const char *text = strbuf_text(&monitor->lines), *end = text + monitor->lines.len;
	size_t lines = 0;
	int r = 0;

	while (text < end && (r = monitor_wait(monitor, POLLOUT, 0)) == 0) {
		size_t chunk = (size_t)(end - text);
		sigset_t blocked;
		ssize_t n;

		/*
		 * Whole lines that a pipe takes at once or not at all, pipe(7). So output ends with
		 * a whole line whenever the monitor ends. Only a longer line is written in parts.
		 */
		if (chunk > PIPE_BUF) {
			const char *newline = memrchr(text, '\n', PIPE_BUF);

			chunk = newline ? (size_t)(newline - text) + 1 : PIPE_BUF;
		}
		/* Signals interrupt write(2): a terminal with room for one byte blocks for more. */
		pthread_sigmask(SIG_SETMASK, &monitor->waiting, &blocked);
		n = write(monitor->fd, text, chunk);
		r = n < 0 && errno != EINTR && errno != EAGAIN ? -errno : 0;
		pthread_sigmask(SIG_SETMASK, &blocked, NULL);
		if (r < 0)
			break;
		if (n > 0 && signals)
			alarm(GRACE);
		text += n > 0 ? n : 0;
	}
	if (r >= 0 || r == -EPIPE)
		return r < 0 ? 1 : r;
	for (; text < end; text++)
		lines += *text == '\n';
	message_print(monitor->session->err,
		"standard output: %s; %zu event%s could not be written",
		r == -EINTR ? "not read in time" : strerror(-r), lines, lines == 1 ? "" : "s");
	return r;
}

/*
 * Blocks the signals that end the monitor, except while it waits. Keeps signals ignored that were
 * ignored at the start, nohup(1).
 */
static void catch_signals(sigset_t *ret_waiting)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGALRM };
	const struct sigaction handler = { .sa_handler = monitor_on_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGPIPE); /* write(2) returns EPIPE */
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	pthread_sigmask(SIG_BLOCK, NULL, ret_waiting);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct sigaction action;

		if (sigaction(ends[i], NULL, &action) < 0 ||
			(action.sa_handler == SIG_IGN && ends[i] != SIGALRM))
			continue;
		sigaction(ends[i], &handler, NULL);
		sigaddset(&blocked, ends[i]);
		sigdelset(ret_waiting, ends[i]);
	}
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
}

enum status monitor_run(struct session *session, FILE *out)
{
	const struct options *options = session->options;
	struct monitor monitor = { .session = session, .fd = options->metrics ? -1 : fileno(out) };
	int r = 0;

	signals = 0;
	catch_signals(&monitor.waiting);
	while (r == 0) {
		int64_t start = monotonic_ns();

		r = monitor_scan(&monitor);
		if (r == 0)
			r = monitor_write(&monitor);
		if (r == 0)
			r = monitor_wait(&monitor, 0, start + options->monitor_ms * NS_PER_MS);
	}
	alarm(0);
	monitor_done(&monitor);
	if (r < 0)
		return STATUS_ERROR;
	return options->strict && monitor.incomplete ? STATUS_INCOMPLETE : STATUS_DONE;
}
