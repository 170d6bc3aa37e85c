/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The state of vmguest top: the samples, and the number of pages that are left.
 */
#ifndef VMGUEST_MONITOR_H
#define VMGUEST_MONITOR_H

#include <stdbool.h>

#include "page.h"

struct monitor {
	struct view view;
	struct page page;
	unsigned long pages_left;
	bool endless;
	int err;			/* error of the last sample: 0 or a negative errno */
};

/* Takes a sample. A failure is stored in @err and in the view's message. */
void monitor_sample(struct monitor *monitor);

/* Returns whether a page is left to show, and counts it. */
bool monitor_next_page(struct monitor *monitor);

#endif
