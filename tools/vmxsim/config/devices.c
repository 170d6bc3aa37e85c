// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "config/devices.h"

/* Splits "scsi0:0.present": stores the device, and returns the text after the dot. */
static const char *split_key(const char *key, char device[DEVICE_NAME_SIZE])
{
	const char *dot = strchr(key, '.');
	size_t len = dot ? (size_t)(dot - key) : 0;

	if (!len || len >= DEVICE_NAME_SIZE)
		return NULL;
	memcpy(device, key, len);
	device[len] = '\0';
	return dot + 1;
}

static bool is_cdrom(const struct config *config, const char *disk)
{
	char key[DEVICE_NAME_SIZE + 16];
	const char *type;

	if (!strncmp(disk, "nvme", 4))
		return false;
	snprintf(key, sizeof(key), "%s.deviceType", disk);
	type = config_str(config, key);
	return !strncasecmp(type, "cdrom", 5) || !strncasecmp(type, "atapi", 5);
}

bool next_disk(const struct config *config, size_t *cursor,
	       char name[DEVICE_NAME_SIZE])
{
	const char *key, *value, *property;

	while (config_next(config, cursor, &key, &value)) {
		property = split_key(key, name);
		if (property && strchr(name, ':') &&
		    !strcmp(property, "present") && !strcmp(value, "TRUE") &&
		    !is_cdrom(config, name))
			return true;
	}
	return false;
}

/* ESXi derives MAC addresses from the UUID, as examples of the Guest SDK guide show. */
static void generate_mac(const struct config *config, const char *adapter,
			 uint8_t mac[6])
{
	unsigned int number = 0;
	uint8_t uuid[16];
	uint32_t tail;

	parse_bytes(config_str(config, "uuid.bios"), uuid, sizeof(uuid));
	sscanf(adapter, "ethernet%u", &number);
	tail = ((uint32_t)uuid[13] << 16 | (uint32_t)uuid[14] << 8 | uuid[15]) +
	       10 * number;
	mac[0] = 0x00;
	mac[1] = 0x0c;
	mac[2] = 0x29;
	mac[3] = (uint8_t)(tail >> 16);
	mac[4] = (uint8_t)(tail >> 8);
	mac[5] = (uint8_t)tail;
}

static void adapter_mac(const struct config *config, const char *adapter,
			uint8_t mac[6])
{
	char key[DEVICE_NAME_SIZE + 24];

	snprintf(key, sizeof(key), "%s.address", adapter);
	if (parse_bytes(config_str(config, key), mac, 6))
		return;
	snprintf(key, sizeof(key), "%s.generatedAddress", adapter);
	if (!parse_bytes(config_str(config, key), mac, 6))
		generate_mac(config, adapter, mac);
}

bool next_adapter(const struct config *config, size_t *cursor,
		  char mac[DEVICE_NAME_SIZE])
{
	char adapter[DEVICE_NAME_SIZE], next[DEVICE_NAME_SIZE];
	const char *key, *value;
	char present[DEVICE_NAME_SIZE + 16];
	uint8_t bytes[6];
	size_t ahead;

	while (config_next(config, cursor, &key, &value)) {
		if (strncmp(key, "ethernet", strlen("ethernet")) ||
		    !split_key(key, adapter))
			continue;
		/* The keys of an adapter follow each other.  It is returned at its last key. */
		ahead = *cursor;
		if (config_next(config, &ahead, &key, &value) &&
		    split_key(key, next) && !strcmp(adapter, next))
			continue;
		snprintf(present, sizeof(present), "%s.present", adapter);
		if (!config_bool(config, present))
			continue;
		adapter_mac(config, adapter, bytes);
		snprintf(mac, DEVICE_NAME_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x",
			 bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
			 bytes[5]);
		return true;
	}
	return false;
}
