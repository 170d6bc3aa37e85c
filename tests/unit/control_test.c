// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Requests from outside the guest: the answer to each request is one line. If the request is
 * wrong, the answer names the wrong part.
 *
 * Links: tools/vmxsim/host
 */
#include "host/control.h"
#include "host/tclo.h"
#include "host_fixture.h"

static char answers[8192];
static struct control control;

static void take_answer(void *opaque, const char *line, size_t len)
{
	(void)opaque;
	CHECK(len && line[len - 1] == '\n' && !memchr(line, '\n', len - 1));
	strncat(answers, line, len < sizeof(answers) - strlen(answers) - 1 ? len : 0);
}

static void begin(struct fixture *fixture)
{
	FIXTURE(fixture, "guestinfo.a=1");
	control = (struct control) {
		.host = fixture->host, .ops = &fixture->ops, .answer = take_answer,
	};
}

static void end(struct fixture *fixture)
{
	control_end(&control);
	fixture_stop(fixture);
}

static const char *request_bytes(const char *line, size_t len)
{
	/* The copy has the exact length, so that the sanitizer notices reads beyond it. */
	char *copy = malloc(len ? len : 1);

	memcpy(copy, line, len);
	answers[0] = '\0';
	control_request(&control, copy, len);
	free(copy);
	return answers;
}

static const char *request(const char *line)
{
	return request_bytes(line, strlen(line));
}

KTAP_TEST(guestinfo)
{
	struct fixture fixture;

	begin(&fixture);
	CHECK_STR(request("{\"request\":\"guestinfo.get\",\"name\":\"guestinfo.A\"}"),
		  "{\"ok\":true,\"value\":\"1\"}\n");
	CHECK_STR(request("{\"id\":[7],\"request\":\"guestinfo.set\","
			  "\"name\":\"guestinfo.b\",\"value\":\"\\u00e9\\n\"}"),
		  "{\"ok\":true,\"id\":[7]}\n");
	CHECK_STR(ask(&fixture, "info-get guestinfo.b"), "1 \xc3\xa9\n");
	CHECK_STR(ask(&fixture, "info-set guestinfo.c \xff\x01"), "1 ");
	CHECK_STR(request("{\"request\":\"guestinfo.dump\"} \r"),
		  "{\"ok\":true,\"guestinfo\":{\"guestinfo.c\":\"\\u00ff\\u0001\","
		  "\"guestinfo.b\":\"\xc3\xa9\\n\",\"guestinfo.a\":\"1\"}}\n");
	end(&fixture);
}

KTAP_TEST(steering)
{
	struct fixture fixture;

	begin(&fixture);
	CHECK_STR(request("{\"request\":\"steer\",\"text\":\"vmotion\"}"),
		  "{\"ok\":true,\"reply\":\"\"}\n");
	CHECK(strstr(request("{\"request\":\"session\"}"), "\"reason\":\"vmotion\""));
	CHECK_STR(request("{\"request\":\"steer\",\"text\":\"set machine.id a b\"}"),
		  "{\"ok\":true,\"reply\":\"\"}\n");
	CHECK_STR(ask(&fixture, "machine.id.get"), "1 a b");
	CHECK_STR(request("{\"request\":\"fault\",\"text\":\"noreply now\"}"),
		  "{\"ok\":false,\"member\":\"text\","
		  "\"error\":\"noreply: expected 0 arguments, got 1\"}\n");
	CHECK_STR(request("{\"request\":\"fault\",\"text\":\"noreply\"}"),
		  "{\"ok\":true,\"reply\":\"\"}\n");
	CHECK(strstr(request("{\"request\":\"counters\"}"), "{\"ok\":true,\"counters\":{"));
	CHECK(strstr(request("{\"request\":\"ha\"}"), "\"status\":\"gray\""));
	ask(&fixture, "vmx.capability.x 1");
	CHECK_STR(request("{\"request\":\"tools\"}"),
		  "{\"ok\":true,\"tools\":{\"vmx.capability.x\":\"1\"}}\n");
	CHECK_STR(request("{\"request\":\"poweroff\"}"), "{\"ok\":true}\n");
	CHECK_EQ(fixture.power_offs, 1);
	end(&fixture);
}

/* Answers the request of the host as the program in the guest does. */
static void answer(struct fixture *fixture, struct tclo_app *app, const char *text)
{
	struct tclo *tclo = host_tclo(fixture->host);
	const uint8_t *next;
	size_t len;

	CHECK(tclo_next(app, &next, &len));
	tclo_answer(tclo, app, (const uint8_t *)text, strlen(text));
}

KTAP_TEST(tclo)
{
	struct fixture fixture;
	struct tclo_app *app;

	begin(&fixture);
	CHECK_STR(request("{\"request\":\"tclo\",\"text\":\"ping\",\"id\":1}"),
		  "{\"ok\":false,\"member\":\"text\","
		  "\"error\":\"no such program has registered\",\"id\":1}\n");
	app = tclo_open(host_tclo(fixture.host), TRANSPORT_LB, NULL, NULL);
	answer(&fixture, app, "OK ATR toolbox");
	answer(&fixture, app, "OK ");
	answer(&fixture, app, "OK ");
	CHECK_STR(request("{\"request\":\"tclo\",\"text\":\"ping\",\"id\":2}"), "");
	CHECK_STR(request("{\"request\":\"tclo\",\"text\":\"x\",\"app\":\"toolbox\"}"), "");
	answer(&fixture, app, "OK \xff");
	CHECK_STR(answers, "{\"ok\":true,\"answer\":\"OK \\u00ff\",\"id\":2}\n");
	answers[0] = '\0';
	tclo_close(host_tclo(fixture.host), app);
	CHECK_STR(answers, "{\"ok\":false,\"member\":\"app\","
		  "\"error\":\"the program has gone without an answer\"}\n");

	/* The program outside the guest disconnects before the answer. */
	app = tclo_open(host_tclo(fixture.host), TRANSPORT_LB, NULL, NULL);
	answer(&fixture, app, "OK ATR toolbox");
	answer(&fixture, app, "OK ");
	answer(&fixture, app, "OK ");
	request("{\"request\":\"tclo\",\"text\":\"ping\",\"id\":{\"a\":1}}");
	control_end(&control);
	answer(&fixture, app, "OK ");
	CHECK_STR(answers, "");
	end(&fixture);
}

KTAP_TEST(wrong_requests)
{
	static const struct {
		const char *line, *member;
	} cases[] = {
		{ "{}", "request" },
		{ "{\"request\":1}", "request" },
		{ "{\"request\":\"nonsense\"}", "request" },
		{ "{\"request\":\"guestinfo.get\"}", "name" },
		{ "{\"request\":\"guestinfo.get\",\"name\":null}", "name" },
		{ "{\"request\":\"guestinfo.get\",\"name\":\"a\"}", "name" },
		{ "{\"request\":\"guestinfo.get\",\"name\":\"guestinfo.\"}", "name" },
		{ "{\"request\":\"guestinfo.get\",\"name\":\"guestinfo.z\"}", "name" },
		{ "{\"request\":\"guestinfo.get\",\"name\":\"guestinfo.a\",\"x\":1}", "x" },
		{ "{\"request\":\"guestinfo.set\",\"name\":\"guestinfo.a\"}", "value" },
		{ "{\"request\":\"guestinfo.set\",\"name\":\"guestinfo.a\",\"value\":{}}",
		  "value" },
		{ "{\"request\":\"ha\",\"text\":\"clear\"}", "text" },
		{ "{\"request\":\"ha\",\"\\\"\":1}", "\\\"" },
		{ "{\"request\":\"ha\\u0000\"}", "request" },
		{ "{\"request\":\"ha\",\"id\":{\"a\":[\"\\u0000\"]}}", "id" },
		{ "{\"request\":\"guestinfo.set\",\"name\":\"guestinfo.a\","
		  "\"value\":\"a\\u0000b\"}", "value" },
		{ "{\"request\":\"guestinfo.set\",\"name\":\"guestinfo.a\","
		  "\"value\":\"a\",\"name\":\"guestinfo.b\"}", "name" },
	};
	static const char *const no_objects[] = {
		"", " ", "nonsense", "[]", "1", "{", "{} {}", "{}x", "\"", "\xff",
	};
	struct fixture fixture;
	char wanted[64], *deep;
	size_t i;

	begin(&fixture);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(wanted, sizeof(wanted), "{\"ok\":false,\"member\":\"%s\",",
			 cases[i].member);
		if (!CHECK(!strncmp(request(cases[i].line), wanted, strlen(wanted))))
			printf("# %s: %s", cases[i].line, answers);
	}
	for (i = 0; i < sizeof(no_objects) / sizeof(no_objects[0]); i++)
		CHECK(!strncmp(request(no_objects[i]), "{\"ok\":false,\"error\":", 20));
	CHECK(!strncmp(request_bytes("{\0}", 3), "{\"ok\":false,\"error\":", 20));
	deep = malloc(100000);
	memset(deep, '[', 100000);
	CHECK(!strncmp(request_bytes(deep, 100000), "{\"ok\":false,\"error\":", 20));
	free(deep);
	/* A value that is too long changes nothing. */
	deep = malloc(2 << 20);
	i = (size_t)sprintf(deep, "{\"request\":\"guestinfo.set\",\"name\":\"guestinfo.a\","
			    "\"value\":\"");
	memset(deep + i, 'v', 1100000);
	strcpy(deep + i + 1100000, "\"}");
	CHECK(strstr(request(deep), "\"member\":\"value\""));
	free(deep);
	/* This text is no NUL, but an escaped backslash and "u0000". */
	CHECK_STR(request("{\"request\":\"guestinfo.set\",\"name\":\"guestinfo.b\","
			  "\"value\":\"\\\\u0000\"}"), "{\"ok\":true}\n");
	CHECK_STR(ask(&fixture, "info-get guestinfo.b"), "1 \\u0000");
	CHECK_STR(ask(&fixture, "info-get guestinfo.a"), "1 1");
	end(&fixture);
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(guestinfo),
	KTAP_ENTRY(steering),
	KTAP_ENTRY(tclo),
	KTAP_ENTRY(wrong_requests),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
