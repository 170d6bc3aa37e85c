// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "attribute.h"
#include "host.h"

static uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/*
 * Sets *TIME_US to the middle between request and reply, which is wrong by at most half of
 * the time between them. Returns an empty text if the host gives none.
 */
static struct host_text ask(const char *stat, uint64_t *time_us)
{
	uint64_t asked = clock_us();
	struct host_text text;

	if (host_stat_get("text", stat, &text))
		text = (struct host_text) { 0 };
	if (text.reply != VMGUESTLIB_REPLY_OK)
		text.len = 0;
	*time_us = asked + (clock_us() - asked) / 2;
	return text;
}

static void ask_devices(struct sample *sample)
{
	uint64_t time_us;
	struct host_text text = ask("", &time_us);

	metrics_list(sample, text.text, text.len);
	free(text.text);
}

static void ask_version(struct sample *sample)
{
	uint64_t time_us;
	struct host_text text = ask("session", &time_us);

	metrics_session(sample, text.text, text.len);
	free(text.text);
}

static void ask_resources(struct sample *sample)
{
	uint64_t time_us;
	struct host_text text = ask("resources", &time_us);

	metrics_resources(sample, time_us, text.text, text.len);
	free(text.text);
}

static struct host_text ask_device(const char *kind, const char *name, uint64_t *time_us)
{
	char stat[DEVICE_NAME_MAX + 8];

	snprintf(stat, sizeof(stat), "%s %s", kind, name);
	return ask(stat, time_us);
}

static void ask_disks(struct sample *sample)
{
	struct host_text text;
	uint64_t time_us;
	size_t i;

	for (i = 0; i < sample->disk_count; i++) {
		text = ask_device("vscsi", sample->disks[i].name, &time_us);
		metrics_disk(&sample->disks[i], time_us, text.text, text.len);
		free(text.text);
	}
}

static void ask_nics(struct sample *sample)
{
	struct host_text text;
	uint64_t time_us;
	size_t i;

	for (i = 0; i < sample->nic_count; i++) {
		text = ask_device("vnet", sample->nics[i].name, &time_us);
		metrics_nic(&sample->nics[i], time_us, text.text, text.len);
		free(text.text);
	}
}

void sample_extended(struct sample *sample, unsigned int groups)
{
	if (groups & SAMPLE_RESOURCES)
		ask_resources(sample);
	if (groups & (SAMPLE_VSCSI | SAMPLE_VNET))
		ask_devices(sample);
	if (groups & SAMPLE_VSCSI)
		ask_disks(sample);
	if (groups & SAMPLE_VNET)
		ask_nics(sample);
}

int sample_next(struct sample *sample)
{
	uint64_t session = sample->session;
	struct host_snapshot snapshot;
	int err = host_snapshot(&snapshot, 0);

	if (err)
		return err;
	sample->session = snapshot.session_id;
	host_snapshot_free(&snapshot);
	sample->vcpus = present_cpus();
	if (sample->session != session) {
		ask_devices(sample);
		ask_version(sample);
	}
	ask_resources(sample);
	ask_disks(sample);
	ask_nics(sample);

	/*
	 * The values come from a second reply, which also shows whether the session has changed
	 * since the first one. Then the sample belongs to no session.
	 */
	err = host_snapshot(&snapshot, 0);
	if (err)
		return err;
	metrics_info(sample, snapshot.values, VMGUESTLIB_STAT_END);
	if (snapshot.session_id != sample->session)
		sample->session = 0;
	host_snapshot_free(&snapshot);
	return 0;
}
