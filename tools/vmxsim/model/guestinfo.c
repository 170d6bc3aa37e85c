// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "model/guestinfo.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"

static struct variable **find(struct variable **link, const char *name,
			      size_t name_len)
{
	for (; *link; link = &(*link)->next)
		if (strlen((*link)->name) == name_len &&
		    !strncasecmp((*link)->name, name, name_len))
			break;
	return link;
}

static size_t size_of(const struct variable *variable)
{
	return strlen(variable->name) + variable->len;
}

static void remove_at(struct guestinfo *guestinfo, struct variable **link)
{
	struct variable *variable = *link;

	guestinfo->size -= size_of(variable);
	*link = variable->next;
	free(variable->name);
	free(variable->value);
	free(variable);
}

const struct variable *guestinfo_get(const struct guestinfo *guestinfo,
				     const char *name, size_t name_len)
{
	struct variable *list = guestinfo->list;

	return *find(&list, name, name_len);
}

bool guestinfo_set(struct guestinfo *guestinfo, const char *name,
		   size_t name_len, const char *value, size_t len)
{
	struct variable **link = find(&guestinfo->list, name, name_len);
	size_t freed = *link ? size_of(*link) : 0;
	struct variable *variable;

	if (guestinfo->size - freed + name_len + len > GUESTINFO_SIZE_MAX)
		return false;
	variable = calloc(1, sizeof(*variable));
	if (!variable)
		return false;
	variable->name = strndup(name, name_len);
	variable->value = malloc(len + 1);
	if (!variable->name || !variable->value) {
		free(variable->name);
		free(variable->value);
		free(variable);
		return false;
	}
	memcpy(variable->value, value, len);
	variable->len = len;
	if (*link)
		remove_at(guestinfo, link);
	variable->next = guestinfo->list;
	guestinfo->list = variable;
	guestinfo->size += size_of(variable);
	return true;
}

bool guestinfo_load(struct guestinfo *guestinfo, const struct config *config)
{
	const char *key, *value;
	size_t cursor = 0;

	while (config_next(config, &cursor, &key, &value))
		if (!strncmp(key, GUESTINFO_PREFIX, strlen(GUESTINFO_PREFIX)) &&
		    !guestinfo_set(guestinfo, key, strlen(key), value,
				   strlen(value)))
			return false;
	return true;
}

void guestinfo_free(struct guestinfo *guestinfo)
{
	while (guestinfo->list)
		remove_at(guestinfo, &guestinfo->list);
}
