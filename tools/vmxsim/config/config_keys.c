// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/config_keys.h"
#include "config/wire_stats.h"

/* The last argument may be the source of the default: see config_keys.h. */
#define BOOL(key, preset, help, ...) \
	{ key, KEY_BOOL, false, 0, 0, NULL, NULL, preset, help, "" __VA_ARGS__ }
#define NUMBER(key, min, max, unit, preset, help, ...) \
	{ key, KEY_NUMBER, false, min, max, unit, NULL, preset, help, "" __VA_ARGS__ }
#define FIXED_NUMBER(key, min, max, unit, preset, help, ...) \
	{ key, KEY_NUMBER, true, min, max, unit, NULL, preset, help, "" __VA_ARGS__ }
#define LIMIT(key, max, unit, help, ...) \
	{ key, KEY_LIMIT, false, 0, max, unit, NULL, "unlimited", help, "" __VA_ARGS__ }
#define SHARES(key, max, help, ...) \
	{ key, KEY_SHARES, false, 1, max, "shares", NULL, "normal", help, "" __VA_ARGS__ }
#define WORD(key, words, preset, help, ...) \
	{ key, KEY_WORD, false, 0, 0, NULL, words, preset, help, "" __VA_ARGS__ }
#define FIXED_WORD(key, words, preset, help, ...) \
	{ key, KEY_WORD, true, 0, 0, NULL, words, preset, help, "" __VA_ARGS__ }
#define TEXT(key, max, preset, help, ...) \
	{ key, KEY_TEXT, false, 0, max, NULL, NULL, preset, help, "" __VA_ARGS__ }
#define PERCENT(key, preset, help) \
	NUMBER(key, 0, 100, "percent", preset, help)

#define GUIDE	"Guest SDK guide"
#define OPEN	"none; a guess"

/* One below the largest 32-bit value, which may stand for "unlimited" */
#define MAX_MHZ		(UINT32_MAX - 1ull)
#define MAX_MB		(16ull << 20)
#define MAX_TEXT	131072

const struct key config_keys[] = {
	/* Keys that ESXi also knows */
	FIXED_NUMBER("numvcpus", 1, 128, "processors", "1", "vCPUs"),
	FIXED_NUMBER("cpuid.coresPerSocket", 1, 128, "cores", "1",
		     "cores of each socket", OPEN),
	FIXED_NUMBER("memsize", 4, MAX_MB, "MB", "512", "guest memory"),
	{ "vcpu.hotadd", KEY_BOOL, true, 0, 0, NULL, NULL, "FALSE",
	  "processors can be added while the machine runs, up to 128",
	  "boot logs: Allowing 128 CPUs, 124 hotplug CPUs (off as installed)" },
	FIXED_NUMBER("virtualHW.version", 3, 99, "", "13",
		     "virtual hardware version", OPEN),
	{ "uuid.bios", KEY_UUID, true, 0, 0, NULL, NULL,
	  "56 4d 2c 53 43 56 66 8e-7c 05 fd 7e 51 1e 23 f3",
	  "SMBIOS UUID; generated MAC addresses are derived from it",
	  "example of the Guest SDK guide" },
	FIXED_WORD("firmware", "bios|efi", "bios",
		   "firmware that the SMBIOS tables name; --firmware selects the firmware that runs",
		   "boot logs: VMware Virtual Platform with a BIOS, VMware7,1 with EFI"),
	{ "hypervisor.cpuid.v0", KEY_BOOL, true, 0, 0, NULL, NULL, "TRUE",
	  "CPUID has the hypervisor bit and leaves 0x40000000 and 0x40000010",
	  "kernel logs: Hypervisor detected: VMware" },
	{ "monitor_control.restrict_backdoor", KEY_BOOL, true, 0, 0, NULL, NULL,
	  "FALSE", "TRUE: only the kernel may use the backdoor, not programs",
	  "KVM's vmport patches: programs use it without iopl" },
	NUMBER("sched.cpu.min", 0, MAX_MHZ, "MHz", "0", "CPU reservation", OPEN),
	LIMIT("sched.cpu.max", MAX_MHZ, "MHz", "CPU limit",
	      "crash logs of Java virtual machines: limits of -1"),
	SHARES("sched.cpu.shares", UINT32_MAX,
	       "CPU shares; low, normal, high: 500, 1000, 2000 per processor",
	       "crash logs of Java virtual machines: 1000 shares per processor"),
	NUMBER("sched.mem.min", 0, MAX_MB, "MB", "0", "memory reservation", OPEN),
	LIMIT("sched.mem.max", MAX_MB, "MB", "memory limit",
	      "crash logs of Java virtual machines: limits of -1"),
	SHARES("sched.mem.shares", UINT64_MAX,
	       "memory shares; low, normal, high: 5, 10, 20 per MB",
	       "crash logs of Java virtual machines: 10 shares per MB"),
	BOOL("ide#:#.present", "FALSE", "a virtual disk"),
	BOOL("nvme#:#.present", "FALSE", "a virtual disk"),
	BOOL("sata#:#.present", "FALSE", "a virtual disk"),
	BOOL("scsi#:#.present", "FALSE", "a virtual disk"),
	TEXT("ide#:#.deviceType", 64, "",
	     "type of the device; cdrom-... and atapi-... are not disks"),
	TEXT("sata#:#.deviceType", 64, "", "like ide#:#.deviceType"),
	TEXT("scsi#:#.deviceType", 64, "", "like ide#:#.deviceType"),
	BOOL("ethernet#.present", "TRUE", "a virtual network adapter"),
	{ "ethernet#.address", KEY_MAC, false, 0, 0, NULL, NULL, "",
	  "MAC address of the adapter; by default generated", "" },
	{ "ethernet#.generatedAddress", KEY_MAC, false, 0, 0, NULL, NULL, "",
	  "MAC address of the adapter, in the key that ESXi writes", "" },
	BOOL("isolation.tools.guestlibGetInfo.disable", "FALSE",
	     "refuse guestlib.info.get", GUIDE),
	BOOL("guest_rpc.rpci.auth.app.APP_MONITOR", "FALSE",
	     "TRUE: only privileged senders may use the Guest SDK (hosts from 6.0)",
	     GUIDE),
	BOOL("guest_rpc.rpci.usevsocket", "TRUE",
	     "FALSE: reset connections of GuestRPC over VMCI sockets", GUIDE),
	BOOL("tools.guestlib.enableHostInfo", "FALSE",
	     "give statistics of the whole host", GUIDE),
	TEXT("tools.guestlib.stat.provider", 4096, "",
	     "the provider line of the session statistics", OPEN),
	TEXT("machine.id", 4096, "",
	     "reply to machine.id.get; if empty, the request is refused",
	     OPEN),
	{ "guestinfo.*", KEY_TEXT, true, 0, MAX_TEXT, NULL, NULL, "",
	  "variable that the guest reads with info-get and writes with info-set", "" },

	/* The host. */
	WORD("vmxsim.host", "4.0|4.1|5.5|6.0|7.0|8.0", "8.0",
	     "the generation of the host"),
	WORD("vmxsim.info.version", "none|2|3", "3",
	     "highest version of guestlib.info.get; none: unknown command", GUIDE),
	NUMBER("vmxsim.info.count", 0, 48, "elements", "",
	       "number of statistics in version 3; by default that of vmxsim.host",
	       "none; a guess from the headers of the Guest SDK by release"),
	NUMBER("vmxsim.host.processorMHz", 1, MAX_MHZ, "MHz", "2399",
	       "processor speed"),
	NUMBER("vmxsim.host.packages", 1, 64, "sockets", "2", "CPU sockets"),
	NUMBER("vmxsim.host.cores", 1, 4096, "cores", "8",
	       "cores of all sockets"),
	NUMBER("vmxsim.host.threads", 1, 8192, "threads", "16",
	       "logical CPUs of all sockets"),
	NUMBER("vmxsim.host.memMB", 64, 1ull << 31, "MB", "65536",
	       "memory available to the host's kernel"),
	TEXT("vmxsim.host.dmi.product", 256, "ProLiant ML350 G6",
	     "SMBIOS product name"),
	TEXT("vmxsim.host.dmi.vendor", 256, "HP", "SMBIOS vendor name"),
	TEXT("vmxsim.host.version", 256, "",
	     "version in the session statistics; by default that of vmxsim.host",
	     "open-vm-tools issue 734: version = VMware ESX 7.0.3 build-..."),
	BOOL("vmxsim.host.allowHostInfo", "FALSE",
	     "the host's option Misc.GuestLibAllowHostInfo: statistics of the whole host "
	     "need this option and tools.guestlib.enableHostInfo",
	     "option dumps of ESXi: 0 as installed"),
	PERCENT("vmxsim.host.load", "30",
		"load of the other machines on the host"),
	NUMBER("vmxsim.host.epoch", 0, UINT32_MAX, "seconds", "1767225600",
	       "time of day of the host at power on, seconds since 1970"),
	WORD("vmxsim.vmotion.host", "4.0|4.1|5.5|6.0|7.0|8.0", "8.0",
	     "generation of the host after a vMotion; if not given, it does not change"),
	NUMBER("vmxsim.vmotion.processorMHz", 1, MAX_MHZ, "MHz", "2399",
	       "processor speed after a vMotion; if not given, it does not change"),
	TEXT("vmxsim.pool.path", MAX_TEXT, "host/user/pool1",
	     "path of the resource pool"),

	/* The model. */
	{ "vmxsim.seed", KEY_NUMBER, true, 0, UINT64_MAX, "", NULL, "1",
	  "equal seeds, requests and times of requests give equal replies", "" },
	{ "vmxsim.stat.*", KEY_STAT, false, 0, 0, NULL, NULL, "",
	  "replaces the model's value of a statistic, with its name on the wire", "" },
	PERCENT("vmxsim.load.cpu", "35", "mean CPU demand of each processor"),
	PERCENT("vmxsim.load.swing", "15",
		"greatest distance of the CPU demand from its mean"),
	PERCENT("vmxsim.contention.cpu", "3",
		"time in which a processor is ready but does not run for other reasons than a limit"),
	PERCENT("vmxsim.contention.mem", "0", "time waiting for swapped memory"),
	PERCENT("vmxsim.mem.touched", "90", "memory touched by the guest"),
	PERCENT("vmxsim.mem.active", "20", "touched memory in active use"),
	PERCENT("vmxsim.mem.shared", "12", "mapped memory shared copy-on-write"),
	PERCENT("vmxsim.mem.pressure", "0", "touched memory that the host reclaims"),
	PERCENT("vmxsim.mem.remote", "0", "memory on remote NUMA nodes"),
	NUMBER("vmxsim.load.disk", 0, 1000000, "commands a second", "40",
	       "commands that each disk serves"),
	NUMBER("vmxsim.load.net", 0, 10000000, "packets a second", "100",
	       "packets of each network adapter and direction"),

	FIXED_WORD("vmxsim.cpu", "amd|intel", "amd",
		   "maker of the processor; Linux is far slower on intel unless mitigations=off"),
	FIXED_NUMBER("vmxsim.cpuid.hypercall", 0, 2, "", "",
		     "instruction that CPUID offers: 0 port I/O, 1 VMMCALL, 2 VMCALL; "
		     "by default that of the processor, or 0 on hosts before 7.0",
		     "kernel logs: hypercall mode"),

	/* The transports. */
	BOOL("vmxsim.transport.lb", "TRUE", "message channel on port 0x5658",
	     "open-vm-tools: backdoor_def.h"),
	BOOL("vmxsim.transport.hb", "TRUE", "message payload on port 0x5659",
	     "open-vm-tools: backdoor_def.h"),
	BOOL("vmxsim.transport.vmci", "TRUE", "VMCI device, port 976", "Guest SDK guide 6.0"),
	BOOL("vmxsim.vmci.removable", "FALSE",
	     "VMCI device in a PCIe slot, from which vmxsim.unplug removes it", OPEN),
	BOOL("vmxsim.transport.hb.in", "TRUE", "offer the HB port for replies", OPEN),
	BOOL("vmxsim.transport.hb.out", "TRUE", "offer the HB port for requests", OPEN),
	NUMBER("vmxsim.transport.hb.minSize", 0, 65536, "bytes", "0",
	       "shortest message that the HB port is offered for", OPEN),
	BOOL("vmxsim.transport.cookies", "TRUE",
	     "FALSE: refuse to open channels with cookies", "open-vm-tools: message.c"),
	NUMBER("vmxsim.channels", 1, 128, "channels", "128",
	       "channels that can be open at a time", OPEN),
	NUMBER("vmxsim.channels.idle", 0, 86400, "seconds", "0",
	       "close a channel after this time without use; 0: never", OPEN),
	NUMBER("vmxsim.sockets", 1, 1024, "connections", "1024",
	       "VMCI connections that can be open at a time", OPEN),
	NUMBER("vmxsim.sockets.maxPacket", 64, 16777216, "bytes", "1048576",
	       "longest packet that port 976 accepts; a longer one causes a reset", OPEN),
	NUMBER("vmxsim.sockets.latency", 0, 1000000, "microseconds", "200",
	       "delay of a reply of port 976, in virtual time", OPEN),
	NUMBER("vmxsim.sockets.linger", 0, 1000000, "microseconds", "20000",
	       "virtual time from the last reply of a connection to its end", OPEN),

	/* The HA agent. */
	BOOL("vmxsim.ha.known", "TRUE",
	     "FALSE: application monitoring is an unknown command", GUIDE),
	NUMBER("vmxsim.ha.window", 1, 3600, "seconds", "30",
	       "longest time between heartbeats; after it the status is red",
	     "vSphere API: failureInterval of ClusterVmToolsMonitoringSettings"),
	NUMBER("vmxsim.ha.failureInterval", 1, 3600, "seconds", "30",
	       "time from red to the reset",
	     "vSphere HA Deepdive: the reset comes 61 to 89 s after the last beat"),
	NUMBER("vmxsim.ha.poll", 1, 3600, "seconds", "1",
	       "interval at which the agent checks for needReset", OPEN),
	NUMBER("vmxsim.ha.maxResets", 0, 1000, "resets", "3",
	       "most resets within vmxsim.ha.failureWindow",
	     "vSphere API: maxFailures of ClusterVmToolsMonitoringSettings"),
	LIMIT("vmxsim.ha.failureWindow", 31536000, "seconds",
	      "time within which at most vmxsim.ha.maxResets resets happen",
	      "vSphere API: maxFailureWindow is -1 unless configured"),
	NUMBER("vmxsim.ha.minUpTime", 0, 86400, "seconds", "120",
	       "time after a boot in which the agent does not reset",
	       "vSphere API: minUpTime of ClusterVmToolsMonitoringSettings"),
	NUMBER("vmxsim.ha.sampling", 0, 29, "seconds", "29",
	       "a reset for missing heartbeats comes up to this time later, as vmxsim.seed decides",
	       "vSphere HA Deepdive: the reset comes 61 to 89 s after the last beat"),
	WORD("vmxsim.ha.action", "reset|log", "reset",
	     "log: the agent records a reset instead of performing it",
	     "vSphere HA Deepdive: VM monitoring resets"),
	TEXT("vmxsim.ha.result", 64, "",
	     "result code of all requests, which are not served; 1: internal error",
	     GUIDE),

	/* Behaviour that no public source describes */
	FIXED_WORD("vmxsim.quirk.uuid", "plain|swapped", "plain",
		   "SMBIOS UUID: uuid.bios, or with its first three numbers byte-swapped",
		   OPEN),
	WORD("vmxsim.quirk.unlimited", "max32|invalid", "max32",
	     "value of a limit that is not set: 0xFFFFFFFF or unavailable",
	     "Guest SDK guide: unlimited is 4294967295"),
	WORD("vmxsim.quirk.hostInfoOff", "invalid|cut", "invalid",
	     "host statistics that are not allowed: unavailable, or cut off", OPEN),
	WORD("vmxsim.quirk.dataSize", "exact|trailing", "exact",
	     "trailing: more bytes follow than dataSize of version 3 counts", OPEN),
	WORD("vmxsim.quirk.cpuUsed", "sum|capped", "sum",
	     "cpuUsedMs of several processors: their sum, or at most elapsedMs",
	     "kusanagi vgstat README: near 400 % on four processors"),
	WORD("vmxsim.quirk.sessionText", "signed|unsigned", "signed",
	     "session in the extended statistics: signed or unsigned decimal number",
	     "open-vm-tools issue 734"),
	WORD("vmxsim.quirk.numa", "mapped|configured", "mapped",
	     "sum of vm.numa.local and vm.numa.remote: guest.mem.mapped, or all memory",
	     "hs_err samples in krashpad: equal in three of three"),
	WORD("vmxsim.quirk.int64", "any|swapped", "any",
	     "integers that port 976 accepts: any order of words, or the low word first",
	     "open-vm-tools: VGAuth sends them so"),
	WORD("vmxsim.quirk.emptyEncoding", "text|refused", "text",
	     "guestlib.stat.get without an encoding: text, or a refusal", OPEN),
	WORD("vmxsim.quirk.statLayout", "compact|lines", "compact",
	     "json and xml in one line, or in the lines of the guide's examples", OPEN),
	BOOL("vmxsim.quirk.finalNewline", "TRUE",
	     "whether the last line of text and yaml ends with a newline",
	     "crash logs of Java virtual machines"),
	TEXT("vmxsim.quirk.disabledText", 512, "disabled",
	     "text that refuses a disabled guestlib.info.get", OPEN),
	TEXT("vmxsim.quirk.versionText", 512, "Unsupported version",
	     "text with which a host of version 2 refuses version 3", OPEN),
	TEXT("vmxsim.quirk.authText", 512, "Permission denied",
	     "text that refuses an unprivileged sender",
	     "logs of clients on real hosts"),
	TEXT("vmxsim.quirk.unknownStatText", 512, "Unknown stat",
	     "text that refuses an unknown statistic", OPEN),
	TEXT("vmxsim.quirk.unknownEncodingText", 512, "Unknown encoding",
	     "text that refuses an unknown encoding", OPEN),
	WORD("vmxsim.quirk.statusWords", "capitalized|lower|upper|long",
	     "capitalized",
	     "words of GetAppStatus: Green, green, GREEN or appStatusGreen", OPEN),
	WORD("vmxsim.quirk.appState", "both|short|long", "both",
	     "states of PostAppState: short (OK, needReset), long (appStateOk ...), or both",
	     OPEN),
	WORD("vmxsim.quirk.grayBeat", "refused|accepted", "refused",
	     "MarkActive after a vMotion: refused, or accepted without effect", OPEN),
	WORD("vmxsim.quirk.noFirstBeat", "red|gray", "red",
	     "status one window after an Enable without a MarkActive", OPEN),
	WORD("vmxsim.quirk.disableTwice", "accepted|refused", "accepted",
	     "Disable without an Enable: code 0, or code 2", OPEN),
	BOOL("vmxsim.quirk.enableAcrossReset", "FALSE",
	     "whether monitoring stays enabled across a reset", OPEN),
	BOOL("vmxsim.quirk.stateAcrossReset", "FALSE",
	     "whether the posted application state survives a reset", OPEN),
	BOOL("vmxsim.quirk.stateAcrossMove", "TRUE",
	     "whether the posted application state survives a vMotion, a suspend and a revert", OPEN),
	BOOL("vmxsim.quirk.timeFull", "TRUE",
	     "whether the host knows backdoor command 46", OPEN),
	WORD("vmxsim.quirk.socketNotify", "qstate|waits", "qstate",
	     "notify protocol of VMCI sockets: the present one, or that of old hosts", OPEN),
	WORD("vmxsim.quirk.socketVmotion", "reset|kept", "reset",
	     "VMCI connections after a vMotion", OPEN),
	WORD("vmxsim.quirk.portReuse", "served|silent|reset", "served",
	     "connection from a privileged port whose last connection ended less than 50 ms ago: "
	     "served, not answered, or reset", OPEN),
	BOOL("vmxsim.quirk.replyKind", "FALSE",
	     "whether replies of port 976 have field 1",
	     "open-vm-tools issue 462: a reply of 2 bytes has 14 after the length"),
	WORD("vmxsim.quirk.requestFields", "any|strict", "any",
	     "strict: port 976 requires field 1, and fields in ascending order", OPEN),
	WORD("vmxsim.quirk.emptyRequest", "served|reset", "served",
	     "payload of length 0 on port 976: an unknown command, or a reset", OPEN),
	WORD("vmxsim.quirk.badChannel", "fail|closed", "fail",
	     "status for a wrong channel or cookie: none, or the CLOSED bit", OPEN),
	WORD("vmxsim.quirk.stepEax", "kept|one|zero", "kept",
	     "EAX after a message step", OPEN),
	WORD("vmxsim.quirk.stepLow", "kept|zero", "kept",
	     "low halves of ECX and EDX after a message step", OPEN),
};

const size_t config_key_count = sizeof(config_keys) / sizeof(config_keys[0]);

bool parse_u64(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t value = 0, digit;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		digit = (uint64_t)(*text - '0');
		if (digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*number = value;
	return true;
}

bool parse_bytes(const char *text, uint8_t *bytes, size_t count)
{
	unsigned int byte;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!isxdigit((unsigned char)text[0]) ||
		    !isxdigit((unsigned char)text[1]))
			return false;
		sscanf(text, "%2x", &byte);
		bytes[i] = (uint8_t)byte;
		text += 2;
		if (i + 1 < count && (!*text || !strchr(" -:", *text++)))
			return false;
	}
	return !*text;
}

int word_index(const char *words, const char *word)
{
	size_t len = strlen(word), part;
	int index;

	for (index = 0; ; index++) {
		part = strcspn(words, "|");
		if (part == len && !strncasecmp(words, word, len))
			return index;
		if (!words[part])
			return -1;
		words += part + 1;
	}
}

/* Matches '#' against a number below 100 that has no leading zero. */
static const char *match_number(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	if (!digits || digits > 2 || (digits == 2 && name[0] == '0'))
		return NULL;
	return name + digits;
}

static bool match_key(const char *pattern, const char *name)
{
	for (; *pattern; pattern++) {
		if (*pattern == '*')
			return *name;
		if (*pattern == '#') {
			name = match_number(name);
			if (!name)
				return false;
		} else if (tolower((unsigned char)*pattern) !=
			   tolower((unsigned char)*name++)) {
			return false;
		}
	}
	return !*name;
}

static const char *stat_name(const char *name)
{
	return name + strlen("vmxsim.stat.");
}

const char *key_current_name(const char *name)
{
	static const char former[] = "vmxsim.door.", current[] = "vmxsim.transport.";
	const struct key *key;

	if (strncasecmp(name, former, strlen(former)))
		return name;
	for (key = config_keys; key < config_keys + config_key_count; key++)
		if (!strncmp(key->name, current, strlen(current)) &&
		    !strcasecmp(key->name + strlen(current), name + strlen(former)))
			return key->name;
	return name;
}

const struct key *key_find(const char *name)
{
	const struct key *key;

	name = key_current_name(name);
	for (key = config_keys; key < config_keys + config_key_count; key++)
		if (match_key(key->name, name))
			return key->type != KEY_STAT ||
			       wire_stat_find(stat_name(name)) ? key : NULL;
	return NULL;
}

char *key_spelling(const struct key *key, const char *name)
{
	char *spelling = strdup(key_current_name(name)), *out = spelling;
	const char *pattern;

	if (!spelling)
		return NULL;
	for (pattern = key->name; *pattern && *pattern != '*'; pattern++) {
		if (*pattern == '#')
			out += strspn(out, "0123456789");
		else
			*out++ = *pattern;
	}
	if (key->type == KEY_STAT)
		strcpy(out, wire_stats[wire_stat_find(out)].name);
	return spelling;
}

static uint64_t stat_max(const char *name)
{
	unsigned int id = wire_stat_find(stat_name(name));

	return wire_stats[id].type == WIRE_U32 ? UINT32_MAX : UINT64_MAX;
}

static bool stat_accepts(const char *name, const char *value)
{
	uint64_t number;

	if (!strcasecmp(value, "unavailable") || !strcasecmp(value, "absent"))
		return true;
	return !wire_stat_is_text(wire_stat_find(stat_name(name))) &&
	       parse_u64(value, stat_max(name), &number);
}

static bool number_accepts(const struct key *key, const char *value)
{
	uint64_t number;

	return parse_u64(value, key->max, &number) && number >= key->min;
}

static bool value_accepted(const struct key *key, const char *name,
			   const char *value)
{
	uint8_t bytes[16];

	switch (key->type) {
	case KEY_BOOL:
		return word_index("TRUE|FALSE", value) >= 0;
	case KEY_NUMBER:
		return number_accepts(key, value);
	case KEY_LIMIT:
		return !strcasecmp(value, "unlimited") || !strcmp(value, "-1") ||
		       number_accepts(key, value);
	case KEY_SHARES:
		return word_index("low|normal|high", value) >= 0 ||
		       number_accepts(key, value);
	case KEY_WORD:
		return word_index(key->words, value) >= 0;
	case KEY_TEXT:
		return strlen(value) <= key->max;
	case KEY_UUID:
		return parse_bytes(value, bytes, 16);
	case KEY_MAC:
		return parse_bytes(value, bytes, 6);
	case KEY_STAT:
		return stat_accepts(name, value);
	}
	return false;
}

static void describe_words(const char *words, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "one of "), part;

	while (used < size) {
		part = strcspn(words, "|");
		used += (size_t)snprintf(text + used, size - used, "%.*s%s",
					 (int)part, words,
					 words[part] ? ", " : "");
		if (!words[part])
			return;
		words += part + 1;
	}
}

static void describe_stat(const char *name, char *text, size_t size)
{
	unsigned int id = wire_stat_find(stat_name(name));

	if (!id)
		snprintf(text, size, "a whole number, unavailable or absent");
	else if (wire_stat_is_text(id))
		snprintf(text, size, "unavailable or absent");
	else
		snprintf(text, size,
			 "a whole number from 0 to %" PRIu64
			 ", unavailable or absent", stat_max(name));
}

static void describe_number(const struct key *key, char *text, size_t size)
{
	snprintf(text, size, "a whole number%s%s from %" PRIu64 " to %" PRIu64,
		 key->unit[0] ? " of " : "", key->unit, key->min, key->max);
}

void key_describe(const struct key *key, const char *name, char *text,
		  size_t size)
{
	char number[128];

	switch (key->type) {
	case KEY_BOOL:
		snprintf(text, size, "TRUE or FALSE");
		break;
	case KEY_NUMBER:
		describe_number(key, text, size);
		break;
	case KEY_LIMIT:
		describe_number(key, number, sizeof(number));
		snprintf(text, size, "%s, or unlimited", number);
		break;
	case KEY_SHARES:
		describe_number(key, number, sizeof(number));
		snprintf(text, size, "low, normal, high or %s", number);
		break;
	case KEY_WORD:
		describe_words(key->words, text, size);
		break;
	case KEY_TEXT:
		snprintf(text, size, "a text of at most %" PRIu64 " bytes",
			 key->max);
		break;
	case KEY_UUID:
		snprintf(text, size, "16 bytes in hexadecimal such as "
			 "\"56 4d 2c 53 43 56 66 8e-7c 05 fd 7e 51 1e 23 f3\"");
		break;
	case KEY_MAC:
		snprintf(text, size, "a MAC address such as 00:0c:29:1e:23:f3");
		break;
	case KEY_STAT:
		describe_stat(name, text, size);
		break;
	}
}

bool key_accepts(const struct key *key, const char *name, const char *value,
		 char *wanted, size_t wanted_size)
{
	if (value_accepted(key, name, value))
		return true;
	key_describe(key, name, wanted, wanted_size);
	return false;
}

static void print_row(const struct key *key, FILE *out)
{
	char accepts[256];

	key_describe(key, key->name, accepts, sizeof(accepts));
	fprintf(out, "%s = %s", key->name, accepts);
	if (key->preset[0])
		fprintf(out, " [%s]", key->preset);
	fprintf(out, "%s\n\t%s\n", key->fixed ? ", fixed at power on" : "",
		key->help);
	if (key->source[0])
		fprintf(out, "\tSource of the default: %s\n", key->source);
}

void config_help(FILE *out)
{
	size_t i;

	for (i = 0; i < config_key_count; i++)
		print_row(&config_keys[i], out);
}

char *config_help_key(const char *name)
{
	const struct key *key = key_find(name);
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!key)
		return NULL;
	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	print_row(key, out);
	fclose(out);
	return text;
}
