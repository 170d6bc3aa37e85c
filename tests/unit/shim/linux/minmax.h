/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The part of the kernel's header that the unit tests of kmod/ need. */
#ifndef VMGL_SHIM_MINMAX_H
#define VMGL_SHIM_MINMAX_H

#define min_t(type, a, b)	((type)(a) < (type)(b) ? (type)(a) : (type)(b))

#endif
