// SPDX-License-Identifier: GPL-2.0-only
// Copyright The vmguestlib authors
/*
 * The message channel of the backdoor (wire-protocol chapter 2).  An exchange is a
 * request and its reply.  Each of them is a message, and a message is a series of
 * hypercalls, called steps.
 *
 * A channel stays open until an exchange over it fails, or until the rpc layer or
 * transport_choice.c closes it.  When an exchange fails, this file closes the channel,
 * because a VM has only a few channels.  If a checkpoint interrupts a message, the message
 * is sent or received again from its first step.  If the host drops a channel, the rpc
 * layer opens another one.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/vmguestlib.h>

#include "backdoor.h"
#include "compat/unaligned.h"
#include "hypercall.h"

enum vmgl_message_type {
	VMGL_MESSAGE_OPEN,
	VMGL_MESSAGE_SENDSIZE,
	VMGL_MESSAGE_SENDPAYLOAD,
	VMGL_MESSAGE_RECVSIZE,
	VMGL_MESSAGE_RECVPAYLOAD,
	VMGL_MESSAGE_RECVSTATUS,
	VMGL_MESSAGE_CLOSE,
};

/* Status bits, high half of ECX (low bandwidth) or EBX (high bandwidth) */
#define VMGL_STATUS_SUCCESS	0x0001
#define VMGL_STATUS_DORECV	0x0002
#define VMGL_STATUS_CPT		0x0010	/* a checkpoint interrupted the message */
#define VMGL_STATUS_HB		0x0080	/* high bandwidth may be used */

#define VMGL_PROTOCOL_RPCI	0x49435052
#define VMGL_PROTOCOL_COOKIE	0x80000000

/* Value of EBX in RECVPAYLOAD and RECVSTATUS if the guest has no error to report */
#define VMGL_GUEST_SUCCESS	1

/*
 * Largest number of restarts of one message.  open-vm-tools has no limit.  A
 * message takes far less than a second, so a host that reports more checkpoints than this
 * during one message does not work correctly.
 */
#define VMGL_CHECKPOINTS_MAX	16

/*
 * Number of words (4 bytes of payload) between two calls of cond_resched().  A word takes
 * about a microsecond.
 */
#define VMGL_WORDS_PER_RESCHED	256

static struct vmgl_backdoor *to_backdoor(struct vmgl_transport *transport)
{
	return container_of(transport, struct vmgl_backdoor, transport);
}

static u16 high_half(u32 value)
{
	return value >> 16;
}

static void vmgl_bd_fill(struct vmgl_backdoor *bd, struct vmgl_regs *regs,
			 enum vmgl_message_type type, u32 ebx)
{
	*regs = (struct vmgl_regs) {
		.ebx = ebx,
		.ecx = (u32)type << 16 | VMGL_BDOOR_CMD_MESSAGE,
		.edx = (u32)bd->channel << 16,
		.esi = bd->cookie_high,
		.edi = bd->cookie_low,
	};
	vmgl_count(bd->counters, VMGL_COUNT_HYPERCALLS, 1);
}

static u16 vmgl_bd_step(struct vmgl_backdoor *bd, enum vmgl_message_type type,
			u32 ebx)
{
	struct vmgl_regs regs;

	vmgl_bd_fill(bd, &regs, type, ebx);
	vmgl_hypercall_step(&regs);
	return high_half(regs.ecx);
}

/*
 * Makes a step in which the host sends @value.  The host sets @sending to the kind of
 * @value: VMGL_MESSAGE_SENDSIZE for a length, VMGL_MESSAGE_SENDPAYLOAD for payload.
 */
static u16 vmgl_bd_receive(struct vmgl_backdoor *bd,
			   enum vmgl_message_type type, u32 ebx, u32 *value,
			   u16 *sending)
{
	struct vmgl_regs regs;

	vmgl_bd_fill(bd, &regs, type, ebx);
	vmgl_hypercall_receive(&regs);
	*value = regs.ebx;
	*sending = high_half(regs.edx);
	return high_half(regs.ecx);
}

static bool vmgl_bd_try_open(struct vmgl_backdoor *bd, u32 protocol)
{
	struct vmgl_regs regs;

	vmgl_bd_fill(bd, &regs, VMGL_MESSAGE_OPEN, protocol);
	vmgl_hypercall_open(&regs);
	if (!(high_half(regs.ecx) & VMGL_STATUS_SUCCESS))
		return false;

	bd->channel = high_half(regs.edx);
	bd->cookie_high = regs.esi;
	bd->cookie_low = regs.edi;
	return true;
}

static int vmgl_bd_open(struct vmgl_transport *transport)
{
	struct vmgl_backdoor *bd = to_backdoor(transport);

	if (bd->is_open)
		return 0;

	if (!vmgl_bd_try_open(bd, VMGL_PROTOCOL_RPCI | VMGL_PROTOCOL_COOKIE)) {
		if (!vmgl_bd_try_open(bd, VMGL_PROTOCOL_RPCI))
			return -EIO;
		bd->cookie_high = 0;
		bd->cookie_low = 0;
	}
	bd->is_open = true;
	return 0;
}

static void vmgl_bd_close(struct vmgl_transport *transport)
{
	struct vmgl_backdoor *bd = to_backdoor(transport);

	if (!bd->is_open)
		return;

	vmgl_bd_step(bd, VMGL_MESSAGE_CLOSE, 0);
	bd->is_open = false;
}

static u16 vmgl_bd_send_words(struct vmgl_backdoor *bd, const u8 *data,
			      size_t len)
{
	unsigned int words = 0;
	u16 status = VMGL_STATUS_SUCCESS;

	while (len && status & VMGL_STATUS_SUCCESS) {
		size_t take = min_t(size_t, len, sizeof(__le32));
		u8 word[sizeof(__le32)] = {};

		memcpy(word, data, take);
		status = vmgl_bd_step(bd, VMGL_MESSAGE_SENDPAYLOAD,
				      get_unaligned_le32(word));
		data += take;
		len -= take;
		if (++words % VMGL_WORDS_PER_RESCHED == 0)
			cond_resched();
	}
	return status;
}

static u16 vmgl_bd_send_payload(struct vmgl_backdoor *bd, const void *data,
				size_t len, bool high_bandwidth)
{
	if (!high_bandwidth || !len)
		return vmgl_bd_send_words(bd, data, len);

	vmgl_count(bd->counters, VMGL_COUNT_HYPERCALLS, 1);
	return high_half(vmgl_hypercall_hb_out(bd->channel, bd->cookie_high,
					       bd->cookie_low, data, len));
}

static u16 vmgl_bd_receive_words(struct vmgl_backdoor *bd, u8 *data, size_t len,
				 bool *broken)
{
	unsigned int words = 0;
	u16 status = VMGL_STATUS_SUCCESS;

	while (len) {
		size_t take = min_t(size_t, len, sizeof(__le32));
		u8 word[sizeof(__le32)];
		u16 sending;
		u32 value;

		status = vmgl_bd_receive(bd, VMGL_MESSAGE_RECVPAYLOAD,
					 VMGL_GUEST_SUCCESS, &value, &sending);
		if (!(status & VMGL_STATUS_SUCCESS))
			break;
		if (sending != VMGL_MESSAGE_SENDPAYLOAD) {
			*broken = true;
			break;
		}
		put_unaligned_le32(value, word);
		memcpy(data, word, take);
		data += take;
		len -= take;
		if (++words % VMGL_WORDS_PER_RESCHED == 0)
			cond_resched();
	}
	return status;
}

static u16 vmgl_bd_receive_payload(struct vmgl_backdoor *bd,
				   struct vmgl_buffer *reply,
				   bool high_bandwidth, bool *broken)
{
	if (!high_bandwidth || !reply->len)
		return vmgl_bd_receive_words(bd, reply->data, reply->len,
					     broken);

	vmgl_count(bd->counters, VMGL_COUNT_HYPERCALLS, 1);
	/*
	 * Clear the buffer, because the host may write fewer bytes than it has announced.  The
	 * rest would be bytes of an earlier reply, which may be for privileged senders only.
	 */
	memset(reply->data, 0, reply->len);
	return high_half(vmgl_hypercall_hb_in(bd->channel, bd->cookie_high,
					      bd->cookie_low, reply->data,
					      reply->len));
}

static bool vmgl_bd_may_use_hb(const struct vmgl_backdoor *bd, u16 status)
{
	return status & VMGL_STATUS_HB && !bd->low_bandwidth_only &&
	       vmgl_hypercall_hb_usable();
}

/*
 * Converts the status of a step into 0, -EIO, or -EAGAIN if a checkpoint interrupted the
 * message.  The callers do not use this function for SENDSIZE and RECVSIZE, because a
 * checkpoint in these steps is an ordinary failure (wire-protocol chapter 2.4).
 */
static int vmgl_bd_status_error(struct vmgl_backdoor *bd, u16 status)
{
	if (status & VMGL_STATUS_SUCCESS)
		return 0;
	if (!(status & VMGL_STATUS_CPT))
		return -EIO;
	vmgl_count(bd->counters, VMGL_COUNT_CHECKPOINTS, 1);
	return -EAGAIN;
}

static int vmgl_bd_send_once(struct vmgl_backdoor *bd, const void *request,
			     size_t len)
{
	u16 status;

	status = vmgl_bd_step(bd, VMGL_MESSAGE_SENDSIZE, len);
	if (!(status & VMGL_STATUS_SUCCESS))
		return -EIO;

	status = vmgl_bd_send_payload(bd, request, len,
				      vmgl_bd_may_use_hb(bd, status));
	return vmgl_bd_status_error(bd, status);
}

static int vmgl_bd_receive_once(struct vmgl_backdoor *bd,
				struct vmgl_buffer *reply)
{
	bool broken = false;
	u16 status, sending;
	u32 len;
	int ret;

	status = vmgl_bd_receive(bd, VMGL_MESSAGE_RECVSIZE, 0, &len, &sending);
	if (!(status & VMGL_STATUS_SUCCESS))
		return -EIO;
	if (!(status & VMGL_STATUS_DORECV))
		return vmgl_buffer_resize(reply, 0);
	if (sending != VMGL_MESSAGE_SENDSIZE)
		return -EPROTO;
	if (len > VMGUESTLIB_REPLY_MAX)
		return -EMSGSIZE;
	ret = vmgl_buffer_resize(reply, len);
	if (ret)
		return ret;

	status = vmgl_bd_receive_payload(bd, reply, vmgl_bd_may_use_hb(bd, status),
					 &broken);
	if (broken)
		return -EPROTO;
	if (status & VMGL_STATUS_SUCCESS)
		status = vmgl_bd_step(bd, VMGL_MESSAGE_RECVSTATUS,
				      VMGL_GUEST_SUCCESS);
	return vmgl_bd_status_error(bd, status);
}

static int vmgl_bd_send(struct vmgl_backdoor *bd, const void *request,
			size_t len)
{
	int attempt, ret;

	for (attempt = 0; attempt <= VMGL_CHECKPOINTS_MAX; attempt++) {
		ret = vmgl_bd_send_once(bd, request, len);
		if (ret != -EAGAIN)
			return ret;
	}
	return -EIO;
}

static int vmgl_bd_receive_message(struct vmgl_backdoor *bd,
				   struct vmgl_buffer *reply)
{
	int attempt, ret;

	for (attempt = 0; attempt <= VMGL_CHECKPOINTS_MAX; attempt++) {
		ret = vmgl_bd_receive_once(bd, reply);
		if (ret != -EAGAIN)
			return ret;
	}
	return -EIO;
}

static int vmgl_bd_exchange(struct vmgl_transport *transport,
			    const void *request, size_t request_len,
			    struct vmgl_buffer *reply)
{
	struct vmgl_backdoor *bd = to_backdoor(transport);
	int ret;

	ret = vmgl_bd_send(bd, request, request_len);
	if (!ret)
		ret = vmgl_bd_receive_message(bd, reply);
	if (ret)
		vmgl_bd_close(transport);
	return ret;
}

static const struct vmgl_transport_ops vmgl_backdoor_ops = {
	.open = vmgl_bd_open,
	.exchange = vmgl_bd_exchange,
	.close = vmgl_bd_close,
};

/**
 * vmgl_backdoor_init() - initialize a closed channel, without a request to the host
 * @bd: the channel
 * @counters: counters; must live at least as long as @bd
 *
 * Context: Any; called before any other use of @bd.
 */
void vmgl_backdoor_init(struct vmgl_backdoor *bd,
			struct vmgl_counters *counters)
{
	*bd = (struct vmgl_backdoor) {
		.transport.ops = &vmgl_backdoor_ops,
		.transport.name = "backdoor",
		.counters = counters,
	};
}

/**
 * vmgl_backdoor_send_once() - send a request over a new channel
 * @request: bytes of the request
 * @len: number of bytes at @request
 * @text: buffer for the beginning of the reply, terminated by a NUL; empty after an error
 * @size: size of @text in bytes
 *
 * This function is for a panic and for a crash kernel.  It takes no lock, allocates no
 * memory, and uses low bandwidth only.  If a checkpoint interrupts a message, the message
 * is repeated.  There is no other repetition.
 *
 * Context: Any, panic included.  Two calls must not overlap, because the memory for the
 * reply is static.
 */
void vmgl_backdoor_send_once(const char *request, size_t len, char *text,
			     size_t size)
{
	static struct vmgl_counters unread;
	static u8 storage[256];
	struct vmgl_buffer reply = {
		.data = storage,
		.capacity = sizeof(storage),
		.is_fixed = true,
	};
	struct vmgl_backdoor bd;

	text[0] = '\0';
	vmgl_backdoor_init(&bd, &unread);
	bd.low_bandwidth_only = true;
	if (vmgl_bd_open(&bd.transport))
		return;
	if (!vmgl_bd_exchange(&bd.transport, request, len, &reply)) {
		len = min(reply.len, size - 1);
		memcpy(text, reply.data, len);
		text[len] = '\0';
	}
	vmgl_bd_close(&bd.transport);
}
