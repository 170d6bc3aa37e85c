// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/control.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "host/state.h"
#include "host/steer.h"
#include "model/json.h"

#define MEMBERS_MAX	2
#define NUL_MARK	"\xef\xbf\xbf"	/* U+FFFF */

/* The request being served, and its answer */
struct call {
	struct control *control;
	struct host *host;
	struct cJSON *request;
	const char *values[MEMBERS_MAX];	/* values of the command's members, or NULL */
	struct cJSON *answer;
	bool has_nul;				/* NUL_MARK stands for a NUL in the request */
	bool later;				/* the guest has to answer first */
};

struct command {
	const char *name;
	const char *members[MEMBERS_MAX];
	unsigned int required;			/* number of members that are required */
	void (*serve)(struct call *call);
};

struct control_pending {
	struct control_pending *next;
	struct control *control;
	struct cJSON *id;
};

/* --- answers ------------------------------------------------------------------ */

static void send(struct control *control, struct cJSON *answer, struct cJSON *id)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	if (id)
		cJSON_AddItemToObject(answer, "id", id);
	out = open_memstream(&text, &size);
	if (!out) {
		cJSON_Delete(answer);
		return;
	}
	json_write(answer, out);
	fputc('\n', out);
	if (!fclose(out))
		control->answer(control->opaque, text, size);
	free(text);
}

static void refuse(struct call *call, const char *member, const char *why)
{
	cJSON_Delete(call->answer);
	call->answer = cJSON_CreateObject();
	cJSON_AddFalseToObject(call->answer, "ok");
	if (member)
		json_text(call->answer, "member", member, strlen(member));
	cJSON_AddStringToObject(call->answer, "error", why);
}

static void add_json(struct call *call, const char *name, struct cJSON *json)
{
	if (!json)
		refuse(call, NULL, "out of memory");
	else
		cJSON_AddItemToObject(call->answer, name, json);
}

/* --- the commands ------------------------------------------------------------- */

static bool check_name(struct call *call)
{
	const size_t prefix = strlen(GUESTINFO_PREFIX);

	if (!strncasecmp(call->values[0], GUESTINFO_PREFIX, prefix) &&
	    call->values[0][prefix])
		return true;
	refuse(call, "name", "expected a name that begins with guestinfo.");
	return false;
}

static void guestinfo_get_call(struct call *call)
{
	const struct variable *variable;

	if (!check_name(call))
		return;
	variable = guestinfo_get(&call->host->guestinfo, call->values[0],
				 strlen(call->values[0]));
	if (variable)
		json_text(call->answer, "value", variable->value, variable->len);
	else
		refuse(call, "name", "there is no such variable");
}

static void guestinfo_set_call(struct call *call)
{
	const char *name = call->values[0], *value = call->values[1];

	if (check_name(call) &&
	    !guestinfo_set(&call->host->guestinfo, name, strlen(name), value,
			   strlen(value)))
		refuse(call, "value", "there is no room for it");
}

static void guestinfo_dump_call(struct call *call)
{
	add_json(call, "guestinfo", state_guestinfo(call->host));
}

/* Serves a steering request as for the guest.  The answer has its reply as text or JSON. */
static void steer_by(struct call *call, const char *name, const char *args, bool json)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool served;

	if (!out) {
		refuse(call, NULL, "out of memory");
		return;
	}
	model_advance(&call->host->model, host_now_ns(call->host));
	agent_run(&call->host->agent, &call->host->ops);
	served = steer(call->host, name, args, out);
	agent_run(&call->host->agent, &call->host->ops);
	if (fclose(out))
		refuse(call, NULL, "out of memory");
	else if (!served)
		refuse(call, call->values[0] ? "text" : NULL, text);
	else if (json)
		cJSON_AddRawToObject(call->answer, name, text);
	else
		json_text(call->answer, "reply", text, size);
	free(text);
}

static void steer_call(struct call *call)
{
	const char *text = call->values[0];
	size_t len = strcspn(text, " ");
	char *name = strndup(text, len);

	if (name)
		steer_by(call, name, text[len] ? text + len + 1 : "", false);
	else
		refuse(call, NULL, "out of memory");
	free(name);
}

static void fault_call(struct call *call)
{
	steer_by(call, "fault", call->values[0], false);
}

static void counters_call(struct call *call)
{
	steer_by(call, "counters", "", true);
}

static void ha_call(struct call *call)
{
	steer_by(call, "ha", "", true);
}

static void session_call(struct call *call)
{
	steer_by(call, "session", "", true);
}

static void tools_call(struct call *call)
{
	add_json(call, "tools", tools_json(&call->host->tools));
}

static void programs_call(struct call *call)
{
	add_json(call, "programs", tclo_json(&call->host->tclo));
}

static void pending_end(struct control_pending *pending)
{
	struct control_pending **link = &pending->control->pending;

	while (*link != pending)
		link = &(*link)->next;
	*link = pending->next;
	free(pending);
}

static void guest_answered(void *opaque, const char *text, size_t len)
{
	struct control_pending *pending = opaque;
	struct control *control = pending->control;
	struct call call = { .control = control, .answer = cJSON_CreateObject() };
	struct cJSON *id = pending->id;

	pending_end(pending);
	if (text) {
		cJSON_AddTrueToObject(call.answer, "ok");
		json_text(call.answer, "answer", text, len);
	} else {
		refuse(&call, "app", "the program has gone without an answer");
	}
	send(control, call.answer, id);
}

static void tclo_call(struct call *call)
{
	struct control *control = call->control;
	struct control_pending *pending = calloc(1, sizeof(*pending));
	const char *why;

	if (!pending) {
		refuse(call, NULL, "out of memory");
		return;
	}
	pending->control = control;
	pending->next = control->pending;
	control->pending = pending;
	why = tclo_send(&call->host->tclo, call->values[1], call->values[0],
			guest_answered, pending);
	if (why) {
		pending_end(pending);
		refuse(call, call->values[1] ? "app" : "text", why);
		return;
	}
	pending->id = cJSON_DetachItemFromObject(call->request, "id");
	call->later = true;
}

static void poweroff_call(struct call *call)
{
	call->control->ops->power_off(call->control->ops->opaque);
}

static const struct command commands[] = {
	{ "guestinfo.get", { "name" }, 1, guestinfo_get_call },
	{ "guestinfo.set", { "name", "value" }, 2, guestinfo_set_call },
	{ "guestinfo.dump", { NULL }, 0, guestinfo_dump_call },
	{ "steer", { "text" }, 1, steer_call },
	{ "fault", { "text" }, 1, fault_call },
	{ "tclo", { "text", "app" }, 1, tclo_call },
	{ "programs", { NULL }, 0, programs_call },
	{ "tools", { NULL }, 0, tools_call },
	{ "counters", { NULL }, 0, counters_call },
	{ "ha", { NULL }, 0, ha_call },
	{ "session", { NULL }, 0, session_call },
	{ "poweroff", { NULL }, 0, poweroff_call },
};

#define COMMANDS	(sizeof(commands) / sizeof(commands[0]))

/* --- requests ----------------------------------------------------------------- */

static bool is_member(const struct command *command, const char *name)
{
	size_t i;

	if (!strcmp(name, "request") || !strcmp(name, "id"))
		return true;
	for (i = 0; i < MEMBERS_MAX && command->members[i]; i++)
		if (!strcmp(name, command->members[i]))
			return true;
	return false;
}

/* Returns whether @member had a NUL anywhere, because an id may be an object. */
static bool has_mark(const struct cJSON *member)
{
	char *text = cJSON_PrintUnformatted(member);
	bool found = !text || strstr(text, NUL_MARK);

	cJSON_free(text);
	return found;
}

/* Returns the reason why @member is refused, or NULL. */
static const char *member_fault(const struct call *call, const struct command *command,
				const struct cJSON *member)
{
	if (!is_member(command, member->string))
		return "this request has no such member";
	if (cJSON_GetObjectItemCaseSensitive(call->request, member->string) != member)
		return "given twice";
	if (call->has_nul && has_mark(member))
		return "a NUL is no text";
	return NULL;
}

/* Stores the values of the command's members.  Refuses the call at the first wrong member. */
static bool take_members(struct call *call, const struct command *command)
{
	const struct cJSON *member;
	size_t i;

	cJSON_ArrayForEach(member, call->request) {
		const char *why = member_fault(call, command, member);

		if (why) {
			refuse(call, member->string, why);
			return false;
		}
	}
	for (i = 0; i < MEMBERS_MAX && command->members[i]; i++) {
		member = cJSON_GetObjectItemCaseSensitive(call->request,
							  command->members[i]);
		if (!member && i >= command->required)
			continue;
		if (!member || !cJSON_IsString(member)) {
			refuse(call, command->members[i],
			       member ? "expected a string" : "missing");
			return false;
		}
		call->values[i] = member->valuestring;
	}
	return true;
}

static const struct command *find_command(struct call *call)
{
	const struct cJSON *name = cJSON_GetObjectItemCaseSensitive(call->request,
								    "request");
	size_t i;

	if (!cJSON_IsString(name)) {
		refuse(call, "request", name ? "expected a string" : "missing");
		return NULL;
	}
	for (i = 0; i < COMMANDS; i++)
		if (!strcmp(commands[i].name, name->valuestring))
			return &commands[i];
	refuse(call, "request",
	       "expected guestinfo.get, guestinfo.set, guestinfo.dump, steer, fault, tclo, programs, tools, counters, ha, session or poweroff");
	return NULL;
}

/* Returns the number of blanks at the beginning of @text, which ends at @end. */
static size_t leading_blanks(const char *text, const char *end)
{
	const char *rest = text;

	while (rest < end && strchr(" \t\r", *rest))
		rest++;
	return (size_t)(rest - text);
}

/*
 * Strings of cJSON end at a NUL.  Therefore each \u0000 is replaced with U+FFFF, which is no
 * character.  Returns whether there was a \u0000.
 */
static bool mark_nuls(char *line, size_t len)
{
	bool found = false;
	size_t i;

	for (i = 0; i + 1 < len; i++) {
		if (line[i] != '\\')
			continue;
		i++;
		if (len - i < 5 || memcmp(line + i, "u0000", 5))
			continue;
		memset(line + i + 1, 'f', 4);
		found = true;
	}
	return found;
}

static void serve(struct call *call, const char *line, size_t len)
{
	const struct command *command;
	const char *end;
	char *copy;

	copy = malloc(len + 1);
	if (!copy) {
		refuse(call, NULL, "out of memory");
		return;
	}
	memcpy(copy, line, len);
	call->has_nul = mark_nuls(copy, len);
	end = copy;
	call->request = memchr(copy, '\0', len) ? NULL :
		cJSON_ParseWithLengthOpts(copy, len, &end, false);
	len -= (size_t)(end - copy) + leading_blanks(end, copy + len);
	free(copy);
	if (!cJSON_IsObject(call->request) || len) {
		refuse(call, NULL, "expected one JSON object a line");
		return;
	}
	command = find_command(call);
	if (command && take_members(call, command))
		command->serve(call);
}

void control_request(struct control *control, const char *line, size_t len)
{
	struct call call = {
		.control = control, .host = control->host,
		.answer = cJSON_CreateObject(),
	};

	cJSON_AddTrueToObject(call.answer, "ok");
	serve(&call, line, len);
	if (call.later)
		cJSON_Delete(call.answer);
	else
		send(control, call.answer,
		     cJSON_DetachItemFromObject(call.request, "id"));
	cJSON_Delete(call.request);
}

void control_end(struct control *control)
{
	struct control_pending *pending;

	while ((pending = control->pending)) {
		control->pending = pending->next;
		tclo_forget(&control->host->tclo, pending);
		cJSON_Delete(pending->id);
		free(pending);
	}
}
