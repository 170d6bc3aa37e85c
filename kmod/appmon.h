/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
/*
 * The requests of vSphere HA application monitoring, see appmon.c.
 */
#ifndef VMGL_APPMON_H
#define VMGL_APPMON_H

#include <linux/types.h>

#include "rpc.h"

#define VMGL_APPMON_PREFIX	"GuestAppMonitor.Cmd."

/* Requests for vmgl_appmon_command().  A crash kernel also sends Disable. */
#define VMGL_APPMON_ENABLE	VMGL_APPMON_PREFIX "Enable"
#define VMGL_APPMON_DISABLE	VMGL_APPMON_PREFIX "Disable"
#define VMGL_APPMON_MARK_ACTIVE	VMGL_APPMON_PREFIX "MarkActive"

/*
 * Requests for vmgl_backdoor_send_once() in a panic, with panic_action=need-reset.  No
 * public source says whether a host accepts needReset or appStateNeedReset, so both are
 * sent.
 */
#define VMGL_APPMON_NEED_RESET	VMGL_APPMON_PREFIX "PostAppState needReset"
#define VMGL_APPMON_STATE_NEED_RESET \
	VMGL_APPMON_PREFIX "PostAppState appStateNeedReset"

int vmgl_appmon_command(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
			const char *request);
int vmgl_appmon_post_state(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
			   const char *state);
int vmgl_appmon_is_enabled(struct vmgl_rpc *rpc, enum vmgl_priority priority,
			   struct vmgl_reply *reply, bool *enabled);
int vmgl_appmon_status(struct vmgl_rpc *rpc, enum vmgl_priority priority,
		       struct vmgl_reply *reply, char *status, size_t size);

#endif
