// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * One loop serves the signals, the messages of the service and the timer. No part of it
 * blocks, and each of the three has its turn, regardless of the events of the others.
 */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "cli.h"
#include "notify.h"
#include "unit.h"
#include "writer.h"

/* The number of messages, or of ended children, that are handled in one turn. */
#define TURN		32
#define LAST_TURN	1024
#define LAST_MESSAGES_MS	1000

/*
 * The wait status of a main process that is not a child of this process. Its real status
 * is unknown, so it counts as if the process had ended with status 1.
 */
#define UNKNOWN_STATUS	(1 << 8)

#define BIT(number)	(UINT64_C(1) << ((number) - 1))

struct run {
	struct supervised *what;
	struct manager manager;
	struct notify notify;
	int signals;
	int timer;		/* timerfd: a check is due, or without checks a beat */
	int start;		/* pipe: closed when COMMAND has started, or has an errno */
	int start_err;		/* negative errno of the start of COMMAND, or 0 */
	pid_t command;		/* COMMAND; 0 after it has ended */
	pid_t main;		/* the main process: COMMAND, or the one of MAINPID= */
	int main_fd;		/* pidfd of a main process that is not COMMAND, else -1 */
	pid_t checker;		/* the shell of the check that is running, or 0 */
	int output[2];		/* pipe that the checks print to */
	bool stopped;		/* the main process was stopped, for example by SIGSTOP */
	bool command_stopped;	/* COMMAND was stopped */
	bool ready;		/* COMMAND has sent READY=1 or WATCHDOG=1 */
	bool stopping;		/* COMMAND has sent STOPPING=1 */
	bool stop_asked;	/* a stop was requested; COMMAND counts as alive until its end */
	bool triggered;		/* COMMAND has sent WATCHDOG=trigger */
	bool check_failed;	/* the last check failed */
	uint64_t passed;	/* signals passed on to COMMAND; bit N - 1 is signal N */
	bool ended;		/* the main process has ended */
	int wait_status;	/* its status as waitpid() returns it */
};

static struct writer messages;

static void put_message(const char *text, size_t len)
{
	/* Without room the message is lost, because waiting would endanger the deadline. */
	writer_put(&messages, text, len);
}

/* --- COMMAND ------------------------------------------------------------------- */

static void set_pid(const char *name)
{
	char text[24];

	snprintf(text, sizeof(text), "%d", (int)getpid());
	setenv(name, text, 1);
}

/* Sockets and the like that a manager passes to this process are meant for COMMAND. */
static void take_over_pid(const char *name)
{
	const char *pid = getenv(name);

	if (pid && atol(pid) == (long)getppid())
		set_pid(name);
}

static void set_watchdog(const struct run *run)
{
	uint64_t usec = run->manager.usec;
	char text[24];

	if (run->what->notify && (!usec || usec > run->what->client.arm.deadline_ms *
						  UINT64_C(1000)))
		usec = run->what->client.arm.deadline_ms * UINT64_C(1000);
	if (!usec)
		return;
	snprintf(text, sizeof(text), "%" PRIu64, usec);
	setenv("WATCHDOG_USEC", text, 1);
	set_pid("WATCHDOG_PID");
}

/* Runs in the child, and writes a failure into PIPE; success closes PIPE. */
static void become_command(const struct run *run, int pipe)
{
	int err;

	if (run->notify.fd >= 0)
		setenv("NOTIFY_SOCKET", run->notify.path, 1);
	set_watchdog(run);
	take_over_pid("LISTEN_PID");
	take_over_pid("SYSTEMD_EXEC_PID");
	unsetenv("LISTEN_PIDFDID");
	signals_restore();
	execvp(run->what->command[0], run->what->command);
	err = errno;
	if (write(pipe, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

/* execvp() may hang on a file server, so the loop waits for the result in the pipe. */
static int start_command(struct run *run)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	run->command = fork();
	if (!run->command)
		become_command(run, pipes[1]);
	if (run->command < 0)
		return -errno;
	close(pipes[1]);
	run->start = pipes[0];
	run->main = run->command;
	return 0;
}

static void look_at_start(struct run *run)
{
	int err;

	if (read(run->start, &err, sizeof(err)) == sizeof(err))
		run->start_err = -err;
	close(run->start);
	run->start = -1;
}

/* Follows a new main process that a message has named, for example when nginx restarts. */
static void follow_main(struct run *run, pid_t main)
{
	int fd = -1;

	if (main == run->main || main == getpid() || unit_place(main) != UNIT_INSIDE)
		return;
	if (main != run->command) {
		fd = (int)syscall(SYS_pidfd_open, main, 0);
		if (fd < 0) {
			/* Without this descriptor, the end of the process would not be noticed. */
			complain("MAINPID=%d: %s; the main process is still %d", (int)main,
				 strerror(errno), (int)run->main);
			return;
		}
	}
	if (run->main_fd >= 0)
		close(run->main_fd);
	run->main = main;
	run->main_fd = fd;
	run->stopped = main == run->command && run->command_stopped;
}

static void main_ended(struct run *run, int wait_status)
{
	run->ended = true;
	run->wait_status = wait_status;
}

/*
 * Handles the end of a main process that is another process's child. Its status is unknown:
 * while COMMAND is alive, COMMAND becomes the main process again and its status counts.
 */
static void look_at_main(struct run *run)
{
	struct pollfd process = { .fd = run->main_fd, .events = POLLIN };
	int status = UNKNOWN_STATUS;

	if (run->ended || run->main_fd < 0 || poll(&process, 1, 0) <= 0)
		return;
	close(run->main_fd);
	run->main_fd = -1;
	if (run->command) {
		run->main = run->command;
		run->stopped = run->command_stopped;
	} else if (waitpid(run->main, &status, WNOHANG)) {
		main_ended(run, status);
	}
}

/*
 * If COMMAND was stopped from its terminal, this process stops as well, so that the shell
 * notices it. The kernel ignores this if there is no shell that could continue it.
 */
static void stop_with_command(int number)
{
	int terminal = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	sigset_t set;

	if (terminal < 0)
		return;
	close(terminal);
	if (number != SIGTSTP && number != SIGTTIN && number != SIGTTOU)
		return;
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	kill(getpid(), SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void command_changed(struct run *run, pid_t pid, int status)
{
	if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
		if (pid == run->command)
			run->command_stopped = WIFSTOPPED(status);
		if (pid != run->main)
			return;
		run->stopped = WIFSTOPPED(status);
		if (run->stopped)
			stop_with_command(WSTOPSIG(status));
		return;
	}
	if (pid == run->main)
		main_ended(run, status);
	if (pid == run->command)
		run->command = 0;
}

/* --- signs of life ------------------------------------------------------------- */

static void beat(struct run *run)
{
	if (!run->stop_asked &&
	    (run->stopped || run->triggered || unit_is_frozen(run->main)))
		return;
	client_beat(&run->what->client);
}

/* A check writes to a pipe, so that it does not wait for the reader of standard error. */
static void print_to(const void *output)
{
	const int *fd = output;

	dup2(*fd, STDOUT_FILENO);
	dup2(*fd, STDERR_FILENO);
}

static void pass_output(struct run *run)
{
	struct pollfd output = { .fd = run->output[0], .events = POLLIN };
	char text[PIPE_BUF];
	ssize_t len;

	if (poll(&output, 1, 0) <= 0)
		return;
	len = read(run->output[0], text, sizeof(text));
	if (len > 0)
		put_message(text, (size_t)len);
}

static void start_check(struct run *run)
{
	pid_t child;

	/* A check that hangs is not repeated: the application misses its timeout. */
	if (run->checker)
		return;
	child = helper_start(run->what->check, print_to, &run->output[1]);
	if (child < 0)
		complain("%s: %s", run->what->check, strerror(-child));
	else
		run->checker = child;
}

static void check_ended(struct run *run, int status)
{
	char text[EXIT_TEXT_SIZE];

	run->checker = 0;
	if (run->stop_asked)
		return;
	if (!status) {
		if (run->check_failed)
			complain("the check succeeds again");
		run->check_failed = false;
		beat(run);
		return;
	}
	if (!run->check_failed)
		complain("the check %s; no heartbeats until it succeeds",
			 exit_text(status, text));
	run->check_failed = true;
}

static void time_is_up(struct run *run)
{
	uint64_t times;

	if (read(run->timer, &times, sizeof(times)) != sizeof(times))
		return;
	if (run->what->check && !run->stop_asked)
		start_check(run);
	else if (run->stop_asked || !run->what->notify || !run->ready || run->stopping)
		beat(run);
}

static void heed(struct run *run, const struct said *said)
{
	if (said->bits & NOTIFY_MAIN)
		follow_main(run, said->main);
	if (said->bits & NOTIFY_STOPPING)
		run->stopping = true;
	if (!run->what->notify)
		return;
	if (said->bits & NOTIFY_TRIGGER && !run->triggered) {
		complain("WATCHDOG=trigger: no more heartbeats");
		run->triggered = true;
	}
	if (said->bits & (NOTIFY_READY | NOTIFY_ALIVE)) {
		run->ready = true;
		beat(run);
	}
}

/* Handles at most MAX messages. Returns true if it stopped there, so that more may wait. */
static bool read_messages(struct run *run, int max)
{
	struct said said;

	if (run->notify.fd < 0)
		return false;
	while (max--) {
		if (!notify_read(&run->notify, &run->manager, &said))
			return false;
		heed(run, &said);
	}
	return true;
}

/* --- signals ------------------------------------------------------------------- */

/*
 * Notes that a stop was requested. After that, no end of COMMAND may cause a reset of the
 * machine, and even a SIGKILL of this process disarms the client.
 */
static void begin_stop(struct run *run)
{
	if (run->stop_asked)
		return;
	run->stop_asked = true;
	if (run->checker)
		helper_kill(run->checker, SIGKILL);
	client_may_close(&run->what->client);
}

/*
 * The terminal sends its signals also to COMMAND, if COMMAND is in the same process group.
 * A hang-up first goes to the leader of the session only.
 */
static bool went_to_command(const struct run *run, const struct signalfd_siginfo *info)
{
	switch (info->ssi_signo) {
	case SIGHUP:
	case SIGCONT:
		if (getsid(0) == getpid())
			return false;
		break;
	case SIGINT:
	case SIGQUIT:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGWINCH:
		break;
	default:
		return false;
	}
	return info->ssi_code == SI_KERNEL && getpgid(run->main) == getpgrp();
}

/* Returns whether this process caused the signal itself, for example SIGPIPE by a write. */
static bool is_our_own(const struct signalfd_siginfo *info)
{
	if (info->ssi_signo == SIGCHLD)
		return info->ssi_code > 0;
	return info->ssi_code <= 0 && info->ssi_pid == (uint32_t)getpid();
}

static void send_signal(pid_t pid, const struct signalfd_siginfo *info)
{
	union sigval value;

	if (info->ssi_code == SI_QUEUE) {
		memcpy(&value, &info->ssi_ptr, sizeof(value));
		sigqueue(pid, (int)info->ssi_signo, value);
	} else {
		kill(pid, (int)info->ssi_signo);
	}
}

static void pass_signal(struct run *run, const struct signalfd_siginfo *info)
{
	if (is_our_own(info))
		return;
	run->passed |= BIT(info->ssi_signo);
	if (run->what->stop_signals & BIT(info->ssi_signo))
		begin_stop(run);
	if (!run->ended && !went_to_command(run, info))
		send_signal(run->main, info);
}

static void read_signals(struct run *run)
{
	struct signalfd_siginfo infos[TURN];
	ssize_t len = read(run->signals, infos, sizeof(infos));
	ssize_t i;

	for (i = 0; i < len / (ssize_t)sizeof(infos[0]); i++)
		pass_signal(run, &infos[i]);
}

/*
 * Reaps at most TURN children. This process need not have started them: it may be the first
 * process of a container, and it inherits the processes that a service leaves behind.
 * Returns true if more children may wait to be reaped.
 */
static bool reap(struct run *run)
{
	int status, max = TURN;
	pid_t pid;

	while (max--) {
		pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED);
		if (pid <= 0)
			return false;
		if (pid == run->checker && !WIFSTOPPED(status) && !WIFCONTINUED(status))
			check_ended(run, status);
		else
			command_changed(run, pid, status);
	}
	return true;
}

/* --- from the start to the end --------------------------------------------------- */

static int start_timer(struct run *run)
{
	uint64_t ms = run->what->check ? run->what->every_s * 1000 :
					 run->what->client.arm.deadline_ms / 3;
	struct timespec period = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000 * 1000000),
	};
	struct itimerspec timer = { .it_interval = period, .it_value = period };

	run->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (run->timer < 0 || timerfd_settime(run->timer, 0, &timer, NULL))
		return -errno;
	return 0;
}

/*
 * Blocks the signals, to read them from a descriptor. The caller does this before it arms the
 * client: if a signal ended the process after that, the client would expire.
 */
static int open_signals(struct run *run)
{
	int err;

	run->signals = signals_open(every_signal);
	if (run->signals < 0)
		return run->signals;
	err = writer_open(&messages, STDERR_FILENO);
	if (!err)
		complain_through(put_message);
	return err;
}

/* Does everything that can fail before COMMAND starts. Returns 0 or a negative errno. */
static int prepare(struct run *run)
{
	int err = 0;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	manager_find(&run->manager);
	if (run->what->notify || manager_exists(&run->manager))
		err = notify_open(&run->notify);
	if (!err && run->what->check && pipe2(run->output, O_CLOEXEC))
		err = -errno;
	return err ? err : start_timer(run);
}

/* Messages are read first: after a sender is reaped, it can no longer be identified. */
static void follow(struct run *run)
{
	bool more = false;

	while (!run->ended) {
		struct pollfd fds[] = {
			{ .fd = run->signals, .events = POLLIN },
			{ .fd = run->timer, .events = POLLIN },
			{ .fd = run->notify.fd, .events = POLLIN },
			{ .fd = run->start, .events = POLLIN },
			{ .fd = run->main_fd, .events = POLLIN },
			{ .fd = run->output[0], .events = POLLIN },
			{ .fd = run->manager.full, .events = POLLOUT },
		};

		poll(fds, sizeof(fds) / sizeof(fds[0]),
		     more ? 0 : manager_retry_ms(&run->manager));
		if (fds[3].revents)
			look_at_start(run);
		read_messages(run, TURN);
		manager_send_kept(&run->manager);
		read_signals(run);
		pass_output(run);
		more = reap(run);
		look_at_main(run);
		if (!run->ended)
			time_is_up(run);
	}
	read_messages(run, LAST_TURN);
	pass_output(run);
	/* A signal to the whole process group may have ended COMMAND before it was read here. */
	read_signals(run);
}

/*
 * An end by one of these signals is never clean. The first seven report a failure of the
 * program, and the meaning of the last two depends on the program.
 */
#define NO_STOP_SIGNALS	(BIT(SIGABRT) | BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGFPE) | \
			 BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGSYS) | \
			 BIT(SIGUSR1) | BIT(SIGUSR2))

static bool was_asked(const struct run *run, int number)
{
	return number > 0 && number <= 64 &&
	       run->passed & ~NO_STOP_SIGNALS & BIT(number);
}

/*
 * Returns whether the main process has ended cleanly: its status is 0, a stop was requested, it
 * was killed by a signal that this process had passed on, or it has the status of a shell for
 * this signal. A different signal does not count. After a SIGHUP, for example, many programs
 * only read their configuration again, and a crash of such a program days later is no clean
 * end.
 */
static bool is_clean(const struct run *run)
{
	int status = WEXITSTATUS(run->wait_status);

	if (run->stop_asked)
		return true;
	if (WIFSIGNALED(run->wait_status))
		return was_asked(run, WTERMSIG(run->wait_status));
	return !status || was_asked(run, status - 128);
}

static int finish(struct run *run)
{
	const char *command = run->what->command[0];
	char text[EXIT_TEXT_SIZE];
	bool clean;
	int status;

	if (run->start >= 0)
		look_at_start(run);
	clean = run->start_err || is_clean(run);
	if (run->checker)
		helper_kill(run->checker, SIGKILL);
	if (run->start_err)
		complain("%s: %s", command, strerror(-run->start_err));
	else if (!clean)
		complain("%s %s; no more heartbeats", command,
			 exit_text(run->wait_status, text));
	status = client_close(&run->what->client, clean);
	notify_close(&run->notify);
	manager_close(&run->manager);
	writer_finish(&messages, LAST_MESSAGES_MS);
	if (run->start_err)
		return run->start_err == -ENOENT ? 127 : 126;
	if (WIFSIGNALED(run->wait_status))
		return 128 + WTERMSIG(run->wait_status);
	return run->wait_status ? WEXITSTATUS(run->wait_status) : status;
}

int supervise(struct supervised *supervised)
{
	struct run run = {
		.what = supervised,
		.manager.full = -1,
		.notify.fd = -1,
		.main_fd = -1,
		.start = -1,
		.output = { -1, -1 },
	};
	int status, err;

	err = open_signals(&run);
	if (err) {
		complain("cannot handle signals: %s", strerror(-err));
		return EX_OSERR;
	}
	status = client_arm(&supervised->client);
	if (status) {
		writer_finish(&messages, LAST_MESSAGES_MS);
		return status;
	}
	err = prepare(&run);
	if (!err)
		err = start_command(&run);
	if (err) {
		client_close(&supervised->client, true);
		notify_close(&run.notify);
		complain("cannot start the command: %s", strerror(-err));
		writer_finish(&messages, LAST_MESSAGES_MS);
		return EX_OSERR;
	}
	follow(&run);
	return finish(&run);
}
