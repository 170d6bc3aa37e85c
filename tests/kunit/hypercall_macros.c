// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/* The entry of kernels up to 6.10: macros. */
#include "compat/hypercall_macros.h"
#include "hypercall_entry.h"

HYPERCALL_ENTRY(macros, VMWARE_HYPERVISOR_HB | VMWARE_HYPERVISOR_OUT,
		VMWARE_HYPERVISOR_HB);
