// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* Compiles compat/hypercall_macros.h, which is for kernels up to 6.10. */
#include "compat/hypercall_macros.h"
#include "hypercall_entry.h"

HYPERCALL_ENTRY(macros, VMWARE_HYPERVISOR_HB | VMWARE_HYPERVISOR_OUT,
		VMWARE_HYPERVISOR_HB);
