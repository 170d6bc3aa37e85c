// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Passes the bytes after the length of a host's packet to the module's DataMap decoder.
 *
 * Links: kmod/datamap.c
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datamap.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct vmgl_datamap_payload payload;
	uint8_t head[VMGL_DATAMAP_HEAD_SIZE];
	int ret;

	ret = vmgl_datamap_decode(data, len, &payload);
	if (ret) {
		MUST(ret == -EPROTO);
		return 0;
	}
	MUST(payload.len > 0);
	MUST(payload.offset <= len && payload.len <= len - payload.offset);
	/* The four bytes before a payload are its length. */
	MUST(payload.offset >= VMGL_DATAMAP_LENGTH_SIZE);
	MUST(vmgl_datamap_length(data + payload.offset -
				 VMGL_DATAMAP_LENGTH_SIZE) == payload.len);
	/* The length before the payload is the same in our own packet with this payload. */
	vmgl_datamap_head(head, payload.len);
	MUST(vmgl_datamap_length(head + sizeof(head) -
				 VMGL_DATAMAP_LENGTH_SIZE) == payload.len);
	return 0;
}
