// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Passes a host's record to the module's decoder. The first byte chooses the version
 * of the request, 2 or 3.
 *
 * Links: kmod/info.c kmod/stat_table.c
 */
#include <errno.h>

#include "fuzz.h"
#include "info.h"
#include "stat_table.h"

static void must_be_inside(const struct vmgl_info_text *text,
			   const uint8_t *data, size_t len)
{
	if (!text->bytes)
		return;
	MUST(text->bytes >= data && text->bytes <= data + len);
	MUST(text->len <= (size_t)(data + len - text->bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct vmgl_info info;
	unsigned int id;
	int ret;

	if (!len)
		return 0;
	ret = vmgl_info_decode(data + 1, len - 1, data[0] & 1 ? 3 : 2, &info);
	if (ret) {
		MUST(ret == -EPROTO);
		return 0;
	}
	MUST(info.session_id);
	must_be_inside(&info.path, data, len);
	must_be_inside(&info.long_path, data, len);
	for (id = 0; id < VMGUESTLIB_STAT_END; id++)
		MUST(info.values[id].state <= VMGUESTLIB_VALUE_GIVEN);
	return 0;
}
