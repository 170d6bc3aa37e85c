/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_DATAMAP_H
#define VMGL_DATAMAP_H

#include <linux/types.h>

/* Size of the length word, which begins each packet, in bytes */
#define VMGL_DATAMAP_LENGTH_SIZE	4

/* Size of what vmgl_datamap_head() writes, the length word included, in bytes */
#define VMGL_DATAMAP_HEAD_SIZE		32

/*
 * Room in bytes for all fields of a received packet except the payload.  Unknown fields are
 * included.
 */
#define VMGL_DATAMAP_OVERHEAD_MAX	4096

/**
 * struct vmgl_datamap_payload - place of the payload in a packet
 * @offset: offset of the payload from the first field, in bytes
 * @len: length of the payload in bytes, not 0
 */
struct vmgl_datamap_payload {
	size_t offset;
	size_t len;
};

void vmgl_datamap_head(u8 *head, u32 payload_len);
u32 vmgl_datamap_length(const u8 *word);
int vmgl_datamap_decode(const u8 *fields, size_t len,
			struct vmgl_datamap_payload *payload);

#endif
