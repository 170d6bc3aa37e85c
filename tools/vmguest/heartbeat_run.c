// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest heartbeat run: a command as a monitored application; described in
 * man/vmguest-heartbeat.1.
 *
 * The open device is the client. When this program dies the kernel closes it, which
 * is an expiry; only a clean end says V before. COMMAND does not inherit it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cli.h"
#include "heartbeat_run.h"
#include "host.h"
#include "notify.h"

static const char help[] =
	"Usage: vmguest heartbeat run [OPTION...] [--] COMMAND [ARGUMENT...]\n"
	"\n"
	"Runs COMMAND as an application that vSphere HA monitors: when it dies, the virtual\n"
	"machine is reset. A clean end ends the monitoring. The exit status is COMMAND's.\n"
	"\n"
	"      --timeout S    longest time between two signs of life (30)\n"
	"      --name N       its name among the monitored applications (COMMAND's)\n"
	"      --on-expire A  stop: no more heartbeats, the host acts when it misses them;\n"
	"                     need-reset: the host is told at once (stop)\n"
	"      --check CMD    COMMAND is alive only while sh -c CMD succeeds\n"
	"      --every S      time between two checks (a third of the timeout)\n"
	"      --notify       COMMAND is alive only while it says WATCHDOG=1, as a service\n"
	"                     of systemd does (sd_notify(3))\n"
	"      --help\n";

#define TIMEOUT_S	30

struct run {
	struct vmguestlib_heartbeat_arm arm;
	const char *check;
	unsigned long every_s;
	bool notify;
	char **command;

	int device;
	int signals;
	int timer;		/* beats, or checks */
	int socket;
	pid_t child;
	pid_t checker;
	bool stopped;		/* by SIGSTOP and the like */
	bool ready;		/* it speaks for itself from now on */
	bool stopping;
	bool triggered;
	bool well;		/* as far as has been said on standard error */
	uint64_t asked;		/* signals that asked it to end, as bits */
	bool ended;
	int wait_status;
};

/* --- the client ---------------------------------------------------------------- */

static int arm(const struct run *run)
{
	int fd = host_open(O_RDWR);
	int err;

	if (fd < 0 || !ioctl(fd, VMGUESTLIB_IOC_HEARTBEAT_ARM, &run->arm))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int refuse_arm(const struct run *run, int err)
{
	switch (err) {
	case -EEXIST:
		complain("'%s' is monitored already (choose another --name)",
			 run->arm.name);
		return EX_TEMPFAIL;
	case -EPERM:
		complain("'%s' was somebody else's, or the host does not trust this "
			 "machine (choose another --name; see 'vmguest doctor')",
			 run->arm.name);
		return EX_NOPERM;
	case -ENOSPC:
		complain("too many applications are monitored");
		return EX_TEMPFAIL;
	case -EACCES:
	case -EROFS:
		return host_complain(HOST_DEVICE, -EACCES);
	default:
		return host_complain(HOST_HEARTBEAT, err);
	}
}

/*
 * The deadline was missed, but the machine is still there and COMMAND is well again:
 * a client of the same name takes the place of the expired one.
 */
static void arm_again(struct run *run)
{
	int fd = arm(run);

	if (fd < 0) {
		if (run->well)
			refuse_arm(run, fd);
		run->well = false;
		return;
	}
	close(run->device);
	run->device = fd;
	run->well = true;
	complain("the deadline was missed; monitored again");
}

static void beat(struct run *run)
{
	struct vmguestlib_heartbeat heartbeat = { .size = sizeof(heartbeat) };

	if (run->stopped || run->triggered)
		return;
	if (ioctl(run->device, VMGUESTLIB_IOC_HEARTBEAT_BEAT, &heartbeat) == 0)
		return;
	/* ENOTCONN: it was missed, and root cleared it. */
	if (errno == ETIME || errno == ENOTCONN)
		arm_again(run);
	else
		complain("heartbeat: %s", strerror(errno));
}

/* Closing the device does it. */
static void end_monitoring(struct run *run, bool clean)
{
	/* Even where the write fails because of an expiry the V is heard. */
	if (clean && write(run->device, "V", 1) < 0 && errno != ETIME &&
	    errno != ENOTCONN)
		complain("disarming: %s", strerror(errno));
	close(run->device);
}

/* --- COMMAND ------------------------------------------------------------------- */

/* In the child. Tells a failure through PIPE, which success closes. */
static void become_command(struct run *run, const char *socket_name, int pipe)
{
	char text[24];
	int err;

	signals_restore();
	if (run->notify) {
		setenv("NOTIFY_SOCKET", socket_name, 1);
		snprintf(text, sizeof(text), "%" PRIu64,
			 (uint64_t)run->arm.deadline_ms * 1000);
		setenv("WATCHDOG_USEC", text, 1);
		snprintf(text, sizeof(text), "%d", (int)getpid());
		setenv("WATCHDOG_PID", text, 1);
	}
	execvp(run->command[0], run->command);
	err = errno;
	if (write(pipe, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

/* Returns 0, or a negative errno of the execution. */
static int start_command(struct run *run, const char *socket_name)
{
	int pipes[2], err = 0;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	run->child = fork();
	if (!run->child)
		become_command(run, socket_name, pipes[1]);
	if (run->child < 0)
		err = errno;
	close(pipes[1]);
	if (!err && read(pipes[0], &err, sizeof(err)) > 0)
		waitpid(run->child, NULL, 0);
	close(pipes[0]);
	return -err;
}

/* What became of COMMAND: it may also have been stopped, or go on. */
static void look_at_command(struct run *run)
{
	int status;

	while (!run->ended && waitpid(run->child, &status,
				      WNOHANG | WUNTRACED | WCONTINUED) > 0) {
		if (WIFSTOPPED(status)) {
			run->stopped = true;
		} else if (WIFCONTINUED(status)) {
			run->stopped = false;
		} else {
			run->ended = true;
			run->wait_status = status;
		}
	}
}

static bool was_asked(const struct run *run, int number)
{
	return number > 0 && number < 64 && run->asked & (UINT64_C(1) << number);
}

/*
 * Clean is status 0, and an end that somebody asked for with a signal that came through
 * here. SIGHUP and SIGQUIT have many a COMMAND read its configuration again or tell
 * about itself: a crash days later is none the better for them, so it takes a death by
 * them, or a shell's status of one.
 */
static bool is_clean(const struct run *run)
{
	int status = WEXITSTATUS(run->wait_status);

	if (WIFSIGNALED(run->wait_status))
		return was_asked(run, WTERMSIG(run->wait_status));
	return !status || was_asked(run, SIGINT) || was_asked(run, SIGTERM) ||
	       was_asked(run, status - 128);
}

/* --- signs of life ------------------------------------------------------------- */

static void start_check(struct run *run)
{
	pid_t child;

	/* One that hangs is not repeated: the deadline is for that. */
	if (run->checker)
		return;
	child = fork();
	if (child < 0) {
		complain("%s: %s", run->check, strerror(errno));
	} else if (!child) {
		setpgid(0, 0);
		exec_shell(run->check);
	} else {
		setpgid(child, child);
		run->checker = child;
	}
}

static void look_at_check(struct run *run)
{
	char text[EXIT_TEXT_SIZE];
	int status;

	if (!run->checker || waitpid(run->checker, &status, WNOHANG) <= 0)
		return;
	run->checker = 0;
	if (!status) {
		if (!run->well)
			complain("the check succeeds again");
		run->well = true;
		beat(run);
		return;
	}
	if (run->well)
		complain("the check %s; no heartbeats until it succeeds",
			 exit_text(status, text));
	run->well = false;
}

static void end_check(struct run *run)
{
	if (!run->checker)
		return;
	kill(-run->checker, SIGKILL);
	waitpid(run->checker, NULL, 0);
}

static void time_is_up(struct run *run)
{
	uint64_t times;

	if (read(run->timer, &times, sizeof(times)) != sizeof(times))
		return;
	if (run->check)
		start_check(run);
	else if (!run->notify || !run->ready || run->stopping)
		beat(run);
}

static void listen_to_command(struct run *run)
{
	int bits;

	while ((bits = notify_read(run->socket, run->child)) >= 0) {
		if (bits & (NOTIFY_READY | NOTIFY_ALIVE))
			run->ready = true;
		if (bits & NOTIFY_STOPPING)
			run->stopping = true;
		if (bits & NOTIFY_TRIGGER && !run->triggered) {
			complain("WATCHDOG=trigger: no more heartbeats");
			run->triggered = true;
		}
		if (bits & (NOTIFY_READY | NOTIFY_ALIVE))
			beat(run);
	}
}

static void pass_signal(struct run *run, const struct signalfd_siginfo *info)
{
	int number = info->ssi_signo;

	if (number == SIGCHLD || number == SIGPIPE)
		return;
	if (number != SIGUSR1 && number != SIGUSR2)
		run->asked |= UINT64_C(1) << number;
	/* The terminal's went to COMMAND as well: it is of the same group. */
	if (info->ssi_code != SI_KERNEL)
		kill(run->child, number);
}

static void read_signals(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof(info)) == sizeof(info))
		pass_signal(run, &info);
	look_at_command(run);
	look_at_check(run);
}

/* --- the command --------------------------------------------------------------- */

static int start_timer(struct run *run)
{
	uint64_t ms = run->check ? run->every_s * 1000 : run->arm.deadline_ms / 3;
	struct timespec period = {
		.tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000,
	};
	struct itimerspec timer = { .it_interval = period, .it_value = period };

	run->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (run->timer < 0 || timerfd_settime(run->timer, 0, &timer, NULL))
		return -errno;
	return 0;
}

/*
 * Not those that our caller has us ignore, as nohup(1) does: COMMAND ignores them, too,
 * and nobody asks for its end with them. SIGPIPE is among them so that a message that
 * nobody reads is not the death of the application.
 */
static int open_signals(void)
{
	static const int wanted[] = {
		SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE,
	};
	int signals[sizeof(wanted) / sizeof(wanted[0]) + 2] = { SIGCHLD };
	struct sigaction action;
	size_t i, count = 1;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!sigaction(wanted[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			signals[count++] = wanted[i];
	return signals_open(signals);
}

/* Everything that can fail comes before COMMAND. Returns 0 or a negative errno. */
static int prepare(struct run *run, char socket_name[NOTIFY_NAME_SIZE])
{
	run->signals = open_signals();
	if (run->signals < 0)
		return run->signals;
	run->socket = -1;
	if (run->notify) {
		run->socket = notify_open(socket_name);
		if (run->socket < 0)
			return run->socket;
	}
	return start_timer(run);
}

static void follow(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = run->signals, .events = POLLIN },
		{ .fd = run->timer, .events = POLLIN },
		{ .fd = run->socket, .events = POLLIN },
	};

	while (!run->ended) {
		poll(fds, 3, -1);
		read_signals(run);
		if (run->ended)
			break;
		time_is_up(run);
		if (run->notify)
			listen_to_command(run);
	}
}

static int finish(struct run *run)
{
	bool clean = is_clean(run);
	char text[EXIT_TEXT_SIZE];

	end_check(run);
	if (!clean)
		complain("%s %s; no more heartbeats", run->command[0],
			 exit_text(run->wait_status, text));
	end_monitoring(run, clean);
	if (WIFSIGNALED(run->wait_status))
		return 128 + WTERMSIG(run->wait_status);
	return WEXITSTATUS(run->wait_status);
}

static int run_monitored(struct run *run)
{
	char socket_name[NOTIFY_NAME_SIZE];
	int err;

	run->device = arm(run);
	if (run->device < 0)
		return refuse_arm(run, run->device);
	run->well = true;
	err = prepare(run, socket_name);
	if (err) {
		end_monitoring(run, true);
		complain("%s", strerror(-err));
		return EX_OSERR;
	}
	err = start_command(run, socket_name);
	if (err) {
		end_monitoring(run, true);
		complain("%s: %s", run->command[0], strerror(-err));
		return err == -ENOENT ? 127 : 126;
	}
	follow(run);
	return finish(run);
}

/* What the kernel takes in a name. */
static const char allowed[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@:-";

/* Of COMMAND's file name, what is allowed there. */
static void name_after_command(struct run *run)
{
	const char *slash = strrchr(run->command[0], '/');
	char *letter;

	snprintf(run->arm.name, sizeof(run->arm.name), "%s",
		 slash ? slash + 1 : run->command[0]);
	for (letter = run->arm.name; *letter; letter++)
		if (!strchr(allowed, *letter))
			*letter = '_';
}

/* Returns 0, or the exit status. */
static int set_option(struct run *run, int option, const char *argument)
{
	unsigned long seconds;

	switch (option) {
	case 't':
		if (!parse_number(argument, 1, 3600, &seconds))
			return wrong_usage("wrong timeout '%s': 1 to 3600 seconds",
					   argument);
		run->arm.deadline_ms = seconds * 1000;
		return 0;
	case 'n':
		if (!*argument || strlen(argument) >= sizeof(run->arm.name) ||
		    argument[strspn(argument, allowed)])
			return wrong_usage("wrong name '%s': letters, digits and "
					   "._@:-, %zu at most", argument,
					   sizeof(run->arm.name) - 1);
		strcpy(run->arm.name, argument);
		return 0;
	case 'o':
		if (strcmp(argument, "stop") && strcmp(argument, "need-reset"))
			return wrong_usage("wrong action '%s': stop or need-reset",
					   argument);
		run->arm.action = !strcmp(argument, "stop") ?
			VMGUESTLIB_HEARTBEAT_STOP : VMGUESTLIB_HEARTBEAT_NEED_RESET;
		return 0;
	case 'c':
		run->check = argument;
		return 0;
	case 'e':
		if (!parse_number(argument, 1, 3600, &run->every_s))
			return wrong_usage("wrong time between checks '%s'", argument);
		return 0;
	case 'N':
		run->notify = true;
		return 0;
	default:
		return wrong_option();
	}
}

/* Returns 0, or the exit status. */
static int complete(struct run *run)
{
	unsigned long timeout_s = run->arm.deadline_ms / 1000;

	if (!run->command[0])
		return wrong_usage("a command is missing");
	if (run->check && run->notify)
		return wrong_usage("--check and --notify exclude each other");
	if (run->every_s && !run->check)
		return wrong_usage("--every needs --check");
	if (run->check && !run->every_s)
		run->every_s = timeout_s >= 3 ? timeout_s / 3 : 1;
	if (run->check && run->every_s >= timeout_s)
		return wrong_usage("checks every %lu s do not fit a timeout of %lu s",
				   run->every_s, timeout_s);
	if (!run->arm.name[0])
		name_after_command(run);
	if (!strcmp(run->arm.name, "api") || !strcmp(run->arm.name, "watchdog"))
		return wrong_usage("the name '%s' is the kernel's own", run->arm.name);
	return 0;
}

int heartbeat_run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "name", required_argument, NULL, 'n' },
		{ "on-expire", required_argument, NULL, 'o' },
		{ "check", required_argument, NULL, 'c' },
		{ "every", required_argument, NULL, 'e' },
		{ "notify", no_argument, NULL, 'N' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 }
	};
	struct run run = {
		.arm = {
			.size = sizeof(run.arm),
			.deadline_ms = TIMEOUT_S * 1000,
			.action = VMGUESTLIB_HEARTBEAT_STOP,
		},
	};
	static char name[] = "vmguest heartbeat run";
	int option, status = 0;

	vmguest_name = name;
	argv[0] = name;
	while (!status &&
	       (option = getopt_long(argc, argv, "+", options, NULL)) != -1)
		status = option == 'h' ? -1 : set_option(&run, option, optarg);
	if (status)
		return status < 0 ? print_help(help) : status;
	run.command = argv + optind;
	status = complete(&run);
	return status ? status : run_monitored(&run);
}
