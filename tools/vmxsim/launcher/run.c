// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * One run of the guest: starts QEMU, passes COMMAND's output on, reads the messages of
 * guest/init on the control port (guest/init.c lists them), stops QEMU, and decides on the
 * exit status.
 */
#include "launcher/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "launcher/firmware.h"
#include "launcher/machine.h"
#include "launcher/options.h"
#include "launcher/report.h"
#include "launcher/signals.h"

#define STOP_TIMEOUT_MS	3000	/* for QEMU, after SIGTERM */
#define END_OF_INPUT		"\004"	/* ^D */
#define END_OF_INPUT_MS		300	/* between two ^D */
#define FIRMWARE_MS		1000	/* between two checks of the firmware's messages */

/*
 * The time without a message of a kernel before the hint, for runs without a timeout: a
 * quarter of the default timeout of --disk
 */
#define SILENCE_S		150

struct machine {
	const struct run *run;
	pid_t pid;
	int fds[PORT_COUNT];
	unsigned int boots;
	int64_t begun;		/* time of the start, by now_ms() */
	int64_t next_look;	/* time of the next check of the firmware's messages */
	bool hinted;		/* the hint about a disk that does not boot was printed */
	bool running;		/* the guest has sent "running" since its last "boot" */
	bool ended;		/* QEMU has ended by itself */
	int qemu_status;	/* status by waitpid() */
	int output_error;	/* errno of a failed write to standard output, or 0 */
	bool input_open;	/* the guest reads input, and the input has not ended */
	bool input_over;	/* the user's input has ended */
	int status;		/* exit status of COMMAND, or -1 */
	const char *failure;	/* the last message of the guest or its firmware, or NULL */
	char line[2048];	/* incomplete line of the control port */
	size_t line_len;
};

/* EFI firmware writes its console to PORT_OUT too.  This text is not output of COMMAND. */
static bool is_firmware(const struct machine *machine)
{
	return machine->run->firmware && !machine->running;
}

/* Passes on what a port has received.  Returns false at the end of its stream. */
static bool pass_on(struct machine *machine, enum port port, int to)
{
	char buf[65536];
	ssize_t n;

	n = recv(machine->fds[port], buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n > 0 && !is_firmware(machine) && !write_all(to, buf, n) &&
	    to == STDOUT_FILENO && !must_stop())
		machine->output_error = errno;
	return n > 0;
}

/* Passes on the output that the guest sent before its last line on the control port. */
static void pass_rest_on(struct machine *machine)
{
	struct pollfd fds[] = {
		{ .fd = machine->fds[PORT_OUT], .events = POLLIN },
		{ .fd = machine->fds[PORT_ERR], .events = POLLIN },
	};

	while (!machine->output_error && !must_stop()) {
		wait_events(fds, 2, 0);
		if (!fds[0].revents && !fds[1].revents)
			break;
		if (fds[0].revents && !pass_on(machine, PORT_OUT, STDOUT_FILENO))
			fds[0].fd = -1;
		if (fds[1].revents && !pass_on(machine, PORT_ERR, STDERR_FILENO))
			fds[1].fd = -1;
	}
}

static void control_line(struct machine *machine, const char *line)
{
	const char *answer;

	if (!strcmp(line, "boot")) {
		if (machine->running)
			pass_rest_on(machine);
		machine->running = false;
		answer = text("%u\n", ++machine->boots);
		write_all(machine->fds[PORT_CONTROL], answer, strlen(answer));
	} else if (!strcmp(line, "running")) {
		machine->running = true;
	} else if (!strcmp(line, "ready")) {
		machine->input_open = true;
	} else if (!strncmp(line, "exit ", 5)) {
		machine->status = (int)strtol(line + 5, NULL, 10);
	} else if (!strncmp(line, "fail ", 5)) {
		machine->failure = text("%s", line + 5);
	}
}

static void read_control(struct machine *machine)
{
	char c;
	ssize_t n;

	while ((n = recv(machine->fds[PORT_CONTROL], &c, 1, MSG_DONTWAIT)) == 1) {
		if (c == '\n') {
			machine->line[machine->line_len] = '\0';
			machine->line_len = 0;
			control_line(machine, machine->line);
		} else if (machine->line_len < sizeof(machine->line) - 1) {
			machine->line[machine->line_len++] = c;
		}
	}
	if (n == 0)
		machine->ended = true;
}

static void pass_input(struct machine *machine)
{
	char buf[4096];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n > 0) {
		write_all(machine->fds[PORT_OUT], buf, n);
		return;
	}
	machine->input_over = true;
	machine->input_open = false;
}

/*
 * Sends ^D, which ends the input of one program in the guest.  The caller repeats this,
 * because several programs may read in turn, and because a shell with line editing drops
 * the input that came before this shell took the terminal.
 */
static void end_input(struct machine *machine)
{
	write_all(machine->fds[PORT_OUT], END_OF_INPUT, strlen(END_OF_INPUT));
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether the firmware's messages may show that COMMAND will never run. */
static bool waits_for_firmware(const struct machine *machine)
{
	return firmware_boots(machine->run) && !machine->boots && !machine->failure;
}

static void look_at_firmware(struct machine *machine)
{
	const struct run *run = machine->run;
	unsigned int silence_s = run->timeout_s ? run->timeout_s / 4 : SILENCE_S;

	if (now_ms() < machine->next_look)
		return;
	machine->next_look = now_ms() + FIRMWARE_MS;
	machine->failure = firmware_failure(run);
	if (machine->failure || machine->hinted ||
	    now_ms() < machine->begun + INT64_C(1000) * silence_s || firmware_is_over(run))
		return;
	machine->hinted = true;
	fprintf(stderr, "vmxsim: --disk %s: no kernel on the console after %u seconds: is there "
		"a boot loader for this firmware, and does it give the kernel console=ttyS0?\n",
		run->disk, silence_s);
}

/* Returns the time to wait for the guest in ms; -1: until the guest sends a byte. */
static int follow_ms(const struct machine *machine)
{
	if (machine->input_over)
		return END_OF_INPUT_MS;
	return waits_for_firmware(machine) ? FIRMWARE_MS : -1;
}

static void follow(struct machine *machine)
{
	struct pollfd fds[] = {
		{ .fd = machine->fds[PORT_OUT], .events = POLLIN },
		{ .fd = machine->fds[PORT_ERR], .events = POLLIN },
		{ .fd = machine->fds[PORT_CONTROL], .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	while (machine->status < 0 && !machine->failure && !machine->ended &&
	       !machine->output_error && !must_stop()) {
		fds[3].fd = machine->input_open ? STDIN_FILENO : -1;
		if (!wait_events(fds, 4, follow_ms(machine)) && machine->input_over)
			end_input(machine);
		if (waits_for_firmware(machine))
			look_at_firmware(machine);
		/* Control is read first: "running" is sent before the output of COMMAND. */
		if (fds[2].revents)
			read_control(machine);
		if (fds[0].revents && !pass_on(machine, PORT_OUT, STDOUT_FILENO))
			fds[0].fd = -1;
		if (fds[1].revents && !pass_on(machine, PORT_ERR, STDERR_FILENO))
			fds[1].fd = -1;
		if (fds[3].revents)
			pass_input(machine);
	}
	pass_rest_on(machine);
}

/*
 * Makes a pair of sockets for each serial port but the console, which is a file.  Returns
 * false after an error.
 */
static bool make_ports(int host[PORT_COUNT], int qemu[PORT_COUNT])
{
	int pair[2], port;

	for (port = 0; port < PORT_COUNT; port++)
		host[port] = qemu[port] = -1;
	for (port = PORT_OUT; port < PORT_COUNT; port++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
			return false;
		host[port] = pair[0];
		qemu[port] = pair[1];
	}
	return true;
}

/* Runs in the child. */
static void exec_qemu(const struct run *run, char **argv, const int fds[PORT_COUNT])
	__attribute__((noreturn));

static void exec_qemu(const struct run *run, char **argv, const int fds[PORT_COUNT])
{
	int null = open("/dev/null", O_RDONLY);
	int log = open(run->qemu_log, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	int port;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The launcher handles ^C; QEMU must not get it. */
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	dup2(null, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	for (port = PORT_OUT; port < PORT_COUNT; port++)
		fcntl(fds[port], F_SETFD, 0);
	execvp(argv[0], argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static int start_qemu(struct machine *machine)
{
	int fds[PORT_COUNT], port;
	char **argv;

	if (!make_ports(machine->fds, fds))
		return fail("cannot create the sockets of the guest's ports: %s", strerror(errno));
	argv = machine_argv(machine->run, fds);
	if (!argv)
		return EXIT_LAUNCHER;
	machine->pid = fork();
	if (machine->pid < 0)
		return fail("fork: %s", strerror(errno));
	if (machine->pid == 0)
		exec_qemu(machine->run, argv, fds);
	for (port = PORT_OUT; port < PORT_COUNT; port++)
		close(fds[port]);
	return 0;
}

static void stop_qemu(struct machine *machine)
{
	const struct timespec tick = { .tv_nsec = 10 * 1000000L };
	int waited;

	/* If QEMU ends by itself, a signal could change its exit status. */
	if (!machine->ended)
		kill(machine->pid, SIGTERM);
	for (waited = 0; waited < STOP_TIMEOUT_MS; waited += 10) {
		if (waitpid(machine->pid, &machine->qemu_status, WNOHANG) != 0)
			return;
		nanosleep(&tick, NULL);
	}
	kill(machine->pid, SIGKILL);
	while (waitpid(machine->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void print_file(const char *path)
{
	char buf[65536];
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (!write_all(STDERR_FILENO, buf, n))
			break;
	close(fd);
}

/* Keeps the console log after the run, and prints its path, unless the log is empty. */
static void keep_log(const struct run *run)
{
	const char *tmp = getenv("TMPDIR");
	const char *kept = run->console;
	struct stat st;

	if (stat(kept, &st) < 0 || !st.st_size)
		return;
	if (!strncmp(kept, run->tmp, strlen(run->tmp))) {
		kept = text("%s/vmxsim-%d.log", tmp && *tmp ? tmp : "/tmp", getpid());
		if (rename(run->console, kept) < 0)
			return;
	}
	fprintf(stderr, "vmxsim: the guest's log is in %s\n", kept);
}

/*
 * The plugin records the HA agent's resets, because the guest cannot report them.  With
 * --survive-reset, a reset does not end the run.
 */
static bool reset_by_agent(const struct run *run)
{
	struct stat st;

	return !run->survive_reset && stat(run->resets, &st) == 0 && st.st_size > 0;
}

/* Prints the reason why there is no exit status of COMMAND. */
static void explain(const struct machine *machine)
{
	const struct run *run = machine->run;

	if (machine->failure)
		fail("%s", machine->failure);
	else if (machine->running && time_is_up())
		fail("timeout after %u seconds", run->timeout_s);
	else if (time_is_up() && run->disk && !machine->boots)
		fail("the system did not boot, or has no vmxsim-command.service, within %u seconds",
		     run->timeout_s);
	else if (time_is_up())
		fail("the guest %s within %u seconds", machine->boots ?
		     "did not start COMMAND" : "did not boot: its kernel hangs",
		     run->timeout_s);
	else if (!machine->boots && machine->qemu_status)
		fail("QEMU did not start the guest:");
	else
		fail("the guest stopped before COMMAND ended");
	print_file(run->qemu_log);
}

static int judge(const struct machine *machine)
{
	const struct run *run = machine->run;
	char report[256];

	if (stop_signal())
		return EXIT_LAUNCHER;
	if (report_found(run->console, report, sizeof(report))) {
		print_file(run->console);
		fail("the guest's kernel reported: %s", report);
		keep_log(run);
		return EXIT_GUEST_KERNEL;
	}
	if (machine->output_error && machine->output_error != EPIPE)
		return fail("standard output: %s", strerror(machine->output_error));
	if (machine->status >= 0 && machine->qemu_status) {
		fail("QEMU ended with an error:");
		print_file(run->qemu_log);
		return EXIT_LAUNCHER;
	}
	if (machine->status >= 0)
		return machine->status;
	if (machine->output_error)
		return 128 + SIGPIPE;
	if (machine->ended && reset_by_agent(run)) {
		fail("the HA agent reset the guest");
		keep_log(run);
		return EXIT_HA_RESET;
	}
	explain(machine);
	keep_log(run);
	return time_is_up() && machine->running ? EXIT_TIMEOUT : EXIT_LAUNCHER;
}

/* Lets every key reach the guest, also ^C.  Returns false if there is no terminal. */
static bool make_terminal_raw(struct termios *saved)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, saved) < 0)
		return false;
	raw = *saved;
	cfmakeraw(&raw);
	return tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

int run_guest(struct run *run)
{
	struct machine machine = { .run = run, .status = -1 };
	struct termios saved;
	bool raw;

	if (start_qemu(&machine))
		return EXIT_LAUNCHER;
	machine.begun = now_ms();
	set_alarm(run->timeout_s);
	raw = run->shell && make_terminal_raw(&saved);
	follow(&machine);
	if (raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	stop_qemu(&machine);
	set_alarm(0);
	return judge(&machine);
}
