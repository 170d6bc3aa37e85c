// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include <string.h>

#include "config/config.h"
#include "model/memory.h"
#include "model/model.h"

#define SLOT_US		1000000ull
#define FRAME_US	1000ull		/* shares are thousandths of a frame */
#define KNOTS		16
#define KNOT_SLOTS	(WAVE_SLOTS / KNOTS)

#define SALT_SESSION	0x73657373696f6eull
#define SALT_WAVE	0x77617665ull

static const struct preset presets[] = {
	/* Whether 4.0 or 4.1 introduced the host statistics is not known. */
	{ "4.0", "VMware ESX 4.0.0 build-164009", 20, false, false, false,
	  false, false, false },
	{ "4.1", "VMware ESX 4.1.0 build-260247", 30, false, false, false,
	  true, false, false },
	{ "5.5", "VMware ESX 5.5.0 build-1331820", 37, false, false, false,
	  true, true, false },
	{ "6.0", "VMware ESX 6.0.0 build-2494585", 37, true, false, true,
	  true, true, true },
	{ "7.0", "VMware ESX 7.0.0 build-15843807", 38, true, true, true,
	  true, true, true },
	{ "8.0", "VMware ESX 8.0.0 build-20513097", 38, true, true, true,
	  true, true, true },
};

const struct preset *model_preset(const struct config *config)
{
	const struct preset *preset = presets;

	while (!config_is(config, "vmxsim.host", preset->name))
		preset++;
	return preset;
}

bool model_host_info(const struct config *config)
{
	return config_bool(config, "tools.guestlib.enableHostInfo") &&
	       config_bool(config, "vmxsim.host.allowHostInfo");
}

/* Draws the curve, which is periodic and consists of straight lines between random knots. */
static void draw_wave(struct model *model)
{
	int knots[KNOTS + 1];
	struct prng prng;
	int i, part;

	prng_seed(&prng, config_u64(model->config, "vmxsim.seed"), SALT_WAVE);
	for (i = 0; i < KNOTS; i++)
		knots[i] = (int)(prng_next(&prng) % 2001) - 1000;
	knots[KNOTS] = knots[0];
	for (i = 0; i < WAVE_SLOTS; i++) {
		part = i % KNOT_SLOTS;
		model->wave[i] = (int16_t)((knots[i / KNOT_SLOTS] *
					    (KNOT_SLOTS - part) +
					    knots[i / KNOT_SLOTS + 1] * part) /
					   KNOT_SLOTS);
	}
}

static unsigned int clamp(int value, int max)
{
	if (value < 0)
		return 0;
	return (unsigned int)(value > max ? max : value);
}

/* Returns the part of each processor's time that the CPU limit allows, in thousandths. */
static unsigned int limit_share(const struct config *config)
{
	int64_t limit = config_limit(config, "sched.cpu.max");
	uint64_t full = config_u64(config, "numvcpus") *
			config_u64(config, "vmxsim.host.processorMHz");

	if (limit == CONFIG_UNLIMITED || (uint64_t)limit >= full)
		return 1000;
	return (unsigned int)((uint64_t)limit * 1000 / full);
}

static void divide_time(struct model *model)
{
	const struct config *config = model->config;
	int load = (int)config_u64(config, "vmxsim.load.cpu") * 10;
	int swing = (int)config_u64(config, "vmxsim.load.swing") * 10;
	unsigned int limit = limit_share(config);
	struct share share = { 0 };
	unsigned int wanted;
	int i;

	share.stolen = (uint16_t)
		(config_u64(config, "vmxsim.contention.cpu") * 10);
	share.swap_wait = (uint16_t)
		(config_u64(config, "vmxsim.contention.mem") * 10);
	for (i = 0; i < WAVE_SLOTS; i++) {
		wanted = clamp(load + swing * model->wave[i] / 1000,
			       1000 - share.stolen - share.swap_wait);
		share.used = (uint16_t)(wanted < limit ? wanted : limit);
		share.limited = (uint16_t)(wanted - share.used);
		share.io = (uint16_t)(1000 + model->wave[i] / 2);
		model->shares[i] = share;
	}
}

/* Returns how much of the part from @from to @from + @len of a frame is before @offset. */
static uint64_t part_of_frame(uint64_t offset, uint64_t from, uint64_t len)
{
	if (offset <= from)
		return 0;
	return offset - from < len ? offset - from : len;
}

/* Adds the first @us microseconds of a slot: whole frames and a piece of one. */
static void add_slot(struct usage *usage, const struct share *share, uint64_t us)
{
	uint64_t frames = us / FRAME_US, rest = us % FRAME_US;
	uint64_t from = 0;

	usage->used += frames * share->used +
		       part_of_frame(rest, from, share->used);
	from += share->used;
	usage->stolen += frames * share->stolen +
			 part_of_frame(rest, from, share->stolen);
	from += share->stolen;
	usage->limited += frames * share->limited +
			  part_of_frame(rest, from, share->limited);
	from += share->limited;
	usage->swap_wait += frames * share->swap_wait +
			    part_of_frame(rest, from, share->swap_wait);
	usage->io += us * share->io;
}

static void sum_slots(struct model *model)
{
	int i;

	memset(model->prefix, 0, sizeof(model->prefix));
	for (i = 0; i < WAVE_SLOTS; i++) {
		model->prefix[i + 1] = model->prefix[i];
		add_slot(&model->prefix[i + 1], &model->shares[i], SLOT_US);
	}
}

static void add_usage(struct usage *sum, const struct usage *usage,
		      uint64_t times)
{
	sum->used += usage->used * times;
	sum->stolen += usage->stolen * times;
	sum->limited += usage->limited * times;
	sum->swap_wait += usage->swap_wait * times;
	sum->io += usage->io * times;
}

/* Sets @usage to the usage from 0 to @us if the configuration had always been the same. */
static void usage_until(const struct model *model, uint64_t us,
			struct usage *usage)
{
	const struct usage *period = &model->prefix[WAVE_SLOTS];
	uint64_t slot = us / SLOT_US;
	uint64_t load = config_u64(model->config, "vmxsim.host.load") * 10;

	memset(usage, 0, sizeof(*usage));
	add_usage(usage, period, slot / WAVE_SLOTS);
	add_usage(usage, &model->prefix[slot % WAVE_SLOTS], 1);
	add_slot(usage, &model->shares[slot % WAVE_SLOTS], us % SLOT_US);
	usage->host_other = us / FRAME_US * load +
			    part_of_frame(us % FRAME_US, 0, load);
}

/*
 * Returns the number of operations, in thousandths, that a device makes in @io thousandths of
 * a microsecond at @rate operations a second.
 */
static uint64_t operations(uint64_t rate, uint64_t io)
{
	return (uint64_t)((unsigned __int128)rate * io / 1000000);
}

/* Sets @usage to what the session has used up to now. */
void model_usage(const struct model *model, struct usage *usage)
{
	const struct config *config = model->config;
	struct usage now, start;
	uint64_t io, others;

	usage_until(model, model->now_us, &now);
	usage_until(model, model->segment_start_us, &start);
	io = now.io - start.io;
	others = config_u64(config, "vmxsim.host.threads") -
		 config_u64(config, "numvcpus");

	*usage = model->before;
	usage->used += now.used - start.used;
	usage->stolen += now.stolen - start.stolen;
	usage->limited += now.limited - start.limited;
	usage->swap_wait += now.swap_wait - start.swap_wait;
	usage->host_other += (now.host_other - start.host_other) * others;
	usage->disk_milli += operations(config_u64(config, "vmxsim.load.disk"),
					io);
	usage->net_milli += operations(config_u64(config, "vmxsim.load.net"),
				       io);
}

/* Returns the current value of the curve, interpolated between two slots. */
static int wave_now(const struct model *model)
{
	uint64_t slot = model->now_us / SLOT_US % WAVE_SLOTS;
	int from = model->wave[slot];
	int to = model->wave[(slot + 1) % WAVE_SLOTS];

	return from + (int)((to - from) *
			    (int64_t)(model->now_us % SLOT_US) /
			    (int64_t)SLOT_US);
}

void model_memory(const struct model *model, struct memory *memory)
{
	memory_at(model->config, model->now_us, wave_now(model), memory);
}

void model_settle(struct model *model)
{
	struct memory memory;
	struct usage usage;

	model_usage(model, &usage);
	model->before = usage;
	model->segment_start_us = model->now_us;

	model_memory(model, &memory);
	model->guest_swap.out_kb += memory.swapped_kb -
				    model->guest_swap.segment_kb;
	model->guest_swap.segment_kb = memory.swapped_kb;
	model->overhead_swap.out_kb += memory.overhead_swapped_kb -
				       model->overhead_swap.segment_kb;
	model->overhead_swap.segment_kb = memory.overhead_swapped_kb;
}

/* A change of the configuration moves memory in or out at once. */
static void move_swap(struct swap_account *account, uint64_t swapped_kb)
{
	if (swapped_kb > account->segment_kb)
		account->out_kb += swapped_kb - account->segment_kb;
	else
		account->in_kb += account->segment_kb - swapped_kb;
	account->segment_kb = swapped_kb;
}

void model_load(struct model *model)
{
	struct memory memory;

	divide_time(model);
	sum_slots(model);
	model_memory(model, &memory);
	move_swap(&model->guest_swap, memory.swapped_kb);
	move_swap(&model->overhead_swap, memory.overhead_swapped_kb);
}

void model_new_session(struct model *model)
{
	uint64_t id;

	do {
		id = prng_next(&model->session_ids);
	} while (!id || id == model->session);
	model->session = id;
	model->session_start_us = model->now_us;

	model_settle(model);
	memset(&model->before, 0, sizeof(model->before));
	model->guest_swap.in_kb = 0;
	model->guest_swap.out_kb = 0;
	model->overhead_swap.in_kb = 0;
	model->overhead_swap.out_kb = 0;
}

void model_start(struct model *model, const struct config *config)
{
	memset(model, 0, sizeof(*model));
	model->config = config;
	prng_seed(&model->session_ids, config_u64(config, "vmxsim.seed"),
		  SALT_SESSION);
	draw_wave(model);
	model_load(model);
	model_new_session(model);
}

void model_advance(struct model *model, uint64_t now_ns)
{
	uint64_t now_us = now_ns / 1000;

	if (!model->frozen && now_us >= model->skipped_us + model->now_us)
		model->now_us = now_us - model->skipped_us;
}

void model_freeze(struct model *model)
{
	model->frozen = true;
}

void model_thaw(struct model *model, uint64_t now_ns)
{
	if (!model->frozen)
		return;
	model->frozen = false;
	model->skipped_us = now_ns / 1000 - model->now_us;
}
