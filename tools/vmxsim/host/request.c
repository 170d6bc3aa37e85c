// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/request.h"

const char *transport_name(enum transport transport)
{
	static const char *const names[TRANSPORT_COUNT] = {
		[TRANSPORT_LB] = "lb",
		[TRANSPORT_HB] = "hb",
		[TRANSPORT_VMCI] = "vmci",
	};

	return names[transport];
}
