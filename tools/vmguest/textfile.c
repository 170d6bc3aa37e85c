// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LINKS_MAX	40

struct place {
	char path[PATH_MAX];
	char folder[PATH_MAX];	/* the part of path up to its last slash, or "" */
	char name[PATH_MAX];
};

/* Returns 0 or a negative errno. */
static int set_place(struct place *place, const char *folder, const char *path)
{
	const char *slash;

	if (!*path)
		return -ENOENT;
	if (snprintf(place->path, PATH_MAX, "%s%s", *path == '/' ? "" : folder, path) >=
	    PATH_MAX)
		return -ENAMETOOLONG;
	slash = strrchr(place->path, '/');
	strcpy(place->name, slash ? slash + 1 : place->path);
	strcpy(place->folder, place->path);
	place->folder[slash ? slash + 1 - place->path : 0] = '\0';
	return *place->name ? 0 : -EISDIR;
}

/* --- writing ------------------------------------------------------------------- */

/* Another process may have made the descriptor nonblocking. */
static int write_all(int fd, const char *text, size_t len)
{
	struct pollfd writable = { .fd = fd, .events = POLLOUT };
	ssize_t written;

	while (len) {
		written = write(fd, text, len);
		if (written < 0 && errno != EAGAIN)
			return -errno;
		if (written < 0) {
			poll(&writable, 1, -1);
			continue;
		}
		text += written;
		len -= (size_t)written;
	}
	return 0;
}

static int write_into(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_NOCTTY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = write_all(fd, text, len);
	if (close(fd) && !err)
		err = -errno;
	return err;
}

/* --- replacing ------------------------------------------------------------------ */

/*
 * Syncs the folder, so that the new name survives a crash as well. The file is replaced
 * already, so an unreadable folder or an incapable file system is no failure.
 */
static int sync_folder(const char *folder)
{
	int fd = open(*folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

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

/* The textfile collector ignores the name of the temporary file. */
static int replace(const struct place *place, const char *text, size_t len)
{
	char temporary[PATH_MAX];
	int fd, err;

	if (snprintf(temporary, sizeof(temporary), "%s.vmguest-XXXXXX", place->folder) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = fill(fd, text, len);
	if (!err && rename(temporary, place->path))
		err = -errno;
	if (!err)
		return sync_folder(place->folder);
	unlink(temporary);
	return err;
}

/* Blocks signals, because a signal would leave the temporary file behind. */
static int replace_undisturbed(const struct place *place, const char *text, size_t len)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	err = replace(place, text, len);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

/* --- the file that FILE refers to ------------------------------------------------- */

enum kind {
	PLAIN,			/* a regular file, or none yet */
	LINK,
	WRITABLE,		/* a device, a pipe, or an open file of a process */
};

/* What a name refers to. It is read once, because another user may replace it any time. */
struct found {
	enum kind kind;
	int descriptor;		/* number if it is a descriptor of this process, else -1 */
	char link[PATH_MAX];
};

static bool is_same(const struct stat *folder, const char *path)
{
	struct stat status;

	return !stat(path, &status) && status.st_dev == folder->st_dev &&
	       status.st_ino == folder->st_ino;
}

/*
 * In a folder such as /tmp, which is sticky and writable for all users, a link is only followed
 * if it belongs to this user or to the owner of the folder. The kernel has the same rule if
 * fs.protected_symlinks is set.
 */
static bool may_follow(const struct stat *link, const struct stat *folder)
{
	return (folder->st_mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH) ||
	       link->st_uid == geteuid() || link->st_uid == folder->st_uid;
}

/*
 * Reads a link. A link in /proc leads to an open file: /dev/stdout is /proc/self/fd/1, which
 * leads to the file that standard output was redirected to.
 */
static int look_at_link(int fd, const struct stat *folder, const char *name,
			struct found *found)
{
	ssize_t len = readlinkat(fd, "", found->link, sizeof(found->link) - 1);
	struct statfs system;
	struct stat status;

	if (len < 0 || fstat(fd, &status) || fstatfs(fd, &system))
		return -errno;
	found->link[len] = '\0';
	found->kind = LINK;
	if (system.f_type != PROC_SUPER_MAGIC)
		return may_follow(&status, folder) ? 0 : -EACCES;
	found->kind = WRITABLE;
	if (is_same(folder, "/proc/self/fd") || is_same(folder, "/proc/thread-self/fd"))
		found->descriptor = atoi(name);
	return 0;
}

static int look_at(const struct place *place, struct found *found)
{
	int folder = open(*place->folder ? place->folder : ".",
			  O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat folder_status, status;
	int fd, err = 0;

	if (folder < 0)
		return -errno;
	found->kind = PLAIN;
	found->descriptor = -1;
	fd = openat(folder, place->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		err = 0;
	else if (fd < 0 || fstat(folder, &folder_status) || fstat(fd, &status))
		err = -errno;
	else if (S_ISLNK(status.st_mode))
		err = look_at_link(fd, &folder_status, place->name, found);
	else if (!S_ISREG(status.st_mode))
		found->kind = WRITABLE;
	if (fd >= 0)
		close(fd);
	close(folder);
	return err;
}

int textfile_write(const char *file, const char *text, size_t len)
{
	static struct place place, next;
	static struct found found;
	int err = set_place(&place, "", file), links = 0;

	while (!err) {
		err = look_at(&place, &found);
		if (err || found.kind != LINK)
			break;
		err = ++links > LINKS_MAX ? -ELOOP :
		      set_place(&next, place.folder, found.link);
		place = next;
	}
	if (err)
		return err;
	if (found.descriptor >= 0)
		return write_all(found.descriptor, text, len);
	if (found.kind == WRITABLE)
		return write_into(place.path, text, len);
	return replace_undisturbed(&place, text, len);
}
