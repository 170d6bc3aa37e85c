// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * rights: tries to read statistics and to use heartbeats in several ways (routes), and prints
 * what the user of the program may do, as one line:
 *
 *	ROUTE:RESULT ROUTE:RESULT ...
 *
 * RESULT is ok, the name of the error, or the error number of a function of the SDK.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vmguestlib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "snapshot.h"

static void print_result(const char *route, int error)
{
	if (error)
		printf("%s:%s ", route, strerrorname_np(error));
	else
		printf("%s:ok ", route);
}

static void print_file(const char *route, const char *name)
{
	char path[128], text[128];
	int fd, error = 0;

	snprintf(path, sizeof(path), "/sys/class/misc/vmguestlib/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, text, sizeof(text)) <= 0)
		error = errno;
	close(fd);
	print_result(route, error);
}

static void print_statistics(int fd)
{
	struct snapshot snapshot;
	char reply[4096];
	struct vmguestlib_stat_get get = {
		.size = sizeof(get),
		.encoding = (uintptr_t)"text",
		.encoding_len = 4,
		.stat = (uintptr_t)"session",
		.stat_len = 7,
		.reply = (uintptr_t)reply,
		.reply_len = sizeof(reply),
	};

	print_result("get_info", snapshot_take(fd, &snapshot));
	if (ioctl(fd, VMGUESTLIB_IOC_STAT_GET, &get))
		print_result("stat_get", errno);
	else
		printf("stat_get:%s ", get.out_reply == VMGUESTLIB_REPLY_OK ?
		       "ok" : "refused");
}

static void print_monitor(int fd)
{
	struct vmguestlib_appmon appmon = {
		.size = sizeof(appmon),
		.op = VMGUESTLIB_APPMON_IS_ENABLED,
	};
	struct vmguestlib_heartbeat_arm arm = {
		.size = sizeof(arm),
		.name = "rights",
		.deadline_ms = 60000,
		.action = VMGUESTLIB_HEARTBEAT_STOP,
	};
	struct vmguestlib_heartbeat disarm = { .size = sizeof(disarm) };
	int error;

	print_result("appmon", ioctl(fd, VMGUESTLIB_IOC_APPMON, &appmon) ? errno : 0);
	error = ioctl(fd, VMGUESTLIB_IOC_HEARTBEAT_ARM, &arm) ? errno : 0;
	print_result("arm", error);
	if (!error)
		ioctl(fd, VMGUESTLIB_IOC_HEARTBEAT_DISARM, &disarm);
}

/* Calls a function of libvmGuestLib and one of libappmonitorlib, and prints the results. */
static void print_libraries(void)
{
	void *info = dlopen("libvmGuestLib.so", RTLD_NOW);
	void *monitor = dlopen("libappmonitorlib.so", RTLD_NOW);
	int (*open_handle)(void **) = NULL;
	int (*update)(void *) = NULL;
	int (*enable)(void) = NULL, (*disable)(void) = NULL;
	void *handle = NULL;
	int error;

	if (info && monitor) {
		open_handle = dlsym(info, "VMGuestLib_OpenHandle");
		update = dlsym(info, "VMGuestLib_UpdateInfo");
		enable = dlsym(monitor, "VMGuestAppMonitor_Enable");
		disable = dlsym(monitor, "VMGuestAppMonitor_Disable");
	}
	if (!open_handle || !update || !enable || !disable) {
		printf("libraries:%s", dlerror());
		return;
	}
	error = open_handle(&handle);
	printf("UpdateInfo:%d ", error ? error : update(handle));
	error = enable();
	printf("Enable:%d", error);
	if (!error)
		disable();
}

int main(void)
{
	int reader = open("/dev/vmguestlib", O_RDONLY | O_CLOEXEC);
	int writer = open("/dev/vmguestlib", O_RDWR | O_CLOEXEC);
	int error = writer < 0 ? errno : 0;

	print_file("cpu", "cpu/used_ms");
	print_file("session", "session_id");
	print_file("status", "heartbeat/status");
	print_statistics(reader);
	if (error)
		print_result("write", error);
	else
		print_monitor(writer);
	print_libraries();
	printf("\n");
	return reader < 0;
}
