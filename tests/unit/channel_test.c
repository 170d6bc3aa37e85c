// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * Compares the message channels of the backdoor with wire-protocol chapter 2. The tests
 * of high bandwidth are in hb_test.c.
 *
 * Links: tests/unit/backdoor_fixture.c
 * Links: tools/vmxsim/backdoor
 */
#include "backdoor_fixture.h"
#include "ktap.h"

#define RPCI		MESSAGE_RPCI
#define RPCI_COOKIE	(MESSAGE_RPCI | MESSAGE_COOKIE_FLAG)
#define SUCCESS		STATUS_SUCCESS

static const char *const lb_only[] = { "vmxsim.transport.hb=FALSE", NULL };

KTAP_TEST(open_gives_id_and_cookies)
{
	struct guest with, without;

	backdoor_start(NULL);
	CHECK(guest_open(&with, RPCI_COOKIE));
	CHECK(guest_open(&without, RPCI));
	CHECK(with.id < 128);
	CHECK(without.id != with.id);
	CHECK(with.cookie_high && with.cookie_low);
	CHECK_EQ(without.cookie_high, 0);
	CHECK_EQ(without.cookie_low, 0);
	CHECK_EQ(backdoor.counters->channels, 2);
	CHECK(guest_close(&with));
	CHECK(!guest_close(&with));
	CHECK_EQ(backdoor.counters->channels, 1);
	backdoor_stop();
}

KTAP_TEST(open_refusals)
{
	struct guest guest;

	backdoor_start(NULL);
	CHECK(!guest_open(&guest, 0));
	CHECK(!guest_open(&guest, 0x41414141));
	backdoor_set("vmxsim.transport.cookies", "FALSE");
	CHECK(!guest_open(&guest, RPCI_COOKIE));
	CHECK(guest_open(&guest, RPCI));
	backdoor_set("vmxsim.transport.lb", "FALSE");
	CHECK(!guest_open(&guest, RPCI));
	CHECK_EQ(backdoor.counters->channels, 1);
	backdoor_stop();
}

KTAP_TEST(cookies_repeat_with_the_seed)
{
	static const char *const other_seed[] = { "vmxsim.seed=2", NULL };
	struct guest first, again, other;

	backdoor_start(NULL);
	CHECK(guest_open(&first, RPCI_COOKIE));
	backdoor_stop();
	backdoor_start(NULL);
	CHECK(guest_open(&again, RPCI_COOKIE));
	backdoor_stop();
	backdoor_start(other_seed);
	CHECK(guest_open(&other, RPCI_COOKIE));
	backdoor_stop();
	CHECK_EQ(first.cookie_high, again.cookie_high);
	CHECK_EQ(first.cookie_low, again.cookie_low);
	CHECK_EQ(first.id, again.id);
	CHECK(first.cookie_low != other.cookie_low);
}

/* The exchange of chapter 2.2, word by word. */
KTAP_TEST(measured_exchange)
{
	static const char request[] = "guestlib.stat.get json session";
	static const uint32_t words_out[] = {
		0x73657567, 0x62696c74, 0x6174732e, 0x65672e74, 0x736a2074,
		0x73206e6f, 0x69737365, 0x00006e6f
	};
	static const uint32_t words_in[] = {
		0x6b6f2031, 0x7461642d, 0x00000061
	};
	struct guest guest;
	uint32_t ebx, edx_high;
	size_t i;

	backdoor_start(lb_only);
	backdoor_answer("1 ok-data");
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, sizeof(request) - 1),
		 SUCCESS);
	for (i = 0; i < 8; i++)
		CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, words_out[i]),
			 SUCCESS);
	CHECK_STR(backdoor.request, request);
	CHECK_EQ(backdoor.transport, TRANSPORT_LB);

	ebx = GUEST_GARBAGE;
	CHECK_EQ(guest_call(&guest, MESSAGE_RECVSIZE, &ebx, &edx_high),
		 SUCCESS | STATUS_DORECV);
	CHECK_EQ(ebx, 9);
	CHECK_EQ(edx_high, 1);
	for (i = 0; i < 3; i++) {
		ebx = 1;
		CHECK_EQ(guest_call(&guest, MESSAGE_RECVPAYLOAD, &ebx,
				    &edx_high), SUCCESS);
		CHECK_EQ(ebx, words_in[i]);
		CHECK_EQ(edx_high, 2);
	}
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 1), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_CLOSE, GUEST_GARBAGE), SUCCESS);
	CHECK_EQ(guest.exits, 16);
	CHECK_EQ(backdoor.requests, 1);
	backdoor_stop();
}

KTAP_TEST(lengths_around_a_word)
{
	static const char *const texts[] = {
		"1", "12", "123", "1234", "12345", "1234567", "12345678"
	};
	struct guest guest;
	size_t i;

	backdoor_start(lb_only);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		backdoor_answer(texts[i]);
		CHECK(guest_ask(&guest, texts[i]));
		CHECK_STR(backdoor.request, texts[i]);
		CHECK_STR(guest.reply, texts[i]);
		CHECK_EQ(guest.exits, 3 + 2 * ((strlen(texts[i]) + 3) / 4));
	}
	backdoor_stop();
}

KTAP_TEST(empty_messages)
{
	struct guest guest;

	backdoor_start(NULL);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	backdoor_answer("");
	CHECK(guest_ask(&guest, ""));
	CHECK_EQ(backdoor.requests, 1);
	CHECK_EQ(backdoor.request_len, 0);
	CHECK_EQ(guest.reply_len, 0);
	CHECK_EQ(guest.exits, 3);
	backdoor_stop();
}

KTAP_TEST(longest_request)
{
	static char request[MESSAGE_REQUEST_MAX];
	struct guest guest;

	backdoor_start(NULL);
	memset(request, 'q', sizeof(request));
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, sizeof(request) + 1), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, UINT32_MAX), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, sizeof(request)),
		 SUCCESS | STATUS_HB);
	CHECK_EQ(guest_hb_out(&guest, request, sizeof(request)), SUCCESS);
	CHECK_EQ(backdoor.request_len, sizeof(request));
	backdoor_stop();
}

static void check_wrong_names(uint32_t refusal)
{
	struct guest guest, wrong;

	CHECK(guest_open(&guest, RPCI_COOKIE));
	wrong = guest;
	wrong.id = (guest.id + 1) % 128;
	CHECK_EQ(guest_step(&wrong, MESSAGE_SENDSIZE, 4), refusal);
	wrong.id = 0xffff;
	CHECK_EQ(guest_step(&wrong, MESSAGE_CLOSE, 0), refusal);
	wrong = guest;
	wrong.cookie_low ^= 1;
	CHECK_EQ(guest_step(&wrong, MESSAGE_SENDSIZE, 4), refusal);
	wrong = guest;
	wrong.cookie_high = guest.cookie_low;
	wrong.cookie_low = guest.cookie_high;
	CHECK_EQ(guest_step(&wrong, MESSAGE_CLOSE, 0), refusal);
	CHECK(guest_ask(&guest, "echo"));
}

KTAP_TEST(wrong_id_or_cookie)
{
	backdoor_start(NULL);
	check_wrong_names(0);
	backdoor_set("vmxsim.quirk.badChannel", "closed");
	check_wrong_names(STATUS_CLOSED);
	backdoor_stop();
}

KTAP_TEST(wrong_state)
{
	struct guest guest;

	backdoor_start(lb_only);
	backdoor_answer("1 abc");
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, 0), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVPAYLOAD, 1), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 1), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 4), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 4), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSIZE, 0), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, 0x61616161), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDPAYLOAD, 0), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSIZE, 0),
		 SUCCESS | STATUS_DORECV);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSIZE, 0), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 1), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVPAYLOAD, 1), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVPAYLOAD, 1), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVPAYLOAD, 1), 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 1), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 1), 0);
	CHECK_EQ(guest_step(&guest, (enum message_type)7, 0), 0);
	CHECK_EQ(backdoor.counters->guest.of[EXIT_MESSAGE_UNKNOWN], 1);
	CHECK_EQ(backdoor.requests, 1);
	backdoor_stop();
}

KTAP_TEST(no_reply_without_a_request)
{
	struct guest guest;

	backdoor_start(NULL);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSIZE, 0), SUCCESS);
	backdoor_stop();
}

KTAP_TEST(unfetched_reply_is_replaced)
{
	struct guest guest;

	backdoor_start(lb_only);
	backdoor_answer("1 old");
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 0), SUCCESS);
	backdoor_answer("1 new");
	CHECK(guest_ask(&guest, "again"));
	CHECK_STR(guest.reply, "1 new");
	backdoor_stop();
}

KTAP_TEST(guest_error_drops_the_reply)
{
	struct guest guest;

	backdoor_start(lb_only);
	backdoor_answer("1 abcdefgh");
	CHECK(guest_open(&guest, RPCI_COOKIE));

	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 0), SUCCESS);
	guest_step(&guest, MESSAGE_RECVSIZE, 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVPAYLOAD, 1), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVPAYLOAD, 0), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSIZE, 0), SUCCESS);

	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 0), SUCCESS);
	guest_step(&guest, MESSAGE_RECVSIZE, 0);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSTATUS, 0), SUCCESS);
	CHECK_EQ(guest_step(&guest, MESSAGE_RECVSIZE, 0), SUCCESS);

	CHECK(guest_ask(&guest, "once more"));
	CHECK_STR(guest.reply, "1 abcdefgh");
	backdoor_stop();
}

/* Sends the answer to the last request. Returns whether the host has another request. */
static bool poll_tclo(struct guest *guest, const char *answer)
{
	guest->reply[0] = '\0';
	return guest_ask(guest, answer);
}

static char tclo_answer_got[64];

static void take_answer(void *opaque, const char *answer, size_t len)
{
	(void)opaque;
	snprintf(tclo_answer_got, sizeof(tclo_answer_got), "%.*s",
		 answer ? (int)len : 4, answer ? answer : "none");
}

KTAP_TEST(tclo)
{
	struct tclo *tclo;
	struct guest guest;

	backdoor_start(lb_only);
	tclo = host_tclo(backdoor.host);
	CHECK(tclo_send(tclo, NULL, "ping", NULL, NULL));
	CHECK(guest_open(&guest, MESSAGE_TCLO | MESSAGE_COOKIE_FLAG));
	CHECK(poll_tclo(&guest, ""));
	CHECK_STR(guest.reply, "reset");
	/* A program that has not sent its name gets no other request. */
	CHECK(tclo_send(tclo, NULL, "ping", NULL, NULL));
	CHECK(poll_tclo(&guest, "OK ATR toolbox"));
	CHECK_STR(guest.reply, "Set_Option synctime 0");
	CHECK(poll_tclo(&guest, "OK "));
	CHECK_STR(guest.reply, "Capabilities_Register");
	CHECK(!poll_tclo(&guest, "OK "));
	CHECK(!poll_tclo(&guest, ""));
	CHECK(!tclo_send(tclo, "toolbox", "ping", take_answer, NULL));
	CHECK(!tclo_send(tclo, NULL, "nonsense", take_answer, NULL));
	CHECK(tclo_send(tclo, "tools", "ping", NULL, NULL));
	CHECK(poll_tclo(&guest, "not asked for"));
	CHECK_STR(guest.reply, "ping");
	CHECK_STR(tclo_answer_got, "");
	CHECK(poll_tclo(&guest, "OK pong"));
	CHECK_STR(guest.reply, "nonsense");
	CHECK_STR(tclo_answer_got, "OK pong");
	CHECK_EQ(backdoor.requests, 0);
	/* When the channel is closed, the request in flight ends without an answer. */
	CHECK(guest_close(&guest));
	CHECK_STR(tclo_answer_got, "none");
	CHECK(tclo_send(tclo, NULL, "ping", NULL, NULL));
	backdoor_stop();
}

KTAP_TEST(tclo_programs_run_out)
{
	struct guest guests[TCLO_APPS_MAX + 1];
	int i;

	backdoor_start(lb_only);
	for (i = 0; i < TCLO_APPS_MAX; i++)
		CHECK(guest_open(&guests[i], MESSAGE_TCLO));
	CHECK(!guest_open(&guests[i], MESSAGE_TCLO));
	CHECK(guest_open(&guests[i], MESSAGE_RPCI));
	CHECK(guest_close(&guests[0]));
	CHECK(guest_open(&guests[0], MESSAGE_TCLO));
	/* The number of waiting requests is limited. */
	CHECK(poll_tclo(&guests[0], ""));
	CHECK(poll_tclo(&guests[0], "OK ATR one"));
	for (i = 0; i < TCLO_QUEUE_MAX - 2; i++)
		CHECK(!tclo_send(host_tclo(backdoor.host), "one", "ping", NULL, NULL));
	CHECK(tclo_send(host_tclo(backdoor.host), "one", "ping", NULL, NULL));
	backdoor_stop();
}

KTAP_TEST(channels_run_out)
{
	static const char *const three[] = { "vmxsim.channels=3", NULL };
	struct guest guests[129], one_more;
	bool seen[128] = { false };
	int i;

	backdoor_start(NULL);
	for (i = 0; i < 128; i++) {
		CHECK(guest_open(&guests[i], RPCI_COOKIE));
		CHECK(!seen[guests[i].id]);
		seen[guests[i].id] = true;
	}
	CHECK(!guest_open(&guests[128], RPCI_COOKIE));
	CHECK(guest_close(&guests[77]));
	CHECK(guest_open(&guests[128], RPCI_COOKIE));
	CHECK_EQ(guests[128].id, guests[77].id);
	backdoor_stop();

	backdoor_start(three);
	for (i = 0; i < 3; i++)
		CHECK(guest_open(&guests[i], RPCI_COOKIE));
	CHECK(!guest_open(&one_more, RPCI_COOKIE));
	backdoor_stop();
}

KTAP_TEST(idle_channels_time_out)
{
	static const char *const settings[] = {
		"vmxsim.channels.idle=10", "vmxsim.channels=1", NULL
	};
	struct guest guest, other;

	backdoor_start(settings);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	backdoor.now_ns = 9000000000ull;
	CHECK(guest_ask(&guest, "in time"));
	backdoor.now_ns += 9000000000ull;
	CHECK(guest_ask(&guest, "in time again"));
	CHECK(!guest_open(&other, RPCI_COOKIE));
	backdoor.now_ns += 10000000001ull;
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 4),
		 STATUS_TIMEOUT | STATUS_CLOSED);
	CHECK_EQ(guest_step(&guest, MESSAGE_SENDSIZE, 4), 0);

	CHECK(guest_open(&guest, RPCI_COOKIE));
	backdoor.now_ns += 10000000001ull;
	CHECK(guest_open(&other, RPCI_COOKIE));
	CHECK_EQ(backdoor.counters->channels, 1);
	backdoor_stop();
}

KTAP_TEST(idle_channels_stay_by_default)
{
	struct guest guest;

	backdoor_start(NULL);
	CHECK(guest_open(&guest, RPCI_COOKIE));
	backdoor.now_ns = UINT64_MAX;
	CHECK(guest_ask(&guest, "still there"));
	backdoor_stop();
}

KTAP_TEST(register_quirks)
{
	struct guest guest;
	struct guest_regs regs = { .ecx = BDOOR_MESSAGE, .edx = 0x77775658 };

	backdoor_start(NULL);
	backdoor_set("vmxsim.quirk.stepEax", "one");
	backdoor_set("vmxsim.quirk.stepLow", "zero");
	CHECK(guest_open(&guest, RPCI_COOKIE));
	CHECK(guest_ask(&guest, "still understood"));
	regs.ebx = RPCI;
	channels_message(backdoor.channels, &regs);
	CHECK_EQ(regs.eax, 1);
	CHECK_EQ(regs.ecx, 0x00010000);
	CHECK_EQ(regs.edx & 0xffff, 0);
	backdoor_stop();
}

/* A vMotion while one channel sends and one receives. A third channel requests the vMotion. */
static struct guest sender, receiver, asker;

static void checkpoint(void)
{
	backdoor.while_serving = NULL;
	faults_checkpoint(backdoor.faults);
}

KTAP_TEST(checkpoint_hits_messages_in_flight)
{
	backdoor_start(lb_only);
	backdoor_answer("1 12345678");
	CHECK(guest_open(&sender, RPCI_COOKIE));
	CHECK(guest_open(&receiver, RPCI_COOKIE));
	CHECK(guest_open(&asker, RPCI_COOKIE));
	guest_step(&sender, MESSAGE_SENDSIZE, 8);
	guest_step(&sender, MESSAGE_SENDPAYLOAD, 0x61616161);
	guest_step(&receiver, MESSAGE_SENDSIZE, 0);
	guest_step(&receiver, MESSAGE_RECVSIZE, 0);
	guest_step(&receiver, MESSAGE_RECVPAYLOAD, 1);

	backdoor.while_serving = checkpoint;
	CHECK(guest_ask(&asker, "vmxsim.vmotion"));
	CHECK_EQ(asker.restarts, 0);
	CHECK_EQ(guest_step(&sender, MESSAGE_SENDPAYLOAD, 0x62626262),
		 STATUS_CPT);
	CHECK_EQ(guest_step(&receiver, MESSAGE_RECVPAYLOAD, 1), STATUS_CPT);
	CHECK(guest_ask(&sender, "restarted"));
	CHECK_STR(backdoor.request, "restarted");
	CHECK_EQ(guest_step(&receiver, MESSAGE_RECVSIZE, 0),
		 SUCCESS | STATUS_DORECV);
	CHECK_EQ(backdoor.counters->checkpoints, 2);
	backdoor_stop();
}

KTAP_TEST(checkpoint_between_messages_is_harmless)
{
	backdoor_start(lb_only);
	CHECK(guest_open(&sender, RPCI_COOKIE));
	faults_checkpoint(backdoor.faults);
	CHECK_EQ(guest_step(&sender, MESSAGE_SENDSIZE, 4), SUCCESS);
	CHECK_EQ(guest_step(&sender, MESSAGE_SENDPAYLOAD, 0), SUCCESS);
	faults_checkpoint(backdoor.faults);
	CHECK_EQ(guest_step(&sender, MESSAGE_RECVSIZE, 0),
		 SUCCESS | STATUS_DORECV);
	CHECK_EQ(guest_step(&sender, MESSAGE_RECVPAYLOAD, 1), SUCCESS);
	faults_checkpoint(backdoor.faults);
	CHECK_EQ(guest_step(&sender, MESSAGE_RECVSTATUS, 1), STATUS_CPT);
	CHECK_EQ(guest_step(&sender, MESSAGE_RECVSIZE, 0),
		 SUCCESS | STATUS_DORECV);
	backdoor_stop();
}

static void forget(void)
{
	backdoor.while_serving = NULL;
	faults_drop_channels(backdoor.faults);
}

KTAP_TEST(forgetting_spares_the_exchange)
{
	backdoor_start(NULL);
	backdoor_answer("1 reply");
	CHECK(guest_open(&sender, RPCI_COOKIE));
	CHECK(guest_open(&asker, RPCI_COOKIE));
	backdoor.while_serving = forget;
	CHECK(guest_ask(&asker, "vmxsim.revert"));
	CHECK_STR(asker.reply, "1 reply");
	CHECK(!guest_ask(&sender, "gone"));
	CHECK_EQ(backdoor.counters->channels, 1);
	CHECK(!guest_ask(&asker, "gone as well"));
	CHECK_EQ(backdoor.counters->channels, 0);

	CHECK(guest_open(&asker, RPCI_COOKIE));
	backdoor.while_serving = forget;
	CHECK(guest_ask(&asker, "vmxsim.revert"));
	CHECK(guest_close(&asker));
	CHECK_EQ(backdoor.counters->channels, 0);
	backdoor_stop();
}

static const struct ktap_test tests[] = {
	KTAP_ENTRY(open_gives_id_and_cookies),
	KTAP_ENTRY(open_refusals),
	KTAP_ENTRY(cookies_repeat_with_the_seed),
	KTAP_ENTRY(measured_exchange),
	KTAP_ENTRY(lengths_around_a_word),
	KTAP_ENTRY(empty_messages),
	KTAP_ENTRY(longest_request),
	KTAP_ENTRY(wrong_id_or_cookie),
	KTAP_ENTRY(wrong_state),
	KTAP_ENTRY(no_reply_without_a_request),
	KTAP_ENTRY(unfetched_reply_is_replaced),
	KTAP_ENTRY(guest_error_drops_the_reply),
	KTAP_ENTRY(tclo),
	KTAP_ENTRY(tclo_programs_run_out),
	KTAP_ENTRY(channels_run_out),
	KTAP_ENTRY(idle_channels_time_out),
	KTAP_ENTRY(idle_channels_stay_by_default),
	KTAP_ENTRY(register_quirks),
	KTAP_ENTRY(checkpoint_hits_messages_in_flight),
	KTAP_ENTRY(checkpoint_between_messages_is_harmless),
	KTAP_ENTRY(forgetting_spares_the_exchange),
};

int main(void)
{
	return KTAP_MAIN(tests);
}
