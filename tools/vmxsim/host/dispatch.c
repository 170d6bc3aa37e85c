// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/config_keys.h"
#include "host/appmon.h"
#include "host/reply.h"
#include "host/state.h"
#include "host/steer.h"
#include "host/trace.h"
#include "model/info.h"
#include "model/stat.h"

#define SET_OPTION	"vmx.set_option"
#define PREFIX_LEN	2	/* "1 " or "0 " */

/* Writes the data of the reply; returns false if it is the text of a refusal. */
typedef bool (*serve_fn)(struct host *host, const struct request *request,
			 const struct arguments *arguments, FILE *out);

/* Returns the requested version, or 0. */
static uint64_t asked_version(struct arguments arguments)
{
	char digits[24];
	uint64_t version = 0;

	arguments = arguments_trim(arguments);
	if (arguments.len >= sizeof(digits))
		return 0;
	memcpy(digits, arguments.text, arguments.len);
	digits[arguments.len] = '\0';
	if (strlen(digits) == arguments.len)
		parse_u64(digits, UINT64_MAX, &version);
	return version;
}

static void write_record(struct host *host, uint64_t version, FILE *out)
{
	struct info_form form;
	struct sample sample;
	uint64_t count;

	model_sample(&host->model, &sample);
	info_form(host->config, &sample, &form);
	if (version == 2) {
		info_write_v2(out, &sample, &form);
		return;
	}
	form.reordered = faults_take(&host->faults, FAULT_REORDER, NULL);
	form.count_is_wrong = faults_take(&host->faults, FAULT_COUNT, &count);
	if (form.count_is_wrong)
		form.wrong_count = (uint32_t)count;
	info_write_v3(out, &sample, &form);
}

static bool info_get(struct host *host, const struct request *request,
		     const struct arguments *arguments, FILE *out)
{
	uint64_t version = asked_version(*arguments), known = 3;

	if (config_is(host->config, "vmxsim.info.version", "none"))
		return unknown_command(out);
	if (config_bool(host->config,
			"isolation.tools.guestlibGetInfo.disable"))
		return refuse_by_quirk(host, "vmxsim.quirk.disabledText", out);
	if (!request_authorized(host, request))
		return refuse_by_quirk(host, "vmxsim.quirk.authText", out);
	if (config_is(host->config, "vmxsim.info.version", "2") ||
	    (version == 3 && faults_take(&host->faults, FAULT_VERSION2, NULL)))
		known = 2;
	if (version < 2 || version > known)
		return refuse_by_quirk(host, "vmxsim.quirk.versionText", out);
	write_record(host, version, out);
	return true;
}

static bool serve_stat_get(struct host *host, const struct request *request,
			   const struct arguments *arguments, FILE *out)
{
	if (!model_preset(host->config)->stat_get)
		return unknown_command(out);
	if (!request_authorized(host, request))
		return refuse_by_quirk(host, "vmxsim.quirk.authText", out);
	return stat_get(out, host->config, &host->model, arguments->text,
			arguments->len);
}

static bool variable_get(struct host *host, const struct request *request,
			 const struct arguments *arguments, FILE *out)
{
	struct arguments name = arguments_trim(*arguments);
	const struct variable *variable;

	(void)request;
	variable = guestinfo_get(&host->guestinfo, name.text, name.len);
	if (!variable) {
		fputs("No value found", out);
		return false;
	}
	fwrite(variable->value, 1, variable->len, out);
	return true;
}

static bool variable_set(struct host *host, const struct request *request,
			 const struct arguments *arguments, FILE *out)
{
	const char *name = arguments->text, *value = "";
	const char *blank = memchr(name, ' ', arguments->len);
	size_t name_len = blank ? (size_t)(blank - name) : arguments->len;
	size_t len = 0;

	(void)request;
	if (name_len <= strlen(GUESTINFO_PREFIX) ||
	    strncasecmp(name, GUESTINFO_PREFIX, strlen(GUESTINFO_PREFIX)) ||
	    memchr(name, '\0', name_len)) {
		fputs("Permission denied", out);
		return false;
	}
	if (blank) {
		value = blank + 1;
		len = arguments->len - name_len - 1;
	}
	if (!guestinfo_set(&host->guestinfo, name, name_len, value, len)) {
		fputs("Value too large", out);
		return false;
	}
	return true;
}

static bool write_log(struct host *host, const struct request *request,
		      const struct arguments *arguments, FILE *out)
{
	(void)host;
	(void)request;
	(void)out;
	trace_end(trace_begin("log", "%.*s", (int)arguments->len, arguments->text));
	return true;
}

static bool machine_id(struct host *host, const struct request *request,
		       const struct arguments *arguments, FILE *out)
{
	const char *id = config_str(host->config, "machine.id");

	(void)request;
	(void)arguments;
	fputs(*id ? id : "No machine id", out);
	return *id;
}

/* "vmx.set_option OPTION OLD NEW": the guest changes an option, the host confirms it. */
static void set_option(struct host *host, const struct arguments *arguments)
{
	char option[64], from[8], to[8], text[512] = "", confirmed[96];

	if (arguments->len >= sizeof(text))
		return;
	memcpy(text, arguments->text, arguments->len);
	if (sscanf(text, "%63s %7s %7s", option, from, to) != 3)
		return;
	if (!strcmp(option, "synctime"))
		host->tclo.synchronizes = !strcmp(to, "1");
	snprintf(confirmed, sizeof(confirmed), "Set_Option %s %s", option, to);
	tclo_send(&host->tclo, NULL, confirmed, NULL, NULL);
}

static bool serve_tools(struct host *host, const char *name, size_t name_len,
			const struct arguments *arguments, FILE *out)
{
	if (!tools_report(&host->tools, name, name_len, arguments->text, arguments->len)) {
		fputs("Invalid argument", out);
		return false;
	}
	if (name_len == strlen(SET_OPTION) && !memcmp(name, SET_OPTION, name_len))
		set_option(host, arguments);
	return true;
}

static const struct command {
	const char *name;
	serve_fn serve;
} commands[] = {
	{ "guestlib.info.get", info_get },
	{ "guestlib.stat.get", serve_stat_get },
	{ "info-get", variable_get },
	{ "info-set", variable_set },
	{ "log", write_log },
	{ "machine.id.get", machine_id },
};

static bool serve_steering(struct host *host, const char *name, size_t name_len,
			   const struct arguments *arguments, FILE *out)
{
	char *copy = strndup(name, name_len);
	char *args = strndup(arguments->text, arguments->len);
	bool served = false;

	if (copy && args)
		served = steer(host, copy, args, out);
	else
		fputs("out of memory", out);
	free(copy);
	free(args);
	return served;
}

static bool serve(struct host *host, const struct request *request, FILE *out)
{
	const char *name = (const char *)request->data;
	size_t len = request->len, name_len;
	const char *blank;
	struct arguments arguments = { "", 0, false };
	size_t i;

	/* Some clients send the NUL at the end of their string too. */
	if (len && !name[len - 1])
		len--;
	blank = len ? memchr(name, ' ', len) : NULL;
	name_len = blank ? (size_t)(blank - name) : len;
	if (blank) {
		arguments.text = blank + 1;
		arguments.len = len - name_len - 1;
		arguments.given = true;
	}
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strlen(commands[i].name) == name_len &&
		    !memcmp(commands[i].name, name, name_len))
			return commands[i].serve(host, request, &arguments, out);
	i = strlen(APPMON_PREFIX);
	if (name_len > i && !memcmp(name, APPMON_PREFIX, i))
		return appmon(host, request, name + i, name_len - i, &arguments,
			      out);
	i = strlen(VMXSIM_PREFIX);
	if (name_len > i && !memcmp(name, VMXSIM_PREFIX, i))
		return serve_steering(host, name + i, name_len - i, &arguments,
				      out);
	if (tools_knows(name, name_len))
		return serve_tools(host, name, name_len, &arguments, out);
	return unknown_command(out);
}

void host_request(struct host *host, const struct request *request,
		  struct reply *reply)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool served, broken;

	reply->data = NULL;
	reply->len = 0;
	if (!out)
		return;
	model_advance(&host->model, host_now_ns(host));
	agent_run(&host->agent, &host->ops);
	fputs("1 ", out);
	served = serve(host, request, out);
	agent_run(&host->agent, &host->ops);
	broken = ferror(out);
	if (fclose(out) || broken || size < PREFIX_LEN) {
		free(text);
		return;
	}
	if (!served)
		text[0] = '0';
	reply->data = (uint8_t *)text;
	reply->len = size;
}
