// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* rdma-ns monitor: a line for each change. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "monitor_look.h"
#include "monitor_netdevs.h"
#include "monitor_options.h"
#include "monitor_trace.h"

/*
 * Looks are for what has changed, and whoever changes something all the time must not make this
 * process use more than a fifth of a processor for them.
 */
#define PAUSE_MS 200
#define PAUSE_TIMES 4

/* After a loss, all is listed again, but not all the time. */
#define LIST_PAUSE_MS 1000

#define TRACEFS "/sys/kernel/tracing"

enum { NOTIFICATIONS, TRACE, NAMES, LOOKED, STOP, OUTPUT, POLLED };

struct unseen_state {
	size_t count;
	char *text; /* or NULL */
};

struct session {
	struct monitor monitor;
	struct monitor_options options;
	struct monitor_look look;
	struct monitor_trace trace;
	const char *untraced; /* why resolutions cannot be seen, or NULL */
	int names; /* inotify of NETNS_FOLDER, or -1 */
	int64_t look_begun, look_due, look_latest, list_due, told_second, named;
	int look_error;
	struct unseen_state unseen[UNSEEN_COUNT];
};

static volatile sig_atomic_t stopped;
static int stop_event = -1;

static void stop(int number)
{
	const uint64_t one = 1;
	const int error = errno;

	(void)number;
	stopped = 1;
	if (write(stop_event, &one, sizeof(one)) < 0)
		errno = error;
}

/* Without SA_RESTART, a signal also ends a wait for whoever reads the lines. */
static int catch_signals(void)
{
	struct sigaction action = { .sa_handler = stop };

	stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_event < 0 || sigaction(SIGINT, &action, NULL) || sigaction(SIGTERM, &action, NULL))
		return -1;
	action.sa_handler = SIG_IGN;
	return sigaction(SIGPIPE, &action, NULL);
}

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void tell_left_out(struct monitor *monitor, struct monitor_bucket *buckets,
			  const struct namespace *namespace)
{
	struct monitor_line line;
	uint64_t lines = 0;

	for (int i = 0; i < MONITOR_SUBJECTS; i++) {
		lines += buckets[i].left_out;
		buckets[i].left_out = 0;
	}
	if (!lines)
		return;
	monitor_line_begin(&line, &monitor->output, "left out");
	monitor_line_number(&line, "lines", lines, true);
	monitor_line_netns(&line, namespace);
	monitor_line_end(&line);
}

/* Once a second. */
static void tell_all_left_out(struct session *session, bool at_end)
{
	struct monitor *monitor = &session->monitor;
	const int64_t second = milliseconds() / 1000;

	if (second == session->told_second && !at_end)
		return;
	session->told_second = second;
	tell_left_out(monitor, monitor->buckets, NULL);
	for (struct monitor_watch *watch = monitor->watches.first; watch; watch = watch->next)
		tell_left_out(monitor, watch->buckets, &watch->namespace);
}

static void tell_unseen(struct monitor *monitor, const char *event, const char *kind, size_t count,
			const char *text)
{
	struct monitor_line line;

	if (!monitor_bucket_take(&monitor->output, &monitor->buckets[MONITOR_CHANGES]))
		return;
	monitor_line_begin(&line, &monitor->output, event);
	monitor_line_text(&line, "unseen", "%s", kind);
	monitor_line_number(&line, "count", count, count);
	monitor_line_text(&line, "what", "%s", text);
	monitor_line_end(&line);
}

/* What could not be seen is told when that changes. */
static int compare_unseen(struct session *session, enum unseen kind)
{
	const struct namespaces *namespaces = &session->look.namespaces;
	struct unseen_state *state = &session->unseen[kind];
	const size_t count = namespaces->unseen[kind];
	char *text = NULL, *safe = NULL;

	if (count) {
		text = namespaces_unseen_text(namespaces, kind, INT_MAX);
		safe = text ? safe_message(text) : NULL;
		free(text);
		if (!safe)
			return -1;
	}
	if (count && (!state->count || strcmp(state->text, safe)))
		tell_unseen(&session->monitor, "unseen", unseen_str(kind), count, safe);
	else if (!count && state->count)
		tell_unseen(&session->monitor, "seen", unseen_str(kind), 0, "");
	free(state->text);
	state->text = safe;
	state->count = count;
	return 0;
}

static void tell_trace(struct session *session, const char *why)
{
	if (why && why != session->untraced)
		tell_unseen(&session->monitor, "unseen", "resolutions", 0, why);
	else if (!why && session->untraced)
		tell_unseen(&session->monitor, "seen", "resolutions", 0, "");
	session->untraced = why;
}

static void tell_start(struct session *session)
{
	struct monitor *monitor = &session->monitor;
	struct monitor_line line;

	monitor_line_begin(&line, &monitor->output, "monitoring");
	monitor_line_number(&line, "namespaces", session->look.namespaces.count, true);
	monitor_line_end(&line);
	monitor->started = true;
}

static int take_results(struct session *session)
{
	struct monitor_look *look = &session->look;
	struct monitor *monitor = &session->monitor;
	const char *why = NULL;

	/* The module may have been loaded or unloaded since. */
	if (session->options.filter.resolutions)
		why = monitor_trace_on(&session->trace);
	if (monitor_watches_update(&monitor->watches, &monitor->queries, &look->namespaces) ||
	    monitor_netdevs_learn(monitor, &look->looks) || monitor_netdevs_list(monitor))
		return -1;
	if (!monitor->started)
		tell_start(session);
	/* What is being made in the folder of names is no namespace for a moment. */
	for (enum unseen kind = 0; kind < NOT_NAMESPACES; kind++) {
		if (compare_unseen(session, kind))
			return -1;
	}
	tell_trace(session, why);
	if (session->options.all && monitor_collisions_take(monitor, &look->looks.holders))
		return -1;
	tell_all_left_out(session, true);
	monitor_watches_sweep(&monitor->watches);
	return 0;
}

static int finish_look(struct session *session)
{
	const int64_t now = milliseconds();
	int result = 0, error;

	if (!monitor_look_finish(&session->look))
		result = take_results(session);
	else if (!session->monitor.started || errno == ENOMEM)
		result = -1;
	/* At the limit of open files, for instance, the next one may see more. */
	else if (errno != session->look_error)
		failed("monitor: cannot find the network namespaces: %s", error_text(errno));
	error = errno;
	session->look_error = session->look.error;
	monitor_look_release(&session->look);
	session->look_due = now + PAUSE_MS + PAUSE_TIMES * (now - session->look_begun);
	session->look_latest = now + session->options.interval * INT64_C(1000);
	errno = error;
	return result;
}

static int start_look(struct session *session)
{
	const int64_t now = milliseconds();

	if (session->look.running || now < session->look_due ||
	    (!session->monitor.changed && now < session->look_latest))
		return 0;
	/* A name comes a moment before what it names: then another look is due. */
	session->monitor.changed = now - session->named < PAUSE_MS;
	session->look_begun = now;
	return monitor_look_start(&session->look);
}

/* Once the queue is empty, nothing in it is older than what is listed now. */
static int recover(struct session *session)
{
	struct monitor *monitor = &session->monitor;
	const uint32_t lost = netlink_lost(&monitor->notifications);
	const int64_t now = milliseconds();
	struct monitor_line line;

	if (!monitor->overrun || now < session->list_due)
		return 0;
	monitor->overrun = false;
	monitor_line_begin(&line, &monitor->output, "lost");
	monitor_line_number(&line, "notifications", lost - monitor->lost, lost != monitor->lost);
	monitor_line_number(&line, "resolutions", 0, false);
	monitor_line_end(&line);
	monitor->lost = lost;
	monitor->changed = true;
	monitor_netdevs_doubt(monitor);
	if (monitor_netdevs_list(monitor))
		return -1;
	session->list_due = milliseconds() + LIST_PAUSE_MS + PAUSE_TIMES * (milliseconds() - now);
	return 0;
}

/* Until when may nothing happen? */
static int patience(const struct session *session, bool more)
{
	const int64_t now = milliseconds();
	int64_t until = now + 1000;

	if (more)
		return 0;
	if (!session->look.running) {
		const int64_t due = session->monitor.changed ? session->look_due :
							       session->look_latest;
		until = due < until ? due : until;
	}
	if (session->monitor.overrun && session->list_due < until)
		until = session->list_due;
	return until > now ? (int)(until - now) : 0;
}

static void empty(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		continue;
}

static void take_names(struct session *session)
{
	empty(session->names);
	session->monitor.changed = true;
	session->named = milliseconds();
}

static bool is_over(const struct session *session)
{
	const struct monitor_output *output = &session->monitor.output;

	return stopped || output->error ||
	       (session->options.count && output->printed >= session->options.count);
}

static int run(struct session *session)
{
	struct pollfd files[POLLED] = {
		[NOTIFICATIONS] = { session->monitor.notifications.fd, POLLIN, 0 },
		[TRACE] = { -1, POLLIN, 0 },
		[NAMES] = { session->names, POLLIN, 0 },
		[LOOKED] = { session->look.done, POLLIN, 0 },
		[STOP] = { stop_event, POLLIN, 0 },
		/* Whoever reads the lines may go before there is another one. */
		[OUTPUT] = { STDOUT_FILENO, 0, 0 },
	};
	int more = 0;

	while (!is_over(session)) {
		if (start_look(session))
			return -1;
		files[TRACE].fd = session->trace.pipe;
		if (poll(files, POLLED, patience(session, more)) < 0) {
			if (errno != EINTR)
				return -1;
			continue;
		}
		if (files[OUTPUT].revents & (POLLERR | POLLHUP))
			return 0;
		if (files[NAMES].revents & POLLIN)
			take_names(session);
		more = monitor_netdevs_take(&session->monitor);
		if (more < 0 || (!more && recover(session)))
			return -1;
		more |= monitor_trace_take(&session->monitor, &session->trace);
		if (files[LOOKED].revents & POLLIN && finish_look(session))
			return -1;
		tell_all_left_out(session, false);
	}
	tell_all_left_out(session, true);
	return 0;
}

/* The folder may not be there yet; then a look finds what comes into it, at the interval. */
static int watch_names(void)
{
	const int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd >= 0 && inotify_add_watch(fd, NETNS_FOLDER, IN_CREATE | IN_DELETE | IN_MOVE) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_all(struct session *session)
{
	const bool all = session->options.all;

	if (catch_signals())
		return failed("monitor: cannot catch signals: %s", strerror(errno));
	if (monitor_look_open(&session->look, all))
		return failed("monitor: %s", strerror(errno));
	if (!monitor_netdevs_open(&session->monitor, all))
		return STATUS_OK;
	if (errno == EPERM)
		return failed("monitor: -A requires CAP_NET_BROADCAST, which root of the host has");
	return failed("monitor: cannot follow netdevs: %s", strerror(errno));
}

static void release(struct session *session)
{
	for (enum unseen kind = 0; kind < UNSEEN_COUNT; kind++)
		free(session->unseen[kind].text);
	monitor_collisions_release(&session->monitor.collisions);
	monitor_watches_release(&session->monitor.watches);
	monitor_netdevs_close(&session->monitor);
	if (session->names >= 0)
		close(session->names);
}

int command_monitor(const struct options *options, int count, char **words)
{
	static struct session session;
	struct monitor_output *output = &session.monitor.output;
	int status;

	memset(&session, 0, sizeof(session));
	status = monitor_options_parse(options, count, words, &session.options);
	if (status >= 0)
		return status;
	if (namespaces_without_rdma("monitor"))
		return STATUS_FAILED;
	session.monitor.filter = session.options.filter;
	session.monitor.all = session.options.all;
	*output = (struct monitor_output){ .file = stdout,
					   .json = session.options.json,
					   .timestamp = session.options.timestamp,
					   .rate = session.options.rate };
	session.names = session.options.all ? watch_names() : -1;
	session.monitor.changed = true;
	monitor_trace_init(&session.trace, TRACEFS);
	status = open_all(&session);
	if (status)
		return status;
	if (run(&session))
		status = failed("monitor: %s", error_text(errno));
	else if (output->error && output->error != EPIPE && !stopped)
		status = failed("cannot write to standard output: %s", strerror(output->error));
	monitor_trace_off(&session.trace);
	/* A look that goes on ends with the process. */
	if (!session.look.running)
		release(&session);
	return status;
}
