/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The part of the kernel's header that the unit tests of kmod/ need. */
#ifndef VMGL_SHIM_BUILD_BUG_H
#define VMGL_SHIM_BUILD_BUG_H

#include <assert.h>

#endif
