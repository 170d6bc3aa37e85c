/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * Functions that enter the hypervisor, for the versions of the kernel's asm/vmware.h.
 *
 * Up to 6.10 the header has a macro for the instruction.  Since 6.11 it has the functions
 * vmware_hypercall1() to vmware_hypercall7(), and a module cannot use the instruction
 * itself.
 */
#ifndef VMGL_COMPAT_HYPERCALL_H
#define VMGL_COMPAT_HYPERCALL_H

#ifdef VMGL_HAVE_VMWARE_HYPERCALL_INLINES
#include "hypercall_inlines.h"
#else
#include "hypercall_macros.h"
#endif

#endif
