// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "attribute.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int line_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	ssize_t len;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	if (len < 0)
		err = -errno;
	close(fd);
	if (err)
		return err;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

int attribute_read(const char *name, char *text, size_t size)
{
	char path[128];
	int err;

	snprintf(path, sizeof(path), "/sys/class/misc/vmguestlib/%s", name);
	err = line_read(path, text, size);
	if (err)
		return err;
	/* A text of the host could otherwise control the terminal. */
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

/* Counts the numbers in a list of ranges such as "0-3,8". */
static unsigned int count_ranges(const char *text)
{
	unsigned int count = 0, first, last;
	int len;

	while (sscanf(text, "%u%n", &first, &len) == 1) {
		text += len;
		last = first;
		if (sscanf(text, "-%u%n", &last, &len) == 1)
			text += len;
		count += last >= first ? last - first + 1 : 0;
		text += *text == ',';
	}
	return count;
}

unsigned int present_cpus(void)
{
	/* The longest file of sysfs: the list is long if many processors are missing. */
	char text[4096 + 1];
	unsigned int count = 0;

	if (!line_read("/sys/devices/system/cpu/present", text, sizeof(text)))
		count = count_ranges(text);
	return count ? count : (unsigned int)sysconf(_SC_NPROCESSORS_CONF);
}
