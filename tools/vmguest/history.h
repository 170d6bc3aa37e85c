/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The last minutes of a number, drawn in one line. No system calls.
 */
#ifndef VMGUEST_HISTORY_H
#define VMGUEST_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "metrics.h"

/*
 * The number of samples that are kept: the samples of the longest time that is drawn, at the
 * shortest interval, and those of one more column.
 */
#define HISTORY_SIZE	2048

struct history {
	struct rate values[HISTORY_SIZE];
	bool breaks[HISTORY_SIZE];	/* whether the sample is the first of another session */
	size_t count;			/* number of samples that were ever added */
};

void history_add(struct history *history, struct rate rate, bool session_changed);

/*
 * Draws the last @samples samples, or @columns samples if this is more: writes @columns
 * characters and a NUL into @text. The height of a column is its greatest sample as a
 * fraction of @full; if @full is 0, of the greatest column. A blank means that there is no
 * value, and '|' marks a new session.
 */
void history_draw(const struct history *history, size_t samples, size_t columns,
		  double full, bool utf8, char *text, size_t size);

#endif
