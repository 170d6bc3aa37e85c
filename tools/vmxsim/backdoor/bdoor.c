// SPDX-License-Identifier: LGPL-2.1-or-later
#include "backdoor/bdoor.h"

#include "config/config.h"
#include "host/counters.h"

#define BDOOR_VERSION		6
#define PRODUCT_ESX		2
#define UNKNOWN			UINT32_MAX

/* How far a guest's clock may be off before its tools should correct it. */
#define MAX_TIME_LAG_US		1000000

const uint8_t bdoor_commands[] = {
	BDOOR_GETMHZ, BDOOR_GETVERSION, BDOOR_GETHWVERSION, BDOOR_GETTIME,
	BDOOR_MESSAGE, BDOOR_GETHZ, BDOOR_GETTIMEFULL,
};

const unsigned int bdoor_command_count = sizeof(bdoor_commands);

static void get_version(struct guest_regs *regs)
{
	regs->eax = BDOOR_VERSION;
	regs->ebx = BDOOR_MAGIC;
	regs->ecx = PRODUCT_ESX;
}

static void get_hw_version(const struct bdoor *bdoor, struct guest_regs *regs)
{
	regs->eax = (uint32_t)config_u64(host_config(bdoor->host),
					 "virtualHW.version");
	regs->ebx = BDOOR_MAGIC;
}

static void get_time(const struct bdoor *bdoor, struct guest_regs *regs)
{
	struct host_time time;

	host_time(bdoor->host, &time);
	regs->eax = (uint32_t)time.sec;
	regs->ebx = time.usec;
	regs->ecx = MAX_TIME_LAG_US;
}

/* That EAX still holds the magic tells the guest that the command is known. */
static void get_time_full(const struct bdoor *bdoor, struct guest_regs *regs)
{
	struct host_time time;

	if (!config_bool(host_config(bdoor->host), "vmxsim.quirk.timeFull")) {
		regs->eax = UNKNOWN;
		return;
	}
	host_time(bdoor->host, &time);
	regs->esi = (uint32_t)(time.sec >> 32);
	regs->edx = (uint32_t)time.sec;
	regs->ebx = time.usec;
	regs->ecx = MAX_TIME_LAG_US;
}

static void get_hz(const struct bdoor *bdoor, struct guest_regs *regs)
{
	const struct bdoor_clocks *clocks = bdoor->clocks;
	uint64_t hz = clocks->tsc_hz(clocks->opaque);

	if (!hz) {
		regs->eax = UNKNOWN;
		regs->ebx = UNKNOWN;
		return;
	}
	regs->eax = (uint32_t)hz;
	regs->ebx = (uint32_t)(hz >> 32);
	regs->ecx = clocks->apic_hz;
}

void bdoor_in(const struct bdoor *bdoor, struct guest_regs *regs)
{
	uint16_t command = (uint16_t)regs->ecx;

	if (command == BDOOR_MESSAGE) {
		channels_message(bdoor->channels, regs);
		return;
	}
	host_counters(bdoor->host)->guest.of[EXIT_COMMAND]++;

	switch (command) {
	case BDOOR_GETMHZ:
		regs->eax = host_mhz(bdoor->host);
		break;
	case BDOOR_GETVERSION:
		get_version(regs);
		break;
	case BDOOR_GETHWVERSION:
		get_hw_version(bdoor, regs);
		break;
	case BDOOR_GETTIME:
		get_time(bdoor, regs);
		break;
	case BDOOR_GETHZ:
		get_hz(bdoor, regs);
		break;
	case BDOOR_GETTIMEFULL:
		get_time_full(bdoor, regs);
		break;
	default:
		regs->eax = UNKNOWN;
	}
}
