/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * What vmguest top shows next: samples, one after the other, and pages left to show.
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
	int err;			/* of the last sample, a negative errno */
};

/* Takes a sample; a failure is in @err and in the view's message. */
void monitor_sample(struct monitor *monitor);

/* Is there a page left to show? Counts it. */
bool monitor_next_page(struct monitor *monitor);

#endif
