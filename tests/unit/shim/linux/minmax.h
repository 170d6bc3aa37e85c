/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* As much of the kernel's header as the pure files of kmod/ use. */
#ifndef VMGL_SHIM_MINMAX_H
#define VMGL_SHIM_MINMAX_H

#define min_t(type, a, b)	((type)(a) < (type)(b) ? (type)(a) : (type)(b))

#endif
