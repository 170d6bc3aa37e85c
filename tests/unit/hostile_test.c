// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * A hostile host (the fault hostile). The host makes every kind of damage, and the same damage
 * with the same seed. It does not damage steering requests.
 *
 * Links: tests/unit/backdoor_fixture.c
 * Links: tools/vmxsim/backdoor
 */
#include <linux/vmguestlib.h>
#include <stdlib.h>

#include "backdoor_fixture.h"
#include "host/fault.h"
#include "host/hostile.h"
#include "host/serve.h"
#include "ktap.h"

#define REQUEST		"guestlib.info.get 3"
#define REPLY		"1 a reply of some length that has bits to be turned over"
#define REPLY_LEN	(sizeof(REPLY) - 1)
#define ROUNDS		2000

static struct faults order(const char *text)
{
	struct faults faults = { 0 };
	char err[128];

	CHECK(faults_parse(&faults, text, err, sizeof(err)));
	faults_serving(&faults, (const uint8_t *)REQUEST, sizeof(REQUEST) - 1);
	return faults;
}

static struct served reply_of(struct faults *faults)
{
	struct served served = { .waiting = true, .announced = REPLY_LEN };

	served.reply.data = malloc(REPLY_LEN);
	served.reply.len = REPLY_LEN;
	memcpy(served.reply.data, REPLY, REPLY_LEN);
	hostile_reply(faults, &served);
	return served;
}

static bool is_untouched(const struct served *served)
{
	return served->waiting && served->announced == REPLY_LEN &&
	       served->reply.len == REPLY_LEN &&
	       !memcmp(served->reply.data, REPLY, REPLY_LEN);
}

static bool is_same(const struct served *a, const struct served *b)
{
	return a->waiting == b->waiting && a->announced == b->announced &&
	       a->reply.len == b->reply.len &&
	       !memcmp(a->reply.data, b->reply.data, a->reply.len);
}

KTAP_TEST(every_kind_of_damage)
{
	struct faults faults = order("times=4000000000 hostile 1");
	unsigned int spared = 0, silent = 0, misannounced = 0, enormous = 0;
	unsigned int shorter = 0, longer = 0, bad_prefix = 0, bad_rest = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		struct served served = reply_of(&faults);
		const uint8_t *data = served.reply.data;
		size_t len = served.reply.len;

		spared += is_untouched(&served);
		silent += !served.waiting;
		misannounced += served.announced != len;
		enormous += served.announced == UINT32_MAX;
		shorter += len < REPLY_LEN;
		longer += len > VMGUESTLIB_REPLY_MAX;
		bad_prefix += len >= 2 && memcmp(data, "1 ", 2) &&
			      memcmp(data, "0 ", 2);
		bad_rest += len == REPLY_LEN && !memcmp(data, "1 ", 2) &&
			    memcmp(data, REPLY, REPLY_LEN);
		free(served.reply.data);
	}
	CHECK_EQ(faults.injected, ROUNDS);
	CHECK(spared > 0 && spared < ROUNDS / 2);
	CHECK(silent > 0 && silent < ROUNDS / 8);
	CHECK(misannounced > 0 && misannounced < ROUNDS / 2);
	CHECK(enormous > 0);
	CHECK(shorter > 0);
	CHECK(longer > 0);
	CHECK(bad_prefix > 0);
	CHECK(bad_rest > 0);
}

KTAP_TEST(the_seed_decides)
{
	struct faults first = order("times=1000 hostile 7");
	struct faults again = order("times=1000 hostile 7");
	struct faults other = order("times=1000 hostile 8000");
	int i, differ = 0;

	for (i = 0; i < 100; i++) {
		struct served a = reply_of(&first), b = reply_of(&again);
		struct served c = reply_of(&other);

		CHECK(is_same(&a, &b));
		differ += !is_same(&a, &c);
		free(a.reply.data);
		free(b.reply.data);
		free(c.reply.data);
	}
	CHECK(differ > 50);
}

KTAP_TEST(no_damage_without_an_order)
{
	struct faults faults = order("clear");
	uint8_t packet[] = "a packet";
	size_t len = sizeof(packet);
	struct served served;
	int i;

	for (i = 0; i < 100; i++) {
		served = reply_of(&faults);
		CHECK(is_untouched(&served));
		free(served.reply.data);
		hostile_packet(&faults, packet, &len);
		CHECK_EQ(len, sizeof(packet));
		CHECK_STR((char *)packet, "a packet");
	}
}

KTAP_TEST(steering_is_spared)
{
	static const uint8_t request[] = "vmxsim.fault clear";
	struct faults faults = order("times=4000000000 hostile 1");
	struct served served;
	int i;

	faults_serving(&faults, request, sizeof(request) - 1);
	for (i = 0; i < 100; i++) {
		served = reply_of(&faults);
		CHECK(is_untouched(&served));
		free(served.reply.data);
	}
	CHECK_EQ(faults.injected, 0);
}

KTAP_TEST(packets_change_and_end_early)
{
	static const uint8_t zeros[64];
	struct faults faults = order("times=4000000000 hostile 1");
	unsigned int spared = 0, shorter = 0, changed = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		uint8_t packet[64] = { 0 };
		size_t len = sizeof(packet);

		hostile_packet(&faults, packet, &len);
		CHECK(len <= sizeof(packet));
		shorter += len < sizeof(packet);
		changed += memcmp(packet, zeros, sizeof(packet)) != 0;
		spared += len == sizeof(packet) &&
			  !memcmp(packet, zeros, sizeof(packet));
	}
	CHECK(spared > 0);
	CHECK(shorter > 0 && shorter < ROUNDS / 2);
	CHECK(changed > 0 && changed < ROUNDS);
}

/* The host must not read beyond the end of an empty packet. */
KTAP_TEST(an_empty_packet)
{
	struct faults faults = order("times=4000000000 hostile 1");
	uint8_t *packet = malloc(1);
	size_t len = 0;
	int i;

	for (i = 0; i < 100; i++) {
		hostile_packet(&faults, packet, &len);
		CHECK_EQ(len, 0);
	}
	free(packet);
}

KTAP_TEST(some_steps_are_hit)
{
	struct faults faults = order("times=4000000000 hostile 1");
	const struct fault_target target = {
		(const uint8_t *)REQUEST, sizeof(REQUEST) - 1, sizeof(REQUEST) - 1
	};
	unsigned int met = 0, i;

	for (i = 0; i < ROUNDS; i++) {
		CHECK(!faults_take_step(&faults, 1, &target));
		met += faults_take_step(&faults, 2 + i % 5, &target) != NULL;
	}
	CHECK(met > ROUNDS / 128 && met < ROUNDS / 32);
}

/* After the fault has ended, there is no damage, even in a channel that was damaged before. */
KTAP_TEST(no_damage_after_the_fault)
{
	static const char *const lb_only[] = { "vmxsim.transport.hb=FALSE", NULL };
	unsigned int answered = 0, i;
	struct guest guest;

	backdoor_start(lb_only);
	backdoor_answer(REPLY);
	backdoor_order_fault("times=4000000000 hostile 3");
	for (i = 0; i < 200; i++) {
		if (!guest_open(&guest, MESSAGE_RPCI))
			continue;
		answered += guest_ask(&guest, REQUEST) &&
			    !strcmp(guest.reply, REPLY);
		guest_close(&guest);
	}
	CHECK(answered > 0 && answered < 200);
	backdoor_order_fault("clear");
	CHECK(guest_open(&guest, MESSAGE_RPCI));
	CHECK(guest_ask(&guest, REQUEST));
	CHECK_STR(guest.reply, REPLY);
	backdoor_stop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(every_kind_of_damage),
	KTAP_ENTRY(the_seed_decides),
	KTAP_ENTRY(no_damage_without_an_order),
	KTAP_ENTRY(steering_is_spared),
	KTAP_ENTRY(packets_change_and_end_early),
	KTAP_ENTRY(an_empty_packet),
	KTAP_ENTRY(some_steps_are_hit),
	KTAP_ENTRY(no_damage_after_the_fault),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
