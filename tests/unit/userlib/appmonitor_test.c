// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * libappmonitor without a kernel module: the request of each function, and the result of the
 * function for each answer.
 */
#include <errno.h>
#include <signal.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "ktap.h"
#include "vmGuestAppMonitorLib.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define ERR(name)	VMGUESTAPPMONITORLIB_ERROR_##name

static VMGuestAppMonitorLibError post_ok(void)
{
	return VMGuestAppMonitor_PostAppState("OK");
}

/* The functions that return an error */
static const struct call {
	VMGuestAppMonitorLibError (*function)(void);
	unsigned int op;
	const char *text;
} calls[] = {
	{ VMGuestAppMonitor_Enable, 1, "" },
	{ VMGuestAppMonitor_Disable, 2, "" },
	{ VMGuestAppMonitor_MarkActive, 4, "" },
	{ post_ok, 6, "OK" },
};

static void reset(void)
{
	fake_reset();
	fake.access = O_RDWR;
}

static void check_clean(unsigned int requests)
{
	CHECK_EQ(seen.requests, requests);
	CHECK_EQ(seen.open_files, 0);
	CHECK_EQ(seen.bad_calls, 0);
}

/* Checks that each function fails with the error @wanted and with @wanted_errno. */
static void check_all_fail(VMGuestAppMonitorLibError wanted, int wanted_errno)
{
	size_t i;

	for (i = 0; i < COUNT(calls); i++) {
		errno = 0;
		CHECK_EQ(calls[i].function(), wanted);
		CHECK_EQ(errno, wanted_errno);
	}
	errno = 0;
	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 0);
	CHECK_EQ(errno, wanted_errno);
	errno = 0;
	CHECK(!VMGuestAppMonitor_GetAppStatus());
	CHECK_EQ(errno, wanted_errno);
}

KTAP_TEST(error_numbers)
{
	CHECK_EQ(ERR(SUCCESS), 0);
	CHECK_EQ(ERR(OTHER), 1);
	CHECK_EQ(ERR(NOT_RUNNING_IN_VM), 2);
	CHECK_EQ(ERR(NOT_ENABLED), 3);
	CHECK_EQ(ERR(NOT_SUPPORTED), 4);
	CHECK_EQ(sizeof(VMGuestAppMonitorLibError), sizeof(int));
}

KTAP_TEST(each_call_is_one_request_of_its_own)
{
	size_t i;

	for (i = 0; i < COUNT(calls); i++) {
		reset();
		errno = ERANGE;
		CHECK_EQ(calls[i].function(), ERR(SUCCESS));
		CHECK_EQ(errno, ERANGE);
		CHECK_EQ(seen_appmon.op, calls[i].op);
		CHECK_STR(seen_appmon.text, calls[i].text);
		check_clean(1);
	}
}

KTAP_TEST(errors_of_opening)
{
	static const struct {
		int device_errno;
		const char *vendor;
		VMGuestAppMonitorLibError error;
	} cases[] = {
		{ ENOENT, "VMware, Inc.\n", ERR(NOT_ENABLED) },
		{ ENODEV, "VMware, Inc.\n", ERR(NOT_ENABLED) },
		{ ENXIO, "VMware7,1\n", ERR(NOT_ENABLED) },
		{ ENOENT, "QEMU\n", ERR(NOT_RUNNING_IN_VM) },
		{ ENODEV, NULL, ERR(NOT_RUNNING_IN_VM) },
		{ ENXIO, "VMwar", ERR(NOT_RUNNING_IN_VM) },
		{ EACCES, "VMware, Inc.\n", ERR(OTHER) },
		{ EACCES, "QEMU\n", ERR(OTHER) },
		{ EPERM, "VMware, Inc.\n", ERR(OTHER) },
		{ EMFILE, "VMware, Inc.\n", ERR(OTHER) },
		{ EROFS, "QEMU\n", ERR(OTHER) },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		if (cases[i].error == ERR(NOT_RUNNING_IN_VM) &&
		    processor_is_vmware())
			continue;
		reset();
		fake.device_errno = cases[i].device_errno;
		fake.vendor = cases[i].vendor;
		check_all_fail(cases[i].error, cases[i].device_errno);
		check_clean(0);
	}
}

KTAP_TEST(errors_of_requests)
{
	static const struct {
		int request_errno;
		VMGuestAppMonitorLibError error;
	} cases[] = {
		{ EACCES, ERR(NOT_ENABLED) },
		{ EOPNOTSUPP, ERR(NOT_SUPPORTED) },
		{ EPERM, ERR(OTHER) }, { EREMOTEIO, ERR(OTHER) },
		{ EIO, ERR(NOT_ENABLED) }, { EPROTO, ERR(OTHER) },
		{ ETIMEDOUT, ERR(OTHER) }, { ENOTTY, ERR(OTHER) },
		{ EINVAL, ERR(OTHER) }, { ENOMEM, ERR(OTHER) },
		{ ENODEV, ERR(OTHER) }, { E2BIG, ERR(OTHER) },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		reset();
		fake.enabled = true;
		fake.request_errno = cases[i].request_errno;
		check_all_fail(cases[i].error, cases[i].request_errno);
		check_clean(COUNT(calls) + 2);
	}
}

/* The signals of the timer arrive while the host has not answered yet. */
KTAP_TEST(signals_do_not_cancel_requests)
{
	char *status;
	size_t i;

	for (i = 0; i < COUNT(calls); i++) {
		reset();
		fake.host_ms = 20;
		fake_timer(5);
		errno = 0;
		CHECK_EQ(calls[i].function(), ERR(SUCCESS));
		fake_timer(0);
		CHECK_EQ(errno, 0);
		CHECK_EQ(seen_appmon.op, calls[i].op);
		CHECK_STR(seen_appmon.text, calls[i].text);
		check_clean(1);
	}
	reset();
	fake.host_ms = 20;
	fake.enabled = true;
	fake_timer(5);
	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 1);
	status = VMGuestAppMonitor_GetAppStatus();
	fake_timer(0);
	CHECK_STR(status, "Green");
	VMGuestAppMonitor_Free(status);
	check_clean(2);
}

/* After a call, the same signals are blocked as before the call. */
KTAP_TEST(the_mask_of_signals_is_kept)
{
	sigset_t own, after;

	reset();
	sigemptyset(&own);
	sigaddset(&own, SIGUSR2);
	sigprocmask(SIG_SETMASK, &own, NULL);
	CHECK_EQ(VMGuestAppMonitor_MarkActive(), ERR(SUCCESS));
	sigprocmask(SIG_SETMASK, NULL, &after);
	CHECK(sigismember(&after, SIGUSR2));
	CHECK(!sigismember(&after, SIGALRM));
	CHECK(!sigismember(&after, SIGTERM));
}

KTAP_TEST(is_enabled)
{
	reset();
	errno = ERANGE;
	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 0);
	CHECK_EQ(seen_appmon.op, 3);
	fake.enabled = true;
	CHECK_EQ(VMGuestAppMonitor_IsEnabled(), 1);
	CHECK_EQ(errno, ERANGE);
	check_clean(2);
}

KTAP_TEST(status_words_are_passed_on)
{
	static const char *const words[] = {
		"Green", "red", "GRAY", "appStatusGreen", "x",
		"sixty-three bytes, the longest word that the device can hand out",
	};
	char *status;
	size_t i;

	for (i = 0; i < COUNT(words); i++) {
		reset();
		strncpy(fake.status, words[i], sizeof(fake.status) - 1);
		errno = ERANGE;
		status = VMGuestAppMonitor_GetAppStatus();
		CHECK_STR(status, fake.status);
		CHECK_EQ(errno, ERANGE);
		CHECK_EQ(seen_appmon.op, 5);
		check_clean(1);
		VMGuestAppMonitor_Free(status);
	}
	CHECK_EQ(strlen(fake.status), 63);
}

KTAP_TEST(no_status)
{
	reset();
	fake.status[0] = '\0';
	CHECK(!VMGuestAppMonitor_GetAppStatus());
	CHECK_EQ(errno, EPROTO);
	memset(fake.status, 'x', sizeof(fake.status));
	errno = 0;
	CHECK(!VMGuestAppMonitor_GetAppStatus());
	CHECK_EQ(errno, EPROTO);
	reset();
	fake.malloc_fails = true;
	CHECK(!VMGuestAppMonitor_GetAppStatus());
	check_clean(1);
	VMGuestAppMonitor_Free(NULL);
}

KTAP_TEST(states_in_both_spellings)
{
	static const char *const words[] = {
		"OK", "needReset", "appStateOk", "appStateNeedReset",
	};
	size_t i;

	for (i = 0; i < COUNT(words); i++) {
		reset();
		CHECK_EQ(VMGuestAppMonitor_PostAppState(words[i]), ERR(SUCCESS));
		CHECK_STR(seen_appmon.text, words[i]);
		check_clean(1);
	}
}

KTAP_TEST(other_states_are_not_sent)
{
	static char longest[1 << 20];
	const char *const words[] = {
		NULL, "", "ok", "OK ", " OK", "NeedReset", "appStateGreen",
		"OK\nneedReset", "%s", "(null)", longest,
	};
	size_t i;

	memset(longest, 'x', sizeof(longest) - 1);
	for (i = 0; i < COUNT(words); i++) {
		reset();
		errno = 0;
		CHECK_EQ(VMGuestAppMonitor_PostAppState(words[i]), ERR(OTHER));
		CHECK_EQ(errno, EINVAL);
		check_clean(0);
	}
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(error_numbers),
	KTAP_ENTRY(each_call_is_one_request_of_its_own),
	KTAP_ENTRY(errors_of_opening),
	KTAP_ENTRY(errors_of_requests),
	KTAP_ENTRY(signals_do_not_cancel_requests),
		KTAP_ENTRY(the_mask_of_signals_is_kept),
	KTAP_ENTRY(is_enabled),
	KTAP_ENTRY(status_words_are_passed_on),
	KTAP_ENTRY(no_status),
	KTAP_ENTRY(states_in_both_spellings),
	KTAP_ENTRY(other_states_are_not_sent),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
