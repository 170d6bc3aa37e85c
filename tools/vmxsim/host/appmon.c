// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/* GuestAppMonitor.Cmd.*: the requests of the guest to the HA agent. */
#include "host/appmon.h"

#include <string.h>

#include "config/config.h"
#include "host/state.h"

static bool answer(enum ha_result result, FILE *out)
{
	fprintf(out, "%d", result);
	return true;
}

static bool write_status(struct host *host, FILE *out)
{
	static const struct {
		const char *words;
		const char *of[3];	/* by enum ha_status */
	} dialects[] = {
		{ "capitalized", { "Gray", "Green", "Red" } },
		{ "lower", { "gray", "green", "red" } },
		{ "upper", { "GRAY", "GREEN", "RED" } },
		{ "long", { "appStatusGray", "appStatusGreen",
			    "appStatusRed" } },
	};
	size_t i = 0;

	while (!config_is(host->config, "vmxsim.quirk.statusWords",
			  dialects[i].words))
		i++;
	fputs(dialects[i].of[host->agent.ha.status], out);
	return true;
}

static bool is_word(const struct arguments *arguments, const char *word)
{
	return strlen(word) == arguments->len &&
	       !memcmp(word, arguments->text, arguments->len);
}

static bool post_state(struct host *host, const struct arguments *arguments,
		       FILE *out)
{
	const struct arguments word = arguments_trim(*arguments);
	const bool takes_short = !config_is(host->config,
					    "vmxsim.quirk.appState", "long");
	const bool takes_long = !config_is(host->config,
					   "vmxsim.quirk.appState", "short");

	if (!arguments->given)
		return answer(HA_ARGUMENT_EXPECTED, out);
	if (!word.len)
		return answer(HA_NULL_ARGUMENT, out);
	if ((takes_short && is_word(&word, "OK")) ||
	    (takes_long && is_word(&word, "appStateOk")))
		ha_post_state(&host->agent.ha, HA_OK);
	else if ((takes_short && is_word(&word, "needReset")) ||
		 (takes_long && is_word(&word, "appStateNeedReset")))
		ha_post_state(&host->agent.ha, HA_NEED_RESET);
	else
		return answer(HA_BAD_ARGUMENT, out);
	return answer(HA_DONE, out);
}

enum command { ENABLE, DISABLE, IS_ENABLED, MARK_ACTIVE, GET_APP_STATUS,
	       POST_APP_STATE, COMMANDS };

/* Returns COMMANDS if this host does not know the command. */
static enum command find_command(const struct host *host, const char *name,
				 size_t len)
{
	static const char *const names[COMMANDS] = {
		[ENABLE] = "Enable",
		[DISABLE] = "Disable",
		[IS_ENABLED] = "IsEnabled",
		[MARK_ACTIVE] = "MarkActive",
		[GET_APP_STATUS] = "GetAppStatus",
		[POST_APP_STATE] = "PostAppState",
	};
	const struct preset *preset = model_preset(host->config);
	int i;

	if (!preset->appmon || !config_bool(host->config, "vmxsim.ha.known"))
		return COMMANDS;
	for (i = 0; i < COMMANDS; i++)
		if (strlen(names[i]) == len && !memcmp(names[i], name, len))
			break;
	return i == POST_APP_STATE && !preset->app_state ? COMMANDS : i;
}

static bool serve(struct host *host, enum command command,
		  const struct arguments *arguments, FILE *out)
{
	switch (command) {
	case IS_ENABLED:
		fputs(host->agent.ha.enabled ? "true" : "false", out);
		return true;
	case GET_APP_STATUS:
		return write_status(host, out);
	case ENABLE:
		return answer(ha_enable(&host->agent.ha), out);
	case DISABLE:
		return answer(ha_disable(&host->agent.ha), out);
	case MARK_ACTIVE:
		return answer(ha_mark_active(&host->agent.ha), out);
	case POST_APP_STATE:
		return post_state(host, arguments, out);
	case COMMANDS:
		break;
	}
	return unknown_command(out);
}

bool appmon(struct host *host, const struct request *request, const char *name,
	    size_t name_len, const struct arguments *arguments, FILE *out)
{
	const enum command command = find_command(host, name, name_len);
	const char *broken = config_str(host->config, "vmxsim.ha.result");

	if (command != COMMANDS && !request_authorized(host, request))
		return refuse_by_quirk(host, "vmxsim.quirk.authText", out);
	if (!*broken || command == IS_ENABLED || command == GET_APP_STATUS ||
	    command == COMMANDS)
		return serve(host, command, arguments, out);
	fputs(broken, out);
	return true;
}
