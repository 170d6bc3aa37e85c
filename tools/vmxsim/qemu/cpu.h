/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What a virtual CPU of VMware does otherwise than one of QEMU: CPUID, the
 * instructions VMCALL and VMMCALL, and the backdoor's ports in ring 3.
 */
#ifndef VMXSIM_QEMU_CPU_H
#define VMXSIM_QEMU_CPU_H

#include <stdbool.h>

#include "backdoor/bdoor.h"
#include "backdoor/cpuid.h"

struct qemu_cpu_ops {
	struct cpuid_host cpuid;
	bool ring3;			/* the backdoor is open to programs */
	struct bdoor *bdoor;
	bool *spoken_to;		/* set with each call of the guest */
};

/*
 * Changes this QEMU accordingly; only while the plugin is installed.  @ops stays
 * in use; its clock rates may be set until the first CPU runs.  Says which
 * feature this QEMU cannot have and returns false.
 */
bool qemu_cpu_install(const struct qemu_cpu_ops *ops);

#endif
