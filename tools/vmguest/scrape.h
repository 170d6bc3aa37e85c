/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The text that a scrape gets.
 */
#ifndef VMGUEST_SCRAPE_H
#define VMGUEST_SCRAPE_H

#include <stddef.h>

#include "exposition.h"

/*
 * Requests the statistics and the extended GROUPS (SAMPLE_*) once, and stores the text in
 * *TEXT, which the caller frees. Returns 0 or an error of the statistics.
 */
int scrape_text(enum exposition_format format, unsigned int groups, char **text, size_t *len);

#endif
