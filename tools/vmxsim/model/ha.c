// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "model/ha.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "model/json.h"
#include "model/prng.h"

#define PRNG_SALT_SAMPLE	0x73616d706c65ull

static const char *const status_names[] = {
	[HA_GRAY] = "gray",
	[HA_GREEN] = "green",
	[HA_RED] = "red",
};

static const char *const state_names[] = {
	[HA_NONE] = "none",
	[HA_OK] = "ok",
	[HA_NEED_RESET] = "needReset",
};

static const char *const event_names[] = {
	[HA_EVENT_ENABLED] = "enabled",
	[HA_EVENT_DISABLED] = "disabled",
	[HA_EVENT_GRAY] = "gray",
	[HA_EVENT_GREEN] = "green",
	[HA_EVENT_RED] = "red",
	[HA_EVENT_OK] = "ok",
	[HA_EVENT_NEED_RESET] = "needReset",
	[HA_EVENT_RESET] = "reset",
	[HA_EVENT_LOGGED_RESET] = "loggedReset",
	[HA_EVENT_LIMIT] = "limit",
	[HA_EVENT_REBOOT] = "reboot",
};

static void note(struct ha *ha, enum ha_event event, const char *why)
{
	struct ha_figures *figures = &ha->figures;
	struct ha_log_entry *entry =
		&figures->log[figures->log_count++ % HA_LOG_SIZE];

	entry->ns = ha->now_ns;
	entry->event = event;
	entry->why = why;
	if (ha->settings.noted)
		ha->settings.noted(event_names[event], why);
}

static void set_status(struct ha *ha, enum ha_status status, const char *why)
{
	static const enum ha_event events[] = {
		[HA_GRAY] = HA_EVENT_GRAY,
		[HA_GREEN] = HA_EVENT_GREEN,
		[HA_RED] = HA_EVENT_RED,
	};

	if (ha->status == status)
		return;
	ha->status = status;
	note(ha, events[status], why);
}

static void set_enabled(struct ha *ha, bool enabled, const char *why)
{
	if (ha->enabled == enabled)
		return;
	ha->enabled = enabled;
	note(ha, enabled ? HA_EVENT_ENABLED : HA_EVENT_DISABLED, why);
}

static void monitor(struct ha *ha)
{
	ha->monitored = true;
	ha->since_ns = ha->now_ns;
}

/* Also cancels the reset that a red status would have led to. */
static void stop_monitoring(struct ha *ha, const char *why)
{
	ha->monitored = false;
	ha->red_handled = false;
	set_status(ha, HA_GRAY, why);
}

/* Adds two times, each of which may be HA_NEVER. */
static uint64_t later(uint64_t ns, uint64_t by_ns)
{
	return by_ns > HA_NEVER - ns ? HA_NEVER : ns + by_ns;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* --- times of events ---------------------------------------------------------- */

static uint64_t red_due(const struct ha *ha)
{
	if (!ha->monitored || ha->status == HA_RED)
		return HA_NEVER;
	if (ha->status == HA_GRAY && ha->settings.first_beat_optional)
		return HA_NEVER;
	return later(ha->since_ns, ha->settings.window_ns);
}

/* Returns the time before which the agent does not act. */
static uint64_t up_ns(const struct ha *ha)
{
	return later(ha->boot_ns, ha->settings.min_up_ns);
}

/* Returns the time of the first poll at or after @ns. */
static uint64_t poll_at(const struct ha *ha, uint64_t ns)
{
	const uint64_t poll = ha->settings.poll_ns;

	return ns > HA_NEVER - poll ? HA_NEVER : (ns + poll - 1) / poll * poll;
}

/* Returns the time at which the agent finds the needReset. */
static uint64_t poll_due(const struct ha *ha)
{
	if (ha->poll_due_ns >= up_ns(ha))
		return ha->poll_due_ns;
	return poll_at(ha, up_ns(ha));
}

/* Returns the time from which the agent wants to reset the machine. */
static uint64_t failure_due(const struct ha *ha)
{
	uint64_t red = HA_NEVER;

	if (ha->status == HA_RED && !ha->red_handled)
		red = later(ha->red_ns, ha->settings.failure_ns + ha->sample_ns);
	return min(max(red, up_ns(ha)), poll_due(ha));
}

/* Returns the time from which the limit allows another reset. */
static uint64_t reset_allowed(const struct ha *ha)
{
	unsigned int limit = ha->settings.max_resets;
	uint64_t oldest;

	if (ha->settings.log_only || ha->reset_count < limit)
		return 0;
	if (!limit)
		return HA_NEVER;
	oldest = ha->reset_ns[(ha->reset_count - limit) % HA_RESETS_MAX];
	return later(oldest, ha->settings.failure_window_ns);
}

static uint64_t action_due(const struct ha *ha)
{
	uint64_t due = failure_due(ha);

	if (due == HA_NEVER)
		return HA_NEVER;
	/* If the limit forbids the reset, act() first logs this at the time of the failure. */
	return ha->limit_noted ? max(due, reset_allowed(ha)) : due;
}

uint64_t ha_due(const struct ha *ha)
{
	if (ha->resetting)
		return HA_NEVER;
	return min(red_due(ha), action_due(ha));
}

/* --- events ------------------------------------------------------------------- */

static void turn_red(struct ha *ha)
{
	struct prng prng;

	prng_seed(&prng, ha->settings.seed + ha->now_ns, PRNG_SALT_SAMPLE);
	ha->sample_ns = prng_next(&prng) % (ha->settings.sampling_ns + 1);
	ha->red_ns = ha->now_ns;
	ha->red_handled = false;
	ha->limit_noted = false;
	set_status(ha, HA_RED, "window");
}

static void order_reset(struct ha *ha, const char *why)
{
	if (ha->settings.log_only) {
		ha->figures.logged_resets++;
		note(ha, HA_EVENT_LOGGED_RESET, why);
		return;
	}
	ha->reset_ns[ha->reset_count++ % HA_RESETS_MAX] = ha->now_ns;
	ha->figures.resets++;
	ha->resetting = true;
	note(ha, HA_EVENT_RESET, why);
}

static void act(struct ha *ha)
{
	const char *why = "red";

	if (poll_due(ha) <= ha->now_ns)
		why = "needReset";
	if (reset_allowed(ha) > ha->now_ns) {
		ha->limit_noted = true;
		note(ha, HA_EVENT_LIMIT, why);
		return;
	}
	ha->limit_noted = false;
	if (poll_due(ha) <= ha->now_ns)
		ha->poll_due_ns = HA_NEVER;
	else
		ha->red_handled = true;
	order_reset(ha, why);
}

bool ha_advance(struct ha *ha, uint64_t now_ns)
{
	uint64_t due;

	while ((due = ha_due(ha)) <= now_ns) {
		/* An event that a change of the settings has made overdue happens now. */
		ha->now_ns = max(ha->now_ns, due);
		if (red_due(ha) == due)
			turn_red(ha);
		else
			act(ha);
		if (ha->resetting) {
			ha->now_ns = max(ha->now_ns, now_ns);
			return true;
		}
	}
	ha->now_ns = max(ha->now_ns, now_ns);
	return false;
}

/* --- the requests ------------------------------------------------------------- */

enum ha_result ha_enable(struct ha *ha)
{
	set_enabled(ha, true, "request");
	if (!ha->monitored)
		monitor(ha);
	return HA_DONE;
}

enum ha_result ha_disable(struct ha *ha)
{
	if (!ha->enabled && ha->settings.disable_needs_enable)
		return HA_NOT_ENABLED;
	set_enabled(ha, false, "request");
	stop_monitoring(ha, "disable");
	ha->gray_ns = HA_NEVER;
	return HA_DONE;
}

static void accept_beat(struct ha *ha)
{
	struct ha_figures *figures = &ha->figures;

	figures->longest_gap_ns = max(figures->longest_gap_ns,
				      ha->now_ns - ha->since_ns);
	if (ha->gray_ns != HA_NEVER)
		figures->longest_gray_ns = max(figures->longest_gray_ns,
					       ha->now_ns - ha->gray_ns);
	figures->beats++;
	ha->gray_ns = HA_NEVER;
	ha->beaten = true;
	ha->last_beat_ns = ha->now_ns;
	ha->since_ns = ha->now_ns;
	ha->red_handled = false;
	set_status(ha, HA_GREEN, "beat");
}

enum ha_result ha_mark_active(struct ha *ha)
{
	if (!ha->enabled) {
		ha->figures.refused++;
		return HA_NOT_ENABLED;
	}
	if (ha->monitored)
		accept_beat(ha);
	return HA_DONE;
}

void ha_post_state(struct ha *ha, enum ha_state state)
{
	if (ha->state != state)
		note(ha, state == HA_OK ? HA_EVENT_OK : HA_EVENT_NEED_RESET,
		     "request");
	ha->state = state;
	if (state != HA_NEED_RESET) {
		ha->poll_due_ns = HA_NEVER;
	} else if (ha->poll_due_ns == HA_NEVER) {
		ha->poll_due_ns = poll_at(ha, ha->now_ns + 1);
		ha->limit_noted = false;
	}
}

/* --- changes of the VM -------------------------------------------------------- */

static void forget_state(struct ha *ha)
{
	ha->state = HA_NONE;
	ha->poll_due_ns = HA_NEVER;
}

void ha_moved(struct ha *ha, const char *why)
{
	if (!ha->settings.state_across_move)
		forget_state(ha);
	if (!ha->enabled)
		return;
	if (ha->gray_ns == HA_NEVER)
		ha->gray_ns = ha->now_ns;
	stop_monitoring(ha, why);
	if (!ha->settings.enabled_while_gray)
		set_enabled(ha, false, why);
}

void ha_machine_reset(struct ha *ha, uint64_t now_ns)
{
	ha->now_ns = max(ha->now_ns, now_ns);
	note(ha, HA_EVENT_REBOOT, ha->resetting ? "agent" : "guest");
	ha->resetting = false;
	ha->boot_ns = ha->now_ns;
	if (!ha->settings.state_across_reset)
		forget_state(ha);
	else if (ha->state == HA_NEED_RESET)
		ha->poll_due_ns = poll_at(ha, ha->now_ns + 1);
	ha->gray_ns = HA_NEVER;
	stop_monitoring(ha, "reboot");
	if (ha->enabled && ha->settings.enabled_across_reset)
		monitor(ha);
	else
		set_enabled(ha, false, "reboot");
}

void ha_start(struct ha *ha, const struct ha_settings *settings)
{
	memset(ha, 0, sizeof(*ha));
	ha->poll_due_ns = HA_NEVER;
	ha->gray_ns = HA_NEVER;
	ha->settings = *settings;
}

void ha_configure(struct ha *ha, const struct ha_settings *settings)
{
	ha->settings = *settings;
}

void ha_clear(struct ha *ha)
{
	memset(&ha->figures, 0, sizeof(ha->figures));
}

/* --- JSON --------------------------------------------------------------------- */

static void add_log(struct cJSON *json, const struct ha_figures *figures)
{
	struct cJSON *log = cJSON_AddArrayToObject(json, "log"), *line;
	uint64_t lost = figures->log_count - min(figures->log_count, HA_LOG_SIZE), i;
	const struct ha_log_entry *entry;

	for (i = lost; i < figures->log_count; i++) {
		entry = &figures->log[i % HA_LOG_SIZE];
		line = cJSON_CreateObject();
		json_u64(line, "t_ns", entry->ns);
		cJSON_AddStringToObject(line, "event", event_names[entry->event]);
		cJSON_AddStringToObject(line, "why", entry->why);
		cJSON_AddItemToArray(log, line);
	}
}

struct cJSON *ha_json(const struct ha *ha)
{
	const struct ha_figures *figures = &ha->figures;
	struct cJSON *json = cJSON_CreateObject();

	json_u64(json, "now_ns", ha->now_ns);
	cJSON_AddBoolToObject(json, "enabled", ha->enabled);
	cJSON_AddStringToObject(json, "status", status_names[ha->status]);
	cJSON_AddStringToObject(json, "state", state_names[ha->state]);
	if (ha->beaten)
		json_u64(json, "last_beat_ns", ha->last_beat_ns);
	else
		cJSON_AddNullToObject(json, "last_beat_ns");
	json_u64(json, "beats", figures->beats);
	json_u64(json, "refused", figures->refused);
	json_u64(json, "longest_gap_ns", figures->longest_gap_ns);
	json_u64(json, "longest_gray_ns", figures->longest_gray_ns);
	json_u64(json, "resets", figures->resets);
	json_u64(json, "logged_resets", figures->logged_resets);
	json_u64(json, "lost",
		 figures->log_count - min(figures->log_count, HA_LOG_SIZE));
	add_log(json, figures);
	return json;
}
