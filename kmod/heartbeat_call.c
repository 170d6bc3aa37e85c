// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls of the SDK, as the worker of the heartbeat arbiter serves them.
 *
 * All programs that use them share one client, ``api``, because one program
 * enables, a second beats and a third disables.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "appmon.h"
#include "heartbeat.h"

static int vmgl_hb_serve_enable(struct vmgl_heartbeat *hb, kuid_t uid)
{
	bool was_enabled = false, is_paused, is_first;
	int ret = 0;

	spin_lock(&hb->lock);
	is_paused = vmgl_heartbeat_paused(hb);
	is_first = !hb->enabled;
	spin_unlock(&hb->lock);

	if (!is_paused)
		ret = vmgl_appmon_is_enabled(hb->rpc, &hb->reply, &was_enabled);
	if (!is_paused && !ret)
		ret = vmgl_heartbeat_enable_host(hb, was_enabled);
	if (ret)
		return ret;

	spin_lock(&hb->lock);
	vmgl_heartbeat_admit_api(hb, uid);
	if (!is_paused && is_first) {
		hb->found_enabled = was_enabled;
		vmgl_heartbeat_set_enabled(hb, true);
	}
	spin_unlock(&hb->lock);
	return 0;
}

static int vmgl_hb_serve_disable(struct vmgl_heartbeat *hb)
{
	bool is_last;
	int ret;

	spin_lock(&hb->lock);
	if (vmgl_heartbeat_api_armed(hb))
		vmgl_heartbeat_detach(hb, &hb->api);
	is_last = list_empty(&hb->clients);
	spin_unlock(&hb->lock);

	if (!is_last)
		return 0;
	vmgl_heartbeat_post(hb);
	ret = vmgl_appmon_disable(hb->rpc, &hb->reply);
	if (ret)
		return ret;

	spin_lock(&hb->lock);
	vmgl_heartbeat_set_enabled(hb, false);
	hb->found_enabled = false;
	spin_unlock(&hb->lock);
	vmgl_rpc_close(hb->rpc);
	return 0;
}

static int vmgl_hb_serve_beat(struct vmgl_heartbeat *hb)
{
	bool is_armed, is_alone;
	int ret;

	spin_lock(&hb->lock);
	is_armed = vmgl_heartbeat_api_armed(hb);
	if (is_armed)
		vmgl_heartbeat_admit_api(hb, hb->api.uid);
	is_alone = !vmgl_heartbeat_has_others(hb) && !vmgl_heartbeat_paused(hb);
	spin_unlock(&hb->lock);

	if (!is_armed)
		return -EACCES;
	if (!is_alone)
		return 0;
	ret = vmgl_appmon_mark_active(hb->rpc, &hb->reply);
	if (!ret) {
		spin_lock(&hb->lock);
		hb->last_beat = ktime_get();
		spin_unlock(&hb->lock);
	}
	return ret;
}

static int vmgl_hb_parse_state(const char *text, enum vmgl_app_state *state)
{
	if (!strcmp(text, "OK") || !strcmp(text, "appStateOk"))
		*state = VMGL_APP_STATE_OK;
	else if (!strcmp(text, "needReset") ||
		 !strcmp(text, "appStateNeedReset"))
		*state = VMGL_APP_STATE_NEED_RESET;
	else
		return -EINVAL;
	return 0;
}

/* A good word does not speak for a client that is dead. */
static int vmgl_hb_serve_state(struct vmgl_heartbeat *hb, const char *text)
{
	enum vmgl_app_state state, before;
	bool is_outvoted;
	int ret;

	ret = vmgl_hb_parse_state(text, &state);
	if (ret)
		return ret;

	spin_lock(&hb->lock);
	before = hb->api_state;
	hb->api_state = state;
	is_outvoted = state == VMGL_APP_STATE_OK && vmgl_heartbeat_needs_reset(hb);
	spin_unlock(&hb->lock);
	if (is_outvoted)
		return 0;

	ret = vmgl_appmon_post_state(hb->rpc, &hb->reply, text);

	spin_lock(&hb->lock);
	if (ret)
		hb->api_state = before;
	else
		hb->posted = state;
	spin_unlock(&hb->lock);
	return ret;
}

static int vmgl_hb_dispatch(struct vmgl_heartbeat *hb,
			    struct vmgl_heartbeat_call *call)
{
	switch (call->op) {
	case VMGUESTLIB_APPMON_ENABLE:
		return vmgl_hb_serve_enable(hb, call->uid);
	case VMGUESTLIB_APPMON_DISABLE:
		return vmgl_hb_serve_disable(hb);
	case VMGUESTLIB_APPMON_IS_ENABLED:
		return vmgl_appmon_is_enabled(hb->rpc, &hb->reply,
					      &call->enabled);
	case VMGUESTLIB_APPMON_MARK_ACTIVE:
		return vmgl_hb_serve_beat(hb);
	case VMGUESTLIB_APPMON_GET_STATUS:
		return vmgl_appmon_status(hb->rpc, &hb->reply, call->text,
					  sizeof(call->text));
	case VMGUESTLIB_APPMON_POST_STATE:
		return vmgl_hb_serve_state(hb, call->text);
	}
	return -EINVAL;
}

/* A caller who has gone away, and another one come, does not get this answer. */
void vmgl_heartbeat_serve(struct vmgl_heartbeat *hb)
{
	struct vmgl_heartbeat_call work;
	int ret;

	spin_lock(&hb->lock);
	work.number = hb->call.number;
	work.served = hb->call.served;
	work.op = hb->call.op;
	work.uid = hb->call.uid;
	work.enabled = false;
	memcpy(work.text, hb->call.text, sizeof(work.text));
	ret = hb->stopped ? -ESHUTDOWN : 0;
	spin_unlock(&hb->lock);

	if (work.served == work.number)
		return;
	if (!ret)
		ret = vmgl_hb_dispatch(hb, &work);

	spin_lock(&hb->lock);
	hb->call.served = work.number;
	if (hb->call.number == work.number) {
		hb->call.result = ret;
		hb->call.enabled = work.enabled;
		memcpy(hb->call.text, work.text, sizeof(work.text));
	}
	spin_unlock(&hb->lock);
	wake_up_all(&hb->changed);
}
