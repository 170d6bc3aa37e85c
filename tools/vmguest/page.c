// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define WINDOW_S	180
#define SPARK_COLUMNS	24
#define OTHER_COLUMNS	56
#define SPARK_SIZE	(SPARK_COLUMNS * 3 + 1)

void view_remember(struct view *view)
{
	const struct metric *info = view->sample.info;
	const struct metric *ballooned = &info[VMGUESTLIB_STAT_MEM_BALLOONED_MB];
	const struct metric *swapped = &info[VMGUESTLIB_STAT_MEM_SWAPPED_MB];
	bool changed = view->rates.session_changed;

	history_add(&view->used, view->rates.used, changed);
	history_add(&view->contention, view->rates.contention, changed);
	history_add(&view->swap_wait, view->rates.swap_wait, changed);
	history_add(&view->ballooned,
		    (struct rate){ ballooned->state == METRIC_GIVEN,
				   (double)ballooned->value }, changed);
	history_add(&view->swapped,
		    (struct rate){ swapped->state == METRIC_GIVEN,
				   (double)swapped->value }, changed);
}

/* --- numbers in words -------------------------------------------------------- */

#define WORD_SIZE	32

/* Several numbers of one line need a buffer each. */
struct word {
	char text[WORD_SIZE];
};

static struct word number(const struct metric *metric, const char *unit)
{
	struct word word;

	if (metric->state == METRIC_GIVEN)
		snprintf(word.text, sizeof(word.text), "%" PRIu64 "%s",
			 metric->value, unit);
	else
		strcpy(word.text, metric->state == METRIC_UNLIMITED ? "none" : "-");
	return word;
}

static struct word decimal(const struct rate *rate, double scale, int digits)
{
	struct word word = { "-" };

	if (rate->given)
		snprintf(word.text, sizeof(word.text), "%.*f", digits,
			 rate->value * scale);
	return word;
}

/* Formats a number with a suffix: 1536 becomes "1.5K". */
static struct word amount(const struct rate *rate)
{
	static const char units[] = " KMGTPE";
	struct word word = { "-" };
	double value = rate->value;
	size_t unit = 0;

	if (!rate->given)
		return word;
	while (value >= 1024 && units[unit + 1]) {
		value /= 1024;
		unit++;
	}
	if (unit)
		snprintf(word.text, sizeof(word.text), "%.1f%c", value,
			 units[unit]);
	else
		snprintf(word.text, sizeof(word.text), "%.0f", value);
	return word;
}

static struct word duration(uint64_t seconds)
{
	struct word word;
	uint64_t days = seconds / 86400;

	if (days)
		snprintf(word.text, sizeof(word.text), "%" PRIu64 " d %02u:%02u",
			 days, (unsigned int)(seconds / 3600 % 24),
			 (unsigned int)(seconds / 60 % 60));
	else
		snprintf(word.text, sizeof(word.text), "%02u:%02u:%02u",
			 (unsigned int)(seconds / 3600),
			 (unsigned int)(seconds / 60 % 60),
			 (unsigned int)(seconds % 60));
	return word;
}

/* --- lines --------------------------------------------------------------------- */

static void add(struct page *page, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add(struct page *page, enum style style, const char *format, ...)
{
	va_list arguments;

	if (page->count == LINES_MAX)
		return;
	page->lines[page->count].style = style;
	va_start(arguments, format);
	vsnprintf(page->lines[page->count].text, LINE_SIZE, format, arguments);
	va_end(arguments);
	page->count++;
}

static void draw(const struct view *view, const struct history *history,
		 double full, size_t width, char text[SPARK_SIZE])
{
	size_t columns = width > OTHER_COLUMNS ? width - OTHER_COLUMNS : 0;
	size_t samples = (size_t)(WINDOW_S / view->interval);

	history_draw(history, samples,
		     columns < SPARK_COLUMNS ? columns : SPARK_COLUMNS, full,
		     view->utf8, text, SPARK_SIZE);
}

static void add_head(struct page *page, const struct view *view)
{
	const struct sample *sample = &view->sample;
	const struct metric *elapsed = &sample->info[VMGUESTLIB_STAT_ELAPSED_MS];
	bool changed = view->rates.session_changed;
	char changes[64] = "";

	add(page, STYLE_TITLE, "vmguest top    %s    every %g s", sample->version,
	    view->interval);
	if (changed)
		strcpy(changes, ", changed: differences begin anew");
	else if (view->session_changes)
		snprintf(changes, sizeof(changes), ", changed %u time%s",
			 view->session_changes,
			 view->session_changes == 1 ? "" : "s");
	add(page, changed ? STYLE_NOTICE : STYLE_PLAIN,
	    "Session     0x%016" PRIx64 ", %s old%s", sample->session,
	    elapsed->state == METRIC_GIVEN ?
	    duration(elapsed->value / 1000).text : "-", changes);
}

static enum style heartbeat_style(const struct heartbeat *heartbeat)
{
	if (status_is(heartbeat->status, "red"))
		return STYLE_ALARM;
	if (status_is(heartbeat->status, "green"))
		return STYLE_GOOD;
	return heartbeat->clients.state == METRIC_GIVEN &&
	       heartbeat->clients.value ? STYLE_NOTICE : STYLE_PLAIN;
}

static void add_heartbeat(struct page *page, const struct heartbeat *heartbeat)
{
	const struct metric *age = &heartbeat->last_beat_age_ms;
	char beat[64] = "", missed[128] = "", pause[64] = "";

	if (age->state == METRIC_GIVEN)
		snprintf(beat, sizeof(beat), ", last heartbeat %.1f s ago",
			 (double)age->value / 1e3);
	if (heartbeat->missed.state == METRIC_GIVEN && heartbeat->missed.value)
		snprintf(missed, sizeof(missed), ", missed %" PRIu64 " (%s)",
			 heartbeat->missed.value, heartbeat->last_missed);
	if (heartbeat->pause_s.state == METRIC_GIVEN && heartbeat->pause_s.value)
		snprintf(pause, sizeof(pause), ", paused for %" PRIu64 " s",
			 heartbeat->pause_s.value);
	add(page, heartbeat_style(heartbeat), "Heartbeat   %s, %s client%s%s%s%s",
	    *heartbeat->status ? heartbeat->status : "not known",
	    number(&heartbeat->clients, "").text,
	    heartbeat->clients.value == 1 ? "" : "s", beat, missed, pause);
}

/* The guide's note on vm.cpu.contention.cpu has a figure with three zones. */
static enum style zone_style(enum zone zone)
{
	switch (zone) {
	case ZONE_UNDERCOMMIT:
		return STYLE_GOOD;
	case ZONE_NORMAL:
		return STYLE_NOTICE;
	case ZONE_STARVED:
		return STYLE_ALARM;
	default:
		return STYLE_PLAIN;
	}
}

/* Guide, Expected values: "usually < 1%, anything greater indicates memory
 * overcommit". */
static enum style swap_wait_style(const struct rate *rate)
{
	return rate->given && rate->value >= 1 ? STYLE_NOTICE : STYLE_PLAIN;
}

static void add_processor(struct page *page, const struct view *view, size_t width)
{
	const struct metric *info = view->sample.info;
	const struct rates *rates = &view->rates;
	char spark[SPARK_SIZE];

	draw(view, &view->used, 100, width, spark);
	add(page, STYLE_PLAIN, "Processor   used        %6s %%  %s",
	    decimal(&rates->used, 1, 1).text, spark);
	draw(view, &view->contention, 100, width, spark);
	add(page, zone_style(rates->zone), "            contention  %6s %%  %s %s",
	    decimal(&rates->contention, 1, 1).text, spark,
	    zone_name(rates->zone));
	draw(view, &view->swap_wait, 100, width, spark);
	add(page, swap_wait_style(&rates->swap_wait),
	    "            memory wait %6s %%  %s",
	    decimal(&rates->swap_wait, 1, 1).text, spark);
	add(page, STYLE_PLAIN, "            effective %s MHz, %u vCPU%s of %s",
	    decimal(&rates->effective_mhz, 1, 0).text, view->sample.vcpus,
	    view->sample.vcpus == 1 ? "" : "s",
	    number(&info[VMGUESTLIB_STAT_HOST_PROCESSOR_MHZ], " MHz").text);
	add(page, STYLE_PLAIN, "            reservation %s, limit %s, shares %s",
	    number(&info[VMGUESTLIB_STAT_CPU_RESERVATION_MHZ], " MHz").text,
	    number(&info[VMGUESTLIB_STAT_CPU_LIMIT_MHZ], " MHz").text,
	    number(&info[VMGUESTLIB_STAT_CPU_SHARES], "").text);
}

/* Guide, Expected values: zero; another value shows memory overcommitment. */
static enum style reclaimed_style(const struct metric *metric, enum style style)
{
	return metric->state == METRIC_GIVEN && metric->value ? style : STYLE_PLAIN;
}

static void add_memory(struct page *page, const struct view *view, size_t width)
{
	const struct metric *info = view->sample.info;
	const struct metric *ballooned = &info[VMGUESTLIB_STAT_MEM_BALLOONED_MB];
	const struct metric *swapped = &info[VMGUESTLIB_STAT_MEM_SWAPPED_MB];
	const struct metric *shares = &info[VMGUESTLIB_STAT_MEM_SHARES64];
	const struct rates *rates = &view->rates;
	char spark[SPARK_SIZE];

	if (shares->state != METRIC_GIVEN)
		shares = &info[VMGUESTLIB_STAT_MEM_SHARES];
	add(page, STYLE_PLAIN, "Memory      mapped %s, active %s, used %s, overhead %s",
	    number(&info[VMGUESTLIB_STAT_MEM_MAPPED_MB], " MB").text,
	    number(&info[VMGUESTLIB_STAT_MEM_ACTIVE_MB], " MB").text,
	    number(&info[VMGUESTLIB_STAT_MEM_USED_MB], " MB").text,
	    number(&info[VMGUESTLIB_STAT_MEM_OVERHEAD_MB], " MB").text);
	draw(view, &view->ballooned, 0, width, spark);
	add(page, reclaimed_style(ballooned, STYLE_NOTICE),
	    "            ballooned %8s  %s target %s, max %s",
	    number(ballooned, " MB").text, spark,
	    number(&info[VMGUESTLIB_STAT_MEM_BALLOON_TARGET_MB], "").text,
	    number(&info[VMGUESTLIB_STAT_MEM_BALLOON_MAX_MB], "").text);
	draw(view, &view->swapped, 0, width, spark);
	add(page, reclaimed_style(swapped, STYLE_ALARM),
	    "            swapped   %8s  %s target %s",
	    number(swapped, " MB").text, spark,
	    number(&info[VMGUESTLIB_STAT_MEM_SWAP_TARGET_MB], "").text);
	add(page, STYLE_PLAIN,
	    "            swap in %s B/s, out %s B/s, compressed %s",
	    amount(&rates->swap_in_bytes).text,
	    amount(&rates->swap_out_bytes).text,
	    number(&info[VMGUESTLIB_STAT_MEM_ZIPPED_MB], " MB").text);
	add(page, STYLE_PLAIN,
	    "            target size %s, reservation %s, limit %s, shares %s",
	    number(&info[VMGUESTLIB_STAT_MEM_TARGET_SIZE_MB], " MB").text,
	    number(&info[VMGUESTLIB_STAT_MEM_RESERVATION_MB], " MB").text,
	    number(&info[VMGUESTLIB_STAT_MEM_LIMIT_MB], " MB").text,
	    number(shares, "").text);
}

static void add_disks(struct page *page, const struct view *view)
{
	const struct disk_rates *rates;
	size_t i;

	if (!view->sample.disk_count)
		return;
	add(page, STYLE_PLAIN, "%s", "");
	add(page, STYLE_HEAD, "%-17s %8s %8s %10s %10s %9s %9s", "Disk", "reads/s",
	    "writes/s", "read B/s", "write B/s", "read ms", "write ms");
	for (i = 0; i < view->sample.disk_count; i++) {
		rates = &view->rates.disks[i];
		add(page, STYLE_PLAIN, "%-17s %8s %8s %10s %10s %9s %9s",
		    view->sample.disks[i].name, decimal(&rates->reads, 1, 1).text,
		    decimal(&rates->writes, 1, 1).text,
		    amount(&rates->read_bytes).text,
		    amount(&rates->written_bytes).text,
		    decimal(&rates->read_latency_us, 1e-3, 2).text,
		    decimal(&rates->write_latency_us, 1e-3, 2).text);
	}
}

static void add_nics(struct page *page, const struct view *view)
{
	const struct nic_rates *rates;
	size_t i;

	if (!view->sample.nic_count)
		return;
	add(page, STYLE_PLAIN, "%s", "");
	add(page, STYLE_HEAD, "%-17s %8s %8s %10s %10s %9s %9s", "Network", "rx/s",
	    "tx/s", "rx B/s", "tx B/s", "res. MB/s", "lim. MB/s");
	for (i = 0; i < view->sample.nic_count; i++) {
		rates = &view->rates.nics[i];
		add(page, STYLE_PLAIN, "%-17s %8s %8s %10s %10s %9s %9s",
		    view->sample.nics[i].name,
		    decimal(&rates->received, 1, 1).text,
		    decimal(&rates->sent, 1, 1).text,
		    amount(&rates->received_bytes).text,
		    amount(&rates->sent_bytes).text,
		    number(&view->sample.nics[i].reservation_mbps, "").text,
		    number(&view->sample.nics[i].limit_mbps, "").text);
	}
}

/* Cuts the text after @width characters of UTF-8. */
static void cut(char *text, size_t width)
{
	size_t columns = 0;

	for (; *text; text++) {
		if ((*text & 0xc0) == 0x80)
			continue;
		if (columns++ == width) {
			*text = '\0';
			return;
		}
	}
}

void page_build(struct page *page, const struct view *view, size_t width)
{
	size_t i;

	page->count = 0;
	add_head(page, view);
	if (view->message)
		add(page, STYLE_ALARM, "*** %s", view->message);
	add_heartbeat(page, &view->heartbeat);
	add(page, STYLE_PLAIN, "%s", "");
	add_processor(page, view, width);
	add(page, STYLE_PLAIN, "%s", "");
	add_memory(page, view, width);
	add_disks(page, view);
	add_nics(page, view);
	for (i = 0; i < page->count; i++)
		cut(page->lines[i].text, width);
}
