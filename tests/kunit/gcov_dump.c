// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Has gcov write its counts when User Mode Linux ends: the kernel's linker script
 * drops what compilers since GCC 7 would have it run.
 */
#include <init.h>

void __gcov_dump(void);

static void dump(void)
{
	__gcov_dump();
}
__uml_exitcall(dump);
