// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* The requests with which a guest steers the model of its own host. */
#include "host/steer.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "host/state.h"
#include "model/json.h"

#define STUN_MAX_MS	600000

static bool refuse(FILE *out, const char *why)
{
	fputs(why, out);
	return false;
}

/* Exchanges the values of the two keys, so that a second vMotion moves the machine back. */
static bool swap_keys(struct config *config, const char *here,
		      const char *there, char *err, size_t err_size)
{
	char *mine, *other;
	bool swapped = false;

	if (!config_given(config, there))
		return true;
	mine = strdup(config_str(config, here));
	other = strdup(config_str(config, there));
	if (!mine || !other)
		snprintf(err, err_size, "out of memory");
	else
		swapped = !config_change(config, here, other, err, err_size) &&
			  !config_change(config, there, mine, err, err_size);
	free(mine);
	free(other);
	return swapped;
}

static bool steer_vmotion(struct host *host, const char *args, FILE *out)
{
	char err[CONFIG_ERR_SIZE];
	bool swapped;

	(void)args;
	model_settle(&host->model);
	swapped = swap_keys(host->config, "vmxsim.host", "vmxsim.vmotion.host",
			    err, sizeof(err)) &&
		  swap_keys(host->config, "vmxsim.host.processorMHz",
			    "vmxsim.vmotion.processorMHz", err, sizeof(err));
	model_load(&host->model);
	if (!swapped)
		return refuse(out, err);
	host_change_session(host, "vmotion");
	ha_moved(&host->agent.ha, "vmotion");
	faults_checkpoint(&host->faults);
	return true;
}

static bool steer_suspend(struct host *host, const char *args, FILE *out)
{
	(void)args;
	(void)out;
	host_change_session(host, "suspend");
	ha_moved(&host->agent.ha, "suspend");
	faults_drop_channels(&host->faults);
	return true;
}

static bool steer_revert(struct host *host, const char *args, FILE *out)
{
	(void)args;
	(void)out;
	host_change_session(host, "revert");
	ha_moved(&host->agent.ha, "revert");
	faults_drop_channels(&host->faults);
	return true;
}

static bool steer_hotplug(struct host *host, const char *args, FILE *out)
{
	(void)args;
	(void)out;
	host_change_session(host, "hotplug");
	return true;
}

static bool steer_unplug(struct host *host, const char *args, FILE *out)
{
	(void)args;
	return host->ops.unplug(host->ops.opaque) ||
	       refuse(out, "the VMCI device is in no slot; see vmxsim.vmci.removable");
}

static bool steer_stun(struct host *host, const char *args, FILE *out)
{
	uint64_t ms;

	if (!parse_u64(args, STUN_MAX_MS, &ms)) {
		fprintf(out, "expected milliseconds from 0 to %d, got \"%s\"",
			STUN_MAX_MS, args);
		return false;
	}
	host->ops.stun_ms(host->ops.opaque, (unsigned int)ms);
	return true;
}

static bool steer_freeze(struct host *host, const char *args, FILE *out)
{
	(void)args;
	(void)out;
	model_freeze(&host->model);
	return true;
}

static bool steer_thaw(struct host *host, const char *args, FILE *out)
{
	(void)args;
	(void)out;
	model_thaw(&host->model, host_now_ns(host));
	return true;
}

static bool steer_set(struct host *host, const char *args, FILE *out)
{
	size_t key_len = strcspn(args, " ");
	const char *value = args[key_len] ? args + key_len + 1 : NULL;
	char err[CONFIG_ERR_SIZE], *key;
	int status;

	if (!key_len)
		return refuse(out, "expected KEY [VALUE]");
	key = strndup(args, key_len);
	if (!key)
		return refuse(out, "out of memory");
	model_settle(&host->model);
	status = config_change(host->config, key, value, err, sizeof(err));
	model_load(&host->model);
	agent_configure(&host->agent, host->config);
	free(key);
	return status ? refuse(out, err) : true;
}

static bool steer_fault(struct host *host, const char *args, FILE *out)
{
	char err[CONFIG_ERR_SIZE];

	return faults_parse(&host->faults, args, err, sizeof(err)) ||
	       refuse(out, err);
}

static bool steer_counters(struct host *host, const char *args, FILE *out)
{
	if (!strcmp(args, "reset")) {
		counters_reset(&host->counters);
		return true;
	}
	if (*args) {
		fprintf(out, "expected nothing or reset, got \"%s\"", args);
		return false;
	}
	return json_write(counters_json(&host->counters, host->faults.injected), out);
}

static bool steer_ha(struct host *host, const char *args, FILE *out)
{
	if (!strcmp(args, "clear")) {
		ha_clear(&host->agent.ha);
		return true;
	}
	if (*args) {
		fprintf(out, "expected nothing or clear, got \"%s\"", args);
		return false;
	}
	return json_write(ha_json(&host->agent.ha), out);
}

static bool steer_session(struct host *host, const char *args, FILE *out)
{
	(void)args;
	return json_write(state_session(host), out);
}

/* Without arguments, lists the programs.  Otherwise sends a request to the only program. */
static bool steer_tclo(struct host *host, const char *args, FILE *out)
{
	const char *why;

	if (!*args)
		return json_write(tclo_json(&host->tclo), out);
	why = tclo_send(&host->tclo, NULL, args, NULL, NULL);
	return why ? refuse(out, why) : true;
}

static bool steer_tools(struct host *host, const char *args, FILE *out)
{
	(void)args;
	return json_write(tools_json(&host->tools), out);
}

static bool steer_help(struct host *host, const char *args, FILE *out);

static const struct steering {
	const char *name;
	bool takes_args;
	bool (*serve)(struct host *host, const char *args, FILE *out);
	const char *help;
} steerings[] = {
	{ "vmotion", false, steer_vmotion,
	  "move to the other host (vmxsim.vmotion.*): new session" },
	{ "suspend", false, steer_suspend, "new session without channels, as after suspend and resume" },
	{ "revert", false, steer_revert, "new session without channels, as after a revert to a snapshot" },
	{ "hotplug", false, steer_hotplug, "new session, as after a device is plugged in" },
	{ "unplug", false, steer_unplug,
	  "take the VMCI device out of its slot (vmxsim.vmci.removable)" },
	{ "stun", true, steer_stun, "MS: stop the VM for MS milliseconds" },
	{ "freeze", false, steer_freeze, "stop the time of the model" },
	{ "thaw", false, steer_thaw, "continue the time of the model" },
	{ "set", true, steer_set,
	  "KEY [VALUE]: change a key; without VALUE back to its default" },
	{ "fault", true, steer_fault, "FAULT: order a fault; clear: cancel all faults" },
	{ "counters", true, steer_counters,
	  "[reset]: the counters of exits, requests and bytes of the guest" },
	{ "ha", true, steer_ha,
	  "[clear]: the state of the HA agent, and its log" },
	{ "tclo", true, steer_tclo,
	  "[REQUEST]: send a request to a program such as vmtoolsd, or list the answers" },
	{ "tools", false, steer_tools, "the reports of such programs about the guest" },
	{ "session", false, steer_session, "the session and the reason why it began" },
	{ "help", true, steer_help, "[KEY]: this list, or the help of a key" },
};

#define STEERINGS	(sizeof(steerings) / sizeof(steerings[0]))

static bool steer_help(struct host *host, const char *args, FILE *out)
{
	char *about;
	size_t i;

	(void)host;
	if (*args) {
		about = config_help_key(args);
		if (!about)
			return refuse(out, "there is no such key");
		fputs(about, out);
		free(about);
		return true;
	}
	for (i = 0; i < STEERINGS; i++)
		fprintf(out, "vmxsim.%s\t%s\n", steerings[i].name,
			steerings[i].help);
	return true;
}

bool steer(struct host *host, const char *name, const char *args, FILE *out)
{
	const struct steering *steering;

	for (steering = steerings; steering < steerings + STEERINGS; steering++) {
		if (strcmp(steering->name, name))
			continue;
		if (*args && !steering->takes_args)
			return refuse(out, "this request takes no arguments");
		return steering->serve(host, args, out);
	}
	return refuse(out, "no such request; vmxsim.help lists them");
}
