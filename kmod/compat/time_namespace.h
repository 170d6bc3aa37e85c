/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * timens_add_boottime_ns() converts a time of CLOCK_BOOTTIME to the time namespace of the
 * caller.  Kernels up to 5.10 have only timens_add_boottime(), for a struct timespec64.
 */
#ifndef VMGL_COMPAT_TIME_NAMESPACE_H
#define VMGL_COMPAT_TIME_NAMESPACE_H

#include <linux/time64.h>
#include <linux/time_namespace.h>

#ifndef VMGL_HAVE_TIMENS_ADD_BOOTTIME_NS
static inline u64 timens_add_boottime_ns(u64 ns)
{
	struct timespec64 time = ns_to_timespec64(ns);

	timens_add_boottime(&time);
	return timespec64_to_ns(&time);
}
#endif

#endif
