// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "names.h"

/* The kernel's set of signals. The C library's set lacks two signals that it uses itself. */
typedef uint64_t signal_set;

#define SIGNALS		64
#define BIT(number)	(UINT64_C(1) << ((number) - 1))

const int every_signal[] = { -1 };

static signal_set before;
static bool child_was_ignored;

static int set_mask(signal_set set, signal_set *old)
{
	return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, old, sizeof(set));
}

static bool is_ignored(int number)
{
	struct sigaction action;

	return !sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN;
}

static signal_set without_ignored(const int *signals)
{
	signal_set set = 0;
	int number;

	if (signals == every_signal)
		set = ~(BIT(SIGKILL) | BIT(SIGSTOP));
	else
		for (; *signals; signals++)
			set |= BIT(*signals);
	for (number = 1; number <= SIGNALS; number++)
		if (set & BIT(number) && number != SIGCHLD && is_ignored(number))
			set &= ~BIT(number);
	return set;
}

int signals_open(const int *signals)
{
	signal_set set;
	int fd;

	/* A signal that is ignored cannot be read from the descriptor. */
	if (signals == every_signal)
		cli_restore_signals();
	set = without_ignored(signals);

	/* While SIGCHLD is ignored, waitpid() returns no child. */
	child_was_ignored = is_ignored(SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	if (set_mask(0, &before) || set_mask(before | set, NULL))
		return -errno;
	fd = (int)syscall(SYS_signalfd4, -1, &set, sizeof(set),
			  SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

void signals_restore(void)
{
	if (child_was_ignored)
		signal(SIGCHLD, SIG_IGN);
	cli_restore_signals();
	set_mask(before, NULL);
}

static void become_helper(const char *command, pid_t parent)
{
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		_exit(126);
	if (null != STDIN_FILENO)
		close(null);
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent may have died before prctl(). */
	if (getppid() != parent)
		_exit(126);
	signals_restore();
	execl("/bin/sh", "sh", "-c", "--", command, (char *)NULL);
	_exit(127);
}

pid_t helper_start(const char *command, void (*prepare)(const void *argument),
		   const void *argument)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		return -errno;
	if (child)
		return child;
	if (prepare)
		prepare(argument);
	become_helper(command, parent);
	return 0;
}

/* Before its setsid(), the helper has no process group of its own. */
void helper_kill(pid_t helper, int number)
{
	if (kill(-helper, number))
		kill(helper, number);
}

const char *exit_text(int wait_status, char text[EXIT_TEXT_SIZE])
{
	char number[SIGNAL_NAME_SIZE];
	const char *name;

	if (WIFEXITED(wait_status)) {
		snprintf(text, EXIT_TEXT_SIZE, "ended with status %d",
			 WEXITSTATUS(wait_status));
		return text;
	}
	name = signal_name(WTERMSIG(wait_status), number);
	snprintf(text, EXIT_TEXT_SIZE, "was killed by %s%s", *name <= '9' ? "signal " : "SIG",
		 name);
	return text;
}
