// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Makes gcov write its counts when User Mode Linux ends. GCC since version 7 emits a
 * destructor for this, but the kernel's linker script drops destructors.
 */
#include <init.h>

void __gcov_dump(void);

static void dump(void)
{
	__gcov_dump();
}
__uml_exitcall(dump);
