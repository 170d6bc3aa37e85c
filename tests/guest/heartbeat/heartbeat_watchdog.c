// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The watchdog device after an expiry, and the timeouts of the device. heartbeat_watchdog.sh
 * runs this program with a virtual clock that skips idle time. When the HA agent would reset
 * the guest, it only writes to its log. With the argument "nowayout", the program makes the
 * checks for a module that was loaded with nowayout=1.
 */
#include <linux/watchdog.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "heartbeat_rules.h"

#define WATCHDOG	"/dev/watchdog0"

static int open_watchdog(void)
{
	int fd = open(WATCHDOG, O_WRONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static int ping(int fd)
{
	return ioctl(fd, WDIOC_KEEPALIVE, 0) ? errno : 0;
}

static int set_time(int fd, unsigned long number, int seconds)
{
	return ioctl(fd, number, &seconds) ? errno : 0;
}

static int get_time(int fd, unsigned long number)
{
	int seconds = -1;

	CHECK(!ioctl(fd, number, &seconds));
	return seconds;
}

static uint32_t watchdog_state(void)
{
	struct vmguestlib_heartbeat_client list[4];
	int fd = open_device(O_RDONLY);
	uint32_t count = list_clients(fd, list, 4), i;

	close(fd);
	for (i = 0; i < count && i < 4; i++)
		if (list[i].kind == VMGUESTLIB_HEARTBEAT_KIND_WATCHDOG)
			return list[i].state;
	return VMGUESTLIB_HEARTBEAT_UNARMED;
}

static int clear_watchdog(void)
{
	int fd = open_device(O_RDONLY), error = clear(fd, "watchdog");

	close(fd);
	return error;
}

/*
 * Makes another process ping once and end without a V. Returns the error number of the ping. The
 * process uses the descriptor @inherited. If @inherited is -1, the process opens the device.
 */
static int ping_by_another(int inherited)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		int fd = inherited >= 0 ? inherited :
			 open(WATCHDOG, O_WRONLY | O_CLOEXEC);

		_exit(fd < 0 ? errno : ping(fd));
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

/* Returns a descriptor of the watchdog device. The client of the device has expired. */
static int expired_watchdog(void)
{
	int fd = open_watchdog();

	CHECK_EQ(set_time(fd, WDIOC_SETTIMEOUT, 2), 0);
	CHECK_EQ(ping(fd), 0);
	sleep_ms(2200);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_EXPIRED);
	return fd;
}

static void stop(int fd)
{
	/* If the client has expired, the write fails, but the watchdog core still sees the V. */
	write(fd, "V", 1);
	close(fd);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK_STR(ha_word("enabled"), "false");
}

KTAP_TEST(the_same_process_gets_etime)
{
	int fd = expired_watchdog();

	CHECK_EQ(ping(fd), ETIME);
	CHECK(write(fd, "x", 1) < 0 || ping(fd) == ETIME);
	CHECK_EQ(ping(fd), ETIME);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK_STR(ha_word("state"), "needReset");
	stop(fd);
	CHECK_STR(ha_word("state"), "ok");
}

KTAP_TEST(a_restarted_daemon_arms_again)
{
	int fd = expired_watchdog();

	close(fd);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK_EQ(ping_by_another(-1), 0);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_STR(ha_word("state"), "ok");
	/* The restarted daemon has ended without a V. A third daemon arms the client again. */
	sleep_ms(2200);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_EXPIRED);
	fd = open_watchdog();
	CHECK_EQ(ping(fd), 0);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_ARMED);
	stop(fd);
}

KTAP_TEST(a_child_is_another_process)
{
	int fd = expired_watchdog();

	CHECK_EQ(ping_by_another(fd), 0);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_ARMED);
	CHECK_EQ(ping(fd), 0);
	sleep_ms(2200);
	CHECK_EQ(ping(fd), ETIME);
	stop(fd);
}

KTAP_TEST(clear_ends_an_expiry)
{
	int fd = open_watchdog();

	CHECK_EQ(clear_watchdog(), EBUSY);
	stop(fd);
	fd = expired_watchdog();
	CHECK_EQ(clear_watchdog(), 0);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK_STR(ha_word("enabled"), "false");
	CHECK_EQ(ping(fd), 0);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_ARMED);
	stop(fd);

	fd = expired_watchdog();
	CHECK_EQ(clear_watchdog(), 0);
	stop(fd);
}

/*
 * When a daemon is killed, the watchdog core pings once. This ping must not arm the client
 * again, because no program pings afterwards.
 */
KTAP_TEST(the_end_of_a_daemon_does_not_arm)
{
	int fd = expired_watchdog(), status;
	pid_t daemon = fork();

	if (!daemon)
		for (;;)
			pause();
	close(fd);
	CHECK_EQ(kill(daemon, SIGKILL), 0);
	CHECK_EQ(waitpid(daemon, &status, 0), daemon);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK_EQ(clear_watchdog(), 0);

	daemon = fork();
	if (!daemon)
		_exit(open_watchdog() < 0);
	CHECK_EQ(waitpid(daemon, &status, 0), daemon);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_UNARMED);
	CHECK_STR(ha_word("enabled"), "false");
	fd = open_watchdog();
	CHECK_EQ(ping(fd), 0);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_ARMED);
	stop(fd);
}

KTAP_TEST(a_pretimeout_beyond_the_timeout_is_none)
{
	int fd = open_watchdog();

	CHECK_EQ(set_time(fd, WDIOC_SETTIMEOUT, 12), 0);
	if (!set_time(fd, WDIOC_SETPRETIMEOUT, 7)) {
		CHECK_EQ(set_time(fd, WDIOC_SETTIMEOUT, 8), 0);
		CHECK_EQ(get_time(fd, WDIOC_GETPRETIMEOUT), 7);
		CHECK_EQ(set_time(fd, WDIOC_SETTIMEOUT, 5), 0);
		CHECK_EQ(get_time(fd, WDIOC_GETPRETIMEOUT), 0);
	}
	CHECK_EQ(set_time(fd, WDIOC_SETTIMEOUT, 12), 0);
	CHECK_EQ(set_time(fd, WDIOC_SETTIMEOUT, 5), 0);
	CHECK_EQ(get_time(fd, WDIOC_GETTIMEOUT), 5);
	CHECK_EQ(get_time(fd, WDIOC_GETPRETIMEOUT), 0);
	stop(fd);
}

/* Some programs read only 30 characters. */
KTAP_TEST(the_identity_fits_its_readers)
{
	struct watchdog_info info;
	int fd = open_watchdog();

	CHECK(!ioctl(fd, WDIOC_GETSUPPORT, &info));
	CHECK(strnlen((const char *)info.identity, sizeof(info.identity)) <= 30);
	stop(fd);
}

KTAP_TEST(the_module_can_be_unloaded_after_v)
{
	int fd = expired_watchdog();

	CHECK_EQ(ping_by_another(fd), 0);
	CHECK_EQ(syscall(SYS_delete_module, "vmguestlib", O_NONBLOCK), -1);
	stop(fd);
	CHECK_EQ(syscall(SYS_delete_module, "vmguestlib", O_NONBLOCK), 0);
	CHECK_EQ(system("modprobe vmguestlib"), 0);
}

/* With nowayout, pings do not end an expiry. Only an administrator can end it. */
KTAP_TEST(with_nowayout_only_an_administrator_ends_an_expiry)
{
	int fd = expired_watchdog();

	CHECK_EQ(ping(fd), ETIME);
	CHECK_EQ(ping_by_another(fd), ETIME);
	CHECK_EQ(ping_by_another(fd), ETIME);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_EXPIRED);
	CHECK_EQ(clear_watchdog(), 0);
	CHECK_EQ(ping(fd), 0);
	CHECK_EQ(watchdog_state(), VMGUESTLIB_HEARTBEAT_ARMED);
}

static const struct ktap_test stoppable[] = {
	KTAP_ENTRY(the_same_process_gets_etime),
	KTAP_ENTRY(a_restarted_daemon_arms_again),
	KTAP_ENTRY(a_child_is_another_process),
	KTAP_ENTRY(clear_ends_an_expiry),
	KTAP_ENTRY(the_end_of_a_daemon_does_not_arm),
	KTAP_ENTRY(a_pretimeout_beyond_the_timeout_is_none),
	KTAP_ENTRY(the_identity_fits_its_readers),
	KTAP_ENTRY(the_module_can_be_unloaded_after_v),
};

static const struct ktap_test nowayout[] = {
	KTAP_ENTRY(with_nowayout_only_an_administrator_ends_an_expiry),
};

int main(int argc, char **argv)
{
	(void)argv;
	return argc > 1 ? KTAP_MAIN(nowayout) : KTAP_MAIN(stoppable);
}
