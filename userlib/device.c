// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#if defined(__i386__) || defined(__x86_64__)
#include <asm/prctl.h>
#include <cpuid.h>
#include <sys/syscall.h>
#endif

#include "device.h"

int vmguestlib_device_open(int access)
{
	int fd = open(VMGUESTLIB_DEVICE, access | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

bool vmguestlib_device_is_absent(int err)
{
	return err == -ENOENT || err == -ENODEV || err == -ENXIO;
}

int vmguestlib_device_probe(void)
{
	int fd = vmguestlib_device_open(O_RDONLY);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int vmguestlib_device_undisturbed(int fd, unsigned long request, void *argument)
{
	sigset_t all, before;
	int ret;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = ioctl(fd, request, argument) < 0 ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}

int vmguestlib_device_request(unsigned long request, void *argument)
{
	int fd = vmguestlib_device_open(O_RDONLY);
	int ret;

	if (fd < 0)
		return fd;
	ret = vmguestlib_device_undisturbed(fd, request, argument);
	close(fd);
	return ret;
}

struct vmguestlib_stat_get vmguestlib_stat_request(const char *encoding, const char *stat,
						   char *reply)
{
	return (struct vmguestlib_stat_get) {
		.size = sizeof(struct vmguestlib_stat_get),
		.encoding = (uintptr_t)encoding,
		.encoding_len = strlen(encoding),
		.stat = (uintptr_t)stat,
		.stat_len = strlen(stat),
		.reply = (uintptr_t)reply,
		.reply_len = VMGUESTLIB_REPLY_MAX,
	};
}

static bool firmware_says_vmware(void)
{
	static const char vendor[] = { 'V', 'M', 'w', 'a', 'r', 'e' };
	char text[sizeof(vendor)];
	int fd = open("/sys/class/dmi/id/sys_vendor", O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, sizeof(text));
	close(fd);
	return len == sizeof(text) && !memcmp(text, vendor, sizeof(text));
}

#if defined(__i386__) || defined(__x86_64__)
static bool cpuid_is_allowed(void)
{
	/* The result 0 means that the instruction CPUID would cause SIGSEGV. */
	return syscall(SYS_arch_prctl, ARCH_GET_CPUID) != 0;
}

static bool processor_says_vmware(void)
{
	unsigned int eax, signature[3], edx;

	if (!cpuid_is_allowed() ||
	    !__get_cpuid(1, &eax, &signature[0], &signature[1], &edx) ||
	    !(signature[1] & (1u << 31)))
		return false;
	__cpuid(0x40000000, eax, signature[0], signature[1], signature[2]);
	return !memcmp(signature, "VMwareVMware", sizeof(signature));
}
#else
static bool processor_says_vmware(void)
{
	return false;
}
#endif

/*
 * Either of the two signs is enough, because the other one may be missing.  With the setting
 * SMBIOS.reflectHost the firmware of a virtual machine names the vendor of the host.  A nested
 * hypervisor hides the signature in CPUID.
 */
bool vmguestlib_machine_is_vmware(void)
{
	return firmware_says_vmware() || processor_says_vmware();
}
