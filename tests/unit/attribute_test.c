// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The number of vCPUs: the CPUs that are present, in each form of the kernel's list.
 *
 * Links: tools/vmguest/attribute.c
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../tools/vmguest/attribute.h"

#include "ktap.h"

static const char *list;

/* Replaces open(). Opens a file with the kernel's list, or fails as if sysfs were missing. */
int open(const char *path, int flags, ...)
{
	int fd;

	(void)flags;
	if (!list || strcmp(path, "/sys/devices/system/cpu/present"))
		return -1;
	fd = memfd_create("present", 0);
	if (write(fd, list, strlen(list)) < 0 || lseek(fd, 0, SEEK_SET))
		abort();
	return fd;
}

static unsigned int counted(const char *text)
{
	list = text;
	return present_cpus();
}

KTAP_TEST(ranges)
{
	CHECK_EQ(counted("0\n"), 1);
	CHECK_EQ(counted("0-3\n"), 4);
	CHECK_EQ(counted("0-3,8\n"), 5);
	CHECK_EQ(counted("0,2,4-7,16-31\n"), 22);
	CHECK_EQ(counted("0-8191\n"), 8192);
}

/* Every second CPU was removed. */
KTAP_TEST(a_long_list)
{
	static char text[4096 + 1];
	size_t len = 0;
	unsigned int count;

	for (count = 0; len < sizeof(text) - 16; count++)
		len += (size_t)sprintf(text + len, "%s%u", count ? "," : "", 2 * count);
	strcat(text, "\n");
	CHECK_EQ(counted(text), count);
}

KTAP_TEST(nothing_is_never_a_divisor)
{
	CHECK(counted(NULL) >= 1);
	CHECK(counted("") >= 1);
	CHECK(counted("\n") >= 1);
	CHECK(counted("3-1\n") >= 1);
	CHECK(counted("none\n") >= 1);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(ranges),
	KTAP_ENTRY(a_long_list),
	KTAP_ENTRY(nothing_is_never_a_divisor),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
