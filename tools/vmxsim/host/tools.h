/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Reports of programs such as vmtoolsd about the guest: versions, capabilities, names,
 * addresses. The host keeps them and shows them. Only vmx.set_option has an effect.
 */
#ifndef VMXSIM_TOOLS_H
#define VMXSIM_TOOLS_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;
struct tools_fact;

#define TOOLS_FACTS_MAX	256
#define TOOLS_SIZE_MAX	262144u		/* of all facts */

struct tools {
	struct tools_fact *facts;
	size_t count, size;
};

/* Returns whether "@name ..." is such a report. */
bool tools_knows(const char *name, size_t name_len);

/*
 * Keeps the argument of "@name @text".  This argument replaces an earlier argument of the same
 * name, and for SetGuestInfo of the same kind of fact.  Returns false if there is no room.
 */
bool tools_report(struct tools *tools, const char *name, size_t name_len,
		const char *text, size_t len);

/* Returns for example {"SetGuestInfo 1":"host.example"}, or NULL without memory. */
struct cJSON *tools_json(const struct tools *tools);

void tools_free(struct tools *tools);

#endif
