/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The vmguestlib authors */
/*
 * GuestRPC from a program (ring 3) over the backdoor at low bandwidth (wire protocol, chapter
 * 2). It is for test programs that control the virtual host so often, or at so exact a time,
 * that starting vmware-rpctool would take too long.
 */
#ifndef RPC_H
#define RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RPC_TRIES	8

enum { RPC_OPEN, RPC_SENDSIZE, RPC_SENDPAYLOAD, RPC_RECVSIZE, RPC_RECVPAYLOAD,
       RPC_RECVSTATUS, RPC_CLOSE };

struct rpc_channel {
	uint32_t id, cookie_high, cookie_low;	/* values for EDX, ESI and EDI */
	uint32_t ebx;				/* EBX after the last step */
};

static inline uint32_t rpc_step(struct rpc_channel *channel, uint32_t type,
				uint32_t ebx)
{
	uint32_t eax = 0x564d5868, ecx = type << 16 | 0x1e;
	uint32_t edx = channel->id | 0x5658;
	uint32_t esi = channel->cookie_high, edi = channel->cookie_low;

	__asm__ volatile("inl %%dx, %%eax"
			 : "+a"(eax), "+b"(ebx), "+c"(ecx), "+d"(edx),
			   "+S"(esi), "+D"(edi) :: "memory");
	channel->ebx = ebx;
	if (type == RPC_OPEN) {
		channel->id = edx & 0xffff0000;
		channel->cookie_high = esi;
		channel->cookie_low = edi;
	}
	return ecx >> 16;
}

static inline bool rpc_send(struct rpc_channel *channel, const char *request)
{
	size_t len = strlen(request), at;
	uint32_t word;

	if (!(rpc_step(channel, RPC_SENDSIZE, len) & 1))
		return false;
	for (at = 0; at < len; at += sizeof(word)) {
		word = 0;
		memcpy(&word, request + at,
		       len - at < sizeof(word) ? len - at : sizeof(word));
		if (!(rpc_step(channel, RPC_SENDPAYLOAD, word) & 1))
			return false;
	}
	return true;
}

static inline bool rpc_receive(struct rpc_channel *channel, char *reply,
			       size_t size)
{
	size_t len, at;

	if (!(rpc_step(channel, RPC_RECVSIZE, 0) & 1))
		return false;
	len = channel->ebx;
	for (at = 0; at < len; at += sizeof(uint32_t)) {
		if (!(rpc_step(channel, RPC_RECVPAYLOAD, 1) & 1))
			return false;
		if (at < size)
			memcpy(reply + at, &channel->ebx,
			       size - at < 4 ? size - at : 4);
	}
	reply[len < size ? len : size - 1] = '\0';
	return rpc_step(channel, RPC_RECVSTATUS, 1) & 1;
}

/* Sends @request. Returns whether the host served it. @reply gets the text without the prefix. */
static inline bool rpc_ask(const char *request, char *reply, size_t size)
{
	struct rpc_channel channel;
	bool answered = false;
	bool served;
	int i;

	for (i = 0; i < RPC_TRIES && !answered; i++) {
		channel = (struct rpc_channel) {};
		if (!(rpc_step(&channel, RPC_OPEN, 0xc9435052) & 1))
			continue;
		answered = rpc_send(&channel, request) &&
			   rpc_receive(&channel, reply, size);
		rpc_step(&channel, RPC_CLOSE, 0);
	}
	served = answered && reply[0] == '1';
	if (answered && strlen(reply) >= 2)
		memmove(reply, reply + 2, strlen(reply + 2) + 1);
	else
		reply[0] = '\0';
	return served;
}

#endif
