/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The rate of this machine's TSC, which is the rate of a vCPU's TSC without -icount */
#ifndef VMXSIM_QEMU_TSC_H
#define VMXSIM_QEMU_TSC_H

#include <stdint.h>

/*
 * tsc_measure_end() returns the rate in Hz.  It waits until 50 ms have passed since
 * tsc_measure_begin(), because a shorter measurement is less exact.
 */
void tsc_measure_begin(void);
uint64_t tsc_measure_end(void);

#endif
