// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "backdoor_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESTARTS_MAX	8

struct host {
	struct faults faults;
	struct counters counters;
	struct tclo tclo;
};

struct backdoor backdoor;

static void give_up(const char *why)
{
	printf("Bail out! %s\n", why);
	exit(1);
}

static uint64_t test_now_ns(void *opaque)
{
	(void)opaque;
	return backdoor.now_ns;
}

static void test_stun_ms(void *opaque, unsigned int ms)
{
	(void)opaque;
	backdoor.stunned_ms += ms;
}

static const struct host_ops test_ops = {
	.now_ns = test_now_ns,
	.stun_ms = test_stun_ms,
};

void host_request(struct host *host, const struct request *request,
		  struct reply *reply)
{
	(void)host;
	backdoor.requests++;
	backdoor.request_len = request->len;
	if (request->len)
		memcpy(backdoor.request, request->data, request->len);
	backdoor.request[request->len] = '\0';
	backdoor.transport = request->transport;
	reply->data = malloc(backdoor.reply_len ? backdoor.reply_len : 1);
	if (!reply->data)
		give_up("out of memory");
	memcpy(reply->data, backdoor.reply, backdoor.reply_len);
	reply->len = backdoor.reply_len;
	if (backdoor.while_serving)
		backdoor.while_serving();
}

void host_time(const struct host *host, struct host_time *time)
{
	(void)host;
	time->sec = 0x123456789aull;
	time->usec = 654321;
}

uint32_t host_mhz(const struct host *host)
{
	(void)host;
	return 2345;
}

const struct config *host_config(const struct host *host)
{
	(void)host;
	return backdoor.config;
}

struct faults *host_faults(struct host *host)
{
	return &host->faults;
}

struct counters *host_counters(struct host *host)
{
	return &host->counters;
}

struct tclo *host_tclo(struct host *host)
{
	return &host->tclo;
}

void backdoor_start(const char *const settings[])
{
	char err[CONFIG_ERR_SIZE];

	memset(&backdoor, 0, sizeof(backdoor));
	backdoor.config = config_new();
	backdoor.host = calloc(1, sizeof(*backdoor.host));
	if (!backdoor.config || !backdoor.host)
		give_up("out of memory");
	for (; settings && *settings; settings++) {
		if (config_set(backdoor.config, *settings, "test", err,
			       sizeof(err)))
			give_up(err);
	}
	backdoor.faults = &backdoor.host->faults;
	backdoor.counters = &backdoor.host->counters;
	backdoor.channels = channels_new(backdoor.host, &test_ops);
	if (!backdoor.channels)
		give_up("out of memory");
	backdoor_answer("1 ");
}

void backdoor_stop(void)
{
	channels_free(backdoor.channels);
	tclo_free(&backdoor.host->tclo);
	config_free(backdoor.config);
	free(backdoor.host);
}

void backdoor_set(const char *key, const char *value)
{
	char err[CONFIG_ERR_SIZE];

	if (config_change(backdoor.config, key, value, err, sizeof(err)))
		give_up(err);
}

void backdoor_answer(const char *reply)
{
	backdoor.reply = reply;
	backdoor.reply_len = strlen(reply);
}

void backdoor_order_fault(const char *order)
{
	char err[256];

	if (!faults_parse(backdoor.faults, order, err, sizeof(err)))
		give_up(err);
}

/* Checks that the hypercall has changed only the registers that its step may change. */
static bool outputs_respected(enum message_type type, uint32_t status,
			      const struct guest_regs *in,
			      const struct guest_regs *out)
{
	bool granted = status & STATUS_SUCCESS;
	bool opened = type == MESSAGE_OPEN && granted;
	bool sends = (type == MESSAGE_RECVSIZE || type == MESSAGE_RECVPAYLOAD) &&
		     granted;

	return (sends || out->ebx == in->ebx) &&
	       (sends || opened || out->edx == in->edx) &&
	       (opened || (out->esi == in->esi && out->edi == in->edi)) &&
	       out->ebp == in->ebp;
}

uint32_t guest_call(struct guest *guest, enum message_type type, uint32_t *ebx,
		    uint32_t *edx_high)
{
	const struct guest_regs in = {
		.eax = BDOOR_MAGIC, .ebx = *ebx,
		.ecx = (uint32_t)type << 16 | BDOOR_MESSAGE,
		.edx = guest->id << 16 | 0x5658,
		.esi = guest->cookie_high, .edi = guest->cookie_low,
		.ebp = GUEST_GARBAGE,
	};
	const struct bdoor bdoor = {
		.host = backdoor.host, .channels = backdoor.channels,
	};
	struct guest_regs out = in;
	uint32_t status;

	guest->exits++;
	bdoor_in(&bdoor, &out);
	status = out.ecx >> 16;
	if (!outputs_respected(type, status, &in, &out))
		give_up("a register changed that is no output");
	if (type == MESSAGE_OPEN && (status & STATUS_SUCCESS)) {
		guest->id = out.edx >> 16;
		guest->cookie_high = out.esi;
		guest->cookie_low = out.edi;
	}
	*ebx = out.ebx;
	if (edx_high)
		*edx_high = out.edx >> 16;
	return status;
}

uint32_t guest_step(struct guest *guest, enum message_type type, uint32_t ebx)
{
	return guest_call(guest, type, &ebx, NULL);
}

bool guest_open(struct guest *guest, uint32_t protocol_word)
{
	memset(guest, 0, sizeof(*guest));
	/* open-vm-tools leaves garbage in these registers as well. */
	guest->id = 0xbad1;
	guest->cookie_high = GUEST_GARBAGE;
	guest->cookie_low = GUEST_GARBAGE;
	return guest_step(guest, MESSAGE_OPEN, protocol_word) & STATUS_SUCCESS;
}

bool guest_close(struct guest *guest)
{
	return guest_step(guest, MESSAGE_CLOSE, GUEST_GARBAGE) & STATUS_SUCCESS;
}

static void hb_regs(const struct guest *guest, bool out, uint32_t len,
		    struct guest_regs *regs)
{
	*regs = (struct guest_regs) {
		.eax = BDOOR_MAGIC, .ebx = 0x00010000, .ecx = len,
		.edx = guest->id << 16 | 0x5659,
		.esi = out ? GUEST_GARBAGE : guest->cookie_high,
		.edi = out ? guest->cookie_low : GUEST_GARBAGE,
		.ebp = out ? guest->cookie_high : guest->cookie_low,
	};
}

uint32_t guest_hb_out(struct guest *guest, const void *data, uint32_t len)
{
	const uint8_t *bytes = data;
	struct guest_regs regs;

	guest->exits++;
	for (hb_regs(guest, true, len, &regs); regs.ecx; regs.ecx--)
		channels_hb_out(backdoor.channels, &regs, *bytes++);
	return regs.ebx >> 16;
}

uint32_t guest_hb_in(struct guest *guest, void *data, uint32_t len)
{
	uint8_t *bytes = data;
	struct guest_regs regs;

	guest->exits++;
	for (hb_regs(guest, false, len, &regs); regs.ecx; regs.ecx--)
		*bytes++ = channels_hb_in(backdoor.channels, &regs);
	return regs.ebx >> 16;
}

static uint32_t send_words(struct guest *guest, const char *data, size_t len)
{
	uint32_t status = STATUS_SUCCESS, word;
	size_t done, part;

	for (done = 0; done < len && status & STATUS_SUCCESS; done += part) {
		part = len - done < 4 ? len - done : 4;
		word = 0;
		memcpy(&word, data + done, part);
		status = guest_step(guest, MESSAGE_SENDPAYLOAD, word);
	}
	return status;
}

static uint32_t send(struct guest *guest, const char *data, size_t len)
{
	uint32_t status = guest_step(guest, MESSAGE_SENDSIZE, (uint32_t)len);

	if (!(status & STATUS_SUCCESS))
		return 0;
	if (guest->hb_allowed && status & STATUS_HB)
		return guest_hb_out(guest, data, (uint32_t)len);
	return send_words(guest, data, len);
}

static uint32_t receive_words(struct guest *guest)
{
	uint32_t status = STATUS_SUCCESS, edx_high, word, done, part;

	for (done = 0; done < guest->reply_len; done += part) {
		part = guest->reply_len - done < 4 ? guest->reply_len - done : 4;
		word = STATUS_SUCCESS;
		status = guest_call(guest, MESSAGE_RECVPAYLOAD, &word,
				    &edx_high);
		if (!(status & STATUS_SUCCESS))
			return status;
		if (edx_high != MESSAGE_SENDPAYLOAD)
			return 0;
		memcpy(guest->reply + done, &word, part);
	}
	return status;
}

static uint32_t receive(struct guest *guest)
{
	uint32_t len = GUEST_GARBAGE, edx_high;
	uint32_t status = guest_call(guest, MESSAGE_RECVSIZE, &len, &edx_high);

	if (!(status & STATUS_SUCCESS) || !(status & STATUS_DORECV) ||
	    edx_high != MESSAGE_SENDSIZE || len >= sizeof(guest->reply))
		return 0;
	guest->reply_len = len;
	if (len && guest->hb_allowed && status & STATUS_HB)
		status = guest_hb_in(guest, guest->reply, len);
	else
		status = receive_words(guest);
	if (!(status & STATUS_SUCCESS))
		return status;
	guest->reply[len] = '\0';
	return guest_step(guest, MESSAGE_RECVSTATUS, 1);
}

bool guest_ask(struct guest *guest, const char *request)
{
	uint32_t status;

	guest->exits = 0;
	guest->restarts = 0;
	while ((status = send(guest, request, strlen(request))) == STATUS_CPT) {
		if (++guest->restarts > RESTARTS_MAX)
			return false;
	}
	if (!(status & STATUS_SUCCESS))
		return false;
	while ((status = receive(guest)) == STATUS_CPT) {
		if (++guest->restarts > RESTARTS_MAX)
			return false;
	}
	return status & STATUS_SUCCESS;
}
