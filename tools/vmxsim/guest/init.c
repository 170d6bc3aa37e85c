// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The first process of vmxsim's guest: prepares the system, loads the module, runs COMMAND
 * and reports its exit status.  With --system it is a service of an installed system
 * (vmxsim-command.service), which needs no preparation.
 *
 *   ttyS0  console log
 *   ttyS1  COMMAND's standard output, or the terminal of --shell
 *   ttyS2  COMMAND's standard error
 *   ttyS3  control, in lines: "boot", which the launcher answers with the number of
 *          this boot; "running" before COMMAND starts; "ready" when the terminal of
 *          --shell accepts input; at the end "exit STATUS" or "fail REASON"
 *
 * COMMAND writes to pipes and not to the ports, because many programs behave differently on a
 * terminal, and because a port changes bytes by default.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define RUN_FILE	"/etc/vmxsim/run"
#define SYSTEM_RUN_FILE	"/run/vmxsim/run"
#define MODULE		"vmguestlib"
#define MODPROBE	"/sbin/modprobe"
#define VMCI_MODULE	"vmw_vsock_vmci_transport"
#define DEVICE		"/dev/vmguestlib"
#define DEVICE_GID	990	/* as in the image's /etc/group */
#define KMEMLEAK	"/sys/kernel/debug/kmemleak"
#define KMEMLEAK_AGE_S	6
#define MAX_DRIVERS	8

/* QEMU's user network always has these addresses, so DHCP is not needed. */
#define CONFIGURE_NET \
	"ip link set eth0 up && ip addr add 10.0.2.15/24 dev eth0 && " \
	"ip route add default via 10.0.2.2 && echo nameserver 10.0.2.3 >/etc/resolv.conf"

/* The launcher's settings: strings "key=value" in RUN_FILE, each ended by NUL */
static struct {
	bool module;
	bool shell;
	bool vmci;
	bool net;
	bool system;	/* this process is a service of an installed system, and not the first process */
	unsigned short rows, cols;
	char **params;
	size_t n_params;
	char *drivers[MAX_DRIVERS];
	int n_drivers;
	char **command;
	char *text;	/* memory of the strings */
} settings;

static int control_fd;
static int kmemleak_fd = -1;

static void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Sends the reason of a failure to the launcher, which then stops the machine. */
static void die(const char *fmt, ...)
{
	char reason[1024];
	va_list ap;
	char *p;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	for (p = reason; *p; p++)
		if (*p == '\n')
			*p = ' ';
	dprintf(control_fd, "fail %s\n", reason);
	tcdrain(control_fd);
	for (;;)
		pause();
}

static int open_port(const char *path)
{
	struct termios tio;
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &tio) < 0)
		die("%s: %s", path, strerror(errno));
	cfmakeraw(&tio);
	cfsetspeed(&tio, B115200);
	tio.c_cflag |= CLOCAL;
	tcsetattr(fd, TCSANOW, &tio);
	return fd;
}

static void write_all(int fd, const char *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		data += n;
		len -= n;
	}
}

static void mount_all(void)
{
	static const struct {
		const char *type, *dir, *options;
	} mounts[] = {
		{ "devtmpfs", "/dev", NULL },
		{ "proc", "/proc", NULL },
		{ "sysfs", "/sys", NULL },
		{ "devpts", "/dev/pts", "gid=5,mode=620" },
		{ "tmpfs", "/dev/shm", NULL },
		{ "debugfs", "/sys/kernel/debug", NULL },
		{ "tracefs", "/sys/kernel/tracing", NULL },
	};
	size_t i;

	/* The kernel may lack one of the last two file systems. */
	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].dir, 0755);
		if (mount(mounts[i].type, mounts[i].dir, mounts[i].type, 0,
			  mounts[i].options) < 0)
			fprintf(stderr, "init: %s: %s\n", mounts[i].dir,
				strerror(errno));
	}
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
}

static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

static void add_param(char *param)
{
	settings.params = reallocarray(settings.params, settings.n_params + 1,
				       sizeof(char *));
	if (!settings.params)
		die("out of memory");
	settings.params[settings.n_params++] = param;
}

static void apply_setting(char *entry)
{
	char *value = strchr(entry, '=');

	if (!value)
		die("%s: bad entry '%s'", RUN_FILE, entry);
	*value++ = '\0';
	if (!strcmp(entry, "module"))
		settings.module = *value == '1';
	else if (!strcmp(entry, "shell"))
		settings.shell = *value == '1';
	else if (!strcmp(entry, "vmci"))
		settings.vmci = *value == '1';
	else if (!strcmp(entry, "net"))
		settings.net = *value == '1';
	else if (!strcmp(entry, "rows"))
		settings.rows = strtoul(value, NULL, 10);
	else if (!strcmp(entry, "cols"))
		settings.cols = strtoul(value, NULL, 10);
	else if (!strcmp(entry, "term"))
		setenv("TERM", value, 1);
	else if (!strcmp(entry, "driver") && settings.n_drivers < MAX_DRIVERS)
		settings.drivers[settings.n_drivers++] = value;
	else if (!strcmp(entry, "param"))
		add_param(value);
	else
		die("%s: unknown entry '%s'", RUN_FILE, entry);
}

static char *read_whole(const char *path, size_t *len)
{
	struct stat st;
	char *data;
	FILE *f;

	f = fopen(path, "re");
	if (!f || fstat(fileno(f), &st) < 0)
		die("%s: %s", path, strerror(errno));
	data = malloc(st.st_size + 1);
	if (!data || fread(data, 1, st.st_size, f) != (size_t)st.st_size)
		die("%s: unreadable", path);
	fclose(f);
	data[st.st_size] = '\0';
	*len = st.st_size;
	return data;
}

static void read_settings(void)
{
	size_t len, argc = 0;
	char *p, *next, *end;

	settings.text = read_whole(settings.system ? SYSTEM_RUN_FILE : RUN_FILE, &len);
	p = settings.text;
	end = p + len;
	while (p < end && strcmp(p, "--")) {
		next = p + strlen(p) + 1;
		apply_setting(p);
		p = next;
	}
	settings.command = calloc(len + 1, sizeof(char *));
	if (!settings.command)
		die("out of memory");
	for (p += sizeof("--"); p < end; p += strlen(p) + 1)
		settings.command[argc++] = p;
	if (!argc && !settings.shell)
		die("%s: no command", RUN_FILE);
}

/* The launcher counts the boots, because the guest loses all its state at a reset. */
static void ask_boot_number(void)
{
	char number[16];
	size_t len = 0;

	/* The first newline ends a line that a reset may have cut. */
	dprintf(control_fd, "\nboot\n");
	while (len < sizeof(number) - 1 && read(control_fd, number + len, 1) == 1) {
		if (number[len] == '\n')
			break;
		len++;
	}
	number[len] = '\0';
	setenv("VMXSIM_BOOT", number, 1);
}

/* Returns the status of the program, and its output in @output. */
static int run_program(const char *path, char *const argv[], char *output, size_t size)
{
	size_t len = 0;
	ssize_t n;
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		die("pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		execv(path, argv);
		dprintf(STDERR_FILENO, "%s: %s", path, strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	while (len < size - 1 &&
	       (n = read(fds[0], output + len, size - 1 - len)) > 0)
		len += n;
	output[len] = '\0';
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("%s: %s", path, strerror(errno));
	return status;
}

/* Loads the drivers of configured devices. In an installed system udev does this. */
static void load_drivers(void)
{
	char *argv[] = { "modprobe", NULL, NULL };
	char output[512];
	int i;

	for (i = 0; i < settings.n_drivers; i++) {
		argv[1] = settings.drivers[i];
		if (run_program(MODPROBE, argv, output, sizeof(output)))
			fprintf(stderr, "init: %s", output);
	}
}

static void configure_net(void)
{
	char *argv[] = { "sh", "-c", CONFIGURE_NET, NULL };
	char output[512];

	if (run_program("/bin/sh", argv, output, sizeof(output)))
		fprintf(stderr, "init: no network: %s", output);
}

/* Loads the drivers of the VMCI device and its sockets.  The kernel may lack them. */
static void load_vmci(void)
{
	char *argv[] = { "modprobe", VMCI_MODULE, NULL };
	char output[512];

	if (run_program(MODPROBE, argv, output, sizeof(output)))
		fprintf(stderr, "init: no VMCI: %s", output);
	/* udev would set this mode. */
	chmod("/dev/vsock", 0666);
}

static void load_module(void)
{
	char **argv = calloc(settings.n_params + 3, sizeof(char *));
	char output[512];

	if (!argv)
		die("out of memory");
	argv[0] = "modprobe";
	argv[1] = MODULE;
	if (settings.n_params)
		memcpy(argv + 2, settings.params, settings.n_params * sizeof(char *));
	if (run_program(MODPROBE, argv, output, sizeof(output)))
		die("the module was not loaded: %s", output);
	free(argv);
	/* In an installed system the rules of udev give the device its group. */
	if (settings.system)
		return;
	if (chown(DEVICE, 0, DEVICE_GID) < 0 && errno != ENOENT)
		die("%s: %s", DEVICE, strerror(errno));
}

/* Runs in the child: executes COMMAND. */
static void exec_command(void) __attribute__((noreturn));

static void exec_command(void)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execvp(settings.command[0], settings.command);
	fprintf(stderr, "vmxsim: %s: %s\n", settings.command[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Copies the bytes that can be read; returns false at the end of the stream. */
static bool copy_some(int from, int to)
{
	static char buf[65536];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	write_all(to, buf, n);
	return n > 0;
}

/* Copies the bytes that are in the pipe, which children of COMMAND may keep open. */
static void copy_rest(int from, int to)
{
	char *rest;
	ssize_t n;
	int waiting;

	if (from < 0 || ioctl(from, FIONREAD, &waiting) < 0 || waiting <= 0)
		return;
	rest = malloc(waiting);
	if (!rest)
		return;
	n = read(from, rest, waiting);
	if (n > 0)
		write_all(to, rest, n);
	free(rest);
}

/* Reaps COMMAND, and as the first process also orphans.  Returns whether COMMAND has ended. */
static bool reap(int signal_fd, pid_t command, int *status)
{
	struct signalfd_siginfo info;
	bool ended = false;
	int st;
	pid_t pid;

	if (read(signal_fd, &info, sizeof(info)) < 0)
		return false;
	while ((pid = waitpid(-1, &st, WNOHANG)) > 0) {
		if (pid != command)
			continue;
		*status = exit_status(st);
		ended = true;
	}
	return ended;
}

static int watch_signals(void)
{
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	return signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int run_command(void)
{
	int to[2] = { open_port("/dev/ttyS1"), open_port("/dev/ttyS2") };
	int out[2], err[2], status = 0, i;
	struct pollfd fds[3] = { { .events = POLLIN }, { .events = POLLIN },
				 { .fd = watch_signals(), .events = POLLIN } };
	pid_t pid;

	if (fds[2].fd < 0 || pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		die("run: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		setsid();
		dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		exec_command();
	}
	close(out[1]);
	close(err[1]);
	fds[0].fd = out[0];
	fds[1].fd = err[0];
	for (;;) {
		if (poll(fds, 3, -1) < 0)
			continue;
		for (i = 0; i < 2; i++)
			if (fds[i].revents && !copy_some(fds[i].fd, to[i]))
				fds[i].fd = -1;
		if (fds[2].revents && reap(fds[2].fd, pid, &status))
			break;
	}
	for (i = 0; i < 2; i++) {
		copy_rest(fds[i].fd, to[i]);
		tcdrain(to[i]);
	}
	return status;
}

/* Sets the port up as an ordinary terminal with the size of the user's terminal. */
static void make_terminal(int fd)
{
	struct winsize size = { .ws_row = settings.rows, .ws_col = settings.cols };
	struct termios tio;

	tcgetattr(fd, &tio);
	tio.c_iflag |= ICRNL | IXON;
	tio.c_oflag |= OPOST | ONLCR;
	tio.c_lflag |= ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
	tcsetattr(fd, TCSANOW, &tio);
	if (size.ws_row && size.ws_col)
		ioctl(fd, TIOCSWINSZ, &size);
}

/* Runs in the child. */
static void exec_shell(int tty) __attribute__((noreturn));

static void exec_shell(int tty)
{
	static char *shell[] = { "-sh", NULL };

	setsid();
	ioctl(tty, TIOCSCTTY, 0);
	dup2(tty, STDIN_FILENO);
	dup2(tty, STDOUT_FILENO);
	dup2(tty, STDERR_FILENO);
	execv("/bin/sh", shell);
	_exit(127);
}

static int run_shell(void)
{
	int tty = open_port("/dev/ttyS1");
	int status = 0;
	pid_t pid, ended;

	make_terminal(tty);
	dprintf(control_fd, "ready\n");
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0)
		exec_shell(tty);
	do
		ended = wait(&status);
	while (ended != pid);
	tcdrain(tty);
	return exit_status(status);
}

/* The write is a test: "stack=on" is the default, but with kmemleak=off it fails. */
static void open_kmemleak(void)
{
	kmemleak_fd = open(KMEMLEAK, O_WRONLY | O_CLOEXEC);
	if (kmemleak_fd < 0 || write(kmemleak_fd, "stack=on", 8) == 8)
		return;
	close(kmemleak_fd);
	kmemleak_fd = -1;
}

/*
 * Lets kmemleak, if the kernel has it, scan for memory that the run has leaked.  After a find,
 * the kernel writes a line to its log, which the launcher treats as a report of a fault.
 * kmemleak needs two scans, and never reports memory that is younger than 5 s.
 */
static void scan_for_leaks(void)
{
	int scans;

	if (kmemleak_fd < 0)
		return;
	sleep(KMEMLEAK_AGE_S);
	for (scans = 0; scans < 2; scans++)
		if (write(kmemleak_fd, "scan", 4) < 0)
			die("kmemleak stopped scanning: %s", strerror(errno));
}

static void set_environment(void)
{
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("SHELL", "/bin/sh", 1);
	if (!settings.system)
		sethostname("vmxsim", strlen("vmxsim"));
	umask(022);
	if (chdir("/root") < 0)
		fprintf(stderr, "init: /root: %s\n", strerror(errno));
}

int main(int argc, char **argv)
{
	int status;

	settings.system = argc > 1 && !strcmp(argv[1], "--system");
	if (!settings.system)
		mount_all();
	control_fd = open_port("/dev/ttyS3");
	set_environment();
	read_settings();
	if (!settings.system)
		loopback_up();
	ask_boot_number();
	open_kmemleak();
	if (!settings.system)
		load_drivers();
	if (settings.net && !settings.system)
		configure_net();
	if (settings.vmci && !settings.system)
		load_vmci();
	if (settings.module)
		load_module();
	dprintf(control_fd, "running\n");
	tcdrain(control_fd);
	status = settings.shell ? run_shell() : run_command();
	scan_for_leaks();
	if (settings.system)
		sync();
	dprintf(control_fd, "exit %d\n", status);
	tcdrain(control_fd);
	for (;;)
		pause();
}
