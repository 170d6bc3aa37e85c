// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "launcher/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stopped_by;
static volatile sig_atomic_t alarm_rang;

static void on_stop(int signum)
{
	stopped_by = signum;
}

static void on_alarm(int signum)
{
	(void)signum;
	alarm_rang = 1;
}

int stop_signal(void)
{
	return stopped_by;
}

bool time_is_up(void)
{
	return alarm_rang;
}

bool must_stop(void)
{
	return stopped_by || alarm_rang;
}

static const int stop_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

#define STOP_SIGNALS	(sizeof(stop_signals) / sizeof(stop_signals[0]))

/* SA_RESTART is not set, so that a signal ends every wait. */
static void catch(int signum, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	sigaction(signum, &action, NULL);
}

/* A signal that nohup or a shell has set to be ignored stays ignored. */
static bool is_ignored(int signum)
{
	struct sigaction action;

	return sigaction(signum, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void catch_signals(void)
{
	size_t i;

	for (i = 0; i < STOP_SIGNALS; i++)
		if (!is_ignored(stop_signals[i]))
			catch(stop_signals[i], on_stop);
	catch(SIGALRM, on_alarm);
	catch(SIGPIPE, SIG_IGN);
}

/* The alarm is repeated, because a wait that begins after the first signal has to end too. */
void set_alarm(unsigned int seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds,
				   .it_interval.tv_sec = seconds ? 1 : 0 };

	setitimer(ITIMER_REAL, &timer, NULL);
}

int wait_events(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	struct timespec timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };
	sigset_t block, old;
	nfds_t i;
	int ready = -1;

	sigemptyset(&block);
	for (i = 0; i < STOP_SIGNALS; i++)
		sigaddset(&block, stop_signals[i]);
	sigaddset(&block, SIGALRM);
	sigprocmask(SIG_BLOCK, &block, &old);
	for (i = 0; i < count; i++)
		fds[i].revents = 0;
	if (!must_stop())
		ready = ppoll(fds, count, timeout_ms < 0 ? NULL : &timeout, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return ready;
}

bool write_all(int fd, const char *data, size_t len)
{
	struct pollfd full = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n >= 0) {
			data += n;
			len -= n;
			continue;
		}
		if (must_stop())
			return false;
		if (errno == EAGAIN)
			wait_events(&full, 1, -1);
		else if (errno != EINTR)
			return false;
	}
	return true;
}
