// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A monitored application that ends in a way chosen by its arguments.
 *
 *	heartbeat_client NAME DEADLINE_MS ACTION BEAT_MS STEP...
 *
 * The program arms a client with NAME, DEADLINE_MS and ACTION, which is stop or need-reset.
 * Then it does the steps in the order of the arguments:
 *
 *	for MS		beats every BEAT_MS ms for MS ms
 *	idle MS		does not beat for MS ms
 *	kill		kills itself
 *	close		closes its file without a V
 *	V		writes a V and closes its file
 *	disarm		disarms the client
 *	fork		starts a child process that keeps the file open and sleeps, and then
 *			kills itself
 *	arm		opens the device again and arms a client with the same name
 *	need-reset	posts needReset, as the call of the SDK does
 *
 * Before each step the program sends vmxsim.ha to the host, and prints "STEP NS", where NS is
 * the time of the host in ns.
 */
#include <signal.h>
#include <sys/wait.h>

#include "heartbeat.h"

static const char *name;
static unsigned int deadline_ms, action, beat_ms;
static int fd = -1;

static void fail(const char *what, int error)
{
	printf("%s: %s\n", what, strerror(error));
	exit(1);
}

static void begin(void)
{
	int error;

	fd = open(DEVICE, O_RDWR);
	if (fd < 0)
		fail(DEVICE, errno);
	error = arm(fd, name, deadline_ms, action);
	if (error)
		fail("arm", error);
}

static void go_on(unsigned int ms)
{
	unsigned int step;

	for (; ms; ms -= step) {
		step = ms < beat_ms ? ms : beat_ms;
		sleep_ms(step);
		beat(fd);
	}
}

static void die(void)
{
	kill(getpid(), SIGKILL);
}

/* Kills the parent. The child keeps the file open, and no process beats. */
static void leave_to_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork", errno);
	if (!pid) {
		for (;;)
			sleep_ms(1000000);
	}
	die();
}

static void print_fate(const char *fate)
{
	printf("%s %" PRIu64 "\n", fate, host_now());
	fflush(stdout);
}

/* Does the step @fate. Returns the number of arguments that belong to the step. */
static int meet(const char *fate, const char *argument)
{
	print_fate(fate);
	if (!strcmp(fate, "for"))
		return go_on(atoi(argument)), 2;
	if (!strcmp(fate, "idle"))
		return sleep_ms(atoi(argument)), 2;
	if (!strcmp(fate, "kill"))
		die();
	else if (!strcmp(fate, "close"))
		close(fd);
	else if (!strcmp(fate, "V") && write(fd, "V", 1) == 1)
		close(fd);
	else if (!strcmp(fate, "disarm"))
		disarm(fd);
	else if (!strcmp(fate, "fork"))
		leave_to_child();
	else if (!strcmp(fate, "arm"))
		begin();
	else if (!strcmp(fate, "need-reset"))
		post(fd, "needReset");
	else
		fail(fate, EINVAL);
	return 1;
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 5)
		fail("arguments", EINVAL);
	name = argv[1];
	deadline_ms = atoi(argv[2]);
	action = strcmp(argv[3], "stop") ? NEED_RESET : STOP;
	beat_ms = atoi(argv[4]);
	begin();
	for (i = 5; i < argc; )
		i += meet(argv[i], i + 1 < argc ? argv[i + 1] : "");
	return 0;
}
