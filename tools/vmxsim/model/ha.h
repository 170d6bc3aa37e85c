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
 * W is the window, F the failure interval, P the poll interval, and S a delay of up to the
 * sampling interval.  U is the time at which the machine has been up for min_up_ns.  All times
 * are virtual time since power on.
 *
 *	red	at (last accepted beat) + W, or at (Enable) + W if no beat came
 *	reset	at (red) + F + S if the status is still red
 *		at the first multiple of P after a post of needReset, unless OK was
 *		posted meanwhile; this needs no Enable and does not depend on the
 *		status
 *		neither of the two resets comes before U
 *
 * S exists because the host only looks at the machine from time to time.  It is drawn from
 * the seed and the time whenever the status turns red.
 *
 * A beat at the same nanosecond as an event is too late.  While the VM is stunned, the time
 * of the host and of the agent continues.  The agent makes at most max_resets resets in any
 * failure window.  The next reset is delayed until the first of these resets is older than the
 * failure window.
 *
 * This part has no clock, no configuration and no machine.  The caller passes the time, which
 * must not go backwards.
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

/* Result codes of the requests, with the numbers that a reply has. */
enum ha_result {
	HA_DONE = 0,
	HA_INTERNAL_ERROR = 1,	/* returned only if vmxsim.ha.result is 1 */
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
	bool log_only;			/* the agent logs a reset and does not make it */

	/*
	 * Behaviour that no public source describes.  "State" is the state that PostAppState has
	 * set.
	 */
	bool first_beat_optional;	/* without a beat after Enable, the status stays gray */
	bool enabled_while_gray;	/* IsEnabled stays true after a vMotion */
	bool enabled_across_reset;	/* IsEnabled stays true after a reset of the machine */
	bool disable_needs_enable;	/* a Disable without Enable is refused */
	bool state_across_reset;	/* the state survives a reset of the machine */
	bool state_across_move;		/* the state survives a vMotion, suspend or revert */
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
	const char *why;	/* the cause of the event in one word */
};

/* The figures that vmxsim.ha shows beside the state; ha_clear() sets them to 0. */
struct ha_figures {
	uint64_t beats;			/* number of accepted beats */
	uint64_t refused;
	uint64_t longest_gap_ns;	/* before an accepted beat, since the last one or Enable */
	uint64_t longest_gray_ns;	/* from a vMotion, suspend or revert to green */
	uint64_t resets;
	uint64_t logged_resets;
	uint64_t log_count;
	struct ha_log_entry log[HA_LOG_SIZE];	/* ring of the last entries */
};

struct ha {
	struct ha_settings settings;
	uint64_t now_ns;

	bool enabled;		/* the answer of IsEnabled */
	bool monitored;		/* beats are accepted */
	enum ha_status status;
	uint64_t since_ns;	/* if monitored: time of the last accepted beat, or of Enable */
	uint64_t red_ns;	/* time at which the status turned red */
	uint64_t sample_ns;	/* the delay S, drawn when the status turned red */
	uint64_t boot_ns;	/* time of power on, or of the last reset of the machine */
	bool beaten;		/* a beat was accepted since power on */
	uint64_t last_beat_ns;	/* time of the last accepted beat, if there was one */
	uint64_t gray_ns;	/* time of the move that made the status gray, or HA_NEVER */

	enum ha_state state;	/* the state that PostAppState has set */
	uint64_t poll_due_ns;	/* time of the first poll after a needReset, or HA_NEVER */

	bool red_handled;	/* the agent has reset the machine, or logged it, for this red */
	bool limit_noted;	/* the event "limit" of the present failure was noted */
	bool resetting;		/* a reset was ordered and has not happened yet */

	uint64_t reset_count;	/* number of resets by the agent */
	uint64_t reset_ns[HA_RESETS_MAX];	/* ring of the times of the last resets */
	struct ha_figures figures;
};

/* Called at power on. */
void ha_start(struct ha *ha, const struct ha_settings *settings);

/* Changes the settings, which is possible at any time. */
void ha_configure(struct ha *ha, const struct ha_settings *settings);

/*
 * Handles all events that are due by @now_ns, which is then the current time for all other
 * functions.  Returns true if the agent orders a reset.  The caller resets the machine, and
 * then calls ha_machine_reset().
 */
bool ha_advance(struct ha *ha, uint64_t now_ns);

/* Returns the time of the next event for ha_advance(), or HA_NEVER. */
uint64_t ha_due(const struct ha *ha);

/* Serve the requests.  Enable is no beat, and changes nothing while the VM is monitored. */
enum ha_result ha_enable(struct ha *ha);
enum ha_result ha_disable(struct ha *ha);
enum ha_result ha_mark_active(struct ha *ha);
void ha_post_state(struct ha *ha, enum ha_state state);

/* Called after a move: a vMotion, a suspend or a revert.  @why is its name in one word. */
void ha_moved(struct ha *ha, const char *why);

/*
 * Called when the machine was reset, by the agent or otherwise.  The caller does not call
 * ha_advance() for the same time before, because the reset cancels the events that were due.
 */
void ha_machine_reset(struct ha *ha, uint64_t now_ns);

/* Clears the figures and the log.  The agent's decisions do not depend on them. */
void ha_clear(struct ha *ha);

/*
 * Returns the agent as JSON, or NULL without memory.  Times are ns since power on.
 *
 *	{"now_ns":61000000000,"enabled":true,"status":"red","state":"none",
 *	 "last_beat_ns":1000000000,"beats":1,"refused":0,"longest_gap_ns":1000,
 *	 "longest_gray_ns":0,"resets":1,"logged_resets":0,"lost":0,"log":[
 *	 {"t_ns":31000000000,"event":"red","why":"window"}, ...]}
 *
 * "last_beat_ns" is null before the first beat.  "lost" is the number of older lines for which
 * the log had no room.
 */
struct cJSON *ha_json(const struct ha *ha);

#endif
