// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The beginning of a session in the answers of the exporter: it stays the same while
 * clocks drift, and it changes when the clock is set.
 */
#include "ktap.h"

#define VERSION	"tested"
#include "../../tools/vmguest/scrape.c"

static uint64_t session, elapsed_ms;
static int64_t now_s, created;

int clock_gettime(clockid_t clock, struct timespec *time)
{
	*time = (struct timespec) { .tv_sec = clock == CLOCK_REALTIME ? now_s : 0 };
	return 0;
}

int host_snapshot(struct host_snapshot *snapshot, uint32_t max_age_ms)
{
	(void)max_age_ms;
	*snapshot = (struct host_snapshot) { .session_id = session };
	snapshot->values[VMGUESTLIB_STAT_ELAPSED_MS] = (struct vmguestlib_value) {
		.state = VMGUESTLIB_VALUE_GIVEN, .value = elapsed_ms,
	};
	/* This time is a reading of CLOCK_BOOTTIME, which a time namespace may have shifted. */
	snapshot->time_ns = UINT64_C(1000000) * 1000000000;
	return 0;
}

void host_snapshot_free(struct host_snapshot *snapshot)
{
	(void)snapshot;
}

int host_open(int access)
{
	(void)access;
	return -1;
}

int host_heartbeats(int fd, struct vmguestlib_heartbeat_client **clients)
{
	(void)fd;
	(void)clients;
	return -1;
}

int attribute_number(const char *name, uint64_t *number)
{
	(void)name;
	(void)number;
	return -1;
}

unsigned int present_cpus(void)
{
	return 1;
}

void sample_extended(struct sample *sample, unsigned int groups)
{
	(void)sample;
	(void)groups;
}

void exposition_write(FILE *out, const struct exposition *exposition)
{
	(void)out;
	created = exposition->created;
}

static int64_t created_at(int64_t seconds, uint64_t elapsed)
{
	char *text;
	size_t len;

	now_s = seconds;
	elapsed_ms = elapsed;
	CHECK_EQ(scrape_text(EXPOSITION_PROMETHEUS, 0, &text, &len), 0);
	free(text);
	return created;
}

KTAP_TEST(created_is_now_minus_elapsed)
{
	session = 1;
	CHECK_EQ(created_at(1000000, 5000), 999995);
}

KTAP_TEST(created_stays_while_clocks_drift)
{
	session = 2;
	CHECK_EQ(created_at(1000000, 5000), 999995);
	CHECK_EQ(created_at(1000100, 104400), 999995);
	CHECK_EQ(created_at(1000200, 206600), 999995);
}

KTAP_TEST(created_follows_a_clock_that_is_set)
{
	session = 3;
	CHECK_EQ(created_at(1000000, 5000), 999995);
	CHECK_EQ(created_at(2000000, 6000), 1999994);
	CHECK_EQ(created_at(2000001, 7100), 1999994);
}

KTAP_TEST(created_of_another_session)
{
	session = 4;
	CHECK_EQ(created_at(1000000, 5000), 999995);
	session = 5;
	CHECK_EQ(created_at(1000001, 5000), 999996);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(created_is_now_minus_elapsed),
	KTAP_ENTRY(created_stays_while_clocks_drift),
	KTAP_ENTRY(created_follows_a_clock_that_is_set),
	KTAP_ENTRY(created_of_another_session),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
