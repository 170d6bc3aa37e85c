// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Measures the read of one value and of all values of a young snapshot. Each is compared with
 * the same kind of access to the kernel itself. Also measures whether a read takes longer when
 * many processes read.
 */
#include <linux/random.h>
#include <sys/mman.h>
#include <vmguest.h>

#include "bench.h"
#include "snapshot.h"

#define SAMPLES		100
#define YOUNG_MS	3600000
#define READS		50	/* number of reads of each of many processes */

static struct vmguest guest;
static int random_fd, ours_fd, mtu_fd;
static volatile uint64_t sum;

static bool value_from_page(void)
{
	struct vmguestlib_value value;

	if (vmguest_value(&guest, VMGUESTLIB_STAT_CPU_USED_MS, &value))
		return false;
	sum += value.value;
	return true;
}

static bool value_of_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sum += now.tv_nsec;
	return true;
}

static bool get_info(void)
{
	static struct vmguestlib_value values[VMGUESTLIB_STAT_END];
	struct vmguestlib_get_info info = {
		.size = sizeof(info),
		.max_age_ms = YOUNG_MS,
		.values = (uintptr_t)values,
		.values_len = VMGUESTLIB_STAT_END,
	};

	return !ioctl(guest.fd, VMGUESTLIB_IOC_GET_INFO, &info);
}

static bool get_time_only(void)
{
	struct vmguestlib_get_info info = {
		.size = sizeof(info),
		.max_age_ms = YOUNG_MS,
	};

	return !ioctl(guest.fd, VMGUESTLIB_IOC_GET_INFO, &info);
}

static bool get_abi_info(void)
{
	struct vmguestlib_abi_info info = { .size = sizeof(info) };

	return !ioctl(guest.fd, VMGUESTLIB_IOC_ABI_INFO, &info);
}

static bool cheapest_ioctl(void)
{
	int bits;

	return !ioctl(random_fd, RNDGETENTCNT, &bits);
}

static bool read_again(int fd)
{
	char text[64];

	return pread(fd, text, sizeof(text), 0) > 0;
}

static bool read_ours(void)
{
	return read_again(ours_fd);
}

static bool read_mtu(void)
{
	return read_again(mtu_fd);
}

static const struct side values[] = {
	{ "ours", value_from_page }, { "reference", value_of_clock },
};

static const struct side requests[] = {
	{ "ours", get_info }, { "no values", get_time_only },
	{ "ABI_INFO", get_abi_info }, { "reference", cheapest_ioctl },
};

static const struct side files[] = {
	{ "ours", read_ours }, { "reference", read_mtu },
};

/* --- many readers --------------------------------------------------------------- */

static void read_often(void)
{
	int i;

	for (i = 0; i < READS; i++)
		require(get_info(), "GET_INFO");
}

static void growth(void)
{
	static const unsigned int counts[] = { 1, 10, 100, 1000 };
	char side[16];
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		snprintf(side, sizeof(side), "%u", counts[i]);
		report("growth", side, "median_ns",
		       (double)run_together(counts[i], read_often) /
			       (counts[i] * READS));
	}
}

int main(void)
{
	require(!vmguest_open(&guest) && !vmguest_refresh(&guest, 0), DEVICE);
	random_fd = open("/dev/random", O_RDONLY | O_CLOEXEC);
	ours_fd = open(SYSFS "cpu/used_ms", O_RDONLY | O_CLOEXEC);
	mtu_fd = open("/sys/class/net/lo/mtu", O_RDONLY | O_CLOEXEC);
	require(random_fd >= 0 && ours_fd >= 0 && mtu_fd >= 0, "open");
	require(sysfs_write("max_age_ms", "3600000"), "max_age_ms");
	COMPARE("value", values, SAMPLES, 1000);
	COMPARE("get_info", requests, SAMPLES, 100);
	COMPARE("sysfs", files, SAMPLES, 100);
	growth();
	vmguest_close(&guest);
	return 0;
}
