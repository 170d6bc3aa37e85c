// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * High-bandwidth transfers, see wire-protocol chapter 2.6.
 *
 * Links: tests/unit/backdoor_fixture.c
 * Links: tools/vmxsim/backdoor
 */
#include "backdoor_fixture.h"
#include "ktap.h"

#define RPCI_COOKIE	(MESSAGE_RPCI | MESSAGE_COOKIE_FLAG)
#define SUCCESS		STATUS_SUCCESS

KTAP_TEST(hb_both_ways)
{
	struct guest guest;

	backdoor_start(NULL);
	backdoor_answer("1 a reply of some length");
	CHECK(guest_open(&guest, RPCI_COOKIE));
	guest.hb_allowed = true;
	CHECK(guest_ask(&guest, "a request of some length"));
	CHECK_STR(backdoor.request, "a request of some length");
	CHECK_EQ(backdoor.transport, TRANSPORT_HB);
	CHECK_STR(guest.reply, "1 a reply of some length");
	CHECK_EQ(guest.exits, 5);
	CHECK_EQ(backdoor.counters->guest.of[EXIT_HB_OUT], 1);
	CHECK_EQ(backdoor.counters->guest.of[EXIT_HB_IN], 1);
	backdoor_stop();
}

/* A guest may use low bandwidth although the host offers high bandwidth. */
KTAP_TEST(hb_is_only_an_offer)
{
	struct guest guest;

	backdoor_start(NULL);
	backdoor_answer("1 reply");
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK(guest_ask(&guest, "request"));
	CHECK_STR(guest.reply, "1 reply");
	CHECK_EQ(backdoor.transport, TRANSPORT_LB);
	backdoor_stop();
}

KTAP_TEST(hb_is_offered_per_message)
{
	struct guest guest;
	const uint32_t offer = SUCCESS | STATUS_HB;

	backdoor_start(NULL);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 1), offer);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, 'q'), SUCCESS);
	backdoor_set("vmxsim.transport.hb.in", "FALSE");
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSIZE, 0),
		 SUCCESS | STATUS_DORECV);
	guest_step(&guest, MESSAGE_RECVSTATUS, 0);

	backdoor_set("vmxsim.transport.hb.in", "TRUE");
	backdoor_set("vmxsim.transport.hb.minSize", "3");
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 2), SUCCESS);
	CHECK_EQ(guest_hb_out(&guest, "qq", 2), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, 0x7171), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 3), offer);
	CHECK_EQ(guest_hb_out(&guest, "qqq", 3), SUCCESS);

	backdoor_set("vmxsim.transport.hb.out", "FALSE");
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 3), SUCCESS);
	backdoor_stop();
}

KTAP_TEST(hb_refusals_swallow_the_bytes)
{
	struct guest guest, wrong;
	char buffer[16];

	backdoor_start(NULL);
	backdoor_answer("1 reply");
	CHECK(guest_open(&guest, RPCI_COOKIE));
	guest_step(&guest, MESSAGE_SENDSIZE, 4);
	wrong = guest;
	wrong.cookie_low++;
	CHECK_EQ(guest_hb_out(&wrong, "1234", 4), 0);
	CHECK_EQ(guest_hb_out(&guest, "123", 3), 0);
	CHECK_EQ(guest_hb_out(&guest, "12345", 5), 0);
	CHECK_EQ(guest_hb_in(&guest, buffer, 4), 0);
	CHECK_EQ(backdoor.requests, 0);
	CHECK_EQ(guest_hb_out(&guest, "abcd", 4), SUCCESS);
	CHECK_STR(backdoor.request, "abcd");

	guest_step(&guest, MESSAGE_RECVSIZE, 0);
	wrong = guest;
	wrong.cookie_high++;
	CHECK_EQ(guest_hb_in(&wrong, buffer, 7), 0);
	CHECK_EQ(guest_hb_in(&guest, buffer, 8), 0);
	CHECK_EQ(guest_hb_in(&guest, buffer, 7), SUCCESS);
	CHECK(!memcmp(buffer, "1 reply", 7));
	CHECK_EQ(guest_hb_in(&guest, buffer, 7), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 1), SUCCESS);
	backdoor_stop();
}

KTAP_TEST(bandwidths_do_not_mix_in_a_message)
{
	struct guest guest;
	struct guest_regs regs;

	backdoor_start(NULL);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	guest_step(&guest, MESSAGE_SENDSIZE, 8);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, 0x61616161), SUCCESS);
	CHECK_EQ(guest_hb_out(&guest, "bbbb", 4), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, 0x63636363), SUCCESS);
	CHECK_STR(backdoor.request, "aaaacccc");
	guest_close(&guest);

	CHECK(guest_open(&guest, RPCI_COOKIE));
	guest_step(&guest, MESSAGE_SENDSIZE, 8);
	regs = (struct guest_regs) {
		.ebx = 0x10000, .ecx = 8, .edx = guest.id << 16 | 0x5659,
		.edi = guest.cookie_low, .ebp = guest.cookie_high,
	};
	channels_hb_out(backdoor.channels, &regs, 'a');
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, 0x61616161), 0);
	backdoor_stop();
}

/* Two processes, each interrupted in the middle of its transfer. */
KTAP_TEST(hb_transfers_interleave)
{
	static const char *const texts[] = { "first message", "other message" };
	struct guest guests[2];
	struct guest_regs regs[2];
	int i, byte;

	backdoor_start(NULL);
	for (i = 0; i < 2; i++) {
		CHECK(guest_open(&guests[i], RPCI_COOKIE));
		guest_step(&guests[i], MESSAGE_SENDSIZE, 13);
		regs[i] = (struct guest_regs) {
			.ebx = 0x10000, .ecx = 13,
			.edx = guests[i].id << 16 | 0x5659,
			.edi = guests[i].cookie_low,
			.ebp = guests[i].cookie_high,
		};
	}
	for (byte = 0; byte < 13; byte++) {
		for (i = 0; i < 2; i++) {
			channels_hb_out(backdoor.channels, &regs[i],
					(uint8_t)texts[i][byte]);
			regs[i].ecx--;
		}
	}
	CHECK_EQ(regs[0].ebx, 0x10000);
	CHECK_EQ(backdoor.requests, 2);
	CHECK_STR(backdoor.request, texts[1]);
	backdoor_stop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(hb_both_ways),
	KTAP_ENTRY(hb_is_only_an_offer),
	KTAP_ENTRY(hb_is_offered_per_message),
	KTAP_ENTRY(hb_refusals_swallow_the_bytes),
	KTAP_ENTRY(bandwidths_do_not_mix_in_a_message),
	KTAP_ENTRY(hb_transfers_interleave),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
