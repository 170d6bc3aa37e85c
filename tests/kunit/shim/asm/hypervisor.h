/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Replaces the kernel's header of the same name, and everything else by which the
 * module recognizes a machine, by a fake machine.
 */
#ifndef _ASM_X86_HYPERVISOR_H
#define _ASM_X86_HYPERVISOR_H

#include <asm/processor.h>
#include <linux/cc_platform.h>
#include <linux/dmi.h>

#include "../../fake_machine.h"

#define X86_HYPER_VMWARE	1

#define hypervisor_is_type(type)	fake_machine.is_known
#undef boot_cpu_has
#define boot_cpu_has(feature)		fake_machine.has_hypervisor
#define cpuid(leaf, eax, ebx, ecx, edx)	fake_cpuid(leaf, eax, ebx, ecx, edx)
#define dmi_get_system_info(field)	fake_machine.serial
#define cc_platform_has(attribute)	fake_machine.is_encrypted

#endif
