// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Backdoor commands for the host's time and the processor speed (wire-protocol chapters
 * 1.3 and 9.1).  These commands need no channel.
 *
 * GETTIME returns 32 bits of the seconds since 1970, which is enough until 2106.
 * GETTIMEFULL returns 64 bits, but it needs ESI and EBX as outputs.  Since 6.11, no
 * hypercall function of the kernel has both.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/time64.h>

#include "host_clock.h"
#include "hypercall.h"

/*
 * Executes a command.  A host that does not know the command sets EAX to all ones, or
 * leaves VMGL_BDOOR_MAGIC in EAX.
 */
static int vmgl_host_command(u32 command, struct vmgl_regs *regs)
{
	*regs = (struct vmgl_regs) { .ecx = command };
	vmgl_hypercall_command(regs);

	if (regs->eax == U32_MAX || regs->eax == VMGL_BDOOR_MAGIC)
		return -EOPNOTSUPP;
	return 0;
}

/**
 * vmgl_host_time() - get the host's time of day
 * @sec: seconds since 1970-01-01 UTC
 * @usec: microseconds, 0 to 999999
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP if the host does not know the command; -EPROTO if the
 * microseconds are out of range.
 */
int vmgl_host_time(u64 *sec, u32 *usec)
{
	struct vmgl_regs regs;
	int ret;

	ret = vmgl_host_command(VMGL_BDOOR_CMD_GETTIME, &regs);
	if (ret)
		return ret;
	if (regs.ebx >= USEC_PER_SEC)
		return -EPROTO;

	*sec = regs.eax;
	*usec = regs.ebx;
	return 0;
}

/**
 * vmgl_cpu_speed() - get the speed of the vCPUs
 * @mhz: set to the speed in MHz
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP if the host does not know the command, or does not know the
 * speed.
 */
int vmgl_cpu_speed(u32 *mhz)
{
	struct vmgl_regs regs;
	int ret;

	ret = vmgl_host_command(VMGL_BDOOR_CMD_GETMHZ, &regs);
	if (ret)
		return ret;
	if (!regs.eax)
		return -EOPNOTSUPP;

	*mhz = regs.eax;
	return 0;
}
