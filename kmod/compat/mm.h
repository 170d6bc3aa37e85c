/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/* vm_flags_mod(), which kernels have since 6.3, changes the flags of a mapping. */
#ifndef VMGL_COMPAT_MM_H
#define VMGL_COMPAT_MM_H

#include <linux/mm.h>

#ifndef VMGL_HAVE_VM_FLAGS_MOD
static inline void vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set,
				vm_flags_t clear)
{
	vma->vm_flags |= set;
	vma->vm_flags &= ~clear;
}
#endif

#endif
