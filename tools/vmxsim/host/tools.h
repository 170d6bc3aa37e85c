/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * Reports of programs such as vmtoolsd about the guest: versions, capabilities, names,
 * addresses. The host keeps and shows them; only the options have an effect.
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

/* Whether "@name ..." is a request of this kind. */
bool tools_knows(const char *name, size_t name_len);

/*
 * Keeps the argument of "@name @text".  It replaces an earlier one with the same name (for
 * SetGuestInfo: with the same kind of fact).  Returns false without room.
 */
bool tools_report(struct tools *tools, const char *name, size_t name_len,
		const char *text, size_t len);

/* {"tools.set.versiontype":"12352 4","SetGuestInfo 1":"host.example"}; or NULL. */
struct cJSON *tools_json(const struct tools *tools);

void tools_free(struct tools *tools);

#endif
