/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * These inline functions read statistics of the virtual machine without a system call,
 * from the mapped page of /dev/vmguestlib.  There is nothing to link with.
 *
 * Functions return 0 or more on success, and -1 with errno set on failure.  Several
 * threads may call all functions at the same time, except vmguest_open() and
 * vmguest_close().
 */
#ifndef VMGUEST_H
#define VMGUEST_H

#include <errno.h>
#include <fcntl.h>
#include <linux/vmguestlib.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct vmguest - the open device
 * @fd: the device
 * @page: the mapped page
 * @offset_ns: CLOCK_BOOTTIME of this process minus that of the page
 */
struct vmguest {
	int fd;
	const struct vmguestlib_page *page;
	__u64 offset_ns;
};

static __inline__ int vmguest_map_(struct vmguest *guest)
{
	struct vmguestlib_abi_info info;
	void *page;

	memset(&info, 0, sizeof(info));
	info.size = sizeof(info);
	if (ioctl(guest->fd, VMGUESTLIB_IOC_ABI_INFO, &info))
		return -1;
	guest->offset_ns = info.out_boottime_offset_ns;
	page = mmap(NULL, VMGUESTLIB_PAGE_SIZE, PROT_READ, MAP_SHARED,
		    guest->fd, 0);
	if (page == MAP_FAILED)
		return -1;
	guest->page = (const struct vmguestlib_page *)page;
	return 0;
}

/**
 * vmguest_open() - open the device and map its page, without a request to the host
 * @guest: filled on success
 *
 * Errors: those of open(2) and mmap(2).  ENODEV: the module has no page.
 */
static __inline__ int vmguest_open(struct vmguest *guest)
{
	int error;

	guest->page = NULL;
	guest->offset_ns = 0;
	guest->fd = open("/dev/vmguestlib", O_RDONLY | O_CLOEXEC);
	if (guest->fd < 0)
		return -1;
	if (!vmguest_map_(guest))
		return 0;
	error = errno;
	close(guest->fd);
	errno = error;
	return -1;
}

/**
 * vmguest_close() - unmap the page and close the device
 * @guest: open
 */
static __inline__ void vmguest_close(struct vmguest *guest)
{
	munmap((void *)guest->page, VMGUESTLIB_PAGE_SIZE);
	close(guest->fd);
}

/* Returns the sequence number before a copy.  It is odd while the page is being written. */
static __inline__ __u32 vmguest_begin_(const struct vmguest *guest)
{
	return __atomic_load_n(&guest->page->sequence, __ATOMIC_ACQUIRE);
}

/* Returns whether the bytes that were copied since @sequence are of one reply. */
static __inline__ int vmguest_end_(const struct vmguest *guest, __u32 sequence)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return !(sequence & 1) &&
	       __atomic_load_n(&guest->page->sequence, __ATOMIC_RELAXED) ==
		       sequence;
}

static __inline__ int vmguest_check_(__u32 state)
{
	if (state == VMGUESTLIB_PAGE_GIVEN)
		return 0;
	errno = state == VMGUESTLIB_PAGE_RESTRICTED ? EPERM : ENODATA;
	return -1;
}

/*
 * Returns the number of bytes to copy: up to the last value that the module or this header
 * has.  Values that an older module does not know are 0 in its page.
 */
static __inline__ size_t vmguest_size_(const struct vmguest *guest)
{
	size_t size = offsetof(struct vmguestlib_page, values) +
		      VMGUESTLIB_STAT_END * sizeof(guest->page->values[0]);

	if (guest->page->size > size)
		size = guest->page->size;
	return size < sizeof(*guest->page) ? size : sizeof(*guest->page);
}

/**
 * vmguest_read() - copy the page
 * @guest: open
 * @copy: filled with the values of one reply of the host.  A value that the module does not
 *	know is 0.  @copy->time_ns is a reading of the CLOCK_BOOTTIME of this process
 *
 * Errors:
 *
 * =======  ======================================================================
 * ENODATA  the host has not answered yet; see vmguest_refresh()
 * EPERM    the host answers privileged senders only
 * EAGAIN   the page was being written during each attempt
 * =======  ======================================================================
 */
static __inline__ int vmguest_read(const struct vmguest *guest,
				   struct vmguestlib_page *copy)
{
	size_t size = vmguest_size_(guest);
	__u32 sequence, tries;

	for (tries = 0; tries < VMGUESTLIB_PAGE_TRIES; tries++) {
		sequence = vmguest_begin_(guest);
		memcpy(copy, guest->page, size);
		if (!vmguest_end_(guest, sequence))
			continue;
		copy->time_ns += guest->offset_ns;
		return vmguest_check_(copy->state);
	}
	errno = EAGAIN;
	return -1;
}

/**
 * vmguest_value() - copy one statistic
 * @guest: open
 * @id: the statistic
 * @value: filled; @value->state shows whether the host gives the statistic
 *
 * Errors: those of vmguest_read().  EINVAL: the module does not know the statistic.
 */
static __inline__ int vmguest_value(const struct vmguest *guest,
				    enum vmguestlib_stat_id id,
				    struct vmguestlib_value *value)
{
	__u32 sequence, state, tries;

	if ((__u32)id >= guest->page->values_len) {
		errno = EINVAL;
		return -1;
	}
	for (tries = 0; tries < VMGUESTLIB_PAGE_TRIES; tries++) {
		sequence = vmguest_begin_(guest);
		state = guest->page->state;
		*value = guest->page->values[id];
		if (vmguest_end_(guest, sequence))
			return vmguest_check_(state);
	}
	errno = EAGAIN;
	return -1;
}

/**
 * vmguest_refresh() - request the statistics if the page is too old
 * @guest: open
 * @max_age_ms: greatest age that is accepted, in ms; 0: always request the statistics
 *
 * Errors: those of VMGUESTLIB_IOC_GET_INFO.
 */
static __inline__ int vmguest_refresh(const struct vmguest *guest,
				      __u32 max_age_ms)
{
	struct vmguestlib_get_info info;

	memset(&info, 0, sizeof(info));
	info.size = sizeof(info);
	info.max_age_ms = max_age_ms;
	return ioctl(guest->fd, VMGUESTLIB_IOC_GET_INFO, &info);
}

/**
 * vmguest_watch() - request the statistics at an interval, as long as @guest is open
 * @guest: open
 * @interval_ms: longest time between two requests, in ms; 0: end the watch
 *
 * Errors: those of VMGUESTLIB_IOC_WATCH.
 */
static __inline__ int vmguest_watch(const struct vmguest *guest,
				    __u32 interval_ms)
{
	struct vmguestlib_watch watch;

	memset(&watch, 0, sizeof(watch));
	watch.size = sizeof(watch);
	watch.interval_ms = interval_ms;
	return ioctl(guest->fd, VMGUESTLIB_IOC_WATCH, &watch);
}

/**
 * vmguest_wait() - wait for a change
 * @guest: open
 * @timeout_ms: timeout of poll(2)
 *
 * A change of session is noticed only while a program requests the statistics, for
 * example by vmguest_watch().
 *
 * Return: VMGUESTLIB_EVENT_* bits, or 0 after the timeout.
 * Errors: those of poll(2) and of VMGUESTLIB_IOC_EVENTS.
 */
static __inline__ int vmguest_wait(const struct vmguest *guest, int timeout_ms)
{
	struct pollfd pollfd;
	struct vmguestlib_events events;
	int ret;

	pollfd.fd = guest->fd;
	pollfd.events = POLLPRI;
	ret = poll(&pollfd, 1, timeout_ms);
	if (ret <= 0)
		return ret;
	memset(&events, 0, sizeof(events));
	events.size = sizeof(events);
	if (ioctl(guest->fd, VMGUESTLIB_IOC_EVENTS, &events))
		return -1;
	return (int)events.out_events;
}

#ifdef __cplusplus
}
#endif

#endif
