// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "disabled.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "attribute.h"
#include "cli.h"
#include "host.h"

/* The module repeats a failed Disable after 1, 3 and 7 s. A host may take seconds to answer. */
#define WAIT_S	10
#define LOOK_S	1

bool may_be_served(int err)
{
	return err == -EIO || err == -ETIMEDOUT || err == -EPROTO || err == -EMSGSIZE ||
	       err == -ENOMEM;
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static bool has_clients(void)
{
	uint64_t clients;

	return !attribute_number("heartbeat/clients", &clients) && clients;
}

/* If DISABLE is NULL, the module disables monitoring, unless it has clients. */
static int wait_for_host(void (*disable)(const char *argument), const char *argument,
			 const char *command)
{
	time_t end = now_s() + WAIT_S;
	bool enabled;
	int err;

	for (;;) {
		if (!disable && has_clients())
			return 0;
		err = host_is_enabled(&enabled);
		if (!may_be_served(err) && !enabled)
			return 0;
		if (now_s() >= end)
			break;
		sleep(LOOK_S);
		if (disable)
			disable(argument);
	}
	complain("the host %s heartbeats, and resets this machine when none arrive (run '%s' "
		 "until it succeeds)", err ? "may still expect" : "still expects", command);
	return EX_TEMPFAIL;
}

int wait_until_disabled(void (*disable)(const char *argument), const char *argument,
			const char *command)
{
	return wait_for_host(disable, argument, command);
}

int wait_after_last_client(void)
{
	return wait_for_host(NULL, NULL, "vmware-appmonitor disable");
}
