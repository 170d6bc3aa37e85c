# SPDX-License-Identifier: GPL-2.0-only
# Copyright The vmguestlib authors
#
# Finds the features of the kernel in $(srctree) by its headers, not by its version.
# Each feature that is found becomes a definition VMGL_HAVE_*. The first probe must succeed:
# it distinguishes a kernel tree that cannot be read from a kernel that lacks a feature.

vmgl-header-has = $(shell grep -qs '$(2)' '$(srctree)/$(1)' && echo y)

ifneq ($(call vmgl-header-has,arch/x86/include/asm/vmware.h,VMWARE_HYPERVISOR_PORT),y)
$(error vmguestlib: $(srctree) is no x86 kernel tree with asm/vmware.h)
endif

ifeq ($(call vmgl-header-has,arch/x86/include/asm/vmware.h,vmware_hypercall7),y)
ccflags-y += -DVMGL_HAVE_VMWARE_HYPERCALL_INLINES
endif

ifeq ($(call vmgl-header-has,include/linux/unaligned.h,get_unaligned_be32),y)
ccflags-y += -DVMGL_HAVE_LINUX_UNALIGNED_H
endif

ifeq ($(call vmgl-header-has,include/linux/workqueue.h,system_dfl_wq),y)
ccflags-y += -DVMGL_HAVE_SYSTEM_DFL_WQ
endif

ifeq ($(call vmgl-header-has,include/linux/mm.h,vm_flags_mod),y)
ccflags-y += -DVMGL_HAVE_VM_FLAGS_MOD
endif

ifeq ($(call vmgl-header-has,include/linux/time_namespace.h,timens_add_boottime_ns),y)
ccflags-y += -DVMGL_HAVE_TIMENS_ADD_BOOTTIME_NS
endif

# The folder include has headers that older kernels lack. The compiler finds a header of the
# kernel before a header of this folder.
vmgl-compat := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
ccflags-y += -I$(vmgl-compat)/include

# Up to 5.15 there is only the older socket option for the timeout of connect(). On 64-bit
# machines, the arguments of the older and the newer option have the same layout.
ifneq ($(call vmgl-header-has,include/uapi/linux/vm_sockets.h,CONNECT_TIMEOUT_NEW),y)
ccflags-y += -DSO_VM_SOCKETS_CONNECT_TIMEOUT_NEW=SO_VM_SOCKETS_CONNECT_TIMEOUT
endif
