// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "disabled.h"
#include "host.h"

static int refuse(const struct client *client, int err)
{
	switch (err) {
	case -EEXIST:
		complain("'%s' is monitored already (choose another --name)",
			 client->arm.name);
		return EX_TEMPFAIL;
	case -EPERM:
		complain("'%s' belongs to another user, or the host accepts privileged "
			 "senders only (choose another --name; see 'vmguest doctor')",
			 client->arm.name);
		return EX_NOPERM;
	case -ENOSPC:
		complain("the kernel has no room for another application (see 'vmguest "
			 "heartbeat list')");
		return EX_TEMPFAIL;
	default:
		return host_complain(HOST_HEARTBEAT, err);
	}
}

/* Returns a descriptor or an error of the host. */
static int open_armed(const struct client *client)
{
	int fd = host_open(O_RDWR), err;

	if (fd < 0 || !ioctl(fd, VMGUESTLIB_IOC_HEARTBEAT_ARM, &client->arm))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int client_arm(struct client *client)
{
	int status;

	client->fd = open_armed(client);
	if (client->fd >= 0)
		return 0;
	status = refuse(client, client->fd);
	/* After other errors the module has not enabled monitoring. */
	if (may_be_served(client->fd))
		wait_after_last_client();
	return status;
}

static int beat(const struct client *client)
{
	struct vmguestlib_heartbeat heartbeat = { .size = sizeof(heartbeat) };

	/* close() disarms the device only if the last write is a V, so each beat is a V. */
	if (client->may_close)
		return write(client->fd, "V", 1) < 0 ? -errno : 0;
	return ioctl(client->fd, VMGUESTLIB_IOC_HEARTBEAT_BEAT, &heartbeat) ?
		-errno : 0;
}

/*
 * The client has expired, but the machine was not reset and the application is alive
 * again: a new client of the same name replaces the expired one.
 */
static void arm_again(struct client *client)
{
	static int said;
	int fd = open_armed(client);

	if (fd < 0) {
		if (fd != said)
			refuse(client, fd);
		said = fd;
		return;
	}
	said = 0;
	close(client->fd);
	client->fd = fd;
	if (client->may_close)
		beat(client);
	complain("the timeout was missed; monitored again");
}

void client_beat(struct client *client)
{
	int err = beat(client);

	/* ENOTCONN: the client had expired, and root cleared it. */
	if (err == -ETIME || err == -ENOTCONN)
		arm_again(client);
	else if (err)
		complain("cannot send a heartbeat: %s", strerror(-err));
}

void client_may_close(struct client *client)
{
	client->may_close = true;
	client_beat(client);
}

int client_close(struct client *client, bool clean)
{
	/* The V also counts for an expired client, although write() fails. */
	if (clean && write(client->fd, "V", 1) < 0 && errno != ETIME && errno != ENOTCONN)
		complain("cannot end the monitoring: %s", strerror(errno));
	close(client->fd);
	return clean ? wait_after_last_client() : 0;
}
