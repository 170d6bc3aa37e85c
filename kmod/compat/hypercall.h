/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * How the kernel's asm/vmware.h lets a module enter the hypervisor.
 *
 * Since 6.11 the header has vmware_hypercall1() to vmware_hypercall7(), and modules
 * cannot use the bare instruction.
 */
#ifndef VMGL_COMPAT_HYPERCALL_H
#define VMGL_COMPAT_HYPERCALL_H

#ifdef VMGL_HAVE_VMWARE_HYPERCALL_INLINES
#include "hypercall_inlines.h"
#else
#include "hypercall_macros.h"
#endif

#endif
