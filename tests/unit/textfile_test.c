// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The file for node_exporter: the file is synced to the disk and replaced in one step, and no
 * temporary file remains.
 *
 * Links: tools/vmguest/textfile.c
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../tools/vmguest/textfile.h"

#include "ktap.h"

/* The calls of fsync() in their order: F for a file, D for a directory. */
static char calls[16];
static int sync_errno;

int fsync(int fd)
{
	struct stat status;

	if (fstat(fd, &status))
		return -1;
	strcat(calls, S_ISDIR(status.st_mode) ? "D" : "F");
	errno = sync_errno;
	return sync_errno ? -1 : 0;
}

static char folder[] = "/tmp/textfile-XXXXXX";
static char path[64], text[64];

static int entries(void)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(directory)))
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}

static const char *content(void)
{
	int fd = open(path, O_RDONLY);
	ssize_t len = read(fd, text, sizeof(text) - 1);

	text[len > 0 ? len : 0] = '\0';
	close(fd);
	return text;
}

static void start(void)
{
	strcpy(folder, "/tmp/textfile-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/file", folder);
	calls[0] = '\0';
	sync_errno = 0;
}

static void end(void)
{
	unlink(path);
	CHECK_EQ(rmdir(folder), 0);
}

KTAP_TEST(file_and_name_last)
{
	start();
	CHECK_EQ(textfile_write(path, "new", 3), 0);
	CHECK_STR(calls, "FD");
	CHECK_STR(content(), "new");
	CHECK_EQ(entries(), 1);
	end();
}

KTAP_TEST(a_failure_leaves_nothing)
{
	start();
	CHECK_EQ(textfile_write(path, "old", 3), 0);
	sync_errno = EIO;
	CHECK_EQ(textfile_write(path, "new", 3), -EIO);
	CHECK_STR(content(), "old");
	CHECK_EQ(entries(), 1);
	end();
}

KTAP_TEST(a_new_file_may_be_read)
{
	struct stat status;

	start();
	umask(077);
	CHECK_EQ(textfile_write(path, "new", 3), 0);
	CHECK_EQ(stat(path, &status), 0);
	CHECK_EQ(status.st_mode & 0777, 0644);
	end();
}

KTAP_TEST(links_are_followed)
{
	char link[80], loop[80];
	struct stat status;

	start();
	snprintf(link, sizeof(link), "%s/link", folder);
	snprintf(loop, sizeof(loop), "%s/loop", folder);
	CHECK_EQ(symlink("file", link), 0);
	CHECK_EQ(symlink("loop", loop), 0);
	CHECK_EQ(textfile_write(link, "new", 3), 0);
	CHECK_STR(content(), "new");
	CHECK_EQ(lstat(link, &status), 0);
	CHECK(S_ISLNK(status.st_mode));
	CHECK_EQ(textfile_write(loop, "new", 3), -ELOOP);
	unlink(link);
	unlink(loop);
	end();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(file_and_name_last),
	KTAP_ENTRY(a_failure_leaves_nothing),
	KTAP_ENTRY(a_new_file_may_be_read),
	KTAP_ENTRY(links_are_followed),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
