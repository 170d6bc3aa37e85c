// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The faults that a test can request from the host, and how a careful guest handles them.
 *
 * Links: tests/unit/backdoor_fixture.c
 * Links: tools/vmxsim/backdoor
 */
#include "backdoor_fixture.h"
#include "ktap.h"

#define RPCI_COOKIE	(MESSAGE_RPCI | MESSAGE_COOKIE_FLAG)
#define SUCCESS		STATUS_SUCCESS

#define REQUEST		"guestlib.info.get 3"	/* 5 words */
#define REPLY		"1 a reply of 19 b"	/* 5 words */
#define LB_STEPS	(3 + 5 + 5)
#define HB_STEPS	5

static const char *const lb_only[] = { "vmxsim.transport.hb=FALSE", NULL };

static void start(struct guest *guest, bool hb)
{
	backdoor_start(hb ? NULL : lb_only);
	backdoor_answer(REPLY);
	CHECK(guest_open(guest, RPCI_COOKIE));
	guest->hb_allowed = hb;
}

KTAP_TEST(orders_understood)
{
	static const char *const orders[] = {
		"cpt 1", "refuse 4294967295", "status 0x34 2", "status 0 2",
		"status closed|timeout 3", "open 2", "cookie", "dropchannel",
		"noreply", "truncate 0", "oversize 4294967295",
		"random 18446744073709551615", "reorder", "count 0", "hostile 0",
		"version2", "delay 10", "times=3 cpt 2",
		"match=guestlib. times=2 truncate 5", "times=2 match=x noreply",
		"dropsockets", "connreset 3", "connsilent 1",
		"length 4294967295", "match=x times=2 duplicate", "extrafield",
		"badtype", "nopayload", "nokind", "half", "halfreset", "eof",
	};
	struct faults faults;
	char err[128];
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		memset(&faults, 0, sizeof(faults));
		if (!CHECK(faults_parse(&faults, orders[i], err, sizeof(err))))
			printf("# %s: %s\n", orders[i], err);
		CHECK(faults.list[0].armed || faults.injected);
	}
}

KTAP_TEST(orders_refused)
{
	static const char *const orders[] = {
		"", " ", "nonsense", "clear now", "cpt", "cpt 0", "cpt x",
		"cpt -1", "cpt +1", "cpt 1 2", "cpt 4294967296", "status 1",
		"status bogus 1", "status closed| x", "status 65536 1",
		"open", "open 0", "times=2 open 2", "match=x open 1",
		"match=x cookie", "match=x cpt 1", "match=x dropchannel", "times=2 dropchannel",
		"match=x dropsockets", "times=2 dropsockets", "connreset",
		"match=x connreset 1", "times=2 connsilent 1", "length",
		"length 4294967296", "eof 1",
		"match= noreply", "times=0 cpt 1", "times=x cpt 1",
		"speed=3 cpt 1", "times=2", "noreply 1", "delay 600001",
		"oversize 4294967296", "random 18446744073709551616", "hostile",
		"cpt 99999999999999999999", "cpt 1 2 3 4 5 6 7 8 9 10",
	};
	static const struct faults untouched;
	struct faults faults = { 0 };
	char err[128], too_long[600];
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		err[0] = '\0';
		if (!CHECK(!faults_parse(&faults, orders[i], err, sizeof(err))))
			printf("# taken: %s\n", orders[i]);
		CHECK(err[0]);
	}
	memset(too_long, 'x', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = '\0';
	CHECK(!faults_parse(&faults, too_long, err, sizeof(err)));
	memcpy(too_long, "match=", 6);
	strcpy(too_long + 6 + FAULT_MATCH_MAX, " cpt 1");
	CHECK(!faults_parse(&faults, too_long, err, sizeof(err)));
	CHECK(!memcmp(&faults, &untouched, sizeof(faults)));
}

KTAP_TEST(too_many_orders)
{
	struct faults faults = { 0 };
	char err[128];
	int i;

	for (i = 0; i < FAULTS_ARMED_MAX; i++)
		CHECK(faults_parse(&faults, "noreply", err, sizeof(err)));
	CHECK(!faults_parse(&faults, "noreply", err, sizeof(err)));
	CHECK(faults_parse(&faults, "clear", err, sizeof(err)));
	CHECK(faults_parse(&faults, "noreply", err, sizeof(err)));
}

/*
 * A checkpoint at any step: the guest gets the right answer or a refusal, never a wrong
 * answer, and the host serves the request exactly once.  At SENDSIZE and RECVSIZE the guest
 * does not restart, because no message has begun.
 */
static void checkpoint_everywhere(bool hb, unsigned int steps)
{
	const unsigned int recvsize = hb ? 3 : 7;
	unsigned int step;
	struct guest guest;
	char order[32];
	bool answered;

	for (step = 1; step <= steps; step++) {
		start(&guest, hb);
		snprintf(order, sizeof(order), "cpt %u", step);
		backdoor_order_fault(order);
		answered = guest_ask(&guest, REQUEST);
		CHECK_EQ(answered, step != 1 && step != recvsize);
		CHECK_EQ(backdoor.counters->checkpoints, 1);
		CHECK_EQ(backdoor.faults->injected, 1);
		if (answered) {
			CHECK_EQ(guest.restarts, 1);
			CHECK_STR(backdoor.request, REQUEST);
			CHECK_STR(guest.reply, REPLY);
			CHECK_EQ(backdoor.requests, 1);
		}
		CHECK(guest_ask(&guest, REQUEST));
		CHECK_STR(guest.reply, REPLY);
		CHECK_EQ(guest.exits, steps);
		backdoor_stop();
	}
}

KTAP_TEST(checkpoint_at_each_step_lb)
{
	checkpoint_everywhere(false, LB_STEPS);
}

KTAP_TEST(checkpoint_at_each_step_hb)
{
	checkpoint_everywhere(true, HB_STEPS);
}

KTAP_TEST(checkpoint_repeats_at_the_same_step)
{
	struct guest guest;

	start(&guest, false);
	backdoor_order_fault("times=3 cpt 4");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_EQ(guest.restarts, 3);
	CHECK_EQ(guest.exits, LB_STEPS + 3 * 4);
	backdoor_order_fault("times=3 cpt 9");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_EQ(guest.restarts, 3);
	CHECK_EQ(guest.exits, LB_STEPS + 3 * 3);
	backdoor_order_fault("times=100 cpt 4");
	CHECK(!guest_ask(&guest, REQUEST));
	backdoor_order_fault("clear");
	CHECK(guest_ask(&guest, REQUEST));
	backdoor_stop();
}

KTAP_TEST(checkpoint_beyond_the_end_stays_armed)
{
	struct guest guest;

	start(&guest, false);
	backdoor_order_fault("cpt 14");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_EQ(backdoor.faults->injected, 0);
	CHECK(guest_ask(&guest, REQUEST " "));
	CHECK_EQ(backdoor.faults->injected, 0);
	CHECK(guest_ask(&guest, REQUEST "  "));
	CHECK_EQ(guest.restarts, 1);
	CHECK_EQ(backdoor.faults->injected, 1);
	backdoor_stop();
}

/* A refused step has no effect. The guest can repeat the step, and the exchange goes on. */
static void refusal_everywhere(bool hb, unsigned int steps)
{
	unsigned int step;
	struct guest guest;
	char order[32];

	for (step = 1; step <= steps; step++) {
		start(&guest, hb);
		snprintf(order, sizeof(order), "refuse %u", step);
		backdoor_order_fault(order);
		CHECK(!guest_ask(&guest, REQUEST));
		CHECK_EQ(guest.exits, step);
		CHECK_EQ(backdoor.counters->refused, 1);
		CHECK(guest_close(&guest));
		CHECK_EQ(backdoor.counters->channels, 0);
		CHECK(guest_open(&guest, RPCI_COOKIE));
		CHECK(guest_ask(&guest, REQUEST));
		CHECK_STR(guest.reply, REPLY);
		backdoor_stop();
	}
}

KTAP_TEST(refusal_at_each_step)
{
	refusal_everywhere(false, LB_STEPS);
	refusal_everywhere(true, HB_STEPS);
}

KTAP_TEST(refused_step_done_again)
{
	struct guest guest;
	char buffer[32] = "";

	start(&guest, true);
	backdoor_order_fault("refuse 2");
	backdoor_order_fault("refuse 4");
	backdoor_order_fault("refuse 5");
	guest_step(&guest, MESSAGE_SENDSIZE, 4);
	CHECK_EQ(guest_hb_out(&guest, "abcd", 4), 0);
	CHECK_EQ(guest_hb_out(&guest, "abcd", 4), SUCCESS);
	CHECK_STR(backdoor.request, "abcd");
	guest_step(&guest, MESSAGE_RECVSIZE, 0);
	CHECK_EQ(guest_hb_in(&guest, buffer, sizeof(REPLY) - 1), 0);
	CHECK_EQ(guest_hb_in(&guest, buffer, sizeof(REPLY) - 1), SUCCESS);
	CHECK_STR(buffer, REPLY);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 1), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 1), SUCCESS);
	backdoor_stop();
}

KTAP_TEST(status_bits)
{
	struct guest guest;

	start(&guest, false);
	backdoor_order_fault("status timeout|unsent 1");
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 4), 0x48);
	CHECK_EQ(backdoor.counters->channels, 1);
	backdoor_order_fault("status 0x21 1");
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 4), 0x21);
	backdoor_order_fault("status cpt 2");
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, 0), STATUS_CPT);
	backdoor_order_fault("status poweroff 1");
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 4), STATUS_POWEROFF);
	CHECK_EQ(backdoor.counters->channels, 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 4), 0);
	backdoor_stop();
}

KTAP_TEST(faults_of_open)
{
	struct guest guest;

	backdoor_start(NULL);
	backdoor_order_fault("open 2");
	CHECK(!guest_open(&guest, RPCI_COOKIE));
	CHECK(!guest_open(&guest, MESSAGE_RPCI));
	CHECK(guest_open(&guest, RPCI_COOKIE));
	backdoor_order_fault("cookie");
	CHECK(guest_open(&guest, MESSAGE_RPCI));
	CHECK(!guest_open(&guest, RPCI_COOKIE));
	CHECK(guest_open(&guest, RPCI_COOKIE));
	backdoor_stop();
}

KTAP_TEST(dropped_channels)
{
	struct guest guest;

	start(&guest, false);
	backdoor_order_fault("dropchannel");
	CHECK(!guest_ask(&guest, REQUEST));
	CHECK_EQ(backdoor.counters->channels, 0);
	backdoor_stop();
}

KTAP_TEST(no_reply_waiting)
{
	struct guest guest;

	start(&guest, false);
	backdoor_order_fault("noreply");
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 0), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSIZE, 0), SUCCESS);
	CHECK(guest_ask(&guest, REQUEST));
	backdoor_stop();
}

KTAP_TEST(truncated_and_oversized_replies)
{
	struct guest guest;
	uint32_t len = 0;

	start(&guest, false);
	backdoor_order_fault("truncate 5");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_STR(guest.reply, "1 a r");
	backdoor_order_fault("truncate 0");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_EQ(guest.reply_len, 0);
	backdoor_order_fault("truncate 1000");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_STR(guest.reply, REPLY);

	backdoor_order_fault("oversize 30");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_EQ(guest.reply_len, 30);
	CHECK(!memcmp(guest.reply, REPLY "\0\0\0\0\0\0\0\0\0\0\0\0\0", 30));
	backdoor_order_fault("oversize 4294967295");
	guest_step(&guest, MESSAGE_SENDSIZE, 0);
	guest_call(&guest, MESSAGE_RECVSIZE, &len, NULL);
	CHECK_EQ(len, UINT32_MAX);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 0), SUCCESS);
	backdoor_stop();
}

KTAP_TEST(random_replies_repeat_with_the_seed)
{
	char first[32], again[32];
	struct guest guest;

	start(&guest, false);
	backdoor_order_fault("random 7");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_EQ(guest.reply_len, sizeof(REPLY) - 1);
	memcpy(first, guest.reply, sizeof(REPLY));
	backdoor_order_fault("random 7");
	CHECK(guest_ask(&guest, REQUEST));
	memcpy(again, guest.reply, sizeof(REPLY));
	backdoor_order_fault("random 8");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK(!memcmp(first, "1 ", 2));
	CHECK(memcmp(first, REPLY, sizeof(REPLY)));
	CHECK(!memcmp(first, again, sizeof(REPLY)));
	CHECK(memcmp(first, guest.reply, sizeof(REPLY)));

	backdoor_answer("1");
	backdoor_order_fault("random 7");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_STR(guest.reply, "1");
	backdoor_stop();
}

KTAP_TEST(delayed_reply)
{
	struct guest guest;

	start(&guest, false);
	backdoor_order_fault("times=2 delay 250");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_EQ(backdoor.stunned_ms, 250);
	CHECK(guest_ask(&guest, REQUEST));
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_EQ(backdoor.stunned_ms, 500);
	backdoor_stop();
}

KTAP_TEST(steering_is_never_hit)
{
	struct guest guest;

	start(&guest, false);
	backdoor_order_fault("cpt 2");
	backdoor_order_fault("truncate 1");
	CHECK(guest_ask(&guest, "vmxsim.counters"));
	CHECK_EQ(guest.restarts, 0);
	CHECK_STR(guest.reply, REPLY);
	CHECK(guest_ask(&guest, "vmxsim"));
	CHECK_EQ(guest.restarts, 1);
	CHECK_STR(guest.reply, "1");
	backdoor_stop();
}

KTAP_TEST(match_chooses_the_request)
{
	struct guest guest;

	start(&guest, false);
	backdoor_order_fault("match=guestlib.info truncate 2");
	backdoor_order_fault("match=guestlib.info refuse 3");
	CHECK(guest_ask(&guest, "log x"));
	CHECK(guest_ask(&guest, "guestlib"));
	CHECK(guest_ask(&guest, "info-get guestinfo.something"));
	CHECK_EQ(backdoor.faults->injected, 0);
	CHECK(!guest_ask(&guest, "guestlib.info.get 3"));
	CHECK_EQ(backdoor.faults->injected, 1);
	CHECK(guest_close(&guest));
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK(guest_ask(&guest, "guestlib.info.get 3"));
	CHECK_STR(guest.reply, "1 ");
	backdoor_stop();
}

KTAP_TEST(model_faults_are_the_models)
{
	static const uint8_t request[] = "guestlib.info.get 3";
	struct guest guest;
	uint64_t arg = 0;

	start(&guest, false);
	backdoor_order_fault("match=guestlib.info count 77");
	backdoor_order_fault("reorder");
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_EQ(backdoor.faults->injected, 0);
	faults_serving(backdoor.faults, (const uint8_t *)"log", 3);
	CHECK(!faults_take(backdoor.faults, FAULT_COUNT, &arg));
	faults_serving(backdoor.faults, request, sizeof(request) - 1);
	CHECK(!faults_take(backdoor.faults, FAULT_VERSION2, NULL));
	CHECK(faults_take(backdoor.faults, FAULT_COUNT, &arg));
	CHECK_EQ(arg, 77);
	CHECK(!faults_take(backdoor.faults, FAULT_COUNT, &arg));
	CHECK(faults_take(backdoor.faults, FAULT_REORDER, NULL));
	backdoor_stop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(orders_understood),
	KTAP_ENTRY(orders_refused),
	KTAP_ENTRY(too_many_orders),
	KTAP_ENTRY(checkpoint_at_each_step_lb),
	KTAP_ENTRY(checkpoint_at_each_step_hb),
	KTAP_ENTRY(checkpoint_repeats_at_the_same_step),
	KTAP_ENTRY(checkpoint_beyond_the_end_stays_armed),
	KTAP_ENTRY(refusal_at_each_step),
	KTAP_ENTRY(refused_step_done_again),
	KTAP_ENTRY(status_bits),
	KTAP_ENTRY(faults_of_open),
	KTAP_ENTRY(dropped_channels),
	KTAP_ENTRY(no_reply_waiting),
	KTAP_ENTRY(truncated_and_oversized_replies),
	KTAP_ENTRY(random_replies_repeat_with_the_seed),
	KTAP_ENTRY(delayed_reply),
	KTAP_ENTRY(steering_is_never_hit),
	KTAP_ENTRY(match_chooses_the_request),
	KTAP_ENTRY(model_faults_are_the_models),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
