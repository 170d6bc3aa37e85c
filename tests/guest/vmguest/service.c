// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A service, a service manager and a terminal, for tests of vmguest heartbeat run. WORD... is a
 * command with its arguments.
 *
 * service record		prints the numbers of the signals that it gets, until SIGTERM
 * service say TEXT		sends one message to NOTIFY_SOCKET, and ends at once
 * service flood TEXT		sends messages without end
 * service descriptors N TEXT	sends N messages, each with a descriptor
 * service as UID WORD...	becomes the user UID and runs a command
 * service manager PATH WORD...	runs a command, as a manager with a notify socket at PATH, and
 *			prints the messages. After the message X_AGAIN=HOW the manager opens
 *			another socket at PATH, like a manager that executes itself again. If
 *			HOW is "kept", the old socket stays open. If HOW is "closed" or
 *			"removed", the manager closes the old socket half a second before it
 *			opens the new one, and with "removed" it also removes PATH
 * service defaults WORD...	runs a command with the default actions of SIGINT and SIGQUIT,
 *			which a shell ignores for commands in the background
 * service no-pidfd WORD...	runs a command in which pidfd_open() fails with EMFILE
 * service terminal KEYS WORD...	runs a command on a terminal, on which KEYS are typed
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pty.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int notify_socket(struct sockaddr_un *address, socklen_t *len)
{
	const char *name = getenv("NOTIFY_SOCKET");

	if (!name || strlen(name) >= sizeof(address->sun_path))
		exit(90);
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	memcpy(address->sun_path, name, strlen(name));
	if (*name == '@')
		address->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	return socket(AF_UNIX, SOCK_DGRAM, 0);
}

static void say(const char *text, int descriptor)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} ancillary = { 0 };
	struct iovec vector = { (void *)(uintptr_t)text, strlen(text) };
	struct sockaddr_un address;
	struct msghdr header = { .msg_iov = &vector, .msg_iovlen = 1 };
	struct cmsghdr *part;
	int fd = notify_socket(&address, &header.msg_namelen);

	header.msg_name = &address;
	if (descriptor >= 0) {
		header.msg_control = &ancillary;
		header.msg_controllen = sizeof(ancillary);
		part = CMSG_FIRSTHDR(&header);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(part), &descriptor, sizeof(int));
	}
	if (sendmsg(fd, &header, 0) < 0) {
		perror("service");
		_exit(91);
	}
	close(fd);
}

/* System calls get all signals. The C library keeps two signals for itself. */
static int record(void)
{
	uint64_t all = ~UINT64_C(0);
	siginfo_t info;
	int number;

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
	puts("ready");
	fflush(stdout);
	do {
		number = (int)syscall(SYS_rt_sigtimedwait, &all, &info, NULL, sizeof(all));
		if (number > 0)
			printf("%d\n", number);
		fflush(stdout);
	} while (number != SIGTERM);
	return 0;
}

static int manager_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) ? -1 : fd;
}

static int another_socket(const char *path, int fd, const char *how)
{
	if (!strcmp(how, "kept"))
		return manager_socket(path);
	close(fd);
	if (!strcmp(how, "removed"))
		unlink(path);
	usleep(500000);
	return manager_socket(path);
}

static int manager(const char *path, char **words)
{
	int fd = manager_socket(path), status = 0;
	char text[4096];
	ssize_t len;
	pid_t child;

	setenv("NOTIFY_SOCKET", path, 1);
	setenv("WATCHDOG_USEC", "2000000", 1);
	child = fork();
	if (!child) {
		snprintf(text, sizeof(text), "%d", (int)getpid());
		setenv("WATCHDOG_PID", text, 1);
		execvp(words[0], words);
		_exit(127);
	}
	while (child) {
		struct pollfd readable = { .fd = fd, .events = POLLIN };

		/* Read the last messages after the child has ended. */
		if (poll(&readable, 1, 50) <= 0) {
			if (waitpid(child, &status, WNOHANG) && poll(&readable, 1, 0) <= 0)
				break;
			continue;
		}
		len = recv(fd, text, sizeof(text) - 1, 0);
		if (len < 0)
			return 93;
		text[len] = '\0';
		printf("manager: %s\n", text);
		fflush(stdout);
		if (!strncmp(text, "X_AGAIN=", 8))
			fd = another_socket(path, fd, text + 8);
	}
	return WEXITSTATUS(status);
}

/*
 * Runs the command as the leader of a session on a terminal. One key is typed each time that
 * the command has printed something.
 */
static int terminal(const char *keys, char **words)
{
	char text[4096];
	int master, status;
	ssize_t len;
	pid_t child = forkpty(&master, NULL, NULL, NULL);

	if (!child) {
		execvp(words[0], words);
		_exit(127);
	}
	while ((len = read(master, text, sizeof(text))) > 0) {
		if (write(STDOUT_FILENO, text, (size_t)len) < 0)
			return 94;
		if (*keys && write(master, keys++, 1) < 0)
			return 95;
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool refuse_pidfd_open(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_open, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EMFILE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	int i;

	if (!strcmp(mode, "record"))
		return record();
	if (!strcmp(mode, "say"))
		say(argv[2], -1);
	else if (!strcmp(mode, "flood"))
		for (;;)
			say(argv[2], -1);
	else if (!strcmp(mode, "descriptors"))
		for (i = 0; i < atoi(argv[2]); i++)
			say(argv[3], STDIN_FILENO);
	else if (!strcmp(mode, "defaults")) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		execvp(argv[2], argv + 2);
		return 127;
	} else if (!strcmp(mode, "no-pidfd")) {
		if (refuse_pidfd_open())
			execvp(argv[2], argv + 2);
		return 127;
	} else if (!strcmp(mode, "manager"))
		return manager(argv[2], argv + 3);
	else if (!strcmp(mode, "terminal"))
		return terminal(argv[2], argv + 3);
	else if (strcmp(mode, "as") || setgid((gid_t)atoi(argv[2])) ||
		 setuid((uid_t)atoi(argv[2])) || execvp(argv[3], argv + 3))
		return 2;
	_exit(0);
}
