// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A program that takes part in vSphere HA application monitoring: the example of
 * the vSphere Guest SDK.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vmGuestAppMonitorLib.h"

#define ERR(name)	VMGUESTAPPMONITORLIB_ERROR_##name

/* Half of the host's window of 30 s, so that one lost heartbeat is no failure */
#define INTERVAL_S	15
#define INTERVAL_MAX_S	3600

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

static const char help[] =
	"Usage: appmonitor-sample [-i SECONDS]\n"
	"Enable HA application monitoring, send a heartbeat every 15 seconds and print\n"
	"the status that the host gives.\n"
	"\n"
	"  -i SECONDS  time between heartbeats, 1 to 3600; the host waits 30 seconds\n"
	"  -h          print this help\n"
	"\n"
	"After Ctrl+C the program asks what to do, and sends heartbeats until the answer.\n"
	"The end of standard input means d. SIGINT stays ignored if the caller ignores it,\n"
	"as a shell does for background jobs. After any other end of the program the\n"
	"virtual machine is reset.\n"
	"\n"
	"Exit status: 0 when ended at your request, 1 when monitoring cannot be enabled\n"
	"or disabled, 2 for wrong arguments.\n";

static const char question[] =
	"\n"
	"s - stop sending heartbeats and exit: the virtual machine will be reset\n"
	"d - disable application monitoring and exit: no reset\n"
	"c - continue sending heartbeats\n"
	"? ";

enum answer {
	ANSWER_NONE = 0,
	ANSWER_STOP = 's',
	ANSWER_DISABLE = 'd',
	ANSWER_CONTINUE = 'c',
};

static volatile sig_atomic_t interrupted;

static void note_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

/* SIGINT is delivered during ppoll() only. */
static void hold_interrupts(sigset_t *without)
{
	const struct sigaction action = { .sa_handler = note_interrupt };
	struct sigaction was;
	sigset_t interrupts;

	sigemptyset(&interrupts);
	sigaddset(&interrupts, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupts, without);
	sigdelset(without, SIGINT);
	/* If the caller ignores SIGINT, as a shell does for a background job, it stays ignored. */
	if (!sigaction(SIGINT, NULL, &was) && was.sa_handler != SIG_IGN)
		sigaction(SIGINT, &action, NULL);
}

/* Nonblocking descriptors for standard output and standard error */
static int unblocked[] = { -1, STDOUT_FILENO, STDERR_FILENO };

/*
 * poll() reports a terminal as writable even if it has room for less than a line, so that
 * write() may still wait. Other programs share the open file and expect it to block, so the
 * terminal or pipe is opened again for this program alone. Writes to other files do not wait.
 */
static void open_unblocked(int fd)
{
	char path[32];
	struct stat status;
	int own = -1;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!fstat(fd, &status) && (S_ISCHR(status.st_mode) || S_ISFIFO(status.st_mode)))
		own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own >= 0)
		unblocked[fd] = own;
}

/*
 * Output that is not read must not delay the heartbeats: without room the text is lost.
 * A closed pipe does not end the program.
 */
static void say(int fd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(int fd, const char *format, ...)
{
	struct pollfd output = { .fd = unblocked[fd], .events = POLLOUT };
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (poll(&output, 1, 0) > 0 && write(output.fd, text, strlen(text)) < 0)
		return;
}

static bool failed(const char *what, VMGuestAppMonitorLibError error)
{
	static const char *const texts[] = {
		[ERR(OTHER)] = "failed",
		[ERR(NOT_RUNNING_IN_VM)] = "not in a VMware virtual machine",
		[ERR(NOT_ENABLED)] = "not enabled",
		[ERR(NOT_SUPPORTED)] = "not supported by this host",
	};

	if (error)
		say(STDERR_FILENO, "appmonitor-sample: %s: %s (%s)\n", what,
		    texts[error], strerror(errno));
	return error;
}

/* Hosts may say Gray, GRAY or appStatusGray. */
static bool is_gray(const char *status)
{
	size_t len = status ? strlen(status) : 0;

	return len >= 4 && !strcasecmp(status + len - 4, "gray");
}

/* Replaces control characters: a text of the host must not control a terminal. */
static char *clean(char *word)
{
	char *byte;

	for (byte = word; *byte; byte++)
		if (!isprint((unsigned char)*byte))
			*byte = '?';
	return word;
}

/*
 * The host forgets that monitoring is enabled when the virtual machine moves, and
 * reports "Gray"; another program may have disabled monitoring as well.
 */
static void send_heartbeat(bool quiet)
{
	VMGuestAppMonitorLibError error = VMGuestAppMonitor_MarkActive();
	char *status = VMGuestAppMonitor_GetAppStatus();

	if (error == ERR(NOT_ENABLED) || is_gray(status)) {
		failed("enable again", VMGuestAppMonitor_Enable());
		error = VMGuestAppMonitor_MarkActive();
		VMGuestAppMonitor_Free(status);
		status = VMGuestAppMonitor_GetAppStatus();
	}
	if (!failed("heartbeat", error) && !quiet)
		say(STDOUT_FILENO, "heartbeat sent, status %s\n",
		    status ? clean(status) : "unknown");
	VMGuestAppMonitor_Free(status);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Takes one byte of the line in which the user answers, because the rest of the
 * line may come after the next heartbeat is due.
 */
static enum answer take_byte(char *first)
{
	ssize_t len;
	char byte;

	len = read(STDIN_FILENO, &byte, 1);
	if (len < 0 && (errno == EINTR || errno == EAGAIN))
		return ANSWER_NONE;
	if (len <= 0)
		return ANSWER_DISABLE;
	if (byte != '\n') {
		if (!*first && !isspace((unsigned char)byte))
			*first = byte;
		return ANSWER_NONE;
	}
	byte = *first;
	*first = '\0';
	if (byte == ANSWER_STOP || byte == ANSWER_DISABLE ||
	    byte == ANSWER_CONTINUE)
		return byte;
	say(STDOUT_FILENO, "%s", question);
	return ANSWER_NONE;
}

/* Waits at most MS milliseconds. If ASKED is true, a byte of the answer ends the wait. */
static enum answer wait_for_answer(bool asked, int64_t ms, const sigset_t *mask,
				   char *first)
{
	const struct timespec rest = {
		.tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000,
	};
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	if (ppoll(&input, asked ? 1 : 0, &rest, mask) > 0)
		return take_byte(first);
	return ANSWER_NONE;
}

/* Returns when the user wants to exit: ANSWER_STOP or ANSWER_DISABLE. */
static enum answer send_heartbeats(int64_t interval_ms, const sigset_t *mask)
{
	enum answer answer = ANSWER_NONE;
	int64_t next = now_ms();
	bool asked = false;
	char first = '\0';
	int64_t rest;

	while (answer != ANSWER_STOP && answer != ANSWER_DISABLE) {
		rest = next - now_ms();
		if (rest <= 0) {
			send_heartbeat(asked);
			next = now_ms() + interval_ms;
			continue;
		}
		answer = wait_for_answer(asked, rest, mask, &first);
		if (answer == ANSWER_CONTINUE)
			asked = false;
		if (interrupted) {
			interrupted = 0;
			asked = true;
			first = '\0';
			say(STDOUT_FILENO, "%s", question);
		}
	}
	return answer;
}

/*
 * Disabling is tried once a second, because a host that still expects heartbeats resets the
 * machine. Only ERR(OTHER) may be temporary.
 */
#define DISABLE_TRIES	5

static enum exit_code disable(void)
{
	VMGuestAppMonitorLibError error;
	int tries = DISABLE_TRIES;

	while ((error = VMGuestAppMonitor_Disable()) == ERR(OTHER) && --tries)
		sleep(1);
	if (!failed("disable", error))
		return EXIT_DONE;
	say(STDERR_FILENO, "appmonitor-sample: the virtual machine may be reset: disable "
	    "application monitoring with 'vmware-appmonitor disable'\n");
	return EXIT_FAILED;
}

/* If a standard stream is closed, the next open file would get its number. */
static void open_standard_streams(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			return;
}

static int usage_error(const char *what, const char *argument)
{
	if (what)
		fprintf(stderr, "appmonitor-sample: %s: %s\n", what, argument);
	fputs("Try 'appmonitor-sample -h' for more information.\n", stderr);
	return EXIT_USAGE;
}

/* Returns 0 if TEXT is no interval. */
static int64_t parse_interval_ms(const char *text)
{
	char *end;
	long seconds;

	seconds = strtol(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || seconds > INTERVAL_MAX_S)
		return 0;
	return seconds * 1000;
}

int main(int argc, char **argv)
{
	int64_t interval_ms = INTERVAL_S * 1000;
	sigset_t mask;
	int option;

	open_standard_streams();
	signal(SIGPIPE, SIG_IGN);
	while ((option = getopt(argc, argv, "hi:")) != -1) {
		if (option == 'h') {
			if (fputs(help, stdout) < 0 || fflush(stdout)) {
				perror("appmonitor-sample: standard output");
				return EXIT_FAILED;
			}
			return EXIT_DONE;
		}
		if (option != 'i')
			return usage_error(NULL, NULL);
		interval_ms = parse_interval_ms(optarg);
		if (!interval_ms)
			return usage_error("-i needs seconds, 1 to 3600", optarg);
	}
	if (optind < argc)
		return usage_error("unexpected argument", argv[optind]);

	open_unblocked(STDOUT_FILENO);
	open_unblocked(STDERR_FILENO);
	hold_interrupts(&mask);
	if (failed("enable", VMGuestAppMonitor_Enable()))
		return EXIT_FAILED;
	if (send_heartbeats(interval_ms, &mask) == ANSWER_STOP)
		return EXIT_DONE;
	return disable();
}
