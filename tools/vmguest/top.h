/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two faces of vmguest top.
 */
#ifndef VMGUEST_TOP_H
#define VMGUEST_TOP_H

#include <stdbool.h>

#include "page.h"

#define DELAY_MIN	0.1
#define DELAY_MAX	3600.0

struct top {
	struct view view;
	struct page page;
	unsigned long pages_left;	/* 0: until told to stop */
	bool endless;
	int err;			/* of the last sample, a negative errno */
};

/* Takes a sample; failing is told by @err and the view's message. */
void top_sample(struct top *top);

/* Is there a page left to show? Counts it. */
bool top_next_page(struct top *top);

/*
 * Shows pages on the terminal until a key, a signal or the number of pages ends
 * it. Returns false, with nothing done, if the terminal is not able to.
 */
bool top_screen(struct top *top);

#endif
