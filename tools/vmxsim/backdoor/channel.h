/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The message channels of the backdoor, low and high bandwidth, as a state
 * machine on register values.
 *
 * The effect of a vMotion, a suspend or a revert on open channels comes through the faults:
 * see faults_checkpoint() and faults_drop_channels() in fault.h.
 */
#ifndef VMXSIM_CHANNEL_H
#define VMXSIM_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "host/fault.h"
#include "host/host.h"

#define BDOOR_MAGIC		0x564d5868u

#define MESSAGE_REQUEST_MAX	65536u

enum message_type {
	MESSAGE_OPEN,
	MESSAGE_SENDSIZE,
	MESSAGE_SENDPAYLOAD,
	MESSAGE_RECVSIZE,
	MESSAGE_RECVPAYLOAD,
	MESSAGE_RECVSTATUS,
	MESSAGE_CLOSE,
	MESSAGE_TYPES
};

/* The low halves of the registers.  The protocol does not use the bits above 31. */
struct guest_regs {
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;
	uint32_t esi;
	uint32_t edi;
	uint32_t ebp;
};

struct channels;

/*
 * Executes a hypercall of command 30.  Changes only the registers that are outputs of the
 * hypercall's type.
 */
void channels_message(struct channels *channels, struct guest_regs *regs);

/*
 * Transfer one byte with high bandwidth.  @regs are the registers before the byte, and ECX is
 * the number of bytes that are left.  The state of a transfer belongs to the channel, and not
 * to a vCPU.  A transfer that was interrupted, even by another transfer, therefore continues
 * where it stopped.  Only the last byte changes EBX.
 */
void channels_hb_out(struct channels *channels, struct guest_regs *regs,
		     uint8_t byte);
uint8_t channels_hb_in(struct channels *channels, struct guest_regs *regs);

#endif
