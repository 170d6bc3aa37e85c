/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * The vSphere HA agent's view of one VM: application monitoring.
 *
 *	     Enable        MarkActive             a window without beats
 *	gray ------> gray ------------> green <------------------------> red
 *	  ^                               |        MarkActive             |
 *	  '--- Disable, vMotion, suspend, revert, reset of the machine ---'
 *
 * W is the window, F the failure interval, P the poll interval, S a delay of up to
 * the sampling interval, U when the machine has been up for the minimum; all times
 * are virtual time since power on.
 *
 *	red	at (last accepted beat) + W, or at (Enable) + W if none came
 *	reset	at (red) + F + S if it is red still
 *		at the first multiple of P after a post of needReset, unless OK was
 *		posted meanwhile; this needs no Enable and does not depend on the
 *		status
 *		neither of them before U
 *
 * S exists because the host only looks at the machine from time to time.  It is drawn from
 * the seed and the time whenever the status turns red.
 *
 * A beat that arrives at the very nanosecond of an event is late.  The host's time
 * goes on when it stuns the VM, and so does the agent's.  The agent makes at most
 * max_resets resets in any failure_window; the next one waits until the first of them
 * is older than the window.
 *
 * Nothing here has a clock, a configuration or a machine: time comes in with each
 * call and may not go backwards.
 */
#ifndef VMXSIM_HA_H
#define VMXSIM_HA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cJSON;

#define HA_NEVER	UINT64_MAX
#define HA_RESETS_MAX	1000
#define HA_LOG_SIZE	256

enum ha_status { HA_GRAY, HA_GREEN, HA_RED };

enum ha_state { HA_NONE, HA_OK, HA_NEED_RESET };

/* Result codes of the requests, as on the wire. */
enum ha_result {
	HA_DONE = 0,
	HA_INTERNAL_ERROR = 1,	/* only if vmxsim.ha.result says so */
	HA_NOT_ENABLED = 2,
	HA_ARGUMENT_EXPECTED = 3,
	HA_NULL_ARGUMENT = 4,
	HA_BAD_ARGUMENT = 5,
};

struct ha_settings {
	uint64_t window_ns;
	uint64_t failure_ns;
	uint64_t poll_ns;
	uint64_t failure_window_ns;	/* HA_NEVER: since power on */
	uint64_t sampling_ns;
	uint64_t min_up_ns;
	uint64_t seed;
	unsigned int max_resets;
	/* Function that is called for each line of the log, or NULL */
	void (*noted)(const char *event, const char *why);
	bool log_only;			/* no reset, only its line in the log */

	/* Behaviour that no public source describes */
	bool first_beat_optional;	/* Enable alone never turns red */
	bool enabled_while_gray;	/* after vMotion, until Disable */
	bool enabled_across_reset;
	bool disable_needs_enable;	/* else it is always done */
	bool state_across_reset;	/* what PostAppState has said */
	bool state_across_move;
};

enum ha_event {
	HA_EVENT_ENABLED, HA_EVENT_DISABLED,
	HA_EVENT_GRAY, HA_EVENT_GREEN, HA_EVENT_RED,
	HA_EVENT_OK, HA_EVENT_NEED_RESET,
	HA_EVENT_RESET, HA_EVENT_LOGGED_RESET, HA_EVENT_LIMIT,
	HA_EVENT_REBOOT,
};

struct ha_log_entry {
	uint64_t ns;
	enum ha_event event;
	const char *why;	/* one word */
};

/* The figures that vmxsim.ha shows beside the state; ha_clear() sets them to 0. */
struct ha_figures {
	uint64_t beats;			/* accepted */
	uint64_t refused;
	uint64_t longest_gap_ns;	/* up to an accepted beat, from another or Enable */
	uint64_t longest_gray_ns;	/* from a vMotion, suspend or revert to green */
	uint64_t resets;
	uint64_t logged_resets;
	uint64_t log_count;
	struct ha_log_entry log[HA_LOG_SIZE];	/* the last ones, a ring */
};

struct ha {
	struct ha_settings settings;
	uint64_t now_ns;

	bool enabled;		/* the answer of IsEnabled */
	bool monitored;		/* beats count */
	enum ha_status status;
	uint64_t since_ns;	/* monitored: last accepted beat, or Enable */
	uint64_t red_ns;
	uint64_t sample_ns;	/* S of this red */
	uint64_t boot_ns;	/* power on, or the last reset of the machine */
	bool beaten;		/* since power on */
	uint64_t last_beat_ns;
	uint64_t gray_ns;	/* since then, not requested by the guest; or never */

	enum ha_state state;
	uint64_t poll_due_ns;	/* a needReset to act on; or never */

	bool red_handled;
	bool limit_noted;	/* the event "limit" of the present failure was noted */
	bool resetting;		/* ordered, and has not happened yet */

	uint64_t reset_count;
	uint64_t reset_ns[HA_RESETS_MAX];	/* the last ones, a ring */
	struct ha_figures figures;
};

/* Called at power on. */
void ha_start(struct ha *ha, const struct ha_settings *settings);

/* Changes the settings, which is possible at any time. */
void ha_configure(struct ha *ha, const struct ha_settings *settings);

/*
 * Handles all events that are due by @now_ns, which is the present of all other functions.
 * Returns true if the agent resets the machine.  The caller does this and calls
 * ha_machine_reset() after it.
 */
bool ha_advance(struct ha *ha, uint64_t now_ns);

/* Returns the time of the next event for ha_advance(), or HA_NEVER. */
uint64_t ha_due(const struct ha *ha);

/* Enable is no beat: while the agent is monitoring, it changes nothing. */
enum ha_result ha_enable(struct ha *ha);
enum ha_result ha_disable(struct ha *ha);
enum ha_result ha_mark_active(struct ha *ha);
void ha_post_state(struct ha *ha, enum ha_state state);

/* The VM was moved by a vMotion, a suspend or a revert.  @why is one word. */
void ha_moved(struct ha *ha, const char *why);

/*
 * The machine was reset, by the agent or otherwise.  It replaces ha_advance(), because the
 * events that were due no longer count.
 */
void ha_machine_reset(struct ha *ha, uint64_t now_ns);

/* Forgets log and figures, not the state. */
void ha_clear(struct ha *ha);

/*
 * As JSON; times are ns since power on.  NULL without memory.
 *
 *	{"now_ns":61000000000,"enabled":true,"status":"red","state":"none",
 *	 "last_beat_ns":1000000000,"beats":1,"refused":0,"longest_gap_ns":1000,
 *	 "longest_gray_ns":0,"resets":1,"logged_resets":0,"lost":0,"log":[
 *	 {"t_ns":31000000000,"event":"red","why":"window"}, ...]}
 *
 * "last_beat_ns" is null before the first, "lost" how many of the oldest lines of
 * the log are gone.
 */
struct cJSON *ha_json(const struct ha *ha);

#endif
