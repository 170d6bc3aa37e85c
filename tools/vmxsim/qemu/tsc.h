/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The rate of the machine's TSC, which a virtual CPU without -icount counts by. */
#ifndef VMXSIM_QEMU_TSC_H
#define VMXSIM_QEMU_TSC_H

#include <stdint.h>

/* The longer the time between the two, the better; the second waits for 50 ms. */
void tsc_measure_begin(void);
uint64_t tsc_measure_end(void);

#endif
