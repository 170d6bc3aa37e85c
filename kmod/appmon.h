/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright The vmguestlib authors */
#ifndef VMGL_APPMON_H
#define VMGL_APPMON_H

#include <linux/types.h>

#include "rpc.h"

int vmgl_appmon_enable(struct vmgl_rpc *rpc, struct vmgl_reply *reply);
int vmgl_appmon_disable(struct vmgl_rpc *rpc, struct vmgl_reply *reply);
int vmgl_appmon_mark_active(struct vmgl_rpc *rpc, struct vmgl_reply *reply);
int vmgl_appmon_post_state(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
			   const char *state);
int vmgl_appmon_is_enabled(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
			   bool *enabled);
int vmgl_appmon_status(struct vmgl_rpc *rpc, struct vmgl_reply *reply,
		       char *status, size_t size);

/* What a kernel sends that is about to end: see vmgl_backdoor_send_once(). */
#define VMGL_APPMON_DISABLE	"GuestAppMonitor.Cmd.Disable"
#define VMGL_APPMON_NEED_RESET	"GuestAppMonitor.Cmd.PostAppState needReset"
#define VMGL_APPMON_STATE_NEED_RESET \
	"GuestAppMonitor.Cmd.PostAppState appStateNeedReset"

#endif
