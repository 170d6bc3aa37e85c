/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What a scrape gets, as text.
 */
#ifndef VMGUEST_SCRAPE_H
#define VMGUEST_SCRAPE_H

#include <stddef.h>

#include "exposition.h"

/*
 * One request to the host, and those of the extended GROUPS (SAMPLE_*), as text in *TEXT,
 * to be freed. Returns 0 or an error of the statistics.
 */
int scrape_text(enum exposition_format format, unsigned int groups, char **text, size_t *len);

#endif
