/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What a scrape gets: one request to the host, as text.
 */
#ifndef VMGUEST_SCRAPE_H
#define VMGUEST_SCRAPE_H

#include <stddef.h>

#include "exposition.h"

/*
 * One request to the host, as text in *TEXT, to be freed. Returns 0 or a negative
 * errno of the statistics.
 */
int scrape_text(enum exposition_format format, char **text, size_t *len);

#endif
