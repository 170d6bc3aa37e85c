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
 * The commands that replace the emulator's own on the port.  Command 68 stays with the
 * emulator, which knows the answer better than the model.
 */
extern const uint8_t bdoor_commands[];
extern const unsigned int bdoor_command_count;

struct bdoor {
	struct host *host;
	struct channels *channels;

	/* Properties of the virtual CPU, which only the emulator knows */
	uint64_t tsc_hz;	/* frequency of the TSC; 0: it is not known */
	uint32_t apic_hz;
	bool x2apic;		/* whether CPUID reports an x2APIC */
};

/*
 * Executes a 32-bit IN from port 0x5658 with the magic in EAX.  An unknown command sets EAX to
 * all ones and changes no other register.
 */
void bdoor_in(const struct bdoor *bdoor, struct guest_regs *regs);

#endif
