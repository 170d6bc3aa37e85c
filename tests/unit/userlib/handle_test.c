// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Handles and accessors: each rule of wire-protocol chapter 8. There is no kernel module.
 */
#include <asm/prctl.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accessors.h"
#include "fake.h"
#include "ktap.h"

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define ERR(name)	VMGUESTLIB_ERROR_##name

/* This table checks the library's table, so it was written from chapter 4.5. */
struct accessor {
	const char *name;
	unsigned int id;
	VMGuestLibError (*get32)(VMGuestLibHandle, uint32 *);
	VMGuestLibError (*get64)(VMGuestLibHandle, uint64 *);
};
#define GET32(number, function)	\
	{ #function, number, .get32 = VMGuestLib_##function }
#define GET64(number, function)	\
	{ #function, number, .get64 = VMGuestLib_##function }

static const struct accessor accessors[] = {
	GET32(1, GetCpuReservationMHz), GET32(2, GetCpuLimitMHz),
	GET32(3, GetCpuShares), GET64(4, GetCpuUsedMs),
	GET32(5, GetHostProcessorSpeed), GET32(6, GetMemReservationMB),
	GET32(7, GetMemLimitMB), GET32(8, GetMemShares),
	GET32(9, GetMemMappedMB), GET32(10, GetMemActiveMB),
	GET32(11, GetMemOverheadMB), GET32(12, GetMemBalloonedMB),
	GET32(13, GetMemSwappedMB), GET32(14, GetMemSharedMB),
	GET32(15, GetMemSharedSavedMB), GET32(16, GetMemUsedMB),
	GET64(17, GetElapsedMs), GET64(19, GetCpuStolenMs),
	GET64(20, GetMemTargetSizeMB), GET32(21, GetHostNumCpuCores),
	GET64(22, GetHostCpuUsedMs), GET64(23, GetHostMemSwappedMB),
	GET64(24, GetHostMemSharedMB), GET64(25, GetHostMemUsedMB),
	GET64(26, GetHostMemPhysMB), GET64(27, GetHostMemPhysFreeMB),
	GET64(29, GetHostMemMappedMB), GET64(30, GetHostMemUnmappedMB),
	GET32(31, GetMemZippedMB), GET32(32, GetMemZipSavedMB),
	GET32(33, GetMemLLSwappedMB), GET32(34, GetMemSwapTargetMB),
	GET32(35, GetMemBalloonTargetMB), GET32(36, GetMemBalloonMaxMB),
};

/* These accessors check arguments in the same order as the others, but get values differently. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static const struct accessor shares64 = GET64(38, GetMemShares64);
static const struct accessor kern_ovhd = GET64(28, GetHostMemKernOvhdMB);
#pragma GCC diagnostic pop

#define UNTOUCHED	0x5555555555555555ULL

static VMGuestLibError get(const struct accessor *accessor,
			   VMGuestLibHandle handle, unsigned long long *value)
{
	uint32 narrow = (uint32)UNTOUCHED;
	uint64 wide = UNTOUCHED;
	VMGuestLibError error;

	if (accessor->get64) {
		error = accessor->get64(handle, &wide);
	} else {
		error = accessor->get32(handle, &narrow);
		wide = narrow == (uint32)UNTOUCHED ? UNTOUCHED : narrow;
	}
	*value = wide;
	return error;
}

static VMGuestLibError get_null(const struct accessor *accessor,
				VMGuestLibHandle handle)
{
	return accessor->get64 ? accessor->get64(handle, NULL) :
				 accessor->get32(handle, NULL);
}

static VMGuestLibHandle open_handle(void)
{
	VMGuestLibHandle handle = NULL;

	if (!CHECK_EQ(VMGuestLib_OpenHandle(&handle), ERR(SUCCESS)))
		abort();
	return handle;
}

static VMGuestLibHandle open_updated(void)
{
	VMGuestLibHandle handle = open_handle();

	CHECK_EQ(VMGuestLib_UpdateInfo(handle), ERR(SUCCESS));
	return handle;
}

static void close_checked(VMGuestLibHandle handle)
{
	CHECK_EQ(VMGuestLib_CloseHandle(handle), ERR(SUCCESS));
	CHECK_EQ(seen.open_files, 0);
	CHECK_EQ(seen.bad_calls, 0);
}

KTAP_TEST(open_order_of_errors)
{
	static const struct {
		int device_errno;
		const char *vendor;
		VMGuestLibError with_null, otherwise;
	} cases[] = {
		{ 0, "VMware, Inc.\n", ERR(INVALID_ARG), ERR(SUCCESS) },
		{ 0, NULL, ERR(INVALID_ARG), ERR(SUCCESS) },
		{ ENOENT, "VMware, Inc.\n", ERR(INVALID_ARG), ERR(NOT_ENABLED) },
		{ ENODEV, "VMware, Inc.\n", ERR(INVALID_ARG), ERR(NOT_ENABLED) },
		{ ENXIO, "VMware7,1\n", ERR(INVALID_ARG), ERR(NOT_ENABLED) },
		{ EACCES, "VMware, Inc.\n", ERR(INVALID_ARG), ERR(NOT_ENABLED) },
		{ EPERM, "QEMU\n", ERR(INVALID_ARG), ERR(NOT_ENABLED) },
		{ ENOENT, "QEMU\n", ERR(NOT_RUNNING_IN_VM), ERR(NOT_RUNNING_IN_VM) },
		{ ENXIO, "VMwar", ERR(NOT_RUNNING_IN_VM), ERR(NOT_RUNNING_IN_VM) },
		{ ENODEV, "", ERR(NOT_RUNNING_IN_VM), ERR(NOT_RUNNING_IN_VM) },
		{ ENOENT, NULL, ERR(NOT_RUNNING_IN_VM), ERR(NOT_RUNNING_IN_VM) },
		{ ENOMEM, "VMware, Inc.\n", ERR(INVALID_ARG), ERR(MEMORY) },
		{ EMFILE, "QEMU\n", ERR(INVALID_ARG), ERR(OTHER) },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		VMGuestLibHandle handle = NULL;

		if (cases[i].otherwise == ERR(NOT_RUNNING_IN_VM) &&
		    processor_is_vmware())
			continue;
		fake_reset();
		fake.device_errno = cases[i].device_errno;
		fake.vendor = cases[i].vendor;
		CHECK_EQ(VMGuestLib_OpenHandle(NULL), cases[i].with_null);
		CHECK_EQ(VMGuestLib_OpenHandle(&handle), cases[i].otherwise);
		CHECK_EQ(seen.requests, 0);
		CHECK_EQ(!handle, cases[i].otherwise != ERR(SUCCESS));
		if (handle)
			close_checked(handle);
		CHECK_EQ(seen.open_files, 0);
	}
}

KTAP_TEST(open_without_memory)
{
	VMGuestLibHandle handle = NULL;

	fake_reset();
	fake.calloc_fails = true;
	CHECK_EQ(VMGuestLib_OpenHandle(&handle), ERR(MEMORY));
	CHECK(!handle);
}

KTAP_TEST(open_survives_forbidden_cpuid)
{
	VMGuestLibHandle handle;
	int status = 0;
	pid_t child;

	fake_reset();
	fake.device_errno = ENOENT;
	fake.vendor = NULL;
	child = fork();
	if (!child) {
		if (syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0))
			_exit(100);
		_exit(VMGuestLib_OpenHandle(&handle));
	}
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 100)
		printf("# this processor cannot forbid CPUID\n");
	else
		CHECK_EQ(status, ERR(NOT_RUNNING_IN_VM) << 8);
}

/* Prints the name of the accessor if a check has failed, because the check does not name it. */
static void name_culprit(const struct accessor *accessor, unsigned int before)
{
	if (ktap_failures != before)
		printf("# that was %s\n", accessor->name);
}

static void check_accessor_order(const struct accessor *accessor,
				 VMGuestLibHandle handle,
				 VMGuestLibError without_nulls)
{
	unsigned int before = ktap_failures;
	unsigned long long value;

	CHECK_EQ(get_null(accessor, NULL), ERR(INVALID_HANDLE));
	CHECK_EQ(get(accessor, NULL, &value), ERR(INVALID_HANDLE));
	CHECK_EQ(value, UNTOUCHED);
	CHECK_EQ(get_null(accessor, handle), ERR(INVALID_ARG));
	CHECK_EQ(get(accessor, handle, &value), without_nulls);
	CHECK_EQ(value == UNTOUCHED, without_nulls != ERR(SUCCESS));
	name_culprit(accessor, before);
}

static void check_session_order(VMGuestLibHandle handle,
				VMGuestLibError without_nulls)
{
	VMSessionId session = UNTOUCHED;

	CHECK_EQ(VMGuestLib_GetSessionId(NULL, NULL), ERR(INVALID_HANDLE));
	CHECK_EQ(VMGuestLib_GetSessionId(NULL, &session), ERR(INVALID_HANDLE));
	CHECK_EQ(VMGuestLib_GetSessionId(handle, NULL), ERR(INVALID_ARG));
	CHECK_EQ(VMGuestLib_GetSessionId(handle, &session), without_nulls);
	CHECK_EQ(session, without_nulls ? UNTOUCHED : fake.session_id);
}

static void check_path_order(VMGuestLibHandle handle,
			     VMGuestLibError without_nulls)
{
	char path[64] = "untouched";
	size_t size = sizeof(path);

	CHECK_EQ(VMGuestLib_GetResourcePoolPath(NULL, NULL, NULL),
		 ERR(INVALID_HANDLE));
	CHECK_EQ(VMGuestLib_GetResourcePoolPath(NULL, &size, path),
		 ERR(INVALID_HANDLE));
	CHECK_EQ(VMGuestLib_GetResourcePoolPath(handle, NULL, NULL),
		 ERR(INVALID_ARG));
	CHECK_EQ(VMGuestLib_GetResourcePoolPath(handle, NULL, path),
		 ERR(INVALID_ARG));
	CHECK_EQ(VMGuestLib_GetResourcePoolPath(handle, &size, NULL),
		 ERR(INVALID_ARG));
	CHECK_STR(path, "untouched");
	CHECK_EQ(VMGuestLib_GetResourcePoolPath(handle, &size, path),
		 without_nulls);
	CHECK_STR(path, without_nulls ? "untouched" : fake.path);
	CHECK_EQ(size, sizeof(path));
}

static void check_order(VMGuestLibHandle handle, VMGuestLibError without_nulls)
{
	size_t i;

	for (i = 0; i < COUNT(accessors); i++)
		check_accessor_order(&accessors[i], handle, without_nulls);
	check_accessor_order(&shares64, handle, without_nulls);
	check_accessor_order(&kern_ovhd, handle, without_nulls);
	check_session_order(handle, without_nulls);
	check_path_order(handle, without_nulls);
}

KTAP_TEST(order_of_argument_errors)
{
	VMGuestLibHandle handle;

	fake_reset();
	CHECK_EQ(VMGuestLib_CloseHandle(NULL), ERR(INVALID_HANDLE));
	CHECK_EQ(VMGuestLib_UpdateInfo(NULL), ERR(INVALID_HANDLE));
	CHECK_EQ(seen.requests, 0);

	handle = open_handle();
	check_order(handle, ERR(NO_INFO));
	CHECK_EQ(VMGuestLib_UpdateInfo(handle), ERR(SUCCESS));
	check_order(handle, ERR(SUCCESS));
	fake.request_errno = EIO;
	CHECK_EQ(VMGuestLib_UpdateInfo(handle), ERR(NOT_ENABLED));
	check_order(handle, ERR(NO_INFO));
	fake.request_errno = 0;
	CHECK_EQ(VMGuestLib_UpdateInfo(handle), ERR(SUCCESS));
	check_order(handle, ERR(SUCCESS));
	close_checked(handle);
}

KTAP_TEST(session_zero_is_no_information)
{
	VMGuestLibHandle handle;

	fake_reset();
	fake.session_id = 0;
	handle = open_updated();
	check_order(handle, ERR(NO_INFO));
	close_checked(handle);
}

KTAP_TEST(every_accessor_reports_its_statistic)
{
	VMGuestLibHandle handle;
	unsigned long long value;
	size_t i;

	fake_reset();
	handle = open_updated();
	for (i = 0; i < COUNT(accessors); i++) {
		unsigned long long wanted = fake_number(accessors[i].id);
		unsigned int before = ktap_failures;

		CHECK_EQ(get(&accessors[i], handle, &value), ERR(SUCCESS));
		CHECK_EQ(value, accessors[i].get64 ? wanted : (uint32)wanted);
		name_culprit(&accessors[i], before);
	}
	CHECK_EQ(get(&shares64, handle, &value), ERR(SUCCESS));
	CHECK_EQ(value, fake_number(38));
	close_checked(handle);
}

static void check_one_withheld(const struct accessor *accessor,
			       enum vmguestlib_value_state state,
			       VMGuestLibError wanted)
{
	VMGuestLibHandle handle;
	unsigned long long value;
	size_t i;

	fake_reset();
	fake.values[accessor->id].state = state;
	handle = open_updated();
	for (i = 0; i < COUNT(accessors); i++) {
		bool withheld = accessors[i].id == accessor->id;

		CHECK_EQ(get(&accessors[i], handle, &value),
			 withheld ? wanted : ERR(SUCCESS));
		CHECK_EQ(value == UNTOUCHED, withheld);
	}
	close_checked(handle);
}

KTAP_TEST(statistics_without_a_value)
{
	size_t i;

	for (i = 0; i < COUNT(accessors); i++) {
		unsigned int before = ktap_failures;

		check_one_withheld(&accessors[i], VMGUESTLIB_VALUE_UNAVAILABLE,
				   ERR(NOT_AVAILABLE));
		check_one_withheld(&accessors[i], VMGUESTLIB_VALUE_NOT_SENT,
				   ERR(UNSUPPORTED_VERSION));
		name_culprit(&accessors[i], before);
	}
}

KTAP_TEST(module_that_knows_less_or_more)
{
	unsigned int known;
	size_t i;

	for (known = 1; known < VMGUESTLIB_STAT_END + 3; known++) {
		VMGuestLibHandle handle;
		unsigned long long value;

		fake_reset();
		fake.values_len = known;
		handle = open_updated();
		for (i = 0; i < COUNT(accessors); i++)
			CHECK_EQ(get(&accessors[i], handle, &value),
				 accessors[i].id < known ?
				 ERR(SUCCESS) : ERR(UNSUPPORTED_VERSION));
		close_checked(handle);
	}
}

KTAP_TEST(a_value_does_not_survive_its_update)
{
	VMGuestLibHandle handle;
	unsigned long long value;

	fake_reset();
	handle = open_updated();
	fake.values_len = 1;
	CHECK_EQ(VMGuestLib_UpdateInfo(handle), ERR(SUCCESS));
	CHECK_EQ(get(&accessors[0], handle, &value), ERR(UNSUPPORTED_VERSION));
	close_checked(handle);
}

KTAP_TEST(update_errors)
{
	static const struct {
		int err;
		VMGuestLibError wanted;
	} cases[] = {
		{ EREMOTEIO, ERR(NOT_ENABLED) }, { EOPNOTSUPP, ERR(NOT_ENABLED) },
		{ EIO, ERR(NOT_ENABLED) }, { EPERM, ERR(NOT_ENABLED) },
		{ EACCES, ERR(NOT_ENABLED) }, { ENOENT, ERR(NOT_ENABLED) },
		{ ENODEV, ERR(NOT_ENABLED) }, { ENXIO, ERR(NOT_ENABLED) },
		{ EPROTO, ERR(OTHER) }, { EMSGSIZE, ERR(OTHER) },
		{ EINVAL, ERR(OTHER) }, { ENOTTY, ERR(OTHER) },
		{ EMFILE, ERR(OTHER) }, { ENOMEM, ERR(MEMORY) },
	};
	VMSessionId session;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		VMGuestLibHandle handle;

		fake_reset();
		/* Only OpenHandle returns NOT_RUNNING_IN_VM. */
		fake.vendor = NULL;
		handle = open_updated();
		fake.request_errno = cases[i].err;
		CHECK_EQ(VMGuestLib_UpdateInfo(handle), cases[i].wanted);
		CHECK_EQ(VMGuestLib_GetSessionId(handle, &session), ERR(NO_INFO));
		fake.request_errno = 0;
		CHECK_EQ(VMGuestLib_UpdateInfo(handle), ERR(SUCCESS));
		fake.device_errno = cases[i].err;
		CHECK_EQ(VMGuestLib_UpdateInfo(handle), cases[i].wanted);
		CHECK_EQ(VMGuestLib_GetSessionId(handle, &session), ERR(NO_INFO));
		close_checked(handle);
	}
}

KTAP_TEST(signals_do_not_cancel_an_update)
{
	VMGuestLibHandle handle;

	fake_reset();
	handle = open_handle();
	fake.host_ms = 20;
	fake_timer(5);
	CHECK_EQ(VMGuestLib_UpdateInfo(handle), ERR(SUCCESS));
	fake_timer(0);
	CHECK_EQ(seen.requests, 1);
	check_order(handle, ERR(SUCCESS));
	close_checked(handle);
}

KTAP_TEST(mem_shares64_falls_back)
{
	static const VMGuestLibError plain[] = {
		[VMGUESTLIB_VALUE_NOT_SENT] = ERR(UNSUPPORTED_VERSION),
		[VMGUESTLIB_VALUE_UNAVAILABLE] = ERR(NOT_AVAILABLE),
		[VMGUESTLIB_VALUE_GIVEN] = ERR(SUCCESS),
	};
	unsigned int narrow, wide;

	for (wide = 0; wide < COUNT(plain); wide++) {
		for (narrow = 0; narrow < COUNT(plain); narrow++) {
			bool falls_back = wide == VMGUESTLIB_VALUE_NOT_SENT &&
					  narrow == VMGUESTLIB_VALUE_GIVEN;
			VMGuestLibHandle handle;
			unsigned long long value;

			fake_reset();
			fake.values[38].state = wide;
			fake.values[8].state = narrow;
			fake.values[8].value = 4711;
			handle = open_updated();
			CHECK_EQ(get(&shares64, handle, &value),
				 falls_back ? ERR(SUCCESS) : plain[wide]);
			if (falls_back)
				CHECK_EQ(value, 4711);
			else if (!plain[wide])
				CHECK_EQ(value, fake_number(38));
			else
				CHECK_EQ(value, UNTOUCHED);
			close_checked(handle);
		}
	}
}

KTAP_TEST(host_mem_kern_ovhd_is_always_0)
{
	unsigned int state;

	for (state = 0; state <= VMGUESTLIB_VALUE_GIVEN; state++) {
		VMGuestLibHandle handle;
		unsigned long long value;

		fake_reset();
		fake.values[28].state = state;
		handle = open_updated();
		CHECK_EQ(get(&kern_ovhd, handle, &value), ERR(SUCCESS));
		CHECK_EQ(value, 0);
		close_checked(handle);
	}
}

static void check_path(const char *sent, size_t sent_len, const char *wanted)
{
	size_t need = strlen(wanted) + 1, size;
	VMGuestLibHandle handle;
	char path[600];

	fake_reset();
	fake_set_path(sent, sent_len);
	handle = open_updated();
	for (size = 0; size <= need + 2; size++) {
		size_t asked = size;
		VMGuestLibError error;

		memset(path, '#', sizeof(path));
		error = VMGuestLib_GetResourcePoolPath(handle, &asked, path);
		if (size < need) {
			CHECK_EQ(error, ERR(BUFFER_TOO_SMALL));
			CHECK_EQ(asked, need);
			CHECK_EQ(path[0], '#');
		} else {
			CHECK_EQ(error, ERR(SUCCESS));
			CHECK_EQ(asked, size);
			CHECK_STR(path, wanted);
			CHECK_EQ(path[need], '#');
		}
	}
	close_checked(handle);
}

KTAP_TEST(resource_pool_path_buffer)
{
	char longest[513];

	memset(longest, 'p', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	check_path("/ha/pool", sizeof("/ha/pool"), "/ha/pool");
	check_path("", 1, "");
	check_path("cut\0off", sizeof("cut\0off"), "cut");
	check_path(longest, sizeof(longest), longest);
}

KTAP_TEST(resource_pool_path_without_text)
{
	static const struct {
		enum vmguestlib_value_state state;
		VMGuestLibError wanted;
	} cases[] = {
		{ VMGUESTLIB_VALUE_UNAVAILABLE, ERR(NOT_AVAILABLE) },
		{ VMGUESTLIB_VALUE_NOT_SENT, ERR(UNSUPPORTED_VERSION) },
	};
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		VMGuestLibHandle handle;

		fake_reset();
		fake_set_path(NULL, 0);
		fake.values[18].state = cases[i].state;
		handle = open_updated();
		check_path_order(handle, cases[i].wanted);
		close_checked(handle);
	}
}

KTAP_TEST(resource_pool_path_over_the_wires_limit)
{
	static const char endless[514];
	VMGuestLibHandle handle;

	fake_reset();
	handle = open_handle();
	fake_set_path(endless, sizeof(endless));
	CHECK_EQ(VMGuestLib_UpdateInfo(handle), ERR(OTHER));
	check_order(handle, ERR(NO_INFO));
	close_checked(handle);
}

int main(void)
{
	static const struct ktap_test tests[] = {
		KTAP_ENTRY(open_order_of_errors),
		KTAP_ENTRY(open_without_memory),
		KTAP_ENTRY(open_survives_forbidden_cpuid),
		KTAP_ENTRY(order_of_argument_errors),
		KTAP_ENTRY(session_zero_is_no_information),
		KTAP_ENTRY(every_accessor_reports_its_statistic),
		KTAP_ENTRY(statistics_without_a_value),
		KTAP_ENTRY(module_that_knows_less_or_more),
		KTAP_ENTRY(a_value_does_not_survive_its_update),
		KTAP_ENTRY(update_errors),
		KTAP_ENTRY(signals_do_not_cancel_an_update),
		KTAP_ENTRY(mem_shares64_falls_back),
		KTAP_ENTRY(host_mem_kern_ovhd_is_always_0),
		KTAP_ENTRY(resource_pool_path_buffer),
		KTAP_ENTRY(resource_pool_path_without_text),
		KTAP_ENTRY(resource_pool_path_over_the_wires_limit),
	};

	return KTAP_MAIN(tests);
}
