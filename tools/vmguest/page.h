/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The output of vmguest top as lines of text, the same for a terminal and for batch mode.
 * No system calls.
 */
#ifndef VMGUEST_PAGE_H
#define VMGUEST_PAGE_H

#include "history.h"
#include "metrics.h"

/* Styles of the text, for the thresholds of the guide */
enum style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_HEAD,
	STYLE_GOOD,
	STYLE_NOTICE,
	STYLE_ALARM,
};

#define LINE_SIZE	512
#define LINES_MAX	(DISKS_MAX + NICS_MAX + 24)

struct page {
	struct {
		enum style style;
		char text[LINE_SIZE];
	} lines[LINES_MAX];
	size_t count;
};

/* State of the heartbeats. */
struct heartbeat {
	char status[64];		/* word of the host; "" if there is none */
	struct metric clients, missed, last_beat_age_ms, pause_s;
	char last_missed[64];		/* name of a client, or "" */
};

struct view {
	struct sample sample;
	struct rates rates;
	struct history used, contention, swap_wait, ballooned, swapped;
	struct heartbeat heartbeat;
	unsigned int session_changes;
	double interval;
	bool utf8;
	const char *message;		/* message about a failure, or NULL */
};

/* Enters the latest sample into the history. */
void view_remember(struct view *view);

void page_build(struct page *page, const struct view *view, size_t width);

#endif
