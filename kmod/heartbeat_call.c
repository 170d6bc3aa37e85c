// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The calls of the SDK, as the worker of the heartbeat arbiter serves them, and the
 * application state, which they have a word in.
 *
 * All programs that use them share one client, ``api``, because one program
 * enables, a second beats and a third disables.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/lockdep.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "appmon.h"
#include "heartbeat.h"

static bool vmgl_hb_needs_reset(const struct vmgl_heartbeat *hb)
{
	const struct vmgl_heartbeat_client *client;

	lockdep_assert_held(&hb->lock);

	list_for_each_entry(client, &hb->clients, entry)
		if (client->stage == VMGL_HEARTBEAT_EXPIRED &&
		    client->action == VMGUESTLIB_HEARTBEAT_NEED_RESET)
			return true;
	return hb->api_state == VMGL_APP_STATE_NEED_RESET;
}

/* The word that the host should have from us and has not, or none. */
enum vmgl_app_state
vmgl_heartbeat_owed_state(const struct vmgl_heartbeat *hb)
{
	enum vmgl_app_state state = VMGL_APP_STATE_NONE;

	lockdep_assert_held(&hb->lock);

	if (!hb->post_known || hb->stopped || vmgl_heartbeat_paused(hb))
		return VMGL_APP_STATE_NONE;
	if (vmgl_hb_needs_reset(hb))
		state = VMGL_APP_STATE_NEED_RESET;
	else if (hb->posted == VMGL_APP_STATE_NEED_RESET)
		state = VMGL_APP_STATE_OK;
	return state == hb->posted ? VMGL_APP_STATE_NONE : state;
}

/* The guides have two spellings, and which one a host takes is not known. */
static int vmgl_hb_post_word(struct vmgl_heartbeat *hb,
			     enum vmgl_app_state state)
{
	bool needs_reset = state == VMGL_APP_STATE_NEED_RESET;
	int ret;

	ret = vmgl_appmon_post_state(hb->rpc, &hb->reply,
				     needs_reset ? "needReset" : "OK");
	if (ret == -EINVAL)
		ret = vmgl_appmon_post_state(hb->rpc, &hb->reply,
					     needs_reset ?
					     "appStateNeedReset" :
					     "appStateOk");
	return ret;
}

static void vmgl_hb_note_posted(struct vmgl_heartbeat *hb,
				enum vmgl_app_state state, int error)
{
	spin_lock(&hb->lock);
	if (!error)
		hb->posted = state;
	else if (error == -EOPNOTSUPP || error == -EINVAL)
		hb->post_known = false;
	else
		hb->next_post = ktime_add_ms(ktime_get(),
					     VMGL_HEARTBEAT_RETRY_MS);
	spin_unlock(&hb->lock);
}

/*
 * OK is sent only on the way back.  A host that does not know these words acts
 * for want of heartbeats, later.
 */
void vmgl_heartbeat_post(struct vmgl_heartbeat *hb)
{
	enum vmgl_app_state state;
	int ret;

	spin_lock(&hb->lock);
	state = vmgl_heartbeat_owed_state(hb);
	if (ktime_before(ktime_get(), hb->next_post))
		state = VMGL_APP_STATE_NONE;
	spin_unlock(&hb->lock);

	if (state == VMGL_APP_STATE_NONE)
		return;
	ret = vmgl_hb_post_word(hb, state);
	if (ret)
		pr_warn_ratelimited("application state cannot be posted: %d\n",
				    ret);
	vmgl_hb_note_posted(hb, state, ret);
}

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
	if (is_armed) {
		vmgl_heartbeat_admit_api(hb, hb->api.uid);
		/* A sign of life: the host may be told again. */
		hb->gray_enabled = false;
	}
	is_alone = !vmgl_heartbeat_has_others(hb) && !vmgl_heartbeat_paused(hb);
	spin_unlock(&hb->lock);

	if (!is_armed)
		return -EACCES;
	if (!is_alone)
		return 0;
	ret = vmgl_appmon_mark_active(hb->rpc, &hb->reply);
	if (ret && vmgl_heartbeat_look_at_status(hb))
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
	is_outvoted = state == VMGL_APP_STATE_OK && vmgl_hb_needs_reset(hb);
	spin_unlock(&hb->lock);
	if (is_outvoted)
		return 0;

	ret = vmgl_appmon_post_state(hb->rpc, &hb->reply, text);
	if (ret == -EINVAL)
		ret = vmgl_hb_post_word(hb, state);

	spin_lock(&hb->lock);
	if (ret)
		hb->api_state = before;
	else
		hb->posted = state;
	spin_unlock(&hb->lock);
	return ret;
}

static int vmgl_hb_dispatch(struct vmgl_heartbeat *hb, u32 op, const char *text,
			    kuid_t uid)
{
	switch (op) {
	case VMGUESTLIB_APPMON_ENABLE:
		return vmgl_hb_serve_enable(hb, uid);
	case VMGUESTLIB_APPMON_DISABLE:
		return vmgl_hb_serve_disable(hb);
	case VMGUESTLIB_APPMON_MARK_ACTIVE:
		return vmgl_hb_serve_beat(hb);
	case VMGUESTLIB_APPMON_POST_STATE:
		return vmgl_hb_serve_state(hb, text);
	}
	return -EINVAL;
}

/*
 * A caller who has given up believes that nothing was enabled, and will not beat.
 * One who had enabled before is left as he was.
 */
static void vmgl_hb_take_back(struct vmgl_heartbeat *hb, u32 op, bool was_armed)
{
	lockdep_assert_held(&hb->lock);

	if (op == VMGUESTLIB_APPMON_ENABLE && !was_armed &&
	    vmgl_heartbeat_api_armed(hb))
		vmgl_heartbeat_detach(hb, &hb->api);
}

/**
 * vmgl_heartbeat_serve() - answer the call that waits, if one does
 * @hb: the object
 *
 * Context: The worker's thread.
 */
void vmgl_heartbeat_serve(struct vmgl_heartbeat *hb)
{
	struct vmgl_heartbeat_call *call = &hb->call;
	char text[VMGUESTLIB_APPMON_TEXT_SIZE];
	bool is_waiting, was_armed;
	u64 number;
	kuid_t uid;
	int ret;
	u32 op;

	spin_lock(&hb->lock);
	number = call->number;
	is_waiting = call->served < number && call->cancelled < number;
	op = call->op;
	uid = call->uid;
	memcpy(text, call->text, sizeof(text));
	was_armed = vmgl_heartbeat_api_armed(hb);
	ret = hb->stopped ? -ESHUTDOWN : 0;
	spin_unlock(&hb->lock);

	if (is_waiting && !ret)
		ret = vmgl_hb_dispatch(hb, op, text, uid);

	spin_lock(&hb->lock);
	call->served = number;
	/* Who was answered before need not have read it yet. */
	if (is_waiting && call->number == number)
		call->result = ret;
	if (is_waiting && call->cancelled >= number)
		vmgl_hb_take_back(hb, op, was_armed);
	spin_unlock(&hb->lock);
	if (is_waiting)
		wake_up_all(&hb->changed);
}
