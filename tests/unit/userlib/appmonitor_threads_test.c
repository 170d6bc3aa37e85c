// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* All functions of libappmonitor, called by many threads at the same time. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "fake.h"
#include "ktap.h"
#include "vmGuestAppMonitorLib.h"

#define THREADS	8
#define ROUNDS	2000

static atomic_uint wrong;

static void note_unless(bool right)
{
	if (!right)
		wrong++;
}

/* Calls all functions. Each request must have the argument of the thread that makes it. */
static void *use_everything(void *word)
{
	char *status;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		errno = ERANGE;
		note_unless(!VMGuestAppMonitor_Enable());
		note_unless(!VMGuestAppMonitor_MarkActive());
		note_unless(VMGuestAppMonitor_IsEnabled() == 1);
		note_unless(!VMGuestAppMonitor_PostAppState(word));
		note_unless(!strcmp(seen_appmon.text, word));
		status = VMGuestAppMonitor_GetAppStatus();
		note_unless(status && !strcmp(status, "Green"));
		VMGuestAppMonitor_Free(status);
		note_unless(!VMGuestAppMonitor_Disable());
		note_unless(seen_appmon.op == VMGUESTLIB_APPMON_DISABLE);
		note_unless(errno == ERANGE);
		note_unless(VMGuestAppMonitor_PostAppState("") && errno == EINVAL);
	}
	return NULL;
}

KTAP_TEST(threads_do_not_share_state)
{
	static char words[][sizeof("needReset")] = { "OK", "needReset" };
	pthread_t threads[THREADS];
	int i;

	fake_reset();
	fake.access = O_RDWR;
	fake.enabled = true;
	for (i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&threads[i], NULL, use_everything,
					words[i % 2]), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK_EQ(wrong, 0);
	CHECK_EQ(seen.requests, THREADS * ROUNDS * 6);
	CHECK_EQ(seen.open_files, 0);
	CHECK_EQ(seen.bad_calls, 0);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(threads_do_not_share_state),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
