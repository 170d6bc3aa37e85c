// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "host/fault.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/trace.h"
#include "model/json.h"
#include "model/prng.h"

#define ARGS_MAX	512
#define WORDS_MAX	8
#define DELAY_MS_MAX	600000
#define HOSTILE_STEPS	64	/* `hostile` hits one step in this number */
#define PRNG_SALT_STEP	0x73746570ull

/* The numbers that follow the name of a fault. */
enum fault_form {
	FORM_PLAIN,		/* no number */
	FORM_STEP,		/* STEP */
	FORM_STATUS,		/* BITS, which may be names, and STEP */
	FORM_ARG,		/* one number, the argument of the fault */
	FORM_TIMES,		/* one number, for how many occasions the fault is armed */
};

static const struct fault_word {
	const char *name;
	enum fault_kind kind;
	enum fault_form form;
	bool has_request;	/* the fault belongs to a request, so match= is accepted */
	uint64_t arg_max;
} fault_words[] = {
	{ "cpt",	FAULT_CPT,	FORM_STEP,	true,	0 },
	{ "refuse",	FAULT_REFUSE,	FORM_STEP,	true,	0 },
	{ "status",	FAULT_STATUS,	FORM_STATUS,	true,	0 },
	{ "open",	FAULT_OPEN,	FORM_TIMES,	false,	UINT32_MAX },
	{ "cookie",	FAULT_COOKIE,	FORM_PLAIN,	false,	0 },
	{ "dropchannel", FAULT_DROPCHANNEL, FORM_PLAIN,	false,	0 },
	{ "dropsockets", FAULT_DROPSOCKETS, FORM_PLAIN,	false,	0 },
	{ "connreset",	FAULT_CONNRESET, FORM_TIMES,	false,	UINT32_MAX },
	{ "connsilent",	FAULT_CONNSILENT, FORM_TIMES,	false,	UINT32_MAX },
	{ "noreply",	FAULT_NOREPLY,	FORM_PLAIN,	true,	0 },
	{ "truncate",	FAULT_TRUNCATE,	FORM_ARG,	true,	UINT32_MAX },
	{ "oversize",	FAULT_OVERSIZE,	FORM_ARG,	true,	UINT32_MAX },
	{ "random",	FAULT_RANDOM,	FORM_ARG,	true,	UINT64_MAX },
	{ "delay",	FAULT_DELAY,	FORM_ARG,	true,	DELAY_MS_MAX },
	{ "reorder",	FAULT_REORDER,	FORM_PLAIN,	true,	0 },
	{ "count",	FAULT_COUNT,	FORM_ARG,	true,	UINT32_MAX },
	{ "version2",	FAULT_VERSION2,	FORM_PLAIN,	true,	0 },
	{ "hostile",	FAULT_HOSTILE,	FORM_ARG,	true,	UINT64_MAX },
	{ "length",	FAULT_LENGTH,	FORM_ARG,	true,	UINT32_MAX },
	{ "duplicate",	FAULT_DUPLICATE, FORM_PLAIN,	true,	0 },
	{ "extrafield",	FAULT_EXTRAFIELD, FORM_PLAIN,	true,	0 },
	{ "badtype",	FAULT_BADTYPE,	FORM_PLAIN,	true,	0 },
	{ "nopayload",	FAULT_NOPAYLOAD, FORM_PLAIN,	true,	0 },
	{ "nokind",	FAULT_NOKIND,	FORM_PLAIN,	true,	0 },
	{ "repeat",	FAULT_REPEAT,	FORM_PLAIN,	true,	0 },
	{ "dribble",	FAULT_DRIBBLE,	FORM_ARG,	true,	DELAY_MS_MAX },
	{ "half",	FAULT_HALF,	FORM_PLAIN,	true,	0 },
	{ "halfreset",	FAULT_HALFRESET, FORM_PLAIN,	true,	0 },
	{ "eof",	FAULT_EOF,	FORM_PLAIN,	true,	0 },
};

static const struct {
	const char *name;
	uint32_t bit;
} status_words[] = {
	{ "success",	STATUS_SUCCESS },
	{ "dorecv",	STATUS_DORECV },
	{ "closed",	STATUS_CLOSED },
	{ "unsent",	STATUS_UNSENT },
	{ "cpt",	STATUS_CPT },
	{ "poweroff",	STATUS_POWEROFF },
	{ "timeout",	STATUS_TIMEOUT },
	{ "hb",		STATUS_HB },
};

#define ARRAY_LEN(array)	(sizeof(array) / sizeof((array)[0]))

struct parser {
	struct fault fault;
	const struct fault_word *word;
	bool times_given;
	char *err;
	size_t err_size;
};

static void explain(struct parser *parser, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void explain(struct parser *parser, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(parser->err, parser->err_size, format, args);
	va_end(args);
}

/* A macro, so that an analyzer sees that a failed parse returns false. */
#define complain(parser, ...)	(explain(parser, __VA_ARGS__), false)

static bool parse_number(struct parser *parser, const char *text,
			 const char *what, uint64_t min, uint64_t max,
			 uint64_t *value)
{
	char *end;

	/* strtoull() would accept a sign and blanks. */
	if (!isdigit((unsigned char)text[0]))
		return complain(parser, "%s: expected a number, got \"%s\"",
				what, text);
	errno = 0;
	*value = strtoull(text, &end, 0);
	if (*end || errno || *value < min || *value > max)
		return complain(parser,
				"%s: expected a number from %llu to %llu, got \"%s\"",
				what, (unsigned long long)min,
				(unsigned long long)max, text);
	return true;
}

static bool parse_status(struct parser *parser, char *text)
{
	char *save, *name;
	uint64_t bits;
	size_t i;

	if (isdigit((unsigned char)text[0])) {
		if (!parse_number(parser, text, "status", 0, UINT16_MAX, &bits))
			return false;
		parser->fault.status = (uint32_t)bits;
		return true;
	}
	for (name = strtok_r(text, "|", &save); name;
	     name = strtok_r(NULL, "|", &save)) {
		for (i = 0; i < ARRAY_LEN(status_words); i++) {
			if (!strcmp(name, status_words[i].name))
				break;
		}
		if (i == ARRAY_LEN(status_words))
			return complain(parser, "status: unknown bit \"%s\"",
					name);
		parser->fault.status |= status_words[i].bit;
	}
	return true;
}

static bool parse_step(struct parser *parser, const char *text)
{
	uint64_t step;

	if (!parse_number(parser, text, "step", 1, UINT32_MAX, &step))
		return false;
	parser->fault.step = (uint32_t)step;
	return true;
}

static bool parse_times(struct parser *parser, const char *text)
{
	uint64_t times;

	if (!parse_number(parser, text, "times", 1, UINT32_MAX, &times))
		return false;
	parser->fault.times = (uint32_t)times;
	parser->times_given = true;
	return true;
}

/* Takes one leading NAME=VALUE. */
static bool parse_option(struct parser *parser, const char *option)
{
	size_t len;

	if (!strncmp(option, "times=", 6))
		return parse_times(parser, option + 6);
	if (strncmp(option, "match=", 6))
		return complain(parser, "unknown option \"%s\"", option);

	len = strlen(option + 6);
	if (!len || len >= sizeof(parser->fault.match))
		return complain(parser, "match: expected 1 to %zu bytes",
				sizeof(parser->fault.match) - 1);
	memcpy(parser->fault.match, option + 6, len + 1);
	return true;
}

static bool parse_name(struct parser *parser, const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(fault_words); i++) {
		if (!strcmp(name, fault_words[i].name)) {
			parser->word = &fault_words[i];
			parser->fault.kind = fault_words[i].kind;
			return true;
		}
	}
	return complain(parser, "unknown fault \"%s\"", name);
}

static bool expect_words(struct parser *parser, size_t count, size_t wanted)
{
	if (count == wanted)
		return true;
	return complain(parser, "%s: expected %zu argument%s, got %zu",
			parser->word->name, wanted, wanted == 1 ? "" : "s", count);
}

static bool parse_form(struct parser *parser, char **words, size_t count)
{
	const struct fault_word *word = parser->word;

	switch (word->form) {
	case FORM_PLAIN:
		return expect_words(parser, count, 0);
	case FORM_STEP:
		return expect_words(parser, count, 1) &&
		       parse_step(parser, words[0]);
	case FORM_STATUS:
		return expect_words(parser, count, 2) &&
		       parse_status(parser, words[0]) &&
		       parse_step(parser, words[1]);
	case FORM_ARG:
		return expect_words(parser, count, 1) &&
		       parse_number(parser, words[0], word->name, 0,
				    word->arg_max, &parser->fault.arg);
	case FORM_TIMES:
		if (parser->times_given)
			return complain(parser, "%s: takes a number in place of times=",
					word->name);
		return expect_words(parser, count, 1) &&
		       parse_times(parser, words[0]);
	}
	return false;
}

static bool is_immediate(enum fault_kind kind)
{
	return kind == FAULT_DROPCHANNEL || kind == FAULT_DROPSOCKETS;
}

static bool parse_words(struct parser *parser, char **words, size_t count)
{
	size_t i = 0;

	while (i < count && strchr(words[i], '=')) {
		if (!parse_option(parser, words[i++]))
			return false;
	}
	if (i == count)
		return complain(parser, "expected the name of a fault");
	if (!parse_name(parser, words[i++]))
		return false;
	if (parser->fault.match[0] && !parser->word->has_request)
		return complain(parser, "%s: takes no match=",
				parser->word->name);
	if (parser->times_given && is_immediate(parser->fault.kind))
		return complain(parser, "%s: takes no times=",
				parser->word->name);
	if (!parse_form(parser, words + i, count - i))
		return false;
	if (parser->fault.match[0] && parser->fault.step == 1)
		return complain(parser,
				"match= is not possible at step 1, before the request is sent");
	return true;
}

static void forget(const struct fault_connections *connections)
{
	if (connections->forget)
		connections->forget(connections->opaque);
}

static void checkpoint(const struct fault_connections *connections)
{
	if (connections->checkpoint)
		connections->checkpoint(connections->opaque);
}

static bool arm(struct faults *faults, struct parser *parser)
{
	size_t i;

	if (is_immediate(parser->fault.kind)) {
		faults->injected++;
		if (parser->fault.kind == FAULT_DROPCHANNEL)
			forget(&faults->channels);
		else
			forget(&faults->sockets);
		return true;
	}
	for (i = 0; i < FAULTS_ARMED_MAX; i++) {
		if (!faults->list[i].armed) {
			faults->list[i] = parser->fault;
			faults->list[i].armed = true;
			return true;
		}
	}
	return complain(parser, "%d faults are armed already",
			FAULTS_ARMED_MAX);
}

static size_t split(char *text, char **words, size_t max)
{
	size_t count = 0;
	char *save, *word;

	for (word = strtok_r(text, " ", &save); word && count < max;
	     word = strtok_r(NULL, " ", &save))
		words[count++] = word;
	return count;
}

bool faults_parse(struct faults *faults, const char *args, char *err,
		  size_t err_size)
{
	struct parser parser = {
		.fault.times = 1, .err = err, .err_size = err_size
	};
	char text[ARGS_MAX];
	char *words[WORDS_MAX] = { NULL };
	size_t count;

	if (strlen(args) >= sizeof(text))
		return complain(&parser, "the order is too long");
	strcpy(text, args);
	count = split(text, words, WORDS_MAX);

	if (count == 1 && !strcmp(words[0], "clear")) {
		memset(faults->list, 0, sizeof(faults->list));
		return true;
	}
	return parse_words(&parser, words, count) && arm(faults, &parser);
}

bool fault_target_steers(const struct fault_target *target)
{
	const size_t prefix_len = sizeof(VMXSIM_PREFIX) - 1;
	size_t known = target->arrived;

	if (!known || target->len < prefix_len)
		return false;
	if (known > prefix_len)
		known = prefix_len;
	return !memcmp(target->data, VMXSIM_PREFIX, known);
}

static bool matches(const struct fault *fault,
		    const struct fault_target *target)
{
	size_t match_len = strlen(fault->match);
	size_t known = target->arrived;

	if (fault_target_steers(target) || target->len < match_len)
		return false;
	if (known > match_len)
		known = match_len;
	return !known || !memcmp(target->data, fault->match, known);
}

static const char *fault_name(enum fault_kind kind)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(fault_words); i++) {
		if (fault_words[i].kind == kind)
			return fault_words[i].name;
	}
	return "unknown";
}

static void use_up(struct faults *faults, struct fault *fault)
{
	struct cJSON *json;

	faults->injected++;
	if (!--fault->times)
		fault->armed = false;
	json = trace_begin("fault", "%s step=%u left=%u", fault_name(fault->kind),
			   (unsigned int)fault->step, (unsigned int)fault->times);
	cJSON_AddStringToObject(json, "fault", fault_name(fault->kind));
	json_u64(json, "step", fault->step);
	json_u64(json, "left", fault->times);
	trace_end(json);
}

bool faults_take(struct faults *faults, enum fault_kind kind, uint64_t *arg)
{
	const struct fault_target target = {
		faults->request, faults->request_len, faults->request_len
	};
	size_t i;

	for (i = 0; i < FAULTS_ARMED_MAX; i++) {
		struct fault *fault = &faults->list[i];

		if (!fault->armed || fault->kind != kind ||
		    !matches(fault, &target))
			continue;
		if (arg)
			*arg = fault->arg;
		use_up(faults, fault);
		return true;
	}
	return false;
}

static bool of_a_step(enum fault_kind kind)
{
	return kind == FAULT_CPT || kind == FAULT_REFUSE ||
	       kind == FAULT_STATUS;
}

/* SENDSIZE is never hit, because a fault at SENDSIZE would also hit requests that steer. */
static const struct fault *hostile_step(struct faults *faults, uint32_t step,
					const struct fault_target *target)
{
	struct prng prng;
	size_t i;

	for (i = 0; i < FAULTS_ARMED_MAX; i++) {
		struct fault *fault = &faults->list[i];

		if (!fault->armed || fault->kind != FAULT_HOSTILE || step == 1 ||
		    !matches(fault, target))
			continue;
		prng_seed(&prng, fault->arg + ++faults->hostile_steps,
			  PRNG_SALT_STEP);
		if (prng_next(&prng) % HOSTILE_STEPS)
			return NULL;
		faults->any_status = *fault;
		faults->any_status.kind = FAULT_STATUS;
		faults->any_status.status = (uint16_t)prng_next(&prng);
		use_up(faults, fault);
		return &faults->any_status;
	}
	return NULL;
}

const struct fault *faults_take_step(struct faults *faults, uint32_t step,
				     const struct fault_target *target)
{
	size_t i;

	for (i = 0; i < FAULTS_ARMED_MAX; i++) {
		struct fault *fault = &faults->list[i];

		if (!fault->armed || !of_a_step(fault->kind) ||
		    fault->step != step || !matches(fault, target))
			continue;
		use_up(faults, fault);
		return fault;
	}
	return hostile_step(faults, step, target);
}

bool faults_take_connect(struct faults *faults, enum fault_kind kind)
{
	size_t i;

	for (i = 0; i < FAULTS_ARMED_MAX; i++) {
		if (faults->list[i].armed && faults->list[i].kind == kind) {
			use_up(faults, &faults->list[i]);
			return true;
		}
	}
	return false;
}

bool faults_take_open(struct faults *faults, bool with_cookie)
{
	return faults_take_connect(faults, FAULT_OPEN) ||
	       (with_cookie && faults_take_connect(faults, FAULT_COOKIE));
}

void faults_serving(struct faults *faults, const uint8_t *request, size_t len)
{
	faults->request = request;
	faults->request_len = len;
}

void faults_checkpoint(struct faults *faults)
{
	checkpoint(&faults->channels);
	checkpoint(&faults->sockets);
}

void faults_drop_channels(struct faults *faults)
{
	forget(&faults->channels);
	forget(&faults->sockets);
}
