/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The differences between a vCPU of VMware and one of QEMU: CPUID, the instructions
 * VMCALL and VMMCALL, and the backdoor's ports in ring 3.
 */
#ifndef VMXSIM_QEMU_CPU_H
#define VMXSIM_QEMU_CPU_H

#include <stdbool.h>

#include "backdoor/bdoor.h"
#include "backdoor/cpuid.h"

struct qemu_cpu_ops {
	struct cpuid_host cpuid;
	bool ring3;			/* programs may use the backdoor */
	struct bdoor *bdoor;
	bool *spoken_to;		/* set to true by each hypercall */
};

/*
 * Replaces the helpers.  This is allowed only in qemu_start(); see helpers.h.  @ops must stay
 * valid, and the clock rates in @ops may be set until the first vCPU runs.  If a feature is
 * not possible with this QEMU, prints the name of the feature and returns false.
 */
bool qemu_cpu_install(const struct qemu_cpu_ops *ops);

#endif
