/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/* In 6.12, get_unaligned_*() moved from asm/unaligned.h to linux/unaligned.h. */
#ifndef VMGL_COMPAT_UNALIGNED_H
#define VMGL_COMPAT_UNALIGNED_H

#ifdef VMGL_HAVE_LINUX_UNALIGNED_H
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#endif
