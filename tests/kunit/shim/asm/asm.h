/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/* For User Mode Linux, which has no such header. */
#ifndef _ASM_X86_ASM_H
#define _ASM_X86_ASM_H

#define _ASM_BP	"rbp"

#endif
