/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* As much of the kernel's header as the pure files of kmod/ use. */
#ifndef VMGL_SHIM_KERNEL_H
#define VMGL_SHIM_KERNEL_H

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#endif
