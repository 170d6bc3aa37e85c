// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/tclo.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/trace.h"
#include "model/json.h"

#define REGISTERED	"OK ATR "

/* The analyzer of GCC 12 falsely reports a leak of a list that begins in an array. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"

struct tclo_message {
	struct tclo_message *older;
	char app[TCLO_NAME_MAX];	/* name of the program, for the log */
	size_t len;
	char *answer;			/* the answer, or NULL if there is none */
	size_t answer_len;
	tclo_done done;
	void *opaque;
	char text[];
};

static void message_free(struct tclo_message *message)
{
	if (!message)
		return;
	free(message->answer);
	free(message);
}

static struct tclo_message *message_new(const char *text)
{
	size_t len = strlen(text);
	struct tclo_message *message = calloc(1, sizeof(*message) + len + 1);

	if (!message)
		return NULL;
	memcpy(message->text, text, len + 1);
	message->len = len;
	return message;
}

/* Returns NULL, or the reason why the request is not queued. */
static const char *enqueue(struct tclo_app *app, const char *text, tclo_done done,
			   void *opaque)
{
	struct tclo_message *message;

	if (app->waiting == TCLO_QUEUE_MAX)
		return "too many requests wait for this program";
	message = message_new(text);
	if (!message)
		return "out of memory";
	message->done = done;
	message->opaque = opaque;
	app->waiting++;
	message->older = app->newest;
	app->newest = message;
	if (app->wake && !app->asked)
		app->wake(app->opaque);
	return NULL;
}

/* Returns the link to the oldest request.  The queue must not be empty. */
static struct tclo_message **oldest(struct tclo_app *app)
{
	struct tclo_message **link = &app->newest;

	while ((*link)->older)
		link = &(*link)->older;
	return link;
}

/* Ends the oldest request, which may be in flight or waiting, and keeps it in the log. */
static void finish(struct tclo *tclo, struct tclo_app *app)
{
	struct tclo_message **link = oldest(app), *message = *link;
	struct tclo_message **slot = &tclo->log[tclo->answered++ % TCLO_LOG_MAX];

	*link = NULL;
	app->waiting--;
	app->asked = false;
	snprintf(message->app, sizeof(message->app), "%s", app->name);
	message_free(*slot);
	*slot = message;
	trace_tclo(message->app, message->text, message->answer, message->answer_len);
	if (message->done)
		message->done(message->opaque, message->answer, message->answer_len);
	message->done = NULL;
}

struct tclo_app *tclo_open(struct tclo *tclo, enum transport transport,
			   void (*wake)(void *opaque), void *opaque)
{
	struct tclo_app *app = tclo->apps;

	while (app < tclo->apps + TCLO_APPS_MAX && app->open)
		app++;
	if (app == tclo->apps + TCLO_APPS_MAX)
		return NULL;
	*app = (struct tclo_app) {
		.open = true, .transport = transport, .wake = wake, .opaque = opaque,
	};
	enqueue(app, "reset", NULL, NULL);
	return app;
}

void tclo_close(struct tclo *tclo, struct tclo_app *app)
{
	if (!app)
		return;
	while (app->waiting)
		finish(tclo, app);
	app->open = false;
}

bool tclo_next(struct tclo_app *app, const uint8_t **text, size_t *len)
{
	const struct tclo_message *message;

	if (!app || app->asked || !app->waiting)
		return false;
	app->asked = true;
	message = *oldest(app);
	*text = (const uint8_t *)message->text;
	*len = message->len;
	return true;
}

/* The answer to "reset" names the program. */
static void take_name(struct tclo *tclo, struct tclo_app *app,
		      const struct tclo_message *message)
{
	const size_t prefix = strlen(REGISTERED);
	size_t len;

	if (strcmp(message->text, "reset") || message->answer_len <= prefix ||
	    memcmp(message->answer, REGISTERED, prefix))
		return;
	len = strnlen(message->answer + prefix, message->answer_len - prefix);
	if (len >= sizeof(app->name))
		len = sizeof(app->name) - 1;
	memcpy(app->name, message->answer + prefix, len);
	app->name[len] = '\0';
	enqueue(app, tclo->synchronizes ? "Set_Option synctime 1" :
					  "Set_Option synctime 0", NULL, NULL);
	enqueue(app, "Capabilities_Register", NULL, NULL);
}

void tclo_answer(struct tclo *tclo, struct tclo_app *app, const uint8_t *text,
		 size_t len)
{
	struct tclo_message *message;

	/* A program that polls sends an empty answer if it has no request to answer. */
	if (!app->asked || !app->waiting)
		return;
	message = *oldest(app);
	if (len > TCLO_TEXT_MAX)
		len = TCLO_TEXT_MAX;
	message->answer = malloc(len + 1);
	if (message->answer) {
		memcpy(message->answer, text, len);
		message->answer[len] = '\0';
		message->answer_len = len;
		take_name(tclo, app, message);
	}
	finish(tclo, app);
}

static struct tclo_app *find_app(struct tclo *tclo, const char *name, const char **why)
{
	struct tclo_app *app = tclo->apps, *found = NULL;

	*why = "no such program has registered";
	for (; app < tclo->apps + TCLO_APPS_MAX; app++) {
		if (!app->open || !app->name[0] || (name && strcmp(app->name, name)))
			continue;
		if (!name && found) {
			*why = "several programs have registered: which one?";
			return NULL;
		}
		found = app;
	}
	return found;
}

const char *tclo_send(struct tclo *tclo, const char *name, const char *text,
		      tclo_done done, void *opaque)
{
	const char *why;
	struct tclo_app *app = find_app(tclo, name, &why);

	if (!app)
		return why;
	if (!*text || strlen(text) > TCLO_TEXT_MAX)
		return "expected a request of 1 to 65536 bytes";
	return enqueue(app, text, done, opaque);
}

void tclo_forget(struct tclo *tclo, void *opaque)
{
	struct tclo_message *message;
	struct tclo_app *app;

	for (app = tclo->apps; app < tclo->apps + TCLO_APPS_MAX; app++)
		for (message = app->newest; message; message = message->older)
			if (message->opaque == opaque)
				message->done = NULL;
}

static void add_apps(const struct tclo *tclo, struct cJSON *json)
{
	struct cJSON *apps = cJSON_AddArrayToObject(json, "apps"), *entry;
	const struct tclo_app *app;

	for (app = tclo->apps; app < tclo->apps + TCLO_APPS_MAX; app++) {
		if (!app->open)
			continue;
		entry = cJSON_CreateObject();
		json_bytes(entry, "name", app->name, strlen(app->name));
		cJSON_AddStringToObject(entry, "transport",
					transport_name(app->transport));
		cJSON_AddNumberToObject(entry, "waiting", app->waiting);
		cJSON_AddItemToArray(apps, entry);
	}
}

static void add_answers(const struct tclo *tclo, struct cJSON *json)
{
	struct cJSON *answers = cJSON_AddArrayToObject(json, "answers"), *entry;
	uint64_t i = tclo->answered > TCLO_LOG_MAX ? tclo->answered - TCLO_LOG_MAX : 0;
	const struct tclo_message *message;

	for (; i < tclo->answered; i++) {
		message = tclo->log[i % TCLO_LOG_MAX];
		entry = cJSON_CreateObject();
		json_bytes(entry, "app", message->app, strlen(message->app));
		json_bytes(entry, "request", message->text, message->len);
		if (message->answer)
			json_bytes(entry, "answer", message->answer, message->answer_len);
		else
			cJSON_AddNullToObject(entry, "answer");
		cJSON_AddItemToArray(answers, entry);
	}
}

struct cJSON *tclo_json(const struct tclo *tclo)
{
	struct cJSON *json = cJSON_CreateObject();

	if (!json)
		return NULL;
	add_apps(tclo, json);
	add_answers(tclo, json);
	return json;
}

void tclo_free(struct tclo *tclo)
{
	size_t i;

	for (i = 0; i < TCLO_APPS_MAX; i++)
		if (tclo->apps[i].open)
			tclo_close(tclo, &tclo->apps[i]);
	for (i = 0; i < TCLO_LOG_MAX; i++)
		message_free(tclo->log[i]);
}
