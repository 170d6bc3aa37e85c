// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The rates that vmguest computes from the host's counters, with the examples of the
 * vSphere Guest SDK's guide.
 *
 * Links: tools/vmguest/metrics.c kmod/stat_table.c
 */
#include <stdlib.h>

#include "../../tools/vmguest/metrics.h"

#include "ktap.h"

#define SECOND	1000000ull

static struct sample before, now;
static struct rates rates;

static void start(void)
{
	memset(&before, 0, sizeof(before));
	before.session = 0x1234;
	before.vcpus = 1;
	now = before;
}

static void resources(struct sample *sample, uint64_t time_us, const char *text)
{
	metrics_resources(sample, time_us, text, strlen(text));
}

static bool is_given(const struct metric *metric, uint64_t value)
{
	return metric->state == METRIC_GIVEN && metric->value == value;
}

/* Checks that the rate is @value, with a tolerance of a millionth. */
static bool near(const struct rate *rate, double value)
{
	double difference = rate->value - value;

	if (!rate->given)
		return false;
	if (difference < 0)
		difference = -difference;
	return difference <= value / 1e6;
}

static void give(struct sample *sample, unsigned int id, uint64_t value)
{
	sample->info[id] = (struct metric){ METRIC_GIVEN, value };
}

/* The example of the guide's section "CPU and Memory Statistics" */
KTAP_TEST(guide_resources)
{
	static const char text[] =
		"vm.cpu.reserved = 4798\n"
		"vm.cpu.limit = 11995\n"
		"vm.cpu.used = 224057517\n"
		"vm.cpu.contention.cpu = 65606184\n"
		"vm.cpu.contention.mem = 1488848\n"
		"guest.mem.swapIn = 3416\n"
		"guest.mem.swapOut = 6588\n";

	start();
	resources(&now, 7, text);
	CHECK_EQ(now.cpu.time_us, 7);
	CHECK(is_given(&now.cpu.used_us, 224057517));
	CHECK(is_given(&now.cpu.contention_us, 65606184));
	CHECK(is_given(&now.cpu.swap_wait_us, 1488848));
	CHECK(is_given(&now.cpu.swap_in_kb, 3416));
	CHECK(is_given(&now.cpu.swap_out_kb, 6588));
}

KTAP_TEST(guide_list)
{
	static const char text[] =
		"session\nhost\nresources\nvscsi ide0:0\nvscsi scsi0:0\n"
		"vscsi scsi0:2\nvnet 00:0c:29:1e:23:f3\nvnet 00:0c:29:1e:23:f4";

	start();
	metrics_list(&now, text, sizeof(text) - 1);
	CHECK_EQ(now.disk_count, 3);
	CHECK_STR(now.disks[0].name, "ide0:0");
	CHECK_STR(now.disks[2].name, "scsi0:2");
	CHECK_EQ(now.nic_count, 2);
	CHECK_STR(now.nics[1].name, "00:0c:29:1e:23:f4");
	metrics_list(&now, "session\n", 8);
	CHECK_EQ(now.disk_count + now.nic_count, 0);
}

KTAP_TEST(guide_nic)
{
	static const char text[] =
		"num.tx = 209\nsize.tx = 38137\nnum.rx = 10920\n"
		"size.rx = 1312789\nreservation = 0\nlimit = -1\n";
	struct nic nic = { .name = "x" };

	metrics_nic(&nic, 3, text, sizeof(text) - 1);
	CHECK_STR(nic.name, "x");
	CHECK(is_given(&nic.sent, 209));
	CHECK(is_given(&nic.received_bytes, 1312789));
	CHECK(is_given(&nic.reservation_mbps, 0));
	CHECK_EQ(nic.limit_mbps.state, METRIC_UNLIMITED);
}

/* None of these texts is a number. */
KTAP_TEST(malformed_numbers)
{
	static const char *const texts[] = {
		"", "\n\n", "vm.cpu.used", "vm.cpu.used =", "vm.cpu.used = ",
		"vm.cpu.used = x", "vm.cpu.used = 1x", "vm.cpu.used = -2",
		"vm.cpu.used = 18446744073709551616", "vm.cpu.used=5",
		"vm.cpu.used = 0x10", "vm.cpu.used = 1.5", "m.cpu.used = 1",
		"xvm.cpu.used = 1", "vm.cpu.usedx = 1", "vm.cpu.used = 5\r",
		" vm.cpu.used = 5",
	};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		start();
		resources(&now, 1, texts[i]);
		if (!CHECK_EQ(now.cpu.used_us.state, METRIC_MISSING))
			printf("# text %zu\n", i);
	}
	resources(&now, 1, "vm.cpu.used = 18446744073709551615");
	CHECK(is_given(&now.cpu.used_us, UINT64_MAX));
	resources(&now, 1, "vm.cpu.used = 1\nvm.cpu.used = 2\n");
	CHECK(is_given(&now.cpu.used_us, 1));
}

/* The text has no NUL at the end, so that the sanitizer notices reads beyond the text. */
KTAP_TEST(text_ends_anywhere)
{
	static const char text[] = "vm.cpu.used = 12\nvm.cpu.contention.cpu = 3";
	size_t len;
	char *copy;

	for (len = 0; len <= sizeof(text) - 1; len++) {
		copy = malloc(len + !len);
		memcpy(copy, text, len);
		start();
		metrics_resources(&now, 1, copy, len);
		metrics_list(&now, copy, len);
		metrics_session(&now, copy, len);
		free(copy);
	}
	CHECK(is_given(&now.cpu.contention_us, 3));
}

KTAP_TEST(names_of_the_host)
{
	char text[DEVICE_NAME_MAX * (DISKS_MAX + 2) + 16] = "";
	char line[DEVICE_NAME_MAX];
	int i;

	start();
	metrics_session(&now, "session = 1\nversion = A\x1b[2J\nversion = B\n", 39);
	CHECK_STR(now.version, "A?[2J");
	metrics_session(&now, "version = A\x7f", 12);
	CHECK_STR(now.version, "A?");
	memset(text, 'n', sizeof(text));
	memcpy(text, "version = ", 10);
	metrics_session(&now, text, 10 + DEVICE_NAME_MAX);
	CHECK_EQ(strlen(now.version), DEVICE_NAME_MAX - 1);
	memset(text, 0, sizeof(text));
	for (i = 0; i < DISKS_MAX + 2; i++) {
		snprintf(line, sizeof(line), "vscsi d%d\n", i);
		strcat(text, line);
	}
	metrics_list(&now, text, strlen(text));
	CHECK_EQ(now.disk_count, DISKS_MAX);
	memset(text, 'n', sizeof(text));
	memcpy(text, "vscsi ", 6);
	metrics_list(&now, text, 6 + DEVICE_NAME_MAX);
	CHECK_EQ(now.disk_count, 0);
	metrics_list(&now, text, 6 + DEVICE_NAME_MAX - 1);
	CHECK_EQ(now.disk_count, 1);
	CHECK_EQ(strlen(now.disks[0].name), DEVICE_NAME_MAX - 1);

	/* The exporter uses each name as a label, so a name must be valid and must not occur twice. */
	metrics_list(&now, "vscsi a\x01\nvscsi a\x02\nvscsi b\nvnet c\nvnet c\nvnet d\n", 47);
	CHECK_EQ(now.disk_count, 2);
	CHECK_STR(now.disks[1].name, "b");
	CHECK_EQ(now.nic_count, 2);
	CHECK_STR(now.nics[1].name, "d");
}

KTAP_TEST(info_states)
{
	struct vmguestlib_value values[VMGUESTLIB_STAT_END + 4] = { 0 };

	start();
	values[VMGUESTLIB_STAT_CPU_LIMIT_MHZ].value = UINT32_MAX;
	values[VMGUESTLIB_STAT_CPU_LIMIT_MHZ].state = VMGUESTLIB_VALUE_GIVEN;
	values[VMGUESTLIB_STAT_CPU_SHARES] =
		values[VMGUESTLIB_STAT_CPU_LIMIT_MHZ];
	values[VMGUESTLIB_STAT_MEM_LIMIT_MB].value = 5;
	values[VMGUESTLIB_STAT_MEM_LIMIT_MB].state = VMGUESTLIB_VALUE_UNAVAILABLE;
	metrics_info(&now, values, VMGUESTLIB_STAT_END + 4);
	CHECK_EQ(now.info[VMGUESTLIB_STAT_CPU_LIMIT_MHZ].state, METRIC_UNLIMITED);
	CHECK(is_given(&now.info[VMGUESTLIB_STAT_CPU_SHARES], UINT32_MAX));
	CHECK_EQ(now.info[VMGUESTLIB_STAT_MEM_LIMIT_MB].state, METRIC_MISSING);
	CHECK_EQ(now.info[VMGUESTLIB_STAT_CPU_USED_MS].state, METRIC_MISSING);
	metrics_info(&now, values, 2);
	CHECK_EQ(now.info[VMGUESTLIB_STAT_CPU_LIMIT_MHZ].state, METRIC_MISSING);
}

KTAP_TEST(cpu_of_one_processor)
{
	start();
	give(&now, VMGUESTLIB_STAT_HOST_PROCESSOR_MHZ, 2000);
	resources(&before, 10 * SECOND, "vm.cpu.used = 1000000\n"
		  "vm.cpu.contention.cpu = 500000\nvm.cpu.contention.mem = 7\n"
		  "guest.mem.swapIn = 0\nguest.mem.swapOut = 10\n");
	resources(&now, 12 * SECOND, "vm.cpu.used = 1700000\n"
		  "vm.cpu.contention.cpu = 900000\nvm.cpu.contention.mem = 20007\n"
		  "guest.mem.swapIn = 4\nguest.mem.swapOut = 10\n");
	metrics_rates(&before, &now, &rates);
	CHECK(!rates.session_changed);
	CHECK(near(&rates.used, 35));
	CHECK(near(&rates.contention, 20));
	CHECK(near(&rates.swap_wait, 1));
	CHECK(near(&rates.effective_mhz, 700));
	CHECK(near(&rates.swap_in_bytes, 2048));
	CHECK(near(&rates.swap_out_bytes, 0));
	CHECK_EQ(rates.zone, ZONE_NORMAL);
}

/* The percentages refer to all processors. The speed is the sum of their speeds. */
KTAP_TEST(cpu_of_four_processors)
{
	start();
	before.vcpus = now.vcpus = 4;
	give(&now, VMGUESTLIB_STAT_HOST_PROCESSOR_MHZ, 2000);
	resources(&before, SECOND, "vm.cpu.used = 0\nvm.cpu.contention.cpu = 0\n");
	resources(&now, 2 * SECOND,
		  "vm.cpu.used = 2000000\nvm.cpu.contention.cpu = 2400000\n");
	metrics_rates(&before, &now, &rates);
	CHECK(near(&rates.used, 50));
	CHECK(near(&rates.contention, 60));
	CHECK(near(&rates.effective_mhz, 4000));
	CHECK(!rates.swap_wait.given);
	CHECK_EQ(rates.zone, ZONE_STARVED);
}

/* A host before ESXi 6.0 has no extended statistics. */
KTAP_TEST(cpu_of_an_old_host)
{
	start();
	give(&before, VMGUESTLIB_STAT_ELAPSED_MS, 1000);
	give(&before, VMGUESTLIB_STAT_CPU_USED_MS, 100);
	give(&before, VMGUESTLIB_STAT_CPU_STOLEN_MS, 10);
	give(&now, VMGUESTLIB_STAT_ELAPSED_MS, 3000);
	give(&now, VMGUESTLIB_STAT_CPU_USED_MS, 900);
	give(&now, VMGUESTLIB_STAT_CPU_STOLEN_MS, 70);
	metrics_rates(&before, &now, &rates);
	CHECK(near(&rates.used, 40));
	CHECK(near(&rates.contention, 3));
	CHECK_EQ(rates.zone, ZONE_UNDERCOMMIT);
	CHECK(!rates.swap_wait.given);
	CHECK(!rates.effective_mhz.given);
	/* Only one of the two samples has extended statistics, so they are not used. */
	resources(&now, 5 * SECOND,
		  "vm.cpu.used = 1\nvm.cpu.contention.cpu = 1\n");
	metrics_rates(&before, &now, &rates);
	CHECK(near(&rates.used, 40));
}

KTAP_TEST(zones)
{
	static const struct {
		double percent;
		enum zone zone;
	} cases[] = {
		{ 0, ZONE_UNDERCOMMIT }, { 4.99, ZONE_UNDERCOMMIT },
		{ 5, ZONE_NORMAL }, { 50, ZONE_NORMAL },
		{ 50.01, ZONE_STARVED }, { 100, ZONE_STARVED },
	};
	struct rate rate = { .given = true };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rate.value = cases[i].percent;
		CHECK_EQ(metrics_zone(&rate), cases[i].zone);
	}
	rate.given = false;
	CHECK_EQ(metrics_zone(&rate), ZONE_UNKNOWN);
	CHECK_STR(zone_name(ZONE_STARVED), "starved");
}

static void one_disk(struct sample *sample, uint64_t time_us, const char *text)
{
	metrics_list(sample, "vscsi scsi0:0\nvnet aa\n", 22);
	metrics_disk(&sample->disks[0], time_us, text, strlen(text));
}

KTAP_TEST(disk)
{
	start();
	one_disk(&before, 0, "num.reads = 100\nnum.writes = 5\n"
		 "size.reads = 1000\nsize.writes = 0\n"
		 "latency.reads = 5000\nlatency.writes = 9\n");
	one_disk(&now, 10 * SECOND, "num.reads = 300\nnum.writes = 5\n"
		 "size.reads = 21000\nsize.writes = 0\n"
		 "latency.reads = 105000\nlatency.writes = 9\n");
	metrics_rates(&before, &now, &rates);
	CHECK(near(&rates.disks[0].reads, 20));
	CHECK(near(&rates.disks[0].writes, 0));
	CHECK(near(&rates.disks[0].read_bytes, 2000));
	CHECK(near(&rates.disks[0].read_latency_us, 500));
	/* Without commands there is no latency. */
	CHECK(!rates.disks[0].write_latency_us.given);
}

KTAP_TEST(nic)
{
	start();
	metrics_list(&before, "vnet b\nvnet a\n", 14);
	metrics_nic(&before.nics[1], SECOND, "num.tx = 1\nsize.rx = 5\n", 23);
	metrics_list(&now, "vnet a\nvnet c\n", 14);
	metrics_nic(&now.nics[0], 2 * SECOND, "num.tx = 4\nsize.rx = 9\n", 23);
	metrics_nic(&now.nics[1], 2 * SECOND, "num.tx = 4\nsize.rx = 9\n", 23);
	metrics_rates(&before, &now, &rates);
	CHECK(near(&rates.nics[0].sent, 3));
	CHECK(near(&rates.nics[0].received_bytes, 4));
	CHECK(!rates.nics[0].received.given);
	/* A device that was not in the earlier sample has no rates. */
	CHECK(!rates.nics[1].sent.given);
}

/* Checks that no rate is given. */
static void expect_nothing(void)
{
	metrics_rates(&before, &now, &rates);
	CHECK(!rates.used.given);
	CHECK(!rates.contention.given);
	CHECK(!rates.effective_mhz.given);
	CHECK_EQ(rates.zone, ZONE_UNKNOWN);
	CHECK(!rates.disks[0].reads.given);
	CHECK(!rates.disks[0].read_latency_us.given);
}

static void two_samples(uint64_t seconds, const char *cpu, const char *disk)
{
	start();
	give(&now, VMGUESTLIB_STAT_HOST_PROCESSOR_MHZ, 2000);
	resources(&before, SECOND,
		  "vm.cpu.used = 1000\nvm.cpu.contention.cpu = 1000\n");
	one_disk(&before, SECOND, "num.reads = 100\nlatency.reads = 100\n");
	resources(&now, seconds * SECOND, cpu);
	one_disk(&now, seconds * SECOND, disk);
}

KTAP_TEST(another_session)
{
	two_samples(2, "vm.cpu.used = 2000\nvm.cpu.contention.cpu = 2000\n",
		    "num.reads = 200\nlatency.reads = 200\n");
	metrics_rates(&before, &now, &rates);
	CHECK(rates.used.given);
	CHECK(rates.disks[0].reads.given);
	now.session++;
	expect_nothing();
	CHECK(rates.session_changed);
	/* A session ID of 0 means that the session changed while the sample was taken. */
	before.session = now.session = 0;
	expect_nothing();
	CHECK(rates.session_changed);
}

KTAP_TEST(counters_that_decrease_give_no_rates)
{
	two_samples(2, "vm.cpu.used = 999\nvm.cpu.contention.cpu = 0\n",
		    "num.reads = 99\nlatency.reads = 99\n");
	expect_nothing();
	CHECK(!rates.session_changed);
}

KTAP_TEST(impossible_samples_give_no_rates)
{
	two_samples(2, "vm.cpu.used = 1000000000000\n"
		    "vm.cpu.contention.cpu = 1200000\n",
		    "num.reads = -1\nlatency.reads = 5\n");
	expect_nothing();
	/* The clock stands still, or goes back. */
	two_samples(1, "vm.cpu.used = 2000\nvm.cpu.contention.cpu = 2000\n",
		    "num.reads = 100\nlatency.reads = 200\n");
	expect_nothing();
	two_samples(0, "vm.cpu.used = 2000\nvm.cpu.contention.cpu = 2000\n",
		    "num.reads = 100\nlatency.reads = 200\n");
	expect_nothing();
	two_samples(2, "vm.cpu.used = 2000\nvm.cpu.contention.cpu = 2000\n",
		    "num.reads = 100\nlatency.reads = 200\n");
	now.cpu.time_us = 1;
	now.disks[0].time_us = 1;
	expect_nothing();
	/* The number of processors is 0, which means that it is unknown. */
	two_samples(2, "vm.cpu.used = 2000\nvm.cpu.contention.cpu = 2000\n",
		    "");
	now.vcpus = 0;
	expect_nothing();
	/* A value that is slightly above 100 % is reported as 100 %. */
	two_samples(2, "vm.cpu.used = 1000\nvm.cpu.contention.cpu = 1051000\n", "");
	metrics_rates(&before, &now, &rates);
	CHECK(near(&rates.contention, 100));
}

KTAP_TEST(missing_counters)
{
	two_samples(2, "", "");
	expect_nothing();
	two_samples(2, "vm.cpu.used = 2000\n", "latency.reads = 200\n");
	expect_nothing();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(guide_resources),
	KTAP_ENTRY(guide_list),
	KTAP_ENTRY(guide_nic),
	KTAP_ENTRY(malformed_numbers),
	KTAP_ENTRY(text_ends_anywhere),
	KTAP_ENTRY(names_of_the_host),
	KTAP_ENTRY(info_states),
	KTAP_ENTRY(cpu_of_one_processor),
	KTAP_ENTRY(cpu_of_four_processors),
	KTAP_ENTRY(cpu_of_an_old_host),
	KTAP_ENTRY(zones),
	KTAP_ENTRY(disk),
	KTAP_ENTRY(nic),
	KTAP_ENTRY(another_session),
	KTAP_ENTRY(counters_that_decrease_give_no_rates),
	KTAP_ENTRY(impossible_samples_give_no_rates),
	KTAP_ENTRY(missing_counters),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
