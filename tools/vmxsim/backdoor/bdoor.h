/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The commands of the backdoor, as a function on register values. */
#ifndef VMXSIM_BDOOR_H
#define VMXSIM_BDOOR_H

#include <stdbool.h>
#include <stdint.h>

#include "backdoor/channel.h"
#include "host/host.h"

enum bdoor_command {
	BDOOR_GETMHZ = 1,
	BDOOR_GETVERSION = 10,
	BDOOR_GETHWVERSION = 17,
	BDOOR_GETUUID = 19,
	BDOOR_GETMEMSIZE = 20,
	BDOOR_GETTIME = 23,
	BDOOR_MESSAGE = 30,
	BDOOR_GETHZ = 45,
	BDOOR_GETTIMEFULL = 46,
	BDOOR_GETVCPUINFO = 68,
};

/*
 * The commands of the port that QEMU leaves to this code.  QEMU itself serves command 68 of
 * the port, because the answer depends on the vCPU.
 */
extern const uint8_t bdoor_commands[];
extern const unsigned int bdoor_command_count;

struct bdoor {
	struct host *host;
	struct channels *channels;

	/* Properties of the vCPU, which qemu.c and cpu.c set */
	uint64_t tsc_hz;	/* frequency of the TSC, or 0 if it is not known */
	uint32_t apic_hz;
	bool x2apic;		/* whether CPUID reports an x2APIC */
};

/*
 * Executes a 32-bit IN from port 0x5658 with the magic number in EAX, or a hypercall
 * instruction with the same registers.  An unknown command sets EAX to all ones and changes no
 * other register.
 */
void bdoor_in(const struct bdoor *bdoor, struct guest_regs *regs);

#endif
