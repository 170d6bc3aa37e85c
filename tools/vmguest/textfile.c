// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *text, size_t len)
{
	ssize_t written;

	while (len) {
		written = write(fd, text, len);
		if (written < 0)
			return -errno;
		text += written;
		len -= (size_t)written;
	}
	return 0;
}

static int write_into(const char *file, const char *text, size_t len)
{
	int fd = open(file, O_WRONLY | O_NOCTTY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/*
 * The new name has to last, too. The file is replaced already: a directory that may not
 * be read, or a file system that cannot do it, is no failure.
 */
static int sync_directory(const char *file)
{
	char copy[PATH_MAX];
	int fd, err;

	snprintf(copy, sizeof(copy), "%s", file);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	err = fsync(fd) && errno == EIO ? -errno : 0;
	close(fd);
	return err;
}

static int fill(int fd, const char *text, size_t len)
{
	int err = write_all(fd, text, len);

	if (!err && (fchmod(fd, 0644) || fsync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* A name that the textfile collector does not take for one of its files. */
static int replace(const char *file, const char *text, size_t len)
{
	char temporary[PATH_MAX];
	int fd, err;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", file) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fill(fd, text, len);
	if (!err && rename(temporary, file))
		err = -errno;
	if (!err)
		return sync_directory(file);
	unlink(temporary);
	return err;
}

/* A signal in between would leave the temporary file behind. */
static int replace_undisturbed(const char *file, const char *text, size_t len)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = replace(file, text, len);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

/* What the link FILE means, which need not exist. Returns 0 or a negative errno. */
static int follow(const char *file, char target[PATH_MAX])
{
	char copy[PATH_MAX], link[PATH_MAX], *folder;
	int links = 0;
	ssize_t len;

	if (snprintf(target, PATH_MAX, "%s", file) >= PATH_MAX)
		return -ENAMETOOLONG;
	while ((len = readlink(target, link, sizeof(link) - 1)) >= 0) {
		if (++links > 40)
			return -ELOOP;
		link[len] = '\0';
		strcpy(copy, target);
		folder = *link == '/' ? "" : dirname(copy);
		if (snprintf(target, PATH_MAX, "%s%s%s", folder, *folder ? "/" : "",
			     link) >= PATH_MAX)
			return -ENAMETOOLONG;
	}
	return 0;
}

int textfile_write(const char *file, const char *text, size_t len)
{
	char target[PATH_MAX];
	struct stat status;
	bool exists = !stat(file, &status);
	int err;

	/* The kernel may refuse to follow a link: sysctl fs.protected_symlinks. */
	if (!exists && errno != ENOENT)
		return -errno;
	if (exists && !S_ISREG(status.st_mode))
		return write_into(file, text, len);
	err = follow(file, target);
	return err ? err : replace_undisturbed(target, text, len);
}
