// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "backdoor/bdoor.h"

#include <cjson/cJSON.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "host/counters.h"
#include "host/trace.h"
#include "model/json.h"

#define BDOOR_VERSION		6
#define PRODUCT_ESX		2
#define VCPU_INFO_LEGACY_X2APIC	(1u << 3)
#define UNKNOWN			UINT32_MAX

/* The greatest error of a guest's clock that its tools need not correct. */
#define MAX_TIME_LAG_US		1000000

const uint8_t bdoor_commands[] = {
	BDOOR_GETMHZ, BDOOR_GETVERSION, BDOOR_GETHWVERSION, BDOOR_GETUUID,
	BDOOR_GETMEMSIZE, BDOOR_GETTIME,
	BDOOR_MESSAGE, BDOOR_GETHZ, BDOOR_GETTIMEFULL,
};

const unsigned int bdoor_command_count = sizeof(bdoor_commands);

static void get_version(struct guest_regs *regs)
{
	regs->eax = BDOOR_VERSION;
	regs->ebx = BDOOR_MAGIC;
	regs->ecx = PRODUCT_ESX;
}

/* Returns the same rate as GETHZ, which the guest takes as the rate of its TSC. */
static void get_mhz(const struct bdoor *bdoor, struct guest_regs *regs)
{
	regs->eax = bdoor->tsc_hz ? (uint32_t)(bdoor->tsc_hz / 1000000) : UNKNOWN;
}

static uint32_t word_at(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void get_uuid(const struct bdoor *bdoor, struct guest_regs *regs)
{
	uint8_t uuid[16];

	parse_bytes(config_str(host_config(bdoor->host), "uuid.bios"), uuid,
		    sizeof(uuid));
	regs->eax = word_at(uuid);
	regs->ebx = word_at(uuid + 4);
	regs->ecx = word_at(uuid + 8);
	regs->edx = word_at(uuid + 12);
}

static void get_memsize(const struct bdoor *bdoor, struct guest_regs *regs)
{
	regs->eax = (uint32_t)config_u64(host_config(bdoor->host), "memsize");
	regs->ebx = BDOOR_MAGIC;
}

static void get_vcpu_info(const struct bdoor *bdoor, struct guest_regs *regs)
{
	regs->eax = bdoor->x2apic ? VCPU_INFO_LEGACY_X2APIC : 0;
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

/* For the guest, the command is known if EAX still is the magic number. */
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
	uint64_t hz = bdoor->tsc_hz;

	if (!hz) {
		regs->eax = UNKNOWN;
		regs->ebx = UNKNOWN;
		return;
	}
	regs->eax = (uint32_t)hz;
	regs->ebx = (uint32_t)(hz >> 32);
	regs->ecx = bdoor->apic_hz;
}

static void serve_command(const struct bdoor *bdoor, uint16_t command,
			  struct guest_regs *regs)
{
	switch (command) {
	case BDOOR_GETMHZ:
		get_mhz(bdoor, regs);
		break;
	case BDOOR_GETVERSION:
		get_version(regs);
		break;
	case BDOOR_GETHWVERSION:
		get_hw_version(bdoor, regs);
		break;
	case BDOOR_GETUUID:
		get_uuid(bdoor, regs);
		break;
	case BDOOR_GETMEMSIZE:
		get_memsize(bdoor, regs);
		break;
	case BDOOR_GETVCPUINFO:
		get_vcpu_info(bdoor, regs);
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

static void trace_command(uint16_t command, uint32_t eax)
{
	struct cJSON *json = trace_begin("command", "%u", (unsigned int)command);

	json_u64(json, "command", command);
	json_u64(json, "eax", eax);
	cJSON_AddBoolToObject(json, "known", eax != UNKNOWN);
	trace_end(json);
}

void bdoor_in(const struct bdoor *bdoor, struct guest_regs *regs)
{
	uint16_t command = (uint16_t)regs->ecx;

	if (command == BDOOR_MESSAGE) {
		channels_message(bdoor->channels, regs);
		return;
	}
	host_counters(bdoor->host)->guest.of[EXIT_COMMAND]++;
	serve_command(bdoor, command, regs);
	trace_command(command, regs->eax);
}
