/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/* The variables of info-get and info-set; their names are compared without case. */
#ifndef VMXSIM_GUESTINFO_H
#define VMXSIM_GUESTINFO_H

#include <stdbool.h>
#include <stddef.h>

struct config;

struct variable {
	struct variable *next;
	char *name;
	char *value;
	size_t len;
};

struct guestinfo {
	struct variable *list;
	size_t size;
};

/* Takes the variables of the configuration.  Returns false if memory or room is short. */
bool guestinfo_load(struct guestinfo *guestinfo, const struct config *config);
void guestinfo_free(struct guestinfo *guestinfo);

const struct variable *guestinfo_get(const struct guestinfo *guestinfo,
				     const char *name, size_t name_len);

/* Returns false if memory or room is short. */
bool guestinfo_set(struct guestinfo *guestinfo, const char *name,
		   size_t name_len, const char *value, size_t len);

#endif
