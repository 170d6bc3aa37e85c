// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * vmguest report: the open questions about real hosts. vmxsim has several variants for each
 * question, which its keys vmxsim.quirk.* select. This file finds the variant that the results
 * of the probes match.
 */
#include "report_probes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <linux/vmguestlib.h>

/* The behaviour was seen, but no variant fits. */
static const char contradicts[] = "contradicts all variants";

static const char *text_of(const struct report *report, const char *probe,
			   const char *key)
{
	return cJSON_GetStringValue(report_find(report, probe, key));
}

static bool is(const char *text, const char *word)
{
	return text && !strcmp(text, word);
}

static bool was(const struct report *report, const char *probe, const char *reply)
{
	return is(text_of(report, probe, "reply"), reply);
}

static double number_of(const struct report *report, const char *probe, const char *key)
{
	const cJSON *number = report_find(report, probe, key);

	return number ? cJSON_GetNumberValue(number) : -1;
}

/* --- statistics -------------------------------------------------------------- */

static char state_of(const struct report *report, int id)
{
	const char *states = text_of(report, "record", "states");

	return states && strlen(states) >= (size_t)id ? states[id - 1] : '\0';
}

/* A limit with a number answers no question, because an administrator has set it. */
static const char *unlimited(const struct report *report)
{
	static const int limits[] = {
		VMGUESTLIB_STAT_CPU_LIMIT_MHZ, VMGUESTLIB_STAT_MEM_LIMIT_MB,
	};
	size_t i;

	for (i = 0; i < 2; i++) {
		if (state_of(report, limits[i]) == '3')
			return "max32";
		if (state_of(report, limits[i]) == '1')
			return "invalid";
	}
	return NULL;
}

static const char *host_info_off(const struct report *report)
{
	char state = state_of(report, VMGUESTLIB_STAT_HOST_MEM_USED_MB);

	if (!state || state >= '2' || number_of(report, "record", "version") != 3)
		return NULL;
	return state == '1' ? "invalid" : "cut";
}

static unsigned int byte_of(const char *hex, size_t at)
{
	char byte[3] = { hex[2 * at], hex[2 * at + 1], '\0' };

	return (unsigned int)strtoul(byte, NULL, 16);
}

/* The record is the version, the session (8 bytes), the size of the data, and the data. */
static const char *data_size(const struct report *report)
{
	const char *hex = text_of(report, "guestlib.info.get 3", "hex");
	double len = number_of(report, "guestlib.info.get 3", "length");
	double size;

	if (!was(report, "guestlib.info.get 3", "served") || !hex || len < 16 ||
	    byte_of(hex, 0) != 3)
		return NULL;
	size = 16 + byte_of(hex, 12) + 256.0 * byte_of(hex, 13) +
	       65536.0 * byte_of(hex, 14);
	return size == len ? "exact" : size < len ? "trailing" : contradicts;
}

static const char *cpu_used(const struct report *report)
{
	double used = number_of(report, "growth", "used");
	double elapsed = number_of(report, "growth", "elapsed");

	if (number_of(report, "growth", "processors") < 2 || elapsed <= 0)
		return NULL;
	/* A processor may run faster than its nominal speed. */
	if (used > 1.3 * elapsed ||
	    number_of(report, "growth", "used in all") >
	    number_of(report, "growth", "elapsed in all"))
		return "sum";
	return used > 0.8 * elapsed ? "capped" : NULL;
}

/* --- extended statistics ------------------------------------------------------- */

static const char *empty_encoding(const struct report *report)
{
	if (was(report, "stat.get '' 'session'", "served"))
		return "text";
	return was(report, "stat.get '' 'session'", "refused") ? "refused" : NULL;
}

static const char *stat_layout(const struct report *report)
{
	const char *text = text_of(report, "stat.get 'json' 'session'", "text");
	const char *newline = text ? strchr(text, '\n') : NULL;

	if (!was(report, "stat.get 'json' 'session'", "served") || !text)
		return NULL;
	return newline && newline[1] ? "lines" : "compact";
}

static const char *final_newline(const struct report *report)
{
	const char *text = text_of(report, "stat.get 'text' 'session'", "text");

	if (!was(report, "stat.get 'text' 'session'", "served") || !text || !*text)
		return NULL;
	return text[strlen(text) - 1] == '\n' ? "TRUE" : "FALSE";
}

/* Finds the number after "NAME =" in a text. Returns false if there is none. */
static bool number_in(const char *text, const char *name, double *number)
{
	const char *at = text ? strstr(text, name) : NULL;

	return at && sscanf(at + strlen(name), " = %lf", number) == 1;
}

static const char *numa(const struct report *report)
{
	const char *text = text_of(report, "stat.get 'text' 'resources'", "text");
	double local, remote, mapped;

	if (!number_in(text, "vm.numa.local", &local) ||
	    !number_in(text, "vm.numa.remote", &remote) ||
	    !number_in(text, "guest.mem.mapped", &mapped))
		return NULL;
	if (local + remote == mapped)
		return "mapped";
	return local + remote > mapped ? "configured" : contradicts;
}

/* The variants only differ if the first bit of the session is set. */
static const char *session_text(const struct report *report)
{
	const char *text = text_of(report, "stat.get 'text' 'session'", "text");
	const char *session = text_of(report, "record", "session");
	const char *at = text ? strstr(text, "session = ") : NULL;

	if (!at || !session || *session < '8')
		return NULL;
	return at[strlen("session = ")] == '-' ? "signed" : "unsigned";
}

static const char *uuid(const struct report *report)
{
	const char *text = text_of(report, "uuid", "firmware");

	return is(text, "differs") ? contradicts : text;
}

static const char *int64(const struct report *report)
{
	const char *outcome = text_of(report, "sockets: big-endian words", "outcome");

	if (!outcome || !is(text_of(report, "sockets: one reply", "outcome"), "ok"))
		return NULL;
	return is(outcome, "ok") ? "any" : "swapped";
}

static const char *refusal(const struct report *report, const char *probe)
{
	return was(report, probe, "refused") ? text_of(report, probe, "text") : NULL;
}

static const char *unknown_stat(const struct report *report)
{
	return refusal(report, "stat.get 'text' 'nosuch'");
}

static const char *unknown_encoding(const struct report *report)
{
	return refusal(report, "stat.get 'nosuch' 'session'");
}

/* The host's text if the statistics are switched off; then version 2 is refused, too. */
static const char *disabled_text(const struct report *report)
{
	return refusal(report, "guestlib.info.get 2");
}

static const char *version_text(const struct report *report)
{
	if (was(report, "guestlib.info.get 2", "served"))
		return refusal(report, "guestlib.info.get 3");
	return NULL;
}

/* The text after "0 " in a reply of port 976 to an unprivileged sender. */
static const char *auth_text(const struct report *report)
{
	static char text[256];
	const char *hex = text_of(report, "sockets: unprivileged sender", "hex");
	double len = number_of(report, "sockets: unprivileged sender", "length");
	size_t i, at, count = 0;

	if (!hex || !was(report, "guestlib.info.get 3", "served"))
		return NULL;
	for (i = 4; i + 14 < len; i += 4)
		if (byte_of(hex, i + 3) == 2 && byte_of(hex, i + 7) == 2 &&
		    byte_of(hex, i + 12) == '0' && byte_of(hex, i + 13) == ' ') {
			for (at = i + 14; at < len && count + 1 < sizeof(text) &&
			     byte_of(hex, at); at++)
				text[count++] = (char)byte_of(hex, at);
			text[count] = '\0';
			return text;
		}
	return NULL;
}

/* --- application monitoring -------------------------------------------------- */

#define CMD	"GuestAppMonitor.Cmd."

static const char *status_words(const struct report *report)
{
	static const char *const styles[] = { "capitalized", "lower", "upper", "long" };
	static const char *const words[][4] = {
		{ "Gray", "gray", "GRAY", "appStatusGray" },
		{ "Green", "green", "GREEN", "appStatusGreen" },
		{ "Red", "red", "RED", "appStatusRed" },
	};
	const char *text = text_of(report, CMD "GetAppStatus", "text");
	size_t i, j;

	if (!was(report, CMD "GetAppStatus", "served") || !text)
		return NULL;
	for (i = 0; i < 3; i++)
		for (j = 0; j < 4; j++)
			if (!strcmp(text, words[i][j]))
				return styles[j];
	return contradicts;
}

static const char *app_state(const struct report *report)
{
	const char *brief = text_of(report, CMD "PostAppState OK", "text");
	const char *whole = text_of(report, CMD "PostAppState appStateOk", "text");

	if (!brief || !whole)
		return NULL;
	if (is(brief, "0"))
		return is(whole, "0") ? "both" : "short";
	return is(whole, "0") ? "long" : contradicts;
}

static const char *disable_twice(const struct report *report)
{
	const char *text = text_of(report, CMD "Disable", "text");

	if (!text)
		return NULL;
	return is(text, "0") ? "accepted" : is(text, "2") ? "refused" : contradicts;
}

static const char *gray_beat(const struct report *report)
{
	const char *text = text_of(report, "moved: MarkActive", "text");

	if (!text || !is(text_of(report, "move", "outcome"), "ok"))
		return NULL;
	return is(text, "0") ? "accepted" : is(text, "2") ? "refused" : contradicts;
}

/* No client is armed, so no program has enabled the host since this machine was booted. */
static const char *enable_across_reset(const struct report *report)
{
	if (is(text_of(report, CMD "IsEnabled", "text"), "true") &&
	    is(text_of(report, "sysfs", "heartbeat/clients"), "0"))
		return "TRUE";
	return NULL;
}

/* --- the backdoor ------------------------------------------------------------ */

/* Finds the registers before and after STEP. Returns false if there was no such step. */
static bool registers_of(const struct report *report, const char *probe,
			 const char *step, unsigned int in[6], unsigned int out[6])
{
	const cJSON *calls = report_find(report, probe, "calls"), *call;
	const char *before, *after;

	for (call = calls ? calls->child : NULL; call; call = call->next) {
		if (!is(cJSON_GetStringValue(cJSON_GetObjectItem(call, "step")), step))
			continue;
		before = cJSON_GetStringValue(cJSON_GetObjectItem(call, "in"));
		after = cJSON_GetStringValue(cJSON_GetObjectItem(call, "out"));
		return sscanf(before, "%x %x %x %x %x %x", &in[0], &in[1], &in[2], &in[3],
			      &in[4], &in[5]) == 6 &&
		       sscanf(after, "%x %x %x %x %x %x", &out[0], &out[1], &out[2],
			      &out[3], &out[4], &out[5]) == 6;
	}
	return false;
}

enum { EAX, EBX, ECX, EDX };

static const char *time_full(const struct report *report)
{
	unsigned int in[6], out[6];

	if (!registers_of(report, "backdoor: commands", "time in full", in, out))
		return NULL;
	return out[EAX] == in[EAX] ? "TRUE" : "FALSE";
}

static const char *bad_channel(const struct report *report)
{
	unsigned int in[6], out[6];

	if (!registers_of(report, "backdoor: wrong channel", "wrong channel", in, out))
		return NULL;
	switch (out[ECX] >> 16) {
	case 0:
		return "fail";
	case 4:
		return "closed";
	default:
		return contradicts;
	}
}

static const char *step_eax(const struct report *report)
{
	unsigned int in[6], out[6];

	if (!registers_of(report, "backdoor: message", "send size", in, out))
		return NULL;
	if (out[EAX] == in[EAX])
		return "kept";
	return out[EAX] == 1 ? "one" : !out[EAX] ? "zero" : contradicts;
}

static const char *step_low(const struct report *report)
{
	unsigned int in[6], out[6];

	if (!registers_of(report, "backdoor: message", "send size", in, out))
		return NULL;
	if ((out[ECX] & 0xffff) == (in[ECX] & 0xffff))
		return "kept";
	return out[ECX] & 0xffff ? contradicts : "zero";
}

/* --- sockets ----------------------------------------------------------------- */

static const char *reply_kind(const struct report *report)
{
	const char *hex = text_of(report, "sockets: one reply", "hex");

	if (!hex || number_of(report, "sockets: one reply", "length") < 12)
		return NULL;
	if (!strncmp(hex + 8, "0000000100000001", 16))
		return "TRUE";
	return strncmp(hex + 8, "0000000200000002", 16) ? contradicts : "FALSE";
}

static const char *request_fields(const struct report *report)
{
	const char *without = text_of(report, "sockets: no field 1", "outcome");
	const char *order = text_of(report, "sockets: descending fields", "outcome");

	if (!without || !order || !is(text_of(report, "sockets: one reply", "outcome"), "ok"))
		return NULL;
	if (is(without, "ok") && is(order, "ok"))
		return "any";
	return !is(without, "ok") && !is(order, "ok") ? "strict" : contradicts;
}

static const char *empty_request(const struct report *report)
{
	const char *outcome = text_of(report, "sockets: no text", "outcome");

	if (!outcome || !is(text_of(report, "sockets: one reply", "outcome"), "ok"))
		return NULL;
	return is(outcome, "ok") ? "served" : "reset";
}

/* Without a pause, a connection comes less than 50 ms after the end of the previous one. */
static const char *port_reuse(const struct report *report)
{
	const char *connections = text_of(report, "sockets: port reuse", "0 ms");

	if (!connections)
		return NULL;
	if (strstr(connections, ", ETIMEDOUT"))
		return "silent";
	if (strstr(connections, ", ECONNRESET"))
		return "reset";
	return is(connections, "20 of 20") ? "served" : NULL;
}

static const char *socket_vmotion(const struct report *report)
{
	const char *outcome = text_of(report, "moved: connection", "outcome");

	if (!outcome || !is(text_of(report, "move", "outcome"), "ok"))
		return NULL;
	return is(outcome, "ok") ? "kept" : "reset";
}

/* --- the whole ------------------------------------------------------------------ */

static const struct {
	const char *quirk;
	const char *(*judge)(const struct report *report);
	const char *otherwise;		/* the reason if the behaviour was not seen */
} quirks[] = {
	{ "unlimited", unlimited, "no limit is unlimited here" },
	{ "hostInfoOff", host_info_off, "the host's own statistics are given here" },
	{ "dataSize", data_size, "no record of version 3; run it as root" },
	{ "cpuUsed", cpu_used, "one processor, or others kept them from running" },
	{ "uuid", uuid, "no UUID; run it as root" },
	{ "sessionText", session_text, "the session's number fits both" },
	{ "numa", numa, "no extended statistics" },
	{ "int64", int64, "needs --active and sockets" },
	{ "emptyEncoding", empty_encoding, "no answer" },
	{ "statLayout", stat_layout, "no extended statistics" },
	{ "finalNewline", final_newline, "no extended statistics" },
	{ "disabledText", disabled_text, "statistics are not disabled here" },
	{ "versionText", version_text, "the host has version 3, or run it as root" },
	{ "authText", auth_text, "unprivileged senders are served here" },
	{ "unknownStatText", unknown_stat, "no refusal" },
	{ "unknownEncodingText", unknown_encoding, "no refusal" },
	{ "statusWords", status_words, "no status; run it as root" },
	{ "appState", app_state, "needs --active" },
	{ "grayBeat", gray_beat, "needs --active --move and a vMotion" },
	{ "noFirstBeat", NULL, "would risk a reset" },
	{ "disableTwice", disable_twice, "needs --active" },
	{ "enableAcrossReset", enable_across_reset, "monitoring is not enabled" },
	{ "stateAcrossReset", NULL, "would need a reset" },
	{ "stateAcrossMove", NULL, "the host does not show the state that it keeps" },
	{ "timeFull", time_full, "the backdoor is closed to programs" },
	{ "socketNotify", NULL, "is between the two kernels" },
	{ "socketVmotion", socket_vmotion, "needs --active --move and a vMotion" },
	{ "portReuse", port_reuse, "needs --active and sockets" },
	{ "replyKind", reply_kind, "no reply over sockets" },
	{ "requestFields", request_fields, "needs --active and sockets" },
	{ "emptyRequest", empty_request, "needs --active and sockets" },
	{ "badChannel", bad_channel, "the backdoor is closed to programs" },
	{ "stepEax", step_eax, "the backdoor is closed to programs" },
	{ "stepLow", step_low, "the backdoor is closed to programs" },
};

void report_verdicts(struct report *report)
{
	cJSON *verdicts = cJSON_AddArrayToObject(report->document, "quirks");
	cJSON *contradictions = cJSON_AddArrayToObject(report->document, "contradictions");
	const char *variant;
	cJSON *verdict;
	size_t i;

	for (i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++) {
		variant = quirks[i].judge ? quirks[i].judge(report) : NULL;
		verdict = cJSON_CreateObject();
		report_text(verdict, "quirk", quirks[i].quirk);
		if (variant)
			report_text(verdict, "variant", variant);
		else
			report_text(verdict, "not seen", quirks[i].otherwise);
		cJSON_AddItemToArray(verdicts, verdict);
		if (variant == contradicts)
			cJSON_AddItemToArray(contradictions,
					     cJSON_CreateString(quirks[i].quirk));
	}
}
