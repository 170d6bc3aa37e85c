// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The model: its equations with thousands of random configurations, its counters over
 * time and over session changes, and that the same seed and times give the same values.
 *
 * Links: tools/vmxsim/model
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "config/config.h"
#include "ktap.h"
#include "model/model.h"

#ifndef CONFIGURATIONS
#define CONFIGURATIONS	2000
#endif
#define SECOND_NS	1000000000ull

static void set(struct config *config, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void set(struct config *config, const char *format, ...)
{
	char assignment[256], err[CONFIG_ERR_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(assignment, sizeof(assignment), format, args);
	va_end(args);
	if (!CHECK(!config_set(config, assignment, "test", err, sizeof(err))))
		printf("# %s\n", err);
}

static uint64_t roll(struct prng *prng, uint64_t min, uint64_t max)
{
	return min + prng_next(prng) % (max - min + 1);
}

/* Returns the lowest value, the highest value, or a value between them. */
static uint64_t extreme(struct prng *prng, uint64_t min, uint64_t max)
{
	switch (prng_next(prng) % 4) {
	case 0:
		return min;
	case 1:
		return max;
	default:
		return roll(prng, min, max);
	}
}

static void random_cpu(struct config *config, struct prng *prng)
{
	uint64_t packages = roll(prng, 1, 4);
	uint64_t cores = packages * roll(prng, 1, 32);
	uint64_t threads = cores * roll(prng, 1, 2);
	uint64_t cpus = extreme(prng, 1, threads > 128 ? 128 : threads);
	uint64_t mhz = extreme(prng, 1, 5000);
	uint64_t reserved = extreme(prng, 0, cpus * mhz);
	uint64_t contention = extreme(prng, 0, 100);

	set(config, "vmxsim.host.packages=%" PRIu64, packages);
	set(config, "vmxsim.host.cores=%" PRIu64, cores);
	set(config, "vmxsim.host.threads=%" PRIu64, threads);
	set(config, "numvcpus=%" PRIu64, cpus);
	set(config, "vmxsim.host.processorMHz=%" PRIu64, mhz);
	set(config, "sched.cpu.min=%" PRIu64, reserved);
	if (prng_next(prng) % 2)
		set(config, "sched.cpu.max=%" PRIu64,
		    extreme(prng, reserved, cpus * mhz * 2));
	set(config, "vmxsim.load.cpu=%" PRIu64, extreme(prng, 0, 100));
	set(config, "vmxsim.load.swing=%" PRIu64, extreme(prng, 0, 100));
	set(config, "vmxsim.contention.cpu=%" PRIu64, contention);
	set(config, "vmxsim.contention.mem=%" PRIu64,
	    extreme(prng, 0, 100 - contention));
	set(config, "vmxsim.quirk.cpuUsed=%s",
	    prng_next(prng) % 2 ? "sum" : "capped");
}

static void random_memory(struct config *config, struct prng *prng)
{
	uint64_t memsize = extreme(prng, 4, prng_next(prng) % 8 ? 65536 :
						15 << 20);
	uint64_t reserved = extreme(prng, 0, memsize);

	set(config, "memsize=%" PRIu64, memsize);
	set(config, "sched.mem.min=%" PRIu64, reserved);
	set(config, "vmxsim.host.memMB=%" PRIu64,
	    memsize * 21 / 20 + extreme(prng, 1200, 1 << 20));
	if (prng_next(prng) % 2)
		set(config, "sched.mem.max=%" PRIu64,
		    extreme(prng, reserved, memsize + 10));
	set(config, "vmxsim.mem.touched=%" PRIu64, extreme(prng, 0, 100));
	set(config, "vmxsim.mem.active=%" PRIu64, extreme(prng, 0, 100));
	set(config, "vmxsim.mem.shared=%" PRIu64, extreme(prng, 0, 100));
	set(config, "vmxsim.mem.pressure=%" PRIu64, extreme(prng, 0, 100));
	set(config, "vmxsim.mem.remote=%" PRIu64, extreme(prng, 0, 100));
	set(config, "vmxsim.host.load=%" PRIu64, extreme(prng, 0, 100));
}

static struct config *random_config(uint64_t seed)
{
	static const char *const hosts[] = {
		"4.0", "4.1", "5.5", "6.0", "7.0", "8.0",
	};
	struct config *config = config_new();
	char err[CONFIG_ERR_SIZE];
	struct prng prng;

	prng_seed(&prng, seed, 0);
	set(config, "vmxsim.seed=%" PRIu64, prng_next(&prng));
	set(config, "vmxsim.host=%s", hosts[prng_next(&prng) % 6]);
	random_cpu(config, &prng);
	random_memory(config, &prng);
	set(config, "vmxsim.load.disk=%" PRIu64, extreme(&prng, 0, 1000000));
	set(config, "vmxsim.load.net=%" PRIu64, extreme(&prng, 0, 10000000));
	if (!CHECK(!config_check(config, err, sizeof(err))))
		printf("# seed %" PRIu64 ": %s\n", seed, err);
	return config;
}

#define WIRE(id)	(sample->wire[WIRE_##id].value)

static bool cpu_equations(const struct config *config,
			  const struct sample *sample)
{
	uint64_t cpus = config_u64(config, "numvcpus");
	uint64_t mhz = config_u64(config, "vmxsim.host.processorMHz");
	int64_t limit = config_limit(config, "sched.cpu.max");
	bool sum = config_is(config, "vmxsim.quirk.cpuUsed", "sum");
	uint64_t used_ms = sample->used_us / 1000;
	bool ok = true;

	ok &= CHECK_EQ(sample->used_us + sample->contention_us +
		       sample->swap_wait_us + sample->idle_us,
		       cpus * sample->uptime_us);
	ok &= CHECK(sample->idle_us <= cpus * sample->uptime_us);
	ok &= CHECK_EQ(WIRE(CPU_STOLEN_MS),
		       (sample->contention_us - sample->limited_us) / 1000);
	ok &= CHECK_EQ(WIRE(ELAPSED_MS), sample->uptime_us / 1000);
	ok &= CHECK_EQ(WIRE(CPU_USED_MS), sum || used_ms < WIRE(ELAPSED_MS) ?
		       used_ms : WIRE(ELAPSED_MS));
	if (limit != CONFIG_UNLIMITED)
		ok &= CHECK((unsigned __int128)sample->used_us * mhz <=
			    (unsigned __int128)(sample->uptime_us + 1000) *
			    (uint64_t)limit);
	if (limit == CONFIG_UNLIMITED)
		ok &= CHECK_EQ(sample->limited_us, 0);
	ok &= CHECK(WIRE(HOST_CPU_USED_MS) >= used_ms);
	ok &= CHECK(WIRE(HOST_CPU_USED_MS) <=
		    sample->uptime_us *
		    config_u64(config, "vmxsim.host.threads") / 1000);
	return ok;
}

static bool memory_equations(const struct config *config,
			     const struct sample *sample)
{
	uint64_t configured_kb = config_u64(config, "memsize") * 1024;
	int64_t limit = config_limit(config, "sched.mem.max");
	bool ok = true;

	ok &= CHECK_EQ(sample->mapped_kb,
		       1024 * (WIRE(MEM_MAPPED_MB) + WIRE(MEM_BALLOONED_MB)));
	ok &= CHECK_EQ(WIRE(MEM_USED_MB),
		       WIRE(MEM_MAPPED_MB) - WIRE(MEM_SHARED_SAVED_MB));
	ok &= CHECK_EQ(sample->mapped_kb, sample->consumed_kb +
		       sample->ballooned_kb +
		       1024 * WIRE(MEM_SHARED_SAVED_MB));
	ok &= CHECK_EQ(sample->consumed_kb, 1024 * WIRE(MEM_USED_MB));
	ok &= CHECK_EQ(sample->ballooned_kb, 1024 * WIRE(MEM_BALLOONED_MB));
	ok &= CHECK_EQ(sample->swapped_kb / 1024, WIRE(MEM_SWAPPED_MB));
	ok &= CHECK_EQ(sample->reserved_kb, 1024 * WIRE(MEM_RESERVATION_MB));
	ok &= CHECK_EQ(sample->mapped_kb + sample->swapped_kb +
		       sample->untouched_kb, configured_kb);
	ok &= CHECK(sample->untouched_kb <= configured_kb);
	ok &= CHECK_EQ(sample->numa_local_kb + sample->numa_remote_kb,
		       sample->mapped_kb);
	ok &= CHECK(sample->numa_remote_kb <= configured_kb);
	ok &= CHECK(sample->ballooned_kb + sample->swapped_kb <=
		    configured_kb - sample->reserved_kb);
	if (limit != CONFIG_UNLIMITED)
		ok &= CHECK(WIRE(MEM_MAPPED_MB) <= (uint64_t)limit);
	return ok;
}

static bool memory_bounds(const struct config *config,
			  const struct sample *sample)
{
	uint64_t memsize = config_u64(config, "memsize");
	bool ok = true;

	ok &= CHECK(WIRE(MEM_MAPPED_MB) <= memsize);
	ok &= CHECK(WIRE(MEM_ACTIVE_MB) <= WIRE(MEM_MAPPED_MB));
	ok &= CHECK(WIRE(MEM_SHARED_MB) <= WIRE(MEM_MAPPED_MB));
	ok &= CHECK(WIRE(MEM_SHARED_SAVED_MB) <= WIRE(MEM_SHARED_MB));
	ok &= CHECK(WIRE(MEM_BALLOONED_MB) <= WIRE(MEM_BALLOON_TARGET_MB));
	ok &= CHECK(WIRE(MEM_BALLOON_TARGET_MB) <= WIRE(MEM_BALLOON_MAX_MB));
	ok &= CHECK(WIRE(MEM_BALLOON_MAX_MB) <= memsize);
	ok &= CHECK(WIRE(MEM_SWAPPED_MB) <= WIRE(MEM_SWAP_TARGET_MB));
	ok &= CHECK(WIRE(MEM_ZIPPED_MB) + WIRE(MEM_LL_SWAPPED_MB) <=
		    WIRE(MEM_SWAPPED_MB));
	ok &= CHECK(WIRE(MEM_ZIP_SAVED_MB) <= WIRE(MEM_ZIPPED_MB));
	ok &= CHECK(WIRE(MEM_TARGET_SIZE_MB) <= memsize);
	ok &= CHECK(WIRE(MEM_TARGET_SIZE_MB) >= WIRE(MEM_RESERVATION_MB));
	ok &= CHECK(WIRE(MEM_OVERHEAD_MB) > 0);

	ok &= CHECK_EQ(WIRE(HOST_MEM_PHYS_MB),
		       config_u64(config, "vmxsim.host.memMB"));
	ok &= CHECK_EQ(WIRE(HOST_MEM_USED_MB) + WIRE(HOST_MEM_PHYS_FREE_MB),
		       WIRE(HOST_MEM_PHYS_MB));
	ok &= CHECK(WIRE(HOST_MEM_PHYS_FREE_MB) < WIRE(HOST_MEM_PHYS_MB));
	ok &= CHECK_EQ(WIRE(HOST_MEM_MAPPED_MB) + WIRE(HOST_MEM_UNMAPPED_MB) +
		       WIRE(HOST_MEM_KERN_OVHD_MB), WIRE(HOST_MEM_PHYS_MB));
	ok &= CHECK(WIRE(HOST_MEM_USED_MB) >=
		    WIRE(MEM_USED_MB) + WIRE(HOST_MEM_KERN_OVHD_MB));
	ok &= CHECK(WIRE(HOST_MEM_SHARED_MB) >= WIRE(MEM_SHARED_MB));
	ok &= CHECK(WIRE(HOST_MEM_SWAPPED_MB) >= WIRE(MEM_SWAPPED_MB));
	return ok;
}

static bool grown(const struct sample *sample, const struct sample *before)
{
	bool ok = true;

	ok &= CHECK(sample->uptime_us >= before->uptime_us);
	ok &= CHECK(sample->used_us >= before->used_us);
	ok &= CHECK(sample->contention_us >= before->contention_us);
	ok &= CHECK(sample->limited_us >= before->limited_us);
	ok &= CHECK(sample->swap_wait_us >= before->swap_wait_us);
	ok &= CHECK(sample->idle_us >= before->idle_us);
	ok &= CHECK(sample->swap_in_kb >= before->swap_in_kb);
	ok &= CHECK(sample->swap_out_kb >= before->swap_out_kb);
	ok &= CHECK(sample->overhead_in_kb >= before->overhead_in_kb);
	ok &= CHECK(sample->overhead_out_kb >= before->overhead_out_kb);
	ok &= CHECK(WIRE(CPU_USED_MS) >=
		    before->wire[WIRE_CPU_USED_MS].value);
	ok &= CHECK(WIRE(CPU_STOLEN_MS) >=
		    before->wire[WIRE_CPU_STOLEN_MS].value);
	ok &= CHECK(WIRE(HOST_CPU_USED_MS) >=
		    before->wire[WIRE_HOST_CPU_USED_MS].value);
	return ok;
}

/* The swapped memory is the memory that was swapped out and not in since the session began. */
static bool swap_balance(const struct sample *sample,
			 const struct sample *start)
{
	return CHECK_EQ(sample->swapped_kb,
			start->swapped_kb + sample->swap_out_kb -
			sample->swap_in_kb) &&
	       CHECK_EQ(sample->overhead_swapped_kb,
			start->overhead_swapped_kb + sample->overhead_out_kb -
			sample->overhead_in_kb);
}

static void change_something(struct model *model, struct config *config,
			     struct prng *prng)
{
	static const char *const keys[] = {
		"vmxsim.load.cpu", "vmxsim.load.swing", "vmxsim.mem.pressure",
		"vmxsim.mem.touched", "vmxsim.host.load", "vmxsim.load.disk",
	};
	char value[8], err[CONFIG_ERR_SIZE];

	snprintf(value, sizeof(value), "%" PRIu64, roll(prng, 0, 100));
	model_settle(model);
	CHECK(!config_change(config, keys[prng_next(prng) % 6], value, err,
			     sizeof(err)));
	model_load(model);
}

static uint64_t random_pause(struct prng *prng)
{
	static const uint64_t scales[] = {
		1, 1000, 1000000, SECOND_NS, 3600 * SECOND_NS,
		100000 * SECOND_NS,
	};

	return roll(prng, 0, scales[prng_next(prng) % 6]);
}

static bool walk(struct model *model, struct config *config,
		 struct prng *prng)
{
	struct sample now, before, start;
	uint64_t time_ns = 0;
	bool ok = true;
	int step;

	model_sample(model, &start);
	before = start;
	for (step = 0; ok && step < 12; step++) {
		time_ns += random_pause(prng);
		model_advance(model, time_ns);
		if (prng_next(prng) % 3 == 0)
			change_something(model, config, prng);
		if (prng_next(prng) % 5 == 0) {
			model_new_session(model);
			model_sample(model, &start);
			before = start;
			ok &= CHECK_EQ(start.uptime_us | start.used_us |
				       start.swap_in_kb | start.swap_out_kb, 0);
		}
		model_sample(model, &now);
		ok &= cpu_equations(config, &now);
		ok &= memory_equations(config, &now);
		ok &= memory_bounds(config, &now);
		ok &= grown(&now, &before);
		ok &= swap_balance(&now, &start);
		before = now;
	}
	return ok;
}

KTAP_TEST(equations_hold_always)
{
	struct model model;
	struct config *config;
	struct prng prng;
	uint64_t seed;
	bool ok = true;

	for (seed = 0; ok && seed < CONFIGURATIONS; seed++) {
		config = random_config(seed);
		prng_seed(&prng, seed, 1);
		model_start(&model, config);
		ok = walk(&model, config, &prng);
		if (!ok) {
			printf("# configuration of seed %" PRIu64 ":\n", seed);
			config_write(config, stdout);
		}
		config_free(config);
	}
}

/* Samples at the same times, with and without other samples between them. */
KTAP_TEST(only_time_and_seed_matter)
{
	struct config *config = random_config(7);
	struct model asked_often, asked_once, other;
	struct sample often, once;
	struct disk_sample disks[2];
	uint64_t ns;

	model_start(&asked_often, config);
	model_start(&asked_once, config);
	for (ns = 0; ns < 1000 * SECOND_NS; ns += 987654321) {
		model_advance(&asked_often, ns);
		model_sample(&asked_often, &often);
	}
	ns = 2000 * SECOND_NS;
	model_advance(&asked_often, ns);
	model_advance(&asked_once, ns);
	memset(&often, 0xaa, sizeof(often));
	memset(&once, 0x55, sizeof(once));
	model_sample(&asked_often, &often);
	model_sample(&asked_once, &once);
	CHECK(!memcmp(&often, &once, sizeof(often)));
	model_disk(&asked_often, "scsi0:0", &disks[0]);
	model_disk(&asked_once, "scsi0:0", &disks[1]);
	CHECK(!memcmp(&disks[0], &disks[1], sizeof(disks[0])));

	set(config, "vmxsim.seed=8");
	model_start(&other, config);
	model_advance(&other, ns);
	model_sample(&other, &once);
	CHECK(once.session != often.session);
	CHECK(once.used_us != often.used_us);
	config_free(config);
}

KTAP_TEST(sessions)
{
	struct config *config = config_new();
	uint64_t seen[64], bits = 0, clear = 0;
	struct sample sample;
	struct model model;
	int i, j;

	model_start(&model, config);
	for (i = 0; i < 64; i++) {
		model_advance(&model, (uint64_t)i * SECOND_NS);
		model_new_session(&model);
		model_sample(&model, &sample);
		seen[i] = sample.session;
		bits |= seen[i];
		clear |= ~seen[i];
		CHECK(seen[i]);
		CHECK_EQ(sample.uptime_us, 0);
		for (j = 0; j < i; j++)
			CHECK(seen[j] != seen[i]);
	}
	/* Every bit of the session ID is set in one ID and clear in another. */
	CHECK_EQ(bits, UINT64_MAX);
	CHECK_EQ(clear, UINT64_MAX);
	config_free(config);
}

KTAP_TEST(frozen_time)
{
	struct config *config = config_new();
	struct sample before, after;
	struct model model;

	model_start(&model, config);
	model_advance(&model, 5 * SECOND_NS);
	model_freeze(&model);
	model_sample(&model, &before);
	model_advance(&model, 105 * SECOND_NS);
	model_sample(&model, &after);
	CHECK(!memcmp(&before, &after, sizeof(before)));
	CHECK_EQ(after.uptime_us, 5000000);
	model_thaw(&model, 105 * SECOND_NS);
	model_thaw(&model, 106 * SECOND_NS);
	model_advance(&model, 107 * SECOND_NS);
	model_sample(&model, &after);
	CHECK_EQ(after.uptime_us, 7000000);
	config_free(config);
}

/* The guide's formula gives the contention that was configured. */
KTAP_TEST(contention_as_configured)
{
	struct config *config = config_new();
	struct sample first, second;
	struct model model;

	set(config, "numvcpus=4");
	set(config, "vmxsim.contention.cpu=23");
	set(config, "vmxsim.contention.mem=11");
	model_start(&model, config);
	model_advance(&model, 17 * SECOND_NS);
	model_sample(&model, &first);
	model_advance(&model, 77 * SECOND_NS);
	model_sample(&model, &second);
	CHECK_EQ(100 * (second.contention_us - first.contention_us) /
		 (4 * (second.uptime_us - first.uptime_us)), 23);
	CHECK_EQ(100 * (second.swap_wait_us - first.swap_wait_us) /
		 (4 * (second.uptime_us - first.uptime_us)), 11);
	config_free(config);
}

static struct sample with_limit(const char *host)
{
	struct config *config = config_new();
	struct sample sample;
	struct model model;

	set(config, "vmxsim.host=%s", host);
	set(config, "vmxsim.host.processorMHz=2000");
	set(config, "sched.cpu.max=500");
	set(config, "vmxsim.load.cpu=75");
	set(config, "vmxsim.load.swing=0");
	set(config, "vmxsim.contention.cpu=10");
	model_start(&model, config);
	model_advance(&model, 100 * SECOND_NS);
	model_sample(&model, &sample);
	config_free(config);
	return sample;
}

KTAP_TEST(time_lost_to_limits)
{
	struct sample sample = with_limit("7.0");

	CHECK_EQ(sample.used_us, 25000000);
	CHECK_EQ(sample.contention_us, 60000000);
	CHECK_EQ(sample.limited_us, 50000000);
	CHECK_EQ(sample.wire[WIRE_CPU_STOLEN_MS].value, 10000);
	CHECK_EQ(sample.idle_us, 15000000);

	/* ESXi 6.0 did not count the time that is lost to limits. */
	sample = with_limit("6.0");
	CHECK_EQ(sample.contention_us, 10000000);
	CHECK_EQ(sample.wire[WIRE_CPU_STOLEN_MS].value, 10000);
	CHECK_EQ(sample.idle_us, 65000000);
}

/* No value jumps: times that are close have values that are close. */
KTAP_TEST(smoothness)
{
	struct config *config = config_new();
	struct sample now, before;
	uint64_t active, first, ms;
	struct model model;
	bool moved = false;
	int64_t step;

	set(config, "memsize=4096");
	set(config, "vmxsim.mem.pressure=30");
	model_start(&model, config);
	model_advance(&model, 300 * SECOND_NS);
	model_sample(&model, &before);
	first = before.used_us;
	for (ms = 300100; ms < 400000; ms += 100) {
		model_advance(&model, ms * 1000000);
		model_sample(&model, &now);
		step = (int64_t)now.wire[WIRE_MEM_BALLOONED_MB].value -
		       (int64_t)before.wire[WIRE_MEM_BALLOONED_MB].value;
		CHECK(step >= -8 && step <= 8);
		active = now.wire[WIRE_MEM_ACTIVE_MB].value;
		moved |= active != before.wire[WIRE_MEM_ACTIVE_MB].value;
		step = (int64_t)active -
		       (int64_t)before.wire[WIRE_MEM_ACTIVE_MB].value;
		CHECK(step >= -8 && step <= 8);
		CHECK(now.used_us - before.used_us <= 100000);
		before = now;
	}
	CHECK(moved);
	CHECK(before.used_us - first > 10000000);
	config_free(config);
}

KTAP_TEST(shares)
{
	static const struct {
		const char *value;
		uint64_t cpu, mem;
	} levels[] = {
		{ "low", 1000, 5 * 4096 },
		{ "Normal", 2000, 10 * 4096 },
		{ "high", 4000, 20 * 4096 },
		{ "4294967295", 4294967295, 4294967295 },
	};
	struct config *config = config_new();
	struct sample sample;
	struct model model;
	size_t i;

	set(config, "numvcpus=2");
	set(config, "memsize=4096");
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		set(config, "sched.cpu.shares=%s", levels[i].value);
		set(config, "sched.mem.shares=%s", levels[i].value);
		model_start(&model, config);
		model_sample(&model, &sample);
		CHECK_EQ(sample.wire[WIRE_CPU_SHARES].value, levels[i].cpu);
		CHECK_EQ(sample.wire[WIRE_MEM_SHARES].value, levels[i].mem);
		CHECK_EQ(sample.wire[WIRE_MEM_SHARES].state, STATE_GIVEN);
		CHECK_EQ(sample.wire[WIRE_MEM_SHARES64].value, levels[i].mem);
	}
	set(config, "sched.mem.shares=4294967296");
	model_start(&model, config);
	model_sample(&model, &sample);
	CHECK_EQ(sample.wire[WIRE_MEM_SHARES].state, STATE_UNAVAILABLE);
	CHECK_EQ(sample.wire[WIRE_MEM_SHARES64].value, 4294967296);
	CHECK_EQ(sample.wire[WIRE_MEM_SHARES64].state, STATE_GIVEN);
	config_free(config);
}

KTAP_TEST(overrides_win)
{
	struct config *config = config_new();
	struct sample sample;
	struct model model;

	set(config, "vmxsim.stat.cpuUsedMs=123456789012");
	set(config, "vmxsim.stat.memMappedMB=100");
	set(config, "vmxsim.stat.memBalloonedMB=7");
	set(config, "vmxsim.stat.memUsedMB=unavailable");
	set(config, "vmxsim.stat.memShares64=ABSENT");
	set(config, "vmxsim.stat.cpuLimitMHz=4294967295");
	set(config, "vmxsim.stat.elapsedMs=18446744073709551615");
	model_start(&model, config);
	model_sample(&model, &sample);
	CHECK_EQ(sample.wire[WIRE_CPU_USED_MS].value, 123456789012);
	CHECK_EQ(sample.used_us, 123456789012000);
	CHECK_EQ(sample.mapped_kb, 107 * 1024);
	CHECK_EQ(sample.ballooned_kb, 7 * 1024);
	CHECK_EQ(sample.wire[WIRE_MEM_USED_MB].state, STATE_UNAVAILABLE);
	CHECK_EQ(sample.wire[WIRE_MEM_SHARES64].state, STATE_ABSENT);
	CHECK_EQ(sample.wire[WIRE_CPU_LIMIT_MHZ].state, STATE_GIVEN);
	CHECK(sample.cpu_limit_mhz == SAMPLE_UNLIMITED);
	CHECK_EQ(sample.uptime_us, UINT64_MAX);
	config_free(config);
}

KTAP_TEST(devices)
{
	struct disk_sample disk = { 0 }, last = { 0 }, other;
	struct net_sample net = { 0 }, last_net = { 0 };
	struct config *config = config_new();
	struct model model;
	int second;

	model_start(&model, config);
	for (second = 0; second < 600; second++) {
		model_advance(&model, (uint64_t)second * SECOND_NS + 7);
		model_disk(&model, "scsi0:0", &disk);
		model_net(&model, "00:0c:29:1e:23:f3", &net);
		CHECK(disk.reads >= last.reads && disk.writes >= last.writes);
		CHECK(disk.read_bytes >= last.read_bytes);
		CHECK(disk.write_us >= last.write_us);
		CHECK(disk.read_bytes % 512 == 0);
		CHECK(net.sent >= last_net.sent);
		CHECK(net.received_bytes >= last_net.received_bytes);
		last = disk;
		last_net = net;
	}
	/* The rate is 40 per second times 0.5 to 1.5, and the wave is another factor of 0.5 to 1.5. */
	CHECK(disk.reads + disk.writes > 599 * 40 / 4);
	CHECK(disk.reads + disk.writes < 599 * 40 * 9 / 4);
	CHECK(net.sent_bytes >= net.sent * 60);
	model_disk(&model, "scsi0:1", &other);
	CHECK(memcmp(&other, &disk, sizeof(disk)));
	config_free(config);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(equations_hold_always),
	KTAP_ENTRY(only_time_and_seed_matter),
	KTAP_ENTRY(sessions),
	KTAP_ENTRY(frozen_time),
	KTAP_ENTRY(contention_as_configured),
	KTAP_ENTRY(time_lost_to_limits),
	KTAP_ENTRY(smoothness),
	KTAP_ENTRY(shares),
	KTAP_ENTRY(overrides_win),
	KTAP_ENTRY(devices),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
