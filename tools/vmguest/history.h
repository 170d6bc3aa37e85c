/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The last minutes of a number, and their picture in one line. Pure.
 */
#ifndef VMGUEST_HISTORY_H
#define VMGUEST_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "metrics.h"

/* Samples of the longest time at the shortest interval, and one more column */
#define HISTORY_SIZE	2048

struct history {
	struct rate values[HISTORY_SIZE];
	bool breaks[HISTORY_SIZE];	/* another session began here */
	size_t count;			/* all that were ever added */
};

void history_add(struct history *history, struct rate rate, bool session_changed);

/*
 * Writes @columns characters and a NUL into @text: the last @samples samples. A column is
 * the greatest of its samples, as a fraction of @full (0: of the greatest column).
 * A blank has no value; '|' marks a new session.
 */
void history_draw(const struct history *history, size_t samples, size_t columns,
		  double full, bool utf8, char *text, size_t size);

#endif
