/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Helpers of the programs that test the rules for heartbeats: they change the user, arm
 * clients, and check that a test has left nothing behind.
 */
#ifndef HEARTBEAT_RULES_H
#define HEARTBEAT_RULES_H

#include "heartbeat.h"
#include "ktap.h"

/* Users and a group of the guest, as in its files in /etc */
#define MEMBER		1001	/* a user in the group vmguestlib */
#define STRANGER	1000	/* a user that is not in the group */
#define GROUP		990	/* the group vmguestlib */

/* Number of channels before the first test */
static uint64_t channels_before;

/*
 * Checks the state after a test: there is no client and no additional channel, and vSphere HA
 * application monitoring is disabled at the host.
 */
static inline void check_clean(void)
{
	CHECK_EQ(sysfs_number("heartbeat/clients"), 0);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(channels(), channels_before);
}

/*
 * Counts the channels that are open while no client is armed. There may be one, which the
 * requests of readers keep open.
 */
static inline void count_channels(void)
{
	int fd = open_device(O_RDWR);

	file_text("heartbeat/status");
	appmon(fd, VMGUESTLIB_APPMON_DISABLE, NULL);
	close(fd);
	channels_before = channels();
	if (channels_before > 1) {
		printf("Bail out! a reader has %u channels\n",
		       (unsigned int)channels_before);
		exit(1);
	}
}

/* Changes the effective user, and the effective group with it. Returns 0 on success. */
static inline int become(unsigned int uid)
{
	return seteuid(0) || setegid(uid == MEMBER ? GROUP : uid) || seteuid(uid);
}

/* Returns an open file with a client that is armed. */
static inline int armed(const char *name, uint32_t deadline_ms, uint32_t action)
{
	int fd = open_device(O_RDWR);

	CHECK_EQ(arm(fd, name, deadline_ms, action), 0);
	return fd;
}

/* Leaves an expired client whose file is closed, as the crash of a program does. */
static inline void orphan(const char *name, uint32_t action)
{
	close(armed(name, 60000, action));
}

#endif
