// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest accepts a message for a service if a process or a user of the service has sent it.
 *
 * Links: tools/vmguest/unit.c
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../tools/vmguest/unit.h"

#include "ktap.h"

#define SERVICE		12345
#define SETUID		12346
#define STRANGER	12347

/* Each call runs in a child, because a process remembers the users that it knows. */
static int in_child(int (*look)(void))
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child)
		_exit(look());
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int own_user_is_known(void)
{
	return unit_has_user(getuid());
}

static int own_user_is_known_after_others(void)
{
	unit_add_user(SERVICE);
	return unit_has_user(getuid()) && unit_has_user(SERVICE);
}

static int stranger_is_known(void)
{
	unit_add_user(SERVICE);
	return unit_has_user(STRANGER);
}

/* Starts a child and a grandchild. The grandchild has the users @real and @effective. */
static pid_t start_process(uid_t real, uid_t effective)
{
	int ready[2];
	char byte;
	pid_t child;

	if (pipe(ready))
		return -1;
	child = fork();
	if (child) {
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			child = -1;
		close(ready[0]);
		return child;
	}
	if (fork()) {
		pause();
		_exit(0);
	}
	if (setreuid(real, effective) || write(ready[1], "", 1) != 1)
		_exit(1);
	pause();
	_exit(0);
}

static int users_of(uid_t real, uid_t effective, uid_t looked_for)
{
	pid_t child;
	int known;

	setpgid(0, 0);
	child = start_process(real, effective);
	known = child > 0 && unit_has_user(looked_for);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	return known;
}

static int user_of_a_process_is_known(void)
{
	return users_of(SERVICE, SERVICE, SERVICE);
}

/* The kernel adds the real user to a message, and not the effective user. */
static int real_user_is_known(void)
{
	return users_of(SERVICE, SETUID, SERVICE);
}

static int effective_user_is_known(void)
{
	return users_of(SERVICE, SETUID, SETUID);
}

static int user_of_no_process_is_known(void)
{
	return users_of(SERVICE, SERVICE, STRANGER);
}

KTAP_TEST(users_of_the_unit)
{
	CHECK_EQ(in_child(own_user_is_known), 1);
	CHECK_EQ(in_child(own_user_is_known_after_others), 1);
	CHECK_EQ(in_child(user_of_a_process_is_known), 1);
	CHECK_EQ(in_child(real_user_is_known), 1);
	CHECK_EQ(in_child(effective_user_is_known), 1);
}

KTAP_TEST(users_outside_the_unit)
{
	CHECK_EQ(in_child(stranger_is_known), 0);
	CHECK_EQ(in_child(user_of_no_process_is_known), 0);
}

/* A process that is reaped while its file is read. The kernel then shows the parent 0. */
static pid_t reaped;

FILE *fopen(const char *path, const char *mode)
{
	static char text[] = "PPid:\t0\nUid:\t0\t0\t0\t0\n";
	int fd;

	if (reaped) {
		kill(reaped, SIGKILL);
		waitpid(reaped, NULL, 0);
		reaped = 0;
		return fmemopen(text, sizeof(text) - 1, mode);
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? NULL : fdopen(fd, "r");
}

KTAP_TEST(places)
{
	pid_t child = fork();

	if (!child) {
		pause();
		_exit(0);
	}
	CHECK_EQ(unit_place(child), UNIT_INSIDE);
	CHECK_EQ(unit_place(getpid()), UNIT_OUTSIDE);
	CHECK_EQ(unit_place(1), UNIT_OUTSIDE);
	CHECK_EQ(unit_place(0), UNIT_UNKNOWN);
	CHECK_EQ(unit_place(-1), UNIT_UNKNOWN);
	reaped = child;
	CHECK_EQ(unit_place(child), UNIT_UNKNOWN);
	CHECK_EQ(unit_place(child), UNIT_UNKNOWN);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(users_of_the_unit),
	KTAP_ENTRY(users_outside_the_unit),
	KTAP_ENTRY(places),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
