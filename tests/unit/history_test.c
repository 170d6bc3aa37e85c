// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The graphs of vmguest top.
 *
 * Links: tools/vmguest/history.c
 */
#include "../../tools/vmguest/history.h"

#include "ktap.h"

static struct history history;
static char text[256];

static void start(void)
{
	memset(&history, 0, sizeof(history));
}

static void add(double value)
{
	history_add(&history, (struct rate){ true, value }, false);
}

static const char *draw(size_t samples, size_t columns, double full)
{
	history_draw(&history, samples, columns, full, false, text, sizeof(text));
	return text;
}

KTAP_TEST(no_samples_yet)
{
	start();
	CHECK_STR(draw(180, 4, 100), "    ");
	CHECK_STR(draw(180, 0, 100), "");
}

KTAP_TEST(levels)
{
	double value;

	start();
	for (value = 0; value <= 100; value += 12.5)
		add(value);
	CHECK_STR(draw(9, 9, 100), "_.:-=+*##");
	add(1000);
	CHECK_STR(draw(1, 1, 100), "#");
}

KTAP_TEST(newest_at_the_right)
{
	start();
	add(100);
	add(0);
	CHECK_STR(draw(4, 4, 100), "  #_");
	add(50);
	add(50);
	add(50);
	CHECK_STR(draw(4, 4, 100), "_===");
}

/* Two samples share a column, and the greater of them counts. */
KTAP_TEST(greatest_of_a_column)
{
	start();
	add(0);
	add(100);
	add(50);
	CHECK_STR(draw(6, 3, 100), " #=");
	add(0);
	CHECK_STR(draw(6, 3, 100), " #=");
	add(0);
	CHECK_STR(draw(6, 3, 100), "#=_");
}

/* Five samples in three columns: two in each, except that the last column has one. */
KTAP_TEST(columns_hold_enough)
{
	int i;

	start();
	add(100);
	for (i = 0; i < 4; i++)
		add(0);
	CHECK_STR(draw(5, 3, 100), "#__");
}

/* A break shows in the column, regardless of the values after the break. A sample without a
 * value does not count. */
KTAP_TEST(breaks_and_gaps_in_a_column)
{
	start();
	add(100);
	add(100);
	history_add(&history, (struct rate){ 0 }, true);
	add(100);
	CHECK_STR(draw(4, 2, 100), "#|");
	start();
	add(50);
	history_add(&history, (struct rate){ false, 200 }, false);
	CHECK_STR(draw(2, 1, 100), "=");
}

KTAP_TEST(own_scale)
{
	start();
	add(0);
	add(0);
	CHECK_STR(draw(2, 2, 0), "__");
	add(3);
	add(6);
	CHECK_STR(draw(4, 4, 0), "__=#");
}

KTAP_TEST(missing_and_breaks)
{
	start();
	add(100);
	history_add(&history, (struct rate){ 0 }, false);
	history_add(&history, (struct rate){ 0 }, true);
	add(100);
	CHECK_STR(draw(4, 4, 100), "# |#");
}

KTAP_TEST(more_samples_than_it_holds)
{
	int i;

	start();
	for (i = 0; i < 3 * HISTORY_SIZE + 7; i++)
		add(i % 2 ? 100 : 0);
	CHECK_STR(draw(4, 4, 100), "#_#_");
	draw(100 * HISTORY_SIZE, 4, 100);
	CHECK_EQ(strlen(text), 4);
}

/* Three minutes at the shortest interval, in as many columns as a page has. */
KTAP_TEST(shortest_interval)
{
	int i;

	start();
	for (i = 0; i < 5000; i++)
		add(100);
	CHECK_STR(draw(1800, 24, 100), "########################");
}

/* A sample that was overwritten does not count as an older sample. */
KTAP_TEST(overwritten)
{
	int i;

	start();
	for (i = 0; i < 2 * HISTORY_SIZE; i++)
		add(100);
	CHECK_STR(draw(2 * HISTORY_SIZE, 4, 100), "  ##");
}

KTAP_TEST(blocks)
{
	start();
	add(0);
	add(100);
	history_draw(&history, 2, 2, 100, true, text, sizeof(text));
	CHECK_STR(text, "\u2581\u2588");
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(no_samples_yet),
	KTAP_ENTRY(levels),
	KTAP_ENTRY(newest_at_the_right),
	KTAP_ENTRY(greatest_of_a_column),
	KTAP_ENTRY(columns_hold_enough),
	KTAP_ENTRY(breaks_and_gaps_in_a_column),
	KTAP_ENTRY(own_scale),
	KTAP_ENTRY(missing_and_breaks),
	KTAP_ENTRY(more_samples_than_it_holds),
	KTAP_ENTRY(shortest_interval),
	KTAP_ENTRY(overwritten),
	KTAP_ENTRY(blocks),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
