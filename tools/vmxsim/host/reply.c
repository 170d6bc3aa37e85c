// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/reply.h"

#include "config/config.h"
#include "host/state.h"

bool unknown_command(FILE *out)
{
	fputs("Unknown command", out);
	return false;
}

bool refuse_by_quirk(struct host *host, const char *quirk, FILE *out)
{
	fputs(config_str(host->config, quirk), out);
	return false;
}

bool request_authorized(const struct host *host, const struct request *request)
{
	return request->privileged || !model_preset(host->config)->auth ||
	       !config_bool(host->config,
			    "guest_rpc.rpci.auth.app.APP_MONITOR");
}

struct arguments arguments_trim(struct arguments arguments)
{
	while (arguments.len && *arguments.text == ' ') {
		arguments.text++;
		arguments.len--;
	}
	while (arguments.len && arguments.text[arguments.len - 1] == ' ')
		arguments.len--;
	return arguments;
}
