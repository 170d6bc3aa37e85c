/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * page.c is compiled with this header in front of it, after below.h. At each barrier, the fake
 * reads the sequence of the page, as a reader on another processor would.
 */
#ifndef VMGL_KUNIT_BELOW_PAGE_H
#define VMGL_KUNIT_BELOW_PAGE_H

#undef smp_wmb
#define smp_wmb()							\
	((void)fake_below.barriers++,					\
	 fake_below.odd_barriers += READ_ONCE(shown->sequence) & 1)

#endif
