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
	bool *spoken_to;		/* set by each call of the guest */
};

/*
 * Replaces the helpers; may be called only while the plugin is installed.  @ops must stay
 * valid; its clock rates may be set until the first vCPU runs.  If this QEMU cannot have
 * a feature, prints its name and returns false.
 */
bool qemu_cpu_install(const struct qemu_cpu_ops *ops);

#endif
