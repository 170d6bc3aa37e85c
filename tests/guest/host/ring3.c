// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* Prints the version that the backdoor returns.  On ESXi any program may request it. */
#include <stdint.h>
#include <stdio.h>

int main(void)
{
	uint32_t eax = 0x564d5868, ebx = ~0x564d5868u, ecx = 10, edx = 0x5658;

	__asm__ volatile("inl %%dx, %%eax"
			 : "+a"(eax), "+b"(ebx), "+c"(ecx), "+d"(edx));
	printf("version %u\n", eax);
	return ebx == 0x564d5868 ? 0 : 1;
}
