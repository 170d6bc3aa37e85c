/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_VMCI_H
#define VMGL_VMCI_H

struct vmgl_device;

#ifdef CONFIG_VMGUESTLIB_VSOCK

int vmgl_vmci_register(struct vmgl_device *device);
void vmgl_vmci_unregister(void);

#else

static inline int vmgl_vmci_register(struct vmgl_device *device)
{
	return 0;
}

static inline void vmgl_vmci_unregister(void) {}

#endif

#endif
