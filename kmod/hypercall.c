// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * Entry into the hypervisor.
 *
 * The kernel has chosen the instruction for this machine: port I/O, VMCALL or VMMCALL
 * (wire-protocol chapters 1.1 and 1.5).  compat/hypercall.h has the functions that execute
 * the instruction, because asm/vmware.h differs between kernels.  Up to 6.10, asm/vmware.h
 * has macros for the instruction alone.  Since 6.11, it has inline functions, each of which
 * declares some of the outputs.
 *
 * Every function of this file that enters the hypervisor is noinline.  Since 6.11 the
 * inline functions do not declare all registers that the instruction or the host
 * changes (REP advances RSI or RDI and clears RCX).  Each of these registers is
 * caller-saved, or the function saves it because an asm statement of the function names
 * the register.  The function call therefore protects the caller.
 */
#include <asm/hypervisor.h>
#include <asm/processor.h>
#include <linux/cc_platform.h>
#include <linux/dmi.h>
#include <linux/string.h>

#include "compat/hypercall.h"
#include "hypercall.h"

#define VMGL_CPUID_VENDOR		0x40000000
#define VMGL_BDOOR_VERSION_NONE		0xffffffff

/* High-bandwidth command 0 (message); the guest's status SUCCESS in the high half */
#define VMGL_BDOOR_HB_MESSAGE		0x00010000

/*
 * Returns whether CPUID or DMI names VMware.  The kernel's own test is not enough: the
 * kernel does not set X86_HYPER_VMWARE with the boot parameter "nopv" or without
 * CONFIG_HYPERVISOR_GUEST, although the backdoor works there.
 */
static bool vmgl_is_vmware(void)
{
	const char *serial;

	if (hypervisor_is_type(X86_HYPER_VMWARE))
		return true;

	if (boot_cpu_has(X86_FEATURE_HYPERVISOR)) {
		u32 eax, vendor[3];

		cpuid(VMGL_CPUID_VENDOR, &eax, &vendor[0], &vendor[1],
		      &vendor[2]);
		return !memcmp(vendor, "VMwareVMware", sizeof(vendor));
	}

	serial = dmi_get_system_info(DMI_PRODUCT_SERIAL);
	return serial && strstr(serial, "VMware");
}

/**
 * vmgl_hypercall_available() - find out whether this is a VMware machine
 *
 * This function executes a hypercall only if CPUID or DMI names VMware, because another
 * hypervisor could misinterpret the instruction.
 *
 * Context: Process context.
 * Return: true if the backdoor answers.
 */
bool vmgl_hypercall_available(void)
{
	struct vmgl_regs regs = {
		.ebx = ~VMGL_BDOOR_MAGIC,
		.ecx = VMGL_BDOOR_CMD_GETVERSION,
	};

	if (!vmgl_is_vmware())
		return false;

	vmgl_hypercall_command(&regs);
	return regs.eax != VMGL_BDOOR_VERSION_NONE &&
	       regs.ebx == VMGL_BDOOR_MAGIC;
}

/**
 * vmgl_hypercall_command() - execute a backdoor command other than a message
 * @regs: in: EBX and ECX; out: EAX, EBX, ECX and EDX
 *
 * Context: Any.  The host determines how long the call takes.
 */
noinline void vmgl_hypercall_command(struct vmgl_regs *regs)
{
	vmgl_compat_command(regs);
}

/**
 * vmgl_hypercall_open() - execute a message step of type OPEN
 * @regs: in: EBX and ECX; out: ECX, EDX, ESI and EDI
 *
 * Context: Any.  The host determines how long the call takes.
 */
noinline void vmgl_hypercall_open(struct vmgl_regs *regs)
{
	vmgl_compat_open(regs);
}

/**
 * vmgl_hypercall_step() - execute SENDSIZE, SENDPAYLOAD, RECVSTATUS or CLOSE
 * @regs: in: all but EAX; out: ECX
 *
 * Context: Any.  The host determines how long the call takes.
 */
noinline void vmgl_hypercall_step(struct vmgl_regs *regs)
{
	vmgl_compat_step(regs);
}

/**
 * vmgl_hypercall_receive() - execute RECVSIZE or RECVPAYLOAD
 * @regs: in: all but EAX; out: EBX, ECX and EDX
 *
 * Context: Any.  The host determines how long the call takes.
 */
noinline void vmgl_hypercall_receive(struct vmgl_regs *regs)
{
	vmgl_compat_receive(regs);
}

/**
 * vmgl_hypercall_hb_usable() - find out whether the host can access the guest's memory
 *
 * With high bandwidth, the host reads or writes a buffer of the guest.  The host cannot
 * access this buffer if the guest's memory is encrypted (wire-protocol chapter 2.6).
 *
 * Context: Any.
 * Return: true if vmgl_hypercall_hb_out() and vmgl_hypercall_hb_in() may be used.
 */
bool vmgl_hypercall_hb_usable(void)
{
	return !cc_platform_has(CC_ATTR_MEM_ENCRYPT);
}

/**
 * vmgl_hypercall_hb_out() - send the payload of a message by one instruction
 * @channel: channel id
 * @cookie_high: high half of the channel's cookie
 * @cookie_low: low half of the cookie
 * @data: kernel address of the payload
 * @len: length of the payload in bytes, above 0
 *
 * Context: Any.  The host determines how long the call takes.
 * Return: EBX, with the status in the high half.
 */
noinline u32 vmgl_hypercall_hb_out(u16 channel, u32 cookie_high, u32 cookie_low,
				   const void *data, size_t len)
{
	return vmgl_compat_hb_out(VMGL_BDOOR_HB_MESSAGE, channel, cookie_high,
				  cookie_low, data, len);
}

/**
 * vmgl_hypercall_hb_in() - receive the payload of a message by one instruction
 * @channel: channel id
 * @cookie_high: high half of the channel's cookie
 * @cookie_low: low half of the cookie
 * @data: kernel address of the buffer
 * @len: number of bytes to receive, above 0, at most the size of the buffer
 *
 * Context: Any.  The host determines how long the call takes.
 * Return: EBX, with the status in the high half.
 */
noinline u32 vmgl_hypercall_hb_in(u16 channel, u32 cookie_high, u32 cookie_low,
				  void *data, size_t len)
{
	return vmgl_compat_hb_in(VMGL_BDOOR_HB_MESSAGE, channel, cookie_high,
				 cookie_low, data, len);
}
