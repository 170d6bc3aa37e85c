/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The part of the kernel's header that the unit tests of kmod/ need. */
#ifndef VMGL_SHIM_KERNEL_H
#define VMGL_SHIM_KERNEL_H

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

#endif
