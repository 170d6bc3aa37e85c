// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "history.h"

#include <string.h>

#define LEVELS	8

static const char *const blocks[LEVELS] = {
	"\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588",
};

static const char *const letters[LEVELS] = {
	"_", ".", ":", "-", "=", "+", "*", "#",
};

void history_add(struct history *history, struct rate rate, bool session_changed)
{
	size_t slot = history->count++ % HISTORY_SIZE;

	history->values[slot] = rate;
	history->breaks[slot] = session_changed;
}

struct column {
	struct rate rate;
	bool is_break;
};

/* Merges COUNT samples from @first on into a column; missing samples are skipped. */
static struct column merge(const struct history *history, size_t first,
			   size_t count)
{
	struct column column = { 0 };
	size_t i, slot;

	for (i = first; i < first + count && i < history->count; i++) {
		slot = i % HISTORY_SIZE;
		column.is_break |= history->breaks[slot];
		if (!history->values[slot].given)
			continue;
		if (!column.rate.given ||
		    history->values[slot].value > column.rate.value)
			column.rate = history->values[slot];
	}
	return column;
}

static const char *picture(const struct column *column, double full, bool utf8)
{
	double level;

	if (column->is_break)
		return "|";
	if (!column->rate.given)
		return " ";
	level = full > 0 ? column->rate.value / full * LEVELS : 0;
	if (level > LEVELS - 1)
		level = LEVELS - 1;
	return (utf8 ? blocks : letters)[(int)level];
}

static double greatest(const struct history *history, size_t first, size_t last,
		       size_t each)
{
	struct column column;
	double full = 0;
	size_t i;

	for (i = first; i <= last; i++) {
		column = merge(history, i * each, each);
		if (column.rate.given && column.rate.value > full)
			full = column.rate.value;
	}
	return full;
}

/*
 * Columns begin at multiples of their number of samples, so that a column keeps its height
 * while it moves.
 */
void history_draw(const struct history *history, size_t samples, size_t columns,
		  double full, bool utf8, char *text, size_t size)
{
	size_t oldest = history->count > HISTORY_SIZE ?
			history->count - HISTORY_SIZE : 0;
	size_t each, last, first, i;
	struct column column;

	text[0] = '\0';
	if (!columns)
		return;
	each = samples > columns ? (samples + columns - 1) / columns : 1;
	last = history->count ? (history->count - 1) / each : 0;
	first = last + 1 > columns ? last + 1 - columns : 0;
	while (first * each < oldest)
		first++;
	if (full <= 0)
		full = greatest(history, first, last, each);
	for (i = last + 1 - first; i < columns; i++)
		strncat(text, " ", size - strlen(text) - 1);
	for (i = first; i <= last; i++) {
		column = merge(history, i * each, each);
		strncat(text, picture(&column, full, utf8),
			size - strlen(text) - 1);
	}
}
