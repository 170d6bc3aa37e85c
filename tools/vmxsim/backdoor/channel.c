// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "backdoor/channel.h"

#include <stdlib.h>
#include <string.h>

#include "backdoor/channel_table.h"
#include "host/fault.h"
#include "host/host.h"
#include "host/serve.h"
#include "host/tclo.h"

/* The kind of the host's next value, in EDX[31:16] */
#define SENDING_SIZE		1u
#define SENDING_PAYLOAD		2u

static uint32_t bad_channel_status(const struct channels *channels)
{
	return config_is(channels_config(channels), "vmxsim.quirk.badChannel",
			 "closed") ? STATUS_CLOSED : 0;
}

/* Sets the channel back to the state in which the guest can restart its message. */
static void rewind_message(struct channel *channel)
{
	channel->hb_running = false;
	if (channel->state == CHANNEL_SENDING)
		channel_drop_request(channel);
	channel->taken = 0;
	channel->state = CHANNEL_IDLE;
}

static void refuse(struct channels *channels, struct channel *channel,
		   uint32_t status)
{
	if (status & STATUS_CPT)
		rewind_message(channel);
	if (status & (STATUS_CLOSED | STATUS_POWEROFF))
		channel_close(channels, channel);
}

/*
 * Applies a checkpoint or a fault to a valid step.  Returns the status.  The step takes effect
 * only if the status has SUCCESS.  @arrived is the number of bytes of the request that have
 * arrived after the step.
 */
static uint32_t step_status(struct channels *channels, struct channel *channel,
			    uint32_t step, uint32_t arrived)
{
	const struct fault_target target = {
		channel->request, arrived, channel->request_len
	};
	const struct fault *fault;
	uint32_t status = STATUS_SUCCESS;

	if (channel->checkpoint) {
		channel->checkpoint = false;
		status = STATUS_CPT;
	} else {
		fault = faults_take_step(host_faults(channels->host), step,
					 &target);
		if (fault && fault->kind == FAULT_CPT)
			status = STATUS_CPT;
		else if (fault && fault->kind == FAULT_REFUSE)
			status = 0;
		else if (fault)
			status = fault->status;
	}
	if (status & STATUS_SUCCESS)
		channel->step = step;
	else
		refuse(channels, channel, status);
	return status;
}

/* Serves a poll: takes the answer to the last request, and sends the next request, if any. */
static void serve_tclo(struct channels *channels, struct channel *channel)
{
	const uint8_t *text;
	size_t len;

	if (channel->request_len)
		tclo_answer(host_tclo(channels->host), channel->tclo, channel->request,
			    channel->request_len);
	if (!tclo_next(channel->tclo, &text, &len))
		return;
	channel->served.reply.data = malloc(len);
	if (!channel->served.reply.data)
		return;
	memcpy(channel->served.reply.data, text, len);
	channel->served.reply.len = len;
	channel->served.announced = (uint32_t)len;
	channel->served.waiting = true;
}

static void serve(struct channels *channels, struct channel *channel,
		  enum transport transport)
{
	const struct request request = {
		.data = channel->request, .len = channel->request_len,
		.transport = transport,
	};
	const struct fault_target target = {
		channel->request, channel->arrived, channel->request_len
	};

	channel->send_steps = channel->step;
	channel->state = CHANNEL_IDLE;
	channel->hb_running = false;
	channel->steering = !channel->tclo && fault_target_steers(&target);
	channel_settle_exits(channels, channel);
	if (channel->tclo) {
		serve_tclo(channels, channel);
		return;
	}

	channel->transport = transport;
	channel->request_ns = channels_now_ns(channels);
	channels->serving = channel;
	serve_request(channels->host, channels->ops, &request,
		      &channel->served);
	channels->serving = NULL;
	channel->answered = true;
}

static bool hb_offered(const struct channels *channels, const char *direction,
		       uint32_t len)
{
	const struct config *config = channels_config(channels);

	return len && config_bool(config, "vmxsim.transport.hb") &&
	       config_bool(config, direction) &&
	       len >= config_u64(config, "vmxsim.transport.hb.minSize");
}

static uint32_t message_open(struct channels *channels, struct guest_regs *regs)
{
	int id = channel_open(channels, regs->ebx);
	struct channel *channel;

	if (id < 0) {
		channel_count_exit(channels, NULL, EXIT_OPEN);
		return 0;
	}
	channel = &channels->table[id];
	channel_count_exit(channels, channel, EXIT_OPEN);
	channel->exits = 0;	/* OPEN does not belong to an exchange */
	regs->edx = (regs->edx & 0xffff) | (uint32_t)id << 16;
	regs->esi = channel->cookie_high;
	regs->edi = channel->cookie_low;
	return STATUS_SUCCESS;
}

static uint32_t message_sendsize(struct channels *channels,
				 struct channel *channel,
				 const struct guest_regs *regs)
{
	uint32_t len = regs->ebx;
	uint32_t status;

	if (channel->state != CHANNEL_IDLE || len > MESSAGE_REQUEST_MAX)
		return bad_channel_status(channels);

	channel->checkpoint = false;
	channel->request_len = len;
	status = step_status(channels, channel, 1, 0);
	if (!(status & STATUS_SUCCESS))
		return status;

	if (!len) {
		serve(channels, channel, TRANSPORT_LB);
		return status;
	}
	channel->request = malloc(len);
	if (!channel->request)
		return 0;
	channel->state = CHANNEL_SENDING;
	channel->hb_offered = hb_offered(channels, "vmxsim.transport.hb.out", len);
	return status | (channel->hb_offered ? STATUS_HB : 0);
}

static uint32_t message_sendpayload(struct channels *channels,
				    struct channel *channel,
				    const struct guest_regs *regs)
{
	uint32_t left = channel->request_len - channel->arrived;
	uint32_t word_len = left < 4 ? left : 4;
	uint32_t status, i;

	if (channel->state != CHANNEL_SENDING || channel->hb_running)
		return bad_channel_status(channels);

	for (i = 0; i < word_len; i++)
		channel->request[channel->arrived + i] = regs->ebx >> (8 * i);
	status = step_status(channels, channel, channel->step + 1,
			     channel->arrived + word_len);
	if (!(status & STATUS_SUCCESS))
		return status;

	channel->arrived += word_len;
	if (channel->arrived == channel->request_len)
		serve(channels, channel, TRANSPORT_LB);
	return status;
}

static uint32_t message_recvsize(struct channels *channels,
				 struct channel *channel,
				 struct guest_regs *regs)
{
	uint32_t len = channel->served.announced;
	uint32_t status;

	if (channel->state != CHANNEL_IDLE)
		return bad_channel_status(channels);
	channel->checkpoint = false;
	status = step_status(channels, channel, channel->send_steps + 1,
			     channel->arrived);
	if (!(status & STATUS_SUCCESS) || !channel->served.waiting)
		return status;

	channel->taken = 0;
	channel->state = len ? CHANNEL_RECEIVING : CHANNEL_NEEDSTATUS;
	channel->hb_offered = hb_offered(channels, "vmxsim.transport.hb.in", len);
	regs->ebx = len;
	regs->edx = (regs->edx & 0xffff) | SENDING_SIZE << 16;
	return status | STATUS_DORECV |
	       (channel->hb_offered ? STATUS_HB : 0);
}

/* Returns a byte of the reply, or 0 for a byte that is announced but missing. */
static uint8_t reply_byte(const struct channel *channel, uint32_t offset)
{
	return offset < channel->served.reply.len ?
	       channel->served.reply.data[offset] : 0;
}

static uint32_t message_recvpayload(struct channels *channels,
				    struct channel *channel,
				    struct guest_regs *regs)
{
	uint32_t left = channel->served.announced - channel->taken;
	uint32_t word_len = left < 4 ? left : 4;
	uint32_t status, i, word = 0;

	if (channel->state != CHANNEL_RECEIVING || channel->hb_running)
		return bad_channel_status(channels);
	if (!(regs->ebx & STATUS_SUCCESS)) {
		channel_end_exchange(channel);
		return STATUS_SUCCESS;
	}
	status = step_status(channels, channel, channel->step + 1,
			     channel->arrived);
	if (!(status & STATUS_SUCCESS))
		return status;

	for (i = 0; i < word_len; i++)
		word |= (uint32_t)reply_byte(channel, channel->taken + i)
			<< (8 * i);
	channel->taken += word_len;
	if (channel->taken == channel->served.announced)
		channel->state = CHANNEL_NEEDSTATUS;
	regs->ebx = word;
	regs->edx = (regs->edx & 0xffff) | SENDING_PAYLOAD << 16;
	return status;
}

static uint32_t message_recvstatus(struct channels *channels,
				   struct channel *channel,
				   const struct guest_regs *regs)
{
	bool aborts = channel->state == CHANNEL_RECEIVING &&
		      !(regs->ebx & STATUS_SUCCESS);
	uint32_t status;

	if (channel->state != CHANNEL_NEEDSTATUS && !aborts)
		return bad_channel_status(channels);
	status = step_status(channels, channel, channel->step + 1,
			     channel->arrived);
	if (status & STATUS_SUCCESS)
		channel_end_exchange(channel);
	return status;
}

/* Returns NULL if the host forgot the channel while it served the message before. */
static struct channel *begin_message(struct channels *channels,
				     struct channel *channel)
{
	if (channel->doomed) {
		channel_close(channels, channel);
		return NULL;
	}
	channel_begin_exchange(channel);
	return channel;
}

static uint32_t message_step(struct channels *channels, uint32_t type,
			     struct guest_regs *regs)
{
	struct channel *channel = channel_find(channels, regs->edx >> 16,
					       regs->esi, regs->edi);

	if (channel && channel->state == CHANNEL_IDLE &&
	    type == MESSAGE_SENDSIZE)
		channel = begin_message(channels, channel);
	channel_count_exit(channels, channel, (enum exit_type)type);
	if (!channel)
		return bad_channel_status(channels);
	if (channel_timed_out(channels, channel)) {
		channel_close(channels, channel);
		return STATUS_TIMEOUT | STATUS_CLOSED;
	}
	channel->last_used_ns = channels_now_ns(channels);

	switch (type) {
	case MESSAGE_SENDSIZE:
		return message_sendsize(channels, channel, regs);
	case MESSAGE_SENDPAYLOAD:
		return message_sendpayload(channels, channel, regs);
	case MESSAGE_RECVSIZE:
		return message_recvsize(channels, channel, regs);
	case MESSAGE_RECVPAYLOAD:
		return message_recvpayload(channels, channel, regs);
	case MESSAGE_RECVSTATUS:
		return message_recvstatus(channels, channel, regs);
	default:
		channel_close(channels, channel);
		return STATUS_SUCCESS;
	}
}

static void count_status(struct channels *channels, uint32_t status)
{
	struct counters *counters = host_counters(channels->host);

	if (!(status & STATUS_SUCCESS))
		counters->refused++;
	if (status & STATUS_CPT)
		counters->checkpoints++;
}

/* Register values that no public source describes. A client must not depend on them. */
static void apply_register_quirks(const struct config *config,
				  struct guest_regs *regs, uint32_t type)
{
	if (config_is(config, "vmxsim.quirk.stepEax", "zero"))
		regs->eax = 0;
	else if (config_is(config, "vmxsim.quirk.stepEax", "one"))
		regs->eax = 1;

	if (!config_is(config, "vmxsim.quirk.stepLow", "zero"))
		return;
	regs->ecx &= 0xffff0000;
	/* In all other types the host does not write EDX. */
	if (type == MESSAGE_OPEN || type == MESSAGE_RECVSIZE ||
	    type == MESSAGE_RECVPAYLOAD)
		regs->edx &= 0xffff0000;
}

void channels_message(struct channels *channels, struct guest_regs *regs)
{
	uint32_t type = regs->ecx >> 16;
	uint32_t status = 0;

	if (type == MESSAGE_OPEN)
		status = message_open(channels, regs);
	else if (type < MESSAGE_TYPES)
		status = message_step(channels, type, regs);
	else
		channel_count_exit(channels, NULL, EXIT_MESSAGE_UNKNOWN);

	count_status(channels, status);
	regs->ecx = (regs->ecx & 0xffff) | status << 16;
	apply_register_quirks(channels_config(channels), regs, type);
}

/* Returns whether the byte after @done bytes of a transfer of @len bytes is expected. */
static bool hb_expected(const struct channel *channel, enum channel_state state,
		    const struct guest_regs *regs, uint32_t len, uint32_t done)
{
	return channel->state == state && channel->hb_offered &&
	       !(regs->ebx & 0xffff) &&
	       (channel->hb_running || !done) && regs->ecx == len - done;
}

/*
 * A transfer that began with a wrong length is refused to its end.  Otherwise the rest would
 * be accepted as soon as ECX has counted down to the right length.
 */
static bool hb_fits(struct channel *channel, enum channel_state state,
		    const struct guest_regs *regs, uint32_t len, uint32_t done)
{
	if (regs->ecx != channel->hb_swallow &&
	    hb_expected(channel, state, regs, len, done)) {
		channel->hb_swallow = 0;
		return true;
	}
	channel->hb_swallow = regs->ecx - 1;
	return false;
}

/* Ends a transfer after its last byte.  Returns whether the transfer takes effect. */
static bool hb_finish(struct channels *channels, struct channel *channel,
		      bool fits, struct guest_regs *regs, enum exit_type type)
{
	uint32_t status = bad_channel_status(channels);

	channel_count_exit(channels, channel, type);
	if (fits) {
		channel->hb_running = false;
		status = step_status(channels, channel, channel->step + 1,
				     channel->request_len);
	}
	count_status(channels, status);
	regs->ebx = (regs->ebx & 0xffff) | status << 16;
	return status & STATUS_SUCCESS;
}

void channels_hb_out(struct channels *channels, struct guest_regs *regs,
		     uint8_t byte)
{
	struct channel *channel = channel_find(channels, regs->edx >> 16,
					       regs->ebp, regs->edi);
	bool fits = channel && hb_fits(channel, CHANNEL_SENDING, regs,
				       channel->request_len, channel->arrived);

	if (fits) {
		channel->request[channel->arrived++] = byte;
		channel->hb_running = true;
	}
	if (regs->ecx != 1)
		return;
	if (hb_finish(channels, channel, fits, regs, EXIT_HB_OUT))
		serve(channels, channel, TRANSPORT_HB);
	else if (fits)
		channel->arrived = 0;
}

uint8_t channels_hb_in(struct channels *channels, struct guest_regs *regs)
{
	struct channel *channel = channel_find(channels, regs->edx >> 16,
					       regs->esi, regs->ebp);
	bool fits = channel && hb_fits(channel, CHANNEL_RECEIVING, regs,
				       channel->served.announced,
				       channel->taken);
	uint8_t byte = 0;

	if (fits) {
		byte = reply_byte(channel, channel->taken++);
		channel->hb_running = true;
	}
	if (regs->ecx != 1)
		return byte;
	if (hb_finish(channels, channel, fits, regs, EXIT_HB_IN))
		channel->state = CHANNEL_NEEDSTATUS;
	else if (fits)
		channel->taken = 0;
	return byte;
}

