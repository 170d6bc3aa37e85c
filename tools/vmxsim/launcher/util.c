// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "launcher/util.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/signals.h"

int fail(const char *fmt, ...)
{
	va_list ap;

	fputs("vmxsim: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_LAUNCHER;
}

char *text(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		exit(fail("out of memory"));
	va_end(ap);
	return s;
}

void strings_add(struct strings *strings, const char *s)
{
	strings->v = reallocarray(strings->v, strings->n + 2, sizeof(char *));
	if (!strings->v)
		exit(fail("out of memory"));
	strings->v[strings->n++] = text("%s", s);
	strings->v[strings->n] = NULL;
}

/* Reads to the end, so that the writer does not block, and keeps the first kilobyte. */
static char *read_output(int fd)
{
	char buf[1024], rest[1024];
	size_t len = 0;
	ssize_t n;

	while (len < sizeof(buf) - 1 &&
	       (n = read(fd, buf + len, sizeof(buf) - 1 - len)) > 0)
		len += n;
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	buf[len] = '\0';
	return text("%s", buf);
}

char *util_qemu_escape(const char *value)
{
	char *escaped = text("%s%s", value, value);
	char *p = escaped;

	for (; *value; value++) {
		*p++ = *value;
		if (*value == ',')
			*p++ = ',';
	}
	*p = '\0';
	return escaped;
}

int run_program(char *const argv[], char **output)
{
	int fds[2], status;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		/* The launcher's standard output is for COMMAND alone. */
		dup2(output ? fds[1] : STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[0], argv);
		fail("%s: %s", argv[0], strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	if (pid > 0 && output)
		*output = read_output(fds[0]);
	close(fds[0]);
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
		if (stop_signal())
			kill(pid, SIGTERM);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int end_output(void)
{
	/* The errno of an earlier write is no longer known. */
	const char *reason = ferror(stdout) ? "not all of it was written" : NULL;

	if (fflush(stdout))
		reason = strerror(errno);
	return reason ? fail("standard output: %s", reason) : 0;
}

int parse_number(const char *name, const char *arg, unsigned int min,
		 unsigned int max, unsigned int *number)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (errno || *end || end == arg || *arg == '-' || value < min || value > max)
		return fail("%s %s: expected a number from %u to %u", name, arg,
			    min, max);
	*number = value;
	return 0;
}

/* A daemon or a container need not have HOME. */
const char *home_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *user;

	if (home && *home)
		return home;
	user = getpwuid(getuid());
	return user ? user->pw_dir : "";
}

char *absolute_path(const char *path)
{
	char *here, *absolute;

	if (*path == '/')
		return text("%s", path);
	here = get_current_dir_name();
	absolute = text("%s/%s", here ? here : "", path);
	free(here);
	return absolute;
}
