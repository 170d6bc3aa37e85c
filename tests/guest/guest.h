/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What the test programs of the guest share: files of sysfs, and steering the
 * virtual host through the reference client.
 */
#ifndef GUEST_H
#define GUEST_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE	"/dev/vmguestlib"
#define SYSFS	"/sys/class/misc/vmguestlib/"

/* The number in a file of sysfs; a file that cannot be read ends the program. */
static inline unsigned long long sysfs_number(const char *name)
{
	unsigned long long value;
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), SYSFS "%s", name);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%llu", &value) != 1) {
		printf("Bail out! %s: %s\n", path, strerror(errno));
		exit(1);
	}
	fclose(file);
	return value;
}

static inline bool sysfs_write(const char *name, const char *text)
{
	char path[256];
	bool written;
	FILE *file;

	snprintf(path, sizeof(path), SYSFS "%s", name);
	file = fopen(path, "w");
	if (!file)
		return false;
	written = fputs(text, file) >= 0;
	return !fclose(file) && written;
}

/* Has the virtual host do something: "vmotion", "fault cpt 3" ... */
static inline bool steer(const char *request)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "vmware-rpctool 'vmxsim.%s' >/dev/null", request);
	return system(command) == 0;
}

/* Has the module reach the host by "vsock", "backdoor" or what it likes: "auto". */
static inline bool choose_transport(const char *transport)
{
	FILE *file = fopen("/sys/module/vmguestlib/parameters/transport", "w");
	bool written;

	if (!file)
		return false;
	written = fputs(transport, file) >= 0;
	return !fclose(file) && written;
}

#endif
