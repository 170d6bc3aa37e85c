// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * ovt_agreement OURS THEIRS: checks that both libraries report the same values
 *
 * Compares each statistic in sysfs, by ioctl(), by this project's library and by the library of
 * open-vm-tools, and prints KTAP.  OURS and THEIRS are the paths of the libraries.  The statistics
 * of the host must be frozen (vmxsim.freeze).  One difference is allowed: if the host answers
 * "Unknown command", StatGet returns UNSUPPORTED_VERSION in OURS and NOT_AVAILABLE in
 * THEIRS.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vmguestlib.h>

#include "ovt_agreement.h"

#define UNTOUCHED	0x5555555555555555ULL
#define UNLIMITED	0xFFFFFFFFULL
#define TEXT_MAX	4096
#define REPEATS_MAX	3

const char *const who_names[] = { "ours", "theirs" };

struct library {
	void *object;
	VMGuestLibHandle handle;
};
static struct library libraries[LIBRARIES];

/* The answer of /dev/vmguestlib, with which all others are compared */
static struct {
	int err;
	struct vmguestlib_get_info info;
	struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	char path[TEXT_MAX];
	char long_path[65536];
} truth;

int device;
static unsigned int test_number, tests_failed;
static bool test_failed;
static unsigned int repeats_left;

struct statistic {
	unsigned int id;
	unsigned int bits;
	const char *accessor;
	const char *file;
};

static const struct statistic statistics[] = {
	{ 1, 32, "GetCpuReservationMHz", "cpu/reservation_mhz" },
	{ 2, 32, "GetCpuLimitMHz", "cpu/limit_mhz" },
	{ 3, 32, "GetCpuShares", "cpu/shares" },
	{ 4, 64, "GetCpuUsedMs", "cpu/used_ms" },
	{ 5, 32, "GetHostProcessorSpeed", "host/processor_mhz" },
	{ 6, 32, "GetMemReservationMB", "mem/reservation_mb" },
	{ 7, 32, "GetMemLimitMB", "mem/limit_mb" },
	{ 8, 32, "GetMemShares", NULL },
	{ 9, 32, "GetMemMappedMB", "mem/mapped_mb" },
	{ 10, 32, "GetMemActiveMB", "mem/active_mb" },
	{ 11, 32, "GetMemOverheadMB", "mem/overhead_mb" },
	{ 12, 32, "GetMemBalloonedMB", "mem/ballooned_mb" },
	{ 13, 32, "GetMemSwappedMB", "mem/swapped_mb" },
	{ 14, 32, "GetMemSharedMB", "mem/shared_mb" },
	{ 15, 32, "GetMemSharedSavedMB", "mem/shared_saved_mb" },
	{ 16, 32, "GetMemUsedMB", "mem/used_mb" },
	{ 17, 64, "GetElapsedMs", "elapsed_ms" },
	{ 19, 64, "GetCpuStolenMs", "cpu/stolen_ms" },
	{ 20, 64, "GetMemTargetSizeMB", "mem/target_size_mb" },
	{ 21, 32, "GetHostNumCpuCores", "host/num_cpu_cores" },
	{ 22, 64, "GetHostCpuUsedMs", "host/cpu_used_ms" },
	{ 23, 64, "GetHostMemSwappedMB", "host/mem_swapped_mb" },
	{ 24, 64, "GetHostMemSharedMB", "host/mem_shared_mb" },
	{ 25, 64, "GetHostMemUsedMB", "host/mem_used_mb" },
	{ 26, 64, "GetHostMemPhysMB", "host/mem_phys_mb" },
	{ 27, 64, "GetHostMemPhysFreeMB", "host/mem_phys_free_mb" },
	{ 28, 64, "GetHostMemKernOvhdMB", "host/mem_kern_ovhd_mb" },
	{ 29, 64, "GetHostMemMappedMB", "host/mem_mapped_mb" },
	{ 30, 64, "GetHostMemUnmappedMB", "host/mem_unmapped_mb" },
	{ 31, 32, "GetMemZippedMB", "mem/zipped_mb" },
	{ 32, 32, "GetMemZipSavedMB", "mem/zip_saved_mb" },
	{ 33, 32, "GetMemLLSwappedMB", "mem/ll_swapped_mb" },
	{ 34, 32, "GetMemSwapTargetMB", "mem/swap_target_mb" },
	{ 35, 32, "GetMemBalloonTargetMB", "mem/balloon_target_mb" },
	{ 36, 32, "GetMemBalloonMaxMB", "mem/balloon_max_mb" },
	{ 38, 64, "GetMemShares64", "mem/shares" },
};

void differs(const char *format, ...)
{
	va_list arguments;

	test_failed = true;
	fputs("# ", stdout);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

void verdict(const char *name)
{
	printf("%s %u %s\n", test_failed ? "not ok" : "ok", ++test_number,
	       name);
	tests_failed += test_failed;
	test_failed = false;
}

bool ask_again(enum who who)
{
	if (who != THEIRS || !repeats_left)
		return false;
	repeats_left--;
	puts("# theirs is asked again");
	return true;
}

void *function(enum who who, const char *name)
{
	char symbol[64];
	void *address;

	snprintf(symbol, sizeof(symbol), "VMGuestLib_%s", name);
	address = dlsym(libraries[who].object, symbol);
	if (!address) {
		printf("Bail out! %s\n", dlerror());
		exit(1);
	}
	return address;
}

typedef VMGuestLibError (*get32_fn)(VMGuestLibHandle, uint32 *);
typedef VMGuestLibError (*get64_fn)(VMGuestLibHandle, uint64 *);
typedef VMGuestLibError (*path_fn)(VMGuestLibHandle, size_t *, char *);
typedef VMGuestLibError (*open_fn)(VMGuestLibHandle *);
typedef VMGuestLibError (*update_fn)(VMGuestLibHandle);
typedef const char *(*text_fn)(VMGuestLibError);

static void load(enum who who, const char *path)
{
	/*
	 * Both libraries export the same names. With RTLD_DEEPBIND each library uses its own
	 * functions.
	 */
	libraries[who].object = dlopen(path, RTLD_NOW | RTLD_LOCAL |
					     RTLD_DEEPBIND);
	if (!libraries[who].object) {
		printf("Bail out! %s\n", dlerror());
		exit(1);
	}
}

static void load_both(char **paths)
{
	load(OURS, paths[0]);
	load(THEIRS, paths[1]);
	if (function(OURS, "OpenHandle") == function(THEIRS, "OpenHandle")) {
		puts("Bail out! both paths lead to the same library");
		exit(1);
	}
}

/* Calls an accessor. *value is UNTOUCHED if the accessor did not write a result. */
static VMGuestLibError get(enum who who, const struct statistic *statistic,
			   VMGuestLibHandle handle, unsigned long long *value)
{
	void *accessor = function(who, statistic->accessor);
	VMGuestLibError error;
	uint64 wide = UNTOUCHED;
	uint32 narrow = (uint32)UNTOUCHED;

	if (statistic->bits == 64) {
		error = ((get64_fn)accessor)(handle, value ? &wide : NULL);
	} else {
		error = ((get32_fn)accessor)(handle, value ? &narrow : NULL);
		wide = narrow;
	}
	if (value)
		*value = wide;
	return error;
}

static void compare_error_texts(void)
{
	int error;

	for (error = -1; error <= VMGUESTLIB_ERROR_UNSUPPORTED_VERSION + 1;
	     error++) {
		const char *texts[LIBRARIES];
		enum who who;

		for (who = OURS; who < LIBRARIES; who++)
			texts[who] = ((text_fn)function(who, "GetErrorText"))(error);
		if (strcmp(texts[OURS], texts[THEIRS]))
			differs("error %d: ours \"%s\", theirs \"%s\"", error,
				texts[OURS], texts[THEIRS]);
	}
	verdict("GetErrorText");
}

static void same_errors(const char *what, const VMGuestLibError *errors)
{
	if (errors[OURS] != errors[THEIRS])
		differs("%s: ours %d, theirs %d", what, errors[OURS],
			errors[THEIRS]);
}

static void compare_context(void)
{
	VMGuestLibError errors[LIBRARIES][5];
	enum who who;
	size_t i;

	for (who = OURS; who < LIBRARIES; who++) {
		struct library *library = &libraries[who];
		VMGuestLibError *error = errors[who];

		error[0] = ((open_fn)function(who, "OpenHandle"))(NULL);
		error[1] = ((open_fn)function(who, "OpenHandle"))(&library->handle);
		error[2] = ((update_fn)function(who, "UpdateInfo"))(NULL);
		error[3] = ((update_fn)function(who, "CloseHandle"))(NULL);
		error[4] = ((stat_get_fn)function(who, "StatGet"))
						(NULL, "host", NULL, NULL);
		if (error[1]) {
			printf("Bail out! OpenHandle of %s: error %d\n",
			       who_names[who], error[1]);
			exit(1);
		}
	}
	for (i = 0; i < COUNT(errors[0]); i++)
		if (errors[OURS][i] != errors[THEIRS][i])
			differs("call %zu: ours %d, theirs %d", i,
				errors[OURS][i], errors[THEIRS][i]);
	verdict("OpenHandle, and arguments of NULL");
}

static void compare_accessor_errors(const struct statistic *statistic)
{
	VMGuestLibError null_null[LIBRARIES], null_handle[LIBRARIES];
	VMGuestLibError null_result[LIBRARIES], valid[LIBRARIES];
	unsigned long long value;
	enum who who;

	for (who = OURS; who < LIBRARIES; who++) {
		VMGuestLibHandle handle = libraries[who].handle;

		null_null[who] = get(who, statistic, NULL, NULL);
		null_handle[who] = get(who, statistic, NULL, &value);
		null_result[who] = get(who, statistic, handle, NULL);
		valid[who] = get(who, statistic, handle, &value);
	}
	same_errors(statistic->accessor, null_null);
	same_errors(statistic->accessor, null_handle);
	same_errors(statistic->accessor, null_result);
	same_errors(statistic->accessor, valid);
}

static void compare_all_accessor_errors(const char *when)
{
	static const struct statistic session = {
		.bits = 64, .accessor = "GetSessionId",
	};
	size_t i;

	for (i = 0; i < COUNT(statistics); i++)
		compare_accessor_errors(&statistics[i]);
	compare_accessor_errors(&session);
	verdict(when);
}

static void ask_device(void)
{
	truth.info = (struct vmguestlib_get_info) {
		.size = sizeof(truth.info),
		.values_len = VMGUESTLIB_STAT_END,
		.values = (uintptr_t)truth.values,
		.path = (uintptr_t)truth.path,
		.path_len = sizeof(truth.path),
		.long_path = (uintptr_t)truth.long_path,
		.long_path_len = sizeof(truth.long_path),
	};
	truth.err = ioctl(device, VMGUESTLIB_IOC_GET_INFO, &truth.info) ?
		    errno : 0;
}

static VMGuestLibError wanted_of_update(void)
{
	switch (truth.err) {
	case 0:
		return VMGUESTLIB_ERROR_SUCCESS;
	case EREMOTEIO:
	case EOPNOTSUPP:
	case EIO:
		return VMGUESTLIB_ERROR_NOT_ENABLED;
	default:
		return VMGUESTLIB_ERROR_OTHER;
	}
}

static void update_all(void)
{
	enum who who;

	ask_device();
	for (who = OURS; who < LIBRARIES; who++) {
		update_fn update = (update_fn)function(who, "UpdateInfo");
		VMGuestLibError error;

		do {
			error = update(libraries[who].handle);
		} while (error && !truth.err && ask_again(who));
		if (error != wanted_of_update())
			differs("%s: error %d after errno %d of the device",
				who_names[who], error, truth.err);
	}
	verdict("UpdateInfo");
}

/* Reads a file without its newline. Returns its length or a negative errno. */
static ssize_t read_file(const char *name, char *text, size_t size)
{
	char path[128];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/sys/class/misc/vmguestlib/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len <= 0)
		return len;
	if (text[len - 1] != '\n')
		differs("sysfs %s: no newline at its end", name);
	text[--len] = '\0';
	return len;
}

static void compare_file(const char *name, int wanted_err,
			 const char *wanted_text)
{
	char text[TEXT_MAX + 1];
	ssize_t len = read_file(name, text, sizeof(text));

	if (len < 0 && -len != wanted_err)
		differs("sysfs %s: %s, wanted %s", name, strerror(-len),
			strerror(wanted_err));
	else if (len >= 0 && wanted_err)
		differs("sysfs %s: \"%s\", wanted %s", name, text,
			strerror(wanted_err));
	else if (len >= 0 && strcmp(text, wanted_text))
		differs("sysfs %s: \"%s\", wanted \"%s\"", name, text,
			wanted_text);
}

static const struct vmguestlib_value *first_given(unsigned int id,
						  unsigned int fallback)
{
	if (truth.values[id].state != VMGUESTLIB_VALUE_GIVEN && fallback)
		id = fallback;
	return &truth.values[id];
}

static void compare_file_of(const struct statistic *statistic)
{
	const struct vmguestlib_value *value;
	char wanted[32];
	int err = truth.err;

	if (!statistic->file)
		return;
	value = first_given(statistic->id, statistic->id ==
			    VMGUESTLIB_STAT_MEM_SHARES64 ?
			    VMGUESTLIB_STAT_MEM_SHARES : 0);
	if (!err && value->state != VMGUESTLIB_VALUE_GIVEN)
		err = ENODATA;
	snprintf(wanted, sizeof(wanted), "%llu",
		 (unsigned long long)value->value);
	if ((statistic->id == VMGUESTLIB_STAT_CPU_LIMIT_MHZ ||
	     statistic->id == VMGUESTLIB_STAT_MEM_LIMIT_MB) &&
	    value->value == UNLIMITED)
		strcpy(wanted, "max");
	compare_file(statistic->file, err, wanted);
}

static VMGuestLibError error_of_state(uint32_t state)
{
	switch (state) {
	case VMGUESTLIB_VALUE_GIVEN:
		return VMGUESTLIB_ERROR_SUCCESS;
	case VMGUESTLIB_VALUE_UNAVAILABLE:
		return VMGUESTLIB_ERROR_NOT_AVAILABLE;
	default:
		return VMGUESTLIB_ERROR_UNSUPPORTED_VERSION;
	}
}

/*
 * Returns the result that an accessor has to return for the device's answer (wire-protocol
 * chapter 8.4).
 */
static VMGuestLibError wanted_of(unsigned int id, unsigned long long *value)
{
	const struct vmguestlib_value *source = &truth.values[id];

	if (truth.err || !truth.info.out_session_id)
		return VMGUESTLIB_ERROR_NO_INFO;
	if (id == VMGUESTLIB_STAT_HOST_MEM_KERN_OVHD_MB) {
		*value = 0;
		return VMGUESTLIB_ERROR_SUCCESS;
	}
	if (id == VMGUESTLIB_STAT_MEM_SHARES64 &&
	    source->state == VMGUESTLIB_VALUE_NOT_SENT &&
	    truth.values[VMGUESTLIB_STAT_MEM_SHARES].state ==
							VMGUESTLIB_VALUE_GIVEN)
		source = &truth.values[VMGUESTLIB_STAT_MEM_SHARES];
	if (source->state == VMGUESTLIB_VALUE_GIVEN)
		*value = source->value;
	return error_of_state(source->state);
}

static void compare_statistic(const struct statistic *statistic)
{
	enum who who;

	for (who = OURS; who < LIBRARIES; who++) {
		unsigned long long value, wanted;
		VMGuestLibError error, wanted_error;

		wanted = statistic->bits == 64 ? UNTOUCHED : (uint32)UNTOUCHED;
		wanted_error = wanted_of(statistic->id, &wanted);
		error = get(who, statistic, libraries[who].handle, &value);
		if (error != wanted_error || value != wanted)
			differs("%s: error %d, value %llu; the device: error %d, value %llu",
				who_names[who], error, value, wanted_error, wanted);
	}
	compare_file_of(statistic);
	verdict(statistic->accessor);
}

static void compare_session(void)
{
	char wanted_text[32];
	enum who who;

	for (who = OURS; who < LIBRARIES; who++) {
		get64_fn get_session = (get64_fn)function(who, "GetSessionId");
		uint64 session = UNTOUCHED;
		VMGuestLibError error;

		error = get_session(libraries[who].handle, &session);
		if (truth.err ? error != VMGUESTLIB_ERROR_NO_INFO :
		    error || session != truth.info.out_session_id)
			differs("%s: error %d, session 0x%llx, the device: 0x%llx",
				who_names[who], error, (unsigned long long)session,
				(unsigned long long)truth.info.out_session_id);
	}
	snprintf(wanted_text, sizeof(wanted_text), "0x%016llx",
		 (unsigned long long)truth.info.out_session_id);
	compare_file("session_id", truth.err, wanted_text);
	verdict("GetSessionId");
}

static void compare_path_at(enum who who, size_t size, const char *wanted)
{
	path_fn get_path = (path_fn)function(who, "GetResourcePoolPath");
	size_t need = strlen(wanted) + 1, asked = size;
	char path[TEXT_MAX];
	VMGuestLibError error;

	memset(path, '#', sizeof(path));
	error = get_path(libraries[who].handle, &asked, path);
	if (size < need) {
		if (error != VMGUESTLIB_ERROR_BUFFER_TOO_SMALL ||
		    asked != need || path[0] != '#')
			differs("%s: size %zu: error %d, size %zu", who_names[who],
				size, error, asked);
	} else if (error || asked != size || path[need] != '#' ||
		   memcmp(path, wanted, need)) {
		differs("%s: size %zu: error %d, size %zu, \"%.*s\"",
			who_names[who], size, error, asked, (int)need, path);
	}
}

static void compare_path_of(enum who who)
{
	path_fn get_path = (path_fn)function(who, "GetResourcePoolPath");
	VMGuestLibHandle handle = libraries[who].handle;
	unsigned long long len;
	VMGuestLibError wanted = wanted_of(VMGUESTLIB_STAT_RESOURCE_POOL_PATH,
					   &len);
	char path[TEXT_MAX];
	size_t size = sizeof(path), need = strlen(truth.path) + 1;

	if (get_path(NULL, NULL, NULL) != VMGUESTLIB_ERROR_INVALID_HANDLE ||
	    get_path(handle, NULL, path) != VMGUESTLIB_ERROR_INVALID_ARG ||
	    get_path(handle, &size, NULL) != VMGUESTLIB_ERROR_INVALID_ARG)
		differs("%s: arguments of NULL", who_names[who]);
	if (wanted) {
		VMGuestLibError error = get_path(handle, &size, path);

		if (error != wanted)
			differs("%s: error %d, the device: %d", who_names[who],
				error, wanted);
		return;
	}
	compare_path_at(who, 0, truth.path);
	compare_path_at(who, need - 1, truth.path);
	compare_path_at(who, need, truth.path);
	compare_path_at(who, sizeof(path), truth.path);
}

static void compare_path(void)
{
	const struct vmguestlib_value *value =
		first_given(VMGUESTLIB_STAT_RESOURCE_POOL_PATH,
			    VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG);
	const char *text = truth.path;
	int err = truth.err;

	compare_path_of(OURS);
	/* With fewer statistics, open-vm-tools reads behind the end of its table (chapter 8.4). */
	if (truth.info.out_info_version == 2 ||
	    truth.info.out_count >= VMGUESTLIB_STAT_RESOURCE_POOL_PATH)
		compare_path_of(THEIRS);
	if (value == &truth.values[VMGUESTLIB_STAT_RESOURCE_POOL_PATH_LONG])
		text = truth.long_path;
	if (!err && value->state != VMGUESTLIB_VALUE_GIVEN)
		err = ENODATA;
	if (!err && value->value > (unsigned long)sysconf(_SC_PAGESIZE) - 2)
		err = EOVERFLOW;
	compare_file("resource_pool_path", err, text);
	verdict("GetResourcePoolPath");
}

static void allow_repeats(void)
{
	char transport[16];

	if (read_file("transport", transport, sizeof(transport)) > 0 &&
	    !strcmp(transport, "vsock"))
		repeats_left = REPEATS_MAX;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc != 3) {
		fputs("usage: ovt_agreement OURS THEIRS\n", stderr);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	device = open("/dev/vmguestlib", O_RDONLY | O_CLOEXEC);
	if (device < 0) {
		printf("Bail out! /dev/vmguestlib: %s\n", strerror(errno));
		return 1;
	}
	load_both(argv + 1);

	printf("KTAP version 1\n1..%zu\n", 7 + COUNT(statistics) +
	       stat_get_tests());
	allow_repeats();
	compare_error_texts();
	compare_context();
	compare_all_accessor_errors("argument errors before an update");
	update_all();
	compare_all_accessor_errors("argument errors after an update");
	compare_session();
	for (i = 0; i < COUNT(statistics); i++)
		compare_statistic(&statistics[i]);
	compare_path();
	compare_all_stat_gets();
	return tests_failed ? 1 : 0;
}
