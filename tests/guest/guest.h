/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Functions for the test programs that run in a guest: they read and write files in sysfs, and
 * control the virtual host by vmware-rpctool.
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

/* Returns the number in a file in sysfs. If the file cannot be read, the program ends. */
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

/* Sends the request vmxsim.@request to the virtual host, for example "fault cpt 3". */
static inline bool steer(const char *request)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "vmware-rpctool 'vmxsim.%s' >/dev/null", request);
	return system(command) == 0;
}

/* Sets the module parameter transport to "vsock", "backdoor" or "auto". */
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
