/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The records of guestlib.info.get: wire protocol, chapters 4.2 to 4.5. */
#ifndef VMXSIM_INFO_H
#define VMXSIM_INFO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct config;
struct sample;

/* How a host writes its record. */
struct info_form {
	unsigned int count;		/* number of statistics; those after 38 are unknown */
	bool host_info;			/* statistics of the whole host may be given */
	bool unlimited_is_valid;
	bool trailing_bytes;		/* bytes follow those that dataSize counts */
	const char *path;		/* path of the resource pool */

	/* Faults of version 3, which fault.h describes: reorder and count */
	bool reordered;
	bool count_is_wrong;
	uint32_t wrong_count;
};

/*
 * Fills in the form that the configuration selects.  If a statistic is "absent", the record
 * ends before it, because version 3 cannot leave out elements.
 */
void info_form(const struct config *config, const struct sample *sample,
	       struct info_form *form);

/* Writes a record of version 2 or 3, without the "1 " of the reply. */
void info_write_v2(FILE *out, const struct sample *sample,
		   const struct info_form *form);
void info_write_v3(FILE *out, const struct sample *sample,
		   const struct info_form *form);

#endif
