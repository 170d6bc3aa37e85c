// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "monitor.h"

#include <string.h>

#include "attribute.h"
#include "host.h"
#include "sample.h"

static void read_metric(const char *name, struct metric *metric)
{
	metric->state = attribute_number(name, &metric->value) ?
			METRIC_MISSING : METRIC_GIVEN;
}

static void read_heartbeat(struct heartbeat *heartbeat)
{
	if (attribute_read("heartbeat/status", heartbeat->status,
			   sizeof(heartbeat->status)))
		heartbeat->status[0] = '\0';
	if (attribute_read("heartbeat/last_missed", heartbeat->last_missed,
			   sizeof(heartbeat->last_missed)))
		heartbeat->last_missed[0] = '\0';
	read_metric("heartbeat/clients", &heartbeat->clients);
	read_metric("heartbeat/missed", &heartbeat->missed);
	read_metric("heartbeat/last_beat_age_ms", &heartbeat->last_beat_age_ms);
	read_metric("heartbeat/pause_s", &heartbeat->pause_s);
}

void monitor_sample(struct monitor *monitor)
{
	static struct sample next;
	struct view *view = &monitor->view;
	bool first = !view->sample.vcpus;

	next = view->sample;
	monitor->err = sample_next(&next);
	if (monitor->err) {
		view->message = host_failure(HOST_STATISTICS, monitor->err).reason;
		memset(&view->rates, 0, sizeof(view->rates));
		view_remember(view);
		return;
	}
	view->message = NULL;
	metrics_rates(&view->sample, &next, &view->rates);
	if (first)
		view->rates.session_changed = false;
	else
		view_remember(view);
	view->session_changes += view->rates.session_changed;
	view->sample = next;
	read_heartbeat(&view->heartbeat);
}

bool monitor_next_page(struct monitor *monitor)
{
	if (monitor->endless)
		return true;
	if (!monitor->pages_left)
		return false;
	monitor->pages_left--;
	return true;
}

