// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* Many handles, and one handle that several threads and a child process use. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake.h"
#include "ktap.h"
#include "vmGuestLib.h"

#define ROUNDS	20000
#define ERR(name)	VMGUESTLIB_ERROR_##name

static VMGuestLibHandle shared;
static atomic_bool stop;
static atomic_uint wrong_values;

static VMGuestLibHandle open_updated(void)
{
	VMGuestLibHandle handle = NULL;

	CHECK_EQ(VMGuestLib_OpenHandle(&handle), ERR(SUCCESS));
	CHECK_EQ(VMGuestLib_UpdateInfo(handle), ERR(SUCCESS));
	return handle;
}

static void close_checked(VMGuestLibHandle handle)
{
	CHECK_EQ(VMGuestLib_CloseHandle(handle), ERR(SUCCESS));
	CHECK_EQ(seen.open_files, 0);
	CHECK_EQ(seen.bad_calls, 0);
}

/* All answers have the same values, so values of two updates are right, too. */
static void read_everything(void)
{
	char path[32];
	size_t size = sizeof(path);
	VMSessionId session;
	uint64 wide;
	uint32 narrow;

	if (VMGuestLib_GetCpuUsedMs(shared, &wide) || wide != fake_number(4))
		wrong_values++;
	if (VMGuestLib_GetMemShares64(shared, &wide) || wide != fake_number(38))
		wrong_values++;
	if (VMGuestLib_GetMemUsedMB(shared, &narrow) ||
	    narrow != (uint32)fake_number(16))
		wrong_values++;
	if (VMGuestLib_GetSessionId(shared, &session) ||
	    session != fake.session_id)
		wrong_values++;
	if (VMGuestLib_GetResourcePoolPath(shared, &size, path) ||
	    strcmp(path, fake.path))
		wrong_values++;
}

static void *reader(void *unused)
{
	while (!stop)
		read_everything();
	return unused;
}

static void *updater(void *unused)
{
	int i;

	for (i = 0; i < ROUNDS; i++)
		if (VMGuestLib_UpdateInfo(shared))
			wrong_values++;
	return unused;
}

KTAP_TEST(handles_are_independent)
{
	VMGuestLibHandle first, second;
	VMSessionId session;

	fake_reset();
	first = open_updated();
	fake.session_id = 2;
	second = open_updated();
	CHECK_EQ(VMGuestLib_GetSessionId(first, &session), ERR(SUCCESS));
	CHECK_EQ(session, 0x1122334455667788ULL);
	fake.request_errno = EPROTO;
	CHECK_EQ(VMGuestLib_UpdateInfo(first), ERR(OTHER));
	CHECK_EQ(VMGuestLib_GetSessionId(second, &session), ERR(SUCCESS));
	CHECK_EQ(session, 2);
	CHECK_EQ(VMGuestLib_CloseHandle(first), ERR(SUCCESS));
	close_checked(second);
}

KTAP_TEST(hundred_thousand_handles)
{
	int i;

	fake_reset();
	for (i = 0; i < 100000; i++) {
		VMGuestLibHandle handle = open_updated();

		VMGuestLib_CloseHandle(handle);
	}
	CHECK_EQ(seen.open_files, 0);
	CHECK_EQ(seen.bad_calls, 0);
}

KTAP_TEST(readers_and_updaters_share_a_handle)
{
	pthread_t readers[2], updaters[2];
	size_t i;

	fake_reset();
	shared = open_updated();
	stop = false;
	for (i = 0; i < 2; i++) {
		pthread_create(&readers[i], NULL, reader, NULL);
		pthread_create(&updaters[i], NULL, updater, NULL);
	}
	for (i = 0; i < 2; i++)
		pthread_join(updaters[i], NULL);
	stop = true;
	for (i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	CHECK_EQ(wrong_values, 0);
	close_checked(shared);
}

/* A child can use the handle even if another thread was in UpdateInfo during fork(). */
KTAP_TEST(child_of_a_busy_process)
{
	pthread_t thread;
	int i, status;

	fake_reset();
	shared = open_updated();
	pthread_create(&thread, NULL, updater, NULL);
	for (i = 0; i < 20; i++) {
		pid_t child = fork();

		if (!child) {
			alarm(20);
			wrong_values = 0;
			if (VMGuestLib_UpdateInfo(shared))
				_exit(1);
			read_everything();
			_exit(wrong_values ? 2 : 0);
		}
		waitpid(child, &status, 0);
		CHECK_EQ(status, 0);
	}
	pthread_join(thread, NULL);
	close_checked(shared);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		KTAP_ENTRY(handles_are_independent),
		KTAP_ENTRY(hundred_thousand_handles),
		KTAP_ENTRY(readers_and_updaters_share_a_handle),
		KTAP_ENTRY(child_of_a_busy_process),
	};

	return KTAP_MAIN(tests);
}
