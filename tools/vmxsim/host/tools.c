// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/tools.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "model/json.h"

#define GUEST_INFO	"SetGuestInfo"
#define KEY_MAX		128

struct tools_fact {
	struct tools_fact *next;
	char *name;
	char *value;
	size_t len;
};

/* A name that ends with a dot stands for all names that begin with it. */
static const char *const known[] = {
	GUEST_INFO,
	"SetGuestDiskInfo",	/* JSON; kind 3 of SetGuestInfo is the older form */
	"tools.set.version",
	"tools.set.versiontype",
	"tools.capability.",
	"tools.os.statechange.status",
	"vmx.capability.",
	"vmx.set_option",
};

static bool matches(const char *pattern, const char *name, size_t name_len)
{
	size_t len = strlen(pattern);

	if (pattern[len - 1] == '.' ? name_len <= len : name_len != len)
		return false;
	return !memcmp(pattern, name, len);
}

bool tools_knows(const char *name, size_t name_len)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (matches(known[i], name, name_len))
			return true;
	return false;
}

static size_t size_of(const struct tools_fact *fact)
{
	return strlen(fact->name) + fact->len;
}

static void fact_free(struct tools_fact *fact)
{
	free(fact->name);
	free(fact->value);
	free(fact);
}

static struct tools_fact *fact_new(const char *name, const char *text, size_t len)
{
	struct tools_fact *fact = calloc(1, sizeof(*fact));

	if (!fact)
		return NULL;
	fact->name = strdup(name);
	fact->value = malloc(len + 1);
	if (!fact->name || !fact->value) {
		fact_free(fact);
		return NULL;
	}
	memcpy(fact->value, text, len);
	fact->len = len;
	return fact;
}

static bool is_plain(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (word[i] <= ' ' || word[i] > '~')
			return false;
	return true;
}

/* Appends a word of the guest to @key; returns false if it is no word. */
static bool add_word(char key[KEY_MAX], const char *word, size_t len)
{
	size_t used = strlen(key);

	if (!len || len >= KEY_MAX - used || !is_plain(word, len))
		return false;
	memcpy(key + used, word, len);
	key[used + len] = '\0';
	return true;
}

/* "SetGuestInfo  KIND VALUE" is one fact per kind, so KIND moves from the text to the key. */
static bool take_kind(char key[KEY_MAX], const char **text, size_t *len)
{
	const char *end = *text + *len, *kind = *text, *rest;

	while (kind < end && *kind == ' ')
		kind++;
	for (rest = kind; rest < end && *rest != ' '; rest++)
		;
	strcat(key, " ");
	if (!add_word(key, kind, (size_t)(rest - kind)))
		return false;
	*text = rest < end ? rest + 1 : end;
	*len = (size_t)(end - *text);
	return true;
}

/* Returns the link to the fact of this name, or the end of the list. */
static struct tools_fact **find(struct tools_fact **link, const char *name)
{
	while (*link && strcmp((*link)->name, name))
		link = &(*link)->next;
	return link;
}

bool tools_report(struct tools *tools, const char *name, size_t name_len,
		const char *text, size_t len)
{
	struct tools_fact *fact, **link, *old;
	char key[KEY_MAX] = "";

	if (!add_word(key, name, name_len) ||
	    (matches(GUEST_INFO, name, name_len) && !take_kind(key, &text, &len)) ||
	    len > TOOLS_SIZE_MAX)
		return false;
	fact = fact_new(key, text, len);
	if (!fact)
		return false;
	link = find(&tools->facts, key);
	old = *link;
	if (tools->size - (old ? size_of(old) : 0) + size_of(fact) > TOOLS_SIZE_MAX ||
	    (!old && tools->count == TOOLS_FACTS_MAX)) {
		fact_free(fact);
		return false;
	}
	tools->size += size_of(fact);
	if (old) {
		tools->size -= size_of(old);
		fact->next = old->next;
		fact_free(old);
	} else {
		tools->count++;
	}
	*link = fact;
	return true;
}

struct cJSON *tools_json(const struct tools *tools)
{
	struct cJSON *json = cJSON_CreateObject();
	const struct tools_fact *fact;

	for (fact = tools->facts; json && fact; fact = fact->next)
		json_bytes(json, fact->name, fact->value, fact->len);
	return json;
}

void tools_free(struct tools *tools)
{
	struct tools_fact *fact;

	while ((fact = tools->facts)) {
		tools->facts = fact->next;
		fact_free(fact);
	}
}
