// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "names.h"

static sigset_t before;

int signals_open(const int *signals)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (; *signals; signals++)
		sigaddset(&set, *signals);
	/* Who ignores it, as our caller might, cannot wait for a child. */
	signal(SIGCHLD, SIG_DFL);
	if (sigprocmask(SIG_BLOCK, &set, &before))
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

void signals_restore(void)
{
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void exec_shell(const char *command)
{
	signals_restore();
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

const char *exit_text(int wait_status, char text[EXIT_TEXT_SIZE])
{
	const char *name;

	if (WIFEXITED(wait_status)) {
		snprintf(text, EXIT_TEXT_SIZE, "ended with status %d",
			 WEXITSTATUS(wait_status));
		return text;
	}
	name = signal_name(WTERMSIG(wait_status));
	if (name)
		snprintf(text, EXIT_TEXT_SIZE, "was killed by SIG%s", name);
	else
		snprintf(text, EXIT_TEXT_SIZE, "was killed by signal %d",
			 WTERMSIG(wait_status));
	return text;
}
