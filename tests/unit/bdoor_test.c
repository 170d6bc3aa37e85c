// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The backdoor's commands other than messages, and the counters and traces of the
 * transports.
 *
 * Links: tests/unit/backdoor_fixture.c
 * Links: tools/vmxsim/backdoor
 */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <unistd.h>

#include "backdoor_fixture.h"
#include "host/trace.h"
#include "ktap.h"

#define RPCI_COOKIE	(MESSAGE_RPCI | MESSAGE_COOKIE_FLAG)
#define GARBAGE		GUEST_GARBAGE

static uint64_t test_tsc_hz;
static bool test_x2apic;

static struct guest_regs command(uint32_t ecx)
{
	const struct bdoor bdoor = {
		.host = backdoor.host, .channels = backdoor.channels,
		.x2apic = test_x2apic,
		.tsc_hz = test_tsc_hz, .apic_hz = 1000000000,
	};
	struct guest_regs regs = {
		BDOOR_MAGIC, GARBAGE, ecx, GARBAGE, GARBAGE, GARBAGE, GARBAGE
	};

	bdoor_in(&bdoor, &regs);
	return regs;
}

static void check_regs(struct guest_regs got, struct guest_regs wanted)
{
	CHECK_EQ(got.eax, wanted.eax);
	CHECK_EQ(got.ebx, wanted.ebx);
	CHECK_EQ(got.ecx, wanted.ecx);
	CHECK_EQ(got.edx, wanted.edx);
	CHECK_EQ(got.esi, wanted.esi);
	CHECK_EQ(got.edi, wanted.edi);
	CHECK_EQ(got.ebp, wanted.ebp);
}

KTAP_TEST(version_and_speed)
{
	static const char *const settings[] = { "virtualHW.version=17", NULL };

	backdoor_start(settings);
	test_tsc_hz = 2100987654;
	check_regs(command(1), (struct guest_regs) {
		2100, GARBAGE, 1, GARBAGE, GARBAGE, GARBAGE, GARBAGE });
	/* open-vm-tools sets the high half of the register with the command. */
	check_regs(command(0xffff000a), (struct guest_regs) {
		6, BDOOR_MAGIC, 2, GARBAGE, GARBAGE, GARBAGE, GARBAGE });
	check_regs(command(17), (struct guest_regs) {
		17, BDOOR_MAGIC, 17, GARBAGE, GARBAGE, GARBAGE, GARBAGE });
	backdoor_stop();
}

KTAP_TEST(host_time_in_both_forms)
{
	struct guest_regs regs;

	backdoor_start(NULL);
	regs = command(23);
	CHECK_EQ(regs.eax, 0x3456789a);
	CHECK_EQ(regs.ebx, 654321);
	CHECK_EQ(regs.esi, GARBAGE);
	regs = command(46);
	CHECK_EQ(regs.eax, BDOOR_MAGIC);
	CHECK_EQ(regs.esi, 0x12);
	CHECK_EQ(regs.edx, 0x3456789a);
	CHECK_EQ(regs.ebx, 654321);
	CHECK_EQ(regs.edi, GARBAGE);
	backdoor_set("vmxsim.quirk.timeFull", "FALSE");
	check_regs(command(46), (struct guest_regs) {
		UINT32_MAX, GARBAGE, 46, GARBAGE, GARBAGE, GARBAGE, GARBAGE });
	backdoor_stop();
}

KTAP_TEST(machine_as_configured)
{
	static const char *const settings[] = {
		"memsize=768",
		"uuid.bios=56 4d 2c 53 43 56 66 8e-7c 05 fd 7e 51 1e 23 f3", NULL
	};

	backdoor_start(settings);
	check_regs(command(19), (struct guest_regs) {
		0x532c4d56, 0x8e665643, 0x7efd057c, 0xf3231e51, GARBAGE,
		GARBAGE, GARBAGE });
	check_regs(command(20), (struct guest_regs) {
		768, BDOOR_MAGIC, 20, GARBAGE, GARBAGE, GARBAGE, GARBAGE });
	test_x2apic = true;
	CHECK_EQ(command(68).eax, 1 << 3);
	test_x2apic = false;
	CHECK_EQ(command(68).eax, 0);
	backdoor_stop();
}

KTAP_TEST(clock_rates)
{
	backdoor_start(NULL);
	test_tsc_hz = 0x123456789aull;
	check_regs(command(45), (struct guest_regs) {
		0x3456789a, 0x12, 1000000000, GARBAGE, GARBAGE, GARBAGE,
		GARBAGE });
	/* Linux recognizes an unknown rate by the value of EBX. */
	test_tsc_hz = 0;
	check_regs(command(45), (struct guest_regs) {
		UINT32_MAX, UINT32_MAX, 45, GARBAGE, GARBAGE, GARBAGE,
		GARBAGE });
	backdoor_stop();
}

/* The emulator reads 8 bits of the command, but a guest sets 16. */
KTAP_TEST(unknown_commands)
{
	static const uint32_t unknown[] = { 2, 91, 0x10a, 0x11e, 0x8001 };
	size_t i;

	backdoor_start(NULL);
	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		check_regs(command(unknown[i]), (struct guest_regs) {
			UINT32_MAX, GARBAGE, unknown[i], GARBAGE, GARBAGE,
			GARBAGE, GARBAGE });
	CHECK_EQ(backdoor.counters->guest.of[EXIT_COMMAND], 5);
	backdoor_stop();
}

static unsigned long long guest_exits(void)
{
	unsigned long long total = 0;
	int type;

	for (type = EXIT_OPEN; type <= EXIT_HB_IN; type++)
		total += backdoor.counters->guest.of[type];
	return total;
}

/* The number of exits must be that of wire-protocol chapter 2.7 with q = 30. */
KTAP_TEST(exits_as_computed)
{
	static const char request[] = "guestlib.stat.get json session";
	static const struct {
		size_t reply_len;
		unsigned long long exits;
	} cases[] = { { 9, 16 }, { 2, 14 }, { 4000, 1013 } };
	static char reply[4001];
	struct guest guest;
	size_t i, hb;

	for (i = 0; i < 6; i++) {
		hb = i / 3;
		backdoor_start(NULL);
		memset(reply, 'r', sizeof(reply) - 1);
		reply[cases[i % 3].reply_len] = '\0';
		backdoor_answer(reply);
		CHECK(guest_open(&guest, RPCI_COOKIE));
		guest.hb_allowed = hb;
		CHECK(guest_ask(&guest, request));
		CHECK_STR(guest.reply, reply);
		CHECK(guest_close(&guest));
		CHECK_EQ(guest_exits(), hb ? 7 : cases[i % 3].exits);
		CHECK_EQ(backdoor.counters->requests[hb ? TRANSPORT_HB : TRANSPORT_LB], 1);
		CHECK_EQ(backdoor.counters->request_bytes, 30);
		CHECK_EQ(backdoor.counters->reply_bytes, cases[i % 3].reply_len);
		backdoor_stop();
	}
}

KTAP_TEST(steering_is_counted_apart)
{
	struct guest guest, steering;

	backdoor_start(NULL);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK(guest_ask(&guest, "four"));
	CHECK_EQ(guest_exits(), 1 + 5);

	CHECK(guest_open(&steering, RPCI_COOKIE));
	CHECK(guest_ask(&steering, "vmxsim.counters"));
	CHECK(guest_close(&steering));
	CHECK_EQ(guest_exits(), 1 + 5);
	CHECK_EQ(backdoor.counters->requests[TRANSPORT_LB], 1);
	CHECK_EQ(backdoor.counters->steering.of[EXIT_OPEN], 1);
	CHECK_EQ(backdoor.counters->steering.of[EXIT_CLOSE], 1);

	/* A channel of the guest may be used for steering, too. */
	CHECK(guest_ask(&guest, "vmxsim.counters"));
	CHECK_EQ(guest_exits(), 1 + 5);
	CHECK(guest_ask(&guest, "four"));
	CHECK_EQ(guest_exits(), 1 + 5 + 5);
	CHECK(guest_close(&guest));
	CHECK_EQ(guest_exits(), 1 + 5 + 5 + 1);
	backdoor_stop();
}

KTAP_TEST(reset_amid_a_steering_request)
{
	struct guest guest;
	int i;

	backdoor_start(NULL);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	guest_step(&guest, MESSAGE_SENDSIZE, 8);
	guest_step(&guest, MESSAGE_SENDPAYLOAD, 0x73786d76);
	counters_reset(backdoor.counters);
	guest_step(&guest, MESSAGE_SENDPAYLOAD, 0x782e6d69);
	CHECK_STR(backdoor.request, "vmxsim.x");
	for (i = 0; i < EXIT_TYPES; i++)
		CHECK_EQ(backdoor.counters->guest.of[i], 0);
	backdoor_stop();
}

KTAP_TEST(counters_as_json)
{
	static const char expected[] =
		"{\"exits\":{\"lb\":{\"open\":1,\"sendsize\":1,"
		"\"sendpayload\":0,\"recvsize\":1,\"recvpayload\":0,"
		"\"recvstatus\":1,\"close\":0,\"unknown\":0,\"total\":4},"
		"\"hb\":{\"out\":1,\"in\":1,\"total\":2},\"commands\":1},"
		"\"requests\":{\"lb\":0,\"hb\":1,\"vmci\":0},"
		"\"request_bytes\":4,\"reply_bytes\":2,\"refused\":0,"
		"\"checkpoints\":0,\"faults\":3,\"channels\":1,"
		"\"sockets\":{\"connections\":0,\"refused\":0,"
		"\"packets\":0,\"open\":0},"
		"\"steering\":{\"exits\":0,\"packets\":0}}";
	struct guest guest;
	struct cJSON *json;
	char *text;

	backdoor_start(NULL);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	guest.hb_allowed = true;
	CHECK(guest_ask(&guest, "four"));
	command(1);
	json = counters_json(backdoor.counters, 3);
	text = cJSON_PrintUnformatted(json);
	CHECK_STR(text, expected);
	free(text);
	cJSON_Delete(json);

	counters_reset(backdoor.counters);
	CHECK_EQ(guest_exits(), 0);
	CHECK_EQ(backdoor.counters->channels, 1);
	backdoor_stop();
}

static uint64_t trace_now_ns(void *opaque)
{
	(void)opaque;
	return 5001999;
}

KTAP_TEST(trace_lines)
{
	static const struct host_ops ops = { .now_ns = trace_now_ns };
	static const char expected[] =
		"{\"t_us\":5001,\"event\":\"session\","
		"\"detail\":\"why=\\\"x\\\\y\\\"\"}\n"
		"{\"t_us\":5001,\"event\":\"channel\",\"detail\":\"open 89\",\"what\":\"open\","
		"\"channel\":89,\"protocol\":\"rpci\"}\n"
		"{\"t_us\":7000,\"event\":\"request\",\"door\":\"lb\","
		"\"request\":\"ask \\u0000\\u000a\\u00ff\\\"\","
		"\"reply\":\"1 yes\",\"request_len\":8,\"reply_len\":5,\"transport\":\"lb\","
		"\"exits\":7}\n";
	char path[] = "/tmp/vmxsim-trace-XXXXXX", line[1024] = "";
	char text[300], *tail;
	struct guest guest;
	FILE *file;

	close(mkstemp(path));
	backdoor_start(NULL);
	CHECK(trace_open(path, &ops));
	trace_end(trace_begin("session", "why=\"%s\"", "x\\y"));

	backdoor.now_ns = 7000000;
	backdoor_answer("1 yes");
	CHECK(guest_open(&guest, RPCI_COOKIE));
	guest_step(&guest, MESSAGE_SENDSIZE, 8);
	guest_step(&guest, MESSAGE_SENDPAYLOAD, 0x206b7361);
	guest_step(&guest, MESSAGE_SENDPAYLOAD, 0x22ff0a00);
	guest_step(&guest, MESSAGE_RECVSIZE, 0);
	guest_step(&guest, MESSAGE_RECVPAYLOAD, 1);
	guest_step(&guest, MESSAGE_RECVPAYLOAD, 1);
	guest_step(&guest, MESSAGE_RECVSTATUS, 1);

	/* The trace can be read while the host still writes it. */
	file = fopen(path, "r");
	CHECK_EQ(fread(line, 1, sizeof(line) - 1, file), sizeof(expected) - 1);
	CHECK_STR(line, expected);

	memset(text, 't', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	trace_end(trace_begin("long", "%s", text));
	clearerr(file);
	CHECK(fgets(line, sizeof(line), file));
	tail = strstr(line, "ttt");
	CHECK(tail && strspn(tail, "t") == TRACE_TEXT_MAX);
	fclose(file);
	trace_close();
	unlink(path);
	backdoor_stop();
}

/* An exchange that the guest never ends is traced when its channel is closed. */
KTAP_TEST(trace_of_a_broken_exchange)
{
	static const struct host_ops ops = { .now_ns = trace_now_ns };
	char path[] = "/tmp/vmxsim-trace-XXXXXX", line[1024] = "", text[300];
	struct guest guest;
	FILE *file;

	close(mkstemp(path));
	backdoor_start(NULL);
	CHECK(trace_open(path, &ops));
	CHECK(guest_open(&guest, RPCI_COOKIE));
	memset(text, 'q', sizeof(text));
	guest_step(&guest, MESSAGE_SENDSIZE, sizeof(text));
	CHECK_EQ(guest_hb_out(&guest, text, sizeof(text)), STATUS_SUCCESS);
	CHECK(guest_close(&guest));
	file = fopen(path, "r");
	CHECK(fgets(line, sizeof(line), file));
	CHECK(strstr(line, "\"what\":\"open\""));
	CHECK(fgets(line, sizeof(line), file));
	CHECK(strstr(line, "\"request_len\":300,"));
	CHECK_EQ(strspn(strstr(line, "qqq"), "q"), TRACE_TEXT_MAX);
	CHECK(fgets(line, sizeof(line), file));
	CHECK(strstr(line, "\"what\":\"close\""));
	CHECK(!fgets(line, sizeof(line), file));
	fclose(file);
	trace_close();
	unlink(path);
	backdoor_stop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(version_and_speed),
	KTAP_ENTRY(host_time_in_both_forms),
	KTAP_ENTRY(machine_as_configured),
	KTAP_ENTRY(clock_rates),
	KTAP_ENTRY(unknown_commands),
	KTAP_ENTRY(exits_as_computed),
	KTAP_ENTRY(steering_is_counted_apart),
	KTAP_ENTRY(reset_amid_a_steering_request),
	KTAP_ENTRY(counters_as_json),
	KTAP_ENTRY(trace_lines),
	KTAP_ENTRY(trace_of_a_broken_exchange),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
