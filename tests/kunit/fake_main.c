// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Fakes of the kernel functions that load, register and unload the module. */
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/string.h>

#include "device.h"
#include "fake_main.h"
#include "fake_vsock.h"
#include "heartbeat_private.h"

struct fake_main fake_main;

static struct device this_device;

static void append(char *text, size_t size, const char *prefix, const char *word)
{
	size_t used = strlen(text);

	scnprintf(text + used, size - used, "%s%s%s", used ? " " : "", prefix,
		  word);
}

void fake_main_reset(void)
{
	fake_main = (struct fake_main) { .is_vmware = true };
}

int fake_main_begin(const char *what)
{
	if (fake_main.on_begin)
		fake_main.on_begin(what);
	if (fake_main.refuses && !strcmp(fake_main.refuses, what))
		return -EEXIST;
	append(fake_main.log, sizeof(fake_main.log), "", what);
	return 0;
}

/* Notes in the state which parts of the device are stopped at the unregistration of @what. */
static void note_state(const char *what)
{
	struct vmgl_device *device = fake_main.device;

	append(fake_main.state, sizeof(fake_main.state), "", what);
	if (!device)
		return;
	if (device->events.stopped)
		strlcat(fake_main.state, ":events", sizeof(fake_main.state));
	if (device->heartbeat->is_stopped)
		strlcat(fake_main.state, ":heartbeat", sizeof(fake_main.state));
	if (device->rpc.is_stopped && device->privileged_rpc.is_stopped)
		strlcat(fake_main.state, ":readers", sizeof(fake_main.state));
	if (device->heartbeat_rpc.is_stopped)
		strlcat(fake_main.state, ":rpc", sizeof(fake_main.state));
	if (!fake_vsock.sockets)
		strlcat(fake_main.state, ":sockets", sizeof(fake_main.state));
}

void fake_main_end(const char *what)
{
	append(fake_main.log, sizeof(fake_main.log), "-", what);
	note_state(what);
}

int fake_misc_register(struct miscdevice *misc)
{
	int ret = fake_main_begin("misc");

	if (ret)
		return ret;
	misc->this_device = &this_device;
	fake_main.device = container_of(misc, struct vmgl_device, misc);
	return 0;
}

void fake_misc_deregister(struct miscdevice *misc)
{
	fake_main_end("misc");
}
