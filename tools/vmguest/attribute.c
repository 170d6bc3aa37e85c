// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "attribute.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int attribute_read(const char *name, char *text, size_t size)
{
	char path[128];
	ssize_t len;
	int fd, err;

	snprintf(path, sizeof(path), "/sys/class/misc/vmguestlib/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do
		len = read(fd, text, size - 1);
	while (len < 0 && errno == EINTR);
	err = len < 0 ? -errno : 0;
	close(fd);
	if (err)
		return err;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	/* Some are the host's words, which shall not steer a terminal. */
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
	return 0;
}

int attribute_number(const char *name, uint64_t *number)
{
	char text[32];
	int err = attribute_read(name, text, sizeof(text));

	if (!err && sscanf(text, "%" SCNu64, number) != 1)
		err = -EPROTO;
	return err;
}
